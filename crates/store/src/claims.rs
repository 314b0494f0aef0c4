//! Which sender works on which mail of the outbox, and with what outcome.
//!
//! Nothing is judged by how long it takes. A mail in hand stays its sender's until that sender is known to be gone
//! ([`super::living_senders`]); one that is only claimed passes on also when a newer lease bars its sender from handing
//! over.

use jiff::Timestamp;
use sqlx::{Connection, SqliteConnection};
use tongbao_message::Message;

use super::audit::{self, AuditAction};
use super::lease::check_fencing_token;
use super::named_columns::named_columns;
use super::outbox::{Attempted, COLUMNS, Delivery};
use super::states::{MailState, StateChange};
use super::stored_words::listed;
use super::{Store, StoreError};

const CLAIM: StateChange<MailState> = MailState::Sending.after(&[MailState::Pending]);
const HAND_OVER: StateChange<MailState> = MailState::Handed.after(&[MailState::Sending]);
const GIVE_BACK: StateChange<MailState> = MailState::Pending.after(&[MailState::Sending, MailState::Handed]);
const CONDEMN: StateChange<MailState> = MailState::Dead.after(&[MailState::Pending]);
const REVIVE: StateChange<MailState> = MailState::Pending.after(&[MailState::Dead]);
/// Of a sender that is gone: what was only claimed.
const RELEASE: StateChange<MailState> = MailState::Pending.after(&[MailState::Sending]);
/// Of a sender that is gone: what it had in hand.
const DOUBT: StateChange<MailState> = MailState::Uncertain.after(&[MailState::Handed]);

/// Who claims a mail: the id of a sender that is alive, and the token of its lease, if it is a daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimant<'a> {
    /// Name of the sender's locked file below `senders/`.
    pub id: &'a str,
    /// Fencing token; `None` = a command, which needs no lease.
    pub token: Option<i64>,
}

