//! Proven exceptions 佐证: records that an office has proved right although a relation says otherwise. They pass it,
//! and how many do is counted and printed, so that no rate rises unseen.

use std::collections::{BTreeMap, HashMap};
use std::ops::AddAssign;

use super::own::OwnPattern;
use super::record_flags::{RecordEvaluator, RecordFlags};
use super::record_reading::Reader;
use tongbao_config::settings::{IdentifiedBy, Indicator, Indicators, Measure, Relation};
use tongbao_register::date::{DateNumber, number_of};
use tongbao_register::day_reader::{DayForm, DayReader, DayReading};
use tongbao_register::text::{lossy, trim};
use tongbao_rule::evaluate::RelationOutcome;

/// Longest list: what is true of more records is no exception.
pub const MOST_EXCEPTIONS: usize = 100_000;

/// A row of the list: record key or number, relation, reason, last day.
pub type ExceptionRow<'a> = [Option<&'a [u8]>; 4];

/// That a relation is proved right for a record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ProvenException {
    relation: Relation,
    /// Code of the reason.
    reason: String,
}

/// The list of one pull, in memory alone.
#[derive(Debug)]
pub struct ProvenExceptions {
    by: IdentifiedBy,
    reader: Reader,
    relations: HashMap<String, Relation>,
    reasons: BTreeMap<String, String>,
    days: DayReader,
    cut_off: DateNumber,
    entries: HashMap<Vec<u8>, Vec<ProvenException>>,
    /// Rows that were read.
    pub listed: u64,
    /// Rows without a record, or with a relation or reason that the configuration does not have.
    pub unusable: u64,
    /// Rows whose last day is before the cut-off.
    pub expired: u64,
}

impl ProvenExceptions {
    /// An empty list; exceptions that end before `cut_off` count no more. `None` without a list in the configuration.
    pub fn new(indicators: &Indicators, cut_off: jiff::civil::Date) -> Option<ProvenExceptions> {
        let rules = indicators.exceptions.as_ref()?;
        let mut relations = HashMap::new();
        for relation in indicators.counted_relations() {
            relations.insert(indicators.relation_key(relation).to_owned(), relation);
            for label in indicators.relation_labels(relation) {
                relations.entry(label.to_owned()).or_insert(relation);
            }
        }
        Some(ProvenExceptions {
            by: rules.by,
            reader: Reader::new(indicators),
            relations,
            reasons: rules.reasons.clone(),
            days: DayReader::new(indicators.time_zone.clone(), DayForm::Written),
            cut_off: number_of(cut_off),
            entries: HashMap::new(),
            listed: 0,
            unusable: 0,
            expired: 0,
        })
    }

    /// Adds a row of the list.
    pub fn add(&mut self, [identity, relation, reason, until]: ExceptionRow<'_>) {
        self.listed += 1;
        let key = match self.by {
            IdentifiedBy::Key => trim(identity.unwrap_or_default()).to_vec(),
            IdentifiedBy::IdNumber => self.reader.listed(identity).to_vec(),
        };
        let text = |value: Option<&[u8]>| lossy(trim(value.unwrap_or_default())).into_owned();
        let (relation, reason) = (self.relations.get(&text(relation)).copied(), text(reason));
        let until = self.days.read(until.unwrap_or_default());
        let is_known = !key.is_empty() && self.reasons.contains_key(&reason);
        let (Some(relation), true, false) = (relation, is_known, until == DayReading::Unreadable) else {
            self.unusable += 1;
            return;
        };
        if matches!(until, DayReading::Day(last) if number_of(last) < self.cut_off) {
            self.expired += 1;
            return;
        }
        let proved = self.entries.entry(key).or_default();
        // Of several reasons for the same the first is counted.
        if proved.iter().all(|known| known.relation != relation) {
            proved.push(ProvenException { relation, reason });
        }
    }

    /// Whether the list is longer than it may be.
    pub fn is_too_long(&self) -> bool {
        self.listed > MOST_EXCEPTIONS as u64
    }

