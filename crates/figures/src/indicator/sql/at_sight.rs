//! Records of which every value is known at sight, counted on MariaDB as they are. Each select within another is a table
//! there, and one of all values of a record costs more than all that is asked of such a record.

use super::columns::{Birth, NumberColumns, RecordColumns};
use super::dialect::Dialect;
use super::entries::is_usual_date;
use super::kind::SqlKind;
use super::layer::Layers;
use super::value::{SqlFieldValue, decoded, type_of};
use super::{Registered, SqlColumn, SqlField, Tables, nothing, province, shape};
use crate::indicator::completeness::FilledTest;
use crate::indicator::record::{MARITALS, Marital, SEXES, marital, sex};
use tongbao_config::settings::{DivisionLevel, Indicators, Relation};
use tongbao_register::field::Field;
use tongbao_register::id_number::Sex;
use tongbao_register::text::trim_text;
use tongbao_rule::definitions::ValueType;

/// The records whose values are known at sight, and the tables with all others; `None` where no record is.
pub(super) fn split(tables: &Tables, indicators: &Indicators) -> Option<(RecordColumns, Tables)> {
    let is_of_things = indicators.subject.is_some();
    if tables.dialect != Dialect::MariaDb || !tables.is_table || indicators.has_own() || is_of_things {
        return None;
    }
    let mut records = RecordsAtSight { tables, indicators, conditions: Vec::new() };
    let columns = records.columns()?;
    let condition = records.conditions.join(" AND ");
    let register = format!("{} WHERE {condition}", tables.register);
    Some((
        RecordColumns { register: Layers::over(tables.dialect, register), ..columns },
        tables.without(&condition),
    ))
}

/// Bytes of the longest unit known at sight.
const UNIT_BYTES: u32 = 32;

struct RecordsAtSight<'a> {
    tables: &'a Tables,
    indicators: &'a Indicators,
    /// Of which none is false of a record at sight.
    conditions: Vec<String>,
}

