//! The archive: runs by report, state and year.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page};
use super::form::{number, query};
use super::problem::ErrorPage;
use super::words;
use crate::access::right::Right;
use crate::report::wording;
use crate::store::listing::RunFilter;
use crate::store::runs::Run;

#[derive(Template)]
#[template(path = "runs.html")]
struct RunsPage {
    f: PageFrame,
    rows: Vec<RunRow>,
    /// Name and title of each.
    reports: Vec<(String, String)>,
    years: Vec<String>,
    report: String,
    state: String,
    year: String,
    sees_drafts: bool,
    /// Where the next page is.
    next: Option<String>,
    is_filtered: bool,
}

/// A run as lists show it.
pub(super) struct RunRow {
    pub id: i64,
    pub title: String,
    pub number: Option<String>,
    pub period: String,
    pub recorded: String,
    pub state: &'static str,
    pub class: &'static str,
    pub is_waiting: bool,
}

pub(super) fn row(ask: &Ask, run: &Run) -> RunRow {
    let (state, class) = words::run_state(ask.language, run.state, run.is_waiting());
    RunRow {
        id: run.id,
        title: ask.run_title(run),
        number: run.number.clone(),
        period: period(ask, run),
        recorded: ask.stored(&run.recorded_at),
        state,
        class,
        is_waiting: run.is_waiting(),
    }
}

pub(super) fn period(ask: &Ask, run: &Run) -> String {
    run.period()
        .map_or_else(|_| format!("{} – {}", run.from, run.to), |period| wording::period(period, ask.language))
}

pub(super) async fn list(ask: Ask, uri: Uri) -> Result<Response, ErrorPage> {
    if !ask.sees_league() {
        return Err(ErrorPage::not_found());
    }
    let mut query = query(uri.query())?;
    let (report, state, year) = (query.take("report"), query.take("state"), query.take("year"));
    let before = number(&query.take("before"))?;
    query.end()?;
    let sees_drafts = ask.may(Right::ReadDrafts);
    let filter = RunFilter {
        report: Some(report.as_str()).filter(|report| !report.is_empty()),
        state: Some(state.as_str()).filter(|state| !state.is_empty()),
        year: number(&year)?,
        released_only: !sees_drafts,
    };
    let listed = ask.console.store.list_runs(&filter, before).await?;
    let href = |before: i64| {
        let [report, state, year] = [&report, &state, &year].map(|text| words::encoded(text));
        format!("/runs?report={report}&state={state}&year={year}&before={before}")
    };
    page(&RunsPage {
        f: ask.frame(ask.say("通报", "Reports")),
        rows: listed.rows.iter().map(|run| row(&ask, run)).collect(),
        reports: ask.report_choices(),
        years: ask.console.store.run_years().await?,
        sees_drafts,
        next: listed.before.map(href),
        is_filtered: !(report.is_empty() && state.is_empty() && year.is_empty()),
        report,
        state,
        year,
    })
}
