//! What the values of one record are under the definitions: each is read once, into one of four states.

use std::borrow::Cow;

use super::definitions::{Definitions, FieldDefinition, ValueType};
use super::parse::decimal;
use super::tree::FieldId;
use tongbao_register::batch::Day;
use tongbao_register::date::{DateNumber, is_zero_date};
use tongbao_register::day_reader::{DayForm, DayReader};
use tongbao_register::id_number::{self, CitizenId, Reading, normalize};
use tongbao_register::nothing::{is_marks_alone, within_marks};
use tongbao_register::text::{half_width, lossy, trim};
use tongbao_register::uscc::CreditCode;

/// A value as far as it can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// Not filled: NULL, blank or a placeholder.
    Missing,
    /// Filled, but not a value of its type.
    Invalid,
    /// Of another kind: a passport where a citizen ID number is asked for.
    Foreign,
    /// Filled with a value of its type.
    Known(KnownValue<'a>),
}

/// A value of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownValue<'a> {
    /// Trimmed.
    Text(Cow<'a, str>),
    /// Position in the list; `None` = a value that an open list does not have.
    Code {
        /// Position in the list.
        code: Option<usize>,
        /// As the register writes it.
        text: Cow<'a, str>,
    },
    /// A calendar day.
    Date(DateNumber),
    /// In ten-thousandths.
    Number(i64),
    /// Yes or no.
    Truth(bool),
    /// A citizen ID number with the right check character.
    Citizen(CitizenId),
    /// A 统一社会信用代码 with the right check character.
    Uscc(CreditCode),
    /// An address or division code, as the register writes it.
    Place(&'a [u8]),
}

/// What a relation can read besides fields.
#[derive(Debug, Clone, Copy)]
pub struct RecordFrame<'a> {
    /// As the record writes it; `None` = blank.
    pub unit: Option<&'a [u8]>,
    /// Day of registration, if it is known.
    pub registered_on: Day,
    /// Ages are taken on this day.
    pub cut_off: DateNumber,
}

/// Reads the values of records.
#[derive(Debug, Clone)]
pub struct ValueReader {
    days: DayReader,
}

/// Words for yes and no. What usually is a word for nothing (无, 0) is an answer here.
pub const ANSWERS: [(&str, bool); 18] = [
    ("是", true),
    ("否", false),
    ("有", true),
    ("无", false),
    ("1", true),
    ("0", false),
    ("y", true),
    ("n", false),
    ("yes", true),
    ("no", false),
    ("t", true),
    ("f", false),
    ("true", true),
    ("false", false),
    ("√", true),
    ("×", false),
    ("没有", false),
    ("不是", false),
];

impl ValueReader {
    /// Instants become days of `zone`.
    pub fn new(zone: jiff::tz::TimeZone) -> ValueReader {
        ValueReader { days: DayReader::new(zone, DayForm::Written) }
    }

    /// Reads a value of a field as the source wrote it. `document_type` is that of the record; it decides
    /// only what a citizen ID number that is none may be.
    pub fn read<'a>(
        &self,
        definitions: &Definitions,
        field: FieldId,
        raw: Option<&'a [u8]>,
        document_type: Option<&[u8]>,
    ) -> FieldValue<'a> {
        let text = filled(&definitions.fields[field.index()], raw);
        text.map_or(FieldValue::Missing, |text| self.read_filled(definitions, field, text, document_type))
    }

    /// The same of a value that is filled, and trimmed.
    pub(super) fn read_filled<'a>(
        &self,
        definitions: &Definitions,
        field: FieldId,
        text: &'a [u8],
        document_type: Option<&[u8]>,
    ) -> FieldValue<'a> {
        let definition = &definitions.fields[field.index()];
        let known = match definition.value_type {
            ValueType::Text => Some(KnownValue::Text(lossy(text))),
            ValueType::Place => Some(KnownValue::Place(text)),
            ValueType::Date => self.days.number(text).map(KnownValue::Date),
            ValueType::Number => number(text).map(KnownValue::Number),
            ValueType::YesNo => answer(text).map(KnownValue::Truth),
            ValueType::Uscc => CreditCode::parse(text).map(KnownValue::Uscc),
            ValueType::Formed => {
                let text = lossy(text);
                definition.form.as_ref().filter(|form| form.matches(&text)).map(|_| KnownValue::Text(text))
            }
            ValueType::Code(list) => {
                let (list, text) = (&definitions.lists[list], lossy(text));
                let code = list.position(&text);
                (code.is_some() || list.is_open).then_some(KnownValue::Code { code, text })
            }
            ValueType::CitizenId => return citizen(text, document_type),
        };
        known.map_or(FieldValue::Invalid, FieldValue::Known)
    }
}

/// The trimmed value if it is filled.
pub fn filled<'a>(definition: &FieldDefinition, raw: Option<&'a [u8]>) -> Option<&'a [u8]> {
    let is_placeholder =
        |text: &[u8]| definition.placeholders.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(text));
    filled_where(definition.value_type, raw?, is_placeholder)
}

/// The trimmed value if it is filled, by the placeholders that the caller knows.
pub(super) fn filled_where(
    value_type: ValueType,
    raw: &[u8],
    is_placeholder: impl Fn(&[u8]) -> bool,
) -> Option<&[u8]> {
    let trimmed = trim(raw);
    let is_answer = value_type == ValueType::YesNo && answer(trimmed).is_some();
    // The minus of a number is no mark around it.
    let has_words = !is_answer && value_type != ValueType::Number;
    let is_blank = trimmed.is_empty()
        || is_marks_alone(trimmed) && !is_answer
        || is_placeholder(trimmed)
        || has_words && within_marks(trimmed).is_some_and(|text| text.is_empty() || is_placeholder(text))
        || value_type == ValueType::Date && is_zero_date(trimmed)
        || value_type == ValueType::CitizenId && normalize(trimmed).is_empty();
    (!is_blank).then_some(trimmed)
}

fn citizen<'a>(text: &[u8], document_type: Option<&[u8]>) -> FieldValue<'a> {
    let is_citizen = document_type.and_then(|text| id_number::is_citizen_document(trim(text)));
    match id_number::read(&normalize(text), is_citizen) {
        Reading::WellFormed(id) => FieldValue::Known(KnownValue::Citizen(id)),
        Reading::Malformed => FieldValue::Invalid,
        Reading::OtherDocument => FieldValue::Foreign,
    }
}

fn answer(text: &[u8]) -> Option<bool> {
    ANSWERS.iter().find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(text)).map(|(_, is_yes)| *is_yes)
}

/// A number in ten-thousandths: half or full width, with or without commas between thousands.
fn number(text: &[u8]) -> Option<i64> {
    let plain: String = lossy(text).chars().map(half_width).collect();
    let plain = plain.strip_prefix('+').unwrap_or(&plain);
    if !plain.contains(',') {
        return decimal(plain);
    }
    let whole = plain.split('.').next()?.trim_start_matches('-');
    let mut groups = whole.split(',');
    let is_grouped = groups.next().is_some_and(|first| (1..=3).contains(&first.len()))
        && groups.all(|group| group.len() == 3);
    is_grouped.then(|| decimal(&plain.replace(',', ""))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly_or_not_at_all() {
        for (text, value) in [
            ("85", 850_000),
            ("１２．５", 125_000),
            ("1,234.5", 12_345_000),
            ("+3", 30_000),
            ("-0.5", -5_000),
        ] {
            assert_eq!(number(text.as_bytes()), Some(value), "{text}");
        }
        for text in ["85㎡", "1,23", "1,2345", "1e3", "约80", "1.23456", ",123"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }
}
