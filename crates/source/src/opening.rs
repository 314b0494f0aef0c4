//! Opens read-only snapshots: one sentence for PostgreSQL, a ladder of them for what speaks MySQL's
//! protocol. What a server does not grant is noted and reported, see [`ServerEngine`].

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor, Row};

use super::SourceError;
use super::engine::{CITUS, ServerEngine, TIDB, VITESS};

/// Everything in one transaction: a pooler may give the next one to another server process.
const BEGIN_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL TIME ZONE 'UTC'; \
     SET LOCAL DateStyle TO 'ISO'; SET LOCAL standard_conforming_strings = on";

/// Names of statements that others have left in a pooler's server process would meet those of the driver.
/// It reads by a snapshot, so a snapshot must be joined before.
const FORGET: &str = "DEALLOCATE ALL";

/// A database of the character set SQL_ASCII does not know in which one its texts are. Asked for UTF-8 it would end the
/// reading at the first text in another; this way the bytes arrive, and what is no UTF-8 is counted and named.
const AS_KEPT: &str = "SET LOCAL client_encoding TO 'SQL_ASCII'";

/// Blank where a server knows no such setting.
const CHARSET: &str = "SELECT coalesce((SELECT setting FROM pg_settings WHERE name = 'server_encoding'), '')";

/// Reads as of an instant, which TiDB keeps apart from writes.
const BEGIN_TIDB: &str = "SET SESSION tidb_snapshot = NOW()";

/// Settings of a server or an account that would cut the register in silence (`sql_select_limit`), refuse to count
/// it, or give statements another meaning. Other modes stay: a query of the office may need them.
pub(super) const UNBOUND: [&str; 3] = [
    "SET SESSION sql_select_limit = 18446744073709551615",
    "SET SESSION sql_big_selects = 1",
    "SET SESSION sql_mode = REPLACE(REPLACE(@@SESSION.sql_mode, 'EMPTY_STRING_IS_NULL', ''), 'ORACLE', '')",
];

/// What a server of MySQL's protocol may understand, the best first: the sentence, whether it then refuses
/// writes, and whether its reads see one moment.
const LADDER: [(&str, bool, bool); 4] = [
    ("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", true, true),
    // Under REPEATABLE READ the moment is that of the first read.
    ("START TRANSACTION READ ONLY", true, true),
    ("START TRANSACTION WITH CONSISTENT SNAPSHOT", false, true),
    ("START TRANSACTION", false, false),
];

/// Connects, begins, and finds out what the server is.
pub(super) async fn open_postgres(
    options: &PgConnectOptions,
    url: &str,
) -> Result<(PgConnection, ServerEngine), SourceError> {
    let failed = |error| SourceError::of(error, url);
    let mut connection = open_empty(options, url).await?;
    connection.execute(FORGET).await.map_err(failed)?;
    let reported = text(&mut connection, "SELECT version()").await.map_err(failed)?;
    let mut engine = ServerEngine::of_postgres(&reported);
    engine.charset = text(&mut connection, CHARSET).await.map_err(failed)?;
    take_as_kept(&mut connection, &engine).await.map_err(failed)?;
    if engine.is_postgres() {
        let standby = text(&mut connection, "SELECT pg_is_in_recovery()::text").await.map_err(failed)?;
        engine.is_standby = standby == "true";
        let citus = "SELECT count(*)::text FROM pg_extension WHERE extname = 'citus'";
        if text(&mut connection, citus).await.map_err(failed)? != "0" {
            engine.product = CITUS;
            // Each of its servers has a snapshot of its own.
            engine.is_one_moment = false;
        }
    } else if copy_nothing(&mut connection).await.is_err() {
        engine.copies = false;
        // After a COPY that was refused the driver is out of step with the server.
        connection = open_again(options, &engine, url).await?;
    }
    Ok((connection, engine))
}

/// Connects, and joins the snapshot that another connection has exported.
pub(super) async fn open_sibling(
    options: &PgConnectOptions,
    engine: &ServerEngine,
    url: &str,
    snapshot: &str,
) -> Result<PgConnection, SourceError> {
    let failed = |error| SourceError::of(error, url);
    let mut connection = open_empty(options, url).await?;
    let sql = format!("SET TRANSACTION SNAPSHOT '{}'", snapshot.replace('\'', "''"));
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map_err(failed)?;
    connection.execute(FORGET).await.map_err(failed)?;
    take_as_kept(&mut connection, engine).await.map_err(failed)?;
    Ok(connection)
}

/// Opens another snapshot where a statement has failed and ended the transaction.
pub(super) async fn restart_postgres(
    connection: &mut PgConnection,
    engine: &ServerEngine,
    url: &str,
) -> Result<(), SourceError> {
    let failed = |error| SourceError::of(error, url);
    connection.execute("ROLLBACK").await.map_err(failed)?;
    begin_postgres(connection, url).await?;
    take_as_kept(connection, engine).await.map_err(failed)
}

