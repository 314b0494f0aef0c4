//! The pull: the register read once, in one snapshot, and reduced to tallies while it is read.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use super::input_files::Used;
use super::source_findings::head_count_findings;
use super::{Engine, Progress, RunError, spill};
use crate::config::settings::{Compute, Settings};
use crate::indicator::correction::{CorrectionLists, Lister};
use crate::indicator::exceptions::{ExceptionList, ProvenExceptions};
use crate::indicator::tally::Tally;
use crate::indicator::tallying::{self, Tallier, TallyError};
use crate::indicator::unread::SourceFindings;
use crate::memory;
use crate::ranking::snapshot::Snapshot;
use crate::register::batch::RegisterBatch;
use crate::register::unit::Units;
use crate::source::{RegisterPart, Source, SourceError};
use crate::store::input_files::Input;
use crate::store::pull_mode::PullMode;
use crate::work::{self, Work};

/// Work next to the pull that a source can end.
type Running<T> = JoinHandle<Result<T, SourceError>>;

/// Batches that may wait for a tallier.
const WAITING: usize = 2;

/// What a pull brings.
pub(super) struct Pulled {
    pub snapshot: Snapshot,
    pub corrections: CorrectionLists,
    /// The files that register, units, roster and baseline were read from.
    pub inputs: Vec<Input>,
    /// How the register was read, where the source is incremental.
    pub mode: Option<PullMode>,
}

