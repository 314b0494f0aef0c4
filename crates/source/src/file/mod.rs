//! Files as sources: CSV, workbooks and Parquet, one file or those of a drop folder.
//!
//! A file is chosen once when its source is opened; it is looked at again when its rows have been
//! read, so that nobody's half-written export becomes a figure.

mod archive;
mod containment;
mod content;
mod csv;
mod drop_folder;
#[allow(
    missing_docs,
    reason = "the message of a variant says what happened, and its fields are the values of that message"
)]
mod error;
mod folder;
mod foreign;
mod groups;
mod hints;
mod left_out;
mod merged;
mod other_kind;
mod parquet;
mod place_name;
mod reading;
mod survey;
mod table;
mod workbook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tongbao_message::{Message, Worded, message};

use tokio::time::Instant;

use super::SourceError;
use super::statements::{EachRow, RequestedColumn};
use content::FileSurvey;
pub use drop_folder::DropFolder;
pub use error::FileError;
pub(super) use folder::Address;
use folder::Chosen;
pub use foreign::{COMMAND as READER_COMMAND, main as read_for_parent};
pub use groups::LackingHeading;
pub use groups::Member;
pub(super) use groups::{gather, named_by};
use place_name::UnitInList;
use reading::FileReading;
pub use survey::FileNotes;
pub(super) use survey::addresses;
use tongbao_config::settings::{Dataset, FileForm, Take};

/// The files behind an address.
pub struct OpenFiles {
    shown: String,
    form: FileForm,
    files: Vec<Picked>,
    /// What a person should know of the choice.
    notes: Vec<Message>,
    /// The units that a file's or sheet's name may name, once they are known.
    units: Option<Arc<Vec<UnitInList>>>,
    merged_numbers: MergedNumbers,
}

/// Rows whose ID number is that of a merged cell which began above, by list and place, as they are found.
#[derive(Debug, Clone, Default)]
pub struct MergedNumbers(Arc<Mutex<BTreeMap<(&'static str, String), u64>>>);

impl MergedNumbers {
    fn note(&self, place: (&'static str, String), rows: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, rows);
    }

    /// The lists that had some, and how many.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let mut out: BTreeMap<&'static str, u64> = BTreeMap::new();
        for ((part, _), rows) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            *out.entry(part).or_default() += rows;
        }
        out.into_iter().collect()
    }
}

/// A file of which is known what it is.
pub(super) struct Picked {
    chosen: Chosen,
    path: String,
    survey: FileSurvey,
    /// The file that has the same content, byte for byte.
    copy_of: Option<String>,
}

/// What was found in the files, for a person to read.
#[derive(Debug, Clone)]
pub struct FileFinding(Vec<Message>);

impl Worded for FileFinding {
    fn message(&self) -> Message {
        Message::joined(self.0.iter().cloned(), "\n")
    }
}

impl std::fmt::Display for FileFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message().fmt(f)
    }
}

impl OpenFiles {
    /// Chooses the files and finds out what each of them is.
    ///
    /// In a drop folder the contents in `used` (by SHA-256) are left out.
    pub async fn open(
        address: &str,
        form: &FileForm,
        used: &BTreeMap<String, i64>,
    ) -> Result<OpenFiles, SourceError> {
        let parsed = Address::parse(address).map_err(SourceError::Address)?;
        let mut files: Vec<Picked> = Vec::new();
        let others = others(address, form);
        let is_other = |path: &Path| others.iter().any(|other| is_same(path, other));
        for chosen in parsed.choose(form.take, &is_other).await? {
            let path = chosen.path.display().to_string();
            let survey = content::survey(&path, form)?;
            chosen.verify()?;
            let same = files.iter().find(|file| file.survey.sha256 == survey.sha256);
            let copy_of = same.map(|file| file.path.clone());
            files.push(Picked { chosen, path, survey, copy_of });
        }
        if parsed.is_folder() {
            files.retain(|file| !used.contains_key(&file.survey.sha256));
            if files.is_empty() {
                return Err(FileError::NothingNew { pattern: address.to_owned() }.into());
            }
        }
        let mut notes = Vec::new();
        let further = parsed.dropped().iter().filter(|path| !is_other(path)).count().saturating_sub(1);
        if form.take == Take::Newest && further > 0 {
            notes.push(message!("newest-of-files", count = further + 1, others = further));
        }
        let (shown, form) = (format!("file:{address}"), form.clone());
        Ok(OpenFiles { shown, form, files, notes, units: None, merged_numbers: MergedNumbers::default() })
    }

    /// Where rows with an ID number of a row above are noted.
    pub fn note_merged(&mut self, merged_numbers: MergedNumbers) {
        self.merged_numbers = merged_numbers;
    }

    /// Tells which units a file's or sheet's name may name.
    pub fn know_units(&mut self, units: Arc<Vec<UnitInList>>) {
        self.units = Some(units);
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
        asked: &[RequestedColumn<'_>],
        deadline: Instant,
        each: &mut EachRow<'_>,
    ) -> Result<FileFinding, SourceError> {
        let sheet = match dataset {
            Dataset::Only => None,
            Dataset::Table(sheet) => Some(sheet.as_str()),
            Dataset::Query(_) => return Err(FileError::Query { part }.into()),
        };
        FileReading::new(self, part, sheet, asked, deadline).rows(each)
    }
}

/// The files of other lists. Of two patterns the longer one has its files first.
fn others(address: &str, form: &FileForm) -> Vec<PathBuf> {
    let files = |other: &String| match Address::parse(other) {
        Ok(known) if known.is_folder() && other.len() > address.len() => known.dropped(),
        Ok(known) if known.is_folder() => Vec::new(),
        _ => vec![PathBuf::from(other)],
    };
    form.except.iter().flat_map(files).collect()
}

/// Whether two paths mean one file, however they are written.
fn is_same(a: &Path, b: &Path) -> bool {
    a == b || a.file_name() == b.file_name() && a.canonicalize().ok() == b.canonicalize().ok()
}
