//! The register in parts: several connections share one snapshot, each reads a range of it.

use jiff::tz::TimeZone;
use tokio::time::Instant;

use super::connection::Connection;
use super::register::{RegisterReader, Target, targets};
use super::select::{Column, Select, from, quote, quote_table};
use super::{Source, SourceError, within};
use crate::config::settings::{self, DatabaseKind, Dataset};
use crate::register::batch::RegisterBatch;

/// A part below this many pages (8 KiB each) is not worth a connection.
const LEAST_PAGES: u64 = 32;

/// A range of the register on a connection of its own.
pub struct RegisterPart {
    settings: settings::Source,
    connection: Connection,
    deadline: Instant,
    condition: Option<String>,
}

impl Source<'_> {
    /// The register as one part, or the records of it that fulfil a condition.
    pub fn part(self, condition: Option<String>) -> RegisterPart {
        let Source { settings, connection, deadline, .. } = self;
        RegisterPart { settings: settings.clone(), connection, deadline, condition }
    }

    /// The register in up to `source.connections` parts that can be read at the same time. Only a
    /// PostgreSQL table has ranges that cost nothing to find; anything else is one part.
    pub async fn parts(mut self) -> Result<Vec<RegisterPart>, SourceError> {
        let (deadline, url) = (self.deadline, &self.settings.url);
        let ranges = within(deadline, url, self.ranges()).await?;
        let mut others = Vec::new();
        if ranges.len() > 1 {
            let export = self.connection.scalar("SELECT pg_export_snapshot()".to_owned());
            let snapshot = within(deadline, url, export).await?.unwrap_or_default();
            for range in &ranges[1..] {
                let mut connection = within(deadline, url, Connection::open(url)).await?;
                within(deadline, url, connection.join_snapshot(&snapshot)).await?;
                let settings = self.settings.clone();
                others.push(RegisterPart { settings, connection, deadline, condition: range.clone() });
            }
        }
        let mut parts = vec![self.part(ranges.into_iter().next().flatten())];
        parts.extend(others);
        Ok(parts)
    }

    /// Conditions that split the register; one without condition if it cannot be split.
    async fn ranges(&mut self) -> Result<Vec<Option<String>>, SourceError> {
        let whole = vec![None];
        let (wanted, dataset) = (self.settings.connections as u64, &self.settings.register.dataset);
        let Dataset::Table(table) = dataset else { return Ok(whole) };
        if wanted < 2 || self.connection.kind() != DatabaseKind::Postgres {
            return Ok(whole);
        }
        // Ranges of places in a table are read directly from version 14 on. Views, partitioned and
        // foreign tables have no places of their own, and no pages either.
        let name = quote_table(DatabaseKind::Postgres, table).replace('\'', "''");
        let pages = format!(
            "SELECT CASE WHEN relkind IN ('r', 'm') AND current_setting('server_version_num')::int >= 140000 \
             THEN pg_relation_size(oid) / current_setting('block_size')::int ELSE 0 END::text \
             FROM pg_class WHERE oid = to_regclass('{name}')"
        );
        let Ok(Some(pages)) = self.connection.scalar(pages).await else { return Ok(whole) };
        let pages: u64 = pages.parse().unwrap_or(0);
        let parts = wanted.min(pages / LEAST_PAGES).max(1);
        let page = |part: u64| pages * part / parts;
        let range = |part: u64| match (part, part + 1 == parts) {
            (0, true) => None,
            (0, false) => Some(format!("ctid < '({},0)'", page(1))),
            (part, true) => Some(format!("ctid >= '({},0)'", page(part))),
            (part, false) => {
                Some(format!("ctid >= '({},0)' AND ctid < '({},0)'", page(part), page(part + 1)))
            }
        };
        Ok((0..parts).map(range).collect())
    }
}

impl RegisterPart {
    /// Streams the part in batches.
    pub async fn read(
        mut self,
        zone: &TimeZone,
        mut each: impl FnMut(RegisterBatch) -> Result<(), SourceError> + Send,
    ) -> Result<(), SourceError> {
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        let condition = self.condition.take();
        within(deadline, &url, self.stream(zone, condition, false, &mut each)).await
    }

    /// Streams the records that changed since a mark, with their keys; all of them without one.
    pub async fn changed(
        &mut self,
        since: Option<&str>,
        zone: &TimeZone,
        mut each: impl FnMut(RegisterBatch) -> Result<(), SourceError> + Send,
    ) -> Result<(), SourceError> {
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        let work = async {
            let condition = match since {
                Some(mark) => Some(self.changed_since(mark).await?),
                None => None,
            };
            self.stream(zone, condition, true, &mut each).await
        };
        within(deadline, &url, work).await
    }

    /// The number of records.
    pub async fn count(&mut self) -> Result<u64, SourceError> {
        let text = match self.connection.kind() {
            DatabaseKind::Postgres => "count(*)::text",
            DatabaseKind::Sqlite => "CAST(count(*) AS TEXT)",
            DatabaseKind::MySql => "CAST(count(*) AS CHAR)",
        };
        self.prepare_to_count().await?;
        let count = self.scalar(text.to_owned()).await?.and_then(|count| count.parse().ok());
        count.ok_or(SourceError::Damaged("a count that is no number"))
    }

