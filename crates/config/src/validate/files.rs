//! Checks how files are to be read.

use super::Check;
use crate::raw::source::{RawEncoding, RawFiles};
use crate::settings::{BaselineSource, DatabaseUrl, Dataset, Encoding, FileForm, Located, SourceSettings};
use tongbao_message::message;

pub(super) fn form(path: &str, raw: &RawFiles, check: &mut Check) -> FileForm {
    let encoding = raw.encoding.map(|encoding| match encoding {
        RawEncoding::Utf8 => Encoding::Utf8,
        RawEncoding::Utf16 => Encoding::Utf16Le,
        RawEncoding::Gb18030 => Encoding::Gb18030,
    });
    let delimiter = raw.delimiter.as_deref().and_then(|text| match text.as_bytes() {
        [b'\n' | b'\r' | b'"'] => None,
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    });
    if raw.delimiter.is_some() && delimiter.is_none() {
        check.fail(&format!("{path}.files.delimiter"), message!("is-one-ascii-character-e-g"));
    }
    let except_sheets = raw.except_sheets.clone();
    FileForm { take: raw.take, encoding, delimiter, unit: raw.unit, except_sheets, ..FileForm::default() }
}

/// Tells every list which files and sheets are those of others, so that a pattern does not mean them.
pub(super) fn set_apart(source: &mut SourceSettings) {
    let home = source.url.clone();
    let mut named = vec![(home.clone(), source.register.dataset.clone())];
    let mut lists: Vec<&mut Located> = vec![&mut source.units.from];
    lists.extend(source.rosters.iter_mut().map(|roster| &mut roster.from));
    if let Some(BaselineSource::Dataset { from, .. }) = &mut source.baseline {
        lists.push(from);
    }
    lists.extend(source.exceptions.iter_mut().map(|list| &mut list.from));
    lists.extend(source.references.iter_mut().map(|list| &mut list.from));
    lists.extend(source.code_lists.iter_mut().map(|list| &mut list.from));
    named.extend(
        lists.iter().map(|from| (from.url.clone().unwrap_or_else(|| home.clone()), from.dataset.clone())),
    );
    let apart = |url: &DatabaseUrl, form: &mut FileForm| {
        let others = named.iter().filter(|(other, _)| other != url);
        form.except = others.filter_map(|(other, _)| other.file().map(str::to_owned)).collect();
        let sheets = named.iter().filter(|(other, _)| other == url);
        form.except_sheets.extend(sheets.filter_map(|(_, dataset)| sheet(dataset)));
    };
    for from in lists {
        apart(from.url.as_ref().unwrap_or(&home), &mut from.files);
    }
    apart(&home, &mut source.files);
}

/// A sheet that is named by its own name.
fn sheet(dataset: &Dataset) -> Option<String> {
    match dataset {
        Dataset::Table(name) if !name.contains(['*', '?']) => Some(name.clone()),
        _ => None,
    }
}

/// Whether a file at this address may hold several tables.
pub(super) fn may_hold_sheets(url: &DatabaseUrl) -> bool {
    let name = url.file().unwrap_or_default().to_ascii_lowercase();
    [".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", "*"].iter().any(|end| name.ends_with(end))
}
