//! Groups of equal records in the order of their cells, in about three bytes each: with many units a register has nearly as
//! many groups as records.

use super::bucket_numbers::BucketKey;
use super::counter_bytes::{taken, varint};

/// Records of one cell that count for the same: the cell, their kind, how many they are.
pub(super) type Group = (BucketKey, u32, u64);

/// Bytes of a block.
const BLOCK: usize = 1 << 16;
/// Most bytes of a group: three numbers of ten.
const GROUP: usize = 30;

/// Groups in the order of their cells. Of each group follow one another how far its cell is from the one before, its kind, and
/// how many records it has.
pub(super) struct SortedGroups {
    /// Whole groups: a block that was read to its end can be given back.
    blocks: Vec<Vec<u8>>,
    first: BucketKey,
}

impl SortedGroups {
    /// Keeps groups that come in the order of their cells.
    pub(super) fn new(groups: impl Iterator<Item = Group>) -> SortedGroups {
        let mut groups = groups.peekable();
        let first = groups.peek().map(|(cell, ..)| *cell).unwrap_or_default();
        let (mut blocks, mut block, mut last) = (Vec::new(), Vec::with_capacity(BLOCK), first);
        for (cell, kind, times) in groups {
            if block.len() + GROUP > BLOCK {
                blocks.push(std::mem::replace(&mut block, Vec::with_capacity(BLOCK)));
            }
            varint(&mut block, cell.distance_from(last));
            varint(&mut block, u64::from(kind));
            varint(&mut block, times);
            last = cell;
        }
        block.shrink_to_fit();
        blocks.push(block);
        SortedGroups { blocks, first }
    }

    /// The groups in their order; what was read is given back.
    pub(super) fn into_groups(self) -> impl Iterator<Item = Group> {
        let (mut blocks, mut block, mut at, mut cell) = (self.blocks.into_iter(), Vec::new(), 0, self.first);
        std::iter::from_fn(move || {
            while at == block.len() {
                (block, at) = (blocks.next()?, 0);
            }
            let mut rest = &block[at..];
            cell = cell.further_by(taken(&mut rest)?);
            // Written from a kind above.
            let group = (cell, taken(&mut rest)? as u32, taken(&mut rest)?);
            at = block.len() - rest.len();
            Some(group)
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
        for count in [0, 1, 2, 50_000] {
            let mut groups: Vec<Group> = (0..count)
                .map(|_| {
                    let unit = (rng.u8(..) > 20).then(|| rng.u32(..1_000));
                    let day = (rng.u8(..) > 20).then(|| rng.i32(i32::MIN + 1..));
                    (Bucket { unit, day }.key(), rng.u32(..) >> rng.u32(0..32), rng.u64(1..1_000))
                })
                .collect();
            groups.sort_unstable();
            let kept = SortedGroups::new(groups.iter().copied());
            assert!(count < 50_000 || kept.blocks.len() > 3);
            assert!(kept.into_groups().eq(groups));
        }
    }
}
