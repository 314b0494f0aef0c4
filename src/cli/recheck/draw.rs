//! Draws samples, puts them on record, and writes the list for those who check.

use std::path::Path;
use std::process::ExitCode;
use tongbao_message::{Worded, message};

use jiff::civil::Date;
use serde_json::json;

use super::super::failure::CommandFailure;
use super::super::language::CommandLanguage;
use super::super::{Context, print_json};
use super::{DrawArguments, KEY, RECHECK, RESULT, UNIT, UNIT_NAME};
use crate::pipeline::{DrawnSample, Engine};
use crate::random;
use crate::render::csv::csv;
use crate::render::workbook::{Sheet, WorkbookProperties, workbook};
use crate::report::document::{Align, Cell, Column, Row, Table};
use crate::report::words::Words;
use crate::store::Store;
use crate::store::rechecks::{NewRecheck, Recheck};
use crate::{whole_file, work};

/// Longest seed.
const LONGEST_SEED: usize = 200;

pub(super) async fn execute(
    context: &Context,
    arguments: &DrawArguments,
) -> Result<ExitCode, CommandFailure> {
    let DrawArguments { size, out, unit, .. } = arguments;
    if out.exists() {
        let shown = out.display();
        return Err(CommandFailure::Usage(message!("exists-and-may-hold-results-name", shown)));
    }
    let engine = Engine::for_figures(context.load()?.settings)?;
    let seed = seed(arguments.seed.as_deref())?;
    let cut_off = arguments.to.unwrap_or_else(|| last_day(context, &engine));
    let samples = engine.draw_samples(unit, cut_off, (&seed, *size as usize)).await?;
    let digests: Vec<String> = samples.iter().map(DrawnSample::digest).collect();
    let new: Vec<NewRecheck<'_>> = samples
        .iter()
        .zip(&digests)
        .filter(|(sample, _)| !sample.keys.is_empty())
        .map(|(sample, keys)| NewRecheck {
            unit: &sample.code,
            cut_off,
            seed: &seed,
            population: sample.population,
            size: sample.keys.len() as u64,
            keys,
        })
        .collect();
    let empty: Vec<&str> = samples.iter().filter(|s| s.keys.is_empty()).map(|s| s.code.as_str()).collect();
    if !empty.is_empty() {
        context.warn(&[message!("units-without-records-of-which-nothing", units = empty.join(", "))]);
    }
    if new.is_empty() {
        return Err(CommandFailure::Failed(message!("there-is-no-record-to-draw").to_owned()));
    }
    let store = Store::open(&engine.settings.state_dir).await?;
    let drawn = store.draw_rechecks(&new, context.clock.now()).await?;
    store.close().await;
    let samples: Vec<DrawnSample> = samples.into_iter().filter(|sample| !sample.keys.is_empty()).collect();
    write(context, &engine, out, &list(context.language, &samples, &drawn)).await?;
    if context.is_json() {
        return print_json(&json!({ "rechecks": drawn, "file": out }));
    }
    let records: usize = samples.iter().map(|sample| sample.keys.len()).sum();
    let (units, shown) = (samples.len(), out.display());
    context.say(message!("records-of-units-are-drawn-with", records, units, seed, shown) /*NL*/)?;
    context.say(message!("have-the-last-column-filled-in") /*NL*/)?;
    Ok(ExitCode::SUCCESS)
}

/// The seed that was given, or one that nobody could know before.
fn seed(given: Option<&str>) -> Result<String, CommandFailure> {
    match given.map(str::trim) {
        None => {
            let drawn = random::random::<8>().map_err(|error| CommandFailure::Failed(error.message()))?;
            Ok(crate::digest::hex(&drawn))
        }
        Some(text)
            if text.is_empty() || text.chars().count() > LONGEST_SEED || text.contains(char::is_control) =>
        {
            Err(CommandFailure::Usage(message!("a-seed-is-a-text-of", longest_seed = LONGEST_SEED)))
        }
        Some(text) => Ok(text.to_owned()),
    }
}

/// Yesterday, or the campaign's last day.
fn last_day(context: &Context, engine: &Engine) -> Date {
    let campaign = &engine.settings.campaign;
    let today = engine.today(context.clock.now());
    let yesterday = today.yesterday().unwrap_or(today);
    campaign.phases.last().map_or(yesterday, |phase| phase.to.min(yesterday))
}

/// One row a record: record keys, and a column for what is found. No value of a record is in it.
fn list(language: CommandLanguage, samples: &[DrawnSample], drawn: &[Recheck]) -> Table {
    let pick = |names: [&'static str; 2]| names[usize::from(language == CommandLanguage::English)];
    let heads = [RECHECK, UNIT, UNIT_NAME, KEY, RESULT].map(pick);
    let columns = heads.map(|head| Column { head: head.to_owned(), align: Align::Left }).into();
    let rows = samples.iter().zip(drawn).flat_map(|(sample, recheck)| {
        sample.keys.iter().map(|key| Row {
            cells: [recheck.id.to_string().as_str(), &sample.code, &sample.name, key, ""]
                .map(Cell::text)
                .into(),
            ..Row::default()
        })
    });
    Table { rows: rows.collect(), columns, ..Table::default() }
}

async fn write(context: &Context, engine: &Engine, out: &Path, list: &Table) -> Result<(), CommandFailure> {
    let is_workbook = out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    let bytes = match is_workbook {
        false => csv(list),
        true => {
            let title = match context.language {
                CommandLanguage::Chinese => "抽查名单",
                CommandLanguage::English => "Re-check",
            };
            let sheet = Sheet {
                name: title.to_owned(),
                title: title.to_owned(),
                notes: Vec::new(),
                table: list.clone(),
            };
            let properties = WorkbookProperties {
                title: title.to_owned(),
                author: engine.settings.campaign.issuer.clone(),
                created: context.clock.now(),
                font: Words::of(engine.settings.campaign.language).files.font,
            };
            workbook(&[sheet], &properties).map_err(|error| CommandFailure::Failed(error.message()))?
        }
    };
    let path = out.to_owned();
    let written = work::block(move || whole_file::write(&path, &bytes, 0o600)).await;
    written.map_err(|error| {
        let path = out.display();
        CommandFailure::Failed(message!("cannot-write-name-another-file-with", path, error))
    })
}
