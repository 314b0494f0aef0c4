//! Re-checks 抽查: which records of a unit a person looks at, and what the result says of all of them.
//!
//! The records with the smallest tickets are drawn, a ticket being the SHA-256 of `SEED,KEY`. Everybody who has the
//! seed and the keys draws the same, in whatever order the records come, and a larger sample holds the smaller one.
//! That nobody suits the keys to the seed is shown by their digest, which is on record before the seed is known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use num_bigint::BigUint;

use super::record_reading::Reader;
use tongbao_base::digest::{sha256, sha256_of_lines};
use tongbao_config::settings::Indicators;
use tongbao_register::batch::{RegisterBatch, TextColumn, days_since_epoch};
use tongbao_register::text::{lossy, trim};
use tongbao_register::unit::Units;

/// What decides whether a record is drawn: smallest first.
pub fn ticket(seed: &str, key: &str) -> String {
    sha256(format!("{seed},{key}").as_bytes())
}

/// Gathers the record keys of some units while batches go by.
pub struct KeyGatherer {
    units: Arc<Units>,
    reader: Reader,
    last_day: i32,
    keys: BTreeMap<u32, RecordKeys>,
    /// Records of the units that have no key, so that nobody could find them again.
    pub without_key: u64,
}

/// The keys of the records of a unit with all below it, one after the other in one text: those of millions of records
/// are in memory at a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordKeys {
    text: String,
    ends: Vec<usize>,
}

impl RecordKeys {
    fn push(&mut self, key: &str) {
        self.text.push_str(key);
        self.ends.push(self.text.len());
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(from, to)| &self.text[from..*to])
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.ends.len() as u64
    }

    /// The SHA-256 of all keys, sorted by their bytes, one a line: what `LC_ALL=C sort KEYS | sha256sum` prints.
    pub fn digest(&self) -> String {
        let mut sorted: Vec<&str> = self.iter().collect();
        sorted.sort_unstable();
        sha256_of_lines(sorted)
    }

    /// Those of the records that a seed draws, smallest ticket first.
    pub fn draw(&self, seed: &str, size: usize) -> Vec<String> {
        let mut drawn: BTreeSet<(String, &str)> = BTreeSet::new();
        for key in self.iter() {
            drawn.insert((ticket(seed, key), key));
            if drawn.len() > size {
                drawn.pop_last();
            }
        }
        drawn.into_iter().map(|(_, key)| key.to_owned()).collect()
    }
}

/// What tells the keys of a sample from those of another, whatever their order.
pub fn digest_of_keys<'a>(keys: impl IntoIterator<Item = &'a str>) -> String {
    let sorted: BTreeSet<&str> = keys.into_iter().collect();
    tongbao_base::digest::sha256_of_texts(sorted)
}

impl KeyGatherer {
    /// Gathers the keys of records registered up to `cut_off`, of each of the units at these positions.
    pub fn new(units: Arc<Units>, indicators: &Indicators, cut_off: Date, of: &[u32]) -> KeyGatherer {
        KeyGatherer {
            units,
            reader: Reader::new(indicators),
            last_day: days_since_epoch(cut_off),
            keys: of.iter().map(|unit| (*unit, RecordKeys::default())).collect(),
            without_key: 0,
        }
    }

    /// Adds a batch of records.
    pub fn add(&mut self, batch: &RegisterBatch) {
        for record in batch.records() {
            let code = lossy(trim(record.value(TextColumn::Unit).unwrap_or_default()));
            let Some(unit) = self.units.position(&code) else { continue };
            if record.day.known() > Some(self.last_day) || self.reader.read(&record).0.is_no_record() {
                continue;
            }
            let units = &self.units;
            let owners = self.keys.iter_mut().filter(|(above, _)| units.is_within(unit, **above));
            let key = lossy(trim(record.value(TextColumn::Key).unwrap_or_default()));
            for (_, keys) in owners {
                if key.is_empty() {
                    self.without_key += 1;
                    break;
                }
                keys.push(&key);
            }
        }
    }

    /// The keys by position of the unit.
    pub fn finish(self) -> BTreeMap<u32, RecordKeys> {
        self.keys
    }
}

/// Parts of the whole that shares are counted in: hundredths of a per cent.
const PARTS: u32 = 10_000;

