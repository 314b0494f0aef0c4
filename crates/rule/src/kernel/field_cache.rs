//! Values that were read before: most columns of a register hold few different values, and reading one again costs
//! more than finding it.

use super::super::definitions::{FieldDefinition, ValueType};
use super::super::placeholders::PlaceholderWords;
use super::super::tree::ONE;
use super::super::value::{FieldValue, KnownValue, filled_where};
use tongbao_register::date::{date_exists, iso_number};

/// Longest value that is remembered.
const LONGEST: usize = 16;
/// Values that are remembered of a field.
const REMEMBERED: usize = 256;

/// What a value is, as far as the kernel needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadState {
    Missing,
    Invalid,
    Foreign,
    Known,
    /// A value that an open list does not have.
    Unlisted,
}

/// A value with its number: a day `YYYYMMDD`, ten-thousandths, the position in a list (-1 = none), 1 and 0 for yes and
/// no, the 17 digits of a citizen, the division of a credit code. Texts and places have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadNumber {
    pub state: ReadState,
    pub number: i64,
}

impl ReadNumber {
    pub(super) fn known(number: i64) -> ReadNumber {
        ReadNumber { state: ReadState::Known, number }
    }

    pub(super) fn of(value: &FieldValue<'_>) -> ReadNumber {
        let other = |state| ReadNumber { state, number: 0 };
        match value {
            FieldValue::Missing => other(ReadState::Missing),
            FieldValue::Invalid => other(ReadState::Invalid),
            FieldValue::Foreign => other(ReadState::Foreign),
            FieldValue::Known(known) => match known {
                KnownValue::Text(_) | KnownValue::Place(_) => ReadNumber::known(0),
                KnownValue::Code { code: Some(code), .. } => ReadNumber::known(*code as i64),
                KnownValue::Code { code: None, .. } => ReadNumber { state: ReadState::Unlisted, number: -1 },
                KnownValue::Date(date) => ReadNumber::known(i64::from(*date)),
                KnownValue::Number(number) => ReadNumber::known(*number),
                KnownValue::Truth(is_yes) => ReadNumber::known(i64::from(*is_yes)),
                KnownValue::Citizen(id) => ReadNumber::known(id.packed() as i64),
                KnownValue::Uscc(code) => ReadNumber::known(i64::from(code.division())),
            },
        }
    }
}

/// A value as it was written, and what it is.
#[derive(Debug, Clone, Copy)]
struct Remembered {
    /// First and last bytes; with the length they are all of them.
    written: [u64; 2],
    /// 0 = no value is remembered here.
    length: usize,
    value: ReadNumber,
}

/// What was read of one field before. Fields differ in their placeholders and types, so that each has values of its own.
#[derive(Debug, Clone)]
pub(super) struct CachedField {
    value_type: ValueType,
    placeholders: PlaceholderWords,
    values: Vec<Remembered>,
}

impl CachedField {
    pub(super) fn new(definition: &FieldDefinition) -> CachedField {
        let nothing = Remembered { written: [0; 2], length: 0, value: ReadNumber::known(0) };
        CachedField {
            value_type: definition.value_type,
            placeholders: PlaceholderWords::new(definition.placeholders.iter().map(String::as_str)),
            values: vec![nothing; REMEMBERED],
        }
    }

    /// The trimmed value if it is filled.
    pub(super) fn filled<'v>(&self, raw: &'v [u8]) -> Option<&'v [u8]> {
        filled_where(self.value_type, raw, |text| self.placeholders.contain(text))
    }

    /// A day as databases write it, which is read faster than found; `None` where it is written otherwise.
    pub(super) fn plain_day(&self, raw: &[u8]) -> Option<ReadNumber> {
        let day = iso_number(raw).filter(|day| date_exists(*day))?;
        (!self.placeholders.contain(raw)).then(|| ReadNumber::known(i64::from(day)))
    }

    /// A whole number in plain digits; `None` where it is written otherwise.
    pub(super) fn plain_number(&self, raw: &[u8]) -> Option<ReadNumber> {
        const MOST: usize = 12;
        if !(1..=MOST).contains(&raw.len()) || !raw.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = raw.iter().fold(0i64, |number, digit| number * 10 + i64::from(digit - b'0'));
        (!self.placeholders.contain(raw)).then(|| ReadNumber::known(number * ONE))
    }

    /// The value, read where it is not remembered.
    pub(super) fn remembered(
        &mut self,
        raw: &[u8],
        read: impl FnOnce(&CachedField) -> ReadNumber,
    ) -> ReadNumber {
        let Some(written) = ends(raw) else { return read(self) };
        let place = place(written, raw.len());
        let known = self.values[place];
        if known.written == written && known.length == raw.len() {
            return known.value;
        }
        let value = read(self);
        self.values[place] = Remembered { written, length: raw.len(), value };
        value
    }
}

/// First and last bytes of a short value, which meet or overlap; `None` where it is blank or long.
fn ends(raw: &[u8]) -> Option<[u64; 2]> {
    match (raw.first_chunk::<8>(), raw.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            (raw.len() <= LONGEST).then(|| [u64::from_le_bytes(*first), u64::from_le_bytes(*last)])
        }
        _ => match (raw.first_chunk::<4>(), raw.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                Some([u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last))])
            }
            _ => {
                let bytes = raw.iter().fold(0, |bytes, byte| bytes << 8 | u64::from(*byte));
                (!raw.is_empty()).then_some([bytes, 0])
            }
        },
    }
}

fn place([first, last]: [u64; 2], length: usize) -> usize {
    let mixed = (first ^ last.rotate_left(29) ^ length as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (64 - REMEMBERED.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_length_differ_in_their_ends() {
        let text = b"abcdefghijklmnopq";
        for length in 1..=LONGEST {
            let one = &text[..length];
            for at in 0..length {
                let mut other = one.to_vec();
                other[at] ^= 1;
                assert_ne!(ends(one), ends(&other), "{length} {at}");
            }
        }
        assert_eq!((ends(b""), ends(text)), (None, None));
    }
}