impl Engine {
    /// Reads the database once, in one snapshot, and keeps nothing but tallies.
    pub async fn pull(
        &self,
        cut_off: Date,
        now: Timestamp,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Snapshot, RunError> {
        Ok(self.pull_listing(cut_off, now, &[], &Used::new(), progress).await?.snapshot)
    }

    /// The same, with the correction lists of the units with these codes, and without the dropped files
    /// whose contents have been used.
    pub(super) async fn pull_listing(
        &self,
        cut_off: Date,
        now: Timestamp,
        listed: &[String],
        used: &Used,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Pulled, RunError> {
        self.has_code_lists()?;
        let mut source = Source::open_new(&self.settings.source, used).await?;
        source.count_on(cut_off);
        let excluded = source.excluded();
        let (left_out, merged_numbers) = (source.left_out(), source.merged_numbers());
        let inputs = source.inputs().await?;
        let inputs = inputs.into_iter().map(|(name, sha256)| Input { name, sha256 }).collect();
        let units = source.units().await?;
        if units.is_empty() {
            return Err(SourceError::NoUnits.into());
        }
        let units = Units::at(units, cut_off)
            .and_then(|units| units.with_aliases(&self.settings.source.units.aliases))
            .map_err(SourceError::Units)?
            .within_town(&self.settings.campaign.issuer);
        let units = Arc::new(units);
        if let Some(there) = self.settings.ranking.lacks_units(&units) {
            return Err(SourceError::NoUnitsOfLevel(there).into());
        }
        if let Some((kind, there)) = self.settings.indicators.kind_without_units(&units) {
            return Err(SourceError::no_units_of_kind(kind, there).into());
        }
        let head_counts = units.by_code(source.baseline().await?);
        let baseline = head_counts.iter().map(|(code, (sum, _))| (code.clone(), *sum)).collect();
        let partly_shown = source.partly_shown().await;
        let first_texts = match self.reads_every_record() {
            true => None,
            false => Some(source.first_texts().await?),
        };
        source.count_excluded().await?;
        let exceptions = self.exceptions(&mut source, cut_off).await?;
        let corrections = self.corrections(&mut source, (&units, &exceptions), cut_off, listed).await?;
        let secret = self.settings.source.incremental.as_ref();
        let (mut tally, mode) = match (self.settings.source.compute, secret) {
            (Compute::Engine, Some(secret)) => {
                let days = (cut_off, now);
                let (tally, mode) = self
                    .tally_incrementally(secret, source, (units.clone(), &exceptions), days, progress)
                    .await?;
                (tally, Some(mode))
            }
            (Compute::Engine, None) => {
                (self.tally(source, (units.clone(), &exceptions), cut_off, progress).await?, None)
            }
            (Compute::Database, _) => {
                let zone = &self.settings.campaign.time_zone;
                (source.count(&units, &self.settings.indicators, cut_off, zone).await?, None)
            }
        };
        // The figures of many units would come on top of what reading has freed.
        memory::release();
        if let Some(exceptions) = &exceptions {
            tally.findings.exceptions = exceptions.listed;
            tally.findings.unusable_exceptions = exceptions.unusable;
            tally.findings.ended_exceptions = exceptions.expired;
        }
        let texts = first_texts.as_ref().unwrap_or(&tally.unread.texts);
        tally.unread.source = Box::new(SourceFindings {
            partly_shown,
            totals: left_out.counts(),
            excluded: excluded.counts(),
            merged_numbers: merged_numbers.counts(),
            head_counts: head_count_findings(&head_counts, &units),
            ..self.source_findings(&tally, &units, texts, now)
        });
        let snapshot = Snapshot { units: Arc::unwrap_or_clone(units), tally, baseline, pulled_at: now };
        Ok(Pulled { snapshot, corrections, inputs, mode })
    }

    /// Whether each pull reads all records, and neither the changed ones alone nor what the database counted.
    fn reads_every_record(&self) -> bool {
        self.settings.source.compute == Compute::Engine && self.settings.source.incremental.is_none()
    }

    /// The proven exceptions that count on a day, where there is a list of them.
    async fn exceptions(
        &self,
        source: &mut Source<'_>,
        cut_off: Date,
    ) -> Result<Option<Arc<ProvenExceptions>>, RunError> {
        let Some(mut list) = ExceptionList::new(&self.settings.indicators, cut_off) else {
            return Ok(None);
        };
        source.exceptions(|row| list.add(row)).await?;
        let exceptions = list.finish();
        if exceptions.is_too_long() {
            return Err(RunError::TooManyExceptions { listed: exceptions.listed });
        }
        Ok(Some(Arc::new(exceptions)))
    }

    /// A pass of its own within the snapshot, and only where somebody gets a list.
    async fn corrections(
        &self,
        source: &mut Source<'_>,
        (units, exceptions): (&Arc<Units>, &Option<Arc<ProvenExceptions>>),
        cut_off: Date,
        listed: &[String],
    ) -> Result<CorrectionLists, RunError> {
        if listed.is_empty() {
            return Ok(CorrectionLists::new());
        }
        let Settings { indicators, corrections, campaign, .. } = &self.settings;
        let limit = spill::limit(self.settings.state_dir.clone(), 1);
        let lister = Lister::new(units.clone(), indicators, cut_off, *corrections, listed, Some(limit));
        let mut lister = lister.with_exceptions(exceptions.clone());
        if lister.reads_twice() {
            source.references(|list, entry| lister.add_entry(list, entry)).await?;
            source.keyed(&campaign.time_zone, |batch| lister.gather(batch)).await?;
            let decided = lister.decide(&indicators.definitions);
            decided.map_err(|error| SourceError::Tally(TallyError::Overflow(error)))?;
        }
        source.keyed(&campaign.time_zone, |batch| lister.add(batch)).await?;
        Ok(lister.finish())
    }

    /// Each part of the register is read on a thread of its own, and tallied on another.
    async fn tally(
        &self,
        mut source: Source<'_>,
        (units, exceptions): (Arc<Units>, &Option<Arc<ProvenExceptions>>),
        cut_off: Date,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Tally, RunError> {
        let tallier = || {
            let tallier = self.tallier(&units, cut_off, self.settings.source.connections);
            tallier.with_exceptions(exceptions.clone())
        };
        let mut first = tallier();
        source.rosters(|roster, unit, number| first.add_roster(roster, unit, number)).await?;
        source.references(|list, entry| first.add_entry(list, entry)).await?;
        progress(Progress::Expected(source.estimate().await));
        let parts = source.parts().await?;
        let talliers = std::iter::once(first).chain(std::iter::repeat_with(tallier));
        let (read, mut rows) = tokio::sync::mpsc::unbounded_channel();
        let running: Vec<_> = parts
            .into_iter()
            .zip(talliers)
            .map(|(part, tallier)| self.start(part, tallier, read.clone()))
            .collect();
        drop(read);
        while let Some(rows) = rows.recv().await {
            progress(Progress::Read(rows));
        }
        let mut talliers = Vec::new();
        for (reading, tallying) in running {
            // If the tally failed, that is the reason why reading stopped.
            talliers.push(tallying.await.map_err(|_| RunError::TallyStopped)??);
            reading.await.map_err(|_| RunError::TallyStopped)??;
        }
        let tally = tokio::task::spawn_blocking(|| tallying::finish_releasing(talliers, memory::release));
        let tally = tally.await.map_err(|_| RunError::TallyStopped)?.map_err(SourceError::Tally)?;
        progress(Progress::Done);
        Ok(tally)
    }

    /// A tallier, one of `count` that share the memory for persons.
    pub(super) fn tallier(&self, units: &Arc<Units>, cut_off: Date, count: usize) -> Tallier {
        let limit = spill::limit(self.settings.state_dir.clone(), count);
        let tallier = Tallier::new(units.clone(), &self.settings.indicators, cut_off, Some(limit));
        tallier.with_set_limit(spill::limit(self.settings.state_dir.clone(), count))
    }

    fn start(
        &self,
        part: RegisterPart,
        tallier: Tallier,
        read: UnboundedSender<u64>,
    ) -> (Work<Result<(), SourceError>>, Running<Tallier>) {
        let (batches, tallying) = beside(tallier, Tallier::add);
        let zone = self.settings.campaign.time_zone.clone();
        let reading = work::spawn(async move {
            part.read(&zone, |batch| {
                // Nobody listens any more when the run was given up.
                let _ = read.send(batch.rows() as u64);
                batches.send(batch).map_err(|_| SourceError::Damaged("the tally has stopped"))
            })
            .await
        });
        (reading, tallying)
    }
}

/// Works on a thread of its own while the next batch is read. The reader waits where its batches are not
/// taken fast enough, so it needs a thread of its own too, see [`work`].
pub(super) fn beside<T: Send + 'static>(
    mut state: T,
    mut add: impl FnMut(&mut T, &RegisterBatch) -> Result<(), TallyError> + Send + 'static,
) -> (SyncSender<RegisterBatch>, Running<T>) {
    let (sender, receiver) = sync_channel::<RegisterBatch>(WAITING);
    let work = tokio::task::spawn_blocking(move || {
        for batch in receiver {
            add(&mut state, &batch)?;
        }
        Ok(state)
    });
    (sender, work)
}
