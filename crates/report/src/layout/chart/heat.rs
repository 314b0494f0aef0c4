//! Rows × columns of shades, with the values printed on them.

use std::ops::Range;

use super::{TEXT, fill, label, plain, widest};
use crate::layout::compose::title::set_by_sense;
use crate::layout::line_break::{Alignment, SetLine};
use crate::layout::metrics::MissingGlyph;
use crate::layout::page::{Canvas, Colour};
use crate::report::chart::{Heat, HeatRow};

/// A row. The rows of 37 units just fit on the first page of an attachment.
const PITCH: f32 = 4.4;
/// Height of a line of a column's head.
const HEAD: f32 = 4.0;
const KEY: f32 = 5.0;

/// The darkest ground on which black figures are still easy to read.
const DARKEST: f32 = 0.45;

/// Blank beside the values of a cell, in mm.
const BESIDE: f32 = 0.6;
/// Blank above the columns that stand below others.
const BETWEEN: f32 = 1.5;

/// The columns, as many side by side as have room for their values; the others stand below them.
struct HeatGrid {
    /// Width of the names.
    names: f32,
    cell: f32,
    columns: usize,
    /// Lines of the tallest head.
    heads: usize,
}

impl HeatGrid {
    fn of(canvas: &Canvas, chart: &Heat, width: f32) -> Result<HeatGrid, MissingGlyph> {
        let names = widest(canvas, chart.rows.iter().map(|row| row.label.as_str()), TEXT)?;
        let names = names.min(width * 0.3) + 2.0;
        let values = chart.rows.iter().flat_map(|row| row.cells.iter().flatten());
        let values = widest(canvas, values.map(|value| value.printed.as_str()), TEXT)? + BESIDE;
        let most = (((width - names) / values) as usize).max(1);
        let bands = chart.columns.len().div_ceil(most).max(1);
        let columns = chart.columns.len().div_ceil(bands).max(1);
        let cell = (width - names) / columns as f32;
        let heads = chart
            .columns
            .iter()
            .try_fold(1, |most: usize, head| Ok(most.max(head_lines(canvas, head, cell)?.len())))?;
        Ok(HeatGrid { names, cell, columns, heads })
    }
}

fn head_lines(canvas: &Canvas, head: &str, cell: f32) -> Result<Vec<SetLine>, MissingGlyph> {
    set_by_sense(canvas, head, plain(TEXT), cell - BESIDE, "chart")
}

pub(super) fn height(canvas: &Canvas, chart: &Heat, rows: usize, width: f32) -> Result<f32, MissingGlyph> {
    let grid = HeatGrid::of(canvas, chart, width)?;
    let bands = chart.columns.len().div_ceil(grid.columns).max(1) as f32;
    let band = grid.heads as f32 * HEAD + 1.2 + rows as f32 * PITCH;
    Ok(bands * band + (bands - 1.0) * BETWEEN + KEY)
}

pub(super) fn draw(canvas: &mut Canvas, chart: &Heat, rows: Range<usize>) -> Result<(), MissingGlyph> {
    let width = canvas.area.width;
    let grid = HeatGrid::of(canvas, chart, width)?;
    for (band, heads) in chart.columns.chunks(grid.columns).enumerate() {
        canvas.y += if band == 0 { 0.0 } else { BETWEEN };
        draw_heads(canvas, heads, &grid)?;
        let columns = band * grid.columns..band * grid.columns + heads.len();
        for row in &chart.rows[rows.clone()] {
            draw_row(canvas, row, columns.clone(), &grid)?;
        }
    }
    label(canvas, &chart.key, TEXT, (0.0, width), (canvas.y + 0.6, KEY - 0.6), Alignment::Left)?;
    canvas.y += KEY;
    Ok(())
}

/// The heads stand on the first row.
fn draw_heads(canvas: &mut Canvas, heads: &[String], grid: &HeatGrid) -> Result<(), MissingGlyph> {
    for (i, head) in heads.iter().enumerate() {
        let lines = head_lines(canvas, head, grid.cell)?;
        let mut y = canvas.y + (grid.heads - lines.len()) as f32 * HEAD;
        for line in &lines {
            let x = grid.names + i as f32 * grid.cell + (grid.cell - line.width).max(0.0) / 2.0;
            canvas.put(line, x, y, HEAD, plain(TEXT));
            y += HEAD;
        }
    }
    canvas.y += grid.heads as f32 * HEAD + 1.2;
    Ok(())
}

fn draw_row(
    canvas: &mut Canvas,
    row: &HeatRow,
    columns: Range<usize>,
    grid: &HeatGrid,
) -> Result<(), MissingGlyph> {
    let HeatGrid { names, cell, .. } = *grid;
    label(canvas, &row.label, TEXT, (0.0, names - 2.0), (canvas.y, PITCH), Alignment::Right)?;
    for (i, value) in row.cells.iter().skip(columns.start).take(columns.len()).enumerate() {
        let x = names + i as f32 * cell;
        let dark = value.as_ref().map_or(0.0, |value| value.size.clamp(0.0, 1.0) as f32);
        let (corner, size) = ((x + 0.15, canvas.y + 0.15), (cell - 0.3, PITCH - 0.3));
        fill(canvas, corner, size, Colour::Grey(0.97 - DARKEST * dark));
        let text = value.as_ref().map_or("—", |value| value.printed.as_str());
        label(canvas, text, TEXT, (x, cell), (canvas.y, PITCH), Alignment::Center)?;
    }
    canvas.y += PITCH;
    Ok(())
}
