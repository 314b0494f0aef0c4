//! `outbox`: deliveries and their state; a person sends one again or cancels it.

use std::process::ExitCode;

use jiff::tz::TimeZone;
use serde_json::json;

use super::columns::{columns, local, local_text};
use super::failure::Failure;
use super::{Context, print, print_json};
use crate::report::document::Align::{Left, Right};
use crate::store::Store;
use crate::store::outbox::Delivery;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Deliveries and their state.
    List,
    /// Sends a delivery again with the same bytes: the daemon does within a minute.
    Retry { id: i64 },
    /// Cancels a delivery that has not left for certain.
    Cancel { id: i64 },
}

pub async fn execute(context: &Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let settings = context.load()?.settings;
    let store = Store::open(&settings.state_dir).await?;
    let now = context.clock.now();
    match arguments.action {
        None | Some(Action::List) => return list(context, &store, &settings.campaign.time_zone).await,
        Some(Action::Retry { id }) => {
            store.retry_delivery(id, now).await?;
            say(context, id, "pending")
        }
        Some(Action::Cancel { id }) => {
            store.cancel_delivery(id, "cancelled by a person", now).await?;
            say(context, id, "cancelled")
        }
    }
}

fn say(context: &Context, id: i64, state: &str) -> Result<ExitCode, Failure> {
    if context.is_json() {
        return print_json(&json!({ "id": id, "state": state }));
    }
    print(&format!("delivery {id} is {state}\n"))?;
    Ok(ExitCode::SUCCESS)
}

async fn list(context: &Context, store: &Store, zone: &TimeZone) -> Result<ExitCode, Failure> {
    let deliveries = store.deliveries(None).await?;
    if context.is_json() {
        return print_json(&json!(deliveries));
    }
    if deliveries.is_empty() {
        eprintln!("the outbox is empty");
    }
    let heads = [
        ("MAIL", Right),
        ("FOR", Left),
        ("KIND", Left),
        ("STATE", Left),
        ("TO", Left),
        ("TRIES", Right),
        ("NEXT OR LAST", Left),
        ("ANSWER", Left),
    ];
    print(&columns(&heads, &deliveries.iter().map(|mail| row(mail, zone)).collect::<Vec<_>>()))?;
    Ok(ExitCode::SUCCESS)
}

fn row(mail: &Delivery, zone: &TimeZone) -> Vec<String> {
    let at = match mail.state.as_str() {
        "pending" => local(mail.try_at, zone),
        _ => local_text(&mail.changed_at, zone),
    };
    vec![
        mail.id.to_string(),
        mail.run.map_or("-".to_owned(), |run| format!("run {run}")),
        mail.kind.clone(),
        mail.state.clone(),
        mail.address.clone(),
        mail.attempts.to_string(),
        at,
        mail.answer.clone().unwrap_or_default(),
    ]
}
