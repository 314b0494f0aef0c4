//! Whether a ZIP archive holds what was written into it.

use std::fs::File;
use std::io::{BufReader, Read};

use zip::ZipArchive;

use super::containment::CONTRADICTION;
use super::error::FileError;

/// Reads every entry to its end, where its checksum stands. Those who read a workbook stop when the last
/// row is over and never come there, so that a changed byte would become a changed figure. An archive that
/// cannot be opened, or an entry that is closed by a password, is told by whoever reads it.
pub(super) fn verify(path: &str) -> Result<(), FileError> {
    let file = File::open(path).map_err(|reason| FileError::Read { path: path.to_owned(), reason })?;
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else { return Ok(()) };
    for at in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(at) else { continue };
        let damaged = |reason| FileError::Damaged { path: path.to_owned(), format: "workbook", reason };
        let (mut head, size) = (Vec::new(), entry.size());
        let read = (&mut entry).take(HEAD).read_to_end(&mut head);
        read.and_then(|_| std::io::copy(&mut entry, &mut std::io::sink()))
            .map_err(|error| damaged(error.to_string()))?;
        if claimed_strings(&head).is_some_and(|claimed| claimed > size) {
            return Err(damaged(CONTRADICTION.to_owned()));
        }
    }
    Ok(())
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
