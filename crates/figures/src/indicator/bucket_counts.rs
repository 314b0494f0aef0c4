//! Counts by cell in little room: with many units a register has nearly as many cells as records, and
//! most counters of such a cell are nought or one.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use polars::prelude::PlHashMap;

use super::cell_blocks::CellBlocks;
use super::counters::OwnWidth;
use super::tally::{BUILT_IN_COUNTERS, Bucket, Counts};

/// Counts by cell, in the order of the cells. Each counter takes as many bytes as its number needs.
#[derive(Clone, Default)]
pub struct BucketCounts {
    packed: Packed,
    /// Cells that were added since; they may be among those packed, and then both count.
    loose: BTreeMap<Bucket, Counts>,
}

/// Loose cells at which it is time to pack.
const LOOSE: usize = 4_096;

/// Different kinds of records that a cell of few records is kept as.
const FEW: usize = 8;
/// Kinds of records that are kept once for all cells: 7 MB, and 32 MB with all own fields and relations that there can be.
const MOST_KINDS: usize = 1 << 14;

/// Cells with their counts one after another: the number of kinds of records (0 = all counters follow), each kind and
/// how many of it, the counts of persons.
#[derive(Clone, Default)]
struct Packed {
    cells: CellBlocks,
    /// What one record of each kind counts for.
    kinds: Arc<Vec<Counts>>,
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

    fn to_array(self) -> [u64; 5] {
        [self.persons, self.duplicates, self.roster, self.covered, self.covered_own]
    }

    fn from_array([persons, duplicates, roster, covered, covered_own]: [u64; 5]) -> PersonCounts {
        PersonCounts { persons, duplicates, roster, covered, covered_own }
    }
}

/// Puts cells together from records of few kinds.
pub struct CellBuilder<F> {
    packed: Packed,
    kinds: Vec<Counts>,
    /// What one record of a kind counts for: with many fields nearly every record is of its own kind.
    counts_of: F,
}

impl<F: Fn(u32) -> Counts> CellBuilder<F> {
    /// `counts_of` says what one record of each of so many kinds counts for.
    pub fn new(kinds: usize, counts_of: F) -> CellBuilder<F> {
        let kinds = (0..kinds.min(MOST_KINDS) as u32).map(&counts_of).collect();
        CellBuilder { packed: Packed::default(), kinds, counts_of }
    }

    /// Appends a cell, which must come after all others: how many records of each kind, and its persons. A cell in which
    /// nothing counts is left out.
    pub fn push(&mut self, cell: Bucket, records: &[(u32, u64)], persons: PersonCounts) {
        let is_known = records.iter().all(|(kind, _)| (*kind as usize) < MOST_KINDS);
        if !is_known || !(1..=FEW).contains(&records.len()) {
            let mut counts = persons.counts();
            records.iter().for_each(|(kind, times)| self.add_kind(&mut counts, *kind, *times));
            if counts != Counts::default() {
                self.packed.push(cell, &counts);
            }
            return;
        }
        let counts_for_nothing = |kind: u32| self.kinds[kind as usize] == Counts::default();
        if persons == PersonCounts::default() && records.iter().all(|(kind, _)| counts_for_nothing(*kind)) {
            return;
        }
        self.packed.cells.push(cell, |bytes| {
            varint(bytes, records.len() as u64);
            for (kind, times) in records {
                varint(bytes, u64::from(*kind));
                varint(bytes, *times);
            }
            persons.to_array().into_iter().for_each(|count| varint(bytes, count));
        });
    }

    fn add_kind(&self, counts: &mut Counts, kind: u32, times: u64) {
        match self.kinds.get(kind as usize) {
            Some(one) => counts.add_times(one, times),
            None => counts.add_times(&(self.counts_of)(kind), times),
        }
    }

    /// All cells.
    pub fn finish(mut self) -> BucketCounts {
        self.packed.kinds = Arc::new(self.kinds);
        BucketCounts { packed: self.packed, loose: BTreeMap::new() }
    }
}

