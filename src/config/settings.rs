//! Validated settings: what the rest of the program may rely on. Built only by [`super::load`].

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use num_rational::Ratio;

use crate::indicator::rate::Target;
use crate::register::field::Field;
pub use crate::schedule::period::{PeriodRule, Phase};

/// Everything a run needs, checked once at the start.
#[derive(Debug, Clone)]
pub struct Settings {
    pub campaign: Campaign,
    pub source: Source,
    pub indicators: Indicators,
    pub scoring: Scoring,
    pub ranking: Ranking,
    pub reports: BTreeMap<String, Report>,
    pub recipients: BTreeMap<String, Vec<Recipient>>,
    pub smtp: Option<Smtp>,
    /// Folder of the state database and the archive.
    pub state_dir: PathBuf,
    pub guards: Guards,
    pub fonts: Fonts,
    /// Folder that holds the template folders (`bulletin/`, `ranking/`, `acceptance/`, own ones).
    pub templates_dir: PathBuf,
    /// SHA-256 of the effective configuration without its secrets, in hexadecimal.
    pub hash: String,
}

/// Who runs the campaign, and when.
#[derive(Debug, Clone)]
pub struct Campaign {
    pub name: String,
    /// 发文机关, as it signs.
    pub issuer: String,
    /// 发文机关代字, e.g. 荔街, for document numbers; `None` prints none.
    pub number_prefix: Option<String>,
    /// 主送机关 of the documents.
    pub addressee: String,
    /// 抄送 of the documents.
    pub copy_to: Vec<String>,
    /// What the office bases the campaign on (依据), printed in the first paragraph.
    pub basis: Option<String>,
    pub time_zone: TimeZone,
    pub time_zone_name: String,
    /// Ordered and without overlap.
    pub phases: Vec<Phase>,
}

/// Where the register lies.
#[derive(Debug, Clone)]
pub struct Source {
    pub url: DatabaseUrl,
    /// Limit for the whole pull.
    pub timeout: Duration,
    /// Records per batch.
    pub batch_rows: usize,
    pub register: RegisterSource,
    pub units: UnitsSource,
    pub roster: Option<RosterSource>,
    pub baseline: Option<BaselineSource>,
}

/// A database address. Its `Debug` and `Display` never show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn new(url: impl Into<String>) -> DatabaseUrl {
        DatabaseUrl(url.into())
    }

    /// The address with its password, for the driver alone.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn kind(&self) -> Option<DatabaseKind> {
        match self.0.split(':').next() {
            Some("sqlite") => Some(DatabaseKind::Sqlite),
            Some("postgres" | "postgresql") => Some(DatabaseKind::Postgres),
            Some("mysql" | "mariadb") => Some(DatabaseKind::MySql),
            _ => None,
        }
    }
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else { return f.write_str(&self.0) };
        let place = rest.split(['?', '#']).next().unwrap_or_default();
        match place.rsplit_once('@') {
            Some((account, host)) => {
                let user = account.split(':').next().unwrap_or_default();
                write!(f, "{scheme}://{user}@{host}")
            }
            None => write!(f, "{scheme}://{place}"),
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// The drivers the program is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    Sqlite,
    Postgres,
    MySql,
}

/// What is read: a table (or view), or the office's own query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dataset {
    /// Optionally qualified, e.g. `population.person`.
    Table(String),
    Query(String),
}

/// Which columns of the register mean what.
#[derive(Debug, Clone)]
pub struct RegisterSource {
    pub dataset: Dataset,
    pub key: String,
    pub unit: String,
    pub registered_at: Option<String>,
    pub updated_at: Option<String>,
    pub document_type: Option<String>,
    /// All nine fields are mapped.
    pub fields: BTreeMap<Field, FieldColumn>,
}

/// The column of a field and how its codes read. Values outside `codes` stay as they are.
#[derive(Debug, Clone, Default)]
pub struct FieldColumn {
    pub column: String,
    pub codes: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
pub struct UnitsSource {
    pub dataset: Dataset,
    pub code: String,
    pub name: String,
    pub kind: Option<String>,
    pub parent: Option<String>,
}

#[derive(Debug, Clone)]
pub struct RosterSource {
    pub dataset: Dataset,
    pub unit: String,
    pub id_number: String,
}

/// Expected head count per unit.
#[derive(Debug, Clone)]
pub enum BaselineSource {
    Inline(BTreeMap<String, u64>),
    Dataset { dataset: Dataset, unit: String, persons: String },
}

/// The definitions in use (design, section 3).
#[derive(Debug, Clone)]
pub struct Indicators {
    pub coverage: Coverage,
    pub completeness: Completeness,
    pub accuracy: Accuracy,
}

#[derive(Debug, Clone)]
pub struct Coverage {
    pub method: CoverageMethod,
    pub target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoverageMethod {
    /// Distinct roster persons found in the register / distinct roster persons.
    Roster,
    /// Distinct registered persons / baseline.
    Baseline,
}

#[derive(Debug, Clone)]
pub struct Completeness {
    pub counted: Counted,
    pub target: Target,
    /// Per field, the values that count as not filled (compared after trimming, ASCII case ignored).
    pub placeholders: BTreeMap<Field, Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Records,
    Cells,
}

#[derive(Debug, Clone)]
pub struct Accuracy {
    /// Without repetition, in the order in which they are printed.
    pub relations: Vec<Relation>,
    pub on_missing: OnMissing,
    pub household_level: DivisionLevel,
    pub target: Target,
}

/// A logical relation between the fields of one record (逻辑关系).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    IdBirthDate,
    IdSex,
    AgeMarital,
    IdHouseholdPlace,
    IdValid,
}

impl Relation {
    pub const ALL: [Relation; 5] = [
        Relation::IdBirthDate,
        Relation::IdSex,
        Relation::AgeMarital,
        Relation::IdHouseholdPlace,
        Relation::IdValid,
    ];

