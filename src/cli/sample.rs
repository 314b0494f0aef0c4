//! `sample`: fills a database with a synthetic register.

use std::io::IsTerminal;
use std::process::ExitCode;

use indicatif::ProgressBar;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Context;
use super::failure::CommandFailure;
use crate::config::settings::DatabaseUrl;
use crate::source::sample::{SamplePlan, fill};

#[derive(Debug, clap::Args)]
pub(super) struct SampleArguments {
    /// Persons in the sample register.
    #[arg(long, default_value_t = 50_000)]
    persons: u64,
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
        return Err(CommandFailure::Usage(format!(
            "--defects is a share from 0 to 1, not {}",
            arguments.defects
        )));
    }
    let plan = SamplePlan {
        persons: arguments.persons,
        defects: arguments.defects,
        seed: arguments.seed,
        ..SamplePlan::default()
    };
    let plan = if arguments.recent { recent(plan, context.clock.now()) } else { plan };
    let url = DatabaseUrl::new(arguments.to.as_str());
    write(&url, &plan, context.quiet).await?;
    if !context.quiet {
        context.note(&format!("made {} persons in {url}", arguments.persons));
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
