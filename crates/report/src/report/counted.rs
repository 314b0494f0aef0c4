//! Numbers of units in words. Where units stand above others each kind is counted by itself: a village and its groups
//! are no two units of one sort.

use super::model::{CountsModel, GroupVerdictModel};
use super::series::group_name;
use super::units::Wording;
use super::words::{Words, fill};
use tongbao_figures::ranking::movement::Movement;
use tongbao_figures::ranking::results::Results;
use tongbao_figures::ranking::unit_result::{UnitResult, kinds_of};

/// The assessed units that `keep` takes, as [`counted_units`].
pub(super) fn counted(results: &Results, say: Wording, keep: impl Fn(&UnitResult) -> bool) -> String {
    let units: Vec<&UnitResult> = results.assessed().filter(|unit| keep(unit)).collect();
    counted_units(&units, results, say.words)
}

/// The number of units: 12个单位, or 3个村、9个组 where units stand above others; none of them is 0个单位.
pub(super) fn counted_units(units: &[&UnitResult], results: &Results, words: &Words) -> String {
    // Beside units that are not assessed, too, a bare number would be that of all.
    let is_flat = !results.are_nested() && results.units.iter().all(|unit| unit.is_assessed);
    match units.len() {
        1 if is_flat => words.one_unit.to_owned(),
        0 => fill(words.units, &["0"]),
        count if is_flat => fill(words.units, &[&count.to_string()]),
        _ => {
            let of = |kind: &str| {
                let count = units.iter().filter(|unit| unit.unit.kind == kind).count();
                let name = group_name(Some(kind), results, words);
                (count > 0).then(|| fill(words.units_of, &[&count.to_string(), &name]))
            };
            words.list(&kinds_of(results.units.iter()).into_iter().filter_map(of).collect::<Vec<_>>())
        }
    }
}

/// What all units that cannot be judged lack, or the one or the other of them.
pub(super) fn unjudged_reason(results: &Results, say: Wording) -> String {
    let words = say.words;
    let Some(base) = words.no_base(say.indicators) else { return words.notes.unjudged[2].to_owned() };
    let units: Vec<&UnitResult> =
        results.assessed().filter(|u| u.passed.is_none() && !u.is_unverified()).collect();
    let lacks_base = |u: &&UnitResult| u.figures.coverage.denominator == 0;
    let [no_records, or_no_records, none_to_judge] = words.notes.unjudged;
    match units.iter().filter(|u| lacks_base(u)).count() {
        0 => none_to_judge.to_owned(),
        count if count < units.len() => fill(or_no_records, &[base]),
        _ if units.iter().all(|u| u.figures.has_nothing()) => fill(no_records, &[base]),
        _ => base.to_owned(),
    }
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
/// kind. Kinds that follow each other and of which all do, or none, are one group.
pub(super) fn verdicts(results: &Results, say: Wording) -> Vec<GroupVerdictModel> {
    if !results.are_nested() {
        return vec![verdict(results, say, |_| true)];
    }
    let of = |kinds: &[&str]| verdict(results, say, |u| kinds.contains(&u.unit.kind.as_str()));
    let is_alike = |a: &&str, b: &&str| {
        let [a, b] = [of(&[a]), of(&[b])];
        a.met == a.count && b.met == b.count || a.unmet == a.count && b.unmet == b.count
    };
    results.kinds().chunk_by(is_alike).map(of).collect()
}

fn verdict(results: &Results, say: Wording, is_of: impl Fn(&UnitResult) -> bool) -> GroupVerdictModel {
    let units = || results.assessed().filter(|u| is_of(u));
    let passed = |passed| units().filter(|u| u.passed == passed && !u.is_unverified()).count();
    GroupVerdictModel {
        units: counted(results, say, &is_of),
        count: units().count(),
        met: passed(Some(true)),
        unmet: passed(Some(false)),
        unverified: units().filter(|u| u.is_unverified()).count(),
        unjudged: passed(None),
    }
}
