//! Lines over periods, with the values in a table below the axis: they never collide there, and the
//! first column is the key.

use super::lines::{Plot, SAMPLE, sample};
use super::{TEXT, label, stroke, widest};
use crate::layout::line_break::Alignment;
use crate::layout::metrics::MissingGlyph;
use crate::layout::page::{Canvas, Colour};
use crate::report::chart::Trend;

/// Height of a row of the table, in mm.
const ROW: f32 = 4.8;
const RULE: Colour = Colour::Grey(0.7);

/// Blank between two plots, and the row above a plot that says where its scale begins: above the marks of a line at
/// the plot's upper edge.
const BETWEEN: f32 = 4.5;
const NOTE: f32 = 5.2;
const NOTE_LINE: f32 = 4.0;

/// A drawing for a telephone or a mail is narrower, in mm.
const NARROW: f32 = 120.0;

/// Height of each of so many plots.
fn plot_height(plots: usize, width: f32) -> f32 {
    match (plots, width < NARROW) {
        (0 | 1, true) => 36.0,
        (0 | 1, false) => 44.0,
        (_, true) => 21.0,
        (_, false) => 23.0,
    }
}

/// The upper edges of the plots below that of the chart.
fn places(chart: &Trend, width: f32) -> Vec<f32> {
    let height = plot_height(chart.scales.len(), width);
    let mut y = 2.0;
    let mut tops = Vec::new();
    for (i, scale) in chart.scales.iter().enumerate() {
        y += if i == 0 { 0.0 } else { BETWEEN };
        y += if scale.note.is_empty() { 0.0 } else { NOTE };
        tops.push(y);
        y += height;
    }
    tops
}

/// Room for the names of lines next to their values: a rate of the office's own may have a long name, and the lines need
/// the room more.
fn name_room(width: f32) -> f32 {
    width / 4.0
}

/// Whether names stand in rows of their own above the values: on a narrow drawing … would leave nothing of them.
fn stands_apart(canvas: &Canvas, chart: &Trend, width: f32) -> Result<bool, MissingGlyph> {
    let names = widest(canvas, chart.lines.iter().map(|line| line.name.as_str()), TEXT)?;
    Ok(width < NARROW && names > name_room(width))
}

pub(super) fn height(pen: &Canvas, chart: &Trend, width: f32) -> Result<f32, MissingGlyph> {
    let foot = places(chart, width).last().map_or(2.0, |top| top + plot_height(chart.scales.len(), width));
    let rows = if stands_apart(pen, chart, width)? { 2 } else { 1 } * chart.lines.len() + 1;
    Ok(foot + 1.0 + ROW * rows as f32 + 1.0)
}

pub(super) fn draw(canvas: &mut Canvas, chart: &Trend) -> Result<(), MissingGlyph> {
    let names = widest(canvas, chart.lines.iter().map(|line| line.name.as_str()), TEXT)?;
    let targets = chart.lines.iter().map(|line| line.target.printed.as_str());
    let targets = widest(canvas, targets.chain([chart.target_head.as_str()]), TEXT)?;
    let values = chart.lines.iter().flat_map(|line| line.values.iter().flatten());
    let texts = values.map(|value| value.printed.as_str()).chain(chart.periods.iter().map(String::as_str));
    let column = widest(canvas, texts, TEXT)?;
    let width = canvas.area.width;
    let names = if stands_apart(canvas, chart, width)? { 0.0 } else { names.min(name_room(width)) };
    let marks = chart.scales.iter().flat_map(|scale| scale.marks.iter().map(String::as_str));
    let marks = widest(canvas, marks, TEXT)?;
    let left = (SAMPLE + 1.5 + names + 2.0).max(marks + 2.0);
    let tops = places(chart, width);
    let plot = |scale, top| Plot {
        left,
        top,
        width: width - left - targets - 3.0,
        height: plot_height(chart.scales.len(), width),
        inset: column / 2.0 + 0.5,
        scale,
        points: chart.periods.len(),
        mark: 0.8,
    };
    let top = canvas.y;
    let mut last = None;
    for (number, (scale, y)) in chart.scales.iter().zip(tops).enumerate() {
        let plot = plot(scale, top + y);
        axis(canvas, &plot)?;
        let lines = chart.lines.iter().enumerate().filter(|(_, line)| line.plot == number);
        for (i, line) in lines {
            let y = plot.y(line.target.size);
            let right = plot.left + plot.width;
            stroke(canvas, (plot.left, y), (right, y), 0.2, Colour::Grey(0.35), Some((1, 2)));
            plot.line(canvas, &line.values, i, 0.45);
        }
        last = Some(plot);
    }
    let Some(last) = last else { return Ok(()) };
    let targets = (last.left + last.width + 2.0, targets);
    table(canvas, chart, &last, column, targets)
}

/// Grid lines with their marks.
fn axis(canvas: &mut Canvas, plot: &Plot) -> Result<(), MissingGlyph> {
    let steps = (plot.scale.marks.len().max(2) - 1) as f32;
    for (i, text) in plot.scale.marks.iter().enumerate() {
        let y = plot.top + plot.height * (1.0 - i as f32 / steps);
        stroke(canvas, (plot.left, y), (plot.left + plot.width, y), 0.1, RULE, None);
        label(canvas, text, TEXT, (0.0, plot.left - 1.5), (y - 2.0, 4.0), Alignment::Right)?;
    }
    let note = (plot.top - NOTE, NOTE_LINE);
    label(canvas, &plot.scale.note, TEXT, (plot.left, plot.width), note, Alignment::Right)
}

/// Periods, values and targets. Where columns would touch, every second or third is enough, counted
/// from the last.
fn table(
    canvas: &mut Canvas,
    chart: &Trend,
    plot: &Plot,
    column: f32,
    targets: (f32, f32),
) -> Result<(), MissingGlyph> {
    let every = ((column + 1.2) / plot.step()).ceil().max(1.0) as usize;
    let every = if plot.points < 2 { 1 } else { every };
    let shown = |i: usize| (plot.points - 1 - i).is_multiple_of(every);
    let place = |i: usize| (plot.x(i) - column / 2.0, column);
    let mut y = plot.top + plot.height + 1.0;
    for (i, period) in chart.periods.iter().enumerate().filter(|(i, _)| shown(*i)) {
        label(canvas, period, TEXT, place(i), (y, ROW), Alignment::Center)?;
    }
    label(canvas, &chart.target_head, TEXT, targets, (y, ROW), Alignment::Right)?;
    let is_apart = stands_apart(canvas, chart, canvas.area.width)?;
    for (number, line) in chart.lines.iter().enumerate() {
        y += ROW;
        stroke(canvas, (0.0, y), (canvas.area.width, y), 0.1, RULE, None);
        sample(canvas, 0.0, y + ROW / 2.0, number);
        let right = if is_apart { canvas.area.width } else { plot.left };
        let name = (SAMPLE + 1.5, right - SAMPLE - 1.5);
        label(canvas, &line.name, TEXT, name, (y, ROW), Alignment::Left)?;
        y += if is_apart { ROW } else { 0.0 };
        for (i, value) in line.values.iter().enumerate().filter(|(i, _)| shown(*i)) {
            let text = value.as_ref().map_or("—", |value| value.printed.as_str());
            label(canvas, text, TEXT, place(i), (y, ROW), Alignment::Center)?;
        }
        label(canvas, &line.target.printed, TEXT, targets, (y, ROW), Alignment::Right)?;
    }
    canvas.y = y + ROW;
    Ok(())
}
