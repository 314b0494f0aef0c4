//! The tables with a row for each unit.

use std::borrow::Cow;

use super::tables::{columns, hints_note, row, total};
use super::unit_notes::{exceeding_note, framed, joined, result_note, standing_note, unranked_note};
use super::{Sources, deductions, failures, formulas, relation_rate, remarks};
use crate::report::document::{Align, Cell, Formula, Row, Table};
use crate::report::wording::PrintedScore;
use crate::report::words::{Words, fill};
use crate::report::{cells, wording};
use tongbao_config::settings::Relation;
use tongbao_figures::indicator::figures::Figures;
use tongbao_figures::ranking::unit_result::UnitResult;
use tongbao_register::field::Field;

/// All rates against the targets of units of a kind, or without one the general ones.
pub(super) fn rates(figures: &Figures, kind: Option<&str>, from: Sources) -> Vec<Cell> {
    let all = from.indicators.all().into_iter();
    all.map(|i| cells::rate(figures.rate(i), Some(from.indicators.target_of(i, kind)))).collect()
}

/// The targets of the rates, which stand behind so many columns: what colours most rows of the workbook by rule.
pub(super) fn targets(from: Sources, kind: Option<&str>, before: usize) -> Vec<Option<f64>> {
    let target = |i| from.indicators.target_of(i, kind.or(from.results.totals_kind.as_deref()));
    let rates = from.indicators.all().into_iter().map(|i| Some(target(i).share()));
    std::iter::repeat_n(None, before).chain(rates).collect()
}

/// The rates as heads of columns that hold numbers.
pub(super) fn rate_heads(heads: &[String]) -> impl Iterator<Item = (&str, Align)> {
    heads.iter().map(|head| (head.as_str(), Align::Right))
}

/// The units with number and name. Units below others are set in under them; only those that are
/// ranked and judged are numbered.
pub(super) fn placed(from: Sources<'_>) -> impl Iterator<Item = ([Cell; 2], &UnitResult)> {
    let top = from.results.units.iter().map(|u| u.level).min().unwrap_or(1);
    let mut number = 0;
    from.results.units.iter().map(move |u| {
        number += u64::from(u.is_assessed);
        let shown = if u.is_assessed { cells::count(number) } else { Cell::text("") };
        ([shown, Cell::text(&u.unit.name).set_in(u.level - top)], u)
    })
}

/// Marks the rows of units that have others below them, and gives each its unit's code; the rows stand
/// in the order of the units.
pub(super) fn lead(rows: &mut [Row], from: Sources) {
    for (row, pair) in rows.iter_mut().zip(from.results.units.windows(2)) {
        row.leads = pair[1].level > pair[0].level;
    }
    for (row, unit) in rows.iter_mut().zip(&from.results.units) {
        row.code = Some(unit.unit.code.clone());
    }
}

/// The row of a unit in a table of another order.
pub(super) fn unit_row(cells: Vec<Cell>, unit: &UnitResult) -> Row {
    Row { code: Some(unit.unit.code.clone()), ..row(cells) }
}

/// The place of the totals; none where one unit stands above all others, for it says the same.
pub(super) fn total_place(from: Sources) -> Option<[Cell; 2]> {
    Some([Cell::text(""), total_name(from)?])
}

/// As [`total_place`], without a number.
pub(super) fn total_name(from: Sources) -> Option<Cell> {
    let is_above_all = matches!(from.results.units.as_slice(),
        [first, below @ ..] if !below.is_empty() && below.iter().all(|u| u.level > first.level));
    (!is_above_all).then(|| Cell::text(from.words().total))
}

/// The fields with their heads.
fn field_heads(from: Sources<'_>) -> (Vec<Field>, Vec<(&str, Align)>) {
    let fields = from.indicators.fields();
    let label = |field: &Field| (from.indicators.field_label(*field, from.language), Align::Right);
    let heads = fields.iter().map(label).collect();
    (fields, heads)
}

/// Units × fields: records in which the field is missing.
pub(super) fn unit_fields(from: Sources) -> Table {
    let words = from.words();
    let (fields, heads) = field_heads(from);
    per_unit(from, &heads, Some(words.notes.unit_fields.to_owned()), |figures| {
        let missing = fields.iter().map(|field| {
            let rate = figures.counts.field(*field);
            cells::count(rate.denominator - rate.numerator)
        });
        missing.collect()
    })
}

/// Units × fields: shares filled, the figures of the heat table.
pub(super) fn unit_field_rates(from: Sources) -> Table {
    let (fields, heads) = field_heads(from);
    per_unit(from, &heads, None, |figures| {
        fields.iter().map(|field| cells::rate(figures.counts.field(*field), None)).collect()
    })
}

