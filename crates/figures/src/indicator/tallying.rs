//! From record batches to a tally: each record is read into one number, polars counts the equal ones.

use std::sync::Arc;
use tongbao_message::Worded;

use jiff::civil::Date;
use polars::prelude::*;

use super::bucket_counts::{BucketCounts, CellBuilder};
use super::bucket_numbers::Places;
use super::coverage::{self, Persons, PersonsByPlace, Shard, SpillLimit};
use super::exceptions::ProvenExceptions;
use super::own::{OwnPattern, OwnReader};
use super::record_flags::{RecordEvaluator, RecordFlags};
use super::record_reading::{ReadRecord, Reader, RecordReading};
use super::set_relations::{self, SetCollector, SetMember};
use super::tally::{Bucket, Counts, Tally};
use super::unit_lookup::UnitLookup;
pub use super::unit_lookup::position;
use tongbao_config::settings::{Indicators, Rosters};
use tongbao_register::batch::{Day, Record, RegisterBatch, TextColumn};
use tongbao_register::date::{DateNumber, number_of};
use tongbao_register::unit::Units;
use tongbao_rule::definitions::Definitions;
use tongbao_rule::kernel::CHUNK;

/// Records that are grouped at a time.
const GROUPED: usize = 1 << 16;
/// Records that are counted at a time where grouping comes to nothing.
const SPREAD: usize = 1 << 21;
const GROUP: &str = "group";

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
    patterns: Patterns,
    places: Places,
    persons: Persons,
    /// Place and contribution, or number of the pattern, of each record that is not grouped yet.
    waiting: Vec<u64>,
    /// Records by place and contribution, or number of the pattern.
    grouped: PlHashMap<u64, u64>,
    /// The same where nearly every record has a place of its own, so that grouping comes to nothing: each for itself,
    /// and those that were counted since.
    spread: Option<Vec<u64>>,
    counted: Vec<(u64, u64)>,
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
            patterns: Patterns::default(),
            rosters: indicators.coverage.rosters.clone(),
            places: Places::default(),
            persons: Persons::new(limit),
            waiting: Vec::with_capacity(GROUPED),
            grouped: PlHashMap::default(),
            spread: None,
            counted: Vec::new(),
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
        self.tally.unread.of_unit(cell.unit, contribution, 1);
        let mut own = read.own;
        let proved = self.exceptions.clone().filter(|proved| proved.has(key, read.number));
        if let (Some(proved), true) = (&proved, members.is_empty()) {
            let counted = (contribution, own.unwrap_or_default());
            let ((flags, pattern), counts) = proved.apply((key, read.number), counted, &self.evaluator);
            (contribution, own) = (flags, own.map(|_| pattern));
            self.tally.add_exceptions(cell, &counts);
        }
        let number = match own {
            Some(own) => self.patterns.number(contribution, own),
            None => contribution.0,
        };
        let record = u64::from(place) << 32 | u64::from(number);
        match &mut self.sets {
            Some(sets) if !members.is_empty() => {
                let proved = proved.map(|_| (key.unwrap_or_default().to_vec(), read.number.to_vec()));
                sets.add(record, members, proved);
            }
            _ => self.waiting.push(record),
        }
        if self.waiting.len() == GROUPED { self.group() } else { Ok(()) }
    }

    /// Counts the records that waited for relations over several records, whose outcomes are known now.
    fn add_waiting(&mut self) -> Result<(), TallyError> {
        let Some(mut sets) = self.sets.take() else { return Ok(()) };
        for (at, (record, outcomes)) in sets.records.into_iter().zip(sets.outcomes).enumerate() {
            let (mut contribution, own) = self.patterns.get(record as u32);
            let mut own = OwnPattern(own.0 | OwnPattern::of_halves(0, outcomes).0);
            let identity = sets.proved.remove(&(at as u32));
            if let (Some(proved), Some((key, number))) = (self.exceptions.clone(), identity) {
                let (changed, counts) =
                    proved.apply((Some(&key), &number), (contribution, own), &self.evaluator);
                (contribution, own) = changed;
                self.tally.add_exceptions(self.places.cell((record >> 32) as u32), &counts);
            }
            let number = self.patterns.number(contribution, own);
            self.waiting.push(record >> 32 << 32 | u64::from(number));
            if self.waiting.len() == GROUPED {
                self.group()?;
            }
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), TallyError> {
        let keys = std::mem::replace(&mut self.waiting, Vec::with_capacity(GROUPED));
        if let Some(spread) = &mut self.spread {
            spread.extend(keys);
            if spread.len() >= SPREAD {
                self.count_spread();
            }
            return Ok(());
        }
        let column = UInt64Chunked::from_vec(GROUP.into(), keys).into_series();
        let frame = DataFrame::new(column.len(), vec![column.into()])?;
        let grouped = frame.group_by([GROUP])?;
        let keys = frame.column(GROUP)?.u64()?;
        let groups = grouped.get_groups();
        if groups.len() > GROUPED / 2 {
            self.spread = Some(Vec::new());
        }
        for group in groups.iter() {
            let first = match &group {
                GroupsIndicator::Idx((first, _)) => *first,
                GroupsIndicator::Slice([first, _]) => *first,
            };
            let key = keys.get(first as usize).unwrap_or_default();
            *self.grouped.entry(key).or_default() += group.len() as u64;
        }
        Ok(())
    }

    /// Counts equal ones of the records that were not grouped.
    fn count_spread(&mut self) {
        let Some(spread) = &mut self.spread else { return };
        self.counted.reserve_exact(spread.len());
        self.counted.extend(spread.drain(..).map(|key| (key, 1)));
        sum_up(&mut self.counted);
    }

    /// All records by place and contribution, or number of the pattern; equal ones may come several times.
    fn groups(&mut self) -> Result<Vec<(u64, u64)>, TallyError> {
        self.add_waiting()?;
        self.group()?;
        let mut groups = std::mem::take(&mut self.counted);
        let spread = self.spread.take().unwrap_or_default();
        groups.reserve_exact(spread.len());
        groups.extend(spread.into_iter().map(|key| (key, 1)));
        groups.extend(std::mem::take(&mut self.grouped));
        Ok(groups)
    }
}

