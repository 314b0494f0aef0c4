//! One file of what is kept: its tables, the cells of its tally, and at its end its description.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Result, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::rows::{AGING, ENTRY, KeptRecord, OWN, RECORD, kept_record, own_pattern};
use super::table::{CacheTable, CountingWriter, Hash, TableSection, damaged};
use super::{CacheBuilder, CacheHeader, tally};
use crate::fault;
use crate::indicator::record_findings::RecordFindings;
use crate::indicator::tally::Tally;
use crate::pipeline::encrypted_block::random;

const UNFINISHED: &str = ".register-";
const MAGIC: &[u8; 8] = b"TONGBAO2";
/// Length and checksum of the description, and the magic number.
const END: usize = 8 + 4 + MAGIC.len();

/// Writes a file and puts it in its place. `false`, and nothing, if two records share a key.
pub(super) fn write(
    builder: CacheBuilder,
    target: &Path,
    header: CacheHeader,
    tally: &Tally,
) -> Result<bool> {
    let mut file = Unfinished::create(target)?;
    let out = &mut file.out;
    let (records, own) = (builder.records.write(out)?, builder.own.write(out)?);
    let (entries, aging) = (builder.entries.write(out)?, builder.aging.write(out)?);
    let cells = tally::encode(&tally.cells);
    let place = CacheCells { start: out.written, length: cells.len(), check: crc32fast::hash(&cells) };
    out.write_all(&cells)?;
    let (findings, by_unit) = (tally.findings.clone(), tally.unread.by_unit.clone());
    let description = Description { header, records, own, entries, aging, cells: place, findings, by_unit };
    let description = serde_json::to_vec(&description)?;
    out.write_all(&description)?;
    out.write_all(&(description.len() as u64).to_le_bytes())?;
    out.write_all(&crc32fast::hash(&description).to_le_bytes())?;
    out.write_all(MAGIC)?;
    if records.distinct { file.finish(target).map(|()| true) } else { Ok(false) }
}
/// The description at the end of a file.
#[derive(Serialize, Deserialize)]
pub(super) struct Description {
    pub header: CacheHeader,
    records: TableSection,
    own: TableSection,
    entries: TableSection,
    aging: TableSection,
    cells: CacheCells,
    findings: RecordFindings,
    /// What was found wrong in each unit, by its position.
    by_unit: BTreeMap<u32, RecordFindings>,
}

/// Where the cells of the tally are.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct CacheCells {
    start: u64,
    length: usize,
    check: u32,
}

/// A file that is being written, next to the one that it will replace.
struct Unfinished {
    out: CountingWriter<BufWriter<File>>,
    path: PathBuf,
}

impl Unfinished {
    fn create(target: &Path) -> Result<Unfinished> {
        let folder = target.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        sweep(folder)?;
        let path = folder.join(format!("{UNFINISHED}{:016x}", u64::from_le_bytes(random()?)));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.try_lock()?;
        Ok(Unfinished { out: CountingWriter { inner: BufWriter::new(file), written: 0 }, path })
    }

    /// Puts the file in its place. Nothing waits for the disk: what a power cut leaves half written is
    /// known by its checksums.
    fn finish(mut self, target: &Path) -> Result<()> {
        self.out.flush()?;
        fault::reach("kept");
        std::fs::rename(&self.path, target)
    }
}

impl Drop for Unfinished {
    /// A file that was not finished is of no use.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes what a crash has left unfinished: a process that still writes a file has it locked.
fn sweep(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if is_unfinished && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// A file with its tables.
pub(super) struct CacheFile {
    pub description: Description,
    pub records: CacheTable<RECORD>,
    pub own: CacheTable<OWN>,
    pub entries: CacheTable<ENTRY>,
    pub aging: CacheTable<AGING>,
    file: Arc<File>,
}

impl CacheFile {
    pub(super) fn open(path: &Path) -> Result<CacheFile> {
        let file = Arc::new(File::open(path)?);
        let length = file.metadata()?.len();
        let end = length.checked_sub(END as u64).ok_or_else(damaged)?;
        let mut last = [0; END];
        file.read_exact_at(&mut last, end)?;
        let [a, b, c, d, e, f, g, h, i, j, k, l, magic @ ..] = last;
        let size = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let start = end.checked_sub(size).filter(|_| magic == *MAGIC).ok_or_else(damaged)?;
        let mut text = vec![0; size as usize];
        file.read_exact_at(&mut text, start)?;
        if crc32fast::hash(&text) != u32::from_le_bytes([i, j, k, l]) {
            return Err(damaged());
        }
        let description: Description = serde_json::from_slice(&text)?;
        Ok(CacheFile {
            records: CacheTable::open(file.clone(), description.records)?,
            own: CacheTable::open(file.clone(), description.own)?,
            entries: CacheTable::open(file.clone(), description.entries)?,
            aging: CacheTable::open(file.clone(), description.aging)?,
            description,
            file,
        })
    }

    /// What the file has of the record with this key.
    pub(super) fn record(&mut self, key: &Hash) -> Result<Option<KeptRecord>> {
        let Some(record) = self.records.rows(key)?.first().and_then(kept_record) else { return Ok(None) };
        let own = self.own.rows(key)?.first().map(own_pattern).unwrap_or_default();
        Ok(Some(KeptRecord { own, ..record }))
    }

    pub(super) fn tally(&self) -> Result<Tally> {
        let CacheCells { start, length, check } = self.description.cells;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        if crc32fast::hash(&bytes) != check {
            return Err(damaged());
        }
        let cells = tally::decode(&bytes).ok_or_else(damaged)?;
        let mut tally = Tally { cells, findings: self.description.findings.clone(), ..Tally::default() };
        tally.unread.by_unit = self.description.by_unit.clone();
        Ok(tally)
    }
}
