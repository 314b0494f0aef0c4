//! Compares rows of the state with the digests that the audit log has of them.

use std::collections::{BTreeMap, BTreeSet};
use tongbao_message::{Message, message};

use jiff::Timestamp;
use serde_json::Value;
use sqlx::Row;

use super::audit::{AuditAction, AuditEntry};
use super::clock::LONGEST_WAIT;
use super::states::{MailState, SlotState};
use super::stored_words::listed;
use super::verification::{Verification, detail};
use super::{Store, StoreError, counter, millis, rows};

impl Store {
    /// The log's own guards, and the counter next to the database.
    pub(super) async fn compare_state(&self, out: &mut Verification) -> Result<(), StoreError> {
        let made = include_str!("migrations/0010_audit.sql");
        let query = sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE type = 'trigger'");
        let triggers: Vec<String> = query.fetch_all(&self.pool).await?;
        let present = triggers.iter().filter(|trigger| made.contains(trigger.as_str())).count();
        if present < made.matches("CREATE TRIGGER").count() {
            out.add("audit log", [message!("a-trigger-that-keeps-it-append")]);
        }
        // In this order: a transaction that commits in between has counted inside before outside.
        let outside = counter::read(&self.dir);
        let inside = counter::inside(&mut *self.pool.acquire().await?).await?;
        if outside.is_some_and(|outside| outside > inside) {
            out.add("state", [message!("the-database-is-older-than-the")]);
        }
        Ok(())
    }

    /// Compares rows of which no more can be said than whether they are the same; returns their number.
    pub(super) async fn compare_rows(
        &self,
        entries: &[AuditEntry],
        (part, kind, sql): (&'static str, &str, &'static str),
        out: &mut Verification,
    ) -> Result<usize, StoreError> {
        let logged = last_facts(entries, kind);
        let mut present = BTreeSet::new();
        for row in sqlx::query(sql).fetch_all(&self.pool).await? {
            let name: String = row.try_get(rows::SUBJECT_NAME)?;
            match logged.get(&name) {
                Some(is) if is.as_str() == Some(&rows::of_row(kind, &row)) => {}
                Some(Value::Null) | None => {
                    out.add(part, [message!("is-not-in-the-audit-log", kind = kind_of(kind), name)])
                }
                Some(_) => out.add(part, [message!("has-been-changed", kind = kind_of(kind), name)]),
            }
            present.insert(name);
        }
        let gone = logged.iter().filter(|(name, is)| !is.is_null() && !present.contains(*name));
        out.add(part, gone.map(|(name, _)| message!("is-in-the-audit-log-but", kind = kind_of(kind), name)));
        Ok(present.len())
    }

    /// Marks that come and go are in no entry, but none of them can be far ahead.
    pub(super) async fn look_ahead(&self, now: Timestamp, out: &mut Verification) -> Result<(), StoreError> {
        let latest = now.checked_add(LONGEST_WAIT).unwrap_or(Timestamp::MAX).as_millisecond();
        let (open, pending) = (listed(&[SlotState::Open]), listed(&[MailState::Pending]));
        for (part, what, sql) in [
            (
                "schedules",
                message!("is-not-looked-at"),
                "SELECT 'schedule ' || name, observed_until FROM schedule WHERE observed_until > ?"
                    .to_owned(),
            ),
            (
                "slots",
                message!("is-not-tried"),
                format!(
                    "SELECT 'slot ' || schedule || ' ' || nominal, try_at FROM slot
                     WHERE state IN ({open}) AND try_at > ?"
                ),
            ),
            (
                "mails",
                message!("is-not-tried"),
                format!("SELECT 'mail ' || id, try_at FROM outbox WHERE state IN ({pending}) AND try_at > ?"),
            ),
        ] {
            let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(latest);
            let rows: Vec<(String, i64)> = query.fetch_all(&self.pool).await?;
            for (subject, until) in rows {
                let until = millis(until);
                out.add(part, [message!("before-no-wait-is-that-long", subject, what, until)]);
            }
        }
        Ok(())
    }

    /// What of a run differs from its last entry: `record`, `counts`, `correction lists`, `list of files`.
    pub(super) async fn differing_facts(
        &self,
        run: i64,
        logged: Option<&Value>,
    ) -> Result<Vec<&'static str>, StoreError> {
        let is = rows::facts(&mut *self.pool.acquire().await?, &format!("run {run}")).await?;
        let logged = logged.unwrap_or(&Value::Null);
        Ok(rows::RUN_FACTS.into_iter().filter(|name| is[*name] != logged[*name]).collect())
    }
}

/// The word for a kind of rows.
fn kind_of(kind: &str) -> Message {
    match kind {
        "slot" => message!("kind-slot"),
        "schedule" => message!("kind-schedule"),
        "recheck" => message!("kind-recheck"),
        "list" => message!("kind-list"),
        _ => message!("kind-person"),
    }
}

/// What the last entry of each subject of a kind says that it is, by the name after the kind.
pub(super) fn last_facts(entries: &[AuditEntry], kind: &str) -> BTreeMap<String, Value> {
    let of_kind = |entry: &AuditEntry| entry.subject.strip_prefix(kind)?.strip_prefix(' ').map(str::to_owned);
    entries.iter().filter_map(|entry| Some((of_kind(entry)?, detail(entry)["is"].take()))).collect()
}

/// Seals stand right after the beginning of the log and nowhere else: what is put there later was not sealed.
pub(super) fn misplaced_seals(entries: &[AuditEntry]) -> Vec<Message> {
    let begins: Vec<&AuditEntry> =
        entries.iter().filter(|entry| entry.action() == Some(AuditAction::Begin)).collect();
    let sealed = begins.first().map(|entry| (entry.seq, detail(entry)["sealed"].as_i64().unwrap_or(0)));
    let is_in_place = |seq: i64| sealed.is_some_and(|(begin, count)| seq > begin && seq <= begin + count);
    let seals =
        entries.iter().filter(|entry| entry.action() == Some(AuditAction::Seal) && !is_in_place(entry.seq));
    let text = |entry: &AuditEntry| message!("entry-is-not-where-its-like", entry = entry.seq);
    begins.iter().skip(1).copied().chain(seals).map(text).collect()
}
