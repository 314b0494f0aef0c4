//! dBASE tables: a heading of fixed fields, then records of fixed length.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8};

use super::super::workbook::PendingCell;
use super::child::{Out, Stop};
use super::grid::{SparseSheet, tell};

/// Bytes of the heading before the fields, and of each field.
const HEADING: usize = 32;
const FIELD: usize = 32;
/// Ends the list of fields.
const FIELDS_END: u8 = 0x0D;
/// A record that is deleted.
const DELETED: u8 = b'*';
/// The mark of code page 950.
const TRADITIONAL: u8 = 0x78;

/// Whether the first bytes can be those of a table.
pub(crate) fn is_table(head: &[u8]) -> bool {
    heading(head).is_some_and(|heading| (1..=12).contains(&head[2]) && heading.record >= 2)
}

struct Heading {
    records: usize,
    /// Where the records begin, and the length of each.
    start: usize,
    record: usize,
}

fn heading(bytes: &[u8]) -> Option<Heading> {
    let number = |at: usize| Some(usize::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let records = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    let (start, record) = (number(8)?, number(10)?);
    (start > HEADING).then_some(Heading { records, start, record })
}

struct DbfColumn {
    name: Vec<u8>,
    kind: u8,
    length: usize,
}

pub(crate) fn read(bytes: &[u8], out: &mut Out) -> Result<(), Stop> {
    let Heading { records, start, record } = heading(bytes).ok_or_else(Stop::contradiction)?;
    let columns = columns(bytes.get(HEADING..start).ok_or_else(Stop::contradiction)?)?;
    let width: usize = 1 + columns.iter().map(|column| column.length).sum::<usize>();
    if width != record {
        return Err(Stop::contradiction());
    }
    let body = &bytes[start..];
    // Half a record at the end is half an export.
    if body.len() < records * record {
        return Err(Stop::Reason("it ends in the middle of a record".to_owned()));
    }
    let encoding = encoding(bytes[29], columns.iter().map(|c| c.name.as_slice()).chain([body]));
    let text =
        |bytes: &[u8]| encoding.decode_without_bom_handling(bytes).0.trim_matches(['\0', ' ']).to_owned();
    let mut grid = SparseSheet::named("table".to_owned());
    for (at, column) in columns.iter().enumerate() {
        grid.set(0, at as u32, PendingCell::Text(text(&column.name)))?;
    }
    for (row, bytes) in body.chunks_exact(record).take(records).enumerate() {
        let (mark, mut rest) = bytes.split_at(1);
        if mark[0] == DELETED {
            continue;
        }
        for (at, column) in columns.iter().enumerate() {
            let (value, after) = rest.split_at(column.length);
            rest = after;
            grid.set(row as u32 + 1, at as u32, self::value(column.kind, value, &text)?)?;
        }
    }
    tell(vec![grid], out)
}

fn columns(mut bytes: &[u8]) -> Result<Vec<DbfColumn>, Stop> {
    let mut out = Vec::new();
    while bytes.first().is_some_and(|first| *first != FIELDS_END) {
        let (field, rest) = bytes.split_at_checked(FIELD).ok_or_else(Stop::contradiction)?;
        let name = field[..11].split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        let kind = field[11].to_ascii_uppercase();
        // Long texts have the high byte of their length where numbers have their decimals.
        let high = if kind == b'C' { usize::from(field[17]) << 8 } else { 0 };
        out.push(DbfColumn { name, kind, length: usize::from(field[16]) | high });
        bytes = rest;
    }
    Ok(out)
}

/// UTF-8 if all bytes are, else what the mark says; Chinese systems often set none.
fn encoding<'a>(mark: u8, mut texts: impl Iterator<Item = &'a [u8]>) -> &'static Encoding {
    let is_utf8 = texts.all(|bytes| std::str::from_utf8(bytes).is_ok());
    match mark {
        _ if is_utf8 => UTF_8,
        TRADITIONAL => BIG5,
        _ => GB18030,
    }
}

/// A number is written in digits, so one of 18 digits is whole. Values of binary kinds that are not read
/// and notes that are in another file count as not told.
fn value(kind: u8, bytes: &[u8], text: &impl Fn(&[u8]) -> String) -> Result<PendingCell<'static>, Stop> {
    let filled = |text: String| if text.is_empty() { PendingCell::Empty } else { PendingCell::Text(text) };
    let whole = |bytes: &[u8]| bytes.try_into().map(i32::from_le_bytes).ok();
    Ok(match kind {
        b'C' | b'V' | b'N' | b'F' | b'L' => filled(text(bytes)),
        b'D' => match text(bytes).as_str() {
            "" | "00000000" => PendingCell::Empty,
            day if day.len() == 8 && day.is_ascii() => {
                PendingCell::Text(format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]))
            }
            other => PendingCell::Text(other.to_owned()),
        },
        b'I' => whole(bytes).map_or(PendingCell::Failed, |number| PendingCell::Text(number.to_string())),
        b'T' | b'@' if bytes.len() == 8 => match (whole(&bytes[..4]), whole(&bytes[4..])) {
            (Some(0), _) => PendingCell::Empty,
            (Some(day), Some(millis)) => instant(day, millis).map_or(PendingCell::Failed, PendingCell::Text),
            _ => PendingCell::Failed,
        },
        _ => match text(bytes).is_empty() {
            true => PendingCell::Empty,
            false => PendingCell::Failed,
        },
    })
}

/// The Julian day of 1970-01-01.
const DAY_1970: i32 = 2_440_588;

fn instant(day: i32, millis: i32) -> Option<String> {
    let date = tongbao_register::batch::date_from_days(day.checked_sub(DAY_1970)?)?;
    let seconds = millis / 1_000;
    Some(format!("{date} {:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60))
}
