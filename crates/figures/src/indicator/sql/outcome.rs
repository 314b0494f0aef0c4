//! The reading of one record as SQL: what [`crate::indicator::record_reading`] does with bytes.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::dialect::Dialect;
use super::own::{Bound, OwnSql};
use super::value::{SqlFieldValue, date_digits, decoded, may_be_other_date, spellings, type_of};
use super::{Inexpressible, Registered, SqlColumn, Tables, no_record, pattern};
use crate::indicator::accuracy::{MARITAL_AGE, marriage_age};
use crate::indicator::record::{MARITALS, MINORITIES, Marital, SEXES};
use crate::indicator::record_flags::{
    APPLIES, CUT, INVALID_BIRTH, INVALID_MARITAL, INVALID_SEX, MALFORMED, NO_RECORD, RecordFlags,
};
use tongbao_config::settings::{DivisionLevel, Indicators, Relation};
use tongbao_register::date::{DateNumber, number_of};
use tongbao_register::division::{ALSO, MOVED, NOT_A_PROVINCE, PROVINCES};
use tongbao_register::field::Field;
use tongbao_register::id_number::{CHECKS, CITIZEN_DOCUMENTS, Sex, WEIGHTS};
use tongbao_rule::evaluate::RelationOutcome;

/// The expressions of a statement.
pub(super) struct SqlReading {
    d: Dialect,
    /// What stands behind FROM, and the columns to group by.
    pub register: String,
    pub unit: String,
    pub day: String,
    pub invalid_day: String,
    fields: Vec<SqlFieldValue>,
    own: Option<OwnSql>,
    /// Own fields that are read.
    own_texts: Vec<String>,
    document_type: Option<String>,
    /// The ID number in its normal form.
    normal: String,
    /// The birth date in a form that compares, `NULL` where it is not filled.
    birth: Birth,
    reads_places: bool,
    by_province: bool,
    cut_off: DateNumber,
}

/// Birth dates of a text column are digits (`''` = no date), those of a date column numbers.
enum Birth {
    Digits {
        digits: String,
        /// Condition: no date for the statement, but perhaps one for the program.
        is_unread: String,
    },
    Number {
        value: String,
        exists: String,
    },
}

/// A select whose columns stand for expressions, or the expressions themselves where there is none.
pub(super) struct Layer {
    d: Dialect,
    from: String,
    columns: Option<Vec<String>>,
}

impl Layer {
    pub(super) fn new(d: Dialect, from: String, is_local: bool) -> Layer {
        Layer { d, from, columns: is_local.then(Vec::new) }
    }

    pub(super) fn bind(&mut self, name: &str, expression: String) -> String {
        let Some(columns) = &mut self.columns else { return expression };
        columns.push(format!("{expression} AS {name}"));
        name.to_owned()
    }

    /// As [`Layer::close`], without a layer where nothing was bound.
    pub(super) fn close_if_used(self, keep: &str) -> String {
        if self.columns.as_ref().is_some_and(Vec::is_empty) { self.from } else { self.close(keep) }
    }

    /// What stands behind FROM for the next layer.
    fn close(self, keep: &str) -> String {
        match self.columns {
            None => self.from,
            Some(columns) => {
                format!("(SELECT {keep}{} FROM {}{}) AS layer", columns.join(", "), self.from, self.d.fence())
            }
        }
    }
}

