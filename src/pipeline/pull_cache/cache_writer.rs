//! From what is read to what is kept: records and roster hashed, and a full pull that keeps both.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::keyed::Keyed;
use super::rows::{ENTRY, KeptRecord, PersonEntry, entry_row};
use super::table::{Hash, TableBuilder};
use super::{CacheBuilder, CacheHeader, KeptRoster, needs_all};
use crate::indicator::own::OwnReader;
use crate::indicator::record_reading::{ReadRecord, Reader};
use crate::indicator::tally::Tally;
use crate::indicator::tallying::{self, Tallier, TallyError, position};
use crate::register::batch::RegisterBatch;
use crate::register::date::DateNumber;
use crate::register::unit::Units;

/// Turns records into what is kept of them.
pub(crate) struct CacheWriter {
    pub reader: Reader,
    /// Of the own definitions, where any is in use.
    pub own: Option<OwnReader>,
    pub cut_off: DateNumber,
    /// What is kept under another fingerprint is of no use.
    pub fingerprint: String,
    keyed: Keyed,
    pub units: Arc<Units>,
}

impl CacheWriter {
    /// The fingerprint is completed by the key.
    pub(crate) fn new(
        secret: &[u8],
        (reader, own): (Reader, Option<OwnReader>),
        units: Arc<Units>,
        cut_off: DateNumber,
        fingerprint: String,
    ) -> CacheWriter {
        let keyed = Keyed::new(secret);
        let fingerprint = format!("{fingerprint} {:032x}", u128::from_be_bytes(keyed.name()));
        CacheWriter { reader, own, cut_off, fingerprint, keyed, units }
    }

    /// What stands for a record key.
    pub(crate) fn hash(&self, key: &[u8]) -> Hash {
        self.keyed.record(key)
    }

    pub(crate) fn kept(&self, read: &ReadRecord<'_>) -> (Hash, KeptRecord) {
        let record = KeptRecord {
            person: (!read.number.is_empty()).then(|| self.keyed.person(read.number)),
            unit: position(&self.units, read.unit),
            day: read.day,
            ages: read.reading.age_schedule(self.cut_off),
            own: read.own.unwrap_or_default(),
        };
        (self.hash(read.key), record)
    }
}

/// The roster as it is now.
pub(crate) struct CachedRoster {
    pub state: KeptRoster,
    /// Its entries.
    pub rows: io::Result<TableBuilder<ENTRY>>,
}

impl CachedRoster {
    pub(crate) fn new(source_digest: Option<String>, folder: &Path) -> CachedRoster {
        let state = KeptRoster { source_digest, ..KeptRoster::default() };
        CachedRoster { state, rows: Ok(TableBuilder::new(folder)) }
    }

    /// Adds an entry as it is written.
    pub(crate) fn add(&mut self, writer: &CacheWriter, unit: &[u8], written: Option<&[u8]>) {
        let number = writer.reader.listed(written);
        if number.is_empty() {
            self.state.digest.without_id += 1;
            return;
        }
        let (person, unit) = (writer.keyed.person(&number), position(&writer.units, unit));
        if let Some(fault) = writer.reader.listed_fault(written, &number) {
            self.state.add_fault(unit, fault.findings(1));
        }
        self.state.digest.add(&person, unit);
        if let Ok(rows) = &mut self.rows
            && let Err(error) = rows.push(&entry_row(&person, Some(PersonEntry::Listed(unit))))
        {
            self.rows = Err(error);
        }
    }
}

/// A pull that reads everything, tallies it, and keeps what the next pull needs. Whatever hinders the
/// keeping does not touch the tally.
pub(crate) struct FullPull {
    tallier: Tallier,
    writer: Arc<CacheWriter>,
    builder: io::Result<CacheBuilder>,
    roster: KeptRoster,
}

impl FullPull {
    pub(crate) fn new(
        tallier: Tallier,
        writer: Arc<CacheWriter>,
        roster: CachedRoster,
        folder: &Path,
    ) -> FullPull {
        let builder = roster.rows.map(|entries| CacheBuilder { entries, ..CacheBuilder::new(folder) });
        FullPull { tallier, writer, builder, roster: roster.state }
    }

    pub(crate) fn add(&mut self, batch: &RegisterBatch) -> Result<(), TallyError> {
        let FullPull { tallier, writer, builder, .. } = self;
        tallier.add_and_tell(batch, |read| {
            let Ok(tables) = builder else { return };
            let (key, record) = writer.kept(read);
            if let Err(error) = tables.record(&key, &record) {
                *builder = Err(error);
            }
        })
    }

    /// The tally, once everything was added; `listed` has the roster.
    pub(crate) fn finish(
        self,
        listed: Tallier,
        mark: Option<String>,
        folder: &Path,
    ) -> Result<Tally, TallyError> {
        let tally = tallying::finish(vec![listed, self.tallier])?;
        let kept = self.builder.and_then(|builder| {
            let (fingerprint, cut_off) = (self.writer.fingerprint.clone(), self.writer.cut_off);
            let header = CacheHeader {
                needs_all: needs_all(&tally, &self.writer.units),
                ..CacheHeader::new(fingerprint, mark, cut_off, self.roster)?
            };
            builder.write_base(folder, header, &tally)
        });
        match kept {
            Ok(true) => {}
            Ok(false) => tracing::warn!(
                "two records share a key (source.register.key), so that changes cannot be followed; every pull reads everything"
            ),
            Err(error) => tracing::warn!("cannot keep what was read of the register: {error}"),
        }
        Ok(tally)
    }
}
