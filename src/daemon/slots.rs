//! Finds due slots and fills one.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use crate::clock::Clock;
use crate::config::settings::{Report, Settings};
use crate::fault;
use crate::pipeline::{self, Engine, Request, RunError, RunOutcome};
use crate::report::alert::Alert;
use crate::schedule::catch_up::{CatchUp, CatchUpPolicy, Overlap, Skip, SlotDecision, decide};
use crate::schedule::plan::{Plan, Round, rectify_until};
use crate::schedule::rule::ScheduleRule;
use crate::schedule::slot::Slot;
use crate::store::runs::Run;
use crate::store::slots::{Claim, Policy, RecordedSlot, ScheduleProgress};
use crate::store::states::{RunState, SlotState};
use crate::store::{Store, StoreError};

/// The reports that run on schedule, with their rules.
pub fn scheduled(settings: &Settings) -> impl Iterator<Item = (&Report, &ScheduleRule)> {
    settings.reports.values().filter_map(|report| report.schedule.as_ref().map(|rule| (report, rule)))
}

/// All that decides when a report is due. For an acceptance that depends on its last round by `now`.
pub async fn plan<'a>(
    settings: &'a Settings,
    store: &Store,
    report: &'a Report,
    rule: &'a ScheduleRule,
    now: Timestamp,
) -> Result<Plan<'a>, StoreError> {
    let (last_round, since) = match rule {
        ScheduleRule::CampaignEnd(_) => {
            let since = store.observed(&report.name).await?.map(|observed| observed.since);
            (last_round(settings, store, report, now).await?, since)
        }
        ScheduleRule::Cron { .. } => (None, None),
    };
    Ok(Plan {
        rule,
        zone: &settings.campaign.time_zone,
        active: report.active.as_deref(),
        campaign_end: settings.campaign.phases.last().map(|phase| phase.to),
        last_round,
        since,
    })
}

/// How the last round ended, as its slot and its run have it.
async fn last_round(
    settings: &Settings,
    store: &Store,
    report: &Report,
    now: Timestamp,
) -> Result<Option<Round>, StoreError> {
    let day = |at: Timestamp| at.to_zoned(settings.campaign.time_zone.clone()).date();
    let Some((slot, changed_at)) = store.last_slot(&report.name, now).await? else { return Ok(None) };
    let nominal = slot.key.nominal.parse::<jiff::civil::DateTime>();
    let due_on = nominal.map_or_else(|_| day(slot.due), |nominal| nominal.date());
    // What a clock that was ahead has dated after now happened when it was due, as far as anyone knows.
    let since = |at: Timestamp| if at > now { due_on } else { day(at).max(due_on) };
    Ok(Some(match (slot.state, slot.run) {
        (SlotState::Open, _) => Round::Pending,
        (SlotState::Filled, Some(run)) => round(&store.run(run).await?, report.rectify_within_days, since)?,
        // It may have been released: the next one waits as if it had been.
        _ if slot.reason.as_ref().is_some_and(|reason| reason == Skip::Restored.key()) => {
            let eve = due_on.yesterday().unwrap_or(due_on);
            Round::Rectify(rectify_until(eve, due_on, report.rectify_within_days))
        }
        _ => Round::LeftOut(since(changed_at)),
    }))
}

fn round(run: &Run, days: u16, day: impl Fn(Timestamp) -> Date) -> Result<Round, StoreError> {
    let decided = run.decided_at.as_ref().unwrap_or(&run.recorded_at).parse().map(day);
    let decided = decided.map_err(|_| StoreError::Unreadable { run: run.id, what: "an instant" })?;
    Ok(match run.state {
        RunState::Held => Round::Pending,
        RunState::Rejected => Round::LeftOut(decided),
        _ if run.is_accepted() => Round::Accepted,
        _ => Round::Rectify(rectify_until(run.period()?.to, decided, days)),
    })
}

