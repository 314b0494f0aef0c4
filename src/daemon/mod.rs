//! What wakes the pipeline on schedule: tokio-cron-scheduler knocks, slots decide.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler};
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::config::settings::{CatchUp, Report};
use crate::pipeline::{self, Engine, Request, RunError};
use crate::schedule::period::Period;
use crate::schedule::slot::{Slot, pattern, slots_between};
use crate::store::{Store, StoreError};

/// Every second: slots are found by comparing instants, so a late or doubled knock does no harm.
const KNOCK: &str = "* * * * * *";

/// First and longest wait before something that failed is tried again, in seconds.
const FIRST_WAIT: i64 = 60;
const LONGEST_WAIT: i64 = 3_600;

/// Fills due slots until `stop` ends. What fails is logged, stays open and is tried again with
/// growing waits; it stops neither the daemon nor the other reports.
pub async fn serve(
    engine: &Engine,
    store: &Store,
    clock: Clock,
    stop: impl Future<Output = ()>,
) -> Result<(), String> {
    let knock = Arc::new(Notify::new());
    let mut waker =
        waker(knock.clone()).await.map_err(|error| format!("cannot start the scheduler: {error}"))?;
    let mut service = Service { engine, store, clock, open: Vec::new(), mail: Retry::new(clock.now()) };
    let mut since = clock.now();
    info!(reports = scheduled(engine).count(), "the daemon is up");
    service.catch_up(since).await;
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            () = knock.notified() => {
                let now = clock.now();
                // A clock set back fires nothing again: the store has the slots.
                if now > since {
                    service.fire_due(since, now).await;
                    since = now;
                }
                service.retry(now).await;
            }
        }
    }
    info!("the daemon ends");
    waker.shutdown().await.map_err(|error| format!("cannot stop the scheduler: {error}"))
}

/// When something is tried again.
#[derive(Debug, Clone, Copy)]
struct Retry {
    at: Timestamp,
    wait: i64,
}

impl Retry {
    fn new(now: Timestamp) -> Retry {
        Retry { at: now, wait: FIRST_WAIT }
    }

    fn put_off(&mut self, now: Timestamp) {
        self.at = now.checked_add(jiff::SignedDuration::from_secs(self.wait)).unwrap_or(now);
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
    }
}

/// The running daemon: what it works with, and what is still open.
struct Service<'a> {
    engine: &'a Engine,
    store: &'a Store,
    clock: Clock,
    /// Slots that failed.
    open: Vec<(&'a Report, Slot, Retry)>,
    mail: Retry,
}

impl<'a> Service<'a> {
    /// Slots missed while the daemon was off, since each report's last recorded one.
    async fn catch_up(&mut self, now: Timestamp) {
        for (report, schedule) in scheduled(self.engine) {
            let last = match self.store.last_slot(&report.name).await {
                Ok(Some(last)) => last,
                Ok(None) => continue,
                Err(problem) => {
                    error!(report = report.name, "cannot read the last slot: {problem}");
                    continue;
                }
            };
            let mut missed = slots(self.engine, report, schedule, last, now);
            match report.catch_up {
                CatchUp::All => {}
                CatchUp::Latest => missed = missed.split_off(missed.len().saturating_sub(1)),
                CatchUp::Skip => missed.clear(),
            }
            for slot in missed {
                info!(report = report.name, slot = %slot.nominal, "catching up");
                self.fill(report, slot, Retry::new(now)).await;
            }
        }
    }

    async fn fire_due(&mut self, after: Timestamp, until: Timestamp) {
        for (report, schedule) in scheduled(self.engine) {
            for slot in slots(self.engine, report, schedule, after, until) {
                self.fill(report, slot, Retry::new(until)).await;
            }
        }
    }

    /// Tries open slots and waiting mails again when their time has come.
    async fn retry(&mut self, now: Timestamp) {
        let (due, later) =
            std::mem::take(&mut self.open).into_iter().partition(|(_, _, retry)| retry.at <= now);
        self.open = later;
        let due: Vec<(&'a Report, Slot, Retry)> = due;
        for (report, slot, retry) in due {
            self.fill(report, slot, retry).await;
        }
        if self.mail.at <= now {
            self.send(now).await;
        }
    }

    /// Runs a report for a slot and sends its mails; a failed slot stays open.
    async fn fill(&mut self, report: &'a Report, slot: Slot, mut retry: Retry) {
        match fill_slot(self.engine, self.store, self.clock, report, slot).await {
            Ok(Some(run)) => info!(report = report.name, slot = %slot.nominal, run, "recorded"),
            Ok(None) => info!(report = report.name, slot = %slot.nominal, "has its run already"),
            Err(problem) => {
                error!(report = report.name, slot = %slot.nominal, "failed, stays open: {problem}");
                retry.put_off(self.clock.now());
                self.open.push((report, slot, retry));
                return;
            }
        }
        self.mail = Retry::new(self.clock.now());
        self.send(self.clock.now()).await;
    }

    /// Sends what waits in the outbox; what then still waits is put off.
    async fn send(&mut self, now: Timestamp) {
        let Some(transport) = pipeline::transport(&self.engine.settings) else { return };
        match pipeline::dispatch(self.engine, self.store, &transport, None, self.clock).await {
            Ok(sent) => {
                sent.problems.iter().for_each(|problem| warn!("mail: {problem}"));
                if sent.summary.waiting == 0 {
                    self.mail = Retry::new(now);
                }
            }
            Err(problem) => error!("mail: {problem}"),
        }
        self.mail.put_off(now);
    }
}

/// SIGTERM or SIGINT.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

async fn waker(knock: Arc<Notify>) -> Result<JobScheduler, tokio_cron_scheduler::JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let job = Job::new(KNOCK, move |_, _| knock.notify_one())?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

fn scheduled(engine: &Engine) -> impl Iterator<Item = (&Report, &str)> {
    let reports = engine.settings.reports.values();
    reports.filter_map(|report| report.schedule.as_deref().map(|schedule| (report, schedule)))
}

fn slots(engine: &Engine, report: &Report, schedule: &str, after: Timestamp, until: Timestamp) -> Vec<Slot> {
    match pattern(schedule) {
        Ok(pattern) => {
            slots_between(&pattern, &engine.settings.campaign.time_zone, after, until, report.active)
        }
        // Validated at the start.
        Err(_) => Vec::new(),
    }
}

/// Records a run for a slot, unless it has one.
async fn fill_slot(
    engine: &Engine,
    store: &Store,
    clock: Clock,
    report: &Report,
    slot: Slot,
) -> Result<Option<i64>, RunError> {
    if store.slot_is_recorded(&report.name, slot.instant).await? {
        return Ok(None);
    }
    let due = slot.nominal.date();
    let last_to = store.series(&report.name, due, 1).await?.first().and_then(|run| run.to.parse().ok());
    let phases = &engine.settings.campaign.phases;
    let period = Period::of(report.period, due, phases, last_to)
        .ok_or_else(|| RunError::NothingFinished { report: report.name.clone() })?;
    let request = Request {
        report: report.name.clone(),
        from: Some(period.from),
        to: Some(period.to),
        slot: Some(slot.instant),
        ..Request::default()
    };
    match engine.run(Some(store), &request, clock.now(), |_| {}).await {
        Ok(outcome) => Ok(outcome.run),
        Err(RunError::Store(StoreError::SlotTaken { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}
