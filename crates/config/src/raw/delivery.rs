//! Reports, recipients and the mail server, as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RawDate;
use super::list::{RawColumns, RawListSection, list_keys};
use super::source::default_unit;
use crate::settings::{Attachment, HeadStyle, ReportLanguage, SmtpSecurity, Uncertain};
use crate::{Secret, SecretFile};
use tongbao_base::schedule::catch_up::{CatchUp, Overlap};
use tongbao_base::schedule::period::PeriodRule;

/// One report.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReport {
    /// `bulletin`, `ranking`, `acceptance`, or the name of an own template folder.
    pub kind: String,
    /// Five-field cron in the campaign's zone, or `campaign_end 09:00`: the day after the campaign, and
    /// again after each deadline until it is accepted. Without it the report runs only on request.
    pub schedule: Option<String>,
    /// Days on which the schedule fires.
    pub active: Option<RawRange>,
    /// Names of campaign phases in which the schedule fires; empty = always.
    #[serde(default)]
    pub phases: Vec<String>,
    /// The days that the figures of the period cover.
    #[serde(default = "default_period")]
    pub period: PeriodRule,
    /// What happens to slots missed while the daemon was off.
    #[serde(default = "default_catch_up")]
    pub catch_up: CatchUp,
    /// How many missed slots `catch_up = "all"` makes up for, the latest ones.
    #[serde(default = "default_catch_up_at_most")]
    pub catch_up_at_most: usize,
    /// Slots missed longer ago than this are not made up for.
    #[serde(default = "default_catch_up_within")]
    pub catch_up_within: String,
    /// What happens to a slot that falls due while the one before is still open.
    #[serde(default = "default_overlap")]
    pub overlap: Overlap,
    /// Hold every run until a person approves it.
    #[serde(default)]
    pub sign_off: bool,
    /// Recipient groups.
    #[serde(default)]
    pub to: Vec<String>,
    /// Files attached to the mail.
    #[serde(default = "default_attach")]
    pub attach: Vec<Attachment>,
    /// `official` (公文) or `brief` (简报, 第N期). Default: `brief` for bulletins.
    pub head: Option<HeadStyle>,
    /// Whether the issues of a 简报 start again at 第1期 each year.
    #[serde(default)]
    pub issue_numbering: RawIssueNumbering,
    /// Whether a document that comes late says so. The alert groups get a mail in any case.
    #[serde(default)]
    pub print_lateness: bool,
    /// 整改时限 in days after the cut-off.
    #[serde(default = "default_rectify")]
    pub rectify_within_days: u16,
    /// `circular` (通报) to the units, or `report` (报告) upward to the leading group, with 签发人 and
    /// without orders. For acceptances.
    #[serde(default)]
    pub form: RawForm,
    /// 签发人 of an upward report.
    pub signer: Option<String>,
    /// 密级和保密期限, e.g. 秘密★1年.
    pub secrecy: Option<String>,
    /// 紧急程度: 特急 or 加急.
    pub urgency: Option<String>,
    /// 份号, six digits.
    pub copy_number: Option<String>,
    /// 附注 in brackets below the date, e.g. 此件公开发布.
    pub remark: Option<String>,
    /// Language of this report; the campaign's where it is not set.
    pub language: Option<ReportLanguage>,
}

/// Which way a document goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawForm {
    /// 通报, to the units.
    #[default]
    Circular,
    /// 报告, upward, with 签发人; acceptance only.
    Report,
}

/// Days from one to another, both included.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRange {
    /// First day.
    pub from: RawDate,
    /// Last day.
    pub to: RawDate,
}

/// How the issues 期 of a 简报 are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawIssueNumbering {
    /// From 第1期 again each year.
    #[default]
    Year,
    /// Year after year, without a new start.
    Continuous,
}

