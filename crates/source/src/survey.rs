//! Looking at a database or files that nobody has described: their tables, columns and a sample of rows.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;
use super::file::{self, OpenFiles};
pub use super::file::{FileNotes, LackingHeading, Member};
use super::statements::{Select, SelectedColumn};
use super::{SourceError, within};
use tongbao_config::settings::{DatabaseUrl, Dataset, FileForm};
use tongbao_figures::inference::SurveyedTable;
use tongbao_register::text::{lossy, trim};

/// Rows sampled of a table, and of one so small that it may be a list of codes.
pub const SAMPLE: usize = 1_000;
const SMALL: u64 = 50_000;
const SMALL_SAMPLE: usize = 5_000;
/// Tables looked into; a central database may have thousands.
pub(super) const TABLES: usize = 200;
/// Tables without the right to read that are named.
const REFUSED: usize = 20;
/// For connecting, and for each table.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Pictures and documents are never read.
const UNREAD: [&str; 10] =
    ["BYTEA", "BLOB", "LONGBLOB", "MEDIUMBLOB", "TINYBLOB", "BINARY", "VARBINARY", "JSON", "JSONB", "XML"];

/// A survey with what had to be left out.
#[derive(Default)]
pub struct RegisterSurvey {
    /// Those that could be read.
    pub tables: Vec<SurveyedTable>,
    /// Where each of the tables is.
    pub places: Vec<TableOrigin>,
    /// Tables that could not be read, with the reason.
    pub unread: Vec<(String, String)>,
}

/// Where a table is: the address, and what reads it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableOrigin {
    /// Where it is.
    pub url: DatabaseUrl,
    /// The table or sheet there.
    pub dataset: Dataset,
    /// What its file says of it.
    pub notes: FileNotes,
    /// Further keys of `files` that its reading needs.
    pub form: FileForm,
}

impl RegisterSurvey {
    pub(super) fn add(&mut self, table: SurveyedTable, url: DatabaseUrl, dataset: Dataset) {
        self.tables.push(table);
        self.places.push(TableOrigin {
            url,
            dataset,
            notes: FileNotes::default(),
            form: FileForm::default(),
        });
    }

    /// Adds what was seen elsewhere.
    pub fn extend(&mut self, other: RegisterSurvey) {
        self.tables.extend(other.tables);
        self.places.extend(other.places);
        self.unread.extend(other.unread);
    }
}

/// Looks at every table at an address that may be read. The sampled rows stay in memory and are for
/// [`tongbao_figures::inference`] alone.
pub async fn survey(url: &DatabaseUrl) -> Result<RegisterSurvey, SourceError> {
    #[cfg(feature = "odbc")]
    if url.odbc().is_some() {
        return super::odbc::survey(url).await;
    }
    match url.file() {
        Some(address) => files(address).await,
        None => database(url).await,
    }
}

/// Looks at one table that a person names. It need not be among those that [`survey`] lists: it may be in another schema
/// or database, and where it may not be read, the error says so.
pub async fn survey_table(url: &DatabaseUrl, name: &str) -> Result<RegisterSurvey, SourceError> {
    #[cfg(feature = "odbc")]
    if url.odbc().is_some() {
        return super::odbc::survey_table(url, name).await;
    }
    let deadline = || Instant::now() + PATIENCE;
    let mut connection = within(deadline(), url, Connection::open(url)).await?;
    let rows = match within(deadline(), url, connection.estimate(name)).await {
        Ok(rows) => rows,
        Err(error) if error.is_unavailable() => return Err(error),
        Err(_) => {
            connection.begin().await?;
            None
        }
    };
    let mut survey = RegisterSurvey::default();
    let table = within(deadline(), url, sample(&mut connection, name, rows)).await?;
    survey.add(table, url.clone(), Dataset::Table(name.to_owned()));
    Ok(survey)
}

