//! Removes once a day what is no longer kept, while nothing else is under way.

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use crate::store::retention::Pruned;
use crate::store::{Store, StoreError};
use crate::work::{self, Work};

const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// When something was last removed, and the removal under way.
#[derive(Debug)]
pub(super) struct Pruning {
    /// `None` = nothing is ever removed.
    keep: Option<SignedDuration>,
    last: Option<Timestamp>,
    work: Option<Work<()>>,
}

impl Pruning {
    pub(super) fn new(keep: Option<SignedDuration>) -> Pruning {
        Pruning { keep, last: None, work: None }
    }

    /// `now` is believed.
    pub(super) fn start(&mut self, store: &Store, token: i64, now: Timestamp) {
        let is_under_way = self.work.as_ref().is_some_and(|work| !work.is_finished());
        let is_recent = self.last.is_some_and(|last| now.duration_since(last).abs() < EVERY);
        let Some(before) = self.keep.and_then(|keep| now.checked_sub(keep).ok()) else { return };
        if is_under_way || is_recent {
            return;
        }
        self.last = Some(now);
        let store = store.clone();
        self.work = Some(work::spawn(async move {
            if let Err(problem) = prune(&store, before, token, now).await {
                // Tomorrow is another day.
                warn!("what is no longer kept could not be removed: {problem}");
            }
        }));
    }

    /// Waits for the removal under way.
    pub(super) async fn drain(&mut self) {
        if let Some(work) = self.work.take() {
            // A panic has been printed.
            let _ = work.await;
        }
    }
}

async fn prune(store: &Store, before: Timestamp, token: i64, now: Timestamp) -> Result<(), StoreError> {
    let mut all = Pruned::default();
    loop {
        let pruned = store.prune(before, token, now).await?;
        if pruned == Pruned::default() {
            break;
        }
        all.mails += pruned.mails;
        all.runs += pruned.runs;
    }
    if all != Pruned::default() {
        info!(mails = all.mails, runs = all.runs, "texts and counts from before {before} are no longer kept");
    }
    Ok(())
}
