//! Cells put together from records that were counted by kind.

use std::sync::Arc;

use super::bucket_counts::BucketCounts;
use super::counter_bytes::varint;
use super::counts::Counts;
use super::packed_cells::{PackedCells, PersonCounts};
use super::tally::Bucket;

/// Different kinds of records that a cell of few records is kept as.
const FEW: usize = 8;
/// Kinds of records that are kept once for all cells: 7 MB, and 32 MB with all own fields and relations that there can be.
const MOST_KINDS: usize = 1 << 14;

/// Puts cells together from records of few kinds.
pub(super) struct CellBuilder<F> {
    packed: PackedCells,
    kinds: Vec<Counts>,
    /// What one record of a kind counts for: with many fields nearly every record is of its own kind.
    counts_of: F,
}

impl<F: Fn(u32) -> Counts> CellBuilder<F> {
    /// `counts_of` says what one record of each of so many kinds counts for.
    pub(super) fn new(kinds: usize, counts_of: F) -> CellBuilder<F> {
        let kinds = (0..kinds.min(MOST_KINDS) as u32).map(&counts_of).collect();
        CellBuilder { packed: PackedCells::default(), kinds, counts_of }
    }

    /// Appends a cell, which must come after all others: how many records of each kind, and its persons. A cell in which
    /// nothing counts is left out.
    pub(super) fn push(&mut self, cell: Bucket, records: &[(u32, u64)], persons: PersonCounts) {
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
    pub(super) fn finish(mut self) -> BucketCounts {
        self.packed.kinds = Arc::new(self.kinds);
        BucketCounts::of_packed(self.packed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn cells_of_few_records_are_their_sums() {
        let mut rng = fastrand::Rng::with_seed(22);
        let kind = |i| if i == 7 { Counts::default() } else { Counts::random(&mut rng, |rng| rng.u64(..5)) };
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
}
