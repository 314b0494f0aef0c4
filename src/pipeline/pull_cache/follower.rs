//! Changes, looked up as they are read.

use std::io::Result;
use std::sync::Arc;

use super::keeper::CacheWriter;
use super::{CacheDelta, MergedState};
use crate::indicator::record_reading::ReadRecord;
use crate::register::batch::RegisterBatch;

/// Takes the changed records, batch by batch, into a difference.
pub(crate) struct ChangeReader {
    keeper: Arc<CacheWriter>,
    difference: CacheDelta,
    /// Whether the changes can be followed so far.
    follows: Result<bool>,
}

impl ChangeReader {
    pub(crate) fn new(keeper: Arc<CacheWriter>, difference: CacheDelta) -> ChangeReader {
        ChangeReader { keeper, difference, follows: Ok(true) }
    }

    pub(crate) fn add(&mut self, batch: &RegisterBatch) {
        if !matches!(self.follows, Ok(true)) {
            return;
        }
        let keeper = &self.keeper;
        let changed = batch.records().map(|record| {
            let (observation, number) = keeper.reader.read(&record);
            let own = keeper.own.as_ref().map(|own| own.pattern(&record));
            keeper.kept(&ReadRecord::of(&record, observation, &number, own))
        });
        self.follows = self.difference.change(changed.collect());
    }

    /// The difference, once everything was added, and what it comes to if nothing was deleted and the
    /// roster is the same; `None` if it cannot be told.
    pub(crate) fn finish(mut self) -> Result<Option<(CacheDelta, MergedState)>> {
        if !self.follows? {
            return Ok(None);
        }
        self.difference.advance_ages()?;
        let drawn_up = self.difference.draw_up()?;
        Ok(Some((self.difference, drawn_up)))
    }
}
