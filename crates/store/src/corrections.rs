//! Correction lists, kept with their run until it is released.

use sqlx::{Row, SqliteConnection};

use super::{Store, StoreError};
use tongbao_figures::indicator::correction::CorrectionLists;

/// Writes the lists of a run within its transaction.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    run: i64,
    corrections: &CorrectionLists,
) -> Result<(), StoreError> {
    for (unit, list) in corrections {
        sqlx::query("INSERT INTO correction (run, unit, list) VALUES (?, ?, ?)")
            .bind(run)
            .bind(unit)
            .bind(serde_json::json!(list).to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

impl Store {
    /// The lists of a run by unit code.
    pub async fn corrections(&self, run: i64) -> Result<CorrectionLists, StoreError> {
        let query = sqlx::query("SELECT unit, list FROM correction WHERE run = ?").bind(run);
        let rows = query.fetch_all(&self.pool).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let list = serde_json::from_str(row.get(1));
            let unreadable = |_| StoreError::Unreadable { run, what: "a correction list" };
            list.map(|list| (row.get(0), list)).map_err(unreadable)
        };
        rows.iter().map(read).collect()
    }
}
