//! Before every handler: who asks, whether they may, and whether a form came from a page of theirs.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::{info, warn};

use super::Console;
use super::ask::{Ask, see};
use super::first;
use super::form::Fields;
use super::multipart::boundary;
use super::problem::ErrorPage;
use super::sign_in;
use crate::access::right::Right;
use crate::digest::sha256;

/// Longest form in bytes.
pub(super) const LONGEST_FORM: usize = 64 * 1024;

/// What a route asks of a request.
#[derive(Clone)]
pub(super) struct RouteRule {
    pub console: Console,
    /// `None`: people who have not signed in may too.
    pub right: Option<Right>,
    /// Whether its form may bring files.
    pub takes_files: bool,
}

/// Where those go first who have signed in with a one-time password.
pub(super) const NEW_PASSWORD: &str = "/me/password";

/// Where those go who need a second factor and have none.
pub(super) const SECOND_FACTOR: &str = "/me/second-factor";

pub(super) async fn guard(State(rule): State<RouteRule>, request: Request, next: Next) -> Response {
    match let_through(&rule, request).await {
        Ok(request) => next.run(request).await,
        Err(response) => response,
    }
}

async fn let_through(rule: &RouteRule, mut request: Request) -> Result<Request, Response> {
    let Some(ask) = request.extensions().get::<Ask>().cloned() else {
        return Err(ErrorPage::inside(&"a request without its layer").into_response());
    };
    if let Some(right) = rule.right {
        let Some(signed) = &ask.signed else {
            return Err(match *request.method() {
                Method::GET if ask.proxied.is_some() => sign_in::arrive(&ask).await.into_response(),
                Method::GET | Method::HEAD => sign_in::asked(&ask).into_response(),
                _ => ErrorPage::signed_out().into_response(),
            });
        };
        let path = request.uri().path();
        if right != Right::OwnAccount
            && let Some(path) = rule.console.first_step(&signed.person)
        {
            return Err(see(path));
        }
        if !signed.person.role.may(right) {
            warn!(person = signed.person.name, path, "refused: the role has not this right");
            return Err(ErrorPage::not_allowed().into_response());
        }
    }
    if *request.method() == Method::POST {
        let path = request.uri().path().to_owned();
        let (mut parts, body) = request.into_parts();
        let refused = |problem: ErrorPage| {
            info!(path, "a form was refused");
            problem.into_response()
        };
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        match kind.filter(|_| rule.takes_files).and_then(boundary) {
            Some(boundary) => {
                let read = first::read(&parts.headers, body, &boundary, &ask).await;
                let (fields, upload) = read.map_err(refused)?;
                parts.extensions.insert(fields);
                parts.extensions.insert(upload);
            }
            None => {
                let fields = fields(&parts.headers, body, &rule.console, &ask).await.map_err(refused)?;
                parts.extensions.insert(fields);
            }
        }
        request = Request::from_parts(parts, axum::body::Body::empty());
    }
    Ok(request)
}

/// Reads a form and compares its token with that of the session.
async fn fields(
    headers: &HeaderMap,
    body: axum::body::Body,
    console: &Console,
    ask: &Ask,
) -> Result<Fields, ErrorPage> {
    let bytes = to_bytes(body, LONGEST_FORM).await.map_err(|_| {
        let status = axum::http::StatusCode::PAYLOAD_TOO_LARGE;
        ErrorPage::new(status, "提交的内容过大。", "The form is too large.")
    })?;
    let mut form = Request::post("/");
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        form = form.header(header::CONTENT_TYPE, kind);
    }
    let form = form.body(axum::body::Body::from(bytes)).map_err(|problem| ErrorPage::inside(&problem))?;
    let pairs = axum::extract::Form::<Vec<(String, String)>>::from_request(form, console).await;
    let mut fields = Fields::read(pairs.map_err(|_| ErrorPage::bad_form())?.0)?;
    must_be_own(&fields.take("token"), &ask.token)?;
    Ok(fields)
}

/// Refuses a form whose token is not that of the session.
pub(super) fn must_be_own(given: &str, token: &str) -> Result<(), ErrorPage> {
    // Digests of equal length: what is compared says nothing about the token.
    match sha256(given.as_bytes()) == sha256(token.as_bytes()) && !token.is_empty() {
        true => Ok(()),
        false => Err(ErrorPage::stale_form()),
    }
}
