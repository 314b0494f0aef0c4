//! `rates`: the figures alone, as table, JSON or CSV.

use std::panic::resume_unwind;
use std::process::ExitCode;
use std::thread;
use tongbao_message::{Worded, message};

use jiff::civil::Date;

use super::columns::local;
use super::failure::CommandFailure;
use super::progress::PullProgress;
use super::{Context, day, league, print, print_json_by, print_raw};
use crate::config::settings::Settings;
use crate::pipeline::{Engine, RunError};
use crate::ranking::remark::bending;
use crate::ranking::results::Results;
use crate::ranking::snapshot::Snapshot;
use crate::register::unit::Units;
use crate::render::csv::csv;
use crate::report::json_stream;
use crate::report::series::{Sources, listing};
use crate::schedule::period::Period;

#[derive(Debug, clap::Args)]
pub(super) struct RatesArguments {
    /// First day of the period; default: the campaign's first.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Date>,
    /// Last day, the cut-off; default: yesterday, or the campaign's last.
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Date>,
    /// Only the unit with this code or name.
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// CSV with byte order mark, for spreadsheets.
    #[arg(long)]
    csv: bool,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &RatesArguments,
) -> Result<ExitCode, CommandFailure> {
    let engine = Engine::for_figures(context.load_counting().await?)?;
    let now = context.clock.now();
    let campaign = &engine.settings.campaign;
    let today = now.to_zoned(campaign.time_zone.clone()).date();
    let yesterday = today.yesterday().unwrap_or(today);
    let last = campaign.phases.last().map_or(yesterday, |phase| phase.to.min(yesterday));
    let to = arguments.to.unwrap_or(last);
    let first = campaign.phases.first().map_or(to.first_of_year(), |phase| phase.from.min(to));
    let from = arguments.from.unwrap_or(first);
    let period = Period::new(from, to).ok_or(RunError::Reversed { from, to })?;
    let bar = PullProgress::new(context.quiet);
    let snapshot = engine.pull(to, now, |p| bar.update(p)).await?;
    let mut results = judged(context, &engine, &snapshot, period);
    if let Some(unit) = &arguments.unit {
        only(&mut results, &snapshot.units, unit)?;
    }
    // Of many units the cells take as much as what is printed.
    drop(snapshot);
    let indicators = &engine.settings.indicators;
    if context.is_json() {
        return print_json_by(|out| json_stream::write(out, &results, indicators));
    }
    let language = context.table_language(campaign.language);
    let Settings { scoring, ranking, .. } = &engine.settings;
    let sources =
        Sources { results: &results, indicators, scoring, ranking, trend: &[], is_round: false, language };
    if arguments.csv {
        print_raw(&String::from_utf8_lossy(&csv(&listing::spreadsheet(sources))))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (zone, zone_name) = (&campaign.time_zone, &campaign.time_zone_name);
    let (from, to, pulled) = (period.from, period.to, local(results.pulled_at, zone));
    context.say_line(message!("period-to-register-as-read-at", from, to, pulled, zone_name))?;
    print(&league::text(&listing::listing(sources)))?;
    Ok(ExitCode::SUCCESS)
}

/// The figures, after warnings of what makes them doubtful: of many units both take their time, at the same time.
fn judged(context: &Context, engine: &Engine, snapshot: &Snapshot, period: Period) -> Results {
    thread::scope(|scope| {
        let results = scope.spawn(|| Results::new(snapshot, period, engine.rules(), None));
        context.warn(&snapshot.input_mismatches(&engine.settings.indicators.coverage));
        context.warn(&bending(snapshot, &engine.settings.indicators));
        results.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Keeps one unit; the totals stay those of all.
fn only(results: &mut Results, units: &Units, wanted: &str) -> Result<(), CommandFailure> {
    let unknown = || CommandFailure::Usage(RunError::no_such_unit(wanted, units).message());
    let code = &units.list()[units.named(wanted).ok_or_else(unknown)? as usize].code;
    results.units.retain(|unit| unit.unit.code == *code);
    results.units.iter_mut().for_each(|unit| unit.is_assessed = true);
    Ok(())
}
