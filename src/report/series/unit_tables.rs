//! The tables with a row for each unit.

use super::tables::{columns, row, total};
use super::{Sources, failures, relation_rate};
use crate::config::settings::Indicator;
use crate::indicator::figures::Figures;
use crate::ranking::rank::Unranked;
use crate::ranking::results::UnitResult;
use crate::register::field::Field;
use crate::report::document::{Align, Cell, Row, Table};
use crate::report::words::{Words, fill};
use crate::report::{cells, wording};

fn three_rates(figures: &Figures, from: Sources) -> [Cell; 3] {
    Indicator::ALL.map(|i| cells::rate(figures.rate(i), Some(from.indicators.target(i))))
}

/// The targets of the three rates, which stand behind so many columns.
fn targets(from: Sources, before: usize) -> Vec<Option<f64>> {
    let target = |i: Indicator| from.indicators.target(i).0;
    let target = |i: Indicator| *target(i).numer() as f64 / *target(i).denom() as f64;
    let rates = Indicator::ALL.map(|i| Some(target(i)));
    std::iter::repeat_n(None, before).chain(rates).collect()
}

fn three_heads(words: &Words) -> [(&str, Align); 3] {
    words.rate_heads.map(|head| (head, Align::Right))
}

/// The units with number and name. Units below others are set in under them; only those that are
/// ranked and judged are numbered.
pub(super) fn placed(from: Sources<'_>) -> impl Iterator<Item = ([Cell; 2], &UnitResult)> {
    let top = from.results.units.iter().map(|u| u.level).min().unwrap_or(1);
    let mut number = 0;
    from.results.units.iter().map(move |u| {
        number += u64::from(u.is_assessed);
        let shown = if u.is_assessed { cells::count(number) } else { Cell::text("") };
        let indent = "\u{3000}".repeat((u.level - top) as usize);
        ([shown, Cell::text(format!("{indent}{}", u.unit.name))], u)
    })
}

/// The place of the totals; none where one unit stands above all others, for it says the same.
pub(super) fn total_place(from: Sources) -> Option<[Cell; 2]> {
    let is_above_all = matches!(from.results.units.as_slice(),
        [first, below @ ..] if !below.is_empty() && below.iter().all(|u| u.level > first.level));
    (!is_above_all).then(|| [Cell::text(""), Cell::text(from.words().total)])
}

/// 附件 进度表: every unit with its counts, rates and change.
pub(super) fn progress(from: Sources) -> Table {
    let (words, results) = (from.words(), from.results);
    let is_compared = results.compared.is_some();
    let line = |[number, name]: [Cell; 2], figures: &Figures, before: Option<&Figures>, passed| {
        let [coverage, completeness, accuracy] = three_rates(figures, from);
        let change = before.and_then(|b| wording::point_change(figures.coverage, b.coverage));
        let mut cells = vec![
            number,
            name,
            cells::count(figures.coverage.denominator),
            cells::count(figures.coverage.numerator),
            coverage,
            completeness,
            accuracy,
        ];
        cells.extend(is_compared.then(|| cells::change(change)));
        cells.push(cells::met(passed, words));
        cells
    };
    let unit = |(place, u): ([Cell; 2], &UnitResult)| {
        let before = u.before.as_ref().map(|b| &b.figures);
        row(line(place, &u.figures, before, u.passed))
    };
    let mut rows: Vec<Row> = placed(from).map(unit).collect();
    let before = results.compared.as_ref().map(|c| &c.totals);
    let passed = results.totals.passed(from.indicators);
    rows.extend(total_place(from).map(|place| total(line(place, &results.totals, before, passed))));
    let mut heads = vec![
        (words.heads.number, Align::Center),
        (words.heads.unit, Align::Left),
        (words.heads.expected, Align::Right),
        (words.heads.registered, Align::Right),
    ];
    heads.extend(three_heads(words));
    heads.extend(is_compared.then_some((words.heads.change, Align::Right)));
    heads.push((words.heads.met, Align::Center));
    Table {
        columns: columns(&heads),
        rows,
        note: is_compared.then(|| words.notes.change.to_owned()),
        targets: targets(from, 4),
        ..Table::default()
    }
}

