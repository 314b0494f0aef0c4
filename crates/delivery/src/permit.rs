//! Whether a sender may go on: its lease must last, and nobody must have asked it to stop.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::SignedDuration;

use tongbao_host::clock::Clock;

/// The right to send, asked before each mail and before each command to the server. It ends with the lease by the
/// steady clock, which runs on while the process is stopped: a daemon that comes back late does nothing further.
#[derive(Debug)]
pub struct Permit {
    clock: Clock,
    /// Milliseconds of [`Clock::uptime`].
    until: AtomicI64,
    stops: AtomicBool,
}

impl Permit {
    /// For a sender that needs no lease.
    pub fn unlimited() -> Permit {
        Permit { clock: Clock::System, until: AtomicI64::new(i64::MAX), stops: AtomicBool::new(false) }
    }

    /// Until an instant of the steady clock.
    pub fn until(clock: Clock, uptime: SignedDuration) -> Permit {
        let permit = Permit { clock, ..Permit::unlimited() };
        permit.extend(uptime);
        permit
    }

    /// The lease was renewed.
    pub fn extend(&self, uptime: SignedDuration) {
        self.until.store(millis(uptime), Ordering::SeqCst);
    }

    /// The lease has passed on.
    pub fn revoke(&self) {
        self.until.store(i64::MIN, Ordering::SeqCst);
    }

    /// The mail in hand may end, and no further one begins.
    pub fn stop(&self) {
        self.stops.store(true, Ordering::SeqCst);
    }

    /// Whether another mail may be taken.
    pub fn may_begin(&self) -> bool {
        !self.stops.load(Ordering::SeqCst) && self.may_go_on()
    }

    /// Whether the mail in hand may go on.
    pub fn may_go_on(&self) -> bool {
        millis(self.clock.uptime()) < self.until.load(Ordering::SeqCst)
    }
}

fn millis(uptime: SignedDuration) -> i64 {
    i64::try_from(uptime.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn a_permit_ends_by_the_steady_clock_alone() {
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let second = SignedDuration::from_secs(1);
        let permit = Permit::until(clock, second * 10);
        hand.leap(second * 3_600);
        assert!(permit.may_begin(), "a wall clock that is set ends no lease");
        hand.advance(second * 9);
        permit.stop();
        assert!(permit.may_go_on() && !permit.may_begin());
        hand.advance(second);
        assert!(!permit.may_go_on());
        permit.extend(second * 20);
        assert!(permit.may_go_on());
        permit.revoke();
        assert!(!permit.may_go_on());
        assert!(Permit::unlimited().may_begin());
    }
}
