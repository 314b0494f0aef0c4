//! Checks relations over several records.

use super::Check;
use crate::raw::rules::RawRelationDefinition;
use tongbao_message::message;
use tongbao_rule::definitions::{Definitions, Demand};
use tongbao_rule::parse::unknown;
use tongbao_rule::sets::GroupCount;
use tongbao_rule::tree::{Clause, FieldId};

/// Whether a relation is written as one over several records.
pub(super) fn is_of_sets(raw: &RawRelationDefinition) -> bool {
    !raw.unique.is_empty() || raw.group.is_some() || raw.listed.is_some() || raw.reference.is_some()
}

/// What it asks; `filter` are its clauses of `where`, already read.
pub(super) fn demand(
    path: &str,
    raw: &RawRelationDefinition,
    filter: Vec<Clause>,
    definitions: &Definitions,
    check: &mut Check,
) -> Option<Demand> {
    if !raw.premise.is_empty() || !raw.check.is_empty() || !raw.cases.is_empty() || !raw.examples.is_empty() {
        let problem = message!("compares-records-with-one-another-if");
        check.fail(path, problem);
    }
    let mut field = |key: &str, place: &str| {
        let found = definitions.field(key.trim());
        if found.is_none() {
            let names = definitions.named_fields().iter().map(|field| field.key.as_str());
            check.fail(&format!("{path}.{place}"), unknown(message!("field"), key, names));
        }
        found
    };
    if raw.listed.is_some() || raw.reference.is_some() {
        let (Some(listed), Some(list), true) = (
            &raw.listed,
            &raw.reference,
            raw.unique.is_empty() && raw.group.is_none() && raw.filter.is_empty(),
        ) else {
            check.fail(path, message!("listed-names-a-field-and-in"));
            return None;
        };
        let field = field(listed, "listed");
        let lists = &definitions.references;
        let at = lists.iter().position(|known| known.key == *list);
        if at.is_none() {
            let names = lists.iter().map(|list| list.key.as_str());
            let problem = match lists.is_empty() {
                true => message!("there-is-no-list-to-look-in", list),
                false => unknown(message!("list-of-references"), list, names),
            };
            check.fail(&format!("{path}.in"), problem);
        }
        return Some(Demand::Listed { field: field?, list: at? });
    }
    let Some(group) = &raw.group else {
        let fields: Option<Vec<FieldId>> = raw.unique.iter().map(|key| field(key, "unique")).collect();
        let repeated = raw.unique.iter().enumerate().find(|(at, key)| raw.unique[..*at].contains(key));
        if let Some((_, key)) = repeated {
            check.refuse(&format!("{path}.unique"), message!("is-listed-twice", key));
        }
        if raw.exactly.is_some() || raw.at_least.is_some() || !raw.filter.is_empty() {
            check.fail(path, message!("where-exactly-and-at-least-belong-to"));
        }
        return Some(Demand::Unique(fields?));
    };
    let by = field(group, "group");
    let count = match (raw.exactly, raw.at_least) {
        (Some(n), None) => Some(GroupCount::Exactly(n)),
        (None, Some(n)) if n > 0 => Some(GroupCount::AtLeast(n)),
        _ => {
            check.fail(path, message!("group-needs-either-exactly-or-at-least"));
            None
        }
    };
    if raw.filter.is_empty() || !raw.unique.is_empty() {
        check.fail(path, message!("group-needs-where-the-records-that"));
    }
    Some(Demand::Group { by: by?, filter, count: count? })
}
