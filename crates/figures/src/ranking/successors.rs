//! What an earlier run said of the units of today: by code, through successions.

use std::collections::HashMap;
use std::sync::Arc;

use super::results::Results;
use super::unit_result::{Before, UnitResult};
use crate::indicator::figures::Figures;
use tongbao_register::unit::Units;

/// The earlier figures and rank of each unit of `units` that was there, or whose predecessors were, by
/// its code of today. Merged units are taken together; a rank goes on with the code, or with a single
/// predecessor, and otherwise the unit is new in the ranking.
pub fn earlier_by_unit(before: &Results, units: &Units) -> HashMap<String, Before> {
    let mut by_successor: HashMap<u32, Vec<&UnitResult>> = HashMap::new();
    // Units on the way from the top to the one looked at, with their positions of today.
    let mut above: Vec<(u32, Option<u32>)> = Vec::new();
    for old in &before.units {
        above.retain(|(level, _)| *level < old.level);
        let today = units.position(&old.unit.code);
        // What was counted in a unit above it that has become the same unit is not counted twice.
        let is_counted = today.is_some() && above.iter().any(|(_, unit)| *unit == today);
        above.push((old.level, today));
        if let (Some(today), false) = (today, is_counted) {
            by_successor.entry(today).or_default().push(old);
        }
    }
    let of = |(position, old): (u32, Vec<&UnitResult>)| {
        let code = units.list()[position as usize].code.clone();
        let own = old.iter().find(|old| old.unit.code == code);
        let ranked = own.or(old.first().filter(|_| old.len() == 1));
        let rank_in_group = ranked.and_then(|old| old.rank_in_group);
        let figures = match old.as_slice() {
            [only] => only.figures.clone(),
            several => Arc::new(Figures::total(several.iter().map(|old| &*old.figures))),
        };
        let shares_rank_in_group = ranked.is_some_and(|old| old.shares_rank_in_group);
        (code, Before { figures, rank_in_group, shares_rank_in_group, passed: None })
    };
    by_successor.into_iter().map(of).collect()
}
