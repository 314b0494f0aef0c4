//! Groups of equal records in the order of their cells, in about three bytes each: with many units a register has nearly as
//! many groups as records.

use super::bucket_counts::{taken, varint};
use super::bucket_numbers::BucketKey;

/// Records of one cell that count for the same: the cell, their kind, how many they are.
pub(super) type Group = (BucketKey, u32, u64);

/// Groups in the order of their cells. Of each group follow one another how far its cell is from the one before, its kind, and
/// how many records it has.
pub(super) struct SortedGroups {
    bytes: Vec<u8>,
    first: BucketKey,
}

impl SortedGroups {
    /// Keeps groups that come in the order of their cells.
    pub(super) fn new(groups: impl Iterator<Item = Group>) -> SortedGroups {
        let mut groups = groups.peekable();
        let first = groups.peek().map(|(cell, ..)| *cell).unwrap_or_default();
        let (mut bytes, mut last) = (Vec::new(), first);
        for (cell, kind, times) in groups {
            varint(&mut bytes, cell.distance_from(last));
            varint(&mut bytes, u64::from(kind));
            varint(&mut bytes, times);
            last = cell;
        }
        bytes.shrink_to_fit();
        SortedGroups { bytes, first }
    }

    /// Bytes that the groups take.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The groups in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Group> {
        let (mut rest, mut cell) = (self.bytes.as_slice(), self.first);
        std::iter::from_fn(move || {
            cell = cell.further_by(taken(&mut rest)?);
            // Written from a kind above.
            Some((cell, taken(&mut rest)? as u32, taken(&mut rest)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::tally::Bucket;

    #[test]
    fn groups_come_back_as_they_were_kept() {
        let mut rng = fastrand::Rng::with_seed(61);
        for count in [0, 1, 2, 5_000] {
            let mut groups: Vec<Group> = (0..count)
                .map(|_| {
                    let unit = (rng.u8(..) > 20).then(|| rng.u32(..1_000));
                    let day = (rng.u8(..) > 20).then(|| rng.i32(i32::MIN + 1..));
                    (Bucket { unit, day }.key(), rng.u32(..) >> rng.u32(0..32), rng.u64(1..1_000))
                })
                .collect();
            groups.sort_unstable();
            assert!(SortedGroups::new(groups.iter().copied()).iter().eq(groups));
        }
    }
}
