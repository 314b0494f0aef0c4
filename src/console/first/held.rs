//! Uploaded lists. They are personal data, so no disk ever holds them: each is a nameless file in the memory that the
//! system shows as `/dev/shm`, gone with this process however it ends. Links in a folder there give them their names,
//! because lists are read by path.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

/// Files that the system keeps in memory.
const MEMORY: &str = "/dev/shm";

/// Begins the name of every folder of links; the number of the process that has it follows.
const PREFIX: &str = "tongbao-lists-";

/// Longest name of a file in bytes.
const LONGEST_NAME: usize = 200;

/// The lists of one upload; gone when dropped.
pub(in crate::console) struct HeldUploads {
    folder: PathBuf,
    files: Vec<HeldFile>,
}

struct HeldFile {
    part: &'static str,
    name: String,
    file: File,
    bytes: u64,
}

/// What is known of an uploaded file once it is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) struct FileLine {
    pub part: &'static str,
    pub name: String,
    pub bytes: u64,
}

impl HeldUploads {
    /// An empty upload. Fails where the system has no files in memory.
    pub(in crate::console) fn new() -> Result<HeldUploads> {
        if !is_memory(&fs::read_to_string("/proc/self/mounts")?) {
            let reason = "is no memory here: uploads are taken only where they reach no disk";
            return Err(Error::new(ErrorKind::Unsupported, format!("{MEMORY} {reason}")));
        }
        sweep(Path::new(MEMORY));
        let name = format!("{PREFIX}{}-{}", std::process::id(), &crate::random::secret()?[..16]);
        let folder = Path::new(MEMORY).join(name);
        DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(HeldUploads { folder, files: Vec::new() })
    }

    /// The folder of the links: below it one folder for each part of the upload.
    pub(in crate::console) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins a file of a part. Its name is the last part of the one given, and another where there is one of it.
    pub(in crate::console) fn begin(&mut self, part: &'static str, given: &str) -> Result<()> {
        let name = plain_name(given);
        let name = match self.files.iter().filter(|file| file.part == part && file.name == name).count() {
            0 => name,
            _ => format!("{}-{name}", self.files.len()),
        };
        let parent = self.folder.join(part);
        if !parent.is_dir() {
            DirBuilder::new().mode(0o700).create(&parent)?;
        }
        let path = parent.join(&name);
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        fs::remove_file(&path)?;
        symlink(format!("/proc/self/fd/{}", file.as_raw_fd()), &path)?;
        self.files.push(HeldFile { part, name, file, bytes: 0 });
        Ok(())
    }

    /// Adds to the file that was begun last.
    pub(in crate::console) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let Some(last) = self.files.last_mut() else { return Err(Error::other("no file was begun")) };
        last.bytes += bytes.len() as u64;
        last.file.write_all(bytes)
    }

    pub(in crate::console) fn lines(&self) -> Vec<FileLine> {
        let line = |file: &HeldFile| FileLine { part: file.part, name: file.name.clone(), bytes: file.bytes };
        self.files.iter().map(line).collect()
    }
}

impl Drop for HeldUploads {
    fn drop(&mut self) {
        // The files go with their handles; the links alone have to be taken away.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes the links of processes that ended without doing so. They lead nowhere and only hold names of files.
fn sweep(memory: &Path) {
    for entry in fs::read_dir(memory).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if owner.is_some_and(|id| !Path::new(&format!("/proc/{id}")).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether the table of mounts says that the folder is memory.
fn is_memory(mounts: &str) -> bool {
    let mut of_folder = mounts.lines().filter_map(|line| {
        let mut columns = line.split(' ').skip(1);
        (columns.next() == Some(MEMORY)).then(|| columns.next())
    });
    // Of several mounts on one another the last one shows.
    of_folder.next_back().flatten() == Some("tmpfs")
}

/// The last part of a path of any system, without what the file system or a pattern could take for something else.
fn plain_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control() && !"*?[]".contains(*c)).collect();
    let mut name = name.trim().trim_start_matches(['.', '~', '$']).to_owned();
    while name.len() > LONGEST_NAME {
        name.remove(0);
    }
    if name.is_empty() { "list".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_are_read_by_name_and_reach_no_disk() {
        let mut held = HeldUploads::new().unwrap();
        held.begin("register", "C:\\导出\\人口.csv").unwrap();
        held.write("身份证号,".as_bytes()).unwrap();
        held.write("姓名\n".as_bytes()).unwrap();
        held.begin("register", "人口.csv").unwrap();
        held.write(b"x").unwrap();
        let path = held.folder().join("register/人口.csv");
        assert_eq!(fs::read_to_string(&path).unwrap(), "身份证号,姓名\n");
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink() && fs::metadata(&path).unwrap().is_file());
        assert_eq!(fs::read(held.folder().join("register/1-人口.csv")).unwrap(), b"x");
        assert_eq!(held.lines()[0].bytes, 20);
        let folder = held.folder().to_owned();
        drop(held);
        assert!(!folder.exists() && !path.exists());
    }

    #[test]
    fn names_lead_out_of_no_folder() {
        for (given, name) in [
            ("../../etc/passwd", "passwd"),
            ("..", "list"),
            ("a\u{0}b\n.csv", "ab.csv"),
            ("~$台账.xlsx", "台账.xlsx"),
            ("村[1]*.csv", "村1.csv"),
            ("", "list"),
        ] {
            assert_eq!(plain_name(given), name, "{given:?}");
        }
        assert!(plain_name(&"村".repeat(200)).len() <= LONGEST_NAME);
    }

    #[test]
    fn a_folder_on_a_disk_is_no_memory() {
        assert!(is_memory("proc /proc proc rw 0 0\ntmpfs /dev/shm tmpfs rw,nosuid 0 0\n"));
        assert!(!is_memory("tmpfs /dev/shm tmpfs rw 0 0\n/dev/sda1 /dev/shm ext4 rw 0 0\n"));
        assert!(!is_memory("tmpfs /tmp tmpfs rw 0 0\n"));
    }
}
