//! What the state knows of the time: which clock was believed, and which records a wrong one has left.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, SqliteConnection};

use super::audit::{self, AuditAction};
use super::lease::check_fencing_token;
use super::rows::slot_subject;
use super::slots::SlotKey;
use super::states::{MailState, SlotState, StateChange};
use super::{Store, StoreError, millis, unknown_time};
use tongbao_base::schedule::catch_up::Skip;
use tongbao_base::schedule::clock_guard::{ClockReading, ClockRecord};

/// No wait that this program sets is longer: whatever is put off further was so under a wrong clock.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(2);

/// What a wrong clock has closed.
const REOPEN: StateChange<SlotState> = SlotState::Open.after(&[SlotState::Skipped, SlotState::Expired]);

/// Name of the note that holds the clock's record.
const NOTE: &str = "clock";

#[derive(Serialize, Deserialize)]
struct Stored {
    believed: StoredReading,
    before: Option<StoredReading>,
}

#[derive(Serialize, Deserialize)]
struct StoredReading {
    wall: i64,
    steady: i64,
    boot: u64,
}

impl StoredReading {
    fn of(reading: ClockReading) -> StoredReading {
        let ClockReading { wall, steady, boot } = reading;
        StoredReading { wall: wall.as_millisecond(), steady: steady.as_millis() as i64, boot }
    }

    fn read(&self) -> ClockReading {
        let StoredReading { wall, steady, boot } = *self;
        ClockReading { wall: millis(wall), steady: SignedDuration::from_millis(steady), boot }
    }
}

/// What was taken back that a wrong clock had set into the future.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PulledBack {
    /// Schedules that had been looked at up to an instant in the future.
    pub schedules: usize,
    /// Slots that were decided too early; they fall due again in their time.
    pub slots: usize,
    /// Slots and mails that waited for an instant too far away.
    pub waits: u64,
}

impl Store {
    /// Which clock an earlier daemon has believed.
    pub async fn clock_record(&self) -> Result<Option<ClockRecord>, StoreError> {
        let query = sqlx::query_scalar("SELECT text FROM note WHERE name = ?").bind(NOTE);
        let text: Option<String> = query.fetch_optional(&self.pool).await?;
        let stored: Option<Stored> = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(stored.map(|stored| ClockRecord {
            believed: stored.believed.read(),
            before: stored.before.as_ref().map(StoredReading::read),
        }))
    }

