//! What is not kept for ever: the texts of mails that are settled, and the counts and correction lists of runs that
//! nothing is compared with any more.
//!
//! Documents stay, and so do numbers, slots, the rows of runs and mails, and the audit log, which has an entry for
//! whatever is removed.

use jiff::Timestamp;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::audit::{self, AuditAction};
use super::lease::check_fencing_token;
use super::states::{MailState, Purpose, RunState};
use super::stored_words::listed;
use super::{Store, StoreError};

/// Released runs of each report that keep their counts, whatever their age: later ones are compared with them, and
/// show the course since.
const LATEST: i64 = 60;

/// Mails and runs that are pruned in one transaction.
const AT_ONCE: i64 = 100;

/// What has been removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Mails that have lost their text.
    pub mails: usize,
    /// Runs that have lost their counts.
    pub runs: usize,
}

/// Mails that nobody can send again in order: sent, cancelled, or given up and reported.
fn settled_mails() -> String {
    format!(
        "SELECT id, sha256 FROM outbox WHERE pruned_at IS NULL AND created_at < ?1 AND changed_at < ?2
             AND (state IN ({settled}) OR state IN ({dead}) AND (told = 1 OR kind IN ({alert})))
         ORDER BY id LIMIT ?3",
        settled = listed(&[MailState::Sent, MailState::Cancelled]),
        dead = listed(&[MailState::Dead]),
        alert = listed(&[Purpose::Alert]),
    )
}

/// Decided runs but the latest ones, and those that a held run is compared with.
fn decided_runs() -> String {
    format!(
        "SELECT id FROM run
         WHERE pruned_at IS NULL AND COALESCE(decided_at, recorded_at) < ?1 AND state NOT IN ({held})
             AND NOT (state IN ({done}) AND number IS NULL)
             AND id NOT IN (SELECT against FROM run WHERE state IN ({held}) AND against IS NOT NULL)
             AND id NOT IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER
                 (PARTITION BY report ORDER BY period_to DESC, id DESC) AS place FROM run
                 WHERE state IN ({released})) WHERE place <= ?2)
         ORDER BY id LIMIT ?3",
        held = listed(&[RunState::Held]),
        done = listed(&[RunState::Done]),
        released = listed(RunState::RELEASED),
    )
}

impl Store {
    /// Removes some of what was settled before an instant; nothing is left to remove when it has removed nothing.
    pub async fn prune(&self, before: Timestamp, token: i64, now: Timestamp) -> Result<Pruned, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        check_fencing_token(&mut transaction, token).await?;
        let messages = self.prune_mails(&mut transaction, before, now).await?;
        let runs = self.prune_runs(&mut transaction, before, now).await?;
        self.commit(transaction).await?;
        drop(connection);
        self.remove_messages(&messages).await?;
        Ok(Pruned { mails: messages.len(), runs })
    }

    /// Returns the digests of the mails.
    async fn prune_mails(
        &self,
        connection: &mut SqliteConnection,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(AssertSqlSafe(settled_mails()))
            .bind(before.as_millisecond())
            .bind(before.to_string())
            .bind(AT_ONCE)
            .fetch_all(&mut *connection)
            .await?;
        let (ids, digests): (Vec<i64>, Vec<String>) = rows.into_iter().unzip();
        for id in &ids {
            let query = sqlx::query("UPDATE outbox SET pruned_at = ? WHERE id = ?");
            query.bind(now.as_millisecond()).bind(id).execute(&mut *connection).await?;
        }
        audit::append_mails(connection, &self.actor, AuditAction::Prune, &ids, now).await?;
        Ok(digests)
    }

    async fn prune_runs(
        &self,
        connection: &mut SqliteConnection,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let query = sqlx::query_scalar(AssertSqlSafe(decided_runs()));
        let query = query.bind(before.to_string()).bind(LATEST).bind(AT_ONCE);
        let ids: Vec<i64> = query.fetch_all(&mut *connection).await?;
        for id in &ids {
            for sql in ["DELETE FROM tally WHERE run = ?", "DELETE FROM correction WHERE run = ?"] {
                sqlx::query(sql).bind(id).execute(&mut *connection).await?;
            }
            let query = sqlx::query("UPDATE run SET pruned_at = ? WHERE id = ?");
            query.bind(now.as_millisecond()).bind(id).execute(&mut *connection).await?;
            let subject = format!("run {id}");
            audit::append(&mut *connection, &self.actor, AuditAction::Prune, subject, json!({}), now).await?;
        }
        Ok(ids.len())
    }

    /// Removes the files of mails whose texts are no longer kept, unless something else needs them.
    async fn remove_messages(&self, messages: &[String]) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        for message in messages {
            let sql = "DELETE FROM part WHERE message = ?1 AND NOT EXISTS
                           (SELECT 1 FROM outbox WHERE sha256 = ?1 AND pruned_at IS NULL) RETURNING sha256";
            let parts: Vec<String> =
                sqlx::query_scalar(sql).bind(message).fetch_all(&mut *transaction).await?;
            for digest in std::iter::once(message.clone()).chain(parts) {
                if !is_named(&mut transaction, &digest).await? {
                    self.archive.remove(&digest)?;
                }
            }
        }
        self.commit(transaction).await
    }
}

/// Whether something needs a file of the archive.
pub(super) async fn is_named(connection: &mut SqliteConnection, digest: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM document WHERE sha256 = ?1)
                   OR EXISTS (SELECT 1 FROM outbox WHERE sha256 = ?1 AND pruned_at IS NULL)
                   OR EXISTS (SELECT 1 FROM part WHERE sha256 = ?1)";
    Ok(sqlx::query_scalar(sql).bind(digest).fetch_one(connection).await?)
}
