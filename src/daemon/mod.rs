//! Runs due reports. The loop ticks once a second by the steady clock; which slots are due is computed by
//! `schedule` and recorded in `store`.
//!
//! [`service`] holds the rules of one tick; this file only keeps them coming until the end.

pub mod health;
pub mod mail_queue;
mod metrics;
mod pruning;
mod requests;
pub mod service;
pub mod slots;
mod snapshots;
pub mod status;
mod systemd;

use std::time::Duration;

use tokio::time::MissedTickBehavior;
use tracing::{error, info};

use service::Service;
use systemd::Manager;

/// Slots are found by comparing instants, so a late tick does no harm. `tokio::time` counts by the steady
/// clock: setting the wall clock neither stops the loop nor makes it race.
const TICK: Duration = Duration::from_secs(1);

/// Fills due slots and sends their mails until `stop` ends, then lets running work finish for a
/// while. Errors of the state end the daemon: it must not act on what it cannot record.
pub async fn serve(mut service: Service, stop: impl Future<Output = ()>) -> Result<(), String> {
    let watch = service.watch();
    let _door = match service.listen() {
        Some(address) => Some(health::open(watch.clone(), address).await?),
        None => None,
    };
    let mut manager = Manager::default();
    info!("the daemon is up");
    tokio::pin!(stop);
    // The first tick comes at once.
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let result = loop {
        tokio::select! {
            () = &mut stop => break Ok(()),
            _ = ticks.tick() => match service.tick().await {
                Ok(()) => manager.show(&watch.status.shown()),
                Err(problem) => {
                    error!("{problem}");
                    break Err(problem.to_string());
                }
            }
        }
    };
    info!("the daemon ends");
    manager.stopping();
    service.end().await;
    result
}

/// SIGTERM or SIGINT. They are listened for from the call on, not from the first time that somebody
/// waits: a daemon that is stopped while it starts ends in order too.
pub fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let listening = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        let [terminate, interrupt] = listening.map(|signal| async move {
            match signal {
                Ok(mut signal) => drop(signal.recv().await),
                // What cannot be listened for ends the process.
                Err(_) => std::future::pending().await,
            }
        });
        tokio::select! {
            () = terminate => {}
            () = interrupt => {}
        }
    }
}
