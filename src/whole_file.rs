//! Files that appear whole or not at all: written under another name, synced, then renamed.

use std::fs::{File, OpenOptions};
use std::io::{Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes a file that its owner alone may read and write, whatever was there before and whoever could read
/// that. Everything that may hold a secret is written here.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    write_as(path, bytes, 0o600)
}

/// Writes a file with the permissions that the process's mask leaves, and its folder where there is none.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::create_dir_all(folder_of(path))?;
    write_as(path, bytes, 0o666)
}

fn write_as(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let (mut file, partial) = create_beside(path, mode)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let placed = written.and_then(|()| std::fs::rename(&partial, path));
    if placed.is_err() {
        // On a full disk half a file would only take room.
        let _ = std::fs::remove_file(&partial);
    }
    placed?;
    File::open(folder_of(path))?.sync_all()
}

/// A new file next to `path`, which no other process or thread writes. It is never one that was there:
/// what somebody put in its place, such as a link, is not followed.
fn create_beside(path: &Path, mode: u32) -> Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = format!(".{name}.{:016x}.{}.partial", fastrand::u64(..), std::process::id());
    let partial = folder_of(path).join(partial);
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&partial)?;
    Ok((file, partial))
}

/// The folder of a file; the current one where none is named.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether it is a partial file whose writer is no running process.
pub fn is_left_over(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let writer = name.strip_suffix(".partial").and_then(|name| name.rsplit_once('.')).map(|(_, pid)| pid);
    writer.is_some_and(|pid| !Path::new("/proc").join(pid).exists())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_private_file_takes_the_place_of_an_open_one_and_of_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (open, other, link) =
            (dir.path().join("a.url"), dir.path().join("other"), dir.path().join("link"));
        for path in [&open, &other] {
            std::fs::write(path, "old").unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
        std::os::unix::fs::symlink(&other, &link).unwrap();
        for path in [&open, &link] {
            write_private(path, b"new").unwrap();
            assert_eq!((std::fs::read(path).unwrap(), mode(path)), (b"new".to_vec(), 0o600));
        }
        assert_eq!(std::fs::read(&other).unwrap(), b"old", "what the link led to stays as it was");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3, "nothing partial is left");
    }

    #[test]
    fn many_writers_of_one_name_never_meet() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("same");
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..8u8)
                .map(|n| {
                    let path = &path;
                    scope.spawn(move || (0..20).try_for_each(|_| write_private(path, &[n; 5000])))
                })
                .collect();
            writers.into_iter().for_each(|writer| writer.join().unwrap().unwrap());
        });
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.len() == 5000 && bytes.iter().all(|byte| *byte == bytes[0]));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
