//! Puts lists of record keys on record by their digests, so that nobody can suit the register to a seed.

use std::process::ExitCode;
use tongbao_message::message;

use jiff::civil::Date;
use serde_json::json;

use super::super::columns::columns;
use super::super::failure::CommandFailure;
use super::super::{Context, print, print_json};
use super::{AnnounceArguments, last_day};
use crate::pipeline::{Engine, UnitKeys};
use crate::report::document::Align::{Left, Right};
use crate::store::recheck_lists::{NewRecheckList, RecheckList};
use crate::store::{Store, StoreError};

pub(super) async fn execute(
    context: &Context,
    arguments: &AnnounceArguments,
) -> Result<ExitCode, CommandFailure> {
    let engine = Engine::for_figures(context.load_counting().await?)?;
    let (units, cut_off) = read(context, &engine, arguments).await?;
    let store = Store::open(&engine.settings.state_dir).await?;
    let listed = announce(context, &store, &units, cut_off).await;
    store.close().await;
    let listed = listed?;
    if context.is_json() {
        return print_json(&json!({ "lists": listed }));
    }
    let heads = [
        (message!("head-unit"), Left),
        (message!("head-unit-name"), Left),
        (message!("up-to"), Left),
        (message!("head-records"), Right),
        (message!("head-digest-of-keys"), Left),
    ];
    let row = |(list, unit): (&RecheckList, &UnitKeys)| {
        let records = list.population.to_string();
        vec![list.unit.clone(), unit.name.clone(), list.cut_off.clone(), records, list.keys.clone()]
    };
    let rows: Vec<Vec<String>> = listed.iter().zip(&units).map(row).collect();
    print(&columns(context.language, &heads, &rows))?;
    context.note(message!("publish-the-digests-then-draw-the"));
    Ok(ExitCode::SUCCESS)
}

/// The records of the units that have any, up to a day. Fails where there is none at all.
pub(super) async fn read(
    context: &Context,
    engine: &Engine,
    arguments: &AnnounceArguments,
) -> Result<(Vec<UnitKeys>, Date), CommandFailure> {
    let cut_off = arguments.to.unwrap_or_else(|| last_day(context, engine));
    let mut units = engine.record_keys(&arguments.unit, cut_off).await?;
    let empty: Vec<String> =
        units.iter().filter(|unit| unit.keys.count() == 0).map(|unit| unit.code.clone()).collect();
    if !empty.is_empty() {
        context.warn(&[message!("units-without-records-of-which-nothing", units = empty.join(", "))]);
    }
    units.retain(|unit| unit.keys.count() > 0);
    match units.is_empty() {
        true => Err(CommandFailure::Failed(message!("there-is-no-record-to-draw").to_owned())),
        false => Ok((units, cut_off)),
    }
}

/// Puts the lists of units on record, in their order.
pub(super) async fn announce(
    context: &Context,
    store: &Store,
    units: &[UnitKeys],
    cut_off: Date,
) -> Result<Vec<RecheckList>, StoreError> {
    let digests: Vec<String> = units.iter().map(|unit| unit.keys.digest()).collect();
    let lists: Vec<NewRecheckList<'_>> = units
        .iter()
        .zip(&digests)
        .map(|(unit, keys)| NewRecheckList { unit: &unit.code, cut_off, population: unit.keys.count(), keys })
        .collect();
    store.announce_rechecks(&lists, context.clock.now()).await
}
