//! Cells with their counters, in blocks: nothing is moved when more come, and no room is kept for none.

use std::ops::{Range, RangeInclusive};

use super::bucket_numbers::BucketKey;
use super::tally::Bucket;

/// Cells of a block. The counters of a cell take less than 4 kB, and those of a block far less than 4 GB.
const BLOCK: usize = 1 << 12;

/// Cells in their order, each with the bytes that its counters are kept in. Apart from these a cell takes eight.
#[derive(Clone, Default)]
pub(super) struct CellBlocks {
    /// Units that have cells, as halves of keys, and the position of the first cell of each.
    units: Vec<(u32, usize)>,
    /// All of them are full but the last.
    blocks: Vec<CellBlock>,
}

#[derive(Clone, Default)]
struct CellBlock {
    /// The other half of each cell's key.
    days: Vec<u32>,
    /// Where the bytes of each cell end.
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl CellBlock {
    fn is_full(&self) -> bool {
        self.days.len() == BLOCK
    }
}

impl CellBlocks {
    /// Appends a cell, which must come after all others; `write` appends the bytes of its counters.
    pub(super) fn push(&mut self, cell: Bucket, write: impl FnOnce(&mut Vec<u8>)) {
        let (unit, day) = cell.key().halves();
        if self.units.last().is_none_or(|(last, _)| *last != unit) {
            self.units.push((unit, self.len()));
        }
        if self.blocks.last().is_none_or(CellBlock::is_full) {
            self.blocks.push(CellBlock::default());
        }
        let Some(block) = self.blocks.last_mut() else { return };
        write(&mut block.bytes);
        block.days.push(day);
        block.ends.push(block.bytes.len() as u32);
        if block.is_full() {
            block.bytes.shrink_to_fit();
        }
    }

    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.days.len())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The bytes of the counters of the cell at a position.
    pub(super) fn bytes(&self, at: usize) -> &[u8] {
        let (block, at) = (&self.blocks[at / BLOCK], at % BLOCK);
        let start = at.checked_sub(1).map_or(0, |before| block.ends[before]);
        &block.bytes[start as usize..block.ends[at] as usize]
    }

    fn day(&self, at: usize) -> u32 {
        self.blocks[at / BLOCK].days[at % BLOCK]
    }

    /// The last cell.
    pub(super) fn last(&self) -> Option<BucketKey> {
        let (unit, _) = self.units.last()?;
        Some(BucketKey::of_halves(*unit, self.day(self.len() - 1)))
    }

    /// Positions of the cells of a range.
    pub(super) fn positions(&self, range: &RangeInclusive<Bucket>) -> Range<usize> {
        let (start, end) = (range.start().key(), range.end().key());
        let from = self.first_that(start, |cell| cell >= start);
        let to = self.first_that(end, |cell| cell > end);
        from..to.max(from)
    }

    /// The position of the first cell that `is_behind`, as are all that follow it, all of later units than that of `key`, and
    /// none of earlier ones.
    fn first_that(&self, key: BucketKey, is_behind: impl Fn(BucketKey) -> bool) -> usize {
        let at = self.units.partition_point(|(unit, _)| *unit < key.halves().0);
        let first_of = |at: usize| self.units.get(at).map_or(self.len(), |(_, first)| *first);
        let Some((unit, _)) = self.units.get(at) else { return self.len() };
        let (mut from, mut to) = (first_of(at), first_of(at + 1));
        while from < to {
            let middle = from.midpoint(to);
            match is_behind(BucketKey::of_halves(*unit, self.day(middle))) {
                true => to = middle,
                false => from = middle + 1,
            }
        }
        from
    }

    /// Cells with their positions, of positions that follow one another.
    pub(super) fn iter(&self, positions: Range<usize>) -> impl Iterator<Item = (usize, Bucket)> {
        let mut unit = self.units.partition_point(|(_, first)| *first <= positions.start).saturating_sub(1);
        positions.map(move |at| {
            while self.units.get(unit + 1).is_some_and(|(_, first)| *first <= at) {
                unit += 1;
            }
            (at, BucketKey::of_halves(self.units[unit].0, self.day(at)).bucket())
        })
    }

    /// The known units that have cells.
    pub(super) fn units(&self) -> impl Iterator<Item = u32> {
        self.units.iter().filter_map(|(unit, _)| BucketKey::of_halves(*unit, 0).bucket().unit)
    }
}
