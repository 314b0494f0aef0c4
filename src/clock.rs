//! The only reader of the wall clock, and of the steady clock it is checked against.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use crate::schedule::clock_guard::Reading;

/// Where "now" comes from: the machine, an instant fixed for a rerun, or a hand that turns it.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// The machine's clocks, but for a wall clock that was set ahead or back by so many milliseconds.
    Shifted(Arc<AtomicI64>),
    Fixed(Timestamp),
    Manual(Arc<Manual>),
}

impl Clock {
    /// A clock that stands at an instant until it is turned.
    pub fn manual(start: Timestamp) -> (Clock, Arc<Manual>) {
        let hand =
            Arc::new(Manual { wall: AtomicI64::new(start.as_millisecond()), steady: AtomicI64::new(0) });
        (Clock::Manual(hand.clone()), hand)
    }

    /// The present instant. A run asks once and passes the answer on.
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Shifted(by) => {
                let shift = SignedDuration::from_millis(by.load(Ordering::SeqCst));
                Timestamp::now().checked_add(shift).unwrap_or_default()
            }
            Clock::Fixed(instant) => *instant,
            Clock::Manual(hand) => hand.now(),
        }
    }

    /// Time since this machine was started, stops and sleep included. Nobody sets this clock, and it is the same
    /// for all processes.
    pub fn uptime(&self) -> SignedDuration {
        match self {
            Clock::System | Clock::Shifted(_) => {
                let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
                SignedDuration::new(time.tv_sec, time.tv_nsec as i32)
            }
            Clock::Fixed(_) => SignedDuration::ZERO,
            Clock::Manual(hand) => SignedDuration::from_millis(hand.steady.load(Ordering::SeqCst)),
        }
    }

    /// Both clocks at once.
    pub fn reading(&self) -> Reading {
        static START: OnceLock<Instant> = OnceLock::new();
        let steady = match self {
            Clock::System | Clock::Shifted(_) => {
                SignedDuration::try_from(START.get_or_init(Instant::now).elapsed())
                    .unwrap_or(SignedDuration::MAX)
            }
            Clock::Fixed(_) => SignedDuration::ZERO,
            Clock::Manual(hand) => SignedDuration::from_millis(hand.steady.load(Ordering::SeqCst)),
        };
        Reading { wall: self.now(), steady }
    }
}

/// The hands of a manual clock, in milliseconds.
#[derive(Debug)]
pub struct Manual {
    wall: AtomicI64,
    steady: AtomicI64,
}

impl Manual {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.wall.load(Ordering::SeqCst)).unwrap_or_default()
    }

    /// Time goes by.
    pub fn advance(&self, time: SignedDuration) {
        self.leap(time);
        self.steady.fetch_add(time.as_millis() as i64, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock, ahead or back.
    pub fn leap(&self, time: SignedDuration) {
        self.wall.fetch_add(time.as_millis() as i64, Ordering::SeqCst);
    }
}
