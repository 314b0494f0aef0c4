//! Score, rank, movement and acceptance: from figures to places, in exact arithmetic.

pub mod acceptance;
pub mod carried;
pub mod misfit;
pub mod movement;
pub mod rank;
pub mod remark;
pub mod results;
pub mod score;