impl SqlReading {
    pub(super) fn new(
        tables: &Tables,
        indicators: &Indicators,
        cut_off: Date,
    ) -> Result<SqlReading, Inexpressible> {
        let d = tables.dialect;
        let placeholders = |field| indicators.completeness.of(field).map(str::to_owned).collect::<Vec<_>>();
        // Own definitions are counted here, where each value is computed once.
        let is_local = tables.is_local || indicators.has_own();
        let mut written = Layer::new(d, tables.register.clone(), is_local);
        let unit = written.bind("unit", tables.unit.clone());
        let Registered { day, number, invalid } = tables.day.clone().unwrap_or_default();
        let (day, invalid_day) = (written.bind("day", day), written.bind("invalid_day", invalid));
        let day_number = if indicators.has_own() { written.bind("day_number", number) } else { number };
        let document_type =
            tables.document_type.as_ref().map(|value| written.bind("document_type", d.trim(value)));
        let mut fields = Vec::new();
        for (field, (value, codes)) in Field::ALL.into_iter().zip(&tables.fields) {
            let name = format!("f_{}", field.key());
            let value = match value {
                SqlColumn::Date(_) if !codes.is_empty() => return Err(Inexpressible::CodedDate(field.key())),
                SqlColumn::Date(date) => SqlColumn::Date(written.bind(&name, date.clone())),
                SqlColumn::Text(text) => {
                    SqlColumn::Text(written.bind(&name, decoded(d, &d.trim(text), codes)))
                }
            };
            fields.push(SqlFieldValue::new(d, type_of(field), value, &placeholders(field))?);
        }
        let mut own = Vec::new();
        for (definition, value) in indicators.definitions.own_fields().iter().zip(&tables.own) {
            let name = format!("o_{}", own.len());
            own.push(match value {
                None => None,
                Some(value) => {
                    let value = match value {
                        SqlColumn::Date(date) => SqlColumn::Date(written.bind(&name, date.clone())),
                        SqlColumn::Text(text) => SqlColumn::Text(written.bind(&name, d.trim(text))),
                    };
                    Some(SqlFieldValue::new(d, definition.value_type, value, &definition.placeholders)?)
                }
            });
        }
        let mut normed = Layer::new(d, written.close(""), is_local);
        let normal = normed.bind("normal", d.normalized(fields[Field::IdNumber.index()].text()));
        let birth = &fields[Field::BirthDate.index()];
        let birth = match &birth.value {
            SqlColumn::Text(text) => {
                let digits =
                    format!("CASE WHEN {} THEN {} ELSE NULL END", birth.filled, date_digits(d, text));
                let digits = normed.bind("birth", digits);
                let is_unread =
                    format!("CASE WHEN {digits} = '' THEN {} ELSE FALSE END", may_be_other_date(d, text));
                Birth::Digits { digits, is_unread }
            }
            SqlColumn::Date(date) => {
                Birth::Number { value: d.date_number(date), exists: d.date_exists(date) }
            }
        };
        for (field, value) in Field::ALL.into_iter().zip(&mut fields) {
            let filled = std::mem::take(&mut value.filled);
            value.filled = normed.bind(&format!("w_{}", field.key()), filled);
        }
        for (at, value) in own.iter_mut().enumerate() {
            if let Some(value) = value {
                let filled = std::mem::take(&mut value.filled);
                value.filled = normed.bind(&format!("ow_{at}"), filled);
            }
        }
        let mut register = normed.close("layer.*, ");
        let own_sql = match indicators.has_own() {
            false => None,
            true => {
                let all = fields.iter().map(Some).chain(own.iter().map(Option::as_ref)).collect();
                let bound = Bound {
                    d,
                    fields: all,
                    document_type: document_type.as_deref(),
                    unit: &unit,
                    day: &day,
                    invalid_day: &invalid_day,
                    day_number: &day_number,
                };
                let own = OwnSql::new(&bound, register, indicators, number_of(cut_off))?;
                register = own.register.clone();
                Some(own)
            }
        };
        Ok(SqlReading {
            d,
            register,
            unit,
            day,
            invalid_day,
            fields,
            own: own_sql,
            own_texts: own.iter().flatten().map(|value| d.home_text(&value.value)).collect(),
            document_type,
            normal,
            birth,
            reads_places: indicators.counted_relations().contains(&Relation::IdHouseholdPlace),
            by_province: indicators.accuracy.household_level == DivisionLevel::Province,
            cut_off: number_of(cut_off),
        })
    }

    fn field(&self, field: Field) -> &SqlFieldValue {
        &self.fields[field.index()]
    }

    fn filled(&self, field: Field) -> &str {
        &self.field(field).filled
    }

