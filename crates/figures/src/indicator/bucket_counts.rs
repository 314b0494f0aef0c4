//! Counts by cell in little room: with many units a register has nearly as many cells as records, and
//! most counters of such a cell are nought or one.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::counts::Counts;
use super::packed_cells::PackedCells;
use super::tally::Bucket;

/// Counts by cell, in the order of the cells. Each counter takes as many bytes as its number needs.
#[derive(Clone, Default)]
pub struct BucketCounts {
    packed: PackedCells,
    /// Cells that were added since; they may be among those packed, and then both count.
    loose: BTreeMap<Bucket, Counts>,
}

/// Loose cells at which it is time to pack.
const LOOSE: usize = 4_096;

impl BucketCounts {
    /// Those that are packed.
    pub(super) fn of_packed(packed: PackedCells) -> BucketCounts {
        BucketCounts { packed, loose: BTreeMap::new() }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn random(rng: &mut fastrand::Rng, units: u32) -> (Bucket, Counts) {
        let unit = (rng.u8(..) > 9).then(|| rng.u32(..units));
        let day = (rng.u8(..) > 9).then(|| rng.i32(-20..20));
        (Bucket { unit, day }, Counts::random(rng, |rng| rng.u64(..) >> rng.u32(16..64)))
    }

    /// The same as a plain map.
    fn plain(all: &[(Bucket, Counts)]) -> BTreeMap<Bucket, Counts> {
        let mut map = BTreeMap::<Bucket, Counts>::new();
        all.iter().for_each(|(cell, counts)| *map.entry(*cell).or_default() += counts);
        map
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
