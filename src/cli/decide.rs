//! `approve` and `reject`: a person decides on a held run.

use std::path::PathBuf;
use std::process::ExitCode;
use tongbao_message::message;

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::complete;
use super::failure::CommandFailure;
use super::run::{exit_code, send, writable, write_documents};
use super::{Context, print, print_json, sent};
use crate::account;
use crate::pipeline::ReleaseDecision;
use crate::store::amendments::in_force;

#[derive(Debug, clap::Args)]
pub(super) struct ApproveArguments {
    /// Number of the run.
    #[arg(value_parser = super::run_number, add = ArgValueCandidates::new(complete::recorded_runs))]
    run: i64,
    /// 发文字号 or 期号: 荔街〔2016〕60号, 60, or next; a 公文 needs one, a 简报 counts its issues.
    #[arg(long)]
    number: Option<String>,
    /// 第几轮 of an acceptance, where it was not counted right.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    round: Option<u32>,
    /// Release it even though a later run of the same schedule has been released.
    #[arg(long)]
    out_of_order: bool,
    /// Who decides; the account of this machine if not given, as in the audit log.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Release without sending.
    #[arg(long)]
    no_send: bool,
    /// Folder for the released documents.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct RejectArguments {
    /// Number of the run.
    #[arg(value_parser = super::run_number, add = ArgValueCandidates::new(complete::recorded_runs))]
    run: i64,
    /// The reason, kept with the run.
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Who decides; the account of this machine if not given, as in the audit log.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(super) async fn approve(
    context: &Context,
    arguments: &ApproveArguments,
) -> Result<ExitCode, CommandFailure> {
    let engine = context.engine().await?;
    if let Some(out) = &arguments.out {
        writable(out)?;
    }
    let store = context.look(&engine.settings.state_dir).await?;
    let decision = ReleaseDecision {
        by: person(arguments.by.as_deref())?,
        number: arguments.number.clone(),
        round: arguments.round,
        out_of_order: arguments.out_of_order,
        no_send: arguments.no_send,
    };
    let run = store.run(arguments.run).await?;
    let approved = engine.approve(&store, &run, &decision, context.clock.now()).await;
    let zone = &engine.settings.campaign.time_zone;
    let outcome = approved.map_err(|error| CommandFailure::from(error).at_local_time(zone))?;
    if let Some(out) = &arguments.out {
        write_documents(out, &outcome.documents)?;
    }
    let sent = send(context, &engine, &store, outcome.run).await?;
    let of_others = sent::waiting_of_others(&engine.settings, &store, outcome.run).await?;
    let run = store.run(arguments.run).await?;
    let history = store.amendments(run.id).await?;
    let amended = in_force(&history);
    store.close().await;
    sent::note_problems(context, &sent);
    if context.is_json() {
        let deliveries = sent::as_json(&sent.summary);
        print_json(&json!({ "run": run, "amended": amended, "deliveries": deliveries }))?;
    } else {
        for amendment in amended {
            let section = match amendment.section.as_str() {
                "" => context.language.say(message!("opening")),
                title => title.to_owned(),
            };
            context.say_line(message!("with-the-offices-own-words-section", section, by = amendment.by))?;
        }
        let number = run.number.as_deref().unwrap_or("none");
        let approved =
            context.language.line(message!("run-approved-by-number", run = run.id, by = decision.by, number));
        let mails = context.language.line(sent::line(&sent.summary));
        let hint = sent::hint(&sent.summary, of_others);
        let hint = hint.map(|hint| context.language.line(hint)).unwrap_or_default();
        print(&format!("{approved}{mails}{hint}"))?;
    }
    Ok(exit_code(&outcome, &sent))
}

pub(super) async fn reject(
    context: &Context,
    arguments: &RejectArguments,
) -> Result<ExitCode, CommandFailure> {
    if arguments.why.trim().is_empty() {
        return Err(CommandFailure::Usage(message!("why-is-blank-say-why-the")));
    }
    let settings = context.load()?.settings;
    let store = context.look(&settings.state_dir).await?;
    let by = person(arguments.by.as_deref())?;
    let rejected = store.reject(arguments.run, &by, arguments.why.trim(), context.clock.now()).await;
    rejected.map_err(|error| CommandFailure::from(error).at_local_time(&settings.campaign.time_zone))?;
    let run = store.run(arguments.run).await?;
    store.close().await;
    if context.is_json() {
        return print_json(&json!(run));
    }
    context.say_line(message!("run-rejected-by", run = run.id, by))?;
    Ok(ExitCode::SUCCESS)
}

/// Who decides: as named, or the account that the audit log names.
pub(super) fn person(named: Option<&str>) -> Result<String, CommandFailure> {
    let Some(name) = named.map(str::trim) else { return Ok(account::name()) };
    match name.is_empty() || name.chars().any(char::is_control) {
        true => Err(CommandFailure::Usage(message!("by-is-blank-or-has-a"))),
        false => Ok(name.to_owned()),
    }
}
