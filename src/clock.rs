//! The only reader of the wall clock.

use jiff::Timestamp;

/// Where "now" comes from: the machine, or an instant fixed by a test or a rerun.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    System,
    Fixed(Timestamp),
}

impl Clock {
    /// The present instant. A run asks once and passes the answer on.
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Fixed(instant) => *instant,
        }
    }
}
