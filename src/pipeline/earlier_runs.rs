//! The series of a report before a cut-off: read once a run, for the comparison, the trend, 红黑榜 and the round.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::recomputed::RunRules;
use super::{Engine, RunError};
use crate::digest::sha256;
use crate::ranking::comparable::JoinedRates;
use crate::ranking::results::{ChangedDefinitions, Results};
use crate::schedule::period::Period;
use crate::store::Store;
use crate::store::runs::{Run, StoredDefinitions};

/// The released runs of a report with earlier cut-offs, newest first; none without a store. Each is computed at
/// most once, when it is first needed, from its stored tallies under the rules that it was made by.
pub(super) struct EarlierRuns<'a> {
    engine: &'a Engine,
    /// `None` where nothing is known of earlier runs.
    pub store: Option<&'a Store>,
    runs: Vec<EarlierRun>,
}

struct EarlierRun {
    run: Run,
    joined: OnceCell<JoinedRun>,
    results: OnceCell<Results>,
}

/// How the rates of an earlier run go with those in use.
struct JoinedRun {
    rates: JoinedRates,
    /// The run, where it has a rate that cannot be compared.
    changed: Option<ChangedDefinitions>,
}

/// What a run is compared with.
#[derive(Default)]
pub(super) struct Comparison {
    pub before: Option<(i64, Results)>,
    /// The run before, where it has rates that are not compared because their definitions have changed since.
    pub changed: Option<ChangedDefinitions>,
}

impl Engine {
    pub(super) async fn earlier_runs<'a>(
        &'a self,
        store: Option<&'a Store>,
        report: &str,
        period: Period,
    ) -> Result<EarlierRuns<'a>, RunError> {
        let runs = match store {
            Some(store) => store.series(report, period.to, i64::MAX).await?,
            None => Vec::new(),
        };
        let runs = runs.into_iter();
        let runs = runs.map(|run| EarlierRun { run, joined: OnceCell::new(), results: OnceCell::new() });
        Ok(EarlierRuns { engine: self, store, runs: runs.collect() })
    }

    /// The run that a report of a period would be compared with.
    pub async fn compared_run(
        &self,
        store: &Store,
        report: &str,
        period: Period,
    ) -> Result<Option<Run>, RunError> {
        let earlier = self.earlier_runs(Some(store), report, period).await?;
        let is_compared = match earlier.runs.first() {
            Some(nearest) => {
                !nearest.run.is_pruned && !earlier.joined(store, nearest).await?.rates.is_empty()
            }
            None => false,
        };
        Ok(earlier.runs.into_iter().next().filter(|_| is_compared).map(|nearest| nearest.run))
    }

    /// Whether the counts of a recorded run have the meaning that the definitions in use give them.
    pub(super) async fn counts_alike(&self, store: &Store, run: &Run) -> Result<bool, RunError> {
        Ok(self.joined(store, run).await?.rates.is_whole())
    }

    /// The own definitions in use.
    pub(super) fn definitions(&self) -> Option<StoredDefinitions> {
        let text = self.settings.indicators.own_text()?;
        Some(StoredDefinitions { digest: sha256(text.as_bytes()), text })
    }

    /// How the rates of a recorded run go with those in use.
    async fn joined(&self, store: &Store, run: &Run) -> Result<JoinedRun, RunError> {
        let now = &self.settings.indicators;
        let (rates, indicators) = match self.rules_of(store, run).await? {
            RunRules::InUse => (JoinedRates::all_or_none(now, true), None),
            RunRules::Other(then) => {
                (JoinedRates::between(then.rules(), self.rules()), Some(Arc::new(then.settings.indicators)))
            }
            RunRules::Unknown => {
                let digest = |definitions: StoredDefinitions| definitions.digest;
                let then = store.provenance(run.id).await?.definitions.map(digest);
                (JoinedRates::all_or_none(now, then == self.definitions().map(digest)), None)
            }
        };
        let changed = match rates.is_whole() {
            true => None,
            false => Some(ChangedDefinitions { period: run.period()?, rates: rates.changed(), indicators }),
        };
        Ok(JoinedRun { rates, changed })
    }

    /// The results of a recorded run, with the scores and ranks that it printed: under the rules that it was made by,
    /// as far as they are known.
    pub async fn results_of(&self, store: &Store, run: &Run) -> Result<Results, RunError> {
        let snapshot = store.snapshot(run.id).await?;
        let rules = self.rules_of(store, run).await?;
        Ok(Results::new(&snapshot, run.period()?, rules.engine().unwrap_or(self).rules(), None))
    }
}

