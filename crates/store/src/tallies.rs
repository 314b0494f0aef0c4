//! Tallies as rows: an old bulletin can be computed again from them.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use super::{Store, StoreError};
use tongbao_figures::indicator::tally::{
    BUILT_IN_COUNTERS, Bucket, COUNTERS, Counts, MATCHES, Matches, Tally,
};
use tongbao_register::unit::Units;

/// Stands for "no registration day" in the table.
const NO_DAY: i64 = i64::MIN;

/// Writes the cells of a run within its transaction; with the counters of own definitions where it has any.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    run: i64,
    units: &Units,
    tally: &Tally,
    has_own: bool,
) -> Result<(), StoreError> {
    let without_counts = |cell: &Bucket| tally.cells.get(cell).is_none();
    let matched = tally.matches.iter().flat_map(BTreeMap::keys).copied();
    let others: BTreeSet<Bucket> = matched.filter(without_counts).collect();
    let others = others.into_iter().map(|cell| (cell, Counts::default()));
    for (cell, counts) in tally.cells.iter().chain(others) {
        let unit = cell.unit.map_or("", |i| units.list()[i as usize].code.as_str());
        sqlx::query("INSERT INTO tally (run, unit, day, counts) VALUES (?, ?, ?, ?)")
            .bind(run)
            .bind(unit)
            .bind(cell.day.map_or(NO_DAY, i64::from))
            .bind(to_bytes(&counts, tally, &cell, width(has_own)))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

impl Store {
    /// The cells of a run, by position in its own unit list.
    pub(super) async fn tally(&self, run: i64, units: &Units, has_own: bool) -> Result<Tally, StoreError> {
        let query = sqlx::query_as("SELECT unit, day, counts FROM tally WHERE run = ?").bind(run);
        let rows: Vec<(String, i64, Vec<u8>)> = query.fetch_all(&self.pool).await?;
        let mut tally = Tally::default();
        for (code, day, counts) in rows {
            let day = (day != NO_DAY).then_some(day as i32);
            let cell = Bucket { unit: units.position(&code), day };
            add(&mut tally, cell, &counts, width(has_own))
                .ok_or(StoreError::Unreadable { run, what: "counts" })?;
        }
        Ok(tally)
    }
}

/// Counters of a cell.
fn width(has_own: bool) -> usize {
    if has_own { COUNTERS } else { BUILT_IN_COUNTERS }
}

/// The counts of a cell, and after them the counts of the comparison with each roster, where rosters
/// have names.
fn to_bytes(counts: &Counts, tally: &Tally, cell: &Bucket, width: usize) -> Vec<u8> {
    let matches = |list: &BTreeMap<Bucket, Matches>| list.get(cell).copied().unwrap_or_default().to_array();
    let matches = tally.matches.iter().flat_map(matches);
    counts.to_array().into_iter().take(width).chain(matches).flat_map(u64::to_le_bytes).collect()
}

fn add(tally: &mut Tally, cell: Bucket, bytes: &[u8], width: usize) -> Option<()> {
    let (chunks, []) = bytes.as_chunks::<8>() else { return None };
    let counters: Vec<u64> = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect();
    let (counts, matches) = counters.split_at_checked(width)?;
    let (matches, []) = matches.as_chunks::<MATCHES>() else { return None };
    let mut all = [0; COUNTERS];
    all[..width].copy_from_slice(counts);
    let counts = Counts::from_array(all);
    if counts != Counts::default() || matches.is_empty() {
        tally.add(cell, counts);
    }
    for (list, matches) in matches.iter().enumerate() {
        if tally.matches.len() <= list {
            tally.matches.resize_with(list + 1, BTreeMap::new);
        }
        let matches = Matches::from_array(*matches);
        if matches != Matches::default() {
            tally.add_matches(list, cell, matches);
        }
    }
    Some(())
}
