//! Requests: what people have asked the daemon to run. A person who asks commits an intention; the daemon that holds the
//! lease fills it, once.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection};
use tongbao_message::Message;

use super::audit::{self, AuditAction};
use super::lease::check_fencing_token;
use super::states::{RequestState, StateChange};
use super::{Store, StoreError, stored_message};

/// A request on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedRun {
    /// Number of the request.
    pub id: i64,
    /// Name of the report in the configuration.
    pub report: String,
    /// First day of the period, `YYYY-MM-DD`.
    pub from: String,
    /// Last day of the period, `YYYY-MM-DD`.
    pub to: String,
    /// Only to look at: it is recorded, and nothing is ever sent.
    pub record_only: bool,
    /// As in the audit log.
    pub asked_by: String,
    /// RFC 3339, UTC.
    pub asked_at: String,
    /// How far it has come.
    pub state: RequestState,
    /// Records read, and expected.
    pub records: Option<i64>,
    /// The database's estimate; `None` = not known.
    pub expected: Option<i64>,
    /// The run that fills it, once it is on record.
    pub run: Option<i64>,
    /// Why it failed, for a person to read.
    pub problem: Option<Message>,
}

/// The right to fill a request, under the lease of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestClaim {
    /// Number of the request.
    pub id: i64,
    /// Token of the lease.
    pub token: i64,
}

/// A request about to be made.
#[derive(Debug, Clone)]
pub struct NewRequest<'a> {
    /// Name of the report in the configuration.
    pub report: &'a str,
    /// First day of the period, `YYYY-MM-DD`.
    pub from: &'a str,
    /// Last day of the period, `YYYY-MM-DD`.
    pub to: &'a str,
    /// Whether nothing is ever sent.
    pub record_only: bool,
}

const COLUMNS: &str = "id, report, period_from, period_to, record_only, asked_by, asked_at, state, records, expected, run, problem";

const WITHDRAW: StateChange<RequestState> = RequestState::Withdrawn.after(&[RequestState::Asked]);
const BEGIN: StateChange<RequestState> = RequestState::Running.after(&[RequestState::Asked]);
const FAIL: StateChange<RequestState> = RequestState::Failed.after(&[RequestState::Running]);
const FILL: StateChange<RequestState> = RequestState::Done.after(&[RequestState::Running]);
/// By a restore: it may have been filled since the copy.
const CLOSE: StateChange<RequestState> =
    RequestState::Failed.after(&[RequestState::Asked, RequestState::Running]);

/// What is on record of a request that a restore has ended.
pub const RESTORED: &str = "restored from a copy: it may have been run since";

impl Store {
    /// Asks for a run; returns the number of the request.
    pub async fn ask_for_run(&self, new: &NewRequest<'_>, now: Timestamp) -> Result<i64, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let sql = "INSERT INTO request (report, period_from, period_to, record_only, asked_by, asked_at, changed_at) \
                   VALUES (?, ?, ?, ?, ?, ?6, ?6)";
        let done = sqlx::query(sql)
            .bind(new.report)
            .bind(new.from)
            .bind(new.to)
            .bind(new.record_only)
            .bind(&*self.actor)
            .bind(now.to_string())
            .execute(&mut *transaction)
            .await?;
        let id = done.last_insert_rowid();
        let detail = json!({ "report": new.report, "from": new.from, "to": new.to });
        audit::append(&mut transaction, &self.actor, AuditAction::Ask, format!("request {id}"), detail, now)
            .await?;
        self.commit(transaction).await?;
        Ok(id)
    }

    /// Withdraws a request that has not begun; false if it has.
    pub async fn withdraw_request(&self, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let sql = WITHDRAW.sql("UPDATE request SET {to}, changed_at = ? WHERE id = ? AND {from}");
        let done = sqlx::query(sql).bind(now.to_string()).bind(id).execute(&mut *transaction).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let subject = format!("request {id}");
        audit::append(&mut transaction, &self.actor, AuditAction::Withdraw, subject, json!({}), now).await?;
        self.commit(transaction).await?;
        Ok(true)
    }

