//! Proven exceptions 佐证: records that an office has proved right although a relation says otherwise. They pass it,
//! and how many do is counted and printed, so that no rate rises unseen.

use std::collections::{BTreeMap, HashMap};
use std::ops::AddAssign;

use super::own::OwnPattern;
use super::record_flags::{RecordEvaluator, RecordFlags};
use super::record_reading::Reader;
use tongbao_base::digest::half_sha256;
use tongbao_config::settings::{IdentifiedBy, Indicator, Indicators, Measure, Relation};
use tongbao_register::date::{DateNumber, number_of};
use tongbao_register::day_reader::{DayForm, DayReader, DayReading};
use tongbao_register::text::{lossy, trim};
use tongbao_rule::evaluate::RelationOutcome;

/// Longest list, which takes 24 bytes a row in memory: what is true of more records is no exception.
pub const MOST_EXCEPTIONS: usize = 2_000_000;

/// A row of the list: record key or number, relation, reason, last day.
pub type ExceptionRow<'a> = [Option<&'a [u8]>; 4];

/// That a relation is proved right for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ProvenException {
    /// Digest of the record's key or number.
    identity: [u64; 2],
    /// Position of the relation in the list's own table.
    relation: u16,
    /// Position of the reason's code.
    reason: u16,
}

/// Reads the list of one pull, row by row.
#[derive(Debug)]
pub struct ExceptionList {
    reader: Reader,
    /// Positions in the table of relations by key and label.
    names: HashMap<String, u16>,
    days: DayReader,
    cut_off: DateNumber,
    list: ProvenExceptions,
}

/// The list of one pull, in memory alone.
#[derive(Debug)]
pub struct ProvenExceptions {
    by: IdentifiedBy,
    relations: Vec<Relation>,
    reasons: Vec<String>,
    /// By identity, then relation: one of each.
    entries: Vec<ProvenException>,
    /// Rows that were read.
    pub listed: u64,
    /// Rows without a record, or with a relation or reason that the configuration does not have.
    pub unusable: u64,
    /// Rows whose last day is before the cut-off.
    pub expired: u64,
}

impl ExceptionList {
    /// An empty list; exceptions that end before `cut_off` count no more. `None` without a list in the configuration.
    pub fn new(indicators: &Indicators, cut_off: jiff::civil::Date) -> Option<ExceptionList> {
        let rules = indicators.exceptions.as_ref()?;
        let relations = indicators.counted_relations();
        let mut names = HashMap::new();
        // A configuration has some dozens of relations.
        for (at, relation) in (0..).zip(&relations) {
            names.insert(indicators.relation_key(*relation).to_owned(), at);
        }
        for (at, relation) in (0..).zip(&relations) {
            for label in indicators.relation_labels(*relation) {
                names.entry(label.to_owned()).or_insert(at);
            }
        }
        let list = ProvenExceptions {
            by: rules.by,
            relations,
            reasons: rules.reasons.keys().cloned().collect(),
            entries: Vec::new(),
            listed: 0,
            unusable: 0,
            expired: 0,
        };
        Some(ExceptionList {
            reader: Reader::new(indicators),
            names,
            days: DayReader::new(indicators.time_zone.clone(), DayForm::Written),
            cut_off: number_of(cut_off),
            list,
        })
    }

    /// Adds a row of the list. What is beyond the longest is counted alone.
    pub fn add(&mut self, [identity, relation, reason, until]: ExceptionRow<'_>) {
        let list = &mut self.list;
        list.listed += 1;
        if list.is_too_long() {
            return;
        }
        let key = match list.by {
            IdentifiedBy::Key => trim(identity.unwrap_or_default()).to_vec(),
            IdentifiedBy::IdNumber => self.reader.listed(identity).to_vec(),
        };
        let text = |value: Option<&[u8]>| lossy(trim(value.unwrap_or_default())).into_owned();
        let (relation, reason) = (self.names.get(&text(relation)), text(reason));
        let reason = list.reasons.iter().position(|known| *known == reason);
        let until = self.days.read(until.unwrap_or_default());
        let is_usable = !key.is_empty() && until != DayReading::Unreadable;
        let (Some(relation), Some(reason), true) = (relation, reason, is_usable) else {
            list.unusable += 1;
            return;
        };
        if matches!(until, DayReading::Day(last) if number_of(last) < self.cut_off) {
            list.expired += 1;
            return;
        }
        let identity = half_sha256(&key);
        list.entries.push(ProvenException { identity, relation: *relation, reason: reason as u16 });
    }

    /// The list, ready to be looked into.
    pub fn finish(self) -> ProvenExceptions {
        let mut list = self.list;
        // Of several reasons for the same the first is counted: the order is kept.
        list.entries.sort_by_key(|one| (one.identity, one.relation));
        list.entries.dedup_by_key(|one| (one.identity, one.relation));
        list
    }
}

impl ProvenExceptions {
    /// Whether the list is longer than it may be.
    pub fn is_too_long(&self) -> bool {
        self.listed > MOST_EXCEPTIONS as u64
    }

    /// Whether any record of this key, or with this number, has exceptions.
    pub fn has(&self, key: Option<&[u8]>, number: &[u8]) -> bool {
        !self.of(key, number).is_empty()
    }

    fn of(&self, key: Option<&[u8]>, number: &[u8]) -> &[ProvenException] {
        if self.entries.is_empty() {
            return &[];
        }
        let identity = half_sha256(match self.by {
            IdentifiedBy::Key => trim(key.unwrap_or_default()),
            IdentifiedBy::IdNumber => number,
        });
        let from = self.entries.partition_point(|one| one.identity < identity);
        let rest = &self.entries[from..];
        &rest[..rest.partition_point(|one| one.identity == identity)]
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
        for proved in self.of(key, number) {
            let relation = self.relations[usize::from(proved.relation)];
            let outcome = evaluator.outcome(relation, flags, own);
            if flags.is_no_record() || !matches!(outcome, RelationOutcome::Fail | RelationOutcome::Missing) {
                continue;
            }
            match relation {
                Relation::Own(at) => new_own = new_own.passing(at),
                built_in => new_flags = new_flags.passing(built_in),
            }
            let reason = self.reasons[usize::from(proved.reason)].clone();
            *counts.passed.entry((relation, reason)).or_default() += 1;
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
