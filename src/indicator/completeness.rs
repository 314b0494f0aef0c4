//! Completeness 完整率: which fields of a record are filled.

use crate::config::settings::Completeness;
use crate::register::field::Field;
use crate::register::id_number::normalize;
use crate::register::text::trim;

/// Decides whether a value is filled: not NULL, not blank after trimming ASCII and full-width
/// white space, and not a placeholder of its field.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Per field, the placeholders by their length in bytes, so that few are compared.
    placeholders: [Vec<Vec<Box<[u8]>>>; 9],
}

impl Filled {
    pub fn new(completeness: &Completeness) -> Filled {
        Filled { placeholders: Field::ALL.map(|field| by_length(completeness.of(field))) }
    }

    /// The value without surrounding white space if it is filled, `None` otherwise.
    pub fn filled<'a>(&self, field: Field, value: Option<&'a [u8]>) -> Option<&'a [u8]> {
        let trimmed = trim(value?);
        if trimmed.is_empty() || self.is_placeholder(field, trimmed) {
            return None;
        }
        // A number of blanks and hyphens alone has nothing left once it is normalized.
        let nothing_left = field == Field::IdNumber && normalize(trimmed).is_empty();
        (!nothing_left).then_some(trimmed)
    }

    fn is_placeholder(&self, field: Field, trimmed: &[u8]) -> bool {
        self.placeholders[field.index()]
            .get(trimmed.len())
            .is_some_and(|list| list.iter().any(|placeholder| placeholder.eq_ignore_ascii_case(trimmed)))
    }
}

impl Completeness {
    /// The placeholders of a field without surrounding white space.
    pub fn of(&self, field: Field) -> impl Iterator<Item = &str> {
        self.placeholders.get(&field).into_iter().flatten().map(|value| value.trim())
    }
}

fn by_length<'a>(placeholders: impl Iterator<Item = &'a str>) -> Vec<Vec<Box<[u8]>>> {
    let mut out: Vec<Vec<Box<[u8]>>> = Vec::new();
    for text in placeholders {
        if out.len() <= text.len() {
            out.resize(text.len() + 1, Vec::new());
        }
        out[text.len()].push(text.as_bytes().into());
    }
    out
}
