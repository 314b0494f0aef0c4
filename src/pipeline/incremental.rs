//! Incremental pulls: only records that changed are read, and the readings of the others are kept.
//!
//! Exact as long as every insert and update stamps `updated_at`. Deletions are found by the number of
//! records: where it differs from what is kept, the keys of all records are read once and decide.
//! Whatever does not add up ends in a full pull.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::kept::{Header, KeptReader, KeptWriter, decode, encode};
use super::{Engine, Progress, RunError};
use crate::digest::sha256_of_texts;
use crate::indicator::observation::{ReadRecord, Reader};
use crate::indicator::tally::Tally;
use crate::indicator::tallying::{self, Tallier, TallyError};
use crate::register::unit::Units;
use crate::source::{RegisterPart, Source, SourceError};

/// Changes when kept readings must not be used by a newer program.
const FORMAT: &str = "1";

/// New readings of changed records by key.
type Changes = HashMap<Vec<u8>, Vec<u8>>;

impl Engine {
    pub(super) async fn tally_incrementally(
        &self,
        mut source: Source<'_>,
        units: Arc<Units>,
        cut_off: Date,
        mut progress: impl FnMut(Progress),
    ) -> Result<Tally, RunError> {
        let mut listed = self.tallier(&units, cut_off, 2);
        source.roster(|unit, id_number| listed.add_roster(unit, id_number)).await?;
        progress(Progress::Expected(source.estimate().await));
        let mut part = source.part(None);
        let (records, mark) = part.mark().await?;
        let header = Header { fingerprint: self.fingerprint(), mark, records };
        let tallier = || self.tallier(&units, cut_off, 2);
        let registered = match self.merged(&mut part, &header, &tallier, &mut progress).await? {
            Some(registered) => registered,
            None => self.read_anew(&mut part, &header, tallier(), &mut progress).await?,
        };
        let tally = tokio::task::spawn_blocking(|| tallying::finish(vec![listed, registered]));
        let tally = tally.await.map_err(|_| RunError::TallyStopped)?.map_err(SourceError::Tally)?;
        progress(Progress::Done);
        Ok(tally)
    }

    /// Everything that a kept reading depends on besides the record.
    fn fingerprint(&self) -> String {
        let settings = &self.settings;
        let (source, accuracy) = (&settings.source, &settings.indicators.accuracy);
        let relations: Vec<&str> = accuracy.relations.iter().map(|relation| relation.key()).collect();
        sha256_of_texts([
            FORMAT,
            env!("CARGO_PKG_VERSION"),
            &source.url.to_string(),
            &format!("{:?}", source.register),
            &format!("{:?}", settings.indicators.completeness.placeholders),
            &format!("{:?} {}", accuracy.household_level, relations.join(" ")),
            &format!("{:?}", settings.campaign.time_zone),
        ])
    }

