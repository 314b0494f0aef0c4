//! The story of a run: pull, tally, rate, rank, compose, render, record and enqueue, send.

mod guard;
mod mail;
mod output;
mod overflow;
mod pull;
mod trend;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::config::settings::{Report, Settings};
use crate::delivery::message::MessageError;
use crate::ranking::results::{Results, Rules, Snapshot};
use crate::render::fonts::{FontError, FontSet};
use crate::render::pdf::PdfError;
use crate::render::templates::{TemplateError, Templates};
use crate::render::workbook::WorkbookError;
use crate::report::compose::compose;
use crate::report::json;
use crate::report::model::{Composition, Issue};
use crate::schedule::period::Period;
use crate::source::SourceError;
use crate::store::outbox::NewDelivery;
use crate::store::runs::{NewRun, Provenance, StoredFile};
use crate::store::{Store, StoreError};
pub use mail::{Sent, dispatch, transport};

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
    Workbook(#[from] WorkbookError),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error(
        "held: the register is empty up to {to}; nothing is printed or sent. check source.register and the period"
    )]
    EmptyRegister { to: Date },
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
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub report: String,
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// The run to compare with, instead of the schedule's previous one.
    pub against: Option<i64>,
    /// The slot this run fills; `None` = ad hoc.
    pub slot: Option<Timestamp>,
    /// 发文字号, given by a person.
    pub number: Option<String>,
    /// Neither record nor send.
    pub dry_run: bool,
    /// Record, but send nothing.
    pub no_send: bool,
}

/// What became of it.
#[derive(Debug)]
pub struct Outcome {
    /// `None` for a dry run.
    pub run: Option<i64>,
    pub period: Period,
    pub held: Vec<String>,
    pub documents: Vec<StoredFile>,
    pub results: Results,
}

/// Everything that is loaded once and used by many runs.
pub struct Engine {
    pub settings: Settings,
    pub templates: Templates,
    fonts: std::sync::OnceLock<FontSet>,
}

impl Engine {
    /// Compiles the templates and checks that each report has its own.
    pub fn new(settings: Settings) -> Result<Engine, RunError> {
        let templates = Templates::load(&settings.templates_dir)?;
        for report in settings.reports.values() {
            templates.require(report.kind.folder())?;
        }
        Ok(Engine { settings, templates, fonts: std::sync::OnceLock::new() })
    }

    /// The fonts, parsed when they are first needed.
    pub fn fonts(&self) -> Result<&FontSet, RunError> {
        if let Some(fonts) = self.fonts.get() {
            return Ok(fonts);
        }
        let loaded = FontSet::load(&self.settings.fonts)?;
        Ok(self.fonts.get_or_init(|| loaded))
    }

