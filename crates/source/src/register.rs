//! From rows to record batches: column mapping, code maps, registration days.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::tz::TimeZone;

use super::SourceError;
use super::copy_binary::CopyRow;
use super::statements::{ColumnRole, RequestedColumn, SelectedColumn, WireFormat};
use tongbao_config::settings::RegisterSource;
use tongbao_register::batch::{
    BatchBuilder, Day, RegisterBatch, TextColumn, date_from_days, days_since_epoch,
};
use tongbao_register::date::ZoneDays;
use tongbao_register::day_reader::{DayReader, DayReading, DayStyle, day_shape};
use tongbao_register::field::Field;
use tongbao_register::text::{trim, whole};

/// What a column of the register is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadTarget {
    Text(TextColumn),
    RegisteredAt,
}

impl ReadTarget {
    /// Whether its values are days or times.
    pub(crate) fn is_time(self) -> bool {
        self == ReadTarget::RegisteredAt || is_birth(self)
    }

    /// The column of this name, for this target.
    pub(super) fn asked<'a>(self, name: &'a str, source: &RegisterSource) -> RequestedColumn<'a> {
        match self {
            ReadTarget::Text(TextColumn::Field(Field::Own(at)))
                if source.own.get(usize::from(at)).is_some_and(|own| own.is_id) =>
            {
                RequestedColumn::id_number(name)
            }
            ReadTarget::Text(TextColumn::Field(Field::IdNumber)) => RequestedColumn::id_number(name),
            ReadTarget::Text(TextColumn::Field(Field::Name)) => {
                RequestedColumn { name, role: ColumnRole::Name }
            }
            ReadTarget::Text(TextColumn::Field(Field::BirthDate)) => {
                RequestedColumn { name, role: ColumnRole::BirthDate }
            }
            ReadTarget::Text(TextColumn::Field(_)) => RequestedColumn { name, role: ColumnRole::Field },
            ReadTarget::RegisteredAt => RequestedColumn { name, role: ColumnRole::Time },
            ReadTarget::Text(TextColumn::Unit) => RequestedColumn::unit(name),
            ReadTarget::Text(_) => RequestedColumn::text(name),
        }
    }
}

/// The columns that the figures need, in the order in which they are read; the record key where the
/// records are kept.
pub(super) fn targets(source: &RegisterSource, with_key: bool) -> Vec<(ReadTarget, &str)> {
    let key = with_key.then_some((ReadTarget::Text(TextColumn::Key), source.key.as_str()));
    let mut out: Vec<(ReadTarget, &str)> = key.into_iter().collect();
    out.push((ReadTarget::Text(TextColumn::Unit), source.unit.as_str()));
    let fields = Field::ALL.iter().filter_map(|f| Some((*f, source.fields.get(f)?)));
    out.extend(fields.map(|(f, c)| (ReadTarget::Text(TextColumn::Field(f)), c.column.as_str())));
    let own = source.own.iter().enumerate().filter_map(|(at, own)| Some((at, own.column.as_deref()?)));
    out.extend(own.map(|(at, name)| (ReadTarget::Text(TextColumn::Field(Field::Own(at as u8))), name)));
    out.extend(
        source.document_type.as_deref().map(|name| (ReadTarget::Text(TextColumn::DocumentType), name)),
    );
    out.extend(source.registered_at.as_deref().map(|name| (ReadTarget::RegisteredAt, name)));
    out
}

