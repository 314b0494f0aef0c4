//! The tables.

use super::{failures, ranked_fields, relation_rate};
use crate::config::settings::{Indicator, Indicators};
use crate::indicator::definition::definitions;
use crate::indicator::figures::Figures;
use crate::ranking::rank::Unranked;
use crate::ranking::results::{Results, UnitResult};
use crate::register::field::Field;
use crate::report::document::{Align, Cell, Column, Row, Table};
use crate::report::{cells, wording};

fn columns(heads: &[(&str, Align)]) -> Vec<Column> {
    heads.iter().map(|(head, align)| Column { head: (*head).to_owned(), align: *align }).collect()
}

fn row(cells: Vec<Cell>) -> Row {
    Row { cells, total: false }
}

fn total(cells: Vec<Cell>) -> Row {
    Row { cells, total: true }
}

fn rate_cell(figures: &Figures, indicators: &Indicators, indicator: Indicator) -> Cell {
    cells::rate(figures.rate(indicator), Some(indicators.target(indicator)))
}

fn three_rates(figures: &Figures, indicators: &Indicators) -> [Cell; 3] {
    Indicator::ALL.map(|indicator| rate_cell(figures, indicators, indicator))
}

/// The three rates of all units together against their targets.
pub(super) fn headline(results: &Results, indicators: &Indicators) -> Table {
    let rows = Indicator::ALL.map(|indicator| {
        let rate = results.totals.rate(indicator);
        let change = results.compared.as_ref().map(|c| (c.totals.rate(indicator), rate));
        let before = change.map_or(Cell::text(wording::NO_RATE), |(before, _)| {
            cells::rate(before, Some(indicators.target(indicator)))
        });
        row(vec![
            Cell::text(indicator.label()),
            Cell::text(wording::target_percent(indicators.target(indicator))),
            cells::rate(rate, Some(indicators.target(indicator))),
            Cell { met: None, ..before },
            cells::change(change.and_then(|(before, now)| wording::point_change(now, before))),
            cells::met(rate.meets(indicators.target(indicator))),
        ])
    });
    Table {
        columns: columns(&[
            ("指标", Align::Center),
            ("目标值", Align::Center),
            ("本期", Align::Center),
            ("上期", Align::Center),
            ("变化（百分点）", Align::Center),
            ("是否达标", Align::Center),
        ]),
        rows: rows.into(),
        ..Table::default()
    }
}

/// 附件 进度表: every unit with its counts, rates and change.
pub(super) fn progress(results: &Results, indicators: &Indicators) -> Table {
    let line = |number: Cell, name: &str, figures: &Figures, before: Option<&Figures>, passed| {
        let [coverage, completeness, accuracy] = three_rates(figures, indicators);
        let change = before.and_then(|b| wording::point_change(figures.coverage, b.coverage));
        vec![
            number,
            Cell::text(name),
            cells::count(figures.coverage.denominator),
            cells::count(figures.coverage.numerator),
            coverage,
            completeness,
            accuracy,
            cells::change(change),
            cells::met(passed),
        ]
    };
    let unit = |(i, u): (usize, &UnitResult)| {
        let before = u.before.as_ref().map(|b| &b.figures);
        row(line(cells::count(i as u64 + 1), &u.unit.name, &u.figures, before, u.passed))
    };
    let mut rows: Vec<Row> = results.units.iter().enumerate().map(unit).collect();
    let before = results.compared.as_ref().map(|c| &c.totals);
    let passed = results.totals.passed(indicators);
    rows.push(total(line(Cell::text(""), "合计", &results.totals, before, passed)));
    Table {
        columns: columns(&[
            ("序号", Align::Center),
            ("单位", Align::Left),
            ("应登记", Align::Right),
            ("已登记", Align::Right),
            ("覆盖率", Align::Right),
            ("完整率", Align::Right),
            ("准确率", Align::Right),
            ("较上期", Align::Right),
            ("达标", Align::Center),
        ]),
        rows,
        note: Some("注：较上期为覆盖率比上期的变化，单位为百分点。".to_owned()),
        ..Table::default()
    }
}

/// Fields by records in which they are missing, most first.
pub(super) fn fields(results: &Results) -> Table {
    let rows = ranked_fields(&results.totals).into_iter().map(|(field, rate)| {
        row(vec![
            Cell::text(field.label()),
            cells::count(rate.denominator),
            cells::count(rate.denominator - rate.numerator),
            cells::rate(rate, None),
        ])
    });
    Table {
        columns: columns(&[
            ("项目", Align::Center),
            ("适用记录", Align::Right),
            ("缺失", Align::Right),
            ("填写率", Align::Right),
        ]),
        rows: rows.collect(),
        ..Table::default()
    }
}

