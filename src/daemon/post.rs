//! The daemon's side of the outbox: when it is tried, when it rests, and whom it tells.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::delivery::backoff;
use crate::delivery::failure::SendError;
use crate::delivery::transport::Transport;
use crate::pipeline::{self, Engine, RunError, Sender, Sent, Trouble};
use crate::report::alert::Alert;
use crate::store::Store;
use crate::store::outbox::Attempted;

/// A queue stopped by what a person has to mend is tried again this seldom: mail servers lock
/// accounts that knock too often with a wrong password.
const STOPPED_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// The state of the queue as a whole, beyond what its rows say.
#[derive(Debug)]
pub struct Queue {
    not_before: Timestamp,
    failures: u32,
    /// Why nothing leaves until a person mends it.
    pub stopped: Option<String>,
}

impl Queue {
    pub fn new(now: Timestamp) -> Queue {
        Queue { not_before: now, failures: 0, stopped: None }
    }

    pub fn is_ready(&self, now: Timestamp) -> bool {
        self.not_before <= now
    }

    /// Waits no longer than it may from `now` on, after a clock that was ahead has been set right.
    pub fn pull_back(&mut self, now: Timestamp) {
        if self.not_before > now + STOPPED_WAIT {
            self.not_before = now;
        }
    }

    /// Learns from a dispatch that has ended.
    pub fn learn(&mut self, sent: &Sent, now: Timestamp) {
        match &sent.stopped_by {
            None => *self = Queue::new(now),
            Some(error) if error.is_unavailable() => self.put_off(&error.to_string(), now),
            Some(error) => self.stop(error, now),
        }
    }

    /// Waits for what passes by itself.
    pub fn put_off(&mut self, problem: &str, now: Timestamp) {
        self.not_before = now + backoff::wait(self.failures, 0);
        self.failures += 1;
        warn!("mail waits until {}: {problem}", self.not_before);
    }

    /// Stops for what a person has to mend, and says so once.
    fn stop(&mut self, error: &SendError, now: Timestamp) {
        let problem = error.to_string();
        if self.stopped.as_ref() != Some(&problem) {
            error!("the mail queue has stopped: {problem}");
        }
        self.not_before = now + STOPPED_WAIT;
        self.stopped = Some(problem);
    }
}

/// Sends what is due and puts alerts about troubled mails into the outbox.
pub async fn send(
    engine: &Engine,
    store: &Store,
    transport: &Transport,
    token: i64,
    clock: &Clock,
) -> Result<Sent, RunError> {
    let claim = format!("daemon:{token}");
    let sender = Sender { claim: &claim, token: Some(token), run: None };
    let sent = pipeline::dispatch(engine, store, transport, sender, clock).await?;
    if sent.summary.sent > 0 {
        info!(sent = sent.summary.sent, "mails sent");
    }
    for trouble in &sent.troubled {
        warn!(delivery = trouble.delivery.id, "mail: {}", trouble.reason);
        tell(engine, store, trouble, clock.now()).await?;
    }
    Ok(sent)
}

/// An alert that cannot be delivered raises no further alert.
async fn tell(engine: &Engine, store: &Store, trouble: &Trouble, now: Timestamp) -> Result<(), RunError> {
    let Trouble { delivery, state, reason } = trouble;
    if delivery.kind == "alert" {
        return Ok(());
    }
    let report = match delivery.run {
        Some(run) => Some(store.run(run).await?.report),
        None => None,
    };
    let (recipient, reason, id) = (delivery.name.clone(), reason.clone(), delivery.id);
    let alert = match state {
        Attempted::Uncertain => Alert::MailUncertain { delivery: id, recipient, report, reason },
        _ => Alert::MailDead { delivery: id, recipient, report, reason },
    };
    pipeline::alert(engine, store, &alert, now).await?;
    Ok(())
}
