//! Lists of the state a page at a time: by number, the newest first, continued before the last one shown.

use super::audit::AuditEntry;
use super::named_columns::named_columns;
use super::outbox::{self, Delivery};
use super::runs::{self, Run};
use super::states::{MailState, Purpose, RunState};
use super::stored_words::listed;
use super::{Store, StoreError};

/// So many rows are on a page.
pub const PAGE: usize = 20;

/// Rows of a page, and where the next one begins.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// At most a page of them, the newest first.
    pub rows: Vec<T>,
    /// What the next page is asked for before; `None` on the last one.
    pub before: Option<i64>,
}

impl<T> Listed<T> {
    /// Of one row more than a page holds.
    fn of(mut rows: Vec<T>, id: impl Fn(&T) -> i64) -> Listed<T> {
        let is_more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let before = rows.last().map(id).filter(|_| is_more);
        Listed { rows, before }
    }
}

/// Which runs are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct RunFilter<'a> {
    /// Its name in the configuration.
    pub report: Option<&'a str>,
    /// `waiting`, `released` or `rejected`.
    pub state: Option<&'a str>,
    /// Of the day it counts up to.
    pub year: Option<i16>,
    /// Only released ones.
    pub released_only: bool,
}

/// Which mails are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct MailFilter<'a> {
    /// The run whose mails are wanted.
    pub run: Option<i64>,
    /// A state of the outbox, or `waiting` for all that have not left and will.
    pub state: Option<&'a str>,
}

/// A document by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// The run it belongs to.
    pub run: i64,
    /// File name, as it is attached.
    pub name: String,
    /// As in the mail: `application/pdf`.
    pub content_type: String,
    /// Name of the file in the archive.
    pub sha256: String,
    /// Whether it was made before the release.
    pub draft: bool,
}

named_columns! { DocumentRow { run, name, content_type, sha256, draft } }

impl Store {
    /// Runs of a filter before a number.
    pub async fn list_runs(
        &self,
        filter: &RunFilter<'_>,
        before: Option<i64>,
    ) -> Result<Listed<Run>, StoreError> {
        let sql = format!(
            "SELECT {} FROM run WHERE (?1 IS NULL OR id < ?1) AND (?2 IS NULL OR report = ?2) \
             AND (?3 IS NULL OR (?3 = 'waiting' AND (state = ?7 OR (state = ?8 AND number IS NULL))) \
                  OR (?3 = 'released' AND state IN ({released})) OR (?3 = ?9 AND state = ?9)) \
             AND (?4 IS NULL OR substr(period_to, 1, 4) = ?4) \
             AND (?5 = 0 OR state IN ({released})) ORDER BY id DESC LIMIT ?6",
            runs::COLUMNS,
            released = listed(RunState::RELEASED)
        );
        let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(before)
            .bind(filter.report)
            .bind(filter.state)
            .bind(filter.year.map(|year| format!("{year:04}")))
            .bind(filter.released_only)
            .bind(PAGE as i64 + 1)
            .bind(RunState::Held)
            .bind(RunState::Done)
            .bind(RunState::Rejected)
            .fetch_all(&self.pool)
            .await?;
        Ok(Listed::of(rows, |run: &Run| run.id))
    }

    /// The years that runs count up to, the latest first.
    pub async fn run_years(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT substr(period_to, 1, 4) FROM run ORDER BY 1 DESC";
        Ok(sqlx::query_scalar(sql).fetch_all(&self.pool).await?)
    }

    /// Mails of a filter before a number.
    pub async fn list_mails(
        &self,
        filter: MailFilter<'_>,
        before: Option<i64>,
    ) -> Result<Listed<Delivery>, StoreError> {
        let sql = format!(
            "SELECT {} FROM outbox WHERE (?1 IS NULL OR id < ?1) AND (?2 IS NULL OR run = ?2) \
             AND (?3 IS NULL OR state = ?3 OR (?3 = 'waiting' AND state IN ({}))) \
             ORDER BY id DESC LIMIT ?4",
            outbox::COLUMNS,
            listed(MailState::WAITING)
        );
        let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(before)
            .bind(filter.run)
            .bind(filter.state)
            .bind(PAGE as i64 + 1)
            .fetch_all(&self.pool)
            .await?;
        Ok(Listed::of(rows, |mail: &Delivery| mail.id))
    }

    /// One mail.
    pub async fn delivery(&self, id: i64) -> Result<Delivery, StoreError> {
        let sql = format!("SELECT {} FROM outbox WHERE id = ?", outbox::COLUMNS);
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id);
        query.fetch_optional(&self.pool).await?.ok_or(StoreError::NoSuchDelivery(id))
    }

    /// How many mails of a run are in each state.
    pub async fn mail_counts(&self, run: i64) -> Result<Vec<(MailState, i64)>, StoreError> {
        let sql = "SELECT state, COUNT(*) FROM outbox WHERE run = ? GROUP BY state ORDER BY state";
        Ok(sqlx::query_as(sql).bind(run).fetch_all(&self.pool).await?)
    }

    /// The last mail to each address of a report.
    pub async fn latest_mails(&self, report: &str) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "SELECT {} FROM outbox WHERE id IN (SELECT MAX(o.id) FROM outbox o JOIN run r ON r.id = o.run \
             WHERE r.report = ? AND o.kind = ? GROUP BY o.address)",
            outbox::COLUMNS
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(report).bind(Purpose::Report);
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// The documents of a run, drafts first, without their content.
    pub async fn document_rows(&self, run: i64) -> Result<Vec<DocumentRow>, StoreError> {
        let sql = "SELECT run, name, content_type, sha256, draft FROM document WHERE run = ? \
                   ORDER BY draft DESC, content_type DESC, name";
        Ok(sqlx::query_as(sql).bind(run).fetch_all(&self.pool).await?)
    }

    /// Every document that has a digest.
    pub async fn documents_of_digest(&self, sha256: &str) -> Result<Vec<DocumentRow>, StoreError> {
        let sql = "SELECT run, name, content_type, sha256, draft FROM document WHERE sha256 = ? ORDER BY run";
        Ok(sqlx::query_as(sql).bind(sha256).fetch_all(&self.pool).await?)
    }

    /// Entries of the audit log before a number.
    pub async fn list_audit(&self, before: Option<i64>) -> Result<Listed<AuditEntry>, StoreError> {
        let sql = "SELECT seq, at, who, what, subject, detail, previous, hash FROM audit \
                   WHERE ?1 IS NULL OR seq < ?1 ORDER BY seq DESC LIMIT ?2";
        let rows = sqlx::query_as(sql).bind(before).bind(PAGE as i64 + 1).fetch_all(&self.pool).await?;
        Ok(Listed::of(rows, |entry: &AuditEntry| entry.seq))
    }

    /// When and by whom each paused schedule was paused.
    pub async fn pauses(&self) -> Result<Vec<(String, jiff::Timestamp, String)>, StoreError> {
        let sql = "SELECT name, paused_at, COALESCE(paused_by, '') FROM schedule WHERE paused_at IS NOT NULL";
        let rows: Vec<(String, i64, String)> = sqlx::query_as(sql).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|(name, at, by)| (name, super::millis(at), by)).collect())
    }
}
