//! What is kept of a record and of a person, as rows of sorted tables.

use super::keyed::NOBODY;
use super::table::{HASH, Hash, hash_of};
use crate::indicator::own_pattern::{OwnPattern, WORDS};
use crate::indicator::record_reading::AgeSchedule;
use crate::indicator::tally::Bucket;
use crate::register::batch::Day;

/// Key, person, unit, day, ages: 48 bytes a record.
pub(crate) const RECORD: usize = HASH + HASH + 4 + 4 + 8;
/// Key and pattern: 48 bytes more for each record that counts for anything under own definitions.
pub(crate) const OWN: usize = HASH + 8 * WORDS;
/// Person, unit, day: 24 bytes for each record with an ID number and for each entry of the roster.
pub(crate) const ENTRY: usize = HASH + 4 + 4;
/// Key and next day, for records whose contribution will change with the age.
pub(crate) const AGING: usize = HASH + 4;

/// Units above every position of a unit list.
const NO_UNIT: u32 = u32::MAX >> 1;
/// Instead of a unit: the record was deleted, or nothing of the person is left.
const GONE: u32 = NO_UNIT - 1;
/// Marks an entry of the roster.
const ROSTER: u32 = 1 << 31;
/// Days outside jiff's range.
const MISSING: i32 = i32::MIN;
const INVALID: i32 = i32::MIN + 1;

/// What is kept of a record; what it counts for under own definitions stands in a row of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeptRecord {
    /// Hash of the ID number; `None` where the record has none.
    pub person: Option<Hash>,
    pub unit: Option<u32>,
    pub day: Day,
    pub ages: AgeSchedule,
    /// What it counts for under own definitions.
    pub own: OwnPattern,
}

impl KeptRecord {
    /// Where the record counts.
    pub(crate) fn cell(&self) -> Bucket {
        Bucket { unit: self.unit, day: self.day.known() }
    }
}

/// The row of a record; `None` = it was deleted.
pub(crate) fn record_row(key: &Hash, record: Option<&KeptRecord>) -> [u8; RECORD] {
    let mut row = [0; RECORD];
    row[..16].copy_from_slice(key);
    let Some(record) = record else {
        row[32..36].copy_from_slice(&GONE.to_le_bytes());
        return row;
    };
    let day = match record.day {
        Day::Known(day) => day,
        Day::Missing => MISSING,
        Day::Invalid => INVALID,
    };
    row[16..32].copy_from_slice(&record.person.unwrap_or(NOBODY));
    row[32..36].copy_from_slice(&record.unit.unwrap_or(NO_UNIT).to_le_bytes());
    row[36..40].copy_from_slice(&day.to_le_bytes());
    row[40..].copy_from_slice(&record.ages.pack().to_le_bytes());
    row
}

/// The row of what a record counts for under own definitions.
pub(crate) fn own_row(key: &Hash, own: OwnPattern) -> [u8; OWN] {
    let mut row = [0; OWN];
    row[..HASH].copy_from_slice(key);
    let words = own.words().into_iter().flat_map(u64::to_le_bytes);
    row[HASH..].iter_mut().zip(words).for_each(|(byte, of)| *byte = of);
    row
}

/// The pattern of such a row.
pub(crate) fn own_pattern(row: &[u8; OWN]) -> OwnPattern {
    OwnPattern::of_words(std::array::from_fn(|word| wide(row, HASH + 8 * word)))
}

/// The record of a row, if there still is one, without its own pattern.
pub(crate) fn kept_record(row: &[u8; RECORD]) -> Option<KeptRecord> {
    let person: Hash = std::array::from_fn(|i| row[16 + i]);
    let unit = number(row, 32);
    let day = match number(row, 36) as i32 {
        MISSING => Day::Missing,
        INVALID => Day::Invalid,
        day => Day::Known(day),
    };
    (unit != GONE).then(|| KeptRecord {
        person: (person != NOBODY).then_some(person),
        unit: (unit != NO_UNIT).then_some(unit),
        day,
        ages: AgeSchedule::unpack(wide(row, 40)),
        own: OwnPattern::default(),
    })
}

