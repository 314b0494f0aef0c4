//! The schedule: coming slots, the outcome of the last ones, and pauses.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;
use tracing::info;

use super::ask::{Ask, PageFrame, page, see};
use super::form::Fields;
use super::problem::ErrorPage;
use super::{titles, words};
use crate::access::right::Right;
use crate::config::settings::Report;
use crate::daemon::slots::{plan, scheduled};
use crate::store::slots::RecordedSlot;
use crate::store::states::SlotState;

/// So many coming and past slots of each report are shown.
const SHOWN: usize = 5;

#[derive(Template)]
#[template(path = "schedule.html")]
struct SchedulePage {
    f: PageFrame,
    phases: Vec<(String, String)>,
    schedules: Vec<ScheduleRow>,
    may_change: bool,
    zone: String,
}

/// The coming slots of a schedule.
pub(super) struct ComingSlots {
    pub report: String,
    pub title: String,
    pub coming: Vec<String>,
}

struct ScheduleRow {
    coming: ComingSlots,
    rule: String,
    rule_in_words: Option<String>,
    /// Since when, and by whom.
    paused: Option<(String, String)>,
    past: Vec<SlotRow>,
}

struct SlotRow {
    due: String,
    state: &'static str,
    class: &'static str,
    reason: String,
    /// Its run, and what that is called.
    run: Option<(i64, String)>,
    /// Where its report is asked for, if it was left out or given up.
    make_up: Option<String>,
}

pub(super) async fn schedule(ask: Ask) -> Result<Response, ErrorPage> {
    let settings = &ask.console.engine.settings;
    let phases = settings.campaign.phases.iter();
    page(&SchedulePage {
        f: ask.frame(ask.say("计划", "Schedule")),
        phases: phases.map(|phase| (phase.name.clone(), format!("{} – {}", phase.from, phase.to))).collect(),
        schedules: rows(&ask).await?,
        may_change: ask.may(Right::ChangeSchedule),
        zone: settings.campaign.time_zone_name.clone(),
    })
}

/// All schedules with their coming slots.
pub(super) async fn coming(ask: &Ask) -> Result<Vec<ComingSlots>, ErrorPage> {
    let (settings, store) = (&ask.console.engine.settings, &ask.console.store);
    let mut out = Vec::new();
    for (report, rule) in scheduled(settings) {
        let slots = plan(settings, store, report, rule, ask.now).await?.after(ask.now, SHOWN);
        let coming = slots.into_iter().map(|slot| day(ask, slot.instant)).collect();
        out.push(ComingSlots { report: report.name.clone(), title: ask.report_title(&report.name), coming });
    }
    Ok(out)
}

fn day(ask: &Ask, at: Timestamp) -> String {
    format!("{} {}", ask.instant(at), words::weekday(ask.language, at, ask.zone()))
}

/// All schedules with their coming and past slots.
async fn rows(ask: &Ask) -> Result<Vec<ScheduleRow>, ErrorPage> {
    let (settings, store) = (&ask.console.engine.settings, &ask.console.store);
    let pauses = store.pauses().await?;
    let mut out = Vec::new();
    for ((report, rule), coming) in scheduled(settings).zip(coming(ask).await?) {
        let pause = pauses.iter().find(|(name, ..)| *name == report.name);
        let rule = rule.to_string();
        out.push(ScheduleRow {
            rule_in_words: titles::rule_in_words(ask.language, &rule),
            rule,
            paused: pause.map(|(_, at, by)| (ask.instant(*at), words::by(by).to_owned())),
            past: past(ask, report).await?,
            coming,
        });
    }
    Ok(out)
}

/// The last slots of a report.
async fn past(ask: &Ask, report: &Report) -> Result<Vec<SlotRow>, ErrorPage> {
    let slots = ask.console.store.slots_of(Some(&report.name), SHOWN as i64).await?;
    let titles = titles::of_runs(ask, slots.iter().map(|slot| slot.run)).await?;
    let mut out = Vec::new();
    for slot in slots {
        let (state, class) = words::slot_state(ask.language, slot.state);
        out.push(SlotRow {
            due: day(ask, slot.due),
            state,
            class: if slot.overdue && slot.state == SlotState::Open { "bad" } else { class },
            reason: slot.reason.as_ref().map(|reason| ask.message(reason)).unwrap_or_default(),
            run: slot.run.and_then(|run| Some((run, titles.get(&run)?.clone()))),
            make_up: make_up(ask, report, &slot).await,
        });
    }
    Ok(out)
}

/// The request that makes up for a slot without a run: its period, to be looked at and confirmed.
async fn make_up(ask: &Ask, report: &Report, slot: &RecordedSlot) -> Option<String> {
    let is_over = matches!(slot.state, SlotState::Skipped | SlotState::Expired) && slot.run.is_none();
    if !is_over || !ask.may(Right::AskForRun) {
        return None;
    }
    let (engine, store) = (&ask.console.engine, &ask.console.store);
    let period = engine.usual_period(store, report, slot.due).await.ok()?;
    let name = words::encoded(&report.name);
    Some(format!("/requests?report={name}&from={}&to={}&record_only=", period.from, period.to))
}

#[derive(Template)]
#[template(path = "pause.html")]
struct PausePage {
    f: PageFrame,
    of: ComingSlots,
}

pub(super) async fn pause_form(ask: Ask, Path(name): Path<String>) -> Result<Response, ErrorPage> {
    let all = coming(&ask).await?;
    let of = all.into_iter().find(|of| of.report == name).ok_or_else(ErrorPage::not_found)?;
    page(&PausePage { f: ask.frame(ask.say("暂停计划", "Pause a schedule")), of })
}

pub(super) async fn pause(ask: Ask, Path(name): Path<String>, fields: Fields) -> Result<Response, ErrorPage> {
    fields.end()?;
    change(&ask, &name, true).await
}

pub(super) async fn resume(
    ask: Ask,
    Path(name): Path<String>,
    fields: Fields,
) -> Result<Response, ErrorPage> {
    fields.end()?;
    change(&ask, &name, false).await
}

async fn change(ask: &Ask, name: &str, pauses: bool) -> Result<Response, ErrorPage> {
    let by = ask.actor()?;
    let store = ask.console.store.clone().acting_as(&by);
    if !scheduled(&ask.console.engine.settings).any(|(report, _)| report.name == name)
        || !store.pause(name, pauses.then_some(by.as_str()), ask.now).await?
    {
        return Err(ErrorPage::not_found());
    }
    info!(person = ask.person()?.name, schedule = name, pauses, "a schedule was paused or resumed");
    Ok(see("/schedule"))
}