/// Fills batches row by row.
pub(super) struct RegisterReader {
    columns: Vec<(ReadTarget, WireFormat, Codes)>,
    times: DayReader,
    /// Of birth dates in a form that the definitions cannot know.
    births: Option<DayReader>,
    days: ZoneDays,
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
        targets: &[ReadTarget],
        columns: &[SelectedColumn],
        zone: &TimeZone,
        batch_rows: usize,
    ) -> RegisterReader {
        let codes = |target: &ReadTarget| match target {
            ReadTarget::Text(TextColumn::Field(field)) => {
                source.fields.get(field).map(|column| codes(&column.codes)).unwrap_or_default()
            }
            _ => Codes::new(),
        };
        RegisterReader {
            columns: targets.iter().zip(columns).map(|(t, column)| (*t, column.wire, codes(t))).collect(),
            times: DayReader::new(zone.clone(), source.registered_form),
            births: source
                .fields
                .get(&Field::BirthDate)
                .filter(|column| column.form != DayStyle::default())
                .map(|column| DayReader::new(zone.clone(), column.form)),
            days: ZoneDays::new(zone.clone()),
            builder: BatchBuilder::with_own(batch_rows, source.own.len()),
            day: Day::Missing,
        }
    }

    /// Adds a row of texts; a full batch comes back.
    pub(super) fn row(&mut self, values: &[Option<&[u8]>]) -> Option<RegisterBatch> {
        for (at, value) in values.iter().enumerate() {
            let Some((target, _, codes)) = self.columns.get(at) else { break };
            match (target, value) {
                (ReadTarget::RegisteredAt, Some(value)) => {
                    self.day = text_day(&self.times, value, &mut self.builder);
                }
                (ReadTarget::RegisteredAt, None) => {}
                (ReadTarget::Text(column), Some(value)) => {
                    let value = if is_code(*column) { whole(value) } else { *value };
                    let value = decoded(codes, value).unwrap_or(value);
                    let day = self.births.as_ref().filter(|_| is_birth(*target)).and_then(|b| iso(b, value));
                    self.builder.push_bytes(*column, Some(day.as_ref().map_or(value, String::as_bytes)));
                }
                (ReadTarget::Text(_), None) => {}
            }
        }
        self.end()
    }

    /// Adds a row as PostgreSQL copied it; its bytes are taken over whole, and texts stay where they
    /// are in them.
    pub(super) fn copied(&mut self, row: &CopyRow<'_>) -> Result<Option<RegisterBatch>, SourceError> {
        let row_bytes = self.builder.append(row.data);
        for (at, field) in row.fields.iter().enumerate() {
            let Some((target, wire, codes)) = self.columns.get(at) else { break };
            let Some(value) = row.value(*field) else {
                continue;
            };
            match (target, wire) {
                (ReadTarget::RegisteredAt, wire) => {
                    let reading = (&self.times, &mut self.days, &mut self.builder);
                    self.day = wire_day(reading, *wire, value)?;
                }
                (ReadTarget::Text(column), WireFormat::Text)
                    if codes.is_empty() && !self.is_formed(*target) =>
                {
                    let value = if is_code(*column) { whole(value) } else { value };
                    self.builder.place(*column, BatchBuilder::within(row_bytes, field.start, value.len()));
                }
                (ReadTarget::Text(column), wire) => {
                    let births = self.births.as_ref().filter(|_| is_birth(*target));
                    let text = written(*wire, value, &mut self.days)?;
                    let value = text.as_deref().map_or(value, str::as_bytes);
                    let value = if is_code(*column) { whole(value) } else { value };
                    let value = decoded(codes, value).unwrap_or(value);
                    let day = births.and_then(|births| iso(births, value));
                    let span = self.builder.append(day.as_ref().map_or(value, String::as_bytes));
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
        let next = self.builder.next();
        let full = std::mem::replace(&mut self.builder, next);
        (full.rows() > 0).then(|| full.finish())
    }

    /// Whether a column's values are read before the definitions see them.
    fn is_formed(&self, target: ReadTarget) -> bool {
        self.births.is_some() && is_birth(target)
    }
}

/// Whether a column holds codes, which lose their zeros after the point where a program has made them numbers.
pub(super) fn is_code(column: TextColumn) -> bool {
    matches!(
        column,
        TextColumn::Field(
            Field::Sex | Field::Ethnicity | Field::MaritalStatus | Field::HukouType | Field::Own(_)
        )
    )
}

fn is_birth(target: ReadTarget) -> bool {
    target == ReadTarget::Text(TextColumn::Field(Field::BirthDate))
}

/// A birth date as the definitions read it; `None` where it stays as it is.
fn iso(births: &DayReader, value: &[u8]) -> Option<String> {
    match births.read(value) {
        DayReading::Day(date) => Some(date.to_string()),
        DayReading::Blank | DayReading::Unreadable => None,
    }
}

fn text_day(times: &DayReader, value: &[u8], builder: &mut BatchBuilder) -> Day {
    match times.read(value) {
        DayReading::Blank => Day::Missing,
        DayReading::Day(day) => Day::Known(days_since_epoch(day)),
        DayReading::Unreadable => {
            builder.note_unread_time(day_shape(value));
            Day::Invalid
        }
    }
}

fn wire_day(
    (times, days, builder): (&DayReader, &mut ZoneDays, &mut BatchBuilder),
    wire: WireFormat,
    value: &[u8],
) -> Result<Day, SourceError> {
    let day = match wire {
        WireFormat::Text => return Ok(text_day(times, value, builder)),
        WireFormat::Integer => return Ok(text_day(times, integer(value)?.to_string().as_bytes(), builder)),
        WireFormat::Date => date_days(value)?,
        WireFormat::Timestamp => seconds(value)?.and_then(local_day),
        WireFormat::Instant => seconds(value)?.and_then(|seconds| days.day(seconds)),
    };
    // PostgreSQL's infinities and years beyond four digits are no days.
    match day.filter(|day| USUAL_DAYS.contains(day)) {
        Some(day) => Ok(Day::Known(day)),
        None => {
            builder.note_unread_time(NO_DAY.to_owned());
            Ok(Day::Invalid)
        }
    }
}

/// What stands for a value of a date type that is no day: filled, but no date.
const NO_DAY: &str = "infinity";

/// From the year 1 to the year 9999, in days since 1970-01-01.
const USUAL_DAYS: RangeInclusive<i32> = -719_162..=2_932_896;

fn local_day(seconds: i64) -> Option<i32> {
    i32::try_from(seconds.div_euclid(SECONDS_OF_DAY)).ok()
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

/// A value as text, unless it is one already; an instant as its day in the zone.
fn written(wire: WireFormat, value: &[u8], days: &mut ZoneDays) -> Result<Option<String>, SourceError> {
    let day = match wire {
        WireFormat::Text => return Ok(None),
        WireFormat::Integer => return Ok(Some(integer(value)?.to_string())),
        WireFormat::Date => date_days(value)?,
        WireFormat::Timestamp => seconds(value)?.and_then(local_day),
        WireFormat::Instant => seconds(value)?.and_then(|seconds| days.day(seconds)),
    };
    let date = day.and_then(date_from_days).filter(|date| date.year() >= 1);
    Ok(Some(date.map_or(NO_DAY.to_owned(), |date| date.to_string())))
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

/// Seconds since 1970-01-01; `None` for PostgreSQL's infinities.
fn seconds(value: &[u8]) -> Result<Option<i64>, SourceError> {
    let micros = value.try_into().map_err(|_| SourceError::Damaged("a time of unknown width"))?;
    let micros = i64::from_be_bytes(micros);
    let seconds = micros.div_euclid(1_000_000) + i64::from(DAYS_TO_2000) * SECONDS_OF_DAY;
    Ok((micros != i64::MIN && micros != i64::MAX).then_some(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_days_have_years_of_one_to_four_digits() {
        let year = |day| date_from_days(day).map(|date| date.year());
        let (first, last) = USUAL_DAYS.into_inner();
        assert_eq!([first - 1, first, last].map(year), [Some(0), Some(1), Some(9999)]);
        assert_eq!(year(last + 1), None);
    }
}
