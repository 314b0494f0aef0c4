//! Counting where the data lies: one statement, whose rows are tallies.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::connection::Connection;
use super::register::is_code;
use super::statements::{from, quote, table_oid, whole_code};
use super::{REFERENCES, Source, SourceError, within};
use tongbao_config::settings::{DatabaseKind, Dataset, FieldColumn, Indicators};
use tongbao_figures::indicator::sql::{
    COLUMNS, Dialect, Inexpressible, Registered, SqlColumn, SqlField, SqlReference, SqlRoster,
    StatementTally, Tables, statement,
};
use tongbao_figures::indicator::tally::Tally;
use tongbao_register::batch::TextColumn;
use tongbao_register::day_reader::DayStyle;
use tongbao_register::field::Field;
use tongbao_register::text::{lossy, trim_text};
use tongbao_register::unit::Units;
use tongbao_rule::definitions::ValueType;

/// The columns of a dataset.
struct Columns {
    /// Names with the driver's words for their types.
    types: Vec<(String, String)>,
    /// Names of those whose texts are in utf8mb4, which MariaDB would copy to convert them.
    in_utf8mb4: Vec<String>,
}

impl Columns {
    async fn of(
        connection: &mut Connection,
        part: &'static str,
        dataset: &Dataset,
    ) -> Result<Columns, SourceError> {
        let types = connection.columns(part, dataset).await?;
        let mut columns = Columns { types, in_utf8mb4: Vec::new() };
        if connection.kind() == DatabaseKind::MySql && !columns.types.is_empty() {
            let quoted = columns.types.iter().map(|(name, _)| quote(DatabaseKind::MySql, name));
            let each: Vec<String> = quoted.map(|name| format!("charset({name}) = 'utf8mb4'")).collect();
            let sql = format!(
                "SELECT concat({}) FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM {} WHERE FALSE) AS none ON TRUE",
                each.join(", "),
                from(DatabaseKind::MySql, dataset)
            );
            let found = connection.scalar(sql).await?.unwrap_or_default();
            let names = columns.types.iter().zip(found.chars());
            columns.in_utf8mb4 =
                names.filter(|(_, is)| *is == '1').map(|((name, _), _)| name.clone()).collect();
        }
        Ok(columns)
    }

