//! Relations over several records: values that must not repeat, groups with a number of records of a kind, and values
//! that must stand in a list, whose entries come in as records that are counted and judged by nobody.
//!
//! What one record adds is decided here, and what a set of them comes to. The caller brings the members
//! together, by their keys; nothing depends on the order of the records.

use super::definitions::{Definitions, Demand, RelationDefinition};
use super::evaluate::{RecordView, RelationOutcome, Truth};
use super::tree::FieldId;
use super::value::{FieldValue, KnownValue, ValueReader};
use tongbao_register::text::comparable;

/// Records that a group must have of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupCount {
    /// No more and no fewer.
    Exactly(u32),
    /// This many or more.
    AtLeast(u32),
}

/// What one record is to a relation over several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetPart {
    /// It takes no part, and this is its outcome.
    Decided(RelationOutcome),
    /// It belongs with all records of the same key.
    Member {
        /// Equal for records that belong together, and only for these; holds values in plain text.
        key: Vec<u8>,
        /// Whether it is of the kind that a group counts.
        is_counted: Truth,
    },
}

/// The records of one key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SetMembers {
    /// Number of records with this key.
    pub all: u64,
    /// Those that are of the kind that a group counts.
    pub counted: u64,
    /// Those of which it is not known.
    pub unknown: u64,
}

impl SetMembers {
    /// Counts one more record.
    pub fn add(&mut self, is_counted: Truth) {
        self.all += 1;
        self.counted += u64::from(is_counted == Truth::True);
        self.unknown += u64::from(is_counted == Truth::Unknown);
    }

    /// The outcome of each of the records. Of a value that repeats every record fails: which of them is the right
    /// one is not known.
    pub fn outcome(self, demand: &Demand) -> RelationOutcome {
        let most = self.counted + self.unknown;
        let (is_met, is_open) = match demand {
            Demand::Unique(_) => (self.all == 1, false),
            Demand::Group { count: GroupCount::Exactly(n), .. } => {
                let n = u64::from(*n);
                (self.counted == n && self.unknown == 0, self.counted <= n && n <= most)
            }
            Demand::Group { count: GroupCount::AtLeast(n), .. } => {
                let n = u64::from(*n);
                (self.counted >= n, n <= most)
            }
            Demand::Listed { .. } => (self.counted > 0, false),
            Demand::Check(_) | Demand::Cases(_) => (true, false),
        };
        match (is_met, is_open) {
            (true, _) => RelationOutcome::Pass,
            (false, true) => RelationOutcome::Missing,
            (false, false) => RelationOutcome::Fail,
        }
    }
}

impl RelationDefinition {
    /// Whether its outcome depends on other records.
    pub fn is_of_sets(&self) -> bool {
        !self.set_fields().is_empty()
    }

    /// What an entry of a list is to a relation that looks values up there: what records with the same value are.
    /// `None` where it is blank or no value of the field.
    pub fn entry_key(
        &self,
        definitions: &Definitions,
        reader: &ValueReader,
        entry: Option<&[u8]>,
    ) -> Option<Vec<u8>> {
        let Demand::Listed { field, .. } = &self.demand else { return None };
        match reader.read(definitions, *field, entry, None) {
            FieldValue::Known(value) => Some(set_key([&value])),
            _ => None,
        }
    }

    /// The fields by whose values records belong together.
    pub fn set_fields(&self) -> &[FieldId] {
        match &self.demand {
            Demand::Unique(fields) => fields,
            Demand::Group { by: field, .. } | Demand::Listed { field, .. } => std::slice::from_ref(field),
            Demand::Check(_) | Demand::Cases(_) => &[],
        }
    }
}

