//! The daemon's side of the outbox: when it is tried, when it waits, and which alerts follow.

use jiff::{SignedDuration, Timestamp};
use tongbao_message::Language;
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::delivery::backoff;
use crate::delivery::failure::SendError;
use crate::delivery::refusal::Suspect;
use crate::delivery::transport::Transport;
use crate::pipeline::{self, DispatchSummary, Engine, RunError, Sender};
use crate::report::alert::{Alert, TroubledMail};
use crate::store::Store;
use crate::store::outbox::Delivery;
use crate::store::states::MailState;

/// A queue stopped by a refused login is tried again this seldom: mail servers lock accounts that try too often with a
/// wrong password. Other stops are tested with growing waits, up to an hour.
const LOGIN_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// Tries in a row without an answer, about an hour, after which the status page shows that the server is away.
const AWAY: u32 = 6;

/// The state of the queue as a whole, beyond what its rows say.
#[derive(Debug)]
pub struct Queue {
    not_before: Timestamp,
    failures: u32,
    /// The last failure of the queue.
    problem: String,
    /// Why nothing leaves until a person corrects something; a mail that leaves ends it.
    pub stopped: Option<String>,
    /// Mails that the last dispatch has given up alone.
    alone: Vec<Suspect<Delivery>>,
}

impl Default for Queue {
    /// One that is ready at once. It takes no time of its own, because a clock that is wrong at the start would put
    /// it off.
    fn default() -> Queue {
        Queue {
            not_before: Timestamp::MIN,
            failures: 0,
            problem: String::new(),
            stopped: None,
            alone: Vec::new(),
        }
    }
}

impl Queue {
    /// Whether the wait after a failure is over.
    pub fn is_ready(&self, now: Timestamp) -> bool {
        self.not_before <= now
    }

    /// Tries at once: a person wishes so, or the clock that the wait was measured by has been set right.
    pub fn wake(&mut self) {
        self.not_before = Timestamp::MIN;
    }

    /// Why mails have been waiting for a while, though no person has to correct anything here.
    pub fn away(&self) -> Option<&str> {
        (self.failures >= AWAY && self.stopped.is_none()).then_some(self.problem.as_str())
    }

    /// Learns from a dispatch that has ended.
    pub fn learn(&mut self, sent: &DispatchSummary, now: Timestamp) {
        self.learn_state(sent, now);
        sent.alone.clone_into(&mut self.alone);
    }

    /// What the next dispatch has to know of the last one.
    pub fn alone(&self) -> Vec<Suspect<Delivery>> {
        self.alone.clone()
    }

    fn learn_state(&mut self, sent: &DispatchSummary, now: Timestamp) {
        match &sent.stopped_by {
            None => {
                if self.stopped.is_some() {
                    info!("the mail queue goes on");
                }
                *self = Queue::default();
            }
            Some(error) if error.is_unavailable() => self.put_off(&error.to_string(), now),
            Some(error) => self.stop(error, now),
        }
    }

    /// Waits for what passes without anyone's help.
    pub fn put_off(&mut self, problem: &str, now: Timestamp) {
        self.wait(problem, now);
        warn!("mail waits until {}: {problem}", self.not_before);
    }

    /// Stops for what a person has to correct, and says so once. The next try is the test whether it is corrected.
    fn stop(&mut self, error: &SendError, now: Timestamp) {
        self.wait(&error.to_string(), now);
        if error.is_login() {
            self.not_before = now + LOGIN_WAIT;
        }
        match self.stopped.replace(error.to_string()) {
            None => error!("the mail queue has stopped: {error}"),
            Some(_) => warn!("the mail queue is still stopped, next test at {}: {error}", self.not_before),
        }
    }

    fn wait(&mut self, problem: &str, now: Timestamp) {
        self.not_before = now + backoff::wait(self.failures, 0);
        self.failures += 1;
        problem.clone_into(&mut self.problem);
    }
}

/// Sends what is due, and puts alerts about mails that need a person into the outbox.
pub async fn send(
    engine: &Engine,
    store: &Store,
    transport: &Transport,
    sender: Sender<'_>,
    clock: &Clock,
) -> Result<DispatchSummary, RunError> {
    let sent = pipeline::dispatch(engine, store, transport, sender, clock).await?;
    if sent.summary.sent > 0 {
        info!(sent = sent.summary.sent, "mails sent");
    }
    // Also of what a daemon before this one has left unreported.
    for delivery in store.unreported().await? {
        tell(engine, store, &delivery, clock.now()).await?;
    }
    Ok(sent)
}

/// Puts an alert about a mail into the outbox, and notes that.
async fn tell(engine: &Engine, store: &Store, delivery: &Delivery, now: Timestamp) -> Result<(), RunError> {
    let report = match delivery.run {
        Some(run) => Some(store.run(run).await?.report),
        None => None,
    };
    let (id, answer) = (delivery.id, delivery.answer.clone().unwrap_or_default());
    let reason = answer.worded(Language::Chinese);
    let mail = TroubledMail {
        delivery: id,
        message_id: delivery.message_id.clone(),
        tries: delivery.attempts,
        recipient: delivery.name.clone(),
    };
    warn!(delivery = id, state = delivery.state.key(), "mail: {answer}");
    let alert = match delivery.state {
        MailState::Uncertain => Alert::MailUncertain { mail, report, reason },
        _ => Alert::MailDead { mail, report, reason },
    };
    pipeline::alert(engine, store, &alert, now).await?;
    Ok(store.mark_reported(id).await?)
}
