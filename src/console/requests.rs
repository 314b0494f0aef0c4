//! Asking for a run: a period of a report as a frozen draft, which is released or dropped like any other.

use askama::Template;
use axum::extract::Path;
use axum::http::Uri;
use axum::response::Response;
use tracing::info;

use super::ask::{Ask, PageFrame, page, see};
use super::form::{Fields, day, query};
use super::problem::ErrorPage;
use super::{titles, words};
use crate::access::right::Right;
use crate::report::wording;
use crate::store::requests::{AskedRun, NewRequest};
use crate::store::states::RequestState;

/// So many earlier requests are shown.
const SHOWN: i64 = 20;

#[derive(Template)]
#[template(path = "ask.html")]
struct AskPage {
    f: PageFrame,
    /// Name and title of each.
    reports: Vec<(String, String)>,
    report: String,
    from: String,
    to: String,
    /// What is asked for, in words, once it has been checked.
    confirm: Option<Confirm>,
    earlier: Vec<RequestRow>,
}

struct Confirm {
    title: String,
    period: String,
    against: Option<String>,
    recipients: usize,
    record_only: bool,
}

pub(super) struct RequestRow {
    pub id: i64,
    pub title: String,
    pub period: String,
    pub asked: String,
    pub by: String,
    pub state: &'static str,
    pub class: &'static str,
    pub run: Option<i64>,
}

fn row(ask: &Ask, request: &AskedRun) -> RequestRow {
    let (chinese, english, class) = match request.state {
        RequestState::Asked => ("等待处理", "waits", "wait"),
        RequestState::Running => ("正在编制", "being made", "wait"),
        RequestState::Done => ("已编成送审稿", "draft made", "good"),
        RequestState::Withdrawn => ("已撤回", "withdrawn", ""),
        RequestState::Failed => ("未成功", "failed", "bad"),
    };
    RequestRow {
        id: request.id,
        title: ask.report_title(&request.report),
        period: format!("{} – {}", request.from, request.to),
        asked: ask.stored(&request.asked_at),
        by: words::by(&request.asked_by).to_owned(),
        state: ask.say(chinese, english),
        class,
        run: request.run,
    }
}

async fn asking(
    ask: &Ask,
    report: String,
    days: (String, String),
    confirm: Option<Confirm>,
) -> Result<Response, ErrorPage> {
    let earlier = ask.console.store.requests(SHOWN).await?;
    page(&AskPage {
        f: ask.frame(ask.say("申请编制", "Ask for a run")),
        reports: ask.report_choices(),
        earlier: earlier.iter().map(|request| row(ask, request)).collect(),
        report,
        from: days.0,
        to: days.1,
        confirm,
    })
}

/// The form, filled with the period that the report's rule names, or with what is asked for in words.
pub(super) async fn form(ask: Ask, uri: Uri) -> Result<Response, ErrorPage> {
    let mut query = query(uri.query())?;
    let (mut report, from, to) = (query.take("report"), query.take("from"), query.take("to"));
    let record_only = query.take("record_only") == "1";
    query.end()?;
    let engine = &ask.console.engine;
    if report.is_empty() {
        report = ask.report_choices().into_iter().next().map(|(name, _)| name).unwrap_or_default();
    }
    let configured = engine.report(&report)?;
    if from.is_empty() && to.is_empty() {
        let usual = engine.usual_period(&ask.console.store, configured, ask.now).await.ok();
        let days = usual.map(|period| (period.from.to_string(), period.to.to_string()));
        return asking(&ask, report, days.unwrap_or_default(), None).await;
    }
    let period = engine.asked_period(day(&from)?, day(&to)?, ask.now)?;
    let against = engine.compared_run(&ask.console.store, &report, period).await?;
    let confirm = Confirm {
        title: ask.report_title(&report),
        period: wording::period(period, ask.language),
        against: against.map(|run| titles::in_short(&ask, &run)),
        recipients: if record_only { 0 } else { engine.recipients(configured).len() },
        record_only,
    };
    asking(&ask, report, (from, to), Some(confirm)).await
}

pub(super) async fn ask_for_run(ask: Ask, mut fields: Fields) -> Result<Response, ErrorPage> {
    let (report, from, to) = (fields.take("report"), fields.take("from"), fields.take("to"));
    let record_only = fields.take("record_only") == "1";
    fields.end()?;
    let engine = &ask.console.engine;
    let report = &engine.report(&report)?.name;
    let period = engine.asked_period(day(&from)?, day(&to)?, ask.now)?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let id = store.ask_for_run(&NewRequest { report, from: &from, to: &to, record_only }, ask.now).await?;
    info!(person = ask.person()?.name, request = id, report, "a run was asked for");
    Ok(see(&format!("/requests/{id}")))
}

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    f: PageFrame,
    row: RequestRow,
    is_waiting: bool,
    is_running: bool,
    /// Records read and expected.
    records: i64,
    expected: Option<i64>,
    problem: Option<String>,
    may_withdraw: bool,
    record_only: bool,
    sees_drafts: bool,
}

pub(super) async fn request(ask: Ask, Path(id): Path<i64>) -> Result<Response, ErrorPage> {
    let request = ask.console.store.request(id).await?;
    page(&RequestPage {
        f: ask.frame(ask.say("申请", "Request")),
        row: row(&ask, &request),
        is_waiting: request.state == RequestState::Asked,
        is_running: request.state == RequestState::Running,
        records: request.records.unwrap_or(0),
        expected: request.expected,
        problem: request.problem.as_ref().map(|problem| ask.message(problem)),
        may_withdraw: request.state == RequestState::Asked,
        record_only: request.record_only,
        sees_drafts: ask.may(Right::ReadDrafts),
    })
}

pub(super) async fn withdraw(ask: Ask, Path(id): Path<i64>, fields: Fields) -> Result<Response, ErrorPage> {
    fields.end()?;
    ask.console.store.request(id).await?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    if !store.withdraw_request(id, ask.now).await? {
        return Err(ErrorPage::conflict(
            "申请已开始处理，不能撤回；编成的送审稿可由签发人退回。",
            "The request is under way and cannot be withdrawn; the leader can reject its draft.",
        ));
    }
    info!(person = ask.person()?.name, request = id, "a request was withdrawn");
    Ok(see(&format!("/requests/{id}")))
}
