//! Provinces that places begin with, as SQL.

use std::collections::BTreeSet;

use super::dialect::Dialect;
use tongbao_register::division::{ALSO, MOVED, NOT_A_PROVINCE, PROVINCES};

/// Names of two characters with their codes, and after them the beginnings of longer ones.
fn names() -> Vec<(String, Option<u32>)> {
    let is_short = |name: &&(&str, u32)| name.0.chars().count() == 2;
    let mut names: Vec<(String, Option<u32>)> = PROVINCES
        .iter()
        .chain(&ALSO)
        .filter(is_short)
        .map(|(name, code)| ((*name).to_owned(), Some(*code)))
        .collect();
    for begins in PROVINCES.iter().filter(|name| !is_short(name)).map(|(name, _)| two(name)) {
        if names.iter().all(|(name, _)| *name != begins) {
            names.push((begins, None));
        }
    }
    names
}

/// The beginnings of which longer names and divisions decide.
fn open() -> BTreeSet<String> {
    let longer = PROVINCES.iter().map(|(name, _)| *name).filter(|name| name.chars().count() > 2);
    longer.chain(NOT_A_PROVINCE).map(two).collect()
}

/// The names that two characters decide, each after the digits of its province, without those that begin a placeholder.
pub(super) fn with_codes(placeholders: &[String]) -> Vec<String> {
    let open = open();
    let is_decided =
        |name: &str| !open.contains(name) && placeholders.iter().all(|word| !word.starts_with(name));
    let names = names().into_iter().filter(|(name, _)| is_decided(name));
    names.filter_map(|(name, code)| Some(format!("{:02}{name}", code?))).collect()
}

fn two(name: &str) -> String {
    name.chars().take(2).collect()
}

/// Where the first two characters of a place are in the list of names: the first at 1, the next at 4; anything else
/// is elsewhere.
pub(super) fn position(d: Dialect, place: &str) -> String {
    let list: String = names().iter().map(|(name, _)| format!("{name},")).collect();
    let first = d.concat(&[&format!("left({place}, 2)"), "','"]);
    d.position(&first, &d.text(&list))
}

/// Two digits of the province that a place begins with, NULL for anything else. `position` is bound in the layer
/// below.
pub(super) fn by_position(d: Dialect, place: &str, position: &str) -> String {
    let names = names();
    let codes: String = names.iter().map(|(_, code)| format!("{:02}", code.unwrap_or_default())).collect();
    let open = open();
    let open: Vec<String> = names
        .iter()
        .enumerate()
        .filter(|(_, (name, _))| open.contains(name))
        .map(|(at, _)| (3 * at + 1).to_string())
        .collect();
    format!(
        "CASE WHEN {position} IN ({}) THEN {} WHEN {position} % 3 = 1 THEN substr('{codes}', {} * 2 + 1, 2) END",
        open.join(", "),
        province(d, place),
        d.quotient(position, 3),
    )
}

/// Two digits of the province that a place begins with, `NULL` for anything else.
pub(super) fn province(d: Dialect, place: &str) -> String {
    let begins = |name: &str| format!("left({place}, {}) = {}", name.chars().count(), d.text(name));
    let others: String =
        NOT_A_PROVINCE.iter().map(|name| format!(" WHEN {} THEN NULL", begins(name))).collect();
    let long: String = PROVINCES
        .iter()
        .filter(|(name, _)| name.chars().count() > 2)
        .map(|(name, code)| format!(" WHEN {} THEN '{code}'", begins(name)))
        .collect();
    let short: String = PROVINCES
        .iter()
        .chain(&ALSO)
        .filter(|(name, _)| name.chars().count() == 2)
        .map(|(name, code)| format!(" WHEN {} THEN '{code}'", d.text(name)))
        .collect();
    format!("CASE{others}{long} ELSE CASE left({place}, 2){short} END END")
}

/// Whether a place begins with no province, or with one that divisions have left for that of the number, or
/// the other way round: the table of divisions decides.
pub(super) fn is_unread(d: Dialect, province: &str, number: &str) -> String {
    let pairs = MOVED.iter().flat_map(|(first, _, now)| {
        let then = first / 10_000;
        [format!("'{then}{now}'"), format!("'{now}{then}'")]
    });
    let pairs: BTreeSet<String> = pairs.collect();
    let pair = d.concat(&[province, &format!("left({number}, 2)")]);
    let pairs = pairs.into_iter().collect::<Vec<_>>().join(", ");
    format!("CASE WHEN {province} IS NULL THEN TRUE ELSE {pair} IN ({pairs}) END")
}
