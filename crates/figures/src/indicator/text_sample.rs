//! Texts of the register looked at for another character set, in passing.

use std::collections::BTreeMap;

use super::record::is_ethnicity;
use super::unread::ValueCounts;
use tongbao_register::batch::{Record, TextColumn};
use tongbao_register::field::Field;
use tongbao_register::garbled::{Garbled, misread};
use tongbao_register::nothing::{is_nothing, placeholders};
use tongbao_register::text::{lossy, trim};
use tongbao_rule::definitions::MOST_OWN_FIELDS;

/// The first records are all looked at, and of the further ones each so many: the look costs more than the tally of
/// a record, and an export that was read wrongly has many such texts.
const FIRST: u64 = 2_000;
const EACH: u64 = 64;

/// What was found in the texts that were looked at. No text is kept.
#[derive(Debug, Clone, Default)]
pub struct TextSample {
    records: u64,
    /// Filled texts that were looked at, by column.
    looked_at: BTreeMap<TextColumn, u64>,
    found: BTreeMap<(TextColumn, Garbled), u64>,
    /// Ethnicities that are none.
    ethnicities: ValueCounts,
}

impl TextSample {
    /// Takes notice of a record, and looks at it where it is one of those.
    pub fn record(&mut self, record: &Record<'_>) {
        self.records += 1;
        if self.records > FIRST && !self.records.is_multiple_of(EACH) {
            return;
        }
        let own = (0..MOST_OWN_FIELDS).map(|at| Field::Own(at as u8));
        let fields = Field::ALL.into_iter().chain(own).map(TextColumn::Field);
        self.ethnicity(record.value(TextColumn::Field(Field::Ethnicity)).unwrap_or_default());
        for column in [TextColumn::Unit].into_iter().chain(fields) {
            if let Some(value) = record.value(column) {
                self.text(column, value);
            }
        }
    }

    /// The marriageable age depends on the ethnicity, and a word that is none counts as 汉.
    fn ethnicity(&mut self, value: &[u8]) {
        let text = lossy(trim(value));
        let is_known = text.is_empty() || is_ethnicity(&text);
        let is_blank = || is_nothing(value) || placeholders(Field::Ethnicity).contains(&&*text);
        if !is_known && !is_blank() {
            self.ethnicities.add(&text, 1);
        }
    }

    /// Ethnicities that are none, of those that were looked at.
    pub fn ethnicities(&self) -> &ValueCounts {
        &self.ethnicities
    }

    /// Looks at one text.
    pub fn text(&mut self, column: TextColumn, value: &[u8]) {
        if value.is_empty() {
            return;
        }
        *self.looked_at.entry(column).or_default() += 1;
        if let Some(how) = misread(column, value) {
            *self.found.entry((column, how)).or_default() += 1;
        }
    }

    /// What was found: column, what happened, such texts, and texts that were looked at.
    pub fn found(&self) -> impl Iterator<Item = (TextColumn, Garbled, u64, u64)> {
        self.found.iter().map(|((column, how), count)| (*column, *how, *count, self.looked_at[column]))
    }

    /// Adds what was found elsewhere.
    pub fn merge(&mut self, other: TextSample) {
        self.records += other.records;
        self.ethnicities.merge(other.ethnicities);
        other.looked_at.into_iter().for_each(|(at, count)| *self.looked_at.entry(at).or_default() += count);
        other.found.into_iter().for_each(|(at, count)| *self.found.entry(at).or_default() += count);
    }
}
