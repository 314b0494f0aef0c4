//! The configuration file as written: every key with its default. Unknown keys are errors.

pub mod baseline;
pub mod console;
pub mod daemon;
pub mod definitions;
pub mod delivery;
pub mod list;
pub mod ordered;
pub mod rules;
pub mod source;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

use crate::settings::{Honours, ReportLanguage};
use console::RawConsole;
use daemon::RawDaemon;
use definitions::{RawIndicators, RawKindRules, RawRanking, RawScoring};
use delivery::{RawGroup, RawReport, RawSmtp};
use ordered::Ordered;
use rules::{
    RawDefinitions, RawDerivedValue, RawFieldDefinition, RawList, RawRelationDefinition, RawSubject,
};
use source::RawSource;

/// The whole file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawConfig {
    /// The campaign and the office that answers for it.
    pub campaign: RawCampaign,
    /// Where register, units and roster lie.
    pub source: RawSource,
    /// What the register lists, where that is not persons: rented houses, enterprises, households.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<RawSubject>,
    /// What coverage, completeness and accuracy count, and their targets.
    #[serde(default)]
    pub indicators: RawIndicators,
    /// The office's own fields of the register.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub fields: Ordered<RawFieldDefinition>,
    /// Code lists of own fields.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub lists: Ordered<RawList>,
    /// Values that clauses name: the first known of several.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub values: Ordered<RawDerivedValue>,
    /// The office's own relations; `indicators.accuracy.relations` names those in use.
    #[serde(default, skip_serializing_if = "Ordered::is_empty")]
    pub relations: Ordered<RawRelationDefinition>,
    /// Weights, vetoes and deductions of the score.
    #[serde(default)]
    pub scoring: RawScoring,
    /// How units are ranked.
    #[serde(default)]
    pub ranking: RawRanking,
    /// Targets and weights of a kind of unit, by the kind as the unit list has it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unit_kinds: BTreeMap<String, RawKindRules>,
    /// 红黑榜: which units bulletins and rankings name by the office's own rules.
    #[serde(default)]
    pub honours: Honours,
    /// Reports by name; `tongbao run NAME` makes one.
    #[serde(default)]
    pub reports: BTreeMap<String, RawReport>,
    /// Recipient groups by name.
    #[serde(default)]
    pub recipients: BTreeMap<String, RawGroup>,
    /// The mail server; without it nothing is sent.
    pub smtp: Option<RawSmtp>,
    /// Where runs, tallies, outbox and archive are kept.
    #[serde(default)]
    pub state: RawState,
    /// When a run is held instead of sent.
    #[serde(default)]
    pub guards: RawGuards,
    /// What the daemon does on its own, and who gets its alerts.
    #[serde(default)]
    pub daemon: RawDaemon,
    /// The web console.
    #[serde(default)]
    pub console: RawConsole,
    /// The correction list 差错清单 for the owning units.
    #[serde(default)]
    pub corrections: RawCorrections,
    /// Fonts of the pages, by role.
    #[serde(default)]
    pub fonts: RawFonts,
    /// Where own templates are.
    #[serde(default)]
    pub templates: RawTemplates,
}

impl RawConfig {
    /// The office's own definitions.
    pub fn definitions(&self) -> RawDefinitions {
        RawDefinitions {
            lists: self.lists.clone(),
            fields: self.fields.clone(),
            values: self.values.clone(),
            relations: self.relations.clone(),
        }
    }
}

/// The campaign and the office that answers for it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCampaign {
    /// Name of the campaign; a line break in it is one in titles.
    pub name: String,
    /// 发文机关, as it signs.
    pub issuer: String,
    /// 依据: the document the campaign is based on.
    pub basis: Option<String>,
    /// 发文机关代字, e.g. 荔街.
    pub number_prefix: Option<String>,
    /// 主送机关. Default: 各村、社区，各有关部门, in English the same in English.
    pub addressee: Option<String>,
    /// 抄送.
    #[serde(default)]
    pub copy_to: Vec<String>,
    /// What all units together are called: 全街, 全镇, 全区. Default: what the issuer's name says.
    pub area: Option<String>,
    /// 领导小组, to which an upward report is addressed. Default: the campaign's name with 领导小组.
    pub leading_group: Option<String>,
    /// What the register is called in sentences. Default: 人口信息库.
    pub register_name: Option<String>,
    /// The sentence that says what the scores count for; without it nothing is said.
    pub assessment: Option<String>,
    /// Last line of the text, in place of 特此通报。 or 特此报告。; "" leaves it out.
    pub closing: Option<String>,
    /// Further offices that issue the documents jointly, after `issuer` (联合行文).
    #[serde(default)]
    pub co_issuers: Vec<String>,
    /// `plain`: issuer and date alone; `seal`: room for a seal of 42 mm over them (GB/T 9704, 7.3.5.1).
    #[serde(default)]
    pub signature: RawSignature,
    /// IANA time zone of all days and schedules.
    #[serde(default = "default_zone")]
    pub time_zone: String,
    /// Language of the reports: `zh-CN` or `en`.
    #[serde(default)]
    pub language: ReportLanguage,
    /// Phases in order, without overlap.
    #[serde(default)]
    pub phases: Vec<RawPhase>,
}

/// How documents are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSignature {
    /// Issuer and date, without room for a seal.
    #[default]
    Plain,
    /// Room for a seal of 42 mm over issuer and date.
    Seal,
}

