//! What can end a run.

use jiff::civil::Date;
use tongbao_message::{Message, Worded, message};

use crate::delivery::message::MessageError;
use crate::register::unit::Units;
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
#[derive(Debug, thiserror::Error, Worded)]
pub enum RunError {
    #[message(transparent)]
    Source(#[from] SourceError),
    #[message(transparent)]
    Store(#[from] StoreError),
    #[message(transparent)]
    Template(#[from] TemplateError),
    #[message(transparent)]
    Font(#[from] FontError),
    #[message(transparent)]
    Pdf(#[from] PdfError),
    #[message(transparent)]
    Docx(#[from] DocxError),
    Picture(std::io::Error),
    #[message(transparent)]
    Workbook(#[from] WorkbookError),
    #[message(transparent)]
    Message(#[from] MessageError),
    NoSuchReport {
        name: String,
        known: String,
    },
    TooManyExceptions {
        listed: u64,
    },
    /// The lists hold what the configuration cannot be read with.
    CodeLists {
        problem: Message,
    },
    /// Settings that were made without a look at the lists.
    UnreadCodeLists,
    NoSuchUnit {
        /// As it was asked for.
        unit: String,
        /// The unit that may be meant, as a question.
        meant: Message,
    },
    RecordsWithoutKey {
        records: u64,
    },
    Reversed {
        from: Date,
        to: Date,
    },
    Future {
        to: Date,
        today: Date,
    },
    OutsideCampaign {
        from: Date,
        to: Date,
        first: Date,
        last: Date,
    },
    NothingFinished {
        report: String,
    },
    TallyStopped,
    Output {
        path: String,
        source: std::io::Error,
    },
    #[message(proposal = proposal(run, next, example))]
    NumberNeeded {
        run: i64,
        next: Option<String>,
        example: String,
    },
    NoNumberYet {
        year: i16,
    },
    #[message(transparent)]
    Number(NumberError),
    #[message(transparent)]
    Amendment(#[from] AmendmentError),
    AmendedText(MarkdownError),
    AmendedSectionGone {
        section: String,
    },
    NotAmendable {
        run: i64,
        report: String,
        from: String,
        to: String,
    },
    DefinitionsChanged {
        run: i64,
    },
    OtherDefinitions {
        run: i64,
    },
}

/// The command that releases a run under the next free number, where one can be counted on.
fn proposal(run: &i64, next: &Option<String>, example: &str) -> Message {
    match next {
        Some(next) => message!("number-proposal", next, run),
        None => message!("number-none-yet", run, example),
    }
}

impl RunError {
    /// No unit is named so; the message names the one that is written most like it.
    pub(crate) fn no_such_unit(unit: &str, units: &Units) -> RunError {
        let meant = units.nearest(unit);
        let meant = meant.map(|unit| message!("meant-unit", code = unit.code, name = unit.name));
        RunError::NoSuchUnit { unit: unit.to_owned(), meant: meant.unwrap_or_default() }
    }
}
