//! Correction lists, kept with their run until it is released.

use sqlx::SqliteConnection;

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
        let query = sqlx::query_as("SELECT unit, list FROM correction WHERE run = ?").bind(run);
        let rows: Vec<(String, String)> = query.fetch_all(&self.pool).await?;
        let read = |(unit, list): (String, String)| {
            let unreadable = |_| StoreError::Unreadable { run, what: "a correction list" };
            serde_json::from_str(&list).map(|list| (unit, list)).map_err(unreadable)
        };
        rows.into_iter().map(read).collect()
    }
}
