//! An office's own words in a held run: its drafts are made again with them, from the stored tallies.

use jiff::Timestamp;

use super::recomputed::{Recomputed, issued_at};
use super::{Engine, RunError};
use crate::render::markdown;
use crate::report::amendment::{self, AmendedSection};
use crate::report::document::{Block, Document};
use crate::report::model::Issue;
use crate::store::amendments::{Amendment, in_force};
use crate::store::runs::{Run, StoredFile};
use crate::store::states::RunState;
use crate::store::{Store, StoreError};

/// What a person asks of a section.
#[derive(Debug, Clone)]
pub struct Amending {
    /// Number or title of the section.
    pub section: String,
    /// Its new words; `None` takes the program's own again.
    pub text: Option<String>,
    /// As in the audit log.
    pub by: String,
}

/// What has been amended.
#[derive(Debug)]
pub struct Amended {
    /// The section as it is now.
    pub section: AmendedSection,
    /// The drafts as they stand now.
    pub documents: Vec<StoredFile>,
}

/// A held run and what its draft says of itself.
struct HeldDraft<'a> {
    held: Recomputed<'a>,
    issue: Issue,
    at: Timestamp,
}

impl Engine {
    /// The sections of a held run as they stand, amendments included.
    pub async fn sections(&self, store: &Store, run: &Run) -> Result<Vec<AmendedSection>, RunError> {
        let rules = self.rules_of(store, run).await?;
        let engine = rules.engine().unwrap_or(self);
        let history = store.amendments(run.id).await?;
        let draft = engine.draft(store, run).await?;
        Ok(amendment::sections(&engine.worded(&draft, &in_force(&history)).await?))
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
        let rules = self.rules_of(store, run).await?;
        let engine = rules.engine().unwrap_or(self);
        let history = store.amendments(run.id).await?;
        let draft = engine.draft(store, run).await?;
        let before = amendment::sections(&engine.worded(&draft, &in_force(&history)).await?);
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
        let amendments = in_force(&after);
        let made = engine.make(draft.held.context(&draft.issue, draft.at, &amendments), draft.at).await?;
        store.amend(run.id, &new, &made.documents, now).await?;
        Ok(Amended { section, documents: made.documents })
    }

    /// What the draft of a held run is made from, as of the instant it was recorded: with the program's own words it
    /// is the same to the byte.
    async fn draft<'a>(&'a self, store: &'a Store, run: &Run) -> Result<HeldDraft<'a>, RunError> {
        if run.state != RunState::Held {
            return Err(released(run));
        }
        let held = self.as_held(store, run).await?;
        let at = issued_at(run)?;
        Ok(HeldDraft { held, issue: self.issue_of(run, at), at })
    }

    /// The document of a draft, not rendered.
    async fn worded(&self, draft: &HeldDraft<'_>, amendments: &[&Amendment]) -> Result<Document, RunError> {
        Ok(self.word(draft.held.context(&draft.issue, draft.at, amendments)).await?.document)
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
