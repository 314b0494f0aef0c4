//! Workbooks of other kinds than .xlsx. Their readers hold whole files in memory, and damaged ones make
//! them take all there is or never end. So the program starts itself once more, with limits of memory and
//! time and without files or network, and takes the rows from it: a hostile file ends that process alone.

mod books;
mod child;
mod dbf;
mod frame;
mod grid;
mod html;
mod kind;
mod markup;
mod open_document;
mod xml_spreadsheet;

use std::fs::File;
use std::io::BufReader;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use tongbao_message::foreign;

use tokio::time::Instant;

use super::containment::contradiction;
use super::error::FileError;
use super::table::{FileCell, Rows};
use super::workbook::{PendingCell, ROWS, SheetCells};
use crate::SourceError;
pub use child::main;
use frame::{Frames, ReaderFrame};
pub(crate) use kind::Kind;

/// The first argument that makes the program such a reader.
pub const COMMAND: &str = "read-file-for-parent";

/// A workbook that another process reads.
pub(crate) struct Foreign {
    path: String,
    kind: Kind,
    child: Child,
    frames: Frames<BufReader<ChildStdout>>,
    /// The sheet whose rows come next.
    next: usize,
}

impl Foreign {
    /// Starts the reader and takes the list of sheets from it.
    pub(crate) fn open(
        path: &str,
        kind: Kind,
        deadline: Instant,
    ) -> Result<(Foreign, Vec<SheetCells>), FileError> {
        let failed = |reason| FileError::Read { path: path.to_owned(), reason };
        let file = File::open(path).map_err(failed)?;
        // Also where the program has been replaced since it was started.
        let program = "/proc/self/exe";
        let seconds = deadline.saturating_duration_since(Instant::now()).as_secs() + 1;
        let mut child = Command::new(program)
            .args([COMMAND, kind.key(), &seconds.to_string()])
            .env_clear()
            .stdin(Stdio::from(file))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let Some(out) = child.stdout.take() else {
            return Err(failed(std::io::Error::other("its reader has no output")));
        };
        let frames = Frames::new(BufReader::new(out));
        let mut foreign = Foreign { path: path.to_owned(), kind, child, frames, next: 0 };
        match foreign.frame()? {
            ReaderFrame::Sheets(sheets) => Ok((foreign, sheets)),
            _ => Err(foreign.damaged(&contradiction().to_string())),
        }
    }

    /// Streams the rows of a sheet; those of the sheets before it are passed over. `Ok(false)` = out of time.
    pub(crate) fn read(
        &mut self,
        at: usize,
        deadline: Instant,
        table: &mut impl Rows,
    ) -> Result<bool, SourceError> {
        while self.next < at {
            if let ReaderFrame::End = self.frame()? {
                self.next += 1;
            }
        }
        if self.next > at {
            return Err(self.damaged(&contradiction().to_string()).into());
        }
        let mut rows = 0u32;
        loop {
            match self.frame()? {
                ReaderFrame::Row { line, cells } => {
                    if !table.is_done() {
                        let cells: Vec<FileCell<'_>> = cells.iter().map(PendingCell::cell).collect();
                        table.row(u64::from(line), &cells)?;
                    }
                    rows += 1;
                    if rows.is_multiple_of(ROWS) && Instant::now() > deadline {
                        return Ok(false);
                    }
                }
                ReaderFrame::FilledDown(column) => table.filled_down(column as usize)?,
                ReaderFrame::End => {
                    self.next += 1;
                    return Ok(true);
                }
                _ => return Err(self.damaged(&contradiction().to_string()).into()),
            }
        }
    }

    fn frame(&mut self) -> Result<ReaderFrame, FileError> {
        match self.frames.next() {
            Ok(ReaderFrame::Failure(reason)) => Err(self.damaged(&reason)),
            Ok(frame) => Ok(frame),
            Err(_) => Err(self.ended()),
        }
    }

    fn damaged(&self, reason: &str) -> FileError {
        let path = self.path.clone();
        match reason {
            kind::PASSWORD => FileError::Password { path },
            kind::OLDER => FileError::OlderWorkbook { path },
            reason => {
                FileError::Damaged { path, format: self.kind.name(), reason: foreign(&crate::TEXTS, reason) }
            }
        }
    }

    /// Why the reader has ended before its file did.
    fn ended(&mut self) -> FileError {
        // It may have closed its output and not ended yet.
        let _ = self.child.kill();
        let signal = self.child.wait().ok().and_then(|status| status.signal());
        match signal {
            Some(SIGXCPU) => self.damaged(child::TOO_LONG),
            Some(SIGABRT) => self.damaged(child::TOO_LARGE),
            _ => self.damaged(&contradiction().to_string()),
        }
    }
}

/// Sent by the kernel where the limit of time is over, and by an allocation that fails.
const SIGXCPU: i32 = 24;
const SIGABRT: i32 = 6;

impl Drop for Foreign {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
