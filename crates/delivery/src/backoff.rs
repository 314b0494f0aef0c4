//! How long to wait before something that failed is tried again.

use jiff::SignedDuration;

/// First and longest wait, in seconds.
const FIRST: u64 = 60;
const LONGEST: u64 = 3_600;

/// Doubles from a minute to an hour, and spreads by a quarter either way, so that many mails put off
/// together do not come back together. The same attempt of the same thing waits the same time.
pub fn wait(attempts: u32, seed: u64) -> SignedDuration {
    let seconds = FIRST.saturating_mul(1 << attempts.min(16)).min(LONGEST);
    let mut rng = fastrand::Rng::with_seed(seed ^ (u64::from(attempts) << 48));
    SignedDuration::from_secs((seconds * 3 / 4 + rng.u64(0..=seconds / 2)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_stay_bounded_and_spread() {
        for seed in 0..200 {
            for attempts in 0..40 {
                let seconds = wait(attempts, seed).as_secs() as u64;
                let middle = (60u64 << attempts.min(16)).min(3_600);
                assert!((middle * 3 / 4..=middle * 5 / 4).contains(&seconds), "{attempts}: {seconds}");
                assert_eq!(wait(attempts, seed), wait(attempts, seed));
            }
        }
        let distinct: std::collections::BTreeSet<_> = (0..100).map(|seed| wait(6, seed)).collect();
        assert!(distinct.len() > 50);
    }
}
