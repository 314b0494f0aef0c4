//! Slots and how far each schedule has been looked at: every slot is on record once, by its key.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, as_text, millis};
use tongbao_base::schedule::catch_up::{Missed, Overlap, Skip};
use tongbao_base::schedule::slot::Slot;

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
