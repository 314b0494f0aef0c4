//! The reading of one record as SQL: what [`crate::indicator::record_reading`] does with bytes.

mod age;

use jiff::civil::Date;

use super::columns::{Birth, RecordColumns};
use super::id_number::{is_checked, not_a_citizen, written};
use super::kind::{SqlKind, first_of};
use super::own::OwnSql;
use super::value::SqlFieldValue;
use super::{Inexpressible, Tables, entries, identity, pattern, province};
use crate::indicator::record_flags::{
    CUT, INVALID_BIRTH, INVALID_MARITAL, INVALID_SEX, MALFORMED, NO_RECORD, RecordFlags, UNSTATED_MAN,
    UNSTATED_WOMAN,
};
use crate::indicator::record_reading::RecordReading;
use tongbao_config::settings::{DivisionLevel, Indicators, Relation};
use tongbao_register::date::{DateNumber, number_of};
use tongbao_register::field::Field;
use tongbao_register::id_number::CITIZEN_DOCUMENTS;
use tongbao_rule::evaluate::RelationOutcome;

/// The expressions of a statement.
pub(super) struct SqlReading {
    pub columns: RecordColumns,
    own: Option<OwnSql>,
    reads_places: bool,
    by_province: bool,
    cut_off: DateNumber,
}

impl SqlReading {
    pub(super) fn new(
        tables: &Tables,
        indicators: &Indicators,
        cut_off: Date,
    ) -> Result<SqlReading, Inexpressible> {
        let mut columns = RecordColumns::new(tables, indicators)?;
        let own = match indicators.has_own() {
            true => Some(OwnSql::new((&columns, &tables.references), indicators, number_of(cut_off))?),
            false => None,
        };
        if let Some(own) = &own {
            columns.register = own.register.clone();
        }
        Ok(SqlReading { own, ..SqlReading::of(columns, indicators, cut_off) })
    }

    /// The reading of columns without own definitions.
    pub(super) fn of(columns: RecordColumns, indicators: &Indicators, cut_off: Date) -> SqlReading {
        SqlReading {
            columns,
            own: None,
            reads_places: indicators.counted_relations().contains(&Relation::IdHouseholdPlace),
            by_province: indicators.accuracy.household_level == DivisionLevel::Province,
            cut_off: number_of(cut_off),
        }
    }

    fn field(&self, field: Field) -> &SqlFieldValue {
        &self.columns.fields[field.index()]
    }

    fn filled(&self, field: Field) -> &str {
        &self.field(field).filled
    }

    /// The packed [`RecordFlags`] of a record.
    pub(super) fn contribution(&self) -> String {
        if let Some(identity) = &self.columns.identity {
            return self.contribution_of_thing(identity);
        }
        let flag = |f: Field| format!("CASE WHEN {} THEN {} ELSE 0 END", self.filled(f), 1 << f.index());
        if self.columns.is_at_sight {
            let others = Field::ALL.into_iter().filter(|f| !matches!(f, Field::Sex | Field::MaritalStatus));
            return others.map(flag).chain([self.outcomes_at_sight()]).collect::<Vec<_>>().join(" + ");
        }
        let mut parts: Vec<String> = Field::ALL.into_iter().map(flag).collect();
        parts.push(self.id_outcomes());
        parts.push(format!("{} + {}", self.applies_outcomes(), self.marital_outcome()));
        let invalid = [
            (self.birth_is_invalid(), INVALID_BIRTH),
            (self.columns.sex.is(1), INVALID_SEX),
            (self.columns.marital.is(1), INVALID_MARITAL),
        ];
        parts.extend(
            invalid
                .iter()
                .map(|(condition, at)| format!("CASE WHEN {condition} THEN {} ELSE 0 END", 1u32 << at)),
        );
        let parts: Vec<String> = parts.into_iter().map(|part| format!("({part})")).collect();
        let (is_none, none) = (&self.columns.is_no_record, 1u32 << NO_RECORD);
        format!("CASE WHEN {is_none} THEN {none} ELSE {} END", parts.join(" + "))
    }

    /// What the relations come to where every value is known at sight, with the flags of sex and marital status.
    fn outcomes_at_sight(&self) -> String {
        let with = |sex: &SqlKind, marital: &SqlKind| {
            let (sex, marital) = (sex.clone(), marital.clone());
            SqlReading { columns: RecordColumns { sex, marital, ..self.columns.clone() }, own: None, ..*self }
        };
        let flag = |kind: &SqlKind, field: Field| kind.when(0, 0, 1 << field.index());
        let by_kinds = self.columns.sex.sorted(|sex| {
            let by_marital = self.columns.marital.sorted(|marital| {
                format!(
                    "{} + {}",
                    flag(&marital, Field::MaritalStatus),
                    with(&sex, &marital).marital_outcome()
                )
            });
            format!("{} + {by_marital}", flag(&sex, Field::Sex))
        });
        format!("{} + {} + {by_kinds}", self.number_outcomes(), self.applies_outcomes())
    }