    pub fn report(&self, name: &str) -> Result<&Report, RunError> {
        self.settings.reports.get(name).ok_or_else(|| RunError::NoSuchReport {
            name: name.to_owned(),
            known: self.settings.reports.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    pub fn rules(&self) -> Rules<'_> {
        let Settings { indicators, scoring, ranking, .. } = &self.settings;
        Rules { indicators, scoring, ranking }
    }

    /// One report, from the database to the outbox.
    pub async fn run(
        &self,
        store: Option<&Store>,
        request: &Request,
        now: Timestamp,
        progress: impl FnMut(Progress),
    ) -> Result<Outcome, RunError> {
        let report = self.report(&request.report)?;
        let period = self.period(report, request, now, store).await?;
        let snapshot = self.pull(period.to, now, progress).await?;
        let before = self.compared(store, request, period).await?;
        let previous = before.as_ref().map(|(_, results)| results);
        let results = Results::new(&snapshot, period, self.rules(), previous);
        if results.all_records() == 0 {
            return Err(RunError::EmptyRegister { to: period.to });
        }
        let held = guard::reasons(&self.settings, report, &results, previous);
        let issue = self.issue(store, report, request, period, &held, now).await?;
        let trend = trend::points(self, store, report, &snapshot, &results).await?;
        let composition = compose(&self.settings, report, &results, &trend, &issue);
        let (documents, title) = output::render(self, report, &composition, &issue, period, now)?;
        let mut outcome = Outcome { run: None, period, held, documents, results };
        if let (Some(store), false) = (store, request.dry_run) {
            let against = before.as_ref().map(|(id, _)| *id);
            let record = Record { report, request, issue: &issue, against, snapshot: &snapshot, now };
            outcome.run = Some(self.record(store, record, &outcome, &composition, &title).await?);
        }
        Ok(outcome)
    }

    /// The period asked for, or the one the report's rule names. After the campaign its last period
    /// is meant, not an empty one of today.
    async fn period(
        &self,
        report: &Report,
        request: &Request,
        now: Timestamp,
        store: Option<&Store>,
    ) -> Result<Period, RunError> {
        let phases = &self.settings.campaign.phases;
        let today = now.to_zoned(self.settings.campaign.time_zone.clone()).date();
        let due = phases.last().and_then(|last| last.to.tomorrow().ok()).map_or(today, |end| today.min(end));
        let last_to = match store {
            Some(store) => {
                store.series(&report.name, due, 1).await?.first().and_then(|run| run.to.parse().ok())
            }
            None => None,
        };
        let by_rule = Period::of(report.period, due, phases, last_to);
        let (from, to) = match (request.from, request.to, by_rule) {
            (Some(from), Some(to), _) => (from, to),
            (Some(from), None, _) => (from, due.yesterday().unwrap_or(due)),
            (None, Some(to), _) => {
                (phases.first().map_or(to.first_of_year(), |first| first.from.min(to)), to)
            }
            (None, None, Some(period)) => return Ok(period),
            (None, None, None) => return Err(RunError::NothingFinished { report: report.name.clone() }),
        };
        Period::new(from, to).ok_or(RunError::Reversed { from, to })
    }

    /// The compared run, recomputed from its stored tallies under the rules in use.
    async fn compared(
        &self,
        store: Option<&Store>,
        request: &Request,
        period: Period,
    ) -> Result<Option<(i64, Results)>, RunError> {
        let Some(store) = store else { return Ok(None) };
        let run = match request.against {
            Some(id) => Some(store.run(id).await?),
            None => store.series(&request.report, period.to, 1).await?.into_iter().next(),
        };
        let Some(run) = run else { return Ok(None) };
        Ok(Some((run.id, self.results_of(store, &run).await?)))
    }

    /// The results of a recorded run.
    pub async fn results_of(
        &self,
        store: &Store,
        run: &crate::store::runs::Run,
    ) -> Result<Results, RunError> {
        let unreadable = || StoreError::Unreadable { run: run.id, what: "a period" };
        let from = run.from.parse().map_err(|_| unreadable())?;
        let to = run.to.parse().map_err(|_| unreadable())?;
        let snapshot = store.snapshot(run.id).await?;
        Ok(Results::new(&snapshot, Period { from, to }, self.rules(), None))
    }

    /// Date and number. Scheduled 简报 count their issues by themselves; 公文 take the number that a
    /// person gives, and are drafts without one.
    async fn issue(
        &self,
        store: Option<&Store>,
        report: &Report,
        request: &Request,
        period: Period,
        held: &[String],
        now: Timestamp,
    ) -> Result<Issue, RunError> {
        let brief = report.head == crate::config::settings::HeadStyle::Brief;
        let mut number = request.number.clone();
        if let (None, true, Some(store), Some(_)) = (&number, brief, store, request.slot) {
            let issued = store.issued_in(&report.name, period.to.year()).await?;
            number = Some(format!("第{}期", issued + 1));
        }
        let round = match store {
            Some(store) => {
                store.series(&report.name, period.to.tomorrow().unwrap_or(period.to), 1_000).await?.len()
            }
            None => 0,
        };
        let zone = self.settings.campaign.time_zone.clone();
        Ok(Issue {
            date: now.to_zoned(zone).date(),
            number,
            round: round as u32 + 1,
            held: held.to_vec(),
            late_since: None,
        })
    }

    async fn record(
        &self,
        store: &Store,
        record: Record<'_>,
        outcome: &Outcome,
        composition: &Composition,
        title: &str,
    ) -> Result<i64, RunError> {
        let Record { report, request, issue, against, snapshot, now } = record;
        let deliveries = match (request.no_send, outcome.held.is_empty()) {
            (false, true) => mail::prepare(self, report, composition, title, &outcome.documents, now)?,
            _ => Vec::<NewDelivery>::new(),
        };
        let new = NewRun {
            report: &report.name,
            kind: report.kind.folder(),
            slot: request.slot,
            period: outcome.period,
            held: &outcome.held,
            number: issue.number.as_deref(),
            round: issue.round,
            against,
            snapshot,
            records: outcome.results.all_records(),
            figures: &json::figures(&outcome.results, &self.settings.indicators),
            provenance: &self.provenance()?,
            documents: &outcome.documents,
            deliveries: &deliveries,
        };
        Ok(store.record(&new, now).await?)
    }

    fn provenance(&self) -> Result<Provenance, RunError> {
        Ok(Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            configuration: self.settings.hash.clone(),
            templates: self.templates.hash.clone(),
            fonts: self.fonts()?.digests(),
        })
    }
}

/// What a run is recorded from.
struct Record<'a> {
    report: &'a Report,
    request: &'a Request,
    issue: &'a Issue,
    against: Option<i64>,
    snapshot: &'a Snapshot,
    now: Timestamp,
}

/// How far a pull has come.
#[derive(Debug, Clone, Copy)]
pub enum Progress {
    /// The database's estimate of the records to come.
    Expected(Option<u64>),
    /// Further records read.
    Read(u64),
    Done,
}
