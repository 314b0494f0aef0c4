//! Who reports, on what, and how it was decided.

use serde::Serialize;

/// The section `[campaign]` of the configuration, worded.
#[derive(Debug, Clone, Serialize)]
pub struct CampaignModel {
    /// On one line.
    pub name: String,
    /// The name as titles print it: U+2028 where a line ends.
    pub title: String,
    /// 发文机关, as it signs.
    pub issuer: String,
    /// 依据, as the first paragraph names it.
    pub basis: Option<String>,
    /// 主送机关.
    pub addressee: String,
    /// 抄送.
    pub copy_to: Vec<String>,
    /// What all units together are called: 全街; blank where neither the configuration nor the issuer says.
    pub area: String,
    /// To whom an upward report is addressed.
    pub leading_group: String,
    /// What the register is called in sentences.
    pub register_name: String,
    /// What the scores count for; nothing is said without it.
    pub assessment: Option<String>,
    /// Last line of the text, perhaps blank.
    pub closing: String,
    /// Offices that issue jointly, in their order.
    pub co_issuers: Vec<String>,
    /// Whether room is left for a seal.
    pub seal: bool,
    /// The phase of the cut-off day.
    pub phase: Option<String>,
    /// Whether the cut-off is the last day of the campaign, or later.
    pub last_day: bool,
}

/// The report and the run that is printed.
#[derive(Debug, Clone, Serialize)]
pub struct ReportModel {
    /// Key in the configuration.
    pub name: String,
    /// Template folder: `bulletin`.
    pub kind: String,
    /// What the report is called in names of files: 排名通报; of a unit's page and of a summary, that of
    /// the report that they belong to.
    pub document: String,
    /// BCP 47 language of the report.
    pub language: &'static str,
    /// 简报 head instead of 公文 head.
    pub brief: bool,
    /// 发文字号 or 期号; `None` = it has none, or none yet.
    pub number: Option<String>,
    /// 成文日期, as printed.
    pub date: String,
    /// Whether it waits for a release.
    pub draft: bool,
    /// Why it is held, a sentence each.
    pub held: Vec<String>,
    /// When it was due, if it comes late and the office wants that printed.
    pub late_since: Option<String>,
    /// 轮次 of an acceptance, from 1.
    pub round: u32,
    /// A report to the leading group instead of a circular to the units.
    pub upward: bool,
    /// A round of an acceptance, or a unit's page of one: it is compared with a round, not with a period.
    pub is_round: bool,
    /// Whether it is a bulletin, or a page of one: then the period is the time since the last issue.
    pub is_bulletin: bool,
    /// What a person has to decide; in the mails with the draft of a held run alone.
    pub decision: Option<DecisionModel>,
    /// The page of the run in the console; in mails alone, and only where people reach a console.
    pub link: Option<String>,
}

/// A held run that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionModel {
    /// Number of the run.
    pub run: i64,
    /// The number that it was asked for with, or the next free one.
    pub next_number: Option<String>,
    /// Whether it cannot be released without a number that a person gives.
    pub needs_number: bool,
    /// The other held runs, oldest first.
    pub waiting: Vec<WaitingModel>,
}

/// A held run, as a mail lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingModel {
    /// Number of the run.
    pub run: i64,
    /// Name of the report.
    pub report: String,
    /// As printed.
    pub period: String,
}

/// A reporting period as printed.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodModel {
    /// Both days: 2016年6月6日至6月12日.
    pub text: String,
    /// First day.
    pub from: String,
    /// Last day, the cut-off.
    pub to: String,
    /// The last day without its year.
    pub cut_off: String,
    /// Year of the last day.
    pub year: i16,
}

/// 验收结论.
#[derive(Debug, Clone, Serialize)]
pub struct VerdictModel {
    /// `accepted`, `rectify` or `cannot_be_judged`.
    pub key: &'static str,
    /// As printed.
    pub text: &'static str,
    /// 整改时限.
    pub deadline: String,
    /// By when the units act: the deadline, or the next bulletin where the report is one.
    pub due: String,
}
