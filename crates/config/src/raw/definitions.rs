//! Indicators, scoring and ranking, as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ordered::Ordered;
use super::rules::RawLabel;
use crate::settings::{CountedPersons, CoverageMethod, DivisionLevel, OnInvalid, OnMissing};
use tongbao_register::field::Field;

/// The definitions in use.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawIndicators {
    /// 覆盖率: registered persons against a roster or a baseline.
    pub coverage: RawCoverage,
    /// 完整率: filled fields.
    pub completeness: RawCompleteness,
    /// 准确率: fields that agree with each other.
    pub accuracy: RawAccuracy,
    /// Further rates of the office's own by name, such as timeliness 及时率.
    #[serde(skip_serializing_if = "Ordered::is_empty")]
    pub own: Ordered<RawOwnIndicator>,
}

/// A rate of the office's own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawOwnIndicator {
    /// Name of the rate as documents print it; the key where it is not set.
    pub label: Option<RawLabel>,
    /// `fields`: filled of all that apply; `valid`: of the filled ones, those that are what they should be
    /// (规范性); `relations`: passed of all that are judged (及时率).
    pub of: RawMeasure,
    /// What one count of the rate stands for, as documents print it after a number: 户; in English the plural,
    /// households. Records where it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<RawLabel>,
    /// Of `fields` and `valid`: which fields.
    pub fields: Vec<String>,
    /// Of `relations`: which relations.
    pub relations: Vec<String>,
    /// What the rate must reach, e.g. `95%`.
    pub target: String,
    /// Points of the score; with those of `[scoring.weights]` 100.
    pub weight: RawPoints,
}

/// What a rate of the office's own counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMeasure {
    /// Fields: filled / applicable.
    #[default]
    Fields,
    /// Fields: valid / filled (规范性).
    Valid,
    /// Relations: passed / judged.
    Relations,
}

/// 覆盖率.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCoverage {
    /// `roster` or `baseline`.
    pub method: CoverageMethod,
    /// What the rate must reach, e.g. `100%`.
    pub target: String,
    /// Name of the one of several rosters that coverage is measured against; all together where it is
    /// not set.
    pub roster: Option<String>,
}

impl Default for RawCoverage {
    fn default() -> RawCoverage {
        RawCoverage { method: CoverageMethod::Roster, target: "100%".into(), roster: None }
    }
}

/// 完整率.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCompleteness {
    /// `records` or `cells`.
    pub counted: CountedPersons,
    /// Which of the nine fields of a register of persons count; all where it is not set. The office's own count where they
    /// are `required`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<Field>>,
    /// What the rate must reach, e.g. `85%`.
    pub target: String,
    /// Per field, the values that count as blank, instead of the default list.
    pub placeholders: BTreeMap<Field, Vec<String>>,
    /// Per field, further values that count as blank, besides that list.
    pub also_blank: BTreeMap<Field, Vec<String>>,
}

impl Default for RawCompleteness {
    fn default() -> RawCompleteness {
        RawCompleteness {
            counted: CountedPersons::Records,
            fields: None,
            target: "85%".into(),
            placeholders: BTreeMap::new(),
            also_blank: BTreeMap::new(),
        }
    }
}

/// 准确率.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawAccuracy {
    /// The relations 逻辑关系 that a record must pass, all of them: built-in ones, and those of `[relations]`.
    pub relations: Vec<String>,
    /// `fail` or `skip`.
    pub on_missing: OnMissing,
    /// `fail` or `skip`, for all relations but those that ask whether a value is valid.
    #[serde(skip_serializing_if = "OnInvalid::is_usual")]
    pub on_invalid: OnInvalid,
    /// `province`, `city` or `county`.
    pub household_level: DivisionLevel,
    /// What the rate must reach, e.g. `86%`.
    pub target: String,
}

impl Default for RawAccuracy {
    fn default() -> RawAccuracy {
        RawAccuracy {
            relations: ["id_birth_date", "id_sex", "age_marital", "id_household_place"]
                .map(str::to_owned)
                .into(),
            on_missing: OnMissing::Fail,
            on_invalid: OnInvalid::Fail,
            household_level: DivisionLevel::Province,
            target: "86%".into(),
        }
    }
}

/// 综合得分.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawScoring {
    /// Points of each rate; together 100.
    pub weights: RawWeights,
    /// 一票否决.
    pub veto: Vec<RawVeto>,
    /// Fixed deductions.
    pub deductions: Vec<RawDeduction>,
}

/// What units of one kind have instead of the general targets and weights; rates that are not named keep them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawKindRules {
    /// Targets by rate, e.g. `coverage = "95%"`; rates of the office's own too.
    pub targets: BTreeMap<String, String>,
    /// Points by rate; with those of the rates that are not named 100.
    pub weights: BTreeMap<String, RawPoints>,
}

/// Points out of 100.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawWeights {
    /// Points for coverage.
    pub coverage: RawPoints,
    /// Points for completeness.
    pub completeness: RawPoints,
    /// Points for accuracy.
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
#[serde(untagged, expecting = "is points: whole (40), or a decimal in quotation marks (\"2.5\")")]
pub enum RawPoints {
    /// Whole points: 40.
    Whole(u64),
    /// A decimal in quotation marks: `"2.5"`.
    Decimal(String),
}

impl Default for RawPoints {
    fn default() -> RawPoints {
        RawPoints::Whole(0)
    }
}

/// 一票否决: a rate below which the score is 0.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawVeto {
    /// The rate that decides: a built-in one, or one of the office's own.
    pub indicator: String,
    /// Below this rate the score is 0, e.g. `50%`.
    pub below: String,
    /// The reason, as documents print it.
    pub reason: String,
}

/// Points taken from one unit.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDeduction {
    /// Unit code.
    pub unit: String,
    /// Points taken from the score.
    pub points: RawPoints,
    /// The reason, as documents print it.
    pub reason: String,
}

/// 排名.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawRanking {
    /// `kind` ranks villages and communities apart, `none` all together.
    pub group_by: RawGroupBy,
    /// What decides the rank, first to last: `score`, built-in rates, and rates of the office's own.
    pub order: Vec<String>,
    /// Units with fewer records are listed unranked.
    pub min_records: u64,
    /// Which units of the tree are ranked and judged: a kind (`"村"`), several kinds, or a depth (1 =
    /// units with nothing above them). All where it is not set.
    pub level: Option<RawUnitLevel>,
    /// Codes or names of units that are neither ranked nor judged: the street that heads a list of its villages.
    pub except: Vec<String>,
}

/// A level of the unit tree.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "is a depth (2), a kind of unit (\"村\") or several (\"村\" and \"社区\" in [ ])"
)]
pub enum RawUnitLevel {
    /// Level of the tree; 1 = nothing above.
    Depth(u32),
    /// A kind of unit: `"村"`.
    Kind(String),
    /// Several kinds of unit: `["村", "社区"]`.
    Kinds(Vec<String>),
}

impl Default for RawRanking {
    fn default() -> RawRanking {
        let order = ["score", "coverage", "accuracy", "completeness"].map(str::to_owned).into();
        RawRanking { group_by: RawGroupBy::Kind, order, min_records: 1, level: None, except: Vec::new() }
    }
}

/// How units are parted before they are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawGroupBy {
    /// Each kind of unit (村, 社区) is ranked apart.
    Kind,
    /// All units are ranked together.
    None,
}
