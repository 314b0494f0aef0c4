//! The outbox: what must leave, one row a recipient, committed before anything leaves.

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::{Store, StoreError};

/// A mail as it is committed with its run.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    pub name: String,
    pub address: String,
    pub message_id: String,
    /// The whole message; resent with the same bytes.
    pub bytes: Vec<u8>,
}

/// A row of the outbox.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Delivery {
    pub id: i64,
    pub run: i64,
    pub name: String,
    pub address: String,
    pub message_id: String,
    pub state: String,
    pub attempts: i64,
    pub answer: Option<String>,
    pub changed_at: String,
    #[serde(skip)]
    pub sha256: String,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Still to be sent, or to be tried again.
    Pending,
    Sent,
    /// Refused for good by the server.
    Dead,
    /// The answer was lost after the message had been handed over: never resent unasked.
    Uncertain,
    Cancelled,
}

impl DeliveryState {
    pub fn key(self) -> &'static str {
        match self {
            DeliveryState::Pending => "pending",
            DeliveryState::Sent => "sent",
            DeliveryState::Dead => "dead",
            DeliveryState::Uncertain => "uncertain",
            DeliveryState::Cancelled => "cancelled",
        }
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    run: i64,
    delivery: &NewDelivery,
    sha256: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO outbox (run, name, address, message_id, sha256, changed_at) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(run)
    .bind(&delivery.name)
    .bind(&delivery.address)
    .bind(&delivery.message_id)
    .bind(sha256)
    .bind(now.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// Deliveries of one run, or of all, oldest first.
    pub async fn deliveries(&self, run: Option<i64>) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, run, name, address, message_id, state, attempts, answer, changed_at, sha256
             FROM outbox WHERE ?1 IS NULL OR run = ?1 ORDER BY id",
        )
        .bind(run)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .iter()
            .map(|row| Delivery {
                id: row.get(0),
                run: row.get(1),
                name: row.get(2),
                address: row.get(3),
                message_id: row.get(4),
                state: row.get(5),
                attempts: row.get(6),
                answer: row.get(7),
                changed_at: row.get(8),
                sha256: row.get(9),
            })
            .collect())
    }

    /// Pending deliveries, oldest first; of one run, or of all that are released.
    pub async fn pending(&self, run: Option<i64>) -> Result<Vec<Delivery>, StoreError> {
        let all = self.deliveries(run).await?;
        Ok(all.into_iter().filter(|delivery| delivery.state == DeliveryState::Pending.key()).collect())
    }

    /// Records the outcome of an attempt.
    pub async fn delivered(
        &self,
        id: i64,
        state: DeliveryState,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET state = ?, attempts = attempts + 1, answer = ?, changed_at = ? WHERE id = ?",
        )
        .bind(state.key())
        .bind(answer)
        .bind(now.to_string())
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
