//! Columns as the statement reads them: texts that compare by their characters alone, and days.

use jiff::tz::TimeZone;

use crate::SourceError;
use crate::connection::Connection;
use crate::statements::{from, quote, split_name, table_oid};
use tongbao_config::settings::{DatabaseKind, Dataset, FieldColumn};
use tongbao_figures::indicator::sql::{Dialect, Registered, SqlColumn};
use tongbao_register::day_reader::DayStyle;

/// A dataset and its columns.
pub(super) struct Columns {
    /// What stands after FROM.
    pub(super) table: String,
    /// Names with the driver's words for their types.
    pub(super) types: Vec<(String, String)>,
    /// Names of those whose texts are in utf8mb4, which MariaDB would copy to convert them.
    in_utf8mb4: Vec<String>,
}

impl Columns {
    /// Asks the database for them.
    pub(super) async fn of(
        connection: &mut Connection,
        part: &'static str,
        dataset: &Dataset,
    ) -> Result<Columns, SourceError> {
        let table = with_schema(connection, dataset).await?;
        let types = connection.columns(part, dataset).await?;
        let mut columns = Columns { table, types, in_utf8mb4: Vec::new() };
        if connection.kind() == DatabaseKind::MySql && !columns.types.is_empty() {
            let quoted = columns.types.iter().map(|(name, _)| quote(DatabaseKind::MySql, name));
            let each: Vec<String> = quoted.map(|name| format!("charset({name}) = 'utf8mb4'")).collect();
            // A condition that no row meets is asked of each; of no rows nothing is.
            let sql = format!(
                "SELECT concat({}) FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM {} LIMIT 0) AS none ON TRUE",
                each.join(", "),
                columns.table
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

/// What stands after FROM for a dataset: a table by its schema too, since the selects of the statement have names that
/// would hide it.
async fn with_schema(connection: &mut Connection, dataset: &Dataset) -> Result<String, SourceError> {
    let (kind, table) = (connection.kind(), from(connection.kind(), dataset));
    let Dataset::Table(name) = dataset else { return Ok(table) };
    let schema = match kind {
        _ if split_name(name).len() > 1 => None,
        DatabaseKind::Postgres => {
            let schema = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid";
            connection.scalar(format!("SELECT ({schema} = {})", table_oid(name))).await?
        }
        DatabaseKind::MySql => {
            let schema = connection.scalar("SELECT database()".to_owned()).await?;
            schema.map(|schema| quote(kind, &schema))
        }
        DatabaseKind::Sqlite => None,
    };
    Ok(schema.map_or(table.clone(), |schema| format!("{schema}.{table}")))
}

/// Stands for the type of a column whose days need to be told how to be read.
pub(super) const OWN_FORM: &str = "with a form";

/// A column as text that compares by its characters alone.
pub(super) fn text_of(
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
pub(super) fn no_text(kind: DatabaseKind) -> &'static str {
    match kind {
        DatabaseKind::MySql => "CONVERT(NULL USING utf8mb4) COLLATE utf8mb4_bin",
        DatabaseKind::Postgres | DatabaseKind::Sqlite => "NULL::text",
    }
}

/// The birth date: days of a date or time type, texts otherwise.
pub(super) fn birth_of(
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
pub(super) fn date_of(
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
pub(super) fn day_of(
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

pub(super) fn known_day(dialect: Dialect, column: &str, exists: &str, date: &str) -> Registered {
    let known = |value: String| format!("CASE WHEN {exists} THEN {value} END");
    Registered {
        day: known(dialect.day(date)),
        number: known(dialect.date_number(&format!("({date})"))),
        invalid: format!("{column} IS NOT NULL AND NOT ({exists})"),
    }
}
