//! Which files runs were made from.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::SqliteConnection;

use super::named_columns::named_columns;
use super::{Store, StoreError};

/// A file that was read for a run: of the register or of another list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Input {
    /// Its path when it was read.
    pub name: String,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
}

named_columns! { Input { name, sha256 } }

impl Store {
    /// The contents that filled slots: by SHA-256 the first run that was made from each, of all
    /// reports or of one.
    pub async fn used_inputs(&self, report: Option<&str>) -> Result<BTreeMap<String, i64>, StoreError> {
        let used: Vec<(String, i64)> = sqlx::query_as(
            "SELECT sha256, min(run.id) FROM input JOIN run ON run.id = input.run \
             WHERE run.slot IS NOT NULL AND (?1 IS NULL OR run.report = ?1) GROUP BY sha256",
        )
        .bind(report)
        .fetch_all(&self.pool)
        .await?;
        Ok(used.into_iter().collect())
    }

    /// The files that a run was made from.
    pub async fn inputs(&self, run: i64) -> Result<Vec<Input>, StoreError> {
        let query = sqlx::query_as("SELECT name, sha256 FROM input WHERE run = ? ORDER BY name").bind(run);
        Ok(query.fetch_all(&self.pool).await?)
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    run: i64,
    inputs: &[Input],
) -> Result<(), StoreError> {
    for input in inputs {
        sqlx::query("INSERT INTO input (run, name, sha256) VALUES (?, ?, ?)")
            .bind(run)
            .bind(&input.name)
            .bind(&input.sha256)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
