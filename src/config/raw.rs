//! The configuration file as written: every key with its default. Unknown keys are errors.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::register::field::Field;

/// The whole file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawConfig {
    pub campaign: RawCampaign,
    pub source: RawSource,
    #[serde(default)]
    pub indicators: RawIndicators,
    #[serde(default)]
    pub scoring: RawScoring,
    #[serde(default)]
    pub ranking: RawRanking,
    /// Reports by name; `tongbao run NAME` makes one.
    #[serde(default)]
    pub reports: BTreeMap<String, RawReport>,
    /// Recipient groups by name.
    #[serde(default)]
    pub recipients: BTreeMap<String, RawGroup>,
    pub smtp: Option<RawSmtp>,
    #[serde(default)]
    pub state: RawState,
    #[serde(default)]
    pub guards: RawGuards,
    #[serde(default)]
    pub fonts: RawFonts,
    #[serde(default)]
    pub templates: RawTemplates,
}

/// The campaign and the office that answers for it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCampaign {
    /// Name of the campaign, as titles print it.
    pub name: String,
    /// 发文机关, as it signs.
    pub issuer: String,
    /// 依据: the document the campaign is based on.
    pub basis: Option<String>,
    /// 发文机关代字, e.g. 荔街.
    pub number_prefix: Option<String>,
    /// 主送机关.
    #[serde(default = "default_addressee")]
    pub addressee: String,
    /// 抄送.
    #[serde(default)]
    pub copy_to: Vec<String>,
    /// IANA time zone of all days and schedules.
    #[serde(default = "default_zone")]
    pub time_zone: String,
    /// Phases in order, without overlap.
    #[serde(default)]
    pub phases: Vec<RawPhase>,
}

/// One phase, both days included.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPhase {
    pub name: String,
    pub from: RawDate,
    pub to: RawDate,
}

/// Where the register lies. The database account needs SELECT only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    /// `sqlite:FILE`, `postgres://…` or `mysql://…`.
    pub url: Option<String>,
    /// File that holds the address, for addresses with a password.
    pub url_file: Option<String>,
    /// Limit for a whole pull.
    #[serde(default = "default_pull_timeout")]
    pub timeout: String,
    /// Records per batch.
    #[serde(default = "default_batch_rows")]
    pub batch_rows: usize,
    pub register: RawRegister,
    #[serde(default)]
    pub units: RawUnits,
    pub roster: Option<RawRoster>,
    pub baseline: Option<RawBaseline>,
}

/// The register's table or query and its columns.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRegister {
    pub table: Option<String>,
    /// Own SELECT instead of a table.
    pub query: Option<String>,
    /// Record key.
    #[serde(default = "default_key")]
    pub key: String,
    /// Unit code.
    pub unit: String,
    /// Registration time.
    pub registered_at: Option<String>,
    /// Time of the last change.
    pub updated_at: Option<String>,
    /// Kind of identity document.
    pub document_type: Option<String>,
    /// Canonical field = column, or `{ column = "…", codes = { "1" = "男" } }`.
    pub fields: BTreeMap<Field, RawField>,
}

/// A column, with a code map where its values are codes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawField {
    Column(String),
    Coded(RawCoded),
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCoded {
    pub column: String,
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
}

/// The unit list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawUnits {
    pub table: Option<String>,
    pub query: Option<String>,
    pub code: String,
    pub name: String,
    /// Column of the kind of unit; "" where there is none.
    pub kind: String,
    /// Column of the parent's code; "" where there is none.
    pub parent: String,
}

impl Default for RawUnits {
    fn default() -> RawUnits {
        RawUnits {
            table: None,
            query: None,
            code: "code".into(),
            name: "name".into(),
            kind: "kind".into(),
            parent: "parent".into(),
        }
    }
}

/// 比对名册.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRoster {
    pub table: Option<String>,
    pub query: Option<String>,
    #[serde(default = "default_unit")]
    pub unit: String,
    #[serde(default = "default_id_number")]
    pub id_number: String,
}

/// 应登记底数: a table, or head counts by unit code.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawBaseline {
    Dataset(RawBaselineDataset),
    Inline(BTreeMap<String, u64>),
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBaselineDataset {
    pub table: Option<String>,
    pub query: Option<String>,
    pub unit: String,
    pub persons: String,
}

/// The definitions in use.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawIndicators {
    pub coverage: RawCoverage,
    pub completeness: RawCompleteness,
    pub accuracy: RawAccuracy,
}

/// 覆盖率.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCoverage {
    /// `roster` or `baseline`.
    pub method: RawMethod,
    pub target: String,
}

