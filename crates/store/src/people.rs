//! People who sign in to the console. Every change of an account is in the audit log.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, FromRow, Row, Sqlite, Transaction};

use super::audit::{self, AuditAction};
use super::{Store, StoreError, millis};
use tongbao_base::access::role::Role;

/// An account of the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Number of the account.
    pub id: i64,
    /// What the person types to sign in, and the audit log as `console/NAME`.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// The unit that the role `unit` answers for.
    pub unit: Option<String>,
    /// Until when a one-time password may be used; `None` once the person has chosen one.
    pub one_time_until: Option<Timestamp>,
    /// When the password was set.
    pub password_at: String,
    /// Whether signing in asks for a code of an app (TOTP).
    pub has_second_factor: bool,
    /// Since when nobody can sign in with it; RFC 3339, UTC.
    pub disabled_at: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
}

/// What an account is opened with.
pub struct Account {
    /// Everything but its secrets.
    pub person: Person,
    /// Hash of its password.
    pub password: String,
    /// Secret of its second factor.
    pub second_factor: Option<String>,
}

/// An account about to be made.
#[derive(Debug, Clone)]
pub struct NewPerson<'a> {
    /// Unique among accounts.
    pub name: &'a str,
    /// What the person may do.
    pub role: Role,
    /// Code of the unit, for the role `unit` alone.
    pub unit: Option<&'a str>,
    /// Hash of its one-time password.
    pub password: &'a str,
    /// Until when the one-time password may be used.
    pub one_time_until: Timestamp,
}

const COLUMNS: &str = "id, name, role, unit, one_time_until, password_at, disabled_at, created_at, \
                       second_factor IS NOT NULL AS has_second_factor";

