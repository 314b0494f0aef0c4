//! One unit: its place, what it fails and why, its course, and its correction list for those who answer for it.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use tracing::info;

use super::ask::{Ask, PageFrame, page};
use super::documents::file;
use super::form::{number, query};
use super::league::latest;
use super::problem::ErrorPage;
use super::runs::{RunRow, row};
use super::table::TableView;
use crate::access::role::Role;
use crate::config::settings::{Indicators, ReportLanguage};
use crate::indicator::correction::CorrectionLists;
use crate::pipeline::Remade;
use crate::report::document::Table;
use crate::report::model::{Composition, IndicatorModel, NextModel, UnitModel};
use crate::report::series::Series;
use crate::report::wording::counted;
use crate::report::words::SubjectModel;
use crate::store::runs::Run;
use crate::work;

#[derive(Template)]
#[template(path = "unit.html")]
pub(super) struct UnitPage<'a> {
    f: PageFrame,
    row: RunRow,
    code: String,
    unit: UnitModel,
    indicators: Vec<IndicatorModel>,
    tables: Vec<TableView<'a>>,
    /// What the next place takes.
    next: Option<String>,
    is_compared: bool,
    /// The units below it.
    below: Vec<UnitModel>,
    /// Whether its course is worth a picture.
    has_trend: bool,
    /// Whether this person gets its page and its correction list.
    is_own: bool,
    /// Whether the run has a correction list of it.
    has_list: bool,
    group: usize,
}

impl Ask {
    /// Whether a unit is the person's own or below it, by the tree of a run.
    pub(super) fn is_own(&self, remade: &Remade, code: &str) -> bool {
        let Some(signed) = self.signed.as_ref().filter(|signed| signed.person.role == Role::Unit) else {
            return false;
        };
        let own = signed.person.unit.as_deref().and_then(|own| remade.results.only(own));
        own.is_some_and(|own| own.units.iter().any(|unit| unit.unit.code == code))
    }
}

/// The run that an address names, or the latest one, made again.
async fn asked_run(ask: &Ask, id: Option<i64>) -> Result<(Run, Arc<Remade>), ErrorPage> {
    let run = match id {
        Some(id) => ask.any_run(id).await?,
        None => latest(ask, "").await?.ok_or_else(ErrorPage::not_found)?,
    };
    ask.console.engine.report_of(&run).ok_or_else(ErrorPage::not_found)?;
    let remade = ask.console.remade(&run).await?;
    Ok((run, remade))
}

/// A run and what it says of a unit, for those who may see it.
async fn found(ask: &Ask, code: &str, uri: &Uri) -> Result<(Run, Arc<Remade>, Composition), ErrorPage> {
    let mut query = query(uri.query())?;
    let id = number(&query.take("run"))?;
    query.take("w");
    query.end()?;
    let (run, remade) = asked_run(ask, id).await?;
    if !ask.sees_league() && !ask.is_own(&remade, code) {
        return Err(ErrorPage::not_found());
    }
    let report = ask.console.engine.report_of(&run).ok_or_else(ErrorPage::not_found)?;
    let own = ask.console.engine.own(report, &remade, code).ok_or_else(ErrorPage::not_found)?;
    Ok((run, remade, own))
}

pub(super) async fn unit(ask: Ask, Path(code): Path<String>, uri: Uri) -> Result<Response, ErrorPage> {
    let (run, remade, own) = found(&ask, &code, &uri).await?;
    shown(&ask, &run, &remade, &own, &code).await
}

