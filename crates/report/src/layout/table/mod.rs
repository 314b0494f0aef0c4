//! Tables: columns fitted to their contents, heads repeated on every page.

pub mod course;
pub mod parts;
mod widths;

use crate::layout::compose::title;
use crate::layout::line_break::marks::is_han;
use crate::layout::line_break::{Alignment, SetLine, Setting, set};
use crate::layout::metrics::{MissingGlyph, TypeRole};
use crate::layout::page::{
    Canvas, Colour, LINE, PageItem, SIZE_4, SIZE_5, SIZE_SMALL_4, SIZE_SMALL_5, TableForm, Type, UPRIGHT,
};
use crate::layout::structure::Tag;
use crate::report::document::{Align, Cell, Column, Row, Table};
use crate::report::words::fill;
use widths::{TableGrid, divides, fit};

/// Blank on each side of a cell's text, in mm.
const PADDING: f32 = 1.2;
/// The same of a table that would otherwise need a turned page.
const NARROW_PADDING: f32 = 0.8;
/// Outer and inner rules, in mm.
const OUTER: f32 = 0.35;
const INNER: f32 = 0.15;
/// Least blank above and below a table in running text, in mm.
const AROUND: f32 = 1.5;
/// Blank above and below the lines of a cell together, in mm.
const LOOSE: f32 = 2.2;
const TIGHT: f32 = 1.2;
/// Height of the words above the part of a table that goes on, in mm.
const CONTINUED: f32 = 6.0;
/// A table of at most this height is not divided, in mm.
const WHOLE: f32 = 90.0;
/// At least so many rows, or so much of them in mm, stand on the last page of a table that goes on.
const LAST_ROWS: usize = 5;
const LAST_HEIGHT: f32 = 40.0;
/// The same of the page on which one begins that is longer than a page.
const FIRST_ROWS: usize = 3;
const FIRST_HEIGHT: f32 = 30.0;
const NOTE_LINE: f32 = 5.0;
/// The longest text of a cell that is a term or a name, in characters.
pub(crate) const LONGEST_NAME: usize = 30;

/// Type and height of rows, the largest first; and the first of them that is compact.
const FORMS: [(f32, f32); 6] = [
    (SIZE_SMALL_4, LOOSE),
    (SIZE_SMALL_4, TIGHT),
    (SIZE_5, LOOSE),
    (SIZE_5, TIGHT),
    (SIZE_SMALL_5, LOOSE),
    (SIZE_SMALL_5, TIGHT),
];
const COMPACT: usize = 3;

/// The wrapped lines of each cell of a row, and its height.
struct SetRow {
    cells: Vec<SetCell>,
    height: f32,
    bold: bool,
    leads: bool,
}

/// The lines of a cell, and how far in they begin.
struct SetCell {
    indent: f32,
    lines: Vec<SetLine>,
    /// A small line instead of text, see [`Cell::course`].
    course: Vec<Option<f64>>,
}

/// Sets a table at the canvas's place, over as many pages as it needs. `keep` is the height in mm of
/// what has to stand on the page of its end.
pub fn table(canvas: &mut Canvas, table: &Table, keep: f32) -> Result<(), MissingGlyph> {
    if table.columns.is_empty() {
        return Ok(());
    }
    let note = note_lines(canvas, table)?;
    let below = note_height(&note);
    let set = fitted(canvas, table, below)?;
    let whole = set.height(table, set.rows.len()) + below;
    let due = due(canvas, table, &set, below, keep);
    canvas.need(due + if canvas.at_top() { 0.0 } else { 2.0 * AROUND });
    canvas.out.tables.push(form(&set.grid, whole));
    centre(canvas, whole);
    canvas.begin(Tag::Table);
    draw_caption(canvas, table.caption.as_deref())?;
    draw_rows(canvas, table, &set, below)?;
    canvas.end();
    draw_note(canvas, &note);
    canvas.y += AROUND;
    Ok(())
}

fn form(grid: &TableGrid, height: f32) -> TableForm {
    TableForm {
        size: grid.size,
        pitch: grid.pitch(),
        blank: grid.blank,
        columns: grid.widths.iter().copied().zip(grid.texts.iter().copied()).collect(),
        padding: grid.padding,
        is_whole: height <= WHOLE,
    }
}

