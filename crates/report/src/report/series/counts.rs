//! 计算依据: numerator and denominator of every rate of every unit, for those who check a rate in the workbook.

use super::tables::{columns, row, total};
use super::unit_tables::{lead, total_name};
use super::{Sources, formulas};
use crate::report::cells;
use crate::report::document::{Align, Cell, Row, Table};
use crate::report::words::fill;
use tongbao_figures::indicator::figures::Figures;

pub(super) fn unit_counts(from: Sources) -> Table {
    let (words, indicators) = (from.words(), from.indicators.all());
    let line = |name: Cell, figures: &Figures, kind: Option<&str>| {
        let of = indicators.iter().flat_map(|i| {
            let rate = figures.rate(*i);
            let counts = [rate.numerator, rate.denominator].map(cells::count);
            counts.into_iter().chain([cells::rate(rate, Some(from.indicators.target_of(*i, kind)))])
        });
        std::iter::once(name).chain(of).collect()
    };
    let top = from.results.units.iter().map(|u| u.level).min().unwrap_or(1);
    let unit = |u| -> Row {
        let u: &tongbao_figures::ranking::unit_result::UnitResult = u;
        row(line(Cell::text(&u.unit.name).set_in(u.level - top), &u.figures, Some(&u.unit.kind)))
    };
    let mut rows: Vec<Row> = from.results.units.iter().map(unit).collect();
    lead(&mut rows, from);
    let kind = from.results.totals_kind.as_deref();
    rows.extend(total_name(from).map(|name| total(line(name, &from.results.totals, kind))));
    let heads: Vec<String> = indicators
        .iter()
        .flat_map(|i| {
            let head = words.head(*i, from.indicators);
            let counted = from.indicators.counted_as(*i, from.language);
            let [numerator, denominator] = [words.heads.numerator, words.heads.denominator].map(|of| {
                let name = fill(of, &[head]);
                counted.map_or(name.clone(), |counted| fill(words.heads.counted_in, &[&name, counted]))
            });
            [numerator, denominator, head.to_owned()]
        })
        .collect();
    let shown = heads.iter().map(|head| (head.as_str(), Align::Right));
    let shown: Vec<_> = std::iter::once((words.heads.unit, Align::Left)).chain(shown).collect();
    let targets = indicators.iter().flat_map(|i| [None, None, Some(from.target(*i).share())]);
    let targets = std::iter::once(None).chain(targets).collect();
    let mut table = Table { columns: columns(&shown), rows, targets, unit: Some(0), ..Table::default() };
    formulas::sums(&mut table);
    for (at, indicator) in indicators.iter().enumerate() {
        let first = 1 + 3 * at;
        let target = |row| Some(from.target_of_row(row, *indicator));
        formulas::ratios(&mut table, first + 2, (first, first + 1), target);
    }
    table
}
