//! Changes of slots and schedules: looked at, tried, filled, left out and paused, each with its entry in the
//! audit log where that ends or begins something.

use jiff::Timestamp;
use serde_json::json;
use sqlx::{Connection, Sqlite, SqliteConnection, Transaction};
use tongbao_message::Message;

use super::audit::{self, AuditAction};
use super::lease::check_fencing_token;
use super::rows::slot_subject;
use super::slots::{Claim, Policy, RecordedSlot, SlotKey, UNFINISHED};
use super::states::{SlotState, StateChange};
use super::{Store, StoreError};
use tongbao_base::schedule::catch_up::{CatchUp, Overlap, Skip, SlotDecision};
use tongbao_base::schedule::slot::Slot;

const FILL: StateChange<SlotState> = SlotState::Filled.after(&[SlotState::Open]);
const SKIP: StateChange<SlotState> = SlotState::Skipped.after(&[SlotState::Open]);
const EXPIRE: StateChange<SlotState> = SlotState::Expired.after(&[SlotState::Open]);

impl Store {
    /// Looks at a schedule from `now` on: a new or changed rule never fires past slots.
    pub async fn observe_from(
        &self,
        schedule: &str,
        rule: &str,
        now: Timestamp,
        token: i64,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        check_fencing_token(&mut transaction, token).await?;
        sqlx::query(
            "INSERT INTO schedule (name, rule, observed_until, since) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (name) DO UPDATE SET rule = ?2, observed_until = ?3",
        )
        .bind(schedule)
        .bind(rule)
        .bind(now.as_millisecond())
        .execute(&mut *transaction)
        .await?;
        let subject = format!("schedule {schedule}");
        audit::append(&mut transaction, &self.actor, AuditAction::Watch, subject, json!({}), now).await?;
        self.commit(transaction).await
    }

    /// Puts newly due slots on record and moves the schedule on to `until`, in one transaction.
    pub async fn observe(
        &self,
        schedule: &str,
        zone: &str,
        decisions: &[SlotDecision],
        policy: Policy,
        until: Timestamp,
        token: i64,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        check_fencing_token(&mut transaction, token).await?;
        let paused = is_paused(&mut transaction, schedule).await?;
        let already_open = open_count(&mut transaction, schedule).await?;
        for (slot, skip) in decisions {
            let skip = match (skip, paused) {
                (Some(skip), _) => Some(*skip),
                (None, true) => Some(Skip::Paused),
                (None, false) => {
                    self.make_room(&mut transaction, schedule, already_open, policy, until).await?
                }
            };
            let key = SlotKey::new(schedule, slot, zone);
            if insert(&mut transaction, &key, slot, skip, until).await? {
                let action = if skip.is_some() { AuditAction::LeaveOut } else { AuditAction::Due };
                audit::append(&mut transaction, &self.actor, action, slot_subject(&key), json!({}), until)
                    .await?;
            }
        }
        sqlx::query("UPDATE schedule SET observed_until = MAX(observed_until, ?) WHERE name = ?")
            .bind(until.as_millisecond())
            .bind(schedule)
            .execute(&mut *transaction)
            .await?;
        self.commit(transaction).await
    }

    /// Applies the overlap policy to a slot that falls due: gives the reason to leave it out, or leaves
    /// out the one that waits so far.
    async fn make_room(
        &self,
        connection: &mut SqliteConnection,
        schedule: &str,
        already_open: i64,
        policy: Policy,
        now: Timestamp,
    ) -> Result<Option<Skip>, StoreError> {
        match (already_open, policy.overlap) {
            (0, _) => return Ok(None),
            (_, Overlap::Skip) => return Ok(Some(Skip::Overlap)),
            // All missed slots are wanted, so they may queue.
            (_, Overlap::QueueOne) if policy.missed.catch_up == CatchUp::All => return Ok(None),
            (_, Overlap::QueueOne) => {}
        }
        let superseded: Vec<SlotKey> = sqlx::query_as(SKIP.sql(
            "UPDATE slot SET {to}, reason = ?1, changed_at = ?3 WHERE schedule = ?2 AND {from} \
             AND due > (SELECT MIN(due) FROM slot WHERE schedule = ?2 AND {from}) \
             RETURNING schedule, nominal, zone",
        ))
        .bind(Skip::Superseded.key())
        .bind(schedule)
        .bind(now.as_millisecond())
        .fetch_all(&mut *connection)
        .await?;
        for key in superseded {
            let subject = slot_subject(&key);
            audit::append(&mut *connection, &self.actor, AuditAction::LeaveOut, subject, json!({}), now)
                .await?;
        }
        Ok(None)
    }

