//! The report model: what templates can name. Every value is worded and rounded already.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::definitions::{Definition, RulesModel};
use super::series::Series;

/// How a document is issued: what the figures do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// 成文日期.
    pub date: Date,
    /// 发文字号 or 期号, given by a person or counted by the store; without one it is a draft.
    pub number: Option<String>,
    /// 第几轮 of an acceptance.
    pub round: u32,
    /// Why this is only a draft although it has a number, e.g. a guard held it.
    pub held: Vec<String>,
    /// The instant it was due, if it comes late.
    pub late_since: Option<String>,
}

impl Issue {
    /// 送审稿: without a number, or held back.
    pub fn is_draft(&self) -> bool {
        self.number.is_none() || !self.held.is_empty()
    }
}

/// The whole model.
#[derive(Debug, Clone, Serialize)]
pub struct Model {
    pub campaign: CampaignModel,
    pub report: ReportModel,
    pub period: PeriodModel,
    /// 提取时刻 in the campaign's zone.
    pub pulled_at: String,
    pub records: u64,
    pub new_records: u64,
    /// Coverage, completeness, accuracy of all units together.
    pub indicators: Vec<IndicatorModel>,
    pub compared: Option<PeriodModel>,
    /// Units that are ranked and judged.
    pub unit_count: usize,
    pub met: Vec<String>,
    pub unmet: Vec<String>,
    pub unjudged: Vec<String>,
    /// First and last three of all units, with rank and score.
    pub first: Vec<UnitModel>,
    pub last: Vec<UnitModel>,
    pub kinds: Vec<KindModel>,
    /// All units, each before those below it.
    pub units: Vec<UnitModel>,
    pub risers: Vec<UnitModel>,
    pub fallers: Vec<UnitModel>,
    /// Fields, those missing most often first.
    pub fields: Vec<ShareModel>,
    /// Relations, those failed most often first.
    pub relations: Vec<ShareModel>,
    pub quality: QualityModel,
    /// Named rosters as the register covers them, and behind several all of them together; empty where
    /// no roster has a name.
    pub rosters: Vec<RosterModel>,
    pub weights: BTreeMap<&'static str, String>,
    pub definitions: Vec<Definition>,
    /// How the score comes about and how units are ranked, as it is configured.
    pub rules: RulesModel,
    pub verdict: VerdictModel,
    /// The course of the three rates, oldest point first.
    pub trend: Vec<TrendModel>,
    pub trend_points: usize,
    /// Names that ```` ```table ```` and ```` ```chart ```` blocks can place.
    pub series_names: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct CampaignModel {
    pub name: String,
    pub issuer: String,
    pub basis: Option<String>,
    pub addressee: String,
    pub copy_to: Vec<String>,
    /// The phase of the cut-off day.
    pub phase: Option<String>,
    pub last_day: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct ReportModel {
    pub name: String,
    pub kind: String,
    /// BCP 47 language of the report.
    pub language: &'static str,
    /// 简报 head instead of 公文 head.
    pub brief: bool,
    pub number: Option<String>,
    pub date: String,
    pub draft: bool,
    pub held: Vec<String>,
    /// When it was due, if it comes late and the office wants that printed.
    pub late_since: Option<String>,
    pub round: u32,
    /// What a person has to decide; in the mails with the draft of a held run alone.
    pub decision: Option<DecisionModel>,
}

/// A held run that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionModel {
    pub run: i64,
    /// The number that it was asked for with, or the next free one.
    pub next_number: Option<String>,
    /// Whether it cannot be released without a number that a person gives.
    pub needs_number: bool,
    /// The other held runs, oldest first.
    pub waiting: Vec<WaitingModel>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingModel {
    pub run: i64,
    pub report: String,
    pub period: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct PeriodModel {
    pub text: String,
    pub from: String,
    pub to: String,
    pub year: i16,
}

#[derive(Debug, Clone, Serialize)]
pub struct IndicatorModel {
    pub key: &'static str,
    pub label: &'static str,
    /// Short enough for a subject line.
    pub short: &'static str,
    pub numerator: u64,
    pub denominator: u64,
    pub rate: String,
    pub target: String,
    pub met: Option<bool>,
    /// `上升1.25个百分点`; `无可比数` without a compared run.
    pub change: String,
    /// `+1.25`, or — .
    pub points: String,
    pub meter: MeterModel,
}

/// The lengths of a bar against its target in hundredths of a scale from 0 to 100 %; together 100.
/// Geometry alone: the printed values stand in [`IndicatorModel`].
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MeterModel {
    pub reached: u32,
    /// What is lacking to the target, 0 when it is met.
    pub lacking: u32,
    pub rest: u32,
    /// Where the target lies.
    pub target: u32,
}

/// One point of the trend.
#[derive(Debug, Clone, Serialize)]
pub struct TrendModel {
    pub label: String,
    pub coverage: String,
    pub completeness: String,
    pub accuracy: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct UnitModel {
    pub code: String,
    pub name: String,
    pub kind: String,
    /// How deep it lies in the tree: 1 has nothing above it.
    pub level: u32,
    /// Whether it is ranked and judged.
    pub assessed: bool,
    pub records: u64,
    pub rank: Option<u32>,
    pub rank_in_group: Option<u32>,
    pub previous_rank: Option<u32>,
    pub movement: String,
    /// Places gained or lost, without sign.
    pub places: u64,
    pub score: String,
    pub coverage: String,
    pub completeness: String,
    pub accuracy: String,
    pub passed: Option<bool>,
    /// What it fails, in words.
    pub failures: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct KindModel {
    pub name: String,
    pub count: usize,
    pub first: Vec<UnitModel>,
    pub last: Vec<UnitModel>,
}

/// A part that misses or fails, of a whole.
#[derive(Debug, Clone, Serialize)]
pub struct ShareModel {
    pub key: &'static str,
    pub label: &'static str,
    pub of: u64,
    pub missing: u64,
    pub rate: String,
}

/// A roster and the register: distinct persons by ID number.
#[derive(Debug, Clone, Serialize)]
pub struct RosterModel {
    /// As in the configuration; `union` for all together.
    pub name: String,
    /// As it is printed, and as it stands behind `reconciliation`.
    pub label: String,
    pub listed: u64,
    pub both: u64,
    pub only_roster: u64,
    pub only_register: u64,
    pub rate: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct QualityModel {
    pub duplicates: u64,
    pub unknown_unit_records: u64,
    pub matched_elsewhere: u64,
    pub without_id: u64,
    pub invalid_id_numbers: u64,
    pub invalid_birth_dates: u64,
    pub invalid_registered_at: u64,
    pub roster_without_id: u64,
    pub roster_duplicates: u64,
    pub roster_unknown_unit: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct VerdictModel {
    /// `accepted`, `rectify` or `cannot_be_judged`.
    pub key: &'static str,
    pub text: &'static str,
    /// 整改时限.
    pub deadline: String,
}

/// Everything a document is composed from: the model for templates, and the series they may place.
#[derive(Debug, Clone)]
pub struct Composition {
    pub model: Model,
    pub series: BTreeMap<String, Series>,
}
