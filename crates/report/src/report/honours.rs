//! 红黑榜: the units that the office's own rules name, from the released runs of a report.

use super::counted::counted;
use super::model::{FastestModel, HonouredModel, HonoursModel, LastAgainModel};
use super::praise::LEAST_GROUP;
use super::series::{group_name, groups};
use super::units::{Wording, unit_model};
use super::wording;
use tongbao_config::settings::{Honours, ReportLanguage, Scoring};
use tongbao_figures::ranking::movement::Movement;
use tongbao_figures::ranking::results::{Results, Rules};
use tongbao_figures::ranking::unit_result::UnitResult;

/// What the rules name: `earlier` are the results of the released runs with earlier cut-offs, newest
/// first. `None` where no rule is on, or none of them names anybody.
pub fn honours(
    results: &Results,
    earlier: &[Results],
    rules: Rules,
    honours: &Honours,
    language: ReportLanguage,
) -> Option<HonoursModel> {
    let say = Wording::new(results, rules, language);
    let group = group_of(rules);
    let models = |list: Vec<&UnitResult>| list.into_iter().map(|unit| unit_model(unit, say)).collect();
    let met = |unit: &UnitResult| honours.first_met && has_first_met(unit, earlier);
    let last_again = last_again(results, earlier, honours.last_in_a_row, &group);
    let fastest = fastest(results, honours.fastest, rules, &group);
    let risen = |(unit, rise): &(&UnitResult, u64)| HonouredModel {
        unit: unit_model(unit, say),
        rise: wording::hundredths(*rise),
    };
    let of_kind = |kind: Option<&str>| {
        let is_of = |(unit, _): &&(&UnitResult, u64)| kind.is_none_or(|kind| unit.unit.kind == kind);
        let units: Vec<HonouredModel> = fastest.units.iter().filter(is_of).map(risen).collect();
        let name = group_name(kind, results, say.words).into_owned();
        (!units.is_empty()).then_some(FastestModel { name, units })
    };
    let fastest_groups: Vec<FastestModel> =
        groups(results, rules.ranking).into_iter().filter_map(of_kind).collect();
    let model = HonoursModel {
        fastest: fastest.units.iter().map(risen).collect(),
        fastest_alike: fastest_groups
            .iter()
            .all(|group| group.units.iter().all(|unit| unit.rise == group.units[0].rise)),
        fastest_groups,
        has_others: fastest.has_others,
        first_met: models(results.assessed().filter(|unit| met(unit)).collect()),
        first_met_count: counted(results, say, met),
        last_again: last_again
            .iter()
            .map(|(unit, times)| LastAgainModel { unit: unit_model(unit, say), times: *times })
            .collect(),
        action: honours.last_action.clone(),
    };
    let is_empty = model.fastest.is_empty() && model.first_met.is_empty() && model.last_again.is_empty();
    (!is_empty).then_some(model)
}

/// Whether a run before these could still change whom the rules name: a first time is one among all runs, and who
/// has been last in all of them may have been last before.
pub fn needs_earlier(results: &Results, earlier: &[Results], rules: Rules, honours: &Honours) -> bool {
    let group = group_of(rules);
    let is_still_last = |unit: &UnitResult| {
        is_last(results, unit, &group) && earlier.iter().all(|results| was_last(results, unit, &group))
    };
    honours.first_met || honours.last_in_a_row > 1 && results.assessed().any(is_still_last)
}

/// The group that a unit is ranked in.
fn group_of(rules: Rules<'_>) -> impl Fn(&UnitResult) -> String {
    let by_kind = rules.ranking.by_kind;
    move |unit| if by_kind { unit.unit.kind.clone() } else { String::new() }
}

type HonourGroup<'a> = &'a dyn Fn(&UnitResult) -> String;

/// Units with the hundredths of a point that their printed scores rose by.
struct FastestUnits<'a> {
    units: Vec<(&'a UnitResult, u64)>,
    /// Whether others rose as much that are not praised for it.
    has_others: bool,
}