/// One mention of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PersonEntry {
    /// By a record at a cell.
    Registered(Bucket),
    /// By the roster under a unit.
    Listed(Option<u32>),
}

/// The row of an entry; `None` = nothing of the person is left.
pub(crate) fn entry_row(person: &Hash, entry: Option<PersonEntry>) -> [u8; ENTRY] {
    let (unit, day) = match entry {
        None => (GONE, 0),
        Some(PersonEntry::Registered(cell)) => (cell.unit.unwrap_or(NO_UNIT), cell.day.unwrap_or(MISSING)),
        Some(PersonEntry::Listed(unit)) => (ROSTER | unit.unwrap_or(NO_UNIT), 0),
    };
    let mut row = [0; ENTRY];
    row[..16].copy_from_slice(person);
    row[16..20].copy_from_slice(&unit.to_le_bytes());
    row[20..].copy_from_slice(&day.to_le_bytes());
    row
}

/// The entry of a row, if it is one.
pub(crate) fn entry(row: &[u8; ENTRY]) -> Option<PersonEntry> {
    let (code, day) = (number(row, 16), number(row, 20) as i32);
    let unit = Some(code & !ROSTER).filter(|unit| *unit != NO_UNIT);
    match code {
        GONE => None,
        code if code & ROSTER != 0 => Some(PersonEntry::Listed(unit)),
        _ => Some(PersonEntry::Registered(Bucket { unit, day: (day != MISSING).then_some(day) })),
    }
}

/// The row of a record that will change with the age.
pub(crate) fn aging_row(key: &Hash, next: u32) -> [u8; AGING] {
    let mut row = [0; AGING];
    row[..16].copy_from_slice(key);
    row[16..].copy_from_slice(&next.to_le_bytes());
    row
}

/// Key and day of such a record.
pub(crate) fn aging(row: &[u8; AGING]) -> (Hash, u32) {
    (hash_of(row), number(row, 16))
}

fn wide(row: &[u8], at: usize) -> u64 {
    u64::from(number(row, at + 4)) << 32 | u64::from(number(row, at))
}

fn number(row: &[u8], at: usize) -> u32 {
    row.get(at..).and_then(|rest| rest.first_chunk::<4>()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any<T: Copy>(rng: &mut fastrand::Rng, of: &[T]) -> T {
        of[rng.usize(..of.len())]
    }

    #[test]
    fn rows_come_back_as_what_they_were() {
        let mut rng = fastrand::Rng::with_seed(5);
        for _ in 0..20_000 {
            let key: Hash = rng.u128(..).to_le_bytes();
            let unit = any(&mut rng, &[None, Some(0), Some(NO_UNIT - 2)]);
            let day = rng.i32(-700_000..3_000_000);
            let record = KeptRecord {
                person: any(&mut rng, &[None, Some(key)]),
                unit,
                day: any(&mut rng, &[Day::Missing, Day::Invalid, Day::Known(day)]),
                ages: AgeSchedule::unpack(rng.u64(..) & !(0x3F << 26)),
                own: OwnPattern::of_words(std::array::from_fn(|_| rng.u64(..))),
            };
            let row = record_row(&key, Some(&record));
            let own = own_row(&key, record.own);
            assert_eq!(hash_of(&own), key);
            let read = kept_record(&row).map(|read| KeptRecord { own: own_pattern(&own), ..read });
            assert_eq!((hash_of(&row), read), (key, Some(record)));
            for entry_of_row in [PersonEntry::Registered(record.cell()), PersonEntry::Listed(unit)] {
                let row = entry_row(&key, Some(entry_of_row));
                assert_eq!((hash_of(&row), entry(&row)), (key, Some(entry_of_row)));
            }
            assert_eq!(aging(&aging_row(&key, day as u32)), (key, day as u32));
            assert_eq!(kept_record(&record_row(&key, None)), None);
            assert_eq!(entry(&entry_row(&key, None)), None);
        }
    }
}
