//! The readings of a register, kept from pull to pull: one sealed file below the state folder.
//!
//! A record takes about fifty bytes: its key, unit and day, the packed reading of its values, and its
//! ID number, by which duplicates and coverage are counted. Because of the numbers the file is sealed
//! with a key that lies beside it, readable by the owner alone, so that neither file says anything
//! without the other. The file may be deleted at any time: the next pull then reads everything.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ring::hmac;
use serde::{Deserialize, Serialize};

use super::sealed::{Seal, random};
use crate::indicator::observation::{Observation, ReadRecord};
use crate::register::batch::Day;

const FILE: &str = "register.kept";
const KEY_FILE: &str = "register.key";
/// Room for the header, which is known only when all records are written.
const HEADER: usize = 4096;
const TAG: usize = 16;
const BLOCK: usize = 1 << 20;

/// What the file is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Digest of everything that readings depend on.
    pub fingerprint: String,
    /// Time of the last change that was read, as the database's literal.
    pub mark: Option<String>,
    pub records: u64,
}

/// Reads a file from its first record to its last.
pub struct KeptReader {
    file: BufReader<File>,
    seal: Seal,
    number: u64,
    block: Vec<u8>,
    pub header: Header,
}

impl KeptReader {
    /// The file, if there is one with this fingerprint that can be opened.
    pub fn open(folder: &Path, fingerprint: &str) -> Option<KeptReader> {
        let kept = KeptReader::read(folder).ok()?;
        (kept.header.fingerprint == fingerprint).then_some(kept)
    }

    fn read(folder: &Path) -> Result<KeptReader> {
        let mut file = BufReader::new(File::open(folder.join(FILE))?);
        let mut salt = [0; 32];
        file.read_exact(&mut salt)?;
        let seal = file_seal(folder, &salt)?;
        let mut header = vec![0; HEADER + TAG];
        file.read_exact(&mut header)?;
        let header = seal.open(0, &mut header)?;
        let end = header.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
        let header = serde_json::from_slice(&header[..end])?;
        Ok(KeptReader { file, seal, number: 0, block: Vec::new(), header })
    }

    /// Passes every record on.
    pub fn each(mut self, mut each: impl FnMut(&ReadRecord<'_>) -> Result<()>) -> Result<()> {
        loop {
            let mut length = [0; 4];
            match self.file.read_exact(&mut length) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
                other => other?,
            }
            self.block.resize(u32::from_le_bytes(length) as usize, 0);
            self.file.read_exact(&mut self.block)?;
            self.number += 1;
            let mut rest = self.seal.open(self.number, &mut self.block)?;
            let mut unit: &[u8] = &[];
            while !rest.is_empty() {
                let record =
                    decode(&mut rest, &mut unit).ok_or_else(|| Error::other("a kept record is cut"))?;
                each(&record)?;
            }
        }
    }
}

/// Writes a new file beside the old one, which it replaces when it is finished.
pub struct KeptWriter {
    file: BufWriter<File>,
    path: PathBuf,
    target: PathBuf,
    seal: Seal,
    number: u64,
    block: Vec<u8>,
    unit: Vec<u8>,
    pub records: u64,
}

impl KeptWriter {
    pub fn create(folder: &Path) -> Result<KeptWriter> {
        std::fs::create_dir_all(folder)?;
        let salt: [u8; 32] = random()?;
        let seal = file_seal(folder, &salt)?;
        let path = folder.join(format!(".{FILE}-{:016x}", u64::from_le_bytes(random()?)));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let mut file = BufWriter::new(file);
        file.write_all(&salt)?;
        file.write_all(&[0; HEADER + TAG])?;
        let (block, unit) = (Vec::with_capacity(BLOCK + TAG), Vec::new());
        Ok(KeptWriter { file, path, target: folder.join(FILE), seal, number: 0, block, unit, records: 0 })
    }

    pub fn push(&mut self, record: &ReadRecord<'_>) -> Result<()> {
        encode(&mut self.block, record, &mut self.unit);
        self.records += 1;
        if self.block.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        self.number += 1;
        self.seal.seal(self.number, &mut self.block)?;
        self.file.write_all(&(self.block.len() as u32).to_le_bytes())?;
        self.file.write_all(&self.block)?;
        self.block.clear();
        self.unit.clear();
        Ok(())
    }

    /// Ends the file and puts it in the place of the old one.
    pub fn finish(mut self, header: &Header) -> Result<()> {
        self.flush()?;
        let mut bytes = serde_json::to_vec(header)?;
        if bytes.len() > HEADER {
            return Err(Error::other("the header does not fit"));
        }
        bytes.resize(HEADER, 0);
        self.seal.seal(0, &mut bytes)?;
        self.file.seek(SeekFrom::Start(32))?;
        self.file.write_all(&bytes)?;
        self.file.flush()?;
        self.file.get_ref().sync_data()?;
        std::fs::rename(&self.path, &self.target)
    }
}

