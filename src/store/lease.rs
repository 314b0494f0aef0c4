//! The lease: which daemon may fill slots, with a fencing token for whoever has lost it unnoticed.

use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection, Row, SqliteConnection};

use super::{Store, StoreError};

/// The right to fill slots. Every commit under it is refused once another holder has a higher token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    pub token: i64,
    /// True when it was taken over or taken for the first time, not just renewed.
    pub is_new: bool,
}

impl Store {
    /// Takes the lease or renews it; `None` while another holder has it.
    ///
    /// A lease that ends implausibly late was written under a wrong clock and counts as ended.
    pub async fn hold_lease(
        &self,
        holder: &str,
        now: Timestamp,
        time: SignedDuration,
    ) -> Result<Option<Lease>, StoreError> {
        let (now, time) = (now.as_millisecond(), time.as_millis() as i64);
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let row = sqlx::query("SELECT holder, token, expires_at FROM lease WHERE id = 1")
            .fetch_optional(&mut *transaction)
            .await?;
        let held: Option<(String, i64, i64)> = row.map(|row| (row.get(0), row.get(1), row.get(2)));
        let lease = match held {
            Some((other, token, _)) if other == holder => Lease { token, is_new: false },
            Some((_, _, expires)) if expires > now && expires <= now + 2 * time => return Ok(None),
            Some((_, token, _)) => Lease { token: token + 1, is_new: true },
            None => Lease { token: 1, is_new: true },
        };
        sqlx::query(
            "INSERT INTO lease (id, holder, token, expires_at) VALUES (1, ?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET holder = ?1, token = ?2, expires_at = ?3",
        )
        .bind(holder)
        .bind(lease.token)
        .bind(now + time)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Some(lease))
    }

    /// Gives the lease back, so that a successor need not wait for its end.
    pub async fn release_lease(&self, holder: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE lease SET expires_at = 0 WHERE holder = ?")
            .bind(holder)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// Refuses a commit under a lease that has passed on. To be called within the committing transaction.
pub(super) async fn fence(connection: &mut SqliteConnection, token: i64) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT token FROM lease WHERE id = 1").fetch_optional(connection).await?;
    match row.map(|row| row.get::<i64, _>(0)) {
        Some(current) if current == token => Ok(()),
        _ => Err(StoreError::LeaseLost),
    }
}
