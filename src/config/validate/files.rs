//! Checks how files are to be read.

use super::Check;
use crate::config::raw::source::{RawEncoding, RawFiles, RawTake};
use crate::config::settings::{DatabaseUrl, Encoding, FileForm, Take};

pub(super) fn form(path: &str, raw: &RawFiles, check: &mut Check) -> FileForm {
    let encoding = raw.encoding.map(|encoding| match encoding {
        RawEncoding::Utf8 => Encoding::Utf8,
        RawEncoding::Utf16 => Encoding::Utf16Le,
        RawEncoding::Gb18030 => Encoding::Gb18030,
    });
    let take = match raw.take {
        RawTake::Newest => Take::Newest,
        RawTake::All => Take::All,
    };
    let delimiter = raw.delimiter.as_deref().and_then(|text| match text.as_bytes() {
        [b'\n' | b'\r' | b'"'] => None,
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    });
    if raw.delimiter.is_some() && delimiter.is_none() {
        check.fail(&format!("{path}.files.delimiter"), "is one ASCII character, e.g. \",\" \";\" or \"\\t\"");
    }
    FileForm { take, encoding, delimiter }
}

/// Whether a file at this address may hold several tables.
pub(super) fn may_hold_sheets(url: &DatabaseUrl) -> bool {
    let name = url.file().unwrap_or_default().to_ascii_lowercase();
    [".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", "*"].iter().any(|end| name.ends_with(end))
}
