//! An office's own words in a held run: its drafts are made again with them, from the stored tallies.

use jiff::Timestamp;

use super::{Engine, Made, RunError};
use crate::config::settings::Report;
use crate::ranking::results::{Results, Snapshot};
use crate::render::markdown;
use crate::report::amendment::{self, Section};
use crate::report::document::{Block, Document};
use crate::report::json;
use crate::report::model::Issue;
use crate::store::amendments::{Amendment, in_force};
use crate::store::runs::{Run, StoredFile};
use crate::store::{Store, StoreError};

/// What a person asks of a section.
#[derive(Debug, Clone)]
pub struct Amending {
    /// Number or title of the section.
    pub section: String,
    /// Its new words; `None` takes the program's own again.
    pub text: Option<String>,
    pub by: String,
}

/// What has been amended.
#[derive(Debug)]
pub struct Amended {
    pub section: Section,
    /// The drafts as they stand now.
    pub documents: Vec<StoredFile>,
}

/// A held run as it was made.
pub(super) struct Held<'a> {
    pub report: &'a Report,
    pub snapshot: Snapshot,
    pub results: Results,
}

impl Engine {
    /// The sections of a held run as they stand, amendments included.
    pub async fn sections(&self, store: &Store, run: &Run) -> Result<Vec<Section>, RunError> {
        let history = store.amendments(run.id).await?;
        Ok(amendment::sections(&self.draft(store, run, &in_force(&history)).await?.document))
    }

    /// Replaces the text of a section of a held run; its figures, tables and charts stay. The drafts are made again
    /// with it, and both texts are recorded.
    pub async fn amend(
        &self,
        store: &Store,
        run: &Run,
        asked: &Amending,
        now: Timestamp,
    ) -> Result<Amended, RunError> {
        if let Some(text) = &asked.text {
            amendment::check(text)?;
            markdown::paragraphs(text).map_err(RunError::AmendedText)?;
        }
        let history = store.amendments(run.id).await?;
        let before = amendment::sections(&self.draft(store, run, &in_force(&history)).await?.document);
        let section = amendment::find(&before, &asked.section)?.clone();
        let new = Amendment {
            section: section.title.clone(),
            before: section.text.clone(),
            text: asked.text.clone(),
            by: asked.by.clone(),
            at: now.to_string(),
        };
        let mut after = history;
        after.push(new.clone());
        let made = self.draft(store, run, &in_force(&after)).await?;
        store.amend(run.id, &new, &made.documents, now).await?;
        Ok(Amended { section, documents: made.documents })
    }

    /// The draft of a held run, made again as of the instant it was recorded: with the program's own words it is the
    /// same to the byte.
    async fn draft(&self, store: &Store, run: &Run, amendments: &[&Amendment]) -> Result<Made, RunError> {
        if run.state != "held" {
            return Err(released(run));
        }
        let Held { report, snapshot, results } = self.as_held(store, run).await?;
        let now = run_instant(run)?;
        let issue = Issue {
            date: self.today(now),
            number: run.number.clone(),
            round: run.round as u32,
            held: run.held.clone(),
            late_since: run.late_since.clone(),
        };
        self.make(Some(store), report, &snapshot, &results, &issue, amendments, now).await
    }

    /// A run with the figures that it was held with. Fails where today's definitions give others.
    pub(super) async fn as_held(&self, store: &Store, run: &Run) -> Result<Held<'_>, RunError> {
        let report = self.report(&run.report)?;
        if !self.has_same_definitions(store, run).await? {
            return Err(RunError::DefinitionsChanged { run: run.id });
        }
        let snapshot = store.snapshot(run.id).await?;
        let before = match run.against {
            Some(id) => Some(self.results_of(store, &store.run(id).await?).await?),
            None => None,
        };
        let results = Results::new(&snapshot, run.period()?, self.rules(), before.as_ref());
        if json::figures(&results, &self.settings.indicators) != store.details(run.id).await?.0 {
            return Err(RunError::DefinitionsChanged { run: run.id });
        }
        Ok(Held { report, snapshot, results })
    }
}

/// Puts the words in force into a document.
pub(super) fn put(document: &mut Document, amendments: &[&Amendment]) -> Result<(), RunError> {
    for amendment in amendments {
        let text = amendment.text.as_deref().unwrap_or_default();
        let paragraphs: Vec<Block> = markdown::paragraphs(text).map_err(RunError::AmendedText)?;
        if !amendment::replace(document, &amendment.section, &paragraphs) {
            return Err(RunError::AmendedSectionGone { section: amendment.section.clone() });
        }
    }
    Ok(())
}

/// Why a run can no longer be amended, and what to do instead.
fn released(run: &Run) -> RunError {
    match run.is_released() {
        true => RunError::NotAmendable {
            run: run.id,
            report: run.report.clone(),
            from: run.from.clone(),
            to: run.to.clone(),
        },
        false => StoreError::not_held(run).into(),
    }
}

/// When a run was recorded.
fn run_instant(run: &Run) -> Result<Timestamp, RunError> {
    let unreadable = |_| StoreError::Unreadable { run: run.id, what: "an instant" };
    Ok(run.recorded_at.parse().map_err(unreadable)?)
}
