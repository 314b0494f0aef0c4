//! Incremental pulls: only records that changed are read; what is kept of the others is in `kept`.
//!
//! Exact as long as every insert and update stamps `updated_at`. Deletions are found by the number of
//! records (unless the office says that there are none), which is known beforehand from what is kept and
//! what was inserted: where the register has fewer, the keys of all its records are read once and decide.
//! Whatever does not add up ends in a full pull. Not detectable is a record that is inserted with an old
//! `updated_at` while another is deleted.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::pull::beside;
use super::pull_cache::cache_writer::{CacheWriter, CachedRoster, FullPull};
use super::pull_cache::change_reader::ChangeReader;
use super::pull_cache::table::{HASH, TableBuilder};
use super::pull_cache::{CacheDelta, MergedState, OpenCache};
use super::{Engine, Progress, RunError};
use crate::config::settings::Secret;
use crate::digest::sha256_of_texts;
use crate::indicator::exceptions::ProvenExceptions;
use crate::indicator::own::OwnReader;
use crate::indicator::record_flags::RecordEvaluator;
use crate::indicator::record_reading::Reader;
use crate::indicator::tally::Tally;
use crate::indicator::tallying::{Tallier, TallyError};
use crate::register::batch::RegisterBatch;
use crate::register::date::number_of;
use crate::register::unit::Units;
use crate::source::{ChangeCounts, Source, SourceError};
use crate::store::pull_mode::{FullPullReason, PullMode};

/// Changes when what is kept must not be used by a newer program.
const FORMAT: &str = "7";

