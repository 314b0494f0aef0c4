//! Databases: read only, in one snapshot, streamed in batches. Never writes to the register.
//!
//! Values travel in the form the database keeps them in where that is known, and as text otherwise;
//! the definitions read them the same way whatever the database. `sample` alone writes, into a database made for trials.

mod address;
mod changes;
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
pub mod survey;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::config::settings::{self, BaselineSource, DatabaseUrl, Dataset, Located};
use crate::register::batch::RegisterBatch;
use crate::register::date::parse_date;
use crate::register::succession::ListedUnit;
use crate::register::text::{lossy, trim};
use crate::register::unit::Unit;
pub use connection::COUNT_REMOTELY;
use connection::Connection;
pub use copy_binary::{CopyDecoder, CopyRow};
pub use error::SourceError;
pub use parts::RegisterPart;
/// Identifiers in the quotes of a database.
pub mod quoted {
    pub use super::select::{quote as name, quote_table as table};
}
use select::{Column, EachRow, Select};

/// An open pull: one read-only snapshot of the register's database, one deadline. Lists that lie
/// elsewhere have a snapshot of their own, opened when they are first read.
pub struct Source<'a> {
    settings: &'a settings::Source,
    connection: Connection,
    others: Vec<(DatabaseUrl, Connection)>,
    deadline: Instant,
}

impl<'a> Source<'a> {
    /// Connects and opens the snapshot that all following reads share.
    pub async fn open(settings: &'a settings::Source) -> Result<Source<'a>, SourceError> {
        let deadline = Instant::now() + settings.timeout;
        let connection = connect(&settings.url, deadline).await?;
        Ok(Source { settings, connection, others: Vec::new(), deadline })
    }

    /// The connection to where a dataset lies.
    async fn connection(&mut self, from: &Located) -> Result<&mut Connection, SourceError> {
        let Some(url) = from.url.as_ref().filter(|url| **url != self.settings.url) else {
            return Ok(&mut self.connection);
        };
        let at = match self.others.iter().position(|(known, _)| known == url) {
            Some(at) => at,
            None => {
                let connection = connect(url, self.deadline).await?;
                self.others.push((url.clone(), connection));
                self.others.len() - 1
            }
        };
        Ok(&mut self.others[at].1)
    }

    /// The unit list.
    pub async fn units(&mut self) -> Result<Vec<ListedUnit>, SourceError> {
        let source = &self.settings.units;
        let columns = source.columns();
        let names: Vec<&str> = columns.into_iter().flatten().collect();
        let mut units = Vec::new();
        let mut unnamed = 0u64;
        self.rows("source.units", &source.from, &names, &mut |values| {
            let mut values = values.iter();
            let cells = columns.map(|column| {
                let value = column.and_then(|_| *values.next()?)?;
                Some(lossy(trim(value)).into_owned()).filter(|text| !text.is_empty())
            });
            match listed_unit(cells)? {
                Some(unit) => units.push(unit),
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

    /// Streams the rosters one after another: position, unit code and ID number of each entry. Nothing
    /// without a roster.
    pub async fn rosters(
        &mut self,
        mut each: impl FnMut(usize, Option<&[u8]>, Option<&[u8]>) + Send,
    ) -> Result<(), SourceError> {
        for (position, roster) in self.settings.rosters.iter().enumerate() {
            let mut row = |values: &[Option<&[u8]>]| {
                each(position, values[0], values[1]);
                Ok(())
            };
            let columns = [roster.unit.as_str(), roster.id_number.as_str()];
            let read = self.rows(roster.part(), &roster.from, &columns, &mut row).await;
            read.map_err(|error| error.of_roster(roster.name.as_deref()))?;
        }
        Ok(())
    }

    /// Expected head counts by unit code. A unit that is listed twice has both counts added.
    pub async fn baseline(&mut self) -> Result<BTreeMap<String, u64>, SourceError> {
        let (from, unit, persons) = match &self.settings.baseline {
            None => return Ok(BTreeMap::new()),
            Some(BaselineSource::Inline(counts)) => return Ok(counts.clone()),
            Some(BaselineSource::Dataset { from, unit, persons }) => (from, unit, persons),
        };
        let mut out = BTreeMap::new();
        self.rows("source.baseline", from, &[unit, persons], &mut |values| {
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
        let people = Located { url: None, dataset: settings.register.dataset.clone() };
        let mut parts: Vec<(&'static str, &Located, Vec<&str>)> =
            vec![("source.register", &people, register)];
        let units = settings.units.columns().into_iter().flatten().collect();
        parts.push(("source.units", &settings.units.from, units));
        if let Some(BaselineSource::Dataset { from, unit, persons }) = &settings.baseline {
            parts.push(("source.baseline", from, vec![unit, persons]));
        }
        let mut out = Vec::new();
        for (part, from, columns) in parts {
            out.push((part, self.check_part(part, from, &columns).await));
        }
        for roster in &settings.rosters {
            let columns = [roster.unit.as_str(), roster.id_number.as_str()];
            let checked = self.check_part(roster.part(), &roster.from, &columns).await;
            out.push((roster.part(), checked.map_err(|error| error.of_roster(roster.name.as_deref()))));
        }
        out
    }

    async fn check_part(
        &mut self,
        part: &'static str,
        from: &Located,
        columns: &[&str],
    ) -> Result<(), SourceError> {
        let columns: Vec<(&str, bool)> = columns.iter().map(|name| (*name, false)).collect();
        self.connection(from).await?.resolve(part, &from.dataset, &columns).await.map(|_| ())
    }

    /// Streams a dataset's columns as text, one call a row.
    async fn rows(
        &mut self,
        part: &'static str,
        from: &Located,
        columns: &[&str],
        each: &mut EachRow<'_>,
    ) -> Result<(), SourceError> {
        let (deadline, url) = (self.deadline, from.url.as_ref().unwrap_or(&self.settings.url));
        let connection = self.connection(from).await?;
        let work = async {
            let columns: Vec<(&str, bool)> = columns.iter().map(|name| (*name, false)).collect();
            let columns = connection.resolve(part, &from.dataset, &columns).await?;
            let columns: Vec<Column> = columns.into_iter().map(Column::into_text).collect();
            let select = Select { dataset: &from.dataset, columns: &columns, condition: None };
            let sql = select.sql(connection.kind());
            connection.stream(sql, columns.len(), deadline, each).await
        };
        within(deadline, url, work).await
    }
}

/// A server that does not answer at all is given up sooner than a long pull.
async fn connect(url: &DatabaseUrl, deadline: Instant) -> Result<Connection, SourceError> {
    let first = deadline.min(Instant::now() + Duration::from_secs(30));
    within(first, url, Connection::open(url)).await
}

/// A unit from its cells, in the order of [`settings::UnitsSource::columns`]; `None` without a code.
fn listed_unit(cells: [Option<String>; 7]) -> Result<Option<ListedUnit>, SourceError> {
    let [code, name, kind, parent, valid_from, valid_to, successor] = cells;
    let Some(code) = code else { return Ok(None) };
    let day = |column: &'static str, text: Option<String>| {
        let day = text.as_deref().map(|text| parse_date(text).ok_or(column)).transpose();
        day.map_err(|column| SourceError::UnitDay { column, unit: code.clone() })
    };
    let (valid_from, valid_to) = (day("valid_from", valid_from)?, day("valid_to", valid_to)?);
    let name = name.unwrap_or_else(|| code.clone());
    let unit = Unit { code, name, kind: kind.unwrap_or_default(), parent };
    Ok(Some(ListedUnit { unit, valid_from, valid_to, successor }))
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
