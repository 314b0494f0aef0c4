//! What can go wrong with the state, and what to do then.

use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateError;

use super::backup::newest_copy;
use super::runs;
use super::states::{MailState, RunState};

// Primary result codes of SQLite.
const PERMISSION: i32 = 3;
const READ_ONLY: i32 = 8;
const DISK: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const NOT_A_DATABASE: i32 = 26;

/// What can go wrong with the state.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "cannot use the state folder {path}: {source}; make it writable for this user or set [state] dir"
    )]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("the state database {path} cannot be used: {source}")]
    Open { path: PathBuf, source: sqlx::Error },
    #[error(
        "the state database {path} cannot be written: {reason}; nothing is sent from a state that cannot be \
         recorded; make folder and file writable for this user"
    )]
    ReadOnly { path: PathBuf, reason: String },
    #[error(
        "the state database {path} is damaged ({detail}); it is not touched, because nobody could tell what \
         has been sent. Stop the daemon, move {path} (and its -wal and -shm) away, then: tongbao restore {}",
        or_backup(.copy)
    )]
    Corrupt { path: PathBuf, detail: String, copy: Option<PathBuf> },
    #[error(
        "the state folder {dir} has no database or an empty one, though it was used before; a new one would not \
         know what has been sent. Stop the daemon, move an empty tongbao.db away, then: tongbao restore {} (or \
         move the whole folder away, to start with a new state)",
        or_backup(.copy)
    )]
    Lost { dir: PathBuf, copy: Option<PathBuf> },
    #[error(
        "the state database {path} is older than this folder: its log (-wal) was lost, or an earlier copy was put \
         in its place, and it does not know everything that has been sent. Stop the daemon, move {path} (and its \
         -wal and -shm) away, then: tongbao restore {}, or restore the file you moved away",
        or_backup(.copy)
    )]
    Older { path: PathBuf, copy: Option<PathBuf> },
    #[error(
        "the state database {path} was removed, renamed or exchanged while it was in use; nothing further is sent, \
         because nobody could record it. Stop the daemon, put the file back (or restore a copy) and start again"
    )]
    Moved { path: PathBuf },
    #[error(
        "the state folder {dir} belongs to {owner}, and this is {account}: files made by another account could \
         not be read by the daemon. Run it as its owner: sudo -u {owner} tongbao ..."
    )]
    Owner { dir: PathBuf, owner: String, account: String },
    #[error("{path} is a database, but not tongbao's; set [state] dir to another folder")]
    Foreign { path: PathBuf },
    #[error(
        "the state database {path} was written by another version of tongbao ({source}); use that version or \
         a newer one, or restore a backup made by this one into another folder"
    )]
    Migrate { path: PathBuf, source: sqlx::migrate::MigrateError },
    #[error(
        "the disk of the state folder is full or fails ({0}); free some space, nothing is lost meanwhile"
    )]
    Disk(sqlx::Error),
    #[error("the disk of the state folder {dir} has no room for a run: {source}; free some space")]
    NoRoom { dir: PathBuf, source: std::io::Error },
    #[error("the state database failed: {0}")]
    Database(sqlx::Error),
    #[error(
        "there is a state in {path} already; a restore would overwrite what it knows about mails sent. Stop \
         the daemon and move {path} (and its -wal and -shm) away first"
    )]
    Occupied { path: PathBuf },
    #[error("{path} is no backup: {reason}")]
    NoBackup { path: PathBuf, reason: String },
    #[error("cannot write the backup {path}: {source}")]
    Backup { path: PathBuf, source: std::io::Error },
    #[error(
        "the state database {path} cannot be copied to be read: {source}; make it readable, and the folder for \
         temporary files writable, for this account"
    )]
    Copy { path: PathBuf, source: std::io::Error },
    #[error("the archive cannot write {path}: {source}; free some space or make it writable")]
    Archive { path: PathBuf, source: std::io::Error },
    #[error(
        "the archive cannot read {path}: {source}; make its files readable for this user (was a command run as \
         another account?)"
    )]
    ArchiveUnreadable { path: PathBuf, source: std::io::Error },
    #[error("the archive has lost or changed {0}; restore it from a copy")]
    Damaged(String),
    #[error("there is no run {0}; list them with: tongbao runs")]
    NoSuchRun(i64),
    #[error("slot {slot} of {report} is not open any more{}", .run.map(|run| format!(": it has run {run}")).unwrap_or_default())]
    SlotTaken { report: String, slot: String, run: Option<i64> },
    #[error("another daemon has taken over; this one commits nothing further")]
    LeaseLost,
    #[error("the number {number} has been given already{}; choose another with --number", holder(.run))]
    NumberTaken { number: String, run: Option<i64> },
    #[error(
        "run {run} (up to {to}) comes too late: run {later} (up to {later_to}, {number}) of the same schedule has \
         been released, and numbers and comparisons would run backwards. Reject it with: tongbao reject {run} \
         --why TEXT, or release it all the same with --out-of-order"
    )]
    Overtaken { run: i64, to: String, later: i64, later_to: String, number: String },
    #[error("another run was recorded at the same moment; try again")]
    RunTaken,
    #[error(
        "run {run} is {state}{}, not held; only held runs are approved or rejected",
        decision(.by, .at)
    )]
    NotHeld { run: i64, state: RunState, by: Option<String>, at: Option<String> },
    #[error("there is no delivery {0}; list them with: tongbao outbox")]
    NoSuchDelivery(i64),
    #[error("delivery {id} is {state} and cannot be {change}")]
    DeliveryState { id: i64, state: MailState, change: &'static str },
    #[error("the text of delivery {0} is no longer kept (state.keep_details), so it cannot be sent again")]
    MailPruned(i64),
    #[error(
        "the counts of run {0} are no longer kept (state.keep_details); its documents are, and nothing new can be \
         computed from it or compared with it"
    )]
    RunPruned(i64),
    #[error("there is no account \"{0}\"; list them with: tongbao people list")]
    NoSuchPerson(String),
    #[error("there is no re-check {0}; list them with: tongbao recheck")]
    NoSuchRecheck(i64),
    #[error(
        "the result of re-check {0} is on record already and is not changed; draw another sample with: tongbao recheck draw"
    )]
    RecheckRecorded(i64),
    #[error("there is no request {0}")]
    NoSuchRequest(i64),
    #[error("there is an account \"{0}\" already; choose another name, or: tongbao people reset {0}")]
    PersonExists(String),
    #[error("the account \"{0}\" has a role that this version does not know; use the version that made it")]
    PersonUnreadable(String),
    #[error("run {run} holds {what} that this version cannot read")]
    Unreadable { run: i64, what: &'static str },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        match error {
            // A row that was read, and not understood.
            sqlx::Error::Decode(source) => match source.downcast::<StoreError>() {
                Ok(own) => *own,
                Err(other) => StoreError::Database(sqlx::Error::Decode(other)),
            },
            error if matches!(primary_code(&error), Some(FULL | DISK)) => StoreError::Disk(error),
            error => StoreError::Database(error),
        }
    }
}

