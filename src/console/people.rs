//! Accounts, for operators; auditors read them.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use tracing::info;

use super::ask::{Ask, PageFrame, page, see};
use super::form::Fields;
use super::problem::ErrorPage;
use super::words;
use crate::access::lifetime::ONE_TIME;
use crate::access::name::account_name;
use crate::access::right::Right;
use crate::access::role::Role;
use crate::random;
use crate::store::people::{NewPerson, Person};

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    f: PageFrame,
    rows: Vec<PersonRow>,
    roles: Vec<(&'static str, &'static str)>,
    may_change: bool,
    needs_password: bool,
}

struct PersonRow {
    name: String,
    role: &'static str,
    unit: Option<String>,
    state: &'static str,
    class: &'static str,
    last: Option<String>,
    sessions: usize,
    is_disabled: bool,
}

fn row(ask: &Ask, person: &Person, sessions: &[crate::store::sessions::Session]) -> PersonRow {
    let own: Vec<_> = sessions.iter().filter(|session| session.person == person.id).collect();
    let (state, class) = match (&person.disabled_at, person.one_time_until) {
        (Some(_), _) => (ask.say("已停用", "disabled"), "bad"),
        (None, Some(until)) if until <= ask.now => {
            (ask.say("一次性密码已过期", "one-time password expired"), "bad")
        }
        (None, Some(_)) => (ask.say("尚未首次登录", "has not signed in yet"), "wait"),
        (None, None) => (ask.say("正常", "in use"), "good"),
    };
    PersonRow {
        name: person.name.clone(),
        role: words::role(ask.language, person.role),
        unit: person.unit.clone(),
        state,
        class,
        last: own.first().map(|session| ask.instant(session.used_at)),
        sessions: own.len(),
        is_disabled: person.disabled_at.is_some(),
    }
}

pub(super) async fn list(ask: Ask) -> Result<Response, ErrorPage> {
    let store = &ask.console.store;
    let (people, sessions) =
        (store.people().await?, store.sessions(None, ask.console.settings().lifetime, ask.now).await?);
    page(&PeoplePage {
        f: ask.frame(ask.say("账号", "Accounts")),
        rows: people.iter().map(|person| row(&ask, person, &sessions)).collect(),
        roles: Role::ALL.map(|role| (role.key(), words::role(ask.language, role))).to_vec(),
        may_change: ask.may(Right::ChangePeople),
        needs_password: ask.needs_password(),
    })
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    f: PageFrame,
    row: PersonRow,
    created: String,
    may_change: bool,
    is_self: bool,
    needs_password: bool,
}

pub(super) async fn person(ask: Ask, Path(name): Path<String>) -> Result<Response, ErrorPage> {
    let person = ask.console.store.person(&name).await?;
    let lifetime = ask.console.settings().lifetime;
    let sessions = ask.console.store.sessions(Some(person.id), lifetime, ask.now).await?;
    page(&PersonPage {
        f: ask.frame(ask.say("账号", "Account")),
        created: ask.stored(&person.created_at),
        may_change: ask.may(Right::ChangePeople),
        is_self: ask.person()?.id == person.id,
        needs_password: ask.needs_password(),
        row: row(&ask, &person, &sessions),
    })
}

#[derive(Template)]
#[template(path = "one_time.html")]
struct OneTimePage {
    f: PageFrame,
    name: String,
    password: String,
}

/// Shows a one-time password, once: it is on no other page and in no log.
fn shown_once(ask: &Ask, name: String, password: String) -> Result<Response, ErrorPage> {
    page(&OneTimePage { f: ask.frame(ask.say("一次性密码", "One-time password")), name, password })
}

pub(super) async fn add(ask: Ask, mut fields: Fields) -> Result<Response, ErrorPage> {
    let (name, role, unit) = (fields.take("name"), fields.take("role"), fields.line("unit")?);
    let given = fields.take("password");
    fields.end()?;
    let name = account_name(&name).map_err(|_| {
        ErrorPage::refused(
            "账号名只能用文字、数字和 . _ - ，最多40个字符。",
            "A name has letters, digits and . _ - alone, 40 at most.",
        )
    })?;
    let role = Role::parse(&role).ok_or_else(ErrorPage::bad_form)?;
    if (role == Role::Unit) != unit.is_some() {
        return Err(ErrorPage::refused(
            "村（社区）账号须填单位代码，其他角色不填。",
            "The role unit needs the code of its unit; other roles have none.",
        ));
    }
    ask.confirm(&given).await?;
    let (password, hash) = new_password(&ask).await?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    let one_time_until = ask.now + ONE_TIME;
    let new = NewPerson { name: &name, role, unit: unit.as_deref(), password: &hash, one_time_until };
    store.add_person(&new, ask.now).await?;
    info!(person = ask.person()?.name, account = name, "an account was added");
    shown_once(&ask, name, password)
}

async fn new_password(ask: &Ask) -> Result<(String, String), ErrorPage> {
    let password = random::one_time_password().map_err(|problem| ErrorPage::inside(&problem))?;
    let hash = ask.console.hash(password.clone()).await?;
    Ok((password, hash))
}

pub(super) async fn reset(
    ask: Ask,
    Path(name): Path<String>,
    mut fields: Fields,
) -> Result<Response, ErrorPage> {
    let given = fields.take("password");
    fields.end()?;
    changing(&ask, &name, &given).await?;
    let (password, hash) = new_password(&ask).await?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    store.set_password(&name, &hash, Some(ask.now + ONE_TIME), None, ask.now).await?;
    info!(person = ask.person()?.name, account = name, "an account got a one-time password");
    shown_once(&ask, name, password)
}

pub(super) async fn disable(ask: Ask, path: Path<String>, fields: Fields) -> Result<Response, ErrorPage> {
    set_disabled(ask, path, fields, true).await
}

pub(super) async fn enable(ask: Ask, path: Path<String>, fields: Fields) -> Result<Response, ErrorPage> {
    set_disabled(ask, path, fields, false).await
}

async fn set_disabled(
    ask: Ask,
    Path(name): Path<String>,
    mut fields: Fields,
    disabled: bool,
) -> Result<Response, ErrorPage> {
    let given = fields.take("password");
    fields.end()?;
    changing(&ask, &name, &given).await?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    store.disable_person(&name, disabled, ask.now).await?;
    info!(person = ask.person()?.name, account = name, disabled, "an account was disabled or enabled");
    Ok(see(&format!("/people/{}", words::encoded(&name))))
}

/// Whether an account may be changed: it is there, it is not the own one, and the password is right.
async fn changing(ask: &Ask, name: &str, given: &str) -> Result<(), ErrorPage> {
    let person = ask.console.store.person(name).await?;
    if person.id == ask.person()?.id {
        return Err(ErrorPage::refused(
            "不能更改自己的账号；请另一位管理员操作。",
            "Nobody changes the own account; another operator does.",
        ));
    }
    ask.confirm(given).await
}