impl Drop for KeptWriter {
    /// A file that was not finished is of no use.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The seal of one file: a key of its own, made of the folder's key and the file's salt.
fn file_seal(folder: &Path, salt: &[u8; 32]) -> Result<Seal> {
    let path = folder.join(KEY_FILE);
    let master = match std::fs::read(&path) {
        Ok(master) if master.len() == 32 => master,
        Ok(_) => return Err(Error::other("register.key is damaged")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let master: [u8; 32] = random()?;
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(&master)?;
            master.to_vec()
        }
        Err(error) => return Err(error),
    };
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &master), salt);
    Seal::new(tag.as_ref().try_into().map_err(|_| Error::other("the digest has another length"))?)
}

const MISSING_DAY: i32 = i32::MIN;
const INVALID_DAY: i32 = i32::MIN + 1;

/// Appends a record; a unit that stands before already is not written again.
pub fn encode(out: &mut Vec<u8>, record: &ReadRecord<'_>, unit: &mut Vec<u8>) {
    text(out, record.key);
    if record.unit == unit.as_slice() {
        varint(out, 0);
    } else {
        varint(out, record.unit.len() as u64 + 1);
        out.extend_from_slice(record.unit);
        unit.clear();
        unit.extend_from_slice(record.unit);
    }
    let day = match record.day {
        Day::Known(day) => day,
        Day::Missing => MISSING_DAY,
        Day::Invalid => INVALID_DAY,
    };
    out.extend_from_slice(&day.to_le_bytes());
    out.extend_from_slice(&record.observation.0.to_le_bytes());
    text(out, record.number);
}

/// Takes a record off the front; `None` if it is cut.
pub fn decode<'a>(rest: &mut &'a [u8], unit: &mut &'a [u8]) -> Option<ReadRecord<'a>> {
    let key = taken_text(rest)?;
    match taken_varint(rest)? {
        0 => {}
        length => *unit = rest.split_off(..usize::try_from(length - 1).ok()?)?,
    }
    let (day, after) = rest.split_first_chunk::<4>()?;
    let (observation, after) = after.split_first_chunk::<8>()?;
    *rest = after;
    let day = match i32::from_le_bytes(*day) {
        MISSING_DAY => Day::Missing,
        INVALID_DAY => Day::Invalid,
        day => Day::Known(day),
    };
    let observation = Observation(u64::from_le_bytes(*observation));
    Some(ReadRecord { key, unit, day, observation, number: taken_text(rest)? })
}

fn text(out: &mut Vec<u8>, text: &[u8]) {
    varint(out, text.len() as u64);
    out.extend_from_slice(text);
}

fn taken_text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = taken_varint(rest)?;
    rest.split_off(..usize::try_from(length).ok()?)
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn taken_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
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

    fn record<'a>(rng: &mut fastrand::Rng, bytes: &'a [u8]) -> ReadRecord<'a> {
        let mut part = || &bytes[..rng.usize(..bytes.len())];
        let (key, unit, number) = (part(), part(), part());
        let day = [Day::Missing, Day::Invalid, Day::Known(rng.i32(-9_999..99_999))][rng.usize(..3)];
        ReadRecord { key, unit, day, observation: Observation(rng.u64(..)), number }
    }

    #[test]
    fn what_is_kept_comes_back_and_lies_sealed() {
        let dir = tempfile::tempdir().unwrap();
        let bytes = b"440118199001010000".repeat(12);
        let mut rng = fastrand::Rng::with_seed(3);
        let records: Vec<ReadRecord> = (0..20_000).map(|_| record(&mut rng, &bytes)).collect();
        let mut writer = KeptWriter::create(dir.path()).unwrap();
        records.iter().for_each(|record| writer.push(record).unwrap());
        let header = Header { fingerprint: "f".into(), mark: Some("'x'".into()), records: 20_000 };
        writer.finish(&header).unwrap();
        let kept = KeptReader::open(dir.path(), "f").unwrap();
        assert_eq!(kept.header, header);
        let mut left = records.iter();
        kept.each(|record| {
            assert_eq!(Some(record), left.next());
            Ok(())
        })
        .unwrap();
        assert!(left.next().is_none());
        assert!(KeptReader::open(dir.path(), "other").is_none());
        let path = dir.path().join(FILE);
        let mut raw = std::fs::read(&path).unwrap();
        assert!(!raw.windows(6).any(|window| window == b"440118"));
        let at = raw.len() - 1;
        raw[at] ^= 1;
        std::fs::write(&path, raw).unwrap();
        assert!(KeptReader::open(dir.path(), "f").unwrap().each(|_| Ok(())).is_err());
    }

    #[test]
    fn an_unfinished_file_leaves_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let header = Header { fingerprint: "f".into(), mark: None, records: 0 };
        KeptWriter::create(dir.path()).unwrap().finish(&header).unwrap();
        drop(KeptWriter::create(dir.path()).unwrap());
        assert!(KeptReader::open(dir.path(), "f").is_some());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn cut_records_are_noticed() {
        let mut rng = fastrand::Rng::with_seed(4);
        let bytes = [7; 300];
        let mut out = Vec::new();
        encode(&mut out, &record(&mut rng, &bytes), &mut Vec::new());
        for end in 0..out.len() {
            assert!(decode(&mut &out[..end], &mut &b""[..]).is_none());
        }
    }
}