/// The height in mm that has to be free where the table begins in running text, so that its beginning
/// stands there.
pub fn beginning(canvas: &Canvas, table: &Table, keep: f32) -> Result<f32, MissingGlyph> {
    if table.columns.is_empty() {
        return Ok(0.0);
    }
    let below = note_height(&note_lines(canvas, table)?);
    let set = fitted(canvas, table, below)?;
    Ok(due(canvas, table, &set, below, keep) + 2.0 * AROUND)
}

/// Whether a table needs a turned page: on an upright one its names or figures would be divided.
pub fn needs_turn(canvas: &Canvas, table: &Table) -> Result<bool, MissingGlyph> {
    divides(&Canvas { area: UPRIGHT, ..canvas.ahead(0.0) }, table)
}

/// A small table stands on one page, with what has to stand at its end. Of one that fits on a page a
/// third has to be here, of a longer one three rows, or fewer that are high; of either two rows where that saves a page.
fn due(canvas: &Canvas, table: &Table, set: &SetTable, below: f32, keep: f32) -> f32 {
    let whole = set.height(table, set.rows.len()) + below;
    if whole <= WHOLE {
        return whole + keep;
    }
    let fits = whole <= canvas.area.height - 2.0 * LINE;
    let rows = match fits {
        _ if saves_page_here(canvas, set, below, table.caption.is_some()) => 2,
        true => set.rows.len().div_ceil(3).max(2),
        false => first_together(&set.rows),
    };
    set.height(table, rows)
}

/// Whether a table that begins at the canvas's place ends a page earlier than one that begins on the next page.
fn saves_page_here(canvas: &Canvas, set: &SetTable, below: f32, has_caption: bool) -> bool {
    let next = (canvas.out.pages.len() + 1, canvas.area.height - set.head.height - LINE);
    last_page(canvas, set, below, has_caption) < last_page_from(canvas, set, below, next)
}

/// The number of first rows, which stand on the page on which the table begins.
fn first_together(rows: &[SetRow]) -> usize {
    let mut height = 0.0;
    let is_short = |row: &&SetRow| {
        height += row.height;
        height < FIRST_HEIGHT
    };
    (rows.iter().take(FIRST_ROWS).take_while(is_short).count() + 1).min(FIRST_ROWS)
}

fn note_height(note: &[SetLine]) -> f32 {
    if note.is_empty() { 0.0 } else { 1.5 + note.len() as f32 * NOTE_LINE }
}

/// A table whose cells are wrapped.
struct SetTable {
    grid: TableGrid,
    head: SetRow,
    rows: Vec<SetRow>,
}

impl SetTable {
    /// Of caption, head and so many rows.
    fn height(&self, table: &Table, rows: usize) -> f32 {
        let caption = if table.caption.is_some() { LINE } else { 0.0 };
        caption + self.head.height + self.rows.iter().take(rows).map(|row| row.height).sum::<f32>()
    }
}

/// The largest type and the widest rows, unless smaller ones save a page.
fn fitted(canvas: &Canvas, table: &Table, below: f32) -> Result<SetTable, MissingGlyph> {
    let mut forms = FORMS.into_iter().skip(if canvas.is_compact { COMPACT } else { 0 });
    let (size, blank) = forms.next().unwrap_or(FORMS[0]);
    let mut best = set_table(canvas, table, size, blank)?;
    let has_caption = table.caption.is_some();
    let least = match canvas.closing {
        Some(closing) => closing.pages(canvas.out.pages.len(), f32::MAX),
        None => canvas.out.pages.len(),
    };
    let mut pages = last_page(canvas, &best, below, has_caption);
    for (size, blank) in forms {
        if pages == least {
            break;
        }
        let next = set_table(canvas, table, size, blank)?;
        let fewer = last_page(canvas, &next, below, has_caption);
        if fewer < pages {
            (best, pages) = (next, fewer);
        }
    }
    Ok(best)
}