/// Units × relations: records that fail. Hints stand after the records that pass all relations of accuracy.
pub(super) fn unit_relations(from: Sources) -> Table {
    let (words, used) = (from.words(), &from.indicators.accuracy.relations);
    let hints: Vec<Relation> = from.indicators.hints().collect();
    let name = |relation: &Relation| words.relation_name(*relation, from.indicators);
    let all_agreed = Cow::Borrowed(words.heads.all_agreed);
    let names: Vec<Cow<'_, str>> =
        used.iter().map(name).chain([all_agreed]).chain(hints.iter().map(name)).collect();
    let heads: Vec<(&str, Align)> = names.iter().map(|name| (name.as_ref(), Align::Right)).collect();
    let note = std::iter::once(words.notes.unit_relations.to_owned()).chain(hints_note(from));
    per_unit(from, &heads, joined(note, words), |figures| {
        let failed = |relation: &Relation| {
            let rate = relation_rate(figures, *relation);
            cells::count(rate.denominator - rate.numerator)
        };
        let agreed = [cells::count(figures.accuracy.numerator)];
        used.iter().map(failed).chain(agreed).chain(hints.iter().map(failed)).collect()
    })
}

/// Number, unit and records, then the values of each unit, and the totals.
fn per_unit(
    from: Sources,
    value_heads: &[(&str, Align)],
    note: Option<String>,
    values: impl Fn(&Figures) -> Vec<Cell>,
) -> Table {
    let words = from.words();
    let line = |[number, name]: [Cell; 2], figures: &Figures| {
        let mut cells = vec![number, name, cells::count(figures.counts.records)];
        cells.extend(values(figures));
        cells
    };
    let mut rows: Vec<Row> = placed(from).map(|(place, u)| row(line(place, &u.figures))).collect();
    lead(&mut rows, from);
    rows.extend(total_place(from).map(|place| total(line(place, &from.results.totals))));
    let mut heads = vec![
        (words.heads.number, Align::Center),
        (words.heads.unit, Align::Left),
        (words.heads.records, Align::Right),
    ];
    heads.extend(value_heads);
    let mut table = Table {
        columns: columns(&heads),
        rows,
        note: framed(note, words),
        unit: Some(1),
        ..Table::default()
    };
    formulas::sums(&mut table);
    table
}

/// 排名榜 of one kind of unit, or of all together.
pub(super) fn ranking(from: Sources, kind: Option<&str>) -> Table {
    let words = from.words();
    // Movement is that of places in the groups.
    let has_movement = (kind.is_some() || !from.ranking.by_kind) && from.results.compares_ranks();
    let rows = from.results.ranked(kind).into_iter().map(|u| {
        let place = if kind.is_some() { u.rank_in_group } else { u.rank };
        let score = cells::points(u.score.as_ref().map(|score| wording::score_hundredths(&score.total)));
        let mut cells = vec![cells::rank(place), Cell::text(&u.full_name)];
        cells.extend(rates(&u.figures, Some(&u.unit.kind), from));
        cells.push(score);
        if has_movement {
            cells.push(cells::rank(u.before.as_ref().and_then(|b| b.rank_in_group)));
            cells.push(Cell::text(wording::movement(u.movement, from.language)));
        }
        unit_row(cells, u)
    });
    let mut heads = vec![(words.heads.rank, Align::Center), (words.heads.unit, Align::Left)];
    let names = words.heads_of(from.indicators);
    heads.extend(rate_heads(&names));
    heads.push((words.heads.score, Align::Right));
    if has_movement {
        heads.extend([(words.heads.last_rank, Align::Center), (words.heads.movement, Align::Center)]);
    }
    Table {
        columns: columns(&heads),
        rows: rows.collect(),
        note: framed(standing_note(from, kind), words),
        targets: targets(from, kind, 2),
        unit: Some(1),
        ..Table::default()
    }
}

