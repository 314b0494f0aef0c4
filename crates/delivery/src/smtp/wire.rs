//! Bytes to and from a mail server. What is read is bounded, whatever the server sends.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::reply::{KEPT, Reply, ReplyLine, answered};
use crate::failure::Cause;

/// Longest reply, in bytes. A server that sends more is not listened to any further.
const LONGEST: usize = 1024 * 1024;

/// Most lines of a reply that are kept.
const LINES: usize = 200;

/// Bytes asked for at once.
const PIECE: usize = 4 * 1024;

/// A connection, in plain text or within TLS.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection and what has been read from it, but not yet understood.
pub(super) struct SmtpWire {
    stream: Stream,
    unread: Vec<u8>,
    /// The last reply had no end, so that nothing after it can be understood.
    is_lost: bool,
}

impl SmtpWire {
    pub(super) fn new(stream: Stream) -> SmtpWire {
        SmtpWire { stream, unread: Vec::new(), is_lost: false }
    }

    /// The bare connection, to put TLS upon. Fails if the server has said more in plain text than it was asked:
    /// that would be taken for a part of the encrypted conversation.
    pub(super) fn into_plain(self) -> Result<TcpStream, Cause> {
        match self.stream {
            _ if !self.unread.is_empty() || self.is_lost => Err(Cause::Injected),
            Stream::Plain(stream) => Ok(stream),
            Stream::Tls(_) => Err(Cause::Malformed),
        }
    }

    /// Sends a command line. An answer that was there before the question cannot belong to it: it is the server's
    /// farewell, or the conversation is out of step.
    pub(super) async fn command(&mut self, line: &str) -> Result<Reply, Cause> {
        self.must_be_in_step().await?;
        self.write(format!("{line}\r\n").as_bytes()).await?;
        self.reply().await
    }

    pub(super) async fn must_be_in_step(&mut self) -> Result<(), Cause> {
        if self.is_lost {
            return Err(Cause::Malformed);
        }
        self.glance().await?;
        if self.unread.is_empty() {
            return Ok(());
        }
        let reply = self.reply().await?;
        Err(if reply.class() >= 4 { answered(&reply) } else { Cause::Malformed })
    }

    /// Returns once every byte is handed to the system.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Cause> {
        let result = match &mut self.stream {
            Stream::Plain(stream) => write(stream, bytes).await,
            Stream::Tls(stream) => write(stream.as_mut(), bytes).await,
        };
        result.map_err(|error| Cause::of_io(&error))
    }

    /// Reads one reply. A line without end counts by its code, if it has one.
    pub(super) async fn reply(&mut self) -> Result<Reply, Cause> {
        let (mut left, mut lines) = (LONGEST, Vec::new());
        loop {
            let bytes = self.line(&mut left).await?;
            let line = ReplyLine::read(&bytes).ok_or(Cause::Malformed)?;
            if lines.len() < LINES {
                lines.push(line.text.to_vec());
            }
            if line.is_last || self.is_lost {
                return Ok(Reply { code: line.code, lines });
            }
        }
    }

    /// One line without its end, cut at [`KEPT`] bytes. Once `left` bytes have been read, the line is over and the
    /// connection lost.
    async fn line(&mut self, left: &mut usize) -> Result<Vec<u8>, Cause> {
        let mut line = Vec::new();
        let mut keep = |bytes: &[u8]| {
            let room = KEPT.saturating_sub(line.len()).min(bytes.len());
            line.extend_from_slice(&bytes[..room]);
        };
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                keep(&self.unread[..end]);
                self.unread.drain(..=end);
                return Ok(line);
            }
            keep(&self.unread);
            self.unread.clear();
            if *left == 0 {
                self.is_lost = true;
                return Ok(line);
            }
            let read = self.read().await?;
            if read == 0 {
                return Err(Cause::Lost);
            }
            *left = left.saturating_sub(read);
        }
    }

    /// Appends what the server has sent; 0 at the end of the connection.
    async fn read(&mut self) -> Result<usize, Cause> {
        let mut piece = [0; PIECE];
        let result = match &mut self.stream {
            Stream::Plain(stream) => stream.read(&mut piece).await,
            Stream::Tls(stream) => stream.read(&mut piece).await,
        };
        let read = result.map_err(|error| Cause::of_io(&error))?;
        self.unread.extend_from_slice(&piece[..read]);
        Ok(read)
    }

    /// Takes what has arrived without waiting for more.
    async fn glance(&mut self) -> Result<(), Cause> {
        let mut read = std::pin::pin!(self.read());
        let ready = std::future::poll_fn(|context| std::task::Poll::Ready(read.as_mut().poll(context))).await;
        match ready {
            std::task::Poll::Ready(Ok(0)) => Err(Cause::Lost),
            std::task::Poll::Ready(Ok(_)) | std::task::Poll::Pending => Ok(()),
            std::task::Poll::Ready(Err(cause)) => Err(cause),
        }
    }
}

async fn write<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}
