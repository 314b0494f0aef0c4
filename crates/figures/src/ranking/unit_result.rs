//! What a run says of one unit.

use std::sync::Arc;

use num_rational::BigRational;

use super::movement::Movement;
use super::rank::Unranked;
use super::results::Rules;
use super::score::{Score, score};
use crate::indicator::exceptions::ExceptionCounts;
use crate::indicator::figures::Figures;
use crate::indicator::tally::Matches;
use tongbao_config::settings::{Indicator, Indicators, Scoring, Target};
use tongbao_register::unit::Unit;

/// One unit's figures, those of all units below it included, and its places.
#[derive(Debug, Clone)]
pub struct UnitResult {
    /// The unit itself, without those below it.
    pub unit: Unit,
    /// The unit's name; where units of its kind are called alike, after that of the unit above: 荔湖村一组.
    pub full_name: String,
    /// How deep it is in the tree: 1 has nothing above it.
    pub level: u32,
    /// Whether it is of the level that is ranked and judged.
    pub is_assessed: bool,
    /// Whether it is of that level in the whole; on its own page a unit is assessed all the same.
    pub is_judged: bool,
    /// Up to the cut-off.
    pub figures: Arc<Figures>,
    /// Records registered within the period.
    pub new_records: u64,
    /// As in [`super::results::Results::matches`].
    pub matches: Vec<Matches>,
    /// As in [`super::results::Results::exceptions`].
    pub exceptions: ExceptionCounts,
    /// `None` where a rate that has weight cannot be computed, or the unit is not assessed.
    pub score: Option<Score>,
    /// Among all assessed units, or, where some stand above others, in the group; `None` = unranked.
    pub rank: Option<u32>,
    /// Among those of its kind.
    pub rank_in_group: Option<u32>,
    /// Whether another unit has the same rank, or the same rank in the group.
    pub shares_rank: bool,
    /// Whether another unit of its kind has the same rank in the group.
    pub shares_rank_in_group: bool,
    /// Why it has no rank; `None` = it has one, or is not assessed.
    pub unranked: Option<Unranked>,
    /// Change of `rank_in_group` against the compared run.
    pub movement: Movement,
    /// Whether it moved past a unit with points because it had none itself in one of both runs, for want of records
    /// or under a veto.
    pub moved_by_zero: bool,
    /// Whether it meets every target; `None` where a denominator is missing and no rate fails.
    pub passed: Option<bool>,
    /// Figures and rank in group in the compared run, if the unit was there.
    pub before: Option<Before>,
    /// How many units have a rank in its group, itself among them.
    pub group_size: usize,
    /// Place and score of the next better unit of its group, where the score decides first.
    pub ahead: Option<(u32, BigRational)>,
}

/// A unit in the compared run.
#[derive(Debug, Clone)]
pub struct Before {
    /// Its figures then.
    pub figures: Arc<Figures>,
    /// Its rank then; `None` = it was unranked, or ranks are not compared.
    pub rank_in_group: Option<u32>,
    /// Whether it shared that rank.
    pub shares_rank_in_group: bool,
    /// Whether it met every target; `None` = it could not be judged, or verdicts are not compared.
    pub passed: Option<bool>,
}

impl UnitResult {
    /// 待核实: nothing is failed, but more persons are registered than were expected, so that coverage cannot be
    /// judged before the baseline is verified.
    pub fn is_unverified(&self) -> bool {
        self.passed != Some(false) && self.figures.exceeds_expected()
    }

    /// Whether a target is missed, or cannot be judged for want of a denominator.
    pub fn falls_short(&self) -> bool {
        self.passed != Some(true) && !self.is_unverified()
    }

    /// The target that a rate of the unit must reach.
    pub fn target(&self, indicator: Indicator, indicators: &Indicators) -> Target {
        indicators.target_of(indicator, Some(&self.unit.kind))
    }

    /// Whether a rate of the unit meets its target; `None` where its denominator is missing or in doubt.
    pub fn meets(&self, indicator: Indicator, indicators: &Indicators) -> Option<bool> {
        self.figures.rate(indicator).judged(self.target(indicator, indicators))
    }

    /// The score that these figures would give the unit.
    pub fn score_of(&self, figures: &Figures, indicators: &Indicators, scoring: &Scoring) -> Option<Score> {
        score(&self.unit.code, Some(&self.unit.kind), figures, indicators, scoring)
    }
}

/// The kinds of units: those higher in the tree first, those of one height in the order in which they first occur.
pub fn kinds_of<'a>(units: impl Iterator<Item = &'a UnitResult>) -> Vec<&'a str> {
    let mut kinds: Vec<(u32, &str)> = Vec::new();
    for unit in units {
        match kinds.iter_mut().find(|(_, kind)| *kind == unit.unit.kind) {
            Some((level, _)) => *level = unit.level.min(*level),
            None => kinds.push((unit.level, &unit.unit.kind)),
        }
    }
    kinds.sort_by_key(|(level, _)| *level);
    kinds.into_iter().map(|(_, kind)| kind).collect()
}

/// Where a unit stands in the tree.
pub(super) struct TreePosition {
    pub(super) level: u32,
    pub(super) is_assessed: bool,
}

pub(super) fn unit_result(
    unit: &Unit,
    figures: Arc<Figures>,
    place: TreePosition,
    rules: Rules,
) -> UnitResult {
    let TreePosition { level, is_assessed } = place;
    let kind = Some(unit.kind.as_str());
    let score = || score(&unit.code, kind, &figures, rules.indicators, rules.scoring);
    let (score, passed) = (is_assessed.then(score).flatten(), figures.passed(rules.indicators, kind));
    UnitResult {
        unit: unit.clone(),
        full_name: unit.name.clone(),
        level,
        is_assessed,
        is_judged: is_assessed,
        figures,
        new_records: 0,
        matches: Vec::new(),
        exceptions: ExceptionCounts::default(),
        score,
        rank: None,
        rank_in_group: None,
        shares_rank: false,
        shares_rank_in_group: false,
        unranked: None,
        movement: Movement::None,
        moved_by_zero: false,
        passed,
        before: None,
        group_size: 0,
        ahead: None,
    }
}
