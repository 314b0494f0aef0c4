//! What can go wrong with a file, in words a clerk can act on.

use super::other_kind::OtherKind;
use tongbao_message::{Message, Worded};

/// Every message names the file; none holds the content of a row.
#[derive(Debug, thiserror::Error, Worded)]
pub enum FileError {
    Read {
        path: String,
        reason: std::io::Error,
    },
    Write {
        path: String,
        reason: std::io::Error,
    },
    NoMatch {
        pattern: String,
    },
    BeingWritten {
        path: String,
    },
    NothingNew {
        pattern: String,
    },
    SetAside {
        path: String,
    },
    Changed {
        path: String,
    },
    Empty {
        path: String,
    },
    Encoding {
        path: String,
        line: u64,
        encoding: &'static str,
        remedy: Message,
    },
    OtherEncoding {
        path: String,
        found: &'static str,
        encoding: &'static str,
    },
    FieldCount {
        path: String,
        line: u64,
        fields: usize,
        header: usize,
    },
    HalfRecord {
        path: String,
        line: u64,
    },
    EndlessRecord {
        path: String,
        line: u64,
    },
    EndlessFields {
        path: String,
        line: u64,
        most: usize,
    },
    MissingColumn {
        path: String,
        part: &'static str,
        line: u64,
        column: String,
        meant: Message,
        known: String,
    },
    RepeatedColumn {
        path: String,
        part: &'static str,
        column: String,
    },
    MovedHeading {
        path: String,
        part: &'static str,
        line: u64,
        header: u64,
    },
    NoHeader {
        path: String,
        part: &'static str,
    },
    MissingSheet {
        path: String,
        part: &'static str,
        sheet: String,
        meant: Message,
        known: String,
    },
    Damaged {
        path: String,
        format: &'static str,
        reason: Message,
    },
    Archive {
        path: String,
    },
    OtherKind {
        path: String,
        kind: OtherKind,
    },
    Big5 {
        path: String,
    },
    Password {
        path: String,
    },
    OlderWorkbook {
        path: String,
    },
    Uncalculated {
        path: String,
        part: &'static str,
        line: u64,
        count: u64,
        column: String,
    },
    SeveralSheets {
        path: String,
        part: &'static str,
        first: String,
        others: String,
    },
    HiddenSheets {
        path: String,
        part: &'static str,
        sheets: String,
    },
    NoSheet {
        path: String,
        part: &'static str,
        pattern: String,
        known: String,
    },
    SameRows {
        first: String,
        second: String,
    },
    NoUnitNamed {
        place: String,
        from: Message,
    },
    SeveralUnitsNamed {
        place: String,
        from: Message,
        names: String,
    },
    Compression {
        path: String,
        compression: &'static str,
    },
    Query {
        part: &'static str,
    },
}

impl FileError {
    /// Whether waiting may help.
    pub fn is_unavailable(&self) -> bool {
        use FileError::{BeingWritten, Changed, NoMatch, NothingNew};
        matches!(self, NoMatch { .. } | NothingNew { .. } | BeingWritten { .. } | Changed { .. })
    }

    /// The file that has to be replaced before anything can be read from it. Columns, sheets and
    /// encodings that are not as configured may also be corrected in the configuration.
    pub fn spoilt(&self) -> Option<&str> {
        match self {
            FileError::Empty { path }
            | FileError::Encoding { path, .. }
            | FileError::FieldCount { path, .. }
            | FileError::Archive { path }
            | FileError::OtherKind { path, .. }
            | FileError::Big5 { path }
            | FileError::HalfRecord { path, .. }
            | FileError::EndlessRecord { path, .. }
            | FileError::EndlessFields { path, .. }
            | FileError::Password { path }
            | FileError::OlderWorkbook { path }
            | FileError::Uncalculated { path, .. }
            | FileError::Compression { path, .. }
            | FileError::Damaged { path, .. } => Some(path),
            _ => None,
        }
    }
}
