//! Tables with more columns than a page is wide, in parts below each other.

use std::borrow::Cow;
use std::ops::Range;

use super::widths::narrowest;
use crate::layout::metrics::Metrics;
use crate::layout::page::{Canvas, TURNED, UPRIGHT};
use crate::report::document::{Block, Document, Row, Table};

/// The document with each table whose heads even a turned page would divide within words in parts, each as wide as an
/// upright page at most. Every part has the names of the rows.
pub fn in_parts<'a>(document: &'a Document, metrics: &dyn Metrics) -> Cow<'a, Document> {
    let mut canvas = Canvas::new(metrics);
    canvas.words = document.head.words;
    let mut blocks = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Table(table) => blocks.extend(parts(&canvas, table).into_iter().map(Block::Table)),
            other => blocks.push(other.clone()),
        }
    }
    if blocks.len() == document.blocks.len() {
        return Cow::Borrowed(document);
    }
    Cow::Owned(Document { blocks, ..document.clone() })
}

/// The parts of a table, or the table alone. A character that no font has is found where the table is set.
fn parts(canvas: &Canvas, table: &Table) -> Vec<Table> {
    let Ok(Some(widths)) = narrowest(canvas, table) else { return vec![table.clone()] };
    let sum = |widths: &[f32]| widths.iter().sum::<f32>();
    if sum(&widths) <= TURNED.width {
        return vec![table.clone()];
    }
    let named = table.unit.map_or(1, |unit| unit + 1).min(widths.len());
    let (names, others) = widths.split_at(named);
    let room = UPRIGHT.width - sum(names);
    let fits = |count: &usize| others.chunks(others.len().div_ceil(*count)).all(|part| sum(part) <= room);
    let count = (1..others.len()).find(fits).unwrap_or(others.len()).max(1);
    let size = others.len().div_ceil(count).max(1);
    let starts = (named..widths.len()).step_by(size);
    let mut out: Vec<Table> =
        starts.map(|start| part(table, named, start..(start + size).min(widths.len()))).collect();
    if let Some(last) = out.last_mut() {
        (last.note, last.line_note) = (table.note.clone(), table.line_note.clone());
    }
    out
}

/// The first `named` columns of a table and those of a range, without note.
fn part(table: &Table, named: usize, columns: Range<usize>) -> Table {
    fn picked<T: Clone>(all: &[T], named: usize, columns: Range<usize>) -> Vec<T> {
        let end = columns.end.min(all.len());
        let (names, range) = (&all[..named.min(all.len())], columns.start.min(end)..end);
        names.iter().chain(&all[range]).cloned().collect()
    }
    let row = |row: &Row| Row { cells: picked(&row.cells, named, columns.clone()), ..row.clone() };
    Table {
        columns: picked(&table.columns, named, columns.clone()),
        rows: table.rows.iter().map(row).collect(),
        targets: picked(&table.targets, named, columns.clone()),
        note: None,
        line_note: None,
        ..table.clone()
    }
}
