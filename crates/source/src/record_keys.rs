//! The register with its record keys, for correction lists.

use jiff::tz::TimeZone;

use super::record_filter::RowFilter;
use super::register::{ReadTarget, RegisterReader, targets};
use super::statements::{RequestedColumn, SelectedColumn};
use super::{Source, SourceError, within};
use tongbao_register::batch::RegisterBatch;

impl Source<'_> {
    /// Streams the register with record keys, within the snapshot of the pull. Everything travels as
    /// text: the lists are wanted for few units, and the figures do not come from here.
    pub async fn keyed(
        &mut self,
        zone: &TimeZone,
        mut each: impl FnMut(&RegisterBatch) + Send,
    ) -> Result<(), SourceError> {
        let (condition, filter) = (self.condition().await?, self.filter());
        let register = &self.settings.register;
        let (targets, names): (Vec<ReadTarget>, Vec<&str>) = targets(register, true).into_iter().unzip();
        let columns: Vec<SelectedColumn> = targets.iter().map(|_| SelectedColumn::text()).collect();
        let mut reader = RegisterReader::new(register, &targets, &columns, zone, self.settings.batch_rows);
        let asked: Vec<RequestedColumn<'_>> =
            targets.iter().zip(names).map(|(target, name)| target.asked(name, register)).collect();
        // A database has left the others out already.
        let filter = filter.filter(|_| condition.is_none());
        let asked: Vec<_> =
            asked.into_iter().chain(filter.iter().flat_map(|filter| filter.columns())).collect();
        let mut judge = filter.as_ref().map(|filter| filter.rows(None));
        let mut push = |values: &[Option<&[u8]>]| {
            let counts = judge.as_mut().is_none_or(|judge| judge.counts(values));
            if let Some(batch) = counts.then(|| reader.row(values)).flatten() {
                each(&batch);
            }
            Ok(())
        };
        let (deadline, url, dataset) = (self.deadline, &self.settings.url, &register.dataset);
        let place = &mut self.place;
        let rows = place.rows_where("source.register", dataset, &asked, condition, deadline, &mut push);
        within(deadline, url, rows).await?;
        judge.map_or(Ok(()), RowFilter::finish)?;
        if let Some(batch) = reader.finish() {
            each(&batch);
        }
        Ok(())
    }
}