pub(super) fn relations(results: &Results, indicators: &Indicators) -> Table {
    let rows = indicators.accuracy.relations.iter().map(|&relation| {
        let rate = relation_rate(&results.totals, relation);
        row(vec![
            Cell::text(relation.label()),
            cells::count(rate.denominator),
            cells::count(rate.denominator - rate.numerator),
            cells::rate(rate, None),
        ])
    });
    Table {
        columns: columns(&[
            ("逻辑关系", Align::Left),
            ("应判记录", Align::Right),
            ("不符", Align::Right),
            ("相符率", Align::Right),
        ]),
        rows: rows.collect(),
        ..Table::default()
    }
}

/// Units × nine fields: records in which the field is missing.
pub(super) fn unit_fields(results: &Results) -> Table {
    let missing = |figures: &Figures| {
        Field::ALL.map(|field| {
            let rate = figures.counts.field(field);
            cells::count(rate.denominator - rate.numerator)
        })
    };
    let mut heads = vec![("序号", Align::Center), ("单位", Align::Left), ("记录数", Align::Right)];
    heads.extend(Field::ALL.map(|field| (field.label(), Align::Right)));
    per_unit(results, &heads, "注：表内为应填未填的记录数。", |figures| {
        let mut cells = vec![cells::count(figures.counts.records)];
        cells.extend(missing(figures));
        cells
    })
}

/// Units × relations: records that fail.
pub(super) fn unit_relations(results: &Results, indicators: &Indicators) -> Table {
    let used = &indicators.accuracy.relations;
    let mut heads = vec![("序号", Align::Center), ("单位", Align::Left), ("记录数", Align::Right)];
    heads.extend(used.iter().map(|relation| (relation.label(), Align::Right)));
    heads.push(("全部相符", Align::Right));
    per_unit(results, &heads, "注：逻辑关系各列为不相符的记录数。", |figures| {
        let mut cells = vec![cells::count(figures.counts.records)];
        cells.extend(used.iter().map(|&relation| {
            let rate = relation_rate(figures, relation);
            cells::count(rate.denominator - rate.numerator)
        }));
        cells.push(cells::count(figures.accuracy.numerator));
        cells
    })
}

fn per_unit(
    results: &Results,
    heads: &[(&str, Align)],
    note: &str,
    values: impl Fn(&Figures) -> Vec<Cell>,
) -> Table {
    let line = |number: Cell, name: &str, figures: &Figures| {
        let mut cells = vec![number, Cell::text(name)];
        cells.extend(values(figures));
        cells
    };
    let unit = |(i, u): (usize, &UnitResult)| row(line(cells::count(i as u64 + 1), &u.unit.name, &u.figures));
    let mut rows: Vec<Row> = results.units.iter().enumerate().map(unit).collect();
    rows.push(total(line(Cell::text(""), "合计", &results.totals)));
    Table { columns: columns(heads), rows, note: Some(note.to_owned()), caption: None }
}

/// 排名榜 of one kind of unit, or of all together.
pub(super) fn ranking(results: &Results, indicators: &Indicators, kind: Option<&str>) -> Table {
    let rows = results.ranked(kind).into_iter().map(|u| {
        let [coverage, completeness, accuracy] = three_rates(&u.figures, indicators);
        let place = if kind.is_some() { u.rank_in_group } else { u.rank };
        let mut cells = vec![
            cells::rank(place),
            Cell::text(&u.unit.name),
            coverage,
            completeness,
            accuracy,
            cells::score(u.score.as_ref().map(|score| &score.total)),
        ];
        if kind.is_some() {
            cells.push(cells::rank(u.before.and_then(|b| b.rank_in_group)));
            cells.push(Cell::text(wording::movement(u.movement)));
        }
        row(cells)
    });
    let mut heads = vec![
        ("排名", Align::Center),
        ("单位", Align::Left),
        ("覆盖率", Align::Right),
        ("完整率", Align::Right),
        ("准确率", Align::Right),
        ("得分", Align::Right),
    ];
    if kind.is_some() {
        heads.extend([("上期名次", Align::Center), ("变化", Align::Center)]);
    }
    Table {
        columns: columns(&heads),
        rows: rows.collect(),
        note: unranked_note(results, kind),
        caption: None,
    }
}

/// Names the units that have no rank, with the reason.
fn unranked_note(results: &Results, kind: Option<&str>) -> Option<String> {
    let of = |reason: Unranked| -> Vec<&str> {
        let list = results.ranked(kind).into_iter().filter(|u| u.unranked == Some(reason));
        list.map(|u| u.unit.name.as_str()).collect()
    };
    let mut parts = Vec::new();
    for (reason, why) in [
        (Unranked::TooFewRecords, "记录数不足，不参加排名"),
        (Unranked::NoDenominator, "缺少计算率值的底数，不参加排名"),
    ] {
        let units = of(reason);
        if !units.is_empty() {
            parts.push(format!("{}{why}", units.join("、")));
        }
    }
    (!parts.is_empty()).then(|| format!("注：{}。", parts.join("；")))
}

