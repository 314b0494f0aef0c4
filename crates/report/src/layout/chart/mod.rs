//! Charts as vectors in the document's own fonts, readable in greyscale: shades, dashes and marks
//! distinguish things, and every value is printed. Drawn once as positioned items; the page takes
//! them, and an SVG is written from the same.

mod bars;
mod heat;
mod lines;
mod multiples;
mod trend;

use std::ops::Range;

use super::line_break::{Alignment, width as line_width};
use super::metrics::{Metrics, MissingGlyph, TypeRole};
use super::page::{Area, Canvas, Colour, Page, PageItem, SIZE_5, Type};
use crate::report::chart::Chart;
use crate::report::words;

/// 小五, the text of charts, in points: what is smaller is not read.
const TEXT: f32 = 9.0;
/// Height of the title, in mm.
const TITLE: f32 = 7.0;
/// Blank above and below a chart on the page.
const GAP: f32 = 3.0;
/// A chart of at most this height is not divided, in mm.
const WHOLE: f32 = 90.0;
/// Of a longer one so many rows stand on the first page.
const LEAST: usize = 6;

/// Sets a chart at the canvas's place. One that does not fit is continued on the next page, with its
/// title, scale and heads again.
pub fn chart(canvas: &mut Canvas, chart: &Chart) -> Result<(), MissingGlyph> {
    let width = canvas.area.width;
    let pen = Canvas::new(canvas.metrics);
    let height = |rows: usize| Ok(TITLE + height(&pen, chart, rows, width)?);
    let page = canvas.area.height;
    let gap = if canvas.at_top() { 0.0 } else { GAP };
    let all = rows(chart, width);
    // A small one is not divided.
    let goes_over = height(all)? <= WHOLE && height(all)? > canvas.room() - gap;
    let parts = divide(all, if goes_over { 0.0 } else { canvas.room() - gap }, page, height)?;
    let count = parts.len();
    canvas.begin_figure(chart.in_words());
    for (i, part) in parts.into_iter().enumerate() {
        let title = match count {
            // An attachment that is nothing but the chart has said its name.
            1 if canvas.section.ends_with(title(chart)) => String::new(),
            1 => title(chart).to_owned(),
            _ => {
                let part = words::fill(canvas.words.part, &[&(i + 1).to_string(), &count.to_string()]);
                format!("{}{part}", title(chart))
            }
        };
        let drawing = draw(canvas.metrics, chart, part, width, &title)?;
        let gap = if canvas.at_top() { 0.0 } else { GAP };
        if drawing.height + gap > canvas.room() + 0.01 {
            canvas.new_page(canvas.area);
        } else {
            canvas.y += gap;
        }
        let (dx, dy) = (canvas.area.left, canvas.y);
        drawing.items.into_iter().for_each(|item| canvas.push(moved(item, dx, dy)));
        canvas.y += drawing.height + GAP;
    }
    canvas.end();
    Ok(())
}

/// The height in mm that has to be free where the chart begins in running text, so that its beginning
/// stands there.
pub fn beginning(canvas: &Canvas, chart: &Chart) -> Result<f32, MissingGlyph> {
    let width = canvas.area.width;
    let height = |rows| height(&Canvas::new(canvas.metrics), chart, rows, width);
    let all = rows(chart, width);
    let whole = TITLE + height(all)?;
    Ok(GAP + if whole <= WHOLE { whole } else { TITLE + height(all.min(LEAST))? })
}

/// The whole chart as one drawing of a width in mm, for the mail and the web: its parts one below the other.
pub fn drawing(chart: &Chart, metrics: &dyn Metrics, width: f32) -> Result<Page, MissingGlyph> {
    let mut whole = Page::default();
    for part in chart.parts() {
        let drawn = draw(metrics, &part, 0..rows(&part, width), width, title(&part))?;
        let below = if whole.items.is_empty() { 0.0 } else { whole.height + GAP };
        whole.items.extend(drawn.items.into_iter().map(|item| moved(item, 0.0, below)));
        (whole.width, whole.height) = (drawn.width, below + drawn.height);
    }
    Ok(whole)
}

/// What a chart is called.
pub fn title(chart: &Chart) -> &str {
    match chart {
        Chart::Bars(bars) => &bars.title,
        Chart::Trend(trend) => &trend.title,
        Chart::Multiples(multiples) => &multiples.title,
        Chart::Heat(heat) => &heat.title,
    }
}

/// How many rows may be parted by a page break.
fn rows(chart: &Chart, width: f32) -> usize {
    match chart {
        Chart::Bars(chart) => chart.bars.len(),
        Chart::Trend(chart) => usize::from(!chart.periods.is_empty()),
        Chart::Multiples(chart) => chart.panels.len().div_ceil(multiples::columns(width)),
        Chart::Heat(chart) => chart.rows.len(),
    }
}

/// The height of so many rows below the title.
fn height(pen: &Canvas, chart: &Chart, rows: usize, width: f32) -> Result<f32, MissingGlyph> {
    Ok(match chart {
        Chart::Bars(_) => bars::height(rows),
        Chart::Trend(chart) => trend::height(pen, chart, width)?,
        Chart::Multiples(chart) => multiples::height(chart, rows, width),
        Chart::Heat(chart) => heat::height(pen, chart, rows, width)?,
    })
}

