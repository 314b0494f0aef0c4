//! Mails leave the outbox: claimed one by one, handed over, and each outcome on record before the next is tried.

use std::time::Duration;
use tongbao_message::{Message, Worded, message};

use jiff::Timestamp;

use super::mail::{Addressee, members};
use super::{Engine, RunError};
use crate::clock::Clock;
use crate::config::settings::{Settings, Smtp, Uncertain};
use crate::delivery::backoff;
use crate::delivery::dispatch::{Dispatch, MailOutcome, Summary};
use crate::delivery::failure::SendError;
use crate::delivery::message::mailbox;
use crate::delivery::permit::Permit;
use crate::delivery::refusal::{Judgement, Refusals, Suspect};
use crate::delivery::transport::{Envelope, SmtpClient, Transport};
use crate::fault;
use crate::store::claims::Claimant;
use crate::store::outbox::{Attempted, Delivery, Purpose};
use crate::store::{Store, StoreError};

/// So often a state that cannot be written is tried again while an outcome waits to be recorded: what the server
/// has taken must not be forgotten.
const WRITES: u32 = 6;

/// Who sends, and what.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// In whose name mails are claimed; it has none in hand yet.
    pub by: Claimant<'a>,
    /// Whether it may go on, asked before each mail and each command to the server.
    pub permit: &'a Permit,
    /// The mails of one run, or all.
    pub run: Option<i64>,
    /// What the dispatch before has given up alone, see [`DispatchSummary::alone`].
    pub alone: &'a [Suspect<Delivery>],
}

/// What a dispatch came to.
#[derive(Debug, Default)]
pub struct DispatchSummary {
    /// How many mails were sent, refused, put off.
    pub summary: Summary,
    /// What stopped the queue or refused a mail, for the operator.
    pub problems: Vec<SendError>,
    /// What stopped the queue; then nothing further was tried.
    pub stopped_by: Option<SendError>,
    /// Mails given up alone while nobody was served: the next dispatch shows whether others fare alike.
    pub alone: Vec<Suspect<Delivery>>,
}

/// The configured mail server.
pub fn transport(settings: &Settings) -> Option<Transport> {
    settings.smtp.clone().map(|smtp| Transport::Smtp(SmtpClient::new(smtp)))
}

/// Sends the mails that are due and records each outcome before the next is tried.
pub async fn dispatch(
    engine: &Engine,
    store: &Store,
    transport: &Transport,
    sender: Sender<'_>,
    clock: &Clock,
) -> Result<DispatchSummary, RunError> {
    let Some(smtp) = &engine.settings.smtp else { return Ok(DispatchSummary::default()) };
    let (sent, refusals) = (DispatchSummary::default(), Refusals::after(sender.alone.to_vec()));
    let mut post = MailWorker { engine, store, smtp, sender, clock, sent, refusals };
    post.recover().await?;
    let mut dispatch = Dispatch::new(transport, sender.permit);
    while dispatch.may_begin()
        && let Some(delivery) = store.claim(sender.by, sender.run, clock.now()).await?
    {
        post.deliver(&mut dispatch, delivery).await?;
    }
    post.end(&mut dispatch).await?;
    post.sent.stopped_by = dispatch.stopped_by().cloned();
    if post.sent.stopped_by.is_some() {
        post.sent.summary.waiting = store.pending(sender.run).await?.len();
    }
    // One that has lost its lease says no further word.
    if sender.permit.may_go_on() {
        transport.close().await;
    }
    match post.sent.stopped_by {
        Some(SendError::Revoked) => Err(StoreError::LeaseLost.into()),
        _ => Ok(post.sent),
    }
}

/// One dispatch under way.
struct MailWorker<'a> {
    engine: &'a Engine,
    store: &'a Store,
    smtp: &'a Smtp,
    sender: Sender<'a>,
    clock: &'a Clock,
    sent: DispatchSummary,
    refusals: Refusals<Delivery>,
}

/// Whether a waiting mail may still leave.
enum StillWanted {
    Yes,
    /// With the reason.
    No(Message),
}

