//! Merged cells: a spreadsheet keeps their value in the first cell alone, and a person sees it in all.

use std::collections::HashMap;

/// The merged cells of a sheet that reach over several rows, and their values as the rows go by. A value
/// is filled down its own column, not across.
pub(crate) struct Merged<V> {
    /// Last row by the first cell (row and column, from 0).
    regions: HashMap<(u32, u32), u32>,
    /// Column, last row and value of the regions that the current row is in.
    open: Vec<(u32, u32, V)>,
}

impl<V: Clone> Merged<V> {
    /// `regions`: first row, first column and last row of each.
    pub(crate) fn new(regions: impl IntoIterator<Item = (u32, u32, u32)>) -> Merged<V> {
        let tall = regions.into_iter().filter(|(row, _, end)| end > row);
        Merged { regions: tall.map(|(row, column, end)| ((row, column), end)).collect(), open: Vec::new() }
    }

    /// Notes the value of a cell that begins a region.
    pub(crate) fn begin(&mut self, row: u32, column: u32, value: &V) {
        if self.regions.is_empty() {
            return;
        }
        if let Some(end) = self.regions.get(&(row, column)) {
            self.open.push((column, *end, value.clone()));
        }
    }

    /// The values that a row has from regions that began above it, by column.
    pub(crate) fn of_row(&mut self, row: u32) -> &[(u32, u32, V)] {
        self.open.retain(|(_, end, _)| *end >= row);
        &self.open
    }
}
