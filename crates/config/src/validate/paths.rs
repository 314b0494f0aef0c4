//! Paths as the settings hold them: relative ones start at the folder of the configuration.

use std::path::{Path, PathBuf};
use tongbao_message::message;

use super::Check;
use crate::SecretFile;
use crate::paths::{FileAddress, address_from};

impl Check<'_> {
    /// The state folder. It may be made by the first run, and a folder of its name may be that of another
    /// configuration.
    pub(super) fn state_dir(&mut self, written: &str) -> PathBuf {
        let path = self.folder.join(written);
        if let Some(there) = moved(Path::new(written), &path) {
            let (path, there) = (path.display(), there.display());
            let problem = message!("there-is-no-but-there-is", path, there);
            self.fail("state.dir", problem);
        }
        path
    }

    /// The path of a file or folder.
    pub(super) fn path(&mut self, key: &str, written: &str) -> PathBuf {
        let path = self.folder.join(written);
        self.compare(key, Path::new(written), &path);
        path
    }

    /// The same for a file that holds a secret.
    pub(super) fn secret_file(&mut self, key: &str, written: &SecretFile) -> SecretFile {
        let path = self.folder.join(written.path());
        self.compare(key, written.path(), &path);
        SecretFile::new(&path)
    }

    /// An address whose paths start at the folder of the configuration.
    pub(super) fn address(&mut self, key: &str, written: &str) -> String {
        if let Some(file) = FileAddress::parse(written) {
            let path = Path::new(file.path);
            // Of a pattern the folder is there or not.
            let looked_at = match file.path.contains(['*', '?', '[']) {
                true => path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(path),
                false => path,
            };
            self.compare(key, looked_at, &self.folder.join(looked_at));
        }
        address_from(written, &self.folder)
    }

    /// Relative paths once started at the folder the program runs in. Where something is there and not
    /// here, it was meant, and a new state or built-in templates in its place would go unnoticed.
    fn compare(&mut self, key: &str, written: &Path, path: &Path) {
        if let Some(there) = moved(written, path) {
            self.fail(
                key,
                message!("there-is-no-but-there-is-relative", path = path.display(), there = there.display()),
            );
        }
    }
}

/// What a relative path means from the folder the program runs in, if it is there alone.
pub(super) fn moved(written: &Path, path: &Path) -> Option<PathBuf> {
    let is_elsewhere = written.is_relative() && written != path && !path.exists() && written.exists();
    is_elsewhere.then(|| std::path::absolute(written).unwrap_or_else(|_| written.to_owned()))
}
