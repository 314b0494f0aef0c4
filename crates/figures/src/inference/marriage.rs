//! What the codes of a marital status mean: GB/T 2261.2, or what the ages of their holders tell. Children
//! are unmarried, and most of the old are not.

use std::collections::BTreeMap;

use super::SurveyedTable;
use super::shapes::{citizen, percent};
use crate::indicator::record::marital;

/// Years below which nobody is married, and above which most have been.
const CHILD: i16 = 15;
const OLD: i16 = 45;
/// Persons of an age that must show what a code means.
const ENOUGH: usize = 10;
/// Share of the children, in per cent, that the code of the unmarried must have.
const CLEAR: u32 = 98;
/// Share of the old, in per cent, that a code of the married must have.
const MOST: u32 = 60;
/// Most characters of a code.
const LONGEST: usize = 3;

/// First digits of GB/T 2261.2.
const SHORT: [(&str, &str); 5] =
    [("1", "未婚"), ("2", "已婚"), ("3", "丧偶"), ("4", "离婚"), ("9", "未说明")];

/// The code map of a column; empty where its values are read as they are, or nothing tells what they mean.
pub fn codes(table: &SurveyedTable, column: usize, id_number: Option<usize>) -> BTreeMap<String, String> {
    let values = values(table, column);
    let known = values.keys().filter(|value| marital(value.as_bytes()).is_some()).count();
    let (filled, short): (usize, usize) = values.iter().fold((0, 0), |(all, short), (value, count)| {
        let is_short = SHORT.iter().any(|(code, _)| code == value) || *value == "0";
        (all + count, short + if is_short { *count } else { 0 })
    });
    // Two values of which none is a word of the standard: married or not, whichever is which.
    let of_ages = id_number.and_then(|id| by_ages(table, column, id, &values));
    match of_ages {
        Some(map) if percent(short, filled) >= 80 && is_short(&map) => words(&SHORT),
        Some(map) if known == 0 => map,
        // One-digit codes of the standard; of two values alone nobody knows which list they are from.
        None if percent(short, filled) >= 80 && values.len() > 2 => words(&SHORT),
        _ => BTreeMap::new(),
    }
}

/// Whether the codes of a column are two values that nothing explains: which of them is married must be
/// asked.
pub fn is_unclear(table: &SurveyedTable, column: usize, id_number: Option<usize>) -> bool {
    let values = values(table, column);
    let is_code = |value: &&str| value.chars().count() <= LONGEST && marital(value.as_bytes()).is_none();
    values.len() == 2 && values.keys().all(is_code) && codes(table, column, id_number).is_empty()
}

fn words(map: &[(&str, &str)]) -> BTreeMap<String, String> {
    map.iter().map(|(code, word)| ((*code).to_owned(), (*word).to_owned())).collect()
}

/// Whether a map by ages says the same as the standard.
fn is_short(map: &BTreeMap<String, String>) -> bool {
    map.iter().all(|(value, word)| SHORT.iter().any(|(code, short)| code == value && short == word))
}

fn values(table: &SurveyedTable, column: usize) -> BTreeMap<&str, usize> {
    let mut out = BTreeMap::new();
    table.filled(column).for_each(|value| *out.entry(value).or_default() += 1);
    out
}

/// Two values distinguished by the ages of their holders, as their ID numbers say. The youngest person of all
/// is taken for newborn.
fn by_ages(
    table: &SurveyedTable,
    column: usize,
    id_number: usize,
    values: &BTreeMap<&str, usize>,
) -> Option<BTreeMap<String, String>> {
    let candidates: Vec<&str> =
        values.keys().copied().filter(|value| value.chars().count() <= LONGEST).collect();
    let [one, other] = candidates[..] else { return None };
    let year = |number: &str| citizen(number)?.birth_date().map(|date| date.year());
    let people: Vec<(&str, i16)> = table
        .values(column)
        .zip(table.values(id_number))
        .filter_map(|(value, number)| Some((value.filter(|v| *v == one || *v == other)?, year(number?)?)))
        .collect();
    let now = table.filled(id_number).filter_map(year).max()?;
    let holders = |is_of_age: &dyn Fn(i16) -> bool, value: &str| {
        let aged = people.iter().filter(|(_, born)| is_of_age(now - born));
        let (mut all, mut holding) = (0, 0);
        aged.for_each(|(of, _)| {
            all += 1;
            holding += usize::from(*of == value);
        });
        (all >= ENOUGH).then(|| percent(holding, all))
    };
    let is_single = |value: &str, married: &str| {
        let children = holders(&|age| age < CHILD, value)?;
        let old = holders(&|age| age >= OLD, married)?;
        Some(children >= CLEAR && old >= MOST)
    };
    let (single, married) = match (is_single(one, other), is_single(other, one)) {
        (Some(true), _) => (one, other),
        (_, Some(true)) => (other, one),
        _ => return None,
    };
    Some(words(&[(single, "未婚"), (married, "已婚")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A person born in a year, with a value.
    fn row(year: usize, at: usize, value: &str) -> Vec<Option<String>> {
        let head = format!("440118{year}0101{:03}", at % 1_000);
        let check = "0123456789X".chars().find(|c| citizen(&format!("{head}{c}")).is_some()).unwrap();
        vec![Some(format!("{head}{check}")), Some(value.to_owned())]
    }

    fn table(single: &str, married: &str) -> SurveyedTable {
        let years = (0..60).map(|age| (2016 - age, if age < 24 { single } else { married }));
        let sample = years.flat_map(|(year, value)| [row(year, 1, value), row(year, 2, value)]).collect();
        SurveyedTable { name: "t".into(), rows: None, columns: vec!["id".into(), "m".into()], sample }
    }

    #[test]
    fn ages_tell_yes_from_no() {
        for (single, married) in [("0", "1"), ("1", "0"), ("否", "是"), ("N", "Y"), ("2", "1")] {
            let map = codes(&table(single, married), 1, Some(0));
            assert_eq!(map.get(single).map(String::as_str), Some("未婚"), "{single} {married}");
            assert_eq!(map.get(married).map(String::as_str), Some("已婚"));
        }
    }

    #[test]
    fn words_and_codes_of_the_standard_need_no_map() {
        assert!(codes(&table("未婚", "已婚"), 1, Some(0)).is_empty());
        assert!(codes(&table("10", "20"), 1, Some(0)).is_empty());
        assert_eq!(codes(&table("1", "2"), 1, Some(0)).len(), 5);
    }

    #[test]
    fn what_nothing_tells_is_unclear() {
        let unclear = table("a", "b");
        assert!(codes(&unclear, 1, None).is_empty() && is_unclear(&unclear, 1, None));
        assert!(!is_unclear(&table("未婚", "已婚"), 1, Some(0)));
    }
}
