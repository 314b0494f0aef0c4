//! What a register lists, where that is not persons.

use super::ReportLanguage;
use tongbao_register::field::Field;
use tongbao_rule::definitions::Label;

/// What the records of a register stand for, where it lists something else than persons: rented houses,
/// enterprises, households.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterSubject {
    /// What they are called; in English the plural, which also follows numbers: 出租房屋, rented houses.
    pub noun: Label,
    /// The Chinese measure word that follows numbers of them: 套.
    pub counter: String,
    /// The own field that distinguishes one from another, as an ID number distinguishes persons.
    pub identity: Field,
}

impl RegisterSubject {
    /// What they are called.
    pub fn noun(&self, language: ReportLanguage) -> &str {
        match language {
            ReportLanguage::Chinese => &self.noun.zh,
            ReportLanguage::English => &self.noun.en,
        }
    }

    /// What follows a number of them.
    pub fn counter(&self, language: ReportLanguage) -> &str {
        match language {
            ReportLanguage::Chinese => &self.counter,
            ReportLanguage::English => &self.noun.en,
        }
    }
}
