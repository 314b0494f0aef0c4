//! The delta between the cache and the register: only what changed is looked up, taken out of
//! the tally as it was and put in as it is. Counts are integers, so that the result is what counting
//! everything again would give.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::io::Result;
use std::sync::Arc;

use super::rows::{ENTRY, KeptRecord, PersonEntry, aging, entry, entry_row, kept_record};
use super::table::{HASH, Hash, PARTITIONS, TableBuilder, damaged, hash_of};
use super::{CHANGES, CacheBuilder, CacheHeader, KeptRoster, OpenCache, file, needs_all};
use crate::config::settings::Rosters;
use crate::indicator::coverage::Credits;
use crate::indicator::record_flags::RecordEvaluator;
use crate::indicator::record_reading::RecordReading;
use crate::indicator::tally::Tally;
use crate::register::batch::{Day, Record, TextColumn};
use crate::register::date::DateNumber;
use crate::register::unit::Units;

/// How the register has changed since the cache was written.
pub(crate) struct CacheDelta {
    kept: OpenCache,
    evaluator: RecordEvaluator,
    units: Arc<Units>,
    cut_off: DateNumber,
    /// What no longer counts, and what counts now.
    minus: Tally,
    plus: Tally,
    /// Keys that were read again.
    read: HashSet<Hash>,
    /// Records that are not what they were; `None` = deleted.
    records: BTreeMap<Hash, Option<KeptRecord>>,
    persons: BTreeMap<Hash, Mentions>,
    /// Records of the register, as far as it is known.
    pub present: u64,
}

/// The tally after a delta, and the cache that it leaves.
pub(crate) struct MergedState {
    builder: CacheBuilder,
    tally: Tally,
}

/// How the mentions of a person change.
#[derive(Default)]
struct Mentions {
    removed: Vec<PersonEntry>,
    added: Vec<PersonEntry>,
}

impl CacheDelta {
    pub(crate) fn new(
        kept: OpenCache,
        evaluator: RecordEvaluator,
        units: Arc<Units>,
        cut_off: DateNumber,
    ) -> CacheDelta {
        let present = kept.header.records;
        CacheDelta {
            kept,
            evaluator,
            units,
            cut_off,
            minus: Tally::default(),
            plus: Tally::default(),
            read: HashSet::new(),
            records: BTreeMap::new(),
            persons: BTreeMap::new(),
            present,
        }
    }

    /// The roster that is kept.
    pub(crate) fn roster(&self) -> &KeptRoster {
        &self.kept.header.roster
    }

    /// Takes records that were read again. `false` if two of all that were taken share a key, or they are
    /// too many.
    pub(crate) fn change(&mut self, mut changed: Vec<(Hash, KeptRecord)>) -> Result<bool> {
        if (self.read.len() + changed.len()) as u64 > self.kept.room() {
            return Ok(false);
        }
        // In the order of the file.
        changed.sort_unstable_by_key(|(key, _)| *key);
        for (key, record) in changed {
            if !self.read.insert(key) {
                return Ok(false);
            }
            self.replace(key, Some(record))?;
        }
        Ok(true)
    }

    fn replace(&mut self, key: Hash, new: Option<KeptRecord>) -> Result<()> {
        let old = match self.records.get(&key) {
            Some(replaced) => *replaced,
            None => self.kept.record(&key)?,
        };
        if old == new {
            return Ok(());
        }
        self.present = self.present + u64::from(new.is_some()) - u64::from(old.is_some());
        let mention = |record: Option<KeptRecord>| {
            record.and_then(|record| Some((record.person?, PersonEntry::Registered(record.cell()))))
        };
        let (before, after) = (mention(old), mention(new));
        if before != after {
            if let Some((person, entry)) = before {
                self.persons.entry(person).or_default().removed.push(entry);
            }
            if let Some((person, entry)) = after {
                self.persons.entry(person).or_default().added.push(entry);
            }
        }
        old.iter().for_each(|record| count(&mut self.minus, &self.evaluator, record));
        new.iter().for_each(|record| count(&mut self.plus, &self.evaluator, record));
        self.records.insert(key, new);
        Ok(())
    }

