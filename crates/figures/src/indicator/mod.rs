//! The definitions of section 3 of the design: what is counted, and what a rate is.

pub mod accuracy;
pub mod cells;
pub mod completeness;
pub mod contribution;
pub mod correction;
pub mod coverage;
pub mod figures;
pub mod observation;
pub mod own;
pub mod place;
pub mod rate;
pub mod record;
pub mod statement;
pub mod tally;
pub mod tallying;
pub mod unread;
