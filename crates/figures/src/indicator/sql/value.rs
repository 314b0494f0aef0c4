//! Values of one record as SQL: trimmed and decoded texts, and whether they are filled.

use std::collections::BTreeMap;

use super::dialect::Dialect;
use super::nothing::filled;
use super::{SqlColumn, pattern};
use tongbao_register::date::{date_exists, iso_number};
use tongbao_register::field::Field;
use tongbao_rule::definitions::ValueType;

/// What the values of a built-in field are, as far as that says whether they are filled.
pub(super) fn type_of(field: Field) -> ValueType {
    match field {
        Field::IdNumber => ValueType::CitizenId,
        Field::BirthDate => ValueType::Date,
        _ => ValueType::Text,
    }
}

/// A field of a record.
#[derive(Clone)]
pub(super) struct SqlFieldValue {
    pub value: SqlColumn,
    /// Condition: filled.
    pub filled: String,
}

impl SqlFieldValue {
    /// `value` is decoded if it is a text.
    pub(super) fn new(
        dialect: Dialect,
        value_type: ValueType,
        value: SqlColumn,
        placeholders: &[String],
    ) -> SqlFieldValue {
        let filled = match &value {
            SqlColumn::Date(date) => {
                let written = placeholders
                    .iter()
                    .filter(|text| iso_number(text.as_bytes()).is_some_and(|n| n > 10_000 && date_exists(n)));
                let apart = written.map(|text| format!(" AND {date} <> DATE {}", dialect.text(text)));
                let zero = dialect.is_zero_date(date);
                format!("({date} IS NOT NULL AND NOT {zero}{})", apart.collect::<String>())
            }
            SqlColumn::Text(text) => filled(dialect, value_type, text, placeholders),
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

/// The condition that a text may be a date in a form that the statement does not read. `half` is the text in half-width
/// characters.
pub(super) fn may_be_other_date(dialect: Dialect, half: &str) -> String {
    format!(
        "({may_be} AND NOT ({separated}) AND NOT ({eight}))",
        may_be = dialect.matches(half, pattern::MAY_BE_DATE),
        separated = dialect.matches(half, pattern::SEPARATED),
        eight = dialect.matches(half, pattern::DIGITS),
    )
}

/// `YYYYMMDD` of a text that is filled and written in one of the usual forms, `''` where it is no date. `is_usual` is the
/// condition that it has the usual form, which has no blanks around it; `half` is the text without them, in half-width
/// characters.
pub(super) fn date_digits(dialect: Dialect, text: &str, is_usual: &str, half: &str) -> String {
    let part = |group| dialect.caught(half, pattern::SEPARATED, group);
    let (month, day) = (format!("lpad({}, 2, '0')", part(2)), format!("lpad({}, 2, '0')", part(3)));
    let digits = format!(
        "CASE WHEN {separated} THEN {joined} WHEN {eight} THEN left({half}, 8) ELSE '' END",
        separated = dialect.matches(half, pattern::SEPARATED),
        joined = dialect.concat(&[&part(1), &month, &day]),
        eight = dialect.matches(half, pattern::DIGITS),
    );
    let exists = dialect.matches(&format!("({digits})"), &pattern::date());
    format!("CASE WHEN {is_usual} THEN replace({text}, '-', '') WHEN {exists} THEN {digits} ELSE '' END")
}
