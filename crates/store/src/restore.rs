//! Puts a state together again from a backup, or from one of the daemon's copies and the archive.
//!
//! A restored state never takes anything for unsent: what has happened since the copy was made is not
//! known to it. Mails without a final answer become `uncertain` and wait for a person whatever the
//! policy, open slots are closed, and schedules go on from now.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::{SqliteConnection, SqlitePool};

use super::access::{self, owned_file, private};
use super::archive::{Archive, is_digest};
use super::audit::{self, AuditAction};
use super::backup::{MANIFEST, Manifest, archive_of, beside, remove};
use super::outbox::RESTORED;
use super::requests;
use super::rows::slot_subject;
use super::slots::SlotKey;
use super::states::{MailState, RunState, SlotState, StateChange};
use super::{ARCHIVE, DATABASE, StoreError, as_text, integrity_check, message_parts, millis, open_database};
use super::{counter, state_checks, unknown_time};
use tongbao_base::digest::{sha256, sha256_of_reader};
use tongbao_base::schedule::catch_up::Skip;
use tongbao_host::account;

const EXPIRE: StateChange<SlotState> = SlotState::Expired.after(&[SlotState::Open]);
const DOUBT: StateChange<MailState> = MailState::Uncertain.after(MailState::WAITING);

/// First bytes of every SQLite database.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// What a person has to know about a restored state.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Restored {
    /// Number of runs in the copy.
    pub runs: i64,
    /// The last run of the copy, and when it was recorded.
    pub last_run: Option<(i64, String)>,
    /// How far each schedule had been looked at when the copy was made.
    pub schedules: Vec<ObservedSchedule>,
    /// Slots that were open, as schedule and local time; now expired.
    pub expired: Vec<(String, String)>,
    /// Numbers of the requests that waited or were under way; now ended.
    pub requests: Vec<i64>,
    /// Runs that were held, which somebody may have released or rejected since.
    pub held: Vec<i64>,
    /// Numbers of the mails that are uncertain now.
    pub uncertain: Vec<i64>,
    /// What the database names and the archive lacks, e.g. `run 3: weekly.pdf`.
    pub missing: Vec<String>,
}

/// How far a schedule had been looked at.
#[derive(Debug, Clone, Serialize)]
pub struct ObservedSchedule {
    /// Name of the report.
    pub schedule: String,
    /// All slots due before were decided on.
    #[serde(serialize_with = "as_text")]
    pub until: Timestamp,
}

/// Restores `from` (folder, `.tar` file, or database of the daemon's copies) into the state folder
/// `dir`, which must have no database. The database appears last and whole: a restore that is cut off
/// can just be repeated.
pub async fn restore(from: &Path, dir: &Path, now: Timestamp) -> Result<Restored, StoreError> {
    let folder = |source| StoreError::Folder { path: dir.to_owned(), source };
    for name in ["", "-wal", "-shm"].map(|suffix| dir.join(format!("{DATABASE}{suffix}"))) {
        if name.exists() {
            return Err(StoreError::Occupied { path: name });
        }
    }
    std::fs::create_dir_all(dir).map_err(folder)?;
    state_checks::is_own(dir)?;
    private(dir).map_err(folder)?;
    let _lock = access::lock(dir).await.map_err(folder)?;
    let (path, archive) = (dir.join(DATABASE), archive_of(dir));
    let partial = beside(&path, "restored");
    remove(&partial);
    let restored = match unpack(from, &partial, &archive) {
        Ok(()) => install((from, dir), &partial, &archive, now).await,
        Err(problem) => Err(problem),
    };
    if restored.is_err() {
        remove(&partial);
    }
    let restored = restored?;
    std::fs::rename(&partial, &path).map_err(folder)?;
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(folder)?;
    Ok(restored)
}

