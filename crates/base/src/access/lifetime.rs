//! How long a session lives.

use jiff::{SignedDuration, Timestamp};

/// A one-time password is good for so long.
pub const ONE_TIME: SignedDuration = SignedDuration::from_hours(24);

/// The two limits of every session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Since the last request.
    pub idle: SignedDuration,
    /// Since signing in.
    pub longest: SignedDuration,
}

impl Lifetime {
    /// Whether a session that began at `began` and was last used at `used` still holds at `now`. A clock that was
    /// set back before its beginning ends it.
    pub fn holds(self, began: Timestamp, used: Timestamp, now: Timestamp) -> bool {
        let age = now.duration_since(began);
        age >= SignedDuration::ZERO && age < self.longest && now.duration_since(used) < self.idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_session_outlives_either_limit() {
        let lifetime =
            Lifetime { idle: SignedDuration::from_mins(30), longest: SignedDuration::from_hours(12) };
        let at = |minutes: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        for began in [0, 7] {
            for used in (began..900).step_by(13) {
                for now in (0..1000).step_by(7) {
                    let holds = lifetime.holds(at(began), at(used), at(now));
                    assert_eq!(
                        holds,
                        now >= began && now - began < 720 && now - used < 30,
                        "{began} {used} {now}"
                    );
                }
            }
        }
    }
}
