//! Values numbered in the order in which they were first met.

use std::hash::Hash;

use polars::prelude::PlHashMap;

/// Different values with their numbers.
#[derive(Debug)]
pub(super) struct DistinctValues<T> {
    known: Vec<T>,
    index: PlHashMap<T, u32>,
}

impl<T> Default for DistinctValues<T> {
    fn default() -> DistinctValues<T> {
        DistinctValues { known: Vec::new(), index: PlHashMap::default() }
    }
}

impl<T: Copy + Eq + Hash> DistinctValues<T> {
    /// The number of a value; a new one is added.
    pub(super) fn number(&mut self, value: T) -> u32 {
        // At most one a record, and records stay below 2^32.
        let next = self.known.len() as u32;
        let number = *self.index.entry(value).or_insert(next);
        if number == next {
            self.known.push(value);
        }
        number
    }

    /// The value of a number.
    pub(super) fn get(&self, number: u32) -> T {
        self.known[number as usize]
    }

    /// All values in the order of their numbers.
    pub(super) fn all(&self) -> &[T] {
        &self.known
    }
}
