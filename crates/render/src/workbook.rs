//! Tables as an XLSX workbook. The numbers are those of the printed texts.

use jiff::Timestamp;
use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet, XlsxError, column_number_to_name,
};
use tongbao_message::Worded;
use unicode_width::UnicodeWidthStr;

use super::sheet_fit::{SheetFit, SheetSize};
use super::sheet_name::{prefix, unique_names};
use super::sheet_width::{WIDTHS, column_width};
use tongbao_report::report::document::{Align, Cell, Formula, PrintedNumber, RatioTarget, Row, Table};

/// The first rows of a sheet: title, then head; both stay in sight and are repeated in print.
const HEAD_ROW: u32 = 1;
/// Width of a sheet of text alone, and what a column takes besides its characters.
const TEXT_WIDTH: usize = 92;
const BESIDE: f64 = 5.0 / 7.0;
/// Height of the title, of a line in a cell, and of a line of a note, in points.
const TITLE_HEIGHT: f64 = 30.0;
const LINE_HEIGHT: f64 = 15.0;
const NOTE_HEIGHT: f64 = 14.0;
/// Excel refuses longer texts.
const LONGEST_TEXT: usize = 32_767;
const PAPER_A4: u8 = 9;

/// One sheet: a title, a table, and notes below it. A sheet of text alone has a table without columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    /// The tab; cleaned, shortened and made unique as Excel demands.
    pub name: String,
    /// First row of the sheet.
    pub title: String,
    /// Below the title.
    pub table: Table,
    /// A row each, below the table.
    pub notes: Vec<String>,
}

/// Document properties. Everything in them is given, so that the same tables give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkbookProperties {
    /// As the document has it.
    pub title: String,
    /// 发文机关.
    pub author: String,
    /// When the run was recorded, so that a reprint has the same bytes.
    pub created: Timestamp,
    /// Name of a font that the readers' machines have.
    pub font: &'static str,
}

