//! One connection to one of the three databases, in a read-only snapshot.

use std::borrow::Cow;
use std::str::FromStr;

use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection as _, Executor, Row, SqlSafeStr, Statement, TypeInfo,
};

use super::SourceError;
use super::copy_binary::CopyDecoder;
use super::select::{EachRow, Select, describe};
use crate::config::settings::{DatabaseKind, DatabaseUrl, Dataset};

/// The concrete driver; `Any` fails on dates and booleans.
enum Driver {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
    MySql(Box<MySqlConnection>),
}

pub struct Connection {
    driver: Driver,
    url: String,
}

impl Connection {
    /// Connects and opens a read-only snapshot.
    pub async fn open(url: &DatabaseUrl) -> Result<Connection, SourceError> {
        let shown = url.to_string();
        let failed = |error| SourceError::of(error, &shown);
        let driver = match url.kind() {
            Some(DatabaseKind::Sqlite) => Driver::Sqlite(Box::new(open_sqlite(url).await?)),
            Some(DatabaseKind::Postgres) => {
                Driver::Postgres(Box::new(open_postgres(url).await.map_err(failed)?))
            }
            Some(DatabaseKind::MySql) => Driver::MySql(Box::new(open_mysql(url).await.map_err(failed)?)),
            None => return Err(SourceError::Address(format!("unknown kind of database: {shown}"))),
        };
        Ok(Connection { driver, url: shown })
    }

    fn kind(&self) -> DatabaseKind {
        match self.driver {
            Driver::Sqlite(_) => DatabaseKind::Sqlite,
            Driver::Postgres(_) => DatabaseKind::Postgres,
            Driver::MySql(_) => DatabaseKind::MySql,
        }
    }

    /// Whether column names must match to the letter.
    pub fn is_case_sensitive(&self) -> bool {
        self.kind() == DatabaseKind::Postgres
    }

    /// The column names of a dataset.
    pub async fn columns(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
    ) -> Result<Vec<String>, SourceError> {
        match self.describe(dataset).await {
            Ok(columns) => Ok(columns.into_iter().map(|(name, _)| name).collect()),
            Err(sqlx::Error::Database(error)) => match dataset {
                Dataset::Table(table) if is_missing_table(error.as_ref()) => {
                    // PostgreSQL aborts the transaction at the first error.
                    self.begin().await?;
                    let known = self.tables().await?;
                    Err(SourceError::missing_table(part, table, &known))
                }
                Dataset::Table(_) => Err(SourceError::of(sqlx::Error::Database(error), &self.url)),
                Dataset::Query(_) => Err(SourceError::Query { part, reason: error.message().to_owned() }),
            },
            Err(error) => Err(SourceError::of(error, &self.url)),
        }
    }

    /// Names and types of the columns.
    async fn describe(&mut self, dataset: &Dataset) -> Result<Vec<(String, String)>, sqlx::Error> {
        let sql = AssertSqlSafe(describe(self.kind(), dataset)).into_sql_str();
        Ok(match &mut self.driver {
            Driver::Sqlite(c) => named(c.prepare(sql).await?.columns()),
            Driver::Postgres(c) => named(c.prepare(sql).await?.columns()),
            Driver::MySql(c) => named(c.prepare(sql).await?.columns()),
        })
    }

    async fn tables(&mut self) -> Result<Vec<String>, SourceError> {
        const STANDARD: &str = "SELECT CAST(table_name AS CHAR(200)) FROM information_schema.tables \
             WHERE table_schema NOT IN ('information_schema', 'pg_catalog', 'mysql', 'sys', 'performance_schema') \
             ORDER BY 1";
        const SQLITE: &str = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY 1";
        let names: Result<Vec<String>, sqlx::Error> = match &mut self.driver {
            Driver::Sqlite(c) => sqlx::query_scalar(SQLITE).fetch_all(&mut **c).await,
            Driver::Postgres(c) => sqlx::query_scalar(STANDARD).fetch_all(&mut **c).await,
            Driver::MySql(c) => sqlx::query_scalar(STANDARD).fetch_all(&mut **c).await,
        };
        let names = names.map_err(|error| SourceError::of(error, &self.url))?;
        Ok(names.into_iter().map(|name| name.trim_end().to_owned()).collect())
    }

    /// Opens the snapshot anew.
    async fn begin(&mut self) -> Result<(), SourceError> {
        let result = match &mut self.driver {
            Driver::Sqlite(_) => Ok(()),
            Driver::Postgres(c) => begin_postgres(c).await,
            Driver::MySql(c) => begin_mysql(c).await,
        };
        result.map_err(|error| SourceError::of(error, &self.url))
    }

    /// Streams rows of text, one call a row.
    pub async fn stream(&mut self, select: &Select<'_>, each: &mut EachRow<'_>) -> Result<(), SourceError> {
        let url = self.url.clone();
        let failed = |error| SourceError::of(error, &url);
        let kind = self.kind();
        match &mut self.driver {
            Driver::Sqlite(c) => {
                let sql = AssertSqlSafe(select.sql(kind, |_| false));
                let mut rows = sqlx::query(sql).fetch(&mut **c);
                while let Some(row) = rows.try_next().await.map_err(failed)? {
                    let values = texts(select, |i| row.try_get_unchecked(i)).map_err(failed)?;
                    each(&borrowed(&values))?;
                }
            }
            Driver::Postgres(c) => {
                let sql = format!("COPY ({}) TO STDOUT (FORMAT binary)", select.sql(kind, |_| false));
                let mut chunks = c.copy_out_raw(&sql).await.map_err(failed)?;
                let mut decoder = CopyDecoder::new(select.columns.len());
                while let Some(chunk) = chunks.try_next().await.map_err(failed)? {
                    decoder.push(&chunk, each)?;
                }
                decoder.finish()?;
            }
            Driver::MySql(_) => return self.stream_mysql(select, each).await,
        }
        Ok(())
    }

