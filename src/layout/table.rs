//! Tables: columns fitted to their contents, heads repeated on every page.

use super::line_break::{Alignment, Line, Setting, set, width};
use super::metrics::{MissingGlyph, Role};
use super::page::{Canvas, Colour, Item, LINE, MM_PER_PT, SIZE_4, SIZE_5, SIZE_SMALL_4, Type};
use crate::report::document::{Align, Row, Table};

/// Blank on each side of a cell's text, in mm.
const PADDING: f32 = 1.2;
/// Outer and inner rules, in mm.
const OUTER: f32 = 0.35;
const INNER: f32 = 0.15;

/// Column edges and text size of a table.
struct Grid {
    size: f32,
    widths: Vec<f32>,
}

/// Sets a table at the canvas's place, over as many pages as it needs.
pub fn table(canvas: &mut Canvas, table: &Table) -> Result<(), MissingGlyph> {
    if table.columns.is_empty() {
        return Ok(());
    }
    let grid = fit(canvas, table)?;
    let head = row_lines(canvas, &head_row(table), table, &grid, true)?;
    let head_height = row_height(&head, &grid);
    let first = match table.rows.first() {
        Some(row) => row_height(&row_lines(canvas, row, table, &grid, false)?, &grid),
        None => 0.0,
    };
    let caption = table.caption.as_ref().map_or(0.0, |_| LINE);
    canvas.need(caption + head_height + first);
    if let Some(caption) = &table.caption {
        let place = ((canvas.area.left, canvas.area.width), (canvas.y, LINE));
        canvas.text(caption, Type::new(Role::Hei, SIZE_4), place.0, place.1, Alignment::Center)?;
        canvas.y += LINE;
    }
    draw_row(canvas, &head, table, &grid, true, true);
    for row in &table.rows {
        let lines = row_lines(canvas, row, table, &grid, row.total)?;
        if row_height(&lines, &grid) > canvas.room() + 0.01 {
            close(canvas, &grid);
            canvas.new_page(canvas.area);
            draw_row(canvas, &head, table, &grid, true, true);
        }
        draw_row(canvas, &lines, table, &grid, row.total, false);
    }
    close(canvas, &grid);
    canvas.y += 1.5;
    note(canvas, table)
}

fn note(canvas: &mut Canvas, table: &Table) -> Result<(), MissingGlyph> {
    let Some(note) = &table.note else { return Ok(()) };
    let style = Type::new(Role::FangSong, SIZE_5);
    let setting =
        Setting { em: style.em(), measure: canvas.area.width, indent: 0.0, alignment: Alignment::Left };
    for line in set(&style.chars(note), setting, canvas.metrics, "table note")? {
        canvas.need(5.0);
        canvas.put(&line, canvas.area.left, canvas.y, 5.0, style);
        canvas.y += 5.0;
    }
    canvas.y += 2.0;
    Ok(())
}

fn head_row(table: &Table) -> Row {
    let cell = |column: &crate::report::document::Column| crate::report::document::Cell::text(&column.head);
    Row { cells: table.columns.iter().map(cell).collect(), total: false }
}

fn style(size: f32, bold: bool) -> Type {
    Type::new(if bold { Role::Hei } else { Role::FangSong }, size)
}

/// The largest size at which everything stands on one line, heads too if they can; if there is none,
/// the smallest, with the widest columns wrapped.
fn fit(canvas: &Canvas, table: &Table) -> Result<Grid, MissingGlyph> {
    let measure = canvas.area.width;
    let (heads, texts) = natural_widths(canvas, table)?;
    let whole = |wrapped: bool, size: f32| -> Vec<f32> {
        let head = |head: f32| if wrapped && head > 5.0 { (head / 2.0).ceil().max(4.0) } else { head };
        let em = |(h, t): (&f32, &f32)| head(*h).max(*t).max(1.0) * size * MM_PER_PT + 2.0 * PADDING;
        heads.iter().zip(&texts).map(em).collect()
    };
    for (wrapped, size) in [(false, SIZE_SMALL_4), (true, SIZE_SMALL_4), (false, SIZE_5), (true, SIZE_5)] {
        let widths = whole(wrapped, size);
        let sum: f32 = widths.iter().sum();
        if sum <= measure {
            let extra = (measure - sum) / widths.len() as f32;
            return Ok(Grid { size, widths: widths.iter().map(|width| width + extra).collect() });
        }
    }
    let least = 4.0 * SIZE_5 * MM_PER_PT + 2.0 * PADDING;
    Ok(Grid { size: SIZE_5, widths: squeeze(&whole(true, SIZE_5), measure, least) })
}