    /// Of what is no person: whether it can be distinguished, and whether a spreadsheet has damaged that.
    fn contribution_of_thing(&self, identity: &str) -> String {
        let (is_none, none) = (&self.columns.is_no_record, 1u32 << NO_RECORD);
        let plain = RecordReading(0).at(self.cut_off).0;
        let (known, cut) = (1u32 << Field::IdNumber.index(), 1u32 << CUT);
        let is_cut = identity::is_cut(self.columns.d, identity);
        format!(
            "CASE WHEN {is_none} THEN {none} ELSE {plain} + CASE WHEN {identity} <> '' THEN {known} ELSE 0 END \
             + CASE WHEN {is_cut} THEN {cut} ELSE 0 END END"
        )
    }

    /// The own definitions in use, if any is.
    pub(super) fn own(&self) -> Option<&OwnSql> {
        self.own.as_ref()
    }

    /// What distinguishes persons; `None` where nothing is bound.
    pub(super) fn person(&self) -> Option<String> {
        let columns = &self.columns;
        if let Some(identity) = &columns.identity {
            let key = entries::key_of_thing(columns.d, identity);
            return Some(format!("CASE WHEN {} THEN NULL ELSE {key} END", columns.is_no_record));
        }
        let number = columns.number.as_ref()?;
        let is_eighteen = format!("{} IS NOT NULL", number.characters);
        let key = entries::key_of_person(columns.d, &is_eighteen, &number.normal, &number.known);
        let (is_none, filled) = (&columns.is_no_record, self.filled(Field::IdNumber));
        Some(format!("CASE WHEN {is_none} THEN NULL WHEN {filled} THEN {key} END"))
    }

    /// Whether the record has a value that only the program can read, and all its values, packed. `None` where
    /// there is none such.
    pub(super) fn unread_record(&self) -> Option<(String, String)> {
        let columns = &self.columns;
        if let Some(whole) = &columns.whole {
            return Some((format!("{whole} IS NOT NULL"), whole.clone()));
        }
        let birth = match &columns.birth {
            Birth::Digits { is_unread, .. } => Some(is_unread.as_str()),
            _ => None,
        };
        let own = self.own.as_ref().map(|own| own.is_unread.as_str());
        let conditions: Vec<&str> = birth.into_iter().chain(own).collect();
        if conditions.is_empty() {
            return None;
        }
        Some((format!("({})", conditions.join(" OR ")), columns.whole_record()))
    }

    /// Outcomes of the relations that read the ID number, and the mark of a malformed one.
    fn id_outcomes(&self) -> String {
        let missing = all_id_relations(RelationOutcome::Missing);
        let found = self.number_outcomes();
        format!("CASE WHEN {} THEN {found} ELSE {missing} END", self.filled(Field::IdNumber))
    }

    /// The same of a number that is filled.
    fn number_outcomes(&self) -> String {
        self.number(&|number| self.known_outcomes(number), &|number| self.unknown_outcomes(number))
    }

    fn number(&self, known: &dyn Fn(&str) -> String, unknown: &dyn Fn(&str) -> String) -> String {
        let columns = &self.columns;
        match &columns.number {
            Some(number) if columns.is_at_sight => {
                let is_checked = is_checked(columns.d, &number.known);
                format!(
                    "CASE WHEN {is_checked} THEN {} ELSE {} END",
                    known(&number.known),
                    unknown(&number.normal)
                )
            }
            Some(number) => {
                let (known, unknown) = (known(&number.known), unknown(&number.normal));
                format!("CASE WHEN {} <> '' THEN {known} ELSE {unknown} END", number.known)
            }
            None => written(columns.d, self.field(Field::IdNumber).text(), known, unknown),
        }
    }

    fn known_outcomes(&self, number: &str) -> String {
        let (birth, sex) = (self.birth_outcome(number), self.sex_outcome(number));
        let valid = bits(Relation::IdValid, RelationOutcome::Pass);
        format!("({birth} + {sex} + {} + {valid})", self.household(number))
    }

    fn birth_outcome(&self, number: &str) -> String {
        let [missing, fail, pass] = outcomes_of(Relation::IdBirthDate);
        let cases = [
            (format!("NOT ({})", self.known_or(self.filled(Field::BirthDate))), missing),
            (self.birth_is_invalid(), fail),
            (self.born_on(number), pass),
        ];
        first_of(&cases, fail)
    }

    fn sex_outcome(&self, number: &str) -> String {
        let [_, fail, pass] = outcomes_of(Relation::IdSex);
        let set = |condition: String| format!("CASE WHEN {condition} THEN {pass} ELSE {fail} END");
        let (male, female) = (set(is_man(number)), set(is_woman(number)));
        let arms = [self.missing_sex(number), fail.to_string(), male, female];
        self.columns.sex.sorted(|sex| sex.case(arms.clone()))
    }

