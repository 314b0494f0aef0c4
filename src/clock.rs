//! The only reader of the wall clock, and of the steady clock it is checked against.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use crate::schedule::clock_guard::Reading;

/// Where "now" comes from: the machine, an instant fixed for a rerun, a hand that turns it, or a reading
/// that was believed and the steady clock since.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    Fixed(Timestamp),
    Manual(Arc<Manual>),
    Carried(Reading, Box<Clock>),
}

impl Clock {
    /// A clock that stands at an instant until it is turned.
    pub fn manual(start: Timestamp) -> (Clock, Arc<Manual>) {
        let (wall, steady) = (AtomicI64::new(start.as_millisecond()), AtomicI64::new(0));
        let hand = Arc::new(Manual { wall, steady, boot: fastrand::u64(1..) });
        (Clock::Manual(hand.clone()), hand)
    }

    /// A clock that goes on from a reading by the steady clock alone: whoever sets the wall clock in the
    /// meantime changes nothing for the work that carries it.
    pub fn carried(&self, from: Reading) -> Clock {
        Clock::Carried(from, Box::new(self.clone()))
    }

    /// The present instant. A run asks once and passes the answer on.
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Fixed(instant) => *instant,
            Clock::Manual(hand) => hand.now(),
            Clock::Carried(from, clock) => from.carried_to(clock.steady().0),
        }
    }

    /// Both clocks at once.
    pub fn reading(&self) -> Reading {
        let (steady, boot) = self.steady();
        Reading { wall: self.now(), steady, boot }
    }

    /// The steady clock, and what names the start it counts from.
    fn steady(&self) -> (SignedDuration, u64) {
        match self {
            Clock::System => uptime().unwrap_or_else(process_time),
            Clock::Fixed(_) => (SignedDuration::ZERO, 0),
            Clock::Manual(hand) => {
                (SignedDuration::from_millis(hand.steady.load(Ordering::SeqCst)), hand.boot)
            }
            Clock::Carried(_, clock) => clock.steady(),
        }
    }
}

/// Time since the machine was started, also while it slept, and the name of that start. It outlives the
/// process, so that a restarted daemon still knows whether the wall clock was set.
fn uptime() -> Option<(SignedDuration, u64)> {
    static BOOT: OnceLock<Option<u64>> = OnceLock::new();
    let boot = *BOOT.get_or_init(|| {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        u64::from_str_radix(id.trim().replace('-', "").get(..16)?, 16).ok()
    });
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = text.split(' ').next()?.parse().ok()?;
    Some((SignedDuration::from_millis((seconds * 1_000.0) as i64), boot?))
}

/// Where the system does not show its uptime.
fn process_time() -> (SignedDuration, u64) {
    static START: OnceLock<(Instant, u64)> = OnceLock::new();
    let (start, boot) = START.get_or_init(|| (Instant::now(), fastrand::u64(1..)));
    (SignedDuration::try_from(start.elapsed()).unwrap_or(SignedDuration::MAX), *boot)
}

/// The hands of a manual clock, in milliseconds.
#[derive(Debug)]
pub struct Manual {
    wall: AtomicI64,
    steady: AtomicI64,
    boot: u64,
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
