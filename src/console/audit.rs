//! The audit log in words, and its verification.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use tracing::info;

use super::ask::{Ask, PageFrame, page};
use super::form::{Fields, number, query};
use super::problem::ErrorPage;
use super::words;
use crate::access::right::Right;
use crate::work;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    f: PageFrame,
    rows: Vec<EntryRow>,
    next: Option<String>,
    may_verify: bool,
}

struct EntryRow {
    seq: i64,
    at: String,
    who: String,
    what: String,
    subject: String,
    hash: String,
}

/// A subject in words: its kind, and its number or name.
fn subject(ask: &Ask, text: &str) -> String {
    let (kind, name) = text.split_once(' ').unwrap_or((text, ""));
    let kind = match kind {
        "run" => ask.say("期次", "run"),
        "mail" => ask.say("邮件", "mail"),
        "slot" => ask.say("计划时刻", "slot"),
        "schedule" => ask.say("计划", "schedule"),
        "person" => ask.say("账号", "account"),
        "request" => ask.say("申请", "request"),
        "upload" => ask.say("上传", "upload"),
        "state" => ask.say("整个记录", "the whole state"),
        other => other,
    };
    format!("{kind} {name}").trim().to_owned()
}

pub(super) async fn list(ask: Ask, uri: Uri) -> Result<Response, ErrorPage> {
    let mut query = query(uri.query())?;
    let before = number(&query.take("before"))?;
    query.end()?;
    let listed = ask.console.store.list_audit(before).await?;
    let rows = listed.rows.iter().map(|entry| EntryRow {
        seq: entry.seq,
        at: ask.stored(&entry.at),
        who: entry.who.clone(),
        what: words::audit_action(ask.language, &entry.what).to_owned(),
        subject: subject(&ask, &entry.subject),
        hash: entry.hash.chars().take(12).collect(),
    });
    page(&AuditPage {
        f: ask.frame(ask.say("审计", "Audit log")),
        rows: rows.collect(),
        next: listed.before.map(|before| format!("/audit?before={before}")),
        may_verify: ask.may(Right::Verify),
    })
}

#[derive(Template)]
#[template(path = "verified.html")]
struct VerifiedPage {
    f: PageFrame,
    is_sound: bool,
    counts: Vec<(String, usize)>,
    problems: Vec<String>,
    head: Option<String>,
    at: String,
}

pub(super) async fn verify(ask: Ask, fields: Fields) -> Result<Response, ErrorPage> {
    fields.end()?;
    let (store, now) = (ask.console.store.clone(), ask.now);
    // Every file of the archive is read.
    let found = work::spawn(async move { store.verification(None, now).await }).await;
    let found = found.map_err(|panicked| ErrorPage::inside(&panicked))??;
    info!(person = ask.person()?.name, sound = found.is_sound(), "the audit log was verified");
    let count = |chinese: &str, english: &str, count| (ask.say(chinese, english).to_owned(), count);
    page(&VerifiedPage {
        f: ask.frame(ask.say("核验结果", "Verification")),
        is_sound: found.is_sound(),
        counts: vec![
            count("日志条目", "entries of the log", found.entries),
            count("期次", "runs", found.runs),
            count("邮件", "mails", found.mails),
            count("计划时刻", "slots", found.slots),
            count("账号", "accounts", found.people),
            count("归档文件", "archived files", found.files),
        ],
        problems: found.problems.iter().map(|problem| ask.message(&problem.text)).collect(),
        head: found.head,
        at: ask.instant(ask.now),
    })
}
