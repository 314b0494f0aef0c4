//! The league table of a run: ranks, scores, movement and what cost places.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page};
use super::form::{number, query};
use super::problem::ErrorPage;
use super::run::{ChartPicture, pictures};
use super::runs::{RunRow, row};
use crate::report::model::UnitModel;
use crate::store::listing::RunFilter;
use crate::store::runs::Run;

#[derive(Template)]
#[template(path = "league.html")]
struct LeaguePage {
    f: PageFrame,
    /// The run whose figures it shows; `None` = nothing has been released yet.
    row: Option<RunRow>,
    groups: Vec<LeagueGroup>,
    /// Name and title of each.
    reports: Vec<(String, String)>,
    report: String,
}

struct LeagueGroup {
    name: String,
    units: Vec<LeagueLine>,
    picture: Option<ChartPicture>,
}

/// A unit of the league table.
pub(super) struct LeagueLine {
    pub unit: UnitModel,
    /// Length of its bar, of 100.
    pub bar: String,
    /// `up`, `down` or blank.
    pub direction: &'static str,
}

impl LeagueLine {
    fn new(unit: &UnitModel) -> LeagueLine {
        let direction = match (unit.rank_in_group, unit.previous_rank) {
            (Some(now), Some(before)) if now < before => "up",
            (Some(now), Some(before)) if now > before => "down",
            _ => "",
        };
        let bar: f64 = unit.score.parse().unwrap_or(0.0);
        LeagueLine { bar: format!("{:.1}", bar.clamp(0.0, 100.0)), direction, unit: unit.clone() }
    }
}

pub(super) async fn league(ask: Ask, uri: Uri) -> Result<Response, ErrorPage> {
    if !ask.sees_league() {
        return Err(ErrorPage::not_found());
    }
    let mut query = query(uri.query())?;
    let (id, report) = (number(&query.take("run"))?, query.take("report"));
    query.end()?;
    let run = match id {
        Some(id) => Some(ask.run(id).await?),
        None => latest(&ask, &report).await?,
    };
    let mut groups = Vec::new();
    if let Some(run) = &run {
        let remade = ask.console.remade(run).await?;
        let model = &remade.composition.model;
        let kinds: Vec<String> = match model.grouped {
            true => model.kinds.iter().map(|kind| kind.name.clone()).collect(),
            false => vec![String::new()],
        };
        for kind in kinds {
            let is_of = |unit: &&UnitModel| unit.assessed && (kind.is_empty() || unit.kind == kind);
            let mut units: Vec<&UnitModel> = model.units.iter().filter(is_of).collect();
            units.sort_by_key(|unit| (unit.rank_in_group.is_none(), unit.rank_in_group, unit.code.clone()));
            let chart = if kind.is_empty() { "bars".to_owned() } else { format!("bars {kind}") };
            groups.push(LeagueGroup {
                units: units.into_iter().map(LeagueLine::new).collect(),
                picture: pictures(&remade, run.id, &[&chart]).pop(),
                name: kind,
            });
        }
    }
    page(&LeaguePage {
        f: ask.frame(ask.say("排名", "League")),
        row: run.as_ref().map(|run| row(&ask, run)),
        groups,
        reports: ask.report_choices(),
        report: run.map_or(report, |run| run.report),
    })
}

/// The latest released run of a report, or of all that are still configured.
pub(super) async fn latest(ask: &Ask, report: &str) -> Result<Option<Run>, ErrorPage> {
    let report = Some(report).filter(|report| !report.is_empty());
    let filter = RunFilter { report, state: Some("released"), released_only: true, year: None };
    let listed = ask.console.store.list_runs(&filter, None).await?;
    let is_shown = |run: &Run| !run.is_waiting() && ask.console.engine.report_of(run).is_some();
    Ok(listed.rows.into_iter().find(is_shown))
}