    /// The packed [`RecordFlags`] of a record.
    pub(super) fn contribution(&self) -> String {
        let mut parts: Vec<String> = Field::ALL
            .iter()
            .map(|f| format!("CASE WHEN {} THEN {} ELSE 0 END", self.filled(*f), 1 << f.index()))
            .collect();
        parts.push(self.id_outcomes());
        parts.push(self.age_outcomes());
        let invalid = [
            (self.birth_is_invalid(), INVALID_BIRTH),
            (format!("({}) = 1", self.sex()), INVALID_SEX),
            (format!("({}) = 1", self.marital()), INVALID_MARITAL),
        ];
        parts.extend(
            invalid
                .iter()
                .map(|(condition, at)| format!("CASE WHEN {condition} THEN {} ELSE 0 END", 1u32 << at)),
        );
        let parts: Vec<String> = parts.into_iter().map(|part| format!("({part})")).collect();
        format!("CASE WHEN {} THEN {} ELSE {} END", self.is_no_record(), 1u32 << NO_RECORD, parts.join(" + "))
    }

    fn is_no_record(&self) -> String {
        let text = |field: &SqlFieldValue| match &field.value {
            SqlColumn::Text(text) => Some(text.clone()),
            SqlColumn::Date(_) => None,
        };
        let fields: Vec<Option<String>> = self.fields.iter().map(text).collect();
        no_record::is_no_record(self.d, &fields, &self.unit)
    }

    /// The own definitions in use, if any is.
    pub(super) fn own(&self) -> Option<&OwnSql> {
        self.own.as_ref()
    }

    /// Whether the record has a value that only the program can read, and all its values, packed. `None` where
    /// there is none such.
    pub(super) fn unread_record(&self) -> Option<(String, String)> {
        let birth = match &self.birth {
            Birth::Digits { is_unread, .. } => Some(is_unread.as_str()),
            Birth::Number { .. } => None,
        };
        let own = self.own.as_ref().map(|own| own.is_unread.as_str());
        let conditions: Vec<&str> = birth.into_iter().chain(own).collect();
        if conditions.is_empty() {
            return None;
        }
        let values =
            Field::ALL.iter().map(|field| self.d.packed(&self.d.home_text(&self.field(*field).value)));
        let document = self.document_type.as_deref().map_or("''".to_owned(), |kind| self.d.packed(kind));
        let own = self.own_texts.iter().map(|text| self.d.packed(text));
        let parts: Vec<String> = values.chain([document]).chain(own).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Some((format!("({})", conditions.join(" OR ")), self.d.concat(&parts)))
    }

    /// Outcomes of the relations that read the ID number, and the mark of a malformed one.
    fn id_outcomes(&self) -> String {
        let missing = all_id_relations(RelationOutcome::Missing);
        let found =
            self.number(&|number| self.known_outcomes(number), &|number| self.unknown_outcomes(number));
        format!("CASE WHEN {} THEN {found} ELSE {missing} END", self.filled(Field::IdNumber))
    }

    fn number(&self, known: &dyn Fn(&str) -> String, unknown: &dyn Fn(&str) -> String) -> String {
        number(self.d, self.field(Field::IdNumber).text(), &self.normal, known, unknown)
    }

    fn known_outcomes(&self, number: &str) -> String {
        let set = |relation: Relation, condition: String| {
            format!(
                "CASE WHEN {condition} THEN {} ELSE {} END",
                bits(relation, RelationOutcome::Pass),
                bits(relation, RelationOutcome::Fail)
            )
        };
        let birth = format!(
            "CASE WHEN NOT ({filled}) THEN {missing} WHEN {invalid} THEN {fail} ELSE {same} END",
            filled = self.known_or(self.filled(Field::BirthDate)),
            missing = bits(Relation::IdBirthDate, RelationOutcome::Missing),
            invalid = self.birth_is_invalid(),
            fail = bits(Relation::IdBirthDate, RelationOutcome::Fail),
            same = set(Relation::IdBirthDate, self.born_on(number)),
        );
        let sex = format!(
            "CASE {sex} WHEN 0 THEN {missing} WHEN 1 THEN {fail} WHEN 2 THEN {male} ELSE {female} END",
            sex = self.sex(),
            missing = bits(Relation::IdSex, RelationOutcome::Missing),
            fail = bits(Relation::IdSex, RelationOutcome::Fail),
            male = set(Relation::IdSex, format!("substr({number}, 17, 1) IN ('1', '3', '5', '7', '9')")),
            female = set(Relation::IdSex, format!("substr({number}, 17, 1) IN ('0', '2', '4', '6', '8')")),
        );
        let valid = bits(Relation::IdValid, RelationOutcome::Pass);
        format!("({birth} + {sex} + {} + {valid})", self.household(number))
    }

