//! The outbox: what must leave, one row a recipient, committed before anything leaves.
//!
//! A row is `pending`, then `sending` under the claim of one sender, `handed` from just before its
//! text goes out until the answer is on record, and then `sent`, `dead` or `uncertain`. Whatever
//! crashes before `handed` has sent nothing and is sent again; whatever crashes after it is uncertain.

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use super::audit::{self, Deed};
use super::{Store, StoreError, as_text, millis};

/// A claim older than this belongs to a sender that is gone: no mail takes so long.
pub const CLAIM_LASTS: SignedDuration = SignedDuration::from_mins(20);

/// What a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A released document.
    Report,
    /// The draft of a held run, for those who decide on it.
    Draft,
    /// Something needs a person.
    Alert,
}

impl Purpose {
    pub fn key(self) -> &'static str {
        match self {
            Purpose::Report => "report",
            Purpose::Draft => "draft",
            Purpose::Alert => "alert",
        }
    }
}

/// A mail about to be committed.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    pub purpose: Purpose,
    /// Code of the unit whose own page and correction list it carries.
    pub unit: Option<String>,
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
    pub run: Option<i64>,
    pub kind: String,
    pub unit: Option<String>,
    pub name: String,
    pub address: String,
    pub message_id: String,
    pub state: String,
    pub attempts: i64,
    pub answer: Option<String>,
    #[serde(serialize_with = "as_text")]
    pub created_at: Timestamp,
    #[serde(serialize_with = "as_text")]
    pub try_at: Timestamp,
    pub changed_at: String,
    #[serde(skip)]
    pub sha256: String,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    Sent,
    /// To be tried again.
    Pending {
        try_at: Timestamp,
    },
    /// Given up: refused for good, or its time ran out.
    Dead,
    /// The answer was lost after the message had been handed over.
    Uncertain,
}

impl Attempted {
    fn state(self) -> &'static str {
        match self {
            Attempted::Sent => "sent",
            Attempted::Pending { .. } => "pending",
            Attempted::Dead => "dead",
            Attempted::Uncertain => "uncertain",
        }
    }

    /// What the audit log says of it; of a mail that will be tried again, nothing.
    fn deed(self) -> Option<Deed> {
        match self {
            Attempted::Sent => Some(Deed::Send),
            Attempted::Pending { .. } => None,
            Attempted::Dead => Some(Deed::GiveUp),
            Attempted::Uncertain => Some(Deed::Doubt),
        }
    }
}

/// Claim of a mail that was without a final answer in a copy: no policy sends it again by itself.
pub(super) const RESTORED: &str = "restored";

/// A claim whose sender is gone: too old (?1), or of a daemon whose lease token is below ?2.
const GONE: &str = "(claimed_at <= ?1 OR (claim LIKE 'daemon:%' AND CAST(substr(claim, 8) AS INTEGER) < ?2))";

const COLUMNS: &str = "id, run, kind, unit, name, address, message_id, state, attempts, answer, created_at, \
                       try_at, changed_at, sha256";