/// Brings the database to `partial` and the files into the archive, each checked by its digest.
fn unpack(from: &Path, partial: &Path, archive: &Archive) -> Result<(), StoreError> {
    let failed = |source: std::io::Error| no_backup(from, &source.to_string());
    let mut manifest = None;
    if from.is_dir() {
        let text = std::fs::read(from.join(MANIFEST)).map_err(failed)?;
        manifest = Some(text);
        let database = File::open(from.join(DATABASE)).map_err(failed)?;
        write_database(partial, database).map_err(failed)?;
        let source = archive_of(from);
        for digest in source.digests().map_err(failed)? {
            archive.repair(&digest, &source.stored(&digest)?)?;
        }
    } else if is_database(from).map_err(failed)? {
        write_database(partial, File::open(from).map_err(failed)?).map_err(failed)?;
    } else {
        let mut tar = tar::Archive::new(File::open(from).map_err(failed)?);
        for entry in tar.entries().map_err(failed)? {
            let mut entry = entry.map_err(failed)?;
            let name = entry.path().map_err(failed)?.to_string_lossy().into_owned();
            match name.as_str() {
                DATABASE => write_database(partial, entry).map_err(failed)?,
                _ => {
                    let mut bytes = Vec::new();
                    entry.read_to_end(&mut bytes).map_err(failed)?;
                    match name.as_str() {
                        MANIFEST => manifest = Some(bytes),
                        other => unpack_file(from, other, &bytes, archive)?,
                    }
                }
            }
        }
        if manifest.is_none() || !partial.exists() {
            return Err(no_backup(from, "it holds no database"));
        }
    }
    match manifest {
        Some(text) => compare(from, &text, partial),
        None => Ok(()),
    }
}

/// Names lead nowhere but into the archive.
fn unpack_file(from: &Path, name: &str, bytes: &[u8], archive: &Archive) -> Result<(), StoreError> {
    let digest = name.strip_prefix(ARCHIVE).unwrap_or_default().replace('/', "");
    match is_digest(&digest) {
        // Whether a mail in pieces is whole shows when all of them are there.
        true if sha256(bytes) == digest || message_parts::read(bytes).is_some() => {
            archive.repair(&digest, bytes)
        }
        true => Err(no_backup(from, &format!("{name} is damaged"))),
        false => Err(no_backup(from, &format!("it holds \"{name}\", which no backup of tongbao has"))),
    }
}

fn compare(from: &Path, manifest: &[u8], database: &Path) -> Result<(), StoreError> {
    let manifest: Manifest =
        serde_json::from_slice(manifest).map_err(|error| no_backup(from, &format!("{MANIFEST}: {error}")))?;
    let digest = File::open(database).and_then(sha256_of_reader);
    match digest.is_ok_and(|digest| digest == manifest.database) {
        true => Ok(()),
        false => Err(no_backup(
            from,
            &format!("{DATABASE} is damaged: it differs from {MANIFEST}; use another backup"),
        )),
    }
}

fn is_database(path: &Path) -> std::io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(SQLITE.len() as u64).read_to_end(&mut head)?;
    Ok(head == SQLITE)
}

fn write_database(to: &Path, mut from: impl Read) -> std::io::Result<()> {
    let mut file = owned_file(to)?;
    std::io::copy(&mut from, &mut file)?;
    file.sync_all()
}

fn no_backup(path: &Path, reason: &str) -> StoreError {
    StoreError::NoBackup { path: path.to_owned(), reason: reason.to_owned() }
}

/// Closes in the copy whatever may have moved on since, all at once.
async fn install(
    (from, dir): (&Path, &Path),
    path: &Path,
    archive: &Archive,
    now: Timestamp,
) -> Result<Restored, StoreError> {
    // Without a write-ahead log the database is one file, which can be renamed.
    let pool =
        open_database(path, path, SqliteJournalMode::Delete).await.map_err(|error| damaged(from, error))?;
    integrity_check(&pool, path).await.map_err(|error| damaged(from, error))?;
    let mut transaction = pool.begin().await?;
    let (mut restored, who) = (look(&mut transaction).await?, account::name());
    audit::begin(&mut transaction, &who, now).await?;
    restored.expired = close_slots(&mut transaction, &who, now).await?;
    restored.requests = requests::close(&mut transaction, now).await?;
    restored.uncertain = doubt_mails(&mut transaction, now).await?;
    audit::append_mails(&mut transaction, &who, AuditAction::Doubt, &restored.uncertain, now).await?;
    // What has fallen due since the copy is put on record as unknown by the next daemon.
    unknown_time::note(&mut transaction, now).await?;
    // A daemon that still holds the old lease commits nothing into the new state.
    sqlx::query("UPDATE lease SET token = token + 1, expires_at = 0").execute(&mut *transaction).await?;
    // People who were signed in when the copy was made sign in again.
    sqlx::query("DELETE FROM session").execute(&mut *transaction).await?;
    let name = from.file_name().unwrap_or_default().to_string_lossy();
    let detail = serde_json::json!({ "copy": name, "runs": restored.runs });
    audit::append(&mut transaction, &who, AuditAction::Restore, audit::STATE.to_owned(), detail, now).await?;
    let count = counter::overtake(&mut transaction, dir).await?;
    transaction.commit().await?;
    // Without it the archive would be asked whether the state is an older one, and a run that was killed leaves files
    // there that no database names.
    counter::keep(dir, count);
    restored.missing = missing(&pool, archive).await?;
    pool.close().await;
    Ok(restored)
}