impl MailWorker<'_> {
    /// Settles the mails that senders left when they ended.
    async fn recover(&mut self) -> Result<(), RunError> {
        let now = self.clock.now();
        self.store.recover(self.sender.by.id, now).await?;
        if self.smtp.uncertain == Uncertain::Resend {
            self.store.resend_uncertain(now).await?;
        }
        Ok(())
    }

    async fn deliver(&mut self, dispatch: &mut Dispatch<'_>, delivery: Delivery) -> Result<(), RunError> {
        if let StillWanted::No(why) = self.is_wanted(&delivery).await? {
            tracing::warn!(delivery = delivery.id, "mail cancelled: {why}");
            self.store.unclaim(delivery.id, self.sender.by).await?;
            return Ok(self.store.cancel_delivery(delivery.id, &why, self.clock.now()).await?);
        }
        let bytes = match self.store.archive.get(&delivery.sha256) {
            Ok(bytes) => bytes,
            Err(problem) => return self.not_archived(delivery, &problem).await,
        };
        let Some(outcome) = self.attempt(dispatch, &delivery, &bytes).await? else { return Ok(()) };
        self.record(dispatch, delivery, outcome).await?;
        fault::reach("marked");
        Ok(())
    }

    /// `None` if another sender has taken the mail over: then nothing of it was sent.
    async fn attempt(
        &self,
        dispatch: &mut Dispatch<'_>,
        delivery: &Delivery,
        bytes: &[u8],
    ) -> Result<Option<MailOutcome>, RunError> {
        let from = mailbox(&self.smtp.from)?.email.to_string();
        let envelope = Envelope { from: &from, to: &delivery.address, size: bytes.len() };
        let ready = match dispatch.open(envelope).await {
            Ok(ready) => ready,
            Err(outcome) => return Ok(Some(outcome)),
        };
        if !self.store.hand_over(delivery.id, self.sender.by).await? {
            return Ok(None);
        }
        fault::reach("data");
        let outcome = dispatch.hand_over(ready, bytes).await;
        fault::reach("dotted");
        Ok(Some(outcome))
    }

    async fn record(
        &mut self,
        dispatch: &mut Dispatch<'_>,
        delivery: Delivery,
        outcome: MailOutcome,
    ) -> Result<(), RunError> {
        let now = self.clock.now();
        match outcome {
            MailOutcome::Sent(receipt) => {
                self.note(&delivery, Attempted::Sent, &Message::text(receipt.detail)).await?;
                self.sent.summary.sent += 1;
                for suspect in self.refusals.served() {
                    self.condemn(suspect).await?;
                }
            }
            MailOutcome::Unsent(_) => self.store.unclaim(delivery.id, self.sender.by).await?,
            // Whom the refusal concerns is known when others have been tried.
            MailOutcome::Failed(SendError::Permanent(failure)) if !self.is_late(&delivery, now) => {
                let wait = backoff::wait(delivery.attempts as u32, delivery.id as u64);
                let answer = failure.message();
                tracing::warn!(
                    delivery = delivery.id,
                    "refused; others are tried to see whom it concerns: {failure}"
                );
                self.note(&delivery, Attempted::Pending { try_at: now + wait }, &answer).await?;
                let address = delivery.address.clone();
                let judgement = self.refusals.refused(delivery, &address, failure);
                self.follow(dispatch, judgement).await?;
            }
            MailOutcome::Failed(error) => {
                let attempted = self.judge(&delivery, &error, now);
                let answer = match (attempted, &error) {
                    (Attempted::Dead, SendError::Permanent(_)) | (Attempted::Pending { .. }, _) => {
                        error.message()
                    }
                    (Attempted::Dead, _) => given_up(&error),
                    (Attempted::Sent | Attempted::Uncertain, _) => error.message(),
                };
                tracing::warn!(delivery = delivery.id, "not sent: {answer}");
                self.note(&delivery, attempted, &answer).await?;
                self.sent.summary.count(&MailOutcome::Failed(error.clone()));
                self.sent.problems.push(error);
            }
        }
        Ok(())
    }

    /// Nothing is left to try, or nothing more can be.
    async fn end(&mut self, dispatch: &mut Dispatch<'_>) -> Result<(), RunError> {
        let judgement = match dispatch.stopped_by() {
            Some(_) => self.refusals.give_back(),
            None => self.refusals.end(),
        };
        self.follow(dispatch, judgement).await?;
        self.sent.alone = std::mem::take(&mut self.refusals).alone();
        Ok(())
    }

    /// Does what refusals have made clear.
    async fn follow(
        &mut self,
        dispatch: &mut Dispatch<'_>,
        judgement: Judgement<Delivery>,
    ) -> Result<(), RunError> {
        for suspect in judgement.dead {
            self.condemn(suspect).await?;
        }
        let ids = |suspects: &[Suspect<Delivery>]| suspects.iter().map(|suspect| suspect.mail.id).collect();
        let (together, revived): (Vec<i64>, Vec<i64>) = (ids(&judgement.together), ids(&judgement.revived));
        self.store.due_again(&together, self.clock.now()).await?;
        self.store.revive(&revived, self.clock.now()).await?;
        if let Some(error) = judgement.stop {
            self.sent.problems.push(error.clone());
            dispatch.stop(error);
        }
        Ok(())
    }

    /// A mail that was refused for itself, while others are served.
    async fn condemn(&mut self, suspect: Suspect<Delivery>) -> Result<(), RunError> {
        let error = SendError::Permanent(suspect.failure);
        self.store.condemn(suspect.mail.id, &error.message(), self.clock.now()).await?;
        self.sent.summary.refused += 1;
        self.sent.problems.push(error);
        Ok(())
    }

    /// Records an outcome. A state that cannot be written for a moment is tried again, because the next sender would
    /// not know what has left.
    async fn note(
        &self,
        delivery: &Delivery,
        attempted: Attempted,
        answer: &Message,
    ) -> Result<(), RunError> {
        for retry in 0.. {
            let now = self.clock.now();
            match self.store.attempted(delivery.id, self.sender.by, attempted, answer, now).await {
                Err(StoreError::Disk(problem) | StoreError::Database(problem)) if retry < WRITES => {
                    tracing::warn!(
                        delivery = delivery.id,
                        "the outcome of a mail cannot be recorded yet: {problem}"
                    );
                    tokio::time::sleep(Duration::from_secs(1 << retry)).await;
                }
                other => return Ok(other?),
            }
        }
        Ok(())
    }

    /// The new state of a mail after a failure that is not its own for good.
    fn judge(&self, delivery: &Delivery, error: &SendError, now: Timestamp) -> Attempted {
        let wait = backoff::wait(delivery.attempts as u32, delivery.id as u64);
        match error {
            SendError::Uncertain(_) if self.smtp.uncertain == Uncertain::Hold => Attempted::Uncertain,
            SendError::Permanent(_) => Attempted::Dead,
            _ if self.is_late(delivery, now) => Attempted::Dead,
            // The queue as a whole waits; the mail is due as before.
            SendError::Queue(_) | SendError::Revoked => Attempted::Pending { try_at: now },
            SendError::Temporary(_) | SendError::Uncertain(_) => Attempted::Pending { try_at: now + wait },
        }
    }

    /// Whether the time of a mail has run out.
    fn is_late(&self, delivery: &Delivery, now: Timestamp) -> bool {
        now.duration_since(delivery.created_at) > self.smtp.give_up_after
    }

    /// A mail whose text is lost is dead; one that cannot be read now waits until it can.
    async fn not_archived(&mut self, delivery: Delivery, problem: &StoreError) -> Result<(), RunError> {
        let now = self.clock.now();
        let attempted = match problem {
            StoreError::ArchiveUnreadable { .. } if !self.is_late(&delivery, now) => {
                let wait = backoff::wait(delivery.attempts as u32, delivery.id as u64);
                Attempted::Pending { try_at: now + wait }
            }
            _ => Attempted::Dead,
        };
        tracing::error!(delivery = delivery.id, "{problem}");
        match attempted {
            Attempted::Dead => self.sent.summary.refused += 1,
            _ => self.sent.summary.waiting += 1,
        }
        self.note(&delivery, attempted, &problem.message()).await
    }

    /// Whether the configuration still names the recipient, and for the units whose lists the mail carries. Mails of
    /// reports that are no longer configured are wanted as long as any group has the address.
    async fn is_wanted(&self, delivery: &Delivery) -> Result<StillWanted, StoreError> {
        let settings = &self.engine.settings;
        let report = match delivery.run {
            Some(run) => settings.reports.get(&self.store.run(run).await?.report),
            None => None,
        };
        let groups: Vec<String> = match (delivery.kind, report) {
            (Purpose::Report, Some(report)) => report.to.clone(),
            (Purpose::Report, None) => settings.recipients.keys().cloned().collect(),
            _ => settings.daemon.alerts.clone(),
        };
        let members = members(settings, &groups);
        let same = |member: &&Addressee| member.recipient.email.eq_ignore_ascii_case(&delivery.address);
        let Some(Addressee { units, .. }) = members.iter().find(same) else {
            return Ok(StillWanted::No(message!("the-recipient-was-taken-out-of")));
        };
        let codes = delivery.unit.as_deref().unwrap_or_default();
        let all_are_its_own =
            codes.split(',').filter(|code| !code.is_empty()).all(|code| units.contains(&code));
        Ok(match all_are_its_own {
            true => StillWanted::Yes,
            false => StillWanted::No(message!("the-recipient-answers-for-another-unit")),
        })
    }
}

/// Why a mail is not tried any more, though its last failure might have passed.
fn given_up(error: &SendError) -> Message {
    match error.failure() {
        Some(failure) => message!("given-up-smtp-give-up-after-has-run", failure),
        None => error.message(),
    }
}
