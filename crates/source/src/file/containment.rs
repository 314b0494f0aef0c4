//! Libraries that read files, held so that what panics in them is an error of the file.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use super::error::FileError;
use tongbao_message::{Message, foreign, message};

/// What such damage is called.
pub(super) fn contradiction() -> Message {
    message!("contradiction")
}

thread_local! {
    static IS_CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a library's reader on bytes that may be damaged. Some panic where a length or a reference in them
/// cannot be; that is damage like any other. Their message is not shown: it may quote what it met.
pub(super) fn contained<T, E: std::fmt::Display>(
    path: &str,
    format: &'static str,
    read: impl FnOnce() -> Result<T, E>,
) -> Result<T, FileError> {
    silence();
    IS_CONTAINED.set(true);
    // What has panicked is dropped by the caller, who ends with the error.
    let read = catch_unwind(AssertUnwindSafe(read));
    IS_CONTAINED.set(false);
    let reason = match read {
        Ok(Ok(read)) => return Ok(read),
        Ok(Err(error)) => foreign(&crate::TEXTS, &error.to_string()),
        Err(_) => contradiction(),
    };
    Err(FileError::Damaged { path: path.to_owned(), format, reason })
}

/// Panics of the program itself are reported as usual.
fn silence() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_CONTAINED.get() {
                previous(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_damage_and_quotes_nothing() {
        let read = contained("x.xlsx", "workbook", || -> Result<(), String> { panic!("张三") });
        let message = read.unwrap_err().to_string();
        assert!(message.contains("x.xlsx is damaged") && !message.contains("张三"), "{message}");
        assert!(contained("x", "workbook", || Ok::<_, String>(1)).is_ok());
    }
}
