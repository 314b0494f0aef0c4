//! Places: the cells met so far, numbered, so that a record's place is one small number.

use polars::prelude::PlHashMap;

use super::tally::Bucket;

/// Days whose cells have numbers that follow one another: eight.
const BLOCK_BITS: u32 = 3;
const BLOCK: u32 = 1 << BLOCK_BITS;
/// Blocks around the first one of a unit that are found by their distance from it: a thousand days.
const NEAR: usize = 1 << 7;
/// No number.
const NONE: u32 = u32::MAX;

/// A cell in eight bytes, in the order of the cells. A day is at least -2^31 + 1, which is long before all dates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketKey(u64);

impl Bucket {
    /// The cell as its key.
    pub fn key(&self) -> BucketKey {
        let unit = self.unit.map_or(0, |unit| u64::from(unit) + 1);
        // Zero is no day; the sign is turned, which keeps the order of the days.
        let day = self.day.map_or(0, |day| (day as u32 ^ 1 << 31).max(1));
        BucketKey(unit << 32 | u64::from(day))
    }
}

impl BucketKey {
    /// The cell that has this key.
    pub fn bucket(self) -> Bucket {
        let (unit, day) = self.halves();
        Bucket { unit: unit.checked_sub(1), day: (day != 0).then_some((day ^ 1 << 31) as i32) }
    }

    /// What is alike in all cells of a unit, and in all cells of a day.
    pub fn halves(self) -> (u32, u32) {
        ((self.0 >> 32) as u32, self.0 as u32)
    }

    /// The inverse of [`BucketKey::halves`].
    pub fn of_halves(unit: u32, day: u32) -> BucketKey {
        BucketKey(u64::from(unit) << 32 | u64::from(day))
    }

    /// How far it is behind one that does not come after it.
    pub fn distance_from(self, earlier: BucketKey) -> u64 {
        self.0 - earlier.0
    }

    /// The key so far behind this one.
    pub fn further_by(self, distance: u64) -> BucketKey {
        BucketKey(self.0 + distance)
    }
}

/// The cells met so far. Their numbers come in blocks of a few days of one unit, so that little is kept of a cell, and the
/// order of the blocks is that of the cells; some numbers stand for cells that were not met.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// What the numbers of each block stand for, as a key with the number of the days instead of a day.
    blocks: Vec<BucketKey>,
    /// Blocks by unit, those of unknown units first.
    units: Vec<UnitBlocks>,
    /// Blocks whose days are far from the others of their unit.
    far: PlHashMap<BucketKey, u32>,
    last: Option<(Bucket, u32)>,
}

/// Blocks of the cells of one unit.
#[derive(Debug, Clone)]
struct UnitBlocks {
    without_day: u32,
    /// The days of the first block.
    start: i32,
    blocks: Vec<u32>,
}

impl Default for UnitBlocks {
    fn default() -> UnitBlocks {
        UnitBlocks { without_day: NONE, start: 0, blocks: Vec::new() }
    }
}

impl UnitBlocks {
    /// Where the block of some days is kept; `None` where they are far from the others.
    fn slot(&mut self, days: Option<i32>) -> Option<&mut u32> {
        let Some(days) = days else { return Some(&mut self.without_day) };
        if self.blocks.is_empty() {
            self.start = days;
        }
        if days < self.start {
            let more = self.start.abs_diff(days) as usize;
            if more + self.blocks.len() > NEAR {
                return None;
            }
            self.blocks.splice(0..0, std::iter::repeat_n(NONE, more));
            self.start = days;
        }
        let at = self.start.abs_diff(days) as usize;
        if at >= NEAR {
            return None;
        }
        if at >= self.blocks.len() {
            self.blocks.resize(at + 1, NONE);
        }
        self.blocks.get_mut(at)
    }
}

impl Places {
    /// The number of a cell; a new one is added.
    pub fn index(&mut self, cell: Bucket) -> u32 {
        if let Some((last, index)) = self.last
            && last == cell
        {
            return index;
        }
        // Units times days stay far below 2^31.
        let next = self.blocks.len() as u32;
        let unit = cell.unit.map_or(0, |unit| unit as usize + 1);
        if self.units.len() <= unit {
            self.units.resize_with(unit + 1, UnitBlocks::default);
        }
        let days = cell.day.map(|day| day >> BLOCK_BITS);
        let key = Bucket { day: days, ..cell }.key();
        let block = match self.units[unit].slot(days) {
            Some(slot) => {
                if *slot == NONE {
                    *slot = next;
                }
                *slot
            }
            None => *self.far.entry(key).or_insert(next),
        };
        if block == next {
            self.blocks.push(key);
        }
        let index = block << BLOCK_BITS | cell.day.map_or(0, |day| day as u32 & (BLOCK - 1));
        self.last = Some((cell, index));
        index
    }

