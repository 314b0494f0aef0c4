//! One connection to one of the three databases, in a read-only snapshot.

use futures_util::TryStreamExt;
use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Column, Either, Executor, Row, SqlSafeStr, Statement, TypeInfo, ValueRef};

use tokio::time::Instant;

use super::copy_binary::{CopyDecoder, CopyRow};
use super::engine::ServerEngine;
use super::opening_sqlite::{Opened, WatchedFile};
use super::statements::{
    EachRow, SelectedColumn as SelectColumn, describe, quote_table, split_name, table_oid, written,
};
use super::{SourceError, address, opening, opening_sqlite, sqlite_rows};
use tongbao_config::settings::{DatabaseKind, DatabaseUrl, Dataset, not_built_in};

/// The concrete driver; `Any` fails on dates and booleans.
enum Driver {
    Sqlite(Box<SqliteConnection>, Option<WatchedFile>),
    Postgres(Box<PgConnection>),
    MySql(Box<MySqlConnection>),
}

/// Settings under which the planner sends counting on to the servers of a partitioned table: rows that
/// travel are what costs, and grouping what has travelled is the last choice.
pub const COUNT_REMOTELY: &str = "SET LOCAL jit = off; SET LOCAL enable_partitionwise_aggregate = on; \
     SET LOCAL cpu_tuple_cost = 1000; SET LOCAL enable_hashagg = off; SET LOCAL enable_sort = off";

/// Settings for counting here: persons are sorted, which memory speeds up; compiling takes longer than it saves.
const COUNT_HERE: &str = "SET LOCAL jit = off; SELECT set_config('work_mem', '64MB', true) \
     WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('64MB')";

pub(super) struct Connection {
    driver: Driver,
    engine: ServerEngine,
    address: DatabaseUrl,
    /// The same without its password.
    url: String,
    /// After a COPY that failed the driver does not know where the server's answers end.
    is_out_of_step: bool,
}

impl Connection {
    /// Connects and opens a read-only snapshot.
    pub(super) async fn open(url: &DatabaseUrl) -> Result<Connection, SourceError> {
        let shown = url.to_string();
        let failed = |error| SourceError::of(error, &shown);
        let (driver, engine) = match url.kind() {
            Some(DatabaseKind::Sqlite) => {
                let Opened { connection, engine, watched } = opening_sqlite::open(url).await?;
                (Driver::Sqlite(Box::new(connection), watched), engine)
            }
            Some(DatabaseKind::Postgres) => {
                let options = address::postgres(url)?;
                let (connection, engine) = opening::open_postgres(&options, &shown).await?;
                (Driver::Postgres(Box::new(connection)), engine)
            }
            Some(DatabaseKind::MySql) => {
                let options = address::mysql(url)?;
                let (connection, engine) = opening::open_mysql(&options).await.map_err(failed)?;
                (Driver::MySql(Box::new(connection)), engine)
            }
            None if url.odbc().is_some() => return Err(SourceError::Address(not_built_in())),
            None => return Err(SourceError::Address(tongbao_config::unknown_kind(url.expose()))),
        };
        Ok(Connection { driver, engine, address: url.clone(), url: shown, is_out_of_step: false })
    }

    /// A second connection to PostgreSQL, in the snapshot that this one has exported as `snapshot`.
    pub(super) async fn sibling(&self, snapshot: &str) -> Result<Connection, SourceError> {
        let options = address::postgres(&self.address)?;
        let connection = opening::open_sibling(&options, &self.engine, &self.url, snapshot).await?;
        let driver = Driver::Postgres(Box::new(connection));
        let (engine, address, url) = (self.engine.clone(), self.address.clone(), self.url.clone());
        Ok(Connection { driver, engine, address, url, is_out_of_step: false })
    }

    /// What the server is.
    pub(super) fn engine(&self) -> &ServerEngine {
        &self.engine
    }

    /// Whether rows come by PostgreSQL's binary COPY.
    pub(super) fn copies(&self) -> bool {
        self.engine.copies
    }