/// A group of recipients: members listed here, in a file or table, or both.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawGroup {
    /// Who belongs to the group.
    #[serde(default)]
    pub members: Vec<RawMember>,
    /// Further members, from a file or a table; read when a command or the daemon starts.
    pub members_from: Option<RawMembersFrom>,
}

/// A list of recipients, one a row; an address that answers for several units has a row for each.
pub type RawMembersFrom = RawListSection<RawMemberColumns>;

/// The columns of a list of recipients.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMemberColumns {
    /// Column of the name, as the mail addresses them.
    #[serde(default = "default_name")]
    pub name: String,
    /// Column of the e-mail address.
    #[serde(default = "default_email")]
    pub email: String,
    /// Column of the code of the unit that the recipient answers for; "" where there is none.
    #[serde(default = "default_unit")]
    pub unit: String,
}

impl RawColumns for RawMemberColumns {
    const KEYS: &'static [&'static str] = list_keys!["name", "email", "unit"];
}

/// One recipient.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMember {
    /// Name of the recipient, as the mail addresses them.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Code of the unit this recipient answers for: gets its own page and correction list too.
    pub unit: Option<String>,
}

/// The mail server.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSmtp {
    /// Name or address of the mail server.
    pub host: String,
    /// Port of the mail server: 25, 465 or 587 as a rule.
    #[serde(default = "default_smtp_port")]
    pub port: u16,
    /// `none`, `starttls` or `tls`.
    #[serde(default = "default_security")]
    pub security: SmtpSecurity,
    /// Hosts off this machine to which `none` is permitted.
    #[serde(default)]
    pub allow_plain_text: Vec<String>,
    /// PEM file of the office's own certificate authorities, trusted in addition to those of the system.
    pub ca_file: Option<String>,
    /// Domains that mail may go to, to the letter; empty = all.
    #[serde(default)]
    pub allowed_domains: Vec<String>,
    /// `name <address>`.
    pub from: String,
    /// Account, where the server wants one.
    pub username: Option<String>,
    /// Password of the account; better in `password_file` or `TONGBAO__SMTP__PASSWORD`.
    pub password: Option<Secret>,
    /// File that holds the password.
    pub password_file: Option<SecretFile>,
    /// Name of this machine in EHLO, where its own is not accepted; an address stands in brackets.
    pub helo: Option<String>,
    /// Limit for each network step.
    #[serde(default = "default_smtp_timeout")]
    pub timeout: String,
    /// Limit for the answer to a whole mail: the server may have it, so waiting is better than doubt.
    #[serde(default = "default_final_timeout")]
    pub final_timeout: String,
    /// A mail that cannot be delivered is tried again for so long.
    #[serde(default = "default_give_up")]
    pub give_up_after: String,
    /// What happens to a mail whose final answer was lost.
    #[serde(default = "default_uncertain")]
    pub uncertain: Uncertain,
}

fn default_name() -> String {
    "name".into()
}

fn default_email() -> String {
    "email".into()
}

fn default_period() -> PeriodRule {
    PeriodRule::CampaignToDate
}

fn default_catch_up() -> CatchUp {
    CatchUp::Latest
}

fn default_catch_up_at_most() -> usize {
    10
}

fn default_catch_up_within() -> String {
    "14d".into()
}

fn default_overlap() -> Overlap {
    Overlap::QueueOne
}

fn default_give_up() -> String {
    "48h".into()
}

fn default_uncertain() -> Uncertain {
    Uncertain::Hold
}

fn default_attach() -> Vec<Attachment> {
    vec![Attachment::Pdf, Attachment::Xlsx]
}

fn default_rectify() -> u16 {
    15
}

fn default_smtp_port() -> u16 {
    25
}

fn default_security() -> SmtpSecurity {
    SmtpSecurity::StartTls
}

fn default_smtp_timeout() -> String {
    "30s".into()
}

/// RFC 5321, section 4.5.3.2.6.
fn default_final_timeout() -> String {
    "10m".into()
}