impl<'a> EarlierRuns<'a> {
    pub(super) fn runs(&self) -> impl ExactSizeIterator<Item = &Run> {
        self.runs.iter().map(|earlier| &earlier.run)
    }

    async fn joined<'b>(&self, store: &Store, earlier: &'b EarlierRun) -> Result<&'b JoinedRun, RunError> {
        earlier.joined.get_or_try_init(|| self.engine.joined(store, &earlier.run)).await
    }

    /// The results of the run at a position in terms of the rates in use; `None` where its counts are no longer kept, or
    /// no rate can be compared.
    pub(super) async fn results(&self, at: usize) -> Result<Option<&Results>, RunError> {
        let (Some(store), Some(earlier)) = (self.store, self.runs.get(at)) else { return Ok(None) };
        let joined = &self.joined(store, earlier).await?.rates;
        if earlier.run.is_pruned || joined.is_empty() {
            return Ok(None);
        }
        let computed = || async {
            Ok::<_, RunError>(joined.restated(self.engine.results_of(store, &earlier.run).await?))
        };
        Ok(Some(earlier.results.get_or_try_init(computed).await?))
    }

    /// The compared run: the one asked for, or the released one of the report with the nearest earlier cut-off,
    /// unless none of its rates can be compared.
    pub(super) async fn compared(&self, against: Option<i64>) -> Result<Comparison, RunError> {
        match (self.store, against) {
            (Some(store), Some(id)) => {
                let comparison = self.compared_with(store, id).await?;
                if comparison.before.is_none() {
                    return Err(RunError::OtherDefinitions { run: id });
                }
                Ok(comparison)
            }
            _ => self.compared_with_nearest().await,
        }
    }

    /// The comparison with a run that may be one of the series.
    pub(super) async fn compared_with(&self, store: &Store, id: i64) -> Result<Comparison, RunError> {
        if let Some(at) = self.runs().position(|run| run.id == id && !run.is_pruned) {
            return self.compared_with_run(store, at).await;
        }
        let run = store.run(id).await?;
        let JoinedRun { rates, changed } = self.engine.joined(store, &run).await?;
        if rates.is_empty() {
            return Ok(Comparison { before: None, changed });
        }
        let results = rates.restated(self.engine.results_of(store, &run).await?);
        Ok(Comparison { before: Some((id, results)), changed })
    }

    async fn compared_with_run(&self, store: &Store, at: usize) -> Result<Comparison, RunError> {
        let earlier = &self.runs[at];
        let changed = self.joined(store, earlier).await?.changed.clone();
        let before = self.results(at).await?.map(|results| (earlier.run.id, results.clone()));
        Ok(Comparison { before, changed })
    }

    pub(super) async fn compared_with_nearest(&self) -> Result<Comparison, RunError> {
        let (Some(store), Some(EarlierRun { run, .. })) = (self.store, self.runs.first()) else {
            return Ok(Comparison::default());
        };
        let comparison = self.compared_with_run(store, 0).await?;
        if run.is_pruned && comparison.changed.is_none() {
            // Runs that a wrong clock has dated ahead keep theirs instead. A person may name another run.
            tracing::warn!(
                report = run.report,
                run = run.id,
                "not compared: the counts of the run before are no longer kept"
            );
        }
        Ok(comparison)
    }
}
