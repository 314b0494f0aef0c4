//! Which units of a list are ranked: the villages, not the street above them or the groups below.

use std::collections::{BTreeMap, BTreeSet};

use super::SurveyedTable;
use super::names::InferredRole;
use super::tables::TableMatch;
use tongbao_register::unit_names::KINDS;
use tongbao_register::unit_order::{is_village, stand_above};

/// A level of the unit tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InferredLevel {
    /// The kinds of unit (村, 社区) that are ranked.
    Kinds(Vec<String>),
    /// 1 = units with nothing above them.
    Depth(u32),
    /// All but these units, by name or code.
    Except(Vec<String>),
}

/// Endings of the names of units that villages are parts of.
pub(super) const ABOVE: [&str; 5] = ["街道", "街道办事处", "镇", "乡", "办事处"];
/// Longest value of a kind that is a code.
const LONGEST_CODE: usize = 3;

/// The level of the villages; `None` where all units are on one level, or nothing distinguishes them. `office` is what the
/// street may be named after.
pub fn level(
    table: &SurveyedTable,
    units: &TableMatch,
    kinds: &BTreeMap<String, String>,
    office: &str,
) -> Option<InferredLevel> {
    let rows = rows(table, units, kinds)?;
    let depths = depths(&rows);
    let is_village = |row: &LevelRow<'_>| is_village(row.name);
    let is_above = |row: &LevelRow<'_>| ABOVE.iter().any(|ending| row.name.ends_with(ending));
    let mut villages: BTreeMap<u32, usize> = BTreeMap::new();
    rows.iter().zip(&depths).for_each(|(row, depth)| {
        *villages.entry(*depth).or_default() += usize::from(is_village(row));
    });
    let depth = *villages.iter().max_by_key(|(depth, count)| (**count, std::cmp::Reverse(**depth)))?.0;
    let has_others = depths.iter().any(|other| *other != depth);
    let is_meant = |row: &LevelRow<'_>, at: u32| at == depth && !is_above(row);
    let (meant, others): (Vec<_>, Vec<_>) =
        rows.iter().zip(&depths).partition(|(row, at)| is_meant(row, **at));
    if others.is_empty() {
        return except_parents(&rows, office);
    }
    let kinds_of = |rows: &[(&LevelRow<'_>, &u32)]| -> BTreeSet<String> {
        rows.iter().map(|(row, _)| row.kind.clone().unwrap_or_default()).collect()
    };
    let (own, other) = (kinds_of(&meant), kinds_of(&others));
    let tell_apart = own.is_disjoint(&other) && own.iter().all(|kind| !kind.is_empty() && !is_code(kind));
    match tell_apart {
        true => Some(InferredLevel::Kinds(own.into_iter().collect())),
        false if has_others => Some(InferredLevel::Depth(depth)),
        false => except_parents(&rows, office),
    }
}

/// All but the units that stand above others by their code or name. Villages above their groups are a question.
fn except_parents(rows: &[LevelRow<'_>], office: &str) -> Option<InferredLevel> {
    let names: Vec<(&str, &str)> = rows.iter().map(|row| (row.code, row.name)).collect();
    let above = rows.iter().zip(stand_above(&names, office)).filter(|(_, is_above)| *is_above);
    let is_only = |name: &str| rows.iter().filter(|row| row.name == name).count() == 1;
    let called = |row: &LevelRow<'_>| if is_only(row.name) { row.name } else { row.code }.to_owned();
    let above: Vec<String> =
        above.filter(|(row, _)| !is_village(row.name)).map(|(row, _)| called(row)).collect();
    (!above.is_empty()).then_some(InferredLevel::Except(above))
}

/// What the codes of a column of kinds mean, as the names of the units tell; and the codes that none tells.
pub fn kinds(table: &SurveyedTable, units: &TableMatch) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut known, mut unknown) = (BTreeMap::new(), Vec::new());
    let (Some(kind), Some(name)) =
        (units.column(InferredRole::UnitKind), units.column(InferredRole::UnitName))
    else {
        return (known, unknown);
    };
    let mut names: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
    for (code, name) in table.values(kind.column).zip(table.values(name.column)) {
        let Some(code) = code.filter(|code| is_code(code)) else { continue };
        let ending = KINDS.iter().find(|(ending, _)| name.is_some_and(|name| name.ends_with(ending)));
        names.entry(code).or_default().insert(ending.map(|(_, word)| *word));
    }
    for (code, words) in names {
        match words.into_iter().collect::<Vec<_>>()[..] {
            [Some(word)] => drop(known.insert(code.to_owned(), word.to_owned())),
            _ => unknown.push(code.to_owned()),
        }
    }
    (known, unknown)
}

/// Kinds are words; digits and single letters stand for some.
fn is_code(kind: &str) -> bool {
    kind.len() <= LONGEST_CODE && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

struct LevelRow<'a> {
    code: &'a str,
    name: &'a str,
    kind: Option<String>,
    parent: Option<&'a str>,
}

