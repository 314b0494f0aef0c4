//! Who is alive: every sender holds a locked file in the state folder while its process lives.
//!
//! The kernel gives the lock back when the process ends, however it ends, and keeps it while the process is merely
//! stopped. So what a sender has in hand is taken for cut off only when that is known, and never because of a
//! clock.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::access::owned_folder;
use super::{Store, StoreError};

/// The folder of the locked files within the state folder.
const SENDERS: &str = "senders";

/// A sender that is alive: a daemon, or a command that sends. Dropped last clone, it counts as gone.
#[derive(Debug, Clone)]
pub struct Presence(Arc<HeldPresence>);

#[derive(Debug)]
struct HeldPresence {
    id: String,
    path: PathBuf,
    /// Locked; the lock goes with it.
    _file: File,
}

impl Drop for HeldPresence {
    fn drop(&mut self) {
        // A file that stays is looked at and removed by the next daemon.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Presence {
    /// What names this sender in claims and in the lease.
    pub fn id(&self) -> &str {
        &self.0.id
    }
}

impl Store {
    /// Announces a sender. No other has its id, now or later.
    pub fn announce(&self) -> Result<Presence, StoreError> {
        let folder = self.dir.join(SENDERS);
        let failed = |source| StoreError::Folder { path: folder.clone(), source };
        owned_folder(&folder).map_err(failed)?;
        let id = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
        // Locked before it gets its name: a process that finds the name finds it locked, or its holder gone.
        let (new, path) = (folder.join(format!(".{id}")), folder.join(&id));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).map_err(failed)?;
        file.lock().map_err(failed)?;
        std::fs::rename(&new, &path).map_err(failed)?;
        Ok(Presence(Arc::new(HeldPresence { id, path, _file: file })))
    }

    /// Whether a sender is still alive. What cannot be looked at counts as alive.
    pub(super) fn is_alive(&self, id: &str) -> bool {
        // Claims of earlier versions have no file, nor a name that a file could have.
        if id.contains(['/', ':']) || id.is_empty() {
            return false;
        }
        is_locked(&self.dir.join(SENDERS).join(id))
    }

    /// Removes the files that senders which are gone have left.
    pub fn sweep_senders(&self) {
        for entry in std::fs::read_dir(self.dir.join(SENDERS)).into_iter().flatten().flatten() {
            let is_named = !entry.file_name().to_string_lossy().starts_with('.');
            if is_named && !is_locked(&entry.path()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

fn is_locked(path: &Path) -> bool {
    match File::open(path) {
        // Shared, so that two who look do not take each other for the holder.
        Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}
