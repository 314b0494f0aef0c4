//! Generated records as tables of a real database.

use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use super::defects::UNITS;
use super::naive::Record;

/// A type for each column that differs between offices.
#[derive(Clone, Copy)]
pub struct Types {
    pub birth_date: &'static str,
    pub registered_at: &'static str,
}

pub const TEXTS: Types = Types { birth_date: "VARCHAR(40)", registered_at: "TIMESTAMP" };

/// Runs statements one after another.
pub async fn execute(url: &str, statements: &[String]) {
    for sql in statements {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.clone()));
        if url.starts_with("postgres") {
            let options = url.parse::<sqlx::postgres::PgConnectOptions>().unwrap();
            options.connect().await.unwrap().execute(sql).await.unwrap();
        } else if url.starts_with("mysql") {
            let options = url.parse::<sqlx::mysql::MySqlConnectOptions>().unwrap();
            options.connect().await.unwrap().execute(sql).await.unwrap();
        } else {
            let options = url.parse::<sqlx::sqlite::SqliteConnectOptions>().unwrap();
            options.create_if_missing(true).connect().await.unwrap().execute(sql).await.unwrap();
        }
    }
}

/// Units, roster and register.
pub fn tables(
    url: &str,
    records: &[Record],
    roster: &[(String, Option<String>)],
    types: Types,
) -> Vec<String> {
    let mut out = vec![create(url, "person", types, "")];
    out.extend(lists(url, roster));
    out.extend(people(records, 0));
    out
}

/// The register's empty table, with a clause after it.
pub fn create(url: &str, name: &str, types: Types, clause: &str) -> String {
    let time = if url.starts_with("mysql") { "DATETIME" } else { types.registered_at };
    let charset = if url.starts_with("mysql") { " DEFAULT CHARSET utf8mb4" } else { "" };
    format!(
        "CREATE TABLE {name} (id BIGINT, village_code VARCHAR(40), name VARCHAR(40), sex VARCHAR(40), \
         residence_address VARCHAR(80), household_place VARCHAR(80), id_number VARCHAR(80), \
         birth_date {}, ethnicity VARCHAR(40), marital_status VARCHAR(40), hukou_type VARCHAR(40), \
         document_type VARCHAR(40), registered_at {time}, updated_at {time}){charset}{clause}",
        types.birth_date
    )
}

/// Units and roster.
pub fn lists(url: &str, roster: &[(String, Option<String>)]) -> Vec<String> {
    let charset = if url.starts_with("mysql") { " DEFAULT CHARSET utf8mb4" } else { "" };
    let mut out = vec![
        format!(
            "CREATE TABLE unit (code VARCHAR(40), name VARCHAR(40), kind VARCHAR(40), parent VARCHAR(40)){charset}"
        ),
        format!("CREATE TABLE roster (unit VARCHAR(40), id_number VARCHAR(80)){charset}"),
    ];
    out.extend(UNITS.map(|code| format!("INSERT INTO unit VALUES ('{code}', '{code}村', '村', NULL)")));
    out.extend(insert("roster", roster.iter().map(|(unit, id)| vec![Some(unit.clone()), id.clone()])));
    out
}

/// Inserts of records with keys from `first` on.
pub fn people(records: &[Record], first: usize) -> Vec<String> {
    insert(
        "person",
        records.iter().enumerate().map(|(i, record)| row(first + i, record, "2016-06-01 08:00:00")),
    )
}

/// A record's row.
pub fn row(key: usize, r: &Record, updated_at: &str) -> Vec<Option<String>> {
    let fields =
        [&r.name, &r.sex, &r.residence, &r.household, &r.id, &r.birth, &r.ethnicity, &r.marital, &r.hukou];
    let mut row = vec![Some(key.to_string()), r.unit.clone()];
    row.extend(fields.into_iter().cloned());
    row.push(r.document_type.clone());
    row.push(r.day.map(|day| format!("{day} 09:30:00")));
    row.push(Some(updated_at.to_owned()));
    row
}

pub fn insert(table: &str, rows: impl Iterator<Item = Vec<Option<String>>>) -> Vec<String> {
    let value = |value: &Option<String>| {
        value.as_ref().map_or("NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
    };
    let rows: Vec<String> =
        rows.map(|row| format!("({})", row.iter().map(value).collect::<Vec<_>>().join(","))).collect();
    rows.chunks(500).map(|rows| format!("INSERT INTO {table} VALUES {}", rows.join(","))).collect()
}

/// The first column of a PostgreSQL statement's rows; what stands before the last is run first.
pub async fn rows(url: &str, sql: &str) -> Vec<String> {
    use futures_util::TryStreamExt;
    use sqlx::Row;
    let options = url.parse::<sqlx::postgres::PgConnectOptions>().unwrap();
    let mut connection = options.connect().await.unwrap();
    let rows: Vec<sqlx::postgres::PgRow> =
        connection.fetch(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).try_collect().await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
