//! What is kept of a register from pull to pull, so that the next one reads changes alone.
//!
//! Two files below the state folder, each written once and put in place by a rename: `register.base`
//! holds every record as the last full pull found it, `register.changes` how some of them have changed
//! since. Both hold keyed hashes, units, days and packed contributions, and the tally: no name, address
//! or ID number, nor anything that the state alone could turn back into one. Either file may be deleted
//! at any time; damage and half-written files are noticed by their checksums, and the register is then
//! read again.

mod cache_delta;
pub(super) mod cache_writer;
pub(super) mod change_reader;
mod file;
mod keyed;
pub(super) mod rows;
pub(super) mod table;
mod tally;

use std::collections::{BTreeMap, HashSet};
use std::io::Result;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::encrypted_block::random;
use crate::indicator::record_findings::RecordFindings;
use crate::indicator::tally::Tally;
use crate::ranking::remark::misspelt_units;
use crate::register::date::DateNumber;
use crate::register::unit::Units;
pub(super) use cache_delta::{CacheDelta, MergedState};
use file::CacheFile;
use rows::{
    AGING, ENTRY, KeptRecord, OWN, PersonEntry, RECORD, aging_row, entry, entry_row, kept_record, own_row,
    record_row,
};
use table::{CacheTable, Hash, TableBuilder, hash_of};

const BASE: &str = "register.base";
const CHANGES: &str = "register.changes";

/// What the files are good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CacheHeader {
    /// Digest of everything that what is kept depends on besides the register.
    pub fingerprint: String,
    /// Time of the last change that was read, as the database's literal.
    pub mark: Option<String>,
    pub records: u64,
    /// The day on which ages were taken.
    pub cut_off: DateNumber,
    pub roster: KeptRoster,
    /// Whether something is wrong in single units that the next pull can only find by reading everything.
    pub needs_all: bool,
    /// Random name of the base, by which changes know theirs.
    base: [u8; 16],
}

impl CacheHeader {
    pub(super) fn new(
        fingerprint: String,
        mark: Option<String>,
        cut_off: DateNumber,
        roster: KeptRoster,
    ) -> Result<CacheHeader> {
        Ok(CacheHeader { fingerprint, mark, records: 0, cut_off, roster, needs_all: false, base: random()? })
    }
}

/// Tells one state of the roster from another, whatever the order of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct RosterDigest {
    pub entries: u64,
    /// Entries without an ID number.
    pub without_id: u64,
    /// Sum over the entries of hash × odd number of the unit, modulo 2^128.
    sum: [u8; 16],
}

/// The roster as it was counted: what the program knows of it, and what its database said of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct KeptRoster {
    pub digest: RosterDigest,
    /// `None` where the database says nothing.
    pub source_digest: Option<String>,
    /// What is wrong with its entries, by the position of the unit; [`NO_UNIT`] = unknown.
    pub faults: BTreeMap<u32, RecordFindings>,
}

/// Stands for a unit that the list does not have.
const NO_UNIT: u32 = u32::MAX;

impl KeptRoster {
    /// Notes what is wrong with an entry.
    pub(super) fn add_fault(&mut self, unit: Option<u32>, found: RecordFindings) {
        *self.faults.entry(unit.unwrap_or(NO_UNIT)).or_default() += found;
    }

    /// Adds what was found wrong with its entries.
    fn count(&self, tally: &mut Tally) {
        tally.findings.roster_without_id += self.digest.without_id;
        for (unit, found) in &self.faults {
            tally.add_roster_fault(Some(*unit).filter(|unit| *unit != NO_UNIT), found.clone());
        }
    }
}

/// Whether the next pull has to read everything: texts of a unit in another character set, and values that are like the
/// name of a unit without records, are no part of what is kept of a record, and a run is held for them as long as they
/// are there.
fn needs_all(tally: &Tally, units: &Units) -> bool {
    !tally.unread.texts.units().is_empty() || !misspelt_units(tally, units).is_empty()
}

impl RosterDigest {
    pub(super) fn add(&mut self, person: &Hash, unit: Option<u32>) {
        let factor = u128::from(unit.unwrap_or(NO_UNIT)) * 2 + 1;
        let sum =
            u128::from_le_bytes(self.sum).wrapping_add(u128::from_le_bytes(*person).wrapping_mul(factor));
        (self.sum, self.entries) = (sum.to_le_bytes(), self.entries + 1);
    }
}

/// The tables of a file while they are gathered.
pub(super) struct CacheBuilder {
    pub records: TableBuilder<RECORD>,
    pub own: TableBuilder<OWN>,
    pub entries: TableBuilder<ENTRY>,
    pub aging: TableBuilder<AGING>,
}

impl CacheBuilder {
    pub(super) fn new(folder: &Path) -> CacheBuilder {
        CacheBuilder {
            records: TableBuilder::new(folder),
            own: TableBuilder::new(folder),
            entries: TableBuilder::new(folder),
            aging: TableBuilder::new(folder),
        }
    }

