//! The register in parts: several connections share one snapshot, each reads a range of it.

use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::time::Instant;

use super::record_filter::{self, ExcludedRecords, RecordFilter, RowFilter};
use super::register::{ReadTarget, RegisterReader, targets};
use super::source_handle::SourceHandle;
use super::statements::{RequestedColumn, Select, SelectedColumn, table_oid};
use super::{Source, SourceError, within};
use tongbao_config::settings::{self, Dataset, IdentifiedBy};
use tongbao_register::batch::RegisterBatch;

/// A part below this many pages (8 KiB each) is not worth a connection.
const LEAST_PAGES: u64 = 32;
/// How long a further connection is waited for: a pooler lets one wait that its pool has no place for, and the
/// register can be read by those that there are.
const PATIENCE: Duration = Duration::from_secs(5);

/// A range of the register on a connection of its own.
pub struct RegisterPart {
    settings: settings::SourceSettings,
    place: SourceHandle,
    deadline: Instant,
    condition: Option<String>,
    filter: Option<RecordFilter>,
    excluded: ExcludedRecords,
}

impl<'a> Source<'a> {
    /// The register as one part, or the records of it that fulfil a condition.
    pub fn part(self, condition: Option<String>) -> RegisterPart {
        let (filter, excluded) = (self.filter(), self.excluded());
        let Source { settings, place, deadline, .. } = self;
        RegisterPart { settings: settings.clone(), place, deadline, condition, filter, excluded }
    }

    /// The register in up to `source.connections` parts that can be read at the same time, as many as the server lets
    /// in. Only a PostgreSQL table has ranges that cost nothing to find; anything else is one part.
    pub async fn parts(mut self) -> Result<Vec<RegisterPart>, SourceError> {
        let (deadline, url) = (self.deadline, &self.settings.url);
        let pages = within(deadline, url, self.pages()).await?;
        let wanted = (self.settings.connections as u64).min(pages / LEAST_PAGES).max(1);
        let siblings = if wanted > 1 { self.siblings(wanted - 1).await? } else { Vec::new() };
        let mut ranges = ranges(pages, siblings.len() as u64 + 1).into_iter();
        let (settings, first) = (self.settings.clone(), ranges.next().flatten());
        let (filter, excluded) = (self.filter(), self.excluded());
        let mut parts = vec![self.part(first)];
        parts.extend(siblings.into_iter().zip(ranges).map(|(place, condition)| RegisterPart {
            settings: settings.clone(),
            place,
            deadline,
            condition,
            filter: filter.clone(),
            excluded: excluded.clone(),
        }));
        Ok(parts)
    }

    /// Up to so many connections more in this snapshot; fewer where the server or a pooler lets no more in.
    async fn siblings(&mut self, wanted: u64) -> Result<Vec<SourceHandle>, SourceError> {
        let (deadline, url) = (self.deadline, &self.settings.url);
        let snapshot = within(deadline, url, self.exported()).await?;
        let mut siblings = Vec::new();
        for _ in 0..wanted {
            let joined = self.place.database()?.sibling(&snapshot);
            match within(deadline.min(Instant::now() + PATIENCE), url, joined).await {
                Ok(joined) => siblings.push(SourceHandle::Database(Box::new(joined))),
                Err(error) => {
                    let (got, asked) = (siblings.len() + 1, wanted + 1);
                    let reason = match error {
                        SourceError::TimedOut { .. } => "no answer to the next one".to_owned(),
                        other => other.to_string(),
                    };
                    tracing::warn!(
                        "source.connections: the database lets in {got} connections of {asked}, and the register is read by those ({reason}); lower source.connections, or have the limit raised there, or that of a pooler"
                    );
                    break;
                }
            }
        }
        Ok(siblings)
    }

    /// The same register in the same snapshot over a second connection; `None` where the database has
    /// no such thing, or lets nobody else in. A roster that is elsewhere has a snapshot of its own, which
    /// a sibling connection could not share: it would open the roster's place again and see another state of it.
    pub async fn sibling(&mut self) -> Option<Source<'a>> {
        let SourceHandle::Database(connection) = &self.place else { return None };
        let is_elsewhere = self.settings.rosters.iter().any(|roster| roster.from.url.is_some());
        // A failed statement would end the transaction, so nothing is tried where it may fail.
        if !connection.engine().is_postgres() || is_elsewhere {
            return None;
        }
        let (settings, deadline) = (self.settings, self.deadline);
        let joining = async {
            let snapshot = self.exported().await?;
            self.place.database()?.sibling(&snapshot).await
        };
        let joined = within(deadline.min(Instant::now() + PATIENCE), &settings.url, joining).await;
        let place = joined
            .map(|joined| SourceHandle::Database(Box::new(joined)))
            .inspect_err(|error| tracing::info!("no second connection: {error}"))
            .ok()?;
        Some(Source {
            settings,
            place,
            others: Vec::new(),
            named: None,
            left_out: self.left_out(),
            merged_numbers: self.merged_numbers(),
            day: self.day,
            excluded: self.excluded(),
            deadline,
        })
    }

    /// The name under which other connections may join the snapshot.
    async fn exported(&mut self) -> Result<String, SourceError> {
        let name = self.place.database()?.scalar("SELECT pg_export_snapshot()".to_owned()).await?;
        Ok(name.unwrap_or_default())
    }

    /// Pages of the register's table; 0 where it is not to be split, or cannot be.
    async fn pages(&mut self) -> Result<u64, SourceError> {
        let Dataset::Table(table) = &self.settings.register.dataset else { return Ok(0) };
        let SourceHandle::Database(connection) = &mut self.place else { return Ok(0) };
        if self.settings.connections < 2 || !connection.engine().is_postgres() {
            return Ok(0);
        }
        // Ranges of places in a table are read directly from version 14 on. Views, partitioned and
        // foreign tables have no places of their own, and no pages either.
        let oid = table_oid(table);
        let pages = format!(
            "SELECT CASE WHEN relkind IN ('r', 'm') AND current_setting('server_version_num')::int >= 140000 \
             THEN pg_relation_size(oid) / current_setting('block_size')::int ELSE 0 END::text \
             FROM pg_class WHERE oid = {oid}"
        );
        let pages = connection.scalar(pages).await.ok().flatten();
        Ok(pages.and_then(|pages| pages.parse().ok()).unwrap_or(0))
    }
}

