//! Units as the documents name them: one by one, and those that a group begins and ends with.

use super::model::{EndModel, KindModel, MovedModel, NamedModel, OwnRateModel, TiedModel, UnitModel};
use super::praise::{NamedUnitList, PraiseBar};
use super::ties::{End, end_of_list, whole_ties};
use super::words::{Words, fill};
use super::{insight, series, wording};
use tongbao_config::settings::{Indicator, Indicators, ReportLanguage, Scoring};
use tongbao_figures::ranking::movement::Movement;
use tongbao_figures::ranking::results::{Results, Rules};
use tongbao_figures::ranking::unit_result::UnitResult;

/// How everything is said: by which definitions, and in which words.
#[derive(Clone, Copy)]
pub(super) struct Wording<'a> {
    pub indicators: &'a Indicators,
    pub scoring: &'a Scoring,
    pub language: ReportLanguage,
    pub words: &'static Words,
    /// As in [`Results::kinds_are_levels`].
    pub kinds_are_levels: bool,
}

impl<'a> Wording<'a> {
    /// A rate as `printed` has it; blank where it is not measured.
    pub(super) fn measured(&self, indicator: Indicator, printed: impl Fn(Indicator) -> String) -> String {
        if self.indicators.measures(indicator) { printed(indicator) } else { String::new() }
    }

