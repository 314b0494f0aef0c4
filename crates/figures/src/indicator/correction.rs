//! Correction lists 差错清单: which records of a unit have to be corrected, and what in them.
//!
//! A list holds record keys and what is wrong, never a name or an ID number; a masked number only
//! where that is switched on. It is for the owning unit alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::exceptions::ProvenExceptions;
use super::own::OwnReader;
use super::own_pattern::OwnPattern;
use super::persons::SpillLimit;
use super::record_flags::{RecordEvaluator, RecordFlags};
use super::record_reading::Reader;
use super::set_relations::{SetCollector, SetFaults};
use tongbao_config::settings::{self, Indicators};
use tongbao_register::batch::{Record, RegisterBatch, TextColumn, days_since_epoch};
use tongbao_register::date::{DateNumber, number_of};
use tongbao_register::text::{lossy, trim};
use tongbao_register::unit::Units;
use tongbao_rule::definitions::Definitions;

/// Lists by unit code.
pub type CorrectionLists = BTreeMap<String, CorrectionList>;

/// The records of one unit, with all below it, that have to be corrected, in the order of the source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CorrectionList {
    /// Those that the list shows.
    pub records: Vec<Correction>,
    /// Further records, beyond the longest list.
    pub omitted: u64,
}

impl CorrectionList {
    /// Records to be corrected, listed or not.
    pub fn len(&self) -> u64 {
        self.records.len() as u64 + self.omitted
    }

    /// Whether no record has to be corrected.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One record that has to be corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Record key.
    pub key: String,
    /// Name of its unit, where that is below the one the list is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// `4****************X`, where that is switched on and there is a number.
    pub masked_id: Option<String>,
    /// What the record counts as, see [`RecordFlags`].
    pub contribution: u32,
    /// What it counts as under own definitions.
    #[serde(default, skip_serializing_if = "OwnPattern::is_empty")]
    pub own: OwnPattern,
}

/// Gathers the lists of some units from batches that carry record keys.
pub struct Lister<'a> {
    units: Arc<Units>,
    reader: Reader,
    evaluator: RecordEvaluator,
    own: Option<OwnReader>,
    exceptions: Option<Arc<ProvenExceptions>>,
    cut_off: Date,
    age_on: DateNumber,
    options: settings::CorrectionSettings,
    /// Only a person's number is shown, masked.
    lists_persons: bool,
    /// Relations over several records, where any is in use: gathered in a first reading, decided before the second.
    sets: Option<SetCollector>,
    faults: SetFaults,
    listed: &'a [String],
    lists: CorrectionLists,
}

