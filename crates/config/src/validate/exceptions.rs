//! Checks the list of proven exceptions.

use tongbao_message::message;

use super::Check;
use super::labels::printable;
use super::source::located;
use crate::raw::list::RawListSection;
use crate::raw::source::{RawExceptionColumns, RawSource};
use crate::settings::{
    Compute, DatabaseUrl, ExceptionRules, ExceptionsSource, FileForm, IdentifiedBy, RegisterSource,
};

const PATH: &str = "source.exceptions";

/// Where the list is, and what its columns are called; `Some(None)` without one.
pub(super) fn exceptions_source(
    raw: &RawSource,
    register: Option<&RegisterSource>,
    home: Option<(&DatabaseUrl, &FileForm)>,
    check: &mut Check,
) -> Option<Option<ExceptionsSource>> {
    let Some(RawListSection { location, columns }) = &raw.exceptions else { return Some(None) };
    if raw.compute == Compute::Database {
        let problem = message!("are-applied-record-by-record");
        check.fail(PATH, problem);
    }
    let from = located(PATH, location, Some("exceptions"), home, check);
    let by = identified_by(columns, check);
    if by == Some(IdentifiedBy::Key) && register.is_some_and(|register| register.key.trim().is_empty()) {
        check.fail(&format!("{PATH}.key"), message!("needs-source-register-key"));
    }
    let identity = columns.key.as_ref().or(columns.id_number.as_ref());
    let named = |column: &Option<String>, default: &str| column.clone().unwrap_or_else(|| default.to_owned());
    Some(Some(ExceptionsSource {
        from: from?,
        by: by?,
        identity: identity?.clone(),
        relation: named(&columns.relation, "relation"),
        reason: named(&columns.reason, "reason"),
        until: columns.until.clone().filter(|column| !column.trim().is_empty()),
    }))
}

/// What the definitions need of it; `Some(None)` without a list.
pub(super) fn exception_rules(raw: &RawSource, check: &mut Check) -> Option<Option<ExceptionRules>> {
    let Some(RawListSection { columns, .. }) = &raw.exceptions else { return Some(None) };
    let reasons: Vec<(String, String)> = columns
        .reasons
        .iter()
        .map(|(code, label)| (code.trim().to_owned(), label.trim().to_owned()))
        .collect();
    if reasons.is_empty() || reasons.iter().any(|(code, label)| code.is_empty() || label.is_empty()) {
        let problem = message!("name-the-reasons");
        check.fail(&format!("{PATH}.reasons"), problem);
        return None;
    }
    let texts = || reasons.iter().map(|(_, label)| label.as_str());
    check.permit(&format!("{PATH}.reasons"), texts());
    printable(&format!("{PATH}.reasons"), texts(), check);
    Some(Some(ExceptionRules { by: named_by(columns)?, reasons: reasons.into_iter().collect() }))
}

fn named_by(columns: &RawExceptionColumns) -> Option<IdentifiedBy> {
    match (&columns.key, &columns.id_number) {
        (Some(_), None) => Some(IdentifiedBy::Key),
        (None, Some(_)) => Some(IdentifiedBy::IdNumber),
        _ => None,
    }
}

fn identified_by(columns: &RawExceptionColumns, check: &mut Check) -> Option<IdentifiedBy> {
    let by = named_by(columns);
    if by.is_none() {
        check.fail(PATH, message!("needs-the-column-that-names-the-record"));
    }
    by
}
