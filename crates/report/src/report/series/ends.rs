//! The units at both ends of a ranking, for a summary of a page.

use super::tables::{columns, row};
use super::unit_notes::{exceeding_notes, framed, joined, remark_notes};
use super::{Sources, group_name};
use crate::report::document::{Align, Cell, Table};
use crate::report::ties::End;
use crate::report::units::both_ends;
use crate::report::words::fill;
use crate::report::{cells, wording};
use tongbao_figures::ranking::unit_result::UnitResult;

/// Rank, name and score of those at each end of a group, best first.
struct GroupEnds<'a> {
    first: Vec<[Cell; 3]>,
    last: Vec<[Cell; 3]>,
    /// Those that are named.
    named: Vec<&'a UnitResult>,
}

/// The units that lead and those that lag side by side, at most about so many rows and nobody twice; see
/// [`both_ends`]. Units that share a place which does not fit are one row. An end that nobody stands at is left out.
/// Where several kinds are ranked apart, and hold each person once together, each row names its kind.
pub(super) fn ends(from: Sources, most: usize) -> Table {
    let words = from.words();
    let kinds = from.results.topmost_kinds();
    let each = most.div_ceil(kinds.len().max(1));
    let groups: Vec<GroupEnds> = kinds.iter().map(|kind| group_ends(from, *kind, each)).collect();
    let leads = groups.iter().any(|group| !group.first.is_empty());
    let lags = groups.iter().any(|group| !group.last.is_empty());
    let mut heads = Vec::new();
    if kinds.len() > 1 {
        heads.push((words.heads.kind, Align::Left));
    }
    for (unit, _) in [(words.heads.ahead, leads), (words.heads.behind, lags)].iter().filter(|side| side.1) {
        heads.extend([
            (words.heads.rank, Align::Center),
            (*unit, Align::Left),
            (words.heads.score, Align::Right),
        ]);
    }
    let mut rows = Vec::new();
    for (kind, group) in kinds.iter().zip(&groups) {
        let name = || Cell::text(group_name(*kind, from.results, words));
        for i in 0..group.first.len().max(group.last.len()) {
            let mut line: Vec<Cell> = if kinds.len() > 1 { vec![name()] } else { Vec::new() };
            let sides = [(&group.first, leads), (&group.last, lags)];
            let side = |(side, _): (&Vec<[Cell; 3]>, bool)| side.get(i).cloned().unwrap_or_default();
            line.extend(sides.into_iter().filter(|side| side.1).flat_map(side));
            rows.push(row(line));
        }
    }
    let not_ahead = if leads { words.notes.not_ahead } else { "" };
    let notes = exceeding_notes(from, None).into_iter().map(|note| format!("{note}{not_ahead}"));
    let named = groups.iter().flat_map(|group| group.named.iter().copied());
    let note = joined(notes.chain(remark_notes(named, words)), words);
    Table { columns: columns(&heads), rows, note: framed(note, words), ..Table::default() }
}

fn group_ends<'a>(from: Sources<'a>, kind: Option<&str>, most: usize) -> GroupEnds<'a> {
    let words = from.words();
    let placed: Vec<&UnitResult> =
        from.results.ranked(kind).into_iter().filter(|u| u.rank.is_some()).collect();
    let count = (placed.len() / 2).min(most);
    let (first, last) = both_ends(&placed, |u| u.rank, (count, count));
    let line = |u: &UnitResult, name: &str| {
        let score = cells::points(u.score.as_ref().map(|score| wording::score_hundredths(&score.total)));
        [cells::rank(u.rank), Cell::text(name), score]
    };
    let units = |end: &End| -> Vec<[Cell; 3]> { end.units.iter().map(|u| line(u, &u.full_name)).collect() };
    let tied = |end: &End| {
        let of = |u: &&UnitResult| line(u, &fill(words.tied_units, &[&end.tied.len().to_string()]));
        end.tied.first().map(of)
    };
    GroupEnds {
        first: units(&first).into_iter().chain(tied(&first)).collect(),
        last: tied(&last).into_iter().chain(units(&last)).collect(),
        named: first.units.iter().chain(&last.units).copied().collect(),
    }
}
