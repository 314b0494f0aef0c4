//! The daemon and its state as OpenMetrics text. Labels are names of states and reports, never of
//! persons.

use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::status::Status;
use crate::store::state_counts::{ByState, StateCounts};

/// Media type of [`text`].
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that can be scraped, as of `now`.
pub(super) fn text(
    status: &Status,
    state_counts: &StateCounts,
    now: Timestamp,
) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("tongbao");
    registry.register("build", "The program", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
    of_the_loop(&mut registry, status);
    of_the_state(&mut registry, state_counts, now);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn of_the_loop(registry: &mut Registry, status: &Status) {
    let shown = status.shown();
    let tick = shown.last_tick.map_or(0, |reading| reading.wall.as_second());
    gauge(registry, "last_tick_timestamp_seconds", "When the loop last came round; 0 = not yet", tick);
    gauge(registry, "lease_held", "1 while this daemon fills the slots", shown.holds_lease.into());
    gauge(registry, "runs_under_way", "Reports being made now", shown.busy.len() as i64);
    let stopped = shown.queue_stopped.is_some().into();
    gauge(registry, "queue_stopped", "1 while no mail leaves until a person corrects it", stopped);
    let doubted = shown.clock_is_doubted.into();
    gauge(registry, "clock_doubted", "1 while slots wait because the clock was set", doubted);
    let help = "Time a report took from the pull to the outbox";
    registry.register("run_duration_seconds", help, status.runs.clone());
    let help = "Time it took to send what was due";
    registry.register("sending_duration_seconds", help, status.sending.clone());
}

fn of_the_state(registry: &mut Registry, state_counts: &StateCounts, now: Timestamp) {
    by_state(registry, "slots", "Slots on record by state; open ones are due", &state_counts.slots);
    let help = "Open slots due for longer than daemon.overdue_after";
    gauge(registry, "slots_overdue", help, state_counts.overdue);
    by_state(registry, "runs", "Recorded runs by state", &state_counts.runs);
    by_state(registry, "mails", "Mails of the outbox by state", &state_counts.mails);
    let age = state_counts.oldest_waiting.map_or(0, |at| now.duration_since(at).as_secs().max(0));
    let help = "Age of the oldest mail that has not left yet; 0 = none waits";
    gauge(registry, "queue_age_seconds", help, age);
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn by_state(registry: &mut Registry, name: &str, help: &str, counts: &ByState) {
    let family: Family<Vec<(&'static str, &'static str)>, Gauge> = Family::default();
    for (state, count) in counts {
        family.get_or_create(&vec![("state", *state)]).set(*count);
    }
    registry.register(name, help, family);
}
