//! Records counted by place and by what they count for, while they stream by.

use polars::prelude::*;

use super::bucket_numbers::{CellOrder, Places};
use super::distinct_values::DistinctValues;
use super::sorted_groups::SortedGroups;

/// Records that are grouped at a time.
const GROUPED: usize = 1 << 16;
/// Records that are sorted at a time where grouping comes to nothing: 4 MB.
const SORTED: usize = 1 << 19;
/// Rows of groups that need not be added up: 4 MB.
const FEW_ROWS: usize = 1 << 18;
const GROUP: &str = "group";
const RECORDS: &str = "records";

/// Counts equal records. A record is its place in the upper half of a number, and what it counts for in the lower.
#[derive(Default)]
pub(super) struct Grouping {
    /// Records that are not counted yet.
    waiting: Vec<u64>,
    /// Groups of equal records with how many each has; a group may have several rows.
    grouped: DataFrame,
    /// How many rows there were when they were last added up, each another group.
    different: usize,
    /// Whether nearly every record has a place of its own, so that grouping comes to nothing.
    is_spread: bool,
    /// Records that were sorted instead.
    sorted: Vec<SortedGroups>,
    /// What records count for, numbered: a number of the sorted ones takes one byte or two.
    kinds: DistinctValues<u32>,
}

/// All records, counted.
pub(super) struct Grouped {
    /// Equal records may be in several parts.
    pub(super) parts: Vec<SortedGroups>,
    /// What the records of each kind count for.
    pub(super) kinds: DistinctValues<u32>,
}

impl Grouping {
    /// Adds a record.
    pub(super) fn add(&mut self, record: u64, places: &Places) -> PolarsResult<()> {
        let most = if self.is_spread { SORTED } else { GROUPED };
        if self.waiting.is_empty() {
            self.waiting.reserve_exact(most);
        }
        self.waiting.push(record);
        if self.waiting.len() == most { self.count(places) } else { Ok(()) }
    }

    /// Counts what is left.
    pub(super) fn finish(mut self, places: &Places) -> PolarsResult<Grouped> {
        self.count(places)?;
        let mut grouped = pairs(&summed(&self.grouped)?)?;
        let cells = places.order();
        grouped.iter_mut().for_each(|(record, _)| *record = ranked(*record, &cells));
        grouped.sort_unstable();
        self.keep(grouped.into_iter(), &cells);
        Ok(Grouped { parts: self.sorted, kinds: self.kinds })
    }

    fn count(&mut self, places: &Places) -> PolarsResult<()> {
        if !self.is_spread {
            return self.group();
        }
        let mut records = std::mem::take(&mut self.waiting);
        let cells = places.order();
        records.iter_mut().for_each(|record| *record = ranked(*record, &cells));
        records.sort_unstable();
        let same = records.chunk_by(|a, b| a == b);
        self.keep(same.map(|same| (same[0], same.len() as u64)), &cells);
        Ok(())
    }

    /// Keeps groups that were sorted by the ranks of their cells.
    fn keep(&mut self, groups: impl Iterator<Item = (u64, u64)>, cells: &CellOrder<'_>) {
        let kinds = &mut self.kinds;
        let group = |(record, times): (u64, u64)| {
            (cells.key((record >> 32) as u32), kinds.number(record as u32), times)
        };
        self.sorted.push(SortedGroups::new(groups.map(group)));
    }

    fn group(&mut self) -> PolarsResult<()> {
        let column = UInt64Chunked::from_vec(GROUP.into(), std::mem::take(&mut self.waiting)).into_series();
        let frame = DataFrame::new(column.len(), vec![column.into()])?;
        let by_group = frame.group_by([GROUP])?;
        let mut columns = by_group.keys();
        let records = by_group.get_groups().group_count().into_series().cast(&DataType::UInt64)?;
        columns.push(records.with_name(RECORDS.into()).into());
        let grouped = DataFrame::new(columns[0].len(), columns)?;
        self.is_spread = grouped.height() > GROUPED / 2;
        self.grouped.vstack_mut(&grouped)?;
        if self.grouped.height() > (2 * self.different).max(FEW_ROWS) {
            self.grouped = summed(&self.grouped)?;
            self.different = self.grouped.height();
        }
        Ok(())
    }
}

/// Each group once, with all of its records.
#[expect(deprecated, reason = "its successor is polars' lazy part, with a planner and an engine to compile")]
fn summed(grouped: &DataFrame) -> PolarsResult<DataFrame> {
    let mut summed = grouped.group_by([GROUP])?.select([RECORDS]).sum()?;
    summed.set_column_names(&[GROUP, RECORDS])?;
    Ok(summed)
}

/// The rows of groups.
fn pairs(grouped: &DataFrame) -> PolarsResult<Vec<(u64, u64)>> {
    let [groups, records] =
        [GROUP, RECORDS].map(|name| grouped.column(name).and_then(|column| column.u64().cloned()));
    let (groups, records) = (groups?, records?);
    // Neither has gaps.
    Ok(groups.iter().flatten().zip(records.iter().flatten()).collect())
}

/// A record with the rank of its cell instead of its place.
fn ranked(record: u64, cells: &CellOrder<'_>) -> u64 {
    u64::from(cells.rank((record >> 32) as u32)) << 32 | record & u64::from(u32::MAX)
}
