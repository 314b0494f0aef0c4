//! Attempts to fill open slots: begun, ended, tried again, and given up.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tongbao_message::{Language, Message, Worded, message};
use tracing::{error, info};

use super::{Finished, Service};
use crate::daemon::slots::{self, SlotAttempt};
use crate::delivery::backoff;
use crate::memory;
use crate::pipeline::{self, RunError};
use crate::report::alert::Alert;
use crate::store::StoreError;
use crate::store::slots::{Claim, RecordedSlot};
use crate::work;

/// After this many attempts in which the process died the alert groups get a mail.
const UNFINISHED_IS_TOLD: i64 = 3;

impl Service {
    /// Looks at the open slots; those whose attempts have ended the process are not started here.
    pub(super) async fn attend_all(&mut self, token: i64, now: Timestamp) -> Result<(), RunError> {
        let mut with_earlier = BTreeSet::new();
        for slot in self.open_slots().await? {
            // The issues of a report are numbered as they are made, and compared with the one before: an earlier slot
            // comes first, also while it waits for another attempt. One that has ended the process more than once may
            // do so again, and holds up nothing.
            let is_next = match slot.unfinished {
                0 | 1 => with_earlier.insert(slot.key.schedule.clone()),
                _ => !with_earlier.contains(&slot.key.schedule),
            };
            self.handle(slot, is_next, token, now).await?;
        }
        Ok(())
    }

    /// The open slots of schedules that are not paused.
    async fn open_slots(&self) -> Result<Vec<RecordedSlot>, StoreError> {
        let paused = self.store.paused_schedules().await?;
        let mut open = self.store.open_slots().await?;
        open.retain(|slot| !paused.contains(&slot.key.schedule));
        Ok(open)
    }

    /// A slot whose attempts have ended the process comes after all others, alone.
    pub(super) async fn attend_suspect(&mut self, token: i64, now: Timestamp) -> Result<(), RunError> {
        let mut open = self.open_slots().await?;
        open.retain(|slot| slot.unfinished > 0 && slot.try_at <= now);
        if let Some(slot) = open.into_iter().min_by_key(|slot| (slot.unfinished, slot.due))
            && let Some(claim) = slot.claim(token)
        {
            self.start(claim, &slot, now).await?;
            // It may have been filled meanwhile; then nothing runs, and nobody waits for it.
            self.is_alone = !self.busy.is_empty();
        }
        Ok(())
    }

    /// Tells about an open slot that is overdue, gives it up after its deadline, or starts it if it is the next one of its
    /// report.
    async fn handle(
        &mut self,
        slot: RecordedSlot,
        is_next: bool,
        token: i64,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let Some(claim) = slot.claim(token) else { return Ok(()) };
        let daemon = &self.engine.settings.daemon;
        let report = slot.key.schedule.clone();
        let reason = slot.reason.clone().unwrap_or_default();
        if self.busy.contains_key(&report) {
            return Ok(());
        }
        // Of attempts in which the process died nothing is heard afterwards, so this is the place to end them.
        if slot.unfinished > 0 && slot.age(now) > daemon.slot_deadline {
            return self.give_up(&claim, reason, now).await;
        }
        let is_told = slot.unfinished >= UNFINISHED_IS_TOLD || slot.age(now) > daemon.overdue_after;
        if slot.attempts > 0 && !slot.overdue && is_told {
            let alert = Alert::SlotOverdue {
                report: report.clone(),
                due: slot.due,
                reason: reason.worded(Language::Chinese),
            };
            pipeline::alert(&self.engine, &self.store, &alert, now).await?;
            self.store.slot_is_overdue(&slot, &claim, now).await?;
        }
        if is_next && slot.try_at <= now && slot.unfinished == 0 && !self.is_alone {
            self.start(claim, &slot, now).await?;
        }
        Ok(())
    }

    async fn give_up(&self, claim: &Claim, reason: Message, now: Timestamp) -> Result<(), RunError> {
        let report = claim.key.schedule.clone();
        error!(report, slot = claim.key.nominal, "given up: {reason}");
        self.store.expire_slot(claim, &reason, now).await?;
        let reason = reason.worded(Language::Chinese);
        let alert = Alert::SlotExpired { report, due: claim.slot.instant, reason };
        pipeline::alert(&self.engine, &self.store, &alert, now).await?;
        Ok(())
    }

    /// Each report has a thread of its own: a panic in one ends that one alone, and while it reads
    /// files and renders pages the loop goes on. The attempt is counted
    /// before, so that one that ends the process is counted too.
    async fn start(&mut self, claim: Claim, slot: &RecordedSlot, now: Timestamp) -> Result<(), RunError> {
        let (attempts, seed) = (slot.attempts, claim.slot.instant.as_second() as u64);
        // A process that was killed once goes on at once.
        let wait = match slot.unfinished {
            0 => SignedDuration::ZERO,
            died => backoff::wait(died as u32 - 1, seed),
        };
        if !self.store.begin_attempt(&claim, now + wait, now).await? {
            return Ok(());
        }
        let clock = self.clock.carried(self.guard.believed());
        let (engine, store) = (self.engine.clone(), self.store.clone());
        self.busy.insert(claim.key.schedule.clone(), claim.clone());
        let run = claim.clone();
        let status = self.status.clone();
        self.work.spawn(async move {
            let watch = clock.clone();
            let began = watch.reading().steady;
            let filling = work::spawn(async move {
                let filled = slots::fill(&engine, &store, &clock, run).await;
                memory::release();
                filled
            });
            let result = match filling.await {
                Ok(result) => result.map_err(|error| error.message()),
                Err(_) => Err(message!("report-panicked")),
            };
            status.run_took(&claim.key.schedule, result.is_ok(), watch.reading().steady - began);
            Finished { claim, attempts, result }
        });
        Ok(())
    }

    pub(super) async fn note(
        &mut self,
        finished: Result<Finished, tokio::task::JoinError>,
    ) -> Result<(), StoreError> {
        // The outer task cannot panic; it is aborted only at the end.
        let Ok(Finished { claim, attempts, result }) = finished else { return Ok(()) };
        let (report, slot) = (claim.key.schedule.clone(), claim.key.nominal.clone());
        self.busy.remove(&report);
        self.is_alone = false;
        match result {
            Ok(SlotAttempt::By(run)) => {
                info!(report, slot, run, "recorded");
                self.copies.want();
            }
            Ok(SlotAttempt::Already) => info!(report, slot, "has its run already"),
            Ok(SlotAttempt::NothingToReport) => {
                info!(report, slot, "left out: there is no finished day to report on")
            }
            Err(problem) => match self.failed(&claim, attempts, problem).await {
                Err(RunError::Store(StoreError::LeaseLost)) => self.lose_lease(),
                Err(RunError::Store(problem)) => return Err(problem),
                Err(problem) => error!("{problem}"),
                Ok(()) => {}
            },
        }
        Ok(())
    }

    /// A slot is given up only after an attempt that failed, however late it is.
    async fn failed(&self, claim: &Claim, attempts: i64, problem: Message) -> Result<(), RunError> {
        let (now, report, slot) = (self.time(), &claim.key.schedule, &claim.key.nominal);
        if now.duration_since(claim.slot.instant) > self.engine.settings.daemon.slot_deadline {
            return self.give_up(claim, problem, now).await;
        }
        error!(report, slot, "failed, stays open: {problem}");
        let wait = backoff::wait(attempts as u32, claim.slot.instant.as_second() as u64);
        Ok(self.store.slot_failed(claim, &problem, now + wait, now).await?)
    }
}
