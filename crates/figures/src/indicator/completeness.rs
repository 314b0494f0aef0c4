//! Completeness 完整率: which fields of a record are filled.

use tongbao_config::settings::Completeness;
use tongbao_register::date::is_zero_date;
use tongbao_register::field::Field;
use tongbao_register::id_number::normalize;
use tongbao_register::nothing::{is_marks_alone, within_marks};
use tongbao_register::text::trim;

/// Decides whether a value is filled: not NULL, not blank once white space and invisible characters are
/// trimmed, not made of marks alone, not a placeholder of its field (not between marks either: `'无`), and no zero
/// date.
#[derive(Debug, Clone)]
pub struct FilledTest {
    placeholders: [Placeholders; 9],
}

/// The placeholders of a field by their length in bytes, so that few are compared.
#[derive(Debug, Clone)]
struct Placeholders(Vec<OfLength>);

/// Those of one length, and which of 64 marks they have: what has another is none of them.
#[derive(Debug, Clone, Default)]
struct OfLength {
    marks: u64,
    texts: Vec<Box<[u8]>>,
}

impl FilledTest {
    /// Reads the placeholders once.
    pub fn new(completeness: &Completeness) -> FilledTest {
        FilledTest { placeholders: Field::ALL.map(|field| Placeholders::new(completeness.of(field))) }
    }

    /// The value without surrounding white space if it is filled, `None` otherwise.
    pub fn filled<'a>(&self, field: Field, value: Option<&'a [u8]>) -> Option<&'a [u8]> {
        let trimmed = trim(value?);
        if trimmed.is_empty()
            || is_marks_alone(trimmed)
            || self.placeholders[field.index()].contain(trimmed)
            || within_marks(trimmed)
                .is_some_and(|text| text.is_empty() || self.placeholders[field.index()].contain(text))
            || (field == Field::BirthDate && is_zero_date(trimmed))
        {
            return None;
        }
        // A number of marks alone has nothing left once it is normalized.
        let nothing_left = field == Field::IdNumber && normalize(trimmed).is_empty();
        (!nothing_left).then_some(trimmed)
    }
}

impl Placeholders {
    fn new<'a>(placeholders: impl Iterator<Item = &'a str>) -> Placeholders {
        let mut out: Vec<OfLength> = Vec::new();
        for text in placeholders {
            if out.len() <= text.len() {
                out.resize(text.len() + 1, OfLength::default());
            }
            let alike = &mut out[text.len()];
            alike.marks |= mark(text.as_bytes());
            alike.texts.push(text.as_bytes().into());
        }
        Placeholders(out)
    }

    fn contain(&self, trimmed: &[u8]) -> bool {
        self.0.get(trimmed.len()).is_some_and(|alike| {
            alike.marks & mark(trimmed) != 0
                && alike.texts.iter().any(|placeholder| placeholder.eq_ignore_ascii_case(trimmed))
        })
    }
}

/// One of 64 bits by the ends of a text, the same for every case of its ASCII letters.
fn mark(text: &[u8]) -> u64 {
    let (first, last) = (text.first().copied().unwrap_or(0), text.last().copied().unwrap_or(0));
    // Chinese characters differ most in their last bytes.
    let third = text.get(2).copied().unwrap_or(0);
    let mixed =
        (first | 0x20).wrapping_mul(7) ^ (third | 0x20).wrapping_mul(31) ^ (last | 0x20).wrapping_mul(5);
    1 << (mixed & 63)
}
