//! Copies of the database that the daemon keeps next to it, so that a damaged one can be rebuilt.

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use crate::store::Store;
use crate::work::{self, Work};

/// Copies are made no more often than this: a copy writes the whole database.
const EVERY: SignedDuration = SignedDuration::from_mins(15);

/// Whether a copy is wanted, and the one under way. A daemon makes one when it comes to rest after
/// something was recorded or sent.
#[derive(Debug)]
pub(super) struct Copies {
    /// So many are kept; 0 = none are made.
    keep: usize,
    is_wanted: bool,
    last: Option<Timestamp>,
    work: Option<Work<()>>,
}

impl Copies {
    pub(super) fn new(keep: usize) -> Copies {
        Copies { keep, is_wanted: false, last: None, work: None }
    }

    pub(super) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// Makes the copy that is asked for, in parallel with the other work.
    pub(super) fn start(&mut self, store: &Store, now: Timestamp) {
        let is_under_way = self.work.as_ref().is_some_and(|work| !work.is_finished());
        // A clock set back makes no difference that keeps copies away.
        let is_recent = self.last.is_some_and(|last| now.duration_since(last).abs() < EVERY);
        if !self.is_wanted || is_under_way || is_recent || self.keep == 0 {
            return;
        }
        self.is_wanted = false;
        self.last = Some(now);
        let (store, keep) = (store.clone(), self.keep);
        self.work = Some(work::spawn(async move {
            match store.keep_copy(keep, now).await {
                Ok(path) => info!("the state is copied to {}", path.display()),
                // The next copy may succeed, and the state is sound.
                Err(problem) => warn!("the state could not be copied: {problem}"),
            }
        }));
    }

    /// Waits for the copy under way.
    pub(super) async fn drain(&mut self) {
        if let Some(work) = self.work.take() {
            // A panic has been printed; there is just no copy.
            let _ = work.await;
        }
    }
}
