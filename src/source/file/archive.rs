//! Whether a ZIP archive holds what was written into it.

use std::fs::File;
use std::io::BufReader;

use zip::ZipArchive;

use super::error::FileError;

/// Reads every entry to its end, where its checksum stands. Those who read a workbook stop when the last
/// row is over and never come there, so that a changed byte would become a changed figure. An archive that
/// cannot be opened, or an entry that is closed by a password, is told by whoever reads it.
pub fn verify(path: &str) -> Result<(), FileError> {
    let file = File::open(path).map_err(|reason| FileError::Read { path: path.to_owned(), reason })?;
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else { return Ok(()) };
    for at in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(at) else { continue };
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(|error| FileError::Damaged {
            path: path.to_owned(),
            format: "workbook",
            reason: error.to_string(),
        })?;
    }
    Ok(())
}
