//! `verify`: nothing on record has been changed, left out or put elsewhere since it was recorded.

use std::process::ExitCode;

use serde_json::json;

use super::columns::{columns, facts, finding, local_text};
use super::failure::CommandFailure;
use super::language::CommandLanguage;
use super::{Context, print, print_json, print_raw};
use crate::config::settings::Campaign;
use crate::harmless::harmless;
use crate::report::document::Align::{Left, Right};
use crate::store::Store;
use crate::store::verification::Verification;

/// So many problems of a part are listed; the rest is counted.
const LISTED: usize = 20;

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArguments {
    /// A head noted after an earlier verification; it must still be in the log.
    #[arg(long, value_name = "HASH")]
    head: Option<String>,
    /// List the entries of the audit log instead.
    #[arg(long, conflicts_with = "head")]
    log: bool,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &VerifyArguments,
) -> Result<ExitCode, CommandFailure> {
    let settings = context.load()?.settings;
    if !Store::exists(&settings.state_dir) {
        let dir = settings.state_dir.display();
        return Err(CommandFailure::Usage(format!(
            "there is no state folder {dir}; set [state] dir to the one in use"
        )));
    }
    let store = Store::open_to_read(&settings.state_dir).await?;
    if arguments.log {
        return list(context, &store, &settings.campaign).await;
    }
    store.verify().await?;
    let found = store.verification(arguments.head.as_deref(), context.clock.now()).await?;
    store.close().await;
    match context.is_json() {
        true => print_json(&json!(found))?,
        false => {
            print_raw(&text(context.language, &found))?;
            ExitCode::SUCCESS
        }
    };
    Ok(if found.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Part by part; what is wrong is named.
fn text(language: CommandLanguage, found: &Verification) -> String {
    let looked_at = [
        ("audit log", format!("{} entries", found.entries)),
        ("state", String::new()),
        ("runs", found.runs.to_string()),
        ("mails", found.mails.to_string()),
        ("slots", found.slots.to_string()),
        ("schedules", found.schedules.to_string()),
        ("people", found.people.to_string()),
        ("rechecks", found.rechecks.to_string()),
        ("archive", format!("{} files", found.files)),
    ];
    let mut out = String::new();
    for (part, count) in looked_at {
        let problems: Vec<&str> =
            found.problems.iter().filter(|p| p.part == part).map(|p| p.text.as_str()).collect();
        let level = if problems.is_empty() { "ok" } else { "error" };
        out.push_str(&finding(language, level, part, &count));
        let mut listed: Vec<String> =
            problems.iter().take(LISTED).map(|text| harmless(&language.say(text)).into_owned()).collect();
        if problems.len() > LISTED {
            listed.push(language.say(&format!("and {} more", problems.len() - LISTED)));
        }
        listed.iter().for_each(|problem| out.push_str(&format!("         {problem}\n")));
    }
    if let Some(head) = &found.head {
        out.push_str(&facts(language, 9, &[("head", head.clone())]));
    }
    if !found.is_sound() {
        let advice = "the state is not what was recorded: keep it as it is, find out who could write it, and \
                      compare it with a backup\n";
        out.push_str(&language.say(advice));
    }
    out
}

async fn list(context: &Context, store: &Store, campaign: &Campaign) -> Result<ExitCode, CommandFailure> {
    let entries = store.audit().await?;
    if context.is_json() {
        return print_json(&json!(entries));
    }
    let at = format!("AT ({})", campaign.time_zone_name);
    let heads =
        [("ENTRY", Right), (&at, Left), ("WHO", Left), ("WHAT", Left), ("SUBJECT", Left), ("HASH", Left)];
    let say = |text: &str| context.language.say(text);
    // The kind of thing, and its number or name.
    let subject = |text: &str| match text.split_once(' ') {
        Some((kind, name)) => format!("{} {name}", say(kind)),
        None => say(text),
    };
    let rows = entries.iter().map(|entry| {
        vec![
            entry.seq.to_string(),
            local_text(&entry.at, &campaign.time_zone),
            entry.who.clone(),
            say(&entry.what),
            subject(&entry.subject),
            entry.hash.chars().take(12).collect(),
        ]
    });
    print(&columns(context.language, &heads, &rows.collect::<Vec<_>>()))?;
    Ok(ExitCode::SUCCESS)
}
