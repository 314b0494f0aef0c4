//! The register with its record keys, for correction lists.

use jiff::tz::TimeZone;

use super::register::{ReadTarget, RegisterReader, targets};
use super::statements::{RequestedColumn, SelectedColumn};
use super::{Source, SourceError};
use tongbao_register::batch::RegisterBatch;

impl Source<'_> {
    /// Streams the register with record keys, within the snapshot of the pull. Everything travels as
    /// text: the lists are wanted for few units, and the figures do not come from here.
    pub async fn keyed(
        &mut self,
        zone: &TimeZone,
        mut each: impl FnMut(&RegisterBatch) + Send,
    ) -> Result<(), SourceError> {
        let register = &self.settings.register;
        let (targets, names): (Vec<ReadTarget>, Vec<&str>) = targets(register, true).into_iter().unzip();
        let columns: Vec<SelectedColumn> = targets.iter().map(|_| SelectedColumn::text()).collect();
        let mut reader = RegisterReader::new(register, &targets, &columns, zone, self.settings.batch_rows);
        let from = self.settings.located_register();
        let asked: Vec<RequestedColumn<'_>> =
            targets.iter().zip(names).map(|(target, name)| target.asked(name, register)).collect();
        self.rows("source.register", &from, &asked, &mut |values| {
            if let Some(batch) = reader.row(values) {
                each(&batch);
            }
            Ok(())
        })
        .await?;
        if let Some(batch) = reader.finish() {
            each(&batch);
        }
        Ok(())
    }
}