/// Sorts groups and adds up equal ones.
fn sum_up(groups: &mut Vec<(u64, u64)>) {
    groups.sort_unstable_by_key(|(key, _)| *key);
    groups.dedup_by(|next, sum| {
        let is_same = next.0 == sum.0;
        sum.1 += if is_same { next.1 } else { 0 };
        is_same
    });
}

/// Contributions with own patterns, numbered in the order in which they were first met.
#[derive(Default)]
struct Patterns {
    known: Vec<(RecordFlags, OwnPattern)>,
    index: PlHashMap<(RecordFlags, OwnPattern), u32>,
}

impl Patterns {
    fn number(&mut self, contribution: RecordFlags, own: OwnPattern) -> u32 {
        // At most one a record, and records stay below 2^32.
        let next = self.known.len() as u32;
        let number = *self.index.entry((contribution, own)).or_insert(next);
        if number == next {
            self.known.push((contribution, own));
        }
        number
    }

    fn get(&self, number: u32) -> (RecordFlags, OwnPattern) {
        self.known[number as usize]
    }
}

/// Records that wait until relations over several records are decided: twelve bytes each.
struct WaitingSets {
    definitions: Arc<Definitions>,
    collector: SetCollector,
    /// Place and number of the pattern.
    records: Vec<u64>,
    /// Outcomes by relation, 2 bits each.
    outcomes: Vec<u32>,
    /// Key and number of the records with proven exceptions.
    proved: PlHashMap<u32, Identity>,
}

/// Key and number of a record.
type Identity = (Vec<u8>, Vec<u8>);

impl WaitingSets {
    fn new(indicators: &Indicators) -> WaitingSets {
        let definitions = indicators.definitions.clone();
        WaitingSets {
            definitions,
            collector: SetCollector::new(None),
            records: Vec::new(),
            outcomes: Vec::new(),
            proved: PlHashMap::default(),
        }
    }

