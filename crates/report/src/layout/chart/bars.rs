//! Horizontal bars with a line at the target.

use std::ops::Range;

use super::{TEXT, fill, label, measure, stroke, widest};
use crate::layout::line_break::Alignment;
use crate::layout::metrics::MissingGlyph;
use crate::layout::page::{Canvas, Colour};
use crate::report::chart::{Bars, ChartBar, ChartValue};

const PITCH: f32 = 5.2;
const BAR: f32 = 3.4;
/// Key above the bars, name of the target below them.
const KEY: f32 = 5.4;
const FOOT: f32 = 4.6;
const DARK: Colour = Colour::Grey(0.4);
const LIGHT: Colour = Colour::Grey(0.8);

pub(super) fn height(rows: usize) -> f32 {
    KEY + rows as f32 * PITCH + FOOT
}

/// The columns of names, bars and values, in mm from the left.
struct BarColumns {
    names: f32,
    bars: (f32, f32),
    values: (f32, f32),
}

pub(super) fn draw(canvas: &mut Canvas, chart: &Bars, rows: Range<usize>) -> Result<(), MissingGlyph> {
    let columns = columns(canvas, chart)?;
    key(canvas, chart)?;
    canvas.y += KEY;
    let top = canvas.y;
    for bar in &chart.bars[rows] {
        one(canvas, bar, chart, &columns)?;
        canvas.y += PITCH;
    }
    let x = columns.bars.0;
    stroke(canvas, (x, top), (x, canvas.y), 0.2, Colour::Black, None);
    if !chart.min.printed.is_empty() {
        let width = measure(canvas, &chart.min.printed, TEXT)?;
        let place = ((x - width / 2.0).max(0.0), width);
        label(canvas, &chart.min.printed, TEXT, place, (canvas.y + 0.6, FOOT - 0.6), Alignment::Left)?;
    }
    if let Some(target) = &chart.target {
        target_line(canvas, target, chart, &columns, top)?;
    }
    Ok(())
}

/// Names take two fifths of the width at most. The columns are those of the whole chart, so that its
/// parts on several pages agree.
fn columns(canvas: &Canvas, chart: &Bars) -> Result<BarColumns, MissingGlyph> {
    let width = canvas.area.width;
    let names = widest(canvas, chart.bars.iter().map(|bar| bar.label.as_str()), TEXT)?.min(width * 0.4);
    let values = widest(canvas, chart.bars.iter().map(|bar| bar.value.printed.as_str()), TEXT)?;
    let x = names + 2.0;
    let room = width - x - values - 3.0;
    Ok(BarColumns { names, bars: (x, room), values: (x + room + 2.0, values) })
}

/// What light and dark bars mean, of those that there are.
fn key(canvas: &mut Canvas, chart: &Bars) -> Result<(), MissingGlyph> {
    const SWATCH: f32 = 5.0;
    const BETWEEN: f32 = 5.0;
    let shown = chart.key.iter().zip([(false, LIGHT), (true, DARK)]);
    let shown = shown.filter(|(_, (marked, _))| chart.bars.iter().any(|bar| bar.marked == *marked));
    let entries: Vec<(&String, Colour, f32)> = shown
        .map(|(text, (_, colour))| Ok((text, colour, measure(canvas, text, TEXT)?)))
        .collect::<Result<_, _>>()?;
    let whole: f32 = entries.iter().map(|(_, _, width)| SWATCH + 1.5 + width + BETWEEN).sum();
    let (mut x, y) = ((canvas.area.width - whole + BETWEEN) / 2.0, canvas.y);
    for (text, colour, width) in entries {
        fill(canvas, (x, y + 0.7), (SWATCH, BAR), colour);
        label(canvas, text, TEXT, (x + SWATCH + 1.5, width), (y, BAR + 1.4), Alignment::Left)?;
        x += SWATCH + 1.5 + width + BETWEEN;
    }
    Ok(())
}

/// Where a value is on the scale, as a share of its length.
fn share(chart: &Bars, value: f64) -> f32 {
    ((value - chart.min.size) / (chart.max - chart.min.size)).clamp(0.0, 1.0) as f32
}

fn one(canvas: &mut Canvas, bar: &ChartBar, chart: &Bars, columns: &BarColumns) -> Result<(), MissingGlyph> {
    let band = (canvas.y, PITCH);
    label(canvas, &bar.label, TEXT, (0.0, columns.names), band, Alignment::Right)?;
    let (x, room) = columns.bars;
    let length = share(chart, bar.value.size) * room;
    let colour = if bar.marked { DARK } else { LIGHT };
    fill(canvas, (x, canvas.y + (PITCH - BAR) / 2.0), (length, BAR), colour);
    // Values stand in a column of their own, where the target line does not cross them.
    label(canvas, &bar.value.printed, TEXT, columns.values, band, Alignment::Right)
}

/// A dashed line with its name below, kept within the chart.
fn target_line(
    canvas: &mut Canvas,
    target: &ChartValue,
    chart: &Bars,
    columns: &BarColumns,
    top: f32,
) -> Result<(), MissingGlyph> {
    let (x, room) = columns.bars;
    let at = x + share(chart, target.size) * room;
    stroke(canvas, (at, top), (at, canvas.y + 0.8), 0.3, Colour::Black, Some((3, 2)));
    let width = measure(canvas, &target.printed, TEXT)?;
    let left = (at - width / 2.0).clamp(0.0, canvas.area.width - width);
    label(canvas, &target.printed, TEXT, (left, width), (canvas.y + 0.6, FOOT - 0.6), Alignment::Left)
}
