//! The mails of a run: prepared and stored first, sent afterwards from the store.

use std::collections::BTreeMap;

use super::alerts::alert_mails;
use super::body::{Body, body, pictures};
use super::burst::{Own, Parts};
use super::{Made, RunError, output};
use crate::config::settings::{Recipient, Report, Settings};
use crate::delivery::message::{File, Mail, mailbox, message_id, recipient_mailbox, thread_id};
use crate::digest::sha256;
use crate::report::alert::Alert;
use crate::store::outbox::{NewDelivery, Purpose};
use crate::store::runs::StoredFile;

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
    let mut own = OwnParts { parts, run: &run, made: BTreeMap::new(), alerts: Vec::new() };
    let thread = thread_id(&settings.campaign.name, &report.name, &from);
    let mut out = Vec::new();
    for Addressee { recipient, units } in members(settings, groups) {
        let message_id = message_id(&run, &recipient.email, &from);
        // A draft shows nobody what belongs to one unit.
        let units = if purpose == Purpose::Report { units } else { Vec::new() };
        let mut attachments = attachments(report, &made.documents);
        for code in &units {
            attachments.extend(own.of(code)?);
        }
        let own_body = own_body(parts, &units, |number| format!("cid:{}", id(number)));
        let body = own_body.as_ref().unwrap_or(&body);
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

/// What somebody reads who answers for one unit: its rank, its rates, its corrections. What cannot be made here is
/// reported with the unit's own page; the mail then has the text of all.
fn own_body(parts: &Parts, units: &[&str], address: impl Fn(usize) -> String) -> Option<Body> {
    let &[code] = units else { return None };
    let Own { report, composition, document } = parts.own(code).ok().flatten()?;
    let title = document.head.title.replace('\n', "");
    body(parts.engine, &report, &composition, &title, address).ok()
}

/// The own pages and lists of units, each made once. One that cannot be made costs its unit these alone: the report
/// goes out, and the office is told.
struct OwnParts<'a> {
    parts: &'a Parts<'a>,
    /// Tells this run from every other.
    run: &'a str,
    made: BTreeMap<String, Vec<File>>,
    alerts: Vec<NewDelivery>,
}

impl OwnParts<'_> {
    fn of(&mut self, code: &str) -> Result<Vec<File>, RunError> {
        if let Some(files) = self.made.get(code) {
            return Ok(files.clone());
        }
        let files = match self.parts.of(code) {
            Ok(files) => files,
            Err(problem) => {
                let Parts { engine, report, now, .. } = self.parts;
                tracing::error!(unit = code, "the own page and list of a unit cannot be made: {problem}");
                let alert = Alert::OwnPartsFailed {
                    run: self.run.to_owned(),
                    report: report.name.clone(),
                    unit: code.to_owned(),
                    reason: problem.to_string(),
                };
                self.alerts.extend(alert_mails(engine, &alert, *now)?);
                Vec::new()
            }
        };
        self.made.insert(code.to_owned(), files.clone());
        Ok(files)
    }
}

/// Codes of units as the outbox keeps them.
pub(super) fn joined(units: &[&str]) -> Option<String> {
    (!units.is_empty()).then(|| units.join(","))
}

fn attachments(report: &Report, documents: &[StoredFile]) -> Vec<File> {
    documents
        .iter()
        .filter(|file| output::is_attached(report, file))
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