/// One phase, both days included.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPhase {
    /// Name of the phase, as documents print it.
    pub name: String,
    /// Its first day.
    pub from: RawDate,
    /// Its last day.
    pub to: RawDate,
}

/// Where runs, tallies and outbox are kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawState {
    /// Folder of the state, on a local disk.
    pub dir: String,
    /// How long texts of settled mails and counts of old runs are kept, as "730d", or "forever". Documents, numbers
    /// and the audit log stay.
    pub keep_details: String,
}

impl Default for RawState {
    fn default() -> RawState {
        RawState { dir: "state".into(), keep_details: "730d".into() }
    }
}

/// When a run is held instead of sent; "" switches a guard off.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawGuards {
    /// Largest fall in the number of records against the compared run, e.g. `10%`.
    pub max_record_drop: String,
    /// Largest fall of a rate against the compared run, in percentage points.
    pub max_rate_drop: String,
    /// Largest fall in the number of records of a single unit against the compared run, e.g. `50%`.
    pub max_unit_drop: String,
    /// Largest share of records, and of roster persons, with an unknown unit.
    pub max_unknown_units: String,
    /// Largest share of records whose registration time cannot be read.
    pub max_unreadable_times: String,
    /// Largest share of records whose birth date cannot be read, of all records or of one unit's.
    pub max_unreadable_birth_dates: String,
    /// Largest share of records, of all or of one unit, whose value of an own field is none of the field's type; of fields
    /// of which no relation asks just that.
    pub max_invalid_values: String,
    /// Largest share of ID numbers whose last digits a spreadsheet has lost, of all records or of one unit's.
    pub max_cut_id_numbers: String,
    /// Largest share of roster entries, in all or in one unit, whose ID number is none: a wrong check character, a name; and
    /// of those without one.
    pub max_malformed_roster_ids: String,
    /// Whether runs are held while a unit has several expected head counts, which are added.
    pub hold_repeated_head_counts: bool,
    /// Largest share of records in which a required field is blank, for each field.
    pub max_blank_field: String,
    /// Largest share of records whose sex or marital status is filled with a word that is not understood, for
    /// each of the two. Also holds a code for "not stated" that stands for one of the sexes by the ID numbers, and larger
    /// shares of 0 in fields whose standard has no such code.
    pub max_unknown_words: String,
    /// Largest share of judged records that fail one built-in relation of accuracy, for each relation.
    pub max_failed_relation: String,
    /// Largest share of the texts of a column of the register, or of the records of a unit, that were read in another
    /// character set. The beginnings of all texts are looked at, and the whole of one in 64.
    pub max_misread_texts: String,
    /// Largest share of records that have the number of another record.
    pub max_repeated_records: String,
    /// Whether runs are held while the server shows the account only some rows of a list (row-level security).
    pub hold_partial_rows: bool,
    /// Largest share of the persons of the roster that may be gone since the compared run.
    pub max_roster_drop: String,
    /// Whether runs are held while a unit is ranked among others that it stands above by its code or name.
    pub hold_ranked_parents: bool,
    /// Whether runs are held while a unit has no record and files or sheets stand for units, one each.
    pub hold_missing_lists: bool,
}

impl Default for RawGuards {
    fn default() -> RawGuards {
        RawGuards {
            max_record_drop: "10%".into(),
            max_rate_drop: "15%".into(),
            max_unit_drop: "50%".into(),
            max_unknown_units: "5%".into(),
            max_unreadable_times: "5%".into(),
            max_unreadable_birth_dates: "10%".into(),
            max_invalid_values: "10%".into(),
            max_cut_id_numbers: "2%".into(),
            max_malformed_roster_ids: "5%".into(),
            hold_repeated_head_counts: true,
            max_blank_field: "99%".into(),
            max_unknown_words: "2%".into(),
            max_failed_relation: "99%".into(),
            max_misread_texts: "5%".into(),
            max_repeated_records: "20%".into(),
            hold_partial_rows: true,
            max_roster_drop: "10%".into(),
            hold_ranked_parents: true,
            hold_missing_lists: true,
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
    /// 仿宋: text.
    pub fang_song: Vec<String>,
    /// 小标宋: titles and the issuer mark.
    pub small_title: Vec<String>,
    /// 黑体: first headings.
    pub hei: Vec<String>,
    /// 楷体: second headings.
    pub kai: Vec<String>,
    /// 宋体: page numbers and tables.
    pub song: Vec<String>,
    /// Tried last for every role: rare characters.
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
            fallback: ["NotoSerifCJK-Light.ttc#2", "NotoSerifCJK-Regular.ttc#2"].map(str::to_owned).into(),
        }
    }
}

/// Own templates; a file of the same name replaces a built-in one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawTemplates {
    /// Folder of own templates.
    pub dir: String,
}

impl Default for RawTemplates {
    fn default() -> RawTemplates {
        RawTemplates { dir: "report_templates".into() }
    }
}

/// A day, as a TOML date or as text.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct RawDate(pub String);

impl<'de> Deserialize<'de> for RawDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawDate, D::Error> {
        deserializer.deserialize_any(DateText)
    }
}

/// Takes text, and a date as the text it is written as.
struct DateText;

impl<'de> Visitor<'de> for DateText {
    type Value = RawDate;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a date: 2016-06-30")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RawDate, E> {
        Ok(RawDate(text.to_owned()))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, date: D) -> Result<RawDate, D::Error> {
        String::deserialize(date).map(RawDate)
    }
}

fn default_zone() -> String {
    "Asia/Shanghai".into()
}
