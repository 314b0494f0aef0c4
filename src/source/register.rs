//! From rows to record batches: column mapping, code maps, registration days.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::SourceError;
use super::copy_binary::CopyRow;
use super::select::{Asked, Column, Role, Wire};
use crate::config::settings::RegisterSource;
use crate::register::batch::{
    BatchBuilder, Day, RegisterBatch, Span, TextColumn, date_from_days, days_since_epoch,
};
use crate::register::date::{ZoneDays, parse_day};
use crate::register::field::Field;
use crate::register::text::trim;

/// What a column of the register is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Text(TextColumn),
    RegisteredAt,
}

impl Target {
    /// The column of this name, for this target.
    pub(super) fn asked(self, name: &str) -> Asked<'_> {
        match self {
            Target::Text(TextColumn::Field(Field::IdNumber)) => Asked::id_number(name),
            Target::Text(TextColumn::Field(Field::Name)) => Asked { name, role: Role::Name },
            Target::Text(TextColumn::Field(_)) => Asked { name, role: Role::Field },
            Target::Text(TextColumn::Unit) => Asked::unit(name),
            Target::Text(_) | Target::RegisteredAt => Asked::text(name),
        }
    }
}

/// The columns that the figures need, in the order in which they are read; the record key where the
/// records are kept.
pub(super) fn targets(source: &RegisterSource, with_key: bool) -> Vec<(Target, &str)> {
    let key = with_key.then_some((Target::Text(TextColumn::Key), source.key.as_str()));
    let mut out: Vec<(Target, &str)> = key.into_iter().collect();
    out.push((Target::Text(TextColumn::Unit), source.unit.as_str()));
    let fields = Field::ALL.iter().filter_map(|f| Some((*f, source.fields.get(f)?)));
    out.extend(fields.map(|(f, c)| (Target::Text(TextColumn::Field(f)), c.column.as_str())));
    out.extend(source.document_type.as_deref().map(|name| (Target::Text(TextColumn::DocumentType), name)));
    out.extend(source.registered_at.as_deref().map(|name| (Target::RegisteredAt, name)));
    out
}

/// Fills batches row by row.
pub(super) struct RegisterReader {
    columns: Vec<(Target, Wire, Codes)>,
    days: ZoneDays,
    batch_rows: usize,
    builder: BatchBuilder,
    day: Day,
}

/// A code map: codes as trimmed bytes, and what they mean.
type Codes = Vec<(Vec<u8>, Vec<u8>)>;

/// Days from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
const DAYS_TO_2000: i32 = 10_957;
const SECONDS_OF_DAY: i64 = 86_400;

impl RegisterReader {
    /// `columns` are those of [`targets`], as they are read.
    pub(super) fn new(
        source: &RegisterSource,
        targets: &[Target],
        columns: &[Column],
        zone: &TimeZone,
        batch_rows: usize,
    ) -> RegisterReader {
        let codes = |target: &Target| match target {
            Target::Text(TextColumn::Field(field)) => {
                source.fields.get(field).map(|column| codes(&column.codes)).unwrap_or_default()
            }
            _ => Codes::new(),
        };
        RegisterReader {
            columns: targets.iter().zip(columns).map(|(t, column)| (*t, column.wire, codes(t))).collect(),
            days: ZoneDays::new(zone.clone()),
            batch_rows,
            builder: BatchBuilder::new(batch_rows),
            day: Day::Missing,
        }
    }

    /// Adds a row of texts; a full batch comes back.
    pub(super) fn row(&mut self, values: &[Option<&[u8]>]) -> Option<RegisterBatch> {
        for (at, value) in values.iter().enumerate() {
            let Some((target, _, codes)) = self.columns.get(at) else { break };
            match (target, value) {
                (Target::RegisteredAt, value) => self.day = self.text_day(*value),
                (Target::Text(column), Some(value)) => {
                    let value = decoded(codes, value).unwrap_or(value);
                    self.builder.push_bytes(*column, Some(value));
                }
                (Target::Text(_), None) => {}
            }
        }
        self.end()
    }

    /// Adds a row as PostgreSQL copied it; its bytes are taken over whole, and texts stay where they
    /// lie in them.
    pub(super) fn copied(&mut self, row: &CopyRow<'_>) -> Result<Option<RegisterBatch>, SourceError> {
        let whole = self.builder.append(row.data);
        for (at, field) in row.fields.iter().enumerate() {
            let Some((target, wire, codes)) = self.columns.get(at) else { break };
            let Some(value) = row.value(*field) else {
                continue;
            };
            match (target, wire) {
                (Target::RegisteredAt, wire) => self.day = self.wire_day(*wire, value)?,
                (Target::Text(column), Wire::Text) if codes.is_empty() => {
                    self.builder.place(*column, BatchBuilder::within(whole, field.start, value.len()));
                }
                (Target::Text(column), wire) => {
                    let span = written(&mut self.builder, *wire, value, codes)?;
                    self.builder.place(*column, span);
                }
            }
        }
        Ok(self.end())
    }