/// The exact interval (Clopper and Pearson) of the share of errors that `errors` of `checked` records allow with 95 %
/// confidence, in hundredths of a per cent and rounded outwards. `None` where nothing was checked.
pub fn error_interval(errors: u64, checked: u64) -> Option<(u32, u32)> {
    if checked == 0 || errors > checked {
        return None;
    }
    let whole = BigUint::from(PARTS).pow(u32::try_from(checked).ok()?);
    // The probability of 2.5 % or less at each side.
    let is_unlikely = |share: u32, from: u64, to: u64| probability(share, from, to, checked) * 40u32 <= whole;
    let low = match errors {
        0 => 0,
        // The largest share under which so many errors or more are unlikely.
        _ => last_where(|share| is_unlikely(share, errors, checked)),
    };
    let high = match errors == checked {
        true => PARTS,
        // The smallest share under which so few errors or fewer are unlikely.
        false => PARTS - last_where(|share| is_unlikely(PARTS - share, 0, errors)),
    };
    Some((low, high))
}

/// Most records of a sample that is proposed.
pub const MOST_CHECKED: u64 = 10_000;

/// How many records to check so that the interval of [`error_interval`] reaches no further than `precision` from the
/// share found, where that is `expected`; both in hundredths of a per cent. `None` where even [`MOST_CHECKED`] records
/// may not suffice.
pub fn sample_size(expected: u32, precision: u32) -> Option<u64> {
    let suffices = |checked: u64| {
        let share = errors_expected(expected, checked) * u64::from(PARTS);
        let reach = u64::from(precision) * checked;
        error_interval(errors_expected(expected, checked), checked).is_some_and(|(low, high)| {
            share.abs_diff(u64::from(low) * checked) <= reach
                && share.abs_diff(u64::from(high) * checked) <= reach
        })
    };
    let (mut short, mut enough) = (0, 10);
    while !suffices(enough) {
        (short, enough) = (enough, enough * 2);
        if enough > MOST_CHECKED {
            return None;
        }
    }
    while short + 1 < enough {
        let middle = short.midpoint(enough);
        if suffices(middle) { enough = middle } else { short = middle }
    }
    Some(enough)
}

/// Wrong records among so many where `expected` parts of all are, rounded up.
pub fn errors_expected(expected: u32, checked: u64) -> u64 {
    (u64::from(expected) * checked).div_ceil(u64::from(PARTS))
}

/// The last of the shares, from 0 on, that has a property which all before it have.
fn last_where(holds: impl Fn(u32) -> bool) -> u32 {
    let (mut yes, mut no) = (0, PARTS + 1);
    while yes + 1 < no {
        let middle = yes.midpoint(no);
        if holds(middle) { yes = middle } else { no = middle }
    }
    yes
}

/// The probability that from `from` to `to` of `checked` records are wrong where `share` parts of all are, times
/// `PARTS` to the power of `checked`.
fn probability(share: u32, from: u64, to: u64, checked: u64) -> BigUint {
    let (wrong, right) = (share, PARTS - share);
    // Ways to have so many errors, times the chance of these; each is made of the one before.
    let mut ways = BigUint::from(1u32);
    let mut sum = BigUint::ZERO;
    for errors in 0..=to {
        sum *= right;
        if errors >= from {
            sum += &ways;
        }
        ways = ways * (checked - errors) / (errors + 1) * wrong;
    }
    sum * BigUint::from(right).pow((checked - to) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_published_tables() {
        // Clopper-Pearson at 95 %, rounded outwards: 3/80 0.78–10.58, 0/80 0–4.51 (rule of three), 1/10 0.25–44.51.
        assert_eq!(error_interval(3, 80), Some((78, 1_058)));
        assert_eq!(error_interval(0, 80), Some((0, 451)));
        assert_eq!(error_interval(1, 10), Some((25, 4_451)));
        assert_eq!(error_interval(10, 10), Some((6_915, 10_000)));
        assert_eq!(error_interval(0, 0), None);
        assert_eq!(error_interval(2, 1), None);
    }

    #[test]
    fn proposed_samples_are_as_precise_as_asked() {
        for (expected, precision, size) in [(0, 451, 80), (1_000, 500, 205), (500, 300, 320)] {
            let found = sample_size(expected, precision).unwrap();
            let errors = errors_expected(expected, found);
            let (low, high) = error_interval(errors, found).unwrap();
            let share = errors as f64 / found as f64 * 10_000.0;
            assert!((f64::from(high) - share) <= f64::from(precision), "{expected} {precision}: {found}");
            assert!((share - f64::from(low)) <= f64::from(precision));
            assert_eq!(found, size, "{expected} {precision}");
        }
        assert_eq!(sample_size(5_000, 50), None);
    }

    #[test]
    fn intervals_hold_their_share_and_mirror_each_other() {
        for checked in 1..=40u64 {
            for errors in 0..=checked {
                let (low, high) = error_interval(errors, checked).unwrap();
                let share = errors * 10_000;
                assert!(u64::from(low) * checked <= share && share <= u64::from(high) * checked);
                let (other_low, other_high) = error_interval(checked - errors, checked).unwrap();
                assert_eq!((low, high), (10_000 - other_high, 10_000 - other_low), "{errors} of {checked}");
            }
        }
    }
}