    /// What a sex that is not filled comes to. Nearly all are, and the others alone are looked at.
    fn missing_sex(&self, number: &str) -> String {
        let missing = bits(Relation::IdSex, RelationOutcome::Missing);
        let Some(is_code) = &self.columns.is_sex_code else { return missing.to_string() };
        let (man, woman) = (missing | 1 << UNSTATED_MAN, missing | 1 << UNSTATED_WOMAN);
        format!(
            "(CASE WHEN {is_code} THEN CASE WHEN {} THEN {man} ELSE {woman} END ELSE {missing} END)",
            is_man(number)
        )
    }

    /// Malformed numbers fail every relation; other documents are not judged.
    fn unknown_outcomes(&self, number: &str) -> String {
        let malformed = format!(
            "({} + CASE WHEN {} THEN {} ELSE 0 END)",
            all_id_relations(RelationOutcome::Fail) + (1 << MALFORMED),
            self.columns.d.matches(number, pattern::CUT),
            1u32 << CUT
        );
        let by_shape = format!(
            "CASE WHEN {} THEN 0 ELSE {malformed} END",
            self.columns.d.matches(number, pattern::OTHER_DOCUMENT)
        );
        let Some(kind) = &self.columns.document_type else { return by_shape };
        let citizens = self.columns.d.texts(CITIZEN_DOCUMENTS);
        format!(
            "CASE WHEN {kind} IN ({citizens}) THEN {malformed} WHEN {kind} <> '' THEN 0 ELSE {by_shape} END"
        )
    }

    fn household(&self, number: &str) -> String {
        if !self.reads_places {
            return "0".to_owned();
        }
        let relation = Relation::IdHouseholdPlace;
        let read = match self.by_province {
            true if self.columns.is_at_sight => bits(relation, RelationOutcome::Pass).to_string(),
            true => format!(
                "CASE WHEN {province} = left({number}, 2) THEN {} WHEN {unread} THEN 0 ELSE {} END",
                bits(relation, RelationOutcome::Pass),
                bits(relation, RelationOutcome::Fail),
                province = self.columns.province,
                unread = self.is_unread_province(number),
            ),
            false => "0".to_owned(),
        };
        format!(
            "CASE WHEN {} THEN 0 WHEN {} THEN {read} ELSE {} END",
            not_a_citizen(number),
            self.filled(Field::HouseholdPlace),
            bits(relation, RelationOutcome::Missing),
        )
    }

    fn is_unread_province(&self, number: &str) -> String {
        province::is_unread(self.columns.d, &self.columns.province, number)
    }

    /// A household place that the statement cannot judge, and the division that it must agree with; `None` where it judges
    /// each.
    pub(super) fn unread_place(&self) -> Option<(String, String)> {
        if !self.reads_places || self.by_province && self.columns.is_at_sight {
            return None;
        }
        let place = self.field(Field::HouseholdPlace);
        let only = |value: &dyn Fn(&str) -> String| {
            let known = |number: &str| {
                // Nearly all places are in the province of the number.
                let decided = match self.by_province {
                    true => format!(
                        "WHEN {} = left({number}, 2) THEN NULL WHEN NOT ({}) THEN NULL ",
                        self.columns.province,
                        self.is_unread_province(number)
                    ),
                    false => String::new(),
                };
                format!("CASE {decided}WHEN {} THEN NULL ELSE {} END", not_a_citizen(number), value(number))
            };
            format!(
                "CASE WHEN {} THEN CASE WHEN {} THEN {} END END",
                place.filled,
                self.filled(Field::IdNumber),
                self.number(&known, &|_| "NULL".to_owned())
            )
        };
        Some((only(&|_| self.columns.d.trim(place.text())), only(&|number| format!("left({number}, 6)"))))
    }
}

/// Condition: the number is that of a man.
fn is_man(number: &str) -> String {
    format!("substr({number}, 17, 1) IN ('1', '3', '5', '7', '9')")
}

/// Condition: the number is that of a woman.
fn is_woman(number: &str) -> String {
    format!("substr({number}, 17, 1) IN ('0', '2', '4', '6', '8')")
}

/// Missing, failed, passed.
fn outcomes_of(relation: Relation) -> [u32; 3] {
    [RelationOutcome::Missing, RelationOutcome::Fail, RelationOutcome::Pass].map(|o| bits(relation, o))
}

fn bits(relation: Relation, outcome: RelationOutcome) -> u32 {
    RecordFlags(0).with(relation, outcome).0
}

fn all_id_relations(outcome: RelationOutcome) -> u32 {
    [Relation::IdBirthDate, Relation::IdSex, Relation::IdHouseholdPlace, Relation::IdValid]
        .into_iter()
        .map(|relation| bits(relation, outcome))
        .sum()
}
