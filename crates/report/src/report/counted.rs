//! Numbers of units in words. Where units stand above others each kind is counted by itself: a village and its groups
//! are no two units of one sort.

use super::model::{CountsModel, GroupVerdictModel};
use super::series::group_name;
use super::units::Wording;
use super::words::fill;
use tongbao_figures::ranking::movement::Movement;
use tongbao_figures::ranking::results::{Results, UnitResult};

/// The assessed units that `keep` takes: 12个单位, or 3个村、9个组 where units stand above others; none of them is
/// 0个单位.
pub(super) fn counted(results: &Results, say: Wording, keep: impl Fn(&UnitResult) -> bool) -> String {
    let words = say.words;
    let all = |count: usize| match count {
        1 => words.one_unit.to_owned(),
        _ => fill(words.units, &[&count.to_string()]),
    };
    // Beside units that are not assessed, too, a bare number would be that of all.
    if !results.are_nested() && results.units.iter().all(|u| u.is_assessed) {
        return all(results.assessed().filter(|u| keep(u)).count());
    }
    let of = |kind: &str| match results.assessed().filter(|u| u.unit.kind == kind && keep(u)).count() {
        0 => None,
        count => {
            let name = group_name(Some(kind), results, words);
            Some(fill(words.units_of, &[&count.to_string(), &name]))
        }
    };
    let kinds: Vec<String> = results.kinds().into_iter().filter_map(of).collect();
    if kinds.is_empty() { all(0) } else { words.list(&kinds) }
}

/// Whether a unit had records in the compared run.
pub(super) fn had_records(unit: &UnitResult) -> bool {
    unit.before.as_ref().is_some_and(|before| before.figures.counts.records > 0)
}

/// How many units of each sort there are, in words; `had_passed` is whether one met every target in the compared run.
pub(super) fn counts(
    results: &Results,
    say: Wording,
    had_passed: impl Fn(&UnitResult) -> Option<bool>,
) -> CountsModel {
    let had_failed = |u: &UnitResult| had_passed(u) == Some(false);
    let has_fallen_back = |u: &UnitResult| had_passed(u) == Some(true) && u.passed == Some(false);
    let of = |keep: &dyn Fn(&UnitResult) -> bool| counted(results, say, keep);
    let passed = |passed| move |u: &UnitResult| u.passed == passed && !u.is_unverified();
    let again = |passed| {
        let had_failed = &had_failed;
        move |u: &UnitResult| had_failed(u) && u.passed == passed
    };
    CountsModel {
        units: of(&|_| true),
        unmet: of(&passed(Some(false))),
        unverified: of(&UnitResult::is_unverified),
        unjudged: of(&passed(None)),
        silent: of(&|u| u.figures.is_silent()),
        nothing: of(&|u| u.figures.has_nothing()),
        silenced: of(&|u| u.figures.is_silent() && had_records(u)),
        without_records: of(&|u| u.figures.counts.records == 0),
        exceeding: of(&|u| u.figures.exceeds_expected()),
        exceeding_failed: of(&|u| u.figures.exceeds_expected() && !u.is_unverified()),
        failed_before: of(&|u| had_failed(u)),
        rectified: of(&again(Some(true))),
        not_rectified: of(&again(Some(false))),
        unverified_again: of(&|u| had_failed(u) && u.is_unverified()),
        unjudged_again: of(&|u| had_failed(u) && u.passed.is_none() && !u.is_unverified()),
        fallen_back: of(&has_fallen_back),
        risen: of(&|u| matches!(u.movement, Movement::Up(_))),
        fallen: of(&|u| matches!(u.movement, Movement::Down(_))),
    }
}

/// How many units meet every target and how many do not, of all together or, where units stand above others, of each
/// kind.
pub(super) fn verdicts(results: &Results, say: Wording) -> Vec<GroupVerdictModel> {
    let group = |kind: Option<&str>| {
        let units = || results.assessed().filter(|u| kind.is_none_or(|kind| u.unit.kind == kind));
        let passed = |passed| units().filter(|u| u.passed == passed && !u.is_unverified()).count();
        GroupVerdictModel {
            units: counted(results, say, |u| kind.is_none_or(|kind| u.unit.kind == kind)),
            count: units().count(),
            met: passed(Some(true)),
            unmet: passed(Some(false)),
            unverified: units().filter(|u| u.is_unverified()).count(),
            unjudged: passed(None),
        }
    };
    match results.are_nested() {
        true => results.kinds().into_iter().map(|kind| group(Some(kind))).collect(),
        false => vec![group(None)],
    }
}
