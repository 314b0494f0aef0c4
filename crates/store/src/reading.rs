//! A state that is only looked at: a copy on a disk that cannot be written, or one of another account.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::sqlite::SqliteJournalMode;

use super::access::owned_file;
use super::archive::Archive;
use super::{ARCHIVE, DATABASE, Store, StoreError, integrity_check, open_database, state_checks};
use tongbao_host::account;
use tongbao_host::work;

/// So often a copy is tried of a database that somebody writes meanwhile.
const TRIES: usize = 3;

/// A folder that is gone with its last user.
#[derive(Debug)]
pub(super) struct TemporaryFolder(PathBuf);

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What cannot be removed is for its owner alone.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Whether there is no database yet, or this account owns the state and may write it.
fn is_writable(dir: &Path, path: &Path) -> bool {
    !path.exists() || state_checks::is_own(dir).is_ok() && OpenOptions::new().append(true).open(path).is_ok()
}

/// A copy of a database and its log in a folder of its own.
fn copied(path: &Path) -> std::io::Result<TemporaryFolder> {
    let folder = std::env::temp_dir().join(format!("tongbao-{:016x}", fastrand::u64(..)));
    DirBuilder::new().mode(0o700).create(&folder)?;
    let folder = TemporaryFolder(folder);
    for suffix in ["", "-wal"] {
        let named = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let (from, to) = (named(path), named(&folder.0.join(DATABASE)));
        if from.exists() {
            std::io::copy(&mut std::fs::File::open(from)?, &mut owned_file(&to)?)?;
        }
    }
    Ok(folder)
}

impl Store {
    /// Opens a state to list or verify it. One that cannot be written, or belongs to another account, is read
    /// from a private copy of its database, so that nothing is changed there.
    pub async fn open_to_read(dir: &Path) -> Result<Store, StoreError> {
        let path = dir.join(DATABASE);
        if is_writable(dir, &path) {
            return Store::open(dir).await;
        }
        state_checks::is_there(dir)?;
        let mut tries = 0;
        loop {
            let store = Store::from_copy(dir, &path).await;
            tries += 1;
            match store {
                Err(StoreError::Corrupt { .. }) if tries < TRIES => {}
                result => return result,
            }
        }
    }

    async fn from_copy(dir: &Path, path: &Path) -> Result<Store, StoreError> {
        let from = path.to_owned();
        let folder = work::block(move || copied(&from)).await;
        let folder = folder.map_err(|source| StoreError::Copy { path: path.to_owned(), source })?;
        let (copy, folder) = (folder.0.join(DATABASE), Arc::new(folder));
        let pool = open_database(&copy, path, SqliteJournalMode::Wal).await?;
        integrity_check(&pool, path).await?;
        state_checks::begin_log(&pool).await?;
        let (archive, actor) = (Archive::new(dir.join(ARCHIVE)), account::name().into());
        Ok(Store { pool, archive, dir: dir.to_owned(), file: None, copy: Some(folder), actor })
    }
}
