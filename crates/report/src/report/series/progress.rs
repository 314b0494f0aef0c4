//! 各单位进度表: every unit with its counts, rates, change, score and rank.

use super::tables::{columns, row, total};
use super::unit_notes::{deducted_notes, standing_note};
use super::unit_tables::{lead, rates, total_name, unjudged};
use super::{Sources, formulas};
use crate::report::document::{Align, Cell, Row, Table};
use crate::report::wording::PrintedScore;
use crate::report::words::{Words, fill};
use crate::report::{cells, wording};
use tongbao_config::settings::{CoverageMethod, Indicator};
use tongbao_figures::indicator::figures::Figures;
use tongbao_figures::ranking::unit_result::UnitResult;

/// What the table shows; a column that would be empty throughout is left out.
struct ShownColumns {
    /// Whether coverage is measured; the records of each unit stand there otherwise.
    coverage: bool,
    elsewhere: bool,
    course: bool,
    change: bool,
}

/// 附件 进度表.
pub(super) fn progress(from: Sources) -> Table {
    let (words, results) = (from.words(), from.results);
    let coverage = from.indicators.measures(Indicator::Coverage);
    let shown = ShownColumns {
        coverage,
        elsewhere: coverage && results.totals.matched_elsewhere() > 0,
        course: coverage && from.trend.len() > 2,
        change: coverage && results.is_compared(Indicator::Coverage),
    };
    let mut rows: Vec<Row> = unit_rows(from, &shown).collect();
    lead(&mut rows, from);
    if let Some(name) = total_name(from) {
        let totals = &results.totals;
        let before = results.compared.as_ref().map(|c| &c.totals);
        let course = from.trend.iter().map(|point| Some(&point.figures)).collect();
        let passed = cells::met(results.totals_passed(from.indicators), totals.exceeds_expected(), words);
        let kind = results.totals_kind.as_deref();
        let mut cells = line(from, &shown, (name, kind), totals, before, course);
        cells.extend([Cell::text(""), Cell::text(""), passed]);
        rows.push(total(cells));
    }
    let (heads, targets) = heads(from, &shown);
    let line_note = shown.course.then(|| line_note(from));
    let note = note(from, &shown, line_note.clone());
    let mut table =
        Table { columns: columns(&heads), rows, note, line_note, targets, unit: Some(0), ..Table::default() };
    formulas::sums(&mut table);
    if shown.coverage {
        let target = |row| Some(from.target_of_row(row, Indicator::Coverage));
        formulas::ratios(&mut table, 3 + usize::from(shown.elsewhere), (2, 1), target);
    }
    table
}

fn unit_rows<'a>(from: Sources<'a>, shown: &'a ShownColumns) -> impl Iterator<Item = Row> + 'a {
    let top = from.results.units.iter().map(|u| u.level).min().unwrap_or(1);
    from.results.units.iter().map(move |u| {
        let course =
            from.trend.iter().map(|point| point.units.get(&u.unit.code).map(|figures| &**figures)).collect();
        let before = u.before.as_ref().map(|b| &*b.figures);
        let name = Cell::text(&u.unit.name).set_in(u.level - top);
        let mut cells = line(from, shown, (name, Some(&u.unit.kind)), &u.figures, before, course);
        cells.extend(standing(u, from.words()));
        if !u.is_judged {
            unjudged(&mut cells, 3);
        }
        row(cells)
    })
}

/// Score, rank and whether the targets are met.
fn standing(u: &UnitResult, words: &Words) -> [Cell; 3] {
    let score = u.score.as_ref().map(|score| PrintedScore::of(score).total);
    let met = cells::met(u.passed, u.is_unverified(), words);
    match u.is_judged {
        true => [cells::points(score), cells::rank(u.rank), met],
        false => [Cell::text(""), Cell::text(""), met],
    }
}

