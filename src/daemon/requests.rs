//! Fills what people have asked for, one request at a time, under the lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tongbao_message::{Worded, message};

use jiff::civil::Date;
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::fault;
use crate::pipeline::{Engine, Progress, Request, RunError};
use crate::report::words::Words;
use crate::store::requests::{AskedRun, RequestClaim};
use crate::store::{Store, StoreError};
use crate::work::{self, Work};

/// How often it is noted how far a pull has come.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// The request under way.
#[derive(Default)]
pub(super) struct Requests {
    running: Option<(RequestClaim, Work<()>)>,
    /// One whose work ended in a panic: it is not tried again.
    panicked: Option<RequestClaim>,
}

impl Requests {
    /// Takes the next request, once the one before has ended.
    pub(super) async fn handle(
        &mut self,
        engine: &Arc<Engine>,
        store: &Store,
        clock: &Clock,
        token: i64,
    ) -> Result<(), StoreError> {
        if self.running.as_ref().is_some_and(|(_, work)| work.is_finished()) {
            self.drain().await;
        }
        if self.running.is_some() {
            return Ok(());
        }
        if let Some(claim) = self.panicked {
            let problem = &message!("report-panicked");
            // A state that is busy is asked again; a claim that is lost is another daemon's.
            match store.fail_request(claim, problem, clock.now()).await {
                Ok(_) | Err(StoreError::LeaseLost) => self.panicked = None,
                Err(problem) => return Err(problem),
            }
        }
        let Some(asked) = store.take_request(token, clock.now()).await? else { return Ok(()) };
        info!(request = asked.id, report = asked.report, "a request is filled");
        let claim = RequestClaim { id: asked.id, token };
        let (engine, store, clock) = (engine.clone(), store.clone(), clock.clone());
        let work = work::spawn(async move {
            if let Err(problem) = fill(&engine, &store, &clock, asked, token).await {
                warn!(request = claim.id, "the end of a request is not on record: {problem}");
            }
        });
        self.running = Some((claim, work));
        Ok(())
    }

    pub(super) fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// Waits for the request under way.
    pub(super) async fn drain(&mut self) {
        if let Some((claim, work)) = self.running.take()
            && work.await.is_err()
        {
            self.panicked = Some(claim);
        }
    }
}

/// Runs a request as a frozen draft. Its run and its end are recorded in one transaction, so that a daemon that dies
/// between has either done nothing or all of it.
async fn fill(
    engine: &Engine,
    store: &Store,
    clock: &Clock,
    asked: AskedRun,
    token: i64,
) -> Result<(), StoreError> {
    fault::reach("request_taken");
    let claim = RequestClaim { id: asked.id, token };
    let read = Arc::new(CountedPull::default());
    let (counting, noted) = (read.clone(), read.clone());
    let running = run(engine, store, clock, &asked, claim, counting);
    // Both go on at the same time: a run that waits in the middle of a transaction would lock the note out.
    let noting = async {
        loop {
            tokio::time::sleep(NOTE_EVERY).await;
            if let Err(problem) = noted.note(store, asked.id).await {
                warn!(request = asked.id, "the progress of a request is not on record: {problem}");
            }
        }
    };
    let result = tokio::select! {
        result = running => result,
        never = noting => never,
    };
    match result {
        Ok(run) => {
            info!(request = asked.id, run, "recorded");
            Ok(())
        }
        Err(RunError::Store(StoreError::LeaseLost)) => Err(StoreError::LeaseLost),
        Err(problem) => {
            error!(request = asked.id, "failed: {problem}");
            store.fail_request(claim, &problem.message(), clock.now()).await
        }
    }
}

async fn run(
    engine: &Engine,
    store: &Store,
    clock: &Clock,
    asked: &AskedRun,
    claim: RequestClaim,
    read: Arc<CountedPull>,
) -> Result<i64, RunError> {
    let unreadable = || StoreError::NoSuchRequest(asked.id);
    let day = |text: &str| text.parse::<Date>().map_err(|_| unreadable());
    let report = engine.report(&asked.report)?;
    let request = Request {
        report: asked.report.clone(),
        from: Some(day(&asked.from)?),
        to: Some(day(&asked.to)?),
        no_send: asked.record_only,
        hold: Some(Words::of(report.language).held.requested.to_owned()),
        asked: Some(claim),
        ..Request::default()
    };
    let outcome = engine.run(Some(store), &request, clock.now(), |progress| read.add(progress)).await?;
    Ok(outcome.run.ok_or_else(unreadable)?)
}

/// How far a pull has come.
#[derive(Default)]
struct CountedPull {
    records: AtomicU64,
    /// 0 = not known.
    expected: AtomicU64,
}

impl CountedPull {
    fn add(&self, progress: Progress) {
        match progress {
            Progress::Expected(expected) => self.expected.store(expected.unwrap_or(0), Ordering::Relaxed),
            Progress::Read(count) => drop(self.records.fetch_add(count, Ordering::Relaxed)),
            Progress::Done => {}
        }
    }

    async fn note(&self, store: &Store, request: i64) -> Result<(), StoreError> {
        let expected = Some(self.expected.load(Ordering::Relaxed)).filter(|expected| *expected > 0);
        store.request_progress(request, self.records.load(Ordering::Relaxed), expected).await
    }
}
