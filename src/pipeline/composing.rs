//! Compose and render: what a run says, and the documents it is made into.

use jiff::Timestamp;

use super::earlier_runs::EarlierRuns;
use super::{Engine, RunError, amending, run_documents, trend_points};
use crate::config::settings::Report;
use crate::one_line::one_line;
use crate::ranking::results::Results;
use crate::ranking::snapshot::Snapshot;
use crate::report::compose::compose;
use crate::report::document::Document;
use crate::report::honours::{honours, needs_earlier};
use crate::report::model::{Composition, HonoursModel, Issue};
use crate::report::rechecks::{self, RecheckedUnit};
use crate::report::series::TrendPoint;
use crate::store::amendments::Amendment;
use crate::store::runs::StoredFile;

/// What a run is worded from.
#[derive(Clone, Copy)]
pub(super) struct RunContext<'a> {
    pub report: &'a Report,
    pub snapshot: &'a Snapshot,
    pub results: &'a Results,
    pub earlier: &'a EarlierRuns<'a>,
    pub issue: &'a Issue,
    /// When it is issued: what was on record then is said.
    pub at: Timestamp,
    /// The office's own words in force.
    pub amendments: &'a [&'a Amendment],
}

/// What a run says, before it is rendered.
pub(super) struct WordedReport {
    pub composition: Composition,
    pub document: Document,
    pub trend: Vec<TrendPoint>,
}

/// What a run is made into.
pub(super) struct Rendered {
    pub composition: Composition,
    pub document: Document,
    /// Of the documents, without extension.
    pub name: String,
    pub documents: Vec<StoredFile>,
    pub title: String,
    pub trend: Vec<TrendPoint>,
}

impl Engine {
    /// Words the results and puts an office's own words in.
    pub(super) async fn word(&self, run: RunContext<'_>) -> Result<WordedReport, RunError> {
        let RunContext { report, snapshot, results, earlier, issue, at, amendments } = run;
        let trend = trend_points::points(self, earlier, report, snapshot, results).await?;
        let mut composition = compose(&self.settings, report, results, &trend, issue);
        composition.model.honours = self.honours(earlier, report, results).await?;
        self.add_rechecks(&mut composition, earlier, report, results, at).await?;
        let mut document = self.templates.document(report, &composition)?;
        amending::put(&mut document, amendments)?;
        Ok(WordedReport { composition, document, trend })
    }

    /// Words the results and renders the documents.
    pub(super) async fn make(&self, run: RunContext<'_>, now: Timestamp) -> Result<Rendered, RunError> {
        let RunContext { report, results, issue, .. } = run;
        let WordedReport { composition, document, trend } = self.word(run).await?;
        let name = run_documents::file_name(&self.settings.campaign.name, report, issue, results.period);
        let documents = run_documents::render(self, report, &composition, &document, &name, now)?;
        let title = one_line(&document.head.title);
        Ok(Rendered { composition, document, name, documents, title, trend })
    }

    /// What was found in the latest sample of each unit, as it was on record at an instant; nothing without a store.
    async fn add_rechecks(
        &self,
        composition: &mut Composition,
        earlier: &EarlierRuns<'_>,
        report: &Report,
        results: &Results,
        at: Timestamp,
    ) -> Result<(), RunError> {
        let Some(store) = earlier.store else { return Ok(()) };
        let count = |count: Option<i64>| count.unwrap_or_default().unsigned_abs();
        let recorded = store.rechecks_at(results.period.to, at).await?;
        let found = recorded.into_iter().filter_map(|one| {
            Some(RecheckedUnit {
                cut_off: one.cut_off.parse().ok()?,
                number: one.number.unsigned_abs(),
                population: one.population.unsigned_abs(),
                checked: one.size.unsigned_abs(),
                wrong: count(one.wrong),
                unchecked: count(one.unchecked),
                fields: one.wrong_fields(),
                is_announced: one.list.is_some(),
                unit: one.unit,
                seed: one.seed,
            })
        });
        let words = (&self.settings.indicators, report.language);
        rechecks::add(composition, &found.collect::<Vec<_>>(), results, words);
        Ok(())
    }

    /// Whom the office's rules name, of the released runs of the report; nobody without a store.
    async fn honours(
        &self,
        earlier: &EarlierRuns<'_>,
        report: &Report,
        results: &Results,
    ) -> Result<Option<HonoursModel>, RunError> {
        let rules = &self.settings.honours;
        if earlier.store.is_none() || !rules.is_on() {
            return Ok(None);
        }
        let mut known = Vec::new();
        for at in 0..earlier.runs().len() {
            if !needs_earlier(results, &known, self.rules(), rules) {
                break;
            }
            // What was counted under other definitions is no part of the series.
            let before = earlier.results(at).await?.filter(|before| before.comparable.all_rates);
            let Some(before) = before else { break };
            known.push(before.clone());
        }
        Ok(honours(results, &known, self.rules(), rules, report.language))
    }
}