/// Files, those of a folder one after another. One that cannot be read ends the survey only if it is the
/// only one.
async fn files(address: &str) -> Result<RegisterSurvey, SourceError> {
    let addresses = file::addresses(address)?;
    let mut survey = RegisterSurvey::default();
    for path in addresses.iter().take(TABLES) {
        let deadline = Instant::now() + PATIENCE;
        let opened = OpenFiles::open(path, &FileForm::default(), &BTreeMap::new()).await;
        let tables = match opened.and_then(|files| files.survey(SMALL_SAMPLE, deadline)) {
            Ok(tables) => tables,
            Err(error) if addresses.len() == 1 => return Err(error),
            Err(error) => {
                survey.unread.push((path.clone(), error.to_string()));
                continue;
            }
        };
        for (dataset, notes, table) in tables {
            match table {
                Ok(table) => {
                    survey.add(table, DatabaseUrl::new(format!("file:{path}")), dataset);
                    survey.places.last_mut().into_iter().for_each(|place| place.notes = notes.clone());
                }
                Err(error) => survey.unread.push((path.clone(), error.to_string())),
            }
        }
    }
    let survey = file::gather(survey);
    let is_pattern = file::Address::parse(address).is_ok_and(|parsed| parsed.is_folder());
    Ok(if is_pattern { file::named_by(survey, address, &addresses) } else { survey })
}

/// A database, in one read-only snapshot.
async fn database(url: &DatabaseUrl) -> Result<RegisterSurvey, SourceError> {
    let deadline = || Instant::now() + PATIENCE;
    let mut connection = within(deadline(), url, Connection::open(url)).await?;
    let known = within(deadline(), url, connection.estimates()).await?;
    let mut survey = RegisterSurvey::default();
    let refused = within(deadline(), url, connection.refused()).await?;
    let refused = refused.into_iter().take(REFUSED);
    let denied = SourceError::denied("permission denied".to_owned());
    survey.unread.extend(refused.map(|name| (name, denied.to_string())));
    for (name, rows) in known.into_iter().take(TABLES) {
        match within(deadline(), url, sample(&mut connection, &name, rows)).await {
            Ok(table) => survey.add(table, url.clone(), Dataset::Table(name)),
            Err(error) if error.is_unavailable() => return Err(error),
            Err(error) => {
                // PostgreSQL aborts the transaction at the first error.
                connection.begin().await?;
                survey.unread.push((name, error.to_string()));
            }
        }
    }
    Ok(survey)
}

async fn sample(
    connection: &mut Connection,
    name: &str,
    rows: Option<u64>,
) -> Result<SurveyedTable, SourceError> {
    let dataset = Dataset::Table(name.to_owned());
    let kind = connection.kind();
    let known = connection.columns("init", &dataset).await?;
    let (names, columns): (Vec<String>, Vec<SelectedColumn>) = known
        .into_iter()
        .filter(|(_, type_name)| !UNREAD.contains(&type_name.to_uppercase().as_str()))
        .map(|(name, type_name)| {
            let column = SelectedColumn::new(kind, &name, &type_name, false).into_text();
            (name, column)
        })
        .unzip();
    let limit = if rows.is_some_and(|rows| rows <= SMALL) { SMALL_SAMPLE } else { SAMPLE };
    let mut sample = Vec::new();
    if !columns.is_empty() {
        let select = Select { dataset: &dataset, columns: &columns, condition: None };
        let sql = format!("{} LIMIT {limit}", select.sql(kind));
        let deadline = Instant::now() + PATIENCE;
        connection
            .stream(sql, columns.len(), deadline, &mut |values| {
                sample.push(values.iter().map(|value| value.and_then(filled)).collect());
                Ok(())
            })
            .await?;
    }
    Ok(SurveyedTable { name: name.to_owned(), rows, columns: names, sample })
}

pub(super) fn filled(value: &[u8]) -> Option<String> {
    let text = lossy(trim(value)).into_owned();
    (!text.is_empty()).then_some(text)
}
