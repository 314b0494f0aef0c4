//! The persons of a register and its rosters, as they stream by.
//!
//! Nothing is looked up while records stream by: each leaves its number and its place in one of a
//! few partitions, and in the end the partitions are sorted one after another. So a person costs
//! twelve bytes, the order of arrival cannot matter, and what memory should not hold can wait
//! elsewhere ([`Spill`]).

use super::bucket_numbers::Places;
use tongbao_register::id_number::CitizenId;

/// Numbers are spread over this many partitions.
pub(super) const PARTITIONS: usize = 64;
/// Entries are written into blocks of this many bytes, a multiple of an entry's twelve.
const BLOCK: usize = 24 * 1024;
/// Marks an entry of a roster; the other bits hold which one, and the unit in the lowest.
pub(super) const ROSTER: u32 = 1 << 31;
const UNIT_BITS: u32 = 26;
/// A unit code that is not in the unit list, in the unit's bits of a roster entry.
pub(super) const NO_UNIT: u32 = (1 << UNIT_BITS) - 1;

/// Where entries wait that memory should not hold. What is written to a partition is read back once,
/// in any order of the writes.
pub trait Spill: Send {
    /// Appends entries to a partition.
    fn write(&mut self, partition: usize, entries: &[u8]) -> std::io::Result<()>;
    /// Takes everything out of a partition.
    fn read(&mut self, partition: usize) -> std::io::Result<Vec<u8>>;
}

/// How much memory the entries may take, and where the rest goes.
pub struct SpillLimit {
    /// Memory for entries; more than that spills.
    pub bytes: usize,
    /// Takes what spills.
    pub spill: Box<dyn Spill>,
}

/// All persons met so far, of roster and register, by number.
#[derive(Default)]
pub struct Persons {
    /// Partitions of well-formed numbers, then partitions of any other text.
    partitions: Vec<Blocks>,
    held: usize,
    limit: Option<SpillLimit>,
    failure: Option<std::io::Error>,
    pub(super) roster_without_id: u64,
}

/// Entries of one partition; the last block is being filled.
#[derive(Default)]
struct Blocks(Vec<Vec<u8>>);

impl Persons {
    /// Without a limit everything stays in memory.
    pub fn new(limit: Option<SpillLimit>) -> Persons {
        let partitions = (0..2 * PARTITIONS).map(|_| Blocks::default()).collect();
        Persons { partitions, limit, ..Persons::default() }
    }

    /// Adds an entry of the roster at a position: its unit's position and its normalized number, blank = none.
    pub fn add_roster(&mut self, roster: usize, unit: Option<u32>, normalized: &[u8]) {
        if normalized.is_empty() {
            self.roster_without_id += 1;
            return;
        }
        // The configuration holds no more rosters than the bits do.
        self.add(normalized, ROSTER | (roster as u32) << UNIT_BITS | unit.unwrap_or(NO_UNIT));
    }

    /// Adds a record with its normalized, non-blank number at a place.
    pub fn add_record(&mut self, place: u32, normalized: &[u8]) {
        self.add(normalized, place);
    }

    /// A person is known by the digits of a well-formed number, and by the normalized text of
    /// anything else, so that a damaged number still finds its equal.
    fn add(&mut self, normalized: &[u8], at: u32) {
        let Some(id) = CitizenId::parse(normalized) else { return self.add_text(normalized, at) };
        let mut entry = [0u8; 12];
        entry[..8].copy_from_slice(&id.packed().to_le_bytes());
        entry[8..].copy_from_slice(&at.to_le_bytes());
        let partition = (id.packed().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize;
        self.append(partition, &[&entry]);
    }

    fn add_text(&mut self, text: &[u8], at: u32) {
        // FNV-1a spreads the texts; equality is decided by the texts themselves.
        let hash = text.iter().fold(0xCBF2_9CE4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        let partition = PARTITIONS + (hash >> 32) as usize % PARTITIONS;
        // No value of a database is longer than 1 GiB.
        let length = (text.len() as u32).to_le_bytes();
        self.append(partition, &[&length, &at.to_le_bytes(), text]);
    }

    fn append(&mut self, partition: usize, parts: &[&[u8]]) {
        let blocks = &mut self.partitions[partition].0;
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if blocks.last().is_none_or(|block| block.len() + length > block.capacity()) {
            let block = Vec::with_capacity(length.max(BLOCK));
            self.held += block.capacity();
            blocks.push(block);
            if self.limit.as_ref().is_some_and(|limit| self.held > limit.bytes) {
                self.move_out();
            }
        }
        let Some(block) = self.partitions[partition].0.last_mut() else { return };
        parts.iter().for_each(|part| block.extend_from_slice(part));
    }

    /// Moves every finished block out of memory.
    fn move_out(&mut self) {
        let Some(limit) = &mut self.limit else { return };
        for (partition, blocks) in self.partitions.iter_mut().enumerate() {
            let open = blocks.0.pop();
            for block in blocks.0.drain(..) {
                self.held -= block.capacity();
                if let Err(error) = limit.spill.write(partition, &block) {
                    self.failure.get_or_insert(error);
                }
            }
            blocks.0.extend(open);
        }
    }

    /// Takes the entries of a partition, block by block.
    pub(super) fn take(&mut self, partition: usize) -> std::io::Result<Vec<Vec<u8>>> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let mut blocks = std::mem::take(&mut self.partitions[partition].0);
        if let Some(limit) = &mut self.limit {
            blocks.push(limit.spill.read(partition)?);
        }
        Ok(blocks)
    }
}

/// Persons with the places that their entries mean.
pub struct Shard {
    /// The persons of one part of the register.
    pub persons: Persons,
    /// What the places in its entries stand for.
    pub places: Places,
}

pub(super) fn citizens(block: &[u8]) -> impl Iterator<Item = (u64, u32)> {
    block.as_chunks::<12>().0.iter().map(|entry| {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *entry;
        (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u32::from_le_bytes([i, j, k, l]))
    })
}

pub(super) fn texts(mut block: &[u8]) -> impl Iterator<Item = (&[u8], u32)> {
    std::iter::from_fn(move || {
        let (length, rest) = block.split_first_chunk::<4>()?;
        let (at, rest) = rest.split_first_chunk::<4>()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        block = rest;
        Some((text, u32::from_le_bytes(*at)))
    })
}

/// Which roster an entry is of.
pub(super) fn list_of(at: u32) -> usize {
    ((at & !ROSTER) >> UNIT_BITS) as usize
}
