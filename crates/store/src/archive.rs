//! Documents and messages by their digest: written once, never half.

use std::path::{Path, PathBuf};

use super::StoreError;
use super::access::owned_folder;
use super::message_parts::{self, Piece};
use tongbao_base::digest::sha256;
use tongbao_host::whole_file;

/// A mail in the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ArchivedMail {
    /// SHA-256 of the whole mail.
    pub(super) digest: String,
    /// The files that hold its large attachments.
    pub(super) parts: Vec<String>,
}

/// A folder of files named by their SHA-256: that of what they hold or, for a mail whose attachments are in files
/// of their own, that of the whole mail.
#[derive(Debug, Clone)]
pub struct Archive {
    dir: PathBuf,
}

impl Archive {
    /// Nothing is read or made yet.
    pub fn new(dir: PathBuf) -> Archive {
        Archive { dir }
    }

    /// Stores the bytes and returns their digest in hexadecimal.
    pub fn put(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let digest = sha256(bytes);
        let path = self.path(&digest);
        if !path.exists() {
            let failed = |source| StoreError::Archive { path: path.clone(), source };
            self.write(&path, bytes).map_err(failed)?;
        }
        Ok(digest)
    }

    /// Stores a mail, and its large attachments once for all mails that carry them.
    pub(super) fn put_message(&self, bytes: &[u8]) -> Result<ArchivedMail, StoreError> {
        let pieces = message_parts::split(bytes);
        let mut parts = Vec::new();
        for piece in &pieces {
            if let Piece::Attachment(bytes) = piece {
                parts.push(self.put(bytes)?);
            }
        }
        if parts.is_empty() {
            return Ok(ArchivedMail { digest: self.put(bytes)?, parts });
        }
        let digest = sha256(bytes);
        let path = self.path(&digest);
        if !path.exists() {
            let failed = |source| StoreError::Archive { path: path.clone(), source };
            self.write(&path, &message_parts::written(&pieces, &parts)).map_err(failed)?;
        }
        Ok(ArchivedMail { digest, parts })
    }

    /// Stores what [`Archive::stored`] gave under its name, also where a damaged file has it.
    pub(super) fn repair(&self, digest: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if self.get(digest).is_ok() {
            return Ok(());
        }
        let path = self.path(digest);
        self.write(&path, bytes).map_err(|source| StoreError::Archive { path, source })
    }

    /// Archived mails hold addresses, so file and folders are for their owner alone.
    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        owned_folder(path.parent().unwrap_or(&self.dir))?;
        whole_file::write(path, bytes, 0o600)
    }

    /// Takes a file away that nothing names.
    pub(super) fn remove(&self, digest: &str) -> Result<(), StoreError> {
        let path = self.path(digest);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::Archive { path, source })
            }
            _ => Ok(()),
        }
    }

    /// Whether there is a file of this name, whatever it holds.
    pub fn has(&self, digest: &str) -> bool {
        self.path(digest).exists()
    }

    /// The bytes with this digest; checked, because a reprint must be the same to the byte.
    pub fn get(&self, digest: &str) -> Result<Vec<u8>, StoreError> {
        let stored = self.read(digest)?;
        Ok(self.put_together(digest, &stored)?.unwrap_or(stored))
    }

    /// The file under a name as it is stored; checked like [`Archive::get`].
    pub(super) fn stored(&self, digest: &str) -> Result<Vec<u8>, StoreError> {
        let stored = self.read(digest)?;
        self.put_together(digest, &stored)?;
        Ok(stored)
    }

    /// The mail that a file stands for, where it is in pieces. Fails if it is not what its name says.
    fn put_together(&self, digest: &str, stored: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let damaged = || StoreError::Damaged(digest.to_owned());
        let mail = match message_parts::read(stored) {
            Some(pieces) => {
                let mail = message_parts::put_together(&pieces, |part| self.whole(part));
                Some(mail.ok_or_else(damaged)?)
            }
            None => None,
        };
        match sha256(mail.as_deref().unwrap_or(stored)) == digest {
            true => Ok(mail),
            false => Err(damaged()),
        }
    }

    /// The attachments that a file is put together from and that are missing or changed.
    pub(super) fn damaged_attachments(&self, digest: &str) -> Vec<String> {
        let stored = self.read(digest).unwrap_or_default();
        let attachments =
            message_parts::read(&stored).into_iter().flatten().filter_map(|piece| match piece {
                message_parts::WrittenPart::Attachment(name) => Some(name.to_owned()),
                message_parts::WrittenPart::Text(_) => None,
            });
        attachments.filter(|name| self.whole(name).is_none()).collect()
    }

    /// What a file holds that is not put together from others.
    fn whole(&self, digest: &str) -> Option<Vec<u8>> {
        let bytes = is_digest(digest).then(|| self.read(digest).ok())??;
        (sha256(&bytes) == digest).then_some(bytes)
    }

    fn read(&self, digest: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.path(digest);
        std::fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => StoreError::Damaged(digest.to_owned()),
            _ => StoreError::ArchiveUnreadable { path, source },
        })
    }

    /// Removes what processes that are gone have left half-written.
    pub fn sweep(&self) -> std::io::Result<()> {
        let Ok(folders) = std::fs::read_dir(&self.dir) else { return Ok(()) };
        for folder in folders {
            let folder = folder?.path();
            if !folder.is_dir() {
                continue;
            }
            whole_file::sweep(&folder)?;
        }
        Ok(())
    }

    /// Digests of all files, in order.
    pub fn digests(&self) -> std::io::Result<Vec<String>> {
        let mut digests = Vec::new();
        if !self.dir.exists() {
            return Ok(digests);
        }
        for folder in std::fs::read_dir(&self.dir)? {
            let folder = folder?;
            for file in std::fs::read_dir(folder.path())? {
                let digest =
                    [folder.file_name(), file?.file_name()].map(|name| name.to_string_lossy().into_owned());
                digests.extend(Some(digest.concat()).filter(|digest| is_digest(digest)));
            }
        }
        digests.sort();
        Ok(digests)
    }

    fn path(&self, digest: &str) -> PathBuf {
        let (head, rest) = digest.split_at(2.min(digest.len()));
        self.dir.join(head).join(rest)
    }
}

/// Whether it is a SHA-256 in hexadecimal.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
