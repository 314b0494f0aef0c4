//! Rows in blocks: every column as UTF-16, which is the same whatever the locale, and on to UTF-8.

use encoding_rs::mem::convert_utf16_to_utf8;
use odbc_api::buffers::{ColumnarBuffer, WCharColumn};
use odbc_api::handles::{Statement, StatementRef};
use odbc_api::sys::{SQLSetStmtAttrW, StatementAttribute};
use odbc_api::{
    ColumnDescription, Cursor as _, DataType, Error, ResultSetMetadata, RowSetBuffer, TruncationInfo,
};

use super::super::SourceError;
use super::error::DriverError;
use super::session::Cursor;
use crate::statements::EachRow;

/// Memory of one block, in UTF-16 units, and its rows at most.
const BLOCK_UNITS: usize = 4 << 20;
const BLOCK_ROWS: usize = 1_000;
/// A text is given this much room, because some drivers tell too little: the one of PostgreSQL says 255
/// of a text without limit. Where a driver tells more than the second, or nothing, the second holds.
const LEAST_TEXT: usize = 1_024;
const MOST_TEXT: usize = 4_096;
/// Room for the name of a column.
const NAME: usize = 1_024;
/// Numbers and times.
const LEAST_OTHER: usize = 64;
/// A row that the driver could not deliver (SQL_ROW_ERROR).
const ROW_ERROR: u16 = 5;

/// A column of a result.
pub(super) struct Described {
    pub name: String,
    /// Pictures and documents.
    pub is_binary: bool,
    /// Room for a value, in UTF-16 units.
    pub units: usize,
}

/// Rows of texts that need the driver no more.
pub(super) struct RowBlock {
    columns: usize,
    bytes: Vec<u8>,
    /// Where each value ends, row by row; `None` for NULL.
    ends: Vec<Option<usize>>,
}

/// What becomes of a value that is longer than its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Long {
    Refused,
    Cut,
}

/// Why reading ended before its time.
pub(super) enum Stopped {
    Failure(DriverError),
    /// A value of this column is longer than its room.
    TooLong {
        column: usize,
        units: usize,
    },
}

impl<E: Into<DriverError>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Failure(error.into())
    }
}

/// The columns of a result, as the driver describes them.
pub(super) fn describe(cursor: &mut Cursor<'_>) -> Result<Vec<Described>, DriverError> {
    // Some drivers tell of a name that does not fit no more than what fits.
    let mut description =
        ColumnDescription { name: Vec::with_capacity(NAME), ..ColumnDescription::default() };
    let count = u16::try_from(cursor.num_result_cols()?).unwrap_or(0);
    let mut described = |column| {
        cursor.describe_col(column, &mut description)?;
        let size = cursor.col_display_size(column)?.map(usize::from);
        Ok(Described {
            name: name(&description),
            is_binary: is_binary(&description.data_type),
            units: units(size, is_text(&description.data_type)),
        })
    };
    (1..=count).map(&mut described).collect()
}

/// The name up to its end; some drivers count its bytes.
fn name(description: &ColumnDescription) -> String {
    String::from_utf16_lossy(description.name.split(|unit| *unit == 0).next().unwrap_or_default())
}

fn is_text(kind: &DataType) -> bool {
    use DataType::{Char, LongVarchar, Varchar, WChar, WLongVarchar, WVarchar};
    matches!(
        kind,
        Char { .. }
            | Varchar { .. }
            | LongVarchar { .. }
            | WChar { .. }
            | WVarchar { .. }
            | WLongVarchar { .. }
    )
}

fn is_binary(kind: &DataType) -> bool {
    matches!(kind, DataType::Binary { .. } | DataType::Varbinary { .. } | DataType::LongVarbinary { .. })
}

/// A character may take two units.
fn units(characters: Option<usize>, is_text: bool) -> usize {
    match (characters, is_text) {
        (Some(characters), true) if characters <= MOST_TEXT => (2 * characters).max(LEAST_TEXT),
        (Some(characters), false) if characters <= MOST_TEXT => characters.max(LEAST_OTHER),
        _ => MOST_TEXT,
    }
}