impl RecordView<'_> {
    /// What the record is to a relation over several; `None` where the relation reads one record alone.
    pub fn set_part(&self, relation: &RelationDefinition) -> Option<SetPart> {
        let fields = relation.set_fields();
        if fields.is_empty() {
            return None;
        }
        if let Some(outcome) = self.outside(relation).or_else(|| self.unread(fields, relation.of_invalid())) {
            return Some(SetPart::Decided(outcome));
        }
        let key = set_key(fields.iter().filter_map(|field| match &self.values[field.index()] {
            FieldValue::Known(value) => Some(value),
            _ => None,
        }));
        let is_counted = match &relation.demand {
            Demand::Group { filter, .. } => self.holds(filter),
            // Entries of the list are what counts.
            Demand::Listed { .. } => Truth::False,
            _ => Truth::True,
        };
        Some(SetPart::Member { key, is_counted })
    }

    /// The outcome where a field is not known, by the order that all relations follow.
    fn unread(&self, fields: &[FieldId], of_invalid: RelationOutcome) -> Option<RelationOutcome> {
        let has = |state: FieldValue<'_>| fields.iter().any(|field| self.values[field.index()] == state);
        if has(FieldValue::Foreign) {
            return Some(RelationOutcome::NotApplicable);
        }
        if has(FieldValue::Invalid) {
            return Some(of_invalid);
        }
        let mut blank = fields.iter().filter(|field| self.values[field.index()] == FieldValue::Missing);
        let first = blank.next()?;
        let applies = self.applies(*first) || blank.any(|field| self.applies(*field));
        Some(if applies { RelationOutcome::Missing } else { RelationOutcome::NotApplicable })
    }
}

/// Values one after the other, each with its length, so that none runs into the next.
fn set_key<'v, 'a: 'v>(values: impl IntoIterator<Item = &'v KnownValue<'a>>) -> Vec<u8> {
    let mut key = Vec::new();
    for value in values {
        let text = value.comparable();
        key.extend((text.len() as u32).to_le_bytes());
        key.extend(text);
    }
    key
}

impl KnownValue<'_> {
    /// Bytes that are equal where two values of a field are the same.
    fn comparable(&self) -> Vec<u8> {
        match self {
            KnownValue::Text(text) | KnownValue::Code { code: None, text } => comparable(text.as_bytes()),
            KnownValue::Code { code: Some(code), .. } => format!("#{code}").into_bytes(),
            KnownValue::Date(day) => day.to_le_bytes().to_vec(),
            KnownValue::Number(number) => number.to_le_bytes().to_vec(),
            KnownValue::Truth(answer) => vec![u8::from(*answer)],
            KnownValue::Citizen(id) => id.packed().to_le_bytes().to_vec(),
            KnownValue::Uscc(code) => code.text().as_bytes().to_vec(),
            KnownValue::Place(text) => comparable(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_open_only_while_unknown_records_could_decide() {
        use RelationOutcome::{Fail, Missing, Pass};
        let group = |count| Demand::Group { by: FieldId(0), filter: Vec::new(), count };
        let (one, two) = (group(GroupCount::Exactly(1)), group(GroupCount::AtLeast(2)));
        let cases = [
            (&one, 1, 0, Pass),
            (&one, 0, 0, Fail),
            (&one, 2, 0, Fail),
            (&one, 0, 1, Missing),
            (&one, 1, 1, Missing),
            (&one, 2, 1, Fail),
            (&two, 2, 0, Pass),
            (&two, 2, 3, Pass),
            (&two, 1, 1, Missing),
            (&two, 1, 0, Fail),
            (&two, 0, 1, Fail),
        ];
        for (demand, counted, unknown, outcome) in cases {
            let members = SetMembers { all: 5, counted, unknown };
            assert_eq!(members.outcome(demand), outcome, "{demand:?} {counted} {unknown}");
        }
        let unique = Demand::Unique(vec![FieldId(0)]);
        let of = |all| SetMembers { all, counted: all, unknown: 0 }.outcome(&unique);
        assert_eq!([of(1), of(2), of(3)], [Pass, Fail, Fail]);
    }
}