    fn type_of(&self, name: &str) -> &str {
        let found = self.types.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, kind)| kind)
    }
}

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
        let mut counting = StatementTally::new(units, indicators, cut_off);
        let work = async {
            let sql = self.counting_sql(units, indicators, cut_off, zone).await?;
            let is_local = self.is_local().await?;
            let connection = self.place.database()?;
            connection.prepare_to_count(is_local).await?;
            let mut add = |row: &[Option<&[u8]>]| {
                counting.add(row).ok_or(SourceError::Damaged("a count that the statement does not make"))
            };
            connection.stream(sql, COLUMNS, deadline, &mut add).await
        };
        within(deadline, url, work).await?;
        for (position, totals) in counting.roster_totals() {
            if let Some(roster) = self.settings.rosters.get(*position) {
                self.left_out.note(roster.part(), *position, *totals);
            }
        }
        Ok(counting.finish())
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
        let sql = format!("SELECT relkind::text FROM pg_class WHERE oid = {}", table_oid(table));
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
        self.place.database()?.engine().must_count()?;
        let counting = self.condition().await?;
        let connection = self.place.database()?;
        let kind = connection.kind();
        let dialect = match kind {
            DatabaseKind::MySql => Dialect::MariaDb,
            DatabaseKind::Postgres | DatabaseKind::Sqlite => Dialect::Postgres,
        };
        connection.prepare_to_count(is_local).await?;
        let register = &self.settings.register;
        let columns = Columns::of(connection, "source.register", &register.dataset).await?;
        let text = |name: &str| text_of(connection, "source.register", &columns, name);
        let mut fields = Vec::new();
        let persons = if indicators.subject.is_none() { &Field::ALL[..] } else { &[] };
        for &field in persons {
            // One that nothing reads has none.
            let Some(column) = register.fields.get(&field) else {
                let none = no_text(kind).to_owned();
                fields.push(SqlField {
                    value: SqlColumn::Text(none.clone()),
                    written: none,
                    codes: BTreeMap::new(),
                });
                continue;
            };
            let written = text(&column.column)?;
            let value = match field {
                Field::BirthDate => birth_of(dialect, &columns, column, zone, text)?,
                _ if is_code(TextColumn::Field(field)) => SqlColumn::Text(whole_code(kind, &written)),
                _ => SqlColumn::Text(written.clone()),
            };
            fields.push(SqlField { value, written, codes: column.codes.clone() });
        }
        let mut own = Vec::new();
        for (definition, column) in indicators.definitions.own_fields().iter().zip(&register.own) {
            let value = column.column.as_deref().map(|name| match definition.value_type {
                ValueType::Date => date_of(dialect, &columns, name, zone, text),
                _ => Ok(SqlColumn::Text(whole_code(kind, &text(name)?))),
            });
            own.push(value.transpose()?);
        }
        let (unit, document_type) = (text(&register.unit)?, register.document_type.as_deref());
        let document_type = document_type.map(text).transpose()?;
        let day = match &register.registered_at {
            Some(name) if register.registered_form != DayStyle::default() => {
                return Err(SourceError::NoDay { column: name.clone(), kind: OWN_FORM.to_owned() });
            }
            Some(name) => Some(day_of(dialect, &columns, name, zone)?),
            None => None,
        };
        let mut rosters = Vec::new();
        for roster in &self.settings.rosters {
            let part = roster.part();
            let columns = Columns::of(connection, part, &roster.from.dataset).await;
            let columns = columns.map_err(|error| error.of_roster(roster.name.as_deref()))?;
            let text = |name: &str| {
                text_of(connection, part, &columns, name)
                    .map_err(|error| error.of_roster(roster.name.as_deref()))
            };
            rosters.push(SqlRoster {
                table: from(kind, &roster.from.dataset),
                unit: text(&roster.unit)?,
                id_number: text(&roster.id_number)?,
            });
        }
        let mut references = Vec::new();
        for list in &self.settings.references {
            references.push(match list.from.url {
                Some(_) => None,
                None => {
                    let columns = Columns::of(connection, REFERENCES, &list.from.dataset).await?;
                    let column = text_of(connection, REFERENCES, &columns, &list.column)?;
                    Some(SqlReference { table: from(kind, &list.from.dataset), column })
                }
            });
        }
        let mut tables = Tables {
            dialect,
            register: match counting {
                Some(condition) => {
                    format!("(SELECT * FROM {} WHERE {condition}) AS register", from(kind, &register.dataset))
                }
                None => from(kind, &register.dataset),
            },
            unit,
            fields,
            own,
            document_type,
            day,
            is_local,
            is_table: matches!(register.dataset, Dataset::Table(_)),
            rosters,
            references,
            spellings: Vec::new(),
        };
        tables.spellings = self.spellings(&tables, units).await?;
        Ok(statement(&tables, units, indicators, cut_off)?)
    }

    /// How register and rosters write their units where that is not by code. The statement compares texts
    /// alone, and which unit a name means is for the program to say.
    async fn spellings(&mut self, tables: &Tables, units: &Units) -> Result<Vec<(String, u32)>, SourceError> {
        let deadline = self.deadline;
        let connection = self.place.database()?;
        let mut known = BTreeMap::new();
        let codes: HashSet<&str> = units.codes().map(|(code, _)| code).collect();
        let rosters = tables.rosters.iter().map(|roster| (&roster.table, &roster.unit));
        for (table, unit) in std::iter::once((&tables.register, &tables.unit)).chain(rosters) {
            let sql = format!("SELECT {unit} AS unit FROM {table} GROUP BY 1");
            let mut each = |row: &[Option<&[u8]>]| {
                let text = lossy(row.first().copied().flatten().unwrap_or_default());
                let is_code = codes.contains(text.as_ref());
                if let Some(position) = units.position(trim_text(&text)).filter(|_| !is_code) {
                    known.insert(text.into_owned(), position);
                }
                match known.len() > MOST_SPELLINGS {
                    true => Err(Inexpressible::Spellings(MOST_SPELLINGS).into()),
                    false => Ok(()),
                }
            };
            connection.stream(sql, 1, deadline, &mut each).await?;
        }
        Ok(known.into_iter().collect())
    }
}

/// Stands for the type of a column whose days need to be told how to be read.
const OWN_FORM: &str = "with a form";

/// Spellings of units besides their codes that a statement can hold.
const MOST_SPELLINGS: usize = 1 << 14;

