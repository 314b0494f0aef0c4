//! The register of numbers 文号登记: which run has been released under which number.

use serde::Serialize;
use sqlx::Row;

use super::runs::Run;
use super::{Store, StoreError};
use tongbao_base::schedule::number::Number;

/// A number on record and the document it was given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenNumber {
    pub number: String,
    pub run: i64,
    pub report: String,
    pub from: String,
    pub to: String,
    /// When the run was released under it.
    pub given_at: String,
    /// Who released the run; `None` where it was released as it was made.
    pub by: Option<String>,
}

impl Store {
    /// All numbers given, newest first. With `report`, those of one report.
    pub async fn numbers(&self, report: Option<&str>) -> Result<Vec<GivenNumber>, StoreError> {
        let sql = "SELECT number, id, report, period_from, period_to, COALESCE(decided_at, recorded_at), decided_by
             FROM run WHERE number IS NOT NULL AND state IN ('done', 'approved') AND (?1 IS NULL OR report = ?1)
             ORDER BY COALESCE(decided_at, recorded_at) DESC, id DESC";
        let rows = sqlx::query(sql).bind(report).fetch_all(&self.pool).await?;
        let given = |row: &sqlx::sqlite::SqliteRow| GivenNumber {
            number: row.get(0),
            run: row.get(1),
            report: row.get(2),
            from: row.get(3),
            to: row.get(4),
            given_at: row.get(5),
            by: row.get(6),
        };
        Ok(rows.iter().map(given).collect())
    }

    /// The highest serial given within a scope; `None` if none has been.
    pub async fn highest_serial(&self, scope: &str) -> Result<Option<u32>, StoreError> {
        let sql = "SELECT MAX(number_serial) FROM run WHERE number_scope = ?";
        let row = sqlx::query(sql).bind(scope).fetch_one(&self.pool).await?;
        Ok(row.get(0))
    }

    /// The run that was released under a number.
    pub async fn number_holder(&self, number: &Number) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM run WHERE number_scope = ? AND number_serial = ?";
        let query = sqlx::query(sql).bind(&number.scope).bind(number.serial);
        Ok(query.fetch_optional(&self.pool).await?.map(|row| row.get(0)))
    }

    /// The held runs, oldest first: what waits for a person.
    pub async fn held_runs(&self) -> Result<Vec<Run>, StoreError> {
        self.runs_where("state = 'held'", "ORDER BY id").await
    }
}
