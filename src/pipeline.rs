//! The story of a run: pull, tally, rate, rank, compose, render, record and enqueue, send.

mod alerts;
mod amending;
mod encrypted_block;
mod error;
mod first;
mod guard;
mod incremental;
mod input_files;
mod mail;
mod mail_body;
mod numbering;
mod preview;
mod pull;
mod pull_cache;
mod recipients;
mod recomputed;
mod remake;
mod run_documents;
mod sending;
mod sign_off;
mod spill;
mod trend_points;
pub mod unit_extracts;

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::config::settings::{Attachment, Report, Settings};
use crate::digest::sha256;
use crate::fault;
use crate::indicator::correction::CorrectionLists;
use crate::ranking::input_mismatch::InputMismatch;
use crate::ranking::remark::{Remark, bending};
use crate::ranking::results::{Results, Rules, Snapshot};
use crate::render::fonts::FontSet;
use crate::render::templates::Templates;
use crate::report::compose::compose;
use crate::report::document::Document;
use crate::report::honours::{honours, needs_earlier};
use crate::report::model::{Composition, HonoursModel, Issue};
use crate::report::number::Number;
use crate::report::series::TrendPoint;
use crate::report::{json, sample};
use crate::schedule::period::Period;
use crate::store::amendments::Amendment;
use crate::store::commit::NewRun;
use crate::store::input_files::Input;
use crate::store::outbox::Purpose;
use crate::store::pull_mode::PullMode;
use crate::store::requests::RequestClaim;
use crate::store::runs::{Provenance, Run, StoredDefinitions, StoredFile};
use crate::store::slots::Claim;
use crate::store::{Store, StoreError};
use numbering::Numbered;
use unit_extracts::ExtractParts;

pub use alerts::alert;
pub use amending::{Amended, Amending};
pub use error::RunError;
use pull::Pulled;

pub use numbering::perhaps_renamed;
pub use recipients::add_listed;
pub use remake::Remade;
pub use sending::{DispatchSummary, Sender, dispatch, transport};
pub use sign_off::ReleaseDecision;

/// So often a run is made again that has lost its number to another.
const AGAIN: usize = 4;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub report: String,
    pub from: Option<Date>,
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

/// What became of it.
#[derive(Debug)]
pub struct RunOutcome {
    /// `None` for a dry run.
    pub run: Option<i64>,
    pub period: Period,
    pub held: Vec<String>,
    /// When it was due, if it comes late.
    pub late_since: Option<String>,
    pub documents: Vec<StoredFile>,
    /// The mail and the charts, if asked for; never recorded.
    pub previews: Vec<StoredFile>,
    pub results: Results,
    /// What makes figures meaningless, with the place to mend; the run is held for it.
    pub misfits: Vec<InputMismatch>,
    /// What was not understood; the run is held where it is too much.
    pub remarks: Vec<Remark>,
}

/// Everything that is loaded once and used by many runs.
pub struct Engine {
    pub settings: Settings,
    pub templates: Arc<Templates>,
    fonts: Arc<OnceLock<FontSet>>,
}

impl Engine {
    /// Compiles the templates and checks that each report has its own.
    pub fn new(settings: Settings) -> Result<Engine, RunError> {
        let engine = Engine::for_figures(settings)?;
        for report in engine.settings.reports.values() {
            let samples = sample::compositions(&engine.settings, report);
            engine.templates.check(report, &samples)?;
            if report.attach.contains(&Attachment::Summary) {
                engine.templates.check(&run_documents::summary_page(report), &samples)?;
            }
            if !unit_extracts::listed(&engine.settings, report).is_empty() {
                engine.templates.check(&unit_extracts::own_page(report), &samples)?;
            }
        }
        Ok(engine)
    }

