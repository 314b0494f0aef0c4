//! The mails of a run: prepared and stored first, sent afterwards from the store.

use std::collections::BTreeMap;

use tongbao_message::{Language, Worded};

use super::alerts::alert_mails;
use super::mail_body::{MailBody, body, pictures};
use super::unit_extracts::ExtractParts;
use super::{Rendered, RunError, run_documents};
use crate::config::settings::{Recipient, Report, Settings};
use crate::delivery::message::{File, Mail, mailbox, message_id, recipient_mailbox, thread_id};
use crate::digest::sha256;
use crate::one_line::one_line;
use crate::report::alert::Alert;
use crate::store::outbox::{NewDelivery, Purpose};
use crate::store::runs::StoredFile;

/// Writes one mail a recipient: a released document goes to the report's groups, a draft to those
/// who decide on it. Without a mail server there is nobody to send as, and no mail.
///
/// `run` distinguishes this run from every other, also after a crash: the Message-IDs come from it.
pub(super) fn prepare(
    parts: &ExtractParts,
    made: &Rendered,
    purpose: Purpose,
    run: &str,
) -> Result<Vec<NewDelivery>, RunError> {
    let ExtractParts { engine, report, now, .. } = *parts;
    let settings = &engine.settings;
    let Some(smtp) = &settings.smtp else { return Ok(Vec::new()) };
    let from = mailbox(&smtp.from)?;
    let groups = if purpose == Purpose::Draft { &settings.daemon.alerts } else { &report.to };
    let run = format!("{}/{run}/{}", report.name, purpose.key());
    let digest = sha256(run.as_bytes());
    let id = |number: usize| format!("chart{number}.{}@{}", &digest[..16], from.email.domain());
    let address = |number: usize| format!("cid:{}", id(number));
    let body = body(engine, report, &made.composition, &made.title, address)?;
    let mut own = OwnParts { parts, run: &run, address, made: BTreeMap::new(), alerts: Vec::new() };
    let thread = thread_id(&settings.campaign.name, &report.name, &from);
    let mut out = Vec::new();
    for Addressee { recipient, units } in members(settings, groups) {
        let message_id = message_id(&settings.campaign.name, &run, &recipient.email, &from);
        // A draft shows nobody what belongs to one unit.
        let units = if purpose == Purpose::Report { units } else { Vec::new() };
        let mut attachments = attachments(report, &made.documents);
        let mut texts = Vec::new();
        for code in &units {
            let OwnPart { files, body } = own.of(code)?;
            attachments.extend(files);
            texts.extend(body);
        }
        // A mail for several units has the text of all.
        let body = texts.first().filter(|_| units.len() == 1).unwrap_or(&body);
        let mail = Mail {
            from: from.clone(),
            to: recipient_mailbox(recipient)?,
            subject: body.subject.clone(),
            text: body.text.clone(),
            html: body.html.clone(),
            pictures: pictures(body, id),
            attachments,
            message_id: message_id.clone(),
            thread: thread.clone(),
            date: now,
        };
        out.push(NewDelivery {
            purpose,
            unit: joined(&units),
            name: recipient.name.clone(),
            address: recipient.email.clone(),
            message_id,
            bytes: mail.to_bytes()?,
        });
    }
    out.extend(own.alerts);
    Ok(out)
}

/// What somebody who answers for units gets in addition to the report.
#[derive(Clone, Default)]
struct OwnPart {
    files: Vec<File>,
    /// The text of the mail, for a person who answers for this unit alone; `None` where the unit's own page cannot be
    /// made, or the register does not have the unit.
    body: Option<MailBody>,
}

/// The own pages, lists and texts of units, each made once. One that cannot be made costs its unit these alone: the
/// report goes out, and the office is told.
struct OwnParts<'a, A> {
    parts: &'a ExtractParts<'a>,
    /// Distinguishes this run from every other.
    run: &'a str,
    /// Where the pictures of a mail are.
    address: A,
    made: BTreeMap<String, OwnPart>,
    alerts: Vec<NewDelivery>,
}

impl<A: Fn(usize) -> String> OwnParts<'_, A> {
    fn of(&mut self, code: &str) -> Result<OwnPart, RunError> {
        if let Some(part) = self.made.get(code) {
            return Ok(part.clone());
        }
        let part = match self.make(code) {
            Ok(part) => part,
            Err(problem) => {
                let ExtractParts { engine, report, now, .. } = self.parts;
                tracing::error!(unit = code, "the own page and list of a unit cannot be made: {problem}");
                let alert = Alert::OwnPartsFailed {
                    run: self.run.to_owned(),
                    report: report.name.clone(),
                    unit: code.to_owned(),
                    reason: problem.message().worded(Language::Chinese),
                };
                self.alerts.extend(alert_mails(engine, &alert, *now)?);
                OwnPart::default()
            }
        };
        self.made.insert(code.to_owned(), part.clone());
        Ok(part)
    }

    fn make(&self, code: &str) -> Result<OwnPart, RunError> {
        let Some(own) = self.parts.own(code)? else { return Ok(OwnPart::default()) };
        let files = self.parts.files(code, &own)?;
        let title = one_line(&own.document.head.title);
        let body = body(self.parts.engine, &own.report, &own.composition, &title, &self.address)?;
        Ok(OwnPart { files, body: Some(body) })
    }
}

/// Codes of units as the outbox keeps them.
pub(super) fn joined(units: &[&str]) -> Option<String> {
    (!units.is_empty()).then(|| units.join(","))
}

fn attachments(report: &Report, documents: &[StoredFile]) -> Vec<File> {
    documents
        .iter()
        .filter(|file| run_documents::is_attached(report, file))
        .map(|file| File {
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            bytes: file.bytes.clone(),
        })
        .collect()
}

/// Somebody who gets mail, with the codes of all units that the address answers for in these groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addressee<'a> {
    pub(super) recipient: &'a Recipient,
    pub(super) units: Vec<&'a str>,
}

/// The members of groups, each address once.
pub(super) fn members<'a>(settings: &'a Settings, groups: &[String]) -> Vec<Addressee<'a>> {
    let mut out: Vec<Addressee<'a>> = Vec::new();
    for member in groups.iter().filter_map(|group| settings.recipients.get(group)).flatten() {
        let same = |other: &&mut Addressee| other.recipient.email.eq_ignore_ascii_case(&member.email);
        let unit = member.unit.as_deref();
        match out.iter_mut().find(same) {
            Some(known) => known.units.extend(unit.filter(|unit| !known.units.contains(unit))),
            None => out.push(Addressee { recipient: member, units: unit.into_iter().collect() }),
        }
    }
    out
}