fn rows<'a>(
    table: &'a SurveyedTable,
    units: &TableMatch,
    kinds: &BTreeMap<String, String>,
) -> Option<Vec<LevelRow<'a>>> {
    let code = units.column(InferredRole::UnitCode)?.column;
    let place = |role| units.column(role).map(|choice| choice.column);
    let (name, kind, parent) =
        (place(InferredRole::UnitName), place(InferredRole::UnitKind), place(InferredRole::UnitParent));
    let value = |row: &'a [Option<String>], at: Option<usize>| row.get(at?)?.as_deref();
    let read = |row: &'a Vec<Option<String>>| {
        let code = value(row, Some(code))?;
        let kind = value(row, kind).map(|kind| kinds.get(kind).cloned().unwrap_or_else(|| kind.to_owned()));
        Some(LevelRow { code, name: value(row, name).unwrap_or(code), kind, parent: value(row, parent) })
    };
    Some(table.sample.iter().filter_map(read).collect())
}

/// The depth of each unit, 1 = nothing above it that is in the list.
fn depths(rows: &[LevelRow<'_>]) -> Vec<u32> {
    let parents: BTreeMap<&str, &str> = rows
        .iter()
        .filter_map(|row| Some((row.code, row.parent.filter(|parent| *parent != row.code)?)))
        .collect();
    let codes: BTreeSet<&str> = rows.iter().map(|row| row.code).collect();
    let depth = |row: &LevelRow<'_>| {
        let (mut at, mut depth) = (row.code, 1);
        // A circle is reported by the reader that reads the list.
        while let Some(parent) = parents.get(at).filter(|parent| codes.contains(*parent) && depth < 100) {
            (at, depth) = (parent, depth + 1);
        }
        depth
    };
    rows.iter().map(depth).collect()
}

#[cfg(test)]
mod tests {
    use super::super::columns::of_units;
    use super::*;
    use crate::inference::Confidence;

    fn list(rows: &[[&str; 4]]) -> (SurveyedTable, TableMatch) {
        let value = |text: &&str| Some((*text).to_owned()).filter(|text| !text.is_empty());
        let table = SurveyedTable {
            name: "unit".into(),
            rows: None,
            columns: ["code", "name", "kind", "parent"].map(str::to_owned).to_vec(),
            sample: rows.iter().map(|row| row.iter().map(value).collect()).collect(),
        };
        let columns = of_units(&table);
        let found = TableMatch { table: 0, confidence: Confidence::Sure, columns, rivals: Vec::new() };
        (table, found)
    }

    fn street(kinds: [&str; 3]) -> Vec<[&'static str; 4]> {
        let [street, village, community] = kinds.map(|kind| &*String::leak(kind.to_owned()));
        vec![
            ["440118001", "荔城街道", street, ""],
            ["440118001201", "荔湖村", village, "440118001"],
            ["440118001202", "桥东村", village, "440118001"],
            ["440118001203", "东湖村", village, "440118001"],
            ["440118001204", "廖村村", village, "440118001"],
            ["440118001205", "城丰村", village, "440118001"],
            ["440118001206", "龙角村", village, "440118001"],
            ["440118001001", "桥北社区", community, "440118001"],
            ["440118001002", "和平社区", community, "440118001"],
        ]
    }

    #[test]
    fn the_street_is_not_ranked_among_its_villages() {
        let none = BTreeMap::new();
        let (table, found) = list(&street(["街道", "村", "社区"]));
        assert_eq!(
            level(&table, &found, &none, "荔城街道办事处"),
            Some(InferredLevel::Kinds(vec!["村".into(), "社区".into()]))
        );
        let (table, found) = list(&street(["", "", ""]));
        assert_eq!(level(&table, &found, &none, "荔城街道办事处"), Some(InferredLevel::Depth(2)));
        let (table, found) = list(&street(["街道", "村", "社区"])[1..]);
        assert_eq!(level(&table, &found, &none, "荔城街道办事处"), None);
    }

    #[test]
    fn a_street_that_nothing_but_code_or_name_shows_is_left_out() {
        let none = BTreeMap::new();
        let flat = |top: [&'static str; 2]| {
            let mut rows = street(["", "", ""]);
            rows.iter_mut().for_each(|row| row[3] = "");
            (rows[0][0], rows[0][1]) = (top[0], top[1]);
            let (table, found) = list(&rows);
            level(&table, &found, &none, "荔城街道办事处")
        };
        for top in [["440118001000", "荔城街道"], ["1", "荔城街道办事处"], ["440118001", "本级"]]
        {
            assert_eq!(flat(top), Some(InferredLevel::Except(vec![top[1].into()])), "{top:?}");
        }
        assert_eq!(flat(["440118001299", "白水村"]), None);
    }

    #[test]
    fn codes_of_kinds_are_told_by_names() {
        let (table, found) = list(&street(["0", "1", "2"]));
        let (known, unknown) = kinds(&table, &found);
        assert_eq!(known.get("1").map(String::as_str), Some("村"));
        assert_eq!(known.get("2").map(String::as_str), Some("社区"));
        assert_eq!(unknown, ["0"]);
        assert_eq!(
            level(&table, &found, &known, "荔城街道办事处"),
            Some(InferredLevel::Kinds(vec!["村".into(), "社区".into()]))
        );
    }
}
