//! Sorted tables on disk: rows of one width, found by the keyed hash that they begin with.
//!
//! A keyed hash is uniform, so that its first bits give the block of a row, and one short
//! read finds it. A table is never changed once it is written. In a tree of pages, one changed row in
//! a hundred, spread evenly, would change half of all pages.

use std::fs::File;
use std::io::{Error, Result, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::indicator::persons::Spill;
use crate::pipeline::spill::SpillFile;

/// A keyed hash of 128 bits.
pub(crate) type Hash = [u8; HASH];
pub(crate) const HASH: usize = 16;

/// A table is built, and read in order, in this many parts, by the first byte of the hash.
pub(crate) const PARTITIONS: usize = 256;
const PARTITION_BITS: u32 = 8;
/// Bytes that a table being built keeps in memory; the rest waits in a nameless encrypted file.
const IN_MEMORY: usize = 24 << 20;
/// Blocks have about this many bytes.
const BLOCK: u64 = 4096;

/// The hash that a row begins with.
pub(crate) fn hash_of<const W: usize>(row: &[u8; W]) -> Hash {
    std::array::from_fn(|i| row[i])
}

/// Gathers rows in any order.
pub(crate) struct TableBuilder<const W: usize> {
    partitions: Vec<Vec<u8>>,
    held: usize,
    rows: u64,
    spill: SpillFile,
}

impl<const W: usize> TableBuilder<W> {
    pub(crate) fn new(folder: &Path) -> TableBuilder<W> {
        let spill = SpillFile::new(folder.to_owned());
        TableBuilder { partitions: vec![Vec::new(); PARTITIONS], held: 0, rows: 0, spill }
    }

    /// Rows gathered so far.
    pub(crate) fn len(&self) -> u64 {
        self.rows
    }

    pub(crate) fn push(&mut self, row: &[u8; W]) -> Result<()> {
        self.partitions[usize::from(row[0])].extend_from_slice(row);
        self.rows += 1;
        self.held += W;
        if self.held < IN_MEMORY {
            return Ok(());
        }
        self.held = 0;
        for (partition, rows) in self.partitions.iter_mut().enumerate() {
            if !rows.is_empty() {
                self.spill.write(partition, rows)?;
                rows.clear();
            }
        }
        Ok(())
    }

    /// Takes the rows of a partition, sorted.
    pub(crate) fn take(&mut self, partition: usize) -> Result<Vec<[u8; W]>> {
        let waiting = self.spill.read(partition)?;
        let held = std::mem::take(&mut self.partitions[partition]);
        let mut rows = waiting.as_chunks::<W>().0.to_vec();
        rows.extend_from_slice(held.as_chunks::<W>().0);
        rows.sort_unstable();
        Ok(rows)
    }

    /// Writes the table at the end of a file.
    pub(crate) fn write(mut self, out: &mut CountingWriter<impl Write>) -> Result<TableSection> {
        let blocks = (self.rows * W as u64 / BLOCK).next_power_of_two();
        let bits = blocks.trailing_zeros().clamp(PARTITION_BITS, 32);
        let (start, mut rows, mut index, mut distinct) = (out.written, 0u64, Vec::new(), true);
        for partition in 0..PARTITIONS {
            let sorted = self.take(partition)?;
            distinct &= sorted.windows(2).all(|pair| pair[0][..HASH] != pair[1][..HASH]);
            let mut rest = sorted.as_slice();
            for block in (partition << (bits - PARTITION_BITS))..((partition + 1) << (bits - PARTITION_BITS))
            {
                let (block, after) = rest.split_at(rest.partition_point(|row| block_of(row, bits) <= block));
                rest = after;
                rows += block.len() as u64;
                index.extend_from_slice(&rows.to_le_bytes());
                index.extend_from_slice(&crc32fast::hash(block.as_flattened()).to_le_bytes());
                out.write_all(block.as_flattened())?;
            }
        }
        let check = crc32fast::hash(&index);
        out.write_all(&index)?;
        Ok(TableSection { start, rows, bits, check, distinct })
    }
}

/// The block of a row in a table of `2^bits` blocks.
fn block_of(row: &[u8], bits: u32) -> usize {
    let first = row.first_chunk::<4>().map_or(0, |first| u32::from_be_bytes(*first));
    (first >> (32 - bits)) as usize
}

/// Where a table is in its file. Its rows come first, then for each block the number of rows up to
/// its end and its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableSection {
    start: u64,
    rows: u64,
    bits: u32,
    check: u32,
    /// No two rows share a hash.
    pub distinct: bool,
}

