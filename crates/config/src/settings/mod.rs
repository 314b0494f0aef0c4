//! Validated settings: what the rest of the program may rely on. Built only by [`super::load`].

mod console;
mod daemon;
mod definitions;
mod delivery;
mod odbc;
mod own;
mod source;
mod subject;
mod tls;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use num_rational::Ratio;

pub use console::{ConsoleSettings, Network};
pub use daemon::Daemon;
pub use definitions::{
    Accuracy, Completeness, CountedPersons, CountedRecords, Coverage, CoverageMethod, Deduction,
    DivisionLevel, ExceptionRules, Honours, IdentifiedBy, Indicator, Indicators, KindRules, Level,
    MOST_OWN_INDICATORS, Measure, OnInvalid, OnMissing, OwnIndicator, RankKey, Ranking, Relation, RosterName,
    Rosters, Scoring, Target, Veto, Weights,
};
pub use delivery::{
    Attachment, HeadMarks, HeadStyle, Recipient, RecipientList, Report, ReportKind, ReportLanguage, Smtp,
    SmtpSecurity, Uncertain,
};
pub use odbc::{ConnectionString, not_built_in};
pub use source::{
    BaselineSource, CodeListSource, CodeRow, Compute, DatabaseKind, DatabaseUrl, Dataset, Deletions,
    Encoding, ExceptionsSource, FieldColumn, FileForm, Located, OwnColumn, ReadCodeLists, ReferenceSource,
    RegisterSource, RosterSource, SourceSettings, Take, UnitFrom, UnitsSource,
};

use super::raw::RawConfig;
pub use super::secret::Secret;
pub use subject::RegisterSubject;
pub use tls::{Tls, is_loopback, same as same_host};

pub use tongbao_base::schedule::catch_up::{CatchUp, CatchUpPolicy, Overlap};
pub use tongbao_base::schedule::period::{PeriodRule, Phase};
pub use tongbao_base::schedule::rule::ScheduleRule;

/// A configuration as it is written; its debug form says nothing of it.
#[derive(Clone)]
pub struct Written(pub(crate) Arc<RawConfig>);

impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Written")
    }
}

/// Everything a run needs, checked once at the start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who runs the campaign, and when.
    pub campaign: Campaign,
    /// Where the register and the lists are.
    pub source: SourceSettings,
    /// What is counted.
    pub indicators: Indicators,
    /// How rates become a score.
    pub scoring: Scoring,
    /// How scores become ranks.
    pub ranking: Ranking,
    /// Which units are named for their progress or their place.
    pub honours: Honours,
    /// By name.
    pub reports: BTreeMap<String, Report>,
    /// Members that the configuration lists, by group.
    pub recipients: BTreeMap<String, Vec<Recipient>>,
    /// Lists whose recipients belong to a group too, by its name.
    pub recipient_lists: BTreeMap<String, RecipientList>,
    /// `None` = nothing is mailed.
    pub smtp: Option<Smtp>,
    /// Folder of the state database and the archive.
    pub state_dir: PathBuf,
    /// How long texts of settled mails and counts of old runs are kept; `None` = for ever.
    pub keep_details: Option<SignedDuration>,
    /// Limits that hold a run instead of sending it.
    pub guards: Guards,
    /// What the daemon does on its own.
    pub daemon: Daemon,
    /// The web console.
    pub console: ConsoleSettings,
    /// The correction lists of the units.
    pub corrections: CorrectionSettings,
    /// Which font each role of the page uses.
    pub fonts: FontSettings,
    /// Folder that holds the template folders (`bulletin/`, `ranking/`, `acceptance/`, own ones).
    pub templates_dir: PathBuf,
    /// SHA-256 of the effective configuration without its secrets, in hexadecimal.
    pub hash: String,
    /// The sections that decide figures and ranks, as JSON.
    pub deciding: String,
    /// The configuration as it is written, without its secrets.
    pub written: Written,
    /// What `[source.lists]` held when the configuration was read; `None` = nobody has read it yet, so that these settings
    /// count nothing.
    pub code_lists: Option<ReadCodeLists>,
}

