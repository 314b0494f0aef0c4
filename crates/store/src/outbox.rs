//! The outbox: what must leave, one row a recipient, committed before anything leaves.
//!
//! A row is `pending`, then `sending` under the claim of one sender, `handed` from just before its
//! text goes out until the answer is on record, and then `sent`, `dead` or `uncertain`. Whatever
//! crashes before `handed` has sent nothing and is sent again; whatever crashes after it is uncertain.
//!
//! [`super::claims`] says how a mail passes between senders.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, FromRow, Row, SqliteConnection};
use tongbao_message::{Message, message};

use super::archive::ArchivedMail;
use super::audit::{self, AuditAction};
pub use super::states::Purpose;
use super::states::{MailState, StateChange};
use super::stored_words::listed;
use super::{Store, StoreError, as_text, millis, stored_message};
use tongbao_host::work;

/// A mail about to be committed.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// What it is for.
    pub purpose: Purpose,
    /// Code of the unit whose own page and correction list it carries.
    pub unit: Option<String>,
    /// As the mail addresses the recipient.
    pub name: String,
    /// The one recipient.
    pub address: String,
    /// With its angle brackets.
    pub message_id: String,
    /// The whole message; resent with the same bytes.
    pub bytes: Vec<u8>,
}

/// A row of the outbox.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Delivery {
    /// Number of the mail.
    pub id: i64,
    /// The run whose document it carries; `None` of alerts.
    pub run: Option<i64>,
    /// What it is for.
    pub kind: Purpose,
    /// Code of the unit whose own page and correction list it carries.
    pub unit: Option<String>,
    /// As the mail addresses the recipient.
    pub name: String,
    /// The one recipient.
    pub address: String,
    /// With its angle brackets.
    pub message_id: String,
    /// How far it has come.
    pub state: MailState,
    /// Attempts whose outcome is on record.
    pub attempts: i64,
    /// What the server answered last, or why no answer came.
    pub answer: Option<Message>,
    /// When it was committed.
    #[serde(serialize_with = "as_text")]
    pub created_at: Timestamp,
    /// Not to be tried before.
    #[serde(serialize_with = "as_text")]
    pub try_at: Timestamp,
    /// When the state was set, RFC 3339, UTC.
    pub changed_at: String,
    /// Name of the message in the archive.
    #[serde(skip)]
    pub sha256: String,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// The server took it.
    Sent,
    /// To be tried again.
    Pending {
        /// Not before this instant.
        try_at: Timestamp,
    },
    /// Given up: refused for good, or its time ran out.
    Dead,
    /// The answer was lost after the message had been handed over.
    Uncertain,
}

impl Attempted {
    /// What the holder of the claim makes of its mail. Another may have taken it for cut off meanwhile.
    pub(super) const fn change(self) -> StateChange<MailState> {
        use MailState::{Dead, Handed, Pending, Sending, Sent, Uncertain};
        const SENT: StateChange<MailState> = Sent.after(&[Handed, Uncertain]);
        const PUT_OFF: StateChange<MailState> = Pending.after(&[Sending, Handed, Uncertain]);
        const GIVEN_UP: StateChange<MailState> = Dead.after(&[Sending, Handed, Uncertain]);
        const DOUBTFUL: StateChange<MailState> = Uncertain.after(&[Sending, Handed]);
        match self {
            Attempted::Sent => SENT,
            Attempted::Pending { .. } => PUT_OFF,
            Attempted::Dead => GIVEN_UP,
            Attempted::Uncertain => DOUBTFUL,
        }
    }

    /// What the audit log says of it; of a mail that will be tried again, nothing.
    pub(super) fn audit_action(self) -> Option<AuditAction> {
        match self {
            Attempted::Sent => Some(AuditAction::Send),
            Attempted::Pending { .. } => None,
            Attempted::Dead => Some(AuditAction::GiveUp),
            Attempted::Uncertain => Some(AuditAction::Doubt),
        }
    }
}

/// Claim of a mail that was without a final answer in a copy: no policy sends it again automatically.
pub(super) const RESTORED: &str = "restored";

/// The note of the last wish of a person to send again.
const WISH: &str = "retry_wish";

pub(super) const COLUMNS: &str = "id, run, kind, unit, name, address, message_id, state, attempts, answer, created_at, \
                       try_at, changed_at, sha256";