/// Fetches all rows of a result with as many columns as there are `rooms`, block by block, until `each`
/// wants no more.
pub(super) fn fetch(
    cursor: Cursor<'_>,
    rooms: &[usize],
    long: Long,
    mut each: impl FnMut(RowBlock) -> bool,
) -> Result<(), Stopped> {
    let mut cursor = cursor.bind_buffer(Rowset::new(rooms))?;
    let mut before = 0;
    while let Some(rowset) = cursor.fetch()? {
        if let Some(row) = rowset.failed_row() {
            let row = before + row + 1;
            let problem = format!(
                "the driver cannot deliver row {row}; read its columns as text in a query of your own"
            );
            return Err(DriverError::new(problem).into());
        }
        before += rowset.buffer.num_rows();
        if !each(rowset.block(rooms, long)?) {
            break;
        }
    }
    Ok(())
}

/// What the driver writes into.
struct Rowset {
    buffer: ColumnarBuffer<WCharColumn>,
    /// What became of each row.
    status: Box<[u16]>,
}

impl Rowset {
    fn new(rooms: &[usize]) -> Rowset {
        let row: usize = rooms.iter().map(|units| units + 2).sum();
        let rows = (BLOCK_UNITS / row.max(1)).clamp(1, BLOCK_ROWS);
        // One unit more than the room tells a value that is longer.
        let columns = (1..).zip(rooms).map(|(column, units)| (column, WCharColumn::new(rows, units + 1)));
        Rowset { buffer: ColumnarBuffer::new(columns.collect()), status: vec![0; rows].into() }
    }

    fn failed_row(&self) -> Option<usize> {
        self.status[..self.buffer.num_rows()].iter().position(|status| *status == ROW_ERROR)
    }

    fn block(&self, rooms: &[usize], long: Long) -> Result<RowBlock, Stopped> {
        let mut block = RowBlock { columns: rooms.len(), bytes: Vec::new(), ends: Vec::new() };
        for row in 0..self.buffer.num_rows() {
            for (column, room) in rooms.iter().enumerate() {
                let value = self.buffer.column(column).get(row);
                if long == Long::Refused && value.is_some_and(|value| value.len() > *room) {
                    return Err(Stopped::TooLong { column, units: *room });
                }
                block.push(value);
            }
        }
        Ok(block)
    }
}

// SAFETY: the columns are those of the library's own buffer, and the status is on the heap, as long as
// a block has rows, until the buffer goes.
unsafe impl RowSetBuffer for Rowset {
    fn bind_type(&self) -> usize {
        self.buffer.bind_type()
    }

    fn row_array_size(&self) -> usize {
        self.buffer.row_array_size()
    }

    fn mut_num_fetch_rows(&mut self) -> &mut usize {
        self.buffer.mut_num_fetch_rows()
    }

    unsafe fn bind_colmuns_to_cursor(&mut self, cursor: StatementRef<'_>) -> Result<(), Error> {
        let status = self.status.as_mut_ptr().cast();
        // SAFETY: the cursor is open, and the caller keeps this buffer while it fetches. A driver that
        // does not know the attribute leaves the status as it is, which says that all is well.
        unsafe {
            let _ = SQLSetStmtAttrW(cursor.as_sys(), StatementAttribute::RowStatusPtr, status, 0);
            self.buffer.bind_colmuns_to_cursor(cursor)
        }
    }

    fn find_truncation(&self) -> Option<TruncationInfo> {
        self.buffer.find_truncation()
    }
}

impl RowBlock {
    fn push(&mut self, value: Option<&[u16]>) {
        let Some(value) = value else { return self.ends.push(None) };
        let start = self.bytes.len();
        // What the conversion asks for at most; a surrogate without its other half becomes U+FFFD.
        self.bytes.resize(start + 3 * value.len(), 0);
        let length = convert_utf16_to_utf8(value, &mut self.bytes[start..]);
        self.bytes.truncate(start + length);
        self.ends.push(Some(self.bytes.len()));
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.ends.len() / self.columns.max(1)
    }

    /// One call a row.
    pub(super) fn rows(&self, each: &mut EachRow<'_>) -> Result<(), SourceError> {
        let mut start = 0;
        let mut row: Vec<Option<&[u8]>> = Vec::with_capacity(self.columns);
        for ends in self.ends.chunks(self.columns) {
            row.clear();
            for end in ends {
                row.push(end.map(|end| &self.bytes[std::mem::replace(&mut start, end)..end]));
            }
            each(&row)?;
        }
        Ok(())
    }
}
