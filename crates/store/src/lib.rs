//! Runs, tallies and outbox in SQLite, documents in a content-addressed archive next to it.

pub mod access;
pub mod amendments;
pub mod archive;
pub mod audit;
pub mod backup;
pub mod claims;
pub mod clock;
pub mod commit;
mod corrections;
mod counter;
#[allow(
    missing_docs,
    reason = "the message of a variant says what happened, and its fields are the values of that message"
)]
mod error;
mod findings;
pub mod input_files;
pub mod lease;
pub mod listing;
pub mod living_senders;
mod message_parts;
mod named_columns;
pub mod numbers;
pub mod outbox;
pub mod people;
pub mod pull_mode;
mod reading;
pub mod recheck_lists;
pub mod rechecks;
pub mod requests;
pub mod restore;
pub mod retention;
mod row_comparison;
mod rows;
pub mod runs;
pub mod sessions;
mod slot_changes;
pub mod slots;
mod state_checks;
pub mod state_counts;
pub mod states;
mod stored_words;
pub mod tallies;
mod unknown_time;
pub mod uploads;
pub mod verification;

tongbao_message::catalogue!();

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlStr, Sqlite, SqlitePool, Transaction};

use access::private;
use archive::Archive;
pub use error::{StoreError, decided};
use reading::TemporaryFolder;
use state_checks::FileId;

use tongbao_host::account;
use tongbao_host::whole_file::{self, Partial};

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
    /// Documents and messages by their digest.
    pub archive: Archive,
    dir: PathBuf,
    /// The database as it was opened.
    file: Option<FileId>,
    /// Where the database is if it is a copy.
    copy: Option<Arc<TemporaryFolder>>,
    /// Whom the audit log names.
    actor: Arc<str>,
}

/// The database within the state folder.
const DATABASE: &str = "tongbao.db";

/// The archive within the state folder.
const ARCHIVE: &str = "archive";

