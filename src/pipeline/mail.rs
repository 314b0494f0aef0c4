//! The mails of a run: prepared and stored first, sent afterwards from the store.

use jiff::Timestamp;

use super::body::{body, body as own_body, pictures};
use super::burst::{Own, Parts};
use super::{Engine, Made, RunError, output};
use crate::clock::Clock;
use crate::config::settings::{Recipient, Report, Settings, Smtp, Uncertain};
use crate::delivery::backoff;
use crate::delivery::dispatch::{Dispatch, Outcome, Summary};
use crate::delivery::failure::SendError;
use crate::delivery::message::{File, Mail, mailbox, message_id, recipient_mailbox};
use crate::delivery::transport::{SmtpClient, Transport};
use crate::digest::sha256;
use crate::fault;
use crate::store::outbox::{Attempted, Delivery, NewDelivery, Purpose};
use crate::store::runs::StoredFile;
use crate::store::{Store, StoreError};

/// Writes one mail a recipient: a released document goes to the report's groups, a draft to those
/// who decide on it. Without a mail server there is nobody to send as, and no mail.
///
/// `run` tells this run from every other, also after a crash: the Message-IDs come from it.
pub(super) fn prepare(
    parts: &Parts,
    made: &Made,
    purpose: Purpose,
    run: &str,
) -> Result<Vec<NewDelivery>, RunError> {
    let Parts { engine, report, now, .. } = *parts;
    let settings = &engine.settings;
    let Some(smtp) = &settings.smtp else { return Ok(Vec::new()) };
    let from = mailbox(&smtp.from)?;
    let groups = if purpose == Purpose::Draft { &settings.daemon.alerts } else { &report.to };
    let run = format!("{}/{run}/{}", report.name, purpose.key());
    let digest = sha256(run.as_bytes());
    let id = |number: usize| format!("chart{number}.{}@{}", &digest[..16], from.email.domain());
    let body = body(engine, report, &made.composition, &made.title, |number| format!("cid:{}", id(number)))?;
    let mut out = Vec::new();
    for recipient in members(settings, groups) {
        let message_id = message_id(&run, &recipient.email, &from);
        // A draft shows nobody what belongs to one unit.
        let unit = recipient.unit.as_deref().filter(|_| purpose == Purpose::Report);
        let mut attachments = attachments(report, &made.documents);
        attachments.extend(unit.map(|code| parts.of(code)).transpose()?.unwrap_or_default());
        // Who answers for a unit reads of that unit: its rank, its rates, its corrections.
        let own = match unit.map(|code| parts.own(code)).transpose()?.flatten() {
            Some(Own { report, composition, document }) => {
                let title = document.head.title.replace('\n', "");
                let address = |number| format!("cid:{}", id(number));
                Some(own_body(engine, &report, &composition, &title, address)?)
            }
            None => None,
        };
        let body = own.as_ref().unwrap_or(&body);
        let mail = Mail {
            from: from.clone(),
            to: recipient_mailbox(recipient)?,
            subject: body.subject.clone(),
            text: body.text.clone(),
            html: body.html.clone(),
            pictures: pictures(body, id),
            attachments,
            message_id: message_id.clone(),
            date: now,
        };
        out.push(NewDelivery {
            purpose,
            unit: unit.map(str::to_owned),
            name: recipient.name.clone(),
            address: recipient.email.clone(),
            message_id,
            bytes: mail.to_bytes()?,
        });
    }
    Ok(out)
}

fn attachments(report: &Report, documents: &[StoredFile]) -> Vec<File> {
    documents
        .iter()
        .filter(|file| output::is_attached(report, &file.content_type))
        .map(|file| File {
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            bytes: file.bytes.clone(),
        })
        .collect()
}

/// The members of groups, each address once.
pub(super) fn members<'a>(settings: &'a Settings, groups: &[String]) -> Vec<&'a Recipient> {
    let mut out: Vec<&Recipient> = Vec::new();
    for member in groups.iter().filter_map(|group| settings.recipients.get(group)).flatten() {
        if !out.iter().any(|other| other.email.eq_ignore_ascii_case(&member.email)) {
            out.push(member);
        }
    }
    out
}

/// Who sends, and what.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// What the sender marks its mails with while it works on them; one of its own for each sender.
    pub claim: &'a str,
    /// Token of the daemon's lease: what daemons before it have left is settled at once.
    pub token: Option<i64>,
    /// The mails of one run, or all.
    pub run: Option<i64>,
}

/// A claim for a sender outside the daemon.
pub fn own_claim() -> String {
    format!("command:{}/{:016x}", std::process::id(), fastrand::u64(..))
}

/// What a dispatch came to.
#[derive(Debug, Default)]
pub struct Sent {
    pub summary: Summary,
    /// What stopped the queue or refused a mail, for the operator.
    pub problems: Vec<SendError>,
    /// What stopped the queue; then nothing further was tried.
    pub stopped_by: Option<SendError>,
    /// Mails that need a person.
    pub troubled: Vec<Trouble>,
}

/// A mail that needs a person: it is dead or uncertain.
#[derive(Debug, Clone)]
pub struct Trouble {
    pub delivery: Delivery,
    pub state: Attempted,
    pub reason: String,
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
) -> Result<Sent, RunError> {
    let Some(smtp) = &engine.settings.smtp else { return Ok(Sent::default()) };
    let mut post = Post { engine, store, smtp, sender, clock, sent: Sent::default() };
    post.recover().await?;
    let mut dispatch = Dispatch::new(transport);
    while dispatch.stopped_by().is_none()
        && let Some(delivery) = store.claim(sender.claim, sender.run, clock.now()).await?
    {
        post.deliver(&mut dispatch, delivery).await?;
    }
    post.sent.stopped_by = dispatch.stopped_by().cloned();
    if post.sent.stopped_by.is_some() {
        post.sent.summary.waiting += store.pending(sender.run).await?.len().saturating_sub(1);
    }
    transport.close().await;
    Ok(post.sent)
}

