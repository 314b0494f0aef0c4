//! What a birth date decides: whether marital status applies, and whether somebody is old enough for it.

use super::super::codes::minority;
use super::super::columns::Birth;
use super::super::kind::first_of;
use super::{SqlReading, outcomes_of};
use crate::indicator::accuracy::{MARITAL_AGE, marriage_age};
use crate::indicator::record_flags::APPLIES;
use tongbao_config::settings::Relation;
use tongbao_register::date::DateNumber;
use tongbao_register::field::Field;
use tongbao_register::id_number::Sex;

impl SqlReading {
    /// Whether marital status applies, and that it is missing.
    pub(super) fn applies_outcomes(&self) -> String {
        let [missing, ..] = outcomes_of(Relation::AgeMarital);
        let (applies, unless_filled) = (1u32 << APPLIES, self.columns.marital.when(0, missing, 0));
        format!("CASE WHEN {} THEN {applies} + {unless_filled} ELSE 0 END", self.marital_applies())
    }

    /// The relation of age and marital status, where that is not missing.
    pub(super) fn marital_outcome(&self) -> String {
        let [missing, fail, pass] = outcomes_of(Relation::AgeMarital);
        let (sex, marital) = (&self.columns.sex, &self.columns.marital);
        let aged = |years: u32| self.birth_until(self.cut_off.saturating_sub(years * 10_000));
        let by_sex = |minority: bool| {
            let age = |sex: Sex| aged(marriage_age(sex, minority));
            let (male, female) = (age(Sex::Male), age(Sex::Female));
            sex.when(2, male, female)
        };
        // A minority only lowers the age, so that few are asked for it.
        let old_enough = format!(
            "CASE WHEN {} THEN TRUE WHEN {} THEN {} ELSE FALSE END",
            by_sex(false),
            by_sex(true),
            minority(self.columns.d, self.field(Field::Ethnicity))
        );
        let cases = [
            (self.birth_is_invalid(), fail),
            (sex.is(1), fail),
            (format!("NOT ({})", self.known_or(self.filled(Field::BirthDate))), missing),
            (sex.is(0), missing),
            (old_enough, pass),
        ];
        let ever_married = first_of(&cases, fail);
        marital.case(["0".to_owned(), fail.to_string(), pass.to_string(), ever_married])
    }

    /// Not under the age at the cut-off: by the birth date, then by the date inside the number; a
    /// person whose age is unknown is not excused.
    fn marital_applies(&self) -> String {
        let day = self.cut_off.saturating_sub(MARITAL_AGE * 10_000);
        let born = |number: &str| self.columns.by_bytes(&format!("substr({number}, 7, 8)"));
        let known = |number: &str| format!("{} <= '{day:08}'", born(number));
        format!(
            "CASE WHEN {} THEN {} WHEN {} THEN {} ELSE TRUE END",
            self.birth_is_known(),
            self.birth_until(day),
            self.filled(Field::IdNumber),
            self.number(&known, &|_| "TRUE".to_owned()),
        )
    }

    /// A condition that is never unknown.
    pub(super) fn known_or(&self, condition: &str) -> String {
        format!("CASE WHEN {condition} THEN TRUE ELSE FALSE END")
    }

    pub(super) fn birth_is_invalid(&self) -> String {
        let filled = self.filled(Field::BirthDate);
        match &self.columns.birth {
            Birth::Digits { digits, .. } => format!("{digits} = ''"),
            Birth::Iso { .. } => "FALSE".to_owned(),
            Birth::Number { .. } if self.columns.is_at_sight => "FALSE".to_owned(),
            Birth::Number { exists, .. } => format!("CASE WHEN {filled} THEN NOT {exists} ELSE FALSE END"),
        }
    }

    fn birth_is_known(&self) -> String {
        let filled = self.filled(Field::BirthDate);
        match &self.columns.birth {
            Birth::Digits { digits, .. } => format!("{digits} <> ''"),
            Birth::Iso { .. } => filled.to_owned(),
            Birth::Number { exists, .. } => format!("CASE WHEN {filled} THEN {exists} ELSE FALSE END"),
        }
    }

    /// Born on this day or earlier, of a birth date that is known.
    fn birth_until(&self, day: DateNumber) -> String {
        match &self.columns.birth {
            Birth::Digits { digits, .. } => format!("{} <= '{day:08}'", self.columns.by_bytes(digits)),
            Birth::Iso { text } => {
                format!("{text} <= '{:04}-{:02}-{:02}'", day / 10_000, day / 100 % 100, day % 100)
            }
            Birth::Number { value, .. } => format!("{value} <= {day}"),
        }
    }

    /// The birth date, which is known, is that of the number.
    pub(super) fn born_on(&self, number: &str) -> String {
        match &self.columns.birth {
            Birth::Digits { digits, .. } => format!("{digits} = substr({number}, 7, 8)"),
            Birth::Iso { text } => format!("replace({text}, '-', '') = substr({number}, 7, 8)"),
            Birth::Number { value, .. } => {
                let digit =
                    |i: u32| format!("(ascii(substr({number}, {}, 1)) - 48) * {}", 7 + i, 10u32.pow(7 - i));
                format!("{value} = {}", (0..8).map(digit).collect::<Vec<_>>().join(" + "))
            }
        }
    }
}
