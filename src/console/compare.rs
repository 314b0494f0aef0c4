//! Why a unit's place changed: each unit then and now, with what moved it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page};
use super::problem::ErrorPage;
use super::runs::{RunRow, period, row};
use crate::config::settings::{Indicator, Indicators};
use crate::ranking::unit_result::UnitResult;
use crate::report::model::UnitModel;
use crate::report::wording;
use crate::report::words::Words;

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    f: PageFrame,
    row: RunRow,
    /// The run it is compared with; `None` if there is none.
    against: Option<String>,
    /// Whether ranks are compared with those of then.
    compares_ranks: bool,
    /// Names of the rates.
    rates: Vec<String>,
    units: Vec<CompareLine>,
}

struct CompareLine {
    unit: UnitModel,
    /// Rank in the group then.
    before: String,
    direction: &'static str,
    changes: Vec<Change>,
}

/// How an indicator of a unit changed.
struct Change {
    /// Its name.
    rate: String,
    points: String,
    class: &'static str,
    /// What is missing to 100%, then and now.
    missing: String,
}

pub(super) async fn compare(ask: Ask, Path(id): Path<i64>) -> Result<Response, ErrorPage> {
    let run = ask.run(id).await?;
    ask.console.engine.report_of(&run).ok_or_else(ErrorPage::not_found)?;
    let remade = ask.console.remade(&run).await?;
    let against = match run.against {
        Some(against) => Some(ask.console.store.run(against).await?),
        None => None,
    };
    let indicators = &remade.engine(&ask.console.engine).settings.indicators;
    let words = Words::of(ask.language);
    let model = &remade.composition.model;
    let of_unit = |unit: &UnitResult| {
        line(unit, model.units.iter().find(|m| m.code == unit.unit.code)?, indicators, words)
    };
    let mut units: Vec<CompareLine> = remade.results.assessed().filter_map(of_unit).collect();
    // What moved most stands first.
    units.sort_by_key(|line| {
        (std::cmp::Reverse(line.unit.places), line.unit.rank_in_group, line.unit.code.clone())
    });
    let against = against.map(|run| match &run.number {
        Some(number) => format!("{number}  {}", period(&ask, &run)),
        None => period(&ask, &run),
    });
    let rates = indicators.all().into_iter().map(|rate| words.name(rate, indicators).to_owned()).collect();
    page(&ComparePage {
        f: ask.frame(ask.say("升降原因", "What moved")),
        row: row(&ask, &run),
        against,
        compares_ranks: model.compares_ranks,
        rates,
        units,
    })
}

fn line(unit: &UnitResult, model: &UnitModel, indicators: &Indicators, words: &Words) -> Option<CompareLine> {
    let before = unit.before.as_ref()?;
    let change = |indicator: Indicator| {
        let (now, then) = (unit.figures.rate(indicator), before.figures.rate(indicator));
        let change = wording::point_change(now, then, Some(unit.target(indicator, indicators)));
        let lacking = |rate: crate::indicator::rate::Rate| rate.denominator.saturating_sub(rate.numerator);
        Change {
            rate: words.name(indicator, indicators).to_owned(),
            points: change.map_or("—".to_owned(), wording::points),
            class: match change {
                Some(change) if change > 0 => "up",
                Some(change) if change < 0 => "down",
                _ => "same",
            },
            missing: match then.denominator {
                0 => lacking(now).to_string(),
                _ => format!("{} → {}", lacking(then), lacking(now)),
            },
        }
    };
    let direction = match unit.movement.places() {
        Some(places) if places > 0 => "up",
        Some(places) if places < 0 => "down",
        _ => "",
    };
    Some(CompareLine {
        before: before.rank_in_group.map_or("—".to_owned(), |rank| rank.to_string()),
        direction,
        changes: indicators.all().into_iter().map(change).collect(),
        unit: model.clone(),
    })
}