impl StoreError {
    /// Why a database cannot be opened, as far as a person can correct it.
    pub(super) fn open(path: &Path, source: sqlx::Error) -> StoreError {
        match primary_code(&source) {
            Some(CORRUPT | NOT_A_DATABASE) => StoreError::corrupt(path, &source.to_string()),
            Some(READ_ONLY | CANNOT_OPEN | PERMISSION) => {
                StoreError::ReadOnly { path: path.to_owned(), reason: source.to_string() }
            }
            Some(FULL | DISK) => StoreError::Disk(source),
            _ => StoreError::Open { path: path.to_owned(), source },
        }
    }

    pub(super) fn migrate(path: &Path, error: MigrateError) -> StoreError {
        match error {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
                StoreError::open(path, source)
            }
            source => StoreError::Migrate { path: path.to_owned(), source },
        }
    }

    pub(super) fn corrupt(path: &Path, detail: &str) -> StoreError {
        let copy = path.parent().and_then(newest_copy);
        StoreError::Corrupt { path: path.to_owned(), detail: detail.to_owned(), copy }
    }

    /// That a run is not (or no longer) held, and who has decided on it.
    pub fn not_held(run: &runs::Run) -> StoreError {
        let runs::Run { id, state, decided_by, decided_at, .. } = run.clone();
        StoreError::NotHeld { run: id, state, by: decided_by, at: decided_at }
    }
}

fn holder(run: &Option<i64>) -> String {
    run.map(|run| format!(": run {run} has it")).unwrap_or_default()
}

fn decision(by: &Option<String>, at: &Option<String>) -> String {
    match (by, at) {
        (Some(by), Some(at)) => format!(" by {by} on {at}"),
        _ => String::new(),
    }
}

/// The lowest byte of SQLite's (extended) result code.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i32>().ok().map(|code| code & 0xff)
}

fn or_backup(copy: &Option<PathBuf>) -> String {
    copy.as_ref().map_or("BACKUP".to_owned(), |copy| copy.display().to_string())
}