    /// A full pull that keeps what it reads.
    async fn read_anew(
        &self,
        part: &mut RegisterPart,
        header: &Header,
        mut tallier: Tallier,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Tallier, RunError> {
        let folder = &self.settings.state_dir;
        let mut writer = KeptWriter::create(folder).map_err(|error| cannot_keep(folder, error))?;
        let mut failure = None;
        let (told, mut rows) = tokio::sync::mpsc::unbounded_channel();
        {
            let reading = part.changed(None, &self.settings.campaign.time_zone, |batch| {
                // The receiver lives as long as this does.
                let _ = told.send(batch.rows() as u64);
                tallier.add_and_tell(&batch, |record| {
                    if let Err(error) = writer.push(record) {
                        failure.get_or_insert(error);
                    }
                })?;
                Ok(())
            });
            let mut reading = std::pin::pin!(reading);
            loop {
                tokio::select! {
                    read = &mut reading => break read?,
                    Some(rows) = rows.recv() => progress(Progress::Read(rows)),
                }
            }
        }
        while let Ok(rows) = rows.try_recv() {
            progress(Progress::Read(rows));
        }
        if let Some(error) = failure {
            return Err(cannot_keep(folder, error));
        }
        let header = Header { records: writer.records, ..header.clone() };
        writer.finish(&header).map_err(|error| cannot_keep(folder, error))?;
        Ok(tallier)
    }

    /// The kept readings with the changes since; `None` where a full pull must decide.
    async fn merged(
        &self,
        part: &mut RegisterPart,
        header: &Header,
        tallier: &impl Fn() -> Tallier,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Option<Tallier>, RunError> {
        let folder = self.settings.state_dir.clone();
        let Some(kept) = KeptReader::open(&folder, &header.fingerprint) else { return Ok(None) };
        let Some(mark) = &kept.header.mark else { return Ok(None) };
        let mut changes = Changes::new();
        let reader = Reader::new(&self.settings.indicators);
        part.changed(Some(mark), &self.settings.campaign.time_zone, |batch| {
            for record in batch.records() {
                let (observation, number) = reader.read(&record);
                let read = ReadRecord::of(&record, observation, &number);
                let mut bytes = Vec::new();
                encode(&mut bytes, &read, &mut Vec::new());
                changes.insert(read.key.to_vec(), bytes);
            }
            Ok(())
        })
        .await?;
        progress(Progress::Read(changes.len() as u64));
        let changes = Arc::new(changes);
        let first = Merge { folder: folder.clone(), header: header.clone(), changes, present: None };
        if let Some(merged) = first.clone().run(tallier()).await? {
            return Ok(Some(merged));
        }
        let mut present = HashSet::new();
        part.keys(|key| {
            present.insert(key.to_vec());
        })
        .await?;
        Merge { present: Some(Arc::new(present)), ..first }.run(tallier()).await
    }
}

/// One way through the kept readings.
#[derive(Clone)]
struct Merge {
    folder: PathBuf,
    header: Header,
    changes: Arc<Changes>,
    /// Keys of the records that exist, where some were deleted.
    present: Option<Arc<HashSet<Vec<u8>>>>,
}

impl Merge {
    /// Tallies and writes the new readings. `None`, and the old file left, if there are not as many
    /// records as the register has.
    async fn run(self, mut tallier: Tallier) -> Result<Option<Tallier>, RunError> {
        let work = tokio::task::spawn_blocking(move || {
            let merged = self.merge(&mut tallier).map_err(|error| cannot_keep(&self.folder, error))?;
            Ok(merged.then_some(tallier))
        });
        work.await.map_err(|_| RunError::TallyStopped)?
    }

    fn merge(&self, tallier: &mut Tallier) -> std::io::Result<bool> {
        let Some(kept) = KeptReader::open(&self.folder, &self.header.fingerprint) else { return Ok(false) };
        let mut writer = KeptWriter::create(&self.folder)?;
        let mut add = |record: &ReadRecord<'_>| {
            tallier.add_read(record).map_err(|error| match error {
                TallyError::Overflow(error) => error,
                other => std::io::Error::other(other.to_string()),
            })?;
            writer.push(record)
        };
        let is_present = |key: &[u8]| self.present.as_ref().is_none_or(|keys| keys.contains(key));
        let read = kept.each(|record| {
            let stays = !self.changes.contains_key(record.key) && is_present(record.key);
            if stays { add(record) } else { Ok(()) }
        });
        if read.is_err() {
            tracing::warn!("the kept readings of the register are damaged; everything is read again");
            return Ok(false);
        }
        for bytes in self.changes.values() {
            if let Some(record) = decode(&mut bytes.as_slice(), &mut &b""[..]) {
                add(&record)?;
            }
        }
        if writer.records != self.header.records {
            return Ok(false);
        }
        writer.finish(&self.header)?;
        Ok(true)
    }
}

fn cannot_keep(folder: &Path, source: std::io::Error) -> RunError {
    RunError::Output { path: folder.display().to_string(), source }
}
