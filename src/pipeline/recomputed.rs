//! A recorded run computed again from its stored tallies: what amendments, sign-off and the console start from.

use jiff::Timestamp;

use super::earlier_runs::{Comparison, EarlierRuns};
use super::{Engine, RunContext, RunError};
use crate::config::settings::Report;
use crate::ranking::results::Results;
use crate::ranking::snapshot::Snapshot;
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

/// The rules that a recorded run was made by.
pub(super) enum RunRules {
    /// Those of the configuration.
    InUse,
    /// The program under those that it was made by.
    Other(Box<Engine>),
    /// An earlier version did not keep them, or they cannot be read any more.
    Unknown,
}

impl RunRules {
    /// The program under them, where they are known to be others than those in use.
    pub(super) fn engine(&self) -> Option<&Engine> {
        match self {
            RunRules::Other(engine) => Some(engine),
            RunRules::InUse | RunRules::Unknown => None,
        }
    }
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
        let Comparison { before, changed } = match run.against {
            Some(id) => earlier.compared_with(store, id).await?,
            None => Comparison { before: None, ..earlier.compared_with_nearest().await? },
        };
        let before = before.map(|(_, before)| before);
        let mut results = Results::new(&snapshot, period, self.rules(), before.as_ref());
        results.changed = changed;
        // Under other definitions the counters have another meaning, whatever the figures come to.
        let (figures, _) = store.details(run.id).await?;
        let agrees = self.counts_alike(store, run).await?
            && json::agree(&figures, &json::figures(&results, &self.settings.indicators));
        Ok(Recomputed { report, snapshot, results, earlier, agrees })
    }

    /// The rules that a recorded run was made by.
    pub(super) async fn rules_of(&self, store: &Store, run: &Run) -> Result<RunRules, RunError> {
        let Some(deciding) = store.provenance(run.id).await?.deciding else { return Ok(RunRules::Unknown) };
        if deciding == self.settings.deciding {
            return Ok(RunRules::InUse);
        }
        match self.settings.under(&deciding) {
            // Neither templates nor fonts are among what decides figures.
            Ok(settings) => {
                let (templates, fonts) = (self.templates.clone(), self.fonts.clone());
                Ok(RunRules::Other(Box::new(Engine { settings, templates, fonts })))
            }
            Err(problem) => {
                tracing::warn!("the rules of run {} cannot be read any more: {problem}", run.id);
                Ok(RunRules::Unknown)
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