impl Default for RawCoverage {
    fn default() -> RawCoverage {
        RawCoverage { method: RawMethod::Roster, target: "100%".into() }
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMethod {
    Roster,
    Baseline,
}

/// 完整率.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCompleteness {
    /// `records` or `cells`.
    pub counted: RawCounted,
    pub target: String,
    /// Per field, the values that count as blank, instead of the default list.
    pub placeholders: BTreeMap<Field, Vec<String>>,
}

impl Default for RawCompleteness {
    fn default() -> RawCompleteness {
        RawCompleteness { counted: RawCounted::Records, target: "85%".into(), placeholders: BTreeMap::new() }
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCounted {
    Records,
    Cells,
}

/// 准确率.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawAccuracy {
    pub relations: Vec<RawRelation>,
    /// `fail` or `skip`.
    pub on_missing: RawOnMissing,
    /// `province`, `city` or `county`.
    pub household_level: RawLevel,
    pub target: String,
}

impl Default for RawAccuracy {
    fn default() -> RawAccuracy {
        RawAccuracy {
            relations: vec![
                RawRelation::IdBirthDate,
                RawRelation::IdSex,
                RawRelation::AgeMarital,
                RawRelation::IdHouseholdPlace,
            ],
            on_missing: RawOnMissing::Fail,
            household_level: RawLevel::Province,
            target: "86%".into(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRelation {
    IdBirthDate,
    IdSex,
    AgeMarital,
    IdHouseholdPlace,
    IdValid,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawOnMissing {
    Fail,
    Skip,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawLevel {
    Province,
    City,
    County,
}

/// 综合得分.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawScoring {
    pub weights: RawWeights,
    /// 一票否决.
    pub veto: Vec<RawVeto>,
    /// Fixed deductions.
    pub deductions: Vec<RawDeduction>,
}

/// Points out of 100.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawWeights {
    pub coverage: RawPoints,
    pub completeness: RawPoints,
    pub accuracy: RawPoints,
}

impl Default for RawWeights {
    fn default() -> RawWeights {
        let points = |n| RawPoints::Whole(n);
        RawWeights { coverage: points(40), completeness: points(30), accuracy: points(30) }
    }
}

/// Whole points, or a decimal as text (`"2.5"`), so that nothing is rounded.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawPoints {
    Whole(u64),
    Decimal(String),
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawVeto {
    pub indicator: RawIndicator,
    pub below: String,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawIndicator {
    Coverage,
    Completeness,
    Accuracy,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDeduction {
    /// Unit code.
    pub unit: String,
    pub points: RawPoints,
    pub reason: String,
}

/// 排名.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawRanking {
    /// `kind` ranks villages and communities apart, `none` all together.
    pub group_by: RawGroupBy,
    pub order: Vec<RawRankKey>,
    /// Units with fewer records are listed unranked.
    pub min_records: u64,
}

impl Default for RawRanking {
    fn default() -> RawRanking {
        let order =
            vec![RawRankKey::Score, RawRankKey::Coverage, RawRankKey::Accuracy, RawRankKey::Completeness];
        RawRanking { group_by: RawGroupBy::Kind, order, min_records: 1 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawGroupBy {
    Kind,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRankKey {
    Score,
    Coverage,
    Accuracy,
    Completeness,
}

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

/// Where runs, tallies and outbox are kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawState {
    pub dir: String,
}

impl Default for RawState {
    fn default() -> RawState {
        RawState { dir: "state".into() }
    }
}

/// When a run is held instead of sent; "" switches a guard off.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawGuards {
    pub max_record_drop: String,
    pub max_rate_drop: String,
    pub max_unknown_units: String,
}

impl Default for RawGuards {
    fn default() -> RawGuards {
        RawGuards {
            max_record_drop: "10%".into(),
            max_rate_drop: "15%".into(),
            max_unknown_units: "5%".into(),
        }
    }
}

/// Font files (`name.otf`, `name.ttc#2` for a face of a collection) for each role, first to last.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawFonts {
    /// Folders searched for the files; empty = the usual ones.
    pub folders: Vec<String>,
    pub fang_song: Vec<String>,
    pub small_title: Vec<String>,
    pub hei: Vec<String>,
    pub kai: Vec<String>,
    pub song: Vec<String>,
    pub fallback: Vec<String>,
}

impl Default for RawFonts {
    fn default() -> RawFonts {
        let one = |name: &str| vec![name.to_owned()];
        RawFonts {
            folders: Vec::new(),
            fang_song: one("FandolFang-Regular.otf"),
            small_title: one("NotoSerifCJK-Bold.ttc#2"),
            hei: one("NotoSansCJK-Bold.ttc#2"),
            kai: one("FandolKai-Regular.otf"),
            song: one("FandolSong-Regular.otf"),
            fallback: one("NotoSerifCJK-Regular.ttc#2"),
        }
    }
}

/// Own templates; a file of the same name replaces a built-in one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawTemplates {
    pub dir: String,
}

impl Default for RawTemplates {
    fn default() -> RawTemplates {
        RawTemplates { dir: "report_templates".into() }
    }
}

/// A day, as a TOML date or as text.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawDate {
    Text(String),
    Date(#[schemars(with = "String")] toml::value::Datetime),
}

fn default_addressee() -> String {
    "各村、社区，各有关部门".into()
}
fn default_zone() -> String {
    "Asia/Shanghai".into()
}
fn default_pull_timeout() -> String {
    "10m".into()
}
fn default_batch_rows() -> usize {
    65_536
}
fn default_key() -> String {
    "id".into()
}
fn default_unit() -> String {
    "unit".into()
}
fn default_id_number() -> String {
    "id_number".into()
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