    fn add(&mut self, record: u64, members: &[SetMember], proved: Option<Identity>) {
        // Records stay below 2^32.
        let at = self.records.len() as u32;
        self.records.push(record);
        self.proved.extend(proved.map(|identity| (at, identity)));
        members.iter().for_each(|member| self.collector.add(at, member));
    }
}

/// Decides relations over several records, of all talliers together.
fn decide_sets(talliers: &mut [Tallier]) -> Result<(), TallyError> {
    let mut waiting: Vec<&mut WaitingSets> =
        talliers.iter_mut().filter_map(|tallier| tallier.sets.as_mut()).collect();
    let Some(first) = waiting.first() else { return Ok(()) };
    let definitions = first.definitions.clone();
    let mut collectors = Vec::new();
    for sets in &mut waiting {
        sets.outcomes = vec![0; sets.records.len()];
        collectors.push(std::mem::replace(&mut sets.collector, SetCollector::new(None)));
    }
    set_relations::decide(&mut collectors, &definitions, |part, record, relation, _, outcome| {
        waiting[part].outcomes[record as usize] |= (outcome as u32) << (2 * u32::from(relation));
    })?;
    Ok(())
}

/// All counts of the talliers that shared a register, persons and coverage included.
pub fn finish(mut talliers: Vec<Tallier>) -> Result<Tally, TallyError> {
    decide_sets(&mut talliers)?;
    let mut tally = Tally::default();
    let Some(first) = talliers.first() else { return Ok(tally) };
    let (units, rosters, evaluator) = (first.units.clone(), first.rosters.clone(), first.evaluator.clone());
    let mut parts = Vec::new();
    let mut shards = Vec::new();
    for mut tallier in talliers {
        parts.push((tallier.groups()?, tallier.own.is_some(), std::mem::take(&mut tallier.patterns)));
        tally.merge(tallier.tally);
        shards.push(Shard { persons: tallier.persons, places: tallier.places });
    }
    let persons = coverage::count(shards, &units, &rosters)?;
    let mut patterns = Patterns::default();
    let mut groups = Vec::new();
    for (part, (of_part, has_own, own)) in parts.into_iter().enumerate() {
        let numbered = of_part.into_iter().map(|(key, times)| {
            let (flags, pattern) = match has_own {
                true => own.get(key as u32),
                false => (RecordFlags(key as u32), OwnPattern::default()),
            };
            tally.findings += flags.findings(times);
            let place = persons.place(part, (key >> 32) as u32);
            (u64::from(place) << 32 | u64::from(patterns.number(flags, pattern)), times)
        });
        // Of one part in the room that it had.
        match part {
            0 => groups = numbered.collect(),
            _ => groups.extend(numbered),
        }
    }
    let kinds = patterns.known.iter().map(|(flags, own)| evaluator.counts(*flags, *own, 1)).collect();
    tally.cells.merge(cells(groups, kinds, &persons));
    persons.finish(&mut tally);
    Ok(tally)
}

/// Cells of groups by place and number of the kind, in the order of the cells.
fn cells(mut groups: Vec<(u64, u64)>, kinds: Vec<Counts>, persons: &PersonsByPlace<'_>) -> BucketCounts {
    let places = persons.places();
    let order = places.in_order();
    let mut ranks = vec![0u32; order.len()];
    order.iter().enumerate().for_each(|(rank, place)| ranks[*place as usize] = rank as u32);
    for (key, _) in &mut groups {
        *key = u64::from(ranks[(*key >> 32) as usize]) << 32 | *key & u64::from(u32::MAX);
    }
    drop(ranks);
    sum_up(&mut groups);
    let mut builder = CellBuilder::new(kinds, order.len());
    let (mut rest, mut records) = (groups.as_slice(), Vec::new());
    for (rank, place) in order.iter().enumerate() {
        let here = rest.iter().take_while(|(key, _)| key >> 32 == rank as u64).count();
        records.clear();
        records.extend(rest[..here].iter().map(|(key, times)| (*key as u32, *times)));
        rest = &rest[here..];
        builder.push(places.cell(*place), &records, persons.at(*place));
    }
    builder.finish()
}
