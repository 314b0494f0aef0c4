//! Finds due slots and fills one.

use jiff::Timestamp;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::config::settings::{Report, Settings};
use crate::fault;
use crate::pipeline::{self, Engine, Outcome, Request, RunError};
use crate::report::alert::Alert;
use crate::schedule::catch_up::decide;
use crate::schedule::period::Period;
use crate::schedule::plan::{Plan, Round};
use crate::schedule::rule::Rule;
use crate::store::runs::Run;
use crate::store::slots::{Claim, Policy};
use crate::store::{Store, StoreError};

/// The reports that run on schedule, with their rules.
pub fn scheduled(settings: &Settings) -> impl Iterator<Item = (&Report, &Rule)> {
    settings.reports.values().filter_map(|report| report.schedule.as_ref().map(|rule| (report, rule)))
}

/// All that decides when a report is due. For an acceptance that depends on its last round.
pub async fn plan<'a>(
    settings: &'a Settings,
    store: &Store,
    report: &'a Report,
    rule: &'a Rule,
) -> Result<Plan<'a>, StoreError> {
    let last = match rule {
        Rule::CampaignEnd(_) => store.last_released(&report.name).await?,
        Rule::Cron { .. } => None,
    };
    Ok(Plan {
        rule,
        zone: &settings.campaign.time_zone,
        active: report.active.as_deref(),
        campaign_end: settings.campaign.phases.last().map(|phase| phase.to),
        last_round: last.map(|run| round(report, &run)).transpose()?,
    })
}

fn round(report: &Report, run: &Run) -> Result<Round, StoreError> {
    Ok(Round {
        cut_off: run.period()?.to,
        accepted: run.verdict.as_deref() == Some("accepted"),
        rectify_within_days: report.rectify_within_days,
    })
}

/// Puts on record what has fallen due since a schedule was last looked at.
pub async fn observe(
    settings: &Settings,
    store: &Store,
    report: &Report,
    rule: &Rule,
    now: Timestamp,
    token: i64,
) -> Result<(), StoreError> {
    let zone = &settings.campaign.time_zone_name;
    let text = format!("{rule} {zone}");
    let until = match store.observed(&report.name).await? {
        Some(observed) if observed.rule == text => observed.until,
        known => {
            if known.is_some() {
                info!(report = report.name, rule = text, "the schedule has changed and starts anew from now");
            }
            return store.observe_from(&report.name, &text, now, token).await;
        }
    };
    if now <= until {
        // A clock set back fires nothing again.
        return Ok(());
    }
    // Slots beyond the catch-up window need not be listed one by one; a minutely schedule after a
    // year's pause would have half a million.
    let window = now.checked_sub(report.missed.within + LISTED_BEYOND).unwrap_or(Timestamp::MIN);
    let slots = plan(settings, store, report, rule).await?.between(until.max(window), now);
    if slots.is_empty() && now.duration_since(until) < MOVE_ON_EVERY {
        return Ok(());
    }
    let fates = decide(&slots, now, report.missed);
    for (slot, skip) in &fates {
        match skip {
            Some(skip) => {
                warn!(report = report.name, slot = %slot.nominal, reason = skip.key(), "slot left out");
            }
            None => info!(report = report.name, slot = %slot.nominal, "slot due"),
        }
    }
    let policy = Policy { missed: report.missed, overlap: report.overlap };
    store.observe(&report.name, zone, &fates, policy, now, token).await
}

/// Slots this much older than the catch-up window are still listed as left out.
const LISTED_BEYOND: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 7);

/// How often a schedule without due slots is moved on, so as not to write every second.
const MOVE_ON_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// Runs the report of a slot and records it. `None` = somebody else has filled it.
pub async fn fill(
    engine: &Engine,
    store: &Store,
    clock: &Clock,
    claim: Claim,
) -> Result<Option<i64>, RunError> {
    fault::reach("claimed");
    let report = engine.report(&claim.key.schedule)?;
    fault::reach_report(&report.name);
    let due = claim.slot.nominal.date();
    let last_to = store.series(&report.name, due, 1).await?.first().and_then(|run| run.to.parse().ok());
    let period = period(engine, report, due, last_to)
        .ok_or_else(|| RunError::NothingFinished { report: report.name.clone() })?;
    let request = Request {
        report: report.name.clone(),
        from: Some(period.from),
        to: Some(period.to),
        claim: Some(claim),
        ..Request::default()
    };
    match engine.run(Some(store), &request, clock.now(), |_| {}).await {
        Ok(outcome) => {
            for misfit in &outcome.misfits {
                warn!(report = report.name, "{misfit}");
            }
            tell_late(engine, store, report, &outcome, clock.now()).await;
            Ok(outcome.run)
        }
        Err(RunError::Store(StoreError::SlotTaken { .. })) => Ok(None),
        Err(error) => {
            engine.set_aside(&error);
            Err(error)
        }
    }
}

/// Tells the alert groups of a run that came late, which its document does not say. The run is on record: an
/// alert that cannot be written must not make it run again.
async fn tell_late(engine: &Engine, store: &Store, report: &Report, outcome: &Outcome, now: Timestamp) {
    let (Some(run), Some(due)) = (outcome.run, &outcome.late_since) else { return };
    let alert = Alert::RunLate { report: report.name.clone(), run, due: due.clone() };
    if let Err(problem) = pipeline::alert(engine, store, &alert, now).await {
        warn!(report = report.name, "an alert cannot be written: {problem}");
    }
}

/// The period a slot reports on. A round of rectification counts up to its deadline, which lies
/// after the campaign.
fn period(
    engine: &Engine,
    report: &Report,
    due: jiff::civil::Date,
    last_to: Option<jiff::civil::Date>,
) -> Option<Period> {
    let phases = &engine.settings.campaign.phases;
    match report.schedule {
        Some(Rule::CampaignEnd(_)) => Period::new(phases.first()?.from, due.yesterday().ok()?),
        _ => Period::of(report.period, due, phases, last_to),
    }
}
