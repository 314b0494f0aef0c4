//! Completeness 完整率: which fields of a record are filled.

use tongbao_config::settings::Completeness;
use tongbao_register::date::is_zero_date;
use tongbao_register::field::Field;
use tongbao_register::id_number::normalize;
use tongbao_register::nothing::within_marks;
use tongbao_register::text::trim;
use tongbao_rule::placeholders::PlaceholderWords;

/// Decides whether a value is filled: not NULL, not blank once white space and invisible characters are
/// trimmed, not made of marks alone, not a placeholder of its field (not between marks either: `'无`), and no zero
/// date.
#[derive(Debug, Clone)]
pub struct FilledTest {
    placeholders: [PlaceholderWords; 9],
    sex_codes: PlaceholderWords,
}

/// The codes among the placeholders of the sex: what they say may be "not stated", or one of the sexes.
pub fn sex_codes(completeness: &Completeness) -> impl Iterator<Item = &str> {
    completeness.of(Field::Sex).filter(|text| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()))
}

impl FilledTest {
    /// Reads the placeholders once.
    pub fn new(completeness: &Completeness) -> FilledTest {
        FilledTest {
            placeholders: Field::ALL.map(|field| PlaceholderWords::new(completeness.of(field))),
            sex_codes: PlaceholderWords::new(sex_codes(completeness)),
        }
    }

    /// Whether a value is a code for "not stated" as a sex.
    pub fn is_sex_code(&self, value: Option<&[u8]>) -> bool {
        let trimmed = trim(value.unwrap_or_default());
        self.sex_codes.contain(within_marks(trimmed).unwrap_or(trimmed))
    }

    /// The value without surrounding white space if it is filled, `None` otherwise.
    pub fn filled<'a>(&self, field: Field, value: Option<&'a [u8]>) -> Option<&'a [u8]> {
        let trimmed = trim(value?);
        let words = &self.placeholders[field.index()];
        // Of marks alone nothing is left within them.
        let is_blank = trimmed.is_empty()
            || words.contain(trimmed)
            || within_marks(trimmed).is_some_and(|text| text.is_empty() || words.contain(text))
            || (field == Field::BirthDate && is_zero_date(trimmed));
        if is_blank {
            return None;
        }
        // A number of marks alone has nothing left once it is normalized.
        let nothing_left =
            field == Field::IdNumber && !trimmed[0].is_ascii_digit() && normalize(trimmed).is_empty();
        (!nothing_left).then_some(trimmed)
    }
}
