//! How wide the columns of a sheet of a workbook are.

use tongbao_report::report::document::Table;
use unicode_width::UnicodeWidthStr;

/// Narrowest and widest column, in half-width characters; longer texts are wrapped.
pub(crate) const WIDTHS: (usize, usize) = (6, 44);
/// The widest of a column that stands last: it may take what the page has left.
const LAST_WIDTH: usize = 66;

/// Wide enough for the head and every value, within limits; a Chinese character takes two. A long head of numbers
/// stands on two lines, with its words whole.
pub(crate) fn column_width(table: &Table, column: usize) -> usize {
    let cells = table.rows.iter().filter_map(|row| row.cells.get(column));
    let is_number = cells.clone().any(|cell| cell.number.is_some());
    let head = table.columns.get(column).map_or("", |column| column.head.as_str());
    let head = if is_number { halved(head) } else { head.width() };
    let widest = cells.map(|cell| cell.text.width()).max().unwrap_or_default().max(head);
    let is_last = column + 1 == table.columns.len();
    (widest + 2).clamp(WIDTHS.0, if is_last { LAST_WIDTH } else { WIDTHS.1 })
}

fn halved(head: &str) -> usize {
    let whole = head.width();
    let words = head.split_whitespace().filter(|word| word.is_ascii());
    let half = if whole >= 8 { whole.div_ceil(4) * 2 + 1 } else { whole };
    words.map(UnicodeWidthStr::width).fold(half, usize::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_head_is_halved_between_words() {
        for (head, width) in [
            ("Deducted", 8),
            ("Completeness points", 12),
            ("Rank in group", 9),
            ("覆盖率得分", 7),
            ("扣分", 4),
        ] {
            assert_eq!(halved(head), width, "{head}");
        }
    }
}
