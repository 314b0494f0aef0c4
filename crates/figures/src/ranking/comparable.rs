//! What of an earlier run can be compared with what is in use: each rate by its name and definition, ranks and verdicts
//! where all that they rest on is the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::results::{Results, Rules};
use super::unit_result::UnitResult;
use crate::indicator::counts::Counts;
use crate::indicator::figures::Figures;
use crate::indicator::rate::Rate;
use tongbao_config::settings::{Indicator, Indicators, RankKey, Ranking};

/// What of a run can be compared besides single rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparable {
    /// Every rate in use.
    pub all_rates: bool,
    /// Scores and ranks: all rates that decide them, their targets and points, vetoes and the order.
    pub ranks: bool,
    /// Whether units met every target: all rates and targets.
    pub verdicts: bool,
}

impl Comparable {
    /// A run under the rules in use.
    pub const WHOLLY: Comparable = Comparable { all_rates: true, ranks: true, verdicts: true };
}

/// The rates in use, each with the rate of an earlier run that has the same name and definition.
#[derive(Debug, Clone)]
pub struct JoinedRates {
    rates: Vec<(Indicator, Option<Indicator>)>,
    /// Whether the run has a rate that is in use no more.
    has_others: bool,
    comparable: Comparable,
}

impl JoinedRates {
    /// Of a run that was made under other rules, perhaps.
    pub fn between(then: Rules<'_>, now: Rules<'_>) -> JoinedRates {
        let join = |rate: Indicator| {
            let key = now.indicators.indicator_key(rate);
            let is_same = |old: &Indicator| {
                then.indicators.indicator_key(*old) == key
                    && then.indicators.definition_of(*old) == now.indicators.definition_of(rate)
            };
            (rate, then.indicators.all().into_iter().find(is_same))
        };
        let rates: Vec<_> = now.indicators.all().into_iter().map(join).collect();
        let is_gone = |old: Indicator| {
            let key = then.indicators.indicator_key(old);
            rates.iter().all(|(rate, _)| now.indicators.indicator_key(*rate) != key)
        };
        let has_others = then.indicators.all().into_iter().any(is_gone);
        let comparable = Comparable {
            all_rates: rates.iter().all(|(_, old)| old.is_some()),
            ranks: rank_basis(then) == rank_basis(now),
            verdicts: verdict_basis(then) == verdict_basis(now),
        };
        JoinedRates { rates, has_others, comparable }
    }

    /// Of a run of which it is only known whether its definitions are those in use.
    pub fn all_or_none(now: &Indicators, is_same: bool) -> JoinedRates {
        let rates = now.all().into_iter().map(|rate| (rate, is_same.then_some(rate))).collect();
        let comparable = Comparable { all_rates: is_same, ranks: is_same, verdicts: is_same };
        JoinedRates { rates, has_others: false, comparable }
    }

    /// Whether the run has the rates in use and no others.
    pub fn is_whole(&self) -> bool {
        self.comparable.all_rates && !self.has_others
    }

    /// The rates in use that are new or have another definition.
    pub fn changed(&self) -> Vec<Indicator> {
        self.rates.iter().filter(|(_, old)| old.is_none()).map(|(rate, _)| *rate).collect()
    }

    /// What of the run can be compared besides.
    pub fn comparable(&self) -> Comparable {
        self.comparable
    }

    /// Whether no rate can be compared.
    pub fn is_empty(&self) -> bool {
        self.rates.iter().all(|(_, old)| old.is_none())
    }

    /// The results of the earlier run in terms of the rates in use; one that is not joined has no denominator.
    /// Verdicts, scores and ranks stay those of the run.
    pub fn restated(&self, mut results: Results) -> Results {
        results.comparable = self.comparable;
        if self.rates.iter().all(|(rate, old)| *old == Some(*rate)) {
            return results;
        }
        if self.rate_then(Indicator::Coverage).is_none() {
            results.roster_persons = 0;
        }
        results.totals = self.figures(&results.totals);
        let restated =
            |unit: UnitResult| UnitResult { figures: Arc::new(self.figures(&unit.figures)), ..unit };
        results.units = results.units.into_iter().map(restated).collect();
        results
    }

    fn rate_then(&self, rate: Indicator) -> Option<Indicator> {
        self.rates.iter().find(|(now, _)| *now == rate)?.1
    }

    /// Counters of fields and relations are those of the run by position, and are left out.
    fn figures(&self, then: &Figures) -> Figures {
        let of = |rate| self.rate_then(rate).map_or(Rate::default(), |old| then.rate(old));
        let Counts { records, persons, duplicates, without_id, .. } = then.counts;
        let mut counts = Counts { records, persons, duplicates, without_id, ..Counts::default() };
        if self.rate_then(Indicator::Coverage).is_some() {
            let Counts { roster, covered, covered_own, .. } = then.counts;
            counts = Counts { roster, covered, covered_own, ..counts };
        }
        let own = self.rates.iter().map(|(rate, _)| *rate).filter(|rate| matches!(rate, Indicator::Own(_)));
        Figures {
            counts,
            coverage: of(Indicator::Coverage),
            completeness: of(Indicator::Completeness),
            accuracy: of(Indicator::Accuracy),
            own: own.map(of).collect(),
        }
    }
}

/// A rate with its definition and, where they matter, the targets of units of each kind.
fn basis_of_rate(rate: Indicator, rules: Rules<'_>, has_target: bool) -> String {
    let indicators = rules.indicators;
    let kinds = indicators.unit_kinds.keys().map(|kind| Some(kind.as_str()));
    let targets: Vec<_> = std::iter::once(None)
        .chain(kinds)
        .filter(|_| has_target)
        .map(|kind| (kind, indicators.target_of(rate, kind)))
        .collect();
    let definition = indicators.definition_of(rate);
    format!("{} {targets:?} {definition:?}\n", indicators.indicator_key(rate))
}

fn verdict_basis(rules: Rules<'_>) -> String {
    rules.indicators.all().into_iter().map(|rate| basis_of_rate(rate, rules, true)).collect()
}

/// Everything that scores and ranks rest on. Deductions are facts of a period, as the counts are.
fn rank_basis(rules: Rules<'_>) -> String {
    let Rules { indicators, scoring, ranking } = rules;
    let Ranking { by_kind, order, min_records, level, except } = ranking;
    let kinds: Vec<Option<&str>> =
        std::iter::once(None).chain(indicators.unit_kinds.keys().map(|kind| Some(kind.as_str()))).collect();
    let key = |rate| indicators.indicator_key(rate);
    let mut out = String::new();
    for rate in indicators.all() {
        let points: Vec<_> =
            kinds.iter().map(|kind| (kind, indicators.weight_of(scoring, rate, *kind))).collect();
        let has_points = points.iter().any(|(_, points)| *points.numer() > 0);
        let decides = has_points
            || order.contains(&RankKey::Rate(rate))
            || scoring.vetoes.iter().any(|veto| veto.indicator == rate);
        if decides {
            out.push_str(&basis_of_rate(rate, rules, has_points));
            out.push_str(&format!("{points:?}\n"));
        }
    }
    let vetoes: BTreeSet<_> =
        scoring.vetoes.iter().map(|veto| format!("{} {:?}", key(veto.indicator), veto.below)).collect();
    let order = order.iter().map(|by| match by {
        RankKey::Score => "score",
        RankKey::Rate(rate) => key(*rate),
    });
    let order: Vec<&str> = order.collect();
    out + &format!("{vetoes:?} {by_kind} {order:?} {min_records} {level:?} {except:?}")
}
