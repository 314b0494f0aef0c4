//! Values numbered in the order in which they were first met.

use std::hash::Hash;

use polars::prelude::PlIndexSet;

/// Different values with their numbers. Each is kept once: with many fields nearly every record has a pattern of its own.
#[derive(Debug)]
pub(super) struct DistinctValues<T>(PlIndexSet<T>);

impl<T> Default for DistinctValues<T> {
    fn default() -> DistinctValues<T> {
        DistinctValues(PlIndexSet::default())
    }
}

impl<T: Copy + Eq + Hash> DistinctValues<T> {
    /// The number of a value; a new one is added.
    pub(super) fn number(&mut self, value: T) -> u32 {
        // At most one a record, and records stay below 2^32.
        self.0.insert_full(value).0 as u32
    }

    /// The value of a number.
    pub(super) fn get(&self, number: u32) -> T {
        self.0[number as usize]
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// All values in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }
}
