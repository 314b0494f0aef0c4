//! From rows of text to record batches: column mapping, code maps, registration days.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::SourceError;
use crate::config::settings::RegisterSource;
use crate::register::batch::{BatchBuilder, RegisterBatch, TextColumn};
use crate::register::date::parse_day;
use crate::register::field::Field;

/// Fills batches row by row. The columns of a row are key, unit, the nine fields, then document type
/// and registration time where they are mapped.
pub struct RegisterReader<'a> {
    source: &'a RegisterSource,
    zone: &'a TimeZone,
    batch_rows: usize,
    builder: BatchBuilder,
    codes: Vec<&'a BTreeMap<String, String>>,
}

const FIRST_FIELD: usize = 2;
const AFTER_FIELDS: usize = FIRST_FIELD + Field::ALL.len();

impl<'a> RegisterReader<'a> {
    pub fn new(source: &'a RegisterSource, zone: &'a TimeZone, batch_rows: usize) -> RegisterReader<'a> {
        static NO_CODES: BTreeMap<String, String> = BTreeMap::new();
        let codes = Field::ALL.map(|f| source.fields.get(&f).map_or(&NO_CODES, |column| &column.codes));
        let builder = BatchBuilder::new(batch_rows);
        RegisterReader { source, zone, batch_rows, builder, codes: codes.into() }
    }

    /// Adds a row; a full batch comes back.
    pub fn push(&mut self, values: &[Option<&str>]) -> Result<Option<RegisterBatch>, SourceError> {
        self.builder.push_text(TextColumn::Key, values[0]);
        self.builder.push_text(TextColumn::Unit, values[1]);
        for (field, codes) in Field::ALL.into_iter().zip(&self.codes) {
            let value = values[FIRST_FIELD + field.index()];
            let decoded = value.map(|v| match codes.is_empty() {
                true => v,
                false => codes.get(v.trim()).map_or(v, String::as_str),
            });
            self.builder.push_text(TextColumn::Field(field), decoded);
        }
        let has_type = self.source.document_type.is_some();
        let document_type = if has_type { values[AFTER_FIELDS] } else { None };
        self.builder.push_text(TextColumn::DocumentType, document_type);
        self.push_day(self.source.registered_at.as_ref().and(values[values.len() - 1]));
        if self.builder.rows() < self.batch_rows { Ok(None) } else { self.finish() }
    }

    fn push_day(&mut self, registered_at: Option<&str>) {
        match parse_day(registered_at.unwrap_or_default(), self.zone) {
            Ok(day) => self.builder.push_registered_on(day),
            Err(_) => self.builder.push_invalid_registered_at(),
        }
    }

    /// What is left over.
    pub fn finish(&mut self) -> Result<Option<RegisterBatch>, SourceError> {
        let full = std::mem::replace(&mut self.builder, BatchBuilder::new(self.batch_rows));
        if full.rows() == 0 { Ok(None) } else { Ok(Some(full.finish()?)) }
    }
}

/// The columns to read, in order.
pub fn columns(source: &RegisterSource) -> Vec<&str> {
    let mut out = vec![source.key.as_str(), source.unit.as_str()];
    out.extend(Field::ALL.iter().filter_map(|f| source.fields.get(f)).map(|c| c.column.as_str()));
    out.extend(source.document_type.as_deref());
    out.extend(source.registered_at.as_deref());
    out
}
