//! Tallies as rows: an old bulletin can be computed again from them.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use super::{Store, StoreError};
use tongbao_figures::indicator::counters::OwnWidth;
use tongbao_figures::indicator::counts::Counts;
use tongbao_figures::indicator::tally::{Bucket, MATCHES, Matches, Tally};
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
            .bind(to_bytes(&counts, tally, &cell, has_own))
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
            add(&mut tally, cell, &counts, has_own).ok_or(StoreError::Unreadable { run, what: "counts" })?;
        }
        Ok(tally)
    }
}

/// Own fields and own relations of a tally that was stored before there could be more.
const EARLIER: OwnWidth = OwnWidth { fields: 16, relations: 16 };

/// The counts of a cell, and after them the counts of the comparison with each roster, where rosters
/// have names. A cell of own definitions begins with two bytes: how many of its fields and relations have counters.
fn to_bytes(counts: &Counts, tally: &Tally, cell: &Bucket, has_own: bool) -> Vec<u8> {
    let width = counts.own_width();
    // There are fewer than 2^8 of either.
    let widths = has_own.then_some([width.fields as u8, width.relations as u8]);
    let own = counts.own(if has_own { width } else { OwnWidth::default() });
    let matches = |list: &BTreeMap<Bucket, Matches>| list.get(cell).copied().unwrap_or_default().to_array();
    let matches = tally.matches.iter().flat_map(matches);
    let counters = counts.built_in().into_iter().chain(own).chain(matches);
    widths.into_iter().flatten().chain(counters.flat_map(u64::to_le_bytes)).collect()
}

/// How many counters of own definitions a cell has, and its counters.
fn counters(bytes: &[u8], has_own: bool) -> Option<(OwnWidth, Vec<u64>)> {
    let (widths, counters) = bytes.split_at(bytes.len() % size_of::<u64>());
    let width = match widths {
        [] if has_own => EARLIER,
        [] => OwnWidth::default(),
        [fields, relations] => OwnWidth { fields: (*fields).into(), relations: (*relations).into() },
        _ => return None,
    };
    Some((width, counters.as_chunks().0.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect()))
}

fn add(tally: &mut Tally, cell: Bucket, bytes: &[u8], has_own: bool) -> Option<()> {
    let (width, counters) = counters(bytes, has_own)?;
    let (built_in, rest) = counters.split_first_chunk()?;
    let (own, matches) = rest.split_at_checked(width.counters())?;
    let (matches, []) = matches.as_chunks::<MATCHES>() else { return None };
    let counts = Counts::of_built_in(*built_in).with_own(width, own.iter().copied())?;
    if counts != Counts::default() || matches.is_empty() {
        tally.add(cell, &counts);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The counts of the comparison with two rosters, as they are stored.
    const MATCHED: [u64; 2 * MATCHES] = [9, 8, 7, 6, 5, 4, 3, 2];

    fn read(bytes: &[u8], has_own: bool) -> Option<(Counts, Vec<Matches>)> {
        let (mut tally, cell) = (Tally::default(), Bucket { unit: Some(3), day: None });
        add(&mut tally, cell, bytes, has_own)?;
        Some((tally.cells.get(&cell)?, tally.matches.iter().map(|list| list[&cell]).collect()))
    }

    fn bytes_of(counters: impl Iterator<Item = u64>) -> Vec<u8> {
        counters.chain(MATCHED).flat_map(u64::to_le_bytes).collect()
    }

    #[test]
    fn a_cell_of_before_is_read_as_it_was_written() {
        let (counts, matches) = read(&bytes_of(1..=38), false).unwrap();
        assert_eq!(
            (counts.built_in().to_vec(), counts.own_width()),
            ((1..=38).collect(), OwnWidth::default())
        );
        assert_eq!(matches.iter().flat_map(|one| one.to_array()).collect::<Vec<_>>(), MATCHED);
        // 16 counters of each kind of own ones followed: applicable, filled, judged, passed.
        let (counts, matches) = read(&bytes_of(1..=102), true).unwrap();
        assert_eq!((counts.applicable[9], counts.filled[9 + 15]), (39, 70));
        assert_eq!((counts.relation_judged[5], counts.relation_passed[5 + 15]), (71, 102));
        assert_eq!(matches.len(), 2);
        assert!(read(&bytes_of(1..=90), true).is_none());
    }

    #[test]
    fn a_cell_has_counters_for_what_is_defined() {
        let width = OwnWidth { fields: 40, relations: 35 };
        let mut counts = Counts::of_built_in(std::array::from_fn(|at| at as u64));
        counts = counts.with_own(width, 100..).unwrap();
        let (mut tally, cell) = (Tally::default(), Bucket { unit: Some(3), day: None });
        tally.add_matches(0, cell, Matches { listed: 4, ..Matches::default() });
        let bytes = to_bytes(&counts, &tally, &cell, true);
        assert_eq!(bytes.len(), 2 + 8 * (38 + width.counters() + MATCHES));
        let (read_counts, matches) = read(&bytes, true).unwrap();
        assert_eq!((&read_counts, matches[0].listed), (&counts, 4));
        assert_eq!(to_bytes(&Counts::default(), &tally, &cell, false).len(), 8 * (38 + MATCHES));
        assert!(read(&bytes[..bytes.len() - 8], true).is_none());
    }
}
