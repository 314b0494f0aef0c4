//! Values that were read before: most columns of a register hold few different values, and reading one again costs
//! more than finding it.

use super::super::definitions::{Definitions, ValueType};
use super::super::placeholders::PlaceholderWords;
use super::super::tree::FieldId;
use super::super::value::{FieldValue, KnownValue};
use tongbao_register::nothing::{is_marks_alone, within_marks};
use tongbao_register::text::trim;

/// Longest value that is remembered.
const LONGEST: usize = 16;
/// Values that are remembered of a field.
const REMEMBERED: usize = 64;

/// A value as it was written, and what it is.
#[derive(Debug, Clone, Copy)]
struct Remembered {
    written: [u8; LONGEST],
    length: u8,
    value: RememberedValue,
}

#[derive(Debug, Clone, Copy)]
enum RememberedValue {
    Missing,
    Invalid,
    Text,
    Code(Option<usize>),
    Date(u32),
    Number(i64),
    Truth(bool),
}

/// What was read of the fields before. Fields differ in their placeholders and types, so that each has values of its
/// own.
#[derive(Debug, Clone)]
pub struct FieldCache {
    fields: Vec<CachedField>,
}

#[derive(Debug, Clone)]
struct CachedField {
    placeholders: PlaceholderWords,
    values: Vec<Option<Remembered>>,
}

impl FieldCache {
    /// Of all fields of the definitions.
    pub fn new(definitions: &Definitions) -> FieldCache {
        let field = |words: &Vec<String>| CachedField {
            placeholders: PlaceholderWords::new(words.iter().map(String::as_str)),
            values: vec![None; REMEMBERED],
        };
        FieldCache { fields: definitions.fields.iter().map(|one| field(&one.placeholders)).collect() }
    }

    /// The trimmed text of a field of type text, form or place, if it is filled.
    pub(super) fn filled<'v>(&self, field: FieldId, raw: &'v [u8]) -> Option<&'v [u8]> {
        let trimmed = trim(raw);
        let placeholders = &self.fields[field.index()].placeholders;
        let is_blank = trimmed.is_empty()
            || is_marks_alone(trimmed)
            || placeholders.contain(trimmed)
            || within_marks(trimmed).is_some_and(|text| text.is_empty() || placeholders.contain(text));
        (!is_blank).then_some(trimmed)
    }

    /// The value of a field, read where it is not remembered. Texts are not given back.
    pub(super) fn value<'v>(
        &mut self,
        field: FieldId,
        value_type: ValueType,
        raw: &'v [u8],
        read: impl FnOnce() -> FieldValue<'v>,
    ) -> FieldValue<'v> {
        let is_short = raw.len() <= LONGEST;
        if !is_short || matches!(value_type, ValueType::CitizenId | ValueType::Uscc) {
            return read();
        }
        let mut written = [0; LONGEST];
        written[..raw.len()].copy_from_slice(raw);
        let length = raw.len() as u8;
        let place = &mut self.fields[field.index()].values[place(&written)];
        if let Some(known) = place
            && known.written == written
            && known.length == length
        {
            return known.value.as_value();
        }
        let value = read();
        if let Some(of) = RememberedValue::of(&value) {
            *place = Some(Remembered { written, length, value: of });
        }
        value
    }
}

fn place(written: &[u8; LONGEST]) -> usize {
    let number = u128::from_le_bytes(*written);
    let mixed = (number as u64 ^ (number >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (64 - REMEMBERED.trailing_zeros())) as usize
}

impl RememberedValue {
    fn of(value: &FieldValue<'_>) -> Option<RememberedValue> {
        Some(match value {
            FieldValue::Missing => RememberedValue::Missing,
            FieldValue::Invalid => RememberedValue::Invalid,
            FieldValue::Known(KnownValue::Text(_)) => RememberedValue::Text,
            FieldValue::Known(KnownValue::Code { code, .. }) => RememberedValue::Code(*code),
            FieldValue::Known(KnownValue::Date(date)) => RememberedValue::Date(*date),
            FieldValue::Known(KnownValue::Number(number)) => RememberedValue::Number(*number),
            FieldValue::Known(KnownValue::Truth(is_yes)) => RememberedValue::Truth(*is_yes),
            _ => return None,
        })
    }

    fn as_value(self) -> FieldValue<'static> {
        FieldValue::Known(match self {
            RememberedValue::Missing => return FieldValue::Missing,
            RememberedValue::Invalid => return FieldValue::Invalid,
            RememberedValue::Text => KnownValue::Text("".into()),
            RememberedValue::Code(code) => KnownValue::Code { code, text: "".into() },
            RememberedValue::Date(date) => KnownValue::Date(date),
            RememberedValue::Number(number) => KnownValue::Number(number),
            RememberedValue::Truth(is_yes) => KnownValue::Truth(is_yes),
        })
    }
}