impl Store {
    /// All accounts by name.
    pub async fn people(&self) -> Result<Vec<Person>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM person ORDER BY name");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&self.pool).await?)
    }

    /// Units that accounts answer for.
    pub async fn units_of_people(&self) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT DISTINCT unit FROM person WHERE unit IS NOT NULL AND disabled_at IS NULL ORDER BY unit";
        Ok(sqlx::query_scalar(sql).fetch_all(&self.pool).await?)
    }

    /// The account of a name.
    pub async fn person(&self, name: &str) -> Result<Person, StoreError> {
        self.account(name)
            .await?
            .map(|account| account.person)
            .ok_or_else(|| StoreError::NoSuchPerson(name.into()))
    }

    /// The account of a name with what it is opened with.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let sql = format!("SELECT {COLUMNS}, password, second_factor FROM person WHERE name = ?");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(name).fetch_optional(&self.pool).await?)
    }

    /// Notes that a code of the second factor was used; false if it was before.
    pub async fn use_code(&self, person: i64, step: u64) -> Result<bool, StoreError> {
        let step = step as i64;
        let sql = "INSERT INTO used_code (person, step) VALUES (?, ?) ON CONFLICT DO NOTHING";
        let done = sqlx::query(sql).bind(person).bind(step).execute(&self.pool).await?;
        // Codes of an hour ago are accepted no more, used or not.
        let sql = "DELETE FROM used_code WHERE person = ? AND step < ?";
        sqlx::query(sql).bind(person).bind(step - 120).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Sets the second factor of an account, or takes it away; its other sessions end.
    pub async fn set_second_factor(
        &self,
        name: &str,
        secret: Option<&str>,
        but_for: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change_begun(name).await?;
        sqlx::query("UPDATE person SET second_factor = ? WHERE name = ?")
            .bind(secret)
            .bind(name)
            .execute(&mut *transaction)
            .await?;
        end_sessions(&mut transaction, name, but_for).await?;
        let what = if secret.is_some() { "second_factor" } else { "no_second_factor" };
        self.log_person(&mut transaction, name, AuditAction::ChangePerson, what, now).await?;
        self.commit(transaction).await
    }

    /// Adds an account.
    pub async fn add_person(&self, new: &NewPerson<'_>, now: Timestamp) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let sql = "INSERT INTO person (name, role, unit, password, one_time_until, password_at, created_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT DO NOTHING";
        let done = sqlx::query(sql)
            .bind(new.name)
            .bind(new.role.key())
            .bind(new.unit)
            .bind(new.password)
            .bind(new.one_time_until.as_millisecond())
            .bind(now.to_string())
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::PersonExists(new.name.to_owned()));
        }
        self.log_person(&mut transaction, new.name, AuditAction::AddPerson, "add", now).await?;
        self.commit(transaction).await
    }

    /// Sets a password and ends all sessions of the account but `but_for` (a session's digest). With `one_time_until`
    /// it is for one sign-in, after which the person chooses another.
    pub async fn set_password(
        &self,
        name: &str,
        hash: &str,
        one_time_until: Option<Timestamp>,
        but_for: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change_begun(name).await?;
        // A person who gets a one-time password may have lost the telephone too, and sets the second factor up again.
        let sql = "UPDATE person SET password = ?1, one_time_until = ?2, password_at = ?3, \
                   second_factor = CASE WHEN ?2 IS NULL THEN second_factor END WHERE name = ?4";
        sqlx::query(sql)
            .bind(hash)
            .bind(one_time_until.map(Timestamp::as_millisecond))
            .bind(now.to_string())
            .bind(name)
            .execute(&mut *transaction)
            .await?;
        end_sessions(&mut transaction, name, but_for).await?;
        let what = if one_time_until.is_some() { "reset" } else { "password" };
        self.log_person(&mut transaction, name, AuditAction::ChangePerson, what, now).await?;
        self.commit(transaction).await
    }

    /// Disables an account and ends its sessions, or enables it again.
    pub async fn disable_person(&self, name: &str, disabled: bool, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.change_begun(name).await?;
        sqlx::query("UPDATE person SET disabled_at = ? WHERE name = ?")
            .bind(disabled.then(|| now.to_string()))
            .bind(name)
            .execute(&mut *transaction)
            .await?;
        if disabled {
            end_sessions(&mut transaction, name, None).await?;
        }
        let what = if disabled { "disable" } else { "enable" };
        self.log_person(&mut transaction, name, AuditAction::ChangePerson, what, now).await?;
        self.commit(transaction).await
    }

    async fn change_begun(&self, name: &str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let row = sqlx::query("SELECT id FROM person WHERE name = ?").bind(name);
        match row.fetch_optional(&mut *transaction).await? {
            Some(_) => Ok(transaction),
            None => Err(StoreError::NoSuchPerson(name.to_owned())),
        }
    }

    async fn log_person(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        name: &str,
        action: AuditAction,
        what: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let subject = format!("person {name}");
        audit::append(transaction, &self.actor, action, subject, json!({ "what": what }), now).await
    }
}

async fn end_sessions(
    transaction: &mut Transaction<'_, Sqlite>,
    name: &str,
    but_for: Option<&str>,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM session WHERE person = (SELECT id FROM person WHERE name = ?) AND digest IS NOT ?";
    sqlx::query(sql).bind(name).bind(but_for).execute(&mut **transaction).await?;
    Ok(())
}

impl FromRow<'_, SqliteRow> for Person {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Person> {
        let (name, role): (String, &str) = (row.try_get("name")?, row.try_get("role")?);
        let unknown = || sqlx::Error::Decode(Box::new(StoreError::PersonUnreadable(name.clone())));
        Ok(Person {
            id: row.try_get("id")?,
            role: Role::parse(role).ok_or_else(unknown)?,
            unit: row.try_get("unit")?,
            one_time_until: row.try_get::<Option<i64>, _>("one_time_until")?.map(millis),
            password_at: row.try_get("password_at")?,
            disabled_at: row.try_get("disabled_at")?,
            created_at: row.try_get("created_at")?,
            has_second_factor: row.try_get("has_second_factor")?,
            name,
        })
    }
}

impl FromRow<'_, SqliteRow> for Account {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Account> {
        Ok(Account {
            person: Person::from_row(row)?,
            password: row.try_get("password")?,
            second_factor: row.try_get("second_factor")?,
        })
    }
}
