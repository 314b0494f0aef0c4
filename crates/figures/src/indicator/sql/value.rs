//! Values of one record as SQL: trimmed and decoded texts, and whether they are filled.

use std::collections::BTreeMap;

use super::clean::begins_filled;
use super::dialect::{Dialect, nothing_left};
use super::{SqlColumn, pattern, shape};
use tongbao_register::date::{date_exists, iso_number};
use tongbao_register::field::Field;
use tongbao_register::nothing::MARKS;
use tongbao_rule::definitions::ValueType;
use tongbao_rule::value::ANSWERS;

/// What a zero date consists of, behind its first zero (see [`tongbao_register::date::is_zero_date`]).
const ZERO_DATE: &str = "0-/.: T";

/// What the values of a built-in field are, as far as that says whether they are filled.
pub(super) fn type_of(field: Field) -> ValueType {
    match field {
        Field::IdNumber => ValueType::CitizenId,
        Field::BirthDate => ValueType::Date,
        _ => ValueType::Text,
    }
}

/// A field of a record.
pub(super) struct SqlFieldValue {
    pub value: SqlColumn,
    /// Condition: filled.
    pub filled: String,
}

impl SqlFieldValue {
    /// `value` is trimmed and decoded if it is a text, and a column of a layer where `is_bound`.
    pub(super) fn new(
        dialect: Dialect,
        value_type: ValueType,
        value: SqlColumn,
        placeholders: &[String],
        is_bound: bool,
    ) -> SqlFieldValue {
        let filled = match (&value, is_bound) {
            (SqlColumn::Date(date), _) => {
                let written = placeholders
                    .iter()
                    .filter(|text| iso_number(text.as_bytes()).is_some_and(|n| n > 10_000 && date_exists(n)));
                let apart = written.map(|text| format!(" AND {date} <> DATE {}", dialect.text(text)));
                let zero = dialect.is_zero_date(date);
                format!("({date} IS NOT NULL AND NOT {zero}{})", apart.collect::<String>())
            }
            (SqlColumn::Text(text), true) => filled_at_sight(dialect, value_type, text, placeholders),
            (SqlColumn::Text(text), false) => filled(dialect, value_type, text, placeholders),
        };
        SqlFieldValue { value, filled }
    }

    /// The value as text; dates are not compared as texts.
    pub(super) fn text(&self) -> &str {
        self.value.text()
    }
}

impl SqlColumn {
    /// The expression, whatever its type.
    pub fn text(&self) -> &str {
        match self {
            SqlColumn::Text(text) | SqlColumn::Date(text) => text,
        }
    }
}

/// The meaning of a trimmed text under a code map.
pub(super) fn decoded(dialect: Dialect, trimmed: &str, codes: &BTreeMap<String, String>) -> String {
    if codes.is_empty() {
        return trimmed.to_owned();
    }
    let arms = codes
        .iter()
        .map(|(code, meaning)| format!(" WHEN {} THEN {}", dialect.text(code), dialect.text(meaning.trim())));
    format!("CASE {trimmed}{} ELSE {trimmed} END", arms.collect::<String>())
}

/// As [`filled`], decided by the first character of nearly all values.
pub(super) fn filled_at_sight(
    dialect: Dialect,
    value_type: ValueType,
    trimmed: &str,
    placeholders: &[String],
) -> String {
    let is_filled = begins_filled(dialect, value_type, trimmed, placeholders);
    let filled = filled(dialect, value_type, trimmed, placeholders);
    format!("(CASE WHEN {is_filled} THEN TRUE ELSE {filled} END)")
}

/// A text that its first character does not show to be filled, trimmed; NULL for all others.
pub(super) fn open(dialect: Dialect, value_type: ValueType, text: &str, placeholders: &[String]) -> String {
    let is_filled = begins_filled(dialect, value_type, text, placeholders);
    format!("CASE WHEN {is_filled} THEN NULL ELSE {} END", dialect.trim(text))
}

/// The condition that a text is filled, of which [`open`] is bound beside it.
pub(super) fn filled_where_open(
    dialect: Dialect,
    value_type: ValueType,
    [text, open]: [&str; 2],
    placeholders: &[String],
) -> String {
    let filled = filled(dialect, value_type, open, placeholders);
    format!("CASE WHEN {open} IS NULL THEN {text} IS NOT NULL ELSE {filled} END")
}

