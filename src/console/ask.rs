//! One request: who asks, in which language, and the frame of the page that answers.

use std::sync::{Arc, OnceLock};
use tongbao_message::Message;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::problem::ErrorPage;
use super::words::{self, pick};
use super::{Console, assets};
use crate::access::right::Right;
use crate::access::role::Role;
use crate::config::settings::ReportLanguage;
use crate::one_line::one_line;
use crate::store::people::Person;
use crate::store::sessions::Session;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub person: Person,
    pub session: Session,
}

/// A request as its handler sees it.
#[derive(Clone)]
pub(super) struct Ask {
    pub console: Console,
    pub signed: Option<Signed>,
    pub language: ReportLanguage,
    /// What a form of this page has to bring back.
    pub token: String,
    /// Path and query, to come back to.
    pub path: String,
    /// The address it came from, as far as it is believed.
    pub address: String,
    pub device: String,
    pub now: Timestamp,
    /// The account of the person whom a trusted proxy has signed in.
    pub proxied: Option<String>,
    /// The cookie of the session, once it was renewed.
    pub renewed: Arc<OnceLock<HeaderValue>>,
}

impl FromRequestParts<Console> for Ask {
    type Rejection = Response;

    /// The layer before every handler has put it there.
    async fn from_request_parts(parts: &mut Parts, _: &Console) -> Result<Ask, Response> {
        let ask = parts.extensions.get::<Ask>().cloned();
        ask.ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

impl Ask {
    /// The person, where the route needs a right: then the guard has let nobody else through.
    pub(super) fn person(&self) -> Result<&Person, ErrorPage> {
        self.signed.as_ref().map(|signed| &signed.person).ok_or_else(ErrorPage::signed_out)
    }

    pub(super) fn may(&self, right: Right) -> bool {
        self.signed.as_ref().is_some_and(|signed| signed.person.role.may(right))
    }

    /// Whether the person sees the released documents and the figures of all units.
    pub(super) fn sees_league(&self) -> bool {
        let settings = self.console.settings();
        self.signed
            .as_ref()
            .is_some_and(|signed| signed.person.role != Role::Unit || settings.units_see_league)
    }

    pub(super) fn say<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        pick(self.language, chinese, english)
    }

    /// A message of the program in the language of the page.
    pub(super) fn message(&self, message: &Message) -> String {
        message.worded(words::spoken(self.language))
    }

    /// The same of one that was stored.
    pub(super) fn stored_message(&self, text: &str) -> String {
        self.message(&Message::from_stored(text))
    }

    pub(super) fn zone(&self) -> &TimeZone {
        &self.console.engine.settings.campaign.time_zone
    }

    pub(super) fn instant(&self, at: Timestamp) -> String {
        words::instant(at, self.zone())
    }

    pub(super) fn stored(&self, at: &str) -> String {
        words::stored_instant(at, self.zone())
    }

    /// Who does it, for the audit log. No account of the machine has a slash.
    pub(super) fn actor(&self) -> Result<String, ErrorPage> {
        Ok(format!("console/{}", self.person()?.name))
    }

    /// The name of the campaign in one line: documents may break it.
    pub(super) fn campaign_name(&self) -> String {
        one_line(&self.console.engine.settings.campaign.name)
    }

    pub(super) fn frame(&self, title: impl Into<String>) -> PageFrame {
        let campaign = &self.console.engine.settings.campaign;
        let [style, script] = &*assets::PATHS;
        PageFrame {
            title: title.into(),
            language: self.language,
            campaign: self.campaign_name(),
            issuer: campaign.issuer.clone(),
            person: self.signed.as_ref().map(|signed| signed.person.name.clone()),
            role: self.signed.as_ref().map_or("", |signed| words::role(self.language, signed.person.role)),
            items: self.items(),
            token: self.token.clone(),
            is_plain_text: self.console.is_open_without_https(),
            campaigns: self.console.settings().campaigns.clone(),
            style,
            script,
        }
    }

    /// What the person may open, in the order of the menu.
    fn items(&self) -> Vec<MenuItem> {
        let Some(signed) = &self.signed else { return Vec::new() };
        if self.console.first_step(&signed.person).is_some() {
            return Vec::new();
        }
        let here = self.path.split('?').next().unwrap_or_default();
        let all: [(&'static str, &'static str, &'static str, bool); 13] = [
            ("/", "首页", "Home", true),
            ("/runs", "通报", "Reports", self.sees_league()),
            ("/league", "排名", "League", self.sees_league()),
            ("/mails", "邮件", "Mails", self.may(Right::ReadMails)),
            ("/recipients", "收件人", "Recipients", self.may(Right::ReadMails)),
            ("/schedule", "计划", "Schedule", self.may(Right::ReadSchedule)),
            ("/requests", "申请", "Requests", self.may(Right::AskForRun)),
            ("/first", "首期通报", "First bulletin", self.may(Right::FirstBulletin)),
            ("/status", "运行", "Status", self.may(Right::ReadStatus)),
            ("/people", "账号", "Accounts", self.may(Right::ReadPeople)),
            ("/audit", "审计", "Audit", self.may(Right::ReadAudit)),
            ("/check-file", "核对文件", "Check a file", self.sees_league()),
            ("/help", "说明", "Help", true),
        ];
        let item = |(href, chinese, english, _): (&'static str, &'static str, &'static str, bool)| MenuItem {
            href,
            label: self.say(chinese, english),
            is_here: here == href || (href != "/" && here.starts_with(&format!("{href}/"))),
        };
        all.into_iter().filter(|(.., shown)| *shown).map(item).collect()
    }
}

/// An entry of the menu.
pub(super) struct MenuItem {
    pub href: &'static str,
    pub label: &'static str,
    pub is_here: bool,
}

/// What every page has around its content.
pub(super) struct PageFrame {
    pub title: String,
    pub language: ReportLanguage,
    pub campaign: String,
    pub issuer: String,
    pub person: Option<String>,
    pub role: &'static str,
    pub items: Vec<MenuItem>,
    pub token: String,
    pub is_plain_text: bool,
    /// Name and address of the consoles of other campaigns.
    pub campaigns: Vec<(String, String)>,
    pub style: &'static str,
    pub script: &'static str,
}

impl PageFrame {
    /// Both languages of a text, side by side.
    pub(super) fn t<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        pick(self.language, chinese, english)
    }

    pub(super) fn tag(&self) -> &'static str {
        match self.language {
            ReportLanguage::Chinese => "zh-CN",
            ReportLanguage::English => "en",
        }
    }

    /// The same page in the other language.
    pub(super) fn other(&self) -> (&'static str, &'static str) {
        match self.language {
            ReportLanguage::Chinese => ("en", "English"),
            ReportLanguage::English => ("zh", "中文"),
        }
    }
}

/// A page as an answer.
pub(super) fn page(template: &impl Template) -> Result<Response, ErrorPage> {
    page_with(StatusCode::OK, template)
}

pub(super) fn page_with(status: StatusCode, template: &impl Template) -> Result<Response, ErrorPage> {
    let text = template.render().map_err(|problem| ErrorPage::inside(&problem))?;
    Ok((status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response())
}

/// After something was done: the page to look at, which a reload repeats without doing it again.
pub(super) fn see(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}
