//! Counters of fields, or of relations: as many as an office has, and none kept for what it does not have.

use std::ops::{Index, IndexMut};

/// How many own fields and relations have counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnWidth {
    /// Of fields, two each.
    pub fields: usize,
    /// Of relations, two each.
    pub relations: usize,
}

impl OwnWidth {
    /// Whether there is none.
    pub fn is_none(self) -> bool {
        self == OwnWidth::default()
    }

    /// Number of counters.
    pub fn counters(self) -> usize {
        2 * self.fields + 2 * self.relations
    }
}

/// A counter for each built-in field or relation, and for those of the office up to the last that counts.
#[derive(Debug, Clone)]
pub struct Counters<const BUILT_IN: usize> {
    /// Of the built-in ones.
    pub(super) built_in: [u64; BUILT_IN],
    /// Of the office's own by position; those further on are 0.
    pub(super) own: Vec<u64>,
}

impl<const BUILT_IN: usize> Counters<BUILT_IN> {
    /// The same number for each of the first `count`.
    pub fn same(number: u64, count: usize) -> Counters<BUILT_IN> {
        let mut counters = Counters::default();
        (0..count).for_each(|at| counters[at] = number);
        counters
    }

    /// Own counters up to the last that is not 0.
    pub(super) fn own_width(&self) -> usize {
        self.own.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1)
    }

    /// The first own counters.
    pub(super) fn own(&self, width: usize) -> impl Iterator<Item = u64> {
        self.own.iter().copied().chain(std::iter::repeat(0)).take(width)
    }

    /// Adds the same counts so many times.
    pub(super) fn add_times(&mut self, other: &Counters<BUILT_IN>, times: u64) {
        self.built_in.iter_mut().zip(other.built_in).for_each(|(sum, more)| *sum += more * times);
        if self.own.len() < other.own.len() {
            self.own.resize(other.own.len(), 0);
        }
        self.own.iter_mut().zip(&other.own).for_each(|(sum, more)| *sum += more * times);
    }

    /// The own counters without others; `None` if these are no part of them.
    pub(super) fn own_without(&self, other: &Counters<BUILT_IN>) -> Option<Vec<u64>> {
        let width = self.own.len().max(other.own_width());
        self.own(width).zip(other.own(width)).map(|(count, less)| count.checked_sub(less)).collect()
    }
}

/// By position, the built-in ones first.
impl<const BUILT_IN: usize> Index<usize> for Counters<BUILT_IN> {
    type Output = u64;

    fn index(&self, at: usize) -> &u64 {
        self.built_in.get(at).or_else(|| self.own.get(at - BUILT_IN)).unwrap_or(&0)
    }
}

/// A counter that is named is kept from then on.
impl<const BUILT_IN: usize> IndexMut<usize> for Counters<BUILT_IN> {
    fn index_mut(&mut self, at: usize) -> &mut u64 {
        let Some(own) = at.checked_sub(BUILT_IN) else { return &mut self.built_in[at] };
        if self.own.len() <= own {
            self.own.resize(own + 1, 0);
        }
        &mut self.own[own]
    }
}

impl<const BUILT_IN: usize> Default for Counters<BUILT_IN> {
    fn default() -> Counters<BUILT_IN> {
        Counters { built_in: [0; BUILT_IN], own: Vec::new() }
    }
}

/// However many zeros are kept.
impl<const BUILT_IN: usize> PartialEq for Counters<BUILT_IN> {
    fn eq(&self, other: &Counters<BUILT_IN>) -> bool {
        let width = self.own.len().max(other.own.len());
        self.built_in == other.built_in && self.own(width).eq(other.own(width))
    }
}

impl<const BUILT_IN: usize> Eq for Counters<BUILT_IN> {}
