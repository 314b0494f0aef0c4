//! Slots and how far each schedule has been looked at: every slot is on record once, by its key.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use super::audit::{self, Deed};
use super::lease::fence;
use super::{Store, StoreError, as_text, millis};
use crate::schedule::catch_up::{CatchUp, Fate, Missed, Overlap, Skip};
use crate::schedule::slot::Slot;

/// What makes a slot the same slot: schedule, nominal local time and zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct SlotKey {
    pub schedule: String,
    pub nominal: String,
    pub zone: String,
}

impl SlotKey {
    pub fn new(schedule: &str, slot: &Slot, zone: &str) -> SlotKey {
        SlotKey { schedule: schedule.to_owned(), nominal: slot.nominal.to_string(), zone: zone.to_owned() }
    }
}

/// The right to fill one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub key: SlotKey,
    pub slot: Slot,
    /// Token of the lease it is filled under; `None` outside the daemon.
    pub token: Option<i64>,
}

/// A slot as it is recorded.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedSlot {
    #[serde(flatten)]
    pub key: SlotKey,
    #[serde(serialize_with = "as_text")]
    pub due: Timestamp,
    pub state: String,
    /// Why it was left out, or the last failure.
    pub reason: Option<String>,
    pub attempts: i64,
    #[serde(serialize_with = "as_text")]
    pub try_at: Timestamp,
    /// The office has been told that it is overdue.
    pub overdue: bool,
    pub run: Option<i64>,
}

/// How far a schedule has been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    pub rule: String,
    pub until: Timestamp,
    pub paused: bool,
}

/// What a schedule's new slots are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub missed: Missed,
    pub overlap: Overlap,
}

const COLUMNS: &str = "schedule, nominal, zone, due, state, reason, attempts, try_at, overdue, run";

impl Store {
    /// How far a schedule has been looked at; `None` if never.
    pub async fn observed(&self, schedule: &str) -> Result<Option<Observed>, StoreError> {
        let row = sqlx::query("SELECT rule, observed_until, paused_at FROM schedule WHERE name = ?")
            .bind(schedule)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| Observed {
            rule: row.get(0),
            until: millis(row.get(1)),
            paused: row.get::<Option<i64>, _>(2).is_some(),
        }))
    }

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
        fence(&mut transaction, token).await?;
        sqlx::query(
            "INSERT INTO schedule (name, rule, observed_until) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET rule = ?2, observed_until = ?3",
        )
        .bind(schedule)
        .bind(rule)
        .bind(now.as_millisecond())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Puts newly due slots on record and moves the schedule on to `until`, in one transaction.
    pub async fn observe(
        &self,
        schedule: &str,
        zone: &str,
        fates: &[Fate],
        policy: Policy,
        until: Timestamp,
        token: i64,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        fence(&mut transaction, token).await?;
        let paused = is_paused(&mut transaction, schedule).await?;
        let already_open = open_count(&mut transaction, schedule).await?;
        for (slot, skip) in fates {
            let skip = match (skip, paused) {
                (Some(skip), _) => Some(*skip),
                (None, true) => Some(Skip::Paused),
                (None, false) => make_room(&mut transaction, schedule, already_open, policy).await?,
            };
            insert(&mut transaction, &SlotKey::new(schedule, slot, zone), slot, skip, until).await?;
        }
        sqlx::query("UPDATE schedule SET observed_until = MAX(observed_until, ?) WHERE name = ?")
            .bind(until.as_millisecond())
            .bind(schedule)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Open slots, the oldest first.
    pub async fn open_slots(&self) -> Result<Vec<RecordedSlot>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM slot WHERE state = 'open' ORDER BY due, schedule");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(read_slot).collect())
    }

    /// The latest slots of all schedules, newest first.
    pub async fn slots(&self, limit: i64) -> Result<Vec<RecordedSlot>, StoreError> {
        self.slots_of(None, limit).await
    }

    /// The latest slots of one schedule, or of all, newest first.
    pub async fn slots_of(
        &self,
        schedule: Option<&str>,
        limit: i64,
    ) -> Result<Vec<RecordedSlot>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM slot WHERE ?1 IS NULL OR schedule = ?1 ORDER BY due DESC, schedule LIMIT ?2"
        );
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(schedule).bind(limit).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(read_slot).collect())
    }

    /// Notes a failed attempt; the slot stays open and is tried again from `try_at` on.
    pub async fn slot_failed(
        &self,
        claim: &Claim,
        problem: &str,
        try_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let change = "reason = ?1, try_at = ?2, attempts = attempts + 1";
        self.change_slot(claim, change, problem, try_at, now).await
    }

    /// Gives a slot up for good.
    pub async fn expire_slot(&self, claim: &Claim, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        self.change_slot(claim, "state = 'expired', reason = ?1, try_at = ?2", reason, now, now).await
    }

    /// Notes that the office has been told that the slot is overdue.
    pub async fn slot_is_overdue(
        &self,
        slot: &RecordedSlot,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let reason = slot.reason.as_deref().unwrap_or_default();
        self.change_slot(claim, "overdue = 1, reason = ?1, try_at = ?2", reason, slot.try_at, now).await
    }

    /// `change` sets columns from ?1 (a reason) and ?2 (an instant). Only an open slot changes.
    async fn change_slot(
        &self,
        claim: &Claim,
        change: &'static str,
        reason: &str,
        try_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(token) = claim.token {
            fence(&mut transaction, token).await?;
        }
        let sql = format!(
            "UPDATE slot SET {change}, changed_at = ?3
             WHERE schedule = ?4 AND nominal = ?5 AND zone = ?6 AND state = 'open'"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(reason)
            .bind(try_at.as_millisecond())
            .bind(now.as_millisecond())
            .bind(&claim.key.schedule)
            .bind(&claim.key.nominal)
            .bind(&claim.key.zone)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
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
            let deed = if by.is_some() { Deed::Pause } else { Deed::Resume };
            let subject = format!("schedule {schedule}");
            audit::append(&mut transaction, &self.actor, deed, subject, json!({}), now).await?;
        }
        transaction.commit().await?;
        Ok(done.rows_affected() > 0)
    }
}

