//! Slots, catch-up and reporting periods: pure calendar arithmetic.

pub mod catch_up;
pub mod clock_guard;
pub mod number;
pub mod period;
pub mod plan;
pub mod rule;
pub mod slot;
