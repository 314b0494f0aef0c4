//! A connection by ODBC: read only and in one transaction as far as the driver offers it.

use std::ffi::{c_char, c_int};
use std::mem::ManuallyDrop;
use std::sync::Once;

use odbc_api::handles::{Connection, Statement, StatementImpl};
use odbc_api::sys::{ConnectionAttribute, IS_UINTEGER, Pointer, SQLSetStmtAttrW, StatementAttribute};
use odbc_api::{ConnectionOptions, CursorImpl, Preallocated, environment};

use super::super::SourceError;
use super::super::opening::UNBOUND;
use super::error::DriverError;
use tongbao_config::settings::DatabaseUrl;

/// For connecting; the program itself waits no longer either.
const LOGIN_SECONDS: u32 = 30;
/// SQL_MODE_READ_ONLY.
const READ_ONLY: usize = 1;
/// SQL_TXN_REPEATABLE_READ and SQL_TXN_SERIALIZABLE, the better one first: where both are offered, the
/// second locks more and reads the same.
const ISOLATIONS: [usize; 2] = [4, 8];

/// What drivers for servers of MySQL's kind call those, in lower case.
const OF_MYSQL: [&str; 5] = ["mysql", "mariadb", "oceanbase", "tidb", "goldendb"];

/// The rows of a statement, together with it.
pub(super) type Cursor<'a> = CursorImpl<StatementImpl<'a>>;

/// An open connection; what it began is rolled back at its end.
pub(super) struct OdbcSession {
    connection: ManuallyDrop<Connection<'static>>,
    pub url: DatabaseUrl,
    /// What identifiers are quoted with; `None` where the driver knows no quotes.
    pub quote: Option<char>,
}

/// Limits of a statement; a driver that knows none of them is not the worse for it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StatementLimits {
    pub seconds: Option<usize>,
    pub rows: Option<usize>,
}

impl OdbcSession {
    /// Connects and begins.
    pub(super) fn open(url: DatabaseUrl) -> Result<OdbcSession, SourceError> {
        speak_utf8();
        let text = url.odbc().map(|connection| connection.0).unwrap_or_default();
        let options =
            ConnectionOptions { login_timeout_sec: Some(LOGIN_SECONDS), ..ConnectionOptions::default() };
        let connected = environment().and_then(|odbc| odbc.connect_with_connection_string(text, options));
        let connection =
            connected.map_err(|error| DriverError::from(error).into_source_error(&url))?.into_handle();
        let quote = connection.identifier_quote_char().into_result(&connection).unwrap_or(Some('"'));
        let mut session = OdbcSession { connection: ManuallyDrop::new(connection), url, quote };
        session.restrain();
        session.unbind();
        session.begin();
        Ok(session)
    }

    /// Lifts what a server of MySQL's kind would cut the register by, see [`UNBOUND`].
    fn unbind(&mut self) {
        let mut name = Vec::new();
        let asked = self.connection.fetch_database_management_system_name(&mut name);
        let name = String::from_utf16_lossy(&name).to_lowercase();
        if !asked.is_err() && OF_MYSQL.iter().any(|known| name.contains(known)) {
            // A server that does not know a setting is not bound by it.
            UNBOUND.into_iter().for_each(|sentence| drop(self.execute(sentence)));
        }
    }

    /// Asks for what keeps a register safe; what a driver refuses it does not have.
    fn restrain(&mut self) {
        let set = |attribute, value: usize| {
            // SAFETY: these attributes are integers that the standard defines for every driver.
            unsafe { self.connection.set_attribute(attribute, value as Pointer, IS_UINTEGER) }.is_err()
        };
        set(ConnectionAttribute::ACCESS_MODE, READ_ONLY);
        ISOLATIONS.into_iter().find(|isolation| !set(ConnectionAttribute::TXN_ISOLATION, *isolation));
        let _ = self.connection.set_autocommit(false);
    }

    /// Begins again: some databases end a transaction at the first error.
    pub(super) fn begin(&mut self) {
        let _ = self.connection.rollback();
        // PostgreSQL, Oracle, DM and MySQL take it; others know the attributes alone.
        if self.execute("SET TRANSACTION READ ONLY").is_err() {
            let _ = self.connection.rollback();
        }
    }

    fn execute(&self, sql: &str) -> Result<(), DriverError> {
        self.statement(StatementLimits::default())?.into_cursor(sql, ())?;
        Ok(())
    }

    /// Runs a statement that delivers rows.
    pub(super) fn query(&self, sql: &str, limits: StatementLimits) -> Result<Cursor<'_>, DriverError> {
        let cursor = self.statement(limits)?.into_cursor(sql, ())?;
        cursor.ok_or_else(|| DriverError::new("the statement delivers no rows"))
    }

    /// The tables that the driver knows by a pattern, all where it is empty: catalogue, schema, name,
    /// type and remarks of each.
    pub(super) fn tables(&self, pattern: &str) -> Result<Cursor<'_>, DriverError> {
        Ok(self.statement(StatementLimits::default())?.into_tables_cursor("", "", pattern, "")?)
    }

    fn statement(&self, limits: StatementLimits) -> Result<Preallocated<StatementImpl<'_>>, DriverError> {
        let mut statement = self.connection.allocate_statement().into_result(&*self.connection)?;
        if let Some(seconds) = limits.seconds {
            let _ = statement.set_query_timeout_sec(seconds);
        }
        if let Some(rows) = limits.rows {
            // SAFETY: the handle is open, and a number of rows is passed as a number.
            let _ = unsafe {
                SQLSetStmtAttrW(statement.as_sys(), StatementAttribute::MaxRows, rows as Pointer, 0)
            };
        }
        // SAFETY: nothing has been bound to the new statement.
        Ok(unsafe { Preallocated::new(statement) })
    }
}

/// Drivers without functions for UTF-16 are given statements, and give names, in the character set of
/// the locale; daemons have none, and unixODBC would then cut every character down to a byte.
fn speak_utf8() {
    static SPOKEN: Once = Once::new();
    /// As C libraries for Linux number it.
    const LC_CTYPE: c_int = 0;
    unsafe extern "C" {
        fn setlocale(category: c_int, locale: *const c_char) -> *mut c_char;
    }
    // SAFETY: the name is a text of C. Nothing of the program's own reads the locale, and no driver is
    // running yet.
    SPOKEN.call_once(|| unsafe {
        setlocale(LC_CTYPE, c"C.UTF-8".as_ptr());
    });
}

impl Drop for OdbcSession {
    fn drop(&mut self) {
        let _ = self.connection.rollback();
        // The library panics at a handle that is freed while connected, so such a one is left alone.
        if !self.connection.disconnect().is_err() {
            // SAFETY: nobody uses it after this.
            unsafe { ManuallyDrop::drop(&mut self.connection) }
        }
    }
}
