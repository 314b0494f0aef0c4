//! Counts of rows by state, for metrics and status pages.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::states::{MailState, Purpose, RunState, SlotState};
use super::stored_words::listed;
use super::{Store, StoreError, millis};

/// Counts by state. Every state has one, also where it is 0: an alert on a missing series never fires.
pub type ByState = BTreeMap<&'static str, i64>;

/// Totals of the state at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// By [`SlotState`].
    pub slots: ByState,
    /// Open slots that have been due for longer than `daemon.overdue_after`.
    pub overdue: i64,
    /// By [`RunState`].
    pub runs: ByState,
    /// By [`MailState`].
    pub mails: ByState,
    /// When the oldest mail that has not left yet was put into the outbox.
    pub oldest_waiting: Option<Timestamp>,
    /// Alerts that will not be tried again, so that nobody knows of what they are about.
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
        let sql = "SELECT COUNT(*) FROM slot WHERE state = ? AND due < ? AND schedule NOT IN \
                   (SELECT name FROM schedule WHERE paused_at IS NOT NULL)";
        let overdue = sqlx::query_scalar(sql).bind(SlotState::Open).bind(long_due.as_millisecond());
        let waiting = listed(MailState::WAITING);
        let sql = format!("SELECT MIN(created_at) FROM outbox WHERE state IN ({waiting})");
        let oldest = sqlx::query_scalar::<_, Option<i64>>(sqlx::AssertSqlSafe(sql));
        let sql = "SELECT COUNT(*) FROM outbox WHERE kind = ? AND state = ?";
        let dead_alerts = sqlx::query_scalar(sql).bind(Purpose::Alert).bind(MailState::Dead);
        Ok(StateCounts {
            dead_alerts: dead_alerts.fetch_one(&self.pool).await?,
            slots: self
                .by_state("SELECT state, COUNT(*) FROM slot GROUP BY state", SlotState::keys())
                .await?,
            overdue: overdue.fetch_one(&self.pool).await?,
            runs: self.by_state("SELECT state, COUNT(*) FROM run GROUP BY state", RunState::keys()).await?,
            mails: self
                .by_state("SELECT state, COUNT(*) FROM outbox GROUP BY state", MailState::keys())
                .await?,
            oldest_waiting: oldest.fetch_one(&self.pool).await?.map(millis),
        })
    }

    async fn by_state(
        &self,
        sql: &'static str,
        states: impl Iterator<Item = &'static str>,
    ) -> Result<ByState, StoreError> {
        let mut counts: ByState = states.map(|state| (state, 0)).collect();
        let found: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(&self.pool).await?;
        for (state, found) in found {
            if let Some(count) = counts.get_mut(state.as_str()) {
                *count = found;
            }
        }
        Ok(counts)
    }
}
