//! The first texts of a register whose pulls do not read all of them, and columns that look as if they had been read in
//! another character set.

use super::error::CONVERTED;
use super::register::{ReadTarget, targets};
use super::source_handle::SourceHandle;
use super::statements::{Select, SelectedColumn};
use super::{Source, SourceError, within};
use tongbao_config::settings::{DatabaseKind, SourceSettings};
use tongbao_figures::indicator::text_sample::TextSample;
use tongbao_message::{Message, message};
use tongbao_register::garbled::{Garbled, GarbledColumn};

/// Records that are looked at.
const SAMPLE: usize = 2_000;

/// What was found in the texts of a register, by the names of its columns.
pub fn garbled_columns(settings: &SourceSettings, texts: &TextSample) -> Vec<GarbledColumn> {
    let names = targets(&settings.register, true);
    let remedy = |how| match (settings.url.kind(), how) {
        (Some(DatabaseKind::Postgres), Garbled::Gbk) => {
            message!("or-read-a-query-that-converts", query = CONVERTED)
        }
        (Some(DatabaseKind::Sqlite), Garbled::Gbk) => message!("or-convert-the-database-file"),
        _ => Message::text(""),
    };
    let found = texts.found().filter_map(|(column, how, count, of)| {
        let (_, name) = names.iter().find(|(target, _)| *target == ReadTarget::Text(column))?;
        Some(GarbledColumn { column: (*name).to_owned(), how, remedy: remedy(how), count, of })
    });
    found.collect()
}

impl Source<'_> {
    /// What the first records of a database tell, for pulls that do not read all of them. Of files and other sources
    /// a pull reads every record.
    pub async fn first_texts(&mut self) -> Result<TextSample, SourceError> {
        let mut texts = TextSample::default();
        let SourceHandle::Database(connection) = &mut self.place else { return Ok(texts) };
        let register = &self.settings.register;
        let (columns, names): (Vec<ReadTarget>, Vec<&str>) = targets(register, false).into_iter().unzip();
        let asked: Vec<(&str, bool)> = names.iter().map(|name| (*name, false)).collect();
        let mut look = |values: &[Option<&[u8]>]| {
            for (target, value) in columns.iter().zip(values) {
                if let (ReadTarget::Text(column), Some(value)) = (target, value) {
                    texts.text(*column, value);
                }
            }
            Ok(())
        };
        let (deadline, url) = (self.deadline, &self.settings.url);
        within(deadline, url, async {
            let columns = connection.resolve("source.register", &register.dataset, &asked).await?;
            let columns: Vec<SelectedColumn> = columns.into_iter().map(SelectedColumn::into_text).collect();
            let select = Select { dataset: &register.dataset, columns: &columns, condition: None };
            let sql = format!("{} LIMIT {SAMPLE}", select.sql(connection.kind()));
            connection.stream(sql, columns.len(), deadline, &mut look).await
        })
        .await?;
        Ok(texts)
    }
}
