//! A mail server that says exactly what a test wants, byte by byte, and counts what it has taken.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tongbao::config::settings::{Smtp, SmtpSecurity, Uncertain};

/// What the server answers to a line; "" is the greeting, "." the end of a mail. `None` closes the connection.
pub type Script = dyn FnMut(&str) -> Option<Vec<u8>> + Send;

pub struct RawServer {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    mails: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Bytes written to clients, also those of an answer without end.
    pub written: Arc<AtomicU64>,
}

/// Marks an answer that is to be repeated until the client has had enough.
pub const ENDLESS: &[u8] = b"\0endless\0";

impl RawServer {
    /// Answers each connection by a script of its own.
    pub fn conversing(script: impl Fn() -> Box<Script> + Send + Sync + 'static) -> RawServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = RawServer {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
            mails: Arc::default(),
            written: Arc::default(),
        };
        let seen = server.seen.clone();
        let (mails, written) = (server.mails.clone(), server.written.clone());
        // The threads end with the clients, and the listener with the test program.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, seen) = (script(), seen.clone());
                let (mails, written) = (mails.clone(), written.clone());
                std::thread::spawn(move || {
                    let _ = converse(stream, script, &seen, &mails, &written);
                });
            }
        });
        server
    }

    /// Polite, but for the answers that `odd` gives.
    pub fn odd(odd: impl Fn(&str) -> Option<&'static [u8]> + Send + Sync + 'static) -> RawServer {
        let odd = Arc::new(odd);
        RawServer::conversing(move || {
            let odd = odd.clone();
            Box::new(move |line: &str| odd(line).map(<[u8]>::to_vec).or_else(|| polite(line)))
        })
    }

    pub fn settings(&self) -> Smtp {
        Smtp {
            host: "127.0.0.1".into(),
            port: self.port,
            security: SmtpSecurity::None,
            from: "bulletin@example.test".into(),
            username: None,
            password: None,
            password_file: None,
            authorities: None,
            helo: Some("office.example.test".into()),
            timeout: Duration::from_secs(20),
            final_timeout: Duration::from_secs(20),
            give_up_after: jiff::SignedDuration::from_hours(48),
            uncertain: Uncertain::Hold,
        }
    }

    /// Command lines so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Mails whose final dot has arrived, whatever the answer was.
    pub fn mails(&self) -> Vec<Vec<u8>> {
        self.mails.lock().unwrap().clone()
    }
}

/// What an ordinary server answers.
pub fn polite(line: &str) -> Option<Vec<u8>> {
    let answer: &[u8] = match line.split([' ', ':']).next().unwrap_or_default() {
        "" => b"220 mail.example.test ESMTP\r\n",
        "EHLO" => b"250-mail.example.test\r\n250 8BITMIME\r\n",
        "DATA" => b"354 go\r\n",
        "QUIT" => b"221 bye\r\n",
        "." => b"250 2.0.0 queued as 42\r\n",
        _ => b"250 ok\r\n",
    };
    Some(answer.to_vec())
}

fn converse(
    mut stream: TcpStream,
    mut script: Box<Script>,
    seen: &Mutex<Vec<String>>,
    mails: &Mutex<Vec<Vec<u8>>>,
    written: &AtomicU64,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    loop {
        let Some(answer) = script(&line) else { return Ok(()) };
        say(&mut stream, &answer, written)?;
        if line == "DATA" && answer.starts_with(b"3") {
            let Some(mail) = text(&mut lines)? else { return Ok(()) };
            mails.lock().unwrap().push(mail);
            line = ".".into();
            continue;
        }
        let mut bytes = Vec::new();
        if lines.by_ref().take(100_000).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        seen.lock().unwrap().push(line.clone());
    }
}

fn say(stream: &mut TcpStream, answer: &[u8], written: &AtomicU64) -> std::io::Result<()> {
    let (piece, is_endless) = match answer.strip_suffix(ENDLESS) {
        Some(piece) => (piece, true),
        None => (answer, false),
    };
    loop {
        stream.write_all(piece)?;
        if written.fetch_add(piece.len() as u64, Ordering::SeqCst) > 200_000_000 || !is_endless {
            return Ok(());
        }
    }
}

/// The text of a mail up to its final dot; `None` if the client went away before.
fn text(lines: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut mail = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line == b".\r\n" {
            return Ok(Some(mail));
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
