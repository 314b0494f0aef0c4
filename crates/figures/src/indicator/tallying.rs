//! From record batches to a tally: each record is read into one number, polars counts the equal ones.

use std::sync::Arc;
use tongbao_message::Worded;

use jiff::civil::Date;
use polars::prelude::PolarsError;

pub use super::adding_up::{finish, finish_releasing};
use super::bucket_numbers::Places;
use super::distinct_values::DistinctValues;
use super::exceptions::ProvenExceptions;
use super::grouping::{Grouped, Grouping};
use super::own::OwnReader;
use super::own_pattern::OwnPattern;
use super::persons::{Persons, Shard, SpillLimit};
use super::record_flags::{RecordEvaluator, RecordFlags};
use super::record_reading::{ReadRecord, Reader, RecordReading};
use super::set_relations::{SetCollector, SetMember};
use super::sorted_groups::SortedGroups;
use super::tally::{Bucket, Tally};
use super::unit_lookup::UnitLookup;
pub use super::unit_lookup::position;
use super::waiting_sets::WaitingSets;
use tongbao_config::settings::{Indicators, Rosters};
use tongbao_register::batch::{Day, Record, RegisterBatch, TextColumn};
use tongbao_register::date::{DateNumber, number_of};
use tongbao_register::unit::Units;
use tongbao_rule::kernel::CHUNK;

