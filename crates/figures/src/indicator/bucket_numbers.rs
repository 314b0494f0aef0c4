//! Places: the cells met so far, numbered, so that a record's place is one small number.

use polars::prelude::PlHashMap;

use super::tally::Bucket;

/// Cells in the order in which they were first met.
#[derive(Debug, Clone, Default)]
pub struct Places {
    cells: Vec<Bucket>,
    index: PlHashMap<Bucket, u32>,
    last: Option<(Bucket, u32)>,
}

impl Places {
    /// The number of a cell; a new one is added.
    pub fn index(&mut self, cell: Bucket) -> u32 {
        if let Some((last, index)) = self.last
            && last == cell
        {
            return index;
        }
        // Units times days stay far below 2^31.
        let next = self.cells.len() as u32;
        let index = *self.index.entry(cell).or_insert(next);
        if index == next {
            self.cells.push(cell);
        }
        self.last = Some((cell, index));
        index
    }

    /// The cell that a number stands for.
    pub fn cell(&self, index: u32) -> Bucket {
        self.cells[index as usize]
    }

    /// All cells, in the order of their numbers.
    pub fn cells(&self) -> impl Iterator<Item = Bucket> {
        self.cells.iter().copied()
    }
}