/// 考核得分表: points by indicator, deductions and total, for the annual assessment.
pub(super) fn scores(results: &Results) -> Table {
    let rows = results.ranked(None).into_iter().map(|u| {
        let mut cells = vec![cells::rank(u.rank), Cell::text(&u.unit.code), Cell::text(&u.unit.name)];
        let part = |i: usize| cells::score(u.score.as_ref().map(|score| &score.parts[i]));
        cells.extend([part(0), part(1), part(2)]);
        let taken = u.score.as_ref().map(|s| s.deductions.iter().map(|(points, _)| points).sum());
        cells.push(cells::score(taken.as_ref()));
        cells.push(cells::score(u.score.as_ref().map(|score| &score.total)));
        cells.push(Cell::text(remarks(u)));
        row(cells)
    });
    Table {
        columns: columns(&[
            ("排名", Align::Center),
            ("代码", Align::Left),
            ("单位", Align::Left),
            ("覆盖率得分", Align::Right),
            ("完整率得分", Align::Right),
            ("准确率得分", Align::Right),
            ("扣分", Align::Right),
            ("得分", Align::Right),
            ("备注", Align::Left),
        ]),
        rows: rows.collect(),
        ..Table::default()
    }
}

/// Reasons of vetoes and deductions.
fn remarks(unit: &UnitResult) -> String {
    let Some(score) = &unit.score else { return String::new() };
    let vetoes = score.vetoes.iter().map(|reason| format!("一票否决：{reason}"));
    let taken = score.deductions.iter().map(|(points, why)| format!("扣{}分：{why}", wording::score(points)));
    vetoes.chain(taken).collect::<Vec<_>>().join("；")
}

/// 验收 各单位结果.
pub(super) fn unit_results(results: &Results, indicators: &Indicators) -> Table {
    let line = |number: Cell, name: &str, figures: &Figures, score: Cell, passed| {
        let [coverage, completeness, accuracy] = three_rates(figures, indicators);
        vec![number, Cell::text(name), coverage, completeness, accuracy, score, cells::met(passed)]
    };
    let unit = |(i, u): (usize, &UnitResult)| {
        let score = cells::score(u.score.as_ref().map(|score| &score.total));
        row(line(cells::count(i as u64 + 1), &u.unit.name, &u.figures, score, u.passed))
    };
    let mut rows: Vec<Row> = results.units.iter().enumerate().map(unit).collect();
    let passed = results.totals.passed(indicators);
    rows.push(total(line(Cell::text(""), "合计", &results.totals, Cell::text(wording::NO_RATE), passed)));
    Table {
        columns: columns(&[
            ("序号", Align::Center),
            ("单位", Align::Left),
            ("覆盖率", Align::Right),
            ("完整率", Align::Right),
            ("准确率", Align::Right),
            ("得分", Align::Right),
            ("达标", Align::Center),
        ]),
        rows,
        ..Table::default()
    }
}

/// 问题清单: the failing units with what they fail.
pub(super) fn failing(results: &Results, indicators: &Indicators) -> Table {
    let failing = results.units.iter().filter(|u| u.passed != Some(true));
    let rows = failing.enumerate().map(|(i, u)| {
        row(vec![cells::count(i as u64 + 1), Cell::text(&u.unit.name), Cell::text(failures(u, indicators))])
    });
    Table {
        columns: columns(&[("序号", Align::Center), ("单位", Align::Left), ("未达标指标", Align::Left)]),
        rows: rows.collect(),
        ..Table::default()
    }
}

pub(super) fn definition_table(indicators: &Indicators) -> Table {
    let rows = definitions(indicators).into_iter().map(|d| row(vec![Cell::text(d.term), Cell::text(d.text)]));
    Table {
        columns: columns(&[("项目", Align::Center), ("口径", Align::Left)]),
        rows: rows.collect(),
        ..Table::default()
    }
}

/// The blank signature block of the acceptance report: filled in by hand, never by the program.
pub(super) fn signatures() -> Table {
    let blank = |role: &str| row(vec![Cell::text(role), Cell::text(""), Cell::text(""), Cell::text("")]);
    Table {
        caption: Some("验收签字".to_owned()),
        columns: columns(&[
            ("验收人员", Align::Center),
            ("单位及职务", Align::Center),
            ("签字", Align::Center),
            ("日期", Align::Center),
        ]),
        rows: vec![blank("组长"), blank("成员"), blank("成员"), blank("记录人")],
        note: None,
    }
}
