//! One connection to one of the three databases, in a read-only snapshot.

use std::str::FromStr;

use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection as _, Either, Executor, Row, SqlSafeStr, Statement,
    TypeInfo,
};

use tokio::time::Instant;

use super::copy_binary::{CopyDecoder, CopyRow};
use super::select::{Column as SelectColumn, EachRow, describe};
use super::{SourceError, address, sqlite_rows};
use crate::config::settings::{DatabaseKind, DatabaseUrl, Dataset, NOT_BUILT_IN};

/// The concrete driver; `Any` fails on dates and booleans.
enum Driver {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
    MySql(Box<MySqlConnection>),
}

/// Settings under which the planner sends counting on to the servers of a partitioned table: rows that
/// travel are what costs, and grouping what has travelled is the last choice.
pub const COUNT_REMOTELY: &str = "SET LOCAL jit = off; SET LOCAL enable_partitionwise_aggregate = on; \
     SET LOCAL cpu_tuple_cost = 1000; SET LOCAL enable_hashagg = off; SET LOCAL enable_sort = off";

pub(super) struct Connection {
    driver: Driver,
    url: String,
}

impl Connection {
    /// Connects and opens a read-only snapshot.
    pub(super) async fn open(url: &DatabaseUrl) -> Result<Connection, SourceError> {
        let shown = url.to_string();
        let failed = |error| SourceError::of(error, &shown);
        let driver = match url.kind() {
            Some(DatabaseKind::Sqlite) => Driver::Sqlite(Box::new(open_sqlite(url).await?)),
            Some(DatabaseKind::Postgres) => {
                let options = address::postgres(url)?;
                Driver::Postgres(Box::new(open_postgres(&options).await.map_err(failed)?))
            }
            Some(DatabaseKind::MySql) => {
                let options = address::mysql(url)?;
                Driver::MySql(Box::new(open_mysql(&options).await.map_err(failed)?))
            }
            None if url.odbc().is_some() => return Err(SourceError::Address(NOT_BUILT_IN.to_owned())),
            None => return Err(SourceError::Address(format!("unknown kind of database: {shown}"))),
        };
        Ok(Connection { driver, url: shown })
    }

    pub(super) fn kind(&self) -> DatabaseKind {
        match self.driver {
            Driver::Sqlite(_) => DatabaseKind::Sqlite,
            Driver::Postgres(_) => DatabaseKind::Postgres,
            Driver::MySql(_) => DatabaseKind::MySql,
        }
    }

    /// Whether column names must match to the letter.
    pub(super) fn is_case_sensitive(&self) -> bool {
        self.kind() == DatabaseKind::Postgres
    }

    /// The column names of a dataset with the driver's words for their types.
    pub(super) async fn columns(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
    ) -> Result<Vec<(String, String)>, SourceError> {
        match self.describe(dataset).await {
            Ok(columns) => Ok(columns),
            Err(sqlx::Error::Database(error)) => match dataset {
                Dataset::Table(table) if is_missing_table(error.as_ref()) => {
                    // PostgreSQL aborts the transaction at the first error.
                    self.begin().await?;
                    let known = self.tables().await?;
                    Err(SourceError::missing_table(part, table, &known))
                }
                Dataset::Table(_) | Dataset::Only => {
                    Err(SourceError::of(sqlx::Error::Database(error), &self.url))
                }
                Dataset::Query(_) => Err(SourceError::Query { part, reason: error.message().to_owned() }),
            },
            Err(error) => Err(SourceError::of(error, &self.url)),
        }
    }