impl Store {
    /// Takes the next mail that is due, so that no other sender can. Refused once the lease has passed on.
    pub async fn claim(
        &self,
        by: Claimant<'_>,
        run: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let sql = format!(
            "UPDATE outbox SET {{to}}, claim = ?1, claimed_at = ?2, claim_token = ?4 WHERE id = (
                 SELECT id FROM outbox WHERE {{from}} AND try_at <= ?2 AND (?3 IS NULL OR run = ?3)
                 ORDER BY try_at, id LIMIT 1)
             RETURNING {COLUMNS}"
        );
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        fence_if(&mut transaction, by).await?;
        let claimed = sqlx::query_as(CLAIM.sql(&sql))
            .bind(by.id)
            .bind(now.as_millisecond())
            .bind(run)
            .bind(by.token)
            .fetch_optional(&mut *transaction)
            .await?;
        self.commit(transaction).await?;
        Ok(claimed)
    }

    /// Notes that the text of a mail goes out now. False if the claim has passed on: then it must not. Refused once
    /// the lease has passed on.
    pub async fn hand_over(&self, id: i64, by: Claimant<'_>) -> Result<bool, StoreError> {
        let sql = HAND_OVER
            .sql("UPDATE outbox SET {to} WHERE id = ? AND {from} AND claim = ? AND claim_token IS ?");
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        fence_if(&mut transaction, by).await?;
        let done = sqlx::query(sql).bind(id).bind(by.id).bind(by.token).execute(&mut *transaction).await?;
        self.commit(transaction).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Records the outcome of an attempt by the holder of the claim. The mail is in its hand whether or not it still
    /// has the lease: nobody else may take it, so its word stands.
    pub async fn attempted(
        &self,
        id: i64,
        by: Claimant<'_>,
        outcome: Attempted,
        answer: &Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let try_at = match outcome {
            Attempted::Pending { try_at } => try_at,
            Attempted::Sent | Attempted::Dead | Attempted::Uncertain => now,
        };
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query(outcome.change().sql(
            "UPDATE outbox SET {to}, attempts = attempts + 1, answer = ?, try_at = ?, changed_at = ?, told = 0
             WHERE id = ? AND claim = ? AND claim_token IS ? AND {from}",
        ))
        .bind(answer.to_stored())
        .bind(try_at.as_millisecond())
        .bind(now.to_string())
        .bind(id)
        .bind(by.id)
        .bind(by.token)
        .execute(&mut *transaction)
        .await?;
        if let Some(action) = outcome.audit_action()
            && done.rows_affected() > 0
        {
            audit::append_mails(&mut transaction, &self.actor, action, &[id], now).await?;
        }
        self.commit(transaction).await?;
        Ok(())
    }

    /// Gives a mail back of which nothing has left: untried, or broken off before its final dot.
    pub async fn unclaim(&self, id: i64, by: Claimant<'_>) -> Result<(), StoreError> {
        let sql = GIVE_BACK
            .sql("UPDATE outbox SET {to} WHERE id = ? AND claim = ? AND claim_token IS ? AND {from}");
        sqlx::query(sql).bind(id).bind(by.id).bind(by.token).execute(&self.pool).await?;
        Ok(())
    }

    /// Gives up a waiting mail whose refusal has turned out to concern it alone.
    pub async fn condemn(&self, id: i64, answer: &Message, now: Timestamp) -> Result<(), StoreError> {
        let sql = CONDEMN
            .sql("UPDATE outbox SET {to}, answer = ?, changed_at = ?, told = 0 WHERE id = ? AND {from}");
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let query = sqlx::query(sql).bind(answer.to_stored()).bind(now.to_string()).bind(id);
        if query.execute(&mut *transaction).await?.rows_affected() == 1 {
            audit::append_mails(&mut transaction, &self.actor, AuditAction::GiveUp, &[id], now).await?;
        }
        self.commit(transaction).await?;
        Ok(())
    }

    /// Takes back that mails were given up: what they were refused for meets every mail.
    pub async fn revive(&self, mails: &[i64], now: Timestamp) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        for id in mails {
            let sql =
                REVIVE.sql("UPDATE outbox SET {to}, try_at = ?1, changed_at = ?2 WHERE id = ?3 AND {from}");
            let query = sqlx::query(sql).bind(now.as_millisecond()).bind(now.to_string()).bind(id);
            if query.execute(&mut *transaction).await?.rows_affected() == 1 {
                audit::append_mails(&mut transaction, &self.actor, AuditAction::Retry, &[*id], now).await?;
            }
        }
        self.commit(transaction).await
    }

    /// Makes waiting mails due from now on.
    pub async fn due_again(&self, mails: &[i64], now: Timestamp) -> Result<(), StoreError> {
        for id in mails {
            let sql = "UPDATE outbox SET try_at = ? WHERE id = ? AND state = ?";
            let query = sqlx::query(sql).bind(now.as_millisecond()).bind(id).bind(MailState::Pending);
            query.execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Settles what senders that are gone have left: nothing was sent of a mail that was not handed over, and one
    /// that was is uncertain. `own` is a sender that has nothing in hand. Returns how many became uncertain.
    pub async fn recover(&self, own: &str, now: Timestamp) -> Result<usize, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let (mut claimed, mut doubtful) = (Vec::new(), Vec::new());
        for left in left_over(&mut transaction).await? {
            match self.is_released(&left, own) {
                ClaimRelease::Claimed => claimed.push(left.id),
                ClaimRelease::InHand => doubtful.push(left.id),
                ClaimRelease::Not => {}
            }
        }
        for id in claimed {
            let sql = RELEASE.sql("UPDATE outbox SET {to} WHERE id = ? AND {from}");
            sqlx::query(sql).bind(id).execute(&mut *transaction).await?;
        }
        for id in &doubtful {
            let sql = DOUBT.sql(
                "UPDATE outbox SET {to}, attempts = attempts + 1, changed_at = ?, told = 0,
                     answer = 'the sender was cut off before the answer' WHERE id = ? AND {from}",
            );
            sqlx::query(sql).bind(now.to_string()).bind(id).execute(&mut *transaction).await?;
        }
        audit::append_mails(&mut transaction, &self.actor, AuditAction::Doubt, &doubtful, now).await?;
        self.commit(transaction).await?;
        Ok(doubtful.len())
    }

    /// Whether senders that are gone have left something to settle, see [`Store::recover`].
    pub async fn has_unsettled(&self, own: &str) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let left = left_over(&mut connection).await?;
        Ok(left.iter().any(|left| !matches!(self.is_released(left, own), ClaimRelease::Not)))
    }

    fn is_released(&self, left: &LeftOver, own: &str) -> ClaimRelease {
        let is_gone = left.claim == own || !self.is_alive(&left.claim);
        match (left.state == MailState::Handed, is_gone) {
            (true, true) => ClaimRelease::InHand,
            (false, true) => ClaimRelease::Claimed,
            // A living sender with an older lease cannot hand over any more.
            (false, false) if left.is_fenced => ClaimRelease::Claimed,
            (_, false) => ClaimRelease::Not,
        }
    }
}

/// A mail that some sender has claimed or has in hand.
struct LeftOver {
    id: i64,
    claim: String,
    state: MailState,
    /// Taken under a lease that has passed on.
    is_fenced: bool,
}

named_columns! { LeftOver { id, claim, state, is_fenced } }

/// What may be done with a mail that a sender has left.
enum ClaimRelease {
    /// The sender may still be at work on it.
    Not,
    /// Nothing of it was sent.
    Claimed,
    /// It may have been sent.
    InHand,
}

async fn left_over(connection: &mut SqliteConnection) -> Result<Vec<LeftOver>, StoreError> {
    let sql = format!(
        "SELECT id, COALESCE(claim, '') AS claim, state,
             COALESCE(claim_token < (SELECT token FROM lease WHERE id = 1), 0) AS is_fenced
         FROM outbox WHERE state IN ({}) ORDER BY id",
        listed(&[MailState::Sending, MailState::Handed])
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await?)
}

/// Refuses a daemon whose lease has passed on.
async fn fence_if(connection: &mut SqliteConnection, by: Claimant<'_>) -> Result<(), StoreError> {
    match by.token {
        Some(token) => check_fencing_token(connection, token).await,
        None => Ok(()),
    }
}