const INDEX_ENTRY: usize = 12;

/// A table that was written.
pub(crate) struct CacheTable<const W: usize> {
    file: Arc<File>,
    section: TableSection,
    index: Vec<u8>,
    /// The block that was read last: lookups come in the order of the hashes.
    last: Option<usize>,
    block: Vec<u8>,
}

impl<const W: usize> CacheTable<W> {
    pub(crate) fn open(file: Arc<File>, section: TableSection) -> Result<CacheTable<W>> {
        if !(PARTITION_BITS..=32).contains(&section.bits) {
            return Err(damaged());
        }
        let mut index = vec![0; INDEX_ENTRY << section.bits];
        file.read_exact_at(&mut index, section.start + section.rows * W as u64)?;
        if crc32fast::hash(&index) != section.check {
            return Err(damaged());
        }
        Ok(CacheTable { file, section, index, last: None, block: Vec::new() })
    }

    pub(crate) fn len(&self) -> u64 {
        self.section.rows
    }

    /// The rows with this hash.
    pub(crate) fn rows(&mut self, hash: &Hash) -> Result<&[[u8; W]]> {
        let block = block_of(hash, self.section.bits);
        if self.last != Some(block) {
            self.last = None;
            self.block = self.read(block, block)?;
            self.last = Some(block);
        }
        let rows = self.block.as_chunks::<W>().0;
        let from = rows.partition_point(|row| row[..HASH] < hash[..]);
        let to = from + rows[from..].iter().take_while(|row| row[..HASH] == hash[..]).count();
        Ok(&rows[from..to])
    }

    /// The rows of a partition in the order of their hashes.
    pub(crate) fn partition(&self, partition: usize) -> Result<Vec<[u8; W]>> {
        let shift = self.section.bits - PARTITION_BITS;
        let bytes = self.read(partition << shift, ((partition + 1) << shift) - 1)?;
        Ok(bytes.as_chunks::<W>().0.to_vec())
    }

    /// Neighbouring blocks, each checked.
    fn read(&self, first: usize, last: usize) -> Result<Vec<u8>> {
        let from = if first == 0 { 0 } else { self.entry(first - 1)?.0 };
        let length = self.entry(last)?.0.checked_sub(from).ok_or_else(damaged)?;
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| damaged())? * W];
        self.file.read_exact_at(&mut bytes, self.section.start + from * W as u64)?;
        let (mut at, mut begin) = (0, from);
        for block in first..=last {
            let (end, check) = self.entry(block)?;
            let length = end.checked_sub(begin).ok_or_else(damaged)? as usize * W;
            if bytes.get(at..at + length).map(crc32fast::hash) != Some(check) {
                return Err(damaged());
            }
            (at, begin) = (at + length, end);
        }
        Ok(bytes)
    }

    /// Rows up to the end of a block, and the block's checksum.
    fn entry(&self, block: usize) -> Result<(u64, u32)> {
        let entry = self.index.get(block * INDEX_ENTRY..).and_then(|rest| rest.first_chunk::<INDEX_ENTRY>());
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *entry.ok_or_else(damaged)?;
        Ok((u64::from_le_bytes([a, b, c, d, e, f, g, h]), u32::from_le_bytes([i, j, k, l])))
    }
}

