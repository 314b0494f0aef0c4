//! Who may read the state: its owner alone. Totals are not secret, but outboxes hold addresses.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::StoreError;
use tongbao_host::work;

/// Takes a folder away from everybody else.
pub(super) fn private(dir: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(dir, Permissions::from_mode(0o700))
}

/// A new empty file for its owner alone.
pub(super) fn owned_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// A folder for its owner alone, if there is none yet.
pub(super) fn owned_folder(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Keeps others from making, replacing or updating the database of a state folder until the lock is
/// dropped.
pub(super) async fn lock(dir: &Path) -> std::io::Result<File> {
    let dir = dir.to_owned();
    work::block(move || {
        let folder = File::open(dir)?;
        // Network drives may have no such locks; a state there can be used, but not begun twice at once.
        folder.lock().unwrap_or_else(|error| tracing::debug!("the state folder has no lock: {error}"));
        Ok(folder)
    })
    .await
}

/// Takes the file of a database and its logs away from everybody else. SQLite gives new logs the
/// permissions of their database. What cannot be done here SQLite reports better.
pub(super) fn own_database(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        if is_loose(Path::new(&name)) {
            let _ = std::fs::set_permissions(&name, Permissions::from_mode(0o600));
        }
    }
}

/// Files and folders of a state that others than their owner may read or write, in order; nothing if
/// there is no state yet.
pub fn loose(dir: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        found.extend(Some(folder.clone()).filter(|folder| is_loose(folder)));
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() && is_loose(&entry.path()) => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// So many bytes a run needs at least.
const ROOM: usize = 1 << 20;

/// Fails if the disk of a state folder has no room for a run.
pub fn has_room(dir: &Path) -> Result<(), StoreError> {
    let path = dir.join(format!(".room-{:016x}", fastrand::u64(..)));
    let filled = owned_file(&path).and_then(|mut file| {
        file.write_all(&vec![0xA5; ROOM])?;
        file.sync_all()
    });
    let _ = std::fs::remove_file(&path);
    filled.map_err(|source| match source.kind() {
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            StoreError::Folder { path: dir.to_owned(), source }
        }
        _ => StoreError::NoRoom { dir: dir.to_owned(), source },
    })
}

fn is_loose(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}