impl<'a> Lister<'a> {
    /// Lists records registered up to `cut_off`, of the units with these codes.
    pub fn new(
        units: Arc<Units>,
        indicators: &Indicators,
        cut_off: Date,
        options: settings::CorrectionSettings,
        listed: &'a [String],
        limit: Option<SpillLimit>,
    ) -> Lister<'a> {
        Lister {
            units,
            reader: Reader::new(indicators),
            evaluator: RecordEvaluator::new(indicators),
            own: OwnReader::new(indicators, number_of(cut_off)),
            exceptions: None,
            cut_off,
            age_on: number_of(cut_off),
            options,
            lists_persons: indicators.subject.is_none(),
            sets: indicators.has_set_relations().then(|| SetCollector::new(limit)),
            faults: SetFaults::default(),
            listed,
            lists: listed.iter().map(|code| (code.clone(), CorrectionList::default())).collect(),
        }
    }

    /// Leaves out what proven exceptions let pass.
    pub fn with_exceptions(self, exceptions: Option<Arc<ProvenExceptions>>) -> Lister<'a> {
        Lister { exceptions, ..self }
    }

    /// Whether the register has to be read twice, first by [`Lister::gather`].
    pub fn reads_twice(&self) -> bool {
        self.sets.is_some()
    }

    /// Adds an entry of a list that relations look values up in.
    pub fn add_entry(&mut self, list: &str, entry: Option<&[u8]>) {
        let (Some(own), Some(sets)) = (&self.own, &mut self.sets) else { return };
        own.entry(list, entry).iter().for_each(|member| sets.add_entry(member));
    }

    /// Gathers what the records of a batch are to relations over several records.
    pub fn gather(&mut self, batch: &RegisterBatch) {
        let (Some(sets), Some(own)) = (&mut self.sets, &mut self.own) else { return };
        for record in batch.records() {
            if self.reader.read(&record).0.is_no_record() {
                continue;
            }
            let mut members = Vec::new();
            own.read(&record, &mut members);
            members.iter().for_each(|member| sets.add(0, member));
        }
    }

    /// Decides what was gathered.
    pub fn decide(&mut self, definitions: &Definitions) -> std::io::Result<()> {
        if let Some(sets) = self.sets.take() {
            self.faults = SetFaults::of(sets, definitions)?;
        }
        Ok(())
    }

    /// What a record counts for under own definitions.
    fn own_pattern(&mut self, record: &Record<'_>) -> OwnPattern {
        let Some(own) = &mut self.own else { return OwnPattern::default() };
        let mut members = Vec::new();
        let pattern = own.read(record, &mut members);
        members
            .into_iter()
            .fold(pattern, |pattern, member| pattern.with(member.relation, self.faults.outcome(member)))
    }

    /// Adds a batch of records.
    pub fn add(&mut self, batch: &RegisterBatch) {
        let last_day = days_since_epoch(self.cut_off);
        for record in batch.records() {
            let code = lossy(trim(record.value(TextColumn::Unit).unwrap_or_default()));
            let Some(unit) = self.units.position(&code) else { continue };
            let owners = self.owners(unit);
            if owners.is_empty() || record.day.known() > Some(last_day) {
                continue;
            }
            let (reading, number) = self.reader.read(&record);
            if reading.is_no_record() {
                continue;
            }
            let contribution = reading.at(self.age_on);
            let own = self.own_pattern(&record);
            let (contribution, own) = match &self.exceptions {
                Some(proved) => {
                    let identity = (record.value(TextColumn::Key), &*number);
                    proved.apply(identity, (contribution, own), &self.evaluator).0
                }
                None => (contribution, own),
            };
            let (missing, failed) = self.evaluator.defects(contribution, own);
            if missing.is_empty() && failed.is_empty() {
                continue;
            }
            let key = lossy(trim(record.value(TextColumn::Key).unwrap_or_default())).into_owned();
            let masked_id = if self.options.masked_id && self.lists_persons { masked(&number) } else { None };
            let correction = Correction { key, unit: None, masked_id, contribution: contribution.0, own };
            for owner in owners {
                let own = self.units.own_position(owner) == Some(unit);
                let unit = (!own).then(|| self.units.list()[unit as usize].name.clone());
                let list = self.lists.entry(owner.clone()).or_default();
                if list.records.len() < self.options.at_most {
                    list.records.push(Correction { unit, ..correction.clone() });
                } else {
                    list.omitted += 1;
                }
            }
        }
    }

    /// The listed units that a record of this unit belongs to: its own, and those above.
    fn owners(&self, unit: u32) -> Vec<&'a String> {
        let holds = |above: u32| self.units.is_within(unit, above);
        self.listed.iter().filter(|listed| self.units.own_position(listed).is_some_and(holds)).collect()
    }

    /// The lists of all units, once every record was seen.
    pub fn finish(self) -> CorrectionLists {
        self.lists
    }
}

impl Correction {
    /// What it counts as.
    pub fn contribution(&self) -> RecordFlags {
        RecordFlags(self.contribution)
    }
}

/// The first and the last character of an ID number: in a village more would name the person.
fn masked(number: &[u8]) -> Option<String> {
    let text = lossy(number);
    let mut characters = text.chars();
    let (first, last) = (characters.next()?, characters.next_back()?);
    Some(format!("{first}{}{last}", "*".repeat(characters.count())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_show_two_characters() {
        assert_eq!(masked(b"44011819000101000X").as_deref(), Some("4****************X"));
        assert_eq!(masked(b"4"), None);
        assert_eq!(masked(b""), None);
    }
}
