//! `run`: one report now.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tongbao_message::{Message, message};

use clap_complete::engine::ArgValueCandidates;
use jiff::civil::Date;
use serde_json::json;

use super::complete;
use super::failure::CommandFailure;
use super::progress::PullProgress;
use super::{Context, day, print_json, sent};
use crate::delivery::permit::Permit;
use crate::digest::sha256;
use crate::pipeline::{self, DispatchSummary, Engine, Request, RunError, RunOutcome, Sender};
use crate::store::Store;
use crate::store::claims::Claimant;
use crate::store::runs::StoredFile;
use crate::store::states::RunState;
use crate::whole_file;

#[derive(Debug, clap::Args)]
pub(super) struct RunArguments {
    /// Name of a configured report.
    #[arg(add = ArgValueCandidates::new(complete::reports))]
    report: String,
    /// First day of the period.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Date>,
    /// Last day, the cut-off.
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Date>,
    /// Run to compare with, instead of the released one with the nearest earlier cut-off.
    #[arg(long, value_name = "RUN", value_parser = super::run_number, add = ArgValueCandidates::new(complete::recorded_runs))]
    against: Option<i64>,
    /// 发文字号 or 期号: 荔街〔2016〕60号, 60, or next; a 公文 without one is held, a 简报 counts its issues.
    #[arg(long)]
    number: Option<String>,
    /// Which round an acceptance is, where the count of earlier cut-offs is not right.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..1000))]
    round: Option<u32>,
    /// Permit a cut-off in the future and a period outside the campaign.
    #[arg(long)]
    future: bool,
    /// Render without recording or sending.
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: write the mail and the charts too, and open the PDF on a desktop.
    #[arg(long, requires = "dry_run")]
    preview: bool,
    /// Folder for the documents.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Record, but send nothing.
    #[arg(long)]
    no_send: bool,
}

pub(super) async fn execute(context: &Context, arguments: &RunArguments) -> Result<ExitCode, CommandFailure> {
    let engine = context.engine().await?;
    let out = match (&arguments.out, arguments.dry_run) {
        (Some(out), _) => Some(out.clone()),
        (None, true) => Some(PathBuf::from(".")),
        (None, false) => None,
    };
    if let Some(out) = &out {
        // Found out before the pull, not after it.
        writable(out)?;
    }
    // A dry run records nothing, so it makes no state.
    let store = match arguments.dry_run {
        true => Store::look(&engine.settings.state_dir).await?,
        false => Store::open(&engine.settings.state_dir).await?,
    };
    let request = Request {
        report: arguments.report.clone(),
        from: arguments.from,
        to: arguments.to,
        against: arguments.against,
        claim: None,
        number: arguments.number.clone(),
        round: arguments.round,
        future: arguments.future,
        dry_run: arguments.dry_run,
        no_send: arguments.no_send,
        preview: arguments.preview,
        ..Request::default()
    };
    let bar = PullProgress::new(context.quiet);
    let outcome = engine.run(Some(&store), &request, context.clock.now(), |p| bar.update(p)).await?;
    if let Some(out) = &out {
        write_documents(out, &outcome.documents)?;
        write_documents(out, &outcome.previews)?;
    }
    let sent = send(context, &engine, &store, outcome.run).await?;
    let of_others = match outcome.run {
        Some(_) => sent::waiting_of_others(&engine.settings, &store, outcome.run).await?,
        None => 0,
    };
    store.close().await;
    report(context, arguments, &outcome, (&sent, of_others), out.as_deref())?;
    if let (true, Some(out)) = (arguments.preview && !context.is_json(), &out) {
        open_on_desktop(context, out, &outcome.documents);
    }
    Ok(exit_code(&outcome, &sent))
}

pub(super) async fn send(
    context: &Context,
    engine: &Engine,
    store: &Store,
    run: Option<i64>,
) -> Result<DispatchSummary, CommandFailure> {
    match run {
        Some(run) => dispatch(context, engine, store, Some(run)).await,
        None => Ok(DispatchSummary::default()),
    }
}

/// Sends the mails of one run that are due, or all.
pub(super) async fn dispatch(
    context: &Context,
    engine: &Engine,
    store: &Store,
    run: Option<i64>,
) -> Result<DispatchSummary, CommandFailure> {
    let Some(transport) = pipeline::transport(&engine.settings) else {
        return Ok(DispatchSummary::default());
    };
    let (presence, permit) = (store.announce()?, Permit::unlimited());
    let by = Claimant { id: presence.id(), token: None };
    let sender = Sender { by, permit: &permit, run, alone: &[] };
    Ok(pipeline::dispatch(engine, store, &transport, sender, &context.clock).await?)
}

