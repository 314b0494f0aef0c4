//! `outbox`: deliveries and their state.

use std::process::ExitCode;

use serde_json::json;

use super::failure::Failure;
use super::{Context, print, print_json};
use crate::store::Store;

pub async fn execute(context: &Context) -> Result<ExitCode, Failure> {
    let store = Store::open(&context.load()?.settings.state_dir).await?;
    let deliveries = store.deliveries(None).await?;
    if context.is_json() {
        return print_json(&json!(deliveries));
    }
    for delivery in deliveries {
        let answer = delivery.answer.as_deref().unwrap_or("");
        print(&format!(
            "{:>5}  run {:<5} {:<9} {}  {answer}\n",
            delivery.id, delivery.run, delivery.state, delivery.address
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