    /// PostgreSQL counts by the smallest index, and would look at the table again for every record on a
    /// page that changed since the last vacuum, in the order of the index. A table with many dead
    /// records is read from its beginning instead.
    async fn prepare_to_count(&mut self) -> Result<(), SourceError> {
        let (DatabaseKind::Postgres, Dataset::Table(table)) =
            (self.connection.kind(), &self.settings.register.dataset)
        else {
            return Ok(());
        };
        let name = quote_table(DatabaseKind::Postgres, table).replace('\'', "''");
        let set = format!(
            "SELECT set_config('enable_indexonlyscan', CASE WHEN coalesce((SELECT n_dead_tup > n_live_tup / 1000 \
             FROM pg_stat_all_tables WHERE relid = to_regclass('{name}')), false) THEN 'off' ELSE 'on' END, true)"
        );
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        within(deadline, &url, self.connection.scalar(set)).await.map(|_| ())
    }

    /// The time of the last change as a literal (`None` = there is none).
    pub async fn mark(&mut self) -> Result<Option<String>, SourceError> {
        self.updated_at().await?;
        let kind = self.connection.kind();
        let updated = quote(kind, self.settings.register.updated_at.as_deref().unwrap_or_default());
        let literal = match kind {
            DatabaseKind::Postgres => format!("quote_literal(max({updated})::text)"),
            DatabaseKind::Sqlite => format!("quote(max({updated}))"),
            DatabaseKind::MySql => format!("CAST(quote(max({updated})) AS CHAR)"),
        };
        Ok(self.scalar(literal).await?.filter(|mark| mark != "NULL"))
    }

    /// The only value of an expression over the whole register.
    async fn scalar(&mut self, expression: String) -> Result<Option<String>, SourceError> {
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        let table = from(self.connection.kind(), &self.settings.register.dataset);
        within(deadline, &url, self.connection.scalar(format!("SELECT {expression} FROM {table}"))).await
    }

    /// Streams the keys of all records.
    pub async fn keys(&mut self, mut each: impl FnMut(&[u8]) + Send) -> Result<(), SourceError> {
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        let register = self.settings.register.clone();
        within(deadline, &url, async {
            let key = [(register.key.as_str(), false)];
            let columns = self.connection.resolve("source.register", &register.dataset, &key).await?;
            let columns: Vec<Column> = columns.into_iter().map(Column::into_text).collect();
            let select = Select { dataset: &register.dataset, columns: &columns, condition: None };
            let sql = select.sql(self.connection.kind());
            let mut each = |row: &[Option<&[u8]>]| {
                each(row.first().copied().flatten().unwrap_or_default());
                Ok(())
            };
            self.connection.stream(sql, 1, deadline, &mut each).await
        })
        .await
    }

    /// The type of the time of change. A transaction may commit later than its time says, so that a
    /// day before the mark is read again where the database can take a day from it.
    async fn changed_since(&mut self, mark: &str) -> Result<String, SourceError> {
        let type_name = self.updated_at().await?;
        let kind = self.connection.kind();
        let column = quote(kind, self.settings.register.updated_at.as_deref().unwrap_or_default());
        let since = match (kind, type_name.as_str()) {
            (DatabaseKind::Postgres, "DATE" | "TIMESTAMP" | "TIMESTAMPTZ") => {
                format!("{type_name} {mark} - interval '1 day'")
            }
            (DatabaseKind::MySql, "DATE" | "DATETIME" | "TIMESTAMP") => format!("{mark} - INTERVAL 1 DAY"),
            _ => mark.to_owned(),
        };
        Ok(format!("{column} >= {since} OR {column} IS NULL"))
    }

    async fn updated_at(&mut self) -> Result<String, SourceError> {
        let register = &self.settings.register;
        let name = register.updated_at.clone().unwrap_or_default();
        let known = self.connection.columns("source.register", &register.dataset).await?;
        let exact = self.connection.is_case_sensitive();
        let found =
            known.iter().find(|(k, _)| if exact { *k == name } else { k.eq_ignore_ascii_case(&name) });
        let found = found.map(|(_, type_name)| type_name.clone());
        found.ok_or_else(|| SourceError::missing_column("source.register", &name, &known))
    }

    async fn stream(
        &mut self,
        zone: &TimeZone,
        condition: Option<String>,
        with_key: bool,
        each: &mut (impl FnMut(RegisterBatch) -> Result<(), SourceError> + Send),
    ) -> Result<(), SourceError> {
        let register = &self.settings.register;
        let (targets, names): (Vec<Target>, Vec<&str>) = targets(register, with_key).into_iter().unzip();
        let names: Vec<(&str, bool)> =
            targets.iter().zip(names).map(|(target, name)| (name, *target == Target::RegisteredAt)).collect();
        let columns: Vec<Column> =
            self.connection.resolve("source.register", &register.dataset, &names).await?;
        let mut reader = RegisterReader::new(register, &targets, &columns, zone, self.settings.batch_rows);
        let select = Select { dataset: &register.dataset, columns: &columns, condition };
        let sql = select.sql(self.connection.kind());
        if self.connection.kind() == DatabaseKind::Postgres {
            self.connection
                .copy(&sql, columns.len(), |row| reader.copied(row)?.map_or(Ok(()), &mut *each))
                .await?;
        } else {
            let mut push = |values: &[Option<&[u8]>]| reader.row(values).map_or(Ok(()), &mut *each);
            self.connection.stream(sql, columns.len(), self.deadline, &mut push).await?;
        }
        reader.finish().map_or(Ok(()), each)
    }
}
