//! Whether schedules will fire, and whether anybody will hear of it.

use jiff::Timestamp;
use tongbao_message::message;

use super::super::columns::local;
use super::CheckFindings;
use crate::config::settings::Settings;
use crate::daemon::slots::{plan, scheduled};
use crate::pipeline::perhaps_renamed;
use crate::store::{Store, StoreError};

/// Judges clock, schedules and recipients against the state.
pub(super) async fn judge(
    settings: &Settings,
    store: &Store,
    now: Timestamp,
    findings: &mut CheckFindings,
) -> Result<(), StoreError> {
    clock(settings, store, now, findings).await?;
    for (report, rule) in scheduled(settings) {
        let what = message!("schedule-of", report = report.name);
        if !rule.is_possible() {
            let text = message!("names-a-day-that-no-year", rule, report = report.name);
            findings.error(&what, &text);
            continue;
        }
        let next = plan(settings, store, report, rule, now).await?.after(now, 1);
        let paused = store.observed(&report.name).await?.is_some_and(|observed| observed.paused);
        match next.first() {
            _ if paused => {
                findings.warning(&what, message!("is-paused-to-go-on-tongbao", report = report.name));
            }
            Some(slot) => findings
                .ok(&what, message!("next-on", time = local(slot.instant, &settings.campaign.time_zone))),
            None => findings.warning(&what, message!("will-not-fire-any-more-its", report = report.name)),
        }
    }
    for report in settings.reports.values() {
        if let Some(run) = perhaps_renamed(settings, store, report).await? {
            let (name, old) = (&report.name, &run.report);
            let text = message!("has-issued-nothing-yet-while-which", name, old);
            findings.warning(message!("numbers-of", name), text);
        }
    }
    for report in settings.reports.values().filter(|_| settings.smtp.is_some()) {
        let members = report.to.iter().filter_map(|group| settings.recipients.get(group)).flatten().count();
        if members == 0 {
            let text = message!("goes-to-nobody-name-recipient-groups", report = report.name);
            findings.warning(message!("recipients-of", report = report.name), text);
        }
    }
    Ok(())
}

/// A clock that is before what is on record is wrong: slots would wait until it has caught up.
async fn clock(
    settings: &Settings,
    store: &Store,
    now: Timestamp,
    findings: &mut CheckFindings,
) -> Result<(), StoreError> {
    let campaign = &settings.campaign;
    let (time, zone) = (local(now, &campaign.time_zone), &campaign.time_zone_name);
    let last = store.runs_of(None, 1).await?;
    let last = last.first().and_then(|run| run.recorded_at.parse::<Timestamp>().ok());
    match last.filter(|last| *last > now) {
        Some(last) => {
            let last = local(last, &campaign.time_zone);
            let text = message!("it-is-in-but-a-run", time, zone, last);
            findings.warning(message!("clock"), text);
        }
        None => findings.ok(message!("clock"), message!("it-is-in", time, zone)),
    }
    Ok(())
}
