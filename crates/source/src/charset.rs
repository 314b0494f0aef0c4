//! Columns whose texts look as if they had been read in another character set.

use std::collections::BTreeMap;

use super::error::CONVERTED;
use super::register::{ReadTarget, targets};
use super::source_handle::SourceHandle;
use super::statements::{Select, SelectedColumn};
use super::{Source, SourceError, within};
use tongbao_config::settings::DatabaseKind;
use tongbao_register::batch::TextColumn;
use tongbao_register::field::Field;
use tongbao_register::garbled::{Garbled, foreign, garbled};
use tongbao_register::text::lossy;

/// Records that are looked at.
const SAMPLE: usize = 2_000;
/// Fields of words; the others are numbers, days and codes, of which only bytes that are no UTF-8 are noticed.
const WORDS: [Field; 3] = [Field::Name, Field::ResidenceAddress, Field::HouseholdPlace];

/// A column with texts that were read wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GarbledColumn {
    /// Its name in the register.
    pub column: String,
    /// What happened to its texts.
    pub how: Garbled,
    /// How a query may convert them, where the database can.
    pub remedy: Option<&'static str>,
    /// Such texts, and all that were looked at.
    pub count: usize,
    /// Texts that were looked at.
    pub of: usize,
}

impl Source<'_> {
    /// What the first records of a database tell. Files are read in a character set that is found out or
    /// configured, and bytes that mean nothing there are an error of their own.
    pub async fn garbled(&mut self) -> Result<Vec<GarbledColumn>, SourceError> {
        let SourceHandle::Database(connection) = &mut self.place else { return Ok(Vec::new()) };
        let register = &self.settings.register;
        let is_word =
            |target: &ReadTarget| WORDS.iter().any(|f| *target == ReadTarget::Text(TextColumn::Field(*f)));
        let (columns, names): (Vec<ReadTarget>, Vec<&str>) = targets(register, false).into_iter().unzip();
        let asked: Vec<(&str, bool)> = names.iter().map(|name| (*name, false)).collect();
        let mut found: BTreeMap<(usize, Garbled), usize> = BTreeMap::new();
        let mut looked_at = vec![0; names.len()];
        let mut look = |values: &[Option<&[u8]>]| {
            for (at, value) in values.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?))) {
                looked_at[at] += 1;
                let misread = || is_word(&columns[at]).then(|| garbled(&lossy(value))).flatten();
                if let Some(how) = foreign(value).or_else(misread) {
                    *found.entry((at, how)).or_default() += 1;
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
        let converts = connection.kind() == DatabaseKind::Postgres;
        let column = |((at, how), count): ((usize, Garbled), usize)| GarbledColumn {
            column: names[at].to_owned(),
            how,
            remedy: (converts && how == Garbled::Gbk).then_some(CONVERTED),
            count,
            of: looked_at[at],
        };
        Ok(found.into_iter().map(column).collect())
    }
}
