//! What the daemon does on its own.

use std::net::SocketAddr;

use jiff::SignedDuration;

/// How long the daemon tries, who gets its alerts, and where it can be watched.
#[derive(Debug, Clone)]
pub struct Daemon {
    /// Names of recipient groups, each known.
    pub alerts: Vec<String>,
    /// A slot without its run for this long is overdue, and the alert groups hear of it.
    pub overdue_after: SignedDuration,
    /// Counted from the instant a slot is due.
    pub slot_deadline: SignedDuration,
    /// How long running reports may finish after SIGTERM.
    pub stop_within: std::time::Duration,
    /// A wall clock that leaps ahead by more is not believed at once.
    pub max_clock_jump: SignedDuration,
    /// How long the wall clock must run evenly before it is believed again.
    pub clock_settle: SignedDuration,
    /// Another daemon on the same state takes over after this time without a sign of life.
    pub lease: SignedDuration,
    /// A loopback address; `None` listens nowhere.
    pub listen: Option<SocketAddr>,
    /// So many copies of the state database are kept; 0 = none.
    pub copies: usize,
}