/// The units of each group whose printed score rose most since the compared run, up to so many and
/// those equal to the last of them. Who has lost places, has the last one or is above its baseline is not among
/// them.
fn fastest<'a>(results: &'a Results, most: u32, rules: Rules, group: HonourGroup) -> FastestUnits<'a> {
    // Scores under other rules are no measure of a rise.
    if !results.compares_ranks() {
        return FastestUnits { units: Vec::new(), has_others: false };
    }
    let is_praised = |unit: &UnitResult| {
        let has_fallen = matches!(unit.movement, Movement::Down(_));
        !(has_fallen || has_last_place(results, unit, group) || unit.figures.exceeds_expected())
    };
    let rises = results.assessed().filter_map(|unit| Some((unit, rise(unit, rules)?)));
    let mut rises: Vec<(&UnitResult, u64)> = rises.filter(|(_, rise)| *rise > 0).collect();
    rises.sort_by_key(|(_, rise)| std::cmp::Reverse(*rise));
    let (praised, others): (Vec<_>, Vec<_>) = rises.into_iter().partition(|(unit, _)| is_praised(unit));
    let is_among = |(unit, rise): &(&UnitResult, u64)| {
        let faster = praised.iter().filter(|(other, more)| group(other) == group(unit) && more > rise);
        faster.count() < most as usize
    };
    let units: Vec<(&UnitResult, u64)> = praised.iter().copied().filter(is_among).collect();
    let is_as_fast = |(other, more): &(&UnitResult, u64)| {
        units.iter().any(|(unit, rise)| group(other) == group(unit) && more >= rise)
    };
    let has_others = others.iter().any(is_as_fast);
    FastestUnits { units, has_others }
}

/// By how many hundredths of a point the printed score rose.
fn rise(unit: &UnitResult, rules: Rules) -> Option<u64> {
    let now = unit.score.as_ref().filter(|score| score.vetoes.is_empty())?;
    let plain: &Scoring = rules.scoring;
    let before = unit.score_of(&unit.before.as_ref()?.figures, rules.indicators, plain)?;
    let [now, before] = [&now.total, &before.total].map(wording::score_hundredths);
    now.checked_sub(before)
}

/// Whether a unit meets every target, and did in none of the earlier runs, in one of which it was judged.
fn has_first_met(unit: &UnitResult, earlier: &[Results]) -> bool {
    let before: Vec<&UnitResult> = earlier.iter().filter_map(|results| of(results, unit)).collect();
    unit.passed == Some(true)
        && before.iter().any(|before| before.passed.is_some())
        && before.iter().all(|before| before.passed != Some(true))
}

/// The units that have been last of their groups at least so many times running, each with how many times it has,
/// this time included.
fn last_again<'a>(
    results: &'a Results,
    earlier: &[Results],
    times: u32,
    group: HonourGroup,
) -> Vec<(&'a UnitResult, usize)> {
    let needed = times as usize;
    if needed < 2 {
        return Vec::new();
    }
    let times =
        |unit: &UnitResult| 1 + earlier.iter().take_while(|results| was_last(results, unit, group)).count();
    let last = results.assessed().filter(|unit| is_last(results, unit, group));
    last.map(|unit| (unit, times(unit))).filter(|(_, times)| *times >= needed).collect()
}

/// Whether a unit has the last place of its group, and has missed a target; where all are equal, and of two units,
/// nobody is last.
fn is_last(results: &Results, unit: &UnitResult, group: HonourGroup) -> bool {
    unit.group_size >= LEAST_GROUP && unit.falls_short() && has_last_place(results, unit, group)
}

fn has_last_place(results: &Results, unit: &UnitResult, group: HonourGroup) -> bool {
    let Some(rank) = unit.rank_in_group.filter(|rank| *rank > 1) else { return false };
    let is_behind = |other: &UnitResult| group(other) == group(unit) && other.rank_in_group > Some(rank);
    !results.assessed().any(is_behind)
}

fn was_last(results: &Results, unit: &UnitResult, group: HonourGroup) -> bool {
    of(results, unit).is_some_and(|before| is_last(results, before, group))
}

fn of<'a>(results: &'a Results, unit: &UnitResult) -> Option<&'a UnitResult> {
    results.assessed().find(|other| other.unit.code == unit.unit.code)
}