/// Narrows the widest columns to a common width until the table fits; none goes below `least`
/// unless all must.
fn squeeze(natural: &[f32], measure: f32, least: f32) -> Vec<f32> {
    let sum_at = |cap: f32| natural.iter().map(|width| width.min(cap)).sum::<f32>();
    let (mut low, mut high) = (0.0, natural.iter().copied().fold(0.0, f32::max));
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if sum_at(middle) > measure { high = middle } else { low = middle }
    }
    if low < least.min(measure / natural.len() as f32) {
        return vec![measure / natural.len() as f32; natural.len()];
    }
    natural.iter().map(|width| width.min(low)).collect()
}

/// The width of each head, and of the widest text below it, in em.
fn natural_widths(canvas: &Canvas, table: &Table) -> Result<(Vec<f32>, Vec<f32>), MissingGlyph> {
    let (mut heads, mut texts) = (Vec::new(), Vec::new());
    for (i, column) in table.columns.iter().enumerate() {
        let place = format!("table column {}", column.head);
        let measure =
            |text: &str, bold: bool| width(&style(SIZE_5, bold).chars(text), canvas.metrics, &place);
        heads.push(measure(&column.head, true)?);
        let mut widest: f32 = 0.0;
        for row in &table.rows {
            let Some(cell) = row.cells.get(i) else { continue };
            widest = widest.max(measure(&cell.text, row.total)?);
        }
        texts.push(widest);
    }
    Ok((heads, texts))
}

/// The wrapped lines of each cell of a row.
fn row_lines(
    canvas: &Canvas,
    row: &Row,
    table: &Table,
    grid: &Grid,
    bold: bool,
) -> Result<Vec<Vec<Line>>, MissingGlyph> {
    let style = style(grid.size, bold);
    let mut out = Vec::new();
    for (i, column) in table.columns.iter().enumerate() {
        let text = row.cells.get(i).map_or("", |cell| cell.text.as_str());
        let setting = Setting {
            em: style.em(),
            measure: grid.widths[i] - 2.0 * PADDING + 0.05,
            indent: 0.0,
            alignment: Alignment::Left,
        };
        let place = format!("table column {}", column.head);
        out.push(set(&style.chars(text), setting, canvas.metrics, &place)?);
    }
    Ok(out)
}

fn pitch(grid: &Grid) -> f32 {
    grid.size * MM_PER_PT * 1.35
}

fn row_height(cells: &[Vec<Line>], grid: &Grid) -> f32 {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
    lines as f32 * pitch(grid) + 2.2
}

fn draw_row(canvas: &mut Canvas, cells: &[Vec<Line>], table: &Table, grid: &Grid, bold: bool, is_head: bool) {
    let height = row_height(cells, grid);
    let style = style(grid.size, bold);
    let (left, top) = (canvas.area.left, canvas.y);
    if is_head {
        let fill =
            Item::Fill { x: left, y: top, width: canvas.area.width, height, colour: Colour::Grey(0.93) };
        canvas.push(fill);
    }
    let mut x = left;
    for ((lines, column), width) in cells.iter().zip(&table.columns).zip(&grid.widths) {
        let block = lines.len() as f32 * pitch(grid);
        let mut y = top + (height - block) / 2.0;
        for line in lines {
            let free = width - 2.0 * PADDING - line.width;
            let shift = match if is_head { Align::Center } else { column.align } {
                Align::Left => 0.0,
                Align::Center => free / 2.0,
                Align::Right => free,
            };
            canvas.put(line, x + PADDING + shift.max(0.0), y, pitch(grid), style);
            y += pitch(grid);
        }
        x += width;
    }
    let rule = if is_head { OUTER } else { INNER };
    canvas.rule(left, top, canvas.area.width, rule, Colour::Black);
    verticals(canvas, grid, top, height);
    canvas.y += height;
}

fn verticals(canvas: &mut Canvas, grid: &Grid, top: f32, height: f32) {
    let mut x = canvas.area.left;
    let last = grid.widths.len();
    for i in 0..=last {
        let width = if i == 0 || i == last { OUTER } else { INNER };
        canvas.push(Item::Line {
            from: (x, top),
            to: (x, top + height),
            width,
            colour: Colour::Black,
            dash: None,
        });
        x += grid.widths.get(i).copied().unwrap_or(0.0);
    }
}

/// The lower edge of the table.
fn close(canvas: &mut Canvas, grid: &Grid) {
    let length = grid.widths.iter().sum();
    canvas.rule(canvas.area.left, canvas.y, length, OUTER, Colour::Black);
}
