//! Stepping through SQLite's rows in place. The driver hands every row and value from a thread of its
//! own to the program, which costs more than SQLite itself; here its values are read where they are.

use std::ffi::{CStr, c_int, c_void};
use std::marker::PhantomData;
use std::ptr::{NonNull, null, null_mut};

use libsqlite3_sys as ffi;
use tokio::time::Instant;

use super::SourceError;
use super::statements::EachRow;

const SECOND: &str = "a query must be one statement, and something follows it; take that out";

/// Steps of SQLite's machine between two looks at the clock: some milliseconds. Rows would not do: a
/// statement may work for hours before its first one.
const UNWATCHED: c_int = 1_000_000;

/// A prepared statement, finalized when it goes.
struct Statement(NonNull<ffi::sqlite3_stmt>);

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: the statement was prepared and is finalized once. An error of the last step is
        // reported again here and was handled there.
        unsafe { ffi::sqlite3_finalize(self.0.as_ptr()) };
    }
}

/// Interrupts a statement when its time is over.
struct DeadlineWatch<'a> {
    database: NonNull<ffi::sqlite3>,
    _deadline: PhantomData<&'a Instant>,
}

impl<'a> DeadlineWatch<'a> {
    /// # Safety
    /// As [`step`].
    unsafe fn new(database: NonNull<ffi::sqlite3>, deadline: &'a Instant) -> DeadlineWatch<'a> {
        let argument = std::ptr::from_ref(deadline).cast_mut().cast();
        // SAFETY: the deadline outlives the watch, and the handler goes with it.
        unsafe { ffi::sqlite3_progress_handler(database.as_ptr(), UNWATCHED, Some(is_late), argument) };
        DeadlineWatch { database, _deadline: PhantomData }
    }
}

impl Drop for DeadlineWatch<'_> {
    fn drop(&mut self) {
        // SAFETY: the connection is still the caller's.
        unsafe { ffi::sqlite3_progress_handler(self.database.as_ptr(), 0, None, null_mut()) };
    }
}

/// # Safety
/// `deadline` must point to an instant.
unsafe extern "C" fn is_late(deadline: *mut c_void) -> c_int {
    // SAFETY: see above; nothing writes to it.
    let deadline = unsafe { &*deadline.cast::<Instant>() };
    c_int::from(Instant::now() > *deadline)
}

/// Runs a statement and passes its rows on as text, the way `CAST(… AS TEXT)` writes it. `None` means
/// that the deadline passed.
///
/// # Safety
/// `database` must be an open connection that nobody else uses until this returns.
pub(super) unsafe fn step(
    database: NonNull<ffi::sqlite3>,
    sql: &str,
    deadline: Instant,
    each: &mut EachRow<'_>,
) -> Result<Option<()>, SourceError> {
    // SAFETY: the caller owns the connection for as long as this runs.
    unsafe {
        let statement = prepare(database, sql)?;
        let columns = ffi::sqlite3_column_count(statement.0.as_ptr());
        let _watch = DeadlineWatch::new(database, &deadline);
        loop {
            match ffi::sqlite3_step(statement.0.as_ptr()) {
                ffi::SQLITE_ROW => {}
                ffi::SQLITE_DONE => return Ok(Some(())),
                ffi::SQLITE_INTERRUPT => return Ok(None),
                _ => return Err(failure(database)),
            }
            let values: Vec<Option<&[u8]>> = (0..columns).map(|i| value(&statement, i)).collect();
            each(&values)?;
        }
    }
}

/// # Safety
/// As [`step`].
unsafe fn prepare(database: NonNull<ffi::sqlite3>, sql: &str) -> Result<Statement, SourceError> {
    let (mut statement, mut tail) = (null_mut(), null());
    let length = c_int::try_from(sql.len()).map_err(|_| SourceError::Damaged("the statement is too long"))?;
    // SAFETY: the text is given with its length, and the statement is checked before it is used.
    unsafe {
        let code = ffi::sqlite3_prepare_v2(
            database.as_ptr(),
            sql.as_ptr().cast(),
            length,
            &mut statement,
            &mut tail,
        );
        match NonNull::new(statement) {
            Some(statement) if code == ffi::SQLITE_OK => {
                let statement = Statement(statement);
                // SQLite compiles the first statement and leaves the rest; both are in the same text.
                let used = tail.offset_from_unsigned(sql.as_ptr().cast());
                let rest = sql.as_bytes().get(used..).unwrap_or_default();
                match rest.trim_ascii().is_empty() {
                    true => Ok(statement),
                    false => Err(SourceError::Database(SECOND.to_owned())),
                }
            }
            _ => Err(failure(database)),
        }
    }
}

/// The text of a value, which is there until the next step.
///
/// # Safety
/// The statement must stand on a row, and `column` must be one of its columns.
unsafe fn value(statement: &Statement, column: c_int) -> Option<&[u8]> {
    // SAFETY: column_text must come before column_bytes, which then counts the bytes of that text.
    unsafe {
        let text = NonNull::new(ffi::sqlite3_column_text(statement.0.as_ptr(), column).cast_mut())?;
        let length = ffi::sqlite3_column_bytes(statement.0.as_ptr(), column);
        Some(std::slice::from_raw_parts(text.as_ptr(), usize::try_from(length).unwrap_or(0)))
    }
}

/// # Safety
/// As [`step`].
unsafe fn failure(database: NonNull<ffi::sqlite3>) -> SourceError {
    // SAFETY: SQLite gives a text that ends in NUL and lives until the next call.
    let message = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(database.as_ptr())) };
    SourceError::Database(message.to_string_lossy().into_owned())
}
