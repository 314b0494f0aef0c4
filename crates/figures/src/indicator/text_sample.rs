//! Texts of the register looked at for another character set, in passing.

use std::collections::{BTreeMap, BTreeSet};

use super::record::is_ethnicity;
use super::repeated_texts::RepeatedTexts;
use super::unread::{RepeatedText, ValueCounts};
use tongbao_register::batch::{Record, TextColumn};
use tongbao_register::field::Field;
use tongbao_register::garbled::{Garbled, begins_soundly, misread};
use tongbao_register::nothing::{is_nothing, placeholders};
use tongbao_register::text::{lossy, trim};

/// The texts of the first records are all looked at as wholes, and of the further ones each so many: the look costs more
/// than the tally of a record, and an export that was read wrongly has many such texts.
const FIRST: u64 = 2_000;
const EACH: u64 = 64;
/// Texts whose beginnings are looked at in every record: figures read them, and no other count notices what they hold.
const ALL: [TextColumn; 4] = [
    TextColumn::Field(Field::Name),
    TextColumn::Field(Field::ResidenceAddress),
    TextColumn::Field(Field::HouseholdPlace),
    TextColumn::Field(Field::Ethnicity),
];

/// Fields with codes of a standard that has no 0, which counts as blank all the same.
const CODED: [Field; 3] = [Field::Ethnicity, Field::MaritalStatus, Field::HukouType];

/// What was found in the texts that were looked at. No text of a person is kept.
#[derive(Debug, Clone, Default)]
pub struct TextSample {
    records: u64,
    /// Filled texts that were looked at, by [`TextColumn::slot`], up to the last column that had any.
    looked_at: Vec<u64>,
    found: BTreeMap<(TextColumn, Garbled), u64>,
    /// Filled texts of the columns that are looked at in every record.
    begun: [u64; ALL.len()],
    /// Those that were wrong from their beginning on.
    begun_wrongly: BTreeMap<(TextColumn, Garbled), u64>,
    /// Records with such a text, by the position of their unit.
    units: BTreeMap<u32, u64>,
    /// Ethnicities that are none.
    ethnicities: ValueCounts,
    /// Values of 0 in the fields with codes, in their order.
    zeros: [u64; CODED.len()],
    /// Texts that records may share, by field and digest.
    repeated: RepeatedTexts,
}

impl TextSample {
    /// Takes notice of a record: whether one of the texts that are looked at in every record is wrong.
    pub fn record(&mut self, record: &Record<'_>) -> bool {
        self.records += 1;
        if self.records <= FIRST || self.records.is_multiple_of(EACH) {
            self.whole(record);
        }
        let mut is_wrong = false;
        for (column, begun) in ALL.into_iter().zip(&mut self.begun) {
            let Some(value) = record.value(column).filter(|value| !value.is_empty()) else { continue };
            *begun += 1;
            if begins_soundly(value) {
                continue;
            }
            if let Some(how) = misread(column, value) {
                *self.begun_wrongly.entry((column, how)).or_default() += 1;
                is_wrong = true;
            }
        }
        is_wrong
    }

    /// Counts a record with a wrong text for its unit.
    pub fn in_unit(&mut self, position: u32) {
        *self.units.entry(position).or_default() += 1;
    }

    /// Records with a text that was wrong from its beginning on, by the position of their unit.
    pub fn units(&self) -> &BTreeMap<u32, u64> {
        &self.units
    }

    fn whole(&mut self, record: &Record<'_>) {
        let own = (0..record.own_fields()).map(Field::Own);
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
        if self.looked_at.len() <= column.slot() {
            self.looked_at.resize(column.slot() + 1, 0);
        }
        self.looked_at[column.slot()] += 1;
        if let Some(at) = CODED.iter().position(|field| TextColumn::Field(*field) == column)
            && matches!(trim(value), b"0" | b"00")
        {
            self.zeros[at] += 1;
        }
        if let Some(how) = misread(column, value) {
            *self.found.entry((column, how)).or_default() += 1;
        }
        if let TextColumn::Field(field) = column {
            self.repeated.add(field, value);
        }
    }

    fn looked_at(&self, column: TextColumn) -> u64 {
        self.looked_at.get(column.slot()).copied().unwrap_or_default()
    }

    /// Texts that more records share than persons do, most frequent first.
    pub fn repeated(&self) -> Vec<RepeatedText> {
        self.repeated.fillers(|field| self.looked_at(TextColumn::Field(field)))
    }

    /// What was found: column, what happened, such texts, and texts that were looked at. Where texts were looked at in
    /// both ways, the way that found the greater share counts.
    pub fn found(&self) -> impl Iterator<Item = (TextColumn, Garbled, u64, u64)> {
        let begun = |column| ALL.iter().position(|all| *all == column).map_or(0, |at| self.begun[at]);
        let keys: BTreeSet<_> = self.found.keys().chain(self.begun_wrongly.keys()).copied().collect();
        keys.into_iter().map(move |key @ (column, how)| {
            let count = |found: &BTreeMap<_, u64>| found.get(&key).copied().unwrap_or_default();
            let whole = (count(&self.found), self.looked_at(column));
            let begun = (count(&self.begun_wrongly), begun(column));
            let share = |(part, _): (u64, u64), (_, of): (u64, u64)| u128::from(part) * u128::from(of);
            let is_begun = begun.1 > 0 && share(begun, whole) >= share(whole, begun);
            let (count, of) = if is_begun { begun } else { whole };
            (column, how, count, of)
        })
    }

    /// Fields with a value of 0 that their standard does not have: such values, and those that were looked at.
    pub fn zeros(&self) -> impl Iterator<Item = (Field, u64, u64)> {
        let of = |field| self.looked_at(TextColumn::Field(field));
        let all = CODED.into_iter().zip(self.zeros).map(move |(field, zeros)| (field, zeros, of(field)));
        all.filter(|(_, zeros, _)| *zeros > 0)
    }

    /// Adds what was found elsewhere.
    pub fn merge(&mut self, other: TextSample) {
        self.records += other.records;
        self.repeated.merge(other.repeated);
        self.ethnicities.merge(other.ethnicities);
        if self.looked_at.len() < other.looked_at.len() {
            self.looked_at.resize(other.looked_at.len(), 0);
        }
        self.looked_at.iter_mut().zip(other.looked_at).for_each(|(count, more)| *count += more);
        self.zeros.iter_mut().zip(other.zeros).for_each(|(count, more)| *count += more);
        other.found.into_iter().for_each(|(at, count)| *self.found.entry(at).or_default() += count);
        self.begun.iter_mut().zip(other.begun).for_each(|(begun, more)| *begun += more);
        let wrongly = other.begun_wrongly.into_iter();
        wrongly.for_each(|(at, count)| *self.begun_wrongly.entry(at).or_default() += count);
        other.units.into_iter().for_each(|(at, count)| *self.units.entry(at).or_default() += count);
    }
}
