//! What the daemon shows of itself: fed by its loop, read by its health and status pages.

use std::sync::Mutex;

use jiff::SignedDuration;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

use crate::schedule::clock_guard::ClockReading;

/// The daemon as of its last tick, and how long its work has taken since it started.
#[derive(Debug)]
pub struct Status {
    shown: Mutex<DaemonState>,
    /// Seconds a report took, from the pull to the outbox.
    pub runs: Family<RunLabels, Histogram>,
    /// Seconds it took to send what was due.
    pub sending: Histogram,
}

/// The daemon as of its last tick.
#[derive(Debug, Clone, Default)]
pub struct DaemonState {
    /// When it was, by both clocks; `None` before the first.
    pub last_tick: Option<ClockReading>,
    /// False while another daemon fills the slots.
    pub holds_lease: bool,
    /// Names of the reports under way.
    pub busy: Vec<String>,
    /// Whether mails are handed over at this moment.
    pub is_sending: bool,
    /// Nothing is decided by the time of day until the clock has run evenly for a while.
    pub clock_is_doubted: bool,
    /// Why no mail leaves until a person corrects something.
    pub queue_stopped: Option<String>,
    /// Why mails have been waiting for a while: the server is away.
    pub queue_away: Option<String>,
}

/// Labels of the counter of runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RunLabels {
    /// Name of the report.
    pub report: String,
    /// `recorded` or `failed`.
    pub result: &'static str,
}

impl Default for Status {
    fn default() -> Status {
        Status {
            shown: Mutex::default(),
            runs: Family::new_with_constructor(|| Histogram::new([0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0])),
            sending: Histogram::new([0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0]),
        }
    }
}

impl Status {
    /// Takes over what a tick has found.
    pub fn show(&self, shown: DaemonState) {
        *self.shown.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = shown;
    }

    /// A copy of what was last shown.
    pub fn shown(&self) -> DaemonState {
        self.shown.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Notes how long a report took.
    pub fn run_took(&self, report: &str, is_recorded: bool, time: SignedDuration) {
        let result = if is_recorded { "recorded" } else { "failed" };
        let labels = RunLabels { report: report.to_owned(), result };
        self.runs.get_or_create(&labels).observe(time.as_secs_f64());
    }
}
