//! How wide the columns of a table are, and how large its text is.

use super::{NARROW_PADDING, PADDING, place, style};
use crate::layout::line_break::bound::bound_blanks;
use crate::layout::line_break::marks::may_break;
use crate::layout::line_break::{Char, width};
use crate::layout::metrics::MissingGlyph;
use crate::layout::page::{Canvas, MM_PER_PT, SIZE_5, SIZE_SMALL_4, SIZE_SMALL_5};
use crate::report::document::{Column, Table};

/// Width of a small line of [`Cell::course`](crate::report::document::Cell), in em.
const COURSE: f32 = 4.5;

/// The least text that is a paragraph of several lines, and the widest term before it, in em.
const PARAGRAPH: f32 = 60.0;
const TERM: f32 = 7.0;
/// The same of a term of words, which is divided between them.
const TERM_OF_WORDS: f32 = 9.0;

/// A table of paragraphs has at most so many columns.
const MOST_WITH_PARAGRAPHS: usize = 6;

/// Column edges and text size of a table, in points and mm.
pub(super) struct TableGrid {
    pub size: f32,
    /// Above and below the lines of a cell together, in mm.
    pub blank: f32,
    /// On each side of a cell's text, in mm.
    pub padding: f32,
    pub widths: Vec<f32>,
    /// The widest text of each column.
    pub texts: Vec<f32>,
}

impl TableGrid {
    /// From one line of a cell to the next, in mm.
    pub(super) fn pitch(&self) -> f32 {
        self.size * MM_PER_PT * 1.35
    }
}

/// The largest size, up to `most`, at which everything stands on one line, heads too if they can. If
/// there is none, the widest columns are wrapped: in the smallest size, but for paragraphs.
pub(super) fn fit(canvas: &Canvas, table: &Table, most: f32, blank: f32) -> Result<TableGrid, MissingGlyph> {
    let measure = canvas.area.width;
    let columns = natural_widths(canvas, table)?;
    let grid = |size: f32, padding: f32, widths: Vec<f32>| {
        let texts = columns.iter().map(|column| column.text * size * MM_PER_PT).collect();
        TableGrid { size, blank, padding, widths, texts }
    };
    let widths = |size: f32, padding: f32, em: &dyn Fn(&Natural) -> f32| -> Vec<f32> {
        columns.iter().map(|column| em(column) * size * MM_PER_PT + 2.0 * padding).collect()
    };
    for (em, size, padding) in [
        (Natural::whole as fn(&Natural) -> f32, SIZE_SMALL_4, PADDING),
        (Natural::wrapped_head, SIZE_SMALL_4, PADDING),
        (Natural::whole, SIZE_5, PADDING),
        (Natural::wrapped_head, SIZE_5, PADDING),
        (Natural::wrapped_head, SIZE_SMALL_5, PADDING),
        (Natural::halved_head, SIZE_SMALL_5, PADDING),
        (Natural::halved_head, SIZE_SMALL_5, NARROW_PADDING),
        (Natural::narrow_head, SIZE_SMALL_5, PADDING),
        (Natural::narrow_head, SIZE_SMALL_5, NARROW_PADDING),
    ] {
        let widths = widths(size, padding, &em);
        let sum: f32 = widths.iter().sum();
        if sum <= measure && size <= most {
            let extra = (measure - sum) / widths.len() as f32;
            return Ok(grid(size, padding, widths.iter().map(|width| width + extra).collect()));
        }
    }
    // Figures and names stay whole in a smaller size; paragraphs are wrapped in the larger one.
    let has_paragraphs =
        columns.len() <= MOST_WITH_PARAGRAPHS && columns.iter().any(|column| column.text > 14.0);
    let (size, heads) = match has_paragraphs {
        true => (most.min(SIZE_5), Natural::wrapped_head as fn(&Natural) -> f32),
        false => (SIZE_SMALL_5, Natural::narrow_head as fn(&Natural) -> f32),
    };
    let runs = runs(canvas, table, &columns)?;
    let mut natural = widths(size, PADDING, &heads);
    // Beside long paragraphs a term may take a second line.
    if has_paragraphs && columns.iter().any(|column| column.text > PARAGRAPH) {
        let most = if canvas.words.is_alphabetic { TERM_OF_WORDS } else { TERM };
        let term = most * size * MM_PER_PT + 2.0 * PADDING;
        for ((column, run), width) in columns.iter().zip(&runs).zip(&mut natural) {
            if column.text <= PARAGRAPH && (*run < 3.0 || canvas.words.is_alphabetic && *run <= most) {
                *width = width.min(term);
            }
        }
    }
    // Four characters to a line, and nothing divided that belongs together.
    let least = runs.iter().map(|run| run.max(4.0) * size * MM_PER_PT + 2.0 * PADDING);
    let least: Vec<f32> = least.zip(&natural).map(|(least, natural)| least.min(*natural)).collect();
    Ok(grid(size, PADDING, squeeze(&natural, &least, measure)))
}

