//! Every page of the console with the right it needs: the list that the router is built from, and that tests walk.

use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tower_http::timeout::TimeoutLayer;

use super::guard::{RouteRule, guard};
use super::problem::ErrorPage;
use super::{
    Console, assets, audit, charts, check_file, compare, decide, documents, first, help, home, league, mails,
    me, people, recipients, requests, run, runs, schedule, second_factor, sign_in, status, unit, viewer,
};
use crate::access::right::Right;

/// A page that takes longer is given up.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// A page or an action.
pub struct Route {
    /// `GET` (and `HEAD`) or `POST`.
    pub method: &'static str,
    /// As axum matches it: `/runs/{id}`.
    pub path: &'static str,
    /// `None`: also for those who have not signed in.
    pub right: Option<Right>,
    /// Whether its form may bring files.
    pub takes_files: bool,
    handler: MethodRouter<Console>,
}

fn page<H: Handler<T, Console>, T: 'static>(path: &'static str, right: Option<Right>, handler: H) -> Route {
    Route { method: "GET", path, right, takes_files: false, handler: get(handler) }
}

fn action<H: Handler<T, Console>, T: 'static>(path: &'static str, right: Option<Right>, handler: H) -> Route {
    Route { method: "POST", path, right, takes_files: false, handler: post(handler) }
}

fn upload<H: Handler<T, Console>, T: 'static>(path: &'static str, right: Option<Right>, handler: H) -> Route {
    Route { takes_files: true, ..action(path, right, handler) }
}

/// All of them.
pub fn routes() -> Vec<Route> {
    use Right::*;
    vec![
        page("/static/{name}", None, asset),
        page("/sign-in", None, sign_in::form),
        action("/sign-in", None, sign_in::sign_in),
        action("/sign-out", Some(OwnAccount), sign_in::sign_out),
        page("/", Some(OwnAccount), home::home),
        page("/help", Some(OwnAccount), help::help),
        page("/me", Some(OwnAccount), me::me),
        page("/me/password", Some(OwnAccount), me::password_form),
        action("/me/password", Some(OwnAccount), me::set_password),
        page("/me/second-factor", Some(OwnAccount), second_factor::form),
        action("/me/second-factor", Some(OwnAccount), second_factor::set),
        action("/me/second-factor/remove", Some(OwnAccount), second_factor::remove),
        action("/me/sessions/end", Some(OwnAccount), me::end_others),
        page("/runs", Some(ReadReleased), runs::list),
        page("/runs/{id}", Some(ReadReleased), run::run),
        page("/runs/{id}/pages", Some(ReadReleased), viewer::pages),
        page("/runs/{id}/pages/{page}", Some(ReadReleased), viewer::page_image),
        page("/runs/{id}/charts/{chart}", Some(ReadReleased), charts::chart),
        page("/runs/{id}/documents/{digest}", Some(ReadReleased), documents::document),
        page("/runs/{id}/sign", Some(Decide), decide::form),
        action("/runs/{id}/approve", Some(Decide), decide::approve),
        action("/runs/{id}/reject", Some(Decide), decide::reject),
        page("/runs/{id}/compare", Some(ReadReleased), compare::compare),
        page("/league", Some(ReadReleased), league::league),
        page("/units/{code}", Some(ReadReleased), unit::unit),
        page("/units/{code}/charts/{chart}", Some(ReadReleased), unit::trend),
        page("/units/{code}/files/{name}", Some(OwnUnit), unit::own_file),
        page("/check-file", Some(ReadReleased), check_file::check),
        page("/requests", Some(AskForRun), requests::form),
        action("/requests", Some(AskForRun), requests::ask_for_run),
        page("/requests/{id}", Some(AskForRun), requests::request),
        action("/requests/{id}/withdraw", Some(AskForRun), requests::withdraw),
        page("/first", Some(FirstBulletin), first::shown),
        upload("/first", Some(FirstBulletin), first::begin),
        action("/first/mapping", Some(FirstBulletin), first::change),
        page("/first/pages/{page}", Some(FirstBulletin), first::page_image),
        page("/first/files/{name}", Some(FirstBulletin), first::file),
        action("/first/finish", Some(FirstBulletin), first::finish),
        action("/first/discard", Some(FirstBulletin), first::discard),
        page("/mails", Some(ReadMails), mails::list),
        page("/mails/{id}", Some(ReadMails), mails::mail),
        action("/mails/{id}/retry", Some(ChangeMails), mails::retry),
        action("/mails/{id}/cancel", Some(ChangeMails), mails::cancel),
        page("/runs/{id}/mails/dead", Some(ChangeMails), mails::dead_form),
        action("/runs/{id}/mails/dead", Some(ChangeMails), mails::retry_dead),
        page("/recipients", Some(ReadMails), recipients::recipients),
        page("/schedule", Some(ReadSchedule), schedule::schedule),
        page("/schedule/{name}/pause", Some(ChangeSchedule), schedule::pause_form),
        action("/schedule/{name}/pause", Some(ChangeSchedule), schedule::pause),
        action("/schedule/{name}/resume", Some(ChangeSchedule), schedule::resume),
        page("/status", Some(ReadStatus), status::status),
        page("/people", Some(ReadPeople), people::list),
        action("/people", Some(ChangePeople), people::add),
        page("/people/{name}", Some(ReadPeople), people::person),
        action("/people/{name}/reset", Some(ChangePeople), people::reset),
        action("/people/{name}/disable", Some(ChangePeople), people::disable),
        action("/people/{name}/enable", Some(ChangePeople), people::enable),
        page("/audit", Some(ReadAudit), audit::list),
        action("/audit/verify", Some(Verify), audit::verify),
    ]
}

/// Each route with the guard of its right in front of it.
pub(super) fn router(console: &Console) -> Router<Console> {
    let mut router = Router::new().fallback(nothing).method_not_allowed_fallback(nothing_so);
    for Route { path, right, takes_files, handler, .. } in routes() {
        let rule = RouteRule { console: console.clone(), right, takes_files };
        let within = if takes_files { first::WITHIN } else { ANSWER_WITHIN };
        let limit = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, within);
        let guarded: MethodRouter<Console> = handler.layer(from_fn_with_state(rule, guard));
        router = router.route(path, guarded.layer(limit));
    }
    router
}

async fn asset(Path(name): Path<String>) -> Response {
    assets::file(&name).unwrap_or_else(|| ErrorPage::not_found().into_response())
}

async fn nothing() -> ErrorPage {
    ErrorPage::not_found()
}

async fn nothing_so() -> ErrorPage {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    ErrorPage::new(status, "不支持这种请求。", "This kind of request is not answered here.")
}
