//! A tally as bytes: most counters of a small cell are small or nought, so that each takes as many
//! bytes as it needs.

use std::collections::BTreeMap;

use crate::indicator::tally::Tally;
use crate::indicator::tally::{COUNTERS, Cell, Counts};

/// The cells in their order.
pub fn encode(tally: &Tally) -> Vec<u8> {
    let mut out = Vec::new();
    for (cell, counts) in &tally.cells {
        varint(&mut out, cell.unit.map_or(0, |unit| u64::from(unit) + 1));
        // Days before 1970 are negative; zigzag keeps them short.
        varint(&mut out, cell.day.map_or(0, |day| zigzag(i64::from(day)) + 1));
        counts.to_array().into_iter().for_each(|count| varint(&mut out, count));
    }
    out
}

/// The cells again; `None` if the bytes are cut.
pub fn decode(mut bytes: &[u8]) -> Option<BTreeMap<Cell, Counts>> {
    let mut cells = Vec::new();
    while !bytes.is_empty() {
        let unit = match taken(&mut bytes)? {
            0 => None,
            unit => Some(u32::try_from(unit - 1).ok()?),
        };
        let day = match taken(&mut bytes)? {
            0 => None,
            day => Some(i32::try_from(unzigzag(day - 1)).ok()?),
        };
        let mut counts = [0; COUNTERS];
        for count in &mut counts {
            *count = taken(&mut bytes)?;
        }
        cells.push((Cell { unit, day }, Counts::from_array(counts)));
    }
    Some(cells.into_iter().collect())
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn taken(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..70).step_by(7) {
        let byte = *rest.split_off_first()?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_and_a_cut_is_noticed() {
        let mut rng = fastrand::Rng::with_seed(9);
        let mut tally = Tally::default();
        for _ in 0..300 {
            let unit = rng.bool().then(|| rng.u32(..1 << 31));
            let day = rng.bool().then(|| rng.i32(-800_000..3_000_000));
            let counts = std::array::from_fn(|_| rng.u64(..) >> rng.u32(1..64));
            tally.cells.insert(Cell { unit, day }, Counts::from_array(counts));
        }
        let bytes = encode(&tally);
        assert_eq!(decode(&bytes), Some(tally.cells.clone()));
        let cuts = (1..bytes.len()).filter(|end| decode(&bytes[..*end]).is_some());
        assert!(cuts.count() < tally.cells.len(), "only between two cells");
    }
}
