//! The register of numbers 文号登记: which run has been released under which number.

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use super::runs::Run;
use super::states::RunState;
use super::stored_words::listed;
use super::{Store, StoreError};
use tongbao_base::schedule::number::Number;

/// A number on record and the document it was given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenNumber {
    /// As it is printed.
    pub number: String,
    /// The run that carries it.
    pub run: i64,
    /// Name of the report in the configuration.
    pub report: String,
    /// First day of the period, `YYYY-MM-DD`.
    pub from: String,
    /// Last day of the period, `YYYY-MM-DD`.
    pub to: String,
    /// When the run was released under it.
    pub given_at: String,
    /// Who released the run; `None` where it was released as it was made.
    pub by: Option<String>,
}

impl Store {
    /// All numbers given, newest first. With `report`, those of one report.
    pub async fn numbers(&self, report: Option<&str>) -> Result<Vec<GivenNumber>, StoreError> {
        let sql = format!(
            "SELECT number, id, report, period_from, period_to, COALESCE(decided_at, recorded_at) AS given_at, decided_by
             FROM run WHERE number IS NOT NULL AND state IN ({}) AND (?1 IS NULL OR report = ?1)
             ORDER BY COALESCE(decided_at, recorded_at) DESC, id DESC",
            listed(RunState::RELEASED)
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(report).fetch_all(&self.pool).await?)
    }

    /// The highest serial given within a scope; `None` if none has been.
    pub async fn highest_serial(&self, scope: &str) -> Result<Option<u32>, StoreError> {
        let sql = "SELECT MAX(number_serial) FROM run WHERE number_scope = ?";
        Ok(sqlx::query_scalar(sql).bind(scope).fetch_one(&self.pool).await?)
    }

    /// The run that was released under a number.
    pub async fn number_holder(&self, number: &Number) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM run WHERE number_scope = ? AND number_serial = ?";
        let query = sqlx::query_scalar(sql).bind(&number.scope).bind(number.serial);
        Ok(query.fetch_optional(&self.pool).await?)
    }

    /// The held runs, oldest first: what waits for a person.
    pub async fn held_runs(&self) -> Result<Vec<Run>, StoreError> {
        self.runs_in(RunState::Held).await
    }
}

impl FromRow<'_, SqliteRow> for GivenNumber {
    fn from_row(row: &SqliteRow) -> sqlx::Result<GivenNumber> {
        Ok(GivenNumber {
            number: row.try_get("number")?,
            run: row.try_get("id")?,
            report: row.try_get("report")?,
            from: row.try_get("period_from")?,
            to: row.try_get("period_to")?,
            given_at: row.try_get("given_at")?,
            by: row.try_get("decided_by")?,
        })
    }
}