    async fn stream_mysql(&mut self, select: &Select<'_>, each: &mut EachRow<'_>) -> Result<(), SourceError> {
        let url = self.url.clone();
        let failed = |error| SourceError::of(error, &url);
        let types = self.describe(select.dataset).await.map_err(failed)?;
        let zoned = |column: &str| {
            types.iter().any(|(name, kind)| name.eq_ignore_ascii_case(column) && kind == "TIMESTAMP")
        };
        let sql = AssertSqlSafe(select.sql(DatabaseKind::MySql, zoned));
        let Driver::MySql(c) = &mut self.driver else { return Ok(()) };
        let mut rows = sqlx::query(sql).fetch(&mut **c);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            let values = texts(select, |i| row.try_get_unchecked(i)).map_err(failed)?;
            each(&borrowed(&values))?;
        }
        Ok(())
    }

    /// The database's own estimate of a table's rows.
    pub async fn estimate(&mut self, table: &str) -> Result<Option<u64>, SourceError> {
        let failed = |error| SourceError::of(error, &self.url);
        let name = super::select::quote_table(self.kind(), table);
        let rows: Option<i64> = match &mut self.driver {
            Driver::Sqlite(c) => {
                let sql = AssertSqlSafe(format!("SELECT max(rowid) FROM {name}"));
                sqlx::query_scalar(sql).fetch_one(&mut **c).await.map_err(failed)?
            }
            Driver::Postgres(c) => {
                let sql = "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass($1)";
                sqlx::query_scalar(sql).bind(name).fetch_optional(&mut **c).await.map_err(failed)?
            }
            Driver::MySql(c) => {
                let sql = "SELECT CAST(table_rows AS SIGNED) FROM information_schema.tables \
                           WHERE table_schema = database() AND table_name = ?";
                sqlx::query_scalar(sql).bind(table).fetch_optional(&mut **c).await.map_err(failed)?.flatten()
            }
        };
        Ok(rows.and_then(|rows| u64::try_from(rows).ok()).filter(|rows| *rows > 0))
    }
}

fn named<C: Column>(columns: &[C]) -> Vec<(String, String)> {
    columns.iter().map(|c| (c.name().to_owned(), c.type_info().name().to_owned())).collect()
}

/// The values of a row. SQLite keeps bytes that are no text as text; they are read with replacement
/// characters, so that one bad value is judged as such and does not end the run.
fn texts<'r>(
    select: &Select<'_>,
    get: impl Fn(usize) -> Result<Option<&'r [u8]>, sqlx::Error>,
) -> Result<Vec<Option<Cow<'r, str>>>, sqlx::Error> {
    (0..select.columns.len()).map(|i| Ok(get(i)?.map(String::from_utf8_lossy))).collect()
}

fn borrowed<'a>(values: &'a [Option<Cow<'_, str>>]) -> Vec<Option<&'a str>> {
    values.iter().map(Option::as_deref).collect()
}

fn is_missing_table(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().is_some_and(|code| code == "42P01" || code == "3F000" || code == "42S02")
        || error.message().starts_with("no such table")
}

async fn open_sqlite(url: &DatabaseUrl) -> Result<SqliteConnection, SourceError> {
    let shown = url.to_string();
    let options = SqliteConnectOptions::from_str(url.expose())
        .map_err(|error| SourceError::Address(format!("{shown} is no SQLite address: {error}")))?
        .read_only(true)
        .create_if_missing(false)
        .disable_statement_logging();
    let path = options.get_filename().to_owned();
    if !path.exists() {
        return Err(SourceError::NoSuchFile { path: path.display().to_string() });
    }
    let failed = |error| SourceError::of(error, &shown);
    let mut connection = options.connect().await.map_err(failed)?;
    connection.execute("BEGIN").await.map_err(failed)?;
    // A deferred transaction fixes its snapshot at the first read.
    connection.execute("SELECT count(*) FROM sqlite_schema").await.map_err(failed)?;
    Ok(connection)
}

async fn open_postgres(url: &DatabaseUrl) -> Result<PgConnection, sqlx::Error> {
    let options = PgConnectOptions::from_str(url.expose())?.disable_statement_logging();
    let mut connection = PgConnection::connect_with(&options).await?;
    connection.execute("SET TIME ZONE 'UTC'; SET DateStyle TO 'ISO'").await?;
    begin_postgres(&mut connection).await?;
    Ok(connection)
}

async fn begin_postgres(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection.execute("ROLLBACK").await?;
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    Ok(())
}

async fn open_mysql(url: &DatabaseUrl) -> Result<MySqlConnection, sqlx::Error> {
    let options = MySqlConnectOptions::from_str(url.expose())?.disable_statement_logging();
    let mut connection = MySqlConnection::connect_with(&options).await?;
    connection.execute("SET SESSION time_zone = '+00:00'").await?;
    begin_mysql(&mut connection).await?;
    Ok(connection)
}

async fn begin_mysql(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    use sqlx::Executor;
    connection.execute(sqlx::raw_sql("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")).await?;
    connection.execute(sqlx::raw_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")).await?;
    Ok(())
}
