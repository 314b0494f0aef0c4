//! 核对情况: how the register and the rosters agree, roster by roster and for all of them together.

use super::tables::{columns, row, total};
use super::unit_tables::{lead, placed, total_place};
use super::{Sources, formulas};
use crate::report::cells;
use crate::report::document::{Align, Cell, Row, Table};
use crate::report::words::Words;
use tongbao_config::settings::{Indicator, Rosters, Target};
use tongbao_figures::indicator::counts::Counts;
use tongbao_figures::indicator::rate::Rate;
use tongbao_figures::indicator::tally::Matches;
use tongbao_figures::ranking::results::Results;

/// A list that the register is compared with: a named roster, or all of them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// As in the configuration; `union` for all together.
    pub name: String,
    /// As it is printed.
    pub label: String,
}

/// Distinct persons by ID number, as the register and a list have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reconciled {
    /// In the list.
    pub listed: u64,
    /// In the list and in the register.
    pub both: u64,
    /// Of those in both, registered under another unit than the roster's.
    pub elsewhere: u64,
    /// In the list alone.
    pub only_roster: u64,
    /// In the register, credited to the unit of their first record.
    pub only_register: u64,
}

impl Reconciled {
    /// `matches` and `counts` are of the same units.
    pub fn new(matches: Matches, counts: &Counts) -> Reconciled {
        Reconciled {
            listed: matches.listed,
            both: matches.found,
            elsewhere: matches.found - matches.found_own,
            only_roster: matches.listed - matches.found,
            only_register: counts.persons - matches.known,
        }
    }

    /// both / listed.
    pub fn rate(self) -> Rate {
        Rate::new(self.both, self.listed)
    }
}

/// The lists that the results are reconciled with, in their order.
pub fn lists(rosters: &Rosters, results: &Results, words: &Words) -> Vec<List> {
    if results.matches.is_empty() {
        return Vec::new();
    }
    let named = rosters.named.iter().map(|r| List { name: r.name.clone(), label: r.label.clone() });
    let union = List { name: "union".to_owned(), label: words.all_rosters.to_owned() };
    named.chain([union]).take(rosters.reconciled()).collect()
}

/// Each list with what the register and it have together.
pub(super) fn rosters(from: Sources) -> Table {
    let words = from.words();
    let lists = lists(&from.indicators.coverage.rosters, from.results, words);
    let has_elsewhere = from.results.matches.iter().any(|matches| matches.found > matches.found_own);
    let rows = lists.iter().zip(&from.results.matches).enumerate().map(|(i, (list, matches))| {
        let reconciled = Reconciled::new(*matches, &from.results.totals.counts);
        let is_measured = i == from.indicators.coverage.rosters.measured();
        let target = is_measured.then(|| from.target(Indicator::Coverage));
        let cells = line(vec![Cell::text(&list.label)], reconciled, target, has_elsewhere);
        // All together stand below the rosters as their total does.
        if list.name == "union" && i > 0 { total(cells) } else { row(cells) }
    });
    table(vec![(words.heads.roster, Align::Left)], rows.collect(), from, has_elsewhere)
}

/// Units × the comparison with one list.
pub(super) fn reconciliation(from: Sources, position: usize, list: Option<&List>) -> Table {
    let found = from.results.matches.get(position).copied().unwrap_or_default();
    let has_elsewhere = found.found > found.found_own;
    let is_measured = position == from.indicators.coverage.rosters.measured();
    let target_of_row = |at: usize| is_measured.then(|| from.target_of_row(at, Indicator::Coverage));
    let of = |at: usize, place: [Cell; 2], matches: &[Matches], counts: &Counts| {
        let reconciled = Reconciled::new(*matches.get(position)?, counts);
        Some(line(place.into(), reconciled, target_of_row(at), has_elsewhere))
    };
    let results = from.results;
    let units = placed(from).enumerate();
    let units = units.filter_map(|(at, (place, u))| Some(row(of(at, place, &u.matches, &u.figures.counts)?)));
    let mut rows: Vec<Row> = units.collect();
    lead(&mut rows, from);
    let sums = total_place(from)
        .and_then(|place| of(results.units.len(), place, &results.matches, &results.totals.counts));
    rows.extend(sums.map(total));
    let words = from.words();
    let heads = vec![(words.heads.number, Align::Center), (words.heads.unit, Align::Left)];
    let mut table = Table {
        caption: list.map(|list| list.label.clone()),
        unit: Some(1),
        ..table(heads, rows, from, has_elsewhere)
    };
    formulas::sums(&mut table);
    let rate = table.columns.len() - 1;
    formulas::ratios(&mut table, rate, (3, 2), target_of_row);
    table
}

fn line(
    mut place: Vec<Cell>,
    reconciled: Reconciled,
    target: Option<Target>,
    has_elsewhere: bool,
) -> Vec<Cell> {
    let Reconciled { listed, both, elsewhere, only_roster, only_register } = reconciled;
    place.extend([listed, both].map(cells::count));
    if has_elsewhere {
        place.push(cells::count(elsewhere));
    }
    place.extend([only_roster, only_register].map(cells::count));
    place.push(cells::rate(reconciled.rate(), target));
    place
}

fn table(heads: Vec<(&str, Align)>, rows: Vec<Row>, from: Sources, has_elsewhere: bool) -> Table {
    let words = from.words();
    let listed = from.of_subject(words.heads.listed);
    let mut heads: Vec<(&str, Align)> = heads;
    let mut counted = vec![listed.as_str(), words.heads.both];
    if has_elsewhere {
        counted.push(words.heads.elsewhere);
    }
    counted.extend([words.heads.only_roster, words.heads.only_register]);
    heads.extend(counted.into_iter().map(|head| (head, Align::Right)));
    heads.push((words.rate_heads[0], Align::Right));
    Table { columns: columns(&heads), rows, ..Table::default() }
}
