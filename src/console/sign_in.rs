//! Signing in and out.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tracing::{info, warn};

use super::Console;
use super::ask::{Ask, PageFrame, page_with, see};
use super::form::{Fields, query};
use super::guard::NEW_PASSWORD;
use super::problem::ErrorPage;
use crate::access::name::is_of_proxy;
use crate::access::password;
use crate::access::throttle;
use crate::digest::sha256;
use crate::store::people::{Account, Person};
use crate::store::sessions::Session;
use crate::{random, second_factor, work};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    f: PageFrame,
    /// Why nobody was signed in.
    problem: Option<String>,
    name: String,
    /// Where to go afterwards.
    next: String,
}

/// Where to go after signing in: a page of ours.
fn own_path(text: &str) -> &str {
    let is_own = text.starts_with('/') && !text.starts_with("//") && !text.contains(['\\', '\r', '\n']);
    if is_own && !text.starts_with("/sign-") { text } else { "/" }
}

fn shown(
    ask: &Ask,
    status: StatusCode,
    problem: Option<String>,
    name: &str,
    next: &str,
) -> Result<Response, ErrorPage> {
    let f = ask.frame(ask.say("登录", "Sign in"));
    page_with(status, &SignInPage { f, problem, name: name.to_owned(), next: own_path(next).to_owned() })
}

pub(super) async fn form(ask: Ask, uri: axum::http::Uri) -> Result<Response, ErrorPage> {
    let next = query(uri.query())?.take("next");
    if ask.signed.is_some() {
        return Ok(see(own_path(&next)));
    }
    shown(&ask, StatusCode::OK, None, "", &next)
}

/// The form in the place of a page that needs somebody to be signed in.
pub(super) fn asked(ask: &Ask) -> Result<Response, ErrorPage> {
    shown(ask, StatusCode::UNAUTHORIZED, None, "", &ask.path)
}

pub(super) async fn sign_in(ask: Ask, mut fields: Fields) -> Result<Response, ErrorPage> {
    let (name, given, next) = (fields.take("name"), fields.take("password"), fields.take("next"));
    let code = fields.take("code");
    fields.end()?;
    let typed = name.trim();
    match tried(&ask, typed, &given, Some(&code)).await? {
        Tried::Refused(until) => {
            let at = until.map(|until| ask.instant(until + jiff::SignedDuration::from_secs(59)));
            let problem = match at {
                Some(at) => ask
                    .say("尝试次数过多，请于 {} 之后再试。", "Too many tries; try again after {}.")
                    .replace("{}", &at),
                None => ask
                    .say(
                        "用户名、密码或动态码不对，或账号已停用。",
                        "The name, the password or the code is wrong, or the account is disabled.",
                    )
                    .to_owned(),
            };
            let status =
                if until.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNAUTHORIZED };
            shown(&ask, status, Some(problem), typed, &next)
        }
        // Who comes by a proxy comes by nothing else; the answer is that to a wrong password.
        Tried::Is(person) if is_of_proxy(&person.name) => {
            warn!(person = person.name, "refused: this account is signed in by the proxy alone");
            let problem =
                ask.say("此账号请由单位门户进入。", "This account is signed in by the office's portal.");
            shown(&ask, StatusCode::UNAUTHORIZED, Some(problem.to_owned()), typed, &next)
        }
        Tried::Is(person) => begin(&ask, &person, &next, ask.now).await,
    }
}

/// Begins a session for the person whom a trusted proxy has signed in, if there is such an account: none is ever made.
pub(super) async fn arrive(ask: &Ask) -> Result<Response, ErrorPage> {
    let name = ask.proxied.as_deref().unwrap_or_default();
    let account = ask.console.store.account(name).await?;
    match account.map(|account| account.person).filter(|person| person.disabled_at.is_none()) {
        // The password that binds the office has not been given yet.
        Some(person) => begin(ask, &person, &ask.path, jiff::Timestamp::UNIX_EPOCH).await,
        None => {
            warn!(person = name, "refused: the proxy names somebody who has no account here");
            Err(ErrorPage::new(
                StatusCode::FORBIDDEN,
                "门户已登录，但您在这里还没有账号（或已停用）。请联系管理员。",
                "The portal knows you, but you have no account here, or it is disabled. Ask an operator.",
            ))
        }
    }
}

/// What a name and a password come to.
pub(super) enum Tried {
    Is(Person),
    /// Wrong, or not to be tried before an instant.
    Refused(Option<jiff::Timestamp>),
}

/// Compares a password with that of an account. An unknown name, a wrong password and a disabled account take the
/// same time and get the same answer.
pub(super) async fn tried(
    ask: &Ask,
    typed: &str,
    given: &str,
    code: Option<&str>,
) -> Result<Tried, ErrorPage> {
    let console = &ask.console;
    let (digest, address) = (sha256(typed.as_bytes()), ask.address.as_str());
    let failures = console.store.failures(&digest, address).await?;
    if let Some(until) = throttle::refused_until(&failures, ask.now) {
        warn!(address, "a try to sign in was refused: too many before it");
        return Ok(Tried::Refused(Some(until)));
    }
    // Noted before it is compared, so that many at once count as many.
    console.store.note_failure(&digest, address, ask.now).await?;
    let account = console.store.account(typed).await?;
    let hash = account.as_ref().map_or(console.0.no_account.clone(), |account| account.password.clone());
    let known = account.as_ref().map(|account| account.person.name.clone());
    let given: String = given.chars().take(password::LONGEST + 1).collect();
    let is_right = console.is_password(given, hash).await?;
    let is_open = |account: &Account| {
        let person = &account.person;
        is_right && person.disabled_at.is_none() && person.one_time_until.is_none_or(|until| ask.now < until)
    };
    let account = match account.filter(is_open) {
        Some(account) if has_code(ask, &account, code).await? => Some(account.person),
        _ => None,
    };
    match account {
        Some(person) => {
            console.store.forget_failures(&digest, address).await?;
            Ok(Tried::Is(person))
        }
        None => {
            // What was typed is not logged: it may be a password in the wrong field.
            warn!(address, person = known, "signing in failed");
            Ok(Tried::Refused(None))
        }
    }
}

