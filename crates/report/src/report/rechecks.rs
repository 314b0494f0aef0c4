//! What a document says of re-checks 抽查.

use super::cells;
use super::counted::counted_units;
use super::document::{Align, Cell, Column, Row, Table};
use super::model::Composition;
use super::series::Series;
use super::wording;
use super::words::{RecheckWords, Words, fill};
use jiff::civil::Date;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use serde::Serialize;
use std::collections::BTreeMap;
use tongbao_config::settings::{Indicators, ReportLanguage};
use tongbao_figures::indicator::recheck::error_interval;
use tongbao_figures::ranking::results::Results;
use tongbao_figures::ranking::unit_result::UnitResult;

/// What was found in the latest sample of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecheckedUnit {
    /// Code.
    pub unit: String,
    /// Last registration day of the records that it was drawn from.
    pub cut_off: Date,
    /// 1 = the first sample of the unit.
    pub number: u64,
    /// With it and the same register the same records are drawn again.
    pub seed: String,
    /// Records that it was drawn from, and drawn.
    pub population: u64,
    /// Records drawn.
    pub checked: u64,
    /// Those found wrong, and how many of these could not be checked.
    pub wrong: u64,
    /// Those that could not be checked, which count as wrong.
    pub unchecked: u64,
    /// Wrong records by key of the field, as far as these were named.
    pub fields: BTreeMap<String, u64>,
    /// Whether the keys of its records were on record before the seed was known.
    pub is_announced: bool,
}

/// All re-checks of a run together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RechecksModel {
    /// Units with a recorded result, as printed: 3个单位, or 1个村、2个组 where units stand above others.
    pub units: String,
    /// Records drawn, over all of them.
    pub checked: u64,
    /// Those found wrong, and those that could not be checked.
    pub wrong: u64,
    /// Those that could not be checked.
    pub unchecked: u64,
    /// Wrong fields, the most frequent first; empty where none was named.
    pub fields: Vec<WrongFieldModel>,
    /// The share of wrong records of all units together, each unit weighted by its records; `None` where one unit was
    /// checked, or one is part of another.
    pub estimated: Option<String>,
}

/// A field that was found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrongFieldModel {
    /// Name of the field.
    pub label: String,
    /// Records.
    pub records: u64,
}

/// Name of the table.
pub const SERIES: &str = "rechecks";

/// Puts the re-checks of units that the results have into a composition; nothing without any.
pub fn add(
    composition: &mut Composition,
    all: &[RecheckedUnit],
    results: &Results,
    (indicators, language): (&Indicators, ReportLanguage),
) {
    let (units, known): (Vec<&UnitResult>, Vec<(&RecheckedUnit, &str)>) = results
        .units
        .iter()
        .filter_map(|unit| {
            let one = all.iter().find(|one| one.unit == unit.unit.code)?;
            Some((unit, (one, unit.full_name.as_str())))
        })
        .unzip();
    if known.is_empty() {
        return;
    }
    let sum = |of: fn(&RecheckedUnit) -> u64| known.iter().map(|(one, _)| of(one)).sum();
    composition.model.rechecks = Some(RechecksModel {
        units: counted_units(&units, results, Words::of(language)),
        checked: sum(|one| one.checked),
        wrong: sum(|one| one.wrong),
        unchecked: sum(|one| one.unchecked),
        fields: wrong_fields(&known, indicators, language),
        estimated: estimated(&known, results),
    });
    composition.series.insert(SERIES.to_owned(), Series::Table(table(&known, Words::of(language))));
}

/// The wrong fields of all samples, the most frequent first, then in the order of the definitions. One that is no
/// longer defined has its key.
fn wrong_fields(
    known: &[(&RecheckedUnit, &str)],
    indicators: &Indicators,
    language: ReportLanguage,
) -> Vec<WrongFieldModel> {
    let mut sums: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for (key, records) in known.iter().flat_map(|(one, _)| &one.fields) {
        let fields = &indicators.definitions.fields;
        let at = fields.iter().position(|field| field.key == *key).unwrap_or(fields.len());
        *sums.entry((at, key)).or_default() += records;
    }
    let label = |(at, key): (usize, &str)| match (indicators.definitions.fields.get(at), language) {
        (Some(field), ReportLanguage::Chinese) => field.label.zh.clone(),
        (Some(field), ReportLanguage::English) => field.label.en.clone(),
        (None, _) => key.to_owned(),
    };
    let mut fields: Vec<WrongFieldModel> =
        sums.into_iter().map(|(field, records)| WrongFieldModel { label: label(field), records }).collect();
    fields.sort_by_key(|field| std::cmp::Reverse(field.records));
    fields
}