/// One dispatch under way.
struct Post<'a> {
    engine: &'a Engine,
    store: &'a Store,
    smtp: &'a Smtp,
    sender: Sender<'a>,
    clock: &'a Clock,
    sent: Sent,
}

impl Post<'_> {
    /// Settles what earlier senders have left behind.
    async fn recover(&mut self) -> Result<(), RunError> {
        let now = self.clock.now();
        let uncertain = self.store.recover(self.sender.token, now).await?;
        if self.smtp.uncertain == Uncertain::Resend {
            self.store.resend_uncertain(now).await?;
            return Ok(());
        }
        if !uncertain.is_empty() {
            let all = self.store.deliveries(None).await?;
            for delivery in all.into_iter().filter(|delivery| uncertain.contains(&delivery.id)) {
                let reason = delivery.answer.clone().unwrap_or_default();
                self.sent.troubled.push(Trouble { delivery, state: Attempted::Uncertain, reason });
            }
        }
        Ok(())
    }

    async fn deliver(&mut self, dispatch: &mut Dispatch<'_>, delivery: Delivery) -> Result<(), RunError> {
        if !self.is_wanted(&delivery).await? {
            self.store.unclaim(delivery.id, self.sender.claim).await?;
            let why = "the recipient was taken out of the configuration";
            return Ok(self.store.cancel_delivery(delivery.id, why, self.clock.now()).await?);
        }
        let bytes = match self.store.archive.get(&delivery.sha256) {
            Ok(bytes) => bytes,
            Err(problem) => return self.give_up(delivery, problem.to_string()).await,
        };
        let Some(outcome) = self.attempt(dispatch, &delivery, &bytes).await? else { return Ok(()) };
        self.sent.summary.count(&outcome);
        self.record(delivery, outcome).await?;
        fault::reach("marked");
        Ok(())
    }

    /// `None` if another sender has taken the mail over: then nothing of it was sent.
    async fn attempt(
        &self,
        dispatch: &mut Dispatch<'_>,
        delivery: &Delivery,
        bytes: &[u8],
    ) -> Result<Option<Outcome>, RunError> {
        let from = mailbox(&self.smtp.from)?.email.to_string();
        let ready = match dispatch.open(&from, &delivery.address).await {
            Ok(ready) => ready,
            Err(outcome) => return Ok(Some(outcome)),
        };
        if !self.store.hand_over(delivery.id, self.sender.claim).await? {
            return Ok(None);
        }
        fault::reach("data");
        let outcome = dispatch.hand_over(ready, bytes).await;
        fault::reach("dotted");
        Ok(Some(outcome))
    }

    async fn record(&mut self, delivery: Delivery, outcome: Outcome) -> Result<(), RunError> {
        let now = self.clock.now();
        let (attempted, answer) = match outcome {
            Outcome::Sent(receipt) => (Attempted::Sent, receipt.detail),
            Outcome::Unsent(_) => {
                self.store.unclaim(delivery.id, self.sender.claim).await?;
                return Ok(());
            }
            Outcome::Failed(error) => {
                let attempted = self.judge(&delivery, &error, now);
                let answer = error.to_string();
                self.sent.problems.push(error);
                (attempted, answer)
            }
        };
        self.store.attempted(delivery.id, self.sender.claim, attempted, &answer, now).await?;
        if matches!(attempted, Attempted::Dead | Attempted::Uncertain) {
            self.sent.troubled.push(Trouble { delivery, state: attempted, reason: answer });
        }
        Ok(())
    }

    /// What becomes of a mail after a failure.
    fn judge(&self, delivery: &Delivery, error: &SendError, now: Timestamp) -> Attempted {
        let late = now.duration_since(delivery.created_at) > self.smtp.give_up_after;
        let wait = backoff::wait(delivery.attempts as u32, delivery.id as u64);
        match error {
            SendError::Permanent(_) => Attempted::Dead,
            SendError::Uncertain(_) if self.smtp.uncertain == Uncertain::Hold => Attempted::Uncertain,
            _ if late => Attempted::Dead,
            // The queue as a whole waits; the mail is due as before.
            SendError::Queue(_) => Attempted::Pending { try_at: now },
            SendError::Temporary(_) | SendError::Uncertain(_) => Attempted::Pending { try_at: now + wait },
        }
    }

    async fn give_up(&mut self, delivery: Delivery, reason: String) -> Result<(), RunError> {
        let (store, claim) = (self.store, self.sender.claim);
        store.attempted(delivery.id, claim, Attempted::Dead, &reason, self.clock.now()).await?;
        self.sent.summary.refused += 1;
        self.sent.troubled.push(Trouble { delivery, state: Attempted::Dead, reason });
        Ok(())
    }

    /// Whether the configuration still names the recipient. Mails of reports that are no longer
    /// configured are wanted as long as any group has the address.
    async fn is_wanted(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        let settings = &self.engine.settings;
        let report = match delivery.run {
            Some(run) => settings.reports.get(&self.store.run(run).await?.report),
            None => None,
        };
        let groups: Vec<String> = match (delivery.kind.as_str(), report) {
            ("report", Some(report)) => report.to.clone(),
            ("report", None) => settings.recipients.keys().cloned().collect(),
            _ => settings.daemon.alerts.clone(),
        };
        let members = members(settings, &groups);
        Ok(members.iter().any(|member| member.email.eq_ignore_ascii_case(&delivery.address)))
    }
}
