//! The league table in the terminal.

use super::columns::columns;
use super::language::CommandLanguage;
use crate::report::document::Table;
use crate::report::series::{self, Series, Sources};

/// A table in columns of terminal cells.
pub(super) fn text(table: &Table) -> String {
    let heads: Vec<_> = table.columns.iter().map(|column| (column.head.as_str(), column.align)).collect();
    let cells = table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect());
    // Its heads are in the language of the document.
    columns(CommandLanguage::English, &heads, &cells.collect::<Vec<_>>())
}

/// One of the named tables of the results.
pub(super) fn table(sources: Sources, name: &str) -> Table {
    match series::all(sources).remove(name) {
        Some(Series::Table(table)) => table,
        Some(Series::Chart(_)) | None => Table::default(),
    }
}