    /// Takes out the kept records whose keys the register no longer has.
    pub(crate) fn delete_absent(&mut self, mut keys: TableBuilder<HASH>) -> Result<()> {
        for partition in 0..PARTITIONS {
            let present = keys.take(partition)?;
            for row in self.kept.records_of(partition)? {
                let key = hash_of(&row);
                if present.binary_search(&key).is_err() {
                    self.replace(key, None)?;
                }
            }
        }
        Ok(())
    }

    /// Lets the persons grow older whose records were not read again.
    pub(crate) fn advance_ages(&mut self) -> Result<()> {
        let (before, now) = (self.kept.header.cut_off, self.cut_off);
        let mut older = Vec::new();
        for partition in 0..PARTITIONS {
            let rows = self.kept.base.aging.partition(partition)?;
            let due = rows.iter().map(aging).filter(|(_, next)| (before + 1..=now).contains(next));
            older.extend(due.map(|(key, _)| key));
            let Some(changes) = &self.kept.changes else { continue };
            let rows = changes.records.partition(partition)?;
            let is_due = |record: KeptRecord| record.ages.next().is_some_and(|next| next <= now);
            older.extend(rows.iter().filter(|row| kept_record(row).is_some_and(is_due)).map(hash_of));
        }
        for key in older {
            if self.read.contains(&key) || self.records.contains_key(&key) {
                continue;
            }
            let Some(record) = self.kept.record(&key)? else { continue };
            self.replace(key, Some(KeptRecord { ages: record.ages.at(now), ..record }))?;
        }
        Ok(())
    }

    /// What the entries of another roster change for each person.
    fn relist_entries(&mut self, mut roster: TableBuilder<ENTRY>) -> Result<()> {
        let is_listed = |row: &[u8; ENTRY]| matches!(entry(row), Some(PersonEntry::Listed(_)));
        for partition in 0..PARTITIONS {
            let mut old = self.kept.entries_of(partition)?;
            old.retain(is_listed);
            let new = roster.take(partition)?;
            let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
            loop {
                // Both are sorted: what only one of them has comes up there first.
                let order = match (old.peek(), new.peek()) {
                    (None, None) => break,
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (Some(old), Some(new)) => old.cmp(new),
                };
                let gone = if order.is_le() { old.next() } else { None };
                let come = if order.is_ge() { new.next() } else { None };
                if order.is_eq() {
                    continue;
                }
                if let Some((row, entry)) = gone.and_then(|row| Some((row, entry(row)?))) {
                    self.persons.entry(hash_of(row)).or_default().removed.push(entry);
                }
                if let Some((row, entry)) = come.and_then(|row| Some((row, entry(row)?))) {
                    self.persons.entry(hash_of(row)).or_default().added.push(entry);
                }
            }
        }
        Ok(())
    }

    /// The tally of the register as far as it is known, and the changes for the next pull.
    pub(crate) fn merge(&mut self) -> Result<MergedState> {
        let mut builder = CacheBuilder::new(&self.kept.folder);
        let (mut minus, mut plus) = (self.minus.clone(), self.plus.clone());
        self.credit(&mut builder, &mut minus, &mut plus)?;
        for (key, record) in &self.records {
            builder.state(key, record.as_ref())?;
        }
        self.carry_over(&mut builder)?;
        let mut tally = self.kept.tally()?;
        tally.merge(plus);
        let tally = tally.without(&minus).ok_or_else(damaged)?;
        Ok(MergedState { builder, tally })
    }

    /// Notes what is not understood in a record of the unit that was read again.
    pub(crate) fn notice(
        &mut self,
        record: &Record<'_>,
        (reading, number): (RecordReading, &[u8]),
        unit: Option<u32>,
    ) {
        self.plus.unread.notice(record, (reading, number), || unit);
        if unit.is_none() && !reading.is_no_record() {
            self.plus.unread.unit(record.value(TextColumn::Unit).unwrap_or_default(), 1);
        }
    }

