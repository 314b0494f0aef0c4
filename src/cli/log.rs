//! The log on stderr: text for a person, JSON lines for a collector, both with UTC instants.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// `TONGBAO_LOG` overrides how much is logged, e.g. `tongbao=debug`.
pub(super) fn start(verbose: u8, quiet: bool, as_json: bool) {
    let level = match (quiet, verbose) {
        (true, _) => "error",
        (false, 0) => "tongbao=info,warn",
        (false, 1) => "tongbao=debug,warn",
        (false, _) => "debug",
    };
    let filter = EnvFilter::try_from_env("TONGBAO_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A log that cannot be written must not end the work: the complaint would go to the same place.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    match as_json {
        // One flat object a line, so that every collector finds `message` and `report` at the top.
        true => log.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
        false => log.with_target(false).init(),
    }
}
