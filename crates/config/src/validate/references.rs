//! Checks the lists that relations look values up in, and those that hold codes.

use super::Check;
use super::labels::label_of;
use super::source::located;
use crate::raw::list::RawListSection;
use crate::raw::source::RawSource;
use crate::settings::{CodeListSource, DatabaseUrl, FileForm, ReferenceSource};
use tongbao_rule::definitions::ReferenceList;

const PATH: &str = "source.references";

/// Where the lists are.
pub(super) fn reference_sources(
    raw: &RawSource,
    home: Option<(&DatabaseUrl, &FileForm)>,
    check: &mut Check,
) -> Option<Vec<ReferenceSource>> {
    let mut all = Vec::new();
    for (name, RawListSection { location, columns }) in &raw.references {
        let from = located(&format!("{PATH}.{name}"), location, None, home, check);
        let column = columns.column.clone();
        all.push(from.map(|from| ReferenceSource { name: name.clone(), from, column }));
    }
    all.into_iter().collect()
}

/// Where the code lists are that do not stand in the configuration.
pub(super) fn code_list_sources(
    raw: &RawSource,
    home: Option<(&DatabaseUrl, &FileForm)>,
    check: &mut Check,
) -> Option<Vec<CodeListSource>> {
    let mut all = Vec::new();
    for (name, RawListSection { location, columns }) in &raw.lists {
        let from = located(&format!("source.lists.{name}"), location, Some(name), home, check);
        let named = |column: &Option<String>| column.clone().filter(|column| !column.trim().is_empty());
        all.push(from.map(|from| CodeListSource {
            name: name.clone(),
            from,
            code: columns.code.clone(),
            word: named(&columns.word),
            group: named(&columns.group),
        }));
    }
    all.into_iter().collect()
}

/// What the definitions need of them.
pub(super) fn reference_lists(raw: &RawSource, check: &mut Check) -> Vec<ReferenceList> {
    let mut lists = Vec::new();
    for (key, RawListSection { columns, .. }) in &raw.references {
        let path = format!("{PATH}.{key}");
        let label = label_of(&path, columns.label.as_ref(), key, check);
        check.permit(&path, [key.as_str(), &label.zh, &label.en, &columns.column]);
        lists.push(ReferenceList { key: key.clone(), label });
    }
    lists
}
