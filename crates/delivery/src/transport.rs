//! Where mails go: a mail server, a folder, or memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tongbao_message::message;

use sha2::{Digest, Sha256};

use super::failure::{Cause, DeliveryFailure, SendError, SmtpStep};
use super::permit::Permit;
pub use super::smtp::{Envelope, SmtpClient, Transfer};
use tongbao_host::whole_file;
use tongbao_host::work;

/// The way out for mails.
#[derive(Debug)]
pub enum Transport {
    /// A mail server.
    Smtp(SmtpClient),
    /// Writes `ADDRESS-DIGEST.eml` files, each whole or not at all.
    Directory(PathBuf),
    /// Keeps the mails, for tests.
    Memory(Memory),
}

/// What the receiving side said when it took the mail over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The server's last answer (often with its queue number), or the file.
    pub detail: String,
}

/// A receiving side that waits for the text of one mail.
#[derive(Debug)]
pub enum Ready<'a> {
    /// The server has answered 354 to `DATA`.
    Smtp(Transfer<'a>),
    /// The folder, and the recipient.
    Directory(&'a Path, String),
    /// The memory, sender and recipient.
    Memory(&'a Memory, String, String),
}

impl Ready<'_> {
    /// Hands the text over and waits for the answer.
    pub async fn hand_over(self, bytes: &[u8], permit: &Permit) -> Result<Receipt, SendError> {
        if !permit.may_go_on() {
            return Err(SendError::Revoked);
        }
        match self {
            Ready::Smtp(transfer) => transfer.hand_over(bytes, permit).await,
            Ready::Directory(folder, to) => write_in_background(folder, &to, bytes).await,
            Ready::Memory(memory, from, to) => memory.keep(&from, &to, bytes),
        }
    }
}

impl Transport {
    /// Brings the receiving side to the point where it waits for the text of one mail to one
    /// recipient. Nothing has been sent yet.
    pub async fn open(&self, envelope: Envelope<'_>, permit: &Permit) -> Result<Ready<'_>, SendError> {
        let Envelope { from, to, .. } = envelope;
        Ok(match self {
            Transport::Smtp(client) => Ready::Smtp(client.open(envelope, permit).await?),
            Transport::Directory(folder) => Ready::Directory(folder, to.to_owned()),
            Transport::Memory(memory) => Ready::Memory(memory, from.to_owned(), to.to_owned()),
        })
    }

    /// Takes leave of the server, if one is connected. What was sent stays sent without it.
    pub async fn close(&self) {
        if let Transport::Smtp(client) = self {
            client.close().await;
        }
    }

    /// Tries the way out without sending: connection, TLS and login, or that the folder can be written.
    pub async fn check(&self) -> Result<(), SendError> {
        match self {
            Transport::Smtp(client) => client.check().await,
            Transport::Directory(folder) => {
                let there = folder.clone();
                let tried = work::block(move || whole_file::try_folder(&there)).await;
                tried.map_err(|error| file_error(folder, &error))
            }
            Transport::Memory(_) => Ok(()),
        }
    }
}

/// Mails kept in memory, with the answers a test wants for some recipients.
#[derive(Debug, Default)]
pub struct Memory {
    /// In the order in which they were handed over.
    pub sent: Mutex<Vec<HandedOver>>,
    /// By address; recipients that are not named get the mail.
    pub refusals: Mutex<BTreeMap<String, SendError>>,
}

/// One mail as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipient.
    pub to: String,
    /// The whole message.
    pub bytes: Vec<u8>,
}

impl Memory {
    fn keep(&self, from: &str, to: &str, bytes: &[u8]) -> Result<Receipt, SendError> {
        // A panic elsewhere leaves the lists whole: a push or a look is all that happens under a lock.
        let refusals = self.refusals.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(refusal) = refusals.get(to) {
            return Err(refusal.clone());
        }
        let mut sent = self.sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        sent.push(HandedOver { from: from.to_string(), to: to.to_string(), bytes: bytes.to_vec() });
        Ok(Receipt { detail: format!("kept as number {}", sent.len()) })
    }
}

async fn write_in_background(folder: &Path, to: &str, bytes: &[u8]) -> Result<Receipt, SendError> {
    let written = write_in_folder(folder, to, bytes).await;
    written
        .map(|path| Receipt { detail: path.display().to_string() })
        .map_err(|error| file_error(folder, &error))
}

/// Writes a mail as a file named by its recipient and its digest, and returns the path.
pub(super) async fn write_in_folder(folder: &Path, to: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let (folder, to, bytes) = (folder.to_path_buf(), to.to_string(), bytes.to_vec());
    work::block(move || write_mail(&folder, &to, &bytes)).await
}

fn file_error(folder: &Path, error: &std::io::Error) -> SendError {
    let place = message!("folder", path = folder);
    SendError::Queue(DeliveryFailure { place, step: SmtpStep::File, cause: Cause::File(error.kind()) })
}

/// The same mail gets the same name: sending it again replaces it.
fn write_mail(folder: &Path, to: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let path = folder.join(file_name(to, bytes));
    whole_file::write(&path, bytes, 0o666)?;
    Ok(path)
}

/// The digest keeps apart addresses that differ only in characters no file name may hold.
fn file_name(to: &str, bytes: &[u8]) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "@._+-".contains(c) { c } else { '_' };
    let address: String = to.trim_start_matches('.').chars().take(100).map(safe).collect();
    let mut hasher = Sha256::new_with_prefix(to.as_bytes());
    hasher.update(bytes);
    let digest: String = hasher.finalize()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{address}-{digest}.eml")
}
