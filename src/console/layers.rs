//! Around every page: its host, its headers, its time, and what is shown when something fails.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;

use super::ask::{Ask, PageFrame, Signed, page_with, see};
use super::problem::ErrorPage;
use super::{Console, routes};
use crate::access::name::{is_of_proxy, proxy_name};
use crate::config::settings::{ConsoleSettings as Settings, ReportLanguage};
use crate::digest::sha256;
use crate::harmless::one_line;
use crate::web_server::Peer;

/// What browsers may load and send: this server's own files and forms, and nothing that stands in a page.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/// The console as a service.
pub(super) fn router(console: Console) -> Router {
    let csrf = CsrfLayer::new().with_rejection_response(|_| ErrorPage::stale_form().into_response());
    routes::router(&console)
        .layer(csrf)
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            ErrorPage::inside(&"a page ended in a panic; the log has its text").into_response()
        }))
        .layer(from_fn_with_state(console.clone(), around))
        .with_state(console)
}

/// Hosts that are answered: that of the address people type, or this machine.
pub(super) fn hosts(settings: &Settings, address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let mut hosts = match &settings.url {
        Some(url) => vec![url.split("://").nth(1).unwrap_or_default().to_owned()],
        None => vec![address.to_string()],
    };
    if address.ip().is_loopback() {
        hosts.extend(["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}")));
    }
    hosts
}

impl Console {
    /// Whether what is typed can be read on the way: reached from other machines, and not by https.
    pub(super) fn is_open_without_https(&self) -> bool {
        let settings = self.settings();
        !settings.is_https() && settings.listen.is_some_and(|listen| !listen.ip().is_loopback())
    }

    /// The cookie of a session. With https browsers take it from this host alone.
    pub(super) fn cookie_name(&self) -> &'static str {
        if self.settings().is_https() { "__Host-tongbao" } else { "tongbao" }
    }

    /// The cookie that forms of people who have not signed in are bound to.
    pub(super) fn form_cookie_name(&self) -> &'static str {
        if self.settings().is_https() { "__Host-tongbao-form" } else { "tongbao-form" }
    }

    /// Gives a cookie that ends with the browser; `None` takes it away.
    pub(super) fn set_cookie(&self, name: &str, value: Option<&str>) -> HeaderValue {
        let secure = if self.settings().is_https() { "; Secure" } else { "" };
        let end = if value.is_none() { "; Max-Age=0" } else { "" };
        let text =
            format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}{end}", value.unwrap_or_default());
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }
}

