//! `backup` and `restore`: a copy of the state, and the state again.

use std::path::PathBuf;
use std::process::ExitCode;
use tongbao_message::{Message, message};

use jiff::Timestamp;
use serde_json::json;

use super::columns::{local_text, nominal};
use super::failure::CommandFailure;
use super::language::CommandLanguage;
use super::{Context, print, print_json};
use crate::config::settings::Settings;
use crate::daemon::slots::{plan, scheduled};
use crate::store::Store;
use crate::store::restore::{Restored, restore as rebuild};

#[derive(Debug, clap::Args)]
pub(super) struct BackupArguments {
    /// A new folder, or a new file whose name ends in .tar.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArguments {
    /// A backup (folder or .tar), or one of the daemon's copies below STATE/copy.
    from: PathBuf,
}

pub(super) async fn backup(
    context: &Context,
    arguments: &BackupArguments,
) -> Result<ExitCode, CommandFailure> {
    let dir = context.load()?.settings.state_dir;
    if !Store::exists(&dir) {
        let dir = dir.display();
        return Err(CommandFailure::Usage(message!("there-is-no-state-folder-set", dir)));
    }
    let store = Store::open(&dir).await?;
    let manifest = store.backup(&arguments.out, context.clock.now()).await?;
    store.close().await;
    let out = arguments.out.display();
    if context.is_json() {
        return print_json(&json!({ "path": out.to_string(), "manifest": manifest }));
    }
    context.say_line(message!("backup-the-database-and-archived-files", out, count = manifest.files))?;
    Ok(ExitCode::SUCCESS)
}

/// A slot that fell due after the copy was made.
struct Unknown {
    report: String,
    due: Timestamp,
    nominal: String,
}

pub(super) async fn restore(
    context: &Context,
    arguments: &RestoreArguments,
) -> Result<ExitCode, CommandFailure> {
    let settings = context.load()?.settings;
    let now = context.clock.now();
    let restored = rebuild(&arguments.from, &settings.state_dir, now).await?;
    let store = Store::open(&settings.state_dir).await?;
    let unknown = since_the_copy(&settings, &store, &restored, now).await?;
    store.close().await;
    if context.is_json() {
        let slots: Vec<_> = unknown
            .iter()
            .map(|slot| json!({ "report": slot.report, "at": slot.due.to_string(), "local": slot.nominal }))
            .collect();
        return print_json(&json!({ "restored": restored, "slots_since": slots }));
    }
    print(&text(context.language, &settings, &restored, &unknown))?;
    Ok(ExitCode::SUCCESS)
}

/// The slots between the copy and now. The restored state does not know whether they were filled.
async fn since_the_copy(
    settings: &Settings,
    store: &Store,
    restored: &Restored,
    now: Timestamp,
) -> Result<Vec<Unknown>, CommandFailure> {
    let mut unknown = Vec::new();
    for (report, rule) in scheduled(settings) {
        let watched = restored.schedules.iter().find(|watched| watched.schedule == report.name);
        let Some(watched) = watched else { continue };
        for slot in plan(settings, store, report, rule, now).await?.between(watched.until, now) {
            let (report, nominal) = (report.name.clone(), slot.nominal.to_string());
            unknown.push(Unknown { report, due: slot.instant, nominal });
        }
    }
    unknown.sort_by(|a, b| (a.due, &a.report).cmp(&(b.due, &b.report)));
    Ok(unknown)
}

/// A line below the one that it belongs to.
fn advise(text: &mut String, language: CommandLanguage, advice: &Message) {
    text.push_str(&format!("  {}", language.line(advice)));
}

/// What a person reads, and what is left to decide.
fn text(language: CommandLanguage, settings: &Settings, restored: &Restored, unknown: &[Unknown]) -> String {
    let (dir, zone) = (settings.state_dir.display(), &settings.campaign.time_zone);
    let mut text = match &restored.last_run {
        Some((run, at)) => language.line(message!(
            "restored-runs-to-the-last-is",
            runs = restored.runs,
            dir,
            run,
            at = local_text(at, zone)
        )),
        None => language.line(message!("restored-it-has-no-run-yet", dir)),
    };
    text.push_str(&language.line(message!("schedules-go-on-from-now-nothing")));
    if !unknown.is_empty() || !restored.expired.is_empty() {
        text.push_str(&format!("\n{}", language.line(message!("slots-unknown"))));
        for (report, at) in &restored.expired {
            text.push_str(&language.line(message!("was-open", at = nominal(at), report)));
        }
        for slot in unknown {
            text.push_str(&format!("  {}  {}\n", nominal(&slot.nominal), slot.report));
        }
        advise(&mut text, language, &message!("look-for-bulletins"));
        advise(&mut text, language, &message!("numbers-given-again"));
    }
    let listed = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    if !restored.held.is_empty() {
        let runs = listed(&restored.held);
        text.push_str(&format!("\n{}", language.line(message!("runs-held-in-copy", runs))));
        advise(&mut text, language, &message!("second-release"));
    }
    if !restored.requests.is_empty() {
        let ids = listed(&restored.requests);
        text.push_str(&format!("\n{}", language.line(message!("requests-ended", ids))));
        advise(&mut text, language, &message!("ask-again"));
    }
    if !restored.uncertain.is_empty() {
        let ids = listed(&restored.uncertain);
        text.push_str(&format!("\n{}", language.line(message!("mails-uncertain", ids))));
        advise(&mut text, language, &message!("ask-recipients"));
    }
    if !restored.missing.is_empty() {
        text.push_str(&format!("\n{}", language.line(message!("missing-in-archive"))));
        restored.missing.iter().for_each(|what| text.push_str(&format!("  {what}\n")));
    }
    text
}
