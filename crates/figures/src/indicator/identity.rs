//! What distinguishes the things that a register lists, where they are not persons: a house code, a credit code.

use std::borrow::Cow;
use std::sync::Arc;

use super::record_findings::RecordFindings;
use tongbao_config::settings::Indicators;
use tongbao_register::batch::{Record, TextColumn};
use tongbao_register::field::Field;
use tongbao_register::id_number::{is_cut_by_spreadsheet, is_malformed, is_spoilt, normalize};
use tongbao_register::text::{comparable, lossy};
use tongbao_register::uscc::CreditCode;
use tongbao_rule::definitions::{Definitions, FieldDefinition, ValueType};
use tongbao_rule::value::filled;

/// The first byte of an identity that is no ID number: none is ever taken for one, whose forms of 15 and 18
/// characters mean the same person.
const MARK: u8 = b'#';

/// What is wrong with the identity of a roster entry, which may be looked for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityFault {
    /// A program has taken digits from it.
    Spoilt,
    /// It is none of its kind.
    Malformed,
}

impl IdentityFault {
    /// What is wrong with a person's number in its normal form, blank for none.
    pub(super) fn of_number(normalized: &[u8]) -> Option<IdentityFault> {
        if normalized.is_empty() || !is_malformed(normalized) {
            return None;
        }
        Some(if is_spoilt(normalized) { IdentityFault::Spoilt } else { IdentityFault::Malformed })
    }

    /// What so many entries count for.
    pub fn findings(self, times: u64) -> RecordFindings {
        let none = RecordFindings::default();
        match self {
            IdentityFault::Spoilt => RecordFindings { roster_cut_ids: times, ..none },
            IdentityFault::Malformed => RecordFindings { roster_malformed_ids: times, ..none },
        }
    }
}

/// Reads the identity of records and of roster entries.
#[derive(Debug, Clone)]
pub(super) struct IdentityReader {
    definitions: Arc<Definitions>,
    field: Field,
}

impl IdentityReader {
    /// `None` where the register lists persons.
    pub(super) fn new(indicators: &Indicators) -> Option<IdentityReader> {
        let field = indicators.subject.as_ref()?.identity;
        Some(IdentityReader { definitions: indicators.definitions.clone(), field })
    }

    /// The identity of a record; blank where it has none.
    pub(super) fn of<'a>(&self, record: &Record<'a>) -> Cow<'a, [u8]> {
        self.normalized(self.written(record))
    }

    /// The identity of a record as it is written.
    pub(super) fn written<'a>(&self, record: &Record<'a>) -> Option<&'a [u8]> {
        record.value(TextColumn::Field(self.field))
    }

    /// A value in its normal form, blank where it is not filled: full-width characters to ASCII, letters to upper
    /// case, blanks and the marks with which a cell is kept from becoming a number removed. Hyphens stay, because
    /// 1-12 and 11-2 are two houses; those of credit codes, which all have 18 characters, go.
    pub(super) fn normalized<'a>(&self, raw: Option<&'a [u8]>) -> Cow<'a, [u8]> {
        let definition = self.definition();
        let Some(text) = filled(definition, raw) else { return Cow::Borrowed(&[]) };
        let normal: Cow<'_, [u8]> = match definition.value_type {
            ValueType::CitizenId => return normalize(text),
            ValueType::Uscc => normalize(text),
            _ => Cow::Owned(comparable(text)),
        };
        match normal.is_empty() {
            true => Cow::Borrowed(&[]),
            false => Cow::Owned([&[MARK], normal.as_ref()].concat()),
        }
    }

    /// What is wrong with a value, of which `normalized` is the normal form. Texts of any form are an identity.
    pub(super) fn fault(&self, raw: Option<&[u8]>, normalized: &[u8]) -> Option<IdentityFault> {
        let definition = self.definition();
        let text = filled(definition, raw).filter(|_| !normalized.is_empty())?;
        if is_cut_identity(normalized) {
            return Some(IdentityFault::Spoilt);
        }
        let is_malformed = match definition.value_type {
            ValueType::Uscc => CreditCode::parse(text).is_none(),
            ValueType::Formed => definition.form.as_ref().is_some_and(|form| !form.matches(&lossy(text))),
            ValueType::CitizenId => is_malformed(normalized),
            _ => false,
        };
        is_malformed.then_some(IdentityFault::Malformed)
    }

    fn definition(&self) -> &FieldDefinition {
        &self.definitions.fields[self.field.index()]
    }
}

/// Whether a spreadsheet has made a power of ten of an identity. Three zeros at the end alone say nothing: codes
/// of houses may end so.
pub(super) fn is_cut_identity(normalized: &[u8]) -> bool {
    let text = normalized.strip_prefix(&[MARK]).unwrap_or(normalized);
    text.contains(&b'E') && is_cut_by_spreadsheet(text)
}
