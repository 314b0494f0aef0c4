//! What can go wrong with a database, in words an operator can act on.

use super::file::FileError;
use super::statements::split_name;
use tongbao_config::key_positions::nearest;
use tongbao_figures::indicator::sql::Inexpressible;
use tongbao_figures::indicator::tallying::TallyError;
use tongbao_host::tls;
use tongbao_register::unit::UnitError;

/// No message holds a password or the content of a row.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("the database {url} cannot be reached: {reason}; is it running, and is the address right?")]
    Unavailable { url: String, reason: String },
    #[error("the database {url} did not finish in time; raise source.timeout or look for what slows it down")]
    TimedOut { url: String },
    #[error(
        "the database file {path} does not exist; set source.url, or make one with: tongbao sample --persons 50000 --to sqlite:{path}"
    )]
    NoSuchFile { path: String },
    #[error(
        "the database {url} refuses user name or password; correct it in source.url, in the file of source.url_file \
         or in TONGBAO__SOURCE__URL"
    )]
    Login { url: String },
    #[error("the database {url} is not to be trusted: {reason}")]
    Untrusted { url: String, reason: String },
    #[error(
        "the database {url} offers no TLS, and without it everything would travel in plain text; switch TLS on \
         there, or, where the whole network may be trusted, name the host in [source] allow_plain_text"
    )]
    NoTls { url: String },
    #[error("the database denies reading: {reason}; {remedy}")]
    Denied { reason: String, remedy: &'static str },
    #[error("the database {url} broke the reading off: {reason}; {remedy}")]
    BrokenOff { url: String, reason: String, remedy: &'static str },
    #[error("the database {url} takes no further connection now: {reason}; {remedy}")]
    Full { url: String, reason: String, remedy: &'static str },
    #[error(
        "the database {url} opens no read-only snapshot (REPEATABLE READ), and figures of two moments would not fit together: {reason}; read a standby or a copy that has one"
    )]
    NoSnapshot { url: String, reason: String },
    #[error(
        "the database file {path} has changes in its write-ahead log ({path}-wal), and they can be read only where files may be made next to it; let the account write in that folder, or read a copy made with: sqlite3 {path} \".backup copy.db\""
    )]
    UnreadableLog { path: String },
    #[error(
        "the database {url} asks for a sign-in that openGauss and GaussDB alone have; set password_encryption_type = 1 there, md5 for this account in pg_hba.conf, and its password again, or read it by ODBC with the maker's driver (source.url = \"odbc:…\")"
    )]
    ForeignSignIn { url: String },
    #[error(
        "source.compute: counting in the database is proved equal on PostgreSQL and MariaDB alone, and this is {engine}; set source.compute = \"engine\""
    )]
    UnprovedCounting { engine: String },
    #[error(
        "source.compute: counting in the database compares characters, and this database keeps its texts in the character set {charset}; only with UTF8 is it proved equal: set source.compute = \"engine\""
    )]
    UncountedCharset { charset: String },
    #[error(
        "some texts of the database cannot be had as UTF-8 (SQLSTATE {state}): its character set is not that of its texts; have them corrected, or read a query that leaves them out or converts them"
    )]
    NoUtf8 { state: String },
    #[error(
        "source.units: the name of unit {unit} has lost characters (U+FFFD): it is in another character set than UTF-8, or was damaged on its way; have it corrected, or read a query that converts it ({convert})",
        convert = CONVERTED
    )]
    UnitCharset { unit: String },
    #[error("{part}: there is no table \"{table}\"{meant}; tables: {known}")]
    MissingTable { part: &'static str, table: String, meant: String, known: String },
    #[error("{part}: there is no column \"{column}\"{meant}; columns: {known}")]
    MissingColumn { part: &'static str, column: String, meant: String, known: String },
    #[error(
        "unixODBC cannot open {url}: {reason}; name a data source (known: {sources}) or a driver (known: {drivers}), or install the driver and enter it in odbcinst.ini"
    )]
    NoDriver { url: String, reason: String, sources: String, drivers: String },
    #[error(
        "{part}: column \"{column}\" has a value of more than {units} characters, and no more are read by ODBC; shorten it in a query of your own, or, if the driver tells a smaller limit than the column has, raise it in the address (PostgreSQL: MaxVarcharSize=4000)"
    )]
    TooLong { part: &'static str, column: String, units: usize },
    #[error("{part}: the query is refused: {reason}")]
    Query { part: &'static str, reason: String },
    #[error(
        "source.baseline: column \"{column}\" of unit {unit} is no whole number: it looks like {value} (# stands for any digit); write digits alone, as 1280"
    )]
    NotAWholeNumber { column: String, unit: String, value: String },
    #[error("recipients.{group}.members_from: row {row}: {problem}")]
    Recipient { group: String, row: u64, problem: String },
    #[error("source.units: {count} rows have no unit code; every unit needs one")]
    BlankUnitCodes { count: u64 },
    #[error("source.units: {0}")]
    Units(#[from] UnitError),
    #[error("source.units: {column} of unit {unit} is no date; write it as 2016-06-30, or leave it blank")]
    UnitDay { column: &'static str, unit: String },
    #[error("ranking.level: no unit is of this level; source.units has {0}")]
    NoUnitsOfLevel(String),
    #[error("unit_kinds: no unit is of kind {kind}; source.units has {there}")]
    NoUnitsOfKind { kind: String, there: String },
    #[error("source.units is empty; list the villages and communities there")]
    NoUnits,
    #[error(transparent)]
    Inexpressible(#[from] Inexpressible),
    #[error(
        "source.register: the database can take no day from column \"{column}\" of type {kind}; make it a date, a timestamp (MariaDB: DATETIME), read a query that does, or set source.compute = \"engine\""
    )]
    NoDay { column: String, kind: String },
    #[error("roster {name}: {problem}")]
    Roster { name: String, problem: Box<SourceError> },
    #[error("the database sent a damaged row: {0}")]
    Damaged(&'static str),
    #[error("table \"{0}\" exists already; give sample an empty database, so that nothing is overwritten")]
    Occupied(String),
    #[error("{0}")]
    Address(String),
    #[error("the database failed: {0}")]
    Database(String),
    #[error(transparent)]
    File(Box<FileError>),
    #[error(transparent)]
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
            "grant USAGE on the schema and SELECT on its tables to its user"
        } else if names(&["database", "数据库"]) {
            "grant its user CONNECT (MySQL: SELECT) on the database"
        } else if names(&["column", "字段"]) {
            "grant SELECT on the column to its user"
        } else {
            "grant SELECT on the table to its user"
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
        let unavailable = |reason: String| SourceError::Unavailable { url: url.to_owned(), reason };
        if let Some(reason) = tls::reason(&error, "source") {
            return SourceError::Untrusted { url: url.to_owned(), reason };
        }
        match &error {
            sqlx::Error::Io(io) if is_closed(io) => {
                SourceError::BrokenOff { url: url.to_owned(), reason: io.kind().to_string(), remedy: CLOSED }
            }
            sqlx::Error::Io(io) => unavailable(match io.kind().to_string() {
                // A name that leads nowhere has no kind of its own.
                kind if kind == "uncategorized error" => io.to_string(),
                kind => kind,
            }),
            sqlx::Error::Tls(cause) if cause.to_string().contains("not support TLS") => {
                SourceError::NoTls { url: url.to_owned() }
            }
            sqlx::Error::Tls(cause) => {
                SourceError::Untrusted { url: url.to_owned(), reason: cause.to_string() }
            }
            sqlx::Error::Protocol(reason) if is_foreign_sign_in(reason) => {
                SourceError::ForeignSignIn { url: url.to_owned() }
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => unavailable("no answer".to_owned()),
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
        () if is(&FULL) => SourceError::Full { url, reason, remedy: NO_PLACE },
        () if is(&LIMITS) => SourceError::BrokenOff { url, reason, remedy: POOLER_LIMIT },
        () if is(&AWAY) => SourceError::Unavailable { url, reason },
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

const NO_PLACE: &str = "wait until others have ended, lower source.connections, or have the limit raised there (max_connections, the account's limit, the pool of a pooler)";
const STARTING: &str = "it is starting, stopping or recovering: try again later";
const POOLER_LIMIT: &str = "raise the limit of the pooler (query_timeout, idle_transaction_timeout), or have the program read past it";
const CLOSED: &str =
    "it is tried again; where it never answers, look at host and port, and at what is on the way";
const LOCKED: &str = "somebody else holds a lock; try again when that has ended";

/// What keeps a new session out; `None` for any other error.
fn full(state: &str, number: Option<u16>) -> Option<&'static str> {
    match (state, number) {
        // too_many_connections; MySQL: too many connections of the server, of an account, of its hour
        ("53300", _) | (_, Some(1040 | 1203 | 1226)) => Some(NO_PLACE),
        // cannot_connect_now; MySQL: server shutdown
        ("57P03", _) | (_, Some(1053)) => Some(STARTING),
        _ => None,
    }
}

/// What passes, or what a longer limit helps; `None` for any other error.
fn broken_off(state: &str, number: Option<u16>) -> Option<&'static str> {
    match (state, number) {
        // query_canceled, also by statement_timeout; MySQL and MariaDB: interrupted, out of time
        ("57014", _) | (_, Some(1317 | 1969 | 3024)) => Some(
            "raise the limit for its account (statement_timeout, max_statement_time), or try again when it is less busy",
        ),
        // serialization_failure: on a standby, what the primary has changed meanwhile
        ("40001", _) => Some(
            "it is tried again; where it happens often on a standby, raise max_standby_streaming_delay there or set hot_standby_feedback = on",
        ),
        // deadlock_detected, lock_not_available; MySQL: lock wait timeout, deadlock
        ("40P01" | "55P03", _) | (_, Some(1205 | 1213)) => Some(LOCKED),
        // admin_shutdown, crash_shutdown; MariaDB: the connection was killed
        ("57P01" | "57P02", _) | (_, Some(1927)) => {
            Some("somebody there has ended the session, or the server itself; try again")
        }
        // idle sessions and transactions that were ended
        ("25P03" | "57P05", _) => Some("try again, or raise the limit for idle sessions"),
        // SQLite: SQLITE_BUSY and SQLITE_LOCKED
        ("5" | "6" | "261" | "262" | "517", None) => Some(LOCKED),
        _ => None,
    }
}

/// A table of that name in another schema.
fn elsewhere(wrong: &str, known: &[String]) -> Option<String> {
    let wanted = split_name(wrong).pop()?.to_lowercase();
    let is_there = |name: &&String| {
        let parts = split_name(name);
        parts.len() > 1 && parts.last().is_some_and(|last| last.to_lowercase() == wanted)
    };
    let found: Vec<String> = known.iter().filter(is_there).map(|name| format!("\"{name}\"")).collect();
    (!found.is_empty()).then(|| format!("; did you mean {}?", found.join(" or ")))
}

fn meant(wrong: &str, known: &[String]) -> String {
    let meant = nearest(wrong, known.iter().map(String::as_str));
    meant.map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default()
}
