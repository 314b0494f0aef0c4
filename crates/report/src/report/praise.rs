//! Whom a document may praise and whom it reminds. Both need a reason: nobody is praised for a place
//! alone, and nobody who has met every target is reminded.

use std::collections::BTreeMap;

use num_rational::BigRational;

use super::ties::{End, LISTED, end_of_list};
use tongbao_config::settings::{Indicator, Indicators, Scoring};
use tongbao_figures::ranking::results::Results;
use tongbao_figures::ranking::score::score;
use tongbao_figures::ranking::unit_result::UnitResult;

/// About so many units are named at either end.
const NAMED: usize = 3;
/// Of fewer units nobody is named as first or last.
pub(super) const LEAST_GROUP: usize = 3;

/// The units of a list that its text names.
#[derive(Debug, Clone, Default)]
pub struct NamedUnitList<'a> {
    /// Best first.
    pub praised: End<'a>,
    /// The first place, where more than a third of the list share it, but not all: too many to be praised.
    pub crowd: End<'a>,
    /// Last places, best first; none of them has met every target.
    pub lagging: End<'a>,
    /// The last place: one unit, or all that share it.
    pub lowest: End<'a>,
}

/// What a unit is measured by.
#[derive(Debug, Clone)]
pub struct PraiseBar<'a> {
    /// After the last day only a unit that has passed is praised.
    has_ended: bool,
    /// The score that all units together would have as a unit of each kind.
    overall: BTreeMap<String, Option<BigRational>>,
    results: &'a Results,
}

impl<'a> PraiseBar<'a> {
    /// `has_ended`: the campaign is over, and only a unit that has passed is praised.
    pub fn new(
        results: &'a Results,
        indicators: &'a Indicators,
        scoring: &Scoring,
        has_ended: bool,
    ) -> PraiseBar<'a> {
        let plain = Scoring { weights: scoring.weights, vetoes: Vec::new(), deductions: Vec::new() };
        let of_kind = |kind: &str| {
            let overall = score("", Some(kind), &results.totals, indicators, &plain);
            (kind.to_owned(), overall.map(|score| score.total))
        };
        let overall = results.kinds().into_iter().map(of_kind).collect();
        PraiseBar { has_ended, overall, results }
    }

    /// Whether a unit of the first places deserves it: it has passed, or, while the campaign runs, it
    /// is above all units together in score and coverage. More persons than expected, or a veto, is a
    /// reason to look, never to praise.
    fn deserves(&self, unit: &UnitResult) -> bool {
        let Some(score) = unit.score.as_ref().filter(|_| is_sound(unit)) else { return false };
        let leads = || {
            let coverage = |figures: &tongbao_figures::indicator::figures::Figures| {
                figures.rate(Indicator::Coverage).value()
            };
            let overall = self.overall.get(&unit.unit.kind).and_then(Option::as_ref);
            overall.is_some_and(|overall| score.total > *overall)
                && coverage(&unit.figures) >= coverage(&self.results.totals)
        };
        unit.passed == Some(true) || (!self.has_ended && leads())
    }

    /// The units that the text names of a list in the order of `rank`.
    pub fn named<'u>(
        &self,
        ranked: &[&'u UnitResult],
        rank: impl Fn(&UnitResult) -> Option<u32>,
    ) -> NamedUnitList<'u> {
        let placed: Vec<&UnitResult> = ranked.iter().copied().filter(|u| rank(u).is_some()).collect();
        let third = placed.len() / 3;
        let share = |a: &&UnitResult, b: &&UnitResult| rank(a) == rank(b);
        let from_last: Vec<&UnitResult> = placed.iter().rev().copied().collect();
        let deserving = |unit: &UnitResult| self.deserves(unit);
        let failing = UnitResult::falls_short;
        // Never more than a third is praised, and nobody below one who has a better place and is not, unless that
        // place is in doubt. Last is who is last, however many they are, unless all are equal; nobody is named at
        // both ends.
        let unbroken = placed.chunk_by(share).scan(true, |goes_on, tie| {
            let is_shown = *goes_on;
            *goes_on = tie.iter().all(|unit| deserving(unit) || unit.figures.exceeds_expected());
            is_shown.then_some(tie)
        });
        let praised = end_of_list(unbroken, (NAMED.min(third), LISTED), third, deserving);
        let last = from_last.chunk_by(share).next().filter(|last| last.len() < placed.len());
        let last = last.map_or(0, <[_]>::len);
        let lowest = end_of_list(from_last.chunk_by(share), (last.min(1), LISTED), last, failing).reversed();
        let lagging =
            end_of_list(from_last.chunk_by(share), (NAMED.min(third), LISTED), third.max(last), failing)
                .reversed();
        let first = placed.chunk_by(share).next().unwrap_or_default();
        let is_crowd = first.len() > third && first.len() < placed.len();
        let tied = match is_crowd && first.iter().all(|unit| is_sound(unit)) {
            true => first.to_vec(),
            false => Vec::new(),
        };
        let crowd = End { units: Vec::new(), tied };
        if placed.len() < LEAST_GROUP {
            return NamedUnitList::default();
        }
        NamedUnitList { praised, crowd, lagging, lowest }
    }
}

/// Whether a unit has points that nothing speaks against: records, no veto, and no more persons than expected.
fn is_sound(unit: &UnitResult) -> bool {
    let has_points = unit.score.as_ref().is_some_and(|score| score.vetoes.is_empty());
    has_points && !unit.figures.exceeds_expected() && !unit.figures.is_silent()
}
