//! What can go wrong with the state, and what to do then.

use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateError;

use super::backup::newest_copy;
use super::runs;
use super::states::{MailState, RunState};
use tongbao_message::{Message, Worded, message};

// Primary result codes of SQLite.
const PERMISSION: i32 = 3;
const READ_ONLY: i32 = 8;
const DISK: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const NOT_A_DATABASE: i32 = 26;

/// What can go wrong with the state.
#[derive(Debug, thiserror::Error, Worded)]
pub enum StoreError {
    Folder {
        path: PathBuf,
        source: std::io::Error,
    },
    Open {
        path: PathBuf,
        source: sqlx::Error,
    },
    ReadOnly {
        path: PathBuf,
        reason: String,
    },
    #[message(copy = or_backup(copy))]
    Corrupt {
        path: PathBuf,
        detail: String,
        copy: Option<PathBuf>,
    },
    #[message(copy = or_backup(copy))]
    Lost {
        dir: PathBuf,
        copy: Option<PathBuf>,
    },
    #[message(copy = or_backup(copy))]
    Older {
        path: PathBuf,
        copy: Option<PathBuf>,
    },
    Moved {
        path: PathBuf,
    },
    Owner {
        dir: PathBuf,
        owner: String,
        account: String,
    },
    Foreign {
        path: PathBuf,
    },
    Migrate {
        path: PathBuf,
        source: sqlx::migrate::MigrateError,
    },
    Disk(sqlx::Error),
    NoRoom {
        dir: PathBuf,
        source: std::io::Error,
    },
    Database(sqlx::Error),
    Occupied {
        path: PathBuf,
    },
    NoBackup {
        path: PathBuf,
        reason: String,
    },
    Backup {
        path: PathBuf,
        source: std::io::Error,
    },
    Copy {
        path: PathBuf,
        source: std::io::Error,
    },
    Archive {
        path: PathBuf,
        source: std::io::Error,
    },
    ArchiveUnreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    Damaged(String),
    NoSuchRun(i64),
    #[message(run = run.map(|run| message!("slot-has-run", run)))]
    SlotTaken {
        report: String,
        slot: String,
        run: Option<i64>,
    },
    LeaseLost,
    #[message(holder = holder(run))]
    NumberTaken {
        number: String,
        run: Option<i64>,
    },
    Overtaken {
        run: i64,
        to: String,
        later: i64,
        later_to: String,
        number: String,
    },
    RunTaken,
    #[message(decision = decided(*state, by.as_deref(), at.as_deref()))]
    NotHeld {
        run: i64,
        state: RunState,
        by: Option<String>,
        at: Option<String>,
    },
    NoSuchDelivery(i64),
    DeliveryState {
        id: i64,
        state: MailState,
        change: Message,
    },
    MailPruned(i64),
    RunPruned(i64),
    NoSuchPerson(String),
    NoSuchRecheck(i64),
    RecheckRecorded(i64),
    NoSuchRequest(i64),
    PersonExists(String),
    PersonUnreadable(String),
    Unreadable {
        run: i64,
        what: &'static str,
    },
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

fn holder(run: &Option<i64>) -> Option<Message> {
    run.map(|run| message!("number-has-run", run))
}

/// The state of a run, with who has decided on it and when, if somebody has.
pub fn decided(state: RunState, by: Option<&str>, at: Option<&str>) -> Message {
    match (state, by, at) {
        (RunState::Approved, Some(by), Some(at)) => message!("approved-by", by, at),
        (RunState::Rejected, Some(by), Some(at)) => message!("rejected-by", by, at),
        _ => state.message(),
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
