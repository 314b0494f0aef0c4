//! Which records of the register count: those whose marks say so, and that had not left by the day of the figures.
//!
//! A database leaves the others out of every statement about the register; rows of files and of other drivers are judged
//! as they arrive. Either way they are counted by what they say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::time::Instant;

use super::connection::Connection;
use super::source_handle::SourceHandle;
use super::statements::{ColumnRole, RequestedColumn, from, quote, whole_code};
use super::{Source, SourceError, within};
use tongbao_config::settings::{DatabaseKind, RegisterSource};
use tongbao_figures::indicator::unread::ValueCounts;
use tongbao_register::day_reader::{DayForm, DayReader, DayReading, day_shape};
use tongbao_register::nothing::is_nothing;
use tongbao_register::text::{is_cell_mark, lossy, trim_text, trimmed_characters, whole};

/// Records that do not count, by the column that says so and its values; of days of leaving no value is kept. They are
/// known once the register has been read.
#[derive(Debug, Clone, Default)]
pub struct ExcludedRecords(Arc<Mutex<BTreeMap<String, ValueCounts>>>);

impl ExcludedRecords {
    fn add(&self, column: &str, value: &str, times: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.entry(column.to_owned()).or_default().add(value, times);
    }

    /// The columns that say so, each with its values.
    pub fn counts(&self) -> Vec<(String, ValueCounts)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(column, values)| (column.clone(), values.clone())).collect()
    }
}

/// The conditions of a configuration, on a day.
#[derive(Clone)]
pub(super) struct RecordFilter {
    /// Column = values under which a record counts, trimmed; a blank one stands for no value.
    only: Vec<(String, Vec<String>)>,
    left_at: Option<String>,
    /// The day of the figures; `None` = all who have a day of leaving have left.
    day: Option<Date>,
    zone: TimeZone,
    days: DayReader,
}

impl RecordFilter {
    /// `None` where every record counts.
    pub(super) fn new(register: &RegisterSource, zone: &TimeZone, day: Option<Date>) -> Option<RecordFilter> {
        let codes = |values: &Vec<String>| values.iter().map(|value| code(value).into_owned()).collect();
        let only: Vec<(String, Vec<String>)> =
            register.only.iter().map(|(column, values)| (column.clone(), codes(values))).collect();
        let left_at = register.left_at.clone();
        let days = DayReader::new(zone.clone(), DayForm::Written);
        let is_needed = !only.is_empty() || left_at.is_some();
        is_needed.then(|| RecordFilter { only, left_at, day, zone: zone.clone(), days })
    }

