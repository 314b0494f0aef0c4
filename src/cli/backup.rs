//! `backup` and `restore`: a copy of the state, and the state again.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::json;

use super::columns::{local_text, nominal};
use super::failure::CommandFailure;
use super::{Context, print_json};
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
        return Err(CommandFailure::Usage(format!(
            "there is no state folder {dir}; set [state] dir to the one in use"
        )));
    }
    let store = Store::open(&dir).await?;
    let manifest = store.backup(&arguments.out, context.clock.now()).await?;
    store.close().await;
    let out = arguments.out.display();
    if context.is_json() {
        return print_json(&json!({ "path": out.to_string(), "manifest": manifest }));
    }
    context
        .say(&format!("backup {out}: the database and {} archived files, all checked\n", manifest.files))?;
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
    context.say(&text(&settings, &restored, &unknown))?;
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

/// What a person reads, and what is left to decide.
fn text(settings: &Settings, restored: &Restored, unknown: &[Unknown]) -> String {
    let (dir, zone) = (settings.state_dir.display(), &settings.campaign.time_zone);
    let mut text = match &restored.last_run {
        Some((run, at)) => {
            format!(
                "restored {} runs to {dir}; the last is run {run} of {}\n",
                restored.runs,
                local_text(at, zone)
            )
        }
        None => format!("restored {dir}; it has no run yet\n"),
    };
    text.push_str("schedules go on from now; nothing is sent or filled again automatically\n");
    if !unknown.is_empty() || !restored.expired.is_empty() {
        text.push_str("\nslots of which this state does not know whether they were filled:\n");
        for (report, at) in &restored.expired {
            text.push_str(&format!("  {}  {report} (was open)\n", nominal(at)));
        }
        for slot in unknown {
            text.push_str(&format!("  {}  {}\n", nominal(&slot.nominal), slot.report));
        }
        text.push_str(
            "  look for their bulletins with the recipients; for one that never went out: tongbao run REPORT \
             --from DAY --to DAY\n  numbers (第N期) given since the copy may be given again; check the next one\n",
        );
    }
    let listed = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    if !restored.held.is_empty() {
        text.push_str(&format!(
            "\nruns held in the copy, perhaps decided on since: {}\n  a second release would be sent a second time; \
             look before: tongbao show RUN\n",
            listed(&restored.held)
        ));
    }
    if !restored.requests.is_empty() {
        text.push_str(&format!(
            "\nruns asked for in the console and not finished in the copy, now ended: {}\n  ask again for what \
             never came\n",
            listed(&restored.requests)
        ));
    }
    if !restored.uncertain.is_empty() {
        text.push_str(&format!(
            "\nmails that may have left since the copy, now uncertain: {}\n  ask the recipients, then: tongbao \
             outbox retry ID, or tongbao outbox cancel ID\n",
            listed(&restored.uncertain)
        ));
    }
    if !restored.missing.is_empty() {
        text.push_str("\nmissing or damaged in the archive (their figures are kept, the files are not):\n");
        restored.missing.iter().for_each(|what| text.push_str(&format!("  {what}\n")));
    }
    text
}
