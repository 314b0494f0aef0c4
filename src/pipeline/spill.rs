//! Where the persons of a very large register wait: a file without name, encrypted with a key that only
//! this process knows. ID numbers are never readable on a disk, and nothing stays after a crash.

use std::fs::{File, OpenOptions};
use std::io::Result;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;

use super::encrypted_block::{Seal, random};
use crate::indicator::persons::{Spill, SpillLimit};

/// Persons that a tally keeps in memory, in bytes: about two million. More of them take no longer in the file.
const IN_MEMORY: usize = 28 << 20;

/// A limit for each of `talliers` that share a register; overflow goes to the folder.
pub(super) fn limit(folder: PathBuf, talliers: usize) -> SpillLimit {
    SpillLimit { bytes: IN_MEMORY / talliers.max(1), spill: Box::new(SpillFile::new(folder)) }
}

/// A nameless file in a folder.
pub(super) struct SpillFile {
    folder: PathBuf,
    /// Made when the first block comes; most registers never need it.
    open: Option<EncryptedFile>,
}

impl SpillFile {
    pub(super) fn new(folder: PathBuf) -> SpillFile {
        SpillFile { folder, open: None }
    }
}

struct EncryptedFile {
    file: File,
    seal: Seal,
    end: u64,
    blocks: u64,
    partitions: Vec<Vec<SpilledBlock>>,
}

struct SpilledBlock {
    start: u64,
    length: usize,
    number: u64,
}

impl Spill for SpillFile {
    fn write(&mut self, partition: usize, entries: &[u8]) -> Result<()> {
        let encrypted = match &mut self.open {
            Some(encrypted) => encrypted,
            none => none.insert(EncryptedFile::create(&self.folder)?),
        };
        encrypted.write(partition, entries)
    }

    fn read(&mut self, partition: usize) -> Result<Vec<u8>> {
        self.open.as_mut().map_or(Ok(Vec::new()), |encrypted| encrypted.read(partition))
    }
}

impl EncryptedFile {
    fn create(folder: &PathBuf) -> Result<EncryptedFile> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!(".overflow-{:016x}", u64::from_le_bytes(random()?)));
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        std::fs::remove_file(&path)?;
        let seal = Seal::new(&random()?)?;
        Ok(EncryptedFile { file, seal, end: 0, blocks: 0, partitions: Vec::new() })
    }

    fn write(&mut self, partition: usize, entries: &[u8]) -> Result<()> {
        let mut data = entries.to_vec();
        let number = self.blocks;
        self.blocks += 1;
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
        let spill = &mut limit.spill;
        assert_eq!(spill.read(3).unwrap(), b"");
        spill.write(3, b"440118199001010000").unwrap();
        spill.write(70, b"b").unwrap();
        spill.write(3, b"more").unwrap();
        assert_eq!(std::fs::read_dir(dir.path().join("state")).unwrap().count(), 0);
        assert_eq!(spill.read(3).unwrap(), b"440118199001010000more");
        assert_eq!(spill.read(3).unwrap(), b"");
        assert_eq!(spill.read(70).unwrap(), b"b");
        assert_eq!(spill.read(71).unwrap(), b"");
    }

    #[test]
    fn the_file_shows_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut encrypted = EncryptedFile::create(&dir.path().to_path_buf()).unwrap();
        encrypted.write(0, b"440118199001010000").unwrap();
        let mut raw = vec![0; encrypted.end as usize];
        encrypted.file.read_exact_at(&mut raw, 0).unwrap();
        assert!(!raw.windows(6).any(|window| window == b"440118"));
        encrypted.file.write_all_at(&[raw[0] ^ 1], 0).unwrap();
        assert!(encrypted.read(0).is_err());
    }
}