    /// Notes which clock is believed.
    pub async fn note_clock(&self, record: ClockRecord) -> Result<(), StoreError> {
        let stored = Stored {
            believed: StoredReading::of(record.believed),
            before: record.before.map(StoredReading::of),
        };
        sqlx::query(
            "INSERT INTO note (name, text) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET text = ?2",
        )
        .bind(NOTE)
        .bind(serde_json::json!(stored).to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The latest instant at which anything was recorded or looked at.
    pub async fn latest_instant(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MAX((SELECT COALESCE(MAX(changed_at), -1) FROM slot),
                              (SELECT COALESCE(MAX(observed_until), -1) FROM schedule))";
        let marks: i64 = sqlx::query_scalar(sql).fetch_one(&self.pool).await?;
        let sql = "SELECT * FROM (SELECT at FROM audit WHERE what NOT IN (?, ?) ORDER BY seq DESC LIMIT 1)
             UNION ALL SELECT * FROM (SELECT recorded_at FROM run ORDER BY id DESC LIMIT 1)";
        let query = sqlx::query_scalar(sql).bind(AuditAction::Begin).bind(AuditAction::Seal);
        let texts: Vec<String> = query.fetch_all(&self.pool).await?;
        let instants = texts.iter().filter_map(|text| text.parse::<Timestamp>().ok());
        Ok(instants.chain((marks >= 0).then(|| millis(marks))).max())
    }

    /// Takes back whatever is in the future of a clock that is believed: how far schedules were looked at,
    /// slots that were decided too early, and waits. Slots that have their run keep it, so none is filled
    /// twice; and those that were left out because of a restore stay so up to its instant, also while the clock stands
    /// before it. `since` is the last instant before the clock went wrong, and `was_ahead` says that the clock has come
    /// back to the time from before.
    pub async fn pull_back(
        &self,
        (since, was_ahead): (Timestamp, bool),
        now: Timestamp,
        token: i64,
    ) -> Result<PulledBack, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        check_fencing_token(&mut transaction, token).await?;
        let watched = schedules(&mut transaction, since.min(now), now).await?;
        let unknown_until = unknown_time::look(&mut transaction, now, was_ahead).await?;
        let mut slots = slots(&mut transaction, since.min(now), now).await?;
        slots.extend(unknown_time::forget_later(&mut transaction, now, unknown_until).await?);
        let pulled = PulledBack {
            schedules: watched.len(),
            slots: slots.len(),
            waits: waits(&mut transaction, now).await?,
        };
        let watched = watched.into_iter().map(|subject| (AuditAction::Watch, subject));
        let slots = slots.into_iter().map(|subject| (AuditAction::Reopen, subject));
        for (action, subject) in watched.chain(slots) {
            audit::append(&mut transaction, &self.actor, action, subject, serde_json::json!({}), now).await?;
        }
        self.commit(transaction).await?;
        Ok(pulled)
    }
}

/// The subjects of the schedules that were looked at too far.
async fn schedules(
    connection: &mut SqliteConnection,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let sql = "UPDATE schedule SET observed_until = ?1, since = MIN(since, ?1) WHERE observed_until > ?2 \
               RETURNING name";
    let query = sqlx::query_scalar(sql).bind(since.as_millisecond()).bind(now.as_millisecond());
    let names: Vec<String> = query.fetch_all(connection).await?;
    Ok(names.iter().map(|name| format!("schedule {name}")).collect())
}

/// What was decided in the future is decided again: slots that fell due before the clock went wrong are
/// open again, all others will be found again. Returns their subjects.
async fn slots(
    connection: &mut SqliteConnection,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let (since, now) = (since.as_millisecond(), now.as_millisecond());
    let sql = "DELETE FROM slot WHERE state <> ?4 AND (due > ?1 OR changed_at > ?1 AND due > ?2)
                   AND reason IS NOT ?3 RETURNING schedule, nominal, zone";
    let removed = sqlx::query_as(sql).bind(now).bind(since);
    let removed = removed.bind(Skip::Restored.key()).bind(SlotState::Filled);
    let mut keys: Vec<SlotKey> = removed.fetch_all(&mut *connection).await?;
    let reopened = sqlx::query_as(REOPEN.sql(
        "UPDATE slot SET {to}, reason = NULL, try_at = ?1, changed_at = ?1
         WHERE {from} AND changed_at > ?1 AND reason NOT IN (?2, ?3)
         RETURNING schedule, nominal, zone",
    ));
    let reopened = reopened.bind(now).bind(Skip::Paused.key()).bind(Skip::Restored.key());
    keys.extend(reopened.fetch_all(connection).await?);
    Ok(keys.iter().map(slot_subject).collect())
}

async fn waits(connection: &mut SqliteConnection, now: Timestamp) -> Result<u64, StoreError> {
    let latest = now.checked_add(LONGEST_WAIT).unwrap_or(Timestamp::MAX).as_millisecond();
    let mut changed = 0;
    for (state, sql) in [
        (SlotState::Open.key(), "UPDATE slot SET try_at = ?1 WHERE state = ?3 AND try_at > ?2"),
        (MailState::Pending.key(), "UPDATE outbox SET try_at = ?1 WHERE state = ?3 AND try_at > ?2"),
        (MailState::Pending.key(), "UPDATE outbox SET created_at = ?1 WHERE state = ?3 AND created_at > ?2"),
    ] {
        let query = sqlx::query(sql).bind(now.as_millisecond()).bind(latest).bind(state);
        changed += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(changed)
}
