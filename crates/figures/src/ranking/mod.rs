//! Score, rank, movement and acceptance: from figures to places, in exact arithmetic.

pub mod acceptance;
pub mod comparable;
pub mod input_mismatch;
pub mod movement;
mod places;
pub mod rank;
pub mod remark;
pub mod results;
pub mod score;
pub mod snapshot;
pub mod successors;
pub mod unit_result;
mod zeroes;
