//! Checks which records of the register count.

use std::collections::BTreeMap;

use super::Check;
use crate::raw::source::{RawMark, RawRegister, RawSource};
use crate::settings::Deletions;
use tongbao_message::message;

/// `only` and `left_at` name columns and values.
pub(super) fn counted_records(raw: &RawSource, check: &mut Check) {
    let RawRegister { only, left_at, .. } = &raw.register;
    for (column, values) in only {
        let place = format!("source.register.only.{column}");
        if column.trim().is_empty() {
            check.fail("source.register.only", message!("name-the-column-of-the-mark"));
        } else if values.is_empty() {
            check.fail(&place, message!("no-value-means-no-record"));
        }
    }
    if left_at.as_ref().is_some_and(|column| column.trim().is_empty()) {
        check.fail("source.register.left_at", message!("name-the-column-of-the-day"));
    }
    let is_filtered = !only.is_empty() || left_at.is_some();
    if is_filtered && raw.incremental && raw.deletions == Deletions::Never {
        check.fail("source.deletions", message!("records-that-leave-are-found-by-counting"));
    }
}

/// The values under which a record counts, by column.
pub(super) fn only(raw: &RawRegister) -> BTreeMap<String, Vec<String>> {
    let texts = |values: &[RawMark]| values.iter().map(RawMark::text).collect();
    raw.only.iter().map(|(column, values)| (column.clone(), texts(values))).collect()
}