/// The condition that a trimmed ID number of the roster or the register, or any other text, is filled.
fn filled(dialect: Dialect, value_type: ValueType, trimmed: &str, placeholders: &[String]) -> String {
    let mut words = is_no_placeholder(dialect, trimmed, placeholders);
    if value_type != ValueType::Number {
        let within = is_no_placeholder(dialect, &dialect.within_marks(trimmed), placeholders);
        let begins = dialect.begins_with(trimmed, MARKS);
        words = format!("({words} AND CASE WHEN {begins} THEN {within} ELSE TRUE END)");
    }
    let marks = dialect.has_others_than(trimmed, MARKS);
    match value_type {
        ValueType::CitizenId => {
            let nothing_left = dialect.matches(trimmed, &nothing_left());
            format!("({words} AND {marks} AND NOT ({nothing_left}))")
        }
        ValueType::Date => {
            let others = dialect.has_others_than(trimmed, ZERO_DATE);
            format!("({words} AND {marks} AND (left({trimmed}, 1) <> '0' OR {others}))")
        }
        ValueType::YesNo => {
            let lower = dialect.lower(trimmed);
            let answers = dialect.texts(ANSWERS.iter().map(|(word, _)| *word));
            format!("({words} AND ({marks} OR {lower} IN ({answers})))")
        }
        _ => format!("({words} AND {marks})"),
    }
}

/// The condition that a text is not blank and none of the placeholders, in any case of ASCII letters.
fn is_no_placeholder(dialect: Dialect, trimmed: &str, placeholders: &[String]) -> String {
    let mut blanks: Vec<String> = placeholders.iter().map(|word| word.to_ascii_lowercase()).collect();
    blanks.push(String::new());
    blanks.sort();
    blanks.dedup();
    let list = dialect.texts(blanks.iter().map(String::as_str));
    let longest = blanks.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    format!("(char_length({trimmed}) > {longest} OR {} NOT IN ({list}))", dialect.lower(trimmed))
}

/// A word in every combination of upper- and lower-case ASCII letters.
pub(super) fn spellings(word: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for c in word.chars() {
        let letters = [c.to_ascii_lowercase(), c.to_ascii_uppercase()];
        let letters = if c.is_ascii_alphabetic() { &letters[..] } else { &letters[..1] };
        out = out.iter().flat_map(|start| letters.iter().map(move |c| format!("{start}{c}"))).collect();
    }
    out
}

/// The condition that a trimmed text may be a date in a form that the statement does not read.
pub(super) fn may_be_other_date(dialect: Dialect, text: &str) -> String {
    let half = dialect.half_width(text);
    format!(
        "({may_be} AND NOT ({separated}) AND NOT ({eight}))",
        may_be = dialect.matches(&half, pattern::MAY_BE_DATE),
        separated = dialect.matches(&half, pattern::SEPARATED),
        eight = dialect.matches(&half, pattern::DIGITS),
    )
}

/// `YYYYMMDD` of a text that is filled and written in one of the usual forms, `''` where it is no
/// date. `trimmed` is the text without blanks around it, of which the usual form has none; `is_bound` says whether the
/// expression is written once, so that it may be long.
pub(super) fn date_digits(dialect: Dialect, text: &str, trimmed: &str, is_bound: bool) -> String {
    let usual = if is_bound {
        shape::is_iso_date(dialect, text)
    } else {
        dialect.matches(text, &pattern::iso_date())
    };
    let half = dialect.half_width(trimmed);
    let part = |group| dialect.caught(&half, pattern::SEPARATED, group);
    let (month, day) = (format!("lpad({}, 2, '0')", part(2)), format!("lpad({}, 2, '0')", part(3)));
    let digits = format!(
        "CASE WHEN {separated} THEN {joined} WHEN {eight} THEN left({half}, 8) ELSE '' END",
        separated = dialect.matches(&half, pattern::SEPARATED),
        joined = dialect.concat(&[&part(1), &month, &day]),
        eight = dialect.matches(&half, pattern::DIGITS),
    );
    let exists = dialect.matches(&format!("({digits})"), &pattern::date());
    format!("CASE WHEN {usual} THEN replace({text}, '-', '') WHEN {exists} THEN {digits} ELSE '' END")
}
