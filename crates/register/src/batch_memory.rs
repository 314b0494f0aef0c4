//! The memory of record batches, used again and again while a register is read: new memory comes page by page from the
//! system, and what is given back is wiped, which took a twentieth of a pull.

use std::sync::{Mutex, PoisonError};

use super::batch::{Day, Span};

/// Memory that waits to be filled again; about as many batches are on their way at a time.
const WAITING: usize = 4;

/// What holds the values of a batch.
#[derive(Debug, Clone, Default)]
pub(super) struct BatchMemory {
    pub(super) data: Vec<u8>,
    pub(super) spans: Vec<Span>,
    pub(super) days: Vec<Day>,
}

impl BatchMemory {
    /// Room for the places of so many records.
    pub(super) fn for_records(rows: usize, stride: usize) -> BatchMemory {
        let (spans, days) = (Vec::with_capacity(rows * stride), Vec::with_capacity(rows));
        BatchMemory { data: Vec::new(), spans, days }
    }

    /// Room for as much as is here, and for the few bytes by which one batch is longer than another.
    pub(super) fn as_large(&self) -> BatchMemory {
        let data = self.data.len() + self.data.len() / 16;
        BatchMemory {
            data: Vec::with_capacity(data),
            spans: Vec::with_capacity(self.spans.len()),
            days: Vec::with_capacity(self.days.len()),
        }
    }

    fn clear(&mut self) {
        self.data.clear();
        self.spans.clear();
        self.days.clear();
    }
}

/// Memory of batches that have been read. It is wiped with the last of them.
#[derive(Debug, Default)]
pub(super) struct MemoryPool(Mutex<Vec<BatchMemory>>);

impl MemoryPool {
    /// Takes memory that waits, if there is any.
    pub(super) fn take(&self) -> Option<BatchMemory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Takes memory back; more than can be needed is freed.
    pub(super) fn give_back(&self, mut memory: BatchMemory) {
        memory.clear();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING {
            waiting.push(memory);
        }
    }
}