/// Whether names or figures of a table have to be divided in this width, however small the type.
pub(super) fn divides(canvas: &Canvas, table: &Table) -> Result<bool, MissingGlyph> {
    let widths = narrowest(canvas, table)?;
    Ok(widths.is_some_and(|widths| widths.iter().sum::<f32>() > canvas.area.width))
}

/// The widths in mm in which no name, figure or word of a head is divided, in the smallest type. `None` of a table
/// with paragraphs, which are wrapped anywhere.
pub(super) fn narrowest(canvas: &Canvas, table: &Table) -> Result<Option<Vec<f32>>, MissingGlyph> {
    if table.columns.len() <= MOST_WITH_PARAGRAPHS {
        return Ok(None);
    }
    let width = |column: &Natural| column.narrow_head() * SIZE_SMALL_5 * MM_PER_PT + 2.0 * NARROW_PADDING;
    Ok(Some(natural_widths(canvas, table)?.iter().map(width).collect()))
}

/// Narrows the widest columns to a common width until the table fits; none goes below its least
/// width unless all must.
fn squeeze(natural: &[f32], least: &[f32], measure: f32) -> Vec<f32> {
    let at = |cap: f32| natural.iter().zip(least).map(move |(width, least)| width.min(cap).max(*least));
    let (mut low, mut high) = (0.0, natural.iter().copied().fold(0.0, f32::max));
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if at(middle).sum::<f32>() > measure { high = middle } else { low = middle }
    }
    let sum: f32 = at(low).sum();
    if sum > measure { at(low).map(|width| width * measure / sum).collect() } else { at(low).collect() }
}

/// What a column needs, in em.
struct Natural {
    head: f32,
    /// The widest run of the head that a line may not end in.
    head_run: f32,
    /// The widest text below the head.
    text: f32,
}

impl Natural {
    fn whole(&self) -> f32 {
        self.head.max(self.text).max(1.0)
    }

    /// With a head on as many lines as it takes, two characters each at least.
    fn narrow_head(&self) -> f32 {
        let thirds = (self.head / 3.0).ceil().max(2.0).max(self.head_run);
        self.head.min(thirds).max(self.text).max(1.0)
    }

    /// The same, but with a head of up to five characters on two lines: 现居住|地址 rather than 现|居住|地址.
    fn halved_head(&self) -> f32 {
        let halves = if self.head <= 5.0 { (self.head / 2.0).ceil() } else { 0.0 };
        self.narrow_head().max(halves)
    }

    /// With a long head on two lines.
    fn wrapped_head(&self) -> f32 {
        let halves = (self.head / 2.0).ceil().max(4.0).max(self.head_run);
        let head = if self.head > 5.0 { halves } else { self.head };
        head.max(self.text).max(1.0)
    }
}

fn natural_widths(canvas: &Canvas, table: &Table) -> Result<Vec<Natural>, MissingGlyph> {
    let column = |(i, column): (usize, &Column)| {
        let head = style(SIZE_5, true).chars(&column.head);
        let at_head = |lack: MissingGlyph| lack.at(place(canvas, table, 0, column));
        Ok(Natural {
            head: width(&head, canvas.metrics, "").map_err(at_head)?,
            head_run: widest_run(canvas, &head).map_err(at_head)?,
            text: widest(canvas, table, i, |chars| width(chars, canvas.metrics, ""))?,
        })
    };
    table.columns.iter().enumerate().map(column).collect()
}

/// The widest run of each column, head included, that a line may not end in.
fn runs(canvas: &Canvas, table: &Table, columns: &[Natural]) -> Result<Vec<f32>, MissingGlyph> {
    let column = |(i, column): (usize, &Natural)| {
        Ok(column.head_run.max(widest(canvas, table, i, |chars| widest_run(canvas, chars))?))
    };
    columns.iter().enumerate().map(column).collect()
}

/// The greatest measure of the texts of a column.
fn widest(
    canvas: &Canvas,
    table: &Table,
    column: usize,
    measure: impl Fn(&[Char]) -> Result<f32, MissingGlyph>,
) -> Result<f32, MissingGlyph> {
    let mut most: f32 = 0.0;
    for (row, number) in table.rows.iter().zip(1..) {
        let Some(cell) = row.cells.get(column) else { continue };
        if !cell.course.is_empty() {
            most = most.max(COURSE);
        }
        let chars = style(SIZE_5, row.total || row.leads).chars(&cell.text);
        let at_cell = |lack: MissingGlyph| lack.at(place(canvas, table, number, &table.columns[column]));
        most = most.max(measure(&chars).map_err(at_cell)? + cell.indent as f32);
    }
    Ok(most)
}

fn widest_run(canvas: &Canvas, chars: &[Char]) -> Result<f32, MissingGlyph> {
    let bound = bound_blanks(&chars.iter().map(|char| char.c).collect::<Vec<_>>());
    let (mut most, mut start): (f32, usize) = (0.0, 0);
    for end in 1..=chars.len() {
        if chars.get(end).is_some_and(|next| bound[end - 1] || !may_break(chars[end - 1].c, next.c)) {
            continue;
        }
        most = most.max(width(&chars[start..end], canvas.metrics, "")?);
        start = end;
    }
    Ok(most)
}
