//! Tables of text lines (RFC 4180 and its relatives), streamed in bounded memory.

use std::fs::File;
use std::io::Read;
use tongbao_message::message;

use csv_core::ReadRecordResult;
use tokio::time::Instant;

use super::content::{Decoder, Delimited, decoder};
use super::error::FileError;
use super::left_out::is_foot;
use super::table::{FileCell, Rows};
use crate::SourceError;

/// Longest record, so that a quotation mark left open does not swallow the file.
const LONGEST: usize = 1 << 20;
/// Most fields of a record, as many as a sheet has columns: empty ones take no room in the record.
const MOST_FIELDS: usize = 1 << 14;
/// Rows between two looks at the clock.
const ROWS: u64 = 4_096;
/// A record of its own after the file's end: it arrives whole only if no quotation mark is open.
const END: &[u8] = b"\n\x1E\n";

/// Streams the rows of a file into a table. `Ok(false)` = out of time.
pub(super) fn read(
    path: &str,
    form: Delimited,
    deadline: Instant,
    table: &mut impl Rows,
) -> Result<bool, SourceError> {
    let failed = |reason| FileError::Read { path: path.to_owned(), reason };
    let mut text = DecodedText {
        path,
        file: File::open(path).map_err(failed)?,
        decoder: decoder(form.encoding),
        encoding: form.encoding.name(),
        raw: vec![0; 64 << 10],
        decoded: Vec::new(),
        taken: 0,
        line: 1,
        ended: false,
        ends_with_line: true,
    };
    let mut records = Records {
        reader: csv_core::ReaderBuilder::new().delimiter(form.delimiter).build(),
        data: vec![0; 8 << 10],
        ends: vec![0; 64],
    };
    let mut rows = 0u64;
    loop {
        let line = text.begin_record()?;
        let Some(fields) = records.next(&mut text)? else {
            return Err(FileError::HalfRecord { path: path.to_owned(), line }.into());
        };
        let cells: Vec<FileCell<'_>> = fields.map(|field| FileCell::Text(of_formula(field))).collect();
        if text.is_over() {
            return match cells == [FileCell::Text(&END[1..2])] {
                true => Ok(true),
                false => Err(FileError::HalfRecord { path: path.to_owned(), line }.into()),
            };
        }
        // Old systems end a text with this mark.
        if cells == [FileCell::Text(b"\x1A")] && text.rest_is_end() {
            return Ok(true);
        }
        if let Some(header) = table.width()
            && !fits(&cells, header)
            // What a program writes below a list is no record that has lost some of its fields.
            && !(cells.len() < header && is_foot(&cells))
        {
            let path = path.to_owned();
            let is_cut = text.ended && !text.ends_with_line && cells.len() < header && text.rest_is_end();
            return Err(match is_cut {
                true => FileError::HalfRecord { path, line },
                false => FileError::FieldCount { path, line, fields: cells.len(), header },
            }
            .into());
        }
        table.row(line, &cells)?;
        rows += 1;
        if rows.is_multiple_of(ROWS) && Instant::now() > deadline {
            return Ok(false);
        }
    }
}

/// The text that a value stands for which is written as a formula, so that no spreadsheet makes a number of it:
/// `="440118001201"`.
fn of_formula(field: &[u8]) -> &[u8] {
    field.strip_prefix(b"=\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(field)
}

/// As many fields as the header has; further ones may be there if they are blank. A blank line is no
/// record.
fn fits(cells: &[FileCell<'_>], header: usize) -> bool {
    let is_blank = |cell: &FileCell<'_>| *cell == FileCell::Text(b"");
    match cells.len() {
        count if count == header => true,
        count if count > header => cells[header..].iter().all(is_blank),
        _ => cells.iter().all(is_blank),
    }
}

/// The text of a file, decoded piece by piece.
struct DecodedText<'a> {
    path: &'a str,
    file: File,
    decoder: Decoder,
    encoding: &'static str,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    /// Of `decoded`.
    taken: usize,
    /// That of the next byte.
    line: u64,
    ended: bool,
    ends_with_line: bool,
}

impl DecodedText<'_> {
    /// What has been decoded and not been taken; more of the file if that is nothing. Empty only
    /// after the end.
    fn piece(&mut self) -> Result<&[u8], FileError> {
        while self.taken == self.decoded.len() && !self.ended {
            let failed = |reason| FileError::Read { path: self.path.to_owned(), reason };
            let read = self.file.read(&mut self.raw).map_err(failed)?;
            self.ended = read == 0;
            let text = self.decoder.decode(&self.raw[..read], self.ended);
            let text = text.map_err(|_| FileError::Encoding {
                path: self.path.to_owned(),
                line: self.line,
                encoding: self.encoding,
                remedy: message!("changed-while-read"),
            })?;
            self.decoded.clear();
            self.decoded.extend_from_slice(text);
            if let Some(last) = text.last() {
                self.ends_with_line = *last == b'\n';
            }
            self.taken = 0;
            if self.ended {
                self.decoded.extend_from_slice(END);
            }
        }
        Ok(&self.decoded[self.taken..])
    }

    fn take(&mut self, bytes: usize) {
        let taken = &self.decoded[self.taken..self.taken + bytes];
        self.line += taken.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.taken += bytes;
    }

    /// Leaves the line ends before the next record, and tells its line.
    fn begin_record(&mut self) -> Result<u64, FileError> {
        loop {
            let piece = self.piece()?;
            let ends = piece.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if ends == 0 {
                return Ok(self.line);
            }
            self.take(ends);
        }
    }

    fn is_over(&self) -> bool {
        self.ended && self.taken >= self.decoded.len().saturating_sub(1)
    }

    /// Whether nothing but the end's own record is left.
    fn rest_is_end(&self) -> bool {
        self.decoded.len() - self.taken <= END.len()
    }
}

/// Splits text into records.
struct Records {
    reader: csv_core::Reader,
    data: Vec<u8>,
    ends: Vec<usize>,
}

impl Records {
    /// The fields of the next record; `None` behind the last one.
    fn next(&mut self, text: &mut DecodedText<'_>) -> Result<Option<impl Iterator<Item = &[u8]>>, FileError> {
        let line = text.line;
        let (mut length, mut fields) = (0, 0);
        loop {
            let piece = text.piece()?;
            let (result, taken, written, ended) =
                self.reader.read_record(piece, &mut self.data[length..], &mut self.ends[fields..]);
            text.take(taken);
            (length, fields) = (length + written, fields + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if length >= LONGEST => {
                    return Err(FileError::EndlessRecord { path: text.path.to_owned(), line });
                }
                ReadRecordResult::OutputFull => self.data.resize(self.data.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if fields >= MOST_FIELDS => {
                    return Err(FileError::EndlessFields {
                        path: text.path.to_owned(),
                        line,
                        most: MOST_FIELDS,
                    });
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        let (data, ends) = (&self.data, &self.ends[..fields]);
        let start = |at: usize| if at == 0 { 0 } else { ends[at - 1] };
        Ok(Some((0..fields).map(move |at| &data[start(at)..ends[at]])))
    }
}
