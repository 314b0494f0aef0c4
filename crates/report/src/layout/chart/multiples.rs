//! A small trend for each unit, all on one scale.

use std::ops::Range;

use super::lines::{Plot, key, key_rows, mark};
use super::{TEXT, label, measure, stroke};
use crate::layout::line_break::Alignment;
use crate::layout::metrics::MissingGlyph;
use crate::layout::page::{Canvas, Colour};
use crate::report::chart::{Multiples, Panel, Scale};

/// Narrowest panel and the blank between two, in mm.
const LEAST: f32 = 42.0;
const BETWEEN: f32 = 3.0;
const KEY: f32 = 5.0;
/// Name, plot and values of a panel, and the blank below it.
const NAME: f32 = 4.2;
/// Between a name and the marks of a line at the upper edge of its plot.
const CLEAR: f32 = 0.9;
const PLOT: f32 = 11.0;
const VALUES: f32 = 4.0;
/// Values side by side below a panel.
const IN_A_ROW: usize = 3;
const FRAME: Colour = Colour::Grey(0.7);

pub(super) fn columns(width: f32) -> usize {
    (((width + BETWEEN) / (LEAST + BETWEEN)) as usize).max(1)
}

pub(super) fn height(chart: &Multiples, rows: usize, width: f32) -> f32 {
    key_height(chart, width) + rows as f32 * pitch(chart)
}

/// From one row of panels to the next.
fn pitch(chart: &Multiples) -> f32 {
    NAME + CLEAR + PLOT + VALUES * chart.names.len().div_ceil(IN_A_ROW).max(1) as f32 + 1.0
}

fn key_height(chart: &Multiples, width: f32) -> f32 {
    key_rows(width, chart.names.len()) as f32 * KEY + 1.0
}

pub(super) fn draw(canvas: &mut Canvas, chart: &Multiples, rows: Range<usize>) -> Result<(), MissingGlyph> {
    key(canvas, &chart.names, &remarks(chart), KEY)?;
    canvas.y += key_height(chart, canvas.area.width);
    let pitch = pitch(chart);
    let columns = columns(canvas.area.width);
    let width = (canvas.area.width + BETWEEN) / columns as f32 - BETWEEN;
    let shown = chart.panels.iter().skip(rows.start * columns).take(rows.len() * columns);
    for (i, panel) in shown.enumerate() {
        let x = (i % columns) as f32 * (width + BETWEEN);
        let y = canvas.y + (i / columns) as f32 * pitch;
        draw_panel(canvas, panel, &chart.scale, (x, y), width)?;
    }
    canvas.y += rows.len() as f32 * pitch;
    Ok(())
}

/// The scale of all panels, and the periods they span.
fn remarks(chart: &Multiples) -> [String; 2] {
    let end = |text: Option<&String>| text.cloned().unwrap_or_default();
    [
        format!("{}–{}", end(chart.scale.marks.first()), end(chart.scale.marks.last())),
        format!("{}–{}", chart.span[0], chart.span[1]),
    ]
}

fn draw_panel(
    canvas: &mut Canvas,
    panel: &Panel,
    scale: &Scale,
    (x, y): (f32, f32),
    width: f32,
) -> Result<(), MissingGlyph> {
    label(canvas, &panel.title, TEXT, (x, width), (y, NAME), Alignment::Left)?;
    let (top, bottom) = (y + NAME + CLEAR, y + NAME + CLEAR + PLOT);
    for at in [top, bottom] {
        stroke(canvas, (x, at), (x + width, at), 0.1, FRAME, None);
    }
    let points = panel.lines.iter().map(Vec::len).max().unwrap_or(0);
    let plot = Plot { left: x, top, width, height: PLOT, inset: 1.5, scale, points, mark: 0.55 };
    for (number, line) in panel.lines.iter().enumerate() {
        plot.line(canvas, line, number, 0.3);
    }
    last_values(canvas, panel, (x, bottom), width)
}

/// The last value of each line, behind its mark.
fn last_values(
    canvas: &mut Canvas,
    panel: &Panel,
    (x, y): (f32, f32),
    width: f32,
) -> Result<(), MissingGlyph> {
    let column = width / panel.lines.len().clamp(1, IN_A_ROW) as f32;
    for (number, line) in panel.lines.iter().enumerate() {
        let text = line.last().and_then(Option::as_ref).map_or("—", |value| value.printed.as_str());
        let left = x + (number % IN_A_ROW) as f32 * column;
        let y = y + (number / IN_A_ROW) as f32 * VALUES;
        mark(canvas, (left + 0.7, y + VALUES / 2.0), number, 0.55);
        let room = measure(canvas, text, TEXT)?;
        label(canvas, text, TEXT, (left + 1.7, room), (y, VALUES), Alignment::Left)?;
    }
    Ok(())
}
