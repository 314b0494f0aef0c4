//! The tables and charts that templates place by name.

mod charts;
mod counts;
mod ends;
mod formulas;
pub mod listing;
mod progress;
pub mod reconciliation;
mod tables;
mod unit_notes;
mod unit_tables;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::chart::Chart;
use super::document::Table;
use super::rechecks;
use super::wording::{self, PrintedScore};
use super::words::{Words, fill, of_subject};
use tongbao_config::settings::{Indicator, Indicators, Ranking, Relation, ReportLanguage, Scoring, Target};
use tongbao_figures::indicator::figures::Figures;
use tongbao_figures::indicator::rate::Rate;
use tongbao_figures::ranking::results::{Results, Rules};
use tongbao_figures::ranking::score::Score;
use tongbao_figures::ranking::unit_result::UnitResult;
use tongbao_register::field::Field;

/// A named part of the model that a fenced block puts into the document.
#[derive(Debug, Clone, PartialEq)]
pub enum Series {
    /// A fenced block `table`.
    Table(Table),
    /// A fenced block `chart`, and in mails a picture.
    Chart(Chart),
}

/// Headline figures of one period, a point of the trend.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendPoint {
    /// Period, as the axis has it.
    pub label: String,
    /// Whether its figures are those of this pull by the day of registration, not those of a released run.
    pub is_recounted: bool,
    /// Of all units together.
    pub figures: Figures,
    /// Of each unit that was there, by code.
    pub units: BTreeMap<String, Arc<Figures>>,
}

/// Everything the series are made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// All figures of the run.
    pub results: &'a Results,
    /// Definitions and targets in use.
    pub indicators: &'a Indicators,
    /// How rates become a score.
    pub scoring: &'a Scoring,
    /// How scores become ranks.
    pub ranking: &'a Ranking,
    /// Oldest point first; the last is this run.
    pub trend: &'a [TrendPoint],
    /// Rounds of an acceptance are compared, not periods.
    pub is_round: bool,
    /// Which words are printed.
    pub language: ReportLanguage,
}

impl Sources<'_> {
    fn rules(&self) -> Rules<'_> {
        Rules { indicators: self.indicators, scoring: self.scoring, ranking: self.ranking }
    }

    /// The target of the totals.
    fn target(&self, indicator: Indicator) -> Target {
        self.results.target(indicator, self.indicators)
    }

    /// The target of what stands in a row of a table: of a unit, or after all of them the totals.
    fn target_of_row(&self, row: usize, indicator: Indicator) -> Target {
        let unit = self.results.units.get(row);
        unit.map_or_else(|| self.target(indicator), |unit| unit.target(indicator, self.indicators))
    }

    fn words(&self) -> &'static Words {
        Words::of(self.language)
    }

    /// One of our texts as it is printed for what the register lists.
    fn of_subject(&self, text: &str) -> String {
        of_subject(text, self.indicators, self.language).into_owned()
    }
}

/// Names of tables and charts that stand for one kind of unit, or one roster, when its name follows:
/// `ranking 村`, `reconciliation 出租办`.
pub const BY_KIND: [&str; 6] = ["ranking", "bars", "coverage", "completeness", "accuracy", "reconciliation"];

/// All series by name. Those of a kind of unit carry its name: `ranking 村`, `bars 村`.
pub fn all(from: Sources) -> BTreeMap<String, Series> {
    let mut out: BTreeMap<String, Series> = BTreeMap::new();
    for (name, table) in [
        ("indicators", tables::headline(from)),
        ("progress", progress::progress(from)),
        ("fields", tables::fields(from)),
        ("relations", tables::relations(from)),
        ("missing_fields", tables::missing_fields(from)),
        ("failed_relations", tables::failed_relations(from)),
        ("unit_fields", unit_tables::unit_fields(from)),
        ("unit_field_rates", unit_tables::unit_field_rates(from)),
        ("unit_relations", unit_tables::unit_relations(from)),
        ("scores", unit_tables::scores(from)),
        ("ends", ends::ends(from, 5)),
        ("ends 4", ends::ends(from, 4)),
        ("ends 3", ends::ends(from, 3)),
        ("ends 2", ends::ends(from, 2)),
        ("unit_counts", counts::unit_counts(from)),
        ("results", unit_tables::unit_results(from)),
        ("failing", unit_tables::failing(from)),
        ("definitions", tables::definition_table(from)),
        ("rules", tables::canonical_rules(from)),
        ("signatures", tables::signatures(from)),
        ("rectified", tables::rectified(from)),
        ("rosters", reconciliation::rosters(from)),
        (rechecks::SERIES, rechecks::empty(from.words())),
    ] {
        out.insert(name.to_owned(), Series::Table(table));
    }
    for (name, chart) in [
        ("trend", charts::trend(from)),
        ("unit_trends", charts::multiples(from)),
        ("unit_fields_heat", charts::heat(from)),
    ] {
        out.insert(name.to_owned(), Series::Chart(chart));
    }
    by_kind(from, None, None, &mut out);
    by_roster(from, &mut out);
    for kind in from.results.kinds() {
        let name = group_name(Some(kind), from.results, from.words());
        by_kind(from, Some(kind), Some(&name), &mut out);
    }
    if !from.ranking.by_kind {
        let name = group_name(None, from.results, from.words());
        by_kind(from, None, Some(&name), &mut out);
    }
    out
}

