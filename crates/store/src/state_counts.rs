//! How many of everything there are, for whoever watches the daemon.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sqlx::Row;

use super::states::{MailState, RunState, SlotState};
use super::{Store, StoreError, millis};

/// Counts by state. Every state has one, also where it is 0: an alert on a missing series never fires.
pub type ByState = BTreeMap<&'static str, i64>;

/// Totals of the state at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateCounts {
    pub slots: ByState,
    /// Open slots that have been due for longer than `daemon.overdue_after`.
    pub overdue: i64,
    pub runs: ByState,
    pub mails: ByState,
    /// When the oldest mail that has not left yet was put into the outbox.
    pub oldest_waiting: Option<Timestamp>,
    /// Alerts that will not be tried again: nobody has been told.
    pub dead_alerts: i64,
}

impl Store {
    /// Counts slots, runs and mails.
    pub async fn state_counts(
        &self,
        now: Timestamp,
        overdue_after: SignedDuration,
    ) -> Result<StateCounts, StoreError> {
        let long_due = now.checked_sub(overdue_after).unwrap_or(Timestamp::MIN);
        // A paused schedule is late on a person's word.
        let sql = "SELECT COUNT(*) FROM slot WHERE state = 'open' AND due < ? AND schedule NOT IN \
                   (SELECT name FROM schedule WHERE paused_at IS NOT NULL)";
        let overdue = sqlx::query(sql).bind(long_due.as_millisecond()).fetch_one(&self.pool).await?;
        let sql = "SELECT MIN(created_at) FROM outbox WHERE state IN ('pending', 'sending', 'handed')";
        let oldest = sqlx::query(sql).fetch_one(&self.pool).await?;
        let sql = "SELECT COUNT(*) FROM outbox WHERE kind = 'alert' AND state = 'dead'";
        let dead_alerts = sqlx::query(sql).fetch_one(&self.pool).await?;
        Ok(StateCounts {
            dead_alerts: dead_alerts.get(0),
            slots: self
                .by_state("SELECT state, COUNT(*) FROM slot GROUP BY state", SlotState::keys())
                .await?,
            overdue: overdue.get(0),
            runs: self.by_state("SELECT state, COUNT(*) FROM run GROUP BY state", RunState::keys()).await?,
            mails: self
                .by_state("SELECT state, COUNT(*) FROM outbox GROUP BY state", MailState::keys())
                .await?,
            oldest_waiting: oldest.get::<Option<i64>, _>(0).map(millis),
        })
    }

    async fn by_state(
        &self,
        sql: &'static str,
        states: impl Iterator<Item = &'static str>,
    ) -> Result<ByState, StoreError> {
        let mut counts: ByState = states.map(|state| (state, 0)).collect();
        for row in sqlx::query(sql).fetch_all(&self.pool).await? {
            if let Some(count) = counts.get_mut(row.get::<&str, _>(0)) {
                *count = row.get(1);
            }
        }
        Ok(counts)
    }
}