async fn around(State(console): State<Console>, request: Request, next: Next) -> Response {
    let mut response = match answered(&console, request, next).await {
        Ok(response) | Err(response) => response,
    };
    let headers = response.headers_mut();
    let set = |headers: &mut HeaderMap, name, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    let is_drawing = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "image/svg+xml");
    match is_drawing {
        // A drawing of ours that is opened on its own runs nothing.
        true => set(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        false => set(headers, header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    }
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "same-origin");
    set(headers, header::X_FRAME_OPTIONS, "DENY");
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    // Browsers of two kernels show it with the newer one.
    headers.insert("x-ua-compatible", HeaderValue::from_static("IE=edge"));
    if console.settings().is_https() {
        set(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    // What is not said to be the same for ever is kept nowhere.
    if !headers.contains_key(header::CACHE_CONTROL) {
        set(headers, header::CACHE_CONTROL, "no-store");
    }
    response
}

async fn answered(console: &Console, mut request: Request, next: Next) -> Result<Response, Response> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !console.0.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
        let status = StatusCode::MISDIRECTED_REQUEST;
        return Err((status, "this server does not answer for this host\n").into_response());
    }
    if let Some((language, path)) = other_language(&request) {
        let mut response = see(&path);
        let cookie = format!("tongbao-lang={language}; Path=/; SameSite=Lax; Max-Age=31536000");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        return Err(response);
    }
    let from = From {
        address: address(console, &request).map(|ip| ip.to_string()).unwrap_or_default(),
        headers: request.headers().clone(),
        path: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
        proxied: proxied(console, &request),
    };
    let (ask, new_form_cookie) = asked(console, from).await.map_err(IntoResponse::into_response)?;
    request.extensions_mut().insert(ask.clone());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<ErrorPage>() {
        let headers = std::mem::take(response.headers_mut());
        response = worded(&ask, &problem);
        // A session may have ended with it.
        headers.get_all(header::SET_COOKIE).iter().for_each(|cookie| {
            response.headers_mut().append(header::SET_COOKIE, cookie.clone());
        });
    }
    if let Some(cookie) = ask.renewed.get() {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    if let Some(secret) = new_form_cookie {
        let cookie = console.set_cookie(console.form_cookie_name(), Some(&secret));
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// What is known of a request before its body is read.
struct From {
    address: String,
    headers: HeaderMap,
    path: String,
    /// The account of the person whom a trusted proxy has signed in.
    proxied: Option<String>,
}

/// Who asks. Those who have not signed in get a cookie that their forms are bound to.
async fn asked(console: &Console, from: From) -> Result<(Ask, Option<String>), ErrorPage> {
    let From { address, headers, path, proxied } = from;
    let headers = &headers;
    let now = console.clock.now();
    let mut signed = None;
    let mut secret = cookie(headers, console.cookie_name()).filter(|secret| is_secret(secret));
    if let Some(secret) = &secret {
        let lifetime = console.settings().lifetime;
        let found = console.store.session(&sha256(secret.as_bytes()), lifetime, now).await?;
        // Whom a proxy signs in is who it says in every request.
        let is_same = |name: &str| !is_of_proxy(name) || proxied.as_deref() == Some(name);
        signed = found
            .map(|(session, person)| Signed { person, session })
            .filter(|signed| is_same(&signed.person.name));
    }
    let mut new_cookie = None;
    if signed.is_none() {
        secret = cookie(headers, console.form_cookie_name()).filter(|secret| is_secret(secret));
        if secret.is_none() {
            let new = crate::random::secret().map_err(|problem| ErrorPage::inside(&problem))?;
            new_cookie = Some(new.clone());
            secret = Some(new);
        }
    }
    let language = match cookie(headers, "tongbao-lang").as_deref() {
        Some("en") => ReportLanguage::English,
        Some("zh") => ReportLanguage::Chinese,
        _ => console.engine.settings.campaign.language,
    };
    let device = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let ask = Ask {
        console: console.clone(),
        signed,
        language,
        token: secret.map(|secret| form_token(&secret)).unwrap_or_default(),
        path,
        address,
        device: one_line(device).chars().take(200).collect(),
        now,
        proxied,
        renewed: Arc::default(),
    };
    Ok((ask, new_cookie))
}

/// What a form brings back: it follows from the cookie, and the cookie not from it.
pub(super) fn form_token(secret: &str) -> String {
    sha256(format!("form {secret}").as_bytes())
}

fn is_secret(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// The address of the client: with trusted proxies, the last one before them.
fn address(console: &Console, request: &Request) -> Option<IpAddr> {
    let Peer(peer) = request.extensions().get::<Peer>()?;
    let mut at = peer.ip().to_canonical();
    let hops = request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = hops.flat_map(|text| text.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        if !console.settings().is_proxy(at) {
            break;
        }
        let Ok(ip) = hop.parse::<IpAddr>() else { break };
        at = ip.to_canonical();
    }
    Some(at)
}

/// Whom the proxy in front has signed in. Only proxies that are believed are asked, and only one plain name counts.
fn proxied(console: &Console, request: &Request) -> Option<String> {
    let header = console.settings().proxy_user.as_deref()?;
    let Peer(peer) = request.extensions().get::<Peer>()?;
    if !console.settings().is_proxy(peer.ip().to_canonical()) {
        return None;
    }
    let mut values = request.headers().get_all(header).iter();
    let (value, further) = (values.next()?, values.next());
    let name = std::str::from_utf8(value.as_bytes()).ok().filter(|_| further.is_none())?;
    proxy_name(name).ok()
}

/// `?lang=en` on any page: the language from now on, and the page without it.
fn other_language(request: &Request) -> Option<(&'static str, String)> {
    if *request.method() != Method::GET {
        return None;
    }
    let (path, query) = request.uri().path_and_query()?.as_str().split_once('?')?;
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("lang=")).collect();
    let language = query.split('&').find_map(|pair| match pair {
        "lang=en" => Some("en"),
        "lang=zh" => Some("zh"),
        _ => None,
    })?;
    // A path of two slashes would be another host.
    let path = format!("/{}", path.trim_start_matches('/'));
    Some((language, if kept.is_empty() { path } else { format!("{path}?{}", kept.join("&")) }))
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    f: PageFrame,
    text: String,
    link: Option<(String, &'static str)>,
}

/// The page of a problem, in the language of the request.
pub(super) fn worded(ask: &Ask, problem: &ErrorPage) -> Response {
    let text = ask.say(&problem.chinese, &problem.english).to_owned();
    let link = problem.link.clone().map(|(href, chinese, english)| (href, ask.say(chinese, english)));
    let page = ProblemPage { f: ask.frame(ask.say("提示", "Notice")), text, link };
    page_with(problem.status, &page).unwrap_or_else(|_| problem.status.into_response())
}
