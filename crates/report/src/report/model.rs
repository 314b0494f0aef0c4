//! The report model: what templates can name. Every value is worded and rounded already.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::definitions::{PrintedDefinition, RulesModel};
use super::rechecks::RechecksModel;
use super::series::Series;
use super::words::SubjectModel;

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
    /// The period of the compared run; `None` = nothing is compared.
    pub compared: Option<PeriodModel>,
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
    /// Whether units are ranked in groups.
    pub grouped: bool,
    /// Whether ranked units stand above others, so that there are places in the groups alone.
    pub nested: bool,
    /// What all targets together are called, e.g. 三项指标.
    pub all_rates: &'static str,
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
    /// Whether others are missing somewhere too.
    pub has_other_fields: bool,
    /// Relations, those failed most often first.
    pub relations: Vec<ShareModel>,
    /// Those of them that fail anywhere.
    pub failed_relations: Vec<ShareModel>,
    /// What is wrong with records and rosters.
    pub quality: QualityModel,
    /// Named rosters as the register covers them, and behind several all of them together; empty where
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
    /// What all units together are called: 全街.
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

/// A rate of all units together.
#[derive(Debug, Clone, Serialize)]
pub struct IndicatorModel {
    /// Records in the numerator by proven exceptions alone.
    pub proved: u64,
    /// Name in the configuration: `coverage`.
    pub key: String,
    /// Name as printed: 覆盖率.
    pub label: String,
    /// Short enough for a subject line.
    pub short: String,
    /// What counts.
    pub numerator: u64,
    /// What could have counted; 0 = there is no rate.
    pub denominator: u64,
    /// What is lacking to 100 %.
    pub missing: u64,
    /// Whether any unit lacks something to 100 %: what others have too many fills no gap.
    pub is_short: bool,
    /// Units that miss it.
    pub failing_units: usize,
    /// The same in words, and their names.
    pub failing_count: String,
    /// Names of these units.
    pub failing: Vec<String>,
    /// In percent with two places; — without a denominator.
    pub rate: String,
    /// In percent.
    pub target: String,
    /// `None` without a denominator.
    pub met: Option<bool>,
    /// More were counted than were expected: it cannot be judged before the baseline is verified.
    pub unverified: bool,
    /// `上升1.25个百分点`; `无可比数` without a compared run.
    pub change: String,
    /// The same as a clause: 比上期上升1.25个百分点, 与上期持平.
    pub versus: String,
    /// `+1.25`, or — .
    pub points: String,
    /// The rate as a bar.
    pub meter: MeterModel,
}

/// The lengths of a bar against its target in hundredths of a scale from 0 to 100 %; together 100.
/// Geometry alone: the printed values stand in [`IndicatorModel`].
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MeterModel {
    /// The rate, kept on its side of the target.
    pub reached: u32,
    /// What is lacking to the target, 0 when it is met.
    pub lacking: u32,
    /// What is left.
    pub rest: u32,
    /// Where the target lies.
    pub target: u32,
}

/// One point of the trend.
#[derive(Debug, Clone, Serialize)]
pub struct TrendModel {
    /// Period of the point.
    pub label: String,
    /// In percent, or —.
    pub coverage: String,
    /// In percent, or —.
    pub completeness: String,
    /// In percent, or —.
    pub accuracy: String,
    /// Rates of the office's own.
    pub own_rates: Vec<OwnRateModel>,
}

/// A rate of the office's own in a list of units or periods.
#[derive(Debug, Clone, Serialize)]
pub struct OwnRateModel {
    /// The name in the configuration.
    pub key: String,
    /// The name in the language of the report.
    pub label: String,
    /// In percent, or —.
    pub rate: String,
}

