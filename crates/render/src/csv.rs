//! A table as CSV. The numbers are those of the printed texts.

use tongbao_report::report::document::{Cell, Table};
use tongbao_report::report::wording::NO_RATE;

/// The table as CSV (RFC 4180) in UTF-8 with a byte order mark, without which Excel reads Chinese
/// text in the local code page.
pub fn csv(table: &Table) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    let heads = table.columns.iter().map(|column| csv_field(&column.head, false));
    text.push_str(&heads.collect::<Vec<_>>().join(","));
    text.push_str("\r\n");
    for row in &table.rows {
        // A figure that is missing is an empty field: — would make a column of numbers one of texts.
        let shown = |cell: &Cell| if cell.text == NO_RATE { String::new() } else { cell.text.clone() };
        let fields = row.cells.iter().map(|cell| csv_field(&shown(cell), cell.number.is_some()));
        text.push_str(&fields.collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// A text that a spreadsheet would take for a formula gets an apostrophe before it.
fn csv_field(text: &str, is_number: bool) -> String {
    let starts_formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let guarded =
        if starts_formula && !is_number && !reads_as_number(text) { format!("'{text}") } else { text.into() };
    if guarded.contains([',', '"', '\r', '\n', '\t']) || guarded != guarded.trim() {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

/// A sign, digits, at most one point, perhaps a per cent sign: nothing a spreadsheet would evaluate.
fn reads_as_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = digits.strip_suffix('%').unwrap_or(digits);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.matches('.').count() <= 1
}
