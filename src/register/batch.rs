//! Columns of a record batch: what every source delivers and every indicator reads.

use jiff::civil::Date;
use polars::prelude::*;

use super::field::Field;

/// Column names beside the nine [`Field::key`]s.
pub const KEY: &str = "key";
pub const UNIT: &str = "unit";
pub const REGISTERED_ON: &str = "registered_on";
pub const DOCUMENT_TYPE: &str = "document_type";

/// A batch of register records as polars columns.
///
/// All columns are strings with nulls except [`REGISTERED_ON`], whole days since 1970-01-01 in the
/// campaign's zone as i32 (null = no registration time). `birth_date` is text as the source wrote
/// it, or `YYYY-MM-DD` where the source has a real date type. Code maps are already applied. `document_type` is all
/// null where it is not mapped.
#[derive(Debug, Clone)]
pub struct RegisterBatch {
    pub frame: DataFrame,
    /// Registration times that were filled but not understood; such records count as before the period.
    pub invalid_registered_at: u64,
}

/// Text columns of a batch, in the order in which [`BatchBuilder`] stores them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextColumn {
    Key,
    Unit,
    DocumentType,
    Field(Field),
}

impl TextColumn {
    /// Name of the polars column.
    pub fn name(self) -> &'static str {
        match self {
            TextColumn::Key => KEY,
            TextColumn::Unit => UNIT,
            TextColumn::DocumentType => DOCUMENT_TYPE,
            TextColumn::Field(field) => field.key(),
        }
    }

    fn slot(self) -> usize {
        match self {
            TextColumn::Key => 0,
            TextColumn::Unit => 1,
            TextColumn::DocumentType => 2,
            TextColumn::Field(field) => 3 + field.index(),
        }
    }

    fn all() -> impl Iterator<Item = TextColumn> {
        [TextColumn::Key, TextColumn::Unit, TextColumn::DocumentType]
            .into_iter()
            .chain(Field::ALL.map(TextColumn::Field))
    }
}

/// Gathers values column by column into string-view and day columns, without an allocation per value.
///
/// Each record must push every text column and the registration day once; a column that the
/// configuration does not map is pushed as `None`.
pub struct BatchBuilder {
    texts: Vec<StringChunkedBuilder>,
    registered_on: Vec<Option<i32>>,
    invalid_registered_at: u64,
}

impl BatchBuilder {
    /// An empty builder with room for `rows` records.
    pub fn new(rows: usize) -> BatchBuilder {
        let texts = TextColumn::all().map(|c| StringChunkedBuilder::new(c.name().into(), rows)).collect();
        BatchBuilder { texts, registered_on: Vec::with_capacity(rows), invalid_registered_at: 0 }
    }

    /// Appends one text value.
    pub fn push_text(&mut self, column: TextColumn, value: Option<&str>) {
        self.texts[column.slot()].append_option(value);
    }

    /// Appends the registration day, `None` where the record has none.
    pub fn push_registered_on(&mut self, day: Option<Date>) {
        self.registered_on.push(day.map(days_since_epoch));
    }

    /// Appends "no registration day" for a time that is filled but not understood.
    pub fn push_invalid_registered_at(&mut self) {
        self.registered_on.push(None);
        self.invalid_registered_at += 1;
    }

    /// Records gathered so far.
    pub fn rows(&self) -> usize {
        self.registered_on.len()
    }

    /// The finished batch. Fails only if the columns were pushed unevenly.
    pub fn finish(self) -> PolarsResult<RegisterBatch> {
        let rows = self.rows();
        let mut columns: Vec<Column> =
            self.texts.into_iter().map(|builder| builder.finish().into_series().into()).collect();
        let days = Int32Chunked::from_iter_options(REGISTERED_ON.into(), self.registered_on.into_iter());
        columns.push(days.into_series().into());
        Ok(RegisterBatch {
            frame: DataFrame::new(rows, columns)?,
            invalid_registered_at: self.invalid_registered_at,
        })
    }
}

/// Whole days since 1970-01-01, the form in which tallies keep a day.
pub fn days_since_epoch(date: Date) -> i32 {
    // Both dates lie within jiff's range, whose span in days fits i32.
    (date - jiff::civil::date(1970, 1, 1)).get_days()
}

/// The date that lies `days` after 1970-01-01, if jiff can hold it.
pub fn date_from_days(days: i32) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(i64::from(days))).ok()
}

/// One roster entry as the source wrote it: the person's unit code and ID number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    pub unit: Option<String>,
    pub id_number: Option<String>,
}