    fn end(&mut self) -> Option<RegisterBatch> {
        self.builder.end_record(std::mem::replace(&mut self.day, Day::Missing));
        if self.builder.is_full() { self.finish() } else { None }
    }

    /// What is left over.
    pub(super) fn finish(&mut self) -> Option<RegisterBatch> {
        let full = std::mem::replace(&mut self.builder, BatchBuilder::new(self.batch_rows));
        (full.rows() > 0).then(|| full.finish())
    }

    fn text_day(&self, value: Option<&[u8]>) -> Day {
        match parse_day(value.unwrap_or_default(), self.days.zone()) {
            Ok(None) => Day::Missing,
            Ok(Some(day)) => Day::Known(days_since_epoch(day)),
            Err(_) => Day::Invalid,
        }
    }

    fn wire_day(&mut self, wire: Wire, value: &[u8]) -> Result<Day, SourceError> {
        let day = match wire {
            Wire::Text => return Ok(self.text_day(Some(value))),
            // Seconds or milliseconds of Unix time, or a date in digits.
            Wire::Integer => return Ok(self.text_day(Some(integer(value)?.to_string().as_bytes()))),
            Wire::Date => date_days(value)?,
            Wire::Timestamp => Some(seconds(value)?.div_euclid(SECONDS_OF_DAY) as i32),
            Wire::Instant => self.days.day(seconds(value)?),
        };
        // PostgreSQL's infinities and years beyond four digits are no days.
        let known = day.filter(|day| date_from_days(*day).is_some_and(|date| date.year() >= 1));
        Ok(known.map_or(Day::Invalid, Day::Known))
    }
}

fn codes(map: &BTreeMap<String, String>) -> Codes {
    map.iter().map(|(code, meaning)| (code.as_bytes().to_vec(), meaning.as_bytes().to_vec())).collect()
}

fn decoded<'a>(codes: &'a Codes, value: &[u8]) -> Option<&'a [u8]> {
    if codes.is_empty() {
        return None;
    }
    let value = trim(value);
    codes.iter().find(|(code, _)| code == value).map(|(_, meaning)| meaning.as_slice())
}

/// Writes a value as the text that a cast would give, or what its code means.
fn written(builder: &mut BatchBuilder, wire: Wire, value: &[u8], codes: &Codes) -> Result<Span, SourceError> {
    let text = match wire {
        Wire::Text => None,
        Wire::Integer => Some(integer(value)?.to_string()),
        Wire::Date => Some(match date_days(value)?.and_then(date_from_days) {
            Some(date) if date.year() >= 1 => date.to_string(),
            // Such a value is filled, but no date.
            _ => "infinity".to_owned(),
        }),
        Wire::Timestamp | Wire::Instant => {
            return Err(SourceError::Damaged("a time where none was asked for"));
        }
    };
    let value = text.as_deref().map_or(value, str::as_bytes);
    Ok(builder.append(decoded(codes, value).unwrap_or(value)))
}

fn integer(value: &[u8]) -> Result<i64, SourceError> {
    match value.len() {
        2 => value.try_into().map(i16::from_be_bytes).map(i64::from).ok(),
        4 => value.try_into().map(i32::from_be_bytes).map(i64::from).ok(),
        8 => value.try_into().map(i64::from_be_bytes).ok(),
        _ => None,
    }
    .ok_or(SourceError::Damaged("an integer of unknown width"))
}

/// Days since 1970-01-01; `None` for PostgreSQL's infinities.
fn date_days(value: &[u8]) -> Result<Option<i32>, SourceError> {
    let days =
        i32::from_be_bytes(value.try_into().map_err(|_| SourceError::Damaged("a date of unknown width"))?);
    Ok(days.checked_add(DAYS_TO_2000).filter(|_| days != i32::MIN && days != i32::MAX))
}

/// Seconds since 1970-01-01.
fn seconds(value: &[u8]) -> Result<i64, SourceError> {
    let micros = value.try_into().map_err(|_| SourceError::Damaged("a time of unknown width"))?;
    let seconds = i64::from_be_bytes(micros).div_euclid(1_000_000);
    Ok(seconds + i64::from(DAYS_TO_2000) * SECONDS_OF_DAY)
}
