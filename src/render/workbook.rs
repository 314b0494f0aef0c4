//! Tables as an XLSX workbook or as CSV. The numbers are those of the printed texts.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr;

use crate::report::document::{Align, Cell, Number, Row, Table};

/// The first rows of a sheet: title, then head; both stay in sight and are repeated in print.
const HEAD_ROW: u32 = 1;
/// Narrowest and widest column, in half-width characters.
const WIDTHS: (usize, usize) = (6, 48);
/// Excel refuses longer texts.
const LONGEST_TEXT: usize = 32_767;
const PAPER_A4: u8 = 9;
const FONT: &str = "宋体";

/// One sheet: a title, a table, and notes below it. A sheet of text alone has a table without columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// The tab; cleaned, shortened and made unique as Excel demands.
    pub name: String,
    pub title: String,
    pub table: Table,
    pub notes: Vec<String>,
}

/// Document properties. Everything in them is given, so that the same tables give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Properties {
    pub title: String,
    /// 发文机关.
    pub author: String,
    pub created: Timestamp,
}

/// A workbook that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    #[error("a workbook needs at least one sheet")]
    NoSheet,
    #[error("sheet {sheet} of the workbook cannot be written: {source}; shorten the report")]
    Sheet {
        /// Counted from 1.
        sheet: usize,
        source: XlsxError,
    },
    #[error("the workbook cannot be written: {0}")]
    Workbook(#[from] XlsxError),
}

/// The bytes of an XLSX file with the sheets in their order.
pub fn workbook(sheets: &[Sheet], properties: &Properties) -> Result<Vec<u8>, WorkbookError> {
    if sheets.is_empty() {
        return Err(WorkbookError::NoSheet);
    }
    let mut workbook = Workbook::new();
    workbook.set_properties(&document_properties(properties)?);
    let names = unique_names(sheets.iter().map(|sheet| sheet.name.as_str()));
    for (index, (sheet, name)) in sheets.iter().zip(&names).enumerate() {
        let worksheet = workbook.add_worksheet();
        fill(worksheet, name, sheet).map_err(|source| WorkbookError::Sheet { sheet: index + 1, source })?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn document_properties(properties: &Properties) -> Result<DocProperties, XlsxError> {
    let created = ExcelDateTime::from_timestamp(properties.created.as_second())?;
    Ok(DocProperties::new()
        .set_title(&properties.title)
        .set_author(&properties.author)
        .set_creation_datetime(&created))
}

fn fill(worksheet: &mut Worksheet, name: &str, sheet: &Sheet) -> Result<(), XlsxError> {
    worksheet.set_name(name)?;
    set_up_page(worksheet, sheet)?;
    let last_column = sheet.table.columns.len().saturating_sub(1) as u16;
    write_title(worksheet, &sheet.title, last_column)?;
    for (column, head) in sheet.table.columns.iter().enumerate() {
        worksheet.write_string_with_format(HEAD_ROW, column as u16, clipped(&head.head), &head_format())?;
        worksheet.set_column_width(column as u16, column_width(&sheet.table, column) as f64)?;
    }
    let mut row = HEAD_ROW;
    for values in &sheet.table.rows {
        row += 1;
        write_row(worksheet, row, &sheet.table, values)?;
    }
    write_notes(worksheet, row + 2, sheet)
}

/// A4, one page wide; wide tables lie across. Page numbers in the foot as official pages show them.
fn set_up_page(worksheet: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let width: usize = (0..sheet.table.columns.len()).map(|column| column_width(&sheet.table, column)).sum();
    worksheet.set_paper_size(PAPER_A4);
    if width > 90 {
        worksheet.set_landscape();
    }
    worksheet.set_print_fit_to_pages(1, 0);
    worksheet.set_print_center_horizontally(true);
    worksheet.set_footer("&C— &P / &N —");
    if sheet.table.columns.is_empty() {
        worksheet.set_column_width(0, 90)?;
        return Ok(());
    }
    worksheet.set_repeat_rows(0, HEAD_ROW)?;
    // The first two columns, number and unit, stay in sight where there are others beside them.
    let kept = if sheet.table.columns.len() > 4 { 2 } else { 0 };
    worksheet.set_freeze_panes(HEAD_ROW + 1, kept)?;
    Ok(())
}

fn write_title(worksheet: &mut Worksheet, title: &str, last_column: u16) -> Result<(), XlsxError> {
    let format = Format::new().set_font_name(FONT).set_font_size(16).set_bold();
    let format = format.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter);
    worksheet.set_row_height(0, 30)?;
    if last_column == 0 {
        worksheet.write_string_with_format(0, 0, clipped(title), &format)?;
    } else {
        worksheet.merge_range(0, 0, 0, last_column, clipped(title), &format)?;
    }
    Ok(())
}

fn write_row(worksheet: &mut Worksheet, row: u32, table: &Table, values: &Row) -> Result<(), XlsxError> {
    for (column, cell) in values.cells.iter().enumerate() {
        let align = table.columns.get(column).map_or(Align::Left, |column| column.align);
        let format = cell_format(cell, align, values.total);
        match cell.number.map(value) {
            // A text is always stored as text, so that a leading = never becomes a formula.
            None => worksheet.write_string_with_format(row, column as u16, clipped(&cell.text), &format)?,
            Some(number) => worksheet.write_number_with_format(row, column as u16, number, &format)?,
        };
    }
    Ok(())
}

fn write_notes(worksheet: &mut Worksheet, first: u32, sheet: &Sheet) -> Result<(), XlsxError> {
    let is_text_sheet = sheet.table.columns.is_empty();
    let format = Format::new().set_font_name(FONT).set_font_size(10).set_align(FormatAlign::Top);
    let format = if is_text_sheet { format.set_text_wrap() } else { format };
    for (row, note) in (first..).zip(sheet.table.note.iter().chain(&sheet.notes)) {
        worksheet.write_string_with_format(row, 0, clipped(note), &format)?;
    }
    Ok(())
}

fn base_format() -> Format {
    let format = Format::new().set_font_name(FONT).set_font_size(11).set_border(FormatBorder::Thin);
    format.set_align(FormatAlign::VerticalCenter)
}

fn head_format() -> Format {
    let format = base_format().set_bold().set_text_wrap().set_align(FormatAlign::Center);
    format.set_background_color(Color::RGB(0xD9E1F2))
}

fn cell_format(cell: &Cell, align: Align, total: bool) -> Format {
    let mut format = base_format().set_align(match align {
        Align::Left => FormatAlign::Left,
        Align::Center => FormatAlign::Center,
        Align::Right => FormatAlign::Right,
    });
    if let Some(number) = cell.number {
        format = format.set_num_format(number_format(number));
    }
    if total {
        format = format.set_bold();
    }
    // Text and ground differ in lightness too, so that it shows in greyscale.
    match cell.met {
        Some(true) => format.set_background_color(Color::RGB(0xE2EFDA)).set_font_color(Color::RGB(0x375623)),
        Some(false) => format.set_background_color(Color::RGB(0xF8CBAD)).set_font_color(Color::RGB(0x9C0006)),
        None => format,
    }
}

fn number_format(number: Number) -> &'static str {
    match number {
        Number::Count(_) => "#,##0",
        Number::Percent(_) => "0.00%",
        Number::Points(_) => "+0.00;-0.00;0.00",
        Number::Score(_) => "0.00",
    }
}

