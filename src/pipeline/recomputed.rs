//! A recorded run computed again from its stored tallies: what amendments, sign-off and the console start from.

use jiff::Timestamp;

use super::earlier_runs::EarlierRuns;
use super::{Engine, RunContext, RunError};
use crate::config::settings::Report;
use crate::ranking::results::{Results, Snapshot};
use crate::report::json;
use crate::report::model::Issue;
use crate::store::amendments::Amendment;
use crate::store::runs::Run;
use crate::store::states::RunState;
use crate::store::{Store, StoreError};

/// A run with the results that its stored tallies give under the rules in use.
pub(super) struct Recomputed<'a> {
    pub report: &'a Report,
    pub snapshot: Snapshot,
    pub results: Results,
    pub earlier: EarlierRuns<'a>,
    /// Whether these are the figures that were printed.
    pub agrees: bool,
}

impl Recomputed<'_> {
    /// What it is worded from when it is issued at an instant, with an office's own words.
    pub(super) fn context<'a>(
        &'a self,
        issue: &'a Issue,
        at: Timestamp,
        amendments: &'a [&'a Amendment],
    ) -> RunContext<'a> {
        let Recomputed { report, snapshot, results, earlier, .. } = self;
        RunContext { report, snapshot, results, earlier, issue, at, amendments }
    }
}

impl Engine {
    pub(super) async fn recomputed<'a>(
        &'a self,
        store: &'a Store,
        run: &Run,
    ) -> Result<Recomputed<'a>, RunError> {
        let report = self.report(&run.report)?;
        let snapshot = store.snapshot(run.id).await?;
        let period = run.period()?;
        let earlier = self.earlier_runs(Some(store), &report.name, period).await?;
        let before = match run.against {
            Some(id) => Some(earlier.results_of(store, id).await?),
            None => None,
        };
        let mut results = Results::new(&snapshot, period, self.rules(), before.as_ref());
        if before.is_none() {
            results.not_compared = earlier.not_compared().await?;
        }
        // Under other own definitions the counters have another meaning, whatever the figures come to.
        let (figures, provenance) = store.details(run.id).await?;
        let agrees = self.has_definitions_of(&provenance)
            && json::figures(&results, &self.settings.indicators) == figures;
        Ok(Recomputed { report, snapshot, results, earlier, agrees })
    }

    /// The program under the rules that a held run was made by, where they are others than today's.
    pub(super) async fn under_rules_of(&self, store: &Store, run: &Run) -> Result<Option<Engine>, RunError> {
        let deciding = store.provenance(run.id).await?.deciding;
        let Some(deciding) = deciding.filter(|deciding| *deciding != self.settings.deciding) else {
            return Ok(None);
        };
        match self.settings.under(&deciding) {
            // Neither templates nor fonts are among what decides figures.
            Ok(settings) => {
                let (templates, fonts) = (self.templates.clone(), self.fonts.clone());
                Ok(Some(Engine { settings, templates, fonts }))
            }
            Err(problem) => {
                tracing::warn!("the rules of run {} cannot be read any more: {problem}", run.id);
                Ok(None)
            }
        }
    }

    /// A run with the figures that it was held with. Fails where today's definitions give others.
    pub(super) async fn as_held<'a>(
        &'a self,
        store: &'a Store,
        run: &Run,
    ) -> Result<Recomputed<'a>, RunError> {
        let held = self.recomputed(store, run).await?;
        if held.agrees { Ok(held) } else { Err(RunError::DefinitionsChanged { run: run.id }) }
    }

    /// What was issued with a run at an instant, or drafted if it was not released.
    pub(super) fn issue_of(&self, run: &Run, at: Timestamp) -> Issue {
        Issue {
            date: self.today(at),
            number: run.number.clone(),
            round: run.round as u32,
            held: if run.state == RunState::Approved { Vec::new() } else { run.held.clone() },
            late_since: run.late_since.clone(),
        }
    }
}

/// When a run was issued: at its release, or recorded.
pub(super) fn issued_at(run: &Run) -> Result<Timestamp, StoreError> {
    let decided = run.decided_at.as_ref().filter(|_| run.state == RunState::Approved);
    let at = decided.unwrap_or(&run.recorded_at).parse();
    at.map_err(|_| StoreError::Unreadable { run: run.id, what: "an instant" })
}
