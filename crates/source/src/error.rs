//! What can go wrong with a database, in words an operator can act on.

use super::file::FileError;
use super::statements::split_name;
use tongbao_config::key_positions::nearest;
use tongbao_figures::indicator::sql::Inexpressible;
use tongbao_figures::indicator::tallying::TallyError;
use tongbao_host::tls;
use tongbao_message::{Message, Worded, message};
use tongbao_register::unit::UnitError;

/// No message holds a password or the content of a row.
#[derive(Debug, thiserror::Error, Worded)]
pub enum SourceError {
    Unavailable {
        url: String,
        reason: Message,
    },
    TimedOut {
        url: String,
    },
    NoSuchFile {
        path: String,
    },
    Login {
        url: String,
    },
    Untrusted {
        url: String,
        reason: Message,
    },
    NoTls {
        url: String,
    },
    Denied {
        reason: String,
        remedy: Message,
    },
    BrokenOff {
        url: String,
        reason: String,
        remedy: Message,
    },
    Full {
        url: String,
        reason: String,
        remedy: Message,
    },
    NoSnapshot {
        url: String,
        reason: String,
    },
    ForeignNames {
        path: String,
    },
    NamesCharset {
        url: String,
    },
    UnreadableLog {
        path: String,
    },
    LinkedLog {
        path: String,
    },
    OpenJournal {
        path: String,
    },
    ForeignSignIn {
        url: String,
    },
    UnprovedCounting {
        engine: String,
    },
    UncountedCharset {
        charset: String,
    },
    NoUtf8 {
        state: String,
    },
    #[message(convert = CONVERTED)]
    UnitCharset {
        unit: String,
    },
    MissingTable {
        part: &'static str,
        table: String,
        meant: Message,
        known: String,
    },
    MissingColumn {
        part: &'static str,
        column: String,
        meant: Message,
        known: String,
    },
    NoDriver {
        url: String,
        reason: Message,
        sources: String,
        drivers: String,
    },
    TooLong {
        part: &'static str,
        column: String,
        units: usize,
    },
    Query {
        part: &'static str,
        reason: String,
    },
    NotHeadCounts {
        column: String,
    },
    NotAWholeNumber {
        column: String,
        unit: String,
        value: String,
    },
    Recipient {
        group: String,
        row: u64,
        problem: Message,
    },
    BlankUnitCodes {
        count: u64,
    },
    Units(#[from] UnitError),
    UnitDay {
        column: &'static str,
        unit: String,
    },
    NoUnitsOfLevel(Message),
    NoUnitsOfKind {
        kind: String,
        there: String,
        meant: Message,
    },
    NoUnits,
    #[message(transparent)]
    Inexpressible(#[from] Inexpressible),
    LeftAt {
        column: String,
        count: u64,
        shapes: String,
    },
    NoDay {
        column: String,
        kind: String,
    },
    Roster {
        name: String,
        problem: Box<SourceError>,
    },
    Damaged(&'static str),
    Occupied(String),
    #[message(transparent)]
    Address(Message),
    Database(String),
    #[message(transparent)]
    File(Box<FileError>),
    #[message(transparent)]
    Tally(#[from] TallyError),
}

impl From<FileError> for SourceError {
    fn from(error: FileError) -> SourceError {
        SourceError::File(Box::new(error))
    }
}

impl SourceError {
    /// Whether trying again later may help (exit code 75).
    pub fn is_unavailable(&self) -> bool {
        match self {
            SourceError::Roster { problem, .. } => problem.is_unavailable(),
            SourceError::Unavailable { .. }
            | SourceError::TimedOut { .. }
            | SourceError::BrokenOff { .. }
            | SourceError::Full { .. } => true,
            SourceError::File(error) => error.is_unavailable(),
            _ => false,
        }
    }

    /// What a database denies, and who can grant it. Servers name what is denied, in their language.
    pub(super) fn denied(reason: String) -> SourceError {
        let names = |words: &[&str]| words.iter().any(|word| reason.to_lowercase().contains(word));
        let remedy = if names(&["schema", "模式"]) {
            message!("grant-on-schema")
        } else if names(&["database", "数据库"]) {
            message!("grant-on-database")
        } else if names(&["column", "字段"]) {
            message!("grant-on-column")
        } else {
            message!("grant-on-table")
        };
        SourceError::Denied { reason, remedy }
    }

    /// Says which of several rosters it is about.
    pub(super) fn of_roster(self, name: Option<&str>) -> SourceError {
        match name {
            Some(name) => SourceError::Roster { name: name.to_owned(), problem: Box::new(self) },
            None => self,
        }
    }

    /// A kind of unit that no unit is of; `there` are those that there are.
    pub fn no_units_of_kind(kind: String, there: String) -> SourceError {
        let meant = meant_of(&kind, there.split(", "));
        SourceError::NoUnitsOfKind { kind, there, meant }
    }

    pub(super) fn missing_column(
        part: &'static str,
        column: &str,
        known: &[(String, String)],
    ) -> SourceError {
        let known: Vec<String> = known.iter().map(|(name, _)| name.clone()).collect();
        SourceError::MissingColumn {
            part,
            column: column.to_owned(),
            meant: meant(column, &known),
            known: known.join(", "),
        }
    }

    pub(super) fn missing_table(part: &'static str, table: &str, known: &[String]) -> SourceError {
        SourceError::MissingTable {
            part,
            table: table.to_owned(),
            meant: elsewhere(table, known).unwrap_or_else(|| meant(table, known)),
            known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
        }
    }

    /// Words an error of the driver. Messages of data exceptions (SQLSTATE class 22) may quote a
    /// value, so only their code is passed on.
    pub(super) fn of(error: sqlx::Error, url: &str) -> SourceError {
        let unavailable = |reason: Message| SourceError::Unavailable { url: url.to_owned(), reason };
        if let Some(reason) = tls::reason(&error, "source") {
            return SourceError::Untrusted { url: url.to_owned(), reason };
        }
        match &error {
            sqlx::Error::Io(io) if is_closed(io) => SourceError::BrokenOff {
                url: url.to_owned(),
                reason: io.kind().to_string(),
                remedy: message!("closed-connection"),
            },
            sqlx::Error::Io(io) => unavailable(match io.kind() {
                // A name that leads nowhere has no kind of its own.
                kind if kind.to_string() == "uncategorized error" => io.message(),
                kind => kind.message(),
            }),
            sqlx::Error::Tls(cause) if cause.to_string().contains("not support TLS") => {
                SourceError::NoTls { url: url.to_owned() }
            }
            sqlx::Error::Tls(cause) => {
                SourceError::Untrusted { url: url.to_owned(), reason: Message::text(cause.to_string()) }
            }
            sqlx::Error::Protocol(reason) if is_foreign_sign_in(reason) => {
                SourceError::ForeignSignIn { url: url.to_owned() }
            }
            sqlx::Error::ColumnDecode { source, .. } | sqlx::Error::Decode(source)
                if source.is::<std::str::Utf8Error>() =>
            {
                SourceError::NamesCharset { url: url.to_owned() }
            }
            sqlx::Error::Protocol(reason) if reason.contains("invalid utf-8") => {
                SourceError::NamesCharset { url: url.to_owned() }
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => unavailable(message!("no-answer")),
            sqlx::Error::Database(database) => of_database(database.as_ref(), url),
            _ => SourceError::Database(error.to_string()),
        }
    }
}

fn of_database(error: &dyn sqlx::error::DatabaseError, url: &str) -> SourceError {
    let code = error.code().map(|code| code.into_owned()).unwrap_or_default();
    let number = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().map(|e| e.number());
    match (code.as_str(), number) {
        ("28P01" | "28000", _) | (_, Some(1045 | 1698)) => SourceError::Login { url: url.to_owned() },
        ("42501", _) | (_, Some(1044 | 1142 | 1143 | 1370)) => {
            SourceError::denied(error.message().to_owned())
        }
        ("08P01", None) => of_pooler(error.message(), url),
        // character_not_in_repertoire, untranslatable_character
        ("22021" | "22P05", None) => SourceError::NoUtf8 { state: code },
        (data, _) if data.starts_with("22") => SourceError::Database(format!("data exception {data}")),
        (state, number) => {
            let reason = error.message();
            passing(state, number, url, reason).unwrap_or_else(|| SourceError::Database(reason.to_owned()))
        }
    }
}

/// What trying again later helps, by SQLSTATE or MySQL's number.
pub(super) fn passing(state: &str, number: Option<u16>, url: &str, reason: &str) -> Option<SourceError> {
    let (url, reason) = (url.to_owned(), reason.to_owned());
    match (full(state, number), broken_off(state, number)) {
        (Some(remedy), _) => Some(SourceError::Full { url, reason, remedy }),
        (None, Some(remedy)) => Some(SourceError::BrokenOff { url, reason, remedy }),
        (None, None) => None,
    }
}

/// Whether the other side has ended a connection that stood.
fn is_closed(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// PgBouncer ends everything with 08P01, which PostgreSQL itself keeps for a broken protocol.
pub(super) fn of_pooler(reason: &str, url: &str) -> SourceError {
    const NOT_LET_IN: [&str; 2] = ["authentication failed", "no such user"];
    const FULL: [&str; 3] = ["no more connections", "max_", "query_wait_timeout"];
    const LIMITS: [&str; 3] = ["query timeout", "query_timeout", "idle"];
    const AWAY: [&str; 6] =
        ["cannot connect", "conn crashed", "login failed", "server_login_retry", "shut", "disabled"];
    let is = |signs: &[&str]| signs.iter().any(|sign| reason.contains(sign));
    let (url, reason) = (url.to_owned(), reason.to_owned());
    match () {
        () if is(&NOT_LET_IN) => SourceError::Login { url },
        () if is(&FULL) => SourceError::Full { url, reason, remedy: message!("no-place") },
        () if is(&LIMITS) => SourceError::BrokenOff { url, reason, remedy: message!("pooler-limit") },
        () if is(&AWAY) => SourceError::Unavailable { url, reason: Message::text(reason) },
        () => SourceError::Database(reason),
    }
}

/// openGauss and GaussDB ask for their own sign-ins by numbers of which PostgreSQL has given two to SASL.
fn is_foreign_sign_in(reason: &str) -> bool {
    const SIGNS: [&str; 3] = [
        "SASL authentication mechanisms",
        "authentication method: SaslContinue",
        "unknown authentication method: 13",
    ];
    SIGNS.iter().any(|sign| reason.contains(sign))
}

/// How a query makes UTF-8 of texts that a PostgreSQL of the character set SQL_ASCII keeps in another.
pub(super) const CONVERTED: &str =
    "PostgreSQL: convert_from(convert(textsend(COLUMN), 'GBK', 'UTF8'), 'SQL_ASCII') AS COLUMN";

/// What keeps a new session out; `None` for any other error.
fn full(state: &str, number: Option<u16>) -> Option<Message> {
    match (state, number) {
        // too_many_connections; MySQL: too many connections of the server, of an account, of its hour
        ("53300", _) | (_, Some(1040 | 1203 | 1226)) => Some(message!("no-place")),
        // cannot_connect_now; MySQL: server shutdown
        ("57P03", _) | (_, Some(1053)) => Some(message!("starting")),
        _ => None,
    }
}

/// What passes, or what a longer limit helps; `None` for any other error.
fn broken_off(state: &str, number: Option<u16>) -> Option<Message> {
    match (state, number) {
        // query_canceled, also by statement_timeout; MySQL and MariaDB: interrupted, out of time
        ("57014", _) | (_, Some(1317 | 1969 | 3024)) => Some(message!("raise-statement-limit")),
        // serialization_failure: on a standby, what the primary has changed meanwhile
        ("40001", _) => Some(message!("standby-conflict")),
        // deadlock_detected, lock_not_available; MySQL: lock wait timeout, deadlock
        ("40P01" | "55P03", _) | (_, Some(1205 | 1213)) => Some(message!("locked")),
        // admin_shutdown, crash_shutdown; MariaDB: the connection was killed
        ("57P01" | "57P02", _) | (_, Some(1927)) => Some(message!("session-ended")),
        // idle sessions and transactions that were ended
        ("25P03" | "57P05", _) => Some(message!("raise-idle-limit")),
        // SQLite: SQLITE_BUSY and SQLITE_LOCKED
        ("5" | "6" | "261" | "262" | "517", None) => Some(message!("locked")),
        _ => None,
    }
}

/// A table of that name in another schema.
fn elsewhere(wrong: &str, known: &[String]) -> Option<Message> {
    let wanted = split_name(wrong).pop()?.to_lowercase();
    let is_there = |name: &&String| {
        let parts = split_name(name);
        parts.len() > 1 && parts.last().is_some_and(|last| last.to_lowercase() == wanted)
    };
    let found: Vec<String> = known.iter().filter(is_there).map(|name| format!("\"{name}\"")).collect();
    (!found.is_empty()).then(|| message!("meant-one-of", names = found.join(" or ")))
}

fn meant(wrong: &str, known: &[String]) -> Message {
    meant_of(wrong, known.iter().map(String::as_str))
}

/// The known name that is most like a wrong one, as the end of a message; nothing if none is like it.
pub(super) fn meant_of<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Message {
    nearest(wrong, known).map(|name| message!("meant", name)).message()
}
