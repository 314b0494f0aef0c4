//! The tables of all units together.

use super::unit_notes::{framed, joined};
use super::unit_tables::unit_row;
use super::{Sources, ranked_fields, relation_rate};
use crate::report::canonical;
use crate::report::cells;
use crate::report::definitions::definitions;
use crate::report::document::{Align, Cell, Column, PrintedNumber, Row, Table};
use crate::report::wording;
use crate::report::words::{Words, fill};
use tongbao_config::settings::Indicator;

pub(super) fn columns(heads: &[(&str, Align)]) -> Vec<Column> {
    heads.iter().map(|(head, align)| Column { head: (*head).to_owned(), align: *align }).collect()
}

pub(super) fn row(cells: Vec<Cell>) -> Row {
    Row { cells, ..Row::default() }
}

pub(super) fn total(cells: Vec<Cell>) -> Row {
    Row { cells, total: true, ..Row::default() }
}

/// The three rates of all units together against their targets, and against the compared run if there
/// is one.
pub(super) fn headline(from: Sources) -> Table {
    let (words, results) = (from.words(), from.results);
    let rows = from.indicators.all().into_iter().map(|indicator| {
        let (rate, target) = (results.totals.rate(indicator), from.target(indicator));
        let mut cells = vec![
            Cell::text(words.name(indicator, from.indicators)),
            cells::target(target),
            cells::rate(rate, Some(target)),
        ];
        if let Some(compared) = &results.compared {
            let before = compared.totals.rate(indicator);
            cells.push(Cell { met: None, ..cells::rate(before, Some(target)) });
            cells.push(cells::change(wording::point_change(rate, before, Some(target))));
        }
        match results.judges_totals {
            true => cells.push(cells::met(rate.judged(target), rate.is_in_doubt(), words)),
            false => cells.iter_mut().for_each(|cell| cell.met = None),
        }
        row(cells)
    });
    let heads = &words.heads;
    let mut shown = vec![heads.indicator, heads.target];
    match (results.compared.is_some(), from.is_round) {
        (false, _) => shown.push(words.heads.result),
        (true, false) => shown.extend([heads.this_period, heads.last_period, heads.change_in_points]),
        (true, true) => shown.extend([heads.this_round, heads.last_round, heads.change_in_points]),
    }
    if results.judges_totals {
        shown.push(heads.is_met);
    }
    let shown: Vec<(&str, Align)> = shown.into_iter().map(|head| (head, Align::Center)).collect();
    let notes: Vec<String> = proved_note(from).into_iter().chain(changed_note(from)).collect();
    let note = (!notes.is_empty()).then(|| fill(words.notes.note, &[&notes.join(words.semicolon)]));
    Table { columns: columns(&shown), rows: rows.collect(), note, ..Table::default() }
}

/// How many records count in a rate of all units by proven exceptions alone; `None` where none does.
fn proved_note(from: Sources) -> Option<String> {
    let words = from.words();
    let of = |i| {
        let count = from.results.exceptions.of_rate(i, from.indicators);
        let (name, number) = (words.name(i, from.indicators), count.to_string());
        let note = || match from.indicators.counted_as(i, from.language) {
            Some(counted) => fill(words.notes.proved_counted, &[name, &number, counted]),
            None => fill(words.notes.proved_in, &[name, &number]),
        };
        (count > 0).then(note)
    };
    let parts: Vec<String> = from.indicators.all().into_iter().filter_map(of).collect();
    (!parts.is_empty()).then(|| parts.join(words.semicolon))
}

/// Which rates the compared run has under another definition, or not at all; `None` where it has all.
fn changed_note(from: Sources) -> Option<String> {
    from.results.compared.as_ref()?;
    let words = from.words();
    let changed = from.results.changed.as_ref()?;
    let is_new = |rate: &&Indicator| changed.is_new(**rate, from.indicators);
    let (new, others): (Vec<&Indicator>, Vec<&Indicator>) = changed.rates.iter().partition(is_new);
    let note = |note: &str, rates: &[&Indicator]| {
        let names: Vec<&str> = rates.iter().map(|rate| words.name(**rate, from.indicators)).collect();
        (!names.is_empty()).then(|| fill(note, &[&words.list(&names)]))
    };
    let parts = [note(words.notes.changed, &others), note(words.notes.new_rates, &new)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(words.semicolon))
}

/// Fields by records in which they are missing, most first.
pub(super) fn fields(from: Sources) -> Table {
    let words = from.words();
    let rows = ranked_fields(&from.results.totals, from.indicators).into_iter().map(|(field, rate)| {
        row(vec![
            Cell::text(from.indicators.field_label(field, from.language)),
            cells::count(rate.denominator),
            cells::count(rate.denominator - rate.numerator),
            cells::rate(rate, None),
        ])
    });
    Table {
        columns: columns(&[
            (words.heads.item, Align::Center),
            (words.heads.applicable, Align::Right),
            (words.heads.missing, Align::Right),
            (words.heads.filled, Align::Right),
        ]),
        rows: rows.collect(),
        ..Table::default()
    }
}

/// Those of [`fields`] that are missing anywhere; a note counts the others.
pub(super) fn missing_fields(from: Sources) -> Table {
    let words = from.words();
    lacking(fields(from), words.notes.other_fields, None, words)
}