    /// The columns that it reads, in this order.
    pub(super) fn columns(&self) -> impl Iterator<Item = RequestedColumn<'_>> {
        let only = self.only.iter().map(|(column, _)| RequestedColumn::text(column));
        only.chain(self.left_at.as_deref().map(|name| RequestedColumn { name, role: ColumnRole::Time }))
    }

    /// Judges rows whose last values are those of [`RecordFilter::columns`].
    pub(super) fn rows(&self, excluded: Option<ExcludedRecords>) -> RowFilter<'_> {
        RowFilter { filter: self, excluded, unreadable: ValueCounts::default() }
    }

    /// The condition, never unknown, that a record of a database counts.
    pub(super) async fn condition(
        &self,
        connection: &mut Connection,
        register: &RegisterSource,
    ) -> Result<String, SourceError> {
        let conditions = self.conditions(connection, register).await?;
        let conditions: Vec<String> = conditions.into_iter().map(|(_, condition)| condition).collect();
        Ok(conditions.join(" AND "))
    }

    /// For each column its value as text and the condition that a record counts.
    async fn conditions(
        &self,
        connection: &mut Connection,
        register: &RegisterSource,
    ) -> Result<Vec<(String, String)>, SourceError> {
        let (kind, exact) = (connection.kind(), connection.is_case_sensitive());
        let known = connection.columns(PART, &register.dataset).await?;
        let type_of = |name: &str| {
            let found =
                known.iter().find(|(k, _)| if exact { k == name } else { k.eq_ignore_ascii_case(name) });
            let found = found.map(|(_, type_name)| type_name.as_str());
            found.ok_or_else(|| SourceError::missing_column(PART, name, &known))
        };
        let mut out = Vec::new();
        for (column, values) in &self.only {
            let text = whole_code(kind, &text(kind, column, type_of(column)?));
            let values: Vec<String> = values.iter().map(|value| literal(kind, value)).collect();
            let condition = format!("coalesce({text}, {}) IN ({})", literal(kind, ""), values.join(", "));
            out.push((text, condition));
        }
        if let Some(column) = &self.left_at {
            let type_name = type_of(column)?;
            let text = text(kind, column, type_name);
            let condition = match self.left_of_type(kind, column, type_name) {
                Some(condition) => condition,
                None => {
                    let dataset = from(kind, &register.dataset);
                    written_as_days(connection, column, &text, &dataset).await?;
                    let later = self.day.map_or("FALSE".to_owned(), |day| {
                        format!("substr({text}, 1, 10) > {}", literal(kind, &day.to_string()))
                    });
                    let blank = literal(kind, "");
                    // MySQL writes 0000-00-00 for none.
                    let zero = format!("substr({text}, 1, 10) = {}", literal(kind, "0000-00-00"));
                    format!("(coalesce({text}, {blank}) = {blank} OR {zero} OR {later})")
                }
            };
            out.push((text, condition));
        }
        Ok(out)
    }

    /// The condition that a record has not left, of a column whose type says what its values are.
    fn left_of_type(&self, kind: DatabaseKind, column: &str, type_name: &str) -> Option<String> {
        let column = quote(kind, column);
        // The first instant of the next day: who left before it has left.
        let next = self.day.and_then(|day| day.tomorrow().ok());
        let instant = next.and_then(|day| Some(day.to_zoned(self.zone.clone()).ok()?.timestamp()));
        let instant = instant.map(|instant| instant.strftime("%Y-%m-%d %H:%M:%S").to_string());
        let next = next.map(|day| day.to_string());
        let later =
            |from: Option<String>| from.map_or("FALSE".to_owned(), |from| format!("{column} >= {from}"));
        Some(match (kind, type_name) {
            (DatabaseKind::Postgres, "DATE" | "TIMESTAMP") => {
                let later = later(next.map(|next| format!("{type_name} '{next}'")));
                format!("({column} IS NULL OR {later})")
            }
            (DatabaseKind::Postgres, "TIMESTAMPTZ") => {
                let later = later(instant.map(|instant| format!("TIMESTAMPTZ '{instant}+00'")));
                format!("({column} IS NULL OR {later})")
            }
            // MariaDB's zero date stands for none.
            (DatabaseKind::MySql, "DATE" | "DATETIME" | "TIMESTAMP") => {
                let from = if type_name == "TIMESTAMP" { instant } else { next };
                format!(
                    "({column} IS NULL OR month({column}) = 0 OR {})",
                    later(from.map(|f| format!("'{f}'")))
                )
            }
            _ => return None,
        })
    }
}

/// The section that errors name.
const PART: &str = "source.register";

/// A column as trimmed text that compares by its characters alone.
fn text(kind: DatabaseKind, column: &str, type_name: &str) -> String {
    let quoted = quote(kind, column);
    let around: String = trimmed_characters().collect();
    match (kind, type_name) {
        (DatabaseKind::Sqlite, _) => format!("trim(CAST({quoted} AS TEXT), {})", literal(kind, &around)),
        // A database in another character set than UTF-8 may not have the others.
        (DatabaseKind::Postgres, _) => {
            let around: String = around.chars().filter(char::is_ascii).collect();
            format!("btrim({quoted}::text, {})", literal(kind, &around))
        }
        // Bits are bytes, not digits.
        (DatabaseKind::MySql, "BIT") => {
            format!("CONVERT(CAST({quoted} + 0 AS CHAR) USING utf8mb4) COLLATE utf8mb4_bin")
        }
        // It trims one text alone, not any of some characters, and no mark has these within it.
        (DatabaseKind::MySql, _) => {
            let text = format!("CONVERT({quoted} USING utf8mb4)");
            let blanks = ['\t', '\n', '\r', '\u{a0}', '\u{3000}', '\u{200b}', '\u{feff}'].into_iter();
            let text = blanks
                .chain(trimmed_characters().filter(|c| is_cell_mark(*c)))
                .fold(text, |text, c| format!("replace({text}, {}, '')", literal(kind, &c.to_string())));
            format!("trim({text}) COLLATE utf8mb4_bin")
        }
    }
}

