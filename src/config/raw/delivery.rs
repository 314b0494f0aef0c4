//! Reports, recipients and the mail server, as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RawDate;

/// One report.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReport {
    /// `bulletin`, `ranking`, `acceptance`, or the name of an own template folder.
    pub kind: String,
    /// Five-field cron in the campaign's zone; without it the report runs only on request.
    pub schedule: Option<String>,
    /// Days on which the schedule fires.
    pub active: Option<RawRange>,
    #[serde(default = "default_period")]
    pub period: RawPeriod,
    #[serde(default = "default_catch_up")]
    pub catch_up: RawCatchUp,
    /// Hold every run until a person approves it.
    #[serde(default)]
    pub sign_off: bool,
    /// Recipient groups.
    #[serde(default)]
    pub to: Vec<String>,
    #[serde(default = "default_attach")]
    pub attach: Vec<RawAttachment>,
    /// `official` (公文) or `brief` (简报, 第N期). Default: `brief` for bulletins.
    pub head: Option<RawHead>,
    /// 整改时限 in days after the cut-off.
    #[serde(default = "default_rectify")]
    pub rectify_within_days: u16,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRange {
    pub from: RawDate,
    pub to: RawDate,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawPeriod {
    PreviousWeek,
    CampaignToDate,
    PreviousMonth,
    SinceLast,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCatchUp {
    Latest,
    All,
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAttachment {
    Pdf,
    Xlsx,
    Csv,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawHead {
    Official,
    Brief,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawGroup {
    pub members: Vec<RawMember>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMember {
    pub name: String,
    pub email: String,
}

/// The mail server.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSmtp {
    pub host: String,
    #[serde(default = "default_smtp_port")]
    pub port: u16,
    /// `none`, `starttls` or `tls`.
    #[serde(default = "default_security")]
    pub security: RawSecurity,
    /// Permits `none` off loopback.
    #[serde(default)]
    pub allow_plain_text: bool,
    /// `name <address>`.
    pub from: String,
    pub username: Option<String>,
    pub password: Option<String>,
    pub password_file: Option<String>,
    /// Limit for each network step.
    #[serde(default = "default_smtp_timeout")]
    pub timeout: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RawSecurity {
    None,
    StartTls,
    Tls,
}

fn default_period() -> RawPeriod {
    RawPeriod::CampaignToDate
}

fn default_catch_up() -> RawCatchUp {
    RawCatchUp::Latest
}

fn default_attach() -> Vec<RawAttachment> {
    vec![RawAttachment::Pdf, RawAttachment::Xlsx]
}

fn default_rectify() -> u16 {
    15
}

fn default_smtp_port() -> u16 {
    25
}

fn default_security() -> RawSecurity {
    RawSecurity::StartTls
}

fn default_smtp_timeout() -> String {
    "30s".into()
}
