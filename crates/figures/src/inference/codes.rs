//! Code maps: which code means what. Only codes that explain themselves by a published list, or by
//! the ID numbers beside them, are mapped; values are never copied.

use std::collections::{BTreeMap, BTreeSet};

use super::SurveyedTable;
use super::shapes::{citizen, percent};
use crate::indicator::record;
use crate::indicator::unstated_sex::UnstatedSexes;
use tongbao_register::coded_word::CODE_MARKS;
use tongbao_register::field::Field;
use tongbao_register::id_number::Sex;

/// Longest value that may be a code.
const LONGEST: usize = 3;
/// So many records must show what a code means.
const ENOUGH: usize = 10;
/// So many of them, in per cent, must agree: a code of a few persons is no evidence against the rest.
const CLEAR: usize = 98;
/// Codes that GB/T 2261.1 calls unknown (0) and not told (9).
const UNKNOWN: [&str; 4] = ["0", "9", "０", "９"];

/// The code map of a column; empty where the program reads its values as they are.
pub fn guess(
    table: &SurveyedTable,
    field: Field,
    column: usize,
    id_number: Option<usize>,
) -> BTreeMap<String, String> {
    let (mut map, is_word): (_, fn(&str) -> bool) = match field {
        Field::Sex => (sexes(table, column, id_number), |text| record::sex(text.as_bytes()).is_some()),
        Field::MaritalStatus => (super::marriage::codes(table, column, id_number), |text| {
            record::marital(text.as_bytes()).is_some()
        }),
        _ => return BTreeMap::new(),
    };
    for (value, word) in with_words(table, column, is_word) {
        map.entry(value).or_insert(word);
    }
    map
}

/// Values that name their meaning beside a code: `10 未婚`, `1-男`, `男(1)`.
fn with_words(
    table: &SurveyedTable,
    column: usize,
    is_word: fn(&str) -> bool,
) -> impl Iterator<Item = (String, String)> {
    let values: BTreeSet<&str> = table.filled(column).collect();
    let is_code = |c: char| c.is_ascii_digit() || CODE_MARKS.contains(&c) || "()（）—".contains(c);
    values.into_iter().filter_map(move |value| {
        let word = value.trim_matches(is_code);
        let has_code = value.chars().any(|c| c.is_ascii_digit());
        (has_code && !is_word(value) && is_word(word)).then(|| (value.to_owned(), word.to_owned()))
    })
}

/// Share of the records, in per cent, whose sex follows from the ID number once every value is read
/// as the sex that most of its holders have; `None` without ID numbers.
pub fn sex_agrees(table: &SurveyedTable, column: usize, id_number: usize) -> Option<u32> {
    let counts = sex_counts(table, column, id_number);
    let all: usize = counts.values().map(|(male, female)| male + female).sum();
    let agreeing: usize = counts.values().map(|(male, female)| male.max(female)).sum();
    // One value alone agrees with half of everybody.
    let has_both = counts.values().any(|(m, f)| m > f) && counts.values().any(|(m, f)| f > m);
    (all >= ENOUGH && counts.len() <= 12).then(|| if has_both { percent(agreeing, all) } else { 0 })
}

/// By value, how many men and women have it, as their ID numbers say.
fn sex_counts(table: &SurveyedTable, column: usize, id_number: usize) -> BTreeMap<&str, (usize, usize)> {
    let mut counts = BTreeMap::<&str, (usize, usize)>::new();
    for (value, number) in table.values(column).zip(table.values(id_number)) {
        let (Some(value), Some(id)) = (value, number.and_then(citizen)) else { continue };
        let (male, female) = counts.entry(value).or_default();
        *(if id.sex() == Sex::Male { male } else { female }) += 1;
    }
    counts
}

/// A code that counts as blank, though something speaks for a meaning of it that no map gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoubtfulCode {
    /// The sex is a code for "not stated" in so many records, and so many of them are of one sex by their ID numbers.
    OfOneSex(Sex, u64, u64),
    /// So many of all values are 0, which the standard of the field does not have.
    Zero(usize, usize),
}

/// One value of 0 in so many may be a slip.
const RARE: usize = 100;

/// What is doubtful in a column once its codes are mapped as [`guess`] does.
pub fn doubtful(
    table: &SurveyedTable,
    field: Field,
    column: usize,
    id_number: Option<usize>,
) -> Option<DoubtfulCode> {
    let map = guess(table, field, column, id_number);
    match field {
        Field::Sex => {
            let counts = sex_counts(table, column, id_number?);
            let unstated =
                counts.into_iter().filter(|(value, _)| UNKNOWN.contains(value) && !map.contains_key(*value));
            let mut sexes = UnstatedSexes::default();
            unstated.for_each(|(_, (men, women))| {
                sexes += UnstatedSexes { men: men as u64, women: women as u64 };
            });
            sexes.meant().map(|(sex, holders)| DoubtfulCode::OfOneSex(sex, holders, sexes.all()))
        }
        Field::Ethnicity | Field::MaritalStatus | Field::HukouType if !map.contains_key("0") => {
            let filled = table.filled(column).count();
            let zeros = table.filled(column).filter(|text| matches!(*text, "0" | "00")).count();
            (zeros > 0 && zeros * RARE >= filled).then_some(DoubtfulCode::Zero(zeros, filled))
        }
        _ => None,
    }
}

/// The ID numbers decide; without them the words and GB/T 2261.1 are read as they are.
fn sexes(table: &SurveyedTable, column: usize, id_number: Option<usize>) -> BTreeMap<String, String> {
    let Some(id_number) = id_number else { return BTreeMap::new() };
    let counts = sex_counts(table, column, id_number);
    let is_standard = ["1", "2"].iter().all(|code| counts.contains_key(code));
    let decided = |(value, (male, female)): (&&str, &(usize, usize))| {
        let (all, most) = (male + female, male.max(female));
        let is_unknown = is_standard && UNKNOWN.contains(value);
        let clear =
            all >= ENOUGH && most * 100 >= all * CLEAR && value.chars().count() <= LONGEST && !is_unknown;
        let sex = if male > female { Sex::Male } else { Sex::Female };
        clear.then(|| ((*value).to_owned(), sex))
    };
    let map: BTreeMap<String, Sex> = counts.iter().filter_map(decided).collect();
    let has = |sex| map.values().any(|found| *found == sex);
    let is_standard = map.iter().all(|(value, sex)| record::sex(value.as_bytes()) == Some(*sex));
    if is_standard || !has(Sex::Male) || !has(Sex::Female) {
        return BTreeMap::new();
    }
    let word = |sex| if sex == Sex::Male { "男" } else { "女" };
    map.into_iter().map(|(value, sex)| (value, word(sex).to_owned())).collect()
}
