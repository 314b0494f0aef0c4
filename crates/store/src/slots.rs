//! Slots and how far each schedule has been looked at: every slot is on record once, by its key.

use std::collections::BTreeSet;
use tongbao_message::Message;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use super::named_columns::named_columns;
use super::states::SlotState;
use super::{Store, StoreError, as_text, millis, stored_message};
use tongbao_base::schedule::catch_up::{CatchUpPolicy, Overlap, Skip};
use tongbao_base::schedule::slot::Slot;

/// What makes a slot the same slot: schedule, nominal local time and zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct SlotKey {
    /// Name of the report.
    pub schedule: String,
    /// `YYYY-MM-DDTHH:MM:SS`, local time.
    pub nominal: String,
    /// Name in the IANA database.
    pub zone: String,
}

named_columns! { SlotKey { schedule, nominal, zone } }

impl SlotKey {
    /// The key of a slot that a rule has made.
    pub fn new(schedule: &str, slot: &Slot, zone: &str) -> SlotKey {
        SlotKey { schedule: schedule.to_owned(), nominal: slot.nominal.to_string(), zone: zone.to_owned() }
    }
}

/// The right to fill one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which slot.
    pub key: SlotKey,
    /// When it is due.
    pub slot: Slot,
    /// Token of the lease it is filled under; `None` outside the daemon.
    pub token: Option<i64>,
}

/// A slot as it is recorded.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedSlot {
    /// Which slot.
    #[serde(flatten)]
    pub key: SlotKey,
    /// The instant that it falls on.
    #[serde(serialize_with = "as_text")]
    pub due: Timestamp,
    /// What became of it.
    pub state: SlotState,
    /// Why it was left out, or the last failure.
    pub reason: Option<Message>,
    /// How often it was tried, counted before each attempt begins.
    pub attempts: i64,
    /// The latest attempts, if the process died in all of them.
    #[serde(skip)]
    pub unfinished: i64,
    /// Not to be tried before.
    #[serde(serialize_with = "as_text")]
    pub try_at: Timestamp,
    /// Whether the alert that it is overdue is in the outbox.
    pub overdue: bool,
    /// The run that fills it.
    pub run: Option<i64>,
}

/// How far a schedule has been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleProgress {
    /// With its zone; blank if the report is no longer scheduled.
    pub rule: String,
    /// All slots due before were decided on.
    pub until: Timestamp,
    /// When it was first looked at.
    pub since: Timestamp,
    /// Whether its new slots are left out.
    pub paused: bool,
}

/// What a schedule's new slots are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// How missed slots are made up for.
    pub missed: CatchUpPolicy,
    /// What becomes of a slot while the one before is still open.
    pub overlap: Overlap,
}

/// The reason on record of an attempt of which nothing was heard again.
pub const UNFINISHED: &str = "the process ended while it was being filled";

const COLUMNS: &str = "schedule, nominal, zone, due, state, reason, attempts, try_at, overdue, run, \
                       unfinished";

impl Store {
    /// How far a schedule has been looked at; `None` if never.
    pub async fn observed(&self, schedule: &str) -> Result<Option<ScheduleProgress>, StoreError> {
        let observed =
            sqlx::query_as("SELECT rule, observed_until, paused_at, since FROM schedule WHERE name = ?")
                .bind(schedule)
                .fetch_optional(&self.pool)
                .await?;
        Ok(observed)
    }

    /// The names of all schedules that are looked at.
    pub async fn watched_schedules(&self) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT name FROM schedule WHERE rule <> '' ORDER BY name");
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// The names of paused schedules.
    pub async fn paused_schedules(&self) -> Result<BTreeSet<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT name FROM schedule WHERE paused_at IS NOT NULL");
        Ok(query.fetch_all(&self.pool).await?.into_iter().collect())
    }

    /// The nominal times from `from` on of which a schedule has a slot on record in a zone.
    pub async fn recorded_slots(
        &self,
        schedule: &str,
        zone: &str,
        from: Timestamp,
    ) -> Result<BTreeSet<String>, StoreError> {
        let sql = "SELECT nominal FROM slot WHERE schedule = ? AND zone = ? AND due >= ?";
        let query = sqlx::query_scalar(sql).bind(schedule).bind(zone).bind(from.as_millisecond());
        Ok(query.fetch_all(&self.pool).await?.into_iter().collect())
    }

    /// The last slot of a schedule that is due by `now`, with the instant of its last change. A clock that was ahead
    /// may have left later ones.
    pub async fn last_slot(
        &self,
        schedule: &str,
        now: Timestamp,
    ) -> Result<Option<(RecordedSlot, Timestamp)>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, changed_at FROM slot WHERE schedule = ? AND due <= ? \
             ORDER BY due DESC, nominal DESC LIMIT 1"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(schedule).bind(now.as_millisecond());
        let row = query.fetch_optional(&self.pool).await?;
        row.map(|row| Ok((RecordedSlot::from_row(&row)?, millis(row.try_get("changed_at")?)))).transpose()
    }

    /// The cut-offs, each the eve of a slot, of which a restore has left unknown whether they were reported.
    pub async fn unknown_cut_offs(&self, schedule: &str) -> Result<Vec<Date>, StoreError> {
        let sql = "SELECT nominal FROM slot WHERE schedule = ? AND state <> ? AND reason = ? ORDER BY due";
        let query = sqlx::query_scalar(sql).bind(schedule).bind(SlotState::Filled).bind(Skip::Restored.key());
        let nominals: Vec<String> = query.fetch_all(&self.pool).await?;
        let eve = |nominal: &String| nominal.parse::<DateTime>().ok()?.date().yesterday().ok();
        Ok(nominals.iter().filter_map(eve).collect())
    }

    /// Open slots, the oldest first.
    pub async fn open_slots(&self) -> Result<Vec<RecordedSlot>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM slot WHERE state = ? ORDER BY due, schedule");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(SlotState::Open).fetch_all(&self.pool).await?)
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
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(schedule).bind(limit);
        Ok(query.fetch_all(&self.pool).await?)
    }
}

impl FromRow<'_, SqliteRow> for ScheduleProgress {
    fn from_row(row: &SqliteRow) -> sqlx::Result<ScheduleProgress> {
        Ok(ScheduleProgress {
            rule: row.try_get("rule")?,
            until: millis(row.try_get("observed_until")?),
            since: millis(row.try_get("since")?),
            paused: row.try_get::<Option<i64>, _>("paused_at")?.is_some(),
        })
    }
}

impl FromRow<'_, SqliteRow> for RecordedSlot {
    fn from_row(row: &SqliteRow) -> sqlx::Result<RecordedSlot> {
        Ok(RecordedSlot {
            key: SlotKey::from_row(row)?,
            due: millis(row.try_get("due")?),
            state: row.try_get("state")?,
            reason: stored_message(row, "reason")?,
            attempts: row.try_get("attempts")?,
            try_at: millis(row.try_get("try_at")?),
            overdue: row.try_get("overdue")?,
            run: row.try_get("run")?,
            unfinished: row.try_get("unfinished")?,
        })
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
