//! A counter that stands in the database and, after each commit that counts, in a file next to it. A database
//! that counts less than the file is not the one that was last used: its log was lost, or an earlier copy was
//! put in its place, and it no longer knows what has been sent.

use std::fs::OpenOptions;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use sqlx::SqliteConnection;

use super::StoreError;

/// The file within the state folder.
pub(super) const FILE: &str = "counter";

/// Counts on, within the transaction that does something worth it.
pub(super) async fn advance(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO note (name, text) VALUES ('counter', '1')
         ON CONFLICT (name) DO UPDATE SET text = CAST(text AS INTEGER) + 1",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts on from the file, where that is ahead: a restored state is newer than what it replaces. Returns the count.
pub(super) async fn overtake(connection: &mut SqliteConnection, dir: &Path) -> Result<u64, StoreError> {
    let ahead = read(dir).unwrap_or(0).max(inside(connection).await?) + 1;
    sqlx::query(
        "INSERT INTO note (name, text) VALUES ('counter', ?1) ON CONFLICT (name) DO UPDATE SET text = ?1",
    )
    .bind(ahead.to_string())
    .execute(connection)
    .await?;
    Ok(ahead)
}

/// The count of the database; 0 in one that an earlier version has written.
pub(super) async fn inside(connection: &mut SqliteConnection) -> Result<u64, StoreError> {
    // SQLite counts on in a column of texts, so that it is one again.
    let query = sqlx::query_scalar("SELECT text FROM note WHERE name = 'counter'");
    let text: Option<String> = query.fetch_optional(connection).await?;
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// The count of the file; `None` if there is none that can be read.
pub(super) fn read(dir: &Path) -> Option<u64> {
    std::fs::read_to_string(dir.join(FILE)).ok()?.trim().parse().ok()
}

/// Brings the file up to a count. It is overwritten in place and never shortened, so that no crash leaves it
/// empty. One that cannot be written says too little, which does no harm.
pub(super) fn keep(dir: &Path, count: u64) {
    if count == 0 || read(dir).is_some_and(|known| known >= count) {
        return;
    }
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(dir.join(FILE));
    if let Err(problem) = file.and_then(|file| file.write_all_at(format!("{count:020}\n").as_bytes(), 0)) {
        tracing::warn!("the counter beside the state database cannot be written: {problem}");
    }
}
