//! What is asked of a run, how far its pull has come, and how it ended.

use jiff::civil::Date;

use crate::ranking::input_mismatch::InputMismatch;
use crate::ranking::remark::Remark;
use crate::ranking::results::Results;
use crate::schedule::period::Period;
use crate::store::requests::RequestClaim;
use crate::store::runs::StoredFile;
use crate::store::slots::Claim;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Its name in the configuration.
    pub report: String,
    /// First day of the period; `None` = by the report's rule.
    pub from: Option<Date>,
    /// Last day of the period, the cut-off; `None` = by the report's rule.
    pub to: Option<Date>,
    /// The run to compare with, instead of the nearest earlier released one.
    pub against: Option<i64>,
    /// The slot this run fills; `None` = ad hoc.
    pub claim: Option<Claim>,
    /// 发文字号 or 期号, given by a person: whole, its serial alone, or `next`.
    pub number: Option<String>,
    /// 第几轮 of an acceptance, given by a person.
    pub round: Option<u32>,
    /// Permits a cut-off in the future and a period outside the campaign.
    pub future: bool,
    /// Neither record nor send.
    pub dry_run: bool,
    /// Record, but send nothing.
    pub no_send: bool,
    /// Also make what a person looks at before the report is issued.
    pub preview: bool,
    /// A reason to hold it whatever its figures are: a draft that nobody is mailed.
    pub hold: Option<String>,
    /// The request it fills.
    pub asked: Option<RequestClaim>,
}

/// How a run ended.
#[derive(Debug)]
pub struct RunOutcome {
    /// `None` for a dry run.
    pub run: Option<i64>,
    /// What it reports on.
    pub period: Period,
    /// Why it was held, a sentence each; empty = released.
    pub held: Vec<String>,
    /// When it was due, if it comes late.
    pub late_since: Option<String>,
    /// The whole files; of a held run drafts.
    pub documents: Vec<StoredFile>,
    /// The mail and the charts, if asked for; never recorded.
    pub previews: Vec<StoredFile>,
    /// All figures.
    pub results: Results,
    /// What makes figures meaningless, with the place to correct; the run is held for it.
    pub mismatches: Vec<InputMismatch>,
    /// What was not understood; the run is held where it is too much.
    pub remarks: Vec<Remark>,
}

/// How far a pull has come.
#[derive(Debug, Clone, Copy)]
pub enum Progress {
    /// The database's estimate of the records to come.
    Expected(Option<u64>),
    /// Further records read.
    Read(u64),
    /// The last record was read.
    Done,
}
