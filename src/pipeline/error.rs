//! What can end a run.

use jiff::civil::Date;

use crate::delivery::message::MessageError;
use crate::render::fonts::FontError;
use crate::render::pdf::PdfError;
use crate::render::templates::TemplateError;
use crate::render::workbook::WorkbookError;
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
    #[error("the picture of a chart cannot be written: {0}")]
    Picture(std::io::Error),
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error("there is no report \"{name}\"; configured: {known}")]
    NoSuchReport { name: String, known: String },
    #[error("the period is reversed: {from} lies after {to}")]
    Reversed { from: Date, to: Date },
    #[error("{report} has no finished day to report on yet; give --from and --to")]
    NothingFinished { report: String },
    #[error("the tally stopped unexpectedly; the log has the reason")]
    TallyStopped,
    #[error("cannot write to {path}: {source}")]
    Output { path: String, source: std::io::Error },
    #[error(
        "run {run} is a 公文 without a number; give one: tongbao approve {run} --number 荔街〔2016〕60号"
    )]
    NumberNeeded { run: i64 },
    #[error(
        "the definitions have changed since run {run} was held, so its figures would too; reject it and run the report again"
    )]
    DefinitionsChanged { run: i64 },
}
