//! `sample`: fills a database with a synthetic register.

use std::io::IsTerminal;
use std::process::ExitCode;
use tongbao_message::message;

use indicatif::ProgressBar;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Context;
use super::failure::CommandFailure;
use crate::config::settings::DatabaseUrl;
use crate::source::sample::{SampleKind, SamplePlan, fill};

#[derive(Debug, clap::Args)]
pub(super) struct SampleArguments {
    /// Persons in the sample register, or as many of what --preset lists.
    #[arg(long, visible_alias = "records", default_value_t = 50_000)]
    persons: u64,
    /// What the register lists.
    #[arg(long, value_name = "NAME", default_value = "population", value_parser = SampleKind::ALL.map(|(name, _)| name))]
    preset: String,
    /// sqlite:FILE, postgres://…, mysql://… or file:FOLDER for CSV files; must not have the tables yet.
    #[arg(long, value_name = "URL")]
    to: String,
    /// Share of records with a defect.
    #[arg(long, value_name = "RATE", default_value_t = 0.12)]
    defects: f64,
    /// The same seed makes the same register.
    #[arg(long, default_value_t = 52)]
    seed: u64,
    /// Registration days of the last six weeks, up to yesterday, instead of those of the demo's campaign.
    #[arg(long)]
    recent: bool,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &SampleArguments,
) -> Result<ExitCode, CommandFailure> {
    if !(0.0..=1.0).contains(&arguments.defects) {
        return Err(CommandFailure::Usage(message!(
            "defects-is-a-share-from-to",
            number = arguments.defects
        )));
    }
    let kind = SampleKind::ALL.into_iter().find(|(name, _)| *name == arguments.preset);
    let kind = kind.map_or(SampleKind::Persons, |(_, kind)| kind);
    let plan = SamplePlan {
        persons: arguments.persons,
        defects: arguments.defects,
        seed: arguments.seed,
        kind,
        ..SamplePlan::default()
    };
    let plan = if arguments.recent { recent(plan, context.clock.now()) } else { plan };
    let url = DatabaseUrl::new(arguments.to.as_str());
    write(&url, &plan, context.quiet).await?;
    if !context.quiet {
        let made = arguments.persons;
        context.note(&match kind {
            SampleKind::Persons => message!("made-persons-in", made, url),
            _ => message!("made-records-in", made, url),
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// The same register, registered in the six weeks up to yesterday.
fn recent(plan: SamplePlan, now: Timestamp) -> SamplePlan {
    let zone = TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
    let to = now.to_zoned(zone).date().saturating_sub(1.day());
    SamplePlan { from: to.saturating_sub(41.days()), to, ..plan }
}

/// Fills the database, with a bar on a terminal.
pub(super) async fn write(url: &DatabaseUrl, plan: &SamplePlan, quiet: bool) -> Result<(), CommandFailure> {
    let shown = !quiet && std::io::stderr().is_terminal();
    let bar = if shown { ProgressBar::new(plan.persons) } else { ProgressBar::hidden() };
    fill(url, plan, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    Ok(())
}
