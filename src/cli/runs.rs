//! `runs` and `reprint`: what is recorded, and its documents again.

use std::path::PathBuf;
use std::process::ExitCode;
use tongbao_message::{Message, Worded, message};

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::columns::{columns, local_text, nominal, period};
use super::complete;
use super::failure::CommandFailure;
use super::language::CommandLanguage;
use super::run::{writable, write_documents};
use super::{Context, print, print_json};
use crate::config::settings::{Campaign, Settings};
use crate::report::document::Align::{Left, Right};
use crate::store::runs::Run;
use crate::store::slots::RecordedSlot;
use crate::store::states::SlotState;

#[derive(Debug, clap::Args)]
pub(super) struct ListArguments {
    /// At most so many.
    #[arg(long, default_value_t = 20)]
    count: i64,
    /// Only this report.
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(complete::reports))]
    report: Option<String>,
    /// The slots instead: when each was due, and its outcome.
    #[arg(long)]
    slots: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ReprintArguments {
    /// Number of the run.
    #[arg(value_parser = super::run_number, add = ArgValueCandidates::new(complete::recorded_runs))]
    run: i64,
    /// Folder for the documents.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) async fn list(context: &Context, arguments: &ListArguments) -> Result<ExitCode, CommandFailure> {
    let settings = context.load()?.settings;
    let store = context.read(&settings.state_dir).await?;
    let report = arguments.report.as_deref();
    if arguments.slots {
        let slots = store.slots_of(report, arguments.count).await?;
        return match context.is_json() {
            true => print_json(&json!(slots)),
            false if slots.is_empty() => {
                let text = report.map_or_else(
                    || message!("no-slot-has-fallen-due-yet"),
                    |name| message!("no-slot-has-fallen-due-yet-of", name),
                );
                nothing(context, &settings, report, text)
            }
            false => say(&slot_table(context.language, &slots)),
        };
    }
    let runs = store.runs_of(report, arguments.count).await?;
    match context.is_json() {
        true => print_json(&json!(runs)),
        false if runs.is_empty() => {
            let text = report.map_or_else(
                || message!("no-run-is-recorded-yet-see"),
                |name| message!("no-run-is-recorded-yet-of", name),
            );
            nothing(context, &settings, report, text)
        }
        false => say(&run_table(context.language, &runs, &settings.campaign)),
    }
}

fn say(text: &str) -> Result<ExitCode, CommandFailure> {
    print(text)?;
    Ok(ExitCode::SUCCESS)
}

/// An empty list is no error, a report that nobody knows is.
fn nothing(
    context: &Context,
    settings: &Settings,
    report: Option<&str>,
    text: Message,
) -> Result<ExitCode, CommandFailure> {
    if let Some(name) = report.filter(|name| !settings.reports.contains_key(*name)) {
        let known = settings.reports.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(CommandFailure::Usage(message!("run-error-no-such-report", name, known)));
    }
    context.note(text);
    Ok(ExitCode::SUCCESS)
}

fn run_table(language: CommandLanguage, runs: &[Run], campaign: &Campaign) -> String {
    let recorded = message!("recorded", zone = campaign.time_zone_name);
    let heads = [
        (message!("head-run"), Right),
        (message!("head-report"), Left),
        (message!("head-period"), Left),
        (message!("head-state"), Left),
        (message!("head-slot"), Left),
        (recorded, Left),
        (message!("head-records"), Right),
        (message!("head-number"), Left),
    ];
    let row = |run: &Run| {
        vec![
            run.id.to_string(),
            run.report.clone(),
            period(language, &run.from, &run.to),
            language.say(run.state.message()),
            run.nominal.as_deref().map_or_else(|| language.say(message!("ad-hoc")), nominal),
            local_text(&run.recorded_at, &campaign.time_zone),
            run.records.to_string(),
            run.number.clone().unwrap_or("-".to_owned()),
        ]
    };
    columns(language, &heads, &runs.iter().map(row).collect::<Vec<_>>())
}

fn slot_table(language: CommandLanguage, slots: &[RecordedSlot]) -> String {
    let heads = [
        (message!("head-slot"), Left),
        (message!("head-report"), Left),
        (message!("head-state"), Left),
        (message!("head-run"), Right),
        (message!("head-failures"), Right),
        (message!("head-reason"), Left),
    ];
    let row = |slot: &RecordedSlot| {
        let is_overdue = slot.overdue && slot.state == SlotState::Open;
        let state = if is_overdue { message!("overdue") } else { slot.state.message() };
        vec![
            nominal(&slot.key.nominal),
            slot.key.schedule.clone(),
            language.say(state),
            slot.run.map_or("-".to_owned(), |run| run.to_string()),
            slot.attempts.to_string(),
            slot.reason.as_ref().map(|reason| language.say(reason)).unwrap_or_default(),
        ]
    };
    columns(language, &heads, &slots.iter().map(row).collect::<Vec<_>>())
}

pub(super) async fn reprint(
    context: &Context,
    arguments: &ReprintArguments,
) -> Result<ExitCode, CommandFailure> {
    let store = context.read(&context.load()?.settings.state_dir).await?;
    let run = store.run(arguments.run).await?;
    writable(&arguments.out)?;
    let documents = store.documents(run.id).await?;
    write_documents(&arguments.out, &documents)?;
    let paths = documents.iter().map(|file| arguments.out.join(&file.name).display().to_string());
    let paths: Vec<String> = paths.collect();
    if context.is_json() {
        return print_json(&json!({ "run": run.id, "state": run.state, "documents": paths }));
    }
    if !run.is_released() {
        context.note(message!("run-is-these-are-its-drafts", run = run.id, state = run.state));
    }
    print(&paths.iter().map(|path| context.language.line(message!("wrote", path))).collect::<String>())?;
    Ok(ExitCode::SUCCESS)
}
