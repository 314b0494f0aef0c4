//! Completeness 完整率: which fields of a record are filled.

use crate::config::settings::Completeness;
use crate::register::field::Field;
use crate::register::id_number::normalize;

/// Decides whether a value is filled: not NULL, not blank after trimming ASCII and full-width
/// white space, and not a placeholder of its field.
#[derive(Debug, Clone)]
pub struct Filled {
    placeholders: [Vec<String>; 9],
    longest: [usize; 9],
}

impl Filled {
    pub fn new(completeness: &Completeness) -> Filled {
        let list = |field: Field| -> Vec<String> {
            let values = completeness.placeholders.get(&field);
            values.into_iter().flatten().map(|value| value.trim().to_owned()).collect()
        };
        let placeholders = Field::ALL.map(list);
        let longest = Field::ALL.map(|f| placeholders[f.index()].iter().map(String::len).max().unwrap_or(0));
        Filled { placeholders, longest }
    }

    /// The value if it is filled, `None` otherwise.
    pub fn filled<'a>(&self, field: Field, value: Option<&'a str>) -> Option<&'a str> {
        let trimmed = value?.trim();
        if trimmed.is_empty() || self.is_placeholder(field, trimmed) {
            return None;
        }
        // A number of blanks and hyphens alone has nothing left once it is normalized.
        let nothing_left = field == Field::IdNumber && normalize(trimmed).is_empty();
        (!nothing_left).then_some(trimmed)
    }

    fn is_placeholder(&self, field: Field, trimmed: &str) -> bool {
        trimmed.len() <= self.longest[field.index()]
            && self.placeholders[field.index()].iter().any(|p| p.eq_ignore_ascii_case(trimmed))
    }
}
