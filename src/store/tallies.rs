//! Tallies as rows: an old bulletin can be computed again from them.

use sqlx::{Row, SqliteConnection};

use super::{Store, StoreError};
use crate::indicator::tally::{COUNTERS, Cell, Counts, Tally};
use crate::register::unit::Units;

/// Stands for "no registration day" in the table.
const NO_DAY: i64 = i64::MIN;

/// Writes the cells of a run within its transaction.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    run: i64,
    units: &Units,
    tally: &Tally,
) -> Result<(), StoreError> {
    for (cell, counts) in tally.cells.iter() {
        let unit = cell.unit.map_or("", |i| units.list()[i as usize].code.as_str());
        sqlx::query("INSERT INTO tally (run, unit, day, counts) VALUES (?, ?, ?, ?)")
            .bind(run)
            .bind(unit)
            .bind(cell.day.map_or(NO_DAY, i64::from))
            .bind(to_bytes(&counts))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

impl Store {
    /// The cells of a run, by position in its own unit list.
    pub(super) async fn tally(&self, run: i64, units: &Units) -> Result<Tally, StoreError> {
        let rows = sqlx::query("SELECT unit, day, counts FROM tally WHERE run = ?")
            .bind(run)
            .fetch_all(&self.pool)
            .await?;
        let mut tally = Tally::default();
        for row in rows {
            let (code, day): (String, i64) = (row.get(0), row.get(1));
            let counts = from_bytes(row.get(2)).ok_or(StoreError::Unreadable { run, what: "counts" })?;
            let day = (day != NO_DAY).then_some(day as i32);
            tally.add(Cell { unit: units.position(&code), day }, counts);
        }
        Ok(tally)
    }
}

fn to_bytes(counts: &Counts) -> Vec<u8> {
    counts.to_array().iter().flat_map(|count| count.to_le_bytes()).collect()
}

fn from_bytes(bytes: &[u8]) -> Option<Counts> {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let counts: Vec<u64> = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect();
    if !rest.is_empty() {
        return None;
    }
    <[u64; COUNTERS]>::try_from(counts).ok().map(Counts::from_array)
}
