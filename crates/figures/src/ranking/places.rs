//! The places of units among each other, and the names that distinguish them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use num_rational::BigRational;

use super::comparable::Comparable;
use super::movement::Movement;
use super::rank::{Candidate, rank};
use super::unit_result::{Before, UnitResult};
use tongbao_config::settings::{Indicators, RankKey, Ranking};

/// Ranks the assessed units.
pub(super) fn place(units: &mut [UnitResult], ranking: &Ranking) {
    let mut assessed: Vec<&mut UnitResult> = units.iter_mut().filter(|unit| unit.is_assessed).collect();
    let candidates: Vec<Candidate> = assessed
        .iter()
        .map(|u| Candidate {
            kind: &u.unit.kind,
            figures: &u.figures,
            score: u.score.as_ref().map(|score| &score.total),
        })
        .collect();
    let places = rank(&candidates, ranking);
    for (unit, place) in assessed.iter_mut().zip(places) {
        match place {
            Ok(ranks) => (unit.rank, unit.rank_in_group) = (Some(ranks.overall), Some(ranks.in_group)),
            Err(reason) => unit.unranked = Some(reason),
        }
    }
    count_places(&mut assessed, ranking.by_kind);
    if ranking.order.first() == Some(&RankKey::Score) {
        look_ahead(&mut assessed, ranking.by_kind);
    }
}

/// Marks the units that share a rank with another, and gives each the size of its group.
fn count_places(assessed: &mut [&mut UnitResult], by_kind: bool) {
    let mut overall: HashMap<u32, u32> = HashMap::new();
    let mut in_group: HashMap<(String, u32), u32> = HashMap::new();
    let mut sizes: HashMap<String, usize> = HashMap::new();
    let place = |unit: &UnitResult| Some((group(unit, by_kind), unit.rank_in_group?));
    for unit in assessed.iter() {
        if let (Some(rank), Some(place)) = (unit.rank, place(unit)) {
            *overall.entry(rank).or_default() += 1;
            *sizes.entry(place.0.clone()).or_default() += 1;
            *in_group.entry(place).or_default() += 1;
        }
    }
    for unit in assessed {
        unit.group_size = sizes.get(&group(unit, by_kind)).copied().unwrap_or(0);
        unit.shares_rank = unit.rank.is_some_and(|rank| overall.get(&rank) > Some(&1));
        unit.shares_rank_in_group = place(unit).is_some_and(|place| in_group.get(&place) > Some(&1));
    }
}

/// What a unit is ranked among: its kind, or all units.
pub(super) fn group(unit: &UnitResult, by_kind: bool) -> String {
    if by_kind { unit.unit.kind.clone() } else { String::new() }
}

/// The assessed units that stand below no other assessed one.
pub(super) fn outermost(units: &[UnitResult]) -> impl Iterator<Item = &UnitResult> {
    let mut within: Option<u32> = None;
    units.iter().filter(move |unit| {
        within = within.filter(|level| unit.level > *level);
        let is_outermost = unit.is_assessed && within.is_none();
        within = within.or(is_outermost.then_some(unit.level));
        is_outermost
    })
}

/// Leaves each unit the place in its group alone.
pub(super) fn rank_in_groups_alone(units: &mut [UnitResult]) {
    for unit in units {
        unit.rank = unit.rank_in_group;
        unit.shares_rank = unit.shares_rank_in_group;
    }
}

/// Takes the depth for the kind where no unit has one and several depths are ranked: a village and its groups are not
/// ranked together because nobody has named what they are. Returns whether it does.
pub(super) fn rank_levels_apart(units: &mut [UnitResult]) -> bool {
    let levels: BTreeSet<u32> = units.iter().filter(|u| u.is_assessed).map(|unit| unit.level).collect();
    let is_needed = levels.len() > 1 && units.iter().all(|unit| unit.unit.kind.trim().is_empty());
    if is_needed {
        units.iter_mut().for_each(|unit| unit.unit.kind = unit.level.to_string());
    }
    is_needed
}

/// Puts the name of the unit above before the names of each kind of unit in which two are called alike.
pub(super) fn name_fully(units: &mut [UnitResult]) {
    let mut bearers: HashMap<&str, u32> = HashMap::new();
    units.iter().for_each(|unit| *bearers.entry(&unit.unit.name).or_default() += 1);
    let is_shared = |unit: &UnitResult| bearers[unit.unit.name.as_str()] > 1;
    let kinds: HashSet<&str> =
        units.iter().filter(|u| is_shared(u)).map(|unit| unit.unit.kind.as_str()).collect();
    let is_shared: Vec<bool> = units.iter().map(|unit| kinds.contains(unit.unit.kind.as_str())).collect();
    // The units on the way from the top to the one looked at.
    let mut above: Vec<(u32, String)> = Vec::new();
    for (unit, is_shared) in units.iter_mut().zip(is_shared) {
        above.retain(|(level, _)| *level < unit.level);
        if let (true, Some((_, name))) = (is_shared, above.last()) {
            unit.full_name = format!("{name}{}", unit.unit.name);
        }
        above.push((unit.level, unit.full_name.clone()));
    }
}

/// Gives each ranked unit the place and score of the next better one of its group.
fn look_ahead(assessed: &mut [&mut UnitResult], by_kind: bool) {
    type TreePosition = (u32, BigRational);
    let mut groups: BTreeMap<String, Vec<TreePosition>> = BTreeMap::new();
    for unit in assessed.iter() {
        if let (Some(rank), Some(score)) = (unit.rank_in_group, &unit.score) {
            groups.entry(group(unit, by_kind)).or_default().push((rank, score.total.clone()));
        }
    }
    groups.values_mut().for_each(|places| places.sort_by_key(|(rank, _)| *rank));
    for unit in assessed {
        let Some(rank) = unit.rank_in_group else { continue };
        let places = groups.get(&group(unit, by_kind)).map_or(&[][..], Vec::as_slice);
        let better = places.partition_point(|(place, _)| *place < rank);
        unit.ahead = better.checked_sub(1).map(|i| places[i].clone());
    }
}

/// Puts what the compared run said next to each unit, as far as it can be compared.
pub(super) fn compare(
    units: &mut [UnitResult],
    mut earlier_by_unit: HashMap<String, Before>,
    comparable: Comparable,
    indicators: &Indicators,
) {
    for unit in units {
        let mut old = earlier_by_unit.remove(&unit.unit.code);
        if let Some(old) = &mut old {
            let passed = || old.figures.passed(indicators, Some(&unit.unit.kind));
            old.passed = comparable.verdicts.then(passed).flatten();
            if !comparable.ranks {
                (old.rank_in_group, old.shares_rank_in_group) = (None, false);
            }
        }
        let rank = comparable.ranks.then(|| old.as_ref().and_then(|old| old.rank_in_group));
        unit.movement = Movement::between(unit.rank_in_group, rank);
        unit.before = old;
    }
}