fn line(
    from: Sources,
    shown: &ShownColumns,
    (name, kind): (Cell, Option<&str>),
    figures: &Figures,
    before: Option<&Figures>,
    course: Vec<Option<&Figures>>,
) -> Vec<Cell> {
    let mut rates = rates(figures, kind, from).into_iter();
    if !shown.coverage {
        return [name, cells::count(figures.counts.records)].into_iter().chain(rates).collect();
    }
    let coverage = rates.next().unwrap_or_default();
    // Nobody is expected where there is no list: that is no count. Of a baseline the registered are known all
    // the same.
    let has_list = figures.coverage.denominator > 0;
    let of_list = |count| if has_list { cells::count(count) } else { Cell::text(wording::NO_RATE) };
    let covered = match from.indicators.coverage.method {
        CoverageMethod::Baseline => cells::count(figures.coverage.numerator),
        CoverageMethod::Roster | CoverageMethod::None => of_list(figures.coverage.numerator),
    };
    let mut cells = vec![name, of_list(figures.coverage.denominator), covered];
    if shown.elsewhere {
        cells.push(of_list(figures.matched_elsewhere()));
    }
    cells.push(coverage);
    if shown.course {
        let values = course.into_iter().map(|figures| value(from, figures?, kind)).collect();
        cells.push(Cell { course: values, ..Cell::default() });
    }
    if shown.change {
        let target = from.indicators.target_of(Indicator::Coverage, kind);
        cells.push(cells::change(
            before.and_then(|before| wording::point_change(figures.coverage, before.coverage, Some(target))),
        ));
    }
    cells.extend(rates);
    cells
}

/// Coverage as a share of 1, for a line.
fn value(from: Sources, figures: &Figures, kind: Option<&str>) -> Option<f64> {
    let target = from.indicators.target_of(Indicator::Coverage, kind);
    Some(wording::ten_thousandths(figures.coverage, Some(target))? as f64 / 10_000.0)
}

type ColumnHead<'a> = (&'a str, Align);

fn heads<'a>(from: Sources<'a>, shown: &ShownColumns) -> (Vec<ColumnHead<'a>>, Vec<Option<f64>>) {
    let words = from.words();
    let target = |i: Indicator| Some(from.target(i).share());
    let mut heads = vec![(words.heads.unit, Align::Left, None)];
    if shown.coverage {
        heads.extend([words.heads.expected, words.heads.covered].map(|head| (head, Align::Right, None)));
    } else {
        heads.push((words.heads.records, Align::Right, None));
    }
    if shown.elsewhere {
        heads.push((words.heads.elsewhere, Align::Right, None));
    }
    if shown.coverage {
        heads.push((words.rate_heads[0], Align::Right, target(Indicator::Coverage)));
    }
    if shown.course {
        heads.push((words.heads.course, Align::Center, None));
    }
    if shown.change {
        let head = if from.is_round { words.heads.change_of_round } else { words.heads.change };
        heads.push((head, Align::Right, None));
    }
    let further = from.indicators.all().into_iter().filter(|i| *i != Indicator::Coverage);
    heads.extend(further.map(|i| (words.head(i, from.indicators), Align::Right, target(i))));
    heads.extend([
        (words.heads.score, Align::Right, None),
        (words.heads.rank, Align::Center, None),
        (words.heads.met, Align::Center, None),
    ]);
    heads.into_iter().map(|(head, align, target)| ((head, align), target)).unzip()
}

/// What the small lines are.
fn line_note(from: Sources) -> String {
    let words = from.words();
    let [first, last] = [from.trend.first(), from.trend.last()].map(|p| p.map_or("", |p| &p.label));
    fill(words.notes.line, &[first, last, words.charts.basis(from.trend)])
}

/// What a column is, as far as its head does not say it; units that stand out of their row.
fn note(from: Sources, shown: &ShownColumns, line_note: Option<String>) -> Option<String> {
    let (words, results) = (from.words(), from.results);
    let mut parts = Vec::new();
    if shown.change {
        let change = if from.is_round { words.notes.change_of_round } else { words.notes.change };
        parts.push(change.to_owned());
    }
    if shown.elsewhere {
        parts.push(from.of_subject(words.notes.elsewhere));
    }
    parts.extend(line_note);
    if results.are_grouped() {
        let ranked =
            if results.are_nested() { words.notes.ranked_in_group } else { words.notes.ranked_among_all };
        parts.push(ranked.to_owned());
    }
    let names = |keep: &dyn Fn(&UnitResult) -> bool| {
        let list: Vec<&str> = results.assessed().filter(|u| keep(u)).map(|u| u.full_name.as_str()).collect();
        (!list.is_empty()).then(|| words.list(&list))
    };
    let is_baseline = from.indicators.coverage.method == CoverageMethod::Baseline;
    if let Some(list) =
        names(&|u| is_baseline && u.figures.coverage.denominator == 0 && u.figures.coverage.numerator > 0)
    {
        parts.push(fill(&from.of_subject(words.notes.outside_total), &[&list]));
    }
    parts.extend(standing_note(from, None));
    parts.extend(deducted_notes(from));
    (!parts.is_empty()).then(|| fill(words.notes.note, &[&parts.join(words.semicolon)]))
}
