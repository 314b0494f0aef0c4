//! Whether a ZIP archive holds what was written into it.

use std::fs::File;
use std::io::{BufReader, Read, Write};

use memchr::memmem;
use zip::ZipArchive;

use super::containment::contradiction;
use super::error::FileError;
use super::foreign::Kind;
use super::other_kind::OtherKind;
use tongbao_message::Worded;

/// What kind of workbook an archive is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ZippedWorkbook {
    /// What another process reads; `None` = .xlsx, or nothing that can be opened.
    pub kind: Option<Kind>,
    /// Whether a sheet may have merged cells.
    pub has_merged: bool,
    /// Rows of its sheets that have cells and are hidden, by a filter or by hand.
    pub hidden_rows: u64,
}

/// Reads every entry to its end, where its checksum stands. Those who read a workbook stop when the last
/// row is over and never come there, so that a changed byte would become a changed figure. An archive that
/// cannot be opened, or an entry that is closed by a password, is reported by the reader that reads it.
pub(crate) fn verify(path: &str) -> Result<ZippedWorkbook, FileError> {
    let file = File::open(path).map_err(|reason| FileError::Read { path: path.to_owned(), reason })?;
    let mut out = ZippedWorkbook::default();
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else { return Ok(out) };
    let names: Vec<String> = archive.file_names().flatten().map(|name| name.into_owned()).collect();
    if !names.iter().any(|name| PARTS.contains(&name.as_str())) {
        return Err(FileError::Archive { path: path.to_owned() });
    }
    if let Some(kind) = OtherKind::of_parts(&names) {
        return Err(FileError::OtherKind { path: path.to_owned(), kind });
    }
    for at in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(at) else { continue };
        let damaged = |reason| FileError::Damaged { path: path.to_owned(), format: "workbook", reason };
        let (mut head, size) = (Vec::new(), entry.size());
        let name = entry.name().map(|name| name.into_owned()).unwrap_or_default();
        let mut search = SheetSearch::default();
        let read = (&mut entry).take(HEAD).read_to_end(&mut head);
        read.and_then(|_| search.write_all(&head))
            .and_then(|()| std::io::copy(&mut entry, &mut search))
            .map_err(|error| damaged(error.message()))?;
        if claimed_strings(&head).is_some_and(|claimed| claimed > size) {
            return Err(damaged(contradiction()));
        }
        if name.contains("worksheets/") {
            out.has_merged |= search.has_merged;
            out.hidden_rows += search.hidden_rows;
        }
        match name.as_str() {
            "mimetype" if head.starts_with(OPEN_DOCUMENT) => out.kind = Some(Kind::OpenDocument),
            "xl/workbook.bin" => out.kind = Some(Kind::Binary),
            _ => {}
        }
    }
    Ok(out)
}

/// Parts that every workbook has one of.
const PARTS: [&str; 2] = ["[Content_Types].xml", "mimetype"];
/// Beginning of what an OpenDocument says it is.
const OPEN_DOCUMENT: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
/// What the tags of a sheet say beside its values, as its parts are written to it.
#[derive(Default)]
struct SheetSearch {
    has_merged: bool,
    hidden_rows: u64,
    /// The beginning of a tag that has not ended yet.
    open: Vec<u8>,
}

impl SheetSearch {
    /// Longer than any tag that is looked for.
    const LONGEST: usize = 4 << 10;

    fn look(&mut self, tags: &[u8]) {
        self.has_merged = self.has_merged || memmem::find(tags, b"<mergeCell").is_some();
        let rows = memmem::find_iter(tags, b"<row ").filter_map(|at| {
            let end = memchr::memchr(b'>', &tags[at..])?;
            Some(&tags[at..at + end])
        });
        let is_hidden = |row: &&[u8]| {
            // Below the data all rows may be hidden.
            let has_cells = !row.ends_with(b"/");
            let says = |words: &[u8]| memmem::find(row, words).is_some();
            has_cells && (says(b" hidden=\"1\"") || says(b" hidden=\"true\""))
        };
        self.hidden_rows += rows.filter(is_hidden).count() as u64;
    }
}

impl Write for SheetSearch {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut text = std::mem::take(&mut self.open);
        text.extend_from_slice(bytes);
        let end = memchr::memrchr(b'>', &text).map_or(0, |at| at + 1);
        self.look(&text[..end]);
        let rest = memchr::memrchr(b'<', &text[end..]).map_or(&[][..], |at| &text[end + at..]);
        if rest.len() <= SheetSearch::LONGEST {
            self.open = rest.to_vec();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The list of shared strings says within so many bytes how many there are.
const HEAD: u64 = 64 << 10;

/// The number of shared strings that an entry claims to hold. The reader makes room for all of them before
/// it has seen one, and a process that asks for more memory than there is ends.
fn claimed_strings(head: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(head);
    let claims = text.match_indices("uniqueCount").filter_map(|(at, name)| {
        let value = text[at + name.len()..].trim_start_matches(|c: char| !c.is_ascii_digit());
        let digits = value.len() - value.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        // A number too long to be one is refused by the reader too.
        value[..digits].parse().ok()
    });
    claims.max()
}
