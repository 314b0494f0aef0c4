//! The first bulletin: lists that a clerk drops onto a page, what each column is taken for, and the bulletin and the
//! configuration that come of it. The command line's `init` looks at the lists; here is what it is asked and what it
//! answers, and never a value of theirs.

mod drafts;
mod held;
mod mapping;
mod pages;
mod upload;
mod words;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use tongbao_message::Message;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::config::settings::ReportLanguage;
use crate::pipeline::{Progress, Remade};

pub(super) use drafts::{Drafts, sweep};
pub(super) use pages::{begin, change, discard, file, finish, page_image, shown};
pub(super) use upload::{WITHIN, read};

/// Folders of an upload: one for each kind of list.
pub const PARTS: [&str; 3] = ["register", "units", "roster"];

/// What comes of work that takes a while.
pub type Working<T> = Pin<Box<dyn Future<Output = Result<T, Message>> + Send>>;

/// Looks at lists that nobody has described.
pub trait UploadReader: Send + Sync {
    /// Looks at the lists below a folder, each in the folder of its part.
    fn look(&self, folder: PathBuf, language: ReportLanguage) -> Working<Arc<dyn Lists>>;
}

/// Lists that were looked at. What it holds of them stays in it.
pub trait Lists: Send + Sync {
    /// What the lists are taken for under some answers.
    fn seen(&self, answers: &Answers) -> Result<SeenLists, Message>;

    /// Makes a bulletin under some answers, while the lists are still there.
    fn make(&self, answers: &Answers, now: Timestamp, progress: Reporting) -> Working<MadeBulletin>;
}

/// Takes how far the reading has come.
pub type Reporting = Box<dyn FnMut(Progress) + Send>;

/// What a person says of the lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// What the register lists, by the name of its preset; blank = persons.
    pub preset: String,
    /// Table of each of [`PARTS`].
    pub tables: [TableChoice; 3],
    /// Part, key and column; no column = the list has none.
    pub columns: Vec<(usize, String, Option<usize>)>,
    /// What the codes of kinds of units mean.
    pub kinds: Vec<(String, String)>,
    /// Name of the campaign; blank = not given yet.
    pub name: String,
    /// 发文机关; blank = not given yet.
    pub issuer: String,
    /// First and last day of the campaign.
    pub days: Option<(Date, Date)>,
}

/// Which table is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TableChoice {
    /// The one that fits best.
    #[default]
    Best,
    /// No table is this list.
    Nothing,
    /// Position in [`SeenLists::tables`].
    Table(usize),
}

/// What the lists are taken for.
#[derive(Debug, Clone, Default)]
pub struct SeenLists {
    /// All that were found in the files.
    pub tables: Vec<SeenTable>,
    /// In the order of [`PARTS`].
    pub parts: Vec<SeenPart>,
    /// Codes of kinds of units that nothing explains.
    pub kinds: Vec<String>,
    /// What a person should know before the mapping is taken.
    pub remarks: Vec<Message>,
    /// Why no bulletin can be made of it.
    pub problem: Option<Message>,
}

/// A table that was found.
#[derive(Debug, Clone)]
pub struct SeenTable {
    /// File and sheet.
    pub name: String,
    /// Rows below the header.
    pub rows: u64,
    /// Headings, as the file has them.
    pub columns: Vec<String>,
}

/// A list, and what its columns are taken for.
#[derive(Debug, Clone, Default)]
pub struct SeenPart {
    /// Position in [`SeenLists::tables`]; `None` = no table is this list.
    pub table: Option<usize>,
    /// Key of a confidence: `sure`, `likely` or `unsure`.
    pub confidence: &'static str,
    /// Whether the name of a file or sheet, or a title, says which unit its rows belong to.
    pub names_unit: bool,
    /// What its columns are wanted for.
    pub roles: Vec<SeenRole>,
}

/// What a column is wanted for, and the one that is taken.
#[derive(Debug, Clone)]
pub struct SeenRole {
    /// Key of the role: `unit`, `field.sex`.
    pub key: &'static str,
    /// As the definitions of the preset call it; blank where the page has words of its own.
    pub label: String,
    /// Position in the table; `None` = no column is taken.
    pub column: Option<usize>,
    /// Key of a confidence: `sure`, `likely` or `unsure`.
    pub confidence: &'static str,
    /// What speaks for it, for a person to read.
    pub why: String,
}

/// A bulletin, its configuration, and what a check says of the lists.
pub struct MadeBulletin {
    /// The text of `tongbao.toml`.
    pub configuration: String,
    /// In the order in which `check` prints them.
    pub findings: Vec<Finding>,
    /// The figures and pages; `Err` says why there are none.
    pub bulletin: Result<Bulletin, Message>,
}

/// A finding of the check.
#[derive(Debug, Clone)]
pub struct Finding {
    /// `ok`, `warning` or `error`.
    pub level: &'static str,
    /// What was checked.
    pub what: Message,
    /// What was found, and what to do.
    pub text: Message,
}

/// Totals alone.
pub struct Bulletin {
    /// The run as the console shows it.
    pub remade: Remade,
    /// As SVG, in order.
    pub pages: Vec<String>,
    /// The whole file.
    pub pdf: Vec<u8>,
}

/// How long lists are kept at most.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);
