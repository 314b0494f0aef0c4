//! Whom a document may praise and whom it reminds. Both need a reason: nobody is praised for a place
//! alone, and nobody who has met every target is reminded.

use num_rational::BigRational;

use tongbao_config::settings::{Indicator, Indicators, Scoring};
use tongbao_figures::ranking::results::{Results, UnitResult};
use tongbao_figures::ranking::score::score;

/// At most so many places are named at either end.
const NAMED: u32 = 3;

/// The units of a list that its text names.
#[derive(Debug, Clone)]
pub struct NamedUnitList<'a> {
    /// Best first.
    pub praised: Vec<&'a UnitResult>,
    /// Last places, best first; none of them has met every target.
    pub lagging: Vec<&'a UnitResult>,
    /// The last place: one unit, or all that share it.
    pub lowest: Vec<&'a UnitResult>,
}

/// What a unit is measured by.
#[derive(Debug, Clone)]
pub struct PraiseBar<'a> {
    indicators: &'a Indicators,
    /// After the last day only a unit that has passed is praised.
    has_ended: bool,
    /// The score that all units together have.
    overall: Option<BigRational>,
    results: &'a Results,
}

impl<'a> PraiseBar<'a> {
    pub fn new(
        results: &'a Results,
        indicators: &'a Indicators,
        scoring: &Scoring,
        has_ended: bool,
    ) -> PraiseBar<'a> {
        let plain = Scoring { weights: scoring.weights, vetoes: Vec::new(), deductions: Vec::new() };
        let overall = score("", &results.totals, indicators, &plain).map(|score| score.total);
        PraiseBar { indicators, has_ended, overall, results }
    }

    /// Whether a unit of the first places deserves it: it has passed, or, while the campaign runs, it
    /// is above all units together in score and coverage. More persons than expected, or a veto, is a
    /// reason to look, never to praise.
    fn deserves(&self, unit: &UnitResult) -> bool {
        let Some(score) = &unit.score else { return false };
        if !score.vetoes.is_empty() || unit.figures.exceeds_expected() || unit.figures.is_silent() {
            return false;
        }
        let leads = || {
            let coverage = |figures: &tongbao_figures::indicator::figures::Figures| {
                figures.rate(Indicator::Coverage).value()
            };
            self.overall.as_ref().is_some_and(|overall| score.total > *overall)
                && coverage(&unit.figures) >= coverage(&self.results.totals)
        };
        unit.figures.passed(self.indicators) == Some(true) || (!self.has_ended && leads())
    }

    /// The units that the text names of a list in the order of `rank`.
    pub fn named<'u>(
        &self,
        ranked: &[&'u UnitResult],
        rank: impl Fn(&UnitResult) -> Option<u32>,
    ) -> NamedUnitList<'u> {
        let placed: Vec<&UnitResult> = ranked.iter().copied().filter(|u| rank(u).is_some()).collect();
        // Never more than a third at either end, and nobody at both.
        let most = (placed.len() / 3).min(NAMED as usize);
        let share = |a: &&UnitResult, b: &&UnitResult| rank(a) == rank(b);
        let from_last: Vec<&UnitResult> = placed.iter().rev().copied().collect();
        let mut praised: Vec<&UnitResult> = whole_ties(placed.chunk_by(share), most);
        praised.retain(|unit| self.deserves(unit));
        let failing = |unit: &&UnitResult| unit.passed != Some(true);
        let mut lagging: Vec<&UnitResult> =
            whole_ties(from_last.chunk_by(share), most).into_iter().filter(failing).collect();
        lagging.reverse();
        let lowest = lagging.iter().copied().filter(|u| placed.last().is_some_and(|l| rank(l) == rank(u)));
        NamedUnitList { praised, lowest: lowest.collect(), lagging }
    }
}

/// The first ties that have at most `most` members together: who shares a place is named too, or
/// nobody of that place is.
pub(super) fn whole_ties<'t, 'a: 't>(
    ties: impl Iterator<Item = &'t [&'a UnitResult]>,
    most: usize,
) -> Vec<&'a UnitResult> {
    let mut out: Vec<&UnitResult> = Vec::new();
    for tie in ties {
        if out.len() + tie.len() > most {
            break;
        }
        out.extend(tie);
    }
    out
}
