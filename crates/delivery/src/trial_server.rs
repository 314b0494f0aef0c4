//! A mail server for trials: it takes every mail from this machine, keeps it as a file and passes nothing
//! on, so that a first bulletin can be sent before there is an account anywhere.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::transport;

/// A client that says nothing for so long is left.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest line of a command, in bytes (RFC 5321, section 4.5.3.1.4, with room for extensions).
const LINE: u64 = 2_000;
/// Longest mail, in bytes.
const MAIL: usize = 64 * 1024 * 1024;
/// Most recipients of a mail.
const RECIPIENTS: usize = 100;

/// A mail that was taken, for one of its recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenMail {
    /// The recipient as the envelope names it.
    pub to: String,
    /// Where the message is.
    pub file: PathBuf,
}

/// The server, not yet running.
#[derive(Debug)]
pub struct TrialServer {
    listener: TcpListener,
    folder: PathBuf,
}

impl TrialServer {
    /// Listens on a port of this machine alone; port 0 takes a free one. Mails go into `folder`.
    pub async fn bind(port: u16, folder: &Path) -> std::io::Result<TrialServer> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        Ok(TrialServer { listener, folder: folder.to_owned() })
    }

    /// The port it listens on; the system chose one where 0 was asked for.
    pub fn port(&self) -> std::io::Result<u16> {
        self.listener.local_addr().map(|address| address.port())
    }

    /// Takes mails until it is dropped; `taken` hears of each.
    pub async fn serve(self, taken: mpsc::Sender<TakenMail>) -> std::io::Result<()> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let session = TrialSession {
                folder: self.folder.clone(),
                taken: taken.clone(),
                to: Vec::new(),
                begun: false,
            };
            // A client that breaks off harms only its own mail.
            tokio::spawn(async move { session.run(stream).await });
        }
    }
}

/// One connection.
struct TrialSession {
    folder: PathBuf,
    taken: mpsc::Sender<TakenMail>,
    /// A sender has been named.
    begun: bool,
    to: Vec<String>,
}

impl TrialSession {
    async fn run(mut self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        answer(&mut stream, "220 trial mail server of tongbao").await?;
        while let Some(line) = line(&mut stream).await? {
            let upper = line.to_ascii_uppercase();
            let verb = upper.split_whitespace().next().unwrap_or_default();
            let reply = match verb {
                "EHLO" => "250-trial\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 67108864",
                "HELO" | "NOOP" => "250 OK",
                "MAIL" => self.begin(),
                "RCPT" => self.recipient(&line),
                "DATA" if self.to.is_empty() => "503 no recipient yet",
                "DATA" => {
                    answer(&mut stream, "354 end with a line that holds only a dot").await?;
                    let Some(mail) = data(&mut stream).await? else { return Ok(()) };
                    self.keep(mail).await
                }
                "RSET" => {
                    self.reset();
                    "250 OK"
                }
                "QUIT" => return answer(&mut stream, "221 bye").await,
                _ => "502 this trial server does not know that command",
            };
            answer(&mut stream, reply).await?;
        }
        Ok(())
    }

    fn begin(&mut self) -> &'static str {
        self.reset();
        self.begun = true;
        "250 OK"
    }

    fn reset(&mut self) {
        (self.begun, self.to) = (false, Vec::new());
    }

    fn recipient(&mut self, line: &str) -> &'static str {
        let address =
            line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(to, _)| to.trim());
        match address.filter(|address| !address.is_empty()) {
            _ if !self.begun => "503 no sender yet",
            _ if self.to.len() == RECIPIENTS => "452 too many recipients",
            Some(address) => {
                self.to.push(address.to_owned());
                "250 OK"
            }
            None => "501 write it as RCPT TO:<name@example.test>",
        }
    }

    /// Keeps a mail once for each recipient.
    async fn keep(&mut self, mail: ReceivedMail) -> &'static str {
        let to = std::mem::take(&mut self.to);
        self.reset();
        let ReceivedMail::Whole(bytes) = mail else { return "552 the mail is too large" };
        for to in to {
            let Ok(file) = transport::write_in_folder(&self.folder, &to, &bytes).await else {
                return "452 the mail cannot be kept";
            };
            // Nobody has to listen.
            let _ = self.taken.send(TakenMail { to, file }).await;
        }
        "250 OK, kept"
    }
}

enum ReceivedMail {
    Whole(Vec<u8>),
    TooLarge,
}

async fn answer(stream: &mut BufReader<TcpStream>, reply: &str) -> std::io::Result<()> {
    stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// A command; `None` when the client has left, is silent, or sends lines without end.
async fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut limited = stream.take(LINE);
    let reading = limited.read_until(b'\n', &mut bytes);
    let Ok(read) = tokio::time::timeout(PATIENCE, reading).await else { return Ok(None) };
    read?;
    Ok(bytes.ends_with(b"\n").then(|| String::from_utf8_lossy(&bytes).trim().to_owned()))
}

/// A mail up to the final dot, with doubled dots undone (RFC 5321, section 4.5.2); `None` when the client
/// breaks off.
async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<ReceivedMail>> {
    let (mut mail, mut is_too_large) = (Vec::new(), false);
    loop {
        let mut bytes = Vec::new();
        let mut limited = (&mut *stream).take(MAIL as u64);
        let reading = limited.read_until(b'\n', &mut bytes);
        let Ok(read) = tokio::time::timeout(PATIENCE, reading).await else { return Ok(None) };
        if read? == 0 {
            return Ok(None);
        }
        if bytes == b".\r\n" {
            return Ok(Some(if is_too_large { ReceivedMail::TooLarge } else { ReceivedMail::Whole(mail) }));
        }
        let line = bytes.strip_prefix(b".").unwrap_or(&bytes);
        is_too_large |= mail.len() + line.len() > MAIL;
        if !is_too_large {
            mail.extend_from_slice(line);
        }
    }
}
