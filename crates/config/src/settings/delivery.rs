//! Reports, recipients and the mail server.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::Located;
use super::tls::same;
use crate::{Secret, SecretFile};
use tongbao_base::schedule::catch_up::{CatchUpPolicy, Overlap};
use tongbao_base::schedule::period::PeriodRule;
use tongbao_base::schedule::rule::ScheduleRule;

/// One configured report.
#[derive(Debug, Clone)]
pub struct Report {
    /// The key in the configuration; a run is filed under it.
    pub name: String,
    /// What the document says.
    pub kind: ReportKind,
    /// When it is due; `None` runs only on request.
    pub schedule: Option<ScheduleRule>,
    /// Ranges of days on which the schedule fires, both ends included; `None` = always.
    pub active: Option<Vec<(Date, Date)>>,
    /// Which days it reports on.
    pub period: PeriodRule,
    /// How slots that were missed are made up for.
    pub missed: CatchUpPolicy,
    /// What happens to a slot that falls due while the one before is still open.
    pub overlap: Overlap,
    /// Whether every run waits for a person's approval.
    pub sign_off: bool,
    /// Names of recipient groups, each known.
    pub to: Vec<String>,
    /// What goes with the mail, besides its text.
    pub attach: Vec<Attachment>,
    /// Which head the first page carries.
    pub head: HeadStyle,
    /// Whether the issues of a 简报 start again at 第1期 each year.
    pub issues_by_year: bool,
    /// Whether a document that comes late says so; the alert groups get a mail in any case.
    pub prints_lateness: bool,
    /// Days until 整改时限 after the cut-off (acceptance).
    pub rectify_within_days: u16,
    /// What the head of a 公文 carries besides issuer and number.
    pub marks: HeadMarks,
    /// Of documents and mails.
    pub language: ReportLanguage,
}

/// What the head and the end of a document carry in addition to issuer, number and date (GB/T 9704, 7.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeadMarks {
    /// A 报告 to the leading group instead of a 通报 to the units.
    pub upward: bool,
    /// 签发人.
    pub signer: Option<String>,
    /// 密级和保密期限.
    pub secrecy: Option<String>,
    /// 紧急程度.
    pub urgency: Option<String>,
    /// 份号.
    pub copy_number: Option<String>,
    /// 附注, without its brackets.
    pub remark: Option<String>,
}

/// What a report says, and which template it uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportKind {
    /// 通报 or 简报: figures, changes and ranks of the period.
    Bulletin,
    /// 排名通报: the league table.
    Ranking,
    /// 验收报告: which units meet all targets, and what the others have to correct.
    Acceptance,
    /// A template folder of the user's own, below `templates.dir`.
    Own(String),
}

impl ReportKind {
    /// The template folder.
    pub fn folder(&self) -> &str {
        match self {
            ReportKind::Bulletin => "bulletin",
            ReportKind::Ranking => "ranking",
            ReportKind::Acceptance => "acceptance",
            ReportKind::Own(folder) => folder,
        }
    }
}

/// The language that a report's words are printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum ReportLanguage {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// A form in which a document is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attachment {
    /// The document as it is signed.
    Pdf,
    /// The same document for last edits in Word or WPS.
    Docx,
    /// Its tables as a workbook, with numbers.
    Xlsx,
    /// Its tables as CSV.
    Csv,
    /// 领导摘要: one page for leaders, a PDF of its own.
    Summary,
}

/// 公文 head (发文机关标志, document number) or 简报 head (第N期).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeadStyle {
    /// 公文: issuer mark, document number and red rule.
    Official,
    /// 简报: title, issue 第N期, issuer and date.
    Brief,
}

/// A person or office that gets mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// As the mail addresses them.
    pub name: String,
    /// One address.
    pub email: String,
    /// Code of the unit this recipient answers for.
    pub unit: Option<String>,
}

/// A list of recipients outside the configuration.
#[derive(Debug, Clone)]
pub struct RecipientList {
    /// Where the list is.
    pub from: Located,
    /// Column of the name.
    pub name: String,
    /// Column of the address.
    pub email: String,
    /// `None` where no recipient answers for a unit.
    pub unit: Option<String>,
    /// As `smtp.allowed_domains`; empty = all.
    pub allowed_domains: Vec<String>,
}

impl RecipientList {
    /// The columns that are read, in this order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        [Some(&self.name), Some(&self.email), self.unit.as_ref()].into_iter().flatten().map(String::as_str)
    }

    /// Whether mail may go to an address, as far as its domain goes.
    pub fn allows(&self, address: &str) -> bool {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.allowed_domains.is_empty() || self.allowed_domains.iter().any(|name| same(name.trim(), domain))
    }
}

/// The mail server.
#[derive(Clone)]
pub struct Smtp {
    /// Name or address of the server.
    pub host: String,
    /// 25, 465 or 587 as a rule.
    pub port: u16,
    /// When TLS begins, if at all.
    pub security: SmtpSecurity,
    /// Sender as `name <address>`.
    pub from: String,
    /// `None` = no login.
    pub username: Option<String>,
    /// `None` = no login.
    pub password: Option<Secret>,
    /// Where the password was read from, if it was.
    pub password_file: Option<SecretFile>,
    /// Authorities trusted in addition to those of the system, as PEM.
    pub authorities: Option<String>,
    /// Name in EHLO; `None` is the machine's.
    pub helo: Option<String>,
    /// Limit for each network step.
    pub timeout: Duration,
    /// Limit for the answer to a whole mail, which decides whether it was sent.
    pub final_timeout: Duration,
    /// A mail is tried again for so long after it was committed.
    pub give_up_after: SignedDuration,
    /// What happens to a mail whose final answer was lost.
    pub uncertain: Uncertain,
}

impl Smtp {
    /// The password as its file holds it now: passwords are changed while a daemon runs. A file that is away for
    /// the moment, or empty, changes nothing.
    pub fn current_password(&self) -> Option<Secret> {
        let read = self.password_file.as_ref().and_then(|file| file.read().ok());
        read.filter(|password| !password.expose().is_empty()).or_else(|| self.password.clone())
    }
}

/// What happens to a mail whose final answer was lost: the server may have it, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Uncertain {
    /// It waits for a person: nothing is ever sent twice.
    Hold,
    /// It is sent again with the same Message-ID and bytes: nothing is ever lost.
    Resend,
}

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// Plain text; only to this machine, or to hosts that are allowed by name.
    None,
    /// TLS after STARTTLS; without it no mail is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} ({:?})", self.host, self.port, self.security)
    }
}
