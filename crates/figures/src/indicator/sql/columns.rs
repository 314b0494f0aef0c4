//! The values of a record as the layers of a statement bind them: each is computed once a row, and values written as
//! usual are known by a look at their characters.

use super::clean::trimmed;
use super::codes::{is_sex_code, marital, sex};
use super::dialect::Dialect;
use super::id_number;
use super::identity;
use super::kind::SqlKind;
use super::layer::{Layer, Layers};
use super::no_record;
use super::province;
use super::shape;
use super::value::{SqlFieldValue, date_digits, decoded, may_be_other_date, type_of};
use super::{Inexpressible, Registered, SqlColumn, SqlField, Tables, pattern};
use crate::indicator::completeness;
use tongbao_config::settings::Indicators;
use tongbao_register::field::Field;
use tongbao_rule::definitions::{FieldDefinition, PRESET_FIELDS, ValueType};

/// Columns, or the expressions themselves where the statement has no layers because parts of the register are counted
/// on other servers.
#[derive(Clone)]
pub(super) struct RecordColumns {
    pub d: Dialect,
    pub register: Layers,
    pub unit: String,
    pub day: String,
    pub invalid_day: String,
    /// The registration day as the number `YYYYMMDD`, where it is known.
    pub day_number: String,
    pub document_type: Option<String>,
    /// In the order of [`Field::ALL`]; empty where the register lists no persons.
    pub fields: Vec<SqlFieldValue>,
    /// Own fields by position; `None` where nothing reads one.
    pub own: Vec<Option<SqlFieldValue>>,
    /// `None` where there are no layers.
    pub number: Option<NumberColumns>,
    /// What is listed, in the form in which it is compared, where it is no person; '' or NULL for nothing.
    pub identity: Option<String>,
    /// The birth date in a form that compares, NULL where it is not filled.
    pub birth: Birth,
    /// All values of a record whose birth date only the program can read, packed, NULL for any other; `None` where own
    /// definitions decide that too.
    pub whole: Option<String>,
    /// Male is the first, female the second.
    pub sex: SqlKind,
    /// Condition, where the sex is not filled: it is a code for "not stated". `None` where no code says that.
    pub is_sex_code: Option<String>,
    /// Never married is the first, ever married the second.
    pub marital: SqlKind,
    /// Two digits of the province that the household place begins with, NULL for anything else.
    pub province: String,
    /// Condition, never unknown: the row is a total or a heading.
    pub is_no_record: String,
    /// Whether the records are those of which every value is known at sight: the number is well formed but perhaps for its
    /// check character, and nothing invalid.
    pub is_at_sight: bool,
    pub is_local: bool,
}

/// Columns of the ID number.
#[derive(Clone)]
pub(super) struct NumberColumns {
    /// What a number written in its normal form is read from, NULL for anything else.
    pub characters: String,
    /// The number in its normal form.
    pub normal: String,
    /// The first 17 digits of a well-formed number, '' for anything else.
    pub known: String,
}

/// Birth dates of a text column are digits (`''` = no date), those of a date column numbers.
#[derive(Clone)]
pub(super) enum Birth {
    Digits {
        digits: String,
        /// Condition: no date for the statement, but perhaps one for the program.
        is_unread: String,
    },
    /// Written as `2016-06-09` where it is filled.
    Iso {
        text: String,
    },
    Number {
        value: String,
        exists: String,
    },
}

