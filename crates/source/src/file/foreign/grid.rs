//! Sheets in memory, as the reading process holds them until it tells their rows.

use super::super::merged::Merged;
use super::super::table::{FileCell, Rows};
use super::super::workbook::{PendingCell, SheetCells, flush};
use super::child::{Out, Stop};
use crate::SourceError;

/// Most columns and rows of a sheet, as spreadsheets have them.
const COLUMNS: u32 = 1 << 14;
const ROWS: u32 = 1 << 20;

/// A sheet whose cells are set in the order of its rows.
#[derive(Default)]
pub(crate) struct SparseSheet {
    pub name: String,
    pub is_hidden: bool,
    /// Row (from 0) and its cells.
    rows: Vec<(u32, Vec<PendingCell<'static>>)>,
    /// First row, column and last row of merged cells.
    merged: Vec<(u32, u32, u32)>,
}

impl SparseSheet {
    pub(crate) fn named(name: String) -> SparseSheet {
        SparseSheet { name, ..SparseSheet::default() }
    }

    /// Sets a cell; the row is the last one or a later one.
    pub(crate) fn set(&mut self, row: u32, column: u32, value: PendingCell<'static>) -> Result<(), Stop> {
        if value == PendingCell::Empty {
            return Ok(());
        }
        if row >= ROWS || column >= COLUMNS || self.rows.last().is_some_and(|(last, _)| *last > row) {
            return Err(Stop::contradiction());
        }
        if self.rows.last().is_none_or(|(last, _)| *last != row) {
            self.rows.push((row, Vec::new()));
        }
        if let Some((_, cells)) = self.rows.last_mut() {
            cells.resize(cells.len().max(column as usize + 1), PendingCell::Empty);
            cells[column as usize] = value;
        }
        Ok(())
    }

    /// Notes a cell that reaches down to the row `end`.
    pub(crate) fn merge(&mut self, row: u32, column: u32, end: u32) {
        if end > row {
            self.merged.push((row, column, end));
        }
    }

    /// The cells of the last row once more, for the rows that follow it.
    pub(crate) fn repeat(&mut self, row: u32, times: u32) -> Result<(), Stop> {
        let Some((_, cells)) = self.rows.last().filter(|(last, _)| *last == row) else { return Ok(()) };
        let cells = cells.clone();
        for at in row + 1..row.saturating_add(times) {
            if at >= ROWS {
                return Err(Stop::contradiction());
            }
            self.rows.push((at, cells.clone()));
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Tells the sheets and all their rows.
pub(crate) fn tell(grids: Vec<SparseSheet>, out: &mut Out) -> Result<(), Stop> {
    let sheets: Vec<SheetCells> =
        grids.iter().map(|grid| SheetCells { name: grid.name.clone(), is_hidden: grid.is_hidden }).collect();
    out.sheets(&sheets)?;
    for grid in grids {
        let mut merged = Merged::new(grid.merged);
        for (row, mut cells) in grid.rows {
            for (column, value) in cells.iter().enumerate() {
                merged.begin(row, column as u32, value);
            }
            flush(row, &mut cells, &mut merged, &mut Telling(out)).map_err(|_| Stop::Closed)?;
        }
        out.end()?;
    }
    Ok(())
}

/// Rows on their way to the parent.
struct Telling<'a>(&'a mut Out);

impl Rows for Telling<'_> {
    fn width(&self) -> Option<usize> {
        None
    }

    fn filled_down(&mut self, column: usize) -> Result<(), SourceError> {
        let column = u32::try_from(column).unwrap_or(u32::MAX);
        self.0.filled_down(column).map_err(|_| SourceError::Damaged("nobody takes the rows"))
    }

    fn row(&mut self, line: u64, cells: &[FileCell<'_>]) -> Result<(), SourceError> {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        self.0.row(line, cells).map_err(|_| SourceError::Damaged("nobody takes the rows"))
    }
}
