//! Whether the wall clock can be believed: it must not run away from the steady clock.

use jiff::{SignedDuration, Timestamp};

/// One look at both clocks: the wall clock, and one that only ever runs evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub wall: Timestamp,
    /// Time since an arbitrary start.
    pub steady: SignedDuration,
}

/// What a reading says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The clock runs evenly.
    Even,
    /// It has just leapt ahead by so much: nothing fires for a while.
    Leapt(SignedDuration),
    /// It leapt a while ago and has not run evenly for long enough since.
    Settling,
    /// It has just been set back by so much. Harmless: slots are recorded once.
    SetBack(SignedDuration),
}

/// Follows the clocks. A leap ahead is believed only after the clock has run evenly for a while, so
/// that a wrong clock corrected within that time fires nothing.
#[derive(Debug, Clone, Copy)]
pub struct ClockGuard {
    max_jump: SignedDuration,
    settle: SignedDuration,
    last: Reading,
    /// The steady instant from which a leap is believed.
    believed_at: Option<SignedDuration>,
}

impl ClockGuard {
    pub fn new(max_jump: SignedDuration, settle: SignedDuration, now: Reading) -> ClockGuard {
        ClockGuard { max_jump, settle, last: now, believed_at: None }
    }

    pub fn observe(&mut self, now: Reading) -> Verdict {
        let drift = now.wall.duration_since(self.last.wall) - (now.steady - self.last.steady);
        self.last = now;
        if drift > self.max_jump {
            self.believed_at = Some(now.steady + self.settle);
            return Verdict::Leapt(drift);
        }
        if drift < -self.max_jump {
            // Set right again, or wrong the other way: neither fires anything twice.
            self.believed_at = None;
            return Verdict::SetBack(-drift);
        }
        match self.believed_at {
            Some(at) if now.steady < at => Verdict::Settling,
            _ => {
                self.believed_at = None;
                Verdict::Even
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(wall: i64, steady: i64) -> Reading {
        Reading {
            wall: Timestamp::from_second(1_700_000_000 + wall).unwrap(),
            steady: SignedDuration::from_secs(steady),
        }
    }

    fn guard() -> ClockGuard {
        ClockGuard::new(SignedDuration::from_hours(1), SignedDuration::from_mins(15), reading(0, 0))
    }

    #[test]
    fn an_even_clock_is_believed_however_long_between_looks() {
        let mut guard = guard();
        for time in [1, 60, 7_200, 900_000] {
            assert_eq!(guard.observe(reading(time + time % 7, time)), Verdict::Even);
        }
    }

    #[test]
    fn a_leap_is_believed_after_a_while() {
        let mut guard = guard();
        let day = 86_400;
        assert_eq!(guard.observe(reading(day, 10)), Verdict::Leapt(SignedDuration::from_secs(day - 10)));
        assert_eq!(guard.observe(reading(day + 800, 810)), Verdict::Settling);
        assert_eq!(guard.observe(reading(day + 900, 910)), Verdict::Even);
        assert_eq!(guard.observe(reading(day + 901, 911)), Verdict::Even);
    }

    #[test]
    fn a_leap_taken_back_is_forgotten() {
        let mut guard = guard();
        assert!(matches!(guard.observe(reading(86_400, 1)), Verdict::Leapt(_)));
        assert!(matches!(guard.observe(reading(60, 61)), Verdict::SetBack(_)));
        assert_eq!(guard.observe(reading(61, 62)), Verdict::Even);
    }
}
