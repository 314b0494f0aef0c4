//! The mail server: one command at a time, each with its own deadline.
//!
//! lettre's ready-made transport has no time limit on reading and answers a lost connection the same
//! way before and after the final dot; both decide what may be sent again, so its connection is
//! driven here command by command (RFC 5321, section 4.1).

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::sync::Mutex;

use super::failure::{Answer, Cause, Failure, SendError, Step};
use super::transport::Receipt;
use crate::config::settings::{Smtp, SmtpSecurity};
use crate::{fault, tls};

/// Bytes written between two looks at the clock.
const CHUNK: usize = 32 * 1024;

/// A mail server and the connection to it, opened when first needed and used for many mails.
pub struct SmtpClient {
    smtp: Smtp,
    connection: Mutex<Option<Box<AsyncSmtpConnection>>>,
}

impl std::fmt::Debug for SmtpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.smtp.fmt(f)
    }
}

impl SmtpClient {
    pub fn new(smtp: Smtp) -> SmtpClient {
        SmtpClient { smtp, connection: Mutex::new(None) }
    }

    /// Everything up to the server's 354 for one mail to one recipient.
    pub async fn open(&self, from: &str, to: &str) -> Result<Transfer<'_>, SendError> {
        let from = self.address(Step::Mail, from).map_err(SendError::Queue)?;
        let to = self.address(Step::Rcpt, to).map_err(SendError::Permanent)?;
        // Taken out while in use: if this call is dropped half-way, the connection goes with it.
        let kept = self.connection.lock().await.take();
        let mut connection = self.ready(kept.map(|kept| *kept), &from).await?;
        fault::reach("mail");
        match self.begin(&mut connection, to).await {
            Ok(()) => Ok(Transfer { client: self, connection: Box::new(connection) }),
            Err(error) => {
                self.keep(Box::new(connection), Some(&error)).await;
                Err(error)
            }
        }
    }

    /// Keeps a connection for the next mail, if it can serve one.
    async fn keep(&self, mut connection: Box<AsyncSmtpConnection>, error: Option<&SendError>) {
        if self.is_reusable(&mut connection, error).await {
            *self.connection.lock().await = Some(connection);
        }
    }

    /// Connects and logs in, and takes leave again.
    pub async fn check(&self) -> Result<(), SendError> {
        let mut connection = self.connect().await?;
        // The mail server has answered all that matters by now.
        let _ = self.within(Step::Connect, connection.quit()).await;
        Ok(())
    }

    /// Ends the connection, if there is one.
    pub async fn close(&self) {
        if let Some(mut connection) = self.connection.lock().await.take() {
            // Nothing depends on the answer to QUIT.
            let _ = self.within(Step::Connect, connection.quit()).await;
        }
    }

    /// A connection on which the sender has been named. A kept connection that has died meanwhile is
    /// replaced once: nothing has been sent on it, so nothing can be sent twice.
    async fn ready(
        &self,
        kept: Option<AsyncSmtpConnection>,
        from: &Address,
    ) -> Result<AsyncSmtpConnection, SendError> {
        if let Some(mut connection) = kept {
            match self.name_sender(&mut connection, from).await {
                Err(error) if error.is_unavailable() => {}
                other => return other.map(|()| connection),
            }
        }
        let mut connection = self.connect().await?;
        self.name_sender(&mut connection, from).await?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let tls = match self.smtp.security {
            SmtpSecurity::Tls => Some(self.tls_parameters(Step::Connect)?),
            SmtpSecurity::StartTls | SmtpSecurity::None => None,
        };
        let server = (self.smtp.host.as_str(), self.smtp.port);
        let hello = ClientId::default();
        let opening = AsyncSmtpConnection::connect_tokio1(server, Some(self.smtp.timeout), &hello, tls, None);
        let mut connection = self.within(Step::Connect, opening).await.map_err(SendError::Queue)?;
        if self.smtp.security == SmtpSecurity::StartTls {
            self.start_tls(&mut connection, &hello).await?;
        }
        self.log_in(&mut connection).await?;
        Ok(connection)
    }

    async fn start_tls(
        &self,
        connection: &mut AsyncSmtpConnection,
        hello: &ClientId,
    ) -> Result<(), SendError> {
        if !connection.can_starttls() {
            return Err(SendError::Queue(self.failure(Step::StartTls, Cause::NotOffered)));
        }
        let tls = self.tls_parameters(Step::StartTls)?;
        self.within(Step::StartTls, connection.starttls(tls, hello)).await.map_err(SendError::Queue)
    }

    async fn log_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), SendError> {
        let (Some(user), Some(password)) = (&self.smtp.username, &self.smtp.password) else { return Ok(()) };
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        if connection.server_info().get_auth_mechanism(&mechanisms).is_none() {
            return Err(SendError::Queue(self.failure(Step::Auth, Cause::NotOffered)));
        }
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        self.within(Step::Auth, connection.auth(&mechanisms, &credentials))
            .await
            .map_err(SendError::Queue)?;
        Ok(())
    }

    /// A refusal of the sender would meet every mail alike, so it stops the queue.
    async fn name_sender(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Address,
    ) -> Result<(), SendError> {
        let command = Mail::new(Some(from.clone()), vec![]);
        let answer = self.within(Step::Mail, connection.command(command)).await;
        answer.map(|_| ()).map_err(|failure| match &failure.cause {
            Cause::Answer(answer) if answer.is_temporary() && !answer.closes() => {
                SendError::Temporary(failure)
            }
            _ => SendError::Queue(failure),
        })
    }

    async fn begin(&self, connection: &mut AsyncSmtpConnection, to: Address) -> Result<(), SendError> {
        let rcpt = connection.command(Rcpt::new(to, vec![]));
        self.within(Step::Rcpt, rcpt).await.map_err(for_recipient)?;
        self.within(Step::Data, connection.command(Data)).await.map_err(for_recipient)?;
        Ok(())
    }

    /// Sends the text. The deadline runs anew with every piece written, so that a big mail over a
    /// slow line is no failure, while a server that stops reading is.
    async fn content(
        &self,
        connection: &mut AsyncSmtpConnection,
        bytes: &[u8],
    ) -> Result<Response, SendError> {
        let taken = AtomicUsize::new(0);
        let count = bytes.len().div_ceil(CHUNK);
        // The iterator is asked once more after the last piece, and only then is the dot written.
        let mut pieces = bytes.chunks(CHUNK);
        let counted = std::iter::from_fn(|| {
            taken.fetch_add(1, Ordering::Relaxed);
            pieces.next()
        });
        let mut sending = std::pin::pin!(connection.message_iter(counted));
        let result = loop {
            let before = taken.load(Ordering::Relaxed);
            match tokio::time::timeout(self.smtp.timeout, sending.as_mut()).await {
                Ok(result) => break result.map_err(|error| cause(&error)),
                Err(_) if taken.load(Ordering::Relaxed) == before => {
                    break Err(Cause::TimedOut(self.smtp.timeout));
                }
                Err(_) => {}
            }
        };
        let dotted = taken.load(Ordering::Relaxed) > count;
        result.map_err(|cause| self.content_error(dotted, cause))
    }

    fn content_error(&self, dotted: bool, cause: Cause) -> SendError {
        let failure = self.failure(if dotted { Step::FinalAnswer } else { Step::Content }, cause);
        match (&failure.cause, dotted) {
            (Cause::Answer(_), _) => for_recipient(failure),
            (_, true) => SendError::Uncertain(failure),
            (_, false) => SendError::Queue(failure),
        }
    }

    /// After a refused recipient the transaction is reset (RSET) and the connection serves the next.
    async fn is_reusable(&self, connection: &mut AsyncSmtpConnection, error: Option<&SendError>) -> bool {
        match error {
            None => true,
            Some(SendError::Temporary(_) | SendError::Permanent(_)) => {
                self.within(Step::Rcpt, connection.command(Rset)).await.is_ok()
            }
            Some(SendError::Queue(_) | SendError::Uncertain(_)) => false,
        }
    }

    async fn within<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.smtp.timeout, work).await {
            Ok(result) => result.map_err(|error| self.failure(step, cause(&error))),
            Err(_) => Err(self.failure(step, Cause::TimedOut(self.smtp.timeout))),
        }
    }

    fn tls_parameters(&self, step: Step) -> Result<TlsParameters, SendError> {
        let mut builder = TlsParameters::builder(self.smtp.host.clone());
        // Offices run authorities of their own, which are trusted beside those of the system.
        if let Some(pem) = &self.smtp.authorities {
            let roots = Certificate::from_pem(pem.as_bytes());
            builder = builder.add_root_certificate(roots.map_err(|error| self.tls_failure(step, &error))?);
        }
        builder.build().map_err(|error| self.tls_failure(step, &error))
    }

    fn tls_failure(&self, step: Step, error: &Error) -> SendError {
        SendError::Queue(self.failure(step, Cause::Tls(innermost(error))))
    }

    fn address(&self, step: Step, text: &str) -> Result<Address, Failure> {
        let address =
            text.parse::<Address>().ok().filter(|_| text.is_ascii() && !text.contains(char::is_control));
        address.ok_or_else(|| self.failure(step, Cause::Address))
    }

    fn failure(&self, step: Step, cause: Cause) -> Failure {
        Failure { place: format!("mail server {}:{}", self.smtp.host, self.smtp.port), step, cause }
    }
}