/// Puts on record what has fallen due since a schedule was last looked at.
pub async fn observe(
    settings: &Settings,
    store: &Store,
    report: &Report,
    rule: &ScheduleRule,
    now: Timestamp,
    token: i64,
) -> Result<(), StoreError> {
    let zone = &settings.campaign.time_zone_name;
    let text = format!("{rule} {zone}");
    let until = match store.observed(&report.name).await? {
        Some(observed) if is_same(&observed.rule, rule, zone) => observed.until,
        known => {
            let known = known.filter(|observed| !observed.rule.is_empty());
            if let Some(observed) = known {
                info!(
                    report = report.name,
                    rule = text,
                    "the schedule has changed and starts again from now"
                );
                close(settings, store, &report.name, &observed, Skip::Changed, now, token).await?;
            }
            return store.observe_from(&report.name, &text, now, token).await;
        }
    };
    if now <= until {
        return Ok(());
    }
    let plan = plan(settings, store, report, rule, now).await?;
    let slots = listed(&plan, report, until, now);
    let slots = unrecorded(store, &report.name, zone, slots).await?;
    if slots.is_empty() && now.duration_since(until) < MOVE_ON_EVERY {
        return Ok(());
    }
    let unknown_until = store.unknown_until(now, token).await?;
    let is_unknown = |slot: &Slot| unknown_until.is_some_and(|until| slot.instant <= until);
    let (unknown, slots): (Vec<Slot>, Vec<Slot>) = slots.into_iter().partition(is_unknown);
    let mut decisions: Vec<SlotDecision> =
        unknown.into_iter().map(|slot| (slot, Some(Skip::Restored))).collect();
    let missed = missed(report, rule);
    decisions.extend(decide(&slots, now, missed));
    for (slot, skip) in &decisions {
        match skip {
            Some(skip) => {
                warn!(report = report.name, slot = %slot.nominal, reason = skip.key(), "slot left out");
            }
            None => info!(report = report.name, slot = %slot.nominal, "slot due"),
        }
    }
    let policy = Policy { missed, overlap: report.overlap };
    store.observe(&report.name, zone, &decisions, policy, now, token).await
}

/// An acceptance is never too late: the campaign ends with it.
fn missed(report: &Report, rule: &ScheduleRule) -> CatchUpPolicy {
    match rule {
        ScheduleRule::CampaignEnd(_) => CatchUpPolicy { within: SignedDuration::MAX, ..report.missed },
        ScheduleRule::Cron { .. } => report.missed,
    }
}

/// Whether a rule on record is this one. Spelling makes no difference.
fn is_same(recorded: &str, rule: &ScheduleRule, zone: &str) -> bool {
    let Some((text, recorded_zone)) = recorded.rsplit_once(' ') else { return false };
    recorded_zone == zone && ScheduleRule::parse(text).is_ok_and(|recorded| recorded == *rule)
}

/// Every slot since `until`, up to a number that a person could read. Of more than that only those that
/// may be made up for are listed one by one; a minutely schedule after a year has half a million.
fn listed(plan: &Plan, report: &Report, until: Timestamp, now: Timestamp) -> Vec<Slot> {
    if !plan.has_more_than(LISTED_AT_MOST, until, now) {
        return plan.between(until, now);
    }
    let window = now.checked_sub(report.missed.within).unwrap_or(Timestamp::MIN).max(until);
    warn!(report = report.name, "slots from {until} to {window} are left out without being listed");
    plan.between(window, now)
}

/// So many slots are put on record at once.
const LISTED_AT_MOST: usize = 10_000;

/// Those that have no place on record yet.
async fn unrecorded(
    store: &Store,
    schedule: &str,
    zone: &str,
    mut slots: Vec<Slot>,
) -> Result<Vec<Slot>, StoreError> {
    if let Some(first) = slots.first() {
        let recorded = store.recorded_slots(schedule, zone, first.instant).await?;
        slots.retain(|slot| !recorded.contains(&slot.nominal.to_string()));
    }
    Ok(slots)
}

/// Records what an earlier rule had due until now as left out, so that no slot is without a word.
async fn close(
    settings: &Settings,
    store: &Store,
    schedule: &str,
    observed: &ScheduleProgress,
    skip: Skip,
    now: Timestamp,
    token: i64,
) -> Result<(), StoreError> {
    let Some((text, zone_name)) = observed.rule.rsplit_once(' ') else { return Ok(()) };
    let (Ok(rule), Ok(zone)) = (ScheduleRule::parse(text), TimeZone::get(zone_name)) else { return Ok(()) };
    if matches!(rule, ScheduleRule::CampaignEnd(_)) {
        // A round stays due under any rule.
        return Ok(());
    }
    let report = settings.reports.get(schedule);
    let active = report.and_then(|report| report.active.as_deref());
    let plan = Plan { rule: &rule, zone: &zone, active, campaign_end: None, last_round: None, since: None };
    let are_many = plan.has_more_than(LISTED_AT_MOST, observed.until, now);
    let from = if are_many { now - MOVE_ON_EVERY } else { observed.until };
    let slots = unrecorded(store, schedule, zone_name, plan.between(from, now)).await?;
    let decisions: Vec<SlotDecision> = slots.into_iter().map(|slot| (slot, Some(skip))).collect();
    for (slot, _) in &decisions {
        warn!(report = schedule, slot = %slot.nominal, reason = skip.key(), "slot left out");
    }
    let policy = Policy { missed: NEVER, overlap: Overlap::QueueOne };
    store.observe(schedule, zone_name, &decisions, policy, now, token).await
}

