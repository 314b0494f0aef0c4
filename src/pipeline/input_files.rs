//! Files that fill slots: which contents a run must leave alone, and where they go afterwards.

use std::collections::BTreeMap;

use super::{Engine, Request, RunError};
use crate::source::{DropFolder, SourceError};
use crate::store::Store;

/// Contents by SHA-256, and the run that was made from each.
pub(super) type Used = BTreeMap<String, i64>;

impl Engine {
    /// What a scheduled run leaves alone: contents that have filled slots of its report. Files that a
    /// crash left in the drop folder are put away first. Runs on request take what is there.
    pub(super) async fn used(&self, store: Option<&Store>, request: &Request) -> Result<Used, RunError> {
        let (Some(store), Some(_), Some(folder)) =
            (store, &request.claim, DropFolder::of(&self.settings.source))
        else {
            return Ok(Used::new());
        };
        folder.archive_inputs(&store.used_inputs(None).await?);
        Ok(store.used_inputs(Some(&request.report)).await?)
    }

    /// After a run is on record its files are done, and so are those that a crash has left.
    pub async fn archive_inputs(&self, store: &Store) -> Result<(), RunError> {
        if let Some(folder) = DropFolder::of(&self.settings.source) {
            folder.archive_inputs(&store.used_inputs(None).await?);
        }
        Ok(())
    }

    /// After a scheduled run has failed: a dropped file that cannot be read is set aside, so that it is
    /// seen, and the slot stays open until it is replaced.
    pub fn set_aside(&self, error: &RunError) {
        if let (RunError::Source(SourceError::File(error)), Some(folder)) =
            (error, DropFolder::of(&self.settings.source))
        {
            folder.set_aside(error);
        }
    }
}
