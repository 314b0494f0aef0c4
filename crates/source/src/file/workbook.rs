//! Workbooks: .xlsx, streamed cell by cell; all other kinds by a process of their own ([`foreign`]).

use std::fs::File;
use std::io::BufReader;
use tongbao_message::message;

use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use tokio::time::Instant;

use super::containment::contained;
use super::content::{FileFormat, FileSurvey};
use super::error::FileError;
use super::foreign::Foreign;
use super::merged::Merged;
use super::table::{FileCell, Rows, is_blank};
use crate::SourceError;

/// How messages name what is read.
const FORMAT: &str = "workbook";
/// Rows between two looks at the clock.
pub(crate) const ROWS: u32 = 4_096;

/// A sheet of cells, as the workbook lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetCells {
    pub name: String,
    pub is_hidden: bool,
}

/// An open workbook.
pub(crate) struct Workbook {
    path: String,
    sheets: Vec<SheetCells>,
    inner: WorkbookReader,
}

enum WorkbookReader {
    Xlsx { book: Box<Xlsx<BufReader<File>>>, has_merged: bool },
    Foreign(Foreign),
}

impl Workbook {
    pub(crate) fn open(path: &str, survey: &FileSurvey, deadline: Instant) -> Result<Workbook, FileError> {
        let path = path.to_owned();
        if let FileFormat::Foreign(kind) = survey.format {
            let (foreign, sheets) = Foreign::open(&path, kind, deadline)?;
            return Ok(Workbook { path, sheets, inner: WorkbookReader::Foreign(foreign) });
        }
        let failed = |reason| FileError::Read { path: path.clone(), reason };
        let file = BufReader::new(File::open(&path).map_err(failed)?);
        let book = contained(&path, FORMAT, || Xlsx::new(file))?;
        let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let sheets = sheets
            .map(|sheet| SheetCells {
                name: sheet.name.clone(),
                is_hidden: sheet.visible != SheetVisible::Visible,
            })
            .collect();
        let inner = WorkbookReader::Xlsx { book: Box::new(book), has_merged: survey.has_merged };
        Ok(Workbook { path, sheets, inner })
    }

    /// The sheets in their order.
    pub(crate) fn sheets(&self) -> &[SheetCells] {
        &self.sheets
    }

    /// The first sheet that is not hidden, or else the first.
    pub(crate) fn first(&self) -> Result<usize, FileError> {
        let shown = self.sheets.iter().position(|sheet| !sheet.is_hidden);
        let first = shown.or_else(|| (!self.sheets.is_empty()).then_some(0));
        contained(&self.path, FORMAT, || first.ok_or("it has no sheet"))
    }

    /// Streams the rows of a sheet into a table. Sheets are read in their order, each once.
    /// `Ok(false)` = out of time.
    pub(crate) fn read(
        &mut self,
        at: usize,
        deadline: Instant,
        table: &mut impl Rows,
    ) -> Result<bool, SourceError> {
        match &mut self.inner {
            WorkbookReader::Foreign(foreign) => foreign.read(at, deadline, table),
            WorkbookReader::Xlsx { book, has_merged } => {
                let (path, name) = (self.path.as_str(), self.sheets[at].name.as_str());
                let merged = match has_merged {
                    true => contained(path, FORMAT, || book.merge_cells_by_sheet_name(name))?,
                    false => Vec::new(),
                };
                stream(path, book, name, &merged, deadline, table)
            }
        }
    }
}

/// Columns of a sheet (ECMA-376, as Excel and WPS keep them).
const COLUMNS: u32 = 16_384;

