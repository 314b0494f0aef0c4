//! A definition in words: the sentence that documents print is generated from the rule, so that the two
//! cannot differ. Every kind of comparison has its words in both languages, or nothing compiles.

mod chinese;
mod english;

use super::definitions::{CodeList, Definitions, RelationDefinition, ValueType};
use super::form::ValueForm;
use super::tree::{Clause, ClausePart, Operand, ValueState};
use super::typing::type_of;

/// A language that definitions are printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentenceLanguage {
    /// As `language = "zh-CN"`.
    Chinese,
    /// As `language = "en"`.
    English,
}

/// Most codes of a group that are named; of larger ones the label stands alone.
const NAMED_CODES: usize = 12;

/// Why a value of an operand is valid.
enum Validity<'a> {
    /// A citizen ID number.
    CitizenId,
    /// A unified social credit code.
    CreditCode,
    Form(&'a ValueForm),
    Date,
    Number,
    YesNo,
    /// One of the list.
    Listed(&'a CodeList),
    /// Any value that is filled.
    Filled,
}

impl<'a> Validity<'a> {
    fn of(operand: &Operand, definitions: &'a Definitions) -> Validity<'a> {
        let form = match operand {
            Operand::Field(field) => definitions.fields[field.index()].form.as_ref(),
            _ => None,
        };
        match (form, type_of(operand, definitions)) {
            (Some(form), _) => Validity::Form(form),
            (None, ValueType::CitizenId) => Validity::CitizenId,
            (None, ValueType::Uscc) => Validity::CreditCode,
            (None, ValueType::Date) => Validity::Date,
            (None, ValueType::Number) => Validity::Number,
            (None, ValueType::YesNo) => Validity::YesNo,
            (None, ValueType::Code(list)) if definitions.lists[list].is_open => Validity::Filled,
            (None, ValueType::Code(list)) => Validity::Listed(&definitions.lists[list]),
            (None, ValueType::Text | ValueType::Place | ValueType::Formed) => Validity::Filled,
        }
    }
}

/// Which records a relation judges, by what becomes of the others.
struct Judged<'a> {
    /// Those for which these hold; others are not judged.
    only: Vec<&'a Clause>,
    /// What has to be valid first: a record with a blank value is not left out, nor is one with an invalid value.
    first: Vec<&'a Clause>,
    /// Whether any of these may be invalid.
    first_may_be_invalid: bool,
    /// Whether any of these is a number of persons, of whom other documents are not judged.
    has_other_documents: bool,
}

impl<'a> Judged<'a> {
    fn of(definitions: &Definitions, when: &'a [Clause]) -> Judged<'a> {
        let validity = |clause: &&Clause| match clause.parts.as_slice() {
            [ClausePart::Has { operand, state: ValueState::Valid }] => {
                Some(Validity::of(operand, definitions))
            }
            _ => None,
        };
        let (first, only): (Vec<&Clause>, Vec<&Clause>) =
            when.iter().partition(|clause| validity(clause).is_some());
        let kinds: Vec<Validity<'_>> = first.iter().filter_map(validity).collect();
        Judged {
            first_may_be_invalid: kinds.iter().any(|kind| !matches!(kind, Validity::Filled)),
            has_other_documents: kinds.iter().any(|kind| matches!(kind, Validity::CitizenId)),
            only,
            first,
        }
    }
}

/// The values of a short list that has no label of its own: its key would mean nothing to a reader.
fn written_out(list: &CodeList) -> Option<Vec<String>> {
    let is_short = list.label.zh == list.key && list.codes.len() <= NAMED_CODES;
    is_short.then(|| list.codes.iter().map(|listed| listed.word.clone()).collect())
}

impl Definitions {
    /// What a relation asks, as one or more sentences.
    pub fn sentence(&self, relation: &RelationDefinition, language: SentenceLanguage) -> String {
        match language {
            SentenceLanguage::Chinese => chinese::relation(self, relation),
            SentenceLanguage::English => english::relation(self, relation),
        }
    }

    /// Clauses that must all hold, as a part of a sentence.
    pub fn phrase(&self, clauses: &[Clause], language: SentenceLanguage) -> String {
        match language {
            SentenceLanguage::Chinese => chinese::clauses(self, clauses),
            SentenceLanguage::English => english::clauses(self, clauses),
        }
    }
}