/// A column as text that compares by its characters alone.
fn text_of(
    connection: &Connection,
    part: &'static str,
    columns: &Columns,
    name: &str,
) -> Result<String, SourceError> {
    let (kind, exact) = (connection.kind(), connection.is_case_sensitive());
    let types = &columns.types;
    let found = types.iter().find(|(k, _)| if exact { k == name } else { k.eq_ignore_ascii_case(name) });
    let (known, type_name) = found.ok_or_else(|| SourceError::missing_column(part, name, types))?;
    let quoted = quote(kind, name);
    Ok(match (kind, type_name.as_str()) {
        (DatabaseKind::MySql, "BIT") => {
            format!("CONVERT(CAST({quoted} + 0 AS CHAR) USING utf8mb4) COLLATE utf8mb4_bin")
        }
        (DatabaseKind::MySql, _) if columns.in_utf8mb4.contains(known) => {
            format!("{quoted} COLLATE utf8mb4_bin")
        }
        (DatabaseKind::MySql, _) => format!("CONVERT({quoted} USING utf8mb4) COLLATE utf8mb4_bin"),
        (_, "TEXT" | "VARCHAR" | "CHAR") => quoted,
        _ => format!("{quoted}::text"),
    })
}

/// A text that is nowhere filled, as [`text_of`].
fn no_text(kind: DatabaseKind) -> &'static str {
    match kind {
        DatabaseKind::MySql => "CONVERT(NULL USING utf8mb4) COLLATE utf8mb4_bin",
        DatabaseKind::Postgres | DatabaseKind::Sqlite => "NULL::text",
    }
}

/// The birth date: days of a date or time type, texts otherwise.
fn birth_of(
    dialect: Dialect,
    columns: &Columns,
    column: &FieldColumn,
    zone: &TimeZone,
    text: impl Fn(&str) -> Result<String, SourceError>,
) -> Result<SqlColumn, SourceError> {
    let name = column.column.as_str();
    if column.form != DayStyle::default() {
        return Err(SourceError::NoDay { column: name.to_owned(), kind: OWN_FORM.to_owned() });
    }
    date_of(dialect, columns, name, zone, text)
}

/// A column of dates: days of a date or time type, texts otherwise.
fn date_of(
    dialect: Dialect,
    columns: &Columns,
    name: &str,
    zone: &TimeZone,
    text: impl Fn(&str) -> Result<String, SourceError>,
) -> Result<SqlColumn, SourceError> {
    let type_name = columns.type_of(name);
    let refused = |kind: &str| SourceError::NoDay { column: name.to_owned(), kind: kind.to_lowercase() };
    let quoted = |kind| quote(kind, name);
    Ok(match (dialect, type_name) {
        (Dialect::MariaDb, "DATE") => SqlColumn::Date(quoted(DatabaseKind::MySql)),
        (Dialect::MariaDb, "DATETIME") => SqlColumn::Date(format!("date({})", quoted(DatabaseKind::MySql))),
        (Dialect::MariaDb, "TIMESTAMP") => return Err(refused(type_name)),
        (Dialect::Postgres, "DATE") => SqlColumn::Date(quoted(DatabaseKind::Postgres)),
        (Dialect::Postgres, "TIMESTAMP") => {
            SqlColumn::Date(format!("({}::date)", quoted(DatabaseKind::Postgres)))
        }
        (Dialect::Postgres, "TIMESTAMPTZ") => {
            let zone = zone.iana_name().ok_or_else(|| refused(type_name))?;
            let zone = dialect.text(zone);
            SqlColumn::Date(format!("(({} AT TIME ZONE {zone})::date)", quoted(DatabaseKind::Postgres)))
        }
        _ => SqlColumn::Text(text(name)?),
    })
}

/// The registration day.
fn day_of(
    dialect: Dialect,
    columns: &Columns,
    name: &str,
    zone: &TimeZone,
) -> Result<Registered, SourceError> {
    let type_name = columns.type_of(name);
    let refused = || SourceError::NoDay { column: name.to_owned(), kind: type_name.to_lowercase() };
    if dialect == Dialect::MariaDb {
        let column = quote(DatabaseKind::MySql, name);
        if !matches!(type_name, "DATE" | "DATETIME") {
            return Err(refused());
        }
        let exists = format!("month({column}) > 0 AND day({column}) > 0");
        let known = known_day(dialect, &column, &exists, &column);
        // MySQL's zero date stands for none.
        let invalid = format!("{} AND NOT {}", known.invalid, dialect.is_zero_date(&column));
        return Ok(Registered { invalid, ..known });
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

fn known_day(dialect: Dialect, column: &str, exists: &str, date: &str) -> Registered {
    let known = |value: String| format!("CASE WHEN {exists} THEN {value} END");
    Registered {
        day: known(dialect.day(date)),
        number: known(dialect.date_number(&format!("({date})"))),
        invalid: format!("{column} IS NOT NULL AND NOT ({exists})"),
    }
}