impl RecordColumns {
    pub(super) fn new(tables: &Tables, indicators: &Indicators) -> Result<RecordColumns, Inexpressible> {
        if let Some((own, definition)) = identity::field(indicators) {
            // Two forms of a number are one person, which only registers of persons take into account here.
            if definition.value_type == ValueType::CitizenId {
                return Err(Inexpressible::Identity(definition.key.clone()));
            }
            return Ok(RecordColumns::of_things(tables, indicators, (own, definition.value_type)));
        }
        let d = tables.dialect;
        let is_local = tables.is_bound(indicators);
        let mut layer = Layer::new(Layers::over(d, tables.register.clone()), is_local);
        let unit = layer.bind("unit", tables.unit.clone());
        let Registered { day, number, invalid } = tables.day.clone().unwrap_or_default();
        let (day, invalid_day) = (layer.bind("day", day), layer.bind("invalid_day", invalid));
        let day_number = if indicators.has_own() { layer.bind("day_number", number) } else { number };
        // Few records ask for it.
        let document_type = tables.document_type.as_ref();
        let document_type = document_type.map(|value| d.trim(&layer.bind("document_type", value.clone())));
        let mut fields = Vec::new();
        for (field, SqlField { value, written, codes }) in Field::ALL.into_iter().zip(&tables.fields) {
            let name = format!("f_{}", field.key());
            let placeholders: Vec<String> = indicators.completeness.of(field).map(str::to_owned).collect();
            // Values that nothing compares as they are need not be trimmed to be known.
            let is_compared = !codes.is_empty() || indicators.read_by_own() >> field.index() & 1 == 1;
            let value = match value {
                SqlColumn::Date(_) if !codes.is_empty() => return Err(Inexpressible::CodedDate(field.key())),
                SqlColumn::Date(date) => SqlColumn::Date(layer.bind(&name, date.clone())),
                SqlColumn::Text(text) if !is_compared => SqlColumn::Text(layer.bind(&name, text.clone())),
                SqlColumn::Text(text) => {
                    let trimmed = if is_local { trimmed(d, text, written) } else { d.trim(text) };
                    SqlColumn::Text(layer.bind(&name, decoded(d, &trimmed, codes)))
                }
            };
            fields.push(SqlFieldValue::new(d, type_of(field), value, &placeholders));
        }
        let mut own = own_fields(&mut layer, tables, indicators, is_local);
        let mut layer = Layer::new(layer.close(), is_local);
        for (field, value) in Field::ALL.into_iter().zip(&mut fields) {
            let filled = std::mem::take(&mut value.filled);
            value.filled = layer.bind(&format!("w_{}", field.key()), filled);
        }
        bind_filled(&mut layer, &mut own);
        let place = fields[Field::HouseholdPlace.index()].text().to_owned();
        let position = is_local.then(|| layer.bind("place_at", province::position(d, &place)));
        let number = is_local.then(|| fields[Field::IdNumber.index()].text().to_owned());
        let characters = number.as_ref().map(|text| layer.bind("characters", id_number::characters(d, text)));
        let odd_birth = match &fields[Field::BirthDate.index()].value {
            SqlColumn::Text(text) if is_local && d == Dialect::MariaDb => {
                // Written out, a text in half-width characters would fill a tenth of the statement.
                let half = d.half_width(&d.trim(text));
                let odd = format!("CASE WHEN {} THEN NULL ELSE {half} END", shape::is_iso_date(d, text));
                Some(layer.bind("odd_birth", odd))
            }
            _ => None,
        };
        let mut layer = Layer::new(layer.close(), is_local);
        let same = number.as_deref().zip(characters.as_deref());
        let birth = birth(d, &mut layer, &fields[Field::BirthDate.index()], same, odd_birth.as_deref());
        let sex = SqlKind::Column(layer.bind("sex", sex(d, &fields[Field::Sex.index()])));
        let codes: Vec<&str> = completeness::sex_codes(&indicators.completeness).collect();
        let is_sex_code = is_sex_code(d, &fields[Field::Sex.index()], &codes);
        let marital = layer.bind("marital", marital(d, &fields[Field::MaritalStatus.index()]));
        let province = match &position {
            Some(position) => layer.bind("province", province::by_position(d, &place, position)),
            None => province::province(d, &place),
        };
        let is_none = no_record_of(d, &fields, &unit, characters.as_deref());
        let is_no_record = layer.bind("is_none", is_none);
        let number = number.zip(characters).map(|(text, characters)| NumberColumns {
            normal: layer.bind("normal", id_number::normal(d, &text, &characters)),
            known: String::new(),
            characters,
        });
        let mut layer = Layer::new(layer.close_transparent(), is_local);
        let text = fields[Field::IdNumber.index()].text();
        let number = number.map(|number| NumberColumns {
            known: layer.bind("known", id_number::known(d, text, &number.characters, &number.normal)),
            ..number
        });
        let whole = match &birth {
            Birth::Digits { is_unread, .. } if is_local && !indicators.has_own() => {
                let record = whole_record(d, (&fields, &own), document_type.as_deref());
                Some(layer.bind("whole", format!("CASE WHEN {is_unread} THEN {record} END")))
            }
            _ => None,
        };
        Ok(RecordColumns {
            d,
            register: layer.close(),
            unit,
            day,
            invalid_day,
            day_number,
            document_type,
            fields,
            own,
            number,
            identity: None,
            birth,
            whole,
            sex,
            is_sex_code,
            marital: SqlKind::Column(marital),
            province,
            is_no_record,
            is_at_sight: false,
            is_local,
        })
    }

