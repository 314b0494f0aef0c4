//! Counting where the data lies: one statement, whose rows are tallies.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::connection::Connection;
use super::select::{from, quote, quote_table};
use super::{Source, SourceError, within};
use crate::config::settings::{DatabaseKind, Dataset, Indicators};
use crate::indicator::statement::{COLUMNS, Dialect, Gathering, Roster, Tables, Value, statement};
use crate::indicator::tally::Tally;
use crate::register::field::Field;
use crate::register::unit::Units;

/// Column names with the driver's words for their types.
type Types = Vec<(String, String)>;

impl Source<'_> {
    /// Has the database count everything, ages taken on `cut_off`.
    pub async fn count(
        mut self,
        units: &Units,
        indicators: &Indicators,
        cut_off: Date,
        zone: &TimeZone,
    ) -> Result<Tally, SourceError> {
        let (deadline, url) = (self.deadline, &self.settings.url);
        let mut gathering = Gathering::new(units, indicators);
        let work = async {
            let sql = self.counting_sql(units, indicators, cut_off, zone).await?;
            let is_local = self.is_local().await?;
            let connection = self.place.database()?;
            connection.prepare_to_count(is_local).await?;
            let mut add = |row: &[Option<&[u8]>]| {
                gathering.add(row).ok_or(SourceError::Damaged("a count that the statement does not make"))
            };
            connection.stream(sql, COLUMNS, deadline, &mut add).await
        };
        within(deadline, url, work).await?;
        Ok(gathering.finish())
    }

    /// Whether no part of the register can lie on another server: MariaDB has none, and PostgreSQL's
    /// plain tables lie where they are.
    async fn is_local(&mut self) -> Result<bool, SourceError> {
        let connection = self.place.database()?;
        let kind = connection.kind();
        let Dataset::Table(table) = &self.settings.register.dataset else {
            return Ok(kind == DatabaseKind::MySql);
        };
        if kind == DatabaseKind::MySql {
            return Ok(true);
        }
        let name = quote_table(kind, table).replace('\'', "''");
        let sql = format!("SELECT relkind::text FROM pg_class WHERE oid = to_regclass('{name}')");
        Ok(connection.scalar(sql).await?.is_some_and(|relkind| relkind == "r" || relkind == "m"))
    }

    /// The statement that [`Source::count`] runs, for this database's tables and types.
    pub async fn counting_sql(
        &mut self,
        units: &Units,
        indicators: &Indicators,
        cut_off: Date,
        zone: &TimeZone,
    ) -> Result<String, SourceError> {
        let is_local = self.is_local().await?;
        let connection = self.place.database()?;
        connection.engine().must_count()?;
        let kind = connection.kind();
        let dialect = match kind {
            DatabaseKind::MySql => Dialect::MariaDb,
            DatabaseKind::Postgres | DatabaseKind::Sqlite => Dialect::Postgres,
        };
        let register = &self.settings.register;
        let types = connection.columns("source.register", &register.dataset).await?;
        let text = |name: &str| text_of(connection, "source.register", &types, name);
        let mut fields = Vec::new();
        for field in Field::ALL {
            let column = register.fields.get(&field).ok_or(SourceError::Damaged("a field without column"))?;
            let is_date = field == Field::BirthDate && type_of(&types, &column.column) == "DATE";
            let value = match is_date {
                true => Value::Date(quote(kind, &column.column)),
                false => Value::Text(text(&column.column)?),
            };
            fields.push((value, column.codes.clone()));
        }
        let (unit, document_type) = (text(&register.unit)?, register.document_type.as_deref());
        let document_type = document_type.map(text).transpose()?;
        let day =
            register.registered_at.as_deref().map(|name| day_of(dialect, &types, name, zone)).transpose()?;
        let mut rosters = Vec::new();
        for roster in &self.settings.rosters {
            let part = roster.part();
            let types = connection.columns(part, &roster.from.dataset).await;
            let types = types.map_err(|error| error.of_roster(roster.name.as_deref()))?;
            let text = |name: &str| {
                text_of(connection, part, &types, name)
                    .map_err(|error| error.of_roster(roster.name.as_deref()))
            };
            rosters.push(Roster {
                table: from(kind, &roster.from.dataset),
                unit: text(&roster.unit)?,
                id_number: text(&roster.id_number)?,
            });
        }
        let tables = Tables {
            dialect,
            register: from(kind, &register.dataset),
            unit,
            fields,
            document_type,
            day,
            is_local,
            rosters,
        };
        Ok(statement(&tables, units, indicators, cut_off)?)
    }
}

fn type_of<'a>(types: &'a Types, name: &str) -> &'a str {
    types.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, kind)| kind)
}

/// A column as text that compares by its characters alone.
fn text_of(
    connection: &Connection,
    part: &'static str,
    types: &Types,
    name: &str,
) -> Result<String, SourceError> {
    let (kind, exact) = (connection.kind(), connection.is_case_sensitive());
    let found = types.iter().find(|(k, _)| if exact { k == name } else { k.eq_ignore_ascii_case(name) });
    let (_, type_name) = found.ok_or_else(|| SourceError::missing_column(part, name, types))?;
    let quoted = quote(kind, name);
    Ok(match (kind, type_name.as_str()) {
        (DatabaseKind::MySql, _) => format!("CONVERT({quoted} USING utf8mb4) COLLATE utf8mb4_bin"),
        (_, "TEXT" | "VARCHAR" | "CHAR") => quoted,
        _ => format!("{quoted}::text"),
    })
}

/// The registration day, and the condition that a time is filled but no day.
fn day_of(
    dialect: Dialect,
    types: &Types,
    name: &str,
    zone: &TimeZone,
) -> Result<(String, String), SourceError> {
    let type_name = type_of(types, name);
    let refused = || SourceError::NoDay { column: name.to_owned(), kind: type_name.to_lowercase() };
    if dialect == Dialect::MariaDb {
        let column = quote(DatabaseKind::MySql, name);
        if !matches!(type_name, "DATE" | "DATETIME") {
            return Err(refused());
        }
        let exists = format!("month({column}) > 0 AND day({column}) > 0");
        return Ok(known_day(dialect, &column, &exists, &column));
    }
    let column = quote(DatabaseKind::Postgres, name);
    let (literal, date) = match type_name {
        "DATE" => ("DATE", column.clone()),
        "TIMESTAMP" => ("TIMESTAMP", format!("{column}::date")),
        "TIMESTAMPTZ" => {
            let zone = zone.iana_name().ok_or_else(refused)?;
            ("TIMESTAMPTZ", format!("({column} AT TIME ZONE {})::date", dialect.text(zone)))
        }
        _ => return Err(refused()),
    };
    let exists = format!("{column} >= {literal} '0001-01-01' AND {column} < {literal} '10000-01-01'");
    Ok(known_day(dialect, &column, &exists, &date))
}

fn known_day(dialect: Dialect, column: &str, exists: &str, date: &str) -> (String, String) {
    let day = format!("CASE WHEN {exists} THEN {} END", dialect.day(date));
    (day, format!("{column} IS NOT NULL AND NOT ({exists})"))
}