/// Adds a mail. A Message-ID that is there already is an error: no mail may get lost unnoticed.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    run: Option<i64>,
    delivery: &NewDelivery,
    sha256: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO outbox (run, kind, unit, name, address, message_id, sha256, created_at, try_at, changed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(run)
    .bind(delivery.purpose.key())
    .bind(&delivery.unit)
    .bind(&delivery.name)
    .bind(&delivery.address)
    .bind(&delivery.message_id)
    .bind(sha256)
    .bind(now.as_millisecond())
    .bind(now.as_millisecond())
    .bind(now.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

async fn is_known(connection: &mut SqliteConnection, message_id: &str) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT COUNT(*) FROM outbox WHERE message_id = ?").bind(message_id);
    Ok(row.fetch_one(connection).await?.get::<i64, _>(0) > 0)
}

impl Store {
    /// Deliveries of one run, or of all, oldest first.
    pub async fn deliveries(&self, run: Option<i64>) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM outbox WHERE ?1 IS NULL OR run = ?1 ORDER BY id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(run).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(read_delivery).collect())
    }

    /// Deliveries that wait to be sent, oldest first.
    pub async fn pending(&self, run: Option<i64>) -> Result<Vec<Delivery>, StoreError> {
        let all = self.deliveries(run).await?;
        Ok(all.into_iter().filter(|delivery| delivery.state == "pending").collect())
    }

    /// Commits alerts, each once by its Message-ID. Returns how many are new.
    pub async fn enqueue(&self, mails: &[NewDelivery], now: Timestamp) -> Result<usize, StoreError> {
        let mut digests = Vec::new();
        for mail in mails {
            digests.push(self.archive.put(&mail.bytes)?);
        }
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut new = 0;
        for (mail, digest) in mails.iter().zip(&digests) {
            if !is_known(&mut transaction, &mail.message_id).await? {
                insert(&mut transaction, None, mail, digest, now).await?;
                new += 1;
            }
        }
        transaction.commit().await?;
        Ok(new)
    }

    /// Takes the next mail that is due, so that no other sender can.
    pub async fn claim(
        &self,
        claim: &str,
        run: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let sql = format!(
            "UPDATE outbox SET state = 'sending', claim = ?1, claimed_at = ?2 WHERE id = (
                 SELECT id FROM outbox WHERE state = 'pending' AND try_at <= ?2 AND (?3 IS NULL OR run = ?3)
                 ORDER BY try_at, id LIMIT 1)
             RETURNING {COLUMNS}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(claim)
            .bind(now.as_millisecond())
            .bind(run)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.as_ref().map(read_delivery))
    }

    /// Notes that the text of a mail goes out now. False if the claim has passed on: then it must not.
    pub async fn hand_over(&self, id: i64, claim: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET state = 'handed' WHERE id = ? AND state = 'sending' AND claim = ?";
        let done = sqlx::query(sql).bind(id).bind(claim).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Records the outcome of an attempt by the holder of the claim.
    pub async fn attempted(
        &self,
        id: i64,
        claim: &str,
        outcome: Attempted,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let try_at = match outcome {
            Attempted::Pending { try_at } => try_at,
            Attempted::Sent | Attempted::Dead | Attempted::Uncertain => now,
        };
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query(
            "UPDATE outbox SET state = ?, attempts = attempts + 1, answer = ?, try_at = ?, changed_at = ?
             WHERE id = ? AND claim = ? AND state IN ('sending', 'handed', 'uncertain')",
        )
        .bind(outcome.state())
        .bind(answer)
        .bind(try_at.as_millisecond())
        .bind(now.to_string())
        .bind(id)
        .bind(claim)
        .execute(&mut *transaction)
        .await?;
        if let Some(deed) = outcome.deed()
            && done.rows_affected() > 0
        {
            audit::append_mails(&mut transaction, &self.actor, deed, &[id], now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Makes waiting mails due at once, those of one run or all.
    pub async fn send_now(&self, run: Option<i64>, now: Timestamp) -> Result<(), StoreError> {
        let sql =
            "UPDATE outbox SET try_at = MIN(try_at, ?1) WHERE state = 'pending' AND (?2 IS NULL OR run = ?2)";
        sqlx::query(sql).bind(now.as_millisecond()).bind(run).execute(&self.pool).await?;
        Ok(())
    }

    /// Gives a mail back untried.
    pub async fn unclaim(&self, id: i64, claim: &str) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = 'pending' WHERE id = ? AND claim = ? AND state = 'sending'";
        sqlx::query(sql).bind(id).bind(claim).execute(&self.pool).await?;
        Ok(())
    }

    /// Settles what senders that are gone have left: nothing was sent of a mail that was not handed
    /// over, and one that was is uncertain. Gone are daemons with a lease token below `token`, and
    /// every claim that is too old. Returns the mails that became uncertain.
    pub async fn recover(&self, token: Option<i64>, now: Timestamp) -> Result<Vec<i64>, StoreError> {
        let too_old = (now - CLAIM_LASTS).as_millisecond();
        let token = token.unwrap_or(0);
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let sql = format!("UPDATE outbox SET state = 'pending' WHERE state = 'sending' AND {GONE}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(too_old).bind(token).execute(&mut *transaction).await?;
        let sql = format!(
            "UPDATE outbox SET state = 'uncertain', attempts = attempts + 1, changed_at = ?3,
                 answer = 'the sender was cut off before the answer'
             WHERE state = 'handed' AND {GONE} RETURNING id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(too_old)
            .bind(token)
            .bind(now.to_string())
            .fetch_all(&mut *transaction)
            .await?;
        let doubtful: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        audit::append_mails(&mut transaction, &self.actor, Deed::Doubt, &doubtful, now).await?;
        transaction.commit().await?;
        Ok(doubtful)
    }

    /// Whether senders that are gone have left something to settle, see [`Store::recover`].
    pub async fn has_unsettled(&self, token: i64, now: Timestamp) -> Result<bool, StoreError> {
        let sql = format!("SELECT COUNT(*) FROM outbox WHERE state IN ('sending', 'handed') AND {GONE}");
        let too_old = (now - CLAIM_LASTS).as_millisecond();
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(too_old).bind(token);
        Ok(query.fetch_one(&self.pool).await?.get::<i64, _>(0) > 0)
    }

    /// Releases uncertain mails to be sent again with the same bytes, where the policy wants that.
    pub async fn resend_uncertain(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE outbox SET state = 'pending', try_at = ? WHERE state = 'uncertain' AND claim IS NOT ? \
                   RETURNING id";
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let query = sqlx::query(sql).bind(now.as_millisecond()).bind(RESTORED);
        let rows = query.fetch_all(&mut *transaction).await?;
        let released: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        audit::append_mails(&mut transaction, &self.actor, Deed::Retry, &released, now).await?;
        transaction.commit().await?;
        Ok(released.len() as u64)
    }

    /// Sends a mail again on a person's word: one that is dead, uncertain or cancelled, or that waits.
    pub async fn retry_delivery(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = 'pending', try_at = ?1, created_at = MAX(created_at, ?1), changed_at = ?2
                   WHERE id = ?3 AND state IN ('pending', 'dead', 'uncertain', 'cancelled')";
        let query = sqlx::query(sql).bind(now.as_millisecond()).bind(now.to_string()).bind(id);
        self.change_mail(query, id, Deed::Retry, "sent again", now).await
    }

    /// Cancels a mail that has not left for certain.
    pub async fn cancel_delivery(&self, id: i64, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = 'cancelled', answer = ?, changed_at = ?
                   WHERE id = ? AND state IN ('pending', 'dead', 'uncertain')";
        let query = sqlx::query(sql).bind(why).bind(now.to_string()).bind(id);
        self.change_mail(query, id, Deed::Cancel, "cancelled", now).await
    }

    /// Changes a mail and says so in the audit log, both or neither.
    async fn change_mail(
        &self,
        query: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
        id: i64,
        deed: Deed,
        change: &'static str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let done = query.execute(&mut *transaction).await?.rows_affected();
        if done == 1 {
            audit::append_mails(&mut transaction, &self.actor, deed, &[id], now).await?;
            transaction.commit().await?;
            return Ok(());
        }
        drop(transaction);
        drop(connection);
        self.must_have_changed(done, id, change).await
    }

    async fn must_have_changed(&self, rows: u64, id: i64, change: &'static str) -> Result<(), StoreError> {
        if rows == 1 {
            return Ok(());
        }
        let row = sqlx::query("SELECT state FROM outbox WHERE id = ?").bind(id);
        let row = row.fetch_optional(&self.pool).await?.ok_or(StoreError::NoSuchDelivery(id))?;
        Err(StoreError::DeliveryState { id, state: row.get(0), change })
    }

    /// The instant from which the next waiting mail may be tried.
    pub async fn next_mail_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(try_at) FROM outbox WHERE state = 'pending'";
        let row = sqlx::query(sql).fetch_one(&self.pool).await?;
        Ok(row.get::<Option<i64>, _>(0).map(millis))
    }
}

fn read_delivery(row: &SqliteRow) -> Delivery {
    Delivery {
        id: row.get(0),
        run: row.get(1),
        kind: row.get(2),
        unit: row.get(3),
        name: row.get(4),
        address: row.get(5),
        message_id: row.get(6),
        state: row.get(7),
        attempts: row.get(8),
        answer: row.get(9),
        created_at: millis(row.get(10)),
        try_at: millis(row.get(11)),
        changed_at: row.get(12),
        sha256: row.get(13),
    }
}
