//! The first bulletins that are under way: in memory, each its owner's alone, gone after an hour.

use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};
use tongbao_message::{Message, Worded};

use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use tracing::{info, warn};

use super::held::{FileLine, HeldUploads};
use super::{Answers, KEPT, Lists, MadeBulletin, Reporting, SeenLists, Working};
use crate::console::{Console, ConsoleState};
use crate::pipeline::Progress;
use crate::store::uploads::UploadStep;
use crate::work;

/// So many people may have one at once: each has its lists in memory.
const MOST: usize = 3;

/// Between two looks for those whose hour is over.
const LOOK: Duration = Duration::from_secs(30);

/// All of them.
pub(in crate::console) struct Drafts {
    all: Mutex<Vec<Arc<Draft>>>,
    /// One bulletin is made at a time.
    making: Arc<Semaphore>,
}

/// One first bulletin.
pub(in crate::console) struct Draft {
    pub id: String,
    /// The person who has uploaded the lists.
    pub owner: i64,
    pub until: Timestamp,
    /// The hour by a clock that nobody sets.
    began: Instant,
    pub files: Vec<FileLine>,
    state: Mutex<DraftState>,
}

/// How far it has come.
#[derive(Clone)]
pub(super) enum Stage {
    Looking,
    /// The lists cannot be looked at.
    Unreadable(Message),
    /// The mapping waits for its owner.
    Mapped,
    Making,
    /// There is a bulletin, or the reason why there is none.
    Made,
}

pub(super) struct DraftState {
    /// `None` once the lists are deleted.
    pub held: Option<HeldUploads>,
    pub lists: Option<Arc<dyn Lists>>,
    pub stage: Stage,
    pub answers: Answers,
    pub seen: Arc<SeenLists>,
    pub made: Option<Arc<MadeBulletin>>,
    /// Records read and expected.
    pub records: (u64, Option<u64>),
    /// Where the configuration was written.
    pub written: Option<String>,
    task: Option<AbortHandle>,
}

impl Default for Drafts {
    fn default() -> Drafts {
        Drafts { all: Mutex::default(), making: Arc::new(Semaphore::new(1)) }
    }
}

impl Drafts {
    fn all(&self) -> MutexGuard<'_, Vec<Arc<Draft>>> {
        self.all.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Takes an upload in the place of an earlier one of its owner; `None` if too many others have one.
    pub(super) fn add(&self, draft: Draft) -> Option<(Arc<Draft>, Option<Arc<Draft>>)> {
        let mut all = self.all();
        let earlier = all.iter().position(|other| other.owner == draft.owner);
        if earlier.is_none() && all.len() >= MOST {
            return None;
        }
        let earlier = earlier.map(|at| all.remove(at));
        let draft = Arc::new(draft);
        all.push(draft.clone());
        Some((draft, earlier))
    }

    /// Whether a person could begin one now.
    pub(in crate::console) fn has_room(&self, owner: i64) -> bool {
        let all = self.all();
        all.len() < MOST || all.iter().any(|draft| draft.owner == owner)
    }

    /// The one of a person.
    pub(super) fn of(&self, owner: i64) -> Option<Arc<Draft>> {
        self.all().iter().find(|draft| draft.owner == owner).cloned()
    }

    pub(super) fn remove(&self, id: &str) {
        self.all().retain(|draft| draft.id != id);
    }

    /// Takes out those whose hour is over.
    fn over(&self, now: Timestamp) -> Vec<Arc<Draft>> {
        let mut all = self.all();
        let is_over = |draft: &Arc<Draft>| draft.until <= now || draft.began.elapsed() >= an_hour();
        let (over, going) = all.drain(..).partition(is_over);
        *all = going;
        over
    }
}

fn an_hour() -> Duration {
    KEPT.unsigned_abs()
}