/// Units × nine fields: records in which the field is missing.
pub(super) fn unit_fields(from: Sources) -> Table {
    let words = from.words();
    let heads = words.fields.map(|field| (field, Align::Right));
    per_unit(from, &heads, words.notes.unit_fields, |figures| {
        let missing = Field::ALL.map(|field| {
            let rate = figures.counts.field(field);
            cells::count(rate.denominator - rate.numerator)
        });
        missing.into()
    })
}

/// Units × nine fields: shares filled, the figures of the heat table.
pub(super) fn unit_field_rates(from: Sources) -> Table {
    let heads = from.words().fields.map(|field| (field, Align::Right));
    let table = per_unit(from, &heads, "", |figures| {
        Field::ALL.map(|field| cells::rate(figures.counts.field(field), None)).into()
    });
    Table { note: None, ..table }
}

/// Units × relations: records that fail.
pub(super) fn unit_relations(from: Sources) -> Table {
    let words = from.words();
    let used = &from.indicators.accuracy.relations;
    let mut heads: Vec<(&str, Align)> =
        used.iter().map(|relation| (words.relation(*relation), Align::Right)).collect();
    heads.push((words.heads.all_agreed, Align::Right));
    per_unit(from, &heads, words.notes.unit_relations, |figures| {
        let failed = used.iter().map(|&relation| {
            let rate = relation_rate(figures, relation);
            cells::count(rate.denominator - rate.numerator)
        });
        failed.chain([cells::count(figures.accuracy.numerator)]).collect()
    })
}

/// Number, unit and records, then the values of each unit, and the totals.
fn per_unit(
    from: Sources,
    value_heads: &[(&str, Align)],
    note: &str,
    values: impl Fn(&Figures) -> Vec<Cell>,
) -> Table {
    let words = from.words();
    let line = |[number, name]: [Cell; 2], figures: &Figures| {
        let mut cells = vec![number, name, cells::count(figures.counts.records)];
        cells.extend(values(figures));
        cells
    };
    let mut rows: Vec<Row> = placed(from).map(|(place, u)| row(line(place, &u.figures))).collect();
    rows.extend(total_place(from).map(|place| total(line(place, &from.results.totals))));
    let mut heads = vec![
        (words.heads.number, Align::Center),
        (words.heads.unit, Align::Left),
        (words.heads.records, Align::Right),
    ];
    heads.extend(value_heads);
    Table { columns: columns(&heads), rows, note: Some(note.to_owned()), ..Table::default() }
}

/// 排名榜 of one kind of unit, or of all together.
pub(super) fn ranking(from: Sources, kind: Option<&str>) -> Table {
    let words = from.words();
    // Movement is that of places in the groups.
    let has_movement = (kind.is_some() || !from.ranking.by_kind) && from.results.compared.is_some();
    let rows = from.results.ranked(kind).into_iter().map(|u| {
        let [coverage, completeness, accuracy] = three_rates(&u.figures, from);
        let place = if kind.is_some() { u.rank_in_group } else { u.rank };
        let score = cells::score(u.score.as_ref().map(|score| &score.total));
        let mut cells =
            vec![cells::rank(place), Cell::text(&u.unit.name), coverage, completeness, accuracy, score];
        if has_movement {
            cells.push(cells::rank(u.before.and_then(|b| b.rank_in_group)));
            cells.push(Cell::text(wording::movement(u.movement, from.language)));
        }
        row(cells)
    });
    let mut heads = vec![(words.heads.rank, Align::Center), (words.heads.unit, Align::Left)];
    heads.extend(three_heads(words));
    heads.push((words.heads.score, Align::Right));
    if has_movement {
        heads.extend([(words.heads.last_rank, Align::Center), (words.heads.movement, Align::Center)]);
    }
    Table {
        columns: columns(&heads),
        rows: rows.collect(),
        note: unranked_note(from, kind),
        targets: targets(from, 2),
        ..Table::default()
    }
}

