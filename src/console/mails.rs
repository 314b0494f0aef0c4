//! The outbox: who got what, what the server said, and what can be done about it.

use askama::Template;
use axum::extract::Path;
use axum::http::Uri;
use axum::response::Response;
use tongbao_message::Message;
use tracing::info;

use super::ask::{Ask, PageFrame, page, see};
use super::form::{Fields, number, query};
use super::problem::ErrorPage;
use super::{titles, words};
use crate::access::right::Right;
use crate::store::listing::MailFilter;
use crate::store::outbox::Delivery;
use crate::store::states::MailState;

#[derive(Template)]
#[template(path = "mails.html")]
struct MailsPage {
    f: PageFrame,
    rows: Vec<MailRow>,
    state: String,
    /// The run that alone is shown, and what it is called.
    run: Option<(i64, String)>,
    next: Option<String>,
}

/// A mail as lists show it.
pub(super) struct MailRow {
    pub id: i64,
    /// Its run, and what that is called where it is shown.
    pub run: Option<(i64, String)>,
    pub name: String,
    pub address: String,
    pub kind: &'static str,
    pub state: &'static str,
    pub class: &'static str,
    pub answer: Option<String>,
    pub when: String,
    pub attempts: i64,
    pub may_retry: bool,
    pub may_cancel: bool,
}

pub(super) fn row(ask: &Ask, mail: &Delivery) -> MailRow {
    let (state, class) = words::mail_state(ask.language, mail.state);
    let may = ask.may(Right::ChangeMails);
    let when = match mail.state {
        MailState::Pending => format!("{} {}", ask.say("下次尝试", "next try"), ask.instant(mail.try_at)),
        _ => ask.stored(&mail.changed_at),
    };
    MailRow {
        id: mail.id,
        run: None,
        name: mail.name.clone(),
        address: mail.address.clone(),
        kind: words::mail_kind(ask.language, mail.kind),
        state,
        class,
        answer: mail.answer.as_ref().map(|answer| ask.message(answer)),
        when,
        attempts: mail.attempts,
        may_retry: may && mail.state.may_be_retried(),
        may_cancel: may && mail.state.may_be_cancelled(),
    }
}

/// Mails with what their runs are called.
async fn rows(ask: &Ask, mails: &[Delivery]) -> Result<Vec<MailRow>, ErrorPage> {
    let titles = titles::of_runs(ask, mails.iter().map(|mail| mail.run)).await?;
    let of = |mail: &Delivery| mail.run.and_then(|run| Some((run, titles.get(&run)?.clone())));
    Ok(mails.iter().map(|mail| MailRow { run: of(mail), ..row(ask, mail) }).collect())
}

pub(super) async fn list(ask: Ask, uri: Uri) -> Result<Response, ErrorPage> {
    let mut query = query(uri.query())?;
    let (state, run, before) =
        (query.take("state"), number(&query.take("run"))?, number(&query.take("before"))?);
    query.end()?;
    // Those that wait are listed together.
    let is_known = MailState::of_key(&state).is_some_and(|state| !state.is_waiting());
    if !is_known && !["", "waiting"].contains(&state.as_str()) {
        return Err(ErrorPage::bad_form());
    }
    let filter = MailFilter { run, state: Some(state.as_str()).filter(|state| !state.is_empty()) };
    let listed = ask.console.store.list_mails(filter, before).await?;
    let run_text = run.map_or(String::new(), |run| run.to_string());
    page(&MailsPage {
        f: ask.frame(ask.say("邮件", "Mails")),
        rows: rows(&ask, &listed.rows).await?,
        next: listed.before.map(|before| format!("/mails?state={state}&run={run_text}&before={before}")),
        state,
        run: titles::of_runs(&ask, [run]).await?.pop_first(),
    })
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    f: PageFrame,
    mail: MailRow,
    unit: Option<String>,
    created: String,
    is_uncertain: bool,
}

pub(super) async fn mail(ask: Ask, Path(id): Path<i64>) -> Result<Response, ErrorPage> {
    let mail = ask.console.store.delivery(id).await?;
    let shown = rows(&ask, std::slice::from_ref(&mail)).await?.pop().ok_or_else(ErrorPage::not_found)?;
    page(&MailPage {
        f: ask.frame(ask.say("邮件", "Mail")),
        unit: mail.unit.clone(),
        created: ask.instant(mail.created_at),
        is_uncertain: mail.state == MailState::Uncertain,
        mail: shown,
    })
}

pub(super) async fn retry(ask: Ask, Path(id): Path<i64>, fields: Fields) -> Result<Response, ErrorPage> {
    fields.end()?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    store.retry_delivery(id, ask.now).await?;
    info!(person = ask.person()?.name, mail = id, "a mail is sent again");
    Ok(see(&format!("/mails/{id}")))
}

pub(super) async fn cancel(ask: Ask, Path(id): Path<i64>, mut fields: Fields) -> Result<Response, ErrorPage> {
    let why = fields.line("why")?;
    fields.end()?;
    let why = why.ok_or_else(|| ErrorPage::refused("请写明取消的理由。", "Say why it is cancelled."))?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    store.cancel_delivery(id, &Message::text(why.as_str()), ask.now).await?;
    info!(person = ask.person()?.name, mail = id, "a mail is cancelled");
    Ok(see(&format!("/mails/{id}")))
}

#[derive(Template)]
#[template(path = "dead.html")]
struct DeadPage {
    f: PageFrame,
    run: i64,
    title: String,
    names: Vec<MailRow>,
}

/// All refused mails of a run, before they are sent again.
pub(super) async fn dead_form(ask: Ask, Path(run): Path<i64>) -> Result<Response, ErrorPage> {
    let title = titles::in_short(&ask, &ask.console.store.run(run).await?);
    let mails = ask.console.store.deliveries(Some(run)).await?;
    let names =
        mails.iter().filter(|mail| mail.state == MailState::Dead).map(|mail| row(&ask, mail)).collect();
    page(&DeadPage { f: ask.frame(ask.say("重新发送", "Send again")), run, title, names })
}

pub(super) async fn retry_dead(
    ask: Ask,
    Path(run): Path<i64>,
    fields: Fields,
) -> Result<Response, ErrorPage> {
    fields.end()?;
    ask.console.store.run(run).await?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    let sent = store.retry_dead(Some(run), ask.now).await?;
    info!(person = ask.person()?.name, run, mails = sent.len(), "refused mails are sent again");
    Ok(see(&format!("/mails?run={run}")))
}
