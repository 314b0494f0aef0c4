//! `show`: everything on record about one run.

use std::process::ExitCode;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::columns::{columns, local_text, nominal};
use super::failure::Failure;
use super::{Context, print, print_json};
use crate::config::settings::Campaign;
use crate::report::document::Align::{Left, Right};
use crate::store::Store;
use crate::store::outbox::Delivery;
use crate::store::runs::{ListedFile, Provenance, Run};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    run: i64,
}

pub async fn execute(context: &Context, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let settings = context.load()?.settings;
    let store = Store::open(&settings.state_dir).await?;
    let run = store.run(arguments.run).await?;
    let (figures, provenance) = store.details(run.id).await?;
    let deliveries = store.deliveries(Some(run.id)).await?;
    let documents = store.listed_documents(run.id).await?;
    store.close().await;
    if context.is_json() {
        return print_json(&json!({
            "run": run,
            "figures": figures,
            "provenance": provenance,
            "documents": documents,
            "deliveries": deliveries,
        }));
    }
    let zone = &settings.campaign.time_zone;
    let parts = [
        facts(&run, &figures, &settings.campaign),
        figure_table(&figures),
        document_table(&documents),
        delivery_table(&deliveries, zone),
        origin(&provenance),
    ];
    print(&parts.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// One fact a line, its name in front.
fn lines(facts: &[(&str, String)]) -> String {
    facts.iter().map(|(name, text)| format!("{name:<15}{text}\n")).collect()
}

fn facts(run: &Run, figures: &Value, campaign: &Campaign) -> String {
    let (zone, zone_name) = (&campaign.time_zone, &campaign.time_zone_name);
    let local = |instant: &str| local_text(instant, zone);
    let mut facts = vec![
        ("run", format!("{} {} ({})", run.id, run.report, run.kind)),
        ("period", format!("{} to {}", run.from, run.to)),
        ("state", run.state.clone()),
        ("number", run.number.clone().unwrap_or("none".to_owned())),
        ("slot", run.nominal.as_deref().map_or("ad hoc".to_owned(), nominal)),
    ];
    if let Some(since) = &run.late_since {
        facts.push(("late", format!("due {since}, as the document says")));
    }
    facts.extend(run.held.iter().map(|reason| ("held", reason.clone())));
    if let (Some(by), Some(at)) = (&run.decided_by, &run.decided_at) {
        facts.push(("decided", format!("{} by {by} on {}", run.state, local(at))));
    }
    facts.extend(run.why.iter().map(|why| ("reason", why.clone())));
    if let (Some(verdict), "acceptance") = (&run.verdict, run.kind.as_str()) {
        facts.push(("verdict", format!("{} (round {})", verdict.replace('_', " "), run.round)));
    }
    let compared = run.against.map_or("none".to_owned(), |run| format!("run {run}"));
    facts.extend([
        ("compared with", compared),
        ("times", format!("of {zone_name}")),
        ("pulled", local(&run.pulled_at)),
        ("recorded", local(&run.recorded_at)),
        (
            "rows",
            format!(
                "{} in the register, {} duplicates, {} with an unknown unit",
                run.records, figures["duplicates"], figures["unknown_unit_records"]
            ),
        ),
    ]);
    lines(&facts)
}

fn figure_table(figures: &Value) -> String {
    let heads = [
        ("RATE", Left),
        ("NUMERATOR", Right),
        ("DENOMINATOR", Right),
        ("VALUE", Right),
        ("TARGET", Right),
        ("MET", Left),
    ];
    let row = |indicator: &&str| {
        let rate = &figures["totals"][*indicator];
        let text = |key: &str| rate[key].as_str().unwrap_or("-").to_owned();
        let met = rate["met"].as_bool().map_or("-", |met| if met { "yes" } else { "no" });
        vec![
            (*indicator).to_owned(),
            rate["numerator"].to_string(),
            rate["denominator"].to_string(),
            text("rate"),
            text("target"),
            met.to_owned(),
        ]
    };
    columns(&heads, &["coverage", "completeness", "accuracy"].iter().map(row).collect::<Vec<_>>())
}

fn document_table(documents: &[ListedFile]) -> String {
    let heads = [("DOCUMENT", Left), ("BYTES", Right), ("SHA-256", Left)];
    let row = |file: &ListedFile| {
        let name = if file.draft { format!("{} (draft)", file.name) } else { file.name.clone() };
        let bytes = file
            .bytes
            .map_or("lost; restore the archive from a backup".to_owned(), |bytes| bytes.to_string());
        vec![name, bytes, file.sha256.clone()]
    };
    columns(&heads, &documents.iter().map(row).collect::<Vec<_>>())
}

fn delivery_table(deliveries: &[Delivery], zone: &TimeZone) -> String {
    if deliveries.is_empty() {
        return "no mails\n".to_owned();
    }
    let heads = [("MAIL", Right), ("STATE", Left), ("TO", Left), ("CHANGED", Left), ("ANSWER", Left)];
    let row = |mail: &Delivery| {
        vec![
            mail.id.to_string(),
            mail.state.clone(),
            mail.address.clone(),
            local_text(&mail.changed_at, zone),
            mail.answer.clone().unwrap_or_default(),
        ]
    };
    columns(&heads, &deliveries.iter().map(row).collect::<Vec<_>>())
}

/// What the figures and pages were made with.
fn origin(provenance: &Provenance) -> String {
    let mut facts = vec![
        ("version", provenance.version.clone()),
        ("configuration", provenance.configuration.clone()),
        ("templates", provenance.templates.clone()),
    ];
    facts.extend(provenance.fonts.iter().map(|(file, digest)| ("font", format!("{digest}  {file}"))));
    lines(&facts)
}
