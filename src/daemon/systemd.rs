//! Notifies the service manager (sd_notify(3)). Does nothing without one.

use sd_notify::NotifyState;
use tracing::warn;

use super::status::DaemonState;

/// The service manager, and the last notification.
#[derive(Debug, Default)]
pub(super) struct Manager {
    is_ready: bool,
    text: String,
}

impl Manager {
    /// The loop has come round without failing: only this feeds the watchdog.
    pub(super) fn show(&mut self, shown: &DaemonState) {
        let text = summary(shown);
        let mut news = vec![NotifyState::Watchdog];
        if !self.is_ready {
            news.push(NotifyState::Ready);
        }
        if text != self.text {
            news.push(NotifyState::Status(&text));
        }
        tell(&news);
        self.is_ready = true;
        self.text = text;
    }

    pub(super) fn stopping(&self) {
        tell(&[NotifyState::Stopping, NotifyState::Status("finishes what is under way")]);
    }
}

fn tell(news: &[NotifyState]) {
    if let Err(problem) = sd_notify::notify(news) {
        warn!("the service manager cannot be told: {problem}");
    }
}

/// One line for `systemctl status`.
fn summary(shown: &DaemonState) -> String {
    let mut parts = vec![match shown.holds_lease {
        true => "fills the slots".to_owned(),
        false => "stands by: another daemon fills the slots".to_owned(),
    }];
    if shown.clock_is_doubted {
        parts.push("the clock was set: slots wait until it has run evenly for a while".to_owned());
    }
    if !shown.busy.is_empty() {
        parts.push(format!("under way: {}", shown.busy.join(", ")));
    }
    if shown.is_sending {
        parts.push("sending mails".to_owned());
    }
    if let Some(problem) = &shown.queue_stopped {
        parts.push(format!("the mail queue has stopped: {problem}"));
    }
    parts.join("; ")
}
