//! A batch of records: what every source delivers and every indicator reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::batch_memory::{BatchMemory, MemoryPool};
use super::field::Field;

/// A batch of register records.
///
/// The values of all records follow one another in one piece of memory, and of each value only
/// its place is kept: nothing is allocated for a value, and a source can hand over what the database
/// sent as it is. Texts are bytes as the source wrote them, with code maps already applied and dates
/// of a real date type as `YYYY-MM-DD`; null is `None`. The registration day is whole days since
/// 1970-01-01 in the campaign's zone.
#[derive(Debug, Clone)]
pub struct RegisterBatch {
    memory: BatchMemory,
    /// Text columns of a record.
    stride: usize,
    unread_times: BTreeMap<String, u64>,
    /// Where the memory goes when the batch has been read.
    pool: Arc<MemoryPool>,
}

impl Drop for RegisterBatch {
    fn drop(&mut self) {
        self.pool.give_back(std::mem::take(&mut self.memory));
    }
}

/// Registration day of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// Days since 1970-01-01.
    Known(i32),
    /// The record has no registration time, and counts as before every period.
    Missing,
    /// The time is filled but not understood; such a record counts as before every period too.
    Invalid,
}

impl Day {
    /// The day, if there is one.
    pub fn known(self) -> Option<i32> {
        match self {
            Day::Known(day) => Some(day),
            Day::Missing | Day::Invalid => None,
        }
    }
}

/// Where a value is in a batch's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: u32,
    length: u32,
}

impl Span {
    /// No value.
    pub const NULL: Span = Span { start: 0, length: u32::MAX };
}

/// Text columns of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextColumn {
    /// The record's key, unique in the register.
    Key,
    /// Code, name or alias of the unit, as the record writes it.
    Unit,
    /// What kind of document the ID number belongs to, if the register has such a column.
    DocumentType,
    /// One of the fields that completeness is measured over.
    Field(Field),
}

/// Number of text columns without own fields.
pub const COLUMNS: usize = 3 + Field::ALL.len();

/// A batch is full at this many bytes, however few its records.
const MOST_BYTES: usize = 64 << 20;

impl TextColumn {
    /// Position among all columns, those of own fields last; used to index counters of columns.
    #[inline]
    pub fn slot(self) -> usize {
        match self {
            TextColumn::Key => 0,
            TextColumn::Unit => 1,
            TextColumn::DocumentType => 2,
            TextColumn::Field(field) => 3 + field.index(),
        }
    }
}

impl RegisterBatch {
    /// Number of records.
    pub fn rows(&self) -> usize {
        self.memory.days.len()
    }

    /// Shapes of the registration times that are filled but not understood, with how many have them.
    pub fn unread_times(&self) -> &BTreeMap<String, u64> {
        &self.unread_times
    }

    /// The records in the order of the source.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let BatchMemory { data, spans, days } = &self.memory;
        spans.chunks_exact(self.stride).zip(days).map(|(spans, day)| Record { data, spans, day: *day })
    }
}

/// One record of a batch.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    data: &'a [u8],
    spans: &'a [Span],
    /// Day of registration in the campaign's zone.
    pub day: Day,
}

impl<'a> Record<'a> {
    /// A value, `None` if it is null or its column is not mapped.
    #[inline]
    pub fn value(&self, column: TextColumn) -> Option<&'a [u8]> {
        let Span { start, length } = *self.spans.get(column.slot())?;
        if length == u32::MAX {
            return None;
        }
        self.data.get(start as usize..start as usize + length as usize)
    }

    /// How many fields of the office's own the batch has columns for.
    pub fn own_fields(&self) -> u8 {
        // Positions of fields are numbers of one byte.
        self.spans.len().saturating_sub(COLUMNS) as u8
    }
}

/// Gathers records one by one, without an allocation per value.
///
/// A record begins empty; each of its values is pushed or placed once, and its registration day ends
/// it. A column that is not given stays null.
pub struct BatchBuilder {
    batch: RegisterBatch,
    record: Vec<Span>,
    rows: usize,
}

impl BatchBuilder {
    /// An empty builder for `rows` records of the built-in columns.
    pub fn new(rows: usize) -> BatchBuilder {
        BatchBuilder::with_own(rows, 0)
    }

    /// An empty builder for `rows` records with `own` fields of the office's own.
    pub fn with_own(rows: usize, own: usize) -> BatchBuilder {
        let stride = COLUMNS + own;
        let memory = BatchMemory::for_records(rows.min(1 << 16), stride);
        let batch = RegisterBatch { memory, stride, unread_times: BTreeMap::new(), pool: Arc::default() };
        BatchBuilder { batch, record: vec![Span::NULL; stride], rows }
    }

