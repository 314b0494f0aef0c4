//! What the daemon does on its own, as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The daemon: how long it tries, who gets its alerts, where it can be watched.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawDaemon {
    /// Recipient groups that get a mail when something needs a person, and held drafts.
    pub alerts: Vec<String>,
    /// A slot without its run for this long is overdue: the alert groups get a mail, and under
    /// `print_lateness` the document says that it comes late.
    pub overdue_after: String,
    /// A slot that fails is tried again for so long after it was due.
    pub slot_deadline: String,
    /// How long running reports may finish after SIGTERM.
    pub stop_within: String,
    /// A clock that leaps ahead by more than this is not believed at once.
    pub max_clock_jump: String,
    /// How long it must then run evenly before slots fire again.
    pub clock_settle: String,
    /// Another daemon on the same state takes over when this one has been silent for so long.
    pub lease: String,
    /// Address of `/healthz` and `/metrics`, e.g. `127.0.0.1:9464`; "" = none.
    pub listen: String,
    /// So many copies of the state database are kept in `copy/` below the state folder, a new one
    /// after runs and mails; 0 = none.
    pub copies: usize,
}

impl Default for RawDaemon {
    fn default() -> RawDaemon {
        RawDaemon {
            alerts: Vec::new(),
            overdue_after: "1h".into(),
            slot_deadline: "72h".into(),
            stop_within: "30s".into(),
            max_clock_jump: "1h".into(),
            clock_settle: "15m".into(),
            lease: "2m".into(),
            listen: String::new(),
            copies: 2,
        }
    }
}
