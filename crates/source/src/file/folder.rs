//! Which files an address means: one, or those of a drop folder that match a pattern.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tongbao_message::{Message, message};

use glob::{MatchOptions, Pattern};

use super::error::FileError;
use tongbao_config::settings::Take;

/// Folder, beside the dropped files, of those whose run is recorded.
pub(super) const DONE: &str = "done";
/// Folder, beside the dropped files, of those that cannot be read.
pub(super) const FAILED: &str = "failed";
/// End of the name of the file that says why another is in [`FAILED`].
pub(super) const REASON: &str = ".reason.txt";
/// Between two looks at a folder's files: one that grows in the meantime is still being written.
const LOOK: Duration = Duration::from_millis(200);
/// Names that programs give to files they have not finished, and the one that is no export at all.
const UNFINISHED: [&str; 6] = [".part", ".tmp", ".partial", ".crdownload", ".filepart", REASON];

/// A file, and what it was like when it was chosen.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub path: PathBuf,
    /// Its name; in a folder of folders with that of its own.
    name: PathBuf,
    stamp: Stamp,
}

/// Size and time of the last change.
type Stamp = (u64, SystemTime);

/// An address below `file:`.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    folder: PathBuf,
    /// Of the names in the folder, or of those in its folders with theirs; `None` = `path` itself.
    pattern: Option<Pattern>,
    path: PathBuf,
}

impl Address {
    /// Only the names of the file and of its own folder may be a pattern.
    pub(crate) fn parse(text: &str) -> Result<Address, Message> {
        let path = PathBuf::from(text);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.ok_or_else(|| message!("names-no-file", text))?;
        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let is_pattern = |text: &str| text.contains(['*', '?', '[']);
        let is_exact = |folder: &Path| !is_pattern(&folder.to_string_lossy()) || folder.is_dir();
        let (folder, name) = match (is_exact(&folder), folder.parent(), folder.file_name()) {
            (true, ..) => (folder, name),
            (false, Some(above), Some(own)) if is_exact(above) => {
                (above.to_owned(), format!("{}/{name}", own.to_string_lossy()))
            }
            _ => return Err(message!("pattern-in-folder", text)),
        };
        let pattern = match is_pattern(&name) && !path.is_file() {
            true => Some(Pattern::new(&name).map_err(|error| message!("malformed-pattern", text, error))?),
            false => None,
        };
        Ok(Address { folder, pattern, path })
    }

    /// Whether files are dropped there to be taken once.
    pub(crate) fn is_folder(&self) -> bool {
        self.pattern.is_some()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The finished files that are in the drop folder now.
    pub(crate) fn dropped(&self) -> Vec<PathBuf> {
        let files = self.pattern.iter().flat_map(|pattern| files(&self.folder, pattern));
        files.map(|file| file.path).collect()
    }

    /// The files that are meant, in the order of their names. In a drop folder the newest (by time of
    /// change, then by name), or all; those that were done before count where nothing newer is there.
    /// Files of other lists are left out.
    pub(crate) async fn choose(
        &self,
        take: Take,
        is_other: &(impl Fn(&Path) -> bool + Sync),
    ) -> Result<Vec<Chosen>, FileError> {
        let shown = self.path.display().to_string();
        let Some(pattern) = &self.pattern else {
            let stamp = stamp(&self.path).map_err(|reason| FileError::Read { path: shown, reason })?;
            let name = self.path.file_name().map(PathBuf::from).unwrap_or_default();
            return Ok(vec![Chosen { path: self.path.clone(), name, stamp }]);
        };
        let mut dropped = matching(&self.folder, pattern)
            .map_err(|reason| FileError::Read { path: self.folder.display().to_string(), reason })?;
        dropped.retain(|file| !is_other(&file.path));
        let (still, growing) = settled(dropped).await;
        for path in &growing {
            tracing::warn!("{} is still being written and left alone", path.display());
        }
        if let (Take::All, Some(path)) = (take, growing.first()) {
            return Err(FileError::BeingWritten { path: path.display().to_string() });
        }
        let done = batches(&self.folder);
        let done: Vec<Vec<Chosen>> = done.iter().map(|batch| files(batch, pattern)).collect();
        let failed = files(&self.folder.join(FAILED), pattern);
        if let Some(failed) = blocking(&failed, take, &still, &done) {
            return Err(FileError::SetAside { path: failed.path.display().to_string() });
        }
        let done = done.into_iter().filter(|batch| !batch.is_empty());
        let mut chosen = match take {
            Take::All if still.is_empty() => done.take(1).flatten().collect(),
            Take::All => still,
            Take::Newest => still.into_iter().chain(done.flatten()).max_by(by_age).into_iter().collect(),
        };
        chosen.sort_by(|a, b| a.name.cmp(&b.name));
        match (chosen.is_empty(), growing.first()) {
            (false, _) => Ok(chosen),
            (true, Some(path)) => Err(FileError::BeingWritten { path: path.display().to_string() }),
            (true, None) => Err(FileError::NoMatch { pattern: shown }),
        }
    }
}

/// The finished files of a folder, in the order of their names.
pub(super) fn finished(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let every = Pattern::new("*").map_err(std::io::Error::other)?;
    let mut files: Vec<PathBuf> = matching(folder, &every)?.into_iter().map(|file| file.path).collect();
    files.sort();
    Ok(files)
}

/// The finished files of a folder and of the folders in it, but for those that hold what was read before.
pub(super) fn all(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = finished(folder)?;
    for inner in folders(folder)? {
        files.extend(finished(&inner)?);
    }
    Ok(files)
}

/// The folders in a folder, but for hidden ones and those that hold what was read before.
fn folders(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') && ![DONE, FAILED].contains(&name.as_str()) {
            out.push(entry.path());
        }
    }
    Ok(out)
}

