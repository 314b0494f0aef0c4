//! Sign-off: a person releases a held run, whose documents are made again from its stored tallies.

use jiff::Timestamp;

use super::unit_extracts::ExtractParts;
use super::{Comparison, Engine, RunError, RunOutcome, RunRecord, mail};
use crate::config::settings::HeadStyle;
use crate::ranking::results::Results;
use crate::report::json;
use crate::report::model::{DecisionModel, Issue, WaitingModel};
use crate::report::wording;
use crate::store::amendments::in_force;
use crate::store::commit::Release;
use crate::store::outbox::Purpose;
use crate::store::runs::Run;
use crate::store::states::RunState;
use crate::store::{Store, StoreError};

/// A person's release of a held run.
#[derive(Debug, Clone, Default)]
pub struct ReleaseDecision {
    /// Who decides.
    pub by: String,
    /// 发文字号 or 期号, given at this moment: whole, its serial alone, or `next`.
    pub number: Option<String>,
    /// 第几轮 of an acceptance, given at this moment.
    pub round: Option<u32>,
    /// Releases the run even though a later one of its schedule has been released.
    pub out_of_order: bool,
    /// Releases the run without mailing it.
    pub no_send: bool,
}

impl Engine {
    /// Releases a held run: its documents are made again from its stored tallies under the rules that it was made
    /// by, now with their number and without the mark of a draft, and go into the outbox.
    pub async fn approve(
        &self,
        store: &Store,
        run: &Run,
        decision: &ReleaseDecision,
        now: Timestamp,
    ) -> Result<RunOutcome, RunError> {
        if !run.is_waiting() {
            return Err(StoreError::not_held(run).into());
        }
        let rules = self.rules_of(store, run).await?;
        rules.engine().unwrap_or(self).release(store, run, decision, now).await
    }

    async fn release(
        &self,
        store: &Store,
        run: &Run,
        decision: &ReleaseDecision,
        now: Timestamp,
    ) -> Result<RunOutcome, RunError> {
        let period = run.period()?;
        let mut recomputed = self.as_held(store, run).await?;
        let report = recomputed.report;
        // What it says of earlier runs has to be true on the day of its release.
        let against = run.against.filter(|_| run.against_given);
        let Comparison { before, changed } = recomputed.earlier.compared(against).await?;
        let previous = before.as_ref().map(|(_, results)| results);
        recomputed.results = Results::new(&recomputed.snapshot, period, self.rules(), previous);
        recomputed.results.changed = changed;
        let date = self.today(now);
        let given = decision.round.or(run.round_given.then_some(run.round as u32));
        let number = self.released_number(store, report, run, decision, date).await?;
        let issue = Issue {
            date,
            number: number.as_ref().map(|number| number.text.clone()),
            round: self.round(&recomputed.earlier, report, given, period).await?.number,
            held: Vec::new(),
            late_since: run.late_since.clone(),
        };
        let history = store.amendments(run.id).await?;
        let amendments = in_force(&history);
        let mut made = self.make(recomputed.context(&issue, now, &amendments), now).await?;
        let results = recomputed.results;
        made.composition.model.report.link = self.page_of(run.id);
        let deliveries = match run.no_send || decision.no_send {
            true => Vec::new(),
            false => {
                let corrections = store.corrections(run.id).await?;
                let parts = ExtractParts {
                    engine: self,
                    report,
                    results: &results,
                    trend: &made.trend,
                    issue: &issue,
                    corrections: &corrections,
                    now,
                };
                mail::prepare(&parts, &made, Purpose::Report, &mail_identity(run, &issue))?
            }
        };
        let release = Release {
            run: run.id,
            number: number.as_ref(),
            by: &decision.by,
            against: before.as_ref().map(|(id, _)| *id),
            round: issue.round,
            round_given: given.is_some(),
            out_of_order: decision.out_of_order,
            figures: &json::figures(&results, &self.settings.indicators),
            documents: &made.documents,
            deliveries: &deliveries,
        };
        store.approve(&release, now).await?;
        Ok(RunOutcome {
            run: Some(run.id),
            period,
            held: Vec::new(),
            late_since: run.late_since.clone(),
            documents: made.documents,
            previews: Vec::new(),
            results,
            mismatches: Vec::new(),
            remarks: Vec::new(),
        })
    }

    /// What a held run asks of a person, for its draft.
    pub(super) async fn decision(
        &self,
        store: &Store,
        record: &RunRecord<'_>,
        id: i64,
    ) -> Result<DecisionModel, RunError> {
        let RunRecord { report, number, issue, .. } = *record;
        let next = match number {
            Some(number) => Some(number.clone()),
            None => self.next_number(store, report, issue.date).await?,
        };
        let waiting = store.held_runs().await?.into_iter().map(|run| {
            let period =
                run.period().map(|period| wording::period(period, report.language)).unwrap_or_default();
            WaitingModel { run: run.id, report: run.report, period }
        });
        Ok(DecisionModel {
            run: id,
            next_number: next.map(|next| next.text),
            needs_number: number.is_none() && report.head == HeadStyle::Official,
            waiting: waiting.collect(),
        })
    }
}

/// Tells the mails of a release from those of every other run, and from those that went out with the draft
/// of a run that an earlier version released without a number.
fn mail_identity(run: &Run, issue: &Issue) -> String {
    match (run.state, &issue.number) {
        (RunState::Done, Some(number)) => format!("{}/{number}", run.identity()),
        _ => run.identity().to_owned(),
    }
}
