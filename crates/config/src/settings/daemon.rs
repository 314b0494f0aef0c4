//! What the daemon does on its own.

use std::net::SocketAddr;

use jiff::SignedDuration;

/// How long the daemon tries, whom it tells, and where it can be watched.
#[derive(Debug, Clone)]
pub struct Daemon {
    /// Names of recipient groups, each known.
    pub alerts: Vec<String>,
    pub overdue_after: SignedDuration,
    /// Counted from the instant a slot is due.
    pub slot_deadline: SignedDuration,
    pub stop_within: std::time::Duration,
    pub max_clock_jump: SignedDuration,
    pub clock_settle: SignedDuration,
    pub lease: SignedDuration,
    /// A loopback address; `None` listens nowhere.
    pub listen: Option<SocketAddr>,
    /// So many copies of the state database are kept; 0 = none.
    pub copies: usize,
}
