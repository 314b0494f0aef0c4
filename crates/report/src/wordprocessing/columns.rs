//! Widths of the columns in a word processor: a number keeps to one line there, also on a machine whose
//! fonts have wider digits than those of the page.

use crate::layout::page::{MM_PER_PT, TableForm};
use crate::report::document::{Row, Table};

/// What a number has beside it at least, in mm, with the rules of its cell.
const BESIDE: f32 = 0.6;
/// Bold digits are wider by so much.
const BOLD: f32 = 1.1;
/// The least width of a column for the words of its head, and for the small lines of its cells, in em.
const HEAD: f32 = 2.0;
const LINES: f32 = 2.5;

/// The form of a table with columns that hold its numbers in any font. They take the width from columns that have
/// more than their texts need; the table is as wide as before. Where all columns together have too little, each
/// number gets its share of what there is.
pub(super) fn roomy(table: &Table, form: &TableForm) -> TableForm {
    let widths: Vec<f32> = form.columns.iter().map(|(width, _)| *width).collect();
    let needs =
        |heads: HeadFit| -> Vec<f32> { (0..widths.len()).map(|i| need(table, form, i, heads)).collect() };
    let over = |from: &[f32], to: &[f32]| from.iter().zip(to).map(|(a, b)| (a - b).max(0.0)).sum::<f32>();
    let as_they_are = needs(HeadFit::AsTheyAre);
    let is_enough = over(&widths, &as_they_are) >= over(&as_they_are, &widths);
    let needs = if is_enough { as_they_are } else { needs(HeadFit::Wrapped) };
    let (lacking, spare) = (over(&needs, &widths), over(&widths, &needs));
    if lacking == 0.0 || spare == 0.0 {
        return form.clone();
    }
    let moved = lacking.min(spare);
    let widened = |width: f32, need: f32| match need > width {
        true => width + (need - width) * moved / lacking,
        false => width - (width - need) * moved / spare,
    };
    let columns = form.columns.iter().zip(&needs);
    let columns = columns.map(|((width, widest), need)| (widened(*width, *need), *widest)).collect();
    TableForm { columns, ..form.clone() }
}

/// What may become of the heads of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeadFit {
    /// One that has one line keeps it.
    AsTheyAre,
    /// They take as many lines as they need, and small lines less width.
    Wrapped,
}

/// What a column needs so that no number of it is divided, and no text of it on more lines than on the page.
fn need(table: &Table, form: &TableForm, column: usize, heads: HeadFit) -> f32 {
    let em = form.size * MM_PER_PT;
    let (width, widest) = form.columns[column];
    let numbers = widest_number(table, form, column);
    let cells = table.rows.iter().filter_map(|row| row.cells.get(column));
    let has_text = cells.clone().any(|cell| cell.number.is_none() && !cell.text.is_empty());
    let has_lines = cells.clone().any(|cell| !cell.course.is_empty());
    let texts = if has_text { (widest + 2.0 * form.padding).min(width) } else { 0.0 };
    let with_padding = |ems: f32| (ems * em + 2.0 * form.padding).min(width);
    let whole = with_padding(head_width(&table.columns[column].head));
    let keeps_head = heads == HeadFit::AsTheyAre && whole < width;
    let head = if keeps_head { whole } else { with_padding(HEAD) };
    let lines = match (has_lines, heads) {
        (false, _) => 0.0,
        (true, HeadFit::AsTheyAre) => width,
        (true, HeadFit::Wrapped) => with_padding(LINES),
    };
    numbers.max(texts).max(lines).max(head)
}

/// The width in mm that the widest number of a column takes in any font, with the least blank beside it; 0 without one.
pub(super) fn widest_number(table: &Table, form: &TableForm, column: usize) -> f32 {
    let em = form.size * MM_PER_PT;
    let number = |row: &Row| {
        let cell = row.cells.get(column).filter(|cell| cell.number.is_some())?;
        let size = if row.total || row.leads { BOLD * em } else { em };
        Some(widest_digits(&cell.text) * size + BESIDE)
    };
    table.rows.iter().filter_map(number).fold(0.0, f32::max)
}

/// The width of a head on one line, in em.
fn head_width(text: &str) -> f32 {
    text.chars().map(|c| if c.is_ascii() { 0.55 } else { 1.0 }).sum()
}

/// The width of a number in em, in the widest type that stands for 仿宋 or Times on a machine without them.
fn widest_digits(text: &str) -> f32 {
    let width = |c: char| match c {
        '0'..='9' => 0.64,
        '.' | ',' | ' ' | ':' => 0.35,
        '-' => 0.42,
        '+' => 0.84,
        '%' => 0.96,
        _ => 1.0,
    };
    text.chars().map(width).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::cells;
    use crate::report::document::{Align, Cell, Column};

    fn table(rows: Vec<Vec<Cell>>) -> Table {
        let columns = rows[0].iter().map(|_| Column { head: "得分".to_owned(), align: Align::Right });
        let columns = columns.collect();
        let rows = rows.into_iter().map(|cells| Row { cells, ..Row::default() }).collect();
        Table { columns, rows, ..Table::default() }
    }

    fn form(widths: &[(f32, f32)]) -> TableForm {
        let columns = widths.to_vec();
        TableForm { size: 9.0, pitch: 4.0, blank: 1.2, columns, padding: 1.2, is_whole: true }
    }

    #[test]
    fn a_narrow_number_takes_its_width_from_a_wide_name() {
        let table = table(vec![vec![Cell::text("甲村"), cells::points(Some(9_175))]]);
        let before = form(&[(40.0, 6.4), (8.6, 7.9)]);
        let after = roomy(&table, &before);
        let widths = |form: &TableForm| form.columns.iter().map(|(width, _)| *width).collect::<Vec<_>>();
        // Five characters of a wide font at 9 pt are 9.2 mm.
        assert!(widths(&after)[1] >= 9.7, "{after:?}");
        let sum = |form: &TableForm| widths(form).iter().sum::<f32>();
        assert!((sum(&after) - sum(&before)).abs() < 0.001, "{after:?}");
    }

    #[test]
    fn what_has_room_stays_and_no_name_is_squeezed() {
        let roomy_already = table(vec![vec![Cell::text("甲村"), cells::count(7)]]);
        let before = form(&[(40.0, 6.4), (20.0, 1.6)]);
        assert_eq!(roomy(&roomy_already, &before), before);
        // Nothing to spare: the name needs all that it has.
        let tight = table(vec![vec![Cell::text("第一居民委员会"), cells::points(Some(10_000))]]);
        let before = form(&[(24.6, 22.2), (8.0, 7.9)]);
        assert_eq!(roomy(&tight, &before).columns[0].0, 24.6);
    }
}