/// 0 done, 3 held, 4 delivered in part, 75 nothing delivered and the mail server away.
pub(super) fn exit_code(outcome: &RunOutcome, sent: &DispatchSummary) -> ExitCode {
    if !outcome.held.is_empty() {
        return ExitCode::from(3);
    }
    delivered(sent)
}

/// As [`exit_code`], of the mails alone.
pub(super) fn delivered(sent: &DispatchSummary) -> ExitCode {
    let summary = &sent.summary;
    if summary.is_complete() {
        return ExitCode::SUCCESS;
    }
    let away = sent.problems.iter().any(|problem| problem.is_unavailable());
    ExitCode::from(match (summary.sent, away) {
        (0, true) => 75,
        (0, false) if summary.uncertain == 0 && summary.waiting == 0 => 1,
        _ => 4,
    })
}

/// Makes the folder and tries it.
pub(super) fn writable(dir: &Path) -> Result<(), CommandFailure> {
    let failed = |source| RunError::Output { path: dir.display().to_string(), source };
    Ok(whole_file::try_folder(dir).map_err(failed)?)
}

pub(super) fn write_documents(dir: &Path, documents: &[StoredFile]) -> Result<(), CommandFailure> {
    for file in documents {
        let path = dir.join(&file.name);
        whole_file::write(&path, &file.bytes, 0o666)
            .map_err(|source| RunError::Output { path: path.display().to_string(), source })?;
    }
    Ok(())
}

/// Opens the PDF where somebody sits before a desktop; anywhere else its path has been printed.
fn open_on_desktop(context: &Context, dir: &Path, documents: &[StoredFile]) {
    let environment = super::environment();
    let has_desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| environment.contains_key(*name));
    let Some(file) = documents.first().filter(|_| has_desktop && std::io::stdout().is_terminal()) else {
        return;
    };
    let path = dir.join(&file.name);
    let quiet = || std::process::Stdio::null();
    let opened = std::process::Command::new("xdg-open").arg(&path).stdout(quiet()).stderr(quiet()).spawn();
    if let Err(error) = opened {
        context.note(message!("warning-cannot-open-open-it-by", path = path.display(), error));
    }
}

fn report(
    context: &Context,
    arguments: &RunArguments,
    outcome: &RunOutcome,
    (sent, of_others): (&DispatchSummary, usize),
    out: Option<&Path>,
) -> Result<(), CommandFailure> {
    context.warn(&outcome.mismatches);
    context.warn(&outcome.remarks);
    sent::note_problems(context, sent);
    if context.is_json() {
        print_json(&as_json(arguments, outcome, sent, out))?;
        return Ok(());
    }
    let language = context.language;
    let mut text = language.line(run_line(arguments, outcome));
    for reason in &outcome.held {
        text.push_str(&language.line(message!("held", reason)));
    }
    if let (Some(run), false) = (outcome.run, outcome.held.is_empty()) {
        text.push_str(&language.line(message!("release-it-with-tongbao-approve-the-register", run)));
    }
    if let Some(out) = out {
        for file in outcome.documents.iter().chain(&outcome.previews) {
            text.push_str(&language.line(message!("wrote", path = out.join(&file.name).display())));
        }
    }
    if outcome.run.is_some() && !arguments.no_send && outcome.held.is_empty() {
        text.push_str(&language.line(sent::line(&sent.summary)));
        if let Some(hint) = sent::hint(&sent.summary, of_others) {
            text.push_str(&language.line(hint));
        }
    }
    super::print(&text)
}

/// Which run it is, over which period.
fn run_line(arguments: &RunArguments, outcome: &RunOutcome) -> Message {
    let (report, from, to) = (&arguments.report, outcome.period.from, outcome.period.to);
    match outcome.run {
        Some(run) => message!("run-made", report, run, from, to),
        None => message!("dry-run-made", report, from, to),
    }
}

fn as_json(
    arguments: &RunArguments,
    outcome: &RunOutcome,
    sent: &DispatchSummary,
    out: Option<&Path>,
) -> serde_json::Value {
    let documents: Vec<serde_json::Value> = outcome
        .documents
        .iter()
        .chain(&outcome.previews)
        .map(|file| {
            json!({
                "name": file.name,
                "content_type": file.content_type,
                "sha256": sha256(&file.bytes),
                "path": out.map(|out| out.join(&file.name).display().to_string()),
            })
        })
        .collect();
    json!({
        "run": outcome.run,
        "report": arguments.report,
        "period": { "from": outcome.period.from.to_string(), "to": outcome.period.to.to_string() },
        "state": if outcome.held.is_empty() { RunState::Done } else { RunState::Held },
        "held": outcome.held,
        "documents": documents,
        "deliveries": sent::as_json(&sent.summary),
    })
}