/// Connects to a known server and begins, where the driver is out of step with the connection before.
pub(super) async fn open_again(
    options: &PgConnectOptions,
    engine: &ServerEngine,
    url: &str,
) -> Result<PgConnection, SourceError> {
    let mut connection = open_empty(options, url).await?;
    take_as_kept(&mut connection, engine).await.map_err(|error| SourceError::of(error, url))?;
    Ok(connection)
}

/// Has texts of no known character set sent as they are kept.
async fn take_as_kept(connection: &mut PgConnection, engine: &ServerEngine) -> Result<(), sqlx::Error> {
    match engine.charset == "SQL_ASCII" {
        true => connection.execute(AS_KEPT).await.map(|_| ()),
        false => Ok(()),
    }
}

/// Connects and begins without reading anything.
async fn open_empty(options: &PgConnectOptions, url: &str) -> Result<PgConnection, SourceError> {
    let connected = PgConnection::connect_with(options).await;
    let mut connection = connected.map_err(|error| SourceError::of(error, url))?;
    begin_postgres(&mut connection, url).await?;
    Ok(connection)
}

async fn begin_postgres(connection: &mut PgConnection, url: &str) -> Result<(), SourceError> {
    match connection.execute(BEGIN_POSTGRES).await {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) if is_refusal(error.code().as_deref()) => {
            Err(SourceError::NoSnapshot { url: url.to_owned(), reason: error.message().to_owned() })
        }
        Err(error) => Err(SourceError::of(error, url)),
    }
}

/// Syntax errors and what is not supported; anything else is another trouble.
fn is_refusal(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("42") || code.starts_with("0A") || code.starts_with("22"))
}

/// Whether rows can be had by binary COPY. A failure ends the transaction.
async fn copy_nothing(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    use futures_util::TryStreamExt;
    let sql = "COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT binary)";
    connection.copy_out_raw(sql).await?.try_for_each(|_| std::future::ready(Ok(()))).await
}

/// The only value of an own statement, by the simple protocol, which every server has.
async fn text(connection: &mut PgConnection, sql: &'static str) -> Result<String, sqlx::Error> {
    let row = connection.fetch_one(sqlx::raw_sql(sql)).await?;
    row.try_get_unchecked::<String, _>(0)
}

/// Connects, finds out what the server is, and begins.
pub(super) async fn open_mysql(
    options: &MySqlConnectOptions,
) -> Result<(MySqlConnection, ServerEngine), sqlx::Error> {
    let mut connection = MySqlConnection::connect_with(options).await?;
    connection.execute(sqlx::raw_sql("SET SESSION time_zone = '+00:00'")).await?;
    for sentence in UNBOUND {
        // A server that does not know a setting is not bound by it.
        understands(&mut connection, sentence).await?;
    }
    let row = connection.fetch_one(sqlx::raw_sql("SELECT version(), @@version_comment")).await?;
    let reported = |at: usize| row.try_get_unchecked::<Option<String>, _>(at).map(Option::unwrap_or_default);
    let mut engine = ServerEngine::of_mysql(&reported(0)?, &reported(1)?);
    climb_down(&mut connection, &mut engine).await?;
    Ok((connection, engine))
}

/// Takes the first sentence that the server understands.
async fn climb_down(connection: &mut MySqlConnection, engine: &mut ServerEngine) -> Result<(), sqlx::Error> {
    if engine.product == TIDB && understands(connection, BEGIN_TIDB).await? {
        engine.opening = BEGIN_TIDB;
        return Ok(());
    }
    let isolation = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";
    let keeps_moment = understands(connection, isolation).await?;
    for (sentence, refuses_writes, is_one_moment) in LADDER {
        if understands(connection, sentence).await? {
            engine.opening = sentence;
            // TiDB takes READ ONLY and does nothing about it.
            engine.refuses_writes = refuses_writes && engine.product != TIDB;
            // The servers that Vitess stands for have a moment each.
            engine.is_one_moment = is_one_moment && keeps_moment && engine.product != VITESS;
            return Ok(());
        }
    }
    // Not even the plainest: the server's own words.
    connection.execute(sqlx::raw_sql("START TRANSACTION")).await.map(|_| ())
}

/// Whether a server takes a sentence. What is no answer to it is an error.
async fn understands(connection: &mut MySqlConnection, sql: &'static str) -> Result<bool, sqlx::Error> {
    match connection.execute(sqlx::raw_sql(sql)).await {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens a snapshot again, as it was opened before.
pub(super) async fn begin_mysql(
    connection: &mut MySqlConnection,
    engine: &ServerEngine,
) -> Result<(), sqlx::Error> {
    connection.execute(sqlx::raw_sql(engine.opening)).await.map(|_| ())
}