    pub(super) fn new(results: &Results, rules: Rules<'a>, language: ReportLanguage) -> Wording<'a> {
        let Rules { indicators, scoring, .. } = rules;
        let kinds_are_levels = results.kinds_are_levels;
        Wording { indicators, scoring, language, words: Words::of(language), kinds_are_levels }
    }
}

pub(super) fn unit_model(u: &UnitResult, say: Wording) -> UnitModel {
    let rate = |i: Indicator| wording::percent(u.figures.rate(i), Some(u.target(i, say.indicators)));
    UnitModel {
        code: u.unit.code.clone(),
        name: u.full_name.clone(),
        kind: match say.kinds_are_levels {
            true => fill(say.words.charts.level_units, &[&u.unit.kind]),
            false => u.unit.kind.clone(),
        },
        level: u.level,
        assessed: u.is_assessed,
        judged: u.is_judged,
        records: u.figures.counts.records,
        rank: u.rank,
        rank_in_group: u.rank_in_group,
        group_size: u.group_size,
        previous_records: u.before.as_ref().map(|before| before.figures.counts.records),
        previous_rank: u.before.as_ref().and_then(|before| before.rank_in_group),
        previous_tied: u.before.as_ref().is_some_and(|before| before.shares_rank_in_group),
        tied: u.shares_rank,
        tied_in_group: u.shares_rank_in_group,
        movement: wording::movement(u.movement, say.language),
        places: u.movement.places().unwrap_or(0).unsigned_abs(),
        score: u.score.as_ref().map_or(wording::NO_RATE.to_owned(), |s| wording::score(&s.total)),
        coverage: say.measured(Indicator::Coverage, rate),
        completeness: rate(Indicator::Completeness),
        accuracy: rate(Indicator::Accuracy),
        own_rates: own_rates(say, rate),
        passed: u.passed,
        unverified: u.is_unverified(),
        failures: series::failures(u, say.indicators, say.words),
        failing: failing(u, say),
        vetoed: u.score.as_ref().map_or(String::new(), |score| {
            let reasons = score.vetoes.iter().map(|why| fill(say.words.veto, &[why]));
            reasons.collect::<Vec<_>>().join(say.words.semicolon)
        }),
        remarks: series::remarks(u, say.words),
        covered: u.figures.coverage.numerator,
        missing: insight::missing(u),
        silent: u.figures.is_silent(),
        reason: insight::reason(u, say.indicators, say.scoring, say.words),
        next: insight::next_place(u, say.indicators, say.scoring),
    }
}

/// The rates of the office's own by name, as `printed` has them.
pub(super) fn own_rates(say: Wording, printed: impl Fn(Indicator) -> String) -> Vec<OwnRateModel> {
    say.indicators
        .own_rates()
        .map(|i| OwnRateModel {
            key: say.indicators.indicator_key(i).to_owned(),
            label: say.words.name(i, say.indicators).to_owned(),
            rate: printed(i),
        })
        .collect()
}

/// The rates that miss their targets, each with its indicator.
fn failing(u: &UnitResult, say: Wording) -> Vec<String> {
    let missed = |i: &Indicator| u.meets(*i, say.indicators) == Some(false);
    let printed = |i: Indicator| {
        let rate = wording::percent(u.figures.rate(i), Some(u.target(i, say.indicators)));
        fill(say.words.fails_briefly, &[say.words.name(i, say.indicators), &rate])
    };
    say.indicators.all().into_iter().filter(missed).map(printed).collect()
}

pub(super) fn names_of(results: &Results, keep: impl Fn(&UnitResult) -> bool) -> Vec<String> {
    results.assessed().filter(|u| keep(u)).map(|u| u.full_name.clone()).collect()
}

pub(super) fn models_of(
    results: &Results,
    say: Wording,
    keep: impl Fn(&UnitResult) -> bool,
) -> Vec<UnitModel> {
    results.assessed().filter(|u| keep(u)).map(|u| unit_model(u, say)).collect()
}

pub(super) fn named_model(
    named: &NamedUnitList,
    rank: impl Fn(&UnitResult) -> Option<u32> + Copy,
    say: Wording,
) -> NamedModel {
    let end = |end: &End| end_model(end, rank, say);
    let [praised, lagging, lowest] = [&named.praised, &named.lagging, &named.lowest].map(end);
    let said_of = |u: &UnitModel| (u.score.clone(), u.silent, u.vetoed.clone(), u.failing.clone());
    let lowest_alike =
        lowest.units.len() > 1 && lowest.units.windows(2).all(|pair| said_of(&pair[0]) == said_of(&pair[1]));
    let has_passed = |unit: &&UnitModel| unit.passed == Some(true);
    let commended = praised.units.iter().filter(has_passed).cloned().collect();
    NamedModel {
        lowest_alike,
        commended,
        commended_tied: praised.tied.clone().filter(|tied| tied.passed),
        crowd_tied: end(&named.crowd).tied,
        praised: praised.units,
        praised_tied: praised.tied,
        lagging: lagging.units,
        lagging_tied: lagging.tied,
        lowest: lowest.units,
        lowest_tied: lowest.tied,
    }
}

fn end_model(end: &End, rank: impl Fn(&UnitResult) -> Option<u32>, say: Wording) -> EndModel {
    let tied = end.tied.first().and_then(|first| {
        let first_model = unit_model(first, say);
        let rank = rank(first)?;
        let silent = end.tied.iter().all(|u| u.figures.is_silent());
        let passed = end.tied.iter().all(|u| u.passed == Some(true));
        Some(TiedModel { rank, count: end.tied.len(), score: first_model.score, silent, passed })
    });
    EndModel { units: end.units.iter().map(|u| unit_model(u, say)).collect(), tied }
}

/// A list of at most so many units has no ends.
const SHORT_LIST: usize = 6;

/// A kind of unit, or all of them.
pub(super) fn group_model(kind: Option<&str>, results: &Results, bar: &PraiseBar, say: Wording) -> KindModel {
    let list = results.ranked(kind);
    let rank = |u: &UnitResult| if kind.is_some() { u.rank_in_group } else { u.rank };
    let (first, last) = ends(&list, rank, say);
    let named = named_model(&bar.named(&list, rank), rank, say);
    let up = |m| if let Movement::Up(n) = m { Some(n) } else { None };
    let down = |m| if let Movement::Down(n) = m { Some(n) } else { None };
    let ((risers, more_rose), (fallers, more_fell)) =
        (movers(&list, 3, say, up), movers(&list, 3, say, down));
    let name = series::group_name(kind, results, say.words).into_owned();
    let placed: Vec<UnitModel> =
        list.iter().filter(|u| rank(u).is_some()).map(|u| unit_model(u, say)).collect();
    KindModel {
        name,
        count: placed.len(),
        all: if placed.len() <= SHORT_LIST { placed } else { Vec::new() },
        bars: have_bars(&list),
        first: first.units,
        first_tied: first.tied,
        last: last.units,
        last_tied: last.tied,
        named,
        more_rose,
        more_fell,
        rises: by_reason(&risers),
        falls: by_reason(&fallers),
        risers,
        fallers,
    }
}

/// Units that moved, those of one reason together: nobody reads a reason twice.
fn by_reason(moved: &[UnitModel]) -> Vec<MovedModel> {
    let mut groups: Vec<MovedModel> = Vec::new();
    for unit in moved {
        match groups.iter_mut().find(|group| group.reason == unit.reason) {
            Some(group) => group.units.push(unit.clone()),
            None => groups.push(MovedModel { units: vec![unit.clone()], reason: unit.reason.clone() }),
        }
    }
    groups
}

/// Whether bars of the scores say more than the table above them: not of a few units, nor of scores
/// that are all alike.
fn have_bars(units: &[&UnitResult]) -> bool {
    let mut scores = units.iter().filter_map(|u| u.score.as_ref()).map(|score| &score.total);
    let first = scores.next();
    units.len() > 3 && scores.any(|score| Some(score) != first)
}

/// About three units at each end of a list, at most five for a shared place; see [`end_of_list`]. Nobody is named at both ends.
pub(super) fn ends(
    ranked: &[&UnitResult],
    rank: impl Fn(&UnitResult) -> Option<u32> + Copy,
    say: Wording,
) -> (EndModel, EndModel) {
    let placed: Vec<&UnitResult> = ranked.iter().copied().filter(|u| rank(u).is_some()).collect();
    let (first, last) = both_ends(&placed, rank, (3, 5));
    (end_model(&first, rank, say), end_model(&last, rank, say))
}

/// About so many of the placed units at each end, for a shared place up to the second number; whole places, and
/// nobody twice. Who leads has a place in the first half, and who lags one in the second. Who has no records, a veto or
/// more persons than expected does not lead, whatever its place; who has met every target, or may have, does not lag.
pub(super) fn both_ends<'a>(
    placed: &[&'a UnitResult],
    rank: impl Fn(&UnitResult) -> Option<u32>,
    most: (usize, usize),
) -> (End<'a>, End<'a>) {
    let alike = |a: &&UnitResult, b: &&UnitResult| rank(a) == rank(b);
    let has_veto = |u: &UnitResult| u.score.as_ref().is_some_and(|score| !score.vetoes.is_empty());
    let leads = |u: &UnitResult| !(u.figures.exceeds_expected() || u.figures.is_silent() || has_veto(u));
    let half = placed.len().div_ceil(2);
    let is_ahead = |u: &UnitResult| rank(u).is_some_and(|rank| rank as usize <= half);
    // The last of those who share its place.
    let is_behind = |u: &UnitResult| placed.partition_point(|other| rank(other) <= rank(u)) > half;
    let leading: Vec<&UnitResult> = placed.iter().copied().filter(|u| is_ahead(u) && leads(u)).collect();
    let first = end_of_list(leading.chunk_by(alike), most, leading.len(), |_| true);
    let is_first =
        |u: &UnitResult| first.units.iter().chain(&first.tied).any(|first| first.unit.code == u.unit.code);
    let lagging: Vec<&UnitResult> =
        placed.iter().rev().copied().filter(|u| is_behind(u) && u.falls_short() && !is_first(u)).collect();
    let last = end_of_list(lagging.chunk_by(alike), most, lagging.len(), |_| true);
    (first, last.reversed())
}

/// The units that moved most, about so many. Of units that moved alike all are named or none; only where nobody
/// moved further, up to twice as many are. And whether more units moved than these.
fn movers(
    units: &[&UnitResult],
    most: usize,
    say: Wording,
    places: impl Fn(Movement) -> Option<u32>,
) -> (Vec<UnitModel>, bool) {
    let mut list: Vec<&UnitResult> = units.iter().copied().filter(|u| places(u.movement).is_some()).collect();
    list.sort_by_key(|u| std::cmp::Reverse(places(u.movement)));
    let alike = |a: &&UnitResult, b: &&UnitResult| places(a.movement) == places(b.movement);
    let mut named = whole_ties(list.chunk_by(alike), most);
    if named.is_empty() {
        named = whole_ties(list.chunk_by(alike).take(1), 2 * most);
    }
    let has_others = named.len() < list.len();
    (named.into_iter().map(|u| unit_model(u, say)).collect(), has_others)
}