    /// An empty builder that has room at once for what this one holds, where a batch has been read already in its memory.
    pub fn next(&self) -> BatchBuilder {
        let RegisterBatch { memory, stride, pool, .. } = &self.batch;
        let (memory, pool) = (pool.take().unwrap_or_else(|| memory.as_large()), pool.clone());
        let batch = RegisterBatch { memory, stride: *stride, unread_times: BTreeMap::new(), pool };
        BatchBuilder { batch, record: vec![Span::NULL; *stride], rows: self.rows }
    }

    /// Appends a text value to the record.
    pub fn push_text(&mut self, column: TextColumn, value: Option<&str>) {
        self.push_bytes(column, value.map(str::as_bytes));
    }

    /// Appends a value to the record as the source wrote it.
    pub fn push_bytes(&mut self, column: TextColumn, value: Option<&[u8]>) {
        let span = value.map_or(Span::NULL, |value| self.append(value));
        self.place(column, span);
    }

    /// Adds bytes in which values lie that [`BatchBuilder::place`] will name.
    #[inline]
    pub fn append(&mut self, bytes: &[u8]) -> Span {
        // Full batches end at 64 MiB and databases hold no value above 1 GiB, so that both fit.
        let span = Span { start: self.batch.memory.data.len() as u32, length: bytes.len() as u32 };
        self.batch.memory.data.extend_from_slice(bytes);
        span
    }

    /// A part of bytes that were appended; it must be within them.
    #[inline]
    pub fn within(whole: Span, start: usize, length: usize) -> Span {
        Span { start: whole.start + start as u32, length: length as u32 }
    }

    /// Makes bytes that were appended before a value of the record; a column that it does not have is
    /// left out.
    #[inline]
    pub fn place(&mut self, column: TextColumn, span: Span) {
        if let Some(place) = self.record.get_mut(column.slot()) {
            *place = span;
        }
    }

    /// Ends the record with its registration day, `None` where it has none.
    pub fn push_registered_on(&mut self, day: Option<Date>) {
        self.end_record(day.map_or(Day::Missing, |day| Day::Known(days_since_epoch(day))));
    }

    /// Ends the record without registration day, for a time that is filled but not understood.
    pub fn push_invalid_registered_at(&mut self) {
        self.end_record(Day::Invalid);
    }

    /// Notes how a time looks that is not understood; the day of its record is [`Day::Invalid`].
    pub fn note_unread_time(&mut self, shape: String) {
        *self.batch.unread_times.entry(shape).or_default() += 1;
    }

    /// Completes the record whose values were pushed: those that were not are NULL.
    pub fn end_record(&mut self, day: Day) {
        self.batch.memory.spans.extend_from_slice(&self.record);
        self.batch.memory.days.push(day);
        self.record.fill(Span::NULL);
    }

    /// Records gathered so far.
    pub fn rows(&self) -> usize {
        self.batch.rows()
    }

    /// Whether the batch should be finished now.
    pub fn is_full(&self) -> bool {
        self.batch.rows() >= self.rows || self.batch.memory.data.len() >= MOST_BYTES
    }

    /// The finished batch.
    pub fn finish(self) -> RegisterBatch {
        self.batch
    }
}

/// Whole days since 1970-01-01, the form in which tallies keep a day.
pub fn days_since_epoch(date: Date) -> i32 {
    // Both dates are within jiff's range, whose span in days fits i32.
    (date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24) as i32
}

/// The date that lies `days` after 1970-01-01, if jiff can hold it.
pub fn date_from_days(days: i32) -> Option<Date> {
    let span = jiff::Span::new().try_days(i64::from(days)).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were_pushed() {
        let mut builder = BatchBuilder::new(2);
        builder.push_text(TextColumn::Unit, Some("u1"));
        builder.push_text(TextColumn::Field(Field::Name), Some(""));
        builder.end_record(Day::Known(3));
        let row = builder.append(b"xxhelloyy");
        builder.place(TextColumn::Key, BatchBuilder::within(row, 2, 5));
        builder.push_invalid_registered_at();
        assert!(builder.is_full());
        let batch = builder.finish();
        let records: Vec<Record> = batch.records().collect();
        assert_eq!(batch.rows(), 2);
        assert_eq!(records[0].value(TextColumn::Unit), Some(&b"u1"[..]));
        assert_eq!(records[0].value(TextColumn::Field(Field::Name)), Some(&b""[..]));
        assert_eq!(records[0].value(TextColumn::Key), None);
        assert_eq!(records[1].value(TextColumn::Key), Some(&b"hello"[..]));
        assert_eq!((records[0].day, records[1].day), (Day::Known(3), Day::Invalid));
    }
}
