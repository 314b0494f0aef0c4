//! Places: the cells met so far, numbered, so that a record's place is one small number.

use polars::prelude::PlHashMap;

use super::tally::Cell;

/// Cells in the order in which they were first met.
#[derive(Debug, Clone, Default)]
pub struct Places {
    cells: Vec<Cell>,
    index: PlHashMap<Cell, u32>,
    last: Option<(Cell, u32)>,
}

impl Places {
    /// The number of a cell; a new one is added.
    pub fn index(&mut self, cell: Cell) -> u32 {
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
    pub fn cell(&self, index: u32) -> Cell {
        self.cells[index as usize]
    }

    /// All cells, in the order of their numbers.
    pub fn cells(&self) -> impl Iterator<Item = Cell> {
        self.cells.iter().copied()
    }
}
