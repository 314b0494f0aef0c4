//! How fast passwords may be tried: decided from the failures on record, so that a restart forgets none.

use jiff::{SignedDuration, Timestamp};

/// Failures older than this count no longer.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// So many failures of one account from one address are free.
const FREE: usize = 5;

/// Minutes to wait after each further one.
const WAITS: [i64; 5] = [1, 2, 4, 8, 15];

/// Most failures of one address within the window, whatever account it tries.
const PER_ADDRESS: usize = 50;

/// After so many failures of one account within the window, from all addresses, every address waits a minute
/// between two tries: that slows guessing from many places and locks nobody out.
const PER_ACCOUNT: usize = 20;

/// A failed sign-in on record, compared with the one that is tried now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTry {
    /// When it failed, by the wall clock.
    pub at: Timestamp,
    /// Whether it named the account that is tried now.
    pub is_same_account: bool,
    /// Whether it came from the network address that tries now.
    pub is_same_address: bool,
}

/// Until when another try is refused; `None` if it may be made at once. `failures` are those of the account or the
/// address, in any order; what is in the future was noted by a wrong clock and counts as now.
pub fn refused_until(failures: &[FailedTry], now: Timestamp) -> Option<Timestamp> {
    let recent: Vec<(Timestamp, &FailedTry)> = failures
        .iter()
        .map(|failure| (failure.at.min(now), failure))
        .filter(|(at, _)| now.duration_since(*at) < WINDOW)
        .collect();
    let last = |counts: &dyn Fn(&FailedTry) -> bool| {
        let of = recent.iter().filter(|(_, failure)| counts(failure)).map(|(at, _)| *at);
        (of.clone().count(), of.clone().max(), of.min())
    };
    let mut until = None;
    let mut wait = |from: Option<Timestamp>, time: SignedDuration| {
        until = until.max(from.map(|from| from + time));
    };
    let (of_both, latest, _) = last(&|failure| failure.is_same_account && failure.is_same_address);
    if let Some(beyond) = of_both.checked_sub(FREE) {
        wait(latest, SignedDuration::from_mins(WAITS[beyond.min(WAITS.len() - 1)]));
    }
    let (of_address, _, first) = last(&|failure| failure.is_same_address);
    if of_address >= PER_ADDRESS {
        wait(first, WINDOW);
    }
    let (of_account, _, _) = last(&|failure| failure.is_same_account);
    if of_account >= PER_ACCOUNT {
        wait(latest, SignedDuration::from_mins(1));
    }
    until.filter(|until| *until > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn guessing_from_one_address_is_slow() {
        let (mut failures, mut tries) = (Vec::new(), 0);
        for second in 0..10_000 {
            if refused_until(&failures, at(second)).is_none() {
                failures.push(FailedTry { at: at(second), is_same_account: true, is_same_address: true });
                tries += 1;
            }
        }
        assert!((10..40).contains(&tries), "{tries} tries in 10,000 seconds");
    }

    #[test]
    fn the_owner_at_another_address_gets_in() {
        let guesses: Vec<FailedTry> = (0..500)
            .map(|second| FailedTry { at: at(second), is_same_account: true, is_same_address: false })
            .collect();
        assert_eq!(refused_until(&guesses, at(500)), None);
    }

    #[test]
    fn an_address_has_a_budget_for_all_accounts() {
        let guess = |second| FailedTry { at: at(second), is_same_account: false, is_same_address: true };
        let many: Vec<FailedTry> = (0..50).map(guess).collect();
        assert_eq!(refused_until(&many[..49], at(60)), None);
        assert_eq!(refused_until(&many, at(60)), Some(at(3600)));
        assert_eq!(refused_until(&many, at(3600)), None, "the oldest counts no longer");
    }

    /// A failure that a wrong clock has put into the future refuses no longer than one of now.
    #[test]
    fn a_wrong_clock_locks_nobody_out() {
        let odd: Vec<FailedTry> = (0..9)
            .map(|_| FailedTry { at: at(1_000_000_000), is_same_account: true, is_same_address: true })
            .collect();
        assert!(refused_until(&odd, at(10)).unwrap() <= at(10) + SignedDuration::from_mins(15));
    }
}
