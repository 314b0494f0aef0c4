//! Whether the wall clock can be believed: it must agree with the steady clock.

use jiff::{SignedDuration, Timestamp};

/// One look at both clocks: the wall clock, and one that only ever runs evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// The wall clock, which people and time servers can set.
    pub wall: Timestamp,
    /// Time since an arbitrary start.
    pub steady: SignedDuration,
    /// Names that start: steady clocks of different starts cannot be compared.
    pub boot: u64,
}

impl ClockReading {
    /// The wall time of a later steady instant, if nobody sets the clock.
    pub fn carried_to(&self, steady: SignedDuration) -> Timestamp {
        self.wall.checked_add(steady - self.steady).unwrap_or(self.wall)
    }

    /// How far the wall clock has run ahead of the steady one since `self`; `None` if the two readings
    /// have no common start.
    fn drift(&self, later: &ClockReading) -> Option<SignedDuration> {
        let comparable = self.boot == later.boot && later.steady >= self.steady;
        comparable.then(|| later.wall.duration_since(self.carried_to(later.steady)))
    }
}

/// What a reading says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockVerdict {
    /// The clock runs evenly.
    Even,
    /// It has just leapt ahead by so much and is not believed.
    Leapt(SignedDuration),
    /// It has just been set back by so much and is not believed.
    SetBack(SignedDuration),
    /// It is not believed yet.
    Settling,
    /// It is believed again. What was decided after `since` may have been decided under a wrong clock. `was_ahead`: it
    /// has come back to the time from before a leap, which was a mistake.
    Believed {
        /// The earliest instant at which a wrong clock may have decided something.
        since: Timestamp,
        /// Whether the clock came back from a leap ahead.
        was_ahead: bool,
    },
}

/// What outlives the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockRecord {
    /// The last reading that was believed.
    pub believed: ClockReading,
    /// The last reading before a leap ahead that was believed in the end. If the clock is set back, the
    /// leap was a mistake.
    pub before: Option<ClockReading>,
}

/// Follows the clocks. A wall clock that leaves the time the steady clock counts is believed only after it
/// has run evenly for a while, or at once when it comes back to a time that was believed before.
#[derive(Debug, Clone, Copy)]
pub struct ClockGuard {
    max_jump: SignedDuration,
    settle: SignedDuration,
    last: ClockReading,
    record: ClockRecord,
    /// While the clock is doubted: the steady instant from which it is believed.
    believed_at: Option<SignedDuration>,
}

impl ClockGuard {
    /// `record` is what an earlier process has believed, `latest` the last instant that the state knows of.
    /// A clock that fits neither is doubted from the start.
    pub fn new(
        (max_jump, settle): (SignedDuration, SignedDuration),
        record: Option<ClockRecord>,
        latest: Option<Timestamp>,
        now: ClockReading,
    ) -> ClockGuard {
        let before = record.and_then(|record| record.before);
        let mut guard = ClockGuard {
            max_jump,
            settle,
            last: now,
            record: ClockRecord { believed: now, before },
            believed_at: None,
        };
        if let Some(record) = record.filter(|record| record.believed.drift(&now).is_some()) {
            guard.record = record;
            return guard;
        }
        let latest = latest.max(record.map(|record| record.believed.wall));
        if let Some(latest) = latest.filter(|latest| now.wall.duration_since(*latest).abs() > max_jump) {
            guard.record.believed.wall = latest;
            guard.believed_at = Some(now.steady + settle);
        }
        guard
    }

    /// Judges a reading.
    pub fn observe(&mut self, now: ClockReading) -> ClockVerdict {
        let step = self.last.drift(&now);
        self.last = now;
        let drift = self.record.believed.drift(&now);
        if drift.is_some_and(|drift| drift.abs() <= self.max_jump) {
            self.record.believed = now;
            return match self.believed_at.take() {
                Some(_) => ClockVerdict::Believed { since: now.wall, was_ahead: false },
                None => ClockVerdict::Even,
            };
        }
        if let Some(before) = self.record.before
            && before.drift(&now).is_some_and(|drift| drift.abs() <= self.max_jump)
        {
            return self.believe(now, true);
        }
        let jumped = step.is_none_or(|step| step.abs() > self.max_jump);
        match self.believed_at {
            Some(at) if !jumped && now.steady >= at => self.believe(now, false),
            Some(_) if !jumped => ClockVerdict::Settling,
            _ => {
                self.believed_at = Some(now.steady + self.settle);
                // Without a common start nothing is known but that it has changed.
                match drift.unwrap_or_default() {
                    by if by < SignedDuration::ZERO => ClockVerdict::SetBack(-by),
                    by => ClockVerdict::Leapt(by),
                }
            }
        }
    }

