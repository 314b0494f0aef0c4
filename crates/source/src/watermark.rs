//! The high-water mark of an incremental pull: the time of the last change, and whether times of change can
//! be relied on at all. One statement answers both.

use jiff::{SignedDuration, Timestamp};

use super::statements::{from, quote};
use super::{Source, SourceError, within};
use tongbao_config::settings::DatabaseKind;

const ISO_DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}";
const ISO_GLOB: &str = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*";

/// What the database says of a column of times of change.
struct WatermarkAnswer {
    /// Texts that do not compare as their times do.
    odd: u64,
    /// Times beyond the clock.
    ahead: u64,
    /// The last time that is not beyond the clock, as a literal.
    last: Option<String>,
}

impl WatermarkAnswer {
    /// Counts and literal in one text, as [`sql`] joins them.
    fn parse(text: &str) -> Option<WatermarkAnswer> {
        let mut parts = text.splitn(3, ' ');
        let (odd, ahead, last) = (parts.next()?, parts.next()?, parts.next()?);
        let last = Some(last.to_owned()).filter(|last| last != "NULL");
        Some(WatermarkAnswer { odd: odd.parse().ok()?, ahead: ahead.parse().ok()?, last })
    }
}

impl Source<'_> {
    /// The time of the last change as a literal; `since` where nothing changed after it. `None`, with a
    /// warning, where the texts of the column do not compare as their times do, so that no change can be
    /// found by it, and where there is no time at all.
    ///
    /// A time beyond the clock is a mistake, and would hide every change that comes before it: such records
    /// are read at each pull instead.
    pub async fn watermark(
        &mut self,
        since: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<String>, SourceError> {
        let type_name = self.updated_at().await?;
        let kind = self.place.database()?.kind();
        let name = self.settings.register.updated_at.clone().unwrap_or_default();
        let column = quote(kind, &name);
        let odd = odd(kind, &type_name, &column);
        let mut statement = statement(
            kind,
            &column,
            &odd,
            &ahead(kind, &type_name, &column, now),
            &from(kind, &self.settings.register.dataset),
        );
        // Odd texts may be anywhere; of times, only those after the last pull matter.
        if let (None, Some(mark)) = (&odd, since) {
            statement.push_str(&format!(" WHERE {column} >= {}", self.day_before(mark, &type_name)?));
        }
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        let text = within(deadline, &url, self.place.database()?.scalar(statement)).await?;
        let answer = text.as_deref().and_then(WatermarkAnswer::parse);
        let WatermarkAnswer { odd, ahead, last } =
            answer.ok_or(SourceError::Damaged("a count that is no number"))?;
        if odd > 0 {
            tracing::warn!(
                "{odd} times of change are not written as 2016-06-09 08:30:00 and do not compare as times; everything \
                 is read: correct {name}, or set incremental = false"
            );
            return Ok(None);
        }
        if ahead > 0 {
            tracing::warn!(
                "{ahead} records have a time of change in the future; they are read at every pull: correct {name}"
            );
        }
        Ok(last.or(since.map(str::to_owned)))
    }
}

/// Asks for the counts and the last time, joined by blanks.
fn statement(
    kind: DatabaseKind,
    column: &str,
    odd: &Option<String>,
    ahead: &Option<String>,
    table: &str,
) -> String {
    let count = |condition: &Option<String>| match condition {
        Some(condition) => format!("coalesce(sum(CASE WHEN {condition} THEN 1 ELSE 0 END), 0)"),
        None => "0".to_owned(),
    };
    let (odd, counted) = (count(odd), count(ahead));
    let last = match ahead {
        Some(ahead) => format!("max(CASE WHEN {ahead} THEN NULL ELSE {column} END)"),
        None => format!("max({column})"),
    };
    match kind {
        DatabaseKind::Postgres => format!(
            "SELECT ({odd})::text || ' ' || ({counted})::text || ' ' || coalesce(quote_literal(({last})::text), 'NULL') \
             FROM {table}"
        ),
        DatabaseKind::Sqlite => format!(
            "SELECT CAST({odd} AS TEXT) || ' ' || CAST({counted} AS TEXT) || ' ' || quote({last}) FROM {table}"
        ),
        DatabaseKind::MySql => {
            format!("SELECT CAST(concat_ws(' ', {odd}, {counted}, quote({last})) AS CHAR) FROM {table}")
        }
    }
}

/// Texts that do not compare as their times do, where the column may hold texts.
fn odd(kind: DatabaseKind, type_name: &str, column: &str) -> Option<String> {
    match (kind, type_name) {
        (DatabaseKind::Postgres, "TEXT" | "VARCHAR" | "CHAR") => Some(format!("{column} !~ '{ISO_DAY}'")),
        (DatabaseKind::MySql, "CHAR" | "VARCHAR" | "TEXT") => {
            Some(format!("{column} NOT REGEXP '{ISO_DAY}'"))
        }
        (DatabaseKind::Sqlite, _) => {
            Some(format!("typeof({column}) = 'text' AND {column} NOT GLOB '{ISO_GLOB}'"))
        }
        _ => None,
    }
}

/// Times beyond the clock; `None` for types whose values are no times.
fn ahead(kind: DatabaseKind, type_name: &str, column: &str, now: Timestamp) -> Option<String> {
    let limit = tomorrow(now);
    let day = limit.strftime("%Y-%m-%d %H:%M:%S");
    match (kind, type_name) {
        (DatabaseKind::Sqlite, _) => Some(format!(
            "(typeof({column}) = 'text' AND {column} >= '{day}') OR (typeof({column}) <> 'text' AND ({}))",
            number_ahead(column, limit)
        )),
        (DatabaseKind::Postgres, "DATE" | "TIMESTAMP" | "TIMESTAMPTZ") => {
            Some(format!("{column} >= {type_name} '{day}'"))
        }
        (DatabaseKind::Postgres, "TEXT" | "VARCHAR" | "CHAR")
        | (DatabaseKind::MySql, "DATE" | "DATETIME" | "TIMESTAMP" | "CHAR" | "VARCHAR" | "TEXT") => {
            Some(format!("{column} >= '{day}'"))
        }
        (_, number) if is_number(number) => Some(number_ahead(column, limit)),
        _ => None,
    }
}

fn is_number(type_name: &str) -> bool {
    ["INT", "NUMERIC", "DECIMAL", "FLOAT", "DOUBLE", "REAL"].iter().any(|part| type_name.contains(part))
}

/// Numbers that are times of the future, whatever they count: days as 20160612, seconds or milliseconds
/// since 1970, or days and times as 20160612083000. A number of versions is none of them.
fn number_ahead(column: &str, limit: Timestamp) -> String {
    let (seconds, milliseconds) = (limit.as_second(), limit.as_millisecond());
    let (day, time) = (limit.strftime("%Y%m%d"), limit.strftime("%Y%m%d%H%M%S"));
    format!(
        "({column} >= {day} AND {column} < 100000000) OR ({column} >= {seconds} AND {column} < 100000000000) OR \
         ({column} >= {milliseconds} AND {column} < 10000000000000) OR {column} >= {time}"
    )
}

/// A day after now, whatever zone a database writes its times in.
fn tomorrow(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(38)).unwrap_or(now)
}
