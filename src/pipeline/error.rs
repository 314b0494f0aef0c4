//! What can end a run.

use jiff::civil::Date;

use crate::delivery::message::MessageError;
use crate::render::docx::DocxError;
use crate::render::fonts::FontError;
use crate::render::markdown::MarkdownError;
use crate::render::pdf::PdfError;
use crate::render::templates::TemplateError;
use crate::render::workbook::WorkbookError;
use crate::report::amendment::AmendmentError;
use crate::report::number::NumberError;
use crate::source::SourceError;
use crate::store::StoreError;

/// What can end a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Font(#[from] FontError),
    #[error(transparent)]
    Pdf(#[from] PdfError),
    #[error(transparent)]
    Docx(#[from] DocxError),
    #[error("the picture of a chart cannot be written: {0}")]
    Picture(std::io::Error),
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error("there is no report \"{name}\"; configured: {known}")]
    NoSuchReport { name: String, known: String },
    #[error("there is no unit {code}; list them with: tongbao rates")]
    NoSuchUnit { code: String },
    #[error(
        "{records} records have no key, so that nobody could find them again; correct source.register.key"
    )]
    RecordsWithoutKey { records: u64 },
    #[error("the period is reversed: {from} is after {to}")]
    Reversed { from: Date, to: Date },
    #[error(
        "the cut-off {to} is in the future (today is {today}); correct --to, or add --future if it is meant"
    )]
    Future { to: Date, today: Date },
    #[error(
        "the period {from} to {to} is outside the campaign ({first} to {last}); correct it, or add --future if \
         it is meant"
    )]
    OutsideCampaign { from: Date, to: Date, first: Date, last: Date },
    #[error("{report} has no finished day to report on yet; give --from and --to")]
    NothingFinished { report: String },
    #[error("the tally stopped unexpectedly; the log has the reason")]
    TallyStopped,
    #[error("cannot write to {path}: {source}")]
    Output { path: String, source: std::io::Error },
    #[error("run {run} is a 公文 and needs a number{}", proposal(.run, .next, .example))]
    NumberNeeded { run: i64, next: Option<String>, example: String },
    #[error(
        "no number of {year} is on record yet, so none can be counted on; give the office's next one with --number"
    )]
    NoNumberYet { year: i16 },
    #[error(transparent)]
    Number(NumberError),
    #[error(transparent)]
    Amendment(#[from] AmendmentError),
    #[error("the text of the section, {0}")]
    AmendedText(MarkdownError),
    #[error(
        "the amended section \"{section}\" is no longer in the document; take the program's own words again with \
         amend --undo, or reject the run"
    )]
    AmendedSectionGone { section: String },
    #[error(
        "run {run} has been released, and a released document is never changed; issue a corrected one: tongbao run \
         {report} --from {from} --to {to}"
    )]
    NotAmendable { run: i64, report: String, from: String, to: String },
    #[error(
        "the definitions have changed since run {run} was held, so its figures would too; reject it and run the report again"
    )]
    DefinitionsChanged { run: i64 },
    #[error(
        "run {run} was made under other definitions and is not compared; name a run that was made since they changed"
    )]
    OtherDefinitions { run: i64 },
}

/// The command that releases a run under the next free number, where one can be counted on.
fn proposal(run: &i64, next: &Option<String>, example: &str) -> String {
    match next {
        Some(next) => format!("; the next free one is {next}: tongbao approve {run} --number next"),
        None => {
            format!(
                "; none is on record yet, give the office's next one: tongbao approve {run} --number {example}"
            )
        }
    }
}