    /// Malformed numbers fail every relation; other documents are not judged.
    fn unknown_outcomes(&self, number: &str) -> String {
        let malformed = format!(
            "({} + CASE WHEN {} THEN {} ELSE 0 END)",
            all_id_relations(RelationOutcome::Fail) + (1 << MALFORMED),
            self.d.matches(number, pattern::CUT),
            1u32 << CUT
        );
        let by_shape = format!(
            "CASE WHEN {} THEN 0 ELSE {malformed} END",
            self.d.matches(number, pattern::OTHER_DOCUMENT)
        );
        let Some(kind) = &self.document_type else { return by_shape };
        let citizens = self.d.texts(CITIZEN_DOCUMENTS);
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
            true => format!(
                "CASE WHEN {province} = left({number}, 2) THEN {} WHEN {unread} THEN 0 ELSE {} END",
                bits(relation, RelationOutcome::Pass),
                bits(relation, RelationOutcome::Fail),
                province = self.province(),
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
        is_unread_province(self.d, self.field(Field::HouseholdPlace).text(), number)
    }

    fn province(&self) -> String {
        province(self.d, self.field(Field::HouseholdPlace).text())
    }

    /// A household place that the statement cannot judge, and the division that it must agree with.
    pub(super) fn unread_place(&self) -> (String, String) {
        if !self.reads_places {
            return ("NULL".to_owned(), "NULL".to_owned());
        }
        let place = self.field(Field::HouseholdPlace);
        let only = |value: &dyn Fn(&str) -> String| {
            let known = |number: &str| {
                let decided = match self.by_province {
                    true => format!("NOT ({})", self.is_unread_province(number)),
                    false => "FALSE".to_owned(),
                };
                format!(
                    "CASE WHEN {} OR {decided} THEN NULL ELSE {} END",
                    not_a_citizen(number),
                    value(number)
                )
            };
            format!(
                "CASE WHEN {} THEN CASE WHEN {} THEN {} END END",
                place.filled,
                self.filled(Field::IdNumber),
                self.number(&known, &|_| "NULL".to_owned())
            )
        };
        (only(&|_| place.text().to_owned()), only(&|number| format!("left({number}, 6)")))
    }

    /// Whether marital status applies, and the relation of age and marital status.
    fn age_outcomes(&self) -> String {
        let relation = Relation::AgeMarital;
        let [missing, fail, pass] = [RelationOutcome::Missing, RelationOutcome::Fail, RelationOutcome::Pass]
            .map(|o| bits(relation, o));
        let aged = |years: u32| self.birth_until(self.cut_off.saturating_sub(years * 10_000));
        let by_sex = |minority: bool| {
            let age = |sex: Sex| aged(marriage_age(sex, minority));
            format!("CASE WHEN {} = 2 THEN {} ELSE {} END", self.sex(), age(Sex::Male), age(Sex::Female))
        };
        let old_enough =
            format!("CASE WHEN {} THEN {} ELSE {} END", self.minority(), by_sex(true), by_sex(false));
        let ever_married = format!(
            "CASE WHEN {invalid} THEN {fail} WHEN {sex} = 1 THEN {fail} WHEN NOT ({filled}) THEN {missing} \
             WHEN {sex} = 0 THEN {missing} WHEN {old_enough} THEN {pass} ELSE {fail} END",
            invalid = self.birth_is_invalid(),
            sex = self.sex(),
            filled = self.known_or(self.filled(Field::BirthDate)),
        );
        let applies = 1u32 << APPLIES;
        format!(
            "CASE WHEN {applies_now} THEN {applies} + CASE {marital} WHEN 0 THEN {missing} {rest} \
             ELSE CASE {marital} WHEN 0 THEN 0 {rest} END",
            applies_now = self.marital_applies(),
            marital = self.marital(),
            rest = format!("WHEN 1 THEN {fail} WHEN 2 THEN {pass} ELSE {ever_married} END"),
        )
    }

    /// Not under the age at the cut-off: by the birth date, then by the date inside the number; a
    /// person whose age is unknown is not excused.
    fn marital_applies(&self) -> String {
        let day = self.cut_off.saturating_sub(MARITAL_AGE * 10_000);
        let known = |number: &str| format!("substr({number}, 7, 8) <= '{day:08}'");
        format!(
            "CASE WHEN {} THEN {} WHEN {} THEN {} ELSE TRUE END",
            self.birth_is_known(),
            self.birth_until(day),
            self.filled(Field::IdNumber),
            self.number(&known, &|_| "TRUE".to_owned()),
        )
    }

    /// 0 not filled, 1 neither, 2 male, 3 female.
    fn sex(&self) -> String {
        let words = |wanted: Sex| {
            let words = SEXES.iter().filter(|(_, sex)| *sex == wanted);
            let all: Vec<String> = words.flat_map(|(word, _)| spellings(word).unwrap_or_default()).collect();
            self.d.texts(all.iter().map(String::as_str))
        };
        let text = self.field(Field::Sex).text();
        format!(
            "CASE WHEN {} THEN CASE WHEN {text} IN ({}) THEN 2 WHEN {text} IN ({}) THEN 3 ELSE 1 END ELSE 0 END",
            self.filled(Field::Sex),
            words(Sex::Male),
            words(Sex::Female),
        )
    }

    /// 0 not filled, 1 neither, 2 never married, 3 ever married.
    fn marital(&self) -> String {
        let words = |wanted: Marital| {
            self.d.texts(MARITALS.iter().filter(|(_, marital)| *marital == wanted).map(|(word, _)| *word))
        };
        let text = self.field(Field::MaritalStatus).text();
        format!(
            "CASE WHEN {} THEN CASE WHEN {text} IN ({}) THEN 2 WHEN {text} IN ({}) THEN 3 ELSE 1 END ELSE 0 END",
            self.filled(Field::MaritalStatus),
            words(Marital::NeverMarried),
            words(Marital::EverMarried),
        )
    }

    fn minority(&self) -> String {
        let text = self.field(Field::Ethnicity).text();
        let names: Vec<String> =
            MINORITIES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}族")]).collect();
        format!(
            "CASE WHEN {} THEN ({text} IN ({}) OR {} OR ({} AND {})) ELSE FALSE END",
            self.filled(Field::Ethnicity),
            self.d.texts(names.iter().map(String::as_str)),
            self.d.matches(text, pattern::MINORITY_CODE),
            self.d.matches(text, "[0-9]"),
            self.d.matches(text, &pattern::named_minority()),
        )
    }