/// The groups that are ranked apart, each with the kind of its units: one of all units where kinds are not.
pub fn groups<'a>(results: &'a Results, ranking: &Ranking) -> Vec<Option<&'a str>> {
    match ranking.by_kind {
        true => results.kinds().into_iter().map(Some).collect(),
        false => vec![None],
    }
}

/// What a group is called: by its kind or depth, or as all units where it holds all of them.
pub fn group_name<'a>(kind: Option<&'a str>, results: &Results, words: &'a Words) -> Cow<'a, str> {
    if let Some(level) = kind.filter(|_| results.kinds_are_levels) {
        return Cow::Owned(fill(words.charts.level_units, &[level]));
    }
    Cow::Borrowed(match kind.filter(|kind| !kind.trim().is_empty()) {
        Some(kind) => kind,
        None if kind.is_some() && results.kinds().len() > 1 => words.charts.other_units,
        None => words.charts.all_units,
    })
}

/// The comparison with each list under its label, and with the last of them without any.
fn by_roster(from: Sources, out: &mut BTreeMap<String, Series>) {
    let rosters = &from.indicators.coverage.rosters;
    let table = |position, list| Series::Table(reconciliation::reconciliation(from, position, list));
    out.insert("reconciliation".to_owned(), table(rosters.lists() - 1, None));
    for (i, list) in reconciliation::lists(rosters, from.results, from.words()).iter().enumerate() {
        out.insert(format!("reconciliation {}", list.label), table(i, Some(list)));
    }
}

fn by_kind(from: Sources, kind: Option<&str>, group: Option<&str>, out: &mut BTreeMap<String, Series>) {
    let name = |name: &str| group.map_or(name.to_owned(), |group| format!("{name} {group}"));
    out.insert(name("ranking"), Series::Table(unit_tables::ranking(from, kind)));
    out.insert(name("bars"), Series::Chart(charts::bars(from, kind)));
    for indicator in from.indicators.all() {
        out.insert(
            name(from.indicators.indicator_key(indicator)),
            Series::Chart(charts::rate_bars(from, indicator, kind)),
        );
    }
}

/// The fields of a unit, those missing most often first.
pub fn ranked_fields(figures: &Figures, indicators: &Indicators) -> Vec<(Field, Rate)> {
    let fields = indicators.fields().into_iter();
    let mut list: Vec<(Field, Rate)> = fields.map(|f| (f, figures.counts.field(f))).collect();
    // Of those that are missing as often, the one that fewer records need comes first.
    list.sort_by_key(|(_, rate)| (std::cmp::Reverse(rate.denominator - rate.numerator), rate.denominator));
    list
}

/// Passed / judged records of one relation.
pub fn relation_rate(figures: &Figures, relation: Relation) -> Rate {
    figures.counts.relation(relation)
}

/// Each deduction of a score as it is printed, with its reason: 扣1.50分：迟报.
fn deductions(score: &Score, words: &Words) -> Vec<String> {
    let printed = PrintedScore::of(score).deductions;
    let reasons = score.deductions.iter().map(|(_, why)| why.as_str());
    let one = |(points, why): (u64, &str)| fill(words.deduction, &[&wording::hundredths(points), why]);
    printed.into_iter().zip(reasons).map(one).collect()
}

/// What a score does not say by itself: no records, or the reasons of vetoes, or else of deductions: nothing is taken
/// from no points.
pub fn remarks(unit: &UnitResult, words: &Words) -> String {
    let Some(score) = &unit.score else { return String::new() };
    let veto = |reason: &String| fill(words.veto, &[reason]);
    let parts = match (unit.figures.is_silent(), score.vetoes.is_empty()) {
        // That it has no records says more than what is below a limit for it.
        (true, _) => vec![words.notes.silent.to_owned()],
        (false, false) => score.vetoes.iter().map(veto).collect(),
        (false, true) => deductions(score, words),
    };
    parts.join(words.semicolon)
}

/// `完整率84.99%（目标85%）；…`, or what is missing to judge.
pub fn failures(unit: &UnitResult, indicators: &Indicators, words: &Words) -> String {
    let (mut parts, mut unjudged) = (Vec::new(), Vec::new());
    for indicator in indicators.all() {
        let (rate, target) = (unit.figures.rate(indicator), unit.target(indicator, indicators));
        let name = words.name(indicator, indicators);
        match rate.judged(target) {
            Some(true) => {}
            None if rate.is_in_doubt() => {
                let printed = wording::percent(rate, Some(target));
                parts.push(fill(words.in_doubt, &[name, &printed]));
            }
            Some(false) => {
                let printed = [wording::percent(rate, Some(target)), wording::target_percent(target)];
                parts.push(fill(words.fails, &[name, &printed[0], &printed[1]]));
            }
            None => match words.no_base(indicators).filter(|_| indicator == Indicator::Coverage) {
                Some(base) => parts.push(fill(words.no_baseline, &[name, base])),
                None => unjudged.push(name),
            },
        }
    }
    if !unjudged.is_empty() {
        parts.push(fill(words.nothing_to_judge, &[&words.list(&unjudged)]));
    }
    parts.join(words.semicolon)
}