    /// Puts another roster in the place of the kept one.
    pub(crate) fn relist(&mut self, roster: TableBuilder<ENTRY>, state: KeptRoster) -> Result<()> {
        self.kept.header.roster.count(&mut self.minus);
        state.count(&mut self.plus);
        self.kept.header.roster = state;
        self.relist_entries(roster)
    }

    /// The tally, once the changes are written down for the next pull.
    pub(crate) fn finish(&self, MergedState { builder, tally }: MergedState, mark: Option<String>) -> Tally {
        let header = CacheHeader {
            mark,
            records: self.present,
            cut_off: self.cut_off,
            needs_all: needs_all(&tally, &self.units),
            ..self.kept.header.clone()
        };
        if let Err(error) = file::write(builder, &self.kept.folder.join(CHANGES), header, &tally) {
            // The figures are right all the same; the next pull reads these changes again.
            tracing::warn!("cannot keep what was read of the register: {error}");
        }
        tally
    }

    /// Counts every person again whose mentions change.
    fn credit(&mut self, builder: &mut CacheBuilder, minus: &mut Tally, plus: &mut Tally) -> Result<()> {
        // Incremental pulls have one roster without a name: the configuration sees to that.
        let (units, roster) = (self.units.clone(), Rosters::default());
        let (mut before, mut after) = (Credits::new(&units, &roster), Credits::new(&units, &roster));
        for (person, mentions) in &self.persons {
            let mut entries = self.kept.entries(person)?;
            credit(&mut before, &entries);
            for gone in &mentions.removed {
                let at = entries.iter().position(|entry| entry == gone).ok_or_else(damaged)?;
                entries.swap_remove(at);
            }
            entries.extend(&mentions.added);
            credit(&mut after, &entries);
            if entries.is_empty() {
                builder.entries.push(&entry_row(person, None))?;
            }
            entries.iter().try_for_each(|entry| builder.entries.push(&entry_row(person, Some(*entry))))?;
        }
        before.finish(minus);
        after.finish(plus);
        Ok(())
    }

    /// Adds the earlier changes that still hold.
    fn carry_over(&self, builder: &mut CacheBuilder) -> Result<()> {
        let Some(changes) = &self.kept.changes else { return Ok(()) };
        for partition in 0..PARTITIONS {
            let records = changes.records.partition(partition)?;
            let mut held = records.iter().filter(|row| !self.records.contains_key(&hash_of(row)));
            held.try_for_each(|row| builder.records.push(row))?;
            let own = changes.own.partition(partition)?;
            let mut held = own.iter().filter(|row| !self.records.contains_key(&hash_of(row)));
            held.try_for_each(|row| builder.own.push(row))?;
            let entries = changes.entries.partition(partition)?;
            let mut held = entries.iter().filter(|row| !self.persons.contains_key(&hash_of(row)));
            held.try_for_each(|row| builder.entries.push(row))?;
        }
        Ok(())
    }
}

/// What a record counts for alone.
fn count(tally: &mut Tally, evaluator: &RecordEvaluator, record: &KeptRecord) {
    let contribution = record.ages.contribution;
    tally.add(record.cell(), &evaluator.counts(contribution, record.own, 1));
    tally.findings += contribution.findings(record.own, 1);
    tally.unread.of_unit(record.cell().unit, contribution, record.own, 1);
    let is_record = !contribution.is_no_record();
    tally.findings.invalid_registered_at += u64::from(record.day == Day::Invalid && is_record);
}

fn credit(credits: &mut Credits<'_>, entries: &[PersonEntry]) {
    let (mut records, mut roster) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            PersonEntry::Registered(cell) => records.push(*cell),
            PersonEntry::Listed(unit) => roster.push(*unit),
        }
    }
    credits.add(&records, &roster);
}