fn set_table(canvas: &Canvas, table: &Table, size: f32, blank: f32) -> Result<SetTable, MissingGlyph> {
    let grid = fit(canvas, table, size, blank)?;
    let head = set_row(canvas, &head_row(table), table, &grid, 0)?;
    let room = canvas.area.height - head.height - LINE;
    let mut rows = Vec::new();
    for (row, number) in table.rows.iter().zip(1..) {
        rows.extend(divided(set_row(canvas, row, table, &grid, number)?, &grid, room));
    }
    Ok(SetTable { grid, head, rows })
}

/// The page on which a table ends that begins at the canvas's place, or with it the document.
fn last_page(canvas: &Canvas, set: &SetTable, below: f32, has_caption: bool) -> usize {
    let above = if canvas.at_top() { 0.0 } else { 2.0 * AROUND } + if has_caption { LINE } else { 0.0 };
    let here = (canvas.out.pages.len(), canvas.room() - set.head.height - above);
    last_page_from(canvas, set, below, here)
}

/// The same of one whose first row stands on a page with so much room.
fn last_page_from(canvas: &Canvas, set: &SetTable, below: f32, (mut page, mut room): (usize, f32)) -> usize {
    let last = set.rows.len().saturating_sub(1);
    for (i, row) in set.rows.iter().enumerate() {
        let due = row.height + if i == last { below } else { 0.0 };
        if due > room + 0.01 {
            page += 1;
            room = canvas.area.height - set.head.height - LINE;
        }
        room -= row.height;
    }
    canvas.closing.map_or(page, |closing| closing.pages(page, room - below))
}

/// A row that is higher than a page, in parts that are not.
fn divided(row: SetRow, grid: &TableGrid, room: f32) -> Vec<SetRow> {
    if row.height <= room {
        return vec![row];
    }
    let most = (((room - grid.blank) / grid.pitch()) as usize).max(1);
    let count = row.cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(1).div_ceil(most);
    let part = |i: usize| {
        let cells: Vec<SetCell> = row
            .cells
            .iter()
            .map(|cell| SetCell {
                lines: cell.lines.iter().skip(i * most).take(most).cloned().collect(),
                course: if i == 0 { cell.course.clone() } else { Vec::new() },
                ..*cell
            })
            .collect();
        let lines = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(1).max(1);
        SetRow { cells, height: lines as f32 * grid.pitch() + grid.blank, bold: row.bold, leads: false }
    };
    (0..count).map(part).collect()
}

/// A table in running text takes whole lines of the grid, with equal blanks above and below.
fn centre(canvas: &mut Canvas, whole: f32) {
    if canvas.at_top() {
        return;
    }
    let lines = ((canvas.y - canvas.grid + whole + 2.0 * AROUND) / LINE - 0.01).ceil();
    let end = canvas.grid + lines * LINE;
    let fits = end <= canvas.bottom() + 0.01;
    canvas.y += if fits { (end - canvas.y - whole) / 2.0 } else { AROUND };
}

fn draw_caption(canvas: &mut Canvas, caption: Option<&str>) -> Result<(), MissingGlyph> {
    let Some(caption) = caption else { return Ok(()) };
    let place = ((canvas.area.left, canvas.area.width), (canvas.y, LINE));
    canvas.begin(Tag::Caption);
    canvas.text(caption, Type::new(TypeRole::Hei, SIZE_4), place.0, place.1, Alignment::Center)?;
    canvas.end();
    canvas.y += LINE;
    Ok(())
}

/// What stands above a table that goes on from the page before: its caption, or that of its annex.
fn continued(canvas: &mut Canvas, table: &Table) -> Result<(), MissingGlyph> {
    let words = canvas.words;
    let caption = match (&table.caption, canvas.label.as_str()) {
        (Some(caption), _) => fill(words.continued, &[caption]),
        (None, "") => words.continued_alone.to_owned(),
        (None, label) => fill(words.continued, &[label]),
    };
    let style = Type::new(TypeRole::Hei, SIZE_5);
    let across = (canvas.area.left, canvas.area.width);
    canvas.text(&caption, style, across, (canvas.y, CONTINUED), Alignment::Right)?;
    canvas.y += CONTINUED;
    Ok(())
}