/// Adds a mail. A Message-ID that is there already is an error: no mail may get lost unnoticed.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    who: &str,
    run: Option<i64>,
    delivery: &NewDelivery,
    message: &ArchivedMail,
    now: Timestamp,
) -> Result<(), StoreError> {
    let done = sqlx::query(
        "INSERT INTO outbox (run, kind, unit, name, address, message_id, sha256, created_at, try_at, changed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(run)
    .bind(delivery.purpose)
    .bind(&delivery.unit)
    .bind(&delivery.name)
    .bind(&delivery.address)
    .bind(&delivery.message_id)
    .bind(&message.digest)
    .bind(now.as_millisecond())
    .bind(now.as_millisecond())
    .bind(now.to_string())
    .execute(&mut *connection)
    .await?;
    for part in &message.parts {
        let sql = "INSERT INTO part (message, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING";
        sqlx::query(sql).bind(&message.digest).bind(part).execute(&mut *connection).await?;
    }
    audit::append_mails(connection, who, AuditAction::Queue, &[done.last_insert_rowid()], now).await
}

async fn is_known(connection: &mut SqliteConnection, message_id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE message_id = ?)";
    Ok(sqlx::query_scalar(sql).bind(message_id).fetch_one(connection).await?)
}

impl Store {
    /// Deliveries of one run, or of all, oldest first.
    pub async fn deliveries(&self, run: Option<i64>) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM outbox WHERE ?1 IS NULL OR run = ?1 ORDER BY id");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(run).fetch_all(&self.pool).await?)
    }

    /// Deliveries that wait to be sent, oldest first.
    pub async fn pending(&self, run: Option<i64>) -> Result<Vec<Delivery>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM outbox WHERE state = ?2 AND (?1 IS NULL OR run = ?1) ORDER BY id");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(run).bind(MailState::Pending);
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// Commits alerts, each once by its Message-ID. Returns how many are new.
    pub async fn enqueue(&self, mails: &[NewDelivery], now: Timestamp) -> Result<usize, StoreError> {
        let archive = self.archive.clone();
        let messages: Vec<Vec<u8>> = mails.iter().map(|mail| mail.bytes.clone()).collect();
        let archived = work::block(move || messages.iter().map(|bytes| archive.put_message(bytes)).collect());
        let digests: Result<Vec<ArchivedMail>, StoreError> = archived.await;
        let digests = digests?;
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut new = 0;
        for (mail, digest) in mails.iter().zip(&digests) {
            if !is_known(&mut transaction, &mail.message_id).await? {
                insert(&mut transaction, &self.actor, None, mail, digest, now).await?;
                new += 1;
            }
        }
        self.commit(transaction).await?;
        Ok(new)
    }

    /// Makes waiting mails due at once, those of one run or all. Returns how many wait.
    pub async fn send_now(&self, run: Option<i64>, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE outbox SET try_at = MIN(try_at, ?1) WHERE state = ?3 AND (?2 IS NULL OR run = ?2)";
        let query = sqlx::query(sql).bind(now.as_millisecond()).bind(run).bind(MailState::Pending);
        Ok(query.execute(&self.pool).await?.rows_affected())
    }

    /// Releases uncertain mails to be sent again with the same bytes, where the policy wants that.
    pub async fn resend_uncertain(&self, now: Timestamp) -> Result<u64, StoreError> {
        const RESEND: StateChange<MailState> = MailState::Pending.after(&[MailState::Uncertain]);
        let sql =
            RESEND.sql("UPDATE outbox SET {to}, try_at = ? WHERE {from} AND claim IS NOT ? RETURNING id");
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let query = sqlx::query_scalar(sql).bind(now.as_millisecond()).bind(RESTORED);
        let released: Vec<i64> = query.fetch_all(&mut *transaction).await?;
        audit::append_mails(&mut transaction, &self.actor, AuditAction::Retry, &released, now).await?;
        self.commit(transaction).await?;
        Ok(released.len() as u64)
    }

    /// Sends a mail again on a person's word: one that is dead, uncertain or cancelled, or that waits.
    pub async fn retry_delivery(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        use MailState::{Cancelled, Dead, Pending, Uncertain};
        const RETRY: StateChange<MailState> = Pending.after(&[Dead, Uncertain, Cancelled]);
        let sql = RETRY.sql(
            "UPDATE outbox SET {to}, try_at = ?1, created_at = MAX(created_at, ?1), changed_at = ?2
             WHERE id = ?3 AND ({from} OR state = ?4) AND pruned_at IS NULL",
        );
        let query = sqlx::query(sql).bind(now.as_millisecond()).bind(now.to_string()).bind(id).bind(Pending);
        self.change_mail(query, id, AuditAction::Retry, message!("sent-again"), now).await?;
        let mut connection = self.pool.acquire().await?;
        ask_for_test(&mut connection).await
    }

    /// Changes with every wish of a person to send again: then also a queue that rests is worth a try.
    pub async fn last_wish(&self) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT text FROM note WHERE name = ?").bind(WISH);
        Ok(query.fetch_optional(&self.pool).await?)
    }

    /// Sends all dead mails again, or those of one run. Returns their numbers.
    pub async fn retry_dead(&self, run: Option<i64>, now: Timestamp) -> Result<Vec<i64>, StoreError> {
        const RETRY: StateChange<MailState> = MailState::Pending.after(&[MailState::Dead]);
        let sql = RETRY.sql(
            "UPDATE outbox SET {to}, try_at = ?1, created_at = MAX(created_at, ?1), changed_at = ?2
             WHERE {from} AND (?3 IS NULL OR run = ?3) AND pruned_at IS NULL RETURNING id",
        );
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let query = sqlx::query_scalar(sql).bind(now.as_millisecond()).bind(now.to_string()).bind(run);
        let mut ids: Vec<i64> = query.fetch_all(&mut *transaction).await?;
        ids.sort_unstable();
        audit::append_mails(&mut transaction, &self.actor, AuditAction::Retry, &ids, now).await?;
        ask_for_test(&mut transaction).await?;
        self.commit(transaction).await?;
        Ok(ids)
    }

    /// Mails that need a person and have no alert yet. Alerts about alerts would not arrive either.
    pub async fn unreported(&self) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM outbox WHERE told = 0 AND kind <> ? AND state IN ({}) ORDER BY id",
            listed(&[MailState::Dead, MailState::Uncertain])
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(Purpose::Alert).fetch_all(&self.pool).await?)
    }

    /// Notes that a mail has its alert.
    pub async fn mark_reported(&self, id: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET told = 1 WHERE id = ?").bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// Cancels a mail that has not left for certain.
    pub async fn cancel_delivery(&self, id: i64, why: &Message, now: Timestamp) -> Result<(), StoreError> {
        use MailState::{Cancelled, Dead, Pending, Uncertain};
        const CANCEL: StateChange<MailState> = Cancelled.after(&[Pending, Dead, Uncertain]);
        let sql = CANCEL.sql("UPDATE outbox SET {to}, answer = ?, changed_at = ? WHERE id = ? AND {from}");
        let query = sqlx::query(sql).bind(why.to_stored()).bind(now.to_string()).bind(id);
        self.change_mail(query, id, AuditAction::Cancel, message!("mail-state-cancelled"), now).await
    }

    /// Changes a mail and says so in the audit log, both or neither.
    async fn change_mail(
        &self,
        query: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
        id: i64,
        action: AuditAction,
        change: Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let done = query.execute(&mut *transaction).await?.rows_affected();
        if done == 1 {
            audit::append_mails(&mut transaction, &self.actor, action, &[id], now).await?;
            self.commit(transaction).await?;
            return Ok(());
        }
        drop(transaction);
        drop(connection);
        self.must_have_changed(done, id, change).await
    }

    async fn must_have_changed(&self, rows: u64, id: i64, change: Message) -> Result<(), StoreError> {
        if rows == 1 {
            return Ok(());
        }
        let sql = "SELECT state, pruned_at IS NOT NULL FROM outbox WHERE id = ?";
        let found: Option<(MailState, bool)> =
            sqlx::query_as(sql).bind(id).fetch_optional(&self.pool).await?;
        match found {
            None => Err(StoreError::NoSuchDelivery(id)),
            Some((_, true)) => Err(StoreError::MailPruned(id)),
            Some((state, false)) => Err(StoreError::DeliveryState { id, state, change }),
        }
    }

    /// The instant from which the next waiting mail may be tried.
    pub async fn next_mail_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let query = sqlx::query_scalar::<_, Option<i64>>("SELECT MIN(try_at) FROM outbox WHERE state = ?");
        Ok(query.bind(MailState::Pending).fetch_one(&self.pool).await?.map(millis))
    }
}

async fn ask_for_test(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let sql = "INSERT INTO note (name, text) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET text = ?2";
    sqlx::query(sql).bind(WISH).bind(format!("{:016x}", fastrand::u64(..))).execute(connection).await?;
    Ok(())
}

impl FromRow<'_, SqliteRow> for Delivery {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Delivery> {
        Ok(Delivery {
            id: row.try_get("id")?,
            run: row.try_get("run")?,
            kind: row.try_get("kind")?,
            unit: row.try_get("unit")?,
            name: row.try_get("name")?,
            address: row.try_get("address")?,
            message_id: row.try_get("message_id")?,
            state: row.try_get("state")?,
            attempts: row.try_get("attempts")?,
            answer: stored_message(row, "answer")?,
            created_at: millis(row.try_get("created_at")?),
            try_at: millis(row.try_get("try_at")?),
            changed_at: row.try_get("changed_at")?,
            sha256: row.try_get("sha256")?,
        })
    }
}
