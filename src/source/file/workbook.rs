//! Workbooks: .xlsx streamed cell by cell, .xls and .ods held in memory sheet by sheet.

use std::fs::File;
use std::io::{BufRead, BufReader};

use calamine::{
    Data, DataRef, Error, ExcelDateTime, Ods, OdsError, Reader, SheetVisible, Sheets, Xls, XlsError, Xlsx,
    XlsxError,
};
use tokio::time::Instant;

use super::error::FileError;
use super::table::{Cell, Rows};
use crate::config::locate::nearest;
use crate::source::SourceError;

/// Rows between two looks at the clock.
const ROWS: u32 = 4_096;

/// Streams the rows of a sheet into a table: the named one, or else the first that is not hidden.
/// `Ok(false)` = out of time.
pub fn read(
    path: &str,
    sheet: Option<&str>,
    deadline: Instant,
    table: &mut impl Rows,
) -> Result<bool, SourceError> {
    let book = open(path)?;
    let name = sheet_name(path, sheet, &book, table.part())?;
    match book {
        Sheets::Xlsx(book) => stream(path, book, &name, deadline, table),
        mut book => {
            let range = book.worksheet_range(&name).map_err(|error| damaged(path, &error))?;
            let first = range.start().map_or(0, |(row, _)| row);
            for (row, cells) in (first..).zip(range.rows()) {
                let held: Vec<Held<'_>> = cells.iter().map(held).collect();
                table.row(u64::from(row) + 1, &held.iter().map(Held::cell).collect::<Vec<_>>())?;
                if row.is_multiple_of(ROWS) && Instant::now() > deadline {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }
}

/// Workbooks that are ZIP archives are told apart by their names; older ones are none, and neither are
/// those with a password.
fn open(path: &str) -> Result<Sheets<BufReader<File>>, FileError> {
    let failed = |reason| FileError::Read { path: path.to_owned(), reason };
    let reopened = || File::open(path).map(BufReader::new).map_err(failed);
    let mut file = reopened()?;
    let is_archive = file.fill_buf().map_err(failed)?.starts_with(b"PK");
    let name = path.to_ascii_lowercase();
    let book = match is_archive {
        true if name.ends_with(".xlsb") => return Err(FileError::Binary { path: path.to_owned() }),
        true if name.ends_with(".ods") => Ods::new(file).map(Sheets::Ods).map_err(Error::Ods),
        true => Xlsx::new(file).map(Sheets::Xlsx).map_err(Error::Xlsx),
        false => match (Xls::new(file), Xlsx::new(reopened()?)) {
            (Err(_), Err(XlsxError::Password)) => Err(Error::Xlsx(XlsxError::Password)),
            (book, _) => book.map(Sheets::Xls).map_err(Error::Xls),
        },
    };
    book.map_err(|error| match error {
        Error::Xlsx(XlsxError::Password)
        | Error::Xls(XlsError::Password)
        | Error::Ods(OdsError::Password) => FileError::Password { path: path.to_owned() },
        error => damaged(path, &error),
    })
}

/// The sheets that are not hidden, in their order.
pub fn sheets(path: &str) -> Result<Vec<String>, FileError> {
    let book = open(path)?;
    let shown = book.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    Ok(shown.map(|sheet| sheet.name.clone()).collect())
}

fn sheet_name(
    path: &str,
    sheet: Option<&str>,
    book: &Sheets<BufReader<File>>,
    part: &'static str,
) -> Result<String, FileError> {
    let names = book.sheet_names();
    match sheet {
        Some(sheet) if names.iter().any(|name| name == sheet) => Ok(sheet.to_owned()),
        Some(sheet) => {
            let meant = nearest(sheet, names.iter().map(String::as_str));
            Err(FileError::MissingSheet {
                path: path.to_owned(),
                part,
                sheet: sheet.to_owned(),
                meant: meant.map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default(),
                known: names.join(", "),
            })
        }
        None => {
            let metadata = book.sheets_metadata();
            let shown = metadata.iter().find(|sheet| sheet.visible == SheetVisible::Visible);
            let first = shown.map(|sheet| sheet.name.clone()).or_else(|| names.first().cloned());
            first.ok_or_else(|| damaged(path, &"it has no sheet"))
        }
    }
}

fn stream(
    path: &str,
    mut book: Xlsx<BufReader<File>>,
    sheet: &str,
    deadline: Instant,
    table: &mut impl Rows,
) -> Result<bool, SourceError> {
    let failed = |error: XlsxError| damaged(path, &error);
    let mut cells = book.worksheet_cells_reader(sheet).map_err(failed)?;
    let (mut row, mut held) = (0u32, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(failed)? {
        let (at, column) = cell.get_position();
        if at != row {
            flush(row, &mut held, table)?;
            row = at;
            if row.is_multiple_of(ROWS) && Instant::now() > deadline {
                return Ok(false);
            }
        }
        // A sheet has at most 16,384 columns; calamine refuses others.
        held.resize(held.len().max(column as usize + 1), Held::Empty);
        held[column as usize] = referred(cell.get_value());
    }
    flush(row, &mut held, table)?;
    Ok(true)
}

fn flush(row: u32, held: &mut Vec<Held<'_>>, table: &mut impl Rows) -> Result<(), SourceError> {
    let cells: Vec<Cell<'_>> = held.iter().map(Held::cell).collect();
    table.row(u64::from(row) + 1, &cells)?;
    held.clear();
    Ok(())
}

fn damaged(path: &str, reason: &dyn std::fmt::Display) -> FileError {
    FileError::Damaged { path: path.to_owned(), format: "workbook", reason: reason.to_string() }
}

/// A cell until its row is whole.
#[derive(Debug, Clone)]
enum Held<'a> {
    Empty,
    Shared(&'a str),
    Text(String),
    Number(f64),
}

impl Held<'_> {
    fn cell(&self) -> Cell<'_> {
        match self {
            Held::Empty => Cell::Empty,
            Held::Shared(text) => Cell::Text(text.as_bytes()),
            Held::Text(text) => Cell::Text(text.as_bytes()),
            Held::Number(number) => Cell::Number(*number),
        }
    }
}

fn referred<'a>(value: &DataRef<'a>) -> Held<'a> {
    match value {
        DataRef::SharedString(text) => Held::Shared(text),
        other => owned(&Data::from(other.clone())),
    }
}

fn held(value: &Data) -> Held<'_> {
    match value {
        Data::String(text) => Held::Shared(text),
        other => owned(other),
    }
}

/// A formula that failed (`#N/A`) has no value.
fn owned(value: &Data) -> Held<'static> {
    match value {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Held::Text(text.clone()),
        Data::Int(number) => Held::Text(number.to_string()),
        Data::Float(number) => Held::Number(*number),
        Data::Bool(truth) => Held::Text(truth.to_string()),
        Data::DateTime(time) => Held::Text(date(time)),
        Data::Error(_) | Data::Empty => Held::Empty,
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
