//! A definition in words: the sentence that documents print is generated from the rule, so that the two
//! cannot differ. Every kind of comparison has its words in both languages, or nothing compiles.

mod chinese;
mod english;

use super::definitions::{Definitions, RelationDefinition};
use super::tree::Clause;

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