    /// The columns asked for (name, and whether it is read as a time) as they will be read. Fails on
    /// the first one that is not there.
    pub(super) async fn resolve(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
        columns: &[(&str, bool)],
    ) -> Result<Vec<SelectColumn>, SourceError> {
        let known = self.columns(part, dataset).await?;
        let exact = self.is_case_sensitive();
        let resolve = |(name, is_time): &(&str, bool)| {
            let found =
                known.iter().find(|(k, _)| if exact { k == name } else { k.eq_ignore_ascii_case(name) });
            match found {
                Some((_, type_name)) => Ok(SelectColumn::new(self.kind(), name, type_name, *is_time)),
                None => Err(SourceError::missing_column(part, name, &known)),
            }
        };
        columns.iter().map(resolve).collect()
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

    /// Every table and view that may be read, with the database's own estimate of its rows.
    pub(super) async fn estimates(&mut self) -> Result<Vec<(String, Option<u64>)>, SourceError> {
        const POSTGRES: &str = "SELECT CASE WHEN n.nspname = current_schema() THEN c.relname \
             ELSE n.nspname || '.' || c.relname END::text, c.reltuples::bigint \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
             AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
             AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1";
        const MYSQL: &str = "SELECT CAST(table_name AS CHAR(200)), CAST(table_rows AS SIGNED) \
             FROM information_schema.tables WHERE table_schema = database() ORDER BY 1";
        let failed = |error| SourceError::of(error, &self.url);
        let rows: Vec<(String, Option<i64>)> = match &mut self.driver {
            Driver::Sqlite(_) => {
                let mut known = Vec::new();
                for name in self.tables().await?.into_iter().filter(|name| !name.starts_with("sqlite_")) {
                    // A view has no row numbers to estimate by.
                    let rows = self.estimate(&name).await.ok().flatten();
                    known.push((name, rows));
                }
                return Ok(known);
            }
            Driver::Postgres(c) => sqlx::query_as(POSTGRES).fetch_all(&mut **c).await.map_err(failed)?,
            Driver::MySql(c) => sqlx::query_as(MYSQL).fetch_all(&mut **c).await.map_err(failed)?,
        };
        let count =
            |rows: Option<i64>| rows.and_then(|rows| u64::try_from(rows).ok()).filter(|rows| *rows > 0);
        Ok(rows.into_iter().map(|(name, rows)| (name.trim_end().to_owned(), count(rows))).collect())
    }

    /// Tables and views that the account may see and not read. MariaDB shows no account such tables.
    pub(super) async fn refused(&mut self) -> Result<Vec<String>, SourceError> {
        const POSTGRES: &str = "SELECT CASE WHEN n.nspname = current_schema() THEN c.relname \
             ELSE n.nspname || '.' || c.relname END::text \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
             AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
             AND NOT has_table_privilege(c.oid, 'SELECT') ORDER BY 1";
        match &mut self.driver {
            Driver::Sqlite(_) | Driver::MySql(_) => Ok(Vec::new()),
            Driver::Postgres(c) => {
                let names = sqlx::query_scalar(POSTGRES).fetch_all(&mut **c).await;
                names.map_err(|error| SourceError::of(error, &self.url))
            }
        }
    }

    /// Opens the snapshot anew.
    pub(super) async fn begin(&mut self) -> Result<(), SourceError> {
        let result = match &mut self.driver {
            Driver::Sqlite(_) => Ok(()),
            Driver::Postgres(c) => match c.execute("ROLLBACK").await {
                Ok(_) => begin_postgres(c).await,
                Err(error) => Err(error),
            },
            Driver::MySql(c) => begin_mysql(c).await,
        };
        result.map_err(|error| SourceError::of(error, &self.url))
    }

    /// Streams a statement's rows of text, one call a row. Every column must arrive as text.
    pub(super) async fn stream(
        &mut self,
        sql: String,
        columns: usize,
        deadline: Instant,
        each: &mut EachRow<'_>,
    ) -> Result<(), SourceError> {
        let url = self.url.clone();
        let failed = |error| SourceError::of(error, &url);
        match &mut self.driver {
            Driver::Sqlite(c) => {
                let mut handle = c.lock_handle().await.map_err(failed)?;
                // SAFETY: the lock keeps the connection from everybody else until the end of this block.
                let done = unsafe { sqlite_rows::step(handle.as_raw_handle(), &sql, deadline, each) }?;
                done.ok_or(SourceError::TimedOut { url })
            }
            Driver::Postgres(_) => {
                self.copy(&sql, columns, |row| {
                    let values: Vec<Option<&[u8]>> = row.fields.iter().map(|f| row.value(*f)).collect();
                    each(&values)
                })
                .await
            }
            Driver::MySql(c) => {
                // The text protocol: the server writes every value as it is read here. It would also take
                // several statements at once; that these are one was seen when the columns were asked for.
                let mut rows = c.fetch_many(sqlx::raw_sql(AssertSqlSafe(sql)));
                while let Some(row) = rows.try_next().await.map_err(failed)? {
                    let Either::Right(row) = row else { continue };
                    let mut values: Vec<Option<&[u8]>> = Vec::with_capacity(columns);
                    for column in 0..columns {
                        values.push(row.try_get_unchecked(column).map_err(failed)?);
                    }
                    each(&values)?;
                }
                Ok(())
            }
        }
    }

    /// Streams rows as PostgreSQL's binary COPY sends them; nothing from another database.
    pub(super) async fn copy(
        &mut self,
        sql: &str,
        columns: usize,
        mut each: impl FnMut(&CopyRow<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let Driver::Postgres(c) = &mut self.driver else { return Ok(()) };
        let failed = |error| SourceError::of(error, &self.url);
        let sql = format!("COPY ({sql}) TO STDOUT (FORMAT binary)");
        let mut chunks = c.copy_out_raw(&sql).await.map_err(failed)?;
        let mut decoder = CopyDecoder::new(columns);
        while let Some(chunk) = chunks.try_next().await.map_err(failed)? {
            decoder.push(&chunk, &mut each)?;
        }
        decoder.finish()
    }

    /// The first column of the only row of an own statement, as text.
    pub(super) async fn scalar(&mut self, sql: String) -> Result<Option<String>, SourceError> {
        let failed = |error| SourceError::of(error, &self.url);
        let sql = AssertSqlSafe(sql);
        match &mut self.driver {
            Driver::Sqlite(c) => sqlx::query_scalar(sql).fetch_one(&mut **c).await,
            Driver::Postgres(c) => sqlx::query_scalar(sql).fetch_one(&mut **c).await,
            Driver::MySql(c) => sqlx::query_scalar(sql).fetch_one(&mut **c).await,
        }
        .map_err(failed)
    }

    /// Lets PostgreSQL count the parts of a partitioned table where they lie. Its planner cannot know
    /// that few groups come of such expressions, and would fetch the rows instead; and compiling them
    /// takes longer than it saves.
    pub(super) async fn prepare_to_count(&mut self, is_local: bool) -> Result<(), SourceError> {
        let Driver::Postgres(c) = &mut self.driver else { return Ok(()) };
        let settings = if is_local { "SET LOCAL jit = off" } else { COUNT_REMOTELY };
        let set = c.execute(sqlx::raw_sql(AssertSqlSafe(settings.to_owned()))).await;
        set.map(|_| ()).map_err(|error| SourceError::of(error, &self.url))
    }

    /// Joins the snapshot that another PostgreSQL connection exported.
    pub(super) async fn join_snapshot(&mut self, snapshot: &str) -> Result<(), SourceError> {
        let Driver::Postgres(c) = &mut self.driver else { return Ok(()) };
        let sql = format!("SET TRANSACTION SNAPSHOT '{}'", snapshot.replace('\'', "''"));
        (&mut **c)
            .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
            .await
            .map_err(|e| SourceError::of(e, &self.url))?;
        Ok(())
    }

    /// The database's own estimate of a table's rows.
    pub(super) async fn estimate(&mut self, table: &str) -> Result<Option<u64>, SourceError> {
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

async fn open_postgres(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    connection.execute("SET TIME ZONE 'UTC'; SET DateStyle TO 'ISO'").await?;
    begin_postgres(&mut connection).await?;
    Ok(connection)
}

async fn begin_postgres(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    Ok(())
}

async fn open_mysql(options: &MySqlConnectOptions) -> Result<MySqlConnection, sqlx::Error> {
    let mut connection = MySqlConnection::connect_with(options).await?;
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
