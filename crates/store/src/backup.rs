//! Copies of the state that are consistent while the daemon runs: the database by `VACUUM INTO`, in
//! one read transaction, then the archive, whose files never change.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::access::{owned_file, owned_folder};
use super::archive::Archive;
use super::{ARCHIVE, DATABASE, Store, StoreError};
use tongbao_base::digest::sha256_of_reader;
use tongbao_host::whole_file;

/// Folder of the daemon's own copies within the state folder.
const COPIES: &str = "copy";

/// Name of the page that says what a backup holds.
pub(super) const MANIFEST: &str = "manifest.json";

/// A backup is begun again so often if the daemon removes at the same time what is no longer kept.
const TRIES: usize = 10;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the program that made it.
    pub version: String,
    /// RFC 3339, UTC.
    pub made_at: String,
    /// SHA-256 of the database.
    pub database: String,
    /// Number of archived documents and messages.
    pub files: usize,
}

impl Store {
    /// Copies the state into a new folder, or into a file if the name ends in `.tar`. Every archived
    /// file is checked by its digest. What is there under the final name is whole.
    pub async fn backup(&self, to: &Path, now: Timestamp) -> Result<Manifest, StoreError> {
        let failed = |source| StoreError::Backup { path: to.to_owned(), source };
        refuse_occupied(to).map_err(failed)?;
        let partial = unique_beside(to);
        let mut tries = 0;
        let manifest = loop {
            let pruned = self.pruned().await?;
            let made = self.pack_beside(&partial, to, now).await;
            // Of what was removed meanwhile the copy of the database may still have named the files.
            let is_whole = made.is_ok() && self.pruned().await? == pruned;
            tries += 1;
            match made {
                Ok(manifest) if is_whole => break manifest,
                Ok(_) if tries == TRIES => {
                    remove(&partial);
                    let reason = "the daemon removes what is no longer kept; try again later";
                    return Err(failed(std::io::Error::other(reason)));
                }
                Ok(_) => remove(&partial),
                Err(problem) => {
                    remove(&partial);
                    return Err(problem);
                }
            }
        };
        // An empty folder of that name may be there.
        let _ = std::fs::remove_dir(to);
        std::fs::rename(&partial, to).map_err(failed)?;
        Ok(manifest)
    }

    /// How many mails have lost their texts.
    async fn pruned(&self) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) FROM outbox WHERE pruned_at IS NOT NULL";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.pool).await?)
    }

    /// Packs a copy of the database and then the archive.
    async fn pack_beside(&self, partial: &Path, to: &Path, now: Timestamp) -> Result<Manifest, StoreError> {
        let database = unique_beside(to);
        let made = match self.copy_database(&database).await {
            Ok(()) => self.pack(partial, to, &database, now),
            Err(problem) => Err(problem),
        };
        let _ = std::fs::remove_file(&database);
        made
    }

    /// Copies the database alone into the state folder and keeps the latest `keep` copies. The
    /// archive next to it is never rewritten, so database and archive can be put together again.
    pub async fn keep_copy(&self, keep: usize, now: Timestamp) -> Result<PathBuf, StoreError> {
        let dir = self.dir.join(COPIES);
        let path = dir.join(format!("tongbao-{}.db", now.strftime("%Y%m%dT%H%M%S%3fZ")));
        let failed = |source| StoreError::Backup { path: path.clone(), source };
        owned_folder(&dir).map_err(failed)?;
        whole_file::sweep(&dir).map_err(failed)?;
        let partial = whole_file::unique(&dir);
        if let Err(problem) = self.copy_database(&partial).await {
            let _ = std::fs::remove_file(&partial);
            return Err(problem);
        }
        std::fs::rename(&partial, &path).map_err(failed)?;
        let copies = copies(&self.dir);
        for old in copies.iter().rev().skip(keep.max(1)) {
            std::fs::remove_file(old).map_err(failed)?;
        }
        Ok(path)
    }

    /// Writes the database as it stands now to a file of its owner alone.
    async fn copy_database(&self, to: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Backup { path: to.to_owned(), source };
        // SQLite writes into an empty file as well, and keeps its permissions.
        owned_file(to).map_err(failed)?;
        sqlx::query("VACUUM INTO ?").bind(to.to_string_lossy().as_ref()).execute(&self.pool).await?;
        File::open(to).and_then(|file| file.sync_all()).map_err(failed)
    }

    fn pack(
        &self,
        partial: &Path,
        to: &Path,
        database: &Path,
        now: Timestamp,
    ) -> Result<Manifest, StoreError> {
        let failed = |source| StoreError::Backup { path: to.to_owned(), source };
        let mut manifest = Manifest {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: now.to_string(),
            database: File::open(database).and_then(sha256_of_reader).map_err(failed)?,
            files: 0,
        };
        let is_tar = to.extension().is_some_and(|extension| extension == "tar");
        let mut pack = Pack::new(partial, is_tar).map_err(failed)?;
        pack.add_file(DATABASE, database).map_err(failed)?;
        for digest in self.archive.digests().map_err(failed)? {
            let bytes = match self.archive.stored(&digest) {
                // Removed since it was listed: nothing needed it any more.
                Err(StoreError::Damaged(_)) if !self.archive.has(&digest) => continue,
                stored => stored?,
            };
            pack.add(&format!("{ARCHIVE}/{}/{}", &digest[..2], &digest[2..]), &bytes).map_err(failed)?;
            manifest.files += 1;
        }
        pack.add(MANIFEST, serde_json::json!(manifest).to_string().as_bytes()).map_err(failed)?;
        pack.finish().map_err(failed)?;
        Ok(manifest)
    }
}