/// Counts what is written.
pub(crate) struct CountingWriter<T> {
    pub inner: T,
    pub written: u64,
}

impl<T: Write> Write for CountingWriter<T> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let length = self.inner.write(bytes)?;
        self.written += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> Result<()> {
        self.inner.flush()
    }
}

pub(crate) fn damaged() -> Error {
    Error::other("what is kept of the register is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[[u8; 20]], path: &Path) -> TableSection {
        let mut builder = TableBuilder::new(path.parent().unwrap());
        rows.iter().for_each(|row| builder.push(row).unwrap());
        let mut out = CountingWriter { inner: File::create(path).unwrap(), written: 0 };
        out.write_all(b"before").unwrap();
        builder.write(&mut out).unwrap()
    }

    fn random_rows(count: usize, rng: &mut fastrand::Rng) -> Vec<[u8; 20]> {
        let mut rows: Vec<[u8; 20]> =
            (0..count).map(|_| row(rng.u128(..).to_le_bytes(), rng.u32(..))).collect();
        // Several rows of one hash are together.
        for _ in 0..count / 7 {
            let hash = hash_of(&rows[rng.usize(..rows.len())]);
            rows.push(row(hash, rng.u32(..)));
        }
        rows
    }

    fn row(hash: Hash, value: u32) -> [u8; 20] {
        let mut row = [0; 20];
        row[..HASH].copy_from_slice(&hash);
        row[HASH..].copy_from_slice(&value.to_le_bytes());
        row
    }

    #[test]
    fn every_row_is_found_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = fastrand::Rng::with_seed(1);
        for count in [0, 1, 300, 20_000, 150_000] {
            let mut rows = random_rows(count, &mut rng);
            let path = dir.path().join("table");
            let section = written(&rows, &path);
            let mut table = CacheTable::<20>::open(Arc::new(File::open(&path).unwrap()), section).unwrap();
            assert_eq!(table.len(), rows.len() as u64);
            rows.sort_unstable();
            let all: Vec<[u8; 20]> = (0..PARTITIONS).flat_map(|p| table.partition(p).unwrap()).collect();
            assert_eq!(all, rows);
            for same in rows.chunk_by(|a, b| a[..HASH] == b[..HASH]) {
                assert_eq!(table.rows(&hash_of(&same[0])).unwrap(), same);
            }
            for _ in 0..1_000 {
                assert!(table.rows(&rng.u128(..).to_le_bytes()).unwrap().is_empty());
            }
        }
    }

    #[test]
    fn what_memory_does_not_hold_is_written_too() {
        let dir = tempfile::tempdir().unwrap();
        let rows = random_rows(2 * IN_MEMORY / 20, &mut fastrand::Rng::with_seed(2));
        let path = dir.path().join("table");
        let section = written(&rows, &path);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        let mut table = CacheTable::<20>::open(Arc::new(File::open(&path).unwrap()), section).unwrap();
        assert_eq!(table.len(), rows.len() as u64);
        assert!(rows.iter().step_by(97).all(|row| table.rows(&hash_of(row)).unwrap().contains(row)));
    }

    #[test]
    fn damage_is_noticed_wherever_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = fastrand::Rng::with_seed(3);
        let rows = random_rows(500, &mut rng);
        let path = dir.path().join("table");
        let section = written(&rows, &path);
        let whole = std::fs::read(&path).unwrap();
        let read = |section| {
            let table = CacheTable::<20>::open(Arc::new(File::open(&path)?), section)?;
            (0..PARTITIONS).try_for_each(|partition| table.partition(partition).map(|_| ()))
        };
        assert!(read(section).is_ok());
        for _ in 0..500 {
            let mut bytes = whole.clone();
            let at = rng.usize(6..bytes.len());
            bytes[at] ^= 1 << rng.u32(..8);
            std::fs::write(&path, bytes).unwrap();
            assert!(read(section).is_err(), "byte {at}");
        }
    }
}
