//! Sign-off: a confirm page in words, then the decision itself. What is signed is what was shown.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use tracing::info;

use super::ask::{Ask, PageFrame, page, see};
use super::form::Fields;
use super::problem::ErrorPage;
use super::run::tables;
use super::runs::{RunRow, row};
use super::table::TableView;
use crate::access::right::Right;
use crate::config::settings::HeadStyle;
use crate::pipeline::ReleaseDecision;
use crate::store::StoreError;
use crate::store::runs::Run;
use crate::work;

#[derive(Template)]
#[template(path = "sign.html")]
struct SignPage<'a> {
    f: PageFrame,
    row: RunRow,
    held: &'a [String],
    figures: Vec<TableView<'a>>,
    /// SHA-256 of the draft that is signed.
    digest: String,
    /// A 公文 takes a number from a person, a 简报 counts its issues.
    is_official: bool,
    number: Option<String>,
    recipients: Vec<String>,
    sends: bool,
    needs_password: bool,
    /// Why this person may not sign it.
    four_eyes: bool,
}

/// A run that waits for a decision.
async fn waiting(ask: &Ask, id: i64) -> Result<Run, ErrorPage> {
    let run = ask.run(id).await?;
    match run.is_waiting() {
        true => Ok(run),
        false => Err(StoreError::not_held(&run).into()),
    }
}

pub(super) async fn form(ask: Ask, Path(id): Path<i64>) -> Result<Response, ErrorPage> {
    let run = waiting(&ask, id).await?;
    let engine = &ask.console.engine;
    let report = engine.report_of(&run).ok_or_else(ErrorPage::not_found)?;
    let remade = ask.console.remade(&run).await?;
    let next = engine.next_number(&ask.console.store, report, engine.today(ask.now)).await?;
    let number = run.number.clone().or(next.map(|next| next.text));
    let recipients = engine.recipients(report).into_iter().map(|recipient| recipient.name.clone()).collect();
    page(&SignPage {
        f: ask.frame(ask.say("签发", "Sign off")),
        row: row(&ask, &run),
        held: &run.held,
        figures: if remade.agrees { tables(&ask, &remade, &["indicators"]) } else { Vec::new() },
        digest: ask.console.archived_pdf(&run).await?,
        is_official: report.head == HeadStyle::Official,
        number,
        recipients,
        sends: engine.settings.smtp.is_some() && !run.no_send,
        needs_password: ask.needs_password(),
        four_eyes: !four_eyes(&ask, &run).await?,
    })
}

/// Whether this person may decide under the four-eyes rule: the person who asked for a run does not release it.
async fn four_eyes(ask: &Ask, run: &Run) -> Result<bool, ErrorPage> {
    if !ask.console.settings().four_eyes {
        return Ok(true);
    }
    let asked_by = ask.console.store.asked_by(run.id).await?;
    Ok(asked_by.as_deref() != Some(ask.actor()?.as_str()))
}

/// The decision of a form, checked: the run waits, the draft is the one that was shown, the password is right.
async fn checked(ask: &Ask, id: i64, digest: &str, password: &str) -> Result<Run, ErrorPage> {
    let run = waiting(ask, id).await?;
    if ask.console.archived_pdf(&run).await? != digest {
        return Err(ErrorPage::conflict(
            "此件与您看到的不一致，操作未生效。请重新打开页面。",
            "This is not the draft that you were shown; nothing was done. Open the page again.",
        ));
    }
    if !four_eyes(ask, &run).await? {
        return Err(ErrorPage::conflict(
            "申请编制的人不能自己签发（双人原则）。",
            "The person who asked for a run does not sign it off (four-eyes rule).",
        ));
    }
    ask.confirm(password).await?;
    Ok(run)
}

pub(super) async fn approve(
    ask: Ask,
    Path(id): Path<i64>,
    mut fields: Fields,
) -> Result<Response, ErrorPage> {
    let number = fields.line("number")?;
    let (digest, password) = (fields.take("digest"), fields.take("password"));
    fields.end()?;
    let run = checked(&ask, id, &digest, &password).await?;
    let (engine, store, now) = (ask.console.engine.clone(), ask.console.store.clone(), ask.now);
    let store = store.acting_as(&ask.actor()?);
    let decision = ReleaseDecision {
        by: ask.person()?.name.clone(),
        number,
        round: None,
        out_of_order: false,
        no_send: false,
    };
    // Own pages of many units are set: it takes a while, and goes on when the leader's telephone does not wait.
    let approved = work::finish(async move { engine.approve(&store, &run, &decision, now).await });
    approved.await.map_err(|panicked| ErrorPage::inside(&panicked))??;
    info!(person = ask.person()?.name, run = id, "signed off");
    Ok(see(&format!("/runs/{id}?done=approved")))
}

pub(super) async fn reject(ask: Ask, Path(id): Path<i64>, mut fields: Fields) -> Result<Response, ErrorPage> {
    let why = fields.line("why")?;
    let (digest, password) = (fields.take("digest"), fields.take("password"));
    fields.end()?;
    let why = why.ok_or_else(|| ErrorPage::refused("请写明退回理由。", "Say why it is rejected."))?;
    checked(&ask, id, &digest, &password).await?;
    let store = ask.console.store.clone().acting_as(&ask.actor()?);
    store.reject(id, &ask.person()?.name, &why, ask.now).await?;
    info!(person = ask.person()?.name, run = id, "rejected");
    Ok(see(&format!("/runs/{id}")))
}

impl Ask {
    /// Runs that wait for a decision, for those who see drafts.
    pub(super) async fn waiting_runs(&self) -> Result<Vec<Run>, ErrorPage> {
        match self.may(Right::ReadDrafts) {
            true => Ok(self.console.store.held_runs().await?),
            false => Ok(Vec::new()),
        }
    }
}