    /// Counts an attempt before it begins, so that one that takes the process along is counted too. If
    /// nothing is heard of it, the slot is due again from `try_at` on. False if the slot is no longer open.
    pub async fn begin_attempt(
        &self,
        claim: &Claim,
        try_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let change = "reason = ?1, try_at = ?2, attempts = attempts + 1, unfinished = unfinished + 1";
        self.change_open_slot(claim, change, UNFINISHED, try_at, now).await
    }

    /// Notes why an attempt failed; the slot stays open and is tried again from `try_at` on.
    pub async fn slot_failed(
        &self,
        claim: &Claim,
        problem: &Message,
        try_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let change = "reason = ?1, try_at = ?2, unfinished = 0";
        self.change_open_slot(claim, change, &problem.to_stored(), try_at, now).await?;
        Ok(())
    }

    /// Takes back an attempt that was cut off in order: it says nothing about the report.
    pub async fn attempt_cut_off(&self, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        let change = "reason = ?1, try_at = ?2, attempts = attempts - 1, unfinished = 0";
        let reason = "the daemon was stopped while it was being filled";
        self.change_open_slot(claim, change, reason, now, now).await?;
        Ok(())
    }

    /// Leaves an open slot out for good.
    pub async fn skip_slot(&self, claim: &Claim, skip: Skip, now: Timestamp) -> Result<(), StoreError> {
        self.close_slot(claim, (SKIP, AuditAction::LeaveOut), skip.key(), now).await?;
        Ok(())
    }

    /// Gives a slot up for good.
    pub async fn expire_slot(
        &self,
        claim: &Claim,
        reason: &Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.close_slot(claim, (EXPIRE, AuditAction::Expire), &reason.to_stored(), now).await?;
        Ok(())
    }

    /// Notes that the alert about the overdue slot is in the outbox.
    pub async fn slot_is_overdue(
        &self,
        slot: &RecordedSlot,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let reason = slot.reason.as_ref().map(Message::to_stored).unwrap_or_default();
        let change = "overdue = 1, reason = ?1, try_at = ?2";
        self.change_open_slot(claim, change, &reason, slot.try_at, now).await?;
        Ok(())
    }

