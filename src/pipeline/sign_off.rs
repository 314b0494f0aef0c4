//! Sign-off: a person releases a held run, whose documents are made again from its stored tallies.

use jiff::Timestamp;

use super::burst::Parts;
use super::{Engine, Outcome, RunError, mail};
use crate::ranking::results::Results;
use crate::report::json;
use crate::report::model::Issue;
use crate::store::outbox::Purpose;
use crate::store::record::Release;
use crate::store::runs::Run;
use crate::store::{Store, StoreError};

/// A person's release of a held run.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Who decides.
    pub by: String,
    /// 发文字号, given at this moment.
    pub number: Option<String>,
    pub no_send: bool,
}

impl Engine {
    /// Releases a held run: its documents are made again from its stored tallies, now with their
    /// number and without the mark of a draft, and go into the outbox.
    pub async fn approve(
        &self,
        store: &Store,
        run: &Run,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<Outcome, RunError> {
        let report = self.report(&run.report)?;
        if run.state != "held" {
            return Err(StoreError::not_held(run).into());
        }
        let period = run.period()?;
        let snapshot = store.snapshot(run.id).await?;
        let before = match run.against {
            Some(id) => Some(self.results_of(store, &store.run(id).await?).await?),
            None => None,
        };
        let results = Results::new(&snapshot, period, self.rules(), before.as_ref());
        if json::figures(&results, &self.settings.indicators) != store.details(run.id).await?.0 {
            return Err(RunError::DefinitionsChanged { run: run.id });
        }
        let number = self.released_number(store, report, run, decision).await?;
        let issue = Issue {
            date: self.today(now),
            number,
            round: run.round as u32,
            held: Vec::new(),
            late_since: run.late_since.clone(),
        };
        let made = self.make(Some(store), report, &snapshot, &results, &issue, now).await?;
        let deliveries = match run.no_send || decision.no_send {
            true => Vec::new(),
            false => {
                let corrections = store.corrections(run.id).await?;
                let parts = Parts {
                    engine: self,
                    report,
                    results: &results,
                    trend: &made.trend,
                    issue: &issue,
                    corrections: &corrections,
                    now,
                };
                mail::prepare(&parts, &made, Purpose::Report, run.identity())?
            }
        };
        let release = Release {
            run: run.id,
            number: issue.number.as_deref(),
            by: &decision.by,
            documents: &made.documents,
            deliveries: &deliveries,
        };
        store.approve(&release, now).await?;
        Ok(Outcome {
            run: Some(run.id),
            period,
            held: Vec::new(),
            documents: made.documents,
            previews: Vec::new(),
            results,
            misfits: Vec::new(),
            remarks: Vec::new(),
        })
    }
}