/// A mark as it is compared: trimmed, and without the zeros after the point that it has where a program has made it a
/// number.
fn code(value: &str) -> Cow<'_, str> {
    lossy(whole(trim_text(value).as_bytes()))
}

/// A mark as messages show it.
fn shown(value: &str) -> &str {
    if value.is_empty() { "—" } else { value }
}

/// A text that no mode of a server reads otherwise.
fn literal(kind: DatabaseKind, text: &str) -> String {
    let bytes: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    match kind {
        DatabaseKind::Sqlite => format!("CAST(x'{bytes}' AS TEXT)"),
        DatabaseKind::Postgres => format!("convert_from(decode('{bytes}', 'hex'), 'UTF8')"),
        DatabaseKind::MySql => format!("CONVERT(x'{bytes}' USING utf8mb4) COLLATE utf8mb4_bin"),
    }
}

/// Fails where texts of a column do not begin with a day as `2016-06-09`, or name a zone: a database compares them as texts.
async fn written_as_days(
    connection: &mut Connection,
    column: &str,
    text: &str,
    dataset: &str,
) -> Result<(), SourceError> {
    const DAY: &str =
        "^(0000-00-00|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))([ T][0-9]{2}:[0-9]{2}[0-9:.]*)?$";
    const GLOB: &str = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]";
    let kind = connection.kind();
    let (odd, count) = match kind {
        DatabaseKind::Postgres => (format!("{text} !~ '{DAY}'"), "count(*)::text"),
        DatabaseKind::MySql => (format!("{text} NOT REGEXP '{DAY}'"), "CAST(count(*) AS CHAR)"),
        DatabaseKind::Sqlite => (
            format!(
                "NOT ({text} GLOB '{GLOB}' OR {text} GLOB '{GLOB}[ T][0-9][0-9]:[0-9][0-9]*' AND \
                 substr({text}, 17) NOT GLOB '*[^0-9:.]*') OR substr({text}, 1, 10) <> '0000-00-00' AND \
                 (substr({text}, 6, 2) NOT BETWEEN '01' AND '12' OR substr({text}, 9, 2) NOT BETWEEN '01' AND '31')"
            ),
            "CAST(count(*) AS TEXT)",
        ),
    };
    let sql = format!("SELECT {count} FROM {dataset} WHERE {text} <> {} AND ({odd})", literal(kind, ""));
    let count = connection.scalar(sql).await?.and_then(|count| count.parse().ok());
    match count.ok_or(SourceError::Damaged("a count that is no number"))? {
        0 => Ok(()),
        count => Err(SourceError::LeftAt { column: column.to_owned(), count, shapes: String::new() }),
    }
}

/// Judges rows one by one.
pub(super) struct RowFilter<'a> {
    filter: &'a RecordFilter,
    excluded: Option<ExcludedRecords>,
    /// Shapes of days of leaving that are no days.
    unreadable: ValueCounts,
}

impl RowFilter<'_> {
    /// Whether a row counts.
    pub(super) fn counts(&mut self, values: &[Option<&[u8]>]) -> bool {
        let RecordFilter { only, left_at, day, days, .. } = self.filter;
        let own = only.len() + usize::from(left_at.is_some());
        let mut own = values[values.len().saturating_sub(own)..].iter();
        for (column, among) in only {
            let value = own.next().copied().flatten().unwrap_or_default();
            let value = code(&lossy(value)).into_owned();
            let is_blank = is_nothing(value.as_bytes()) && among.iter().any(String::is_empty);
            if !is_blank && !among.contains(&value) {
                self.note(column, shown(&value));
                return false;
            }
        }
        let (Some(column), Some(value)) = (left_at, own.next().copied().flatten()) else { return true };
        match days.read(value) {
            DayReading::Blank => true,
            DayReading::Day(left) if day.is_some_and(|day| left > day) => true,
            DayReading::Day(_) => {
                self.note(column, "");
                false
            }
            DayReading::Unreadable => {
                self.unreadable.add(&day_shape(value), 1);
                true
            }
        }
    }

    fn note(&self, column: &str, value: &str) {
        if let Some(excluded) = &self.excluded {
            excluded.add(column, value, 1);
        }
    }

    /// Fails where a day of leaving could not be read: nobody knows whether that record counts.
    pub(super) fn finish(self) -> Result<(), SourceError> {
        match (self.unreadable.total(), &self.filter.left_at) {
            (0, _) | (_, None) => Ok(()),
            (count, Some(column)) => {
                let shapes = self.unreadable.by_frequency().into_iter().take(5);
                let shapes: Vec<String> = shapes.map(|(shape, times)| format!("{shape} × {times}")).collect();
                let shapes = format!(" ({})", shapes.join("; "));
                Err(SourceError::LeftAt { column: column.clone(), count, shapes })
            }
        }
    }
}

