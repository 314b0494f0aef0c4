//! A place that datasets are read from, opened.

use std::collections::BTreeMap;
use std::sync::Arc;
use tongbao_message::{Message, Worded, message};

use tokio::time::Instant;

use super::connection::Connection;
use super::file::{MergedNumbers, OpenFiles};
#[cfg(feature = "odbc")]
use super::odbc::Odbc;
use super::statements::{EachRow, RequestedColumn, Select, SelectedColumn};
use super::{SourceError, within};
use tongbao_config::settings::{DatabaseUrl, Dataset, FileForm};

/// A database in a read-only snapshot, by a driver of the program's own or of the office's, or files.
pub(super) enum SourceHandle {
    Database(Box<Connection>),
    Files(OpenFiles),
    #[cfg(feature = "odbc")]
    Odbc(Odbc),
}

impl SourceHandle {
    /// In a drop folder the contents in `used` (by SHA-256) are left out.
    pub(super) async fn open(
        url: &DatabaseUrl,
        form: &FileForm,
        used: &BTreeMap<String, i64>,
    ) -> Result<SourceHandle, SourceError> {
        #[cfg(feature = "odbc")]
        if url.odbc().is_some() {
            return Ok(SourceHandle::Odbc(Odbc::open(url).await?));
        }
        match url.file() {
            Some(path) => Ok(SourceHandle::Files(OpenFiles::open(path, form, used).await?)),
            None => Ok(SourceHandle::Database(Box::new(Connection::open(url).await?))),
        }
    }

    /// Tells files which units their names may name.
    pub(crate) fn know_units(&mut self, units: Option<&Arc<Vec<(String, String)>>>) {
        if let (SourceHandle::Files(files), Some(units)) = (self, units) {
            files.know_units(units.clone());
        }
    }

    /// Where files note rows with an ID number of a row above.
    pub(super) fn note_merged(&mut self, merged_numbers: &MergedNumbers) {
        if let SourceHandle::Files(files) = self {
            files.note_merged(merged_numbers.clone());
        }
    }

    /// The database; what needs one is refused for other places by the configuration.
    pub(super) fn database(&mut self) -> Result<&mut Connection, SourceError> {
        match self {
            SourceHandle::Database(connection) => Ok(&mut **connection),
            _ => Err(SourceError::Address(message!("needs-database"))),
        }
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
        self.rows_where(part, dataset, asked, None, deadline, each).await
    }

    /// The same, of a database those alone that fulfil a condition.
    pub(super) async fn rows_where(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
        asked: &[RequestedColumn<'_>],
        condition: Option<String>,
        deadline: Instant,
        each: &mut EachRow<'_>,
    ) -> Result<(), SourceError> {
        match self {
            SourceHandle::Files(files) => files.rows(part, dataset, asked, deadline, each).map(|_| ()),
            #[cfg(feature = "odbc")]
            SourceHandle::Odbc(odbc) => odbc.rows(part, dataset, asked, deadline, each).await,
            SourceHandle::Database(connection) => {
                let columns = as_text(connection, part, dataset, asked).await?;
                let select = Select { dataset, columns: &columns, condition };
                let sql = select.sql(connection.kind());
                connection.stream(sql, columns.len(), deadline, each).await
            }
        }
    }

    /// Checks that the asked columns are there; files are read through, and what they are is told.
    pub(super) async fn check(
        &mut self,
        part: &'static str,
        dataset: &Dataset,
        asked: &[RequestedColumn<'_>],
        deadline: Instant,
    ) -> Result<Message, SourceError> {
        match self {
            SourceHandle::Files(files) => {
                let found = files.rows(part, dataset, asked, deadline, &mut |_| Ok(()))?;
                Ok(found.message())
            }
            #[cfg(feature = "odbc")]
            SourceHandle::Odbc(odbc) => odbc.check(part, dataset, asked).await.map(|()| Message::default()),
            SourceHandle::Database(connection) => {
                let columns = as_text(connection, part, dataset, asked).await?;
                // Naming columns needs no right to read them.
                let select = Select { dataset, columns: &columns, condition: None };
                let sql = format!("{} LIMIT 0", select.sql(connection.kind()));
                if let Err(error) = connection.try_read(sql).await {
                    connection.begin().await?;
                    return Err(error);
                }
                Ok(Message::default())
            }
        }
    }

    /// About how many rows a dataset has; `None` where it would cost.
    pub(super) async fn estimate(
        &mut self,
        dataset: &Dataset,
        deadline: Instant,
        url: &DatabaseUrl,
    ) -> Option<u64> {
        match (self, dataset) {
            (SourceHandle::Database(connection), Dataset::Table(table)) => {
                within(deadline, url, connection.estimate(table)).await.ok().flatten()
            }
            _ => None,
        }
    }
}

/// The asked columns of a dataset, each read as text.
async fn as_text(
    connection: &mut Connection,
    part: &'static str,
    dataset: &Dataset,
    asked: &[RequestedColumn<'_>],
) -> Result<Vec<SelectedColumn>, SourceError> {
    let columns: Vec<(&str, bool)> = asked.iter().map(|asked| (asked.name, false)).collect();
    let columns = connection.resolve(part, dataset, &columns).await?;
    Ok(columns.into_iter().map(SelectedColumn::into_text).collect())
}