/// Conditions that split a table of so many pages into parts; a single part has none.
fn ranges(pages: u64, parts: u64) -> Vec<Option<String>> {
    let page = |part: u64| pages * part / parts;
    let range = |part: u64| match (part, part + 1 == parts) {
        (0, true) => None,
        (0, false) => Some(format!("ctid < '({},0)'", page(1))),
        (part, true) => Some(format!("ctid >= '({},0)'", page(part))),
        (part, false) => Some(format!("ctid >= '({},0)' AND ctid < '({},0)'", page(part), page(part + 1))),
    };
    (0..parts).map(range).collect()
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
        let RegisterPart { settings, place, filter, excluded, .. } = &mut self;
        let filter = filter.as_ref();
        // Of the figures only proven exceptions ask which record it is.
        let with_key = settings.exceptions.as_ref().is_some_and(|list| list.by == IdentifiedBy::Key);
        let reading = ReadPlan { settings, deadline, zone, condition, filter, excluded, with_key };
        within(deadline, &url, reading.stream(place, &mut each)).await
    }
}

/// What is read of the register, and how.
pub(super) struct ReadPlan<'a> {
    pub settings: &'a settings::SourceSettings,
    pub deadline: Instant,
    pub zone: &'a TimeZone,
    pub condition: Option<String>,
    pub filter: Option<&'a RecordFilter>,
    pub excluded: &'a ExcludedRecords,
    pub with_key: bool,
}

impl ReadPlan<'_> {
    /// Streams the records in batches.
    pub(super) async fn stream(
        self,
        place: &mut SourceHandle,
        each: &mut (impl FnMut(RegisterBatch) -> Result<(), SourceError> + Send),
    ) -> Result<(), SourceError> {
        let ReadPlan { settings, deadline, zone, condition, filter, excluded, with_key } = self;
        let register = &settings.register;
        let (targets, names): (Vec<ReadTarget>, Vec<&str>) = targets(register, with_key).into_iter().unzip();
        let names: Vec<(&str, bool)> =
            targets.iter().zip(names).map(|(target, name)| (name, target.is_time())).collect();
        // Whatever is no database of the program's own drivers delivers texts.
        let SourceHandle::Database(connection) = place else {
            let columns: Vec<SelectedColumn> = names.iter().map(|_| SelectedColumn::text()).collect();
            let mut reader = RegisterReader::new(register, &targets, &columns, zone, settings.batch_rows);
            let asked: Vec<RequestedColumn<'_>> =
                targets.iter().zip(&names).map(|(t, (n, _))| t.asked(n, register)).collect();
            let asked: Vec<_> =
                asked.into_iter().chain(filter.into_iter().flat_map(RecordFilter::columns)).collect();
            let mut judge = filter.map(|filter| filter.rows(Some(excluded.clone())));
            let mut push =
                |values: &[Option<&[u8]>]| match judge.as_mut().is_none_or(|judge| judge.counts(values)) {
                    true => reader.row(values).map_or(Ok(()), &mut *each),
                    false => Ok(()),
                };
            place.rows("source.register", &register.dataset, &asked, deadline, &mut push).await?;
            judge.map_or(Ok(()), RowFilter::finish)?;
            return reader.finish().map_or(Ok(()), each);
        };
        let mut columns: Vec<SelectedColumn> =
            connection.resolve("source.register", &register.dataset, &names).await?;
        if !connection.copies() {
            columns = columns.into_iter().map(SelectedColumn::into_text).collect();
        }
        let mut reader = RegisterReader::new(register, &targets, &columns, zone, settings.batch_rows);
        let counting = match filter {
            Some(filter) => Some(filter.condition(connection, register).await?),
            None => None,
        };
        let condition = record_filter::all([counting, condition]);
        let select = Select { dataset: &register.dataset, columns: &columns, condition };
        let sql = select.sql(connection.kind());
        if connection.copies() {
            connection
                .copy(&sql, columns.len(), |row| reader.copied(row)?.map_or(Ok(()), &mut *each))
                .await?;
        } else {
            let mut push = |values: &[Option<&[u8]>]| reader.row(values).map_or(Ok(()), &mut *each);
            connection.stream(sql, columns.len(), deadline, &mut push).await?;
        }
        reader.finish().map_or(Ok(()), each)
    }
}
