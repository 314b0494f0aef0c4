//! Files as sources: CSV, workbooks and Parquet, one file or those of a drop folder.
//!
//! A file is chosen once when its source is opened; it is looked at again when its rows have been
//! read, so that nobody's half-written export becomes a figure.

mod archive;
mod containment;
mod content;
mod csv;
mod drop_folder;
mod error;
mod folder;
mod parquet;
mod survey;
mod table;
mod workbook;

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::SourceError;
use super::select::{Asked, EachRow};
use crate::config::settings::{Dataset, FileForm};
use content::{Format, Survey};
pub use drop_folder::DropFolder;
pub use error::FileError;
pub(super) use folder::Address;
use folder::Chosen;
pub(super) use survey::addresses;
use table::{Extent, Table};

/// The files behind an address.
pub struct Files {
    shown: String,
    files: Vec<Picked>,
}

/// A file of which is known what it is.
pub(super) struct Picked {
    chosen: Chosen,
    path: String,
    survey: Survey,
}

/// What was found in the files, for a person to read.
#[derive(Debug, Clone)]
pub struct Finding(Vec<String>);

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl Files {
    /// Chooses the files and finds out what each of them is.
    ///
    /// In a drop folder the contents in `used` (by SHA-256) are left out.
    pub async fn open(
        address: &str,
        form: &FileForm,
        used: &BTreeMap<String, i64>,
    ) -> Result<Files, SourceError> {
        let parsed = Address::parse(address).map_err(SourceError::Address)?;
        let mut files = Vec::new();
        for chosen in parsed.choose(form.take).await? {
            let path = chosen.path.display().to_string();
            let survey = content::survey(&path, form)?;
            chosen.verify()?;
            files.push(Picked { chosen, path, survey });
        }
        if parsed.is_folder() {
            files.retain(|file| !used.contains_key(&file.survey.sha256));
            if files.is_empty() {
                return Err(FileError::NothingNew { pattern: address.to_owned() }.into());
            }
        }
        Ok(Files { shown: format!("file:{address}"), files })
    }

    /// Path and SHA-256 of each file.
    pub fn inputs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|file| (file.path.as_str(), file.survey.sha256.as_str()))
    }

    /// Streams the asked columns of all files, one call a row.
    pub fn rows(
        &self,
        part: &'static str,
        dataset: &Dataset,
        asked: &[Asked<'_>],
        deadline: Instant,
        each: &mut EachRow<'_>,
    ) -> Result<Finding, SourceError> {
        let sheet = match dataset {
            Dataset::Only => None,
            Dataset::Table(sheet) => Some(sheet.as_str()),
            Dataset::Query(_) => return Err(FileError::Query { part }.into()),
        };
        let mut found = Vec::new();
        for file in &self.files {
            let extent = self.rows_of(file, part, sheet, asked, deadline, each)?;
            file.chosen.verify()?;
            let Extent { columns, rows, header } = extent;
            let header = if header > 1 { format!(", header in line {header}") } else { String::new() };
            let Survey { format, sha256 } = &file.survey;
            let (path, digest) = (&file.path, &sha256[..12]);
            found.push(format!("{path}: {format}, {columns} columns, {rows} rows{header}, sha256 {digest}…"));
        }
        Ok(Finding(found))
    }

    fn rows_of(
        &self,
        file: &Picked,
        part: &'static str,
        sheet: Option<&str>,
        asked: &[Asked<'_>],
        deadline: Instant,
        each: &mut EachRow<'_>,
    ) -> Result<Extent, SourceError> {
        let late = || SourceError::TimedOut { url: self.shown.clone() };
        if file.survey.format == Format::Parquet {
            return parquet::read(&file.path, part, asked, deadline, each)?.ok_or_else(late);
        }
        let mut table = Table::new(&file.path, part, asked, each);
        let in_time = match file.survey.format {
            Format::Delimited(form) => csv::read(&file.path, form, deadline, &mut table)?,
            _ => workbook::read(&file.path, sheet, deadline, &mut table)?,
        };
        if !in_time {
            return Err(late());
        }
        Ok(table.finish()?)
    }
}