/// A unit's figures, those of all units below it included.
#[derive(Debug, Clone, Serialize)]
pub struct UnitModel {
    /// As in the unit list.
    pub code: String,
    /// In full, where units are called alike.
    pub name: String,
    /// 村, 社区.
    pub kind: String,
    /// How deep it lies in the tree: 1 has nothing above it.
    pub level: u32,
    /// Whether it is ranked and judged.
    pub assessed: bool,
    /// Whether it is of the level that is judged; on its own page it is assessed all the same.
    pub judged: bool,
    /// Up to the cut-off.
    pub records: u64,
    /// Its records in the compared run.
    pub previous_records: Option<u64>,
    /// Among all units; `None` = unranked.
    pub rank: Option<u32>,
    /// Among the units of its kind.
    pub rank_in_group: Option<u32>,
    /// Its rank in the group in the compared run.
    pub previous_rank: Option<u32>,
    /// Whether it shared that place.
    pub previous_tied: bool,
    /// Whether another unit has the same rank, or the same rank in the group.
    pub tied: bool,
    /// Whether another unit of its kind has the same rank in the group.
    pub tied_in_group: bool,
    /// Change of `rank_in_group` as printed: ▲2.
    pub movement: String,
    /// Places gained or lost, without sign.
    pub places: u64,
    /// Points with two places; — without a score.
    pub score: String,
    /// In percent, or —.
    pub coverage: String,
    /// In percent, or —.
    pub completeness: String,
    /// In percent, or —.
    pub accuracy: String,
    /// Rates of the office's own.
    pub own_rates: Vec<OwnRateModel>,
    /// Whether it meets every target; `None` = it cannot be judged.
    pub passed: Option<bool>,
    /// It misses no target, but has more persons than expected.
    pub unverified: bool,
    /// What it fails, in words.
    pub failures: String,
    /// The rates that miss their targets, each with its indicator: 覆盖率91.67%.
    pub failing: Vec<String>,
    /// Reasons of vetoes, in words; blank without one.
    pub vetoed: String,
    /// Persons expected and found, under whichever unit.
    pub covered: u64,
    /// Persons expected and not found.
    pub missing: u64,
    /// It has no record although persons are expected of it.
    pub silent: bool,
    /// Which indicator cost it places, or won them, in words; blank where nothing is compared.
    pub reason: String,
    /// How many further persons would lift it one place, all else unchanged.
    pub next: Option<NextModel>,
}

/// Numbers of units in words: 12个单位, or 3个村、9个组 where units stand above others.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CountsModel {
    /// All that are ranked and judged.
    pub units: String,
    /// As many as [`Model::unmet`] has.
    pub unmet: String,
    /// As many as [`Model::unverified`] has.
    pub unverified: String,
    /// As many as [`Model::unjudged`] has.
    pub unjudged: String,
    /// As many as [`Model::silent`] has.
    pub silent: String,
    /// As many as [`Model::nothing`] has.
    pub nothing: String,
    /// As many as [`Model::silenced`] has.
    pub silenced: String,
    /// As many as [`Model::silent`] and [`Model::nothing`] have.
    pub without_records: String,
    /// As many as [`Model::exceeding`] has.
    pub exceeding: String,
    /// As many as [`Model::exceeding_failed`] has.
    pub exceeding_failed: String,
    /// Those that missed a target in the compared run.
    pub failed_before: String,
    /// As many as [`Model::rectified`] has.
    pub rectified: String,
    /// As many as [`Model::not_rectified`] has.
    pub not_rectified: String,
    /// As many as [`Model::unverified_again`] says.
    pub unverified_again: String,
    /// As many as [`Model::unjudged_again`] says.
    pub unjudged_again: String,
    /// As many as [`Model::fallen_back`] has.
    pub fallen_back: String,
    /// As many as [`Model::risen`] says.
    pub risen: String,
    /// As many as [`Model::fallen`] says.
    pub fallen: String,
}

/// How many units of a group meet every target, and how many do not; the parts are all its units.
#[derive(Debug, Clone, Serialize)]
pub struct GroupVerdictModel {
    /// 37个单位, 8个村.
    pub units: String,
    /// How many they are.
    pub count: usize,
    /// They meet every target.
    pub met: usize,
    /// They miss one.
    pub unmet: usize,
    /// They are to be verified.
    pub unverified: usize,
    /// They cannot be judged.
    pub unjudged: usize,
}

/// Units that moved for one reason.
#[derive(Debug, Clone, Serialize)]
pub struct MovedModel {
    /// Those that moved most first.
    pub units: Vec<UnitModel>,
    /// Why, in words; blank where nothing can be said.
    pub reason: String,
}