/// The page of a unit.
pub(super) async fn shown(
    ask: &Ask,
    run: &Run,
    remade: &Remade,
    own: &Composition,
    code: &str,
) -> Result<Response, ErrorPage> {
    let units = &remade.composition.model.units;
    let unit = units.iter().find(|unit| unit.code == code).cloned().ok_or_else(ErrorPage::not_found)?;
    let is_own = ask.is_own(remade, code);
    let indicators = &remade.engine(&ask.console.engine).settings.indicators;
    // The lists are long, and nobody else is shown one.
    let lists = match is_own {
        true => ask.console.store.corrections(run.id).await?,
        false => CorrectionLists::new(),
    };
    let group = units
        .iter()
        .filter(|other| other.assessed && other.kind == unit.kind && other.rank_in_group.is_some());
    let table = |name: &str, chinese: &'static str, english: &'static str| match own.series.get(name) {
        Some(Series::Table(table)) if has_rows(table) => {
            Some(TableView::new(table, ask.say(chinese, english), ask.language))
        }
        _ => None,
    };
    let tables = [
        table("fields", "字段缺失", "Missing fields"),
        table("relations", "逻辑关系不符", "Failed relations"),
    ];
    page(&UnitPage {
        f: ask.frame(unit.name.clone()),
        row: row(ask, run),
        code: code.to_owned(),
        group: group.count(),
        indicators: own.model.indicators.clone(),
        tables: tables.into_iter().flatten().collect(),
        below: own.model.units.iter().filter(|below| below.code != code).cloned().collect(),
        has_trend: own.model.trend_points > 1,
        is_own,
        has_list: lists.get(code).is_some_and(|list| !list.is_empty()),
        next: unit.next.as_ref().map(|next| next_place(ask.language, indicators, next)),
        is_compared: own.model.compared.is_some(),
        unit,
    })
}

/// How many more of what the register lists pass the unit that is before this one.
fn next_place(language: ReportLanguage, indicators: &Indicators, next: &NextModel) -> String {
    let chinese = SubjectModel::new(indicators, ReportLanguage::Chinese).counter;
    let english = SubjectModel::new(indicators, ReportLanguage::English).noun;
    match language {
        ReportLanguage::Chinese => {
            format!("再补登{}{chinese}，可升至第{}名（其他单位不变）。", next.persons, next.rank)
        }
        ReportLanguage::English => format!(
            "It would reach place {} with {} more (all else unchanged).",
            next.rank,
            counted(next.persons, &english)
        ),
    }
}

fn has_rows(table: &Table) -> bool {
    !table.rows.is_empty()
}

/// The course of a unit's rates as a drawing.
pub(super) async fn trend(
    ask: Ask,
    Path((code, name)): Path<(String, String)>,
    uri: Uri,
) -> Result<Response, ErrorPage> {
    let width = match name.as_str() {
        "trend.svg" => super::charts::WIDE,
        "trend-narrow.svg" => super::charts::NARROW,
        _ => return Err(ErrorPage::not_found()),
    };
    let (_, _, own) = found(&ask, &code, &uri).await?;
    let Some(Series::Chart(model)) = own.series.get("trend").cloned() else {
        return Err(ErrorPage::not_found());
    };
    let engine = ask.console.engine.clone();
    let drawn = work::block(move || engine.chart(&model, width)).await?;
    Ok(([(axum::http::header::CONTENT_TYPE, "image/svg+xml")], drawn).into_response())
}

/// The own page or the correction list of a unit, for those who answer for it alone. What is fetched is on record.
pub(super) async fn own_file(
    ask: Ask,
    Path((code, name)): Path<(String, String)>,
    uri: Uri,
) -> Result<Response, ErrorPage> {
    let mut query = query(uri.query())?;
    let id = number(&query.take("run"))?;
    query.end()?;
    let (run, remade) = asked_run(&ask, id).await?;
    if !ask.is_own(&remade, &code) {
        return Err(ErrorPage::not_found());
    }
    let ending = match name.as_str() {
        "page.pdf" => ".pdf",
        "corrections.xlsx" => ".xlsx",
        _ => return Err(ErrorPage::not_found()),
    };
    let (engine, store, of, unit) =
        (ask.console.engine.clone(), ask.console.store.clone(), run.clone(), code.clone());
    let files = work::spawn(async move { engine.own_files(&store, &of, &remade, &unit).await }).await;
    let files = files.map_err(|panicked| ErrorPage::inside(&panicked))??;
    let found = files.into_iter().find(|file| file.name.ends_with(ending));
    let found = found.ok_or_else(|| {
        ErrorPage::new(
            axum::http::StatusCode::NOT_FOUND,
            "这一期没有本单位的差错清单（没有差错，或账号在编制之后才设立）。",
            "This run has no correction list of the unit: there was nothing to correct, or the account is newer than the run.",
        )
    })?;
    info!(person = ask.person()?.name, unit = code, run = run.id, name, "a unit's own file was fetched");
    file(&found.name, &found.content_type, found.bytes)
}
