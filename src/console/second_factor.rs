//! The second factor of the own account: set up with an app, changed, taken away.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use tracing::info;

use super::ask::{Ask, PageFrame, page_with, see};
use super::form::Fields;
use super::problem::ErrorPage;
use super::words::encoded;
use crate::second_factor;

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactorPage {
    f: PageFrame,
    secret: String,
    /// The secret as it is typed, in groups.
    typed: String,
    /// The QR code: its width and its dark modules.
    width: i32,
    path: String,
    has_one: bool,
    is_needed: bool,
    problem: Option<String>,
}

fn shown(
    ask: &Ask,
    status: StatusCode,
    secret: String,
    problem: Option<String>,
) -> Result<Response, ErrorPage> {
    let person = ask.person()?;
    let issuer = encoded(&ask.console.engine.settings.campaign.issuer);
    let picture = second_factor::picture(&secret, &issuer, &encoded(&person.name));
    let (width, path) = picture.ok_or_else(|| ErrorPage::inside(&"a QR code cannot be drawn"))?;
    let typed = second_factor::typed(&secret);
    let groups: Vec<&str> =
        (0..typed.len()).step_by(4).map(|at| &typed[at..typed.len().min(at + 4)]).collect();
    let page = SecondFactorPage {
        f: ask.frame(ask.say("动态码", "Second factor")),
        typed: groups.join(" "),
        width,
        path,
        has_one: person.has_second_factor,
        is_needed: ask.console.settings().second_factor.contains(&person.role),
        problem,
        secret,
    };
    page_with(status, &page)
}

pub(super) async fn form(ask: Ask) -> Result<Response, ErrorPage> {
    if ask.person()?.one_time_until.is_some() {
        return Ok(see(super::guard::NEW_PASSWORD));
    }
    let secret = second_factor::secret().map_err(|problem| ErrorPage::inside(&problem))?;
    shown(&ask, StatusCode::OK, secret, None)
}

pub(super) async fn set(ask: Ask, mut fields: Fields) -> Result<Response, ErrorPage> {
    let (secret, code, given) = (fields.take("secret"), fields.take("code"), fields.take("password"));
    fields.end()?;
    if ask.person()?.one_time_until.is_some() || !second_factor::is_secret(&secret) {
        return Err(ErrorPage::bad_form());
    }
    let Some(step) = second_factor::step(&secret, &code, ask.now) else {
        let text = ask.say(
            "动态码不对，请重新扫描后输入新的一组。",
            "The code is wrong; scan again and type the new one.",
        );
        return shown(&ask, StatusCode::UNPROCESSABLE_ENTITY, secret, Some(text.to_owned()));
    };
    change(&ask, Some(&secret), &given).await?;
    ask.console.store.use_code(ask.person()?.id, step).await?;
    ask.renew().await?;
    Ok(see("/me"))
}

pub(super) async fn remove(ask: Ask, mut fields: Fields) -> Result<Response, ErrorPage> {
    let given = fields.take("password");
    fields.end()?;
    change(&ask, None, &given).await?;
    ask.renew().await?;
    Ok(see("/me"))
}

/// Sets the factor after the password was given again, whenever it was last given.
async fn change(ask: &Ask, secret: Option<&str>, given: &str) -> Result<(), ErrorPage> {
    let signed = ask.signed.as_ref().ok_or_else(ErrorPage::signed_out)?;
    let back = |problem: ErrorPage| problem.with_link(super::guard::SECOND_FACTOR.to_owned(), "返回", "Back");
    ask.must_know(given).await.map_err(back)?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    store.set_second_factor(&signed.person.name, secret, Some(&signed.session.digest), ask.now).await?;
    info!(person = signed.person.name, set = secret.is_some(), "the second factor was changed");
    Ok(())
}
