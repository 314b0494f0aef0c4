//! `daemon` and `next`.

use std::process::ExitCode;
use std::sync::Arc;
use tongbao_message::{Message, message};

use serde_json::json;

use super::columns::columns;
use super::failure::CommandFailure;
use super::{Context, print, print_json, serve};
use crate::daemon;
use crate::daemon::service::Service;
use crate::daemon::slots::{plan, scheduled};
use crate::pipeline;
use crate::report::document::Align::Left;
use crate::schedule::slot::Slot;
use crate::store::Store;

/// Why nothing is due and nothing can rest.
pub(super) fn no_schedule() -> Message {
    message!("no-report-has-a-schedule")
}

#[derive(Debug, clap::Args)]
pub(super) struct NextArguments {
    /// So many slots in all.
    #[arg(long, default_value_t = 10)]
    count: usize,
}

pub(super) async fn execute(context: &Context) -> Result<ExitCode, CommandFailure> {
    let engine = Arc::new(context.engine().await?);
    let store = Store::open(&engine.settings.state_dir).await?;
    // Better not to start than to send from a state that has lost its memory.
    store.verify().await?;
    let transport = pipeline::transport(&engine.settings).map(Arc::new);
    let service = Service::new(engine.clone(), store.clone(), context.clock.clone(), transport);
    let _console = serve::open(&engine, service.watch(), &context.clock).await?;
    daemon::serve(service, daemon::stop_signal())
        .await
        .map_err(|problem| CommandFailure::Failed(problem.into()))?;
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn next(context: &Context, arguments: &NextArguments) -> Result<ExitCode, CommandFailure> {
    let settings = context.load()?.settings;
    let store = context.read(&settings.state_dir).await?;
    let (zone, now) = (&settings.campaign.time_zone, context.clock.now());
    let mut slots = Vec::new();
    let (possible, impossible): (Vec<_>, Vec<_>) =
        scheduled(&settings).partition(|(_, rule)| rule.is_possible());
    for (report, rule) in &impossible {
        context.note(message!("names-a-day-that-no-year", rule, report = report.name));
    }
    for (report, rule) in &possible {
        let paused = store.observed(&report.name).await?.is_some_and(|observed| observed.paused);
        let coming = plan(&settings, &store, report, rule, now).await?.after(now, arguments.count);
        slots.extend(coming.into_iter().map(|slot| (slot, report.name.as_str(), paused)));
    }
    slots.sort();
    slots.truncate(arguments.count);
    if context.is_json() {
        let list: Vec<_> = slots
            .iter()
            .map(|(slot, report, paused)| {
                json!({
                    "report": report,
                    "at": slot.instant.to_string(),
                    "local": slot.nominal.to_string(),
                    "paused": paused,
                })
            })
            .collect();
        return print_json(&json!(list));
    }
    if slots.is_empty() {
        match (possible.is_empty(), impossible.is_empty()) {
            (false, _) => context.note(message!("no-report-is-due-any-more")),
            (true, true) => context.note(no_schedule()),
            (true, false) => {}
        }
    }
    let say = |text: &str| context.language.say(text);
    let row = |(slot, report, paused): &(Slot, &str, bool)| {
        let local = slot.instant.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let weekday = slot.nominal.strftime("%a").to_string();
        let note = if *paused { message!("paused-will-be-left-out") } else { Message::default() };
        [format!("{local} {}", say(&weekday)), (*report).to_owned(), context.language.say(note)].into()
    };
    let rows: Vec<Vec<String>> = slots.iter().map(row).collect();
    if !rows.is_empty() {
        let head = message!("slot", zone = settings.campaign.time_zone_name);
        print(&columns(
            context.language,
            &[(head, Left), (message!("head-report"), Left), (Message::default(), Left)],
            &rows,
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
