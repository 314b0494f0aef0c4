//! Draws samples, puts them on record, and writes the list for those who check.

use std::path::Path;
use std::process::ExitCode;
use tongbao_message::{Worded, message};

use jiff::civil::Date;
use serde_json::json;

use super::super::failure::CommandFailure;
use super::super::language::CommandLanguage;
use super::super::{Context, print_json};
use super::{DrawArguments, KEY, RECHECK, RESULT, UNIT, UNIT_NAME, WRONG_FIELDS, announce};
use crate::indicator::recheck::digest_of_keys;
use crate::pipeline::{Engine, UnitKeys};
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

/// The sample of a unit.
struct DrawnSample<'a> {
    unit: &'a UnitKeys,
    keys: Vec<String>,
    digest: String,
}

pub(super) async fn execute(
    context: &Context,
    arguments: &DrawArguments,
) -> Result<ExitCode, CommandFailure> {
    let DrawArguments { size, out, from, seed: given } = arguments;
    if out.exists() {
        let shown = out.display();
        return Err(CommandFailure::Usage(message!("exists-and-may-hold-results-name", shown)));
    }
    let given = given.as_deref().map(seed_of).transpose()?;
    let engine = Engine::for_figures(context.load_counting().await?)?;
    let (units, cut_off) = announce::read(context, &engine, from).await?;
    let store = Store::open(&engine.settings.state_dir).await?;
    let drawn = draw(context, &store, (&units, cut_off), given, *size as usize).await;
    store.close().await;
    let (seed, samples, drawn) = drawn?;
    write(context, &engine, out, &list(context.language, &samples, &drawn)).await?;
    if context.is_json() {
        return print_json(&json!({ "rechecks": drawn, "file": out }));
    }
    let records: usize = samples.iter().map(|sample| sample.keys.len()).sum();
    let (units, shown) = (samples.len(), out.display());
    context.say_line(message!("records-of-units-are-drawn-with", records, units, seed, shown))?;
    context.say_line(message!("have-the-last-column-filled-in"))?;
    Ok(ExitCode::SUCCESS)
}

/// Draws samples with the seed that was given or with a random one, which nobody knows before the lists are on record.
async fn draw<'a>(
    context: &Context,
    store: &Store,
    (units, cut_off): (&'a [UnitKeys], Date),
    given: Option<String>,
    size: usize,
) -> Result<(String, Vec<DrawnSample<'a>>, Vec<Recheck>), CommandFailure> {
    let (lists, seed) = match given {
        Some(seed) => (announced(context, store, units, cut_off).await?, seed),
        None => {
            let lists = announce::announce(context, store, units, cut_off).await?;
            (lists.iter().map(|list| Some(list.id)).collect(), random_seed()?)
        }
    };
    let sample = |unit: &'a UnitKeys| {
        let keys = unit.keys.draw(&seed, size);
        DrawnSample { unit, digest: digest_of_keys(keys.iter().map(String::as_str)), keys }
    };
    let samples: Vec<DrawnSample<'a>> = units.iter().map(sample).collect();
    let new = |(sample, list): (&DrawnSample<'a>, Option<i64>)| NewRecheck {
        unit: sample.unit.code.clone(),
        cut_off,
        seed: seed.clone(),
        population: sample.unit.keys.count(),
        size: sample.keys.len() as u64,
        keys: sample.digest.clone(),
        list,
    };
    let new: Vec<NewRecheck> = samples.iter().zip(lists).map(new).collect();
    let drawn = store.draw_rechecks(&new, context.clock.now()).await?;
    Ok((seed, samples, drawn))
}

/// The units as they are listed; of many the first, and how many there are.
fn named(units: &[&str]) -> String {
    const NAMED: usize = 6;
    match units.len() {
        ..=NAMED => units.join(", "),
        all => format!("{}, … ({all})", units[..NAMED].join(", ")),
    }
}

/// The lists that were announced before a seed was given. Fails where the records are no longer those of the list.
async fn announced(
    context: &Context,
    store: &Store,
    units: &[UnitKeys],
    cut_off: Date,
) -> Result<Vec<Option<i64>>, CommandFailure> {
    let (mut lists, mut changed, mut unannounced) = (Vec::new(), Vec::new(), Vec::new());
    for UnitKeys { code, keys, .. } in units {
        let list = store.announced_recheck(code, cut_off).await?;
        match &list {
            None => unannounced.push(code.as_str()),
            Some(list) if list.keys != keys.digest() => changed.push(code.as_str()),
            Some(_) => {}
        }
        lists.push(list.map(|list| list.id));
    }
    if !changed.is_empty() {
        let units = named(&changed);
        return Err(CommandFailure::Failed(message!("the-records-have-changed-since-their", units)));
    }
    if !unannounced.is_empty() {
        context.warn(&[message!("nobody-can-see-that-the-records", units = named(&unannounced))]);
    }
    Ok(lists)
}

/// A seed that was given.
fn seed_of(given: &str) -> Result<String, CommandFailure> {
    let text = given.trim();
    if text.is_empty() || text.chars().count() > LONGEST_SEED || text.contains(char::is_control) {
        return Err(CommandFailure::Usage(message!("a-seed-is-a-text-of", longest_seed = LONGEST_SEED)));
    }
    Ok(text.to_owned())
}

/// A seed that nobody could know before.
fn random_seed() -> Result<String, CommandFailure> {
    let drawn = random::random::<8>().map_err(|error| CommandFailure::Failed(error.message()))?;
    Ok(crate::digest::hex(&drawn))
}

/// One row a record: record keys, and columns for what is found. No value of a record is in it.
fn list(language: CommandLanguage, samples: &[DrawnSample<'_>], drawn: &[Recheck]) -> Table {
    let pick = |names: [&'static str; 2]| names[usize::from(language == CommandLanguage::English)];
    let heads = [RECHECK, UNIT, UNIT_NAME, KEY, WRONG_FIELDS, RESULT].map(pick);
    let columns = heads.map(|head| Column { head: head.to_owned(), align: Align::Left }).into();
    let rows = samples.iter().zip(drawn).flat_map(|(sample, recheck)| {
        sample.keys.iter().map(|key| Row {
            cells: [recheck.id.to_string().as_str(), &sample.unit.code, &sample.unit.name, key, "", ""]
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
