//! Every other database, by ODBC: through the driver that the office has.
//!
//! Drivers block, so each connection has a thread of its own; blocks of rows come from there through a
//! short queue, and a run that is given up no longer waits for the driver.

mod block;
mod error;
mod session;
mod survey;
mod tables;
mod worker;

use tokio::sync::mpsc::channel;
use tokio::time::Instant;

use super::SourceError;
use super::statements::{EachRow, RequestedColumn};
use block::{Described, Long, Stopped};
use error::DriverError;
use session::{OdbcSession, StatementLimits};
pub(super) use survey::{survey, survey_table};
use tongbao_config::settings::{DatabaseUrl, Dataset};
use worker::Worker;

/// Drivers run one statement behind another, and the second could end the transaction that guards the
/// register.
const SECOND: &str = "by ODBC a query must hold no semicolon; take it out, or make a view of the query";

/// Blocks that may wait to be taken.
const WAITING: usize = 2;

/// A database behind a driver, in a read-only transaction as far as the driver offers it.
pub(super) struct Odbc {
    worker: Worker,
}

impl Odbc {
    pub(super) async fn open(url: &DatabaseUrl) -> Result<Odbc, SourceError> {
        Ok(Odbc { worker: Worker::start(url.clone()).await? })
    }

    /// Streams columns of a dataset as text, one call a row.
    pub(super) async fn rows(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
        asked: &[RequestedColumn<'_>],
        deadline: Instant,
        each: &mut EachRow<'_>,
    ) -> Result<(), SourceError> {
        let (dataset, asked) = (dataset.clone(), names(asked));
        let seconds = deadline.saturating_duration_since(Instant::now()).as_secs() as usize + 1;
        let limits = StatementLimits { seconds: Some(seconds), rows: None };
        let (blocks, mut arriving) = channel(WAITING);
        let reading = self.worker.run(move |session| {
            let (dataset, columns) = session.resolve(part, &dataset, &asked)?;
            let sql = session.select(&columns, &dataset);
            session.read(part, &sql, limits, |block| blocks.blocking_send(block).is_ok())
        });
        while let Some(block) = arriving.recv().await {
            block.rows(each)?;
        }
        reading.await
    }

    /// Checks that the asked columns are there.
    pub(super) async fn check(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
        asked: &[RequestedColumn<'_>],
    ) -> Result<(), SourceError> {
        let (dataset, asked) = (dataset.clone(), names(asked));
        self.worker.run(move |session| session.resolve(part, &dataset, &asked).map(|_| ())).await
    }
}

fn names(asked: &[RequestedColumn<'_>]) -> Vec<String> {
    asked.iter().map(|asked| asked.name.to_owned()).collect()
}

impl OdbcSession {
    /// The dataset and the asked columns as the driver spells them. Fails on the first that is not there.
    fn resolve(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
        asked: &[String],
    ) -> Result<(Dataset, Vec<String>), SourceError> {
        let (dataset, known) = self.found(part, dataset)?;
        let column = |asked: &String| {
            let exact = known.iter().find(|column| column.name == *asked);
            let found = exact.or_else(|| known.iter().find(|c| c.name.eq_ignore_ascii_case(asked)));
            found.map(|column| column.name.clone()).ok_or_else(|| {
                let known: Vec<(String, String)> =
                    known.iter().map(|column| (column.name.clone(), String::new())).collect();
                SourceError::missing_column(part, asked, &known)
            })
        };
        let columns: Result<Vec<String>, SourceError> = asked.iter().map(column).collect();
        Ok((dataset, columns?))
    }

    /// A dataset as it stands, a table in the driver's spelling: databases that fold names to capitals
    /// know it by that one alone. Nothing is tried that may fail, for that could end the snapshot.
    fn found(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
    ) -> Result<(Dataset, Vec<Described>), SourceError> {
        let dataset = match dataset {
            Dataset::Query(query) if query.trim().trim_end_matches(';').contains(';') => {
                return Err(SourceError::Query { part, reason: SECOND.to_owned() });
            }
            Dataset::Table(table) => Dataset::Table(self.spelling(table).unwrap_or_else(|| table.clone())),
            other => other.clone(),
        };
        match self.describe(&dataset) {
            Ok(known) => Ok((dataset, known)),
            Err(failure) => {
                self.begin();
                Err(self.refused(part, &dataset, failure))
            }
        }
    }

    /// Why a dataset cannot be read.
    fn refused(&self, part: &'static str, dataset: &Dataset, failure: DriverError) -> SourceError {
        let is_missing = failure.is_missing_table();
        let reason = failure.clone().reason(&self.url);
        let (table, error) = match (dataset, failure.into_source_error(&self.url)) {
            (Dataset::Query(_), SourceError::Database(_)) => return SourceError::Query { part, reason },
            (Dataset::Table(table), error @ SourceError::Database(_)) => (table, error),
            (_, error) => return error,
        };
        let listed = self.table_names("").unwrap_or_default();
        // If it is listed, it is in a schema that has to be named.
        let meant = listed.iter().filter(|known| known.spelt_as(table).is_some());
        let meant: Vec<String> = meant.map(|known| known.full()).collect();
        match (meant.is_empty(), is_missing) {
            (true, _) => {
                let known: Vec<String> = listed.into_iter().map(|known| known.name).collect();
                SourceError::missing_table(part, table, &known)
            }
            (false, true) => SourceError::missing_table(part, table, &meant),
            (false, false) => error,
        }
    }

    /// The columns of a dataset, found by asking for no rows of it.
    fn describe(&self, dataset: &Dataset) -> Result<Vec<Described>, DriverError> {
        let sql = format!("{} WHERE 1 = 0", self.select(&[], dataset));
        block::describe(&mut self.query(&sql, StatementLimits::default())?)
    }

    /// Streams a statement's rows, until `each` wants no more. A value that is longer than its room ends
    /// it: half of one would be another value.
    fn read(
        &self,
        part: &'static str,
        sql: &str,
        limits: StatementLimits,
        each: impl FnMut(block::RowBlock) -> bool,
    ) -> Result<(), SourceError> {
        let source_error = |failure: DriverError| failure.into_source_error(&self.url);
        let mut cursor = self.query(sql, limits).map_err(source_error)?;
        let columns = block::describe(&mut cursor).map_err(source_error)?;
        let rooms: Vec<usize> = columns.iter().map(|column| column.units).collect();
        block::fetch(cursor, &rooms, Long::Refused, each).map_err(|stopped| match stopped {
            Stopped::Failure(failure) => source_error(failure),
            Stopped::TooLong { column, units } => {
                let column = columns.get(column).map(|column| column.name.clone()).unwrap_or_default();
                SourceError::TooLong { part, column, units }
            }
        })
    }
}
