//! Whether a state is what it was: of this account, not emptied, not older than the counter next to it, and
//! still in its place.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sqlx::{Connection, SqlitePool};

use super::archive::Archive;
use super::backup::newest_copy;
use super::{DATABASE, StoreError, audit, counter};
use tongbao_host::account;

/// Refuses a state of another account: files that this one made there could not be read by the other.
pub(super) fn is_own(dir: &Path) -> Result<(), StoreError> {
    let Ok(metadata) = dir.metadata() else { return Ok(()) };
    match metadata.uid() == account::uid() {
        true => Ok(()),
        false => Err(StoreError::Owner {
            dir: dir.to_owned(),
            owner: account::name_of(metadata.uid()),
            account: account::name_of(account::uid()),
        }),
    }
}

/// Refuses a database of no bytes, or none where something else shows that there was one: a new one would not know what
/// has been sent.
pub(super) fn is_there(dir: &Path) -> Result<(), StoreError> {
    let length = dir.join(DATABASE).metadata().map(|file| file.len()).ok();
    let is_told = || {
        let is_used =
            |name: &str| std::fs::read_dir(dir.join(name)).is_ok_and(|mut files| files.next().is_some());
        is_used(super::ARCHIVE) || newest_copy(dir).is_some() || counter::read(dir).is_some()
    };
    if length == Some(0) || length.is_none() && is_told() {
        return Err(StoreError::Lost { dir: dir.to_owned(), copy: newest_copy(dir) });
    }
    Ok(())
}

/// Refuses a database that has counted less than the file next to it, or that lacks the file and does not know
/// all of the archive.
pub(super) async fn is_newest(pool: &SqlitePool, dir: &Path, archive: &Archive) -> Result<(), StoreError> {
    // In this order: a transaction that commits in between has counted inside before outside.
    let outside = counter::read(dir);
    let inside = counter::inside(&mut *pool.acquire().await?).await?;
    let is_older = match outside {
        Some(outside) => outside > inside,
        // An earlier version kept no counter.
        None => inside > 0 && knows_less(pool, archive).await?,
    };
    if is_older {
        let copy = newest_copy(dir);
        return Err(StoreError::Older { path: dir.join(DATABASE), copy });
    }
    counter::keep(dir, inside);
    Ok(())
}

/// Whether the archive has files that the database does not name.
async fn knows_less(pool: &SqlitePool, archive: &Archive) -> Result<bool, StoreError> {
    let sql = "SELECT sha256 FROM document UNION SELECT sha256 FROM outbox UNION SELECT sha256 FROM part";
    let named: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await?;
    let named: std::collections::BTreeSet<String> = named.into_iter().collect();
    Ok(archive.digests().unwrap_or_default().iter().any(|digest| !named.contains(digest)))
}

/// Begins the audit log where that has not been done.
pub(super) async fn begin_log(pool: &SqlitePool) -> Result<(), StoreError> {
    if audit::has_begun(&mut *pool.acquire().await?).await? {
        return Ok(());
    }
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let now = tongbao_host::clock::Clock::System.now();
    audit::begin(&mut transaction, &account::name(), now).await?;
    transaction.commit().await?;
    Ok(())
}

/// Which file a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileId {
    path: PathBuf,
    device: u64,
    number: u64,
}

impl FileId {
    /// `None` for what is no file.
    pub(super) fn of(path: &Path) -> Option<FileId> {
        let metadata = path.metadata().ok()?;
        Some(FileId { path: path.to_owned(), device: metadata.dev(), number: metadata.ino() })
    }

    /// Refuses to go on with a file that somebody has removed, renamed or exchanged: what is recorded there would
    /// be lost.
    pub(super) fn is_in_place(&self) -> Result<(), StoreError> {
        match FileId::of(&self.path).as_ref() == Some(self) {
            true => Ok(()),
            false => Err(StoreError::Moved { path: self.path.clone() }),
        }
    }
}