impl Source<'_> {
    /// Takes the records that count on a day of figures. Until it is called, all who have a day of leaving have left.
    pub fn count_on(&mut self, day: Date) {
        self.day = Some(day);
    }

    /// What is left out of the register; also what will be found.
    pub fn excluded(&self) -> ExcludedRecords {
        self.excluded.clone()
    }

    pub(super) fn filter(&self) -> Option<RecordFilter> {
        RecordFilter::new(&self.settings.register, &self.settings.time_zone, self.day)
    }

    /// The condition that records of the register's database count; `None` where all do.
    pub(super) async fn condition(&mut self) -> Result<Option<String>, SourceError> {
        let register = &self.settings.register;
        match (self.filter(), &mut self.place) {
            (Some(filter), SourceHandle::Database(connection)) => {
                filter.condition(connection, register).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Has the database count what it leaves out; of other sources that is known when they have been read.
    pub async fn count_excluded(&mut self) -> Result<(), SourceError> {
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        within(deadline, &url, self.counted_as_excluded(deadline)).await
    }

    async fn counted_as_excluded(&mut self, deadline: Instant) -> Result<(), SourceError> {
        let (register, excluded) = (&self.settings.register, self.excluded.clone());
        let (Some(filter), SourceHandle::Database(connection)) = (self.filter(), &mut self.place) else {
            return Ok(());
        };
        let conditions = filter.conditions(connection, register).await?;
        let kind = connection.kind();
        let blank = literal(kind, "");
        let mut columns: Vec<(&str, bool)> =
            filter.only.iter().map(|(name, _)| (name.as_str(), true)).collect();
        columns.extend(filter.left_at.as_deref().map(|name| (name, false)));
        let (mut earlier, mut selects) = (String::new(), Vec::new());
        for (at, (text, condition)) in conditions.iter().enumerate() {
            // A day of leaving is a matter of one person.
            let value = if columns[at].1 { format!("coalesce({text}, {blank})") } else { blank.clone() };
            let count = match kind {
                DatabaseKind::Postgres => "count(*)::text",
                DatabaseKind::Sqlite => "CAST(count(*) AS TEXT)",
                DatabaseKind::MySql => "CAST(count(*) AS CHAR)",
            };
            let (table, at) = (from(kind, &register.dataset), literal(kind, &at.to_string()));
            selects.push(format!(
                "SELECT {at} AS reason, {value} AS mark, {count} AS times FROM {table} \
                 WHERE {earlier}NOT ({condition}) GROUP BY {value}"
            ));
            earlier.push_str(&format!("{condition} AND "));
        }
        let mut each = |row: &[Option<&[u8]>]| {
            let [at, value, times] =
                [0, 1, 2].map(|at| lossy(row.get(at).copied().flatten().unwrap_or_default()));
            let column = at.parse().ok().and_then(|at: usize| columns.get(at));
            if let (Some((column, is_mark)), Ok(times)) = (column, times.parse()) {
                excluded.add(column, if *is_mark { shown(&value) } else { "" }, times);
            }
            Ok(())
        };
        connection.stream(selects.join(" UNION ALL "), 3, deadline, &mut each).await
    }
}

/// Conditions that must all hold.
pub(super) fn all(conditions: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let conditions: Vec<String> = conditions.into_iter().flatten().map(|one| format!("({one})")).collect();
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}
