//! The story of a run, a module a step: `plan` what is reported, `pull` the register, compute rates and ranks
//! beside the `earlier_runs` and the `guard`, give a number (`numbering`), word and render (`composing`,
//! `run_documents`, `unit_extracts`), commit run and mails (`recording`, `mail`), send (`sending`).
//! Held runs take its last steps again in `sign_off` and `amending`, the console in `remake`.

mod alerts;
mod amending;
mod code_lists;
mod composing;
mod earlier_runs;
mod encrypted_block;
#[allow(
    missing_docs,
    reason = "the message of a variant says what happened, and its fields are the values of that message"
)]
mod error;
mod first;
mod guard;
mod incremental;
mod input_files;
mod mail;
mod mail_body;
mod numbering;
mod plan;
mod preview;
mod pull;
mod pull_cache;
mod rechecking;
mod recipients;
mod recomputed;
mod recording;
mod remake;
mod request;
mod run_documents;
mod sending;
mod sign_off;
mod source_findings;
mod spill;
mod trend_points;
pub mod unit_extracts;

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::config::settings::{Attachment, Report, Settings};
use crate::fault;
use crate::ranking::input_mismatch::InputMismatch;
use crate::ranking::remark::bending;
use crate::ranking::results::{Results, Rules};
use crate::ranking::snapshot::Snapshot;
use crate::render::fonts::FontSet;
use crate::render::templates::Templates;
use crate::report::sample;
use crate::store::{Store, StoreError};
use composing::{Rendered, RunContext, WordedReport};
use earlier_runs::{Comparison, EarlierRuns};
use numbering::Numbered;
use plan::RunPlan;
use pull::Pulled;
use recording::RunRecord;

pub use alerts::alert;
pub use amending::{Amended, Amending};
pub use code_lists::read_code_lists;
pub use error::RunError;
pub use numbering::perhaps_renamed;
pub use rechecking::UnitKeys;
pub use recipients::add_listed;
pub use remake::Remade;
pub use request::{Progress, Request, RunOutcome};
pub use sending::{DispatchSummary, Sender, dispatch, transport};
pub use sign_off::ReleaseDecision;

/// So often a run is made again that has lost its number to another.
const AGAIN: usize = 4;

/// Everything that is loaded once and used by many runs.
#[derive(Clone)]
pub struct Engine {
    /// The configuration that it was loaded with.
    pub settings: Settings,
    /// Checked against the model when they were loaded.
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

    /// The configured report of this name.
    pub fn report(&self, name: &str) -> Result<&Report, RunError> {
        self.settings.reports.get(name).ok_or_else(|| RunError::NoSuchReport {
            name: name.to_owned(),
            known: self.settings.reports.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// What turns a snapshot into results.
    pub fn rules(&self) -> Rules<'_> {
        let Settings { indicators, scoring, ranking, .. } = &self.settings;
        Rules { indicators, scoring, ranking }
    }

    /// One report, from the database to the outbox. A run that has lost the next number of its count to another one
    /// that was recorded meanwhile is worded and recorded once more, with the number after it.
    pub async fn run(
        &self,
        store: Option<&Store>,
        request: &Request,
        now: Timestamp,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<RunOutcome, RunError> {
        let engine = Box::pin(self.with_current_code_lists()).await?;
        // A run is a large future, which would stand on the stack twice.
        Box::pin(engine.run_under_these(store, request, now, progress)).await
    }

    /// One report by the settings as they are.
    async fn run_under_these(
        &self,
        store: Option<&Store>,
        request: &Request,
        now: Timestamp,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<RunOutcome, RunError> {
        let plan = self.plan(store, request, now).await?;
        let listed = self.listed(store, plan.report).await?;
        let used = self.used(store, request).await?;
        let pulled = self.pull_listing(plan.period.to, now, &listed, &used, progress).await?;
        fault::reach("pulled");
        for _ in 0..AGAIN {
            match self.report_on(store, plan, &pulled).await {
                Err(RunError::Store(StoreError::NumberTaken { .. })) if request.number.is_none() => {}
                ended => return ended,
            }
        }
        self.report_on(store, plan, &pulled).await
    }

    /// Computes, words, renders and records what was pulled.
    async fn report_on(
        &self,
        store: Option<&Store>,
        plan: RunPlan<'_>,
        pulled: &Pulled,
    ) -> Result<RunOutcome, RunError> {
        let RunPlan { report, request, period, now } = plan;
        let Pulled { snapshot, corrections, inputs, mode, .. } = pulled;
        let earlier = self.earlier_runs(store, &report.name, period).await?;
        let Computed { results, against, mismatches, reasons } =
            self.compute(&plan, snapshot, &earlier).await?;
        fault::reach("tallied");
        let Numbered { issue, number } = self.issue(&earlier, &plan, reasons).await?;
        let context = RunContext {
            report,
            snapshot,
            results: &results,
            earlier: &earlier,
            issue: &issue,
            at: now,
            amendments: &[],
        };
        let mut made = self.make(context, now).await?;
        fault::reach("rendered");
        let previews = match request.preview {
            true => preview::files(self, report, &made)?,
            false => Vec::new(),
        };
        let mut outcome = RunOutcome {
            run: None,
            period,
            held: issue.held.clone(),
            late_since: issue.late_since.clone(),
            documents: made.documents.clone(),
            previews,
            results,
            mismatches,
            remarks: bending(snapshot, &self.settings.indicators),
        };
        if let (Some(store), false) = (store, request.dry_run) {
            let number = number.as_ref();
            let (inputs, pull) = (inputs.as_slice(), *mode);
            let issue = &issue;
            let record = RunRecord {
                report,
                request,
                issue,
                number,
                against,
                snapshot,
                corrections,
                inputs,
                pull,
                now,
            };
            outcome.run = Some(self.record(store, record, &outcome, &mut made).await?);
            self.archive_inputs(store).await?;
        }
        Ok(outcome)
    }

    /// Rates and ranks, the run they are compared with, and the reasons to hold them.
    async fn compute(
        &self,
        plan: &RunPlan<'_>,
        snapshot: &Snapshot,
        earlier: &EarlierRuns<'_>,
    ) -> Result<Computed, RunError> {
        let RunPlan { report, request, period, .. } = plan;
        let Comparison { before, changed } = earlier.compared(request.against).await?;
        let previous = before.as_ref().map(|(_, results)| results);
        let mut results = Results::new(snapshot, *period, self.rules(), previous);
        results.changed = changed;
        let mismatches = snapshot.input_mismatches(&self.settings.indicators.coverage);
        let mut reasons = guard::reasons(
            &self.settings,
            report,
            &results,
            previous,
            &mismatches,
            &snapshot.tally.unread.source,
        );
        if let Some(store) = earlier.store {
            reasons.extend(self.other_name(store, report).await?);
        }
        reasons.extend(request.hold.clone());
        Ok(Computed { against: before.map(|(id, _)| id), results, mismatches, reasons })
    }
}

/// The figures of a run.
struct Computed {
    results: Results,
    /// The compared run.
    against: Option<i64>,
    /// What makes figures meaningless.
    mismatches: Vec<InputMismatch>,
    /// Why they are held, as far as figures and history show.
    reasons: Vec<String>,
}
