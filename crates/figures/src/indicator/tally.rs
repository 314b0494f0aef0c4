//! Tallies: additive counts per (unit, registration day).

use std::collections::BTreeMap;
use std::ops::{AddAssign, RangeInclusive};

use super::bucket_counts::BucketCounts;
use super::counts::Counts;
use super::exceptions::ExceptionCounts;
use super::record_findings::RecordFindings;
use super::unread::Unread;

/// Where counts belong: a unit's position in `Units` (`None` = the code is unknown) and a
/// registration day (`None` = the record has none, and counts as before every period).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    /// Position in the unit list of the cut-off day.
    pub unit: Option<u32>,
    /// Days since 1970-01-01, in the campaign's zone.
    pub day: Option<i32>,
}

impl Bucket {
    /// All of them.
    pub const ALL: RangeInclusive<Bucket> =
        Bucket { unit: None, day: None }..=Bucket { unit: Some(u32::MAX - 1), day: Some(i32::MAX) };
}

/// Counts by unit and day, and what was found wrong on the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// The counts.
    pub cells: BucketCounts,
    /// How many values were not understood, of all records.
    pub findings: RecordFindings,
    /// By named roster, and after several all of them together; empty where no roster has a name.
    pub matches: Vec<BTreeMap<Bucket, Matches>>,
    /// Records that pass by proven exceptions alone; empty where there are none.
    pub exceptions: BTreeMap<Bucket, ExceptionCounts>,
    /// What messages can show of what was not understood.
    pub unread: Unread,
}

/// What the comparison of a roster with the register comes to. All of it adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Matches {
    /// Distinct persons of the roster, at its unit. They have no registration day.
    pub listed: u64,
    /// Those of them who are in the register, at the roster's unit and their first registration day.
    pub found: u64,
    /// Those of them who are there under the roster's unit or one below it.
    pub found_own: u64,
    /// Distinct persons of the register who are in the roster, at their own first record.
    pub known: u64,
}

/// Number of counters in [`Matches`].
pub const MATCHES: usize = 4;

impl Matches {
    /// The counters in the order in which they are stored.
    pub fn to_array(self) -> [u64; MATCHES] {
        [self.listed, self.found, self.found_own, self.known]
    }

    /// The inverse of [`Matches::to_array`].
    pub fn from_array([listed, found, found_own, known]: [u64; MATCHES]) -> Matches {
        Matches { listed, found, found_own, known }
    }
}

impl AddAssign for Matches {
    fn add_assign(&mut self, other: Matches) {
        self.listed += other.listed;
        self.found += other.found;
        self.found_own += other.found_own;
        self.known += other.known;
    }
}

impl Tally {
    /// Takes another tally away, the inverse of [`Tally::merge`]; `None` if it is no part of this one.
    pub fn without(mut self, other: &Tally) -> Option<Tally> {
        self.findings = self.findings.without(other.findings.clone())?;
        self.cells = self.cells.without(&other.cells)?;
        self.unread.without_units(&other.unread)?;
        Some(self)
    }

    /// Adds counts to one cell; none make no cell.
    pub fn add(&mut self, cell: Bucket, counts: &Counts) {
        if *counts != Counts::default() {
            self.cells.add(cell, counts);
        }
    }

    /// Adds what is wrong with entries of the roster in a unit; `None` = unknown.
    pub fn add_roster_fault(&mut self, unit: Option<u32>, found: RecordFindings) {
        self.findings += found.clone();
        self.unread.of_roster(unit, found);
    }

    /// Adds another tally; the order of merging does not matter.
    pub fn merge(&mut self, other: Tally) {
        self.findings += other.findings;
        self.unread.merge(other.unread);
        for (list, matches) in other.matches.into_iter().enumerate() {
            matches.into_iter().for_each(|(cell, matches)| self.add_matches(list, cell, matches));
        }
        other.exceptions.iter().for_each(|(cell, counts)| self.add_exceptions(*cell, counts));
        self.cells.merge(other.cells);
    }

    /// Adds records that pass by proven exceptions alone.
    pub fn add_exceptions(&mut self, cell: Bucket, counts: &ExceptionCounts) {
        if !counts.is_empty() {
            *self.exceptions.entry(cell).or_default() += counts;
        }
    }

    /// Records of one unit up to and including `to` that pass by proven exceptions alone.
    pub fn exceptions_until(&self, unit: Option<u32>, to: i32) -> ExceptionCounts {
        let range = Bucket { unit, day: None }..=Bucket { unit, day: Some(to) };
        self.exceptions.range(range).fold(ExceptionCounts::default(), |mut sum, (_, counts)| {
            sum += counts;
            sum
        })
    }

    /// Adds what the comparison with one list came to in a cell.
    pub fn add_matches(&mut self, list: usize, cell: Bucket, matches: Matches) {
        if self.matches.len() <= list {
            self.matches.resize_with(list + 1, BTreeMap::new);
        }
        *self.matches[list].entry(cell).or_default() += matches;
    }

    /// The comparison with each list over the cells of one unit up to and including `to`.
    pub fn matches_until(&self, unit: Option<u32>, to: i32) -> Vec<Matches> {
        let range = Bucket { unit, day: None }..=Bucket { unit, day: Some(to) };
        let of = |list: &BTreeMap<Bucket, Matches>| {
            list.range(range.clone()).fold(Matches::default(), |mut sum, (_, matches)| {
                sum += *matches;
                sum
            })
        };
        self.matches.iter().map(of).collect()
    }

    /// The sum over the cells of one unit up to and including `to`; cells without a day count always.
    pub fn until(&self, unit: Option<u32>, to: i32) -> Counts {
        let range = Bucket { unit, day: None }..=Bucket { unit, day: Some(to) };
        self.cells.sum(range)
    }

    /// The sum over all cells of one unit.
    pub fn of_unit(&self, unit: Option<u32>) -> Counts {
        self.until(unit, i32::MAX)
    }

    /// Records of one unit, whenever they were registered.
    pub fn records_of(&self, unit: Option<u32>) -> u64 {
        self.cells.records(Bucket { unit, day: None }..=Bucket { unit, day: Some(i32::MAX) })
    }

    /// Records of one unit that repeat a person, whenever they were registered.
    pub fn duplicates_of(&self, unit: Option<u32>) -> u64 {
        self.cells.duplicates(Bucket { unit, day: None }..=Bucket { unit, day: Some(i32::MAX) })
    }

    /// The sum over all cells.
    pub fn total(&self) -> Counts {
        self.cells.sum_where(|_| true)
    }

    /// Records in the cells of one unit from `from` to `to`, both included.
    pub fn records_between(&self, unit: Option<u32>, from: i32, to: i32) -> u64 {
        if from > to {
            return 0;
        }
        let range = Bucket { unit, day: Some(from) }..=Bucket { unit, day: Some(to) };
        self.cells.records(range)
    }
}