    /// Adds a record and what it says about its person.
    pub(super) fn record(&mut self, key: &Hash, record: &KeptRecord) -> Result<()> {
        self.state(key, Some(record))?;
        if let Some(next) = record.ages.next() {
            self.aging.push(&aging_row(key, next))?;
        }
        match &record.person {
            Some(person) => {
                self.entries.push(&entry_row(person, Some(PersonEntry::Registered(record.cell()))))
            }
            None => Ok(()),
        }
    }

    /// Adds what is kept of a record alone; `None` = it was deleted.
    fn state(&mut self, key: &Hash, record: Option<&KeptRecord>) -> Result<()> {
        self.records.push(&record_row(key, record))?;
        match record.map(|record| record.own).filter(|own| !own.is_empty()) {
            Some(own) => self.own.push(&own_row(key, own)),
            None => Ok(()),
        }
    }

    /// Writes the base that all later pulls start from. `false`, and nothing, if two records share a
    /// key.
    pub(super) fn write_base(self, folder: &Path, header: CacheHeader, tally: &Tally) -> Result<bool> {
        let header = CacheHeader { records: self.records.len(), ..header };
        file::write(self, &folder.join(BASE), header, tally)
    }
}

/// What is kept, open for looking up: the base, and the changes to it.
pub(super) struct OpenCache {
    folder: PathBuf,
    base: CacheFile,
    changes: Option<CacheFile>,
    pub header: CacheHeader,
}

impl OpenCache {
    /// What is kept under this fingerprint, if anything is. Changes that cannot be read, or belong to
    /// another base, are as if they had not been made.
    pub(super) fn open(folder: &Path, fingerprint: &str) -> Option<OpenCache> {
        let base = CacheFile::open(&folder.join(BASE)).ok()?;
        let name = base.description.header.base;
        let changes = CacheFile::open(&folder.join(CHANGES)).ok();
        let changes = changes.filter(|changes| changes.description.header.base == name);
        let header = changes.as_ref().unwrap_or(&base).description.header.clone();
        let folder = folder.to_owned();
        (header.fingerprint == fingerprint).then_some(OpenCache { folder, base, changes, header })
    }

    /// The tally of all records as they are kept.
    fn tally(&self) -> Result<Tally> {
        self.changes.as_ref().unwrap_or(&self.base).tally()
    }

    /// How many more records may change before it is time to read everything again, so that a look-up
    /// and the file of changes stay small.
    pub(super) fn room(&self) -> u64 {
        let changed = self.changes.as_ref().map_or(0, |changes| changes.records.len());
        (self.base.records.len() / 8 + 1_024).saturating_sub(changed)
    }

    /// What is kept of the record with this key.
    fn record(&mut self, key: &Hash) -> Result<Option<KeptRecord>> {
        if let Some(changes) = &mut self.changes
            && !changes.records.rows(key)?.is_empty()
        {
            return changes.record(key);
        }
        self.base.record(key)
    }

    /// All that mentions a person.
    fn entries(&mut self, person: &Hash) -> Result<Vec<PersonEntry>> {
        if let Some(changes) = &mut self.changes {
            let rows = changes.entries.rows(person)?;
            if !rows.is_empty() {
                return Ok(rows.iter().filter_map(entry).collect());
            }
        }
        Ok(self.base.entries.rows(person)?.iter().filter_map(entry).collect())
    }

    /// The records of a partition, in the order of their keys.
    fn records_of(&self, partition: usize) -> Result<Vec<[u8; RECORD]>> {
        let changes = self.changes.as_ref().map(|changes| &changes.records);
        let mut rows = overlaid(&self.base.records, changes, partition)?;
        rows.retain(|row| kept_record(row).is_some());
        Ok(rows)
    }

    /// The entries of a partition, in the order of their persons.
    fn entries_of(&self, partition: usize) -> Result<Vec<[u8; ENTRY]>> {
        let changes = self.changes.as_ref().map(|changes| &changes.entries);
        let mut rows = overlaid(&self.base.entries, changes, partition)?;
        rows.retain(|row| entry(row).is_some());
        Ok(rows)
    }
}

/// The rows of a partition; those of the changes stand for all rows of their hash.
fn overlaid<const W: usize>(
    base: &CacheTable<W>,
    changes: Option<&CacheTable<W>>,
    partition: usize,
) -> Result<Vec<[u8; W]>> {
    let mut rows = base.partition(partition)?;
    let Some(changes) = changes else { return Ok(rows) };
    let changes = changes.partition(partition)?;
    let changed: HashSet<Hash> = changes.iter().map(hash_of).collect();
    rows.retain(|row| !changed.contains(&hash_of(row)));
    rows.extend(changes);
    rows.sort_unstable();
    Ok(rows)
}
