//! What wakes the pipeline on schedule: tokio-cron-scheduler knocks, slots and the store decide.
//!
//! [`service`] holds the rules of one knock; this file only keeps them coming until the end.

mod copies;
pub mod health;
mod http;
mod metrics;
pub mod post;
pub mod service;
pub mod slots;
pub mod status;
mod systemd;

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler};
use tracing::{error, info};

use service::Service;
use systemd::Manager;

/// Every second: slots are found by comparing instants, so a late or doubled knock does no harm.
const KNOCK: &str = "* * * * * *";

/// Fills due slots and sends their mails until `stop` ends, then lets running work finish for a
/// while. Errors of the state end the daemon: it must not act on what it cannot record.
pub async fn serve(mut service: Service, stop: impl Future<Output = ()>) -> Result<(), String> {
    let knock = Arc::new(Notify::new());
    let mut waker =
        waker(knock.clone()).await.map_err(|error| format!("cannot start the scheduler: {error}"))?;
    let watch = service.watch();
    let _door = match service.listen() {
        Some(address) => Some(health::open(watch.clone(), address).await?),
        None => None,
    };
    let mut manager = Manager::default();
    info!("the daemon is up");
    tokio::pin!(stop);
    // The first knock comes at once: what was missed need not wait for a full second.
    knock.notify_one();
    let result = loop {
        tokio::select! {
            () = &mut stop => break Ok(()),
            () = knock.notified() => match service.knock().await {
                Ok(()) => manager.knocked(&watch.status.shown()),
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
    let stopped = waker.shutdown().await.map_err(|error| format!("cannot stop the scheduler: {error}"));
    result.and(stopped)
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
                // What cannot be listened for ends the process by itself.
                Err(_) => std::future::pending().await,
            }
        });
        tokio::select! {
            () = terminate => {}
            () = interrupt => {}
        }
    }
}

async fn waker(knock: Arc<Notify>) -> Result<JobScheduler, tokio_cron_scheduler::JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let job = Job::new(KNOCK, move |_, _| knock.notify_one())?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    Ok(scheduler)
}
