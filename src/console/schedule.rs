//! The schedule: coming slots, what became of the last ones, and pauses.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use tracing::info;

use super::ask::{Ask, PageFrame, page, see};
use super::form::Fields;
use super::problem::ErrorPage;
use super::words;
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

pub(super) struct ScheduleRow {
    pub report: String,
    pub rule: String,
    pub paused: Option<(String, String)>,
    pub coming: Vec<String>,
    pub past: Vec<SlotRow>,
}

pub(super) struct SlotRow {
    pub due: String,
    pub state: &'static str,
    pub class: &'static str,
    pub reason: String,
    pub run: Option<i64>,
    /// Where its report is asked for, if it was left out or given up.
    pub make_up: Option<String>,
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

/// All schedules with their slots.
pub(super) async fn rows(ask: &Ask) -> Result<Vec<ScheduleRow>, ErrorPage> {
    let (settings, store) = (&ask.console.engine.settings, &ask.console.store);
    let pauses = store.pauses().await?;
    let mut out = Vec::new();
    for (report, rule) in scheduled(settings) {
        let coming = plan(settings, store, report, rule, ask.now).await?.after(ask.now, SHOWN);
        let day = |at| format!("{} {}", ask.instant(at), words::weekday(ask.language, at, ask.zone()));
        let past = store.slots_of(Some(&report.name), SHOWN as i64).await?;
        let pause = pauses.iter().find(|(name, ..)| *name == report.name);
        let mut slots = Vec::new();
        for slot in past {
            let (state, class) = words::slot_state(ask.language, slot.state);
            let class = if slot.overdue && slot.state == SlotState::Open { "bad" } else { class };
            let reason = slot.reason.as_deref().map(|reason| ask.message(reason)).unwrap_or_default();
            let make_up = make_up(ask, report, &slot).await;
            slots.push(SlotRow { due: day(slot.due), state, class, reason, run: slot.run, make_up });
        }
        out.push(ScheduleRow {
            report: report.name.clone(),
            rule: rule.to_string(),
            paused: pause.map(|(_, at, by)| (ask.instant(*at), by.clone())),
            coming: coming.into_iter().map(|slot| day(slot.instant)).collect(),
            past: slots,
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
    report: String,
    coming: Vec<String>,
}

pub(super) async fn pause_form(ask: Ask, Path(name): Path<String>) -> Result<Response, ErrorPage> {
    let row =
        rows(&ask).await?.into_iter().find(|row| row.report == name).ok_or_else(ErrorPage::not_found)?;
    let f = ask.frame(ask.say("暂停计划", "Pause a schedule"));
    page(&PausePage { f, report: row.report, coming: row.coming })
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
