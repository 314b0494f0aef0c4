//! Checks what the daemon does on its own.

use super::Check;
use super::delivery::known_groups;
use crate::exact_values;
use crate::raw::RawConfig;
use crate::settings::Daemon;
use tongbao_message::{Message, message};

pub(super) fn daemon(config: &RawConfig, check: &mut Check) -> Option<Daemon> {
    let raw = &config.daemon;
    known_groups("daemon.alerts", &raw.alerts, config, check);
    let is_scheduled = config.reports.values().any(|report| report.schedule.is_some());
    if raw.alerts.is_empty() && is_scheduled && config.smtp.is_some() {
        let advice = message!("names-no-recipient-group-nobody-is");
        check.warn("daemon.alerts", advice);
    }
    let mut span = |key: &str, text: &str| check.keep(&format!("daemon.{key}"), exact_values::span(text));
    let overdue_after = span("overdue_after", &raw.overdue_after);
    let slot_deadline = span("slot_deadline", &raw.slot_deadline);
    let max_clock_jump = span("max_clock_jump", &raw.max_clock_jump);
    let clock_settle = span("clock_settle", &raw.clock_settle);
    let lease = span("lease", &raw.lease);
    let stop_within = check.keep("daemon.stop_within", exact_values::duration(&raw.stop_within));
    let listen = check.keep("daemon.listen", listen(&raw.listen));
    Some(Daemon {
        alerts: raw.alerts.clone(),
        overdue_after: overdue_after?,
        slot_deadline: slot_deadline?,
        stop_within: stop_within?,
        max_clock_jump: max_clock_jump?,
        clock_settle: clock_settle?,
        lease: lease?,
        listen: listen?,
        copies: raw.copies,
    })
}

/// Metrics are for this machine: a proxy that asks for a password may carry them further.
fn listen(text: &str) -> Result<Option<std::net::SocketAddr>, Message> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match text.trim().parse::<std::net::SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(Some(address)),
        Ok(address) => Err(message!("can-be-reached-from-outside-use", address, port = address.port())),
        Err(_) => Err(message!("is-no-address-write-it-as-2", text)),
    }
}
