//! `pause` and `resume`: a schedule rests, and goes on.

use std::process::ExitCode;
use tongbao_message::message;

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::complete;
use super::daemon::no_schedule;
use super::failure::CommandFailure;
use super::{Context, print, print_json};
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
            return Err(CommandFailure::Usage(no_schedule()));
        }
        let known = known.join(", ");
        return Err(CommandFailure::Usage(message!("there-is-no-schedule-scheduled-reports", name, known)));
    }
    let store = context.look(&settings.state_dir).await?;
    let by = account::name();
    let on_record = store.pause(name, pauses.then_some(by.as_str()), context.clock.now()).await?;
    store.close().await;
    if !on_record {
        let hint = message!("the-daemon-has-not-looked-at");
        return Err(CommandFailure::Usage(message!("schedule-is-not-on-record", name, hint)));
    }
    if context.is_json() {
        return print_json(&json!({ "schedule": name, "paused": pauses }));
    }
    let language = context.language;
    print(&match pauses {
        true => language.line(message!("schedule-is-paused-its-slots-are", name)),
        false => language.line(message!("schedule-goes-on", name)),
    })?;
    Ok(ExitCode::SUCCESS)
}