    pub(super) fn kind(&self) -> DatabaseKind {
        match self.driver {
            Driver::Sqlite(..) => DatabaseKind::Sqlite,
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
                    self.begin().await?;
                    Err(SourceError::of(sqlx::Error::Database(error), &self.url))
                }
                Dataset::Query(_) => {
                    let reason = error.message().to_owned();
                    // What passes is no fault of the query.
                    Err(match SourceError::of(sqlx::Error::Database(error), &self.url) {
                        passing @ (SourceError::BrokenOff { .. } | SourceError::Full { .. }) => passing,
                        _ => SourceError::Query { part, reason },
                    })
                }
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
            Driver::Sqlite(c, _) => named(c.prepare(sql).await?.columns()),
            Driver::Postgres(c) => named(c.prepare(sql).await?.columns()),
            Driver::MySql(c) => named(c.prepare(sql).await?.columns()),
        })
    }

    /// The tables and views that may be read, as a configuration names them: those of other schemas
    /// than the session's own with their schema.
    async fn tables(&mut self) -> Result<Vec<String>, SourceError> {
        const POSTGRES: &str = "SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname END::text, \
             c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' \
             AND n.nspname NOT LIKE 'pg\\_%' AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2";
        const MYSQL: &str = "SELECT CAST(IF(table_schema = database(), '', table_schema) AS CHAR(200)), \
             CAST(table_name AS CHAR(200)) FROM information_schema.tables \
             WHERE table_schema NOT IN ('information_schema', 'mysql', 'sys', 'performance_schema') ORDER BY 1, 2";
        const SQLITE: &str = "SELECT '', name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY 2";
        let names: Result<Vec<(String, String)>, sqlx::Error> = match &mut self.driver {
            Driver::Sqlite(c, _) => sqlx::query_as(SQLITE).fetch_all(&mut **c).await,
            Driver::Postgres(c) => sqlx::query_as(POSTGRES).fetch_all(&mut **c).await,
            Driver::MySql(c) => sqlx::query_as(MYSQL).fetch_all(&mut **c).await,
        };
        let names = names.map_err(|error| SourceError::of(error, &self.url))?;
        Ok(names.iter().map(|(schema, name)| written(&[schema.trim_end(), name.trim_end()])).collect())
    }

    /// Every table and view that may be read, with the database's own estimate of its rows.
    pub(super) async fn estimates(&mut self) -> Result<Vec<(String, Option<u64>)>, SourceError> {
        const POSTGRES: &str = "SELECT CASE WHEN n.nspname = current_schema() THEN '' \
             ELSE n.nspname END::text, c.relname::text, c.reltuples::bigint \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
             AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
             AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2";
        const MYSQL: &str = "SELECT '', CAST(table_name AS CHAR(200)), CAST(table_rows AS SIGNED) \
             FROM information_schema.tables WHERE table_schema = database() ORDER BY 2";
        let failed = |error| SourceError::of(error, &self.url);
        let rows: Vec<(String, String, Option<i64>)> = match &mut self.driver {
            Driver::Sqlite(..) => {
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
        let named = |(schema, name, rows): (String, String, Option<i64>)| {
            (written(&[schema.trim_end(), name.trim_end()]), count(rows))
        };
        Ok(rows.into_iter().map(named).collect())
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
            Driver::Sqlite(..) | Driver::MySql(_) => Ok(Vec::new()),
            Driver::Postgres(c) => {
                let names = sqlx::query_scalar(POSTGRES).fetch_all(&mut **c).await;
                names.map_err(|error| SourceError::of(error, &self.url))
            }
        }
    }

    /// Opens the snapshot again.
    pub(super) async fn begin(&mut self) -> Result<(), SourceError> {
        match &mut self.driver {
            Driver::Sqlite(..) => Ok(()),
            Driver::Postgres(c) if self.is_out_of_step => {
                let options = address::postgres(&self.address)?;
                **c = opening::open_again(&options, &self.engine, &self.url).await?;
                self.is_out_of_step = false;
                Ok(())
            }
            Driver::Postgres(c) => opening::restart_postgres(c, &self.engine, &self.url).await,
            Driver::MySql(c) => {
                let begun = opening::begin_mysql(c, &self.engine).await;
                begun.map_err(|error| SourceError::of(error, &self.url))
            }
        }
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
            Driver::Sqlite(c, watched) => {
                let mut handle = c.lock_handle().await.map_err(failed)?;
                // SAFETY: the lock keeps the connection from everybody else until the end of this block.
                let done = unsafe { sqlite_rows::step(handle.as_raw_handle(), &sql, deadline, each) }?;
                watched.as_ref().map_or(Ok(()), |watched| watched.verify(&url))?;
                done.ok_or(SourceError::TimedOut { url })
            }
            Driver::Postgres(_) if self.engine.copies => {
                self.copy(&sql, columns, |row| {
                    let values: Vec<Option<&[u8]>> = row.fields.iter().map(|f| row.value(*f)).collect();
                    each(&values)
                })
                .await
            }
            Driver::Postgres(c) => {
                // The simple protocol: every value as the text that a cast gives.
                let mut rows = c.fetch_many(sqlx::raw_sql(AssertSqlSafe(sql)));
                while let Some(row) = rows.try_next().await.map_err(failed)? {
                    let Either::Right(row) = row else { continue };
                    let mut values: Vec<Option<&[u8]>> = Vec::with_capacity(columns);
                    for column in 0..columns {
                        let value = row.try_get_raw(column).map_err(failed)?;
                        let bytes = (!value.is_null()).then(|| value.as_bytes()).transpose();
                        values.push(bytes.map_err(|_| SourceError::Damaged("a value without bytes"))?);
                    }
                    each(&values)?;
                }
                Ok(())
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
        // Until it has come to its end.
        self.is_out_of_step = true;
        let sql = format!("COPY ({sql}) TO STDOUT (FORMAT binary)");
        let mut chunks = c.copy_out_raw(&sql).await.map_err(failed)?;
        let mut decoder = CopyDecoder::new(columns);
        while let Some(chunk) = chunks.try_next().await.map_err(failed)? {
            decoder.push(&chunk, &mut each)?;
        }
        drop(chunks);
        self.is_out_of_step = false;
        decoder.finish()
    }

    /// Whether a statement of the program's own may be run, shown by running it for no rows.
    pub(super) async fn try_read(&mut self, sql: String) -> Result<(), SourceError> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        let tried = match &mut self.driver {
            Driver::Sqlite(c, _) => c.execute(sql).await.map(|_| ()),
            Driver::Postgres(c) => c.execute(sql).await.map(|_| ()),
            Driver::MySql(c) => c.execute(sql).await.map(|_| ()),
        };
        tried.map_err(|error| SourceError::of(error, &self.url))
    }

    /// The first column of the only row of an own statement, as text.
    pub(super) async fn scalar(&mut self, sql: String) -> Result<Option<String>, SourceError> {
        let failed = |error| SourceError::of(error, &self.url);
        let sql = AssertSqlSafe(sql);
        match &mut self.driver {
            Driver::Sqlite(c, _) => sqlx::query_scalar(sql).fetch_one(&mut **c).await,
            Driver::Postgres(c) => sqlx::query_scalar(sql).fetch_one(&mut **c).await,
            Driver::MySql(c) => sqlx::query_scalar(sql).fetch_one(&mut **c).await,
        }
        .map_err(failed)
    }

    /// Lets PostgreSQL count the parts of a partitioned table where they are. Its planner cannot know
    /// that few groups come of such expressions, and would fetch the rows instead; and compiling them
    /// takes longer than it saves.
    pub(super) async fn prepare_to_count(&mut self, is_local: bool) -> Result<(), SourceError> {
        let Driver::Postgres(c) = &mut self.driver else { return Ok(()) };
        let settings = if is_local { COUNT_HERE } else { COUNT_REMOTELY };
        let set = c.execute(sqlx::raw_sql(AssertSqlSafe(settings.to_owned()))).await;
        set.map(|_| ()).map_err(|error| SourceError::of(error, &self.url))
    }

    /// Whether policies of PostgreSQL hide rows of a table from this account.
    pub(super) async fn shows_some_rows(&mut self, table: &str) -> Result<bool, SourceError> {
        // Its kin may know nothing of policies, and a failed statement would end the snapshot.
        if !self.engine.is_postgres() {
            return Ok(false);
        }
        let sql = format!("SELECT coalesce(row_security_active({}), false)::text", table_oid(table));
        Ok(self.scalar(sql).await?.is_some_and(|active| active == "true"))
    }

    /// The database's own estimate of a table's rows.
    pub(super) async fn estimate(&mut self, table: &str) -> Result<Option<u64>, SourceError> {
        let failed = |error| SourceError::of(error, &self.url);
        let rows: Option<i64> = match &mut self.driver {
            Driver::Sqlite(c, _) => {
                let name = quote_table(DatabaseKind::Sqlite, table);
                let sql = AssertSqlSafe(format!("SELECT max(rowid) FROM {name}"));
                sqlx::query_scalar(sql).fetch_one(&mut **c).await.map_err(failed)?
            }
            Driver::Postgres(c) => {
                let oid = table_oid(table);
                let sql = AssertSqlSafe(format!("SELECT reltuples::bigint FROM pg_class WHERE oid = {oid}"));
                sqlx::query_scalar(sql).fetch_optional(&mut **c).await.map_err(failed)?
            }
            Driver::MySql(c) => {
                let sql = "SELECT CAST(table_rows AS SIGNED) FROM information_schema.tables \
                           WHERE table_schema = coalesce(?, database()) AND table_name = ?";
                let mut parts = split_name(table).into_iter().rev();
                let (name, schema) = (parts.next().unwrap_or_default(), parts.next());
                let query = sqlx::query_scalar(sql).bind(schema).bind(name);
                query.fetch_optional(&mut **c).await.map_err(failed)?.flatten()
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
