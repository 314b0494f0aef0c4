//! The only reader of the wall clock, and of the steady clock it is checked against.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};

use tongbao_base::schedule::clock_guard::ClockReading;

/// Where "now" comes from: the machine, an instant fixed for a rerun, a hand that turns it, or a reading
/// that was believed and the steady clock since.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clocks.
    System,
    /// The machine's clocks, with the wall clock set ahead (or back, if negative) by this many milliseconds.
    Shifted(Arc<AtomicI64>),
    /// Always this instant. Its steady clock stands still.
    Fixed(Timestamp),
    /// A clock that tests advance and set.
    Manual(Arc<Manual>),
    /// A reading that was believed, carried on by the steady clock of the clock within.
    Carried(ClockReading, Box<Clock>),
}

impl Clock {
    /// A clock that stands at an instant until it is turned.
    pub fn manual(start: Timestamp) -> (Clock, Arc<Manual>) {
        let (wall, steady) = (AtomicI64::new(start.as_millisecond()), AtomicI64::new(0));
        let hand = Arc::new(Manual { wall, steady, boot: fastrand::u64(1..) });
        (Clock::Manual(hand.clone()), hand)
    }

    /// A clock that goes on from a reading by the steady clock alone: anyone who sets the wall clock in the
    /// meantime changes nothing for the work that carries it.
    pub fn carried(&self, from: ClockReading) -> Clock {
        Clock::Carried(from, Box::new(self.clone()))
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
            Clock::Carried(from, clock) => from.carried_to(clock.steady().0),
        }
    }

    /// Time since this machine was started, stops and sleep included. Nobody sets this clock, and it is the same
    /// for all processes.
    pub fn uptime(&self) -> SignedDuration {
        self.steady().0
    }

    /// Both clocks at once.
    pub fn reading(&self) -> ClockReading {
        let (steady, boot) = self.steady();
        ClockReading { wall: self.now(), steady, boot }
    }

    /// The steady clock, and what names the start it counts from.
    fn steady(&self) -> (SignedDuration, u64) {
        match self {
            Clock::System | Clock::Shifted(_) => {
                // Linux has this clock since 2.6.39: only a wrong address could fail here.
                let time = clock_gettime(ClockId::CLOCK_BOOTTIME).unwrap_or(TimeSpec::new(0, 0));
                (SignedDuration::new(time.tv_sec(), time.tv_nsec() as i32), boot())
            }
            Clock::Fixed(_) => (SignedDuration::ZERO, 0),
            Clock::Manual(hand) => {
                (SignedDuration::from_millis(hand.steady.load(Ordering::SeqCst)), hand.boot)
            }
            Clock::Carried(_, clock) => clock.steady(),
        }
    }
}

/// Names the start of this machine: it outlives the process, so that a restarted daemon still knows whether
/// the wall clock was set. Where the system has no such name, the process is its own start.
fn boot() -> u64 {
    static BOOT: OnceLock<u64> = OnceLock::new();
    *BOOT.get_or_init(|| {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let digits: String = id.trim().chars().filter(|c| *c != '-').take(16).collect();
        u64::from_str_radix(&digits, 16).unwrap_or_else(|_| fastrand::u64(1..))
    })
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
