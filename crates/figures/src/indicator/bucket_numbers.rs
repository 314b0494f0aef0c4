//! Places: the cells met so far, numbered, so that a record's place is one small number.

use polars::prelude::PlHashMap;

use super::tally::Bucket;

/// Days around the first one of a unit that are found by their distance from it.
const NEAR: usize = 1 << 10;
/// No number.
const NONE: u32 = u32::MAX;

/// A cell in eight bytes, in the order of the cells. A day is at least -2^31 + 1, which is long before all dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
        let (unit, day) = ((self.0 >> 32) as u32, self.0 as u32);
        Bucket { unit: unit.checked_sub(1), day: (day != 0).then_some((day ^ 1 << 31) as i32) }
    }
}

/// Cells in the order in which they were first met.
#[derive(Debug, Clone, Default)]
pub struct Places {
    cells: Vec<BucketKey>,
    /// Numbers by unit, that of unknown units first.
    units: Vec<UnitPlaces>,
    /// Cells whose day is far from the others of its unit.
    far: PlHashMap<Bucket, u32>,
    last: Option<(Bucket, u32)>,
}

/// Numbers of the cells of one unit.
#[derive(Debug, Clone)]
struct UnitPlaces {
    without_day: u32,
    /// The day of the first number.
    start: i32,
    days: Vec<u32>,
}

impl Default for UnitPlaces {
    fn default() -> UnitPlaces {
        UnitPlaces { without_day: NONE, start: 0, days: Vec::new() }
    }
}

impl UnitPlaces {
    /// Where the number of a day is kept; `None` where the day is far from the others.
    fn slot(&mut self, day: Option<i32>) -> Option<&mut u32> {
        let Some(day) = day else { return Some(&mut self.without_day) };
        if self.days.is_empty() {
            self.start = day;
        }
        if day < self.start {
            let more = self.start.abs_diff(day) as usize;
            if more + self.days.len() > NEAR {
                return None;
            }
            self.days.splice(0..0, std::iter::repeat_n(NONE, more));
            self.start = day;
        }
        let at = self.start.abs_diff(day) as usize;
        if at >= NEAR {
            return None;
        }
        if at >= self.days.len() {
            self.days.resize(at + 1, NONE);
        }
        self.days.get_mut(at)
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
        let next = self.cells.len() as u32;
        let unit = cell.unit.map_or(0, |unit| unit as usize + 1);
        if self.units.len() <= unit {
            self.units.resize_with(unit + 1, UnitPlaces::default);
        }
        let index = match self.units[unit].slot(cell.day) {
            Some(slot) => {
                if *slot == NONE {
                    *slot = next;
                }
                *slot
            }
            None => *self.far.entry(cell).or_insert(next),
        };
        if index == next {
            self.cells.push(cell.key());
        }
        self.last = Some((cell, index));
        index
    }

    /// The cell that a number stands for.
    pub fn cell(&self, index: u32) -> Bucket {
        self.cells[index as usize].bucket()
    }

    /// All cells, in the order of their numbers.
    pub fn cells(&self) -> impl Iterator<Item = Bucket> {
        self.cells.iter().map(|cell| cell.bucket())
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether no cell was met.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// All numbers, in the order of their cells.
    pub fn in_order(&self) -> Vec<u32> {
        // Below 2^31, as above.
        let mut numbers: Vec<u32> = (0..self.cells.len() as u32).collect();
        numbers.sort_unstable_by_key(|number| self.cells[*number as usize]);
        numbers
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
                1 => Some(rng.i32(..)),
                _ => Some(rng.i32(16_800..16_900)),
            };
            let cell = Bucket { unit: (rng.u8(..) > 20).then(|| rng.u32(..40)), day };
            let next = known.len() as u32;
            let expected = *known.entry(cell).or_insert(next);
            assert_eq!(places.index(cell), expected);
            assert_eq!(places.cell(expected), cell);
        }
        assert_eq!(places.len(), known.len());
        let cells: Vec<Bucket> = places.in_order().into_iter().map(|number| places.cell(number)).collect();
        assert!(cells.iter().eq(known.keys()));
        assert!(!places.far.is_empty());
    }
}
