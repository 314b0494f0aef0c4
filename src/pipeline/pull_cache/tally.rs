//! The cells of a tally as bytes.

use crate::indicator::bucket_counts::BucketCounts;
use crate::indicator::counter_bytes::{self, taken, varint};
use crate::indicator::tally::Bucket;

/// The cells in their order.
pub(super) fn encode(cells: &BucketCounts) -> Vec<u8> {
    let mut out = Vec::new();
    for (cell, counts) in cells.iter() {
        varint(&mut out, cell.unit.map_or(0, |unit| u64::from(unit) + 1));
        // Days before 1970 are negative; zigzag keeps them short.
        varint(&mut out, cell.day.map_or(0, |day| zigzag(i64::from(day)) + 1));
        counter_bytes::encode(&mut out, &counts);
    }
    out
}

/// The cells again; `None` if the bytes are cut.
pub(super) fn decode(mut bytes: &[u8]) -> Option<BucketCounts> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let unit = match taken(&mut bytes)? {
            0 => None,
            unit => Some(u32::try_from(unit - 1).ok()?),
        };
        let day = match taken(&mut bytes)? {
            0 => None,
            day => Some(i32::try_from(unzigzag(day - 1)).ok()?),
        };
        all.push((Bucket { unit, day }, counter_bytes::decode(&mut bytes)?));
    }
    Some(all.into_iter().collect())
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::counters::OwnWidth;
    use crate::indicator::counts::Counts;

    #[test]
    fn cells_come_back_and_a_cut_is_noticed() {
        let mut rng = fastrand::Rng::with_seed(9);
        let mut cells = BucketCounts::default();
        for _ in 0..40 {
            let unit = rng.bool().then(|| rng.u32(..1 << 31));
            let day = rng.bool().then(|| rng.i32(-800_000..3_000_000));
            let mut counts = std::iter::repeat_with(|| rng.u64(..) >> rng.u32(16..64));
            let built_in = std::array::from_fn(|_| counts.next().unwrap());
            let width =
                if unit.is_some() { OwnWidth { fields: 40, relations: 35 } } else { OwnWidth::default() };
            let counts = Counts::of_built_in(built_in).with_own(width, counts).unwrap();
            cells.add(Bucket { unit, day }, &counts);
        }
        let bytes = encode(&cells);
        assert_eq!(decode(&bytes).as_ref(), Some(&cells));
        let cuts = (1..bytes.len()).filter(|end| decode(&bytes[..*end]).is_some());
        assert!(cuts.count() < cells.len(), "only between two cells");
    }
}
