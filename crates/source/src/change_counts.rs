//! What an incremental pull asks: which records changed, how many there are, which keys they have, and
//! whether the roster is another one.

use jiff::tz::TimeZone;

use super::shards::ReadPlan;
use super::source_handle::SourceHandle;
use super::statements::{Select, SelectedColumn, from, quote, table_oid};
use super::{Source, SourceError, within};
use tongbao_config::settings::{DatabaseKind, Dataset, Deletions};
use tongbao_register::batch::RegisterBatch;

/// What the database counts for an incremental pull.
pub struct ChangeCounts {
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
            let (filter, excluded) = (self.filter(), self.excluded());
            let (filter, excluded) = (filter.as_ref(), &excluded);
            let settings = self.settings;
            let reading = ReadPlan { settings, deadline, zone, condition, filter, excluded, with_key: true };
            reading.stream(&mut self.place, &mut each).await
        };
        within(deadline, &url, work).await
    }

    /// What tells whether records have gone, and whether the roster is another one.
    pub async fn change_counts(&mut self) -> Result<ChangeCounts, SourceError> {
        let records = match self.settings.deletions {
            Deletions::Counted => Some(self.records().await?),
            Deletions::Never => None,
        };
        Ok(ChangeCounts { records, roster: self.roster_digest().await? })
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
        let oid = table_oid(table);
        let set = format!(
            "SELECT set_config('enable_indexonlyscan', CASE WHEN coalesce((SELECT n_dead_tup > n_live_tup / 1000 \
             FROM pg_stat_all_tables WHERE relid = {oid}), false) THEN 'off' ELSE 'on' END, true), \
             set_config('jit', 'off', true)"
        );
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        within(deadline, &url, self.place.database()?.scalar(set)).await.map(|_| ())
    }

    /// The only value of an expression over all records that count.
    async fn scalar(&mut self, expression: String) -> Result<Option<String>, SourceError> {
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        let table = from(self.place.database()?.kind(), &self.settings.register.dataset);
        let counting = self.condition().await?.map(|text| format!(" WHERE {text}")).unwrap_or_default();
        let sql = format!("SELECT {expression} FROM {table}{counting}");
        within(deadline, &url, self.place.database()?.scalar(sql)).await
    }

    /// Streams the keys of all records that count.
    pub async fn keys(&mut self, mut each: impl FnMut(&[u8]) + Send) -> Result<(), SourceError> {
        let (deadline, url) = (self.deadline, self.settings.url.clone());
        let register = self.settings.register.clone();
        within(deadline, &url, async {
            let key = [(register.key.as_str(), false)];
            let columns = self.place.database()?.resolve("source.register", &register.dataset, &key).await?;
            let columns: Vec<SelectedColumn> = columns.into_iter().map(SelectedColumn::into_text).collect();
            let condition = self.condition().await?;
            let select = Select { dataset: &register.dataset, columns: &columns, condition };
            let sql = select.sql(self.place.database()?.kind());
            let mut each = |row: &[Option<&[u8]>]| {
                each(row.first().copied().flatten().unwrap_or_default());
                Ok(())
            };
            self.place.database()?.stream(sql, 1, deadline, &mut each).await
        })
        .await
    }

    /// The condition that holds for records that changed since a mark.
    async fn changed_since(&mut self, mark: &str) -> Result<String, SourceError> {
        let type_name = self.updated_at().await?;
        let kind = self.place.database()?.kind();
        let column = quote(kind, self.settings.register.updated_at.as_deref().unwrap_or_default());
        let since = self.day_before(mark, &type_name)?;
        Ok(format!("{column} >= {since} OR {column} IS NULL"))
    }

    /// A transaction may commit later than its time says, so that a day before the mark is read again where
    /// the database can take a day from it.
    pub(super) fn day_before(&mut self, mark: &str, type_name: &str) -> Result<String, SourceError> {
        Ok(match (self.place.database()?.kind(), type_name) {
            (DatabaseKind::Postgres, "DATE" | "TIMESTAMP" | "TIMESTAMPTZ") => {
                format!("{type_name} {mark} - interval '1 day'")
            }
            (DatabaseKind::MySql, "DATE" | "DATETIME" | "TIMESTAMP") => format!("{mark} - INTERVAL 1 DAY"),
            _ => mark.to_owned(),
        })
    }

    /// The type of the time of change.
    pub(super) async fn updated_at(&mut self) -> Result<String, SourceError> {
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
        let SourceHandle::Database(connection) = self.place(&roster.from).await? else { return Ok(None) };
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
