//! Sends mails one recipient at a time, and reports the outcome of each.

use super::failure::SendError;
use super::permit::Permit;
use super::transport::{Envelope, Ready, Receipt, Transport};

/// The outcome of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOutcome {
    /// The server took it.
    Sent(Receipt),
    /// The server refused it, or could not be reached.
    Failed(SendError),
    /// Not tried, because the failure of an earlier mail stopped the queue.
    Unsent(SendError),
}

/// Mails on their way over one transport. A mail is opened, its owner notes that the text goes out,
/// and then it is handed over: so a crash leaves one mail in doubt at most.
#[derive(Debug)]
pub struct Dispatch<'a> {
    transport: &'a Transport,
    permit: &'a Permit,
    stopped_by: Option<SendError>,
}

impl<'a> Dispatch<'a> {
    /// `permit` is asked before each mail and each command to the server.
    pub fn new(transport: &'a Transport, permit: &'a Permit) -> Dispatch<'a> {
        Dispatch { transport, permit, stopped_by: None }
    }

    /// Whether another mail may be taken.
    pub fn may_begin(&self) -> bool {
        self.stopped_by.is_none() && self.permit.may_begin()
    }

    /// Several refusals together have shown that no mail can leave.
    pub fn stop(&mut self, error: SendError) {
        self.stopped_by.get_or_insert(error);
    }

    /// What has stopped the queue, if anything: then nothing further is tried.
    pub fn stopped_by(&self) -> Option<&SendError> {
        self.stopped_by.as_ref()
    }

    /// Brings the receiving side to the point where it waits for the text of a mail.
    pub async fn open(&mut self, envelope: Envelope<'_>) -> Result<Ready<'a>, MailOutcome> {
        if let Some(error) = &self.stopped_by {
            return Err(MailOutcome::Unsent(error.clone()));
        }
        self.transport.open(envelope, self.permit).await.map_err(|error| self.failed(error))
    }

    /// Hands the text over, see [`super::message::Mail::to_bytes`].
    pub async fn hand_over(&mut self, ready: Ready<'a>, bytes: &[u8]) -> MailOutcome {
        match ready.hand_over(bytes, self.permit).await {
            Ok(receipt) => MailOutcome::Sent(receipt),
            Err(error) => self.failed(error),
        }
    }

    fn failed(&mut self, error: SendError) -> MailOutcome {
        if error.stops_queue() {
            self.stopped_by = Some(error.clone());
        }
        match error {
            SendError::Revoked => MailOutcome::Unsent(error),
            error => MailOutcome::Failed(error),
        }
    }
}

/// How a whole dispatch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Taken by the server.
    pub sent: usize,
    /// Refused for good.
    pub refused: usize,
    /// To be tried again: put off, or not tried.
    pub waiting: usize,
    /// Perhaps delivered.
    pub uncertain: usize,
}

impl Summary {
    /// Counts every outcome once.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a MailOutcome>) -> Summary {
        let mut summary = Summary::default();
        outcomes.into_iter().for_each(|outcome| summary.count(outcome));
        summary
    }

    /// Counts one more outcome.
    pub fn count(&mut self, outcome: &MailOutcome) {
        *match outcome {
            MailOutcome::Sent(_) => &mut self.sent,
            MailOutcome::Failed(SendError::Permanent(_)) => &mut self.refused,
            MailOutcome::Failed(SendError::Uncertain(_)) => &mut self.uncertain,
            MailOutcome::Failed(SendError::Temporary(_) | SendError::Queue(_) | SendError::Revoked)
            | MailOutcome::Unsent(_) => &mut self.waiting,
        } += 1;
    }

    /// True when every mail left.
    pub fn is_complete(&self) -> bool {
        self.refused + self.waiting + self.uncertain == 0
    }
}