impl RecordsAtSight<'_> {
    /// The columns, as far as they are read of such records, and the conditions.
    fn columns(&mut self) -> Option<RecordColumns> {
        let d = self.tables.dialect;
        let number = self.plain_text(Field::IdNumber)?;
        self.conditions.push(is_usual_date(d, &number, &self.placeholders(Field::IdNumber)));
        let sex = self.one_of_two(Field::Sex, &SEXES.map(|(word, _)| word), |word| {
            sex(word.as_bytes()).map(|sex| sex == Sex::Male)
        })?;
        let marital = self.one_of_two(Field::MaritalStatus, &MARITALS.map(|(word, _)| word), |word| {
            marital(word.as_bytes()).map(|status| status == Marital::NeverMarried)
        })?;
        let birth = self.birth()?;
        let reads_places = self.indicators.counted_relations().contains(&Relation::IdHouseholdPlace);
        let by_province = self.indicators.accuracy.household_level == DivisionLevel::Province;
        if reads_places && by_province {
            self.is_in_its_province(&number)?;
        }
        let fields = Field::ALL.map(|field| match field {
            Field::IdNumber => SqlFieldValue { value: self.value(field), filled: "TRUE".to_owned() },
            Field::BirthDate if matches!(birth, Birth::Iso { .. }) => self.unless_empty(field),
            Field::HouseholdPlace if reads_places && by_province => self.unless_empty(field),
            Field::Sex | Field::MaritalStatus => self.unless_empty(field),
            _ => self.filled(field),
        });
        let Registered { day, number: day_number, invalid } = self.tables.day.clone().unwrap_or_default();
        Some(RecordColumns {
            d,
            register: Layers::over(d, self.tables.register.clone()),
            unit: self.unit(),
            day,
            invalid_day: invalid,
            day_number,
            document_type: self.tables.document_type.as_ref().map(|kind| d.trim(kind)),
            fields: fields.into(),
            own: Vec::new(),
            number: Some(NumberColumns { characters: number.clone(), normal: number.clone(), known: number }),
            identity: None,
            birth,
            whole: None,
            sex,
            is_sex_code: None,
            marital,
            province: "NULL".to_owned(),
            is_no_record: "FALSE".to_owned(),
            is_at_sight: true,
            is_local: true,
        })
    }

    fn of(&self, field: Field) -> &SqlField {
        &self.tables.fields[field.index()]
    }

    fn placeholders(&self, field: Field) -> Vec<String> {
        self.indicators.completeness.of(field).map(str::to_owned).collect()
    }

    /// The unit as it is written, in few bytes, by which the server sorts sooner than by characters.
    fn unit(&mut self) -> String {
        let unit = &self.tables.unit;
        self.conditions.push(format!("octet_length({unit}) <= {UNIT_BYTES}"));
        format!("left(cast({unit} AS binary), {UNIT_BYTES})")
    }

    /// A text that stands for no other.
    fn plain_text(&self, field: Field) -> Option<String> {
        match self.of(field) {
            SqlField { value: SqlColumn::Text(text), codes, .. } if codes.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    fn value(&self, field: Field) -> SqlColumn {
        let d = self.tables.dialect;
        match self.of(field) {
            SqlField { value: SqlColumn::Text(text), codes, .. } if !codes.is_empty() => {
                SqlColumn::Text(decoded(d, &d.trim(text), codes))
            }
            SqlField { value, .. } => value.clone(),
        }
    }

    /// A field that is filled unless it is NULL or empty.
    fn unless_empty(&self, field: Field) -> SqlFieldValue {
        let filled = format!("{} <> ''", self.of(field).written);
        SqlFieldValue { value: self.value(field), filled }
    }

    /// A field of any value; one with codes has none but these.
    fn filled(&mut self, field: Field) -> SqlFieldValue {
        let (d, value, placeholders) = (self.tables.dialect, self.value(field), self.placeholders(field));
        let SqlField { written, codes, .. } = &self.tables.fields[field.index()];
        let text = match &value {
            SqlColumn::Text(text) if codes.is_empty() => text,
            SqlColumn::Text(_) => {
                let known = self.known_codes(field);
                let known = known.iter().map(|(code, _)| *code);
                self.conditions.push(format!("{written} IN ({})", d.texts(known.chain([""]))));
                return SqlFieldValue { value, filled: format!("{written} <> ''") };
            }
            SqlColumn::Date(_) => return SqlFieldValue::new(d, type_of(field), value, &placeholders),
        };
        let filled = nothing::filled_as_written(d, type_of(field), (text, written), &placeholders);
        SqlFieldValue { value, filled }
    }

    /// The codes of a field that mean something, each with that.
    fn known_codes(&self, field: Field) -> Vec<(&str, &str)> {
        let filled = FilledTest::new(&self.indicators.completeness);
        let codes = self.tables.fields[field.index()].codes.iter();
        codes
            .map(|(code, meaning)| (code.as_str(), meaning.trim()))
            // Those with a point stand in no code that was made whole.
            .filter(|(code, _)| !code.contains('.') && trim_text(code) == *code)
            .filter(|(_, meaning)| filled.filled(field, Some(meaning.as_bytes())).is_some())
            .collect()
    }

    /// The birth date, none or written as `2016-06-09` where it is a text, and existing.
    fn birth(&mut self) -> Option<Birth> {
        let (d, placeholders) = (self.tables.dialect, self.placeholders(Field::BirthDate));
        let value = self.value(Field::BirthDate);
        if let SqlColumn::Date(date) = &value {
            let exists = d.date_exists(date);
            let filled = SqlFieldValue::new(d, ValueType::Date, value.clone(), &placeholders).filled;
            self.conditions.push(format!("CASE WHEN {filled} THEN {exists} ELSE TRUE END"));
            return Some(Birth::Number { value: d.date_number(date), exists });
        }
        let text = self.plain_text(Field::BirthDate)?;
        let is_day = shape::is_iso_date(d, &text);
        let days = placeholders.iter().map(String::as_str).filter(|word| word.len() == 10);
        let is_placeholder = format!("{text} IN ({})", d.texts(days.chain([""])));
        self.conditions.push(format!("({is_day} AND NOT {is_placeholder} OR {text} = '' OR {text} IS NULL)"));
        Some(Birth::Iso { text })
    }

    /// The household place, none or beginning with the province of the number.
    fn is_in_its_province(&mut self, number: &str) -> Option<()> {
        let (d, place) = (self.tables.dialect, self.plain_text(Field::HouseholdPlace)?);
        let both = d.concat(&[&format!("left({number}, 2)"), &format!("left({place}, 2)")]);
        let names = province::with_codes(&self.placeholders(Field::HouseholdPlace));
        let names = d.texts(names.iter().map(String::as_str));
        self.conditions.push(format!("({both} IN ({names}) OR {place} = '' OR {place} IS NULL)"));
        Some(())
    }

    /// The kind of a value, which is one of two where it is filled. `is_first` says of a word whether it is of the first.
    fn one_of_two(
        &mut self,
        field: Field,
        words: &[&str],
        is_first: impl Fn(&str) -> Option<bool>,
    ) -> Option<SqlKind> {
        let (d, filled) = (self.tables.dialect, FilledTest::new(&self.indicators.completeness));
        let SqlField { written, codes, .. } = &self.tables.fields[field.index()];
        let words = words.iter().filter(|word| !codes.contains_key(**word));
        let words = words.filter(|word| filled.filled(field, Some(word.as_bytes())).is_some());
        let known = words.map(|word| (*word, *word)).chain(self.known_codes(field));
        let (mut first, mut all) = (Vec::new(), Vec::new());
        for (text, meaning) in known {
            let Some(is_first) = is_first(meaning) else { continue };
            all.push(text);
            first.extend(is_first.then_some(text));
        }
        if first.is_empty() {
            return None;
        }
        let (all, first) = (d.texts(all), d.texts(first));
        self.conditions.push(format!("({written} IN ({all}, '') OR {written} IS NULL)"));
        let (first, filled) = (format!("{written} IN ({first})"), format!("{written} <> ''"));
        Some(SqlKind::Sorted { first, filled })
    }
}
