//! What an incremental pull asks: which records changed, how many there are, which keys they have, and
//! whether the roster is another one.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::parts::Reading;
use super::place::Place;
use super::select::{Column, Select, from, quote, quote_table};
use super::{Source, SourceError, within};
use crate::config::settings::{DatabaseKind, Dataset, Deletions};
use crate::register::batch::RegisterBatch;

/// By what the times of change compare.
pub enum Order {
    /// As times of this type.
    Times(String),
    /// As texts that begin with year, month and day.
    Texts,
    /// As numbers, or in another way that is not looked into.
    Numbers,
}

const ISO_DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}";
const ISO_GLOB: &str = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*";

/// A day after now, whatever zone a database writes its times in.
fn tomorrow(now: Timestamp) -> String {
    let later = now.checked_add(SignedDuration::from_hours(38)).unwrap_or(now);
    later.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn as_text(kind: DatabaseKind, expression: &str) -> String {
    match kind {
        DatabaseKind::Postgres => format!("({expression})::text"),
        DatabaseKind::Sqlite => format!("CAST({expression} AS TEXT)"),
        DatabaseKind::MySql => format!("CAST({expression} AS CHAR)"),
    }
}

/// What the database counts for an incremental pull.
pub struct Sums {
    /// Records of the register; `None` where none is ever deleted.
    pub records: Option<u64>,
    /// See [`Source::roster_digest`].
    pub roster: Option<String>,
}

impl Source<'_> {
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
            let reading = Reading { settings: self.settings, deadline, zone, condition, with_key: true };
            reading.stream(&mut self.place, &mut each).await
        };
        within(deadline, &url, work).await
    }

    /// What tells whether records have gone, and whether the roster is another one.
    pub async fn sums(&mut self) -> Result<Sums, SourceError> {
        let records = match self.settings.deletions {
            Deletions::Counted => Some(self.records().await?),
            Deletions::Never => None,
        };
        Ok(Sums { records, roster: self.roster_digest().await? })
    }

    /// The number of records.
    async fn records(&mut self) -> Result<u64, SourceError> {
        let text = match self.place.database()?.kind() {
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
    /// records is read from its beginning instead. Compiling so short an expression costs more than it
    /// saves.
    async fn prepare_to_count(&mut self) -> Result<(), SourceError> {
        let (DatabaseKind::Postgres, Dataset::Table(table)) =
            (self.place.database()?.kind(), &self.settings.register.dataset)
        else {
            return Ok(());
        };
        let name = quote_table(DatabaseKind::Postgres, table).replace('\'', "''");
        let set = format!(
            "SELECT set_config('enable_indexonlyscan', CASE WHEN coalesce((SELECT n_dead_tup > n_live_tup / 1000 \
             FROM pg_stat_all_tables WHERE relid = to_regclass('{name}')), false) THEN 'off' ELSE 'on' END, true), \
             set_config('jit', 'off', true)"
        );
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        within(deadline, &url, self.place.database()?.scalar(set)).await.map(|_| ())
    }

    /// The time of the last change as a literal (`None` = there is none). A time beyond the clock is a mistake,
    /// and would hide every change that comes before it: such records are read at each pull instead.
    pub async fn mark(&mut self, now: Timestamp) -> Result<Option<String>, SourceError> {
        let Some((column, order)) = self.order_of_changes().await? else { return Ok(None) };
        let kind = self.place.database()?.kind();
        let limit = match order {
            Order::Times(type_name) => Some(format!("{type_name} '{}'", tomorrow(now))),
            Order::Texts => Some(format!("'{}'", tomorrow(now))),
            Order::Numbers => None,
        };
        let updated = match &limit {
            Some(limit) => format!("CASE WHEN {column} < {limit} THEN {column} END"),
            None => column.clone(),
        };
        if let Some(limit) = limit {
            let ahead = format!("sum(CASE WHEN {column} >= {limit} THEN 1 ELSE 0 END)");
            let ahead = self.scalar(as_text(kind, &ahead)).await?.filter(|count| count != "0");
            if let Some(ahead) = ahead {
                let name = self.settings.register.updated_at.as_deref().unwrap_or_default();
                tracing::warn!(
                    "{ahead} records have a time of change in the future; they are read at every pull: correct {name}"
                );
            }
        }
        let literal = match kind {
            DatabaseKind::Postgres => format!("quote_literal(max({updated})::text)"),
            DatabaseKind::Sqlite => format!("quote(max({updated}))"),
            DatabaseKind::MySql => format!("CAST(quote(max({updated})) AS CHAR)"),
        };
        Ok(self.scalar(literal).await?.filter(|mark| mark != "NULL"))
    }

    /// How the column of changes is ordered; `None`, with a warning, where its texts do not compare as
    /// their times do, so that no change can be told by it.
    pub async fn order_of_changes(&mut self) -> Result<Option<(String, Order)>, SourceError> {
        let type_name = self.updated_at().await?;
        let kind = self.place.database()?.kind();
        let name = self.settings.register.updated_at.clone().unwrap_or_default();
        let column = quote(kind, &name);
        let odd = match (kind, type_name.as_str()) {
            (DatabaseKind::Postgres, "DATE" | "TIMESTAMP" | "TIMESTAMPTZ") => {
                return Ok(Some((column, Order::Times(type_name))));
            }
            (DatabaseKind::MySql, "DATE" | "DATETIME" | "TIMESTAMP") => {
                return Ok(Some((column, Order::Texts)));
            }
            (DatabaseKind::Postgres, "TEXT" | "VARCHAR" | "CHAR") => format!("{column} !~ '{ISO_DAY}'"),
            (DatabaseKind::MySql, "CHAR" | "VARCHAR" | "TEXT") => format!("{column} NOT REGEXP '{ISO_DAY}'"),
            (DatabaseKind::Sqlite, _) => {
                format!("typeof({column}) = 'text' AND {column} NOT GLOB '{ISO_GLOB}'")
            }
            _ => return Ok(Some((column, Order::Numbers))),
        };
        let count = format!("sum(CASE WHEN {odd} THEN 1 ELSE 0 END)");
        let odd = self.scalar(as_text(kind, &count)).await?.filter(|count| count != "0");
        if let Some(odd) = odd {
            tracing::warn!(
                "{odd} times of change are not written as 2016-06-09 08:30:00 and do not compare as times; everything \
                 is read: correct {name}, or set incremental = false"
            );
            return Ok(None);
        }
        Ok(Some((column, Order::Texts)))
    }

    /// The only value of an expression over the whole register.
    async fn scalar(&mut self, expression: String) -> Result<Option<String>, SourceError> {
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        let table = from(self.place.database()?.kind(), &self.settings.register.dataset);
        within(deadline, &url, self.place.database()?.scalar(format!("SELECT {expression} FROM {table}")))
            .await
    }

    /// Streams the keys of all records.
    pub async fn keys(&mut self, mut each: impl FnMut(&[u8]) + Send) -> Result<(), SourceError> {
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        let register = self.settings.register.clone();
        within(deadline, &url, async {
            let key = [(register.key.as_str(), false)];
            let columns = self.place.database()?.resolve("source.register", &register.dataset, &key).await?;
            let columns: Vec<Column> = columns.into_iter().map(Column::into_text).collect();
            let select = Select { dataset: &register.dataset, columns: &columns, condition: None };
            let sql = select.sql(self.place.database()?.kind());
            let mut each = |row: &[Option<&[u8]>]| {
                each(row.first().copied().flatten().unwrap_or_default());
                Ok(())
            };
            self.place.database()?.stream(sql, 1, deadline, &mut each).await
        })
        .await
    }

    /// The type of the time of change. A transaction may commit later than its time says, so that a
    /// day before the mark is read again where the database can take a day from it.
    async fn changed_since(&mut self, mark: &str) -> Result<String, SourceError> {
        let type_name = self.updated_at().await?;
        let kind = self.place.database()?.kind();
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
        let known = self.place.database()?.columns("source.register", &register.dataset).await?;
        let exact = self.place.database()?.is_case_sensitive();
        let found =
            known.iter().find(|(k, _)| if exact { *k == name } else { k.eq_ignore_ascii_case(&name) });
        let found = found.map(|(_, type_name)| type_name.clone());
        found.ok_or_else(|| SourceError::missing_column("source.register", &name, &known))
    }

    /// A digest of the roster as PostgreSQL can make it without sending anything: the number of entries
    /// and the sum of a hash of 64 bits of each, whatever their order. `None` where there is no such
    /// function; then the roster must be read to know.
    pub async fn roster_digest(&mut self) -> Result<Option<String>, SourceError> {
        let [roster] = self.settings.rosters.as_slice() else { return Ok(None) };
        let (deadline, url) = (self.deadline, roster.from.url.as_ref().unwrap_or(&self.settings.url));
        let Place::Database(connection) = self.place(&roster.from).await? else { return Ok(None) };
        if connection.kind() != DatabaseKind::Postgres {
            return Ok(None);
        }
        within(deadline, url, async {
            let known = "SELECT (to_regprocedure('hashtextextended(text,bigint)') IS NOT NULL)::text";
            if connection.scalar(known.to_owned()).await?.as_deref() != Some("true") {
                return Ok(None);
            }
            let [unit, number] =
                [&roster.unit, &roster.id_number].map(|name| quote(DatabaseKind::Postgres, name));
            let table = from(DatabaseKind::Postgres, &roster.from.dataset);
            let hash = |column: String, null: &str, seed: &str| {
                format!("hashtextextended(coalesce({column}::text, {null}) COLLATE \"C\", {seed})")
            };
            let entry = hash(unit, "''", &hash(number, "chr(30)", "0"));
            let sum = format!("coalesce(sum({entry}), 0)");
            connection.scalar(format!("SELECT count(*)::text || ' ' || {sum}::text FROM {table}")).await
        })
        .await
    }
}
