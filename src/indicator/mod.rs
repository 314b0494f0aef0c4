//! The definitions of section 3 of the design: what is counted, and what a rate is.

pub mod rate;
pub mod tally;