/// What one place more would take.
#[derive(Debug, Clone, Serialize)]
pub struct NextModel {
    /// The place above.
    pub rank: u32,
    /// Further persons covered.
    pub persons: u64,
}

/// A group of units that are ranked among themselves.
#[derive(Debug, Clone, Serialize)]
pub struct KindModel {
    /// The kind (村), or the words for all units.
    pub name: String,
    /// Units that have a rank.
    pub count: usize,
    /// Whether a chart of the scores says more than the table.
    pub bars: bool,
    /// About three units at each end, whole places; who shares a place is named too.
    pub first: Vec<UnitModel>,
    /// The place after `first`, where too many share it to be named.
    pub first_tied: Option<TiedModel>,
    /// The units at the end, the last one last.
    pub last: Vec<UnitModel>,
    /// The place before `last`, where too many share it to be named.
    pub last_tied: Option<TiedModel>,
    /// Whom the text praises and reminds in this group.
    pub named: NamedModel,
    /// Those that gained most places, up to three.
    pub risers: Vec<UnitModel>,
    /// Those that lost most places, up to three.
    pub fallers: Vec<UnitModel>,
    /// Whether more units rose than are named.
    pub more_rose: bool,
    /// Whether more units fell than are named.
    pub more_fell: bool,
    /// The risers by reason.
    pub rises: Vec<MovedModel>,
    /// The fallers by reason.
    pub falls: Vec<MovedModel>,
}

/// Units that a text names with a reason.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NamedModel {
    /// First places with a reason to name them; see [`super::praise`].
    pub praised: Vec<UnitModel>,
    /// The place after `praised`, where too many share it to be named.
    pub praised_tied: Option<TiedModel>,
    /// Those of `praised` that meet every target: they alone are commended.
    pub commended: Vec<UnitModel>,
    /// `praised_tied`, where all of them do.
    pub commended_tied: Option<TiedModel>,
    /// The first place, where more than a third of the units share it, but not all: too many to be commended.
    pub crowd_tied: Option<TiedModel>,
    /// Last places that have not met every target.
    pub lagging: Vec<UnitModel>,
    /// The place before `lagging`, where too many share it to be named.
    pub lagging_tied: Option<TiedModel>,
    /// The last place.
    pub lowest: Vec<UnitModel>,
    /// The last place, where too many share it to be named.
    pub lowest_tied: Option<TiedModel>,
    /// Whether none of [`Self::lowest`] has a record.
    pub lowest_silent: bool,
}

/// Units at one end of a list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EndModel {
    /// Those that are named.
    pub units: Vec<UnitModel>,
    /// The place that too many share; `None` = every unit is named.
    pub tied: Option<TiedModel>,
}

/// A place that more units share than a text can name.
#[derive(Debug, Clone, Serialize)]
pub struct TiedModel {
    /// The place.
    pub rank: u32,
    /// How many share it.
    pub count: usize,
    /// The score they have, as printed.
    pub score: String,
    /// Whether none of them has a record.
    pub silent: bool,
    /// Whether all of them meet every target.
    pub passed: bool,
}

/// The units that hold most of what is missing.
#[derive(Debug, Clone, Serialize)]
pub struct GapModel {
    /// Added up unit by unit; [`Self::overall`] is what all units together lack, where those above their
    /// baseline make up for others.
    pub missing: u64,
    /// What all units together lack.
    pub overall: u64,
    /// Those that lack most, the largest first; empty where too many lack as many.
    pub holders: Vec<UnitModel>,
    /// What they hold of it together.
    pub share: String,
}

/// 红黑榜: whom the office's rules name.
#[derive(Debug, Clone, Default, Serialize)]
pub struct HonoursModel {
    /// Of each group, those whose score rose most since the compared run.
    pub fastest: Vec<HonouredModel>,
    /// The same by group.
    pub fastest_groups: Vec<FastestModel>,
    /// Whether the units named of each group rose alike: then no other rose more than any of them.
    pub fastest_alike: bool,
    /// Whether others rose as much that are last, have lost places or are above their baselines.
    pub has_others: bool,
    /// Those that meet all targets for the first time.
    pub first_met: Vec<UnitModel>,
    /// How many they are, in words.
    pub first_met_count: String,
    /// Those that have been last again and again, and what follows for them.
    pub last_again: Vec<LastAgainModel>,
    /// What follows for those that were last again.
    pub action: String,
}

