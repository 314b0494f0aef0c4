//! Code lists whose codes and words stand in a table or a file: once read they are lists like any other, so that
//! nothing further on needs to know where they came from.

use tongbao_message::message;

use super::Check;
use crate::raw::RawConfig;
use crate::raw::rules::{RawGroupOfCodes, RawList, RawRelationDefinition};
use crate::settings::{CodeRow, ReadCodeLists};
use tongbao_rule::parse;

/// Most codes of such a list; longer ones are for `[source.references]`.
const MOST_CODES: usize = 5_000;
/// Stands for all codes of a list that nobody has read and of which no clause names any.
const UNREAD: &str = "?";

/// The configuration with the rows of `[source.lists]` in its lists. Without rows the lists get what the clauses name, so
/// that everything else can be checked; such settings count nothing.
pub(super) fn filled(raw: &RawConfig, read: Option<&ReadCodeLists>, check: &mut Check) -> RawConfig {
    let mut raw = raw.clone();
    let names: Vec<String> = raw.source.lists.keys().cloned().collect();
    for name in names {
        let at = match raw.lists.0.iter().position(|(key, _)| *key == name) {
            Some(at) => at,
            None => {
                raw.lists.0.push((name.clone(), RawList::default()));
                raw.lists.0.len() - 1
            }
        };
        if !raw.lists.0[at].1.codes.is_empty() {
            check.fail(&format!("lists.{name}.codes"), message!("codes-stand-in-the-source", name));
            continue;
        }
        let rows = match read.and_then(|read| read.get(&name)) {
            Some(rows) => rows.clone(),
            None => named_by_clauses(&raw, &name),
        };
        fill(&name, &mut raw.lists.0[at].1, &rows, check);
    }
    raw
}

fn fill(name: &str, list: &mut RawList, rows: &[CodeRow], check: &mut Check) {
    let path = format!("source.lists.{name}");
    let blank = rows.iter().filter(|row| row.code.is_empty()).count();
    if blank > 0 {
        check.warn(&path, message!("rows-without-a-code", blank));
    }
    for row in rows.iter().filter(|row| !row.code.is_empty()) {
        match list.codes.0.iter().find(|(code, _)| *code == row.code) {
            Some((code, word)) if *word != row.word => {
                return check.fail(&path, message!("a-code-has-two-words", code, word, other = row.word));
            }
            Some(_) => {}
            None => list.codes.0.push((row.code.clone(), row.word.clone())),
        }
        if !row.group.is_empty() {
            add_to_group(list, &row.group, &row.code);
        }
    }
    match list.codes.len() {
        0 => check.fail(&path, message!("has-no-codes")),
        count if count > MOST_CODES => {
            check.fail(&path, message!("code-list-is-too-long", count, most = MOST_CODES));
        }
        _ => {}
    }
}

fn add_to_group(list: &mut RawList, group: &str, code: &str) {
    match list.groups.0.iter_mut().find(|(key, _)| key == group) {
        Some((_, RawGroupOfCodes::Codes(codes))) => codes.push(code.to_owned()),
        Some((_, RawGroupOfCodes::Named(named))) => named.codes.push(code.to_owned()),
        None => list.groups.0.push((group.to_owned(), RawGroupOfCodes::Codes(vec![code.to_owned()]))),
    }
}

/// Codes and groups that a list must have for the clauses to be read.
fn named_by_clauses(raw: &RawConfig, list: &str) -> Vec<CodeRow> {
    let row = |code: &str, group: &str| CodeRow {
        code: code.to_owned(),
        word: code.to_owned(),
        group: group.to_owned(),
    };
    let mut rows = vec![row(UNREAD, "")];
    for text in clauses(raw) {
        let names = parse::names(text);
        rows.extend(names.texts.iter().map(|text| row(text, "")));
        rows.extend(names.parts.iter().map(|group| row(UNREAD, group)));
    }
    let own = raw.lists.iter().filter(|(key, _)| *key == list).map(|(_, list)| list);
    for own in own {
        let of_groups = own.groups.iter().flat_map(|(_, group)| match group {
            RawGroupOfCodes::Codes(codes) => codes.iter().chain(&[]),
            RawGroupOfCodes::Named(named) => named.codes.iter().chain(&named.except),
        });
        rows.extend(of_groups.chain(own.aliases.keys()).map(|code| row(code, "")));
    }
    // One spelling stands for one code, whatever the case of its letters.
    let mut seen = std::collections::BTreeSet::new();
    rows.retain(|row| seen.insert((row.code.trim().to_ascii_lowercase(), row.group.clone())));
    rows
}

fn clauses(raw: &RawConfig) -> impl Iterator<Item = &str> {
    let of_fields = raw.fields.iter().flat_map(|(_, field)| &field.applies);
    let of_relations = raw.relations.iter().flat_map(|(_, relation)| of_relation(relation));
    of_fields.chain(of_relations).map(String::as_str)
}

fn of_relation(relation: &RawRelationDefinition) -> impl Iterator<Item = &String> {
    let RawRelationDefinition { when, premise, check, cases, filter, .. } = relation;
    let of_cases = cases.iter().flat_map(|case| case.when.iter().chain(&case.check));
    when.iter().chain(premise).chain(check).chain(filter).chain(of_cases)
}