/// Draws the rows page by page; the last rows stand together, and with the note, and a row that leads others stands
/// with the first of them.
fn draw_rows(canvas: &mut Canvas, table: &Table, set: &SetTable, below: f32) -> Result<(), MissingGlyph> {
    let SetTable { grid, head, rows } = set;
    draw_row(canvas, head, table, grid, true);
    let last = last_together(rows);
    for (i, row) in rows.iter().enumerate() {
        let next = rows.get(i + 1).map_or(0.0, |next| next.height);
        let keep = match i {
            _ if i >= last => rows[i..].iter().map(|row| row.height).sum::<f32>() + below,
            _ if row.leads => row.height + next,
            _ => row.height,
        };
        if keep > canvas.room() + 0.01 && i > 0 {
            close(canvas, grid);
            canvas.new_page(canvas.area);
            // Its head was read where the table began.
            let element = canvas.element.take();
            continued(canvas, table)?;
            draw_row(canvas, head, table, grid, true);
            canvas.element = element;
        }
        draw_row(canvas, row, table, grid, false);
    }
    close(canvas, grid);
    Ok(())
}

/// The first of the last rows, which stand on one page: a page with one or two rows is a waste.
fn last_together(rows: &[SetRow]) -> usize {
    let mut height = 0.0;
    let fits = |(i, row): &(usize, &SetRow)| {
        height += row.height;
        *i < 2 || *i < LAST_ROWS && height <= LAST_HEIGHT
    };
    rows.len() - rows.iter().rev().enumerate().take_while(fits).count()
}

fn note_lines(canvas: &Canvas, table: &Table) -> Result<Vec<SetLine>, MissingGlyph> {
    let Some(note) = &table.note else { return Ok(Vec::new()) };
    let style = Type::new(TypeRole::FangSong, SIZE_5);
    let setting = Setting::flush(style.em(), canvas.area.width, Alignment::Justified);
    let place = |lack: MissingGlyph| lack.at(format!("{}, table note", canvas.section));
    set(&style.chars(note), setting, canvas.metrics, "").map_err(place)
}

fn draw_note(canvas: &mut Canvas, lines: &[SetLine]) {
    let style = Type::new(TypeRole::FangSong, SIZE_5);
    if lines.is_empty() {
        return;
    }
    canvas.y += 1.5;
    canvas.begin(Tag::Paragraph);
    for line in lines {
        canvas.need(NOTE_LINE);
        canvas.put(line, canvas.area.left, canvas.y, NOTE_LINE, style);
        canvas.y += NOTE_LINE;
    }
    canvas.end();
}

fn head_row(table: &Table) -> Row {
    let cell = |column: &Column| Cell::text(&column.head);
    Row { cells: table.columns.iter().map(cell).collect(), ..Row::default() }
}

fn style(size: f32, bold: bool) -> Type {
    Type::new(if bold { TypeRole::Hei } else { TypeRole::FangSong }, size)
}

/// Names a cell: section, row with its first words, column.
fn place(canvas: &Canvas, table: &Table, row: usize, column: &Column) -> String {
    let cells = row.checked_sub(1).and_then(|row| table.rows.get(row)).map(|row| &row.cells);
    let words =
        cells.and_then(|cells| cells.iter().find(|cell| cell.number.is_none() && !cell.text.is_empty()));
    let words = words.map_or(String::new(), |cell| format!(" ({})", cell.text));
    match row {
        0 => format!("{}, table head {}", canvas.section, column.head),
        row => format!("{}, table row {row}{words}, column {}", canvas.section, column.head),
    }
}