/// A workbook that cannot be written.
#[derive(Debug, thiserror::Error, Worded)]
pub enum WorkbookError {
    /// Excel opens no workbook without one.
    NoSheet,
    /// A sheet is larger than Excel allows.
    Sheet {
        /// Counted from 1.
        sheet: usize,
        /// What the library says.
        source: XlsxError,
    },
    /// What the library says.
    Workbook(#[from] XlsxError),
}

/// The bytes of an XLSX file with the sheets in their order.
pub fn workbook(sheets: &[Sheet], properties: &WorkbookProperties) -> Result<Vec<u8>, WorkbookError> {
    if sheets.is_empty() {
        return Err(WorkbookError::NoSheet);
    }
    let mut workbook = Workbook::new();
    workbook.set_properties(&document_properties(properties)?);
    let names = unique_names(sheets.iter().map(|sheet| sheet.name.as_str()));
    for (index, (sheet, name)) in sheets.iter().zip(&names).enumerate() {
        let columns = 0..sheet.table.columns.len();
        let widths = columns.map(|column| column_width(&sheet.table, column)).collect();
        let mut page = WorkbookPage { worksheet: workbook.add_worksheet(), font: properties.font, widths };
        page.fill(name, sheet).map_err(|source| WorkbookError::Sheet { sheet: index + 1, source })?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn document_properties(properties: &WorkbookProperties) -> Result<DocProperties, XlsxError> {
    let created = ExcelDateTime::from_timestamp(properties.created.as_second())?;
    Ok(DocProperties::new()
        .set_title(&properties.title)
        .set_author(&properties.author)
        .set_creation_datetime(&created))
}

/// A sheet as it is written.
struct WorkbookPage<'a> {
    worksheet: &'a mut Worksheet,
    font: &'static str,
    /// Of the columns: each asks for every cell, so they are found once and not for each cell.
    widths: Vec<usize>,
}

impl WorkbookPage<'_> {
    fn fill(&mut self, name: &str, sheet: &Sheet) -> Result<(), XlsxError> {
        self.worksheet.set_name(name)?;
        self.set_up(sheet)?;
        let last_column = sheet.table.columns.len().saturating_sub(1) as u16;
        self.write_title(&sheet.title, last_column)?;
        let head = self.base_format().set_bold().set_text_wrap().set_align(FormatAlign::Center);
        let head = head.set_background_color(Color::RGB(0xD9E1F2));
        for (column, text) in sheet.table.columns.iter().enumerate() {
            let at = column as u16;
            self.worksheet.write_string_with_format(HEAD_ROW, at, clipped(&text.head), &head)?;
            self.worksheet.set_column_width(at, self.width(column) as f64)?;
        }
        let heads = sheet.table.columns.iter().map(|column| column.head.as_str());
        self.worksheet.set_row_height(HEAD_ROW, self.row_height(heads))?;
        let mut row = HEAD_ROW;
        let rules = rules(&sheet.table);
        for values in &sheet.table.rows {
            row += 1;
            self.write_row(row, &sheet.table, values, &rules)?;
            // Not every program lets rows grow with their wrapped texts.
            let height = self.row_height(values.cells.iter().map(|cell| cell.text.as_str()));
            if height > LINE_HEIGHT {
                self.worksheet.set_row_height(row, height)?;
            }
        }
        // The rows of units can be filtered; the total stays below them.
        let last_unit = row - u32::from(sheet.table.rows.last().is_some_and(|row| row.total));
        if sheet.table.unit.is_some() && last_unit > HEAD_ROW {
            self.worksheet.autofilter(HEAD_ROW, 0, last_unit, last_column)?;
        }
        for (column, target) in rules.iter().enumerate() {
            if let Some(target) = target {
                self.colour_against(column as u16, HEAD_ROW + 1, row, *target)?;
            }
        }
        self.write_notes(row + 2, last_column, sheet)
    }

    /// A4, one page wide; wide tables are landscape. Heads are repeated on every page, and its foot has
    /// the sheet's name and the page number.
    fn set_up(&mut self, sheet: &Sheet) -> Result<(), XlsxError> {
        let columns = sheet.table.columns.len();
        let fit = self.fit(sheet);
        self.worksheet.set_paper_size(PAPER_A4);
        if fit.is_landscape {
            self.worksheet.set_landscape();
        }
        self.worksheet.set_print_fit_to_pages(1, fit.pages);
        self.worksheet.set_print_center_horizontally(true);
        // Inches: left, right, top, bottom, and of head and foot.
        self.worksheet.set_margins(0.6, 0.6, 0.75, 0.75, 0.3, 0.3);
        self.worksheet.set_footer("&L&A&R&P / &N");
        if columns == 0 {
            self.worksheet.set_column_width(0, TEXT_WIDTH as f64)?;
            return Ok(());
        }
        self.worksheet.set_repeat_rows(0, HEAD_ROW)?;
        // Number, code and unit stay in sight where there are others beside them.
        let kept = match sheet.table.unit {
            Some(unit) if columns > unit + 3 => unit as u16 + 1,
            _ => 0,
        };
        self.worksheet.set_freeze_panes(HEAD_ROW + 1, kept)?;
        Ok(())
    }

    /// How the sheet is printed, with its notes below a blank row.
    fn fit(&self, sheet: &Sheet) -> SheetFit {
        let head = self.row_height(sheet.table.columns.iter().map(|column| column.head.as_str()));
        let row = |row: &Row| self.row_height(row.cells.iter().map(|cell| cell.text.as_str()));
        let rows: f64 = sheet.table.rows.iter().map(row).sum();
        let notes: f64 = notes(sheet).map(|note| self.note_height(note)).sum();
        let repeated = TITLE_HEIGHT + head;
        let width = match self.widths.as_slice() {
            [] => TEXT_WIDTH as f64,
            widths => widths.iter().map(|width| *width as f64 + BESIDE).sum(),
        };
        SheetFit::of(SheetSize { width, height: repeated + rows + LINE_HEIGHT + notes }, repeated)
    }

    /// The height of a row whose longer texts are wrapped, in points. Quotation marks are as wide as characters in the
    /// typefaces of offices.
    fn row_height<'t>(&self, texts: impl Iterator<Item = &'t str>) -> f64 {
        let lines = texts.enumerate().map(|(i, text)| text.width_cjk().div_ceil(self.width(i).max(2) - 1));
        match lines.max() {
            Some(lines @ 2..) => (LINE_HEIGHT * lines as f64 + 3.0).min(409.0),
            _ => LINE_HEIGHT,
        }
    }

