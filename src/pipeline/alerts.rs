//! Mails to the alert groups: stored first like every other mail, each alert once.

use jiff::Timestamp;

use super::mail::{Addressee, members};
use super::{Engine, RunError};
use crate::delivery::message::{Mail, mailbox, message_id, recipient_mailbox, thread_id};
use crate::report::alert::Alert;
use crate::store::Store;
use crate::store::outbox::{NewDelivery, Purpose};

/// Puts an alert into the outbox for everyone in the alert groups, unless it is there already.
/// Returns how many mails are new.
pub async fn alert(engine: &Engine, store: &Store, alert: &Alert, now: Timestamp) -> Result<usize, RunError> {
    Ok(store.enqueue(&alert_mails(engine, alert, now)?, now).await?)
}

/// One mail for each recipient of `daemon.alerts`; none without a mail server.
pub(super) fn alert_mails(
    engine: &Engine,
    alert: &Alert,
    now: Timestamp,
) -> Result<Vec<NewDelivery>, RunError> {
    let settings = &engine.settings;
    let Some(smtp) = &settings.smtp else { return Ok(Vec::new()) };
    let from = mailbox(&smtp.from)?;
    let text = alert.text(&settings.campaign.time_zone);
    let link = settings.console.link(&alert.page());
    let html = as_html(&text, link.as_deref());
    let text = link.iter().fold(text, |text, link| format!("{text}网页：{link}\n"));
    let thread = thread_id(&settings.campaign.name, "alert", &from);
    let mut mails = Vec::new();
    for Addressee { recipient, .. } in members(settings, &settings.daemon.alerts) {
        let key = format!("alert/{}", alert.key());
        let message_id = message_id(&settings.campaign.name, &key, &recipient.email, &from);
        let mail = Mail {
            from: from.clone(),
            to: recipient_mailbox(recipient)?,
            subject: alert.subject(),
            html: html.clone(),
            text: text.clone(),
            pictures: Vec::new(),
            attachments: Vec::new(),
            message_id: message_id.clone(),
            thread: thread.clone(),
            date: now,
        };
        mails.push(NewDelivery {
            purpose: Purpose::Alert,
            unit: None,
            name: recipient.name.clone(),
            address: recipient.email.clone(),
            message_id,
            bytes: mail.to_bytes()?,
        });
    }
    Ok(mails)
}

/// Plain paragraphs, for mail programs that show HTML only.
fn as_html(text: &str, link: Option<&str>) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut paragraphs: String = escaped.lines().map(|line| format!("<p>{line}</p>\n")).collect();
    // An address of the configuration and a path of ours: nothing to escape.
    paragraphs.extend(link.map(|link| format!("<p><a href=\"{link}\">{link}</a></p>\n")));
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <body style=\"margin:0 auto;padding:16px;max-width:640px;font-size:16px;line-height:1.6\">\n\
         {paragraphs}</body></html>\n"
    )
}
