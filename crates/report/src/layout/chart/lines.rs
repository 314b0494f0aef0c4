//! What the charts with lines share: a dash and a mark for each line, so that they are distinguished in
//! greyscale and where they cross.

use super::{TEXT, fill, label, measure, stroke};
use crate::layout::line_break::Alignment;
use crate::layout::metrics::MissingGlyph;
use crate::layout::page::{Canvas, Colour};
use crate::report::chart::{ChartValue, Scale};

const DASHES: [Option<(i64, i64)>; 3] = [None, Some((6, 2)), Some((2, 2))];
/// Kinds of marks. With the dashes they make twelve lines that look different.
const MARKS: usize = 4;
/// Length of the sample of a line in a key, in mm.
pub(super) const SAMPLE: f32 = 8.0;

/// The plot of a chart with lines.
pub(super) struct Plot<'a> {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
    /// Blank before the first and after the last point.
    pub inset: f32,
    pub scale: &'a Scale,
    pub points: usize,
    /// Half the size of a mark.
    pub mark: f32,
}

impl Plot<'_> {
    pub(super) fn step(&self) -> f32 {
        (self.width - 2.0 * self.inset) / (self.points.max(2) - 1) as f32
    }

    /// A single point stands in the middle.
    pub(super) fn x(&self, i: usize) -> f32 {
        match self.points {
            0 | 1 => self.left + self.width / 2.0,
            _ => self.left + self.inset + i as f32 * self.step(),
        }
    }

    pub(super) fn y(&self, value: f64) -> f32 {
        let share = (value - self.scale.min) / (self.scale.max - self.scale.min);
        self.top + self.height * (1.0 - share.clamp(0.0, 1.0) as f32)
    }

    /// One line with its marks; a period without a rate leaves a gap.
    pub(super) fn line(&self, canvas: &mut Canvas, values: &[Option<ChartValue>], number: usize, width: f32) {
        let points: Vec<Option<(f32, f32)>> = values
            .iter()
            .enumerate()
            .map(|(i, value)| value.as_ref().map(|value| (self.x(i), self.y(value.size))))
            .collect();
        for pair in points.windows(2) {
            if let [Some(from), Some(to)] = pair {
                stroke(canvas, *from, *to, width, Colour::Black, DASHES[number % DASHES.len()]);
            }
        }
        points.into_iter().flatten().for_each(|at| mark(canvas, at, number, self.mark));
    }
}

/// Which mark a line has: of lines with the same dash each has another.
fn mark_of(number: usize) -> usize {
    (number % DASHES.len() + number / DASHES.len()) % MARKS
}

/// A full square, an empty one, a cross, a plus sign.
pub(super) fn mark(canvas: &mut Canvas, (x, y): (f32, f32), number: usize, half: f32) {
    let corner = (x - half, y - half);
    let size = (2.0 * half, 2.0 * half);
    let pen = half * 0.35;
    match mark_of(number) {
        0 => fill(canvas, corner, size, Colour::Black),
        1 => {
            fill(canvas, corner, size, Colour::Black);
            let inner = (corner.0 + pen, corner.1 + pen);
            fill(canvas, inner, (size.0 - 2.0 * pen, size.1 - 2.0 * pen), Colour::Grey(1.0));
        }
        2 => {
            stroke(canvas, corner, (x + half, y + half), pen, Colour::Black, None);
            stroke(canvas, (x - half, y + half), (x + half, y - half), pen, Colour::Black, None);
        }
        _ => {
            stroke(canvas, (x - half, y), (x + half, y), pen, Colour::Black, None);
            stroke(canvas, (x, y - half), (x, y + half), pen, Colour::Black, None);
        }
    }
}

/// A line as it looks, `SAMPLE` wide.
pub(super) fn sample(canvas: &mut Canvas, x: f32, y: f32, number: usize) {
    stroke(canvas, (x, y), (x + SAMPLE, y), 0.4, Colour::Black, DASHES[number % DASHES.len()]);
    mark(canvas, (x + SAMPLE / 2.0, y), number, 0.8);
}

/// Samples with their names in centred rows of `height`; remarks stand after them, or in a row of their own where the
/// drawing is narrow or the names take several.
pub(super) fn key(
    canvas: &mut Canvas,
    names: &[String],
    remarks: &[String],
    height: f32,
) -> Result<(), MissingGlyph> {
    let entries = |texts: &[String], sampled: bool| -> Result<Vec<LegendEntry>, MissingGlyph> {
        let entry = |(i, text): (usize, &String)| {
            let width = measure(canvas, text, TEXT)?;
            Ok(LegendEntry { text: text.clone(), width, sample: sampled.then_some(i) })
        };
        texts.iter().enumerate().map(entry).collect()
    };
    let (mut first, second) = (entries(names, true)?, entries(remarks, false)?);
    let width = canvas.area.width;
    if key_rows(width, names.len()) == 1 {
        first.extend(second);
        return row(canvas, &first, canvas.y, height);
    }
    let room = width / names_in_a_row(width) as f32 - SAMPLE - 1.5 - BETWEEN;
    first.iter_mut().for_each(|entry| entry.width = entry.width.min(room));
    let rows = first.chunks(names_in_a_row(width)).chain([second.as_slice()]);
    for (number, entries) in rows.enumerate() {
        row(canvas, entries, canvas.y + number as f32 * height, height)?;
    }
    Ok(())
}

/// How many rows a key of so many names takes in a width.
pub(super) fn key_rows(width: f32, names: usize) -> usize {
    match names.div_ceil(names_in_a_row(width)) {
        1 if width >= 120.0 => 1,
        rows => rows + 1,
    }
}

/// How many names stand side by side.
fn names_in_a_row(width: f32) -> usize {
    if width < 60.0 { 2 } else { 3 }
}

/// Blank between two entries of a key, in mm.
const BETWEEN: f32 = 5.0;

/// A text of a key, with the sample of the line it names.
struct LegendEntry {
    text: String,
    width: f32,
    sample: Option<usize>,
}

fn row(canvas: &mut Canvas, entries: &[LegendEntry], y: f32, height: f32) -> Result<(), MissingGlyph> {
    let sampled = |entry: &LegendEntry| entry.sample.map_or(0.0, |_| SAMPLE + 1.5);
    let whole = entries.iter().map(|entry| sampled(entry) + entry.width + BETWEEN).sum::<f32>() - BETWEEN;
    let mut x = ((canvas.area.width - whole) / 2.0).max(0.0);
    for entry in entries {
        if let Some(number) = entry.sample {
            sample(canvas, x, y + height / 2.0, number);
        }
        x += sampled(entry);
        label(canvas, &entry.text, TEXT, (x, entry.width), (y, height), Alignment::Left)?;
        x += entry.width + BETWEEN;
    }
    Ok(())
}
