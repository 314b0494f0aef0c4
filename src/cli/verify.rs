//! `verify`: nothing on record has been changed, left out or put elsewhere since it was recorded.

use std::process::ExitCode;
use tongbao_message::{Message, Worded, message};

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
        return Err(CommandFailure::Usage(message!("there-is-no-state-folder-set", dir)));
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
        ("audit log", message!("audit-log"), message!("entries", count = found.entries)),
        ("state", message!("state"), Message::default()),
        ("runs", message!("runs"), Message::text(found.runs.to_string())),
        ("mails", message!("mails"), Message::text(found.mails.to_string())),
        ("slots", message!("slots"), Message::text(found.slots.to_string())),
        ("schedules", message!("schedules"), Message::text(found.schedules.to_string())),
        ("people", message!("people"), Message::text(found.people.to_string())),
        ("rechecks", message!("rechecks"), Message::text(found.rechecks.to_string())),
        ("archive", message!("archive"), message!("files", count = found.files)),
    ];
    let mut out = String::new();
    for (part, name, count) in looked_at {
        let problems: Vec<&Message> =
            found.problems.iter().filter(|p| p.part == part).map(|p| &p.text).collect();
        let level = if problems.is_empty() { "ok" } else { "error" };
        out.push_str(&finding(language, level, name, count));
        let mut listed: Vec<String> =
            problems.iter().take(LISTED).map(|text| harmless(&language.say(text)).into_owned()).collect();
        if problems.len() > LISTED {
            listed.push(language.say(message!("and-more", count = problems.len() - LISTED)));
        }
        listed.iter().for_each(|problem| out.push_str(&format!("         {problem}\n")));
    }
    if let Some(head) = &found.head {
        out.push_str(&facts(language, 9, &[(message!("head"), head.clone())]));
    }
    if !found.is_sound() {
        let advice = language.line(message!("the-state-is-not-what-was"));
        out.push_str(&advice);
    }
    out
}

async fn list(context: &Context, store: &Store, campaign: &Campaign) -> Result<ExitCode, CommandFailure> {
    let entries = store.audit().await?;
    if context.is_json() {
        return print_json(&json!(entries));
    }
    let at = message!("at", zone = campaign.time_zone_name);
    let heads = [
        (message!("head-entry"), Right),
        (at, Left),
        (message!("head-who"), Left),
        (message!("head-what"), Left),
        (message!("head-subject"), Left),
        (message!("head-hash"), Left),
    ];
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
            entry
                .action()
                .map_or_else(|| entry.what.clone(), |action| context.language.say(action.message())),
            subject(&entry.subject),
            entry.hash.chars().take(12).collect(),
        ]
    });
    print(&columns(context.language, &heads, &rows.collect::<Vec<_>>()))?;
    Ok(ExitCode::SUCCESS)
}