    /// Whether any record of this key, or with this number, has exceptions.
    pub fn has(&self, key: Option<&[u8]>, number: &[u8]) -> bool {
        self.of(key, number).is_some()
    }

    fn of(&self, key: Option<&[u8]>, number: &[u8]) -> Option<&[ProvenException]> {
        if self.entries.is_empty() {
            return None;
        }
        let identity = match self.by {
            IdentifiedBy::Key => trim(key.unwrap_or_default()),
            IdentifiedBy::IdNumber => number,
        };
        self.entries.get(identity).map(Vec::as_slice)
    }

    /// What a record counts for with its exceptions, and what these changed. A relation that does not apply to it, or
    /// that it passes anyway, is left as it is.
    pub fn apply(
        &self,
        (key, number): (Option<&[u8]>, &[u8]),
        (flags, own): (RecordFlags, OwnPattern),
        evaluator: &RecordEvaluator,
    ) -> ((RecordFlags, OwnPattern), ExceptionCounts) {
        let mut counts = ExceptionCounts::default();
        let (mut new_flags, mut new_own) = (flags, own);
        for proved in self.of(key, number).unwrap_or_default() {
            let outcome = match proved.relation {
                Relation::Own(at) => own.outcome(at),
                built_in => flags.outcome(built_in),
            };
            if flags.is_no_record() || !matches!(outcome, RelationOutcome::Fail | RelationOutcome::Missing) {
                continue;
            }
            match proved.relation {
                Relation::Own(at) => new_own = new_own.passing(at),
                built_in => new_flags = new_flags.passing(built_in),
            }
            *counts.passed.entry((proved.relation, proved.reason.clone())).or_default() += 1;
        }
        let accurate = |flags, own| evaluator.counts(flags, own, 1).accurate;
        counts.accurate = accurate(new_flags, new_own) - accurate(flags, own);
        ((new_flags, new_own), counts)
    }
}

/// How many records pass by proven exceptions alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExceptionCounts {
    /// Records that are accurate only by them.
    pub accurate: u64,
    /// Records by relation and code of the reason.
    pub passed: BTreeMap<(Relation, String), u64>,
}

impl ExceptionCounts {
    /// Whether no record passes by them.
    pub fn is_empty(&self) -> bool {
        self.passed.is_empty()
    }

    /// Position of the relation, code of the reason and records, to be stored.
    pub fn rows(&self) -> Vec<(usize, String, u64)> {
        self.passed.iter().map(|((of, why), count)| (of.index(), why.clone(), *count)).collect()
    }

    /// The inverse of [`ExceptionCounts::rows`]; `None` if there is no such relation.
    pub fn of_rows(accurate: u64, rows: Vec<(usize, String, u64)>) -> Option<ExceptionCounts> {
        let passed = rows.into_iter().map(|(of, why, count)| Some(((Relation::at(of)?, why), count)));
        Some(ExceptionCounts { accurate, passed: passed.collect::<Option<_>>()? })
    }

    /// Records that pass a relation only by them.
    pub fn of_relation(&self, relation: Relation) -> u64 {
        self.passed.iter().filter(|((of, _), _)| *of == relation).map(|(_, count)| count).sum()
    }

    /// What they add to the numerator of a rate.
    pub fn of_rate(&self, indicator: Indicator, indicators: &Indicators) -> u64 {
        let own = indicators.own_indicator(indicator).map(|own| &own.measure);
        match (indicator, own) {
            (Indicator::Accuracy, _) => self.accurate,
            (_, Some(Measure::Relations(relations))) => {
                relations.iter().map(|one| self.of_relation(*one)).sum()
            }
            _ => 0,
        }
    }
}

impl AddAssign<&ExceptionCounts> for ExceptionCounts {
    fn add_assign(&mut self, other: &ExceptionCounts) {
        self.accurate += other.accurate;
        for (of, count) in &other.passed {
            *self.passed.entry(of.clone()).or_default() += count;
        }
    }
}