    /// The columns of a register that lists something else than persons.
    fn of_things(
        tables: &Tables,
        indicators: &Indicators,
        (identity, value_type): (usize, ValueType),
    ) -> RecordColumns {
        let d = tables.dialect;
        let mut layer = Layer::new(Layers::over(d, tables.register.clone()), true);
        let unit = layer.bind("unit", tables.unit.clone());
        let Registered { day, number, invalid } = tables.day.clone().unwrap_or_default();
        let (day, invalid_day) = (layer.bind("day", day), layer.bind("invalid_day", invalid));
        let day_number = layer.bind("day_number", number);
        let mut own = own_fields(&mut layer, tables, indicators, true);
        let mut layer = Layer::new(layer.close(), true);
        bind_filled(&mut layer, &mut own);
        let mut layer = Layer::new(layer.close(), true);
        let (normal, text) = match &own.get(identity).and_then(Option::as_ref) {
            Some(value) => {
                let normal = identity::normal(d, value_type, value.text());
                (format!("CASE WHEN {} THEN {normal} ELSE '' END", value.filled), value.text().to_owned())
            }
            None => ("''".to_owned(), "''".to_owned()),
        };
        let normal = layer.bind("identity", normal);
        let is_no_record = layer.bind("is_none", no_record::is_no_thing(d, [&text, &unit]));
        RecordColumns {
            d,
            register: layer.close(),
            unit,
            day,
            invalid_day,
            day_number,
            document_type: None,
            fields: Vec::new(),
            own,
            number: None,
            identity: Some(normal),
            birth: Birth::Number { value: "NULL".to_owned(), exists: "FALSE".to_owned() },
            whole: None,
            sex: SqlKind::Known(0),
            is_sex_code: None,
            marital: SqlKind::Known(0),
            province: "NULL".to_owned(),
            is_no_record,
            is_at_sight: false,
            is_local: true,
        }
    }

    /// A field by its position in the definitions, own ones after the others.
    pub(super) fn field(&self, at: usize) -> Option<&SqlFieldValue> {
        match at.checked_sub(PRESET_FIELDS) {
            None => self.fields.get(at),
            Some(own) => self.own.get(own)?.as_ref(),
        }
    }

    /// All values of a record, packed.
    pub(super) fn whole_record(&self) -> String {
        whole_record(self.d, (&self.fields, &self.own), self.document_type.as_deref())
    }

    /// A text of digits as it is ordered, without the rules of a language where that can be asked for.
    pub(super) fn by_bytes(&self, digits: &str) -> String {
        if self.is_local { self.d.by_bytes(digits) } else { digits.to_owned() }
    }
}

