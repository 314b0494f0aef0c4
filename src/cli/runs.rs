//! `runs`, `show`, `reprint`: what is recorded.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::failure::Failure;
use super::run::{writable, write_documents};
use super::{Context, print, print_json};
use crate::digest::sha256;
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub struct ListArguments {
    /// At most so many.
    #[arg(long, default_value_t = 20)]
    count: i64,
}

#[derive(Debug, clap::Args)]
pub struct ShowArguments {
    run: i64,
}

#[derive(Debug, clap::Args)]
pub struct ReprintArguments {
    run: i64,
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

async fn store(context: &Context) -> Result<Store, Failure> {
    Ok(Store::open(&context.load()?.settings.state_dir).await?)
}

pub async fn list(context: &Context, arguments: &ListArguments) -> Result<ExitCode, Failure> {
    let runs = store(context).await?.runs(arguments.count).await?;
    if context.is_json() {
        return print_json(&json!(runs));
    }
    if runs.is_empty() {
        eprintln!("no run is recorded yet; make one with: tongbao run REPORT");
    }
    for run in runs {
        let number = run.number.as_deref().unwrap_or("-");
        let kind = if run.slot.is_some() { "scheduled" } else { "ad hoc" };
        print(&format!(
            "{:>5}  {:<12} {} to {}  {:<8} {:<9} {:>8} records  {number}\n",
            run.id, run.report, run.from, run.to, run.state, kind, run.records
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn show(context: &Context, arguments: &ShowArguments) -> Result<ExitCode, Failure> {
    let store = store(context).await?;
    let run = store.run(arguments.run).await?;
    let (figures, provenance) = store.details(run.id).await?;
    let deliveries = store.deliveries(Some(run.id)).await?;
    let documents = store.documents(run.id).await?;
    if context.is_json() {
        let documents: Vec<_> = documents
            .iter()
            .map(
                |file| json!({ "name": file.name, "sha256": sha256(&file.bytes), "bytes": file.bytes.len() }),
            )
            .collect();
        return print_json(&json!({
            "run": run,
            "figures": figures,
            "provenance": provenance,
            "documents": documents,
            "deliveries": deliveries,
        }));
    }
    let mut text = format!(
        "run {}: {} ({}), {} to {}\nstate: {}\nnumber: {}\npulled at {}, recorded at {}, {} records\n",
        run.id,
        run.report,
        run.kind,
        run.from,
        run.to,
        run.state,
        run.number.as_deref().unwrap_or("none"),
        run.pulled_at,
        run.recorded_at,
        run.records
    );
    run.held.iter().for_each(|reason| text.push_str(&format!("held: {reason}\n")));
    for indicator in ["coverage", "completeness", "accuracy"] {
        let rate = &figures["totals"][indicator];
        text.push_str(&format!(
            "{indicator}: {} / {} = {}\n",
            rate["numerator"],
            rate["denominator"],
            rate["rate"].as_str().unwrap_or("none")
        ));
    }
    for file in &documents {
        text.push_str(&format!("document: {}  {}\n", &sha256(&file.bytes)[..12], file.name));
    }
    for delivery in &deliveries {
        text.push_str(&format!("mail: {} to {}\n", delivery.state, delivery.address));
    }
    text.push_str(&format!(
        "version {}, configuration {}, templates {}\n",
        provenance.version,
        &provenance.configuration[..12],
        &provenance.templates[..12]
    ));
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

pub async fn reprint(context: &Context, arguments: &ReprintArguments) -> Result<ExitCode, Failure> {
    let store = store(context).await?;
    let run = store.run(arguments.run).await?;
    writable(&arguments.out)?;
    let documents = store.documents(run.id).await?;
    write_documents(&arguments.out, &documents)?;
    for file in &documents {
        print(&format!("wrote {}\n", arguments.out.join(&file.name).display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
