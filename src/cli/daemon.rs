//! `daemon` and `next`.

use std::process::ExitCode;

use serde_json::json;

use super::failure::Failure;
use super::{Context, print, print_json};
use crate::daemon;
use crate::schedule::slot::{pattern, slots_after};
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub struct NextArguments {
    /// So many slots in all.
    #[arg(long, default_value_t = 10)]
    count: usize,
}

pub async fn execute(context: &Context) -> Result<ExitCode, Failure> {
    let engine = context.engine()?;
    let store = Store::open(&engine.settings.state_dir).await?;
    daemon::serve(&engine, &store, context.clock, daemon::stop_signal()).await.map_err(Failure::Failed)?;
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

pub fn next(context: &Context, arguments: &NextArguments) -> Result<ExitCode, Failure> {
    let settings = context.load()?.settings;
    let (zone, now) = (&settings.campaign.time_zone, context.clock.now());
    let mut slots = Vec::new();
    for report in settings.reports.values() {
        let Some(schedule) = &report.schedule else { continue };
        let pattern = pattern(schedule).map_err(Failure::Usage)?;
        let coming = slots_after(&pattern, zone, now, report.active, arguments.count);
        slots.extend(coming.into_iter().map(|slot| (slot, report.name.as_str())));
    }
    slots.sort();
    slots.truncate(arguments.count);
    if context.is_json() {
        let list: Vec<_> = slots
            .iter()
            .map(|(slot, report)| json!({ "report": report, "at": slot.instant.to_string(), "local": slot.nominal.to_string() }))
            .collect();
        return print_json(&json!(list));
    }
    if slots.is_empty() {
        eprintln!("no report is due any more; schedules end with their active range");
    }
    for (slot, report) in slots {
        let local = slot.instant.to_zoned(zone.clone());
        print(&format!("{}  {report}\n", local.strftime("%Y-%m-%d %H:%M %a %:z")))?;
    }
    Ok(ExitCode::SUCCESS)
}
