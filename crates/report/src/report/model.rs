//! The report model: what templates can name. Every value is worded and rounded already.

mod issued;
mod named;
mod quality;
mod rates;
mod unit;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::definitions::{PrintedDefinition, RulesModel};
use super::rechecks::RechecksModel;
use super::series::Series;
use super::words::SubjectModel;
pub use issued::{CampaignModel, DecisionModel, PeriodModel, ReportModel, VerdictModel, WaitingModel};
pub use named::{
    EndModel, FastestModel, GapModel, HonouredModel, HonoursModel, LastAgainModel, NamedModel, PaceModel,
    TiedModel,
};
pub use quality::{QualityModel, RosterModel};
pub use rates::{IndicatorModel, MeterModel, OwnRateModel, RatesModel, ShareModel, TrendModel};
pub use unit::{CountsModel, GroupVerdictModel, KindModel, MovedModel, NextModel, UnitModel};

/// How a document is issued: what the figures do not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// Who reports on what.
    pub campaign: CampaignModel,
    /// This report and this run.
    pub report: ReportModel,
    /// What it reports on.
    pub period: PeriodModel,
    /// What the register lists.
    pub subject: SubjectModel,
    /// 提取时刻 in the campaign's zone.
    pub pulled_at: String,
    /// All records up to the cut-off.
    pub records: u64,
    /// Records registered within the period.
    pub new_records: u64,
    /// Coverage, completeness, accuracy and the office's own rates, of all units together.
    pub indicators: Vec<IndicatorModel>,
    /// How many of them sentences name, and how the others stand.
    pub rates: RatesModel,
    /// The period of the compared run; `None` = nothing is compared.
    pub compared: Option<PeriodModel>,
    /// Whether ranks are compared with those of that run: all that they rest on is the same.
    pub compares_ranks: bool,
    /// Units that are ranked and judged.
    pub unit_count: usize,
    /// How many they are and of which sort, in words.
    pub counts: CountsModel,
    /// How many of them meet every target, group by group where some stand above others.
    pub verdicts: Vec<GroupVerdictModel>,
    /// Whether the totals are judged: not those on the page of a unit below the level that is.
    pub judged: bool,
    /// Names of the units that meet every target.
    pub met: Vec<String>,
    /// Names of the units that miss a target.
    pub unmet: Vec<String>,
    /// 待核实: names of the units that miss no target, but have more persons than expected. With the other three lists
    /// they are all units.
    pub unverified: Vec<String>,
    /// Names of the units that cannot be judged for want of a denominator.
    pub unjudged: Vec<String>,
    /// So few units that their tables share an annex.
    pub small: bool,
    /// Whether any record passes by a proven exception alone.
    pub has_exceptions: bool,
    /// Whether any record has to be looked at because of a hint (核实项).
    pub has_hints: bool,
    /// Whether units are ranked in groups.
    pub grouped: bool,
    /// Whether ranked units stand above others, so that there are places in the groups alone.
    pub nested: bool,
    /// What all targets together are called, e.g. 三项指标.
    pub all_rates: String,
    /// Whether a record without the identity of what it lists lacks a required item, so that correction lists have it.
    pub identity_is_listed: bool,
    /// Names of the indicators that all units together miss.
    pub failing_indicators: Vec<String>,
    /// Records on the correction list of the unit whose page this is; 0 elsewhere.
    pub corrections: u64,
    /// About three units at each end of the ranking of all, whole places; see [`KindModel`].
    pub first: Vec<UnitModel>,
    /// The place after `first`, where too many share it to be named.
    pub first_tied: Option<TiedModel>,
    /// The units at the end, the last one last.
    pub last: Vec<UnitModel>,
    /// The place before `last`, where too many share it to be named.
    pub last_tied: Option<TiedModel>,
    /// Whom the text praises and reminds, of all units: see [`super::praise`].
    pub named: NamedModel,
    /// Units that have registered nobody up to the cut-off although persons are expected of them.
    pub silent: Vec<String>,
    /// Units without records of which nobody is expected either.
    pub nothing: Vec<String>,
    /// What a unit lacks of which nobody is expected: 不在比对名册内, or 没有应登记底数.
    pub no_base: &'static str,
    /// Whether a unit has persons who are expected and not covered.
    pub is_uncovered: bool,
    /// Whether nobody is expected though coverage is measured.
    pub lacks_base: bool,
    /// What the units that cannot be judged lack.
    pub unjudged_reason: String,
    /// Whether coverage is measured against a roster, not a baseline.
    pub by_roster: bool,
    /// Those of them that had records in the compared run.
    pub silenced: Vec<UnitModel>,
    /// Units with more persons than expected: their baseline needs a check.
    pub exceeding: Vec<UnitModel>,
    /// Names of those of them that miss another target.
    pub exceeding_failed: Vec<String>,
    /// Where the persons are that are still to be registered; `None` where nobody is missing.
    pub gap: Option<GapModel>,
    /// Whether the targets will be met at this pace; `None` without a compared run or a last day.
    pub pace: Option<PaceModel>,
    /// 红黑榜, where the office's rules name anybody.
    pub honours: Option<HonoursModel>,
    /// Units that missed a target in the compared run: those that meet all now, those that still miss one, and
    /// those that cannot be judged now or have to be verified.
    pub rectified: Vec<String>,
    /// Those that still miss one.
    pub not_rectified: Vec<String>,
    /// Those that cannot be judged now, or have to be verified.
    pub not_judged_again: Vec<String>,
    /// How many of them have to be verified; the others cannot be judged.
    pub unverified_again: usize,
    /// How many of them cannot be judged.
    pub unjudged_again: usize,
    /// Units that met every target in the compared run and miss one now.
    pub fallen_back: Vec<String>,
    /// A group for each kind of unit where kinds are ranked apart, otherwise one of all units.
    pub kinds: Vec<KindModel>,
    /// Whom the groups commend; of all units where there are no groups.
    pub commended: Vec<UnitModel>,
    /// The last places of the groups.
    pub reminded: Vec<UnitModel>,
    /// All units, each before those below it.
    pub units: Vec<UnitModel>,
    /// Those that moved most, three of each group.
    pub risers: Vec<UnitModel>,
    /// Those that lost most places, three of each group.
    pub fallers: Vec<UnitModel>,
    /// Ranked units that gained places, also where they are too many to be named.
    pub risen: usize,
    /// The same of those that lost places.
    pub fallen: usize,
    /// The reason that all of several risers have in common, and that of the fallers; blank without one.
    pub risers_reason: String,
    /// The reason that all of several fallers have in common; blank without one.
    pub fallers_reason: String,
    /// Fields, those missing most often first.
    pub fields: Vec<ShareModel>,
    /// The first three of them that are missing anywhere, with up to two missing as often as the third.
    pub missing_fields: Vec<ShareModel>,
    /// The same, those missing as often together, whatever their shares.
    pub missing_by_count: Vec<ShareModel>,
    /// Whether others are missing somewhere too.
    pub has_other_fields: bool,
    /// Relations, those failed most often first.
    pub relations: Vec<ShareModel>,
    /// Those of them that fail anywhere.
    pub failed_relations: Vec<ShareModel>,
    /// What is wrong with records and rosters.
    pub quality: QualityModel,
    /// Named rosters as the register covers them, and after several all of them together; empty where
    /// no roster has a name.
    pub rosters: Vec<RosterModel>,
    /// Points of each indicator by key, as printed.
    pub weights: BTreeMap<String, String>,
    /// 口径说明: every rule in use.
    pub definitions: Vec<PrintedDefinition>,
    /// How the score comes about and how units are ranked, as it is configured.
    pub rules: RulesModel,
    /// Whether the campaign is accepted.
    pub verdict: VerdictModel,
    /// The course of the rates, oldest point first.
    pub trend: Vec<TrendModel>,
    /// How many of its points have a rate; 0 where no rate was ever above 0.
    pub trend_points: usize,
    /// What the course is called, and what its points are: released figures, or those of this pull by the day of
    /// registration.
    pub trend_title: String,
    /// Re-checks on record, where a report prints them.
    pub rechecks: Option<RechecksModel>,
    /// Names that ```` ```table ```` and ```` ```chart ```` blocks can place.
    pub series_names: Vec<String>,
}

/// Everything a document is composed from: the model for templates, and the series they may place.
#[derive(Debug, Clone)]
pub struct Composition {
    /// What templates can name.
    pub model: Model,
    /// Tables and charts by name.
    pub series: BTreeMap<String, Series>,
}