impl Draft {
    pub(super) fn new(owner: i64, held: HeldUploads, now: Timestamp) -> std::io::Result<Draft> {
        Ok(Draft {
            id: crate::random::secret()?[..32].to_owned(),
            owner,
            until: now + KEPT,
            began: Instant::now(),
            files: held.lines(),
            state: Mutex::new(DraftState {
                held: Some(held),
                lists: None,
                stage: Stage::Looking,
                answers: Answers::default(),
                seen: Arc::default(),
                made: None,
                records: (0, None),
                written: None,
                task: None,
            }),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, DraftState> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Deletes the lists and all that is known of their rows, and stops what reads them; false if they were gone.
    pub(super) fn delete_lists(&self) -> bool {
        let mut state = self.state();
        if let Some(task) = state.task.take() {
            task.abort();
        }
        state.lists = None;
        state.held.take().is_some()
    }
}

impl Console {
    /// Looks at the lists of an upload, in a task of its own.
    pub(super) fn look_at(&self, draft: &Arc<Draft>, looking: Working<Arc<dyn Lists>>) {
        let of = draft.clone();
        self.start(draft, async move {
            let found = work::spawn(looking).await.map_err(|panicked| panicked.message()).and_then(|it| it);
            let looked = match found {
                Ok(lists) => {
                    work::block(move || {
                        let seen = lists.seen(&Answers::default())?;
                        Ok((lists, seen))
                    })
                    .await
                }
                Err(problem) => Err(problem),
            };
            let mut state = of.state();
            match looked {
                Ok((lists, seen)) => {
                    state.lists = Some(lists);
                    state.seen = Arc::new(seen);
                    state.stage = Stage::Mapped;
                }
                Err(problem) => state.stage = Stage::Unreadable(problem),
            }
        });
    }

    /// Makes the bulletin under the answers, in a task of its own.
    pub(super) fn make_first(&self, draft: &Arc<Draft>, now: Timestamp) {
        let (of, making) = (draft.clone(), self.0.drafts.making.clone());
        let (lists, answers) = {
            let mut state = draft.state();
            let Some(lists) = state.lists.clone() else { return };
            state.stage = Stage::Making;
            state.made = None;
            state.records = (0, None);
            (lists, state.answers.clone())
        };
        self.start(draft, async move {
            let Ok(_turn) = making.acquire_owned().await else { return };
            let reported = of.clone();
            let progress: Reporting = Box::new(move |progress| report(&reported, progress));
            // The configuration is written out there too.
            let made = work::spawn(async move { lists.make(&answers, now, progress).await }).await;
            let made = made.map_err(|panicked| panicked.message()).and_then(|made| made);
            let made = made.unwrap_or_else(|problem| MadeBulletin {
                configuration: String::new(),
                findings: Vec::new(),
                bulletin: Err(problem),
            });
            let mut state = of.state();
            state.made = Some(Arc::new(made));
            state.stage = Stage::Made;
        });
    }

    fn start(&self, draft: &Draft, work: impl Future<Output = ()> + Send + 'static) {
        // Deleting the lists stops it.
        let task = tokio::spawn(work).abort_handle();
        let before = draft.state().task.replace(task);
        before.into_iter().for_each(|task| task.abort());
    }

    /// Deletes a first bulletin, its lists too.
    pub(super) async fn forget(&self, draft: &Draft, by: &str, now: Timestamp) {
        self.0.drafts.remove(&draft.id);
        self.delete(draft, by, now).await;
    }

    /// Deletes the lists of a first bulletin, and says so in the audit log.
    pub(super) async fn delete(&self, draft: &Draft, by: &str, now: Timestamp) {
        if !draft.delete_lists() {
            return;
        }
        info!(upload = draft.id, "uploaded lists were deleted");
        let store = self.store.clone().acting_as(by);
        if let Err(problem) = store.note_upload(&draft.id, UploadStep::Deleted, json!({}), now).await {
            // They are gone all the same.
            warn!(upload = draft.id, "the audit log does not say that lists were deleted: {problem}");
        }
    }
}

fn report(draft: &Draft, progress: Progress) {
    let mut state = draft.state();
    match progress {
        Progress::Expected(expected) => state.records = (0, expected),
        Progress::Read(records) => state.records.0 += records,
        Progress::Done => {}
    }
}

/// Deletes lists when their hour is over, for as long as the console is there.
pub(in crate::console) async fn sweep(console: Weak<ConsoleState>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(inner) = console.upgrade() else { return };
        Console(inner).forget_old().await;
    }
}

impl Console {
    /// Deletes those whose hour is over.
    pub(in crate::console) async fn forget_old(&self) {
        let now = self.clock.now();
        for draft in self.0.drafts.over(now) {
            self.forget(&draft, "console", now).await;
        }
    }
}
