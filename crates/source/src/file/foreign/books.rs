//! .xls and .xlsb, by calamine.

use std::io::Cursor;

use calamine::{Data, Dimensions, Range, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError};

use super::super::workbook::{PendingCell, owned};
use super::child::{Out, Stop};
use super::grid::{SparseSheet, tell};
use super::kind::{OLDER, PASSWORD};

/// The name that the parts of a workbook with a password have, as compound files write it.
const ENCRYPTED: &str = "EncryptedPackage";

pub(crate) fn excel97(bytes: Vec<u8>, out: &mut Out) -> Result<(), Stop> {
    if !bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(Stop::Reason(OLDER.to_owned()));
    }
    let encrypted: Vec<u8> = ENCRYPTED.encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(encrypted.len()).any(|window| window == encrypted) {
        return Err(Stop::Reason(PASSWORD.to_owned()));
    }
    let mut book = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => Stop::Reason(PASSWORD.to_owned()),
        _ => Stop::contradiction(),
    })?;
    let mut grids = Vec::new();
    for (name, is_hidden) in worksheets(book.sheets_metadata()) {
        let range = book.worksheet_range(&name).map_err(|_| Stop::contradiction())?;
        let merged = book.merge_cells_by_sheet_name(&name).map_err(|_| Stop::contradiction())?;
        grids.push(grid(name, is_hidden, &range, &merged, book.has_1904_epoch())?);
    }
    tell(grids, out)
}

pub(crate) fn binary(bytes: Vec<u8>, out: &mut Out) -> Result<(), Stop> {
    let mut book = Xlsb::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsbError::Password => Stop::Reason(PASSWORD.to_owned()),
        _ => Stop::contradiction(),
    })?;
    let mut grids = Vec::new();
    for (name, is_hidden) in worksheets(book.sheets_metadata()) {
        let range = book.worksheet_range(&name).map_err(|_| Stop::contradiction())?;
        grids.push(grid(name, is_hidden, &range, &[], false)?);
    }
    tell(grids, out)
}

fn worksheets(sheets: &[calamine::Sheet]) -> Vec<(String, bool)> {
    let sheets = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    sheets.map(|sheet| (sheet.name.clone(), sheet.visible != SheetVisible::Visible)).collect()
}

fn grid(
    name: String,
    is_hidden: bool,
    range: &Range<Data>,
    merged: &[Dimensions],
    is_1904: bool,
) -> Result<SparseSheet, Stop> {
    let mut grid = SparseSheet::named(name);
    grid.is_hidden = is_hidden;
    let (top, left) = range.start().unwrap_or_default();
    for (row, cells) in range.rows().enumerate() {
        for (column, value) in cells.iter().enumerate() {
            let value: PendingCell<'static> = owned(value);
            let value = if is_1904 { value.of_1904() } else { value };
            grid.set(top + row as u32, left + column as u32, value)?;
        }
    }
    merged.iter().for_each(|area| grid.merge(area.start.0, area.start.1, area.end.0));
    Ok(grid)
}
