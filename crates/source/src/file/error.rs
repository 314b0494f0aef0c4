//! What can go wrong with a file, in words a clerk can act on.

use super::other_kind::OtherKind;

/// Every message names the file; none holds the content of a row.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{path} cannot be read: {reason}")]
    Read { path: String, reason: std::io::Error },
    #[error("{path} cannot be written: {reason}")]
    Write { path: String, reason: std::io::Error },
    #[error("no file matches {pattern}; put the export there, or set the url")]
    NoMatch { pattern: String },
    #[error("{path} is still being written; wait until it is complete")]
    BeingWritten { path: String },
    #[error("{pattern}: every file has filled a slot of this report already; put the new export there")]
    NothingNew { pattern: String },
    #[error(
        "{path} could not be read and has not been replaced; put a corrected export into the folder, or delete this one"
    )]
    SetAside { path: String },
    #[error("{path} changed while it was read; try again when it is complete")]
    Changed { path: String },
    #[error("{path} is empty; export it again")]
    Empty { path: String },
    #[error("{path}: line {line} is no {encoding}; {remedy}")]
    Encoding { path: String, line: u64, encoding: &'static str, remedy: &'static str },
    #[error("{path} is {found}, not {encoding} as configured; leave the key encoding away")]
    OtherEncoding { path: String, found: &'static str, encoding: &'static str },
    #[error(
        "{path}: line {line} has {fields} fields, the header has {header}; a value that holds the delimiter or a line break must stand in quotation marks"
    )]
    FieldCount { path: String, line: u64, fields: usize, header: usize },
    #[error("{path} ends in the middle of the record that begins in line {line}; export it again")]
    HalfRecord { path: String, line: u64 },
    #[error("{path}: the record in line {line} does not end; is a quotation mark left open?")]
    EndlessRecord { path: String, line: u64 },
    #[error("{path}: the record in line {line} has more than {most} fields; is the file a table of text?")]
    EndlessFields { path: String, line: u64, most: usize },
    #[error("{path}: {part} needs the column \"{column}\"{meant}; columns of line {line}: {known}")]
    MissingColumn {
        path: String,
        part: &'static str,
        line: u64,
        column: String,
        meant: String,
        known: String,
    },
    #[error("{path}: two columns are named \"{column}\"; rename the one that {part} does not mean")]
    RepeatedColumn { path: String, part: &'static str, column: String },
    #[error("{path} has no header row; {part} needs one that names its columns")]
    NoHeader { path: String, part: &'static str },
    #[error("{path}: {part} names the sheet \"{sheet}\", which is not there{meant}; sheets: {known}")]
    MissingSheet { path: String, part: &'static str, sheet: String, meant: String, known: String },
    #[error(
        "{path} is damaged or no {format}: {reason}; open it in the program it came from and save it again"
    )]
    Damaged { path: String, format: &'static str, reason: String },
    #[error("{path} is an archive and no workbook; unpack it, and give what is in it")]
    Archive { path: String },
    #[error("{path} is no table that can be read: {kind}")]
    OtherKind { path: String, kind: OtherKind },
    #[error("{path} is written in Big5; save it as UTF-8, or set encoding = \"gb18030\" if it is not")]
    Big5 { path: String },
    #[error("{path} has a password; open it, take the password away, and save it again")]
    Password { path: String },
    #[error("{path} is a workbook of a program older than Excel 97; open it and save it as .xlsx")]
    OlderWorkbook { path: String },
    #[error(
        "{path}: {count} cells that {part} reads are formulas which were never calculated, the first in line {line}, column \"{column}\"; open the file in a spreadsheet program and save it"
    )]
    Uncalculated { path: String, part: &'static str, line: u64, count: u64, column: String },
    #[error(
        "{path}: the sheets {first} and {others} have the columns of {part}; name the one with table = \"{first}\", or read all with table = \"*\""
    )]
    SeveralSheets { path: String, part: &'static str, first: String, others: String },
    #[error("{path}: no sheet that {pattern} means has the columns of {part}; sheets: {known}")]
    NoSheet { path: String, part: &'static str, pattern: String, known: String },
    #[error("{first} and {second} hold the same rows; take one of them away")]
    SameRows { first: String, second: String },
    #[error(
        "{place}: the {from} names no unit of source.units; write the name or code of the village there, or give the list a column for it"
    )]
    NoUnitNamed { place: String, from: &'static str },
    #[error("{place}: the {from} fits more than one unit: {names}; write the one that is meant there")]
    SeveralUnitsNamed { place: String, from: &'static str, names: String },
    #[error(
        "{path} is compressed with {compression}, which is not read; write it with Snappy, zstd, gzip or LZ4, or without compression"
    )]
    Compression { path: String, compression: &'static str },
    #[error("{part}: a query needs a database; name the sheet with table, or leave both away")]
    Query { part: &'static str },
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