    /// The name used in configuration and JSON.
    pub fn key(self) -> &'static str {
        match self {
            Relation::IdBirthDate => "id_birth_date",
            Relation::IdSex => "id_sex",
            Relation::AgeMarital => "age_marital",
            Relation::IdHouseholdPlace => "id_household_place",
            Relation::IdValid => "id_valid",
        }
    }

    /// The name printed in Chinese documents.
    pub fn label(self) -> &'static str {
        match self {
            Relation::IdBirthDate => "身份号码与出生日期",
            Relation::IdSex => "身份号码与性别",
            Relation::AgeMarital => "年龄与婚姻状况",
            Relation::IdHouseholdPlace => "身份号码与户籍所在地",
            Relation::IdValid => "身份号码有效性",
        }
    }

    /// Position in [`Relation::ALL`], used to index per-relation counters.
    pub fn index(self) -> usize {
        self as usize
    }
}

/// What becomes of a relation one of whose fields is blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMissing {
    Fail,
    Skip,
}

/// How closely the ID's division code must agree with the household place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DivisionLevel {
    Province,
    City,
    County,
}

/// One of the three headline rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indicator {
    Coverage,
    Completeness,
    Accuracy,
}

impl Indicator {
    pub const ALL: [Indicator; 3] = [Indicator::Coverage, Indicator::Completeness, Indicator::Accuracy];

    pub fn key(self) -> &'static str {
        match self {
            Indicator::Coverage => "coverage",
            Indicator::Completeness => "completeness",
            Indicator::Accuracy => "accuracy",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Indicator::Coverage => "覆盖率",
            Indicator::Completeness => "完整率",
            Indicator::Accuracy => "准确率",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Scoring {
    pub weights: Weights,
    pub vetoes: Vec<Veto>,
    pub deductions: Vec<Deduction>,
}

/// Points out of 100 that each indicator is worth; they add up to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    pub coverage: Ratio<u64>,
    pub completeness: Ratio<u64>,
    pub accuracy: Ratio<u64>,
}

/// A unit whose `indicator` lies below `below` scores 0 (一票否决).
#[derive(Debug, Clone)]
pub struct Veto {
    pub indicator: Indicator,
    pub below: Target,
    pub reason: String,
}

/// Points taken from one unit for a stated reason.
#[derive(Debug, Clone)]
pub struct Deduction {
    pub unit: String,
    pub points: Ratio<u64>,
    pub reason: String,
}

#[derive(Debug, Clone)]
pub struct Ranking {
    /// Rank each kind of unit apart, beside the overall ranking.
    pub by_kind: bool,
    /// What decides, first to last, without repetition.
    pub order: Vec<RankKey>,
    /// Units with fewer records are listed unranked.
    pub min_records: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RankKey {
    Score,
    Rate(Indicator),
}

/// One configured report.
#[derive(Debug, Clone)]
pub struct Report {
    pub name: String,
    pub kind: ReportKind,
    /// Five-field cron expression in the campaign's zone; `None` runs only on request.
    pub schedule: Option<String>,
    /// Days on which the schedule fires, both included.
    pub active: Option<(Date, Date)>,
    pub period: PeriodRule,
    pub catch_up: CatchUp,
    pub sign_off: bool,
    /// Names of recipient groups, each known.
    pub to: Vec<String>,
    pub attach: Vec<Attachment>,
    /// Which head the first page carries.
    pub head: HeadStyle,
    /// Days until 整改时限 after the cut-off (acceptance).
    pub rectify_within_days: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportKind {
    Bulletin,
    Ranking,
    Acceptance,
    /// A template folder of the user's own, below [`Settings::templates_dir`].
    Own(String),
}

impl ReportKind {
    /// The template folder.
    pub fn folder(&self) -> &str {
        match self {
            ReportKind::Bulletin => "bulletin",
            ReportKind::Ranking => "ranking",
            ReportKind::Acceptance => "acceptance",
            ReportKind::Own(folder) => folder,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    Latest,
    All,
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    Pdf,
    Xlsx,
    Csv,
}

/// 公文 head (发文机关标志, document number) or 简报 head (第N期).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadStyle {
    Official,
    Brief,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub name: String,
    pub email: String,
}

/// The mail server.
#[derive(Clone)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub security: SmtpSecurity,
    /// Sender as `name <address>`.
    pub from: String,
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// Limit for each network step.
    pub timeout: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    None,
    StartTls,
    Tls,
}

/// A secret that does not print itself.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// When a run is held instead of sent.
#[derive(Debug, Clone, Copy)]
pub struct Guards {
    /// Largest fall in the number of records against the compared run.
    pub max_record_drop: Option<Ratio<u64>>,
    /// Largest fall of a headline rate against the compared run.
    pub max_rate_drop: Option<Ratio<u64>>,
    /// Largest share of records with an unknown unit.
    pub max_unknown_units: Option<Ratio<u64>>,
}

/// For each role an ordered list of font files or names; glyphs missing in one are taken from the next.
#[derive(Debug, Clone)]
pub struct Fonts {
    /// Folders searched for the files.
    pub folders: Vec<PathBuf>,
    pub fang_song: Vec<String>,
    pub small_title: Vec<String>,
    pub hei: Vec<String>,
    pub kai: Vec<String>,
    pub song: Vec<String>,
    /// Tried last for every role.
    pub fallback: Vec<String>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} ({:?})", self.host, self.port, self.security)
    }
}
