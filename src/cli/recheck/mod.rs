//! `recheck`: samples that a person looks at 抽查, and what was found in them.

mod announce;
mod draw;
mod record;
mod size;

use std::path::PathBuf;
use std::process::ExitCode;
use tongbao_message::message;

use jiff::civil::Date;
use serde_json::json;

use super::columns::{columns, local_text};
use super::failure::CommandFailure;
use super::{Context, day, print, print_json};
use crate::pipeline::Engine;
use crate::report::document::Align::{Left, Right};
use crate::report::rechecks::{error_rate, interval};
use crate::store::rechecks::Recheck;

#[derive(Debug, clap::Args)]
pub(super) struct RecheckArguments {
    #[command(subcommand)]
    action: Option<RecheckAction>,
}

#[derive(Debug, clap::Subcommand)]
enum RecheckAction {
    /// Proposes how many records of a unit to look at.
    Size(SizeArguments),
    /// Puts a digest of the record keys of each unit on record, to be published before the seed is drawn.
    Announce(AnnounceArguments),
    /// Draws records of each unit; the list of record keys goes to a file, and nowhere else.
    Draw(DrawArguments),
    /// Records what was found in the returned list.
    Record(RecordArguments),
}

// The records that samples are drawn from; no doc comment, which would become the help of every command with them.
#[derive(Debug, clap::Args)]
struct AnnounceArguments {
    /// Only the units with these codes or names; default: every unit that is judged.
    #[arg(long, value_name = "CODE")]
    unit: Vec<String>,
    /// Last registration day of the records; default: yesterday, or the campaign's last.
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Date>,
}

#[derive(Debug, clap::Args)]
struct SizeArguments {
    /// How far from the share found the interval may reach, in per cent of all records.
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = size::percent)]
    precision: u32,
    /// The share of wrong records that is expected, at most half.
    #[arg(long, value_name = "PERCENT", default_value = "10%", value_parser = size::percent)]
    expecting: u32,
}

#[derive(Debug, clap::Args)]
struct DrawArguments {
    /// How many records of each unit.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    size: u32,
    /// Where the list goes: FILE.csv or FILE.xlsx, readable by you alone.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    from: AnnounceArguments,
    /// What decides the draw, such as the eyes of dice thrown in public; default: a random one, which is printed.
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
}

#[derive(Debug, clap::Args)]
struct RecordArguments {
    /// The list with its last column filled in: right 对, wrong 错, or unchecked 无法核实.
    file: PathBuf,
    /// Who checked.
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Columns of the list, as they are written in each language and read in both.
const RECHECK: [&str; 2] = ["抽查号", "recheck"];
const UNIT: [&str; 2] = ["单位代码", "unit"];
const UNIT_NAME: [&str; 2] = ["单位", "unit_name"];
const KEY: [&str; 2] = ["记录编号", "key"];
const WRONG_FIELDS: [&str; 2] = ["差错项目", "wrong_fields"];
const RESULT: [&str; 2] = ["结果", "result"];

pub(super) async fn execute(
    context: &Context,
    arguments: &RecheckArguments,
) -> Result<ExitCode, CommandFailure> {
    match &arguments.action {
        None => list(context).await,
        Some(RecheckAction::Size(arguments)) => size::execute(context, arguments),
        Some(RecheckAction::Announce(arguments)) => announce::execute(context, arguments).await,
        Some(RecheckAction::Draw(arguments)) => draw::execute(context, arguments).await,
        Some(RecheckAction::Record(arguments)) => record::execute(context, arguments).await,
    }
}

/// Yesterday, or the campaign's last day.
fn last_day(context: &Context, engine: &Engine) -> Date {
    let campaign = &engine.settings.campaign;
    let today = engine.today(context.clock.now());
    let yesterday = today.yesterday().unwrap_or(today);
    campaign.phases.last().map_or(yesterday, |phase| phase.to.min(yesterday))
}

/// All samples, the latest first.
async fn list(context: &Context) -> Result<ExitCode, CommandFailure> {
    let engine = Engine::for_figures(context.load()?.settings)?;
    let store = context.look(&engine.settings.state_dir).await?;
    let rechecks = store.rechecks().await?;
    store.close().await;
    if context.is_json() {
        return print_json(&json!({ "rechecks": rechecks }));
    }
    if rechecks.is_empty() {
        context.note(message!("no-sample-has-been-drawn-yet"));
        return Ok(ExitCode::SUCCESS);
    }
    let zone = &engine.settings.campaign.time_zone;
    let heads = [
        (message!("head-recheck"), Right),
        (message!("head-unit"), Left),
        (message!("head-no"), Right),
        (message!("up-to"), Left),
        (message!("head-drawn"), Left),
        (message!("head-records"), Right),
        (message!("head-sample"), Right),
        (message!("head-wrong"), Right),
        (message!("head-rate"), Right),
        (message!("interval"), Left),
    ];
    let row = |one: &Recheck| {
        let counts = one.wrong.map(|wrong| (wrong.unsigned_abs(), one.size.unsigned_abs()));
        let shown = |text: Option<String>| text.unwrap_or("-".to_owned());
        vec![
            one.id.to_string(),
            one.unit.clone(),
            one.number.to_string(),
            one.cut_off.clone(),
            local_text(&one.drawn_at, zone),
            one.population.to_string(),
            one.size.to_string(),
            shown(one.wrong.map(|wrong| wrong.to_string())),
            shown(counts.map(|(wrong, checked)| error_rate(wrong, checked))),
            shown(counts.and_then(|(wrong, checked)| interval(wrong, checked))),
        ]
    };
    print(&columns(context.language, &heads, &rechecks.iter().map(row).collect::<Vec<_>>()))?;
    Ok(ExitCode::SUCCESS)
}
