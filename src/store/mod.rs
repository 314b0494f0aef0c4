//! Runs, tallies and outbox in SQLite, documents in a content-addressed archive beside it.

pub mod archive;
pub mod lease;
pub mod outbox;
pub mod record;
pub mod runs;
pub mod slots;
pub mod tallies;

use std::path::{Path, PathBuf};

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use archive::Archive;

/// What can go wrong with the state.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot use the state folder {path}: {source}; make it writable or set [state] dir")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error(
        "the state database {path} cannot be used: {source}; if it is damaged, move it away and restore a copy"
    )]
    Open { path: PathBuf, source: sqlx::Error },
    #[error("the state database {path} was written by another version: {source}")]
    Migrate { path: PathBuf, source: sqlx::migrate::MigrateError },
    #[error("the state database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the archive {path} failed: {source}")]
    Archive { path: PathBuf, source: std::io::Error },
    #[error("the archive has lost or changed {0}; restore it from a copy")]
    Damaged(String),
    #[error("there is no run {0}; list them with: tongbao runs")]
    NoSuchRun(i64),
    #[error("slot {slot} of {report} is not open any more{}", .run.map(|run| format!(": it has run {run}")).unwrap_or_default())]
    SlotTaken { report: String, slot: String, run: Option<i64> },
    #[error("another daemon has taken over; this one commits nothing further")]
    LeaseLost,
    #[error("the number {0} has been given already; choose another with --number")]
    NumberTaken(String),
    #[error(
        "run {run} is {state}{}, not held; only held runs are approved or rejected",
        decision(.by, .at)
    )]
    NotHeld { run: i64, state: String, by: Option<String>, at: Option<String> },
    #[error("there is no delivery {0}; list them with: tongbao outbox")]
    NoSuchDelivery(i64),
    #[error("delivery {id} is {state} and cannot be {change}")]
    DeliveryState { id: i64, state: String, change: &'static str },
    #[error("run {run} holds {what} that this version cannot read")]
    Unreadable { run: i64, what: &'static str },
}

impl StoreError {
    /// That a run is not (or no longer) held, and who has decided on it.
    pub fn not_held(run: &runs::Run) -> StoreError {
        let runs::Run { id, state, decided_by, decided_at, .. } = run.clone();
        StoreError::NotHeld { run: id, state, by: decided_by, at: decided_at }
    }
}

fn decision(by: &Option<String>, at: &Option<String>) -> String {
    match (by, at) {
        (Some(by), Some(at)) => format!(" by {by} on {at}"),
        _ => String::new(),
    }
}

/// An instant as it is stored. What this program has written is always in range.
fn millis(milliseconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

/// An instant as JSON shows it.
fn as_text<S: serde::Serializer>(instant: &jiff::Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(instant)
}

/// The state folder.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    pub archive: Archive,
}

impl Store {
    /// Opens the state folder, creating it and bringing its database up to date.
    pub async fn open(dir: &Path) -> Result<Store, StoreError> {
        let folder = |source| StoreError::Folder { path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(folder)?;
        private(dir).map_err(folder)?;
        let path = dir.join("tongbao.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A committed run must survive a power cut: nothing may be sent twice afterwards.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_with(options)
            .await
            .map_err(|source| StoreError::Open { path: path.clone(), source })?;
        sqlx::migrate!("src/store/migrations")
            .run(&pool)
            .await
            .map_err(|source| StoreError::Migrate { path, source })?;
        Ok(Store { pool, archive: Archive::new(dir.join("archive")) })
    }

    /// Waits for the database to be closed cleanly.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

/// Totals are not secret, but outboxes hold addresses: the folder is for its owner alone.
#[cfg(unix)]
fn private(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}