/// 考核得分表: points by indicator, deductions and total. The digits add up: see [`PrintedScore`].
pub(super) fn scores(from: Sources) -> Table {
    let words = from.words();
    let results = from.results;
    let is_nested = results.are_nested();
    let units: Vec<&UnitResult> = match is_nested {
        true => results.kinds().into_iter().flat_map(|kind| results.ranked(Some(kind))).collect(),
        false => results.ranked(None),
    };
    let scores = || units.iter().filter_map(|u| u.score.as_ref());
    let has_deductions = scores().any(|score| !score.deductions.is_empty());
    let has_remarks = has_deductions || scores().any(|score| !score.vetoes.is_empty());
    let in_groups = results.are_grouped() && !is_nested;
    let all = from.indicators.all();
    let count = all.len();
    let rows = units.iter().map(|u| {
        let score = u.score.as_ref().map(PrintedScore::of);
        let mut cells = vec![cells::rank(u.rank)];
        if in_groups {
            cells.push(cells::rank(u.rank_in_group));
        }
        cells.extend([Cell::text(&u.unit.code), Cell::text(&u.full_name)]);
        cells.extend(all.iter().map(|i| cells::points(score.as_ref().map(|score| score.parts[i.index()]))));
        if has_deductions {
            cells.push(cells::points(score.as_ref().map(PrintedScore::deducted)));
        }
        let first = cells.len() - count - usize::from(has_deductions);
        let minus = if has_deductions { vec![first + count] } else { Vec::new() };
        // A veto or the floor of 0 is no sum.
        let adds_up = score.as_ref().is_some_and(|s| s.parts.iter().sum::<u64>() == s.total + s.deducted());
        let formula = adds_up.then(|| Formula::RowSum { plus: (first..first + count).collect(), minus });
        cells.push(Cell { formula, ..cells::points(score.as_ref().map(|score| score.total)) });
        if has_remarks {
            cells.push(Cell::text(score_remarks(u, words)));
        }
        row(cells)
    });
    let names = words.heads_of(from.indicators);
    let points: Vec<String> = names.iter().map(|head| fill(words.heads.points, &[head])).collect();
    let rank = match (in_groups, is_nested) {
        (true, _) => words.heads.rank_of_all,
        (false, true) => words.heads.rank_in_group,
        (false, false) => words.heads.rank,
    };
    let mut heads = vec![(rank, Align::Center)];
    if in_groups {
        heads.push((words.heads.rank_in_group, Align::Center));
    }
    heads.extend([(words.heads.code, Align::Left), (words.heads.unit, Align::Left)]);
    heads.extend(points.iter().map(|head| (head.as_str(), Align::Right)));
    if has_deductions {
        heads.push((words.heads.deducted, Align::Right));
    }
    heads.push((words.heads.score, Align::Right));
    if has_remarks {
        heads.push((words.heads.remarks, Align::Left));
    }
    Table {
        columns: columns(&heads),
        rows: rows.collect(),
        note: framed(
            joined(exceeding_note(from, None).into_iter().chain(unranked_note(from, None)), words),
            words,
        ),
        unit: Some(if in_groups { 3 } else { 2 }),
        ..Table::default()
    }
}

/// [`remarks`], and the reasons of all that stands in the column of deductions.
fn score_remarks(unit: &UnitResult, words: &Words) -> String {
    let Some(score) = &unit.score else { return String::new() };
    let has_points = score.vetoes.is_empty() && !unit.figures.is_silent();
    let taken = if has_points { Vec::new() } else { deductions(score, words) };
    let parts = std::iter::once(remarks(unit, words)).filter(|remarks| !remarks.is_empty()).chain(taken);
    parts.collect::<Vec<_>>().join(words.semicolon)
}

/// 验收 各单位结果.
pub(super) fn unit_results(from: Sources) -> Table {
    let (words, results) = (from.words(), from.results);
    let line = |[number, name]: [Cell; 2], (figures, kind): (&Figures, Option<&str>), score: Cell, passed| {
        let mut cells = vec![number, name];
        cells.extend(rates(figures, kind, from));
        cells.extend([score, cells::met(passed, figures.exceeds_expected(), words)]);
        cells
    };
    let unit = |(place, u): ([Cell; 2], &UnitResult)| {
        let score = cells::points(u.score.as_ref().map(|score| wording::score_hundredths(&score.total)));
        let mut cells = line(place, (&u.figures, Some(&u.unit.kind)), score, u.passed);
        if !u.is_judged {
            unjudged(&mut cells, 2);
        }
        row(cells)
    };
    let mut rows: Vec<Row> = placed(from).map(unit).collect();
    lead(&mut rows, from);
    let passed = results.totals_passed(from.indicators);
    let totals = (&results.totals, results.totals_kind.as_deref());
    let no_score = Cell::text(wording::NO_RATE);
    rows.extend(total_place(from).map(|place| total(line(place, totals, no_score, passed))));
    let mut heads = vec![(words.heads.number, Align::Center), (words.heads.unit, Align::Left)];
    let names = words.heads_of(from.indicators);
    heads.extend(rate_heads(&names));
    heads.extend([(words.heads.score, Align::Right), (words.heads.met, Align::Center)]);
    Table {
        columns: columns(&heads),
        rows,
        note: framed(result_note(from), words),
        targets: targets(from, None, 2),
        unit: Some(1),
        ..Table::default()
    }
}

/// Takes from the row of a unit that is not judged what its rates and the last so many cells say of targets.
pub(super) fn unjudged(cells: &mut [Cell], blank: usize) {
    cells.iter_mut().for_each(|cell| cell.met = None);
    cells.iter_mut().rev().take(blank).for_each(|cell| *cell = Cell::text(""));
}

/// 问题清单: the units that do not meet every target, with what they fail or what cannot be judged.
pub(super) fn failing(from: Sources) -> Table {
    let words = from.words();
    let failing = from.results.assessed().filter(|u| u.passed != Some(true));
    let rows = failing.enumerate().map(|(i, u)| {
        let failures = failures(u, from.indicators, words);
        unit_row(vec![cells::count(i as u64 + 1), Cell::text(&u.full_name), Cell::text(failures)], u)
    });
    Table {
        columns: columns(&[
            (words.heads.number, Align::Center),
            (words.heads.unit, Align::Left),
            (words.heads.failing, Align::Left),
        ]),
        rows: rows.collect(),
        unit: Some(1),
        ..Table::default()
    }
}
