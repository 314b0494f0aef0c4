//! Databases: read only, in one snapshot, streamed in batches. Never writes to the register.
//!
//! Values travel in the form the database keeps them in where that is known, and as text otherwise;
//! the definitions read them the same way whatever the database. `sample` alone writes, into a database made for trials.

mod connection;
mod copy_binary;
mod error;
mod keyed;
mod parts;
mod push_down;
mod register;
pub mod sample;
mod select;
mod sqlite_rows;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::config::settings::{self, BaselineSource, Dataset};
use crate::register::batch::RegisterBatch;
use crate::register::text::{lossy, trim};
use crate::register::unit::Unit;
pub use connection::COUNT_REMOTELY;
use connection::Connection;
pub use error::SourceError;
pub use parts::RegisterPart;
use select::{Column, EachRow, Select};

/// An open pull: one connection, one read-only snapshot, one deadline.
pub struct Source<'a> {
    settings: &'a settings::Source,
    connection: Connection,
    deadline: Instant,
}

impl<'a> Source<'a> {
    /// Connects and opens the snapshot that all following reads share.
    pub async fn open(settings: &'a settings::Source) -> Result<Source<'a>, SourceError> {
        let deadline = Instant::now() + settings.timeout;
        // A server that does not answer at all is given up sooner than a long pull.
        let first = settings.timeout.min(Duration::from_secs(30));
        let connection =
            within(Instant::now() + first, &settings.url, Connection::open(&settings.url)).await?;
        Ok(Source { settings, connection, deadline })
    }

    /// The unit list.
    pub async fn units(&mut self) -> Result<Vec<Unit>, SourceError> {
        let source = &self.settings.units;
        let columns: Vec<&str> =
            [Some(&source.code), Some(&source.name), source.kind.as_ref(), source.parent.as_ref()]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
        let (has_kind, has_parent) = (source.kind.is_some(), source.parent.is_some());
        let mut units = Vec::new();
        let mut unnamed = 0u64;
        self.rows("source.units", &source.dataset, &columns, &mut |values| {
            let text = |i: usize| {
                values[i].map(|value| lossy(trim(value)).into_owned()).filter(|text| !text.is_empty())
            };
            match text(0) {
                Some(code) => units.push(Unit {
                    name: text(1).unwrap_or_else(|| code.clone()),
                    code,
                    kind: if has_kind { text(2).unwrap_or_default() } else { String::new() },
                    parent: if has_parent { text(2 + usize::from(has_kind)) } else { None },
                }),
                None => unnamed += 1,
            }
            Ok(())
        })
        .await?;
        if unnamed > 0 {
            return Err(SourceError::BlankUnitCodes { count: unnamed });
        }
        Ok(units)
    }

    /// Streams the roster: unit code and ID number of each entry. Nothing without a roster.
    pub async fn roster(
        &mut self,
        mut each: impl FnMut(Option<&[u8]>, Option<&[u8]>) + Send,
    ) -> Result<(), SourceError> {
        let Some(roster) = &self.settings.roster else { return Ok(()) };
        self.rows("source.roster", &roster.dataset, &[&roster.unit, &roster.id_number], &mut |values| {
            each(values[0], values[1]);
            Ok(())
        })
        .await
    }

    /// Expected head counts by unit code. A unit that is listed twice has both counts added.
    pub async fn baseline(&mut self) -> Result<BTreeMap<String, u64>, SourceError> {
        let (dataset, unit, persons) = match &self.settings.baseline {
            None => return Ok(BTreeMap::new()),
            Some(BaselineSource::Inline(counts)) => return Ok(counts.clone()),
            Some(BaselineSource::Dataset { dataset, unit, persons }) => (dataset, unit, persons),
        };
        let mut out = BTreeMap::new();
        self.rows("source.baseline", dataset, &[unit, persons], &mut |values| {
            let code = lossy(trim(values[0].unwrap_or_default())).into_owned();
            let count = lossy(trim(values[1].unwrap_or_default()));
            let whole = count.strip_suffix(".0").unwrap_or(&count).parse::<u64>();
            let count = whole
                .map_err(|_| SourceError::NotAWholeNumber { column: persons.clone(), unit: code.clone() })?;
            *out.entry(code).or_insert(0) += count;
            Ok(())
        })
        .await?;
        Ok(out)
    }

    /// Streams the register in batches of `batch_rows`.
    pub async fn register(
        self,
        zone: &jiff::tz::TimeZone,
        each: impl FnMut(RegisterBatch) -> Result<(), SourceError> + Send,
    ) -> Result<(), SourceError> {
        self.part(None).read(zone, each).await
    }

    /// About how many records the register has, for the progress bar; `None` where it would cost.
    pub async fn estimate(&mut self) -> Option<u64> {
        let Dataset::Table(table) = &self.settings.register.dataset else { return None };
        within(self.deadline, &self.settings.url, self.connection.estimate(table)).await.ok().flatten()
    }

    /// Checks that every configured column is there, part by part.
    pub async fn check(&mut self) -> Vec<(&'static str, Result<(), SourceError>)> {
        let settings = self.settings;
        let register = register::targets(&settings.register, true);
        let register = register.into_iter().map(|(_, name)| name);
        let register = register.chain(settings.register.updated_at.as_deref()).collect();
        let mut parts: Vec<(&'static str, &Dataset, Vec<&str>)> =
            vec![("source.register", &settings.register.dataset, register)];
        parts.push((
            "source.units",
            &settings.units.dataset,
            vec![&settings.units.code, &settings.units.name],
        ));
        if let Some(roster) = &settings.roster {
            parts.push(("source.roster", &roster.dataset, vec![&roster.unit, &roster.id_number]));
        }
        if let Some(BaselineSource::Dataset { dataset, unit, persons }) = &settings.baseline {
            parts.push(("source.baseline", dataset, vec![unit, persons]));
        }
        let mut out = Vec::new();
        for (part, dataset, columns) in parts {
            let columns: Vec<(&str, bool)> = columns.into_iter().map(|name| (name, false)).collect();
            out.push((part, self.connection.resolve(part, dataset, &columns).await.map(|_| ())));
        }
        out
    }

    /// Streams a dataset's columns as text, one call a row.
    async fn rows(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
        columns: &[&str],
        each: &mut EachRow<'_>,
    ) -> Result<(), SourceError> {
        let (deadline, url) = (self.deadline, &self.settings.url);
        let work = async {
            let columns: Vec<(&str, bool)> = columns.iter().map(|name| (*name, false)).collect();
            let columns = self.connection.resolve(part, dataset, &columns).await?;
            let columns: Vec<Column> = columns.into_iter().map(Column::into_text).collect();
            let select = Select { dataset, columns: &columns, condition: None };
            let sql = select.sql(self.connection.kind());
            self.connection.stream(sql, columns.len(), deadline, each).await
        };
        within(deadline, url, work).await
    }
}

/// A database that stops answering must not hold the run.
async fn within<T>(
    deadline: Instant,
    url: &settings::DatabaseUrl,
    work: impl Future<Output = Result<T, SourceError>>,
) -> Result<T, SourceError> {
    tokio::time::timeout_at(deadline, work)
        .await
        .unwrap_or_else(|_| Err(SourceError::TimedOut { url: url.to_string() }))
}
