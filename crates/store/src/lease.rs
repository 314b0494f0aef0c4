//! The lease: which daemon may fill slots and send, with a fencing token for one that has lost it unnoticed.
//!
//! It is measured by the steady clock of the machine ([`tongbao_host::clock::Clock::uptime`]), so that setting the wall
//! clock neither ends nor extends it, and it ends at once when its holder is known to be gone.

use jiff::SignedDuration;
use sqlx::{Connection, SqliteConnection};

use super::living_senders::Presence;
use super::{Store, StoreError};

/// The right to fill slots and send. Every commit under it is refused once another holder has a higher token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Grows with every new holder.
    pub token: i64,
    /// True when it was taken over or taken for the first time, not just renewed.
    pub is_new: bool,
}

/// Tells one start of the machine from another: the steady clock begins again with each.
fn boot() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map(|id| id.trim().to_owned()).unwrap_or_default()
}

impl Store {
    /// Takes the lease or renews it; `None` while another holder has it. `uptime` is the steady clock.
    pub async fn acquire_lease(
        &self,
        holder: &Presence,
        uptime: SignedDuration,
        time: SignedDuration,
    ) -> Result<Option<Lease>, StoreError> {
        let (now, time, boot) = (millis(uptime), millis(time), boot());
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let sql = "SELECT holder, token, expires_at > ?1 AND boot = ?2 FROM lease WHERE id = 1";
        let held: Option<(String, i64, bool)> =
            sqlx::query_as(sql).bind(now).bind(&boot).fetch_optional(&mut *transaction).await?;
        let lease = match held {
            Some((other, token, _)) if other == holder.id() => Lease { token, is_new: false },
            Some((other, _, true)) if self.is_alive(&other) => return Ok(None),
            Some((_, token, _)) => Lease { token: token + 1, is_new: true },
            None => Lease { token: 1, is_new: true },
        };
        sqlx::query(
            "INSERT INTO lease (id, holder, token, expires_at, boot) VALUES (1, ?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET holder = ?1, token = ?2, expires_at = ?3, boot = ?4",
        )
        .bind(holder.id())
        .bind(lease.token)
        .bind(now.saturating_add(time))
        .bind(&boot)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Some(lease))
    }

    /// Gives the lease back, so that a successor need not wait for its end.
    pub async fn release_lease(&self, holder: &Presence) -> Result<(), StoreError> {
        sqlx::query("UPDATE lease SET expires_at = 0 WHERE holder = ?")
            .bind(holder.id())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn millis(time: SignedDuration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Refuses a commit under a lease that has passed on. To be called within the committing transaction.
pub(super) async fn check_fencing_token(
    connection: &mut SqliteConnection,
    token: i64,
) -> Result<(), StoreError> {
    let query = sqlx::query_scalar::<_, i64>("SELECT token FROM lease WHERE id = 1");
    match query.fetch_optional(connection).await? {
        Some(current) if token == current => Ok(()),
        _ => Err(StoreError::LeaseLost),
    }
}
