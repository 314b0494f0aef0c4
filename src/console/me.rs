//! The own account: password and sessions.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use tracing::info;

use super::ask::{Ask, PageFrame, page, page_with, see};
use super::form::Fields;
use super::problem::ErrorPage;
use super::sign_in::{Tried, tried};
use super::titles::device;
use crate::access::password::{self, WeakPassword};

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    f: PageFrame,
    unit: Option<String>,
    has_second_factor: bool,
    password_at: String,
    sessions: Vec<SessionRow>,
    is_alone: bool,
}

struct SessionRow {
    began: String,
    used: String,
    address: String,
    device: String,
    is_this: bool,
}

pub(super) async fn me(ask: Ask) -> Result<Response, ErrorPage> {
    let person = ask.person()?;
    let this = ask.signed.as_ref().map(|signed| signed.session.digest.clone());
    let lifetime = ask.console.settings().lifetime;
    let sessions = ask.console.store.sessions(Some(person.id), lifetime, ask.now).await?;
    let sessions: Vec<SessionRow> = sessions
        .into_iter()
        .map(|session| SessionRow {
            began: ask.instant(session.began_at),
            used: ask.instant(session.used_at),
            is_this: Some(&session.digest) == this.as_ref(),
            address: session.address,
            device: device(ask.language, &session.device),
        })
        .collect();
    page(&MePage {
        f: ask.frame(ask.say("我的账号", "My account")),
        unit: person.unit.clone(),
        has_second_factor: person.has_second_factor,
        password_at: ask.stored(&person.password_at),
        is_alone: sessions.len() < 2,
        sessions,
    })
}

pub(super) async fn end_others(ask: Ask, fields: Fields) -> Result<Response, ErrorPage> {
    fields.end()?;
    if let Some(signed) = &ask.signed {
        ask.console.store.end_other_sessions(signed.person.id, &signed.session.digest).await?;
        info!(person = signed.person.name, "other sessions ended");
    }
    Ok(see("/me"))
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    f: PageFrame,
    is_first: bool,
    least: usize,
    problem: Option<String>,
}

fn password_page(ask: &Ask, status: StatusCode, problem: Option<String>) -> Result<Response, ErrorPage> {
    page_with(
        status,
        &PasswordPage {
            f: ask.frame(ask.say("设置密码", "Set a password")),
            is_first: ask.person()?.one_time_until.is_some(),
            least: ask.console.settings().password_min,
            problem,
        },
    )
}

pub(super) async fn password_form(ask: Ask) -> Result<Response, ErrorPage> {
    password_page(&ask, StatusCode::OK, None)
}

pub(super) async fn set_password(ask: Ask, mut fields: Fields) -> Result<Response, ErrorPage> {
    let (old, new, again) = (fields.take("old"), fields.take("new"), fields.take("again"));
    fields.end()?;
    let person = ask.person()?;
    let refuse = |text: String| password_page(&ask, StatusCode::UNPROCESSABLE_ENTITY, Some(text));
    if new != again {
        return refuse(ask.say("两次输入的新密码不一致。", "The two new passwords differ.").to_owned());
    }
    let least = ask.console.settings().password_min;
    let campaign = &ask.console.engine.settings.campaign;
    let names = [person.name.as_str(), campaign.name.as_str(), campaign.issuer.as_str()];
    if let Err(weak) = password::check(&new, least, &names) {
        return refuse(reason(&ask, weak, least));
    }
    if let Tried::Refused(until) = tried(&ask, &person.name, &old, None).await? {
        let text = match until {
            Some(until) => {
                let at = ask.instant(until + jiff::SignedDuration::from_secs(59));
                ask.say("尝试次数过多，请于 {} 之后再试。", "Too many tries; try again after {}.")
                    .replace("{}", &at)
            }
            None => ask.say("当前密码不对。", "The current password is wrong.").to_owned(),
        };
        return refuse(text);
    }
    if old == new {
        return refuse(ask.say("新密码与当前密码相同。", "The new password is the current one.").to_owned());
    }
    let hash = ask.console.hash(new).await?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    let signed = ask.signed.as_ref().ok_or_else(ErrorPage::signed_out)?;
    store.set_password(&person.name, &hash, None, Some(&signed.session.digest), ask.now).await?;
    ask.renew().await?;
    info!(person = person.name, "password changed");
    Ok(see("/"))
}

fn reason(ask: &Ask, weak: WeakPassword, least: usize) -> String {
    match weak {
        WeakPassword::TooShort => ask
            .say(
                "密码至少 {} 个字符。一句话、几个词都可以，空格也算。",
                "At least {} characters. A sentence or a few words will do; blanks count.",
            )
            .replace("{}", &least.to_string()),
        WeakPassword::TooLong => ask.say("密码最多 128 个字符。", "128 characters at most.").to_owned(),
        WeakPassword::Frequent => ask
            .say("这是最常被猜到的密码之一。", "This is one of the passwords that are guessed first.")
            .to_owned(),
        WeakPassword::Pattern => ask
            .say("这是重复或连续的字符，容易猜到。", "It repeats itself or follows a row of keys or numbers.")
            .to_owned(),
        WeakPassword::Name => ask
            .say(
                "密码里主要是姓名、单位或活动名称，容易猜到。",
                "It is little more than your name, the office or the campaign.",
            )
            .to_owned(),
    }
}