/// Marks a slot as filled by a run, within the transaction that records the run. False if it is not
/// open: then somebody else has filled it.
pub(super) async fn fill(
    connection: &mut SqliteConnection,
    claim: &Claim,
    run: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if let Some(token) = claim.token {
        fence(connection, token).await?;
    } else {
        insert(connection, &claim.key, &claim.slot, None, now).await?;
    }
    let done = sqlx::query(
        "UPDATE slot SET state = 'filled', run = ?, reason = NULL, changed_at = ?
         WHERE schedule = ? AND nominal = ? AND zone = ? AND state = 'open'",
    )
    .bind(run)
    .bind(now.as_millisecond())
    .bind(&claim.key.schedule)
    .bind(&claim.key.nominal)
    .bind(&claim.key.zone)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn insert(
    connection: &mut SqliteConnection,
    key: &SlotKey,
    slot: &Slot,
    skip: Option<Skip>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO slot (schedule, nominal, zone, due, state, reason, try_at, changed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&key.schedule)
    .bind(&key.nominal)
    .bind(&key.zone)
    .bind(slot.instant.as_millisecond())
    .bind(if skip.is_some() { "skipped" } else { "open" })
    .bind(skip.map(Skip::key))
    .bind(slot.instant.as_millisecond())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Applies the overlap policy to a slot that falls due: gives the reason to leave it out, or leaves
/// out the one that waits so far.
async fn make_room(
    connection: &mut SqliteConnection,
    schedule: &str,
    already_open: i64,
    policy: Policy,
) -> Result<Option<Skip>, StoreError> {
    match (already_open, policy.overlap) {
        (0, _) => return Ok(None),
        (_, Overlap::Skip) => return Ok(Some(Skip::Overlap)),
        // All missed slots are wanted, so they may queue.
        (_, Overlap::QueueOne) if policy.missed.catch_up == CatchUp::All => return Ok(None),
        (_, Overlap::QueueOne) => {}
    }
    sqlx::query(
        "UPDATE slot SET state = 'skipped', reason = ?1 WHERE schedule = ?2 AND state = 'open' AND due > \
         (SELECT MIN(due) FROM slot WHERE schedule = ?2 AND state = 'open')",
    )
    .bind(Skip::Superseded.key())
    .bind(schedule)
    .execute(connection)
    .await?;
    Ok(None)
}

async fn is_paused(connection: &mut SqliteConnection, schedule: &str) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT paused_at FROM schedule WHERE name = ?").bind(schedule);
    let row = row.fetch_optional(connection).await?;
    Ok(row.is_some_and(|row| row.get::<Option<i64>, _>(0).is_some()))
}

async fn open_count(connection: &mut SqliteConnection, schedule: &str) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT COUNT(*) FROM slot WHERE schedule = ? AND state = 'open'").bind(schedule);
    Ok(row.fetch_one(connection).await?.get(0))
}

fn read_slot(row: &SqliteRow) -> RecordedSlot {
    RecordedSlot {
        key: SlotKey { schedule: row.get(0), nominal: row.get(1), zone: row.get(2) },
        due: millis(row.get(3)),
        state: row.get(4),
        reason: row.get(5),
        attempts: row.get(6),
        try_at: millis(row.get(7)),
        overdue: row.get::<i64, _>(8) != 0,
        run: row.get(9),
    }
}

impl RecordedSlot {
    /// The right to fill it under a lease.
    pub fn claim(&self, token: i64) -> Option<Claim> {
        let nominal = self.key.nominal.parse().ok()?;
        let slot = Slot { instant: self.due, nominal };
        Some(Claim { key: self.key.clone(), slot, token: Some(token) })
    }

    /// Time since it was due.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.due)
    }
}