/// All values of a record, packed: fields, document type, own fields.
fn whole_record(
    d: Dialect,
    (fields, own): (&[SqlFieldValue], &[Option<SqlFieldValue>]),
    document_type: Option<&str>,
) -> String {
    let packed = |field: &SqlFieldValue| d.packed(&d.home_text(&field.value));
    let none = Field::ALL.iter().skip(fields.len()).map(|_| d.packed("''"));
    let document = d.packed(document_type.unwrap_or("''"));
    let own = own.iter().flatten().map(packed);
    let parts: Vec<String> = fields.iter().map(packed).chain(none).chain([document]).chain(own).collect();
    d.concat(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The own fields, trimmed.
fn own_fields(
    layer: &mut Layer,
    tables: &Tables,
    indicators: &Indicators,
    is_local: bool,
) -> Vec<Option<SqlFieldValue>> {
    let d = tables.dialect;
    let definitions = indicators.definitions.own_fields().iter().zip(&tables.own);
    let mut bind = |(at, (definition, value)): (usize, (&FieldDefinition, &Option<SqlColumn>))| {
        let value = match value.as_ref()? {
            SqlColumn::Date(date) => SqlColumn::Date(layer.bind(&format!("o_{at}"), date.clone())),
            SqlColumn::Text(text) => {
                let trim = if is_local { trimmed(d, text, text) } else { d.trim(text) };
                SqlColumn::Text(layer.bind(&format!("o_{at}"), trim))
            }
        };
        Some(SqlFieldValue::new(d, definition.value_type, value, &definition.placeholders))
    };
    definitions.enumerate().map(&mut bind).collect()
}

/// Binds whether own fields are filled.
fn bind_filled(layer: &mut Layer, own: &mut [Option<SqlFieldValue>]) {
    for (at, value) in own.iter_mut().enumerate() {
        if let Some(value) = value {
            let filled = std::mem::take(&mut value.filled);
            value.filled = layer.bind(&format!("ow_{at}"), filled);
        }
    }
}

/// Rows with a number in its normal form are records and looked at no further.
fn no_record_of(d: Dialect, fields: &[SqlFieldValue], unit: &str, characters: Option<&str>) -> String {
    let text = |field: &SqlFieldValue| match &field.value {
        SqlColumn::Text(text) => Some(text.clone()),
        SqlColumn::Date(_) => None,
    };
    let fields: Vec<Option<String>> = fields.iter().map(text).collect();
    let is_none = no_record::is_no_record(d, &fields, unit);
    match characters {
        Some(characters) => format!("CASE WHEN {characters} IS NOT NULL THEN FALSE ELSE {is_none} END"),
        None => is_none,
    }
}

/// `beside` is the ID number and what it is read from, where the statement has layers; nearly all have the same day.
/// `odd` is the text in half-width characters, NULL of the usual form, where a layer below has it.
fn birth(
    d: Dialect,
    layer: &mut Layer,
    field: &SqlFieldValue,
    beside: Option<(&str, &str)>,
    odd: Option<&str>,
) -> Birth {
    match &field.value {
        SqlColumn::Text(text) => {
            let is_usual = match (odd, beside) {
                (Some(odd), _) => format!("{odd} IS NULL"),
                (None, Some(_)) => shape::is_iso_date(d, text),
                (None, None) => d.matches(text, &pattern::iso_date()),
            };
            let half = odd.map_or_else(|| d.half_width(&d.trim(text)), str::to_owned);
            let digits = date_digits(d, text, &is_usual, &half);
            let read = match beside {
                Some((number, characters)) => format!(
                    "CASE WHEN {characters} IS NOT NULL AND {} THEN substr({number}, 7, 8) ELSE {digits} END",
                    shape::is_day_of(text, number)
                ),
                None => digits,
            };
            let digits = format!("CASE WHEN {} THEN {read} ELSE NULL END", field.filled);
            let digits = layer.bind("birth", digits);
            let half = odd.map_or_else(|| d.half_width(text), str::to_owned);
            let other = may_be_other_date(d, &half);
            let is_unread = format!("CASE WHEN {digits} = '' THEN {other} ELSE FALSE END");
            Birth::Digits { digits, is_unread }
        }
        SqlColumn::Date(date) => Birth::Number { value: d.date_number(date), exists: d.date_exists(date) },
    }
}
