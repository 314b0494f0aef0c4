//! What the reading process says to the one that started it: sheets, then the rows of each.

use std::io::{Read, Write};

use super::super::workbook::{PendingCell, SheetCells};

/// A frame; every number is little-endian.
#[derive(Debug, PartialEq)]
pub(crate) enum ReaderFrame {
    /// The sheets, in the order in which their rows follow.
    Sheets(Vec<SheetCells>),
    /// A row with its line, from 1.
    Row { line: u32, cells: Vec<PendingCell<'static>> },
    /// A column whose value in the next row is that of a merged cell which began above.
    FilledDown(u32),
    /// The end of a sheet.
    End,
    /// Why the file cannot be read.
    Failure(String),
}

/// Longest text and widest row that are taken: a spreadsheet's own limits with room to spare.
const LONGEST: u32 = 1 << 20;
const WIDEST: u32 = 1 << 14;
const MOST_SHEETS: u32 = 1 << 12;

/// Frames from a process that may say anything.
pub(crate) struct Frames<R>(R);

impl<R: Read> Frames<R> {
    pub(crate) fn new(from: R) -> Frames<R> {
        Frames(from)
    }

    pub(crate) fn next(&mut self) -> std::io::Result<ReaderFrame> {
        match self.byte()? {
            b'S' => {
                let count = self.count(MOST_SHEETS)?;
                let sheet = |frames: &mut Self| {
                    Ok(SheetCells { is_hidden: frames.byte()? != 0, name: frames.text()? })
                };
                Ok(ReaderFrame::Sheets((0..count).map(|_| sheet(self)).collect::<std::io::Result<_>>()?))
            }
            b'R' => {
                let line = self.number()?;
                let count = self.count(WIDEST)?;
                let cells = (0..count).map(|_| self.cell()).collect::<std::io::Result<_>>()?;
                Ok(ReaderFrame::Row { line, cells })
            }
            b'M' => Ok(ReaderFrame::FilledDown(self.number()?)),
            b'E' => Ok(ReaderFrame::End),
            b'F' => Ok(ReaderFrame::Failure(self.text()?)),
            _ => Err(wrong()),
        }
    }

    fn cell(&mut self) -> std::io::Result<PendingCell<'static>> {
        Ok(match self.byte()? {
            b'-' => PendingCell::Empty,
            b't' => PendingCell::Text(self.text()?),
            b'n' => PendingCell::Number(self.decimal()?),
            b'4' => PendingCell::Number1904(self.decimal()?),
            b'?' => PendingCell::Uncalculated,
            b'!' => PendingCell::Failed,
            _ => return Err(wrong()),
        })
    }

    fn decimal(&mut self) -> std::io::Result<f64> {
        let mut bytes = [0; 8];
        self.0.read_exact(&mut bytes)?;
        Ok(f64::from_le_bytes(bytes))
    }

    fn byte(&mut self) -> std::io::Result<u8> {
        let mut byte = [0];
        self.0.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn number(&mut self) -> std::io::Result<u32> {
        let mut bytes = [0; 4];
        self.0.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn count(&mut self, most: u32) -> std::io::Result<u32> {
        self.number().and_then(|count| if count <= most { Ok(count) } else { Err(wrong()) })
    }

    fn text(&mut self) -> std::io::Result<String> {
        let length = self.count(LONGEST)?;
        let mut bytes = vec![0; length as usize];
        self.0.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map_err(|_| wrong())
    }
}

fn wrong() -> std::io::Error {
    std::io::Error::other("no frame")
}

/// Writes frames; what is too long to be read back ends the writing.
pub(crate) struct FrameWriter<W>(pub W);

impl<W: Write> FrameWriter<W> {
    pub(crate) fn sheets(&mut self, sheets: &[SheetCells]) -> std::io::Result<()> {
        self.0.write_all(b"S")?;
        self.number(sheets.len() as u32)?;
        for sheet in sheets {
            self.0.write_all(&[u8::from(sheet.is_hidden)])?;
            self.text(&sheet.name)?;
        }
        Ok(())
    }

    pub(crate) fn filled_down(&mut self, column: u32) -> std::io::Result<()> {
        self.0.write_all(b"M")?;
        self.number(column)
    }

    pub(crate) fn row(
        &mut self,
        line: u32,
        cells: &[super::super::table::FileCell<'_>],
    ) -> std::io::Result<()> {
        use super::super::table::FileCell;
        self.0.write_all(b"R")?;
        self.number(line)?;
        self.number(cells.len() as u32)?;
        for cell in cells {
            match cell {
                FileCell::Empty => self.0.write_all(b"-")?,
                FileCell::Text(text) => {
                    self.0.write_all(b"t")?;
                    self.text(&String::from_utf8_lossy(text))?;
                }
                FileCell::Number(number) => {
                    self.0.write_all(b"n")?;
                    self.0.write_all(&number.to_le_bytes())?;
                }
                FileCell::Number1904(number) => {
                    self.0.write_all(b"4")?;
                    self.0.write_all(&number.to_le_bytes())?;
                }
                FileCell::Uncalculated => self.0.write_all(b"?")?,
                FileCell::Failed => self.0.write_all(b"!")?,
            }
        }
        Ok(())
    }

    pub(crate) fn end(&mut self) -> std::io::Result<()> {
        self.0.write_all(b"E")
    }

    pub(crate) fn failure(&mut self, reason: &str) -> std::io::Result<()> {
        self.0.write_all(b"F")?;
        self.text(reason)
    }

    pub(crate) fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }

    fn number(&mut self, number: u32) -> std::io::Result<()> {
        self.0.write_all(&number.to_le_bytes())
    }

    fn text(&mut self, text: &str) -> std::io::Result<()> {
        self.number(text.len() as u32)?;
        self.0.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::table::FileCell;
    use super::*;

    #[test]
    fn frames_are_read_as_they_were_written() {
        let sheets = vec![SheetCells { name: "荔湖村".into(), is_hidden: true }];
        let mut out = Vec::new();
        let mut writer = FrameWriter(&mut out);
        writer.sheets(&sheets).unwrap();
        let cells = [
            FileCell::Empty,
            FileCell::Text("男".as_bytes()),
            FileCell::Number(1.5),
            FileCell::Number1904(2.5),
            FileCell::Uncalculated,
            FileCell::Failed,
        ];
        writer.row(7, &cells).unwrap();
        writer.end().unwrap();
        writer.failure("x").unwrap();
        let mut frames = Frames::new(out.as_slice());
        assert_eq!(frames.next().unwrap(), ReaderFrame::Sheets(sheets));
        let cells = vec![
            PendingCell::Empty,
            PendingCell::Text("男".into()),
            PendingCell::Number(1.5),
            PendingCell::Number1904(2.5),
            PendingCell::Uncalculated,
            PendingCell::Failed,
        ];
        assert_eq!(frames.next().unwrap(), ReaderFrame::Row { line: 7, cells });
        assert_eq!(frames.next().unwrap(), ReaderFrame::End);
        assert_eq!(frames.next().unwrap(), ReaderFrame::Failure("x".into()));
        assert!(frames.next().is_err());
    }

    #[test]
    fn lengths_that_cannot_be_are_refused() {
        for bytes in
            [&b"S\xff\xff\xff\xff"[..], b"R\0\0\0\0\xff\xff\xff\x7f", b"F\xff\xff\xff\xff", b"x", b""]
        {
            assert!(Frames::new(bytes).next().is_err());
        }
    }
}
