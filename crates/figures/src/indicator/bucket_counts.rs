//! Counts by cell in little room: with many units a register has nearly as many cells as records, and
//! most counters of such a cell are nought or one.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::tally::{BUILT_IN_COUNTERS, Bucket, COUNTERS, Counts};

/// Counts by cell, in the order of the cells. Each counter takes as many bytes as its number needs.
#[derive(Clone, Default)]
pub struct BucketCounts {
    packed: Packed,
    /// Cells that were added since; they may be among those packed, and then both count.
    loose: BTreeMap<Bucket, Counts>,
}

/// Loose cells at which it is time to pack.
const LOOSE: usize = 4_096;

/// Cells with their counts behind each other.
#[derive(Clone, Default)]
struct Packed {
    cells: Vec<Bucket>,
    /// Where the counters of each cell end.
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl Packed {
    /// Appends a cell, which must come after all others.
    fn push(&mut self, cell: Bucket, counts: Counts) {
        encode(&mut self.bytes, counts);
        let own = &counts.to_array()[BUILT_IN_COUNTERS..];
        if own.iter().any(|count| *count > 0) {
            own.iter().for_each(|count| varint(&mut self.bytes, *count));
        }
        self.cells.push(cell);
        self.ends.push(self.bytes.len());
    }

    fn counts(&self, at: usize) -> Counts {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let mut rest = &self.bytes[start..self.ends[at]];
        // Only whole cells are ever packed.
        let counts = decode(&mut rest).unwrap_or_default();
        if rest.is_empty() {
            return counts;
        }
        let mut counters = counts.to_array();
        for count in &mut counters[BUILT_IN_COUNTERS..] {
            *count = taken(&mut rest).unwrap_or_default();
        }
        Counts::from_array(counters)
    }

    fn range(&self, range: RangeInclusive<Bucket>) -> impl Iterator<Item = (Bucket, Counts)> {
        let from = self.cells.partition_point(|cell| cell < range.start());
        let to = self.cells.partition_point(|cell| cell <= range.end());
        (from..to.max(from)).map(|at| (self.cells[at], self.counts(at)))
    }
}

impl BucketCounts {
    /// Adds counts to a cell. Cheapest in the order of the cells.
    pub fn add(&mut self, cell: Bucket, counts: Counts) {
        *self.loose.entry(cell).or_default() += counts;
        if self.loose.len() < LOOSE {
            return;
        }
        let Some((last, counts)) = self.loose.pop_last() else { return };
        if self.loose.first_key_value().map(|(first, _)| first) > self.packed.cells.last() {
            std::mem::take(&mut self.loose)
                .into_iter()
                .for_each(|(cell, counts)| self.packed.push(cell, counts));
        } else if self.loose.len() > self.packed.cells.len() / 4 {
            self.pack();
        }
        // The last one may get more.
        *self.loose.entry(last).or_default() += counts;
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
        let packed = (0..self.packed.cells.len()).map(|at| (self.packed.cells[at], self.packed.counts(at)));
        merged(packed, self.loose.iter().map(|(cell, counts)| (*cell, *counts)))
    }

    /// The cells of a range in their order.
    pub fn range(&self, range: RangeInclusive<Bucket>) -> impl Iterator<Item = (Bucket, Counts)> {
        let loose = self.loose.range(range.clone()).map(|(cell, counts)| (*cell, *counts));
        merged(self.packed.range(range), loose)
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
                None => left.packed.push(cell, counts),
                Some((other, less)) if other == cell => {
                    let counts = counts.without(less)?;
                    if counts != Counts::default() {
                        left.packed.push(cell, counts);
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
        cells.into_iter().for_each(|(cell, counts)| out.packed.push(cell, counts));
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
                counts += more;
                Some((cell, counts))
            }
        }
    })
}

/// Appends the built-in counters of a cell.
pub fn encode(out: &mut Vec<u8>, counts: Counts) {
    counts.to_array()[..BUILT_IN_COUNTERS].iter().for_each(|count| varint(out, *count));
}

/// Takes the built-in counters of a cell off the front; `None` if they are cut.
pub fn decode(rest: &mut &[u8]) -> Option<Counts> {
    let mut counts = [0; COUNTERS];
    for count in &mut counts[..BUILT_IN_COUNTERS] {
        *count = taken(rest)?;
    }
    Some(Counts::from_array(counts))
}

/// Writes all counters of a cell, those of own definitions only where any counts.
pub fn encode_all(out: &mut Vec<u8>, counts: Counts) {
    let counters = counts.to_array();
    let own = &counters[BUILT_IN_COUNTERS..];
    let has_own = own.iter().any(|count| *count > 0);
    out.push(u8::from(has_own));
    encode(out, counts);
    if has_own {
        own.iter().for_each(|count| varint(out, *count));
    }
}

/// Takes what [`encode_all`] wrote off the front; `None` if it is cut.
pub fn decode_all(rest: &mut &[u8]) -> Option<Counts> {
    let has_own = *rest.split_off_first()? == 1;
    let mut counters = decode(rest)?.to_array();
    if has_own {
        for count in &mut counters[BUILT_IN_COUNTERS..] {
            *count = taken(rest)?;
        }
    }
    Some(Counts::from_array(counters))
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

    fn random(rng: &mut fastrand::Rng, units: u32) -> (Bucket, Counts) {
        let unit = (rng.u8(..) > 9).then(|| rng.u32(..units));
        let day = (rng.u8(..) > 9).then(|| rng.i32(-20..20));
        let counts = std::array::from_fn(|_| rng.u64(..) >> rng.u32(8..64));
        (Bucket { unit, day }, Counts::from_array(counts))
    }

    /// The same as a plain map.
    fn plain(all: &[(Bucket, Counts)]) -> BTreeMap<Bucket, Counts> {
        let mut map = BTreeMap::<Bucket, Counts>::new();
        all.iter().for_each(|(cell, counts)| *map.entry(*cell).or_default() += *counts);
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
            all.iter().for_each(|(cell, counts)| cells.add(*cell, *counts));
            assert!(cells.iter().eq(expected.iter().map(|(cell, counts)| (*cell, *counts))));
            assert_eq!(cells.len(), expected.len());
            for _ in 0..200 {
                let (a, b) = (random(&mut rng, units).0, random(&mut rng, units).0);
                let range = a.min(b)..=a.max(b);
                let there = expected.range(range.clone()).map(|(cell, counts)| (*cell, *counts));
                assert!(cells.range(range).eq(there));
                assert_eq!(cells.get(&a), expected.get(&a).copied());
            }
            let (one, other) = all.split_at(all.len() / 3);
            let part = |all: &[(Bucket, Counts)]| {
                let mut cells = BucketCounts::default();
                all.iter().for_each(|(cell, counts)| cells.add(*cell, *counts));
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