    fn believe(&mut self, now: ClockReading, was_ahead: bool) -> ClockVerdict {
        let ClockRecord { believed, before } = self.record;
        let is_ahead = now.wall > believed.carried_to(now.steady);
        let since = before.unwrap_or(believed).wall.min(now.wall);
        // Of several leaps ahead the time before the first is kept.
        let before = is_ahead.then(|| before.unwrap_or(believed));
        self.record = ClockRecord { believed: now, before };
        self.believed_at = None;
        ClockVerdict::Believed { since, was_ahead }
    }

    /// While the clock is doubted nothing that depends on the time of day is decided.
    pub fn is_doubted(&self) -> bool {
        self.believed_at.is_some()
    }

    /// Whether a leap ahead was believed so recently that it may still prove to be a mistake.
    pub fn has_leapt_within(&self, time: SignedDuration) -> bool {
        let since = |before: ClockReading| self.last.steady - before.steady;
        self.record.before.is_some_and(|before| before.boot == self.last.boot && since(before) < time)
    }

    /// The last reading that was believed.
    pub fn believed(&self) -> ClockReading {
        self.record.believed
    }

    /// What must be stored so that the guard goes on after a restart.
    pub fn record(&self) -> ClockRecord {
        self.record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn reading(wall: i64, steady: i64) -> ClockReading {
        let wall = Timestamp::from_second(1_700_000_000 + wall).unwrap();
        ClockReading { wall, steady: SignedDuration::from_secs(steady), boot: 1 }
    }

    const LIMITS: (SignedDuration, SignedDuration) =
        (SignedDuration::from_hours(1), SignedDuration::from_mins(15));

    fn guard() -> ClockGuard {
        ClockGuard::new(LIMITS, None, None, reading(0, 0))
    }

    #[test]
    fn an_even_clock_is_believed_however_long_between_looks() {
        let mut guard = guard();
        for time in [1, 60, 7_200, 900_000] {
            assert_eq!(guard.observe(reading(time + time % 7, time)), ClockVerdict::Even);
        }
    }

    #[test]
    fn a_leap_is_believed_after_a_while() {
        for (by, leapt) in [(DAY, true), (-DAY, false)] {
            let mut guard = guard();
            let verdict = guard.observe(reading(by, 0));
            let expected = SignedDuration::from_secs(DAY);
            assert_eq!(
                verdict,
                if leapt { ClockVerdict::Leapt(expected) } else { ClockVerdict::SetBack(expected) }
            );
            assert_eq!(guard.observe(reading(by + 899, 899)), ClockVerdict::Settling);
            assert_eq!(guard.believed(), reading(0, 0), "work goes on by the time before");
            assert!(matches!(guard.observe(reading(by + 900, 900)), ClockVerdict::Believed { .. }));
            assert_eq!(guard.observe(reading(by + 901, 901)), ClockVerdict::Even);
        }
    }

    #[test]
    fn a_leap_taken_back_is_forgotten_at_once() {
        let mut guard = guard();
        assert!(matches!(guard.observe(reading(DAY, 1)), ClockVerdict::Leapt(_)));
        assert!(guard.is_doubted());
        assert!(matches!(guard.observe(reading(61, 61)), ClockVerdict::Believed { .. }));
        assert_eq!(guard.observe(reading(62, 62)), ClockVerdict::Even);
    }

    #[test]
    fn a_believed_leap_that_is_taken_back_names_the_time_from_which_all_is_doubtful() {
        let mut guard = guard();
        for time in [10, 20] {
            guard.observe(reading(time, time));
        }
        for time in [30, 1_000] {
            guard.observe(reading(365 * DAY + time, time));
        }
        assert!(!guard.is_doubted());
        assert_eq!(
            guard.observe(reading(1_100, 1_100)),
            ClockVerdict::Believed { since: reading(20, 20).wall, was_ahead: true }
        );
        assert_eq!(guard.record().before, None);
    }

    #[test]
    fn a_restart_compares_with_what_was_believed() {
        let record = ClockRecord { believed: reading(0, 0), before: None };
        let start = |latest: Option<i64>, now: ClockReading| {
            let latest = latest.map(|at| reading(at, 0).wall);
            let mut guard = ClockGuard::new(LIMITS, Some(record), latest, now);
            guard.observe(now);
            guard.is_doubted()
        };
        assert!(!start(None, reading(40 * DAY, 40 * DAY)), "the same start: the steady clock vouches for it");
        assert!(start(None, reading(40 * DAY, 60)));
        let rebooted = |wall| ClockReading { boot: 2, ..reading(wall, 5) };
        assert!(!start(None, rebooted(1_800)));
        assert!(start(None, rebooted(2 * DAY)), "after a reboot nothing vouches for two days");
        assert!(start(Some(2 * DAY), rebooted(1_800)), "the state knows of a later instant");
        let mut doubted = ClockGuard::new(LIMITS, Some(record), None, rebooted(2 * DAY));
        doubted.observe(rebooted(2 * DAY));
        let later = ClockReading { steady: SignedDuration::from_secs(905), ..rebooted(2 * DAY + 900) };
        assert!(matches!(doubted.observe(later), ClockVerdict::Believed { .. }));
    }
}