/// Those of [`relations`] that fail anywhere; a note counts the others.
pub(super) fn failed_relations(from: Sources) -> Table {
    let words = from.words();
    lacking(relations(from), words.notes.other_relations, hints_note(from), words)
}

/// The rows whose third column counts something, and a note on how many others there are, with a further one.
fn lacking(table: Table, others: &str, further: Option<String>, words: &Words) -> Table {
    let (all, mut rows) = (table.rows.len(), table.rows);
    rows.retain(|row| row.cells[2].number != Some(PrintedNumber::Count(0)));
    let left_out = all - rows.len();
    let others = (left_out > 0).then(|| fill(others, &[&left_out.to_string()]));
    let note = framed(joined(others.into_iter().chain(further), words), words);
    Table { rows, note, ..table }
}

/// Relations with the records that fail them.
pub(super) fn relations(from: Sources) -> Table {
    let words = from.words();
    let proved = &from.results.exceptions;
    let rows = from.indicators.listed_relations().into_iter().map(|relation| {
        let rate = relation_rate(&from.results.totals, relation);
        let mut cells = vec![
            Cell::text(words.relation_name(relation, from.indicators)),
            cells::count(rate.denominator),
            cells::count(rate.denominator - rate.numerator),
            cells::rate(rate, None),
        ];
        if !proved.is_empty() {
            cells.push(cells::count(proved.of_relation(relation)));
        }
        row(cells)
    });
    let mut heads = vec![
        (words.heads.relation, Align::Left),
        (words.heads.judged, Align::Right),
        (words.heads.failed, Align::Right),
        (words.heads.agreed, Align::Right),
    ];
    if !proved.is_empty() {
        heads.push((words.heads.proved, Align::Right));
    }
    Table {
        columns: columns(&heads),
        rows: rows.collect(),
        note: framed(hints_note(from), words),
        ..Table::default()
    }
}

/// What the relations marked as hints are; `None` where there are none.
pub(super) fn hints_note(from: Sources) -> Option<String> {
    from.indicators.hints().next().map(|_| from.words().notes.hints.to_owned())
}

/// 口径说明.
pub(super) fn definition_table(from: Sources) -> Table {
    let rows = definitions(from.rules(), from.results, from.language).into_iter();
    let heads = &from.words().heads;
    Table {
        columns: columns(&[(heads.item, Align::Center), (heads.definition, Align::Left)]),
        rows: rows.map(|d| row(vec![Cell::text(d.term), Cell::text(d.text)])).collect(),
        ..Table::default()
    }
}

/// 规则原文: the definitions as they are written, for the workbook.
pub(super) fn canonical_rules(from: Sources) -> Table {
    let heads = &from.words().heads;
    let rows = canonical::rules(from.indicators).into_iter().map(|rule| {
        let kind = heads.rule_kinds[rule.kind as usize];
        row(vec![Cell::text(kind), Cell::text(rule.key), Cell::text(rule.text.trim_end())])
    });
    let shown = [(heads.rule_kind, Align::Center), (heads.key, Align::Left), (heads.rule, Align::Left)];
    Table { columns: columns(&shown), rows: rows.collect(), ..Table::default() }
}

/// The blank signature block of the acceptance report: filled in by hand, never by the program.
pub(super) fn signatures(from: Sources) -> Table {
    let words = from.words();
    let blank = |role: &str| row(vec![Cell::text(role), Cell::text(""), Cell::text(""), Cell::text("")]);
    let heads = [words.heads.signatory, words.heads.office, words.heads.signature, words.heads.date];
    Table {
        columns: columns(&heads.map(|head| (head, Align::Center))),
        rows: words.signatories.map(blank).into(),
        ..Table::default()
    }
}

/// 整改完成情况: the units that missed a target in the last round, with their rates then and now.
pub(super) fn rectified(from: Sources) -> Table {
    let words = from.words();
    let failed = from.results.assessed().filter_map(|u| {
        let before = u.before.as_ref()?;
        (before.passed == Some(false)).then_some((u, &before.figures))
    });
    let rows = failed.enumerate().map(|(i, (u, before))| {
        let mut cells = vec![cells::count(i as u64 + 1), Cell::text(&u.full_name)];
        for indicator in from.indicators.all() {
            let target = Some(u.target(indicator, from.indicators));
            let [was, is] = [before.rate(indicator), u.figures.rate(indicator)];
            cells.extend([was, is].map(|rate| cells::rate(rate, target)));
        }
        cells.push(cells::met(u.passed, u.is_unverified(), words));
        unit_row(cells, u)
    });
    let names = words.heads_of(from.indicators);
    let both = [words.heads.before, words.heads.after];
    let rates: Vec<[String; 2]> = names.iter().map(|head| both.map(|when| fill(when, &[head]))).collect();
    let mut heads = vec![(words.heads.number, Align::Center), (words.heads.unit, Align::Left)];
    heads.extend(rates.iter().flatten().map(|head| (head.as_str(), Align::Right)));
    heads.push((words.heads.is_met, Align::Center));
    Table { columns: columns(&heads), rows: rows.collect(), unit: Some(1), ..Table::default() }
}