/// Rows for each page: `room` is left on the first, `page` is the height of a whole one. A beginning
/// of fewer than [`LEAST`] rows goes to the next page instead.
fn divide(
    rows: usize,
    room: f32,
    page: f32,
    height: impl Fn(usize) -> Result<f32, MissingGlyph>,
) -> Result<Vec<Range<usize>>, MissingGlyph> {
    let (fixed, pitch) = (height(0)?, height(1)? - height(0)?);
    let fitting = |room: f32| ((room - fixed + 0.01) / pitch).max(0.0) as usize;
    let mut out = Vec::new();
    let mut start = 0;
    let mut room = room;
    while start < rows {
        let mut end = rows.min(start + fitting(room));
        if out.is_empty() && end < rows && end - start < LEAST {
            end = start;
        }
        if end > start {
            out.push(start..end);
        } else if room >= page {
            // A single row taller than a page cannot be divided.
            out.push(start..start + 1);
            end = start + 1;
        }
        (start, room) = (end, page);
    }
    Ok(out)
}

/// A part of a chart on a sheet of its own size; without a title it begins at the top.
fn draw(
    metrics: &dyn Metrics,
    chart: &Chart,
    rows: Range<usize>,
    width: f32,
    title: &str,
) -> Result<Page, MissingGlyph> {
    let mut sheet = Canvas::new(metrics);
    let style = Type::new(TypeRole::Hei, SIZE_5);
    let title_width = line_width(&style.chars(title), metrics, "chart")? * style.em();
    let above = TITLE * (title_width / width).ceil();
    let height = above + height(&sheet, chart, rows.len(), width)?;
    sheet.new_page(Area { page: (width, height), left: 0.0, top: 0.0, width, height });
    sheet.text(title, style, (0.0, width), (0.0, TITLE - 1.0), Alignment::Center)?;
    sheet.y = above;
    match chart {
        Chart::Bars(chart) => bars::draw(&mut sheet, chart, rows)?,
        Chart::Trend(chart) => trend::draw(&mut sheet, chart)?,
        Chart::Multiples(chart) => multiples::draw(&mut sheet, chart, rows)?,
        Chart::Heat(chart) => heat::draw(&mut sheet, chart, rows)?,
    }
    Ok(sheet.out.pages.pop().unwrap_or_default())
}

fn moved(item: PageItem, dx: f32, dy: f32) -> PageItem {
    match item {
        PageItem::Text { baseline, size, glyphs, colour } => {
            let glyphs = glyphs.into_iter().map(|(c, glyph, x)| (c, glyph, x + dx)).collect();
            PageItem::Text { baseline: baseline + dy, size, glyphs, colour }
        }
        PageItem::Line { from, to, width, colour, dash } => {
            let place = |(x, y): (f32, f32)| (x + dx, y + dy);
            PageItem::Line { from: place(from), to: place(to), width, colour, dash }
        }
        PageItem::Fill { x, y, width, height, colour } => {
            PageItem::Fill { x: x + dx, y: y + dy, width, height, colour }
        }
    }
}

fn plain(size: f32) -> Type {
    Type::new(TypeRole::FangSong, size)
}

/// Width of a text on one line, in mm.
fn measure(canvas: &Canvas, text: &str, size: f32) -> Result<f32, MissingGlyph> {
    let style = plain(size);
    Ok(line_width(&style.chars(text), canvas.metrics, "chart")? * style.em())
}

/// The widest of several texts, in mm.
fn widest<'a>(
    canvas: &Canvas,
    texts: impl IntoIterator<Item = &'a str>,
    size: f32,
) -> Result<f32, MissingGlyph> {
    texts.into_iter().try_fold(0.0, |most: f32, text| Ok(most.max(measure(canvas, text, size)?)))
}

/// Sets a text on one line. Where it is too long, … stands for its middle: names that begin alike
/// are distinguished by their ends, and the tables have them whole.
fn label(
    canvas: &mut Canvas,
    text: &str,
    size: f32,
    (x, room): (f32, f32),
    band: (f32, f32),
    alignment: Alignment,
) -> Result<(), MissingGlyph> {
    let chars: Vec<char> = text.chars().collect();
    let mut shown = text.to_owned();
    for kept in (1..chars.len()).rev() {
        if measure(canvas, &shown, size)? <= room + 0.01 {
            break;
        }
        let (start, end) = (&chars[..kept / 3], &chars[chars.len() - (kept - kept / 3)..]);
        shown = start.iter().chain(&['…']).chain(end).collect();
    }
    // A hair of room, so that rounding does not break the line.
    let x = match alignment {
        Alignment::Center => x - 0.5,
        Alignment::Right => x - 1.0,
        Alignment::Left | Alignment::Ragged | Alignment::Justified => x,
    };
    canvas.text(&shown, plain(size), (x, room + 1.0), band, alignment)
}

fn fill(canvas: &mut Canvas, (x, y): (f32, f32), (width, height): (f32, f32), colour: Colour) {
    canvas.push(PageItem::Fill { x, y, width, height, colour });
}

fn stroke(
    canvas: &mut Canvas,
    from: (f32, f32),
    to: (f32, f32),
    width: f32,
    colour: Colour,
    dash: Option<(i64, i64)>,
) {
    canvas.push(PageItem::Line { from, to, width, colour, dash });
}