    /// Notes run over the width of the table.
    fn note_height(&self, note: &str) -> f64 {
        let width = self.widths.iter().sum::<usize>().max(WIDTHS.1);
        let width = if self.widths.len() < 2 { TEXT_WIDTH } else { width };
        NOTE_HEIGHT * note.width_cjk().div_ceil(width).max(1) as f64
    }

    fn write_title(&mut self, title: &str, last_column: u16) -> Result<(), XlsxError> {
        let format = Format::new().set_font_name(self.font).set_font_size(16).set_bold();
        let format = format.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter);
        self.worksheet.set_row_height(0, TITLE_HEIGHT)?;
        self.write_across(0, last_column, title, &format)
    }

    /// Writes a text over the whole width of the table.
    fn write_across(
        &mut self,
        row: u32,
        last_column: u16,
        text: &str,
        format: &Format,
    ) -> Result<(), XlsxError> {
        if last_column == 0 {
            self.worksheet.write_string_with_format(row, 0, clipped(text), format)?;
        } else {
            self.worksheet.merge_range(row, 0, row, last_column, clipped(text), format)?;
        }
        Ok(())
    }

    fn write_row(
        &mut self,
        row: u32,
        table: &Table,
        values: &Row,
        rules: &[Option<f64>],
    ) -> Result<(), XlsxError> {
        for (column, cell) in values.cells.iter().enumerate() {
            let mut format = self.cell_format(table, column, values);
            let has_rule = rules.get(column).copied().flatten().is_some();
            if let Some(met) = cell.met.filter(|_| !has_rule) {
                format = coloured(format, met);
            }
            let at = column as u16;
            let formula = cell.formula.as_ref().zip(cell.number);
            match cell.number.map(value) {
                Some(number) if formula.is_some() => {
                    let Some((formula, _)) = formula else { continue };
                    let text = formula_text(formula, row, at);
                    let formula = rust_xlsxwriter::Formula::new(text).set_result(number.to_string());
                    self.worksheet.write_formula_with_format(row, at, formula, &format)?
                }
                // A text is always stored as text, so that a leading = never becomes a formula.
                None => self.worksheet.write_string_with_format(row, at, clipped(&cell.text), &format)?,
                Some(number) => self.worksheet.write_number_with_format(row, at, number, &format)?,
            };
        }
        Ok(())
    }

    /// Colours by rule, so that a figure corrected by hand changes its colour.
    fn colour_against(&mut self, column: u16, first: u32, last: u32, target: f64) -> Result<(), XlsxError> {
        let cell = format!("{}{}", column_number_to_name(column), first + 1);
        for (met, sign) in [(true, ">="), (false, "<")] {
            // A text counts as more than any number, so — would pass without the first test.
            let rule = format!("=AND(ISNUMBER({cell}),{cell}{sign}{target})");
            let format = ConditionalFormatFormula::new()
                .set_rule(rule.as_str())
                .set_format(coloured(Format::new(), met));
            self.worksheet.add_conditional_format(first, column, last, column, &format)?;
        }
        Ok(())
    }

    /// Notes run over the width of the table, as high as they need.
    fn write_notes(&mut self, first: u32, last_column: u16, sheet: &Sheet) -> Result<(), XlsxError> {
        let format = Format::new().set_font_name(self.font).set_font_size(10).set_text_wrap();
        let format = format.set_align(FormatAlign::Top);
        for (row, note) in (first..).zip(notes(sheet)) {
            self.write_across(row, last_column, note, &format)?;
            // Merged cells do not grow by themselves.
            self.worksheet.set_row_height(row, self.note_height(note))?;
        }
        Ok(())
    }

    /// A cell beyond the heads has a column of no width of its own.
    fn width(&self, column: usize) -> usize {
        self.widths.get(column).copied().unwrap_or(WIDTHS.0)
    }

    fn base_format(&self) -> Format {
        let format = Format::new().set_font_name(self.font).set_font_size(11).set_border(FormatBorder::Thin);
        format.set_align(FormatAlign::VerticalCenter)
    }

    fn cell_format(&self, table: &Table, column: usize, values: &Row) -> Format {
        let align = table.columns.get(column).map_or(Align::Left, |column| column.align);
        let mut format = self.base_format().set_align(match align {
            Align::Left => FormatAlign::Left,
            Align::Center => FormatAlign::Center,
            Align::Right => FormatAlign::Right,
        });
        let Some(cell) = values.cells.get(column) else { return format };
        format = format.set_indent(u8::try_from(cell.indent).unwrap_or(u8::MAX));
        match cell.number {
            Some(number) => format = format.set_num_format(number_format(number)),
            None if cell.text.width() > self.width(column) => format = format.set_text_wrap(),
            None => {}
        }
        if values.total || values.leads { format.set_bold() } else { format }
    }
}