/// Names the units that have no rank, with the reason.
fn unranked_note(from: Sources, kind: Option<&str>) -> Option<String> {
    let words = from.words();
    let of = |reason: Unranked| -> Vec<&str> {
        let list = from.results.ranked(kind).into_iter().filter(|u| u.unranked == Some(reason));
        list.map(|u| u.unit.name.as_str()).collect()
    };
    let mut parts = Vec::new();
    for (reason, why) in [
        (Unranked::TooFewRecords, words.notes.too_few_records),
        (Unranked::NoDenominator, words.notes.no_denominator),
    ] {
        let units = of(reason);
        if !units.is_empty() {
            parts.push(fill(why, &[&units.join(words.and)]));
        }
    }
    (!parts.is_empty()).then(|| fill(words.notes.unranked, &[&parts.join(words.semicolon)]))
}

/// 考核得分表: points by indicator, deductions and total, for the annual assessment.
pub(super) fn scores(from: Sources) -> Table {
    let words = from.words();
    let rows = from.results.ranked(None).into_iter().map(|u| {
        let mut cells = vec![cells::rank(u.rank), Cell::text(&u.unit.code), Cell::text(&u.unit.name)];
        let part = |i: usize| cells::score(u.score.as_ref().map(|score| &score.parts[i]));
        cells.extend([part(0), part(1), part(2)]);
        let taken = u.score.as_ref().map(|s| s.deductions.iter().map(|(points, _)| points).sum());
        cells.push(cells::score(taken.as_ref()));
        cells.push(cells::score(u.score.as_ref().map(|score| &score.total)));
        cells.push(Cell::text(remarks(u, words)));
        row(cells)
    });
    let points = words.rate_heads.map(|head| fill(words.heads.points, &[head]));
    let mut heads = vec![
        (words.heads.rank, Align::Center),
        (words.heads.code, Align::Left),
        (words.heads.unit, Align::Left),
    ];
    heads.extend(points.iter().map(|head| (head.as_str(), Align::Right)));
    heads.extend([
        (words.heads.deducted, Align::Right),
        (words.heads.score, Align::Right),
        (words.heads.remarks, Align::Left),
    ]);
    Table { columns: columns(&heads), rows: rows.collect(), ..Table::default() }
}

/// Reasons of vetoes and deductions.
fn remarks(unit: &UnitResult, words: &Words) -> String {
    let Some(score) = &unit.score else { return String::new() };
    let vetoes = score.vetoes.iter().map(|reason| fill(words.veto, &[reason]));
    let taken =
        score.deductions.iter().map(|(points, why)| fill(words.deduction, &[&wording::score(points), why]));
    vetoes.chain(taken).collect::<Vec<_>>().join(words.semicolon)
}

/// 验收 各单位结果.
pub(super) fn unit_results(from: Sources) -> Table {
    let (words, results) = (from.words(), from.results);
    let line = |[number, name]: [Cell; 2], figures: &Figures, score: Cell, passed| {
        let [coverage, completeness, accuracy] = three_rates(figures, from);
        vec![number, name, coverage, completeness, accuracy, score, cells::met(passed, words)]
    };
    let unit = |(place, u): ([Cell; 2], &UnitResult)| {
        let score = cells::score(u.score.as_ref().map(|score| &score.total));
        row(line(place, &u.figures, score, u.passed))
    };
    let mut rows: Vec<Row> = placed(from).map(unit).collect();
    let passed = results.totals.passed(from.indicators);
    let no_score = Cell::text(wording::NO_RATE);
    rows.extend(total_place(from).map(|place| total(line(place, &results.totals, no_score, passed))));
    let mut heads = vec![(words.heads.number, Align::Center), (words.heads.unit, Align::Left)];
    heads.extend(three_heads(words));
    heads.extend([(words.heads.score, Align::Right), (words.heads.met, Align::Center)]);
    Table { columns: columns(&heads), rows, targets: targets(from, 2), ..Table::default() }
}

/// 问题清单: the failing units with what they fail.
pub(super) fn failing(from: Sources) -> Table {
    let words = from.words();
    let failing = from.results.assessed().filter(|u| u.passed != Some(true));
    let rows = failing.enumerate().map(|(i, u)| {
        let failures = failures(u, from.indicators, words);
        row(vec![cells::count(i as u64 + 1), Cell::text(&u.unit.name), Cell::text(failures)])
    });
    Table {
        columns: columns(&[
            (words.heads.number, Align::Center),
            (words.heads.unit, Align::Left),
            (words.heads.failing, Align::Left),
        ]),
        rows: rows.collect(),
        ..Table::default()
    }
}
