//! The league table in the terminal.

use unicode_width::UnicodeWidthStr;

use crate::report::document::{Align, Table};
use crate::report::series::{self, Series, Sources};

/// A table in columns of terminal cells: Chinese characters take two.
pub fn text(table: &Table) -> String {
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|i| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(i)).map(|cell| cell.text.width());
            cells.chain([table.columns[i].head.width()]).max().unwrap_or(0)
        })
        .collect();
    let line = |texts: Vec<&str>| -> String {
        let cells: Vec<String> = texts
            .iter()
            .zip(&table.columns)
            .zip(&widths)
            .map(|((text, column), width)| pad(text, *width, column.align))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    let mut out = line(table.columns.iter().map(|column| column.head.as_str()).collect());
    for row in &table.rows {
        out.push_str(&line(row.cells.iter().map(|cell| cell.text.as_str()).collect()));
    }
    out
}

fn pad(text: &str, width: usize, align: Align) -> String {
    let blank = width.saturating_sub(text.width());
    match align {
        Align::Right => format!("{}{text}", " ".repeat(blank)),
        Align::Left => format!("{text}{}", " ".repeat(blank)),
        Align::Center => format!("{}{text}{}", " ".repeat(blank / 2), " ".repeat(blank - blank / 2)),
    }
}

/// One of the named tables of the results.
pub fn table(sources: Sources, name: &str) -> Table {
    match series::all(sources).remove(name) {
        Some(Series::Table(table)) => table,
        Some(Series::Chart(_)) | None => Table::default(),
    }
}
