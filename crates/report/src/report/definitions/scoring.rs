//! How the score comes about and how units are ranked, as the settings in use have it.

use num_traits::Zero;

use super::{PrintedDefinition, Sentences, sentences};
use crate::report::series::group_name;
use crate::report::wording;
use crate::report::words::{Words, fill};
use tongbao_config::settings::{Indicator, Level, RankKey, ReportLanguage, Target, Veto};
use tongbao_figures::ranking::results::{Results, Rules};
use tongbao_figures::ranking::unit_result::UnitResult;

/// The rules in use in sentences, for the text of a document; blank where there is none.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RulesModel {
    /// Weights, proportion and deductions.
    pub score: String,
    /// Targets and weights of kinds of units, where they are not those of all others.
    pub kinds: String,
    /// Their targets alone.
    pub kind_targets: String,
    /// Rates below which the score is 0 (一票否决).
    pub veto: String,
    /// Groups, order, ties, and who takes part.
    pub rank: String,
}

impl RulesModel {
    /// The rules in the language of the report.
    pub fn new(rules: Rules, results: &Results, language: ReportLanguage) -> RulesModel {
        let (say, words) = (sentences(language), Words::of(language));
        RulesModel {
            score: score(rules, results, say, words),
            kinds: kinds(rules, results, say, words, true),
            kind_targets: kinds(rules, results, say, words, false),
            veto: veto(rules, say, words),
            rank: rank(rules, results, say, words),
        }
    }
}

/// The rows of 口径说明.
pub(super) fn definitions(
    rules: Rules,
    results: &Results,
    say: &Sentences,
    words: &Words,
) -> impl Iterator<Item = PrintedDefinition> {
    let rows = [
        (say.score.0, score(rules, results, say, words)),
        (say.kinds, kinds(rules, results, say, words, true)),
        (say.veto.0, veto(rules, say, words)),
        (say.rank, rank(rules, results, say, words)),
    ];
    let rows = rows.into_iter().filter(|(_, text)| !text.is_empty());
    rows.map(|(term, text)| PrintedDefinition { term: term.to_owned(), text })
}

fn score(
    Rules { indicators, scoring, .. }: Rules,
    results: &Results,
    say: &Sentences,
    words: &Words,
) -> String {
    let weighted = indicators.all().into_iter().map(|i| (i, indicators.weight(scoring, i)));
    let points = weighted
        .filter(|(_, weight)| !weight.is_zero())
        .map(|(i, weight)| fill(say.points, &[words.name(i, indicators), &wording::weight(weight)]))
        .collect::<Vec<_>>();
    let deducted = if scoring.deductions.is_empty() { "" } else { say.deducted };
    let silent = if results.assessed().any(|unit| unit.figures.is_silent()) { say.silent } else { "" };
    let has_no_score = |unit: &UnitResult| unit.is_assessed && unit.score.is_none();
    let no_score =
        if results.assessed().any(has_no_score) { say.no_score[usize::from(!silent.is_empty())] } else { "" };
    format!("{}{silent}{no_score}{deducted}", fill(say.score.1, &[&words.list(&points)]))
}

/// What units of a kind must reach, and what they earn by it, where that is not what all others do. The kinds of the unit
/// list alone are named.
fn kinds(
    Rules { indicators, scoring, .. }: Rules,
    results: &Results,
    say: &Sentences,
    words: &Words,
    with_points: bool,
) -> String {
    let mut text = String::new();
    let shown = results.kinds().into_iter().filter_map(|kind| Some((kind, indicators.unit_kinds.get(kind)?)));
    for (kind, rules) in shown {
        let target = |(i, target): (&Indicator, &Target)| {
            fill(say.kind_target, &[words.name(*i, indicators), &wording::target_percent(*target)])
        };
        let targets: Vec<String> = rules.targets.iter().map(target).collect();
        if !targets.is_empty() {
            text.push_str(&fill(say.kind_targets, &[kind, &words.list(&targets)]));
        }
        if with_points && !rules.weights.is_empty() {
            let all = indicators.all();
            let is_own = |i: &Indicator| rules.weights.contains_key(i);
            let point = |i: Indicator| {
                let weight = wording::weight(indicators.weight_of(scoring, i, Some(kind)));
                fill(say.points, &[words.name(i, indicators), &weight])
            };
            let points: Vec<String> = all.iter().copied().filter(is_own).map(point).collect();
            let is_as_above = |i: &Indicator| !is_own(i) && !indicators.weight(scoring, *i).is_zero();
            let others = if all.iter().any(is_as_above) { say.other_points } else { "" };
            text.push_str(&fill(say.kind_points, &[kind, &words.list(&points), others]));
        }
    }
    text
}

fn veto(Rules { indicators, scoring, .. }: Rules, say: &Sentences, words: &Words) -> String {
    let vetoes = &scoring.vetoes;
    if vetoes.is_empty() {
        return String::new();
    }
    let one = |veto: &Veto| {
        let case =
            fill(say.below, &[words.name(veto.indicator, indicators), &wording::target_percent(veto.below)]);
        // The reason often says the same.
        let because = if veto.reason == case { String::new() } else { fill(say.because, &[&veto.reason]) };
        format!("{case}{because}")
    };
    fill(say.veto.1, &[&vetoes.iter().map(one).collect::<Vec<_>>().join(words.semicolon)])
}

fn rank(
    Rules { indicators, ranking, .. }: Rules,
    results: &Results,
    say: &Sentences,
    words: &Words,
) -> String {
    let named = results.kinds().into_iter().filter(|kind| !kind.trim().is_empty());
    let kinds: Vec<_> = named.map(|kind| group_name(Some(kind), results, words)).collect();
    let has_own_rules = results.kinds().into_iter().any(|kind| indicators.unit_kinds.contains_key(kind));
    let groups = match (ranking.by_kind, kinds.len()) {
        (true, 2..) if results.are_nested() => fill(say.in_groups_alone, &[&words.list(&kinds)]),
        (true, 2..) if has_own_rules => fill(say.in_groups_by_own_rules, &[&words.list(&kinds)]),
        (true, 2..) => fill(say.in_groups, &[&words.list(&kinds)]),
        (true, _) => String::new(),
        (false, _) => say.in_one_group.to_owned(),
    };
    let keys: Vec<&str> = ranking
        .order
        .iter()
        .map(|key| match key {
            RankKey::Score => say.score_key,
            RankKey::Rate(indicator) => words.name(*indicator, indicators),
        })
        .collect();
    let order = match keys.as_slice() {
        [only] => fill(say.order_of_one, &[only]),
        several => fill(say.order, &[&words.list(several)]),
    };
    let least = match ranking.min_records {
        0 | 1 => String::new(),
        least => fill(say.least_records, &[&least.to_string()]),
    };
    let level = match &ranking.level {
        None => String::new(),
        Some(Level::Kinds(kinds)) => fill(say.ranked_kinds, &[&words.list(kinds)]),
        Some(Level::Depth(depth)) => fill(say.ranked_depth, &[&depth.to_string()]),
    };
    let except = match &ranking.except[..] {
        [] => String::new(),
        units => fill(say.not_ranked, &[&words.list(units)]),
    };
    format!("{groups}{order}{least}{level}{except}")
}
