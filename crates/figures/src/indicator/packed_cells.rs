//! Cells with their counts in few bytes: those of few records are kept as the kinds of their records.

use std::ops::Range;
use std::sync::Arc;

use polars::prelude::PlHashMap;

use super::cell_blocks::CellBlocks;
use super::counter_bytes::{decode, encode, taken, varint};
use super::counts::Counts;
use super::tally::Bucket;

/// Cells with their counts one after another: the number of kinds of records (0 = all counters follow), each kind and
/// how many of it, the counts of persons.
#[derive(Clone, Default)]
pub(super) struct PackedCells {
    pub(super) cells: CellBlocks,
    /// What one record of each kind counts for.
    pub(super) kinds: Arc<Vec<Counts>>,
}

/// What is counted of persons in a cell, apart from its records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonCounts {
    /// As [`Counts::persons`].
    pub persons: u64,
    /// As [`Counts::duplicates`].
    pub duplicates: u64,
    /// As [`Counts::roster`].
    pub roster: u64,
    /// As [`Counts::covered`].
    pub covered: u64,
    /// As [`Counts::covered_own`].
    pub covered_own: u64,
}

impl PersonCounts {
    /// As counts of a cell that has no records.
    pub fn counts(self) -> Counts {
        let PersonCounts { persons, duplicates, roster, covered, covered_own } = self;
        Counts { persons, duplicates, roster, covered, covered_own, ..Counts::default() }
    }

    pub(super) fn to_array(self) -> [u64; 5] {
        [self.persons, self.duplicates, self.roster, self.covered, self.covered_own]
    }

    pub(super) fn from_array([persons, duplicates, roster, covered, covered_own]: [u64; 5]) -> PersonCounts {
        PersonCounts { persons, duplicates, roster, covered, covered_own }
    }
}

impl PackedCells {
    /// Appends a cell, which must come after all others.
    pub(super) fn push(&mut self, cell: Bucket, counts: &Counts) {
        self.cells.push(cell, |bytes| {
            varint(bytes, 0);
            encode(bytes, counts);
        });
    }

    /// How many kinds a cell is kept by, and what follows.
    fn cell(&self, at: usize) -> (u64, &[u8]) {
        let mut rest = self.cells.bytes(at);
        // Only whole cells are ever packed.
        (taken(&mut rest).unwrap_or_default(), rest)
    }

    pub(super) fn counts(&self, at: usize) -> Counts {
        let (kinds, mut rest) = self.cell(at);
        if kinds > 0 {
            return self.few(kinds, rest);
        }
        decode(&mut rest).unwrap_or_default()
    }

    /// The counts of a cell that is kept by the kinds of its records.
    fn few(&self, kinds: u64, mut rest: &[u8]) -> Counts {
        let mut next = || taken(&mut rest).unwrap_or_default();
        let mut counts = Counts::default();
        for _ in 0..kinds {
            let (kind, times) = (next(), next());
            counts.add_times(&self.kinds[kind as usize], times);
        }
        counts += &PersonCounts::from_array(std::array::from_fn(|_| next())).counts();
        counts
    }

    /// How many records a cell has.
    pub(super) fn records(&self, at: usize) -> u64 {
        let (kinds, mut rest) = self.cell(at);
        // The built-in counters come first, and begin with that of the records.
        let mut next = || taken(&mut rest).unwrap_or_default();
        if kinds == 0 {
            return next();
        }
        (0..kinds)
            .map(|_| (next(), next()))
            .map(|(kind, times)| self.kinds[kind as usize].records * times)
            .sum()
    }

    /// How many records of a cell repeat a person.
    pub(super) fn duplicates(&self, at: usize) -> u64 {
        let (kinds, mut rest) = self.cell(at);
        if kinds == 0 {
            return self.counts(at).duplicates;
        }
        let mut next = || taken(&mut rest).unwrap_or_default();
        for _ in 0..2 * kinds {
            next();
        }
        PersonCounts::from_array(std::array::from_fn(|_| next())).duplicates
    }

    /// Cells by their positions.
    pub(super) fn cells(&self, positions: Range<usize>) -> impl Iterator<Item = (Bucket, Counts)> {
        self.cells.iter(positions).map(|(at, cell)| (cell, self.counts(at)))
    }

    /// The sum over cells by their positions. Records of one kind are counted before they are multiplied: a hundred counters are
    /// added once a kind, and not once a cell.
    pub(super) fn sum(&self, positions: impl Iterator<Item = usize>) -> Counts {
        let (mut sum, mut times_of) = (Counts::default(), PlHashMap::<u64, u64>::default());
        for at in positions {
            let (kinds, mut rest) = self.cell(at);
            if kinds == 0 {
                sum += &self.counts(at);
                continue;
            }
            let mut next = || taken(&mut rest).unwrap_or_default();
            for _ in 0..kinds {
                let (kind, times) = (next(), next());
                *times_of.entry(kind).or_default() += times;
            }
            let persons = PersonCounts::from_array(std::array::from_fn(|_| next()));
            sum.persons += persons.persons;
            sum.duplicates += persons.duplicates;
            sum.roster += persons.roster;
            sum.covered += persons.covered;
            sum.covered_own += persons.covered_own;
        }
        times_of.into_iter().for_each(|(kind, times)| sum.add_times(&self.kinds[kind as usize], times));
        sum
    }
}