    /// The request of this number; [`StoreError::NoSuchRequest`] if there is none.
    pub async fn request(&self, id: i64) -> Result<AskedRun, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM request WHERE id = ?");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id);
        query.fetch_optional(&self.pool).await?.ok_or(StoreError::NoSuchRequest(id))
    }

    /// The latest requests, newest first.
    pub async fn requests(&self, limit: i64) -> Result<Vec<AskedRun>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM request ORDER BY id DESC LIMIT ?");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(&self.pool).await?)
    }

    /// Who has asked for a run; `None` if nobody has by request.
    pub async fn asked_by(&self, run: i64) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT asked_by FROM request WHERE run = ?").bind(run);
        Ok(query.fetch_optional(&self.pool).await?)
    }

    /// Takes the oldest request that waits, or that an earlier daemon has left under way, under a lease.
    pub async fn take_request(&self, token: i64, now: Timestamp) -> Result<Option<AskedRun>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM request WHERE state = ?2 OR (state = ?3 AND token IS NOT ?1) \
             ORDER BY id LIMIT 1"
        );
        // Looked for first without a lock: there is hardly ever one.
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(token);
        let query = query.bind(RequestState::Asked).bind(RequestState::Running);
        let Some(request): Option<AskedRun> = query.fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        check_fencing_token(&mut transaction, token).await?;
        // What an earlier daemon has left under way is run from the beginning.
        let sql = BEGIN.sql(
            "UPDATE request SET {to}, token = ?1, records = NULL, expected = NULL, changed_at = ?2 \
             WHERE id = ?3 AND ({from} OR (state = ?4 AND token IS NOT ?1))",
        );
        let query = sqlx::query(sql).bind(token).bind(now.to_string()).bind(request.id);
        let query = query.bind(RequestState::Running);
        let is_taken = query.execute(&mut *transaction).await?.rows_affected() == 1;
        self.commit(transaction).await?;
        Ok(is_taken.then_some(request))
    }

    /// Notes how far the pull of a request has come.
    pub async fn request_progress(
        &self,
        id: i64,
        records: u64,
        expected: Option<u64>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE request SET records = ?, expected = ? WHERE id = ? AND state = ?";
        sqlx::query(sql)
            .bind(records as i64)
            .bind(expected.map(|expected| expected as i64))
            .bind(id)
            .bind(RequestState::Running)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends a request that could not be filled, with the reason.
    pub async fn fail_request(
        &self,
        claim: RequestClaim,
        problem: &Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        check_fencing_token(&mut transaction, claim.token).await?;
        let sql = FAIL.sql(
            "UPDATE request SET {to}, problem = ?, changed_at = ? WHERE id = ? AND {from} AND token = ?",
        );
        sqlx::query(sql)
            .bind(problem.to_stored())
            .bind(now.to_string())
            .bind(claim.id)
            .bind(claim.token)
            .execute(&mut *transaction)
            .await?;
        self.commit(transaction).await
    }
}

/// Ends a request with its run, within the transaction that records the run.
pub(super) async fn fill(
    connection: &mut SqliteConnection,
    claim: RequestClaim,
    run: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    check_fencing_token(connection, claim.token).await?;
    let sql =
        FILL.sql("UPDATE request SET {to}, run = ?, changed_at = ? WHERE id = ? AND {from} AND token = ?");
    let done = sqlx::query(sql)
        .bind(run)
        .bind(now.to_string())
        .bind(claim.id)
        .bind(claim.token)
        .execute(connection)
        .await?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::LeaseLost),
    }
}

/// Ends the requests of a copy that is restored: what was asked for may have been run and sent since. Returns their
/// numbers.
pub(super) async fn close(connection: &mut SqliteConnection, now: Timestamp) -> Result<Vec<i64>, StoreError> {
    let sql = CLOSE.sql("UPDATE request SET {to}, problem = ?, changed_at = ? WHERE {from} RETURNING id");
    let mut ids: Vec<i64> =
        sqlx::query_scalar(sql).bind(RESTORED).bind(now.to_string()).fetch_all(connection).await?;
    ids.sort_unstable();
    Ok(ids)
}

impl FromRow<'_, SqliteRow> for AskedRun {
    fn from_row(row: &SqliteRow) -> sqlx::Result<AskedRun> {
        Ok(AskedRun {
            id: row.try_get("id")?,
            report: row.try_get("report")?,
            from: row.try_get("period_from")?,
            to: row.try_get("period_to")?,
            record_only: row.try_get("record_only")?,
            asked_by: row.try_get("asked_by")?,
            asked_at: row.try_get("asked_at")?,
            state: row.try_get("state")?,
            records: row.try_get("records")?,
            expected: row.try_get("expected")?,
            run: row.try_get("run")?,
            problem: stored_message(row, "problem")?,
        })
    }
}