fn value(number: Number) -> f64 {
    match number {
        // Exact below 2^53, more than any population.
        Number::Count(count) => count as f64,
        Number::Percent(value) | Number::Points(value) | Number::Score(value) => value,
    }
}

/// Wide enough for the head and every value; a Chinese character takes two.
fn column_width(table: &Table, column: usize) -> usize {
    let cells = table.rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| cell.text.width());
    let head = table.columns.get(column).map(|column| column.head.width());
    let widest = cells.chain(head).max().unwrap_or_default();
    (widest + 2).clamp(WIDTHS.0, WIDTHS.1)
}

fn clipped(text: &str) -> &str {
    prefix(text, LONGEST_TEXT)
}

/// The longest beginning of whole characters within so many UTF-16 units, which Excel counts in.
fn prefix(text: &str, units: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used > units
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Names as Excel takes them: 1 to 31 UTF-16 units, none of `[ ] : * ? / \`, no apostrophe at an end,
/// not `History`, and no two alike without regard to case.
fn unique_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = BTreeSet::from(["history".to_string()]);
    let mut unique = Vec::new();
    for name in names {
        let clean = cleaned(name);
        let numbered = (2..).map(|number| with_suffix(&clean, &format!("({number})")));
        let free = std::iter::once(with_suffix(&clean, ""))
            .chain(numbered)
            .find(|name| taken.insert(name.to_lowercase()));
        unique.extend(free);
    }
    unique
}

fn cleaned(name: &str) -> String {
    let forbidden = |c: char| c.is_control() || "[]:*?/\\".contains(c);
    let replaced: String = name.chars().map(|c| if forbidden(c) { ' ' } else { c }).collect();
    let trimmed = replaced.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    if trimmed.is_empty() { "表".to_string() } else { trimmed.to_string() }
}

fn with_suffix(name: &str, suffix: &str) -> String {
    let shortened = prefix(name, 31 - suffix.len()).trim_end_matches(['\'', ' ']);
    format!("{shortened}{suffix}")
}

/// The table as CSV (RFC 4180) in UTF-8 with a byte order mark, without which Excel reads Chinese
/// text in the local code page.
pub fn csv(table: &Table) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    let heads = table.columns.iter().map(|column| csv_field(&column.head, false));
    text.push_str(&heads.collect::<Vec<_>>().join(","));
    text.push_str("\r\n");
    for row in &table.rows {
        let fields = row.cells.iter().map(|cell| csv_field(&cell.text, cell.number.is_some()));
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
