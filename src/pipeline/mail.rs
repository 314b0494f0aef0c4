//! The mails of a run: prepared and stored first, sent afterwards from the store.

use jiff::Timestamp;

use super::{Engine, RunError, output};
use crate::clock::Clock;
use crate::config::settings::{Recipient, Report, Settings};
use crate::delivery::dispatch::{Dispatch, Envelope, Outcome, Summary};
use crate::delivery::failure::SendError;
use crate::delivery::message::{File, Mail, mailbox, message_id, recipient_mailbox};
use crate::delivery::transport::{SmtpClient, Transport};
use crate::report::model::Composition;
use crate::store::outbox::{DeliveryState, NewDelivery};
use crate::store::runs::StoredFile;
use crate::store::{Store, StoreError};

/// Writes one mail a recipient. Without a mail server there is nobody to send as, and no mail.
pub fn prepare(
    engine: &Engine,
    report: &Report,
    composition: &Composition,
    title: &str,
    documents: &[StoredFile],
    now: Timestamp,
) -> Result<Vec<NewDelivery>, RunError> {
    let settings = &engine.settings;
    let Some(smtp) = &settings.smtp else { return Ok(Vec::new()) };
    let from = mailbox(&smtp.from)?;
    let text = engine.templates.mail(report.kind.folder(), title, composition)?;
    let attachments: Vec<File> = documents
        .iter()
        .filter(|file| output::is_attached(report, &file.content_type))
        .map(|file| File {
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            bytes: file.bytes.clone(),
        })
        .collect();
    let run =
        format!("{}/{}/{}/{now}", report.name, composition.model.period.from, composition.model.period.to);
    let mut out = Vec::new();
    for recipient in recipients(settings, report) {
        let message_id = message_id(&run, &recipient.email, &from);
        let mail = Mail {
            from: from.clone(),
            to: recipient_mailbox(recipient)?,
            subject: text.subject.clone(),
            text: text.text.clone(),
            html: text.html.clone(),
            attachments: attachments.clone(),
            message_id: message_id.clone(),
            date: now,
        };
        out.push(NewDelivery {
            name: recipient.name.clone(),
            address: recipient.email.clone(),
            message_id,
            bytes: mail.to_bytes()?,
        });
    }
    Ok(out)
}

/// The members of a report's groups, each address once.
fn recipients<'a>(settings: &'a Settings, report: &Report) -> Vec<&'a Recipient> {
    let mut out: Vec<&Recipient> = Vec::new();
    for member in report.to.iter().filter_map(|group| settings.recipients.get(group)).flatten() {
        if !out.iter().any(|other| other.email.eq_ignore_ascii_case(&member.email)) {
            out.push(member);
        }
    }
    out
}

/// What a dispatch came to.
#[derive(Debug, Default)]
pub struct Sent {
    pub summary: Summary,
    /// What stopped the queue or refused a mail, for the operator.
    pub problems: Vec<SendError>,
}

/// The configured mail server.
pub fn transport(settings: &Settings) -> Option<Transport> {
    settings.smtp.clone().map(|smtp| Transport::Smtp(SmtpClient::new(smtp)))
}

/// Sends the pending mails of a run, or all, and records each outcome before the next is tried.
pub async fn dispatch(
    engine: &Engine,
    store: &Store,
    transport: &Transport,
    run: Option<i64>,
    clock: Clock,
) -> Result<Sent, RunError> {
    let Some(smtp) = &engine.settings.smtp else { return Ok(Sent::default()) };
    let from = mailbox(&smtp.from)?.email.to_string();
    let mut envelopes = Vec::new();
    for delivery in store.pending(run).await? {
        envelopes.push(Envelope {
            key: delivery.id,
            from: from.clone(),
            to: delivery.address.clone(),
            bytes: store.archive.get(&delivery.sha256)?,
        });
    }
    let mut dispatch = Dispatch::new(transport, envelopes);
    let mut outcomes = Vec::new();
    while let Some((id, outcome)) = dispatch.next().await {
        record(store, id, &outcome, clock.now()).await?;
        outcomes.push(outcome);
    }
    transport.close().await;
    let problems = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Failed(error) => Some(error.clone()),
        Outcome::Sent(_) | Outcome::Unsent(_) => None,
    });
    Ok(Sent { problems: problems.collect(), summary: Summary::of(&outcomes) })
}

async fn record(store: &Store, id: i64, outcome: &Outcome, now: Timestamp) -> Result<(), StoreError> {
    match outcome {
        Outcome::Sent(receipt) => store.delivered(id, DeliveryState::Sent, &receipt.detail, now).await,
        Outcome::Failed(error) => {
            let state = match error {
                SendError::Permanent(_) => DeliveryState::Dead,
                SendError::Uncertain(_) => DeliveryState::Uncertain,
                SendError::Temporary(_) | SendError::Queue(_) => DeliveryState::Pending,
            };
            store.delivered(id, state, &error.to_string(), now).await
        }
        Outcome::Unsent(_) => Ok(()),
    }
}
