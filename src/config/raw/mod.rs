//! The configuration file as written: every key with its default. Unknown keys are errors.

pub mod daemon;
pub mod definitions;
pub mod delivery;
pub mod source;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use daemon::RawDaemon;
use definitions::{RawIndicators, RawRanking, RawScoring};
use delivery::{RawGroup, RawLanguage, RawReport, RawSmtp};
use source::RawSource;

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
    pub daemon: RawDaemon,
    #[serde(default)]
    pub corrections: RawCorrections,
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
    /// Language of the reports: `zh-CN` or `en`.
    #[serde(default)]
    pub language: RawLanguage,
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

/// The correction list 差错清单 that goes to the owning unit alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCorrections {
    /// Adds the ID number as `4****************X`.
    pub masked_id: bool,
    /// Longest list; what is left out is counted at its end.
    pub at_most: usize,
}

impl Default for RawCorrections {
    fn default() -> RawCorrections {
        RawCorrections { masked_id: false, at_most: 10_000 }
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

/// A text that may hold a password and does not print itself.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RawSecret(pub String);

impl std::fmt::Debug for RawSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
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
