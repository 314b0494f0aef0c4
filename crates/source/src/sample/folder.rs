//! The sample as exports: one CSV file for each list.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::SampleTables;
use crate::{FileError, SourceError};

/// CSV files that are being written.
pub(super) struct Folder {
    files: Vec<(String, BufWriter<File>)>,
}

impl Folder {
    /// Makes the folder and its files; refuses to overwrite one.
    pub(super) fn create(folder: &str, tables: SampleTables) -> Result<Folder, SourceError> {
        fs::create_dir_all(folder).map_err(|reason| failed(folder, reason))?;
        let mut files = Vec::new();
        for (table, columns) in tables.0 {
            let path = Path::new(folder).join(format!("{table}.csv")).display().to_string();
            let file = File::create_new(&path).map_err(|reason| failed(&path, reason))?;
            let mut file = BufWriter::new(file);
            writeln!(file, "{}", columns.join(",")).map_err(|reason| failed(&path, reason))?;
            files.push((path, file));
        }
        Ok(Folder { files })
    }

    /// Appends rows to the file of a table by its position.
    pub(super) fn insert(&mut self, table: usize, rows: &[Vec<Option<String>>]) -> Result<(), SourceError> {
        let (path, file) = &mut self.files[table];
        for row in rows {
            let fields: Vec<String> = row.iter().map(|value| field(value.as_deref())).collect();
            writeln!(file, "{}", fields.join(",")).map_err(|reason| failed(path, reason))?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), SourceError> {
        for (path, file) in &mut self.files {
            file.flush().map_err(|reason| failed(path, reason))?;
        }
        Ok(())
    }
}

/// A value in quotation marks where it needs them.
fn field(value: Option<&str>) -> String {
    let text = value.unwrap_or_default();
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

fn failed(path: &str, reason: std::io::Error) -> SourceError {
    FileError::Write { path: path.to_owned(), reason }.into()
}