impl Chosen {
    /// Fails if the file is no longer what it was when it was chosen.
    pub(crate) fn verify(&self) -> Result<(), FileError> {
        let path = || self.path.display().to_string();
        match stamp(&self.path) {
            Ok(stamp) if stamp == self.stamp => Ok(()),
            Ok(_) => Err(FileError::Changed { path: path() }),
            Err(reason) => Err(FileError::Read { path: path(), reason }),
        }
    }
}

fn by_age(a: &Chosen, b: &Chosen) -> std::cmp::Ordering {
    (a.stamp.1, &a.name).cmp(&(b.stamp.1, &b.name))
}

fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified()?))
}

fn matching(folder: &Path, pattern: &Pattern) -> std::io::Result<Vec<Chosen>> {
    let is_of_folders = pattern.as_str().contains('/');
    let places = if is_of_folders { folders(folder)? } else { vec![folder.to_owned()] };
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
    let mut out = Vec::new();
    for place in places {
        for entry in std::fs::read_dir(&place)? {
            let path = entry?.path();
            let name = path.strip_prefix(folder).map(Path::to_owned).unwrap_or_default();
            if !pattern.matches_path_with(&name, options) || !path.is_file() {
                continue;
            }
            let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            if file_name.is_some_and(|name| is_unfinished(&name)) {
                tracing::info!("{} is no finished file by its name and left alone", path.display());
                continue;
            }
            // A file that is gone between two looks was none.
            if let Ok(stamp) = stamp(&path) {
                out.push(Chosen { path, name, stamp });
            }
        }
    }
    Ok(out)
}

fn is_unfinished(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with("~$") || name.starts_with('.') || UNFINISHED.iter().any(|end| lower.ends_with(end))
}

/// Tells files that lie still from those that grow.
async fn settled(files: Vec<Chosen>) -> (Vec<Chosen>, Vec<PathBuf>) {
    if files.is_empty() {
        return (files, Vec::new());
    }
    tokio::time::sleep(LOOK).await;
    let (still, growing): (Vec<Chosen>, Vec<Chosen>) =
        files.into_iter().partition(|file| file.verify().is_ok());
    (still, growing.into_iter().map(|file| file.path).collect())
}

/// Folders of finished runs, the latest first.
fn batches(folder: &Path) -> Vec<PathBuf> {
    let number = |path: &Path| -> Option<u64> { path.file_name()?.to_str()?.parse().ok() };
    let entries = std::fs::read_dir(folder.join(DONE)).into_iter().flatten().flatten();
    let mut numbered: Vec<(u64, PathBuf)> =
        entries.filter_map(|entry| Some((number(&entry.path())?, entry.path()))).collect();
    numbered.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    numbered.into_iter().map(|(_, path)| path).collect()
}

fn files(folder: &Path, pattern: &Pattern) -> Vec<Chosen> {
    matching(folder, pattern).unwrap_or_default()
}

/// A file that could not be read and has not been replaced: of all files, one whose name is in no other
/// place; of the newest, one that nothing newer has followed. Without it the figures would be old or
/// in part.
fn blocking<'a>(
    failed: &'a [Chosen],
    take: Take,
    still: &[Chosen],
    done: &[Vec<Chosen>],
) -> Option<&'a Chosen> {
    let mut others = still.iter().chain(done.iter().flatten());
    match take {
        Take::Newest => {
            let newest = failed.iter().max_by(|a, b| by_age(a, b))?;
            others.all(|other| by_age(other, newest).is_lt()).then_some(newest)
        }
        Take::All => {
            let names: Vec<_> = others.map(|other| &other.name).collect();
            failed.iter().find(|file| !names.contains(&&file.name))
        }
    }
}
