//! Changes, looked up as they are read.

use std::io::Result;
use std::sync::Arc;

use super::cache_writer::CacheWriter;
use super::{CacheDelta, MergedState};
use crate::indicator::record_reading::ReadRecord;
use crate::register::batch::RegisterBatch;

/// Takes the changed records, batch by batch, into a delta.
pub(crate) struct ChangeReader {
    writer: Arc<CacheWriter>,
    delta: CacheDelta,
    /// Whether the changes can be applied so far: no key twice, not too many.
    applies: Result<bool>,
}

impl ChangeReader {
    pub(crate) fn new(writer: Arc<CacheWriter>, delta: CacheDelta) -> ChangeReader {
        ChangeReader { writer, delta, applies: Ok(true) }
    }

    pub(crate) fn add(&mut self, batch: &RegisterBatch) {
        if !matches!(self.applies, Ok(true)) {
            return;
        }
        let writer = &self.writer;
        // What it remembers of values is its own.
        let mut reader = writer.own.clone();
        let delta = &mut self.delta;
        let changed = batch.records().map(|record| {
            let (reading, number) = writer.reader.read(&record);
            let own = reader.as_mut().map(|own| own.pattern(&record));
            let kept = writer.kept(&ReadRecord::of(&record, reading, &number, own));
            delta.notice(&record, (reading, &number), kept.1.unit);
            kept
        });
        let changed = changed.collect();
        self.applies = self.delta.change(changed);
    }

    /// The delta, once everything was added, and what it comes to if nothing was deleted and the
    /// roster is the same; `None` if the changes cannot be applied.
    pub(crate) fn finish(mut self) -> Result<Option<(CacheDelta, MergedState)>> {
        if !self.applies? {
            return Ok(None);
        }
        self.delta.advance_ages()?;
        let merged = self.delta.merge()?;
        Ok(Some((self.delta, merged)))
    }
}