/// Wraps the cells of a row; row 0 is the head.
fn set_row(
    canvas: &Canvas,
    row: &Row,
    table: &Table,
    grid: &TableGrid,
    number: usize,
) -> Result<SetRow, MissingGlyph> {
    let bold = number == 0 || row.total || row.leads;
    let style = style(grid.size, bold);
    let mut cells = Vec::new();
    for (i, column) in table.columns.iter().enumerate() {
        let cell = row.cells.get(i);
        let words = cell.map_or("", |cell| cell.text.as_str());
        // A text that is set in stays set in on all its lines.
        let indent = cell.map_or(0, |cell| cell.indent) as f32 * style.em();
        let measure = grid.widths[i] - 2.0 * grid.padding - indent + 0.05;
        let setting = Setting::flush(style.em(), measure, Alignment::Left);
        let chars = style.chars(words);
        let lines = |setting: Setting| {
            set(&chars, setting, canvas.metrics, "")
                .map_err(|lack| lack.at(place(canvas, table, number, column)))
        };
        // Heads, and terms and names, are divided between words.
        let is_name = chars.len() <= LONGEST_NAME && chars.iter().all(|char| is_han(char.c));
        let ragged = match number == 0 || is_name {
            true => title::set_by_sense(canvas, words, style, measure, "")
                .map_err(|lack| lack.at(place(canvas, table, number, column)))?,
            false => lines(setting)?,
        };
        // A cell that reads like a paragraph is set like one.
        let is_long = ragged.len() > 2 && measure > 14.0 * style.em();
        let justified = Setting { alignment: canvas.running(), ..setting };
        let course = cell.map_or(Vec::new(), |cell| cell.course.clone());
        cells.push(SetCell { indent, lines: if is_long { lines(justified)? } else { ragged }, course });
    }
    let most = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(1).max(1);
    Ok(SetRow { cells, height: most as f32 * grid.pitch() + grid.blank, bold, leads: row.leads })
}

fn draw_row(canvas: &mut Canvas, row: &SetRow, table: &Table, grid: &TableGrid, is_head: bool) {
    let style = style(grid.size, row.bold);
    let (left, top) = (canvas.area.left, canvas.y);
    let mut x = left;
    let scale = course::scale(table);
    // A head that is repeated is no row of the table.
    let is_read = canvas.element.is_some();
    if is_read {
        canvas.begin(Tag::Row);
    }
    for (i, (SetCell { indent, lines, course }, column)) in row.cells.iter().zip(&table.columns).enumerate() {
        if is_read {
            canvas.begin(if is_head { Tag::Head } else { Tag::Cell });
        }
        course::draw(
            canvas,
            course,
            scale,
            (x + grid.padding, top),
            (grid.widths[i] - 2.0 * grid.padding, row.height),
        );
        let block = lines.len() as f32 * grid.pitch();
        let mut y = top + (row.height - block) / 2.0;
        // Numbers and names keep a common edge; the column of them is centred below its head.
        let room = grid.widths[i] - 2.0 * grid.padding;
        let widest = grid.texts[i].min(room);
        for line in lines {
            let shift = match if is_head { Align::Center } else { column.align } {
                Align::Left => (room - widest) / 2.0 + indent,
                Align::Center => (room - line.width) / 2.0,
                Align::Right => (room + widest) / 2.0 - line.width,
            };
            canvas.put(line, x + grid.padding + shift.max(0.0), y, grid.pitch(), style);
            y += grid.pitch();
        }
        if is_read {
            canvas.end();
        }
        x += grid.widths[i];
    }
    if is_read {
        canvas.end();
    }
    let rule = if is_head { OUTER } else { INNER };
    canvas.rule(left, top, canvas.area.width, rule, Colour::Black);
    verticals(canvas, grid, top, row.height);
    canvas.y += row.height;
}

fn verticals(canvas: &mut Canvas, grid: &TableGrid, top: f32, height: f32) {
    let mut x = canvas.area.left;
    let last = grid.widths.len();
    for i in 0..=last {
        let width = if i == 0 || i == last { OUTER } else { INNER };
        let (from, to) = ((x, top), (x, top + height));
        canvas.push(PageItem::Line { from, to, width, colour: Colour::Black, dash: None });
        x += grid.widths.get(i).copied().unwrap_or(0.0);
    }
}

/// The lower edge of the table.
fn close(canvas: &mut Canvas, grid: &TableGrid) {
    let length = grid.widths.iter().sum();
    canvas.rule(canvas.area.left, canvas.y, length, OUTER, Colour::Black);
}
