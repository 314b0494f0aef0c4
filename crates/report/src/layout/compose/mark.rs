//! 发文机关标志 (GB/T 9704-2012, 7.2.4): one line, or two or three for a long name, or several issuers
//! with the word 文件 beside them. Always larger than the title.

use crate::layout::line_break::{Alignment, SetLine, Setting, set, width};
use crate::layout::metrics::{Metrics, MissingGlyph, TypeRole};
use crate::layout::page::{Canvas, Colour, LEFT, MM_PER_PT, Type, WIDTH, text_item};
use crate::report::document::PageHead;

/// The largest mark, in points.
const LARGEST: f32 = 48.0;
/// A mark that would be smaller than this is set on more lines: 小初 has 36, the title 22.
const SMALLEST: f32 = 30.0;
const MOST_LINES: usize = 3;
/// What the mark may take of the type area's width.
const SHARE: f32 = 0.94;
/// From one line to the next, in em.
pub const PITCH: f32 = 1.25;
/// What stands beside several issuers.
pub const FILE: &str = "文件";

/// Draws the mark with the upper edge of its ink at `top`, where a ruler measures it; returns its
/// lower edge.
pub(super) fn draw(canvas: &mut Canvas, head: &PageHead, top: f32) -> Result<f32, MissingGlyph> {
    match head.mark.strip_suffix(FILE) {
        Some(issuer) if !head.co_issuers.is_empty() => joint(canvas, issuer, &head.co_issuers, top),
        _ => alone(canvas, &head.mark, top),
    }
}

fn style(size: f32) -> Type {
    Type { role: TypeRole::SmallTitle, size, colour: Colour::Red }
}

fn place(lack: MissingGlyph) -> MissingGlyph {
    lack.at("issuer mark".to_owned())
}

/// Width in em.
fn ems(metrics: &dyn Metrics, text: &str) -> Result<f32, MissingGlyph> {
    width(&style(1.0).chars(text), metrics, "").map_err(place)
}

/// The size at which so many em fill the width that a mark may take.
fn fitting(ems: f32) -> f32 {
    (WIDTH * SHARE / ems.max(1.0) / MM_PER_PT).min(LARGEST)
}

/// The lines of a mark that stands alone, and their size in points.
pub fn form(mark: &str, metrics: &dyn Metrics) -> Result<(Vec<String>, f32), MissingGlyph> {
    let (mut lines, mut size) = (vec![mark.to_owned()], fitting(ems(metrics, mark)?));
    for count in 2..=MOST_LINES {
        if size >= SMALLEST {
            break;
        }
        let room = (ems(metrics, mark)? / count as f32).ceil() + 1.0;
        let parts = super::title::lines(mark, room);
        let widest = parts.iter().try_fold(0.0_f32, |most, part| Ok(most.max(ems(metrics, part)?)))?;
        if fitting(widest) > size {
            (lines, size) = (parts, fitting(widest));
        }
    }
    Ok((lines, size))
}

fn alone(canvas: &mut Canvas, mark: &str, top: f32) -> Result<f32, MissingGlyph> {
    let (lines, size) = form(mark, canvas.metrics)?;
    let mut y = top;
    for line in &lines {
        let setting = Setting::flush(style(size).em(), WIDTH, Alignment::Center);
        for set in set(&style(size).chars(line), setting, canvas.metrics, "").map_err(place)? {
            put(canvas, &set, LEFT, y, size);
        }
        y += size * MM_PER_PT * PITCH;
    }
    Ok(y - size * MM_PER_PT * (PITCH - 1.0))
}

/// How large several issuers are set with 文件 beside them.
pub struct Joint {
    /// The longest name, and 文件 with the blank before it, in em.
    pub longest: f32,
    /// 文件 with the blank before it, in em.
    pub beside: f32,
    /// Points.
    pub size: f32,
}

/// The size at which the names, the longest first or not, fit beside 文件.
pub fn joint_form(names: &[&str], metrics: &dyn Metrics) -> Result<Joint, MissingGlyph> {
    let longest = names.iter().try_fold(0.0_f32, |most, name| Ok(most.max(ems(metrics, name)?)))?;
    let beside = ems(metrics, FILE)? + 0.5;
    Ok(Joint { longest, beside, size: fitting(longest + beside) })
}

/// Several issuers below each other, spread to the width of the longest, and 文件 in the middle beside
/// them.
fn joint(canvas: &mut Canvas, issuer: &str, others: &[String], top: f32) -> Result<f32, MissingGlyph> {
    let names: Vec<&str> = std::iter::once(issuer).chain(others.iter().map(String::as_str)).collect();
    let Joint { longest, beside, size } = joint_form(&names, canvas.metrics)?;
    let em = style(size).em();
    let left = LEFT + (WIDTH - (longest + beside) * em) / 2.0;
    let mut y = top;
    for name in &names {
        spread(canvas, name, (left, longest * em), y, size)?;
        y += em * PITCH;
    }
    let bottom = y - em * (PITCH - 1.0);
    let setting = Setting::flush(em, WIDTH, Alignment::Left);
    for line in set(&style(size).chars(FILE), setting, canvas.metrics, "").map_err(place)? {
        put(canvas, &line, left + (longest + 0.5) * em, (top + bottom - em) / 2.0, size);
    }
    Ok(bottom)
}

/// Sets a name over the whole of a width, its characters at equal distances.
fn spread(
    canvas: &mut Canvas,
    name: &str,
    (left, room): (f32, f32),
    y: f32,
    size: f32,
) -> Result<(), MissingGlyph> {
    let setting = Setting::flush(style(size).em(), WIDTH, Alignment::Left);
    for mut line in set(&style(size).chars(name), setting, canvas.metrics, "").map_err(place)? {
        let gaps = line.glyphs.len().saturating_sub(1).max(1) as f32;
        let extra = (room - line.width).max(0.0) / gaps;
        line.glyphs.iter_mut().enumerate().for_each(|(i, glyph)| glyph.x += i as f32 * extra);
        put(canvas, &line, left, y, size);
    }
    Ok(())
}

/// Puts a line with the upper edge of its ink at `y`.
fn put(canvas: &mut Canvas, line: &SetLine, x: f32, y: f32, size: f32) {
    let inks = line.glyphs.iter().filter_map(|placed| canvas.metrics.ink(placed.glyph));
    let highest = inks.map(|ink| ink.top).fold(f32::NAN, f32::max);
    let height = if highest.is_nan() { 0.88 } else { highest } * size * MM_PER_PT;
    canvas.push(text_item(line, x, y + height, style(size)));
}