    /// `change` sets columns from ?1 (a reason) and ?2 (an instant). Only an open slot changes, and stays open; false
    /// if it is none.
    async fn change_open_slot(
        &self,
        claim: &Claim,
        change: &'static str,
        reason: &str,
        try_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin_under(claim).await?;
        let sql = format!(
            "UPDATE slot SET {change}, changed_at = ?3
             WHERE schedule = ?4 AND nominal = ?5 AND zone = ?6 AND state = ?7"
        );
        let done = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(reason)
            .bind(try_at.as_millisecond())
            .bind(now.as_millisecond())
            .bind(&claim.key.schedule)
            .bind(&claim.key.nominal)
            .bind(&claim.key.zone)
            .bind(SlotState::Open)
            .execute(&mut *transaction)
            .await?;
        self.commit(transaction).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends an open slot without a run, and says so in the log; one that has ended already stays as it is.
    async fn close_slot(
        &self,
        claim: &Claim,
        (change, action): (StateChange<SlotState>, AuditAction),
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_under(claim).await?;
        let sql = change.sql(
            "UPDATE slot SET {to}, reason = ?1, try_at = ?2, changed_at = ?2
             WHERE schedule = ?3 AND nominal = ?4 AND zone = ?5 AND {from}",
        );
        let done = sqlx::query(sql)
            .bind(reason)
            .bind(now.as_millisecond())
            .bind(&claim.key.schedule)
            .bind(&claim.key.nominal)
            .bind(&claim.key.zone)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 1 {
            let subject = slot_subject(&claim.key);
            audit::append(&mut transaction, &self.actor, action, subject, json!({}), now).await?;
        }
        self.commit(transaction).await
    }

    /// Begins a transaction that is refused once the lease of a claim has passed on.
    async fn begin_under(&self, claim: &Claim) -> Result<Transaction<'static, Sqlite>, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(token) = claim.token {
            check_fencing_token(&mut transaction, token).await?;
        }
        Ok(transaction)
    }

    /// Pauses a schedule (`by` = who) or resumes it; its slots are recorded as left out meanwhile.
    /// False if it is not on record.
    pub async fn pause(&self, schedule: &str, by: Option<&str>, now: Timestamp) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query("UPDATE schedule SET paused_at = ?, paused_by = ? WHERE name = ?")
            .bind(by.map(|_| now.as_millisecond()))
            .bind(by)
            .bind(schedule)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() > 0 {
            let action = if by.is_some() { AuditAction::Pause } else { AuditAction::Resume };
            let subject = format!("schedule {schedule}");
            audit::append(&mut transaction, &self.actor, action, subject, json!({}), now).await?;
        }
        self.commit(transaction).await?;
        Ok(done.rows_affected() > 0)
    }
}

/// Marks a slot as filled by a run, within the transaction that records the run. False if it is not
/// open: then somebody else has filled it.
pub(super) async fn fill(
    connection: &mut SqliteConnection,
    who: &str,
    claim: &Claim,
    run: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if let Some(token) = claim.token {
        check_fencing_token(connection, token).await?;
    } else {
        insert(connection, &claim.key, &claim.slot, None, now).await?;
    }
    let done = sqlx::query(FILL.sql(
        "UPDATE slot SET {to}, run = ?, reason = NULL, changed_at = ?
         WHERE schedule = ? AND nominal = ? AND zone = ? AND {from}",
    ))
    .bind(run)
    .bind(now.as_millisecond())
    .bind(&claim.key.schedule)
    .bind(&claim.key.nominal)
    .bind(&claim.key.zone)
    .execute(&mut *connection)
    .await?;
    let is_filled = done.rows_affected() == 1;
    if is_filled {
        audit::append(connection, who, AuditAction::Fill, slot_subject(&claim.key), json!({}), now).await?;
    }
    Ok(is_filled)
}

/// False if it was there already.
async fn insert(
    connection: &mut SqliteConnection,
    key: &SlotKey,
    slot: &Slot,
    skip: Option<Skip>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO slot (schedule, nominal, zone, due, state, reason, try_at, changed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&key.schedule)
    .bind(&key.nominal)
    .bind(&key.zone)
    .bind(slot.instant.as_millisecond())
    .bind(if skip.is_some() { SlotState::Skipped } else { SlotState::Open })
    .bind(skip.map(Skip::key))
    .bind(slot.instant.as_millisecond())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn is_paused(connection: &mut SqliteConnection, schedule: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM schedule WHERE name = ? AND paused_at IS NOT NULL)";
    Ok(sqlx::query_scalar(sql).bind(schedule).fetch_one(connection).await?)
}

async fn open_count(connection: &mut SqliteConnection, schedule: &str) -> Result<i64, StoreError> {
    let query = sqlx::query_scalar("SELECT COUNT(*) FROM slot WHERE schedule = ? AND state = ?");
    Ok(query.bind(schedule).bind(SlotState::Open).fetch_one(connection).await?)
}