/// Who runs the campaign, and when.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// As the configuration has it, on one line.
    pub name: String,
    /// The name as titles print it: U+2028 where a line ends.
    pub title: String,
    /// 发文机关, as it signs.
    pub issuer: String,
    /// 发文机关代字, e.g. 荔街, for document numbers; `None` prints none.
    pub number_prefix: Option<String>,
    /// 主送机关 of the documents.
    pub addressee: String,
    /// 抄送 of the documents.
    pub copy_to: Vec<String>,
    /// What all units together are called: 全街; blank where neither the configuration nor the issuer says.
    pub area: String,
    /// To which an upward report is addressed; `None` = named after the campaign, in its language.
    pub leading_group: Option<String>,
    /// What the register is called in sentences; `None` = the word of the language.
    pub register_name: Option<String>,
    /// What the scores count for, a whole sentence.
    pub assessment: Option<String>,
    /// Last line of the text; `None` = that of the language and the kind.
    pub closing: Option<String>,
    /// Offices that issue jointly with [`Campaign::issuer`], in their order.
    pub co_issuers: Vec<String>,
    /// Whether room is left for a seal.
    pub seal: bool,
    /// What the office bases the campaign on (依据), printed in the first paragraph.
    pub basis: Option<String>,
    /// Cron fields and days are local times of it.
    pub time_zone: TimeZone,
    /// Its name in the IANA database: `Asia/Shanghai`.
    pub time_zone_name: String,
    /// Of the reports that name none of their own.
    pub language: ReportLanguage,
    /// Ordered and without overlap.
    pub phases: Vec<Phase>,
}

/// When a run is held instead of sent.
#[derive(Debug, Clone, Copy)]
pub struct Guards {
    /// Largest fall in the number of records against the compared run.
    pub max_record_drop: Option<Ratio<u64>>,
    /// Largest fall of a headline rate against the compared run.
    pub max_rate_drop: Option<Ratio<u64>>,
    /// Largest fall in the number of records of one unit against the compared run.
    pub max_unit_drop: Option<Ratio<u64>>,
    /// Largest share of records, and of roster persons, with an unknown unit.
    pub max_unknown_units: Option<Ratio<u64>>,
    /// Largest share of records whose registration time is filled but not understood.
    pub max_unreadable_times: Option<Ratio<u64>>,
    /// Largest share of records whose birth date is filled but not understood.
    pub max_unreadable_birth_dates: Option<Ratio<u64>>,
    /// Largest share of ID numbers, of register and roster, that a spreadsheet has cut or that are masked.
    pub max_cut_id_numbers: Option<Ratio<u64>>,
    /// Of the persons of the roster, in all or in one unit.
    pub max_malformed_roster_ids: Option<Ratio<u64>>,
    /// Whether runs are held while a unit has several expected head counts.
    pub hold_repeated_head_counts: bool,
    /// Largest share of records in which a required field is blank.
    pub max_blank_field: Option<Ratio<u64>>,
    /// Largest share of records whose sex, or marital status, is filled but not understood.
    pub max_unknown_words: Option<Ratio<u64>>,
    /// Largest share of judged records that fail a built-in relation of accuracy.
    pub max_failed_relation: Option<Ratio<u64>>,
    /// Largest share of the texts of a column that were read in another character set.
    pub max_misread_texts: Option<Ratio<u64>>,
    /// Largest share of records that have the number of another record.
    pub max_repeated_records: Option<Ratio<u64>>,
    /// Whether a list that the server shows in part holds a run.
    pub hold_partial_rows: bool,
    /// Largest share of the persons of the roster that may be gone since the compared run.
    pub max_roster_drop: Option<Ratio<u64>>,
    /// Whether a unit that is ranked among those it stands above holds a run.
    pub hold_ranked_parents: bool,
    /// Whether a unit without a record holds a run where files or sheets stand for units.
    pub hold_missing_lists: bool,
}

/// The correction list 差错清单 that goes to the owning unit alone.
#[derive(Debug, Clone, Copy)]
pub struct CorrectionSettings {
    /// Whether the ID number stands in it, as `4****************X`.
    pub masked_id: bool,
    /// Records in a list; the rest is counted at its end.
    pub at_most: usize,
}

/// For each role an ordered list of font files or names; glyphs missing in one are taken from the next.
#[derive(Debug, Clone)]
pub struct FontSettings {
    /// Folders searched for the files.
    pub folders: Vec<PathBuf>,
    /// 仿宋: the text.
    pub fang_song: Vec<String>,
    /// 小标宋: issuer mark and title.
    pub small_title: Vec<String>,
    /// 黑体: headings of the first level, heads of tables.
    pub hei: Vec<String>,
    /// 楷体: headings of the second level.
    pub kai: Vec<String>,
    /// 宋体: page numbers.
    pub song: Vec<String>,
    /// Tried last for every role.
    pub fallback: Vec<String>,
}
