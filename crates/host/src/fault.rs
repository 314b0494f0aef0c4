//! Named points at which the crash tests kill the process, the way a power cut would.
//!
//! What is tested is the program that is shipped: the points are always there, and do nothing unless
//! `TONGBAO_FAULT` names one.

use std::sync::OnceLock;

/// The variable that names a point.
pub const VARIABLE: &str = "TONGBAO_FAULT";

/// Passes a point, or ends there if it is the one named.
pub fn reach(point: &str) {
    if named() == Some(point) {
        die();
    }
}

/// Ends the report named after `panic:` in a panic, as a mistake of ours would, or after `kill:` the whole
/// process, as a lack of memory would.
pub fn reach_report(name: &str) {
    if named().and_then(|named| named.strip_prefix("kill:")) == Some(name) {
        die();
    }
    if named().and_then(|named| named.strip_prefix("panic:")) == Some(name) {
        panic!("{VARIABLE} asks for a panic in {name}");
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests alone set it")]
fn named() -> Option<&'static str> {
    static NAMED: OnceLock<Option<String>> = OnceLock::new();
    NAMED.get_or_init(|| std::env::var(VARIABLE).ok()).as_deref()
}

/// SIGKILL: no destructor runs and no buffer is flushed.
fn die() -> ! {
    let process = std::process::id().to_string();
    // If there is no such program, an abort is the nearest thing.
    let _ = std::process::Command::new("kill").args(["-KILL", &process]).status();
    std::process::abort()
}
