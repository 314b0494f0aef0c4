//! Commit: run, tallies, documents and mails in one transaction.

use jiff::Timestamp;

use super::composing::Rendered;
use super::unit_extracts::ExtractParts;
use super::{Engine, Request, RunError, RunOutcome, mail};
use crate::config::settings::Report;
use crate::indicator::correction::CorrectionLists;
use crate::ranking::snapshot::Snapshot;
use crate::report::json;
use crate::report::model::Issue;
use crate::report::number::Number;
use crate::store::commit::NewRun;
use crate::store::input_files::Input;
use crate::store::outbox::Purpose;
use crate::store::pull_mode::PullMode;
use crate::store::runs::Provenance;
use crate::store::{Store, StoreError};

/// What a run is recorded from.
#[derive(Clone, Copy)]
pub(super) struct RunRecord<'a> {
    pub report: &'a Report,
    pub request: &'a Request,
    pub issue: &'a Issue,
    pub number: Option<&'a Number>,
    pub against: Option<i64>,
    pub snapshot: &'a Snapshot,
    pub corrections: &'a CorrectionLists,
    pub inputs: &'a [Input],
    pub pull: Option<PullMode>,
    pub now: Timestamp,
}

impl Engine {
    pub(super) async fn record(
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
        // A slot has one run; ad hoc runs differ by their instant.
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
    pub(super) fn page_of(&self, run: i64) -> Option<String> {
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
