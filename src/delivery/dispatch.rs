//! Goes through prepared mails, one recipient at a time, and tells what became of each.

use std::collections::VecDeque;

use super::failure::SendError;
use super::transport::{Receipt, Transport};

/// A mail ready to leave; `key` is whatever its owner knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<K> {
    pub key: K,
    /// Bare address.
    pub from: String,
    /// Bare address.
    pub to: String,
    /// See [`super::message::Mail::to_bytes`].
    pub bytes: Vec<u8>,
}

/// What became of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Sent(Receipt),
    Failed(SendError),
    /// Not tried, because the failure of an earlier mail stopped the queue.
    Unsent(SendError),
}

/// Mails on their way over one transport. Ask for [`Dispatch::next`] until it gives `None`, and
/// write each outcome down before asking for the next one: then a crash leaves one mail in doubt at most.
#[derive(Debug)]
pub struct Dispatch<'a, K> {
    transport: &'a Transport,
    waiting: VecDeque<Envelope<K>>,
    stopped_by: Option<SendError>,
}

impl<'a, K> Dispatch<'a, K> {
    pub fn new(
        transport: &'a Transport,
        envelopes: impl IntoIterator<Item = Envelope<K>>,
    ) -> Dispatch<'a, K> {
        Dispatch { transport, waiting: envelopes.into_iter().collect(), stopped_by: None }
    }

    /// The mail that [`Dispatch::next`] will try, so that its owner can mark it as under way;
    /// `None` when nothing further will be tried.
    pub fn upcoming(&self) -> Option<&Envelope<K>> {
        if self.stopped_by.is_some() { None } else { self.waiting.front() }
    }

    /// Sends the next mail. After a failure of the whole queue the rest come back as
    /// [`Outcome::Unsent`] without being tried.
    pub async fn next(&mut self) -> Option<(K, Outcome)> {
        let Envelope { key, from, to, bytes } = self.waiting.pop_front()?;
        if let Some(error) = &self.stopped_by {
            return Some((key, Outcome::Unsent(error.clone())));
        }
        let outcome = match self.transport.send(&from, &to, &bytes).await {
            Ok(receipt) => Outcome::Sent(receipt),
            Err(error) => {
                self.stopped_by = error.stops_queue().then(|| error.clone());
                Outcome::Failed(error)
            }
        };
        if self.waiting.is_empty() {
            self.transport.close().await;
        }
        Some((key, outcome))
    }

    /// Sends all, for callers that keep no record.
    pub async fn run(mut self) -> Vec<(K, Outcome)> {
        let mut outcomes = Vec::new();
        while let Some(outcome) = self.next().await {
            outcomes.push(outcome);
        }
        outcomes
    }
}

/// How a whole dispatch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    pub sent: usize,
    /// Refused for good.
    pub refused: usize,
    /// To be tried again: put off, or not tried.
    pub waiting: usize,
    /// Perhaps delivered.
    pub uncertain: usize,
}

impl Summary {
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Summary {
        let mut summary = Summary::default();
        for outcome in outcomes {
            *match outcome {
                Outcome::Sent(_) => &mut summary.sent,
                Outcome::Failed(SendError::Permanent(_)) => &mut summary.refused,
                Outcome::Failed(SendError::Uncertain(_)) => &mut summary.uncertain,
                Outcome::Failed(SendError::Temporary(_) | SendError::Queue(_)) | Outcome::Unsent(_) => {
                    &mut summary.waiting
                }
            } += 1;
        }
        summary
    }

    /// True when every mail left.
    pub fn is_complete(&self) -> bool {
        self.refused + self.waiting + self.uncertain == 0
    }
}
