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

/// Fills due slots until `stop` ends. A failing report is logged and tried again at the next knock of
/// its own slot; it stops neither the daemon nor the others.
pub async fn serve(
    engine: &Engine,
    store: &Store,
    clock: Clock,
    stop: impl Future<Output = ()>,
) -> Result<(), String> {
    let knock = Arc::new(Notify::new());
    let mut waker =
        waker(knock.clone()).await.map_err(|error| format!("cannot start the scheduler: {error}"))?;
    let mut since = clock.now();
    info!(reports = scheduled(engine).count(), "the daemon is up");
    catch_up(engine, store, clock, since).await;
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            () = knock.notified() => {
                let now = clock.now();
                // A clock set back fires nothing again: the store has the slots.
                if now > since {
                    fire_due(engine, store, clock, since, now).await;
                    since = now;
                }
            }
        }
    }
    info!("the daemon ends");
    waker.shutdown().await.map_err(|error| format!("cannot stop the scheduler: {error}"))
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

/// Slots missed while the daemon was off, since each report's last recorded one.
async fn catch_up(engine: &Engine, store: &Store, clock: Clock, now: Timestamp) {
    for (report, schedule) in scheduled(engine) {
        let last = match store.last_slot(&report.name).await {
            Ok(Some(last)) => last,
            Ok(None) => continue,
            Err(problem) => {
                error!(report = report.name, "cannot read the last slot: {problem}");
                continue;
            }
        };
        let mut missed = slots(engine, report, schedule, last, now);
        match report.catch_up {
            CatchUp::All => {}
            CatchUp::Latest => missed = missed.split_off(missed.len().saturating_sub(1)),
            CatchUp::Skip => missed.clear(),
        }
        for slot in missed {
            info!(report = report.name, slot = %slot.nominal, "catching up");
            fill(engine, store, clock, report, slot).await;
        }
    }
}

async fn fire_due(engine: &Engine, store: &Store, clock: Clock, after: Timestamp, until: Timestamp) {
    for (report, schedule) in scheduled(engine) {
        for slot in slots(engine, report, schedule, after, until) {
            fill(engine, store, clock, report, slot).await;
        }
    }
}

/// Runs a report for a slot and sends its mails.
async fn fill(engine: &Engine, store: &Store, clock: Clock, report: &Report, slot: Slot) {
    match fill_slot(engine, store, clock, report, slot).await {
        Ok(Some(run)) => info!(report = report.name, slot = %slot.nominal, run, "recorded"),
        Ok(None) => info!(report = report.name, slot = %slot.nominal, "has its run already"),
        Err(problem) => error!(report = report.name, slot = %slot.nominal, "failed: {problem}"),
    }
    if let Some(transport) = pipeline::transport(&engine.settings) {
        match pipeline::dispatch(engine, store, &transport, None, clock).await {
            Ok(sent) => sent.problems.iter().for_each(|problem| warn!("mail: {problem}")),
            Err(problem) => error!("mail: {problem}"),
        }
    }
}

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
