//! Lists of record keys by their digests, on record before the seed of a re-check is known.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use super::audit::{self, AuditAction};
use super::named_columns::named_columns;
use super::{Store, StoreError};

/// The records of a unit as they stood when their list was announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecheckList {
    /// Number of the list.
    pub id: i64,
    /// Code.
    pub unit: String,
    /// Last registration day of the records.
    pub cut_off: String,
    /// Records.
    pub population: i64,
    /// Digest of their keys.
    pub keys: String,
    /// As in the audit log.
    pub listed_by: String,
    /// RFC 3339, UTC.
    pub listed_at: String,
}

named_columns! {
    RecheckList { id, unit, cut_off, population, keys, listed_by, listed_at }
}

/// A list about to be recorded.
#[derive(Debug, Clone)]
pub struct NewRecheckList<'a> {
    /// Code.
    pub unit: &'a str,
    /// Last registration day of the records.
    pub cut_off: Date,
    /// Records.
    pub population: u64,
    /// Digest of their keys.
    pub keys: &'a str,
}

const COLUMNS: &str = "id, unit, cut_off, population, keys, listed_by, listed_at";

impl Store {
    /// Records lists that are announced together; returns them in the same order.
    pub async fn announce_rechecks(
        &self,
        lists: &[NewRecheckList<'_>],
        now: Timestamp,
    ) -> Result<Vec<RecheckList>, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut announced = Vec::new();
        for list in lists {
            let sql = format!(
                "INSERT INTO recheck_list (unit, cut_off, population, keys, listed_by, listed_at) \
                 VALUES (?, ?, ?, ?, ?, ?) RETURNING {COLUMNS}"
            );
            let made: RecheckList = sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(list.unit)
                .bind(list.cut_off.to_string())
                .bind(list.population as i64)
                .bind(list.keys)
                .bind(&*self.actor)
                .bind(now.to_string())
                .fetch_one(&mut *transaction)
                .await?;
            let detail = json!({ "unit": made.unit, "keys": made.keys, "records": made.population });
            let subject = format!("list {}", made.id);
            audit::append(&mut transaction, &self.actor, AuditAction::Announce, subject, detail, now).await?;
            announced.push(made);
        }
        self.commit(transaction).await?;
        Ok(announced)
    }

    /// The latest list of a unit up to this registration day.
    pub async fn announced_recheck(
        &self,
        unit: &str,
        cut_off: Date,
    ) -> Result<Option<RecheckList>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM recheck_list WHERE unit = ? AND cut_off = ? ORDER BY id DESC LIMIT 1"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(unit).bind(cut_off.to_string());
        Ok(query.fetch_optional(&self.pool).await?)
    }
}