/// A mail server that has answered 354 and waits for the text of one mail. Dropping it drops the
/// connection, and no mail leaves.
pub struct Transfer<'a> {
    client: &'a SmtpClient,
    connection: Box<AsyncSmtpConnection>,
}

impl std::fmt::Debug for Transfer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.client.fmt(f)
    }
}

impl Transfer<'_> {
    /// Sends the text and its final dot. The connection stays open for the next mail.
    pub async fn hand_over(mut self, bytes: &[u8]) -> Result<Receipt, SendError> {
        let result = self.client.content(&mut self.connection, bytes).await;
        self.client.keep(self.connection, result.as_ref().err()).await;
        result.map(|answer| Receipt { detail: receipt(&answer) })
    }
}

/// Whom a failed step after MAIL concerns.
fn for_recipient(failure: Failure) -> SendError {
    match &failure.cause {
        Cause::Answer(answer) if answer.closes() || answer.wants_login() => SendError::Queue(failure),
        Cause::Answer(answer) if answer.is_temporary() => SendError::Temporary(failure),
        Cause::Answer(_) => SendError::Permanent(failure),
        _ => SendError::Queue(failure),
    }
}

/// The final answer helps to trace a mail in the server's log; an address in it is not kept.
fn receipt(answer: &Response) -> String {
    let words = answer.first_line().unwrap_or_default().split_whitespace().filter(|word| !word.contains('@'));
    let text: String = words.collect::<Vec<_>>().join(" ").chars().take(120).collect();
    format!("{} {text}", u16::from(answer.code())).trim_end().to_string()
}

fn cause(error: &Error) -> Cause {
    if let Some(code) = error.status() {
        return Cause::Answer(Answer::new(code.into(), &innermost(error)));
    }
    if let Some(reason) = tls::reason(error, "smtp") {
        return Cause::Tls(reason);
    }
    let io = sources(error).find_map(|source| source.downcast_ref::<std::io::Error>());
    match io.map(std::io::Error::kind) {
        _ if error.is_tls() => Cause::Tls(innermost(error)),
        Some(std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::BrokenPipe) => Cause::Lost,
        Some(std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::ConnectionAborted) => Cause::Lost,
        Some(_) => Cause::Unreachable(innermost(error)),
        None if innermost(error) == "incomplete response" => Cause::Lost,
        None if error.is_response() => Cause::Malformed,
        None => Cause::Unreachable(innermost(error)),
    }
}

/// The error's causes, outermost first.
fn sources(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |source| source.source())
}

fn innermost(error: &Error) -> String {
    sources(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}