/// The units of a group whose score rose most.
#[derive(Debug, Clone, Serialize)]
pub struct FastestModel {
    /// What the group is called.
    pub name: String,
    /// Those that rose most first.
    pub units: Vec<HonouredModel>,
}

/// A unit that was last once more.
#[derive(Debug, Clone, Serialize)]
pub struct LastAgainModel {
    /// With its figures as everywhere else in the model.
    pub unit: UnitModel,
    /// How many released runs of the report it has been last in, running, with this one.
    pub times: usize,
}

/// A unit whose score rose.
#[derive(Debug, Clone, Serialize)]
pub struct HonouredModel {
    /// With its figures as everywhere else in the model.
    pub unit: UnitModel,
    /// By how many points the score rose.
    pub rise: String,
}

/// A straight line of each unit from the compared run through this one to the last day.
#[derive(Debug, Clone, Serialize)]
pub struct PaceModel {
    /// Whether nobody has been covered since the compared run.
    pub stands_still: bool,
    /// Persons that the units cover a day until the last day, each at its own pace and no more than it lacks.
    pub per_day: String,
    /// Last day of the campaign, as printed.
    pub last_day: String,
    /// From the cut-off to the last day.
    pub days_left: u64,
    /// Coverage on the last day.
    pub projected: String,
    /// Whether that meets the target.
    pub will_meet: bool,
    /// Persons a day that would meet it.
    pub needed_per_day: u64,
}

/// A part that misses or fails, of a whole.
#[derive(Debug, Clone, Serialize)]
pub struct ShareModel {
    /// Name of the field or relation in the configuration.
    pub key: String,
    /// As printed.
    pub label: String,
    /// The whole.
    pub of: u64,
    /// The part that misses or fails.
    pub missing: u64,
    /// The other part in percent.
    pub rate: String,
    /// How many items it stands for: those that are missing as often are named together.
    pub count: usize,
}

/// A roster and the register: distinct persons by ID number.
#[derive(Debug, Clone, Serialize)]
pub struct RosterModel {
    /// As in the configuration; `union` for all together.
    pub name: String,
    /// As it is printed, and as it stands behind `reconciliation`.
    pub label: String,
    /// Persons in the roster.
    pub listed: u64,
    /// Those of them who are in the register.
    pub both: u64,
    /// Those of them who are not.
    pub only_roster: u64,
    /// Persons of the register who are not in the roster.
    pub only_register: u64,
    /// both / listed in percent.
    pub rate: String,
}

/// What is wrong with records and rosters, in counts.
#[derive(Debug, Clone, Serialize)]
pub struct QualityModel {
    /// What was found, each in a clause of its own; empty where nothing was.
    pub found: Vec<String>,
    /// Further records with an ID number that is in the register already.
    pub duplicates: u64,
    /// Records whose unit the list does not have.
    pub unknown_unit_records: u64,
    /// Roster persons who are registered under another unit.
    pub matched_elsewhere: u64,
    /// Records without an ID number.
    pub without_id: u64,
    /// Records with a malformed ID number.
    pub invalid_id_numbers: u64,
    /// Records whose birth date cannot be read.
    pub invalid_birth_dates: u64,
    /// Records whose registration time cannot be read.
    pub invalid_registered_at: u64,
    /// Roster entries without an ID number.
    pub roster_without_id: u64,
    /// Further roster entries with the same ID number.
    pub roster_duplicates: u64,
    /// Roster persons whose unit the list does not have.
    pub roster_unknown_unit: u64,
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

/// Everything a document is composed from: the model for templates, and the series they may place.
#[derive(Debug, Clone)]
pub struct Composition {
    /// What templates can name.
    pub model: Model,
    /// Tables and charts by name.
    pub series: BTreeMap<String, Series>,
}
