//! Workbooks: .xlsx, streamed cell by cell. Other kinds are told by what they are: their readers hold
//! whole sheets in memory, and damaged files make them take all there is or never end.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetVisible, Xlsx, XlsxError};
use tokio::time::Instant;

use super::containment::contained;
use super::error::FileError;
use super::table::{Cell, Rows};
use crate::config::locate::nearest;
use crate::source::SourceError;

/// How messages name what is read.
const FORMAT: &str = "workbook";
/// Rows between two looks at the clock.
const ROWS: u32 = 4_096;

/// Streams the rows of a sheet into a table: the named one, or else the first that is not hidden.
/// `Ok(false)` = out of time.
pub(super) fn read(
    path: &str,
    sheet: Option<&str>,
    deadline: Instant,
    table: &mut impl Rows,
) -> Result<bool, SourceError> {
    let book = open(path)?;
    let name = sheet_name(path, sheet, &book, table.part())?;
    stream(path, book, &name, deadline, table)
}

/// Bytes that tell the kinds apart.
const HEAD: u64 = 256;

fn open(path: &str) -> Result<Xlsx<BufReader<File>>, FileError> {
    let failed = |reason| FileError::Read { path: path.to_owned(), reason };
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut head = Vec::new();
    (&mut file).take(HEAD).read_to_end(&mut head).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let name = path.to_ascii_lowercase();
    let is_open_document = head.windows(OPEN_DOCUMENT.len()).any(|bytes| bytes == OPEN_DOCUMENT);
    let other = |kind| Err(FileError::OtherWorkbook { path: path.to_owned(), kind });
    match head.starts_with(b"PK") {
        false => Err(FileError::OldWorkbook { path: path.to_owned() }),
        true if is_open_document || name.ends_with(".ods") => other("OpenDocument (.ods)"),
        true if name.ends_with(".xlsb") => other("binary (.xlsb)"),
        true => contained(path, FORMAT, || Xlsx::new(file)),
    }
}

/// Where an archive begins with the name of what it is.
const OPEN_DOCUMENT: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument";

/// The sheets that are not hidden, in their order.
pub(super) fn sheets(path: &str) -> Result<Vec<String>, FileError> {
    let book = open(path)?;
    let shown = book.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    Ok(shown.map(|sheet| sheet.name.clone()).collect())
}

fn sheet_name(
    path: &str,
    sheet: Option<&str>,
    book: &Xlsx<BufReader<File>>,
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
            contained(path, FORMAT, || first.ok_or("it has no sheet"))
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
    let mut cells = contained(path, FORMAT, || book.worksheet_cells_reader(sheet))?;
    let mut next = || {
        let cell = cells.next_cell()?;
        Ok::<_, XlsxError>(cell.map(|cell| (cell.get_position(), referred(cell.get_value()))))
    };
    let (mut row, mut held) = (0u32, Vec::new());
    while let Some(((at, column), value)) = contained(path, FORMAT, &mut next)? {
        if at != row {
            flush(row, &mut held, table)?;
            row = at;
            if row.is_multiple_of(ROWS) && Instant::now() > deadline {
                return Ok(false);
            }
        }
        // A sheet has at most 16,384 columns; calamine refuses others.
        held.resize(held.len().max(column as usize + 1), Held::Empty);
        held[column as usize] = value;
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