/// Nothing of a closed rule is made up for.
const NEVER: CatchUpPolicy =
    CatchUpPolicy { catch_up: CatchUp::Skip, at_most: 0, within: SignedDuration::ZERO };

/// Closes the schedules of reports that are no longer scheduled: a report that comes back is a new one.
/// Returns their open slots, left out now.
pub async fn retire(
    settings: &Settings,
    store: &Store,
    now: Timestamp,
    token: i64,
) -> Result<Vec<RecordedSlot>, StoreError> {
    let is_scheduled = |name: &str| scheduled(settings).any(|(report, _)| report.name == name);
    for name in store.watched_schedules().await?.into_iter().filter(|name| !is_scheduled(name)) {
        if let Some(observed) = store.observed(&name).await? {
            close(settings, store, &name, &observed, Skip::Removed, now, token).await?;
            info!(report = name, "is no longer scheduled");
            store.observe_from(&name, "", now, token).await?;
        }
    }
    let mut dropped = Vec::new();
    for slot in store.open_slots().await?.into_iter().filter(|slot| !is_scheduled(&slot.key.schedule)) {
        if let Some(claim) = slot.claim(token) {
            store.skip_slot(&claim, Skip::Removed, now).await?;
            dropped.push(slot);
        }
    }
    Ok(dropped)
}

/// How often a schedule without due slots is moved on, so as not to write every second.
const MOVE_ON_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// How an attempt to fill a slot ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotAttempt {
    /// Filled by the run of this number.
    By(i64),
    /// The slot was closed in the meantime.
    Already,
    /// There is nothing to report on: the slot is left out.
    NothingToReport,
}

/// Runs the report of a slot and records it.
pub async fn fill(
    engine: &Engine,
    store: &Store,
    clock: &Clock,
    claim: Claim,
) -> Result<SlotAttempt, RunError> {
    fault::reach("claimed");
    let report = engine.report(&claim.key.schedule)?;
    fault::reach_report(&report.name);
    let due = claim.slot.nominal.date();
    let Some(period) = engine.period_of_slot(store, report, due).await? else {
        store.skip_slot(&claim, Skip::NothingToReport, clock.now()).await?;
        return Ok(SlotAttempt::NothingToReport);
    };
    let request = Request {
        report: report.name.clone(),
        from: Some(period.from),
        to: Some(period.to),
        claim: Some(claim),
        ..Request::default()
    };
    match engine.run(Some(store), &request, clock.now(), |_| {}).await {
        Ok(outcome) => {
            for mismatch in &outcome.mismatches {
                warn!(report = report.name, "{mismatch}");
            }
            for remark in &outcome.remarks {
                warn!(report = report.name, "{remark}");
            }
            tell_late(engine, store, report, &outcome, clock.now()).await;
            Ok(outcome.run.map_or(SlotAttempt::Already, SlotAttempt::By))
        }
        Err(RunError::Store(StoreError::SlotTaken { .. })) => Ok(SlotAttempt::Already),
        Err(error) => {
            engine.set_aside(&error);
            Err(error)
        }
    }
}

/// Tells the alert groups of a run that came late, which its document does not say. The run is on record: an
/// alert that cannot be written must not make it run again.
async fn tell_late(engine: &Engine, store: &Store, report: &Report, outcome: &RunOutcome, now: Timestamp) {
    let (Some(run), Some(due)) = (outcome.run, &outcome.late_since) else { return };
    let alert = Alert::RunLate { report: report.name.clone(), run, due: due.clone() };
    if let Err(problem) = pipeline::alert(engine, store, &alert, now).await {
        warn!(report = report.name, "an alert cannot be written: {problem}");
    }
}
