//! Opens an SQLite file for reading, also where nothing may be written next to it.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::SystemTime;
use tongbao_message::message;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Executor};

use super::SourceError;
use super::engine::ServerEngine;
use tongbao_config::settings::DatabaseUrl;

/// SQLite's codes where a log, or the shared memory that belongs to it, can be neither opened nor made.
const CANNOT_OPEN: u32 = 14;
const READ_ONLY: u32 = 8;

/// An open file in its snapshot.
pub(super) struct Opened {
    pub connection: SqliteConnection,
    pub engine: ServerEngine,
    /// Where SQLite cannot keep others from writing.
    pub watched: Option<WatchedFile>,
}

/// A file that must not change while it is read.
pub(super) struct WatchedFile {
    path: PathBuf,
    stamp: (u64, SystemTime),
}

impl WatchedFile {
    fn new(path: &Path) -> std::io::Result<WatchedFile> {
        Ok(WatchedFile { path: path.to_owned(), stamp: stamp(path)? })
    }

    /// Fails if the file has changed since it was opened.
    pub(super) fn verify(&self, url: &str) -> Result<(), SourceError> {
        match stamp(&self.path) {
            Ok(now) if now == self.stamp => Ok(()),
            _ => Err(SourceError::BrokenOff {
                url: url.to_owned(),
                reason: message!("file-was-changed").to_string(),
                remedy: message!("when-nobody-writes"),
            }),
        }
    }
}

fn stamp(path: &Path) -> std::io::Result<(u64, SystemTime)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified()?))
}

/// Opens the file, which is never written to. A database with a write-ahead log keeps files next to it
/// even for readers. Where nobody has it open they would be left in the office's folder, and where they cannot be
/// made they would be missing; there the file is read as it is, and must not change meanwhile.
pub(super) async fn open(url: &DatabaseUrl) -> Result<Opened, SourceError> {
    let shown = url.to_string();
    let options = SqliteConnectOptions::from_str(url.expose())
        .map_err(|error| SourceError::Address(message!("no-sqlite-address", shown, error)))?
        .read_only(true)
        .create_if_missing(false)
        .disable_statement_logging();
    let path = options.get_filename();
    // What belongs to a database is beside the file itself, not beside a link to it.
    let path = std::fs::canonicalize(path)
        .map_err(|_| SourceError::NoSuchFile { path: path.display().to_string() })?;
    let is_alone = is_unused_with_log(&path);
    if is_alone && has_other_names(&path) {
        return Err(SourceError::LinkedLog { path: path.display().to_string() });
    }
    let first = match is_alone {
        true => Err(None),
        false => begin(&options).await.map_err(Some),
    };
    let (connection, watched) = match first {
        Ok(connection) => (connection, None),
        Err(error) if error.as_ref().is_none_or(lacks_log) => {
            if has_open_journal(&path) {
                return Err(SourceError::OpenJournal { path: path.display().to_string() });
            }
            if !log_is_empty(&path) {
                return Err(SourceError::UnreadableLog { path: path.display().to_string() });
            }
            let watched = WatchedFile::new(&path).map_err(|error| SourceError::of(error.into(), &shown))?;
            let alone = begin(&options.immutable(true)).await;
            (alone.map_err(|error| SourceError::of(error, &shown))?, Some(watched))
        }
        Err(Some(error)) => return Err(SourceError::of(error, &shown)),
        // Matched above.
        Err(None) => return Err(SourceError::UnreadableLog { path: path.display().to_string() }),
    };
    let mut connection = connection;
    if has_foreign_names(&mut connection).await.map_err(|error| SourceError::of(error, &shown))? {
        return Err(SourceError::ForeignNames { path: path.display().to_string() });
    }
    let version = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await;
    let engine = ServerEngine::new("SQLite", version.map_err(|error| SourceError::of(error, &shown))?);
    Ok(Opened { connection, engine, watched })
}

async fn begin(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    connection.execute("BEGIN").await?;
    // A deferred transaction fixes its snapshot at the first read.
    connection.execute("SELECT count(*) FROM sqlite_schema").await?;
    Ok(connection)
}

/// Whether names of tables or columns are no UTF-8, as older programs write them; the driver would panic.
async fn has_foreign_names(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    const NAMES: &str = "SELECT CAST(coalesce(name, '') || coalesce(sql, '') AS BLOB) FROM sqlite_schema";
    let names: Vec<Vec<u8>> = sqlx::query_scalar(NAMES).fetch_all(connection).await?;
    Ok(names.iter().any(|name| std::str::from_utf8(name).is_err()))
}

/// The last byte of a code is its kind; the rest tells the particular case.
fn lacks_log(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code: Option<u32> = code.and_then(|code| code.parse().ok());
    code.is_some_and(|code| [CANNOT_OPEN, READ_ONLY].contains(&(code & 0xFF)))
}

/// Whether a database has a write-ahead log that no program uses: each keeps the log while it has it open.
fn is_unused_with_log(path: &Path) -> bool {
    has_log(path) && !beside(path, "-wal").exists() && !beside(path, "-shm").exists()
}

/// Whether a file has further names (hard links): the log of a database is beside the name under which it was opened.
fn has_other_names(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.nlink() > 1)
}

/// Whether the header of a database says that it is written by a log (bytes 18 and 19 of its file format).
fn has_log(path: &Path) -> bool {
    let mut header = [0u8; 20];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header[18..] == [2, 2]
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Whether a rollback journal is beside a database that is not ended: what a program has written without ending it is then
/// in the file already, and only who may write can take it back. An ended journal is gone, cut, or begins with zeroes.
fn has_open_journal(path: &Path) -> bool {
    let mut begin = [0u8; 8];
    let read = std::fs::File::open(beside(path, "-journal")).and_then(|mut file| file.read_exact(&mut begin));
    read.is_ok() && begin != [0; 8]
}

/// Whether the write-ahead log of a database holds nothing.
fn log_is_empty(path: &Path) -> bool {
    std::fs::metadata(beside(path, "-wal")).map_or(true, |log| log.len() == 0)
}
