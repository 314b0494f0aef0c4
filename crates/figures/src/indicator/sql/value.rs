//! Values of one record as SQL: trimmed and decoded texts, and whether they are filled.

use std::collections::BTreeMap;

use super::dialect::{Dialect, nothing_left};
use super::{Inexpressible, SqlColumn, pattern};
use tongbao_register::date::{date_exists, iso_number};
use tongbao_register::field::Field;
use tongbao_register::nothing::MARKS;
use tongbao_rule::definitions::ValueType;
use tongbao_rule::value::ANSWERS;

/// What a zero date consists of, behind its first zero (see [`tongbao_register::date::is_zero_date`]).
const ZERO_DATE: &str = "0-/.: T";

/// A placeholder is compared in every spelling of its ASCII letters, up to this many.
const MOST_SPELLINGS: usize = 4096;

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
    /// `value` is trimmed and decoded if it is a text.
    pub(super) fn new(
        dialect: Dialect,
        value_type: ValueType,
        value: SqlColumn,
        placeholders: &[String],
    ) -> Result<SqlFieldValue, Inexpressible> {
        match &value {
            SqlColumn::Date(date) => {
                let written = placeholders
                    .iter()
                    .filter(|text| iso_number(text.as_bytes()).is_some_and(|n| n > 10_000 && date_exists(n)));
                let apart = written.map(|text| format!(" AND {date} <> DATE {}", dialect.text(text)));
                let zero = dialect.is_zero_date(date);
                let filled = format!("({date} IS NOT NULL AND NOT {zero}{})", apart.collect::<String>());
                Ok(SqlFieldValue { value, filled })
            }
            SqlColumn::Text(text) => {
                let filled = filled(dialect, value_type, text, placeholders)?;
                Ok(SqlFieldValue { value, filled })
            }
        }
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

/// The condition that a trimmed ID number of the roster or the register, or any other text, is filled.
pub(super) fn filled(
    dialect: Dialect,
    value_type: ValueType,
    trimmed: &str,
    placeholders: &[String],
) -> Result<String, Inexpressible> {
    let mut words = is_no_placeholder(dialect, trimmed, placeholders)?;
    if value_type != ValueType::Number {
        let within = is_no_placeholder(dialect, &dialect.within_marks(trimmed), placeholders)?;
        let begins = dialect.begins_with(trimmed, MARKS);
        words = format!("({words} AND CASE WHEN {begins} THEN {within} ELSE TRUE END)");
    }
    let marks = dialect.has_others_than(trimmed, MARKS);
    Ok(match value_type {
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
    })
}

/// The condition that a text is not blank and none of the placeholders, in any case of ASCII letters.
fn is_no_placeholder(
    dialect: Dialect,
    trimmed: &str,
    placeholders: &[String],
) -> Result<String, Inexpressible> {
    let mut blanks = vec![String::new()];
    for placeholder in placeholders {
        match dialect {
            Dialect::Postgres => blanks.push(placeholder.to_ascii_lowercase()),
            Dialect::MariaDb => blanks.extend(spellings(placeholder)?),
        }
    }
    blanks.sort();
    blanks.dedup();
    let list = dialect.texts(blanks.iter().map(String::as_str));
    let longest = blanks.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    Ok(match dialect {
        Dialect::Postgres => {
            let lower = dialect.ascii_lower(trimmed);
            format!("(char_length({trimmed}) > {longest} OR {lower} NOT IN ({list}))")
        }
        Dialect::MariaDb => format!("{trimmed} NOT IN ({list})"),
    })
}

/// A text in every combination of upper- and lower-case ASCII letters.
pub(super) fn spellings(text: &str) -> Result<Vec<String>, Inexpressible> {
    let mut out = vec![String::new()];
    for c in text.chars() {
        let letters = [c.to_ascii_lowercase(), c.to_ascii_uppercase()];
        let letters = if c.is_ascii_alphabetic() { &letters[..] } else { &letters[..1] };
        out = out.iter().flat_map(|start| letters.iter().map(move |c| format!("{start}{c}"))).collect();
        if out.len() > MOST_SPELLINGS {
            return Err(Inexpressible::Placeholder(text.to_owned()));
        }
    }
    Ok(out)
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

/// `YYYYMMDD` of a trimmed text that is filled and written in one of the usual forms, `''` where it is no
/// date.
pub(super) fn date_digits(dialect: Dialect, text: &str) -> String {
    let half = dialect.half_width(text);
    let part = |group| dialect.caught(&half, pattern::SEPARATED, group);
    let (month, day) = (format!("lpad({}, 2, '0')", part(2)), format!("lpad({}, 2, '0')", part(3)));
    let digits = format!(
        "CASE WHEN {iso} THEN replace({text}, '-', '') WHEN {separated} THEN {joined} WHEN {eight} THEN left({half}, 8) ELSE '' END",
        iso = dialect.matches(text, pattern::ISO),
        separated = dialect.matches(&half, pattern::SEPARATED),
        joined = dialect.concat(&[&part(1), &month, &day]),
        eight = dialect.matches(&half, pattern::DIGITS),
    );
    let exists = dialect.matches(&format!("({digits})"), &pattern::date());
    format!("CASE WHEN {exists} THEN {digits} ELSE '' END")
}
