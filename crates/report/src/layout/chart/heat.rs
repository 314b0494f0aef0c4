//! Rows × columns of shades, with the values printed on them.

use std::ops::Range;

use super::{TEXT, fill, label, line_count, plain, widest};
use crate::layout::line_break::Alignment;
use crate::layout::metrics::MissingGlyph;
use crate::layout::page::{Canvas, Colour};
use crate::report::chart::Heat;

/// A row. The rows of 37 units just fit on the first page of an attachment.
const PITCH: f32 = 4.4;
/// Height of a line of a column's head.
const HEAD: f32 = 4.0;
const KEY: f32 = 5.0;

/// The darkest ground on which black figures are still easy to read.
const DARKEST: f32 = 0.45;

pub(super) fn height(canvas: &Canvas, chart: &Heat, rows: usize, width: f32) -> Result<f32, MissingGlyph> {
    let (_, cell) = columns(canvas, chart, width)?;
    Ok(heads(canvas, chart, cell)? as f32 * HEAD + 1.2 + rows as f32 * PITCH + KEY)
}

/// Width of the names and of a cell.
fn columns(canvas: &Canvas, chart: &Heat, width: f32) -> Result<(f32, f32), MissingGlyph> {
    let names = widest(canvas, chart.rows.iter().map(|row| row.label.as_str()), TEXT)?;
    let names = names.min(width * 0.3) + 2.0;
    Ok((names, (width - names) / chart.columns.len().max(1) as f32))
}

/// Lines of the tallest head.
fn heads(canvas: &Canvas, chart: &Heat, cell: f32) -> Result<usize, MissingGlyph> {
    chart
        .columns
        .iter()
        .try_fold(1, |most: usize, head| Ok(most.max(line_count(canvas, head, TEXT, cell - 0.6)?)))
}

pub(super) fn draw(canvas: &mut Canvas, chart: &Heat, rows: Range<usize>) -> Result<(), MissingGlyph> {
    let width = canvas.area.width;
    let (names, cell) = columns(canvas, chart, width)?;
    let lines = heads(canvas, chart, cell)?;
    for (i, head) in chart.columns.iter().enumerate() {
        let own = line_count(canvas, head, TEXT, cell - 0.6)?;
        let place = (names + i as f32 * cell + 0.3, cell - 0.6);
        // Heads stand on the first row.
        let y = canvas.y + (lines - own) as f32 * HEAD;
        canvas.text(head, plain(TEXT), place, (y, HEAD), Alignment::Center)?;
    }
    canvas.y += lines as f32 * HEAD + 1.2;
    for row in &chart.rows[rows] {
        label(canvas, &row.label, TEXT, (0.0, names - 2.0), (canvas.y, PITCH), Alignment::Right)?;
        for (i, value) in row.cells.iter().enumerate() {
            let x = names + i as f32 * cell;
            let dark = value.as_ref().map_or(0.0, |value| value.size.clamp(0.0, 1.0) as f32);
            let (corner, size) = ((x + 0.15, canvas.y + 0.15), (cell - 0.3, PITCH - 0.3));
            fill(canvas, corner, size, Colour::Grey(0.97 - DARKEST * dark));
            let text = value.as_ref().map_or("—", |value| value.printed.as_str());
            label(canvas, text, TEXT, (x, cell), (canvas.y, PITCH), Alignment::Center)?;
        }
        canvas.y += PITCH;
    }
    label(canvas, &chart.key, TEXT, (0.0, width), (canvas.y + 0.6, KEY - 0.6), Alignment::Left)?;
    canvas.y += KEY;
    Ok(())
}
