//! Files that appear whole or not at all: written under a name of their own next to the target, synced,
//! then renamed. The partial file is opened exclusively, so that a link somebody has put there is
//! refused and not followed, and two writers of one target never share it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// End of the names of partial files.
const PARTIAL: &str = ".partial";

/// Writes a file whole. `mode` holds the permissions, of which the process's mask takes its part; the
/// folder is made if there is none.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let dir = folder_of(path);
    std::fs::create_dir_all(dir)?;
    let mut partial = Partial::new(dir, mode)?;
    partial.file.write_all(bytes)?;
    partial.keep(path)
}

/// Whether a file can be made in a folder. Nothing of the trial is left there.
pub fn try_folder(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    Partial::new(dir, 0o600).map(|_| ())
}

/// A new file that is removed when it is dropped, unless it is kept under its final name.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    /// Open for writing. Nobody else can have opened it.
    pub file: File,
    is_kept: bool,
}

impl Partial {
    /// A new, empty file in `dir` under a name that no other has.
    pub fn new(dir: &Path, mode: u32) -> std::io::Result<Partial> {
        let path = unique(dir);
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(&path)?;
        Ok(Partial { path, file, is_kept: false })
    }

    /// Where the file is until it gets its final name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Syncs the file and gives it its final name, in the place of any file or link of that name.
    pub fn keep(mut self, path: &Path) -> std::io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.path, path)?;
        self.is_kept = true;
        File::open(folder_of(path))?.sync_all()
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_kept {
            // On a full disk half a file would only take room.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A hidden name in `dir` that no other writer uses, also in another thread or process.
pub fn unique(dir: &Path) -> PathBuf {
    dir.join(format!(".{:016x}.{}{PARTIAL}", fastrand::u64(..), std::process::id()))
}

/// Removes the partial files in a folder whose writers are gone.
pub fn sweep(dir: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if is_left_over(&path) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Whether it is a partial file whose writer is no running process.
fn is_left_over(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // SQLite's journal of one is next to it.
    let name = name.strip_suffix("-journal").unwrap_or(&name);
    let writer = name.strip_suffix(PARTIAL).and_then(|name| name.rsplit_once('.')).map(|(_, pid)| pid);
    let pid = writer.filter(|pid| !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit()));
    pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists())
}

/// The folder a file is in; that of a bare name is the current one.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_link_is_replaced_and_its_target_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (victim, target) = (dir.path().join("victim"), dir.path().join("target"));
        std::fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, &target).unwrap();
        write(&target, b"new", 0o600).unwrap();
        assert_eq!(std::fs::read(&victim).unwrap(), b"precious");
        assert!(!target.is_symlink());
        assert_eq!(std::fs::read(&target).unwrap(), b"new");
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        // A folder that is not empty cannot be replaced by a file.
        let target = dir.path().join("target");
        std::fs::create_dir_all(target.join("inside")).unwrap();
        assert!(write(&target, b"new", 0o600).is_err());
        try_folder(dir.path()).unwrap();
        assert_eq!(names(dir.path()), ["target"]);
    }

    #[test]
    fn many_writers_of_one_target_do_not_meet() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("target");
        let writer = || (0..50).try_for_each(|_| write(&target, b"the same bytes", 0o600));
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..8).map(|_| scope.spawn(writer)).collect();
            writers.into_iter().for_each(|writer| writer.join().unwrap().unwrap());
        });
        assert_eq!(names(dir.path()), ["target"]);
    }

    #[test]
    fn only_files_of_processes_that_are_gone_are_left_over() {
        assert!(!is_left_over(&unique(Path::new("."))));
        assert!(is_left_over(Path::new(".0.999999999.partial")));
        assert!(!is_left_over(Path::new("export..partial")) && !is_left_over(Path::new("a.partial")));
    }
}