/// Of a stratified sample: the shares of the units, each weighted by the records that it was drawn from.
fn estimated(known: &[(&RecheckedUnit, &str)], results: &Results) -> Option<String> {
    let is_checked = |code: &str| known.iter().any(|(one, _)| one.unit == code);
    let parent = |code: &str| {
        let unit = results.units.iter().find(|unit| unit.unit.code == code);
        unit.and_then(|unit| unit.unit.parent.as_deref())
    };
    let is_part =
        |one: &RecheckedUnit| std::iter::successors(parent(&one.unit), |code| parent(code)).any(is_checked);
    if known.len() < 2 || known.iter().any(|(one, _)| one.checked == 0 || is_part(one)) {
        return None;
    }
    let big = |number: u64| BigRational::from_integer(number.into());
    let mut wrong = BigRational::zero();
    let mut records = BigRational::zero();
    for (one, _) in known {
        wrong += big(one.population) * big(one.wrong) / big(one.checked);
        records += big(one.population);
    }
    let parts = (&wrong * big(10_000) / &records + BigRational::new(1.into(), 2.into())).floor().to_integer();
    let is_exact = wrong.is_zero() || wrong == records;
    Some(hundredths(shown(parts.to_u128()?, is_exact)))
}

/// A table without rows, so that templates may name it.
pub(super) fn empty(words: &Words) -> Table {
    table(&[], words)
}

fn table(known: &[(&RecheckedUnit, &str)], words: &Words) -> Table {
    let say = &words.rechecks;
    let rows = known.iter().map(|(one, name)| {
        let cells = vec![
            Cell::text(*name),
            Cell::text(wording::month_and_day(one.cut_off, words.language)),
            cells::count(one.number),
            cells::count(one.population),
            cells::count(one.checked),
            cells::count(one.wrong),
            cells::count(one.unchecked),
            Cell::text(error_rate(one.wrong, one.checked)),
            Cell::text(interval(one.wrong, one.checked).unwrap_or_default()),
        ];
        Row { cells, code: Some(one.unit.clone()), ..Row::default() }
    });
    let column = |(at, head): (usize, &&str)| Column {
        head: (*head).to_owned(),
        align: match at {
            0 => Align::Left,
            1 => Align::Center,
            _ => Align::Right,
        },
    };
    let mut seeds: Vec<&str> = known.iter().map(|(one, _)| one.seed.as_str()).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let seeds: Vec<String> = seeds.into_iter().map(|seed| fill(say.seed, &[seed])).collect();
    Table {
        columns: say.heads.iter().enumerate().map(column).collect(),
        rows: rows.collect(),
        note: (!known.is_empty()).then(|| fill(say.note, &[&words.list(&seeds), &announced(known, say)])),
        unit: Some(0),
        ..Table::default()
    }
}

/// Whether the records were fixed before the seeds were known.
fn announced(known: &[(&RecheckedUnit, &str)], say: &RecheckWords) -> String {
    match known.iter().filter(|(one, _)| !one.is_announced).count() {
        0 => say.announced.to_owned(),
        others => fill(say.unannounced, &[&others.to_string()]),
    }
}

/// The share of wrong records with two decimals, half up; neither 0 nor all where it is not.
pub fn error_rate(wrong: u64, checked: u64) -> String {
    let Some(half_up) =
        (u128::from(wrong) * 20_000 + u128::from(checked)).checked_div(2 * u128::from(checked))
    else {
        return wording::NO_RATE.to_owned();
    };
    hundredths(shown(half_up, wrong == 0 || wrong == checked))
}

/// Rounded hundredths of a per cent; neither 0 nor all where it is not.
fn shown(half_up: u128, is_none_or_all: bool) -> u128 {
    if is_none_or_all { half_up } else { half_up.clamp(1, 9_999) }
}

/// The exact interval of the share of wrong records, rounded outwards; `None` where nothing was checked.
pub fn interval(wrong: u64, checked: u64) -> Option<String> {
    let (low, high) = error_interval(wrong, checked)?;
    Some(format!("{}–{}", hundredths(low.into()), hundredths(high.into())))
}

fn hundredths(parts: u128) -> String {
    format!("{}.{:02}%", parts / 100, parts % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up_and_never_to_none_or_all() {
        assert_eq!(error_rate(3, 80), "3.75%");
        assert_eq!(error_rate(1, 3), "33.33%");
        assert_eq!(error_rate(1, 100_000), "0.01%");
        assert_eq!(error_rate(99_999, 100_000), "99.99%");
        assert_eq!((error_rate(0, 80), error_rate(80, 80)), ("0.00%".to_owned(), "100.00%".to_owned()));
        assert_eq!(interval(3, 80).as_deref(), Some("0.78%–10.58%"));
        assert_eq!(interval(0, 0), None);
    }
}
