//! The log on stderr: text with local times for a person, JSON lines with UTC instants for a collector.

use jiff::Zoned;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use super::colour::Colours;

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
        // Where nobody reads stderr, a complaint about that would panic.
        .log_internal_errors(false)
        .with_ansi(Colours::stderr().is_on());
    match as_json {
        // One flat object a line, so that every collector finds `message` and `report` at the top.
        true => log.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
        false => log.with_target(false).with_timer(LocalTime).init(),
    }
}

/// The time of the machine's zone, with its offset from UTC.
struct LocalTime;

impl FormatTime for LocalTime {
    #[expect(clippy::disallowed_methods, reason = "the log's own time, as of its other format")]
    fn format_time(&self, out: &mut Writer<'_>) -> std::fmt::Result {
        write!(out, "{}", Zoned::now().strftime("%Y-%m-%d %H:%M:%S%:z"))
    }
}