impl Packed {
    /// Appends a cell, which must come after all others.
    fn push(&mut self, cell: Bucket, counts: &Counts) {
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

    fn counts(&self, at: usize) -> Counts {
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
    fn records(&self, at: usize) -> u64 {
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
    fn duplicates(&self, at: usize) -> u64 {
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
    fn cells(&self, positions: Range<usize>) -> impl Iterator<Item = (Bucket, Counts)> {
        self.cells.iter(positions).map(|(at, cell)| (cell, self.counts(at)))
    }

    /// The sum over cells by their positions. Records of one kind are counted before they are multiplied: a hundred counters are
    /// added once a kind, and not once a cell.
    fn sum(&self, positions: impl Iterator<Item = usize>) -> Counts {
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

impl BucketCounts {
    /// Adds counts to a cell. Cheapest in the order of the cells.
    pub fn add(&mut self, cell: Bucket, counts: &Counts) {
        *self.loose.entry(cell).or_default() += counts;
        if self.loose.len() < LOOSE {
            return;
        }
        let Some((last, counts)) = self.loose.pop_last() else { return };
        if self.loose.first_key_value().map(|(first, _)| first.key()) > self.packed.cells.last() {
            std::mem::take(&mut self.loose)
                .into_iter()
                .for_each(|(cell, counts)| self.packed.push(cell, &counts));
        } else if self.loose.len() > self.packed.cells.len() / 4 {
            self.pack();
        }
        // The last one may get more.
        *self.loose.entry(last).or_default() += &counts;
    }

    /// Adds all cells of another.
    pub fn merge(&mut self, other: BucketCounts) {
        *self = if self.is_empty() { other } else { merged(self.iter(), other.iter()).collect() };
    }

    fn pack(&mut self) {
        *self = self.iter().collect();
    }

    /// All cells in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Bucket, Counts)> {
        merged(
            self.packed.cells(0..self.packed.cells.len()),
            self.loose.iter().map(|(cell, counts)| (*cell, counts.clone())),
        )
    }

    /// The cells of a range in their order.
    pub fn range(&self, range: RangeInclusive<Bucket>) -> impl Iterator<Item = (Bucket, Counts)> {
        let loose = self.loose.range(range.clone()).map(|(cell, counts)| (*cell, counts.clone()));
        merged(self.packed.cells(self.packed.cells.positions(&range)), loose)
    }

    /// The sum over the cells of a range.
    pub fn sum(&self, range: RangeInclusive<Bucket>) -> Counts {
        let mut sum = self.packed.sum(self.packed.cells.positions(&range));
        self.loose.range(range).for_each(|(_, counts)| sum += counts);
        sum
    }

    /// How many records the cells of a range have.
    pub fn records(&self, range: RangeInclusive<Bucket>) -> u64 {
        let packed: u64 = self.packed.cells.positions(&range).map(|at| self.packed.records(at)).sum();
        packed + self.loose.range(range).map(|(_, counts)| counts.records).sum::<u64>()
    }

    /// How many records of the cells of a range repeat a person.
    pub fn duplicates(&self, range: RangeInclusive<Bucket>) -> u64 {
        let packed: u64 = self.packed.cells.positions(&range).map(|at| self.packed.duplicates(at)).sum();
        packed + self.loose.range(range).map(|(_, counts)| counts.duplicates).sum::<u64>()
    }

    /// The sum over the cells that are meant.
    pub fn sum_where(&self, is_meant: impl Fn(&Bucket) -> bool) -> Counts {
        let cells = self.packed.cells.iter(0..self.packed.cells.len());
        let mut sum = self.packed.sum(cells.filter(|(_, cell)| is_meant(cell)).map(|(at, _)| at));
        let loose = self.loose.iter().filter(|(cell, _)| is_meant(cell));
        loose.for_each(|(_, counts)| sum += counts);
        sum
    }

    /// Positions of the units that have cells.
    pub fn units(&self) -> BTreeSet<u32> {
        self.packed.cells.units().chain(self.loose.keys().filter_map(|cell| cell.unit)).collect()
    }

    /// The counts of a cell, if it has any.
    pub fn get(&self, cell: &Bucket) -> Option<Counts> {
        self.range(*cell..=*cell).next().map(|(_, counts)| counts)
    }

    /// Number of cells in which anything was counted.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.packed.cells.is_empty() && self.loose.is_empty()
    }

    /// What is left when other cells are taken away; `None` if they are no part of these. Cells in
    /// which nothing is left are gone.
    pub fn without(&self, other: &BucketCounts) -> Option<BucketCounts> {
        let (mut left, mut taken) = (BucketCounts::default(), other.iter().peekable());
        for (cell, counts) in self.iter() {
            match taken.next_if(|(other, _)| *other <= cell) {
                None => left.packed.push(cell, &counts),
                Some((other, less)) if other == cell => {
                    let counts = counts.without(&less)?;
                    if counts != Counts::default() {
                        left.packed.push(cell, &counts);
                    }
                }
                Some(_) => return None,
            }
        }
        taken.next().is_none().then_some(left)
    }
}

/// Cells in their order, each once.
impl FromIterator<(Bucket, Counts)> for BucketCounts {
    fn from_iter<T: IntoIterator<Item = (Bucket, Counts)>>(cells: T) -> BucketCounts {
        let mut out = BucketCounts::default();
        cells.into_iter().for_each(|(cell, counts)| out.packed.push(cell, &counts));
        out
    }
}

impl PartialEq for BucketCounts {
    fn eq(&self, other: &BucketCounts) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for BucketCounts {}

impl std::fmt::Debug for BucketCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Two ordered lists as one; cells that are in both are added up.
fn merged(
    a: impl Iterator<Item = (Bucket, Counts)>,
    b: impl Iterator<Item = (Bucket, Counts)>,
) -> impl Iterator<Item = (Bucket, Counts)> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || {
        let order = match (a.peek(), b.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => a.next(),
            Ordering::Greater => b.next(),
            Ordering::Equal => {
                let ((cell, mut counts), (_, more)) = (a.next()?, b.next()?);
                counts += &more;
                Some((cell, counts))
            }
        }
    })
}

/// Appends the counters of a cell: the built-in ones, how many own fields and relations count, and theirs.
pub fn encode(out: &mut Vec<u8>, counts: &Counts) {
    let width = counts.own_width();
    let widths = [width.fields as u64, width.relations as u64];
    counts.built_in().into_iter().chain(widths).chain(counts.own(width)).for_each(|count| varint(out, count));
}

/// Takes what [`encode`] wrote off the front; `None` if it is cut.
pub fn decode(rest: &mut &[u8]) -> Option<Counts> {
    let mut built_in = [0; BUILT_IN_COUNTERS];
    for count in &mut built_in {
        *count = taken(rest)?;
    }
    let width = OwnWidth { fields: taken(rest)? as usize, relations: taken(rest)? as usize };
    Counts::of_built_in(built_in).with_own(width, std::iter::from_fn(|| taken(rest)))
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
pub fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number off the front; `None` if it is cut.
pub fn taken(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..70).step_by(7) {
        let byte = *rest.split_off_first()?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of built-in definitions and, in half of the cases, of some own ones.
    fn random_counts(rng: &mut fastrand::Rng, mut count: impl FnMut(&mut fastrand::Rng) -> u64) -> Counts {
        let built_in = std::array::from_fn(|_| count(rng));
        let most = if rng.bool() { 0 } else { 50 };
        let width = OwnWidth { fields: rng.usize(..=most), relations: rng.usize(..=most) };
        Counts::of_built_in(built_in).with_own(width, std::iter::repeat_with(|| count(rng))).unwrap()
    }

    fn random(rng: &mut fastrand::Rng, units: u32) -> (Bucket, Counts) {
        let unit = (rng.u8(..) > 9).then(|| rng.u32(..units));
        let day = (rng.u8(..) > 9).then(|| rng.i32(-20..20));
        (Bucket { unit, day }, random_counts(rng, |rng| rng.u64(..) >> rng.u32(16..64)))
    }

    /// The same as a plain map.
    fn plain(all: &[(Bucket, Counts)]) -> BTreeMap<Bucket, Counts> {
        let mut map = BTreeMap::<Bucket, Counts>::new();
        all.iter().for_each(|(cell, counts)| *map.entry(*cell).or_default() += counts);
        map
    }

    #[test]
    fn cells_of_few_records_are_their_sums() {
        let mut rng = fastrand::Rng::with_seed(22);
        let kind = |i| if i == 7 { Counts::default() } else { random_counts(&mut rng, |rng| rng.u64(..5)) };
        let kinds: Vec<Counts> = (0..40).map(kind).collect();
        // Those beyond the first many are computed when they come.
        let counts_of = |kind: u32| kinds[kind as usize % 40].clone();
        let mut builder = CellBuilder::new(2 * MOST_KINDS, counts_of);
        let mut expected = BTreeMap::new();
        let kind_of =
            |rng: &mut fastrand::Rng| rng.u32(..40) + if rng.u8(..) < 9 { MOST_KINDS as u32 } else { 0 };
        for unit in 0..2_000 {
            let cell = Bucket { unit: Some(unit), day: Some(rng.i32(-3..3)) };
            let records: Vec<(u32, u64)> =
                (0..rng.usize(..12)).map(|_| (kind_of(&mut rng), rng.u64(1..300))).collect();
            let persons = PersonCounts::from_array(std::array::from_fn(|_| rng.u64(..3) / 2));
            let mut sum = persons.counts();
            for (kind, times) in &records {
                (0..*times).for_each(|_| sum += &counts_of(*kind));
            }
            if sum != Counts::default() {
                expected.insert(cell, sum);
            }
            builder.push(cell, &records, persons);
        }
        let cells = builder.finish();
        assert!(cells.iter().eq(expected.iter().map(|(cell, counts)| (*cell, counts.clone()))));
        for _ in 0..200 {
            let (a, b) = (rng.u32(..2_000), rng.u32(..2_000));
            let is_within = |cell: &Bucket| cell.unit >= Some(a) && cell.unit < Some(b);
            let mut sum = Counts::default();
            expected.iter().filter(|(cell, _)| is_within(cell)).for_each(|(_, counts)| sum += counts);
            assert_eq!(cells.sum_where(is_within), sum);
            let first = |unit| Bucket { unit: Some(unit), day: None };
            let records: u64 =
                cells.range(first(a)..=first(b.max(a))).map(|(_, counts)| counts.records).sum();
            assert_eq!(cells.records(first(a)..=first(b.max(a))), records);
        }
        assert_eq!(cells.units().len(), expected.len());
        // Cells that have just been added count too.
        let (mut more, total) = (cells.clone(), cells.sum_where(|_| true));
        more.add(Bucket { unit: Some(7), day: None }, &Counts { records: 3, ..Counts::default() });
        assert_eq!(more.sum_where(|_| true).records, total.records + 3);
        let seventh = Bucket { unit: Some(7), day: None }..=Bucket { unit: Some(7), day: Some(i32::MAX) };
        assert_eq!(more.sum(seventh.clone()).records, cells.sum(seventh).records + 3);
        let mut twice = cells.clone();
        twice.merge(cells.clone());
        assert!(twice.without(&cells).unwrap() == cells);
    }

    #[test]
    fn cells_are_a_map_whatever_the_order() {
        let mut rng = fastrand::Rng::with_seed(21);
        for (count, units) in [(0, 1), (50, 3), (30_000, 400), (30_000, 10)] {
            let mut all: Vec<_> = (0..count).map(|_| random(&mut rng, units)).collect();
            if rng.bool() {
                all.sort_by_key(|(cell, _)| *cell);
            }
            let expected = plain(&all);
            let mut cells = BucketCounts::default();
            all.iter().for_each(|(cell, counts)| cells.add(*cell, counts));
            assert!(cells.iter().eq(expected.iter().map(|(cell, counts)| (*cell, counts.clone()))));
            assert_eq!(cells.len(), expected.len());
            for _ in 0..200 {
                let (a, b) = (random(&mut rng, units).0, random(&mut rng, units).0);
                let range = a.min(b)..=a.max(b);
                let there = expected.range(range.clone()).map(|(cell, counts)| (*cell, counts.clone()));
                let records: u64 = there.clone().map(|(_, counts)| counts.records).sum();
                assert_eq!(cells.records(range.clone()), records);
                let duplicates: u64 = there.clone().map(|(_, counts)| counts.duplicates).sum();
                assert_eq!(cells.duplicates(range.clone()), duplicates);
                assert!(cells.range(range).eq(there));
                assert_eq!(cells.get(&a), expected.get(&a).cloned());
            }
            let (one, other) = all.split_at(all.len() / 3);
            let part = |all: &[(Bucket, Counts)]| {
                let mut cells = BucketCounts::default();
                all.iter().for_each(|(cell, counts)| cells.add(*cell, counts));
                cells
            };
            let mut merged = part(one);
            merged.merge(part(other));
            assert_eq!(merged, cells);
            let left = cells.without(&part(one)).unwrap();
            let nothing = |(_, counts): &(Bucket, Counts)| *counts != Counts::default();
            assert!(left.iter().eq(part(other).iter().filter(nothing)));
            assert!(one.is_empty() || BucketCounts::default().without(&part(one)).is_none());
        }
    }
}