/// Where a backup goes.
enum Pack {
    Folder(PathBuf),
    Tar(Box<tar::Builder<File>>),
}

impl Pack {
    fn new(path: &Path, is_tar: bool) -> std::io::Result<Pack> {
        if is_tar {
            return Ok(Pack::Tar(Box::new(tar::Builder::new(owned_file(path)?))));
        }
        owned_folder(path)?;
        Ok(Pack::Folder(path.to_owned()))
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Pack::Folder(dir) => {
                let path = dir.join(name);
                owned_folder(path.parent().unwrap_or(dir))?;
                let mut file = owned_file(&path)?;
                file.write_all(bytes)?;
                file.sync_all()
            }
            Pack::Tar(tar) => tar.append_data(&mut header(bytes.len() as u64), name, bytes),
        }
    }

    fn add_file(&mut self, name: &str, from: &Path) -> std::io::Result<()> {
        let mut file = File::open(from)?;
        match self {
            Pack::Folder(dir) => {
                let mut copy = owned_file(&dir.join(name))?;
                std::io::copy(&mut file, &mut copy)?;
                copy.sync_all()
            }
            Pack::Tar(tar) => tar.append_data(&mut header(file.metadata()?.len()), name, file),
        }
    }

    fn finish(self) -> std::io::Result<()> {
        match self {
            Pack::Folder(dir) => File::open(dir)?.sync_all(),
            Pack::Tar(tar) => tar.into_inner()?.sync_all(),
        }
    }
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header
}

fn refuse_occupied(to: &Path) -> std::io::Result<()> {
    let is_empty_folder = to.is_dir() && std::fs::read_dir(to)?.next().is_none();
    match to.exists() && !is_empty_folder {
        true => Err(std::io::Error::new(
            std::io::ErrorKind::AlreadyExists,
            "it is there already; give a new name",
        )),
        false => Ok(()),
    }
}

/// A hidden name in the same folder that no other backup uses.
fn unique_beside(path: &Path) -> PathBuf {
    whole_file::unique(path.parent().unwrap_or(Path::new("")))
}

/// A hidden name in the same folder.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{suffix}"))
}

/// Removes what an earlier attempt has left.
pub(super) fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
    let _ = std::fs::remove_dir_all(path);
}

/// The daemon's copies in a state folder, oldest first.
fn copies(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir.join(COPIES)) else { return Vec::new() };
    let is_copy = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("tongbao-") && name.ends_with(".db")
    };
    let mut copies: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_copy).collect();
    copies.sort();
    copies
}

/// The latest of the daemon's copies in a state folder.
pub(super) fn newest_copy(dir: &Path) -> Option<PathBuf> {
    copies(dir).pop()
}

/// The archive of a state or backup folder.
pub(super) fn archive_of(dir: &Path) -> Archive {
    Archive::new(dir.join(ARCHIVE))
}