impl Engine {
    pub(super) async fn tally_incrementally(
        &self,
        secret: &Secret,
        mut source: Source<'_>,
        (units, exceptions): (Arc<Units>, &Option<Arc<ProvenExceptions>>),
        (cut_off, now): (Date, Timestamp),
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<(Tally, PullMode), RunError> {
        let writer = Arc::new(self.cache_writer(secret, units.clone(), cut_off));
        progress(Progress::Expected(source.estimate().await));
        let tally = match self.apply_changes(&mut source, &writer, now, &mut progress).await? {
            Ok(tally) => (tally, PullMode::Changes),
            Err(reason) => {
                match reason {
                    FullPullReason::UntimedChanges | FullPullReason::Damaged => {
                        tracing::warn!("everything is read: {reason}");
                    }
                    _ => tracing::info!("everything is read: {reason}"),
                }
                let source_digest = source.roster_digest().await?;
                let tallier = || self.tallier(&units, cut_off, 2).with_exceptions(exceptions.clone());
                let mut listed = tallier();
                let mut roster = CachedRoster::new(source_digest, &self.settings.state_dir);
                let add = |position: usize, unit: Option<&[u8]>, number: Option<&[u8]>| {
                    listed.add_roster(position, unit, number);
                    roster.add(&writer, unit.unwrap_or_default(), number);
                };
                source.rosters(add).await?;
                source.references(|list, entry| listed.add_entry(list, entry)).await?;
                let full = FullPull::new(tallier(), writer, roster, &self.settings.state_dir);
                let tally = self.read_all(&mut source, full, listed, now, &mut progress).await?;
                (tally, PullMode::Everything(reason))
            }
        };
        progress(Progress::Done);
        Ok(tally)
    }

    fn cache_writer(&self, secret: &Secret, units: Arc<Units>, cut_off: Date) -> CacheWriter {
        let (indicators, cut_off) = (&self.settings.indicators, number_of(cut_off));
        let readers = (Reader::new(indicators), OwnReader::new(indicators, cut_off));
        let fingerprint = self.fingerprint(&units);
        CacheWriter::new(secret.expose().as_bytes(), readers, units, cut_off, fingerprint)
    }

    /// Everything that what is kept depends on besides register and key: more than it strictly does, so
    /// that nothing can be forgotten.
    fn fingerprint(&self, units: &Units) -> String {
        let settings = &self.settings;
        // Codes of units that have ended lead to others on other days, and whose unit a person is found
        // under depends on the tree.
        let mut codes: Vec<(&str, u32, Option<u32>)> =
            units.codes().map(|(code, unit)| (code, unit, units.parent(unit))).collect();
        codes.sort_unstable();
        let spellings: Vec<_> = units.spellings().collect();
        sha256_of_texts([
            FORMAT,
            env!("CARGO_PKG_VERSION"),
            &settings.source.url.to_string(),
            &format!("{:?}", settings.source.register),
            &format!("{:?}", settings.indicators),
            &format!("{:?}", settings.campaign.time_zone),
            &settings.campaign.issuer,
            &format!("{codes:?}"),
            &format!("{spellings:?}"),
        ])
    }

    /// What is kept, with the changes since, or why everything must be read.
    async fn apply_changes(
        &self,
        source: &mut Source<'_>,
        writer: &Arc<CacheWriter>,
        now: Timestamp,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<Result<Tally, FullPullReason>, RunError> {
        if self.settings.source.exceptions.is_some() {
            return Ok(Err(FullPullReason::ProvenExceptions));
        }
        if self.settings.indicators.has_set_relations() {
            return Ok(Err(FullPullReason::ComparesRecords));
        }
        let Some(kept) = OpenCache::open(&self.settings.state_dir, &writer.fingerprint) else {
            return Ok(Err(FullPullReason::NothingKept));
        };
        if kept.header.needs_all {
            return Ok(Err(FullPullReason::FoundInUnits));
        }
        if kept.header.cut_off > writer.cut_off {
            return Ok(Err(FullPullReason::EarlierCutOff));
        }
        if kept.header.cut_off != writer.cut_off && self.settings.indicators.own_reads_cut_off() {
            return Ok(Err(FullPullReason::OtherCutOff));
        }
        let Some(mark) = kept.header.mark.clone() else { return Ok(Err(FullPullReason::NoTimes)) };
        let Some(next_mark) = source.watermark(Some(&mark), now).await? else {
            return Ok(Err(FullPullReason::NoTimes));
        };
        let Some(changes) = self.changed(source, writer, (kept, &mark), progress).await? else {
            return Ok(Err(FullPullReason::TooMuchChanged));
        };
        let Changes { mut delta, merged, counts } = changes;
        let mut merged = Some(merged);
        let records = counts.records.unwrap_or(delta.present);
        if delta.present > records {
            let Some(keys) = self.keys(source, writer).await? else {
                return Ok(Err(FullPullReason::Damaged));
            };
            let work = in_background(delta, move |delta| delta.delete_absent(keys));
            let Some((left, ())) = work.await? else { return Ok(Err(FullPullReason::Damaged)) };
            (delta, merged) = (left, None);
        }
        if delta.present != records {
            return Ok(Err(FullPullReason::UntimedChanges));
        }
        // Only a database that answers can say that its roster is the same.
        let is_same = counts.roster.is_some() && counts.roster == delta.roster().source_digest;
        let roster = if is_same { None } else { Some(self.roster(source, writer, counts.roster).await?) };
        let roster = roster.filter(|roster| roster.state != *delta.roster());
        let work = in_background(delta, move |delta| {
            if let Some(roster) = roster {
                delta.relist(roster.rows?, roster.state)?;
                merged = None;
            }
            let merged = merged.map_or_else(|| delta.merge(), Ok)?;
            Ok(delta.finish(merged, Some(next_mark)))
        });
        Ok(work.await?.map(|(_, tally)| tally).ok_or(FullPullReason::Damaged))
    }

    /// The roster as it is now.
    async fn roster(
        &self,
        source: &mut Source<'_>,
        writer: &CacheWriter,
        source_digest: Option<String>,
    ) -> Result<CachedRoster, RunError> {
        let mut roster = CachedRoster::new(source_digest, &self.settings.state_dir);
        source.rosters(|_, unit, number| roster.add(writer, unit.unwrap_or_default(), number)).await?;
        Ok(roster)
    }

    /// The records that changed since a mark; `None` if they are too many, or two of them share a key.
    ///
    /// Where a second connection can join the snapshot, the database counts there from the beginning,
    /// and otherwise once the changes are read.
    async fn changed(
        &self,
        source: &mut Source<'_>,
        writer: &Arc<CacheWriter>,
        (kept, mark): (OpenCache, &str),
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<Option<Changes>, RunError> {
        let mut sibling = source.sibling().await;
        let is_alone = sibling.is_none();
        let applying = async {
            let evaluator = RecordEvaluator::new(&self.settings.indicators);
            let delta = CacheDelta::new(kept, evaluator, writer.units.clone(), writer.cut_off);
            let reader = ChangeReader::new(writer.clone(), delta);
            let add = |reader: &mut ChangeReader, batch: &RegisterBatch| {
                reader.add(batch);
                Ok(())
            };
            let reader = self.read(source, Some(mark), reader, add, progress).await?;
            let work = tokio::task::spawn_blocking(move || reader.finish());
            let counts = if is_alone { Some(source.change_counts().await?) } else { None };
            let applied = work.await.map_err(|_| RunError::TallyStopped)?;
            Ok::<_, RunError>(unless_damaged(applied).flatten().map(|applied| (applied, counts)))
        };
        let counting = async {
            match &mut sibling {
                Some(sibling) => sibling.change_counts().await.map(Some),
                None => Ok(None),
            }
        };
        let (applied, counted) = tokio::join!(applying, counting);
        let (Some(((delta, merged), own)), counted) = (applied?, counted?) else {
            return Ok(None);
        };
        Ok(counted.or(own).map(|counts| Changes { delta, merged, counts }))
    }

    /// Reads the records that changed since a mark, all without one, while a state takes them on a thread of
    /// its own.
    async fn read<T: Send + 'static>(
        &self,
        source: &mut Source<'_>,
        since: Option<&str>,
        state: T,
        add: impl FnMut(&mut T, &RegisterBatch) -> Result<(), TallyError> + Send + 'static,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<T, RunError> {
        let (batches, working) = beside(state, add);
        let reading = source.changed(since, &self.settings.campaign.time_zone, |batch| {
            progress(Progress::Read(batch.rows() as u64));
            batches.send(batch).map_err(|_| SourceError::Damaged("the tally has stopped"))
        });
        let read = reading.await;
        drop(batches);
        // If the tally failed, that is the reason why reading stopped.
        let state = working.await.map_err(|_| RunError::TallyStopped)??;
        read?;
        Ok(state)
    }

    /// The keys of all records, hashed; `None` if there is no room for them.
    async fn keys(
        &self,
        source: &mut Source<'_>,
        writer: &CacheWriter,
    ) -> Result<Option<TableBuilder<HASH>>, RunError> {
        let mut keys = Ok(TableBuilder::new(&self.settings.state_dir));
        source
            .keys(|key| {
                let pushed = keys
                    .as_mut()
                    .map_or(Ok(()), |keys: &mut TableBuilder<HASH>| keys.push(&writer.hash(key)));
                if let Err(error) = pushed {
                    keys = Err(error);
                }
            })
            .await?;
        Ok(keys.inspect_err(|error| tracing::warn!("cannot compare the keys: {error}")).ok())
    }

    /// A full pull that keeps what it reads.
    async fn read_all(
        &self,
        source: &mut Source<'_>,
        full: FullPull,
        listed: Tallier,
        now: Timestamp,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<Tally, RunError> {
        let mark = source.watermark(None, now).await?;
        let full = self.read(source, None, full, FullPull::add, progress).await?;
        let folder = self.settings.state_dir.clone();
        let tally = tokio::task::spawn_blocking(move || full.finish(listed, mark, &folder)).await;
        Ok(tally.map_err(|_| RunError::TallyStopped)?.map_err(SourceError::Tally)?)
    }
}

/// How the register has changed since the cache was written.
struct Changes {
    delta: CacheDelta,
    /// What it comes to if nothing was deleted and the roster is the same.
    merged: MergedState,
    counts: ChangeCounts,
}

/// Works on a delta next to the reading. `None`, with a warning, if what is kept cannot be read.
async fn in_background<T: Send + 'static>(
    mut delta: CacheDelta,
    work: impl FnOnce(&mut CacheDelta) -> std::io::Result<T> + Send + 'static,
) -> Result<Option<(CacheDelta, T)>, RunError> {
    let work = tokio::task::spawn_blocking(move || work(&mut delta).map(|done| (delta, done)));
    Ok(unless_damaged(work.await.map_err(|_| RunError::TallyStopped)?))
}

/// What could be read of what is kept; a warning otherwise.
fn unless_damaged<T>(read: std::io::Result<T>) -> Option<T> {
    read.inspect_err(|error| tracing::warn!("{error}; everything is read again")).ok()
}
