//! Sessions of the console, and the tries to sign in that failed. Sessions are marks that come and go: they are in
//! no entry of the audit log, and a restore ends them all.

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use super::people::Person;
use super::{Store, StoreError, millis};
use tongbao_base::access::lifetime::Lifetime;
use tongbao_base::access::throttle::{FailedTry, WINDOW};

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of its cookie.
    pub digest: String,
    /// Number of the account.
    pub person: i64,
    /// When the person signed in.
    pub began_at: Timestamp,
    /// When the last page was asked for.
    pub used_at: Timestamp,
    /// When the password was last given.
    pub confirmed_at: Timestamp,
    /// Network address that signed in.
    pub address: String,
    /// `User-Agent` of the browser, cut off after 200 characters.
    pub device: String,
}

/// The last use is written at most so often.
const NOTE_USE_EVERY: SignedDuration = SignedDuration::from_mins(1);

const COLUMNS: &str = "digest, person, began_at, used_at, confirmed_at, address, device";

impl Store {
    /// Records that a person has signed in.
    pub async fn begin_session(&self, session: &Session) -> Result<(), StoreError> {
        let sql = format!("INSERT INTO session ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&session.digest)
            .bind(session.person)
            .bind(session.began_at.as_millisecond())
            .bind(session.used_at.as_millisecond())
            .bind(session.confirmed_at.as_millisecond())
            .bind(&session.address)
            .bind(&session.device)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The session of a cookie's digest with its person, while it lives and the account is in use. Its use is noted.
    pub async fn session(
        &self,
        digest: &str,
        lifetime: Lifetime,
        now: Timestamp,
    ) -> Result<Option<(Session, Person)>, StoreError> {
        let sql = "SELECT p.id, p.name, p.role, p.unit, p.one_time_until, p.password_at, p.disabled_at, p.created_at, \
                   p.second_factor IS NOT NULL AS has_second_factor, \
                   s.digest, s.person, s.began_at, s.used_at, s.confirmed_at, s.address, s.device \
                   FROM session s JOIN person p ON p.id = s.person WHERE s.digest = ? AND p.disabled_at IS NULL";
        let row = sqlx::query(sql).bind(digest).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let (session, person) = (Session::from_row(&row)?, Person::from_row(&row)?);
        if !lifetime.holds(session.began_at, session.used_at, now) {
            self.end_session(digest).await?;
            return Ok(None);
        }
        if now.duration_since(session.used_at) >= NOTE_USE_EVERY {
            let sql = "UPDATE session SET used_at = MAX(used_at, ?) WHERE digest = ?";
            sqlx::query(sql).bind(now.as_millisecond()).bind(digest).execute(&self.pool).await?;
        }
        Ok(Some((session, person)))
    }

    /// Gives a session another cookie after its password was given again.
    pub async fn confirm_session(&self, digest: &str, new: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE session SET digest = ?, confirmed_at = ?2, used_at = ?2 WHERE digest = ?3";
        let query = sqlx::query(sql).bind(new).bind(now.as_millisecond()).bind(digest);
        query.execute(&self.pool).await?;
        Ok(())
    }

    /// Ends a session; one that is not there has ended already.
    pub async fn end_session(&self, digest: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM session WHERE digest = ?").bind(digest).execute(&self.pool).await?;
        Ok(())
    }

    /// Ends the sessions of a person but for one.
    pub async fn end_other_sessions(&self, person: i64, but_for: &str) -> Result<u64, StoreError> {
        let sql = "DELETE FROM session WHERE person = ? AND digest <> ?";
        let done = sqlx::query(sql).bind(person).bind(but_for).execute(&self.pool).await?;
        Ok(done.rows_affected())
    }

    /// Living sessions of one person or of all, those used last first.
    pub async fn sessions(
        &self,
        person: Option<i64>,
        lifetime: Lifetime,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM session WHERE ?1 IS NULL OR person = ?1 ORDER BY used_at DESC, digest"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(person);
        let mut sessions: Vec<Session> = query.fetch_all(&self.pool).await?;
        sessions.retain(|session| lifetime.holds(session.began_at, session.used_at, now));
        Ok(sessions)
    }

    /// Removes sessions that have ended and failures that count no longer.
    pub async fn sweep_sessions(&self, lifetime: Lifetime, now: Timestamp) -> Result<(), StoreError> {
        let began = now.checked_sub(lifetime.longest).unwrap_or(Timestamp::MIN);
        let used = now.checked_sub(lifetime.idle).unwrap_or(Timestamp::MIN);
        sqlx::query("DELETE FROM session WHERE began_at <= ? OR used_at <= ?")
            .bind(began.as_millisecond())
            .bind(used.as_millisecond())
            .execute(&self.pool)
            .await?;
        let since = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN).as_millisecond();
        sqlx::query("DELETE FROM sign_in_failure WHERE at <= ?").bind(since).execute(&self.pool).await?;
        Ok(())
    }

    /// Notes a try to sign in that failed. `name` is a digest of what was typed.
    pub async fn note_failure(&self, name: &str, address: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO sign_in_failure (at, name, address) VALUES (?, ?, ?)")
            .bind(now.as_millisecond())
            .bind(name)
            .bind(address)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The failures that count for a name's digest and an address.
    pub async fn failures(&self, name: &str, address: &str) -> Result<Vec<FailedTry>, StoreError> {
        // Of very many the latest decide.
        let sql = "SELECT at, name, address FROM sign_in_failure WHERE name = ?1 OR address = ?2 \
                   ORDER BY at DESC LIMIT 200";
        let rows: Vec<(i64, String, String)> =
            sqlx::query_as(sql).bind(name).bind(address).fetch_all(&self.pool).await?;
        let failure = |(at, account, from): (i64, String, String)| FailedTry {
            at: millis(at),
            is_same_account: account == name,
            is_same_address: from == address,
        };
        Ok(rows.into_iter().map(failure).collect())
    }

    /// Forgets the failures of a name from an address, after the right password.
    pub async fn forget_failures(&self, name: &str, address: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM sign_in_failure WHERE name = ? AND address = ?";
        sqlx::query(sql).bind(name).bind(address).execute(&self.pool).await?;
        Ok(())
    }
}

impl FromRow<'_, SqliteRow> for Session {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Session> {
        Ok(Session {
            digest: row.try_get("digest")?,
            person: row.try_get("person")?,
            began_at: millis(row.try_get("began_at")?),
            used_at: millis(row.try_get("used_at")?),
            confirmed_at: millis(row.try_get("confirmed_at")?),
            address: row.try_get("address")?,
            device: row.try_get("device")?,
        })
    }
}