/// Whether the code of an account's second factor is right and was not used before, where it is asked for.
async fn has_code(ask: &Ask, account: &Account, code: Option<&str>) -> Result<bool, ErrorPage> {
    let (Some(secret), Some(code)) = (&account.second_factor, code) else { return Ok(true) };
    match second_factor::step(secret, code, ask.now) {
        Some(step) => Ok(ask.console.store.use_code(account.person.id, step).await?),
        None => Ok(false),
    }
}

/// Begins a session; `confirmed_at` is when the password was given.
async fn begin(
    ask: &Ask,
    person: &Person,
    next: &str,
    confirmed_at: jiff::Timestamp,
) -> Result<Response, ErrorPage> {
    let console = &ask.console;
    let secret = random::secret().map_err(|problem| ErrorPage::inside(&problem))?;
    let session = Session {
        digest: sha256(secret.as_bytes()),
        person: person.id,
        began_at: ask.now,
        used_at: ask.now,
        confirmed_at,
        address: ask.address.clone(),
        device: ask.device.clone(),
    };
    console.store.sweep_sessions(console.settings().lifetime, ask.now).await?;
    if let Some(signed) = &ask.signed {
        console.store.end_session(&signed.session.digest).await?;
    }
    console.store.begin_session(&session).await?;
    info!(person = person.name, address = ask.address, "signed in");
    let path = if person.one_time_until.is_some() { NEW_PASSWORD } else { own_path(next) };
    let mut response = see(path);
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, console.set_cookie(console.cookie_name(), Some(&secret)));
    headers.append(header::SET_COOKIE, console.set_cookie(console.form_cookie_name(), None));
    Ok(response)
}

pub(super) async fn sign_out(ask: Ask, fields: Fields) -> Result<Response, ErrorPage> {
    fields.end()?;
    if let Some(signed) = &ask.signed {
        ask.console.store.end_session(&signed.session.digest).await?;
        info!(person = signed.person.name, "signed out");
    }
    let mut response = see("/sign-in");
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, ask.console.set_cookie(ask.console.cookie_name(), None));
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

impl Console {
    /// Whether a password is that of a hash. Two are compared at a time, on threads that may block.
    pub(super) async fn is_password(&self, given: String, hash: String) -> Result<bool, ErrorPage> {
        let _permit = self.0.hashing.acquire().await.map_err(|closed| ErrorPage::inside(&closed))?;
        Ok(work::block(move || crate::password::is_of(&given, &hash)).await)
    }

    pub(super) async fn hash(&self, password: String) -> Result<String, ErrorPage> {
        let _permit = self.0.hashing.acquire().await.map_err(|closed| ErrorPage::inside(&closed))?;
        work::block(move || crate::password::hash(&password))
            .await
            .map_err(|problem| ErrorPage::inside(&problem))
    }
}

impl Ask {
    /// Whether the password has to be given again before something that binds the office.
    pub(super) fn needs_password(&self) -> bool {
        let after = self.console.settings().confirm_after;
        self.signed
            .as_ref()
            .is_none_or(|signed| self.now.duration_since(signed.session.confirmed_at) >= after)
    }

    /// Compares the password that a form gives again, where it has to be given; the session then has another cookie.
    pub(super) async fn confirm(&self, given: &str) -> Result<(), ErrorPage> {
        if !self.needs_password() {
            return Ok(());
        }
        self.must_know(given).await?;
        self.renew().await
    }

    /// Compares the password that a form gives again.
    pub(super) async fn must_know(&self, given: &str) -> Result<(), ErrorPage> {
        let signed = self.signed.as_ref().ok_or_else(ErrorPage::signed_out)?;
        match tried(self, &signed.person.name, given, None).await? {
            Tried::Is(_) => Ok(()),
            Tried::Refused(None) => {
                Err(ErrorPage::refused("密码不对，操作未生效。", "The password is wrong; nothing was done."))
            }
            Tried::Refused(Some(until)) => {
                let at = self.instant(until + jiff::SignedDuration::from_secs(59));
                Err(ErrorPage::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    format!("尝试次数过多，请于 {at} 之后再试。操作未生效。"),
                    format!("Too many tries; try again after {at}. Nothing was done."),
                ))
            }
        }
    }

    /// The session goes on under another cookie, which any answer to this request sets: also one that refuses what
    /// was asked, because the cookie from before is worth nothing from here on.
    pub(super) async fn renew(&self) -> Result<(), ErrorPage> {
        let signed = self.signed.as_ref().ok_or_else(ErrorPage::signed_out)?;
        let secret = random::secret().map_err(|problem| ErrorPage::inside(&problem))?;
        self.console
            .store
            .confirm_session(&signed.session.digest, &sha256(secret.as_bytes()), self.now)
            .await?;
        // A request renews its session once.
        let _ = self.renewed.set(self.console.set_cookie(self.console.cookie_name(), Some(&secret)));
        Ok(())
    }
}
