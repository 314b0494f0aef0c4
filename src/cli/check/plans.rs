//! Whether schedules will fire, and whether anybody will hear of it.

use jiff::Timestamp;

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
        let what = format!("schedule of {}", report.name);
        if !rule.is_possible() {
            let text =
                format!("\"{rule}\" names a day that no year has; correct reports.{}.schedule", report.name);
            findings.error(&what, &text);
            continue;
        }
        let next = plan(settings, store, report, rule, now).await?.after(now, 1);
        let paused = store.observed(&report.name).await?.is_some_and(|observed| observed.paused);
        match next.first() {
            _ if paused => {
                findings.warning(&what, format!("is paused; to go on: tongbao resume {}", report.name));
            }
            Some(slot) => {
                findings.ok(&what, format!("next on {}", local(slot.instant, &settings.campaign.time_zone)))
            }
            None => findings.warning(
                &what,
                format!(
                    "will not fire any more; its active range or phases are past: correct reports.{}.active",
                    report.name
                ),
            ),
        }
    }
    for report in settings.reports.values() {
        if let Some(run) = perhaps_renamed(settings, store, report).await? {
            let (name, old) = (&report.name, &run.report);
            let text = format!(
                "{name} has issued nothing yet, while {old}, which is no longer configured, has; if {name} is {old} renamed, give it its old name again: [reports.{old}]"
            );
            findings.warning(&format!("numbers of {name}"), text);
        }
    }
    for report in settings.reports.values().filter(|_| settings.smtp.is_some()) {
        let members = report.to.iter().filter_map(|group| settings.recipients.get(group)).flatten().count();
        if members == 0 {
            let text = format!("goes to nobody; name recipient groups in reports.{}.to", report.name);
            findings.warning(&format!("recipients of {}", report.name), text);
        }
    }
    Ok(())
}

/// A clock that lies before what is on record is wrong: slots would wait until it has caught up.
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
            let text = format!("it is {time} in {zone}, but a run was recorded on {last}; set the clock");
            findings.warning("clock", text);
        }
        None => findings.ok("clock", format!("it is {time} in {zone}")),
    }
    Ok(())
}