    /// A condition that is never unknown.
    fn known_or(&self, condition: &str) -> String {
        format!("CASE WHEN {condition} THEN TRUE ELSE FALSE END")
    }

    fn birth_is_invalid(&self) -> String {
        let filled = self.filled(Field::BirthDate);
        match &self.birth {
            Birth::Digits { digits, .. } => format!("{digits} = ''"),
            Birth::Number { exists, .. } => format!("CASE WHEN {filled} THEN NOT {exists} ELSE FALSE END"),
        }
    }

    fn birth_is_known(&self) -> String {
        let filled = self.filled(Field::BirthDate);
        match &self.birth {
            Birth::Digits { digits, .. } => format!("{digits} <> ''"),
            Birth::Number { exists, .. } => format!("CASE WHEN {filled} THEN {exists} ELSE FALSE END"),
        }
    }

    /// Born on this day or earlier, of a birth date that is known.
    fn birth_until(&self, day: DateNumber) -> String {
        match &self.birth {
            Birth::Digits { digits, .. } => format!("{digits} <= '{day:08}'"),
            Birth::Number { value, .. } => format!("{value} <= {day}"),
        }
    }

    /// The birth date, which is known, is that of the number.
    fn born_on(&self, number: &str) -> String {
        match &self.birth {
            Birth::Digits { digits, .. } => format!("{digits} = substr({number}, 7, 8)"),
            Birth::Number { value, .. } => {
                let digit =
                    |i: u32| format!("(ascii(substr({number}, {}, 1)) - 48) * {}", 7 + i, 10u32.pow(7 - i));
                format!("{value} = {}", (0..8).map(digit).collect::<Vec<_>>().join(" + "))
            }
        }
    }
}

