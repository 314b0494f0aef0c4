//! Who gets what: the recipients of each report, with the last mail to each.

use askama::Template;
use axum::response::Response;

use super::ask::{Ask, PageFrame, page};
use super::mails::{MailRow, row};
use super::problem::ErrorPage;
use crate::config::settings::Recipient;

#[derive(Template)]
#[template(path = "recipients.html")]
struct RecipientsPage {
    f: PageFrame,
    reports: Vec<ReportRecipients>,
    has_mail: bool,
}

struct ReportRecipients {
    name: String,
    title: String,
    groups: String,
    recipients: Vec<(Recipient, Option<MailRow>)>,
}

pub(super) async fn recipients(ask: Ask) -> Result<Response, ErrorPage> {
    let engine = &ask.console.engine;
    let mut reports = Vec::new();
    for report in engine.settings.reports.values() {
        let last = ask.console.store.latest_mails(&report.name).await?;
        let of = |recipient: &Recipient| {
            let mail = last.iter().find(|mail| mail.address.eq_ignore_ascii_case(&recipient.email));
            mail.map(|mail| row(&ask, mail))
        };
        let recipients = engine.recipients(report).into_iter();
        reports.push(ReportRecipients {
            name: report.name.clone(),
            title: ask.report_title(&report.name),
            groups: report.to.join(ask.say("、", ", ")),
            recipients: recipients.map(|recipient| (recipient.clone(), of(recipient))).collect(),
        });
    }
    page(&RecipientsPage {
        f: ask.frame(ask.say("收件人", "Recipients")),
        has_mail: engine.settings.smtp.is_some(),
        reports,
    })
}
