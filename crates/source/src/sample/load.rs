//! Loads rows of text as fast as each database takes them.

use std::str::FromStr;
use tongbao_message::message;

use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::{SampleTable, SampleTables};
use crate::{SourceError, address};
use tongbao_config::settings::{DatabaseKind, DatabaseUrl};

type SampleRow = Vec<Option<String>>;

/// A writing connection to a database made for trials.
pub(super) enum Loader {
    Sqlite(Box<SqliteConnection>, String),
    Postgres(Box<PgConnection>, String),
    MySql(Box<MySqlConnection>, String),
}

impl Loader {
    pub(super) async fn open(url: &DatabaseUrl) -> Result<Loader, SourceError> {
        let shown = url.to_string();
        let failed = |error| SourceError::of(error, &shown);
        Ok(match url.kind() {
            Some(DatabaseKind::Sqlite) => {
                let options =
                    SqliteConnectOptions::from_str(url.expose()).map_err(failed)?.create_if_missing(true);
                if let Some(folder) = options.get_filename().parent() {
                    std::fs::create_dir_all(folder).map_err(|error| failed(sqlx::Error::Io(error)))?;
                }
                let connection = options.disable_statement_logging().connect().await.map_err(failed)?;
                Loader::Sqlite(Box::new(connection), shown)
            }
            Some(DatabaseKind::Postgres) => {
                let connection = address::postgres(url)?.connect().await.map_err(failed)?;
                Loader::Postgres(Box::new(connection), shown)
            }
            Some(DatabaseKind::MySql) => {
                let connection = address::mysql(url)?.connect().await.map_err(failed)?;
                Loader::MySql(Box::new(connection), shown)
            }
            None => {
                return Err(SourceError::Address(message!("no-place-for-samples", shown)));
            }
        })
    }

    /// Opens a transaction and makes the tables.
    pub(super) async fn create(&mut self, tables: SampleTables) -> Result<(), SourceError> {
        self.execute("BEGIN".to_owned()).await?;
        let text = if matches!(self, Loader::MySql(..)) { "VARCHAR(200)" } else { "TEXT" };
        let time = if matches!(self, Loader::MySql(..)) { "DATETIME" } else { "TIMESTAMP" };
        for (table, columns) in tables.0 {
            let columns: Vec<String> = columns
                .iter()
                .map(|column| match *column {
                    "id" => "id BIGINT PRIMARY KEY".to_owned(),
                    "code" => "code VARCHAR(40) PRIMARY KEY".to_owned(),
                    "registered_at" | "updated_at" => format!("{column} {time}"),
                    _ => format!("{column} {text}"),
                })
                .collect();
            let charset = if matches!(self, Loader::MySql(..)) { " DEFAULT CHARSET utf8mb4" } else { "" };
            let sql = format!("CREATE TABLE {table} ({}){charset}", columns.join(", "));
            self.execute(sql).await.map_err(|error| match error {
                SourceError::Database(message) if message.contains("already exists") => {
                    SourceError::Occupied(table.to_owned())
                }
                other => other,
            })?;
        }
        Ok(())
    }

    async fn execute(&mut self, sql: String) -> Result<(), SourceError> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        let (result, shown) = match self {
            Loader::Sqlite(c, shown) => ((&mut **c).execute(sql).await.map(|_| ()), shown),
            Loader::Postgres(c, shown) => ((&mut **c).execute(sql).await.map(|_| ()), shown),
            Loader::MySql(c, shown) => ((&mut **c).execute(sql).await.map(|_| ()), shown),
        };
        result.map_err(|error| SourceError::of(error, shown))
    }

    /// Inserts up to [`super::CHUNK`] rows into a table.
    pub(super) async fn insert(&mut self, table: SampleTable, rows: &[SampleRow]) -> Result<(), SourceError> {
        if rows.is_empty() {
            return Ok(());
        }
        let (result, shown) = match self {
            Loader::Postgres(c, shown) => (copy_in(c, table, rows).await, shown),
            Loader::Sqlite(c, shown) => {
                let sql = AssertSqlSafe(insert_sql(table, rows.len()));
                let query = rows.iter().flatten().fold(sqlx::query(sql), |query, value| query.bind(value));
                (query.execute(&mut **c).await.map(|_| ()), shown)
            }
            Loader::MySql(c, shown) => {
                let sql = AssertSqlSafe(insert_sql(table, rows.len()));
                let query = rows.iter().flatten().fold(sqlx::query(sql), |query, value| query.bind(value));
                (query.execute(&mut **c).await.map(|_| ()), shown)
            }
        };
        result.map_err(|error| SourceError::of(error, shown))
    }

    /// Commits, and lets PostgreSQL count, so that estimates are right at once.
    pub(super) async fn finish(mut self) -> Result<(), SourceError> {
        self.execute("COMMIT".to_owned()).await?;
        if matches!(self, Loader::Postgres(..)) {
            self.execute("ANALYZE".to_owned()).await?;
        }
        let (result, shown) = match self {
            Loader::Sqlite(c, shown) => (c.close().await, shown),
            Loader::Postgres(c, shown) => (c.close().await, shown),
            Loader::MySql(c, shown) => (c.close().await, shown),
        };
        result.map_err(|error| SourceError::of(error, &shown))
    }
}

fn insert_sql((name, columns): SampleTable, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns.len()].join(","));
    format!("INSERT INTO {name} ({}) VALUES {}", columns.join(","), vec![row; rows].join(","))
}

async fn copy_in(
    connection: &mut PgConnection,
    (name, columns): SampleTable,
    rows: &[SampleRow],
) -> Result<(), sqlx::Error> {
    let mut data = String::new();
    for row in rows {
        let values: Vec<String> = row.iter().map(copy_value).collect();
        data.push_str(&values.join("\t"));
        data.push('\n');
    }
    let sql = format!("COPY {name} ({}) FROM STDIN", columns.join(","));
    let mut copy = connection.copy_in_raw(&sql).await?;
    copy.send(data.into_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// A value in COPY's text format.
fn copy_value(value: &Option<String>) -> String {
    match value {
        None => "\\N".to_owned(),
        Some(text) => {
            text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
        }
    }
}