    /// For figures without documents, which need no template that works.
    pub fn for_figures(settings: Settings) -> Result<Engine, RunError> {
        let templates = Arc::new(Templates::load(&settings.templates_dir)?);
        Ok(Engine { settings, templates, fonts: Arc::default() })
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

    /// One report, from the database to the outbox. A run that has lost the next number of its count to another one
    /// that was recorded meanwhile is made again with the number after it.
    pub async fn run(
        &self,
        store: Option<&Store>,
        request: &Request,
        now: Timestamp,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<RunOutcome, RunError> {
        for _ in 0..AGAIN {
            match self.run_once(store, request, now, &mut progress).await {
                Err(RunError::Store(StoreError::NumberTaken { .. })) if request.number.is_none() => {}
                ended => return ended,
            }
        }
        self.run_once(store, request, now, progress).await
    }

    async fn run_once(
        &self,
        store: Option<&Store>,
        request: &Request,
        now: Timestamp,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<RunOutcome, RunError> {
        let report = self.report(&request.report)?;
        let period = self.period(report, request, now, store).await?;
        self.must_be_meant(request, period, now)?;
        let mut listed = unit_extracts::listed(&self.settings, report);
        if let Some(store) = store {
            // Those who answer for a unit in the console get its correction list there.
            listed.extend(store.units_of_people().await?);
            listed.sort();
            listed.dedup();
        }
        let used = self.used(store, request).await?;
        let Pulled { snapshot, corrections, inputs, mode } =
            self.pull_listing(period.to, now, &listed, &used, progress).await?;
        fault::reach("pulled");
        let Comparison { before, not_compared } =
            self.compared(store, &report.name, request.against, period).await?;
        let previous = before.as_ref().map(|(_, results)| results);
        let mut results = Results::new(&snapshot, period, self.rules(), previous);
        results.not_compared = not_compared;
        fault::reach("tallied");
        let misfits = snapshot.misfits(&self.settings.indicators.coverage);
        let mut held = guard::reasons(&self.settings, report, &results, previous, &misfits);
        if let Some(store) = store {
            held.extend(self.other_name(store, report).await?);
        }
        held.extend(request.hold.clone());
        let Numbered { issue, number } = self.issue(store, report, request, period, held, now).await?;
        let held = issue.held.clone();
        let context = RunContext {
            store,
            report,
            snapshot: &snapshot,
            results: &results,
            issue: &issue,
            amendments: &[],
        };
        let mut made = self.make(context, now).await?;
        fault::reach("rendered");
        let previews = match request.preview {
            true => preview::files(self, report, &made)?,
            false => Vec::new(),
        };
        let documents = made.documents.clone();
        let late_since = issue.late_since.clone();
        let remarks = bending(&snapshot);
        let mut outcome = RunOutcome {
            run: None,
            period,
            held,
            late_since,
            documents,
            previews,
            results,
            misfits,
            remarks,
        };
        if let (Some(store), false) = (store, request.dry_run) {
            let against = before.as_ref().map(|(id, _)| *id);
            let record = RunRecord {
                report,
                request,
                issue: &issue,
                number: number.as_ref(),
                against,
                snapshot: &snapshot,
                corrections: &corrections,
                inputs: &inputs,
                pull: mode,
                now,
            };
            outcome.run = Some(self.record(store, record, &outcome, &mut made).await?);
            self.archive_inputs(store).await?;
        }
        Ok(outcome)
    }

    /// Words the results and puts an office's own words in.
    async fn word(&self, run: RunContext<'_>) -> Result<Worded, RunError> {
        let RunContext { store, report, snapshot, results, issue, amendments } = run;
        let trend = trend_points::points(self, store, report, snapshot, results).await?;
        let mut composition = compose(&self.settings, report, results, &trend, issue);
        composition.model.honours = self.honours(store, report, results).await?;
        let mut document = self.templates.document(report, &composition)?;
        amending::put(&mut document, amendments)?;
        Ok(Worded { composition, document, trend })
    }

    /// Words the results and renders the documents.
    async fn make(&self, run: RunContext<'_>, now: Timestamp) -> Result<Rendered, RunError> {
        let RunContext { report, results, issue, .. } = run;
        let Worded { composition, document, trend } = self.word(run).await?;
        let name = run_documents::file_name(&self.settings.campaign.name, report, issue, results.period);
        let documents = run_documents::render(self, report, &composition, &document, &name, now)?;
        let title = document.head.title.replace('\n', "");
        Ok(Rendered { composition, document, name, documents, title, trend })
    }

    /// Whom the office's rules name, of the released runs of the report; nobody without a store.
    async fn honours(
        &self,
        store: Option<&Store>,
        report: &Report,
        results: &Results,
    ) -> Result<Option<HonoursModel>, RunError> {
        let rules = &self.settings.honours;
        let Some(store) = store.filter(|_| rules.is_on()) else { return Ok(None) };
        let mut earlier = Vec::new();
        for run in store.series(&report.name, results.period.to, i64::MAX).await? {
            // What was counted under other definitions is no part of the series.
            if !needs_earlier(results, &earlier, self.rules(), rules)
                || run.is_pruned
                || !self.has_same_definitions(store, &run).await?
            {
                break;
            }
            earlier.push(self.results_of(store, &run).await?);
        }
        Ok(honours(results, &earlier, self.rules(), rules, report.language))
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
            Some(store) => store.reported_until(&report.name, due).await?,
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

    /// Refuses a period that is asked for by mistake: one that has not ended, or that lies outside the campaign.
    fn must_be_meant(&self, request: &Request, period: Period, now: Timestamp) -> Result<(), RunError> {
        if request.future || request.claim.is_some() {
            return Ok(());
        }
        let today = self.today(now);
        if period.to > today {
            return Err(RunError::Future { to: period.to, today });
        }
        let phases = &self.settings.campaign.phases;
        match (phases.first(), phases.last()) {
            (Some(first), Some(last)) if period.to < first.from || period.from > last.to => {
                let (from, to) = (period.from, period.to);
                Err(RunError::OutsideCampaign { from, to, first: first.from, last: last.to })
            }
            _ => Ok(()),
        }
    }

    /// The compared run, recomputed from its stored tallies under the rules in use: the one asked for, or the
    /// released one of the report with the nearest earlier cut-off, unless it was made under other definitions.
    async fn compared(
        &self,
        store: Option<&Store>,
        report: &str,
        against: Option<i64>,
        period: Period,
    ) -> Result<Comparison, RunError> {
        let Some(store) = store else { return Ok(Comparison::default()) };
        let run = match against {
            Some(id) => Some(store.run(id).await?),
            None => nearest(store, report, period).await?,
        };
        let Some(run) = run else { return Ok(Comparison::default()) };
        match (self.has_same_definitions(store, &run).await?, against) {
            (true, None) if run.is_pruned => {
                // Runs that a wrong clock has dated ahead keep theirs instead. A person may name another run.
                tracing::warn!(
                    report,
                    run = run.id,
                    "not compared: the counts of the run before are no longer kept"
                );
                Ok(Comparison::default())
            }
            (true, _) => {
                let results = self.results_of(store, &run).await?;
                Ok(Comparison { before: Some((run.id, results)), not_compared: None })
            }
            (false, None) => Ok(Comparison { before: None, not_compared: Some(run.period()?) }),
            (false, Some(_)) => Err(RunError::OtherDefinitions { run: run.id }),
        }
    }

    /// The period of the run that a report would be compared with, if it was made under other definitions.
    async fn not_compared(
        &self,
        store: &Store,
        report: &str,
        period: Period,
    ) -> Result<Option<Period>, RunError> {
        match nearest(store, report, period).await? {
            Some(run) if !self.has_same_definitions(store, &run).await? => Ok(Some(run.period()?)),
            _ => Ok(None),
        }
    }

    /// Whether a run was made under the own definitions that are in use now. What they count has no other
    /// meaning then.
    async fn has_same_definitions(&self, store: &Store, run: &Run) -> Result<bool, RunError> {
        Ok(self.has_definitions_of(&store.provenance(run.id).await?))
    }

    fn has_definitions_of(&self, provenance: &Provenance) -> bool {
        let digest = |definitions: &StoredDefinitions| definitions.digest.clone();
        provenance.definitions.as_ref().map(digest) == self.definitions().as_ref().map(digest)
    }

    /// The own definitions in use.
    fn definitions(&self) -> Option<StoredDefinitions> {
        let text = self.settings.indicators.own_text()?;
        Some(StoredDefinitions { digest: sha256(text.as_bytes()), text })
    }

    /// The results of a recorded run.
    pub async fn results_of(&self, store: &Store, run: &Run) -> Result<Results, RunError> {
        let snapshot = store.snapshot(run.id).await?;
        Ok(Results::new(&snapshot, run.period()?, self.rules(), None))
    }

    async fn record(
        &self,
        store: &Store,
        record: RunRecord<'_>,
        outcome: &RunOutcome,
        made: &mut Rendered,
    ) -> Result<i64, RunError> {
        let is_held = !outcome.held.is_empty();
        if !is_held && self.page_of(0).is_none() {
            return self.record_as(store, record, outcome, made, None).await;
        }
        // Drafts and links say which run it is, so the number of the run has to be known before it is recorded.
        loop {
            let id = store.next_run().await?;
            let model = &mut made.composition.model.report;
            model.link = self.page_of(id);
            if is_held {
                model.decision = Some(self.decision(store, &record, id).await?);
            }
            match self.record_as(store, record, outcome, made, Some(id)).await {
                Err(RunError::Store(StoreError::RunTaken)) => {}
                result => return result,
            }
        }
    }

    async fn record_as(
        &self,
        store: &Store,
        record: RunRecord<'_>,
        outcome: &RunOutcome,
        made: &Rendered,
        id: Option<i64>,
    ) -> Result<i64, RunError> {
        let RunRecord { report, request, issue, number, against, snapshot, corrections, inputs, pull, now } =
            record;
        // A slot has one run; ad hoc runs are told apart by their instant.
        let identity = request.claim.as_ref().map_or(now, |claim| claim.slot.instant).to_string();
        let purpose = if outcome.held.is_empty() { Purpose::Report } else { Purpose::Draft };
        let deliveries = match request.no_send || request.hold.is_some() {
            true => Vec::new(),
            false => {
                let (results, trend) = (&outcome.results, made.trend.as_slice());
                let parts = ExtractParts { engine: self, report, results, trend, issue, corrections, now };
                mail::prepare(&parts, made, purpose, &identity)?
            }
        };
        let new = NewRun {
            id,
            report: &report.name,
            kind: report.kind.folder(),
            claim: request.claim.as_ref(),
            period: outcome.period,
            held: &outcome.held,
            number,
            round: issue.round,
            round_given: request.round.is_some(),
            against,
            against_given: request.against.is_some(),
            late_since: issue.late_since.as_deref(),
            verdict: outcome.results.verdict,
            no_send: request.no_send,
            asked: request.asked,
            snapshot,
            corrections,
            inputs,
            records: outcome.results.all_records(),
            figures: &json::figures(&outcome.results, &self.settings.indicators),
            provenance: &self.provenance(pull)?,
            documents: &outcome.documents,
            deliveries: &deliveries,
        };
        Ok(store.record(&new, now).await?)
    }

    /// The page of a run in the console, as mails name it.
    fn page_of(&self, run: i64) -> Option<String> {
        self.settings.console.link(&format!("/runs/{run}"))
    }

    fn provenance(&self, pull: Option<PullMode>) -> Result<Provenance, RunError> {
        Ok(Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            configuration: self.settings.hash.clone(),
            templates: self.templates.hash.clone(),
            fonts: self.fonts()?.digests()?,
            definitions: self.definitions(),
            deciding: Some(self.settings.deciding.clone()),
            pull,
        })
    }
}

/// The released run of a report with the nearest earlier cut-off.
async fn nearest(store: &Store, report: &str, period: Period) -> Result<Option<Run>, RunError> {
    Ok(store.series(report, period.to, 1).await?.into_iter().next())
}

/// What a run is compared with.
#[derive(Default)]
struct Comparison {
    before: Option<(i64, Results)>,
    /// The period of the run before, where it is not compared because the definitions have changed since.
    not_compared: Option<Period>,
}

/// What a run is worded from. Without a store nothing earlier is known.
#[derive(Clone, Copy)]
struct RunContext<'a> {
    store: Option<&'a Store>,
    report: &'a Report,
    snapshot: &'a Snapshot,
    results: &'a Results,
    issue: &'a Issue,
    /// The office's own words in force.
    amendments: &'a [&'a Amendment],
}

/// What a run says, before it is rendered.
struct Worded {
    composition: Composition,
    document: Document,
    trend: Vec<TrendPoint>,
}

/// What a run is made into.
struct Rendered {
    composition: Composition,
    document: Document,
    /// Of the documents, without extension.
    name: String,
    documents: Vec<StoredFile>,
    title: String,
    trend: Vec<TrendPoint>,
}

/// What a run is recorded from.
#[derive(Clone, Copy)]
struct RunRecord<'a> {
    report: &'a Report,
    request: &'a Request,
    issue: &'a Issue,
    number: Option<&'a Number>,
    against: Option<i64>,
    snapshot: &'a Snapshot,
    corrections: &'a CorrectionLists,
    inputs: &'a [Input],
    pull: Option<PullMode>,
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
