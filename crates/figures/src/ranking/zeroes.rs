//! Units that have no points: which of their movements that explains.

use super::places::group;
use super::results::Rules;
use super::unit_result::UnitResult;
use crate::indicator::figures::Figures;

/// Marks the units whose loss or gain of all points has cost or won them a place: one with points then, or now, has
/// changed sides with them.
pub(super) fn mark_zeroes(units: &mut [UnitResult], Rules { indicators, scoring, ranking }: Rules) {
    struct Moved {
        group: String,
        ranks: [u32; 2],
        zeroes: [bool; 2],
    }
    let is_zero = |unit: &UnitResult, figures: &Figures| {
        let score = || unit.score_of(figures, indicators, scoring);
        figures.is_silent() || !scoring.vetoes.is_empty() && score().is_some_and(|s| !s.vetoes.is_empty())
    };
    let moved = |unit: &UnitResult| {
        let before = unit.before.as_ref()?;
        Some(Moved {
            group: group(unit, ranking.by_kind),
            ranks: [before.rank_in_group?, unit.rank_in_group?],
            zeroes: [is_zero(unit, &before.figures), is_zero(unit, &unit.figures)],
        })
    };
    let all: Vec<Option<Moved>> = units.iter().map(moved).collect();
    let is_cause = |unit: &Moved| {
        let at = match unit.zeroes {
            [true, false] => 0,
            [false, true] => 1,
            _ => return false,
        };
        // The side on which it has no points is the one on which the other is ahead.
        let passed = |other: &Moved| {
            let [then, now] = [0, 1].map(|i| other.ranks[i] < unit.ranks[i]);
            other.group == unit.group && then != now && [then, now][at] && !other.zeroes[at]
        };
        all.iter().flatten().any(passed)
    };
    let causes: Vec<bool> = all.iter().map(|unit| unit.as_ref().is_some_and(is_cause)).collect();
    units.iter_mut().zip(causes).for_each(|(unit, is_cause)| unit.moved_by_zero = is_cause);
}
