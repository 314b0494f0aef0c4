//! Slots and how far each schedule has been looked at: every slot is on record once, by its key.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use super::audit::{self, Deed};
use super::lease::fence;
use super::rows::slot_subject;
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
    /// The latest attempts, if the process died in all of them.
    #[serde(skip)]
    pub unfinished: i64,
    #[serde(serialize_with = "as_text")]
    pub try_at: Timestamp,
    /// The office has been told that it is overdue.
    pub overdue: bool,
    pub run: Option<i64>,
}

/// How far a schedule has been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// With its zone; blank if the report is no longer scheduled.
    pub rule: String,
    pub until: Timestamp,
    /// When it was first looked at.
    pub since: Timestamp,
    pub paused: bool,
}

/// What a schedule's new slots are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub missed: Missed,
    pub overlap: Overlap,
}

/// The reason on record of an attempt of which nothing was heard again.
pub const UNFINISHED: &str = "the process ended while it was being filled";

const COLUMNS: &str = "schedule, nominal, zone, due, state, reason, attempts, try_at, overdue, run, \
                       unfinished";

impl Store {
    /// How far a schedule has been looked at; `None` if never.
    pub async fn observed(&self, schedule: &str) -> Result<Option<Observed>, StoreError> {
        let row = sqlx::query("SELECT rule, observed_until, paused_at, since FROM schedule WHERE name = ?")
            .bind(schedule)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| Observed {
            rule: row.get(0),
            until: millis(row.get(1)),
            paused: row.get::<Option<i64>, _>(2).is_some(),
            since: millis(row.get(3)),
        }))
    }

    /// The names of all schedules that are looked at.
    pub async fn watched_schedules(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT name FROM schedule WHERE rule <> '' ORDER BY name");
        Ok(rows.fetch_all(&self.pool).await?.iter().map(|row| row.get(0)).collect())
    }

    /// The names of paused schedules.
    pub async fn paused_schedules(&self) -> Result<BTreeSet<String>, StoreError> {
        let rows = sqlx::query("SELECT name FROM schedule WHERE paused_at IS NOT NULL");
        Ok(rows.fetch_all(&self.pool).await?.iter().map(|row| row.get(0)).collect())
    }

    /// The nominal times from `from` on of which a schedule has a slot on record in a zone.
    pub async fn recorded_slots(
        &self,
        schedule: &str,
        zone: &str,
        from: Timestamp,
    ) -> Result<BTreeSet<String>, StoreError> {
        let rows = sqlx::query("SELECT nominal FROM slot WHERE schedule = ? AND zone = ? AND due >= ?")
            .bind(schedule)
            .bind(zone)
            .bind(from.as_millisecond())
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// The last slot of a schedule in the order of their times.
    pub async fn last_slot(&self, schedule: &str) -> Result<Option<(RecordedSlot, Timestamp)>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, changed_at FROM slot WHERE schedule = ? ORDER BY due DESC, nominal DESC LIMIT 1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(schedule).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| (read_slot(&row), millis(row.get(11)))))
    }

    /// The cut-offs, each the eve of a slot, of which a restore has left unknown whether they were reported.
    pub async fn unknown_cut_offs(&self, schedule: &str) -> Result<Vec<Date>, StoreError> {
        let sql =
            "SELECT nominal FROM slot WHERE schedule = ? AND state <> 'filled' AND reason = ? ORDER BY due";
        let rows = sqlx::query(sql).bind(schedule).bind(Skip::Restored.key()).fetch_all(&self.pool).await?;
        let eve = |row: &SqliteRow| row.get::<String, _>(0).parse::<DateTime>().ok()?.date().yesterday().ok();
        Ok(rows.iter().filter_map(eve).collect())
    }

    /// When the state was last restored from a copy.
    pub async fn restored_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query("SELECT text FROM note WHERE name = 'restored_at'");
        let text: Option<String> = row.fetch_optional(&self.pool).await?.map(|row| row.get(0));
        Ok(text.and_then(|text| text.parse().ok()))
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
            "INSERT INTO schedule (name, rule, observed_until, since) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (name) DO UPDATE SET rule = ?2, observed_until = ?3",
        )
        .bind(schedule)
        .bind(rule)
        .bind(now.as_millisecond())
        .execute(&mut *transaction)
        .await?;
        let subject = format!("schedule {schedule}");
        audit::append(&mut transaction, &self.actor, Deed::Watch, subject, json!({}), now).await?;
        self.commit(transaction).await
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
                (None, false) => {
                    self.make_room(&mut transaction, schedule, already_open, policy, until).await?
                }
            };
            let key = SlotKey::new(schedule, slot, zone);
            if insert(&mut transaction, &key, slot, skip, until).await? {
                let deed = if skip.is_some() { Deed::LeaveOut } else { Deed::Due };
                audit::append(&mut transaction, &self.actor, deed, slot_subject(&key), json!({}), until)
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
        let superseded = sqlx::query(
            "UPDATE slot SET state = 'skipped', reason = ?1, changed_at = ?3 WHERE schedule = ?2 AND state = 'open' \
             AND due > (SELECT MIN(due) FROM slot WHERE schedule = ?2 AND state = 'open') \
             RETURNING nominal, zone",
        )
        .bind(Skip::Superseded.key())
        .bind(schedule)
        .bind(now.as_millisecond())
        .fetch_all(&mut *connection)
        .await?;
        for row in superseded {
            let key = SlotKey { schedule: schedule.to_owned(), nominal: row.get(0), zone: row.get(1) };
            let subject = slot_subject(&key);
            audit::append(&mut *connection, &self.actor, Deed::LeaveOut, subject, json!({}), now).await?;
        }
        Ok(None)
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

    /// Counts an attempt before it begins, so that one that takes the process along is counted too. If
    /// nothing is heard of it, the slot is due again from `try_at` on. False if the slot is no longer open.
    pub async fn begin_attempt(
        &self,
        claim: &Claim,
        try_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let change = "reason = ?1, try_at = ?2, attempts = attempts + 1, unfinished = unfinished + 1";
        self.change_slot(claim, (change, None), UNFINISHED, try_at, now).await
    }

    /// Notes why an attempt failed; the slot stays open and is tried again from `try_at` on.
    pub async fn slot_failed(
        &self,
        claim: &Claim,
        problem: &str,
        try_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let change = "reason = ?1, try_at = ?2, unfinished = 0";
        self.change_slot(claim, (change, None), problem, try_at, now).await?;
        Ok(())
    }

    /// Takes back an attempt that was cut off in order: it says nothing about the report.
    pub async fn attempt_cut_off(&self, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        let change = "reason = ?1, try_at = ?2, attempts = attempts - 1, unfinished = 0";
        let reason = "the daemon was stopped while it was being filled";
        self.change_slot(claim, (change, None), reason, now, now).await?;
        Ok(())
    }

    /// Leaves an open slot out for good.
    pub async fn skip_slot(&self, claim: &Claim, skip: Skip, now: Timestamp) -> Result<(), StoreError> {
        let change = "state = 'skipped', reason = ?1, try_at = ?2";
        self.change_slot(claim, (change, Some(Deed::LeaveOut)), skip.key(), now, now).await?;
        Ok(())
    }

    /// Gives a slot up for good.
    pub async fn expire_slot(&self, claim: &Claim, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let change = "state = 'expired', reason = ?1, try_at = ?2";
        self.change_slot(claim, (change, Some(Deed::Expire)), reason, now, now).await?;
        Ok(())
    }

    /// Notes that the office has been told that the slot is overdue.
    pub async fn slot_is_overdue(
        &self,
        slot: &RecordedSlot,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let reason = slot.reason.as_deref().unwrap_or_default();
        let change = "overdue = 1, reason = ?1, try_at = ?2";
        self.change_slot(claim, (change, None), reason, slot.try_at, now).await?;
        Ok(())
    }

    /// `change` sets columns from ?1 (a reason) and ?2 (an instant). Only an open slot changes; false if it
    /// is none. `deed` is what the log says of it, if it ends the slot.
    async fn change_slot(
        &self,
        claim: &Claim,
        (change, deed): (&'static str, Option<Deed>),
        reason: &str,
        try_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(token) = claim.token {
            fence(&mut transaction, token).await?;
        }
        let sql = format!(
            "UPDATE slot SET {change}, changed_at = ?3
             WHERE schedule = ?4 AND nominal = ?5 AND zone = ?6 AND state = 'open'"
        );
        let done = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(reason)
            .bind(try_at.as_millisecond())
            .bind(now.as_millisecond())
            .bind(&claim.key.schedule)
            .bind(&claim.key.nominal)
            .bind(&claim.key.zone)
            .execute(&mut *transaction)
            .await?;
        let has_changed = done.rows_affected() == 1;
        if let Some(deed) = deed.filter(|_| has_changed) {
            let subject = slot_subject(&claim.key);
            audit::append(&mut transaction, &self.actor, deed, subject, json!({}), now).await?;
        }
        self.commit(transaction).await?;
        Ok(has_changed)
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
    .execute(&mut *connection)
    .await?;
    let is_filled = done.rows_affected() == 1;
    if is_filled {
        audit::append(connection, who, Deed::Fill, slot_subject(&claim.key), json!({}), now).await?;
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
    .bind(if skip.is_some() { "skipped" } else { "open" })
    .bind(skip.map(Skip::key))
    .bind(slot.instant.as_millisecond())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
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
        unfinished: row.get(10),
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