fn stream(
    path: &str,
    book: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    merged: &[Dimensions],
    deadline: Instant,
    table: &mut impl Rows,
) -> Result<bool, SourceError> {
    let mut merged = Merged::new(merged.iter().map(|area| (area.start.0, area.start.1, area.end.0)));
    let is_1904 = book.has_1904_epoch();
    let mut cells = contained(path, FORMAT, || book.worksheet_cells_reader(sheet))?;
    let mut next = || {
        let cell = cells.next_cell_with_formula_metadata()?;
        Ok::<_, XlsxError>(cell.map(|cell| {
            let value = match (&cell.value, cell.formula.is_some()) {
                (DataRef::Empty, true) => PendingCell::Uncalculated,
                (value, _) => referred(value),
            };
            (cell.pos, if is_1904 { value.of_1904() } else { value })
        }))
    };
    let (mut row, mut held) = (0u32, Vec::new());
    while let Some(((at, column), value)) = contained(path, FORMAT, &mut next)? {
        if at != row {
            flush(row, &mut held, &mut merged, table)?;
            if table.is_done() {
                return Ok(true);
            }
            row = at;
            if row.is_multiple_of(ROWS) && Instant::now() > deadline {
                return Ok(false);
            }
        }
        // calamine takes any letters for a column, and a row is as wide as its last cell.
        if column >= COLUMNS {
            let reason = message!("beyond-last-column");
            return Err(FileError::Damaged { path: path.to_owned(), format: FORMAT, reason }.into());
        }
        merged.begin(at, column, &value);
        held.resize(held.len().max(column as usize + 1), PendingCell::Empty);
        held[column as usize] = value;
    }
    flush(row, &mut held, &mut merged, table)?;
    Ok(true)
}

/// Hands on a row that has values of its own, and those of merged cells that reach into it.
pub(crate) fn flush<'a>(
    row: u32,
    held: &mut Vec<PendingCell<'a>>,
    merged: &mut Merged<PendingCell<'a>>,
    table: &mut impl Rows,
) -> Result<(), SourceError> {
    if held.iter().all(|value| is_blank(&value.cell())) {
        held.clear();
        return Ok(());
    }
    for (column, _, value) in merged.of_row(row) {
        let column = *column as usize;
        held.resize(held.len().max(column + 1), PendingCell::Empty);
        if is_blank(&held[column].cell()) && !is_blank(&value.cell()) {
            held[column] = value.clone();
            table.filled_down(column)?;
        }
    }
    let cells: Vec<FileCell<'_>> = held.iter().map(PendingCell::cell).collect();
    table.row(u64::from(row) + 1, &cells)?;
    held.clear();
    Ok(())
}

/// A cell until its row is whole.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PendingCell<'a> {
    Empty,
    Shared(&'a str),
    Text(String),
    Number(f64),
    Number1904(f64),
    Uncalculated,
    Failed,
}

impl<'a> PendingCell<'a> {
    /// The same in a workbook whose days count from 1904.
    pub(crate) fn of_1904(self) -> PendingCell<'a> {
        match self {
            PendingCell::Number(number) => PendingCell::Number1904(number),
            other => other,
        }
    }

    pub(crate) fn cell(&self) -> FileCell<'_> {
        match self {
            PendingCell::Empty => FileCell::Empty,
            PendingCell::Shared(text) => FileCell::Text(text.as_bytes()),
            PendingCell::Text(text) => FileCell::Text(text.as_bytes()),
            PendingCell::Number(number) => FileCell::Number(*number),
            PendingCell::Number1904(number) => FileCell::Number1904(*number),
            PendingCell::Uncalculated => FileCell::Uncalculated,
            PendingCell::Failed => FileCell::Failed,
        }
    }
}

fn referred<'a>(value: &DataRef<'a>) -> PendingCell<'a> {
    match value {
        DataRef::SharedString(text) => PendingCell::Shared(text),
        other => owned(&Data::from(other.clone())),
    }
}

/// A value of calamine's; a formula that failed (`#N/A`) has none.
pub(crate) fn owned(value: &Data) -> PendingCell<'static> {
    match value {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            PendingCell::Text(text.clone())
        }
        // Longer ones are no whole numbers to a spreadsheet either.
        Data::Int(number) => PendingCell::Number(*number as f64),
        Data::Float(number) => PendingCell::Number(*number),
        Data::Bool(truth) => PendingCell::Text(truth.to_string()),
        Data::DateTime(time) => PendingCell::Text(date(time)),
        Data::Error(_) => PendingCell::Failed,
        Data::Empty => PendingCell::Empty,
    }
}

/// A date cell as text, with its time where it has one.
fn date(time: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
    }
}
