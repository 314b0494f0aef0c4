//! Looking at a database that nobody has described, by ODBC.

use tokio::time::Instant;

use super::block::{self, Long, Stopped};
use super::error::DriverError;
use super::session::{OdbcSession, StatementLimits};
use super::worker::Worker;
use crate::survey::{PATIENCE, RegisterSurvey, SAMPLE, TABLES, filled};
use crate::{SourceError, within};
use tongbao_config::settings::{DatabaseUrl, Dataset};
use tongbao_figures::inference::SurveyedTable;

/// As for other databases. ODBC tells nothing of the number of rows.
pub(crate) async fn survey(url: &DatabaseUrl) -> Result<RegisterSurvey, SourceError> {
    let deadline = || Instant::now() + PATIENCE;
    let worker = within(deadline(), url, Worker::start(url.clone())).await?;
    let listing = worker
        .run(|session| session.table_names("").map_err(|failure| failure.into_source_error(&session.url)));
    let mut survey = RegisterSurvey::default();
    for known in within(deadline(), url, listing).await?.into_iter().take(TABLES) {
        let name = known.full();
        let sampling = worker.run(move |session| session.sample(&known.full()));
        match within(deadline(), url, sampling).await {
            Ok(table) => survey.add(table, url.clone(), Dataset::Table(name)),
            Err(error) if error.is_unavailable() => return Err(error),
            Err(error) => survey.unread.push((name, error.to_string())),
        }
    }
    Ok(survey)
}

/// As for other databases.
pub(crate) async fn survey_table(url: &DatabaseUrl, name: &str) -> Result<RegisterSurvey, SourceError> {
    let deadline = || Instant::now() + PATIENCE;
    let worker = within(deadline(), url, Worker::start(url.clone())).await?;
    let wanted = name.to_owned();
    let sampling = worker.run(move |session| {
        session.found("init", &Dataset::Table(wanted.clone()))?;
        session.sample(&wanted)
    });
    let mut survey = RegisterSurvey::default();
    let table = within(deadline(), url, sampling).await?;
    survey.add(table, url.clone(), Dataset::Table(name.to_owned()));
    Ok(survey)
}

impl OdbcSession {
    /// A table's first rows; long values are cut, because only their shape is looked at.
    fn sample(&mut self, name: &str) -> Result<SurveyedTable, SourceError> {
        let sampled = self.try_sample(name);
        if sampled.is_err() {
            self.begin();
        }
        sampled.map_err(|failure| failure.into_source_error(&self.url))
    }

    fn try_sample(&self, name: &str) -> Result<SurveyedTable, DriverError> {
        let dataset = Dataset::Table(name.to_owned());
        let columns: Vec<String> =
            self.describe(&dataset)?.into_iter().filter(|column| !column.is_binary).map(|c| c.name).collect();
        let mut sample = Vec::new();
        if !columns.is_empty() {
            let limits = StatementLimits { seconds: Some(PATIENCE.as_secs() as usize), rows: Some(SAMPLE) };
            let mut cursor = self.query(&self.select(&columns, &dataset), limits)?;
            let described = block::describe(&mut cursor)?;
            let rooms: Vec<usize> = described.iter().map(|column| column.units).collect();
            let mut add = |values: &[Option<&[u8]>]| {
                sample.push(values.iter().map(|value| value.and_then(filled)).collect());
                Ok(())
            };
            let mut taken = 0;
            let fetched = block::fetch(cursor, &rooms, Long::Cut, |block| {
                taken += block.len();
                block.rows(&mut add).is_ok() && taken < SAMPLE
            });
            if let Err(Stopped::Failure(failure)) = fetched {
                return Err(failure);
            }
        }
        sample.truncate(SAMPLE);
        Ok(SurveyedTable { name: name.to_owned(), rows: None, columns, sample })
    }
}
