//! Where the persons of a very large register wait: a file without name, sealed with a key that only
//! this process knows. ID numbers never lie readable on a disk, and nothing stays after a crash.

use std::fs::{File, OpenOptions};
use std::io::Result;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;

use super::encrypted_block::{Seal, random};
use crate::indicator::coverage::{Limit, Overflow};

/// Persons that a tally keeps in memory, in bytes: about eight million.
const IN_MEMORY: usize = 96 << 20;

/// A limit for each of `talliers` that share a register; overflow goes to the folder.
pub(super) fn limit(folder: PathBuf, talliers: usize) -> Limit {
    Limit { bytes: IN_MEMORY / talliers.max(1), overflow: Box::new(SealedFile::new(folder)) }
}

/// A nameless file in a folder.
pub(super) struct SealedFile {
    folder: PathBuf,
    /// Made when the first block comes; most registers never need it.
    open: Option<Sealed>,
}

impl SealedFile {
    pub(super) fn new(folder: PathBuf) -> SealedFile {
        SealedFile { folder, open: None }
    }
}

struct Sealed {
    file: File,
    seal: Seal,
    end: u64,
    sealed: u64,
    partitions: Vec<Vec<SpilledBlock>>,
}

struct SpilledBlock {
    start: u64,
    length: usize,
    number: u64,
}

impl Overflow for SealedFile {
    fn write(&mut self, partition: usize, entries: &[u8]) -> Result<()> {
        let sealed = match &mut self.open {
            Some(sealed) => sealed,
            none => none.insert(Sealed::create(&self.folder)?),
        };
        sealed.write(partition, entries)
    }

    fn read(&mut self, partition: usize) -> Result<Vec<u8>> {
        self.open.as_mut().map_or(Ok(Vec::new()), |sealed| sealed.read(partition))
    }
}

impl Sealed {
    fn create(folder: &PathBuf) -> Result<Sealed> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!(".overflow-{:016x}", u64::from_le_bytes(random()?)));
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        std::fs::remove_file(&path)?;
        let seal = Seal::new(&random()?)?;
        Ok(Sealed { file, seal, end: 0, sealed: 0, partitions: Vec::new() })
    }

    fn write(&mut self, partition: usize, entries: &[u8]) -> Result<()> {
        let mut data = entries.to_vec();
        let number = self.sealed;
        self.sealed += 1;
        self.seal.seal(number, &mut data)?;
        self.file.write_all_at(&data, self.end)?;
        if self.partitions.len() <= partition {
            self.partitions.resize_with(partition + 1, Vec::new);
        }
        self.partitions[partition].push(SpilledBlock { start: self.end, length: data.len(), number });
        self.end += data.len() as u64;
        Ok(())
    }

    fn read(&mut self, partition: usize) -> Result<Vec<u8>> {
        let Some(blocks) = self.partitions.get_mut(partition) else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for block in std::mem::take(blocks) {
            let mut data = vec![0; block.length];
            self.file.read_exact_at(&mut data, block.start)?;
            let entries = self.seal.open(block.number, &mut data)?;
            out.extend_from_slice(entries);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let mut limit = limit(dir.path().join("state"), 1);
        let overflow = &mut limit.overflow;
        assert_eq!(overflow.read(3).unwrap(), b"");
        overflow.write(3, b"440118199001010000").unwrap();
        overflow.write(70, b"b").unwrap();
        overflow.write(3, b"more").unwrap();
        assert_eq!(std::fs::read_dir(dir.path().join("state")).unwrap().count(), 0);
        assert_eq!(overflow.read(3).unwrap(), b"440118199001010000more");
        assert_eq!(overflow.read(3).unwrap(), b"");
        assert_eq!(overflow.read(70).unwrap(), b"b");
        assert_eq!(overflow.read(71).unwrap(), b"");
    }

    #[test]
    fn the_file_shows_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut sealed = Sealed::create(&dir.path().to_path_buf()).unwrap();
        sealed.write(0, b"440118199001010000").unwrap();
        let mut raw = vec![0; sealed.end as usize];
        sealed.file.read_exact_at(&mut raw, 0).unwrap();
        assert!(!raw.windows(6).any(|window| window == b"440118"));
        sealed.file.write_all_at(&[raw[0] ^ 1], 0).unwrap();
        assert!(sealed.read(0).is_err());
    }
}
