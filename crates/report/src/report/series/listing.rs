//! The units with their codes and figures, for a terminal or a spreadsheet rather than a document.

use super::Sources;
use super::tables::{columns, row, total};
use super::unit_tables::{rate_heads, rates, total_place};
use crate::report::document::{Align, Cell, Row, Table};
use crate::report::wording::PrintedScore;
use crate::report::{cells, wording};
use tongbao_config::settings::Indicator;
use tongbao_figures::indicator::figures::Figures;
use tongbao_figures::indicator::rate::Rate;
use tongbao_figures::ranking::unit_result::UnitResult;

/// Code, name, counts, rates, score and rank of each unit in the order of the tree, and the totals.
pub fn listing(from: Sources) -> Table {
    let words = from.words();
    let has_coverage = from.indicators.measures(Indicator::Coverage);
    let line = |place: [Cell; 2], figures: &Figures, kind: Option<&str>, of_unit: [Cell; 3]| {
        let rates = rates(figures, kind, from);
        // Without an expectation there is none to count, and no 0 that could be taken for one.
        let expected = |count| match figures.coverage.denominator {
            0 => Cell::text(wording::NO_RATE),
            _ => cells::count(count),
        };
        let Rate { numerator, denominator } = figures.coverage;
        let expected = has_coverage.then(|| [expected(denominator), expected(numerator)]);
        let counts =
            std::iter::once(cells::count(figures.counts.records)).chain(expected.into_iter().flatten());
        place.into_iter().chain(counts).chain(rates).chain(of_unit).collect::<Vec<Cell>>()
    };
    let top = from.results.units.iter().map(|u| u.level).min().unwrap_or(1);
    let unit = |u: &UnitResult| {
        let score = cells::points(u.score.as_ref().map(|score| PrintedScore::of(score).total));
        let met = if u.is_judged { cells::met(u.passed, u.is_unverified(), words) } else { Cell::text("") };
        let of_unit = [score, cells::rank(u.rank), met];
        let name = Cell::text(&u.unit.name).set_in(u.level - top);
        row(line([Cell::text(&u.unit.code), name], &u.figures, Some(&u.unit.kind), of_unit))
    };
    let mut rows: Vec<Row> = from.results.units.iter().map(unit).collect();
    let none = || Cell::text(wording::NO_RATE);
    let totals = &from.results.totals;
    let met = cells::met(from.results.totals_passed(from.indicators), totals.exceeds_expected(), words);
    let kind = from.results.totals_kind.as_deref();
    rows.extend(total_place(from).map(|place| total(line(place, totals, kind, [none(), none(), met]))));
    let mut heads = vec![(words.heads.code, Align::Left), (words.heads.unit, Align::Left)];
    heads.push((words.heads.records, Align::Right));
    if has_coverage {
        heads.extend([words.heads.expected, words.heads.covered].map(|head| (head, Align::Right)));
    }
    let names = words.heads_of(from.indicators);
    heads.extend(rate_heads(&names));
    heads.extend([(words.heads.score, Align::Right), (words.heads.rank, Align::Right)]);
    heads.push((words.heads.met, Align::Left));
    Table { columns: columns(&heads), rows, ..Table::default() }
}

/// The same for a spreadsheet: the period in front of each row, names without indents, and numbers that
/// are nothing but numbers; what is not there is blank.
pub fn spreadsheet(from: Sources) -> Table {
    let (words, period, results) = (from.words(), from.results.period, from.results);
    let Table { mut columns, mut rows, .. } = listing(from);
    let names = words.heads_of(from.indicators);
    let rates = columns.iter_mut().filter(|column| names.contains(&column.head));
    rates.for_each(|column| column.head.push_str(words.heads.percent));
    let days = [(words.heads.from, Align::Left), (words.heads.to, Align::Left)];
    columns.splice(0..0, super::tables::columns(&days));
    if !results.exceptions.is_empty() {
        columns.extend(super::tables::columns(&[(words.heads.accurate_by_proof, Align::Right)]));
        let of_units = results.units.iter().map(|unit| &unit.exceptions);
        for (row, proved) in rows.iter_mut().zip(of_units.chain([&results.exceptions])) {
            row.cells.push(cells::count(proved.accurate));
        }
    }
    let bare = |cell: Cell| {
        let text = cell.text.trim_matches([' ', '\u{3000}']);
        let text = if text == wording::NO_RATE { "" } else { text.trim_end_matches('%') };
        Cell { text: text.to_owned(), ..cell }
    };
    let dated = |Row { cells, .. }: Row| {
        let days = [period.from, period.to].map(|day| Cell::text(day.to_string()));
        row(days.into_iter().chain(cells.into_iter().map(bare)).collect())
    };
    Table { columns, rows: rows.into_iter().map(dated).collect(), ..Table::default() }
}