/// One expression for a well-formed number, of which the first 17 digits count, and one for anything
/// else. Most numbers are written in their normal form and are read as they stand.
pub(super) fn number(
    d: Dialect,
    text: &str,
    normal: &str,
    known: &dyn Fn(&str) -> String,
    unknown: &dyn Fn(&str) -> String,
) -> String {
    let whole = pattern::number_18();
    let century = format!("CASE WHEN substr({normal}, 13, 3) >= '996' THEN '18' ELSE '19' END");
    let (front, back) = (format!("left({normal}, 6)"), format!("substr({normal}, 7, 9)"));
    let long = d.concat(&[&front, &century, &back]);
    let plain = format!("{} AND {}", d.matches(text, &whole), check_agrees(text));
    let is_long = format!("{} AND {}", d.matches(normal, &whole), check_agrees(normal));
    format!(
        "CASE WHEN {plain} THEN {is_known} WHEN {is_long} THEN {normal_known} WHEN {is_short} THEN {short_known} ELSE {unknown} END",
        is_known = known(text),
        normal_known = known(normal),
        is_short = d.matches(normal, &pattern::number_15()),
        short_known = known(&long),
        unknown = unknown(normal),
    )
}

/// Whether a place begins with no province, or with one that divisions have left for that of the number, or
/// the other way round: the table of divisions decides.
pub(super) fn is_unread_province(d: Dialect, place: &str, number: &str) -> String {
    let province = province(d, place);
    let pairs = MOVED.iter().flat_map(|(first, _, now)| {
        let then = first / 10_000;
        [format!("'{then}{now}'"), format!("'{now}{then}'")]
    });
    let pairs: BTreeSet<String> = pairs.collect();
    let pair = d.concat(&[&province, &format!("left({number}, 2)")]);
    let pairs = pairs.into_iter().collect::<Vec<_>>().join(", ");
    format!("CASE WHEN {province} IS NULL THEN TRUE ELSE {pair} IN ({pairs}) END")
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

/// Whether the last of 18 characters is the check character of the others.
fn check_agrees(number: &str) -> String {
    format!("{} = substr({number}, 18, 1)", check_character(number))
}

/// The check character of a text that begins with 17 digits (GB 11643-1999, clause 6).
pub(super) fn check_character(number: &str) -> String {
    let terms = WEIGHTS.iter().enumerate();
    let sum: Vec<String> =
        terms.map(|(i, weight)| format!("ascii(substr({number}, {}, 1)) * {weight}", i + 1)).collect();
    let zeros: u32 = WEIGHTS.iter().sum::<u32>() * u32::from(b'0');
    let checks = CHECKS.iter().enumerate();
    let checks: String =
        checks.map(|(i, check)| format!(" WHEN {i} THEN '{}'", char::from(*check))).collect();
    format!("CASE ({} - {zeros}) % 11{checks} END", sum.join(" + "))
}

/// Residence permits of Hong Kong, Macau and Taiwan, and permanent residents (9…).
pub(super) fn not_a_citizen(number: &str) -> String {
    format!("left({number}, 6) IN ('810000', '820000', '830000') OR left({number}, 1) = '9'")
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