    /// The cell that a number stands for.
    pub fn cell(&self, index: u32) -> Bucket {
        let Bucket { unit, day: days } = self.blocks[(index >> BLOCK_BITS) as usize].bucket();
        let day = days.map(|days| days << BLOCK_BITS | (index & (BLOCK - 1)) as i32);
        Bucket { unit, day }
    }

    /// All cells, in the order of their numbers.
    pub fn cells(&self) -> impl Iterator<Item = Bucket> {
        // Below 2^31, as above.
        (0..self.len() as u32).map(|index| self.cell(index))
    }

    /// All numbers are below this.
    pub fn len(&self) -> usize {
        self.blocks.len() << BLOCK_BITS
    }

    /// Whether no cell was met.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The order of the cells.
    pub fn order(&self) -> CellOrder<'_> {
        let near = self.units.iter().flat_map(|unit| std::iter::once(&unit.without_day).chain(&unit.blocks));
        let mut order: Vec<u32> = near.copied().filter(|block| *block != NONE).collect();
        if !self.far.is_empty() {
            order.extend(self.far.values());
            order.sort_by_key(|block| self.blocks[*block as usize]);
        }
        let mut ranks = vec![0; order.len()];
        order.iter().zip(0..).for_each(|(block, rank)| ranks[*block as usize] = rank);
        CellOrder { places: self, order, ranks }
    }
}

/// The cells met so far in their order: each has a rank.
pub struct CellOrder<'a> {
    places: &'a Places,
    /// Blocks by rank.
    order: Vec<u32>,
    /// Ranks by block.
    ranks: Vec<u32>,
}

impl CellOrder<'_> {
    /// The rank of a place.
    pub fn rank(&self, place: u32) -> u32 {
        self.ranks[(place >> BLOCK_BITS) as usize] << BLOCK_BITS | place & (BLOCK - 1)
    }

    /// The place of a rank.
    pub fn place(&self, rank: u32) -> u32 {
        self.order[(rank >> BLOCK_BITS) as usize] << BLOCK_BITS | rank & (BLOCK - 1)
    }

    /// The cell of a rank.
    pub fn key(&self, rank: u32) -> BucketKey {
        self.places.cell(self.place(rank)).key()
    }

    /// All places with their cells, in the order of the cells.
    pub fn cells(&self) -> impl Iterator<Item = (u32, Bucket)> {
        // Below 2^31, as above.
        let places = (0..self.places.len() as u32).map(|rank| self.place(rank));
        places.map(|place| (place, self.places.cell(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_key_is_its_cell_and_keeps_the_order() {
        let mut rng = fastrand::Rng::new();
        let mut cell = || {
            let unit =
                (rng.u8(..) > 20).then(|| rng.u32(..) >> rng.u32(0..32)).filter(|unit| *unit < u32::MAX);
            Bucket { unit, day: (rng.u8(..) > 20).then(|| rng.i32(i32::MIN + 1..) >> rng.u32(0..32)) }
        };
        for _ in 0..20_000 {
            let (a, b) = (cell(), cell());
            assert_eq!(a.key().bucket(), a);
            assert_eq!(a.key().cmp(&b.key()), a.cmp(&b), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_cell_has_one_number_whatever_its_day() {
        let mut rng = fastrand::Rng::with_seed(12);
        let (mut places, mut known) = (Places::default(), BTreeMap::new());
        for _ in 0..20_000 {
            let day = match rng.u8(..8) {
                0 => None,
                1 => Some(rng.i32(i32::MIN + 1..)),
                _ => Some(rng.i32(16_800..16_900)),
            };
            let cell = Bucket { unit: (rng.u8(..) > 20).then(|| rng.u32(..40)), day };
            let number = places.index(cell);
            assert_eq!(*known.entry(cell).or_insert(number), number);
            assert_eq!(places.cell(number), cell);
        }
        let order = places.order();
        let is_met = |(place, cell): &(u32, Bucket)| known.get(cell) == Some(place);
        let cells: Vec<Bucket> = order.cells().filter(is_met).map(|(_, cell)| cell).collect();
        assert!(cells.iter().eq(known.keys()));
        assert!(known.values().all(|number| order.place(order.rank(*number)) == *number));
        assert!(known.values().is_sorted_by_key(|number| order.rank(*number)));
        assert!(!places.far.is_empty());
        assert!(places.len() < 8 * known.len());
    }
}
