//! The tables and charts that templates place by name.

mod charts;
mod tables;

use std::collections::BTreeMap;

use super::document::{Chart, Table};
use super::wording;
use crate::config::settings::{Indicator, Indicators, Relation, Scoring};
use crate::indicator::figures::Figures;
use crate::indicator::rate::Rate;
use crate::ranking::results::{Results, UnitResult};
use crate::register::field::Field;

/// A named part of the model that a fenced block puts into the document.
#[derive(Debug, Clone, PartialEq)]
pub enum Series {
    Table(Table),
    Chart(Chart),
}

/// Headline figures of one period, a point of the trend.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendPoint {
    pub label: String,
    pub figures: Figures,
}

/// Everything the series are made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    pub results: &'a Results,
    pub indicators: &'a Indicators,
    pub scoring: &'a Scoring,
    pub trend: &'a [TrendPoint],
}

/// All series by name. Those of a kind of unit carry its name: `ranking 村`, `bars 村`.
pub fn all(from: Sources) -> BTreeMap<String, Series> {
    let Sources { results, indicators, .. } = from;
    let mut out: BTreeMap<String, Series> = BTreeMap::new();
    let mut table = |name: &str, table: Table| out.insert(name.to_owned(), Series::Table(table));
    table("indicators", tables::headline(results, indicators));
    table("progress", tables::progress(results, indicators));
    table("fields", tables::fields(results));
    table("relations", tables::relations(results, indicators));
    table("unit_fields", tables::unit_fields(results));
    table("unit_relations", tables::unit_relations(results, indicators));
    table("scores", tables::scores(results));
    table("results", tables::unit_results(results, indicators));
    table("failing", tables::failing(results, indicators));
    table("definitions", tables::definition_table(indicators));
    table("signatures", tables::signatures());
    table("ranking", tables::ranking(results, indicators, None));
    for kind in results.kinds() {
        table(&format!("ranking {kind}"), tables::ranking(results, indicators, Some(kind)));
    }
    let mut chart = |name: String, chart: Chart| out.insert(name, Series::Chart(chart));
    chart("trend".into(), charts::trend(from));
    chart("bars".into(), charts::bars(results, None));
    for kind in results.kinds() {
        chart(format!("bars {kind}"), charts::bars(results, Some(kind)));
    }
    out
}

/// The fields of a unit, those missing most often first.
pub fn ranked_fields(figures: &Figures) -> Vec<(Field, Rate)> {
    let mut list: Vec<(Field, Rate)> = Field::ALL.map(|f| (f, figures.counts.field(f))).into();
    list.sort_by_key(|(_, rate)| std::cmp::Reverse(rate.denominator - rate.numerator));
    list
}

/// Passed / judged records of one relation.
pub fn relation_rate(figures: &Figures, relation: Relation) -> Rate {
    let i = relation.index();
    Rate::new(figures.counts.relation_passed[i], figures.counts.relation_judged[i])
}

/// `完整率84.99%（目标85%）；…`, or what is missing to judge.
pub fn failures(unit: &UnitResult, indicators: &Indicators) -> String {
    let parts = Indicator::ALL.into_iter().filter_map(|indicator| {
        let (rate, target) = (unit.figures.rate(indicator), indicators.target(indicator));
        match rate.meets(target) {
            Some(true) => None,
            Some(false) => Some(format!(
                "{}{}（目标{}）",
                indicator.label(),
                wording::percent(rate, Some(target)),
                wording::target_percent(target)
            )),
            None => Some(format!("{}无法判定（缺少底数）", indicator.label())),
        }
    });
    parts.collect::<Vec<_>>().join("；")
}
