//! Runs made again for the pages, a few of them kept: a run is immutable once it is decided on.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;

use super::Console;
use super::ask::Ask;
use super::problem::ErrorPage;
use crate::access::right::Right;
use crate::digest::sha256;
use crate::pipeline::{Remade, RunError};
use crate::store::runs::Run;
use crate::store::states::RunState;
use crate::work;

/// So many runs are kept: more than one page shows figures of.
const KEPT: usize = 6;

/// Tells a run from itself before it was decided on.
type RunKey = (i64, RunState, Option<String>);

/// The document of a run as pictures.
pub(super) struct RunPages {
    /// As SVG, in order; empty if they are not those of the archive.
    pub pages: Vec<String>,
    /// SHA-256 of the PDF that they are.
    pub digest: String,
}

/// What was made last.
#[derive(Default)]
pub(super) struct Cache {
    remade: Mutex<Vec<(RunKey, Arc<Remade>)>>,
    pages: Mutex<Vec<(RunKey, Arc<RunPages>)>>,
    /// One is made at a time: each takes a processor and much memory.
    making: tokio::sync::Mutex<()>,
}

fn key(run: &Run) -> RunKey {
    (run.id, run.state, run.number.clone())
}

fn kept<T>(list: &Mutex<Vec<(RunKey, Arc<T>)>>, key: &RunKey) -> Option<Arc<T>> {
    let mut list = list.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let at = list.iter().position(|(known, _)| known == key)?;
    // The one that was not asked for longest goes first.
    list[..=at].rotate_right(1);
    Some(list[0].1.clone())
}

fn keep<T>(list: &Mutex<Vec<(RunKey, Arc<T>)>>, key: RunKey, made: &Arc<T>) {
    let mut list = list.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    list.retain(|(known, _)| *known != key);
    list.insert(0, (key, made.clone()));
    list.truncate(KEPT);
}

impl Console {
    /// A run made again.
    pub(super) async fn remade(&self, run: &Run) -> Result<Arc<Remade>, ErrorPage> {
        if let Some(remade) = kept(&self.0.cache.remade, &key(run)) {
            return Ok(remade);
        }
        let _making = self.0.cache.making.lock().await;
        self.remake(run).await
    }

    /// The same where it is still possible; `None` if the report or the counts of the run are no longer kept.
    pub(super) async fn remade_if_kept(&self, run: &Run) -> Result<Option<Arc<Remade>>, ErrorPage> {
        if self.engine.report_of(run).is_none() {
            return Ok(None);
        }
        match self.remade(run).await {
            Err(problem) if problem.status == StatusCode::GONE => Ok(None),
            made => made.map(Some),
        }
    }

    /// The same, by the holder of the lock.
    async fn remake(&self, run: &Run) -> Result<Arc<Remade>, ErrorPage> {
        if let Some(remade) = kept(&self.0.cache.remade, &key(run)) {
            return Ok(remade);
        }
        let (engine, store, of) = (self.engine.clone(), self.store.clone(), run.clone());
        let remade = work::spawn(async move { engine.remade(&store, &of).await }).await;
        let remade = Arc::new(remade.map_err(|panicked| ErrorPage::inside(&panicked))??);
        keep(&self.0.cache.remade, key(run), &remade);
        Ok(remade)
    }

    /// The pages of a run, if they are byte for byte those of the archive.
    pub(super) async fn pages(&self, run: &Run) -> Result<Arc<RunPages>, ErrorPage> {
        if let Some(pages) = kept(&self.0.cache.pages, &key(run)) {
            return Ok(pages);
        }
        let _making = self.0.cache.making.lock().await;
        if let Some(pages) = kept(&self.0.cache.pages, &key(run)) {
            return Ok(pages);
        }
        let digest = self.archived_pdf(run).await?;
        let (engine, remade) = (self.engine.clone(), self.remake(run).await?);
        let made = work::block(move || {
            let printed = engine.printed(&remade)?;
            let pages = match sha256(&printed.pdf) == digest {
                true => engine.images(&printed)?,
                false => Vec::new(),
            };
            Ok::<_, RunError>(RunPages { pages, digest })
        });
        let pages = Arc::new(made.await?);
        keep(&self.0.cache.pages, key(run), &pages);
        Ok(pages)
    }

    /// SHA-256 of the PDF on record: the released one, or the draft of a run that is not released.
    pub(super) async fn archived_pdf(&self, run: &Run) -> Result<String, ErrorPage> {
        let documents = self.store.document_rows(run.id).await?;
        let is_draft = run.state != RunState::Approved && !documents.iter().any(|document| !document.draft);
        let pdf = documents.into_iter().find(|document| {
            document.draft == is_draft
                && document.content_type == "application/pdf"
                && !self.engine.is_summary(run, &document.name)
        });
        pdf.map(|document| document.sha256).ok_or_else(ErrorPage::not_found)
    }
}

impl Ask {
    /// A run that this person may see; whatever else there is, is not there.
    pub(super) async fn run(&self, id: i64) -> Result<Run, ErrorPage> {
        let run = self.any_run(id).await?;
        if self.sees_league() { Ok(run) } else { Err(ErrorPage::not_found()) }
    }

    /// The same, of a report that is still configured: then it can be made again.
    pub(super) async fn configured_run(&self, id: i64) -> Result<Run, ErrorPage> {
        let run = self.run(id).await?;
        self.console.engine.report_of(&run).ok_or_else(ErrorPage::not_found)?;
        Ok(run)
    }

    /// A run of which this person may see the own unit's part: an issued one, or a draft for those who read drafts.
    pub(super) async fn any_run(&self, id: i64) -> Result<Run, ErrorPage> {
        let run = self.console.store.run(id).await?;
        match run.is_issued() || self.may(Right::ReadDrafts) {
            true => Ok(run),
            false => Err(ErrorPage::not_found()),
        }
    }
}