impl Store {
    /// Opens the state folder, creating it and bringing its database up to date. A state that cannot
    /// be trusted is refused: from an empty one nobody could tell what has been sent.
    pub async fn open(dir: &Path) -> Result<Store, StoreError> {
        let folder = |source| StoreError::Folder { path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(folder)?;
        state_checks::is_own(dir)?;
        private(dir).map_err(folder)?;
        let (path, archive) = (dir.join(DATABASE), Archive::new(dir.join(ARCHIVE)));
        // Of several that begin at once, one makes the database or brings it up to date.
        let lock = access::lock(dir).await.map_err(folder)?;
        state_checks::is_there(dir)?;
        if !path.exists() {
            create(dir, &path).await?;
        }
        access::own_database(&path);
        let pool = open_database(&path, &path, SqliteJournalMode::Wal).await?;
        let found = async {
            state_checks::is_newest(&pool, dir, &archive).await?;
            state_checks::begin_log(&pool).await
        };
        if let Err(problem) = found.await {
            // Else the process may end before its log is put away, and leave it beside a database that is refused.
            pool.close().await;
            return Err(match problem {
                StoreError::Database(source) => StoreError::open(&path, source),
                other => other,
            });
        }
        drop(lock);
        let (file, actor) = (FileId::of(&path), account::name().into());
        Ok(Store { pool, archive, dir: dir.to_owned(), file, copy: None, actor })
    }

    /// Refuses to go on with a database that is no longer in its place.
    pub fn is_in_place(&self) -> Result<(), StoreError> {
        self.file.as_ref().map_or(Ok(()), FileId::is_in_place)
    }

    /// Commits, and brings the counter next to the database up to it: from then on an older database is refused.
    async fn commit(&self, mut transaction: Transaction<'_, Sqlite>) -> Result<(), StoreError> {
        self.is_in_place()?;
        let count = counter::inside(&mut transaction).await?;
        transaction.commit().await?;
        // A folder that has been exchanged meanwhile has a counter of its own.
        if self.copy.is_none() && self.is_in_place().is_ok() {
            counter::keep(&self.dir, count);
        }
        Ok(())
    }

    /// Opens the state for a command that records nothing. Where there is none, that is an empty one in memory:
    /// made on disk in a wrong folder it would say for ever that nothing has been sent.
    pub async fn look(dir: &Path) -> Result<Store, StoreError> {
        if Store::exists(dir) {
            return Store::open(dir).await;
        }
        let memory = Path::new(":memory:");
        let failed = |source| StoreError::open(memory, source);
        // One connection that stays: the database ends with it.
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let pool = pool.connect_with(SqliteConnectOptions::new().in_memory(true)).await.map_err(failed)?;
        migrator().run(&pool).await.map_err(|error| StoreError::migrate(memory, error))?;
        let actor = account::name().into();
        let archive = Archive::new(dir.join(ARCHIVE));
        Ok(Store { pool, archive, dir: dir.to_owned(), file: None, copy: None, actor })
    }

    /// Whether a folder holds a state, whole or damaged.
    pub fn exists(dir: &Path) -> bool {
        dir.join(DATABASE).exists() || dir.join(ARCHIVE).exists()
    }

    /// The same state with another name in the audit log than that of the account.
    pub fn acting_as(self, actor: &str) -> Store {
        Store { actor: actor.into(), ..self }
    }

    /// Looks for damage in the whole database; takes a second for some hundred megabytes.
    pub async fn verify(&self) -> Result<(), StoreError> {
        integrity_check(&self.pool, &self.dir.join(DATABASE)).await
    }

    /// Waits for the database to be closed cleanly.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

/// Makes the database. Under its name it is whole from the beginning, so that an empty or half-made one
/// there is damage and not a beginning. Needs the folder's lock.
async fn create(dir: &Path, path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Folder { path: dir.to_owned(), source };
    whole_file::sweep(dir).map_err(failed)?;
    let partial = Partial::new(dir, 0o600).map_err(failed)?;
    // Without a write-ahead log the database is one file, which can be renamed.
    let pool = open_database(partial.path(), path, SqliteJournalMode::Delete).await?;
    pool.close().await;
    partial.keep(path).map_err(failed)
}

/// Opens a database of ours, empty or not, and brings it up to date. Errors name it as `shown`.
async fn open_database(
    path: &Path,
    shown: &Path,
    journal: SqliteJournalMode,
) -> Result<SqlitePool, StoreError> {
    let failed = |source| StoreError::open(shown, source);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(journal)
        // A committed run must survive a power cut: nothing may be sent twice afterwards.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(std::time::Duration::from_secs(10));
    let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.map_err(failed)?;
    if is_foreign(&pool).await.map_err(failed)? {
        return Err(StoreError::Foreign { path: shown.to_owned() });
    }
    migrator().run(&pool).await.map_err(|error| StoreError::migrate(shown, error))?;
    Ok(pool)
}

/// Versions of the database, in order; a file that has been released is never changed again.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "runs", include_str!("migrations/0001_runs.sql")),
    (2, "daemon", include_str!("migrations/0002_daemon.sql")),
    (3, "corrections", include_str!("migrations/0003_corrections.sql")),
    (10, "audit", include_str!("migrations/0010_audit.sql")),
    (20, "inputs", include_str!("migrations/0020_inputs.sql")),
    (30, "senders", include_str!("migrations/0030_senders.sql")),
    (40, "numbers", include_str!("migrations/0040_numbers.sql")),
    (50, "time", include_str!("migrations/0050_time.sql")),
    (60, "retention", include_str!("migrations/0060_retention.sql")),
    (70, "console", include_str!("migrations/0070_console.sql")),
    (80, "second_factor", include_str!("migrations/0080_second_factor.sql")),
    (90, "amendments", include_str!("migrations/0090_amendments.sql")),
    (170, "rechecks", include_str!("migrations/0170_rechecks.sql")),
    (210, "recheck_lists", include_str!("migrations/0210_recheck_lists.sql")),
];

fn migrator() -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    let migrations: Vec<Migration> = MIGRATIONS.iter().map(migration).collect();
    Migrator { migrations: migrations.into(), ..Migrator::DEFAULT }
}

/// Whether it has tables, but never was ours.
async fn is_foreign(pool: &SqlitePool) -> Result<bool, sqlx::Error> {
    let sql = "SELECT COUNT(*) > 0 AND SUM(name = '_sqlx_migrations') = 0 FROM sqlite_schema";
    Ok(sqlx::query_scalar::<_, Option<bool>>(sql).fetch_one(pool).await? == Some(true))
}

/// Also compares the indexes with their tables: what an index does not show is never sent.
async fn integrity_check(pool: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    let found = sqlx::query_scalar("PRAGMA integrity_check(3)").fetch_all(pool).await;
    let found: Vec<String> = found.map_err(|source| StoreError::open(path, source))?;
    if found == ["ok"] {
        return Ok(());
    }
    Err(StoreError::corrupt(path, &found.join("; ").replace('\n', " ")))
}

/// A column with a message, or nothing.
fn stored_message(
    row: &sqlx::sqlite::SqliteRow,
    column: &str,
) -> sqlx::Result<Option<tongbao_message::Message>> {
    let text: Option<String> = sqlx::Row::try_get(row, column)?;
    Ok(text.as_deref().map(tongbao_message::Message::from_stored))
}
