//! A drop folder after its files were read: what has filled a slot is put into `done/RUN`, what cannot
//! be read into `failed`. Nothing is moved before that is on record, and what a crash left over is
//! moved when a daemon starts or with the next run; so no file is lost, and none is taken twice for the
//! same report.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::FileError;
use super::folder::{Address, DONE, FAILED, REASON};
use tongbao_base::digest::sha256_of_reader;
use tongbao_config::settings::SourceSettings;
use tongbao_host::fault;
use tongbao_host::whole_file;

/// The drop folder that the register comes from.
#[derive(Debug, Clone)]
pub struct DropFolder {
    address: Address,
}

impl DropFolder {
    /// `None` where the register is a database or one file.
    pub fn of(source: &SourceSettings) -> Option<DropFolder> {
        let address = Address::parse(source.url.file()?).ok()?;
        address.is_folder().then_some(DropFolder { address })
    }

    /// Moves the files whose content filled a slot (`used`: SHA-256 and run) to that run's folder. What
    /// cannot be moved is told and tried again with the next run.
    pub fn archive_inputs(&self, used: &BTreeMap<String, i64>) {
        for path in self.address.dropped() {
            let Some(run) = digest(&path).and_then(|digest| used.get(&digest).copied()) else { continue };
            let folder = self.address.folder().join(DONE).join(run.to_string());
            match move_into(&path, &folder, &self.name(&path)) {
                Ok(()) => {
                    tracing::info!(run, "{} is done", path.display());
                    fault::reach("put away");
                }
                Err(error) => tracing::warn!("{} cannot be moved to {DONE}: {error}", path.display()),
            }
        }
    }

    /// Moves a dropped file that cannot be read, and writes the reason beside it.
    pub fn set_aside(&self, error: &FileError) {
        let Some(path) = error.spoilt().map(PathBuf::from) else { return };
        if !self.address.dropped().contains(&path) {
            return;
        }
        let folder = self.address.folder().join(FAILED);
        let name = self.name(&path);
        let note = folder.join(format!("{}{REASON}", name.display()));
        let moved = move_into(&path, &folder, &name)
            .and_then(|()| whole_file::write(&note, format!("{error}\n").as_bytes(), 0o666));
        match moved {
            Ok(()) => tracing::warn!("{} cannot be read and lies in {FAILED} now", path.display()),
            Err(error) => tracing::warn!("{} cannot be moved to {FAILED}: {error}", path.display()),
        }
    }

    /// The name of a dropped file, with that of its own folder where the drop folder has folders.
    fn name(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.address.folder()).map(Path::to_owned).unwrap_or_default()
    }
}

/// `None` for a file that is gone in the meantime.
fn digest(path: &Path) -> Option<String> {
    sha256_of_reader(fs::File::open(path).ok()?).ok()
}

fn move_into(path: &Path, folder: &Path, name: &Path) -> std::io::Result<()> {
    let place = folder.join(name);
    fs::create_dir_all(place.parent().unwrap_or(folder))?;
    fs::rename(path, place)
}
