//! Slots, catch-up and reporting periods: pure calendar arithmetic.

pub mod period;
pub mod slot;
