//! The series of a report before a cut-off: read once a run, for the comparison, the trend, 红黑榜 and the round.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::{Engine, RunError};
use crate::config::earlier::{counted, ranked};
use crate::digest::sha256;
use crate::ranking::results::{OtherDefinitions, Results};
use crate::schedule::period::Period;
use crate::store::Store;
use crate::store::runs::{Provenance, Run, StoredDefinitions};

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
    is_comparable: OnceCell<bool>,
    results: OnceCell<Results>,
}

/// What a run is compared with.
#[derive(Default)]
pub(super) struct Comparison {
    pub before: Option<(i64, Results)>,
    /// The run before, where it is not compared because the definitions have changed since.
    pub not_compared: Option<OtherDefinitions>,
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
        let runs =
            runs.map(|run| EarlierRun { run, is_comparable: OnceCell::new(), results: OnceCell::new() });
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
            Some(nearest) => !nearest.run.is_pruned && earlier.is_comparable(0).await?,
            None => false,
        };
        Ok(earlier.runs.into_iter().next().filter(|_| is_compared).map(|nearest| nearest.run))
    }

    /// Whether a run was made under the definitions that are in use now, so that its counts have no other meaning.
    async fn has_same_definitions(&self, store: &Store, run: &Run) -> Result<bool, RunError> {
        Ok(self.has_definitions_of(&store.provenance(run.id).await?))
    }

    pub(super) fn has_definitions_of(&self, provenance: &Provenance) -> bool {
        let digest = |definitions: &StoredDefinitions| definitions.digest.clone();
        let counted_then = provenance.deciding.as_deref().and_then(counted);
        let is_counted_alike = counted_then.is_none_or(|then| counted(&self.settings.deciding) == Some(then));
        is_counted_alike
            && provenance.definitions.as_ref().map(digest) == self.definitions().as_ref().map(digest)
    }

    /// The own definitions in use.
    pub(super) fn definitions(&self) -> Option<StoredDefinitions> {
        let text = self.settings.indicators.own_text()?;
        Some(StoredDefinitions { digest: sha256(text.as_bytes()), text })
    }

    /// The results of a recorded run, with the scores and ranks that it printed: under the rules that it was made by,
    /// as far as they are known.
    pub async fn results_of(&self, store: &Store, run: &Run) -> Result<Results, RunError> {
        let snapshot = store.snapshot(run.id).await?;
        let Some(engine) = self.under_rules_of(store, run).await? else {
            return Ok(Results::new(&snapshot, run.period()?, self.rules(), None));
        };
        let mut results = Results::new(&snapshot, run.period()?, engine.rules(), None);
        results.has_other_rules = ranked(&engine.settings.deciding) != ranked(&self.settings.deciding);
        Ok(results)
    }
}

impl<'a> EarlierRuns<'a> {
    pub(super) fn runs(&self) -> impl ExactSizeIterator<Item = &Run> {
        self.runs.iter().map(|earlier| &earlier.run)
    }

    /// Whether the run at a position was made under the definitions in use.
    async fn is_comparable(&self, at: usize) -> Result<bool, RunError> {
        let (Some(store), Some(earlier)) = (self.store, self.runs.get(at)) else { return Ok(false) };
        let asked = || self.engine.has_same_definitions(store, &earlier.run);
        Ok(*earlier.is_comparable.get_or_try_init(asked).await?)
    }

    /// The results of the run at a position; `None` where its counts are no longer kept, or were made under other
    /// definitions.
    pub(super) async fn results(&self, at: usize) -> Result<Option<&Results>, RunError> {
        let (Some(store), Some(earlier)) = (self.store, self.runs.get(at)) else { return Ok(None) };
        if earlier.run.is_pruned || !self.is_comparable(at).await? {
            return Ok(None);
        }
        let computed = || self.engine.results_of(store, &earlier.run);
        Ok(Some(earlier.results.get_or_try_init(computed).await?))
    }

    /// The results of a run that may be one of the series.
    pub(super) async fn results_of(&self, store: &Store, id: i64) -> Result<Results, RunError> {
        if let Some(at) = self.runs().position(|run| run.id == id)
            && let Some(results) = self.results(at).await?
        {
            return Ok(results.clone());
        }
        self.engine.results_of(store, &store.run(id).await?).await
    }

    /// The compared run: the one asked for, or the released one of the report with the nearest earlier cut-off,
    /// unless it was made under other definitions.
    pub(super) async fn compared(&self, against: Option<i64>) -> Result<Comparison, RunError> {
        match (self.store, against) {
            (Some(store), Some(id)) => self.compared_with(store, id).await,
            _ => self.compared_with_nearest().await,
        }
    }

    async fn compared_with(&self, store: &Store, id: i64) -> Result<Comparison, RunError> {
        let run = store.run(id).await?;
        if !self.engine.has_same_definitions(store, &run).await? {
            return Err(RunError::OtherDefinitions { run: id });
        }
        let results = self.engine.results_of(store, &run).await?;
        Ok(Comparison { before: Some((id, results)), not_compared: None })
    }

    async fn compared_with_nearest(&self) -> Result<Comparison, RunError> {
        let not_compared = self.not_compared().await?;
        let Some(EarlierRun { run, .. }) = self.runs.first().filter(|_| not_compared.is_none()) else {
            return Ok(Comparison { before: None, not_compared });
        };
        let before = self.results(0).await?.map(|results| (run.id, results.clone()));
        if before.is_none() {
            // Runs that a wrong clock has dated ahead keep theirs instead. A person may name another run.
            tracing::warn!(
                report = run.report,
                run = run.id,
                "not compared: the counts of the run before are no longer kept"
            );
        }
        Ok(Comparison { before, not_compared: None })
    }

    /// The nearest run, if it is not compared because it was made under other definitions.
    pub(super) async fn not_compared(&self) -> Result<Option<OtherDefinitions>, RunError> {
        let (Some(store), Some(EarlierRun { run, .. })) = (self.store, self.runs.first()) else {
            return Ok(None);
        };
        if self.is_comparable(0).await? {
            return Ok(None);
        }
        let engine = self.engine.under_rules_of(store, run).await?;
        let indicators = engine.map(|engine| Arc::new(engine.settings.indicators));
        Ok(Some(OtherDefinitions { period: run.period()?, indicators }))
    }
}