/// Errors name the copy, not the file that is being made of it.
fn damaged(from: &Path, error: StoreError) -> StoreError {
    let reason = match error {
        StoreError::Corrupt { detail, .. } => format!("it is damaged ({detail}); use another one"),
        StoreError::Foreign { .. } => "it is a database, but not tongbao's".to_owned(),
        StoreError::Migrate { source, .. } => format!("another version of tongbao made it ({source})"),
        other => return other,
    };
    no_backup(from, &reason)
}

async fn look(connection: &mut SqliteConnection) -> Result<Restored, StoreError> {
    let runs = sqlx::query_scalar("SELECT COUNT(*) FROM run").fetch_one(&mut *connection).await?;
    let last = sqlx::query_as("SELECT id, recorded_at FROM run ORDER BY id DESC LIMIT 1");
    let last_run = last.fetch_optional(&mut *connection).await?;
    let schedules = sqlx::query_as("SELECT name, observed_until FROM schedule ORDER BY name");
    let schedules: Vec<(String, i64)> = schedules.fetch_all(&mut *connection).await?;
    let observed = |(schedule, until)| ObservedSchedule { schedule, until: millis(until) };
    let held = sqlx::query_scalar("SELECT id FROM run WHERE state = ? ORDER BY id").bind(RunState::Held);
    Ok(Restored {
        runs,
        last_run,
        schedules: schedules.into_iter().map(observed).collect(),
        held: held.fetch_all(&mut *connection).await?,
        ..Restored::default()
    })
}

async fn close_slots(
    connection: &mut SqliteConnection,
    who: &str,
    now: Timestamp,
) -> Result<Vec<(String, String)>, StoreError> {
    let sql = EXPIRE.sql(
        "UPDATE slot SET {to}, changed_at = ?, reason = ? WHERE {from} RETURNING schedule, nominal, zone",
    );
    let query = sqlx::query_as(sql).bind(now.as_millisecond()).bind(Skip::Restored.key());
    let keys: Vec<SlotKey> = query.fetch_all(&mut *connection).await?;
    for key in &keys {
        let subject = slot_subject(key);
        audit::append(&mut *connection, who, AuditAction::Expire, subject, serde_json::json!({}), now)
            .await?;
    }
    Ok(keys.into_iter().map(|key| (key.schedule, key.nominal)).collect())
}

/// Mails that were uncertain already may have been settled since, so they wait for a person too.
async fn doubt_mails(connection: &mut SqliteConnection, now: Timestamp) -> Result<Vec<i64>, StoreError> {
    let sql = DOUBT.sql(
        "UPDATE outbox SET {to}, claim = ?, changed_at = ?, told = 1,
             answer = 'restored from a copy: it may have left since'
         WHERE {from} OR state = ? RETURNING id",
    );
    let query = sqlx::query_scalar(sql).bind(RESTORED).bind(now.to_string()).bind(MailState::Uncertain);
    Ok(query.fetch_all(connection).await?)
}

/// What the database names and the archive does not have whole.
async fn missing(pool: &SqlitePool, archive: &Archive) -> Result<Vec<String>, StoreError> {
    let named = sqlx::query_as(
        "SELECT sha256, 'run ' || run || ': ' || name FROM document
         UNION ALL SELECT sha256, 'mail ' || id FROM outbox WHERE pruned_at IS NULL",
    );
    let named: Vec<(String, String)> = named.fetch_all(pool).await?;
    let is_missing = |(digest, _): &(String, String)| archive.get(digest).is_err();
    Ok(named.into_iter().filter(is_missing).map(|(_, name)| name).collect())
}