/// What stands below the table, a row each.
fn notes(sheet: &Sheet) -> impl Iterator<Item = &str> {
    sheet.table.note.iter().chain(&sheet.notes).map(String::as_str)
}

/// Text and ground differ in lightness too, so that it shows in greyscale.
fn coloured(format: Format, met: bool) -> Format {
    match met {
        true => format.set_background_color(Color::RGB(0xE2EFDA)).set_font_color(Color::RGB(0x375623)),
        false => format.set_background_color(Color::RGB(0xF8CBAD)).set_font_color(Color::RGB(0x9C0006)),
    }
}

/// The target of each column that can be coloured by a rule: where the stored digits tell for every
/// cell what the exact rate does. The others keep the colours of the exact rates.
fn rules(table: &Table) -> Vec<Option<f64>> {
    let column = |(i, target): (usize, &Option<f64>)| {
        let target = (*target)?;
        let agrees = |row: &Row| match row.cells.get(i) {
            Some(Cell { number: Some(number), met: Some(met), .. }) => (value(*number) >= target) == *met,
            // A rate that is in doubt, or of a unit that is not judged, is coloured as neither.
            Some(Cell { number: Some(_), met: None, .. }) => false,
            _ => true,
        };
        table.rows.iter().all(agrees).then_some(target)
    };
    table.targets.iter().enumerate().map(column).collect()
}

/// A formula in the notation of a cell in `row` and `column`, counted from 0.
fn formula_text(formula: &Formula, row: u32, column: u16) -> String {
    let cell = |column: usize, row: u32| format!("{}{}", column_number_to_name(column as u16), row + 1);
    match formula {
        Formula::ColumnSum => {
            let column = usize::from(column);
            format!("=SUM({}:{})", cell(column, HEAD_ROW + 1), cell(column, row - 1))
        }
        Formula::RowSum { plus, minus } => {
            let list =
                |columns: &[usize]| columns.iter().map(|column| cell(*column, row)).collect::<Vec<_>>();
            let taken: String = list(minus).iter().map(|cell| format!("-{cell}")).collect();
            // Hundredths add up exactly on paper, not in binary.
            format!("=ROUND({}{taken},2)", list(plus).join("+"))
        }
        Formula::Ratio { numerator, denominator, target } => {
            let (n, d) = (cell(*numerator, row), cell(*denominator, row));
            let rounded = format!("ROUND({n}/{d},4)");
            let below_all = format!("IF({n}<{d},MIN({rounded},0.9999),{rounded})");
            match target {
                Some(RatioTarget { target, most_below }) => {
                    format!("=IF({n}/{d}>={target},{below_all},MIN({rounded},{most_below}))")
                }
                None => format!("={below_all}"),
            }
        }
    }
}

fn number_format(number: PrintedNumber) -> &'static str {
    match number {
        // Without thousands, as on paper: one way in all outputs (GB/T 15835).
        PrintedNumber::Count(_) => "0",
        PrintedNumber::Percent(_) => "0.00%",
        PrintedNumber::Target(_) => "0.##%",
        PrintedNumber::Points(_) => "+0.00;-0.00;0.00",
        PrintedNumber::Score(_) => "0.00",
    }
}

fn value(number: PrintedNumber) -> f64 {
    match number {
        // Exact below 2^53, more than any population.
        PrintedNumber::Count(count) => count as f64,
        PrintedNumber::Percent(value)
        | PrintedNumber::Target(value)
        | PrintedNumber::Points(value)
        | PrintedNumber::Score(value) => value,
    }
}

fn clipped(text: &str) -> &str {
    prefix(text, LONGEST_TEXT)
}
