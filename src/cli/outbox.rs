//! `outbox`: deliveries and their state; a person sends one again or cancels it.

use std::process::ExitCode;

use serde_json::json;

use super::failure::Failure;
use super::{Context, print, print_json};
use crate::store::Store;

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
    let store = Store::open(&context.load()?.settings.state_dir).await?;
    let now = context.clock.now();
    match arguments.action {
        None | Some(Action::List) => return list(context, &store).await,
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

async fn list(context: &Context, store: &Store) -> Result<ExitCode, Failure> {
    let deliveries = store.deliveries(None).await?;
    if context.is_json() {
        return print_json(&json!(deliveries));
    }
    if deliveries.is_empty() {
        eprintln!("the outbox is empty");
    }
    for delivery in deliveries {
        let run = delivery.run.map_or("alert".to_owned(), |run| format!("run {run}"));
        let answer = delivery.answer.as_deref().unwrap_or("");
        print(&format!(
            "{:>5}  {run:<9} {:<6} {:<9} {}  {answer}\n",
            delivery.id, delivery.kind, delivery.state, delivery.address
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