/// What can end a tally.
#[derive(Debug, thiserror::Error, Worded)]
pub enum TallyError {
    /// A fault of polars.
    Grouping(#[from] PolarsError),
    /// A fault of the disk.
    Overflow(#[from] std::io::Error),
}

/// Applies the definitions to batches, one after another, and keeps nothing of them but counts and
/// the numbers of persons met. Several talliers may share a register; [`finish`] adds them up.
pub struct Tallier {
    units: Arc<Units>,
    reader: Reader,
    cut_off: DateNumber,
    evaluator: RecordEvaluator,
    rosters: Rosters,
    /// Of the own definitions, where any is in use.
    own: Option<OwnReader>,
    /// Records that pass although a relation says otherwise, where there is a list of them.
    exceptions: Option<Arc<ProvenExceptions>>,
    /// Of relations over several records, where any is in use.
    sets: Option<WaitingSets>,
    /// Contributions with own patterns by their numbers, where own definitions are in use.
    patterns: DistinctValues<Pattern>,
    places: Places,
    persons: Persons,
    /// Records by place and contribution, or number of the pattern.
    grouping: Grouping,
    lookup: UnitLookup,
    tally: Tally,
}

impl Tallier {
    /// Ages are taken on `cut_off`, the last day of the period. Without a limit all persons are kept
    /// in memory.
    pub fn new(
        units: Arc<Units>,
        indicators: &Indicators,
        cut_off: Date,
        limit: Option<SpillLimit>,
    ) -> Tallier {
        Tallier {
            lookup: UnitLookup::new(units.clone()),
            units,
            reader: Reader::new(indicators),
            cut_off: number_of(cut_off),
            evaluator: RecordEvaluator::new(indicators),
            own: OwnReader::new(indicators, number_of(cut_off)),
            exceptions: None,
            sets: indicators.has_set_relations().then(|| WaitingSets::new(indicators)),
            patterns: DistinctValues::default(),
            rosters: indicators.coverage.rosters.clone(),
            places: Places::default(),
            persons: Persons::new(limit),
            grouping: Grouping::default(),
            tally: Tally::default(),
        }
    }

    /// Lets records pass by proven exceptions; the batches need what names records there.
    pub fn with_exceptions(self, exceptions: Option<Arc<ProvenExceptions>>) -> Tallier {
        Tallier { exceptions, ..self }
    }

    /// Sets what relations over several records wait for aside beyond a limit.
    pub fn with_set_limit(mut self, limit: SpillLimit) -> Tallier {
        if let Some(sets) = &mut self.sets {
            sets.collector = SetCollector::new(Some(limit));
        }
        self
    }

    /// Adds an entry of the roster at a position. A placeholder is no number.
    pub fn add_roster(&mut self, roster: usize, unit: Option<&[u8]>, id_number: Option<&[u8]>) {
        let written = unit.unwrap_or_default();
        let unit = self.lookup.position(written);
        let number = self.reader.listed(id_number);
        if unit.is_none() && !number.is_empty() {
            self.tally.unread.roster_unit(written);
        }
        if let Some(fault) = self.reader.listed_fault(id_number, &number) {
            self.tally.add_roster_fault(unit, fault.findings(1));
        }
        self.persons.add_roster(roster, unit, &number);
    }

    /// Adds an entry of a list that relations look values up in.
    pub fn add_entry(&mut self, list: &str, entry: Option<&[u8]>) {
        let (Some(own), Some(sets)) = (&self.own, &mut self.sets) else { return };
        own.entry(list, entry).iter().for_each(|member| sets.collector.add_entry(member));
    }

    /// Adds a batch of records.
    pub fn add(&mut self, batch: &RegisterBatch) -> Result<(), TallyError> {
        self.add_and_tell(batch, |_| ())
    }

    /// Adds a batch of records; `each` hears what was read of each of them.
    pub fn add_and_tell(
        &mut self,
        batch: &RegisterBatch,
        mut each: impl FnMut(&ReadRecord<'_>),
    ) -> Result<(), TallyError> {
        let mut records = batch.records();
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut readings = Vec::with_capacity(CHUNK);
        let mut cells = Vec::with_capacity(CHUNK);
        loop {
            chunk.clear();
            chunk.extend(records.by_ref().take(CHUNK));
            if chunk.is_empty() {
                break;
            }
            readings.clear();
            readings.extend(chunk.iter().map(|record| self.reader.read(record)));
            // A total is no member of what relations compare either.
            let counted = readings.iter().enumerate();
            let counted =
                counted.fold(0, |bits, (at, (reading, _))| bits | u64::from(!reading.is_no_record()) << at);
            let mut members = Vec::new();
            let own = self.own.as_mut();
            let own =
                own.map(|own| own.read_chunk(&chunk, counted, &mut |at, member| members.push((at, member))));
            let mut members = members.into_iter().peekable();
            self.place(&chunk, &mut cells);
            for (at, (record, (reading, number))) in chunk.iter().zip(&readings).enumerate() {
                self.notice(record, *reading, number);
                self.notice_own(record, own.as_ref().map_or_else(OwnPattern::default, |own| own[at]));
                let mut of_record = Vec::new();
                while let Some((_, member)) = members.next_if(|(of, _)| *of == at) {
                    of_record.push(member);
                }
                let read = ReadRecord::of(record, *reading, number, own.as_ref().map(|own| own[at]));
                each(&read);
                self.add_one(&read, cells[at], record.value(TextColumn::Key), &of_record)?;
            }
        }
        for (shape, times) in batch.unread_times() {
            self.tally.unread.times.add(shape, *times);
        }
        Ok(())
    }

    /// Notes what was not understood.
    fn notice(&mut self, record: &Record<'_>, reading: RecordReading, number: &[u8]) {
        let Tallier { lookup, tally, .. } = self;
        let unit = || lookup.position(record.value(TextColumn::Unit).unwrap_or_default());
        tally.unread.notice(record, (reading, number), unit);
    }

    /// Notes how values of own fields look that are none of their type.
    fn notice_own(&mut self, record: &Record<'_>, pattern: OwnPattern) {
        let Tallier { own: Some(reader), tally, .. } = self else { return };
        for field in pattern.invalid_fields() {
            tally.unread.own_values.entry(field).or_default().add(&reader.shape(field, record), 1);
        }
    }

    /// The cells of records and their places. A step for all of them at a time: of many units each look misses the
    /// processor's caches, and then those of several records are fetched at once.
    fn place(&mut self, chunk: &[Record<'_>], cells: &mut Vec<(Bucket, u32)>) {
        cells.clear();
        cells.extend(chunk.iter().map(|record| {
            let unit = self.lookup.position(record.value(TextColumn::Unit).unwrap_or_default());
            (Bucket { unit, day: record.day.known() }, 0)
        }));
        cells.iter_mut().for_each(|(cell, place)| *place = self.places.index(*cell));
    }

    fn add_one(
        &mut self,
        read: &ReadRecord<'_>,
        (cell, place): (Bucket, u32),
        key: Option<&[u8]>,
        members: &[SetMember],
    ) -> Result<(), TallyError> {
        let is_record = !read.reading.is_no_record();
        if cell.unit.is_none() && is_record {
            self.tally.unread.unit(read.unit, 1);
        }
        if !read.number.is_empty() {
            self.persons.add_record(place, read.number);
        }
        self.tally.findings.invalid_registered_at += u64::from(read.day == Day::Invalid && is_record);
        let mut contribution = read.reading.at(self.cut_off);
        self.tally.unread.of_unit(cell.unit, contribution, read.own.unwrap_or_default(), 1);
        let mut own = read.own;
        let proved = self.exceptions.clone().filter(|proved| proved.has(key, read.number));
        if let (Some(proved), true) = (&proved, members.is_empty()) {
            let counted = (contribution, own.unwrap_or_default());
            let ((flags, pattern), counts) = proved.apply((key, read.number), counted, &self.evaluator);
            (contribution, own) = (flags, own.map(|_| pattern));
            self.tally.add_exceptions(cell, &counts);
        }
        let number = match own {
            Some(own) => self.patterns.number((contribution, own)),
            None => contribution.0,
        };
        let record = u64::from(place) << 32 | u64::from(number);
        match &mut self.sets {
            Some(sets) if !members.is_empty() => {
                let proved = proved.map(|_| (key.unwrap_or_default().to_vec(), read.number.to_vec()));
                sets.add(record, members, proved);
            }
            _ => self.grouping.add(record, &self.places)?,
        }
        Ok(())
    }

    /// Counts the records that waited for relations over several records, whose outcomes are known now.
    fn add_waiting(&mut self) -> Result<(), TallyError> {
        let Some(sets) = self.sets.take() else { return Ok(()) };
        for (at, (record, outcomes)) in (0..).zip(sets.decided()) {
            let (mut contribution, mut own) = self.patterns.get(record as u32);
            own = own | outcomes;
            let identity = sets.proved.get(&at);
            if let (Some(proved), Some((key, number))) = (self.exceptions.clone(), identity) {
                let (changed, counts) =
                    proved.apply((Some(key), number), (contribution, own), &self.evaluator);
                (contribution, own) = changed;
                self.tally.add_exceptions(self.places.cell((record >> 32) as u32), &counts);
            }
            let number = self.patterns.number((contribution, own));
            self.grouping.add(record >> 32 << 32 | u64::from(number), &self.places)?;
        }
        Ok(())
    }
    /// The records that wait for relations over several records, where any is in use.
    pub(super) fn waiting(&mut self) -> Option<&mut WaitingSets> {
        self.sets.as_mut()
    }

    /// What the records read so far come to.
    pub(super) fn counted(mut self) -> Result<Counted, TallyError> {
        self.add_waiting()?;
        let Tallier { own, patterns, places, persons, grouping, tally, .. } = self;
        let Grouped { parts, kinds } = grouping.finish(&places)?;
        let pattern = |kind: &u32| match own {
            Some(_) => patterns.get(*kind),
            None => (RecordFlags(*kind), OwnPattern::default()),
        };
        let kinds = kinds.iter().map(pattern).collect();
        Ok(Counted { tally, parts, kinds, shard: Shard { persons, places } })
    }

    /// What counts are made with.
    pub(super) fn rules(&self) -> (Arc<Units>, Rosters, RecordEvaluator) {
        (self.units.clone(), self.rosters.clone(), self.evaluator.clone())
    }
}

/// What a record counts for.
pub(super) type Pattern = (RecordFlags, OwnPattern);

/// What a tallier has counted, to be added up with others.
pub(super) struct Counted {
    /// All but the cells of records and persons.
    pub(super) tally: Tally,
    /// Records by cell and kind.
    pub(super) parts: Vec<SortedGroups>,
    /// What the records of each kind count for.
    pub(super) kinds: Vec<Pattern>,
    /// Persons, and the cells.
    pub(super) shard: Shard,
}
