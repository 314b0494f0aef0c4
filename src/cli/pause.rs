//! `pause` and `resume`: a schedule rests, and goes on.

use std::process::ExitCode;

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::complete;
use super::daemon::NO_SCHEDULE;
use super::failure::CommandFailure;
use super::{Context, print_json};
use crate::account;

#[derive(Debug, clap::Args)]
pub(super) struct PauseArguments {
    /// Name of a report with a schedule.
    #[arg(add = ArgValueCandidates::new(complete::schedules))]
    schedule: String,
}

/// `pauses` = false resumes. Slots that fall due in between are recorded as left out.
pub(super) async fn execute(
    context: &Context,
    arguments: &PauseArguments,
    pauses: bool,
) -> Result<ExitCode, CommandFailure> {
    let settings = context.load()?.settings;
    let name = &arguments.schedule;
    if settings.reports.get(name).is_none_or(|report| report.schedule.is_none()) {
        let known: Vec<&str> =
            crate::daemon::slots::scheduled(&settings).map(|(report, _)| report.name.as_str()).collect();
        if known.is_empty() {
            return Err(CommandFailure::Usage(NO_SCHEDULE.to_owned()));
        }
        let known = known.join(", ");
        return Err(CommandFailure::Usage(format!(
            "there is no schedule \"{name}\"; scheduled reports: {known}"
        )));
    }
    let store = context.look(&settings.state_dir).await?;
    let by = account::name();
    let on_record = store.pause(name, pauses.then_some(by.as_str()), context.clock.now()).await?;
    store.close().await;
    if !on_record {
        let hint = "the daemon has not looked at it yet; start it first: tongbao daemon";
        return Err(CommandFailure::Usage(format!("schedule \"{name}\" is not on record: {hint}")));
    }
    if context.is_json() {
        return print_json(&json!({ "schedule": name, "paused": pauses }));
    }
    context.say(&match pauses {
        true => format!("schedule {name} is paused; its slots are left out until resumed\n"),
        false => format!("schedule {name} goes on\n"),
    })?;
    Ok(ExitCode::SUCCESS)
}
