//! The mail server: one command at a time, each with its own deadline (RFC 5321).
//!
//! The client is this program's own, because each of these decides what may be sent again: a deadline for every
//! step, an answer lost before or after the final dot, replies that are read for their three digits whatever
//! their text, bounds on what is read, and nothing from before STARTTLS that counts after it.

mod greeting;
mod reply;
mod session;
mod trust;
mod wire;

use tokio::sync::Mutex;

use super::failure::{Cause, DeliveryFailure, SendError, SmtpStep};
use super::permit::Permit;
use super::transport::Receipt;
use reply::Reply;
use session::SmtpSession;
use tongbao_config::address_is_valid;
use tongbao_config::settings::Smtp;
use tongbao_host::fault;

/// A mail server and the connection to it, opened when first needed and used for many mails.
pub struct SmtpClient {
    smtp: Box<Smtp>,
    connection: Mutex<Option<Box<SmtpSession>>>,
}

impl std::fmt::Debug for SmtpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.smtp.fmt(f)
    }
}

/// One mail that is to be opened: bare addresses, and how many bytes it has.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// `MAIL FROM`, without angle brackets.
    pub from: &'a str,
    /// `RCPT TO`, without angle brackets.
    pub to: &'a str,
    /// Bytes of the message, for the `SIZE` parameter (RFC 1870).
    pub size: usize,
}

impl SmtpClient {
    /// Connects with the first mail.
    pub fn new(smtp: Smtp) -> SmtpClient {
        SmtpClient { smtp: Box::new(smtp), connection: Mutex::new(None) }
    }

    /// Everything up to the server's 354 for one mail to one recipient.
    pub async fn open(&self, envelope: Envelope<'_>, permit: &Permit) -> Result<Transfer<'_>, SendError> {
        self.must_be_address(SmtpStep::Mail, envelope.from).map_err(SendError::Queue)?;
        self.must_be_address(SmtpStep::Rcpt, envelope.to).map_err(SendError::Permanent)?;
        // Taken out while in use: if this call is dropped half-way, the connection goes with it.
        let kept = self.connection.lock().await.take();
        let mut session = self.ready(kept, envelope, permit).await?;
        fault::reach("mail");
        match self.begin(&mut session, envelope, permit).await {
            Ok(()) => Ok(Transfer { client: self, session }),
            Err(error) => {
                self.keep(session, Some(&error), permit).await;
                Err(error)
            }
        }
    }

    /// Keeps a connection for the next mail, if it can serve one.
    async fn keep(&self, mut session: Box<SmtpSession>, error: Option<&SendError>, permit: &Permit) {
        let is_reusable = match error {
            None => true,
            // After a refusal the transaction is reset and the connection serves the next.
            Some(SendError::Temporary(_) | SendError::Permanent(_)) if permit.may_go_on() => {
                session.ask(SmtpStep::Rcpt, "RSET", 2).await.is_ok()
            }
            Some(_) => false,
        };
        if is_reusable {
            *self.connection.lock().await = Some(session);
        }
    }

    /// Connects and logs in, and takes leave again.
    pub async fn check(&self) -> Result<(), SendError> {
        let mut session = self.connect(&Permit::unlimited()).await?;
        session.quit().await;
        Ok(())
    }

    /// Ends the connection, if there is one.
    pub async fn close(&self) {
        if let Some(mut session) = self.connection.lock().await.take() {
            session.quit().await;
        }
    }

    /// A connection on which the sender has been named. A kept connection that has died meanwhile is
    /// replaced once: nothing has been sent on it, so nothing can be sent twice.
    async fn ready(
        &self,
        kept: Option<Box<SmtpSession>>,
        envelope: Envelope<'_>,
        permit: &Permit,
    ) -> Result<Box<SmtpSession>, SendError> {
        if let Some(mut session) = kept {
            match self.name_sender(&mut session, envelope, permit).await {
                Err(error) if error.is_unavailable() => {}
                Err(error) => {
                    self.keep(session, Some(&error), permit).await;
                    return Err(error);
                }
                Ok(()) => return Ok(session),
            }
        }
        let mut session = Box::new(self.connect(permit).await?);
        match self.name_sender(&mut session, envelope, permit).await {
            Ok(()) => Ok(session),
            Err(error) => {
                self.keep(session, Some(&error), permit).await;
                Err(error)
            }
        }
    }

    async fn connect(&self, permit: &Permit) -> Result<SmtpSession, SendError> {
        must_go_on(permit)?;
        SmtpSession::open(&self.smtp, permit).await.map_err(|failure| match failure {
            Some(failure) => SendError::Queue(failure),
            None => SendError::Revoked,
        })
    }

    /// A refusal of the sender would meet every mail alike, so it stops the queue.
    async fn name_sender(
        &self,
        session: &mut SmtpSession,
        envelope: Envelope<'_>,
        permit: &Permit,
    ) -> Result<(), SendError> {
        must_go_on(permit)?;
        let command = match session.offers.size {
            Some(limit) if envelope.size as u64 > limit => {
                let cause = Cause::TooLarge { size: envelope.size as u64, limit };
                return Err(SendError::Permanent(self.failure(SmtpStep::Mail, cause)));
            }
            Some(_) => format!("MAIL FROM:<{}> SIZE={}", envelope.from, envelope.size),
            None => format!("MAIL FROM:<{}>", envelope.from),
        };
        let answer = session.ask(SmtpStep::Mail, &command, 2).await;
        answer.map(|_| ()).map_err(|failure| match &failure.cause {
            Cause::Answer(answer) if answer.is_temporary() && !answer.closes() => {
                SendError::Temporary(failure)
            }
            _ => SendError::Queue(failure),
        })
    }

    async fn begin(
        &self,
        session: &mut SmtpSession,
        envelope: Envelope<'_>,
        permit: &Permit,
    ) -> Result<(), SendError> {
        must_go_on(permit)?;
        session.ask(SmtpStep::Rcpt, &format!("RCPT TO:<{}>", envelope.to), 2).await.map_err(for_recipient)?;
        must_go_on(permit)?;
        session.ask(SmtpStep::Data, "DATA", 3).await.map_err(for_recipient)?;
        Ok(())
    }

    fn must_be_address(&self, step: SmtpStep, text: &str) -> Result<(), DeliveryFailure> {
        address_is_valid(text).map_err(|_| self.failure(step, Cause::Address))
    }

    fn failure(&self, step: SmtpStep, cause: Cause) -> DeliveryFailure {
        session::failure(&self.smtp, step, cause)
    }
}

/// A mail server that has answered 354 and waits for the text of one mail. Dropping it drops the
/// connection, and no mail leaves.
pub struct Transfer<'a> {
    client: &'a SmtpClient,
    session: Box<SmtpSession>,
}

impl std::fmt::Debug for Transfer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.client.fmt(f)
    }
}

impl Transfer<'_> {
    /// Sends the text and its final dot. The connection stays open for the next mail.
    pub async fn hand_over(mut self, bytes: &[u8], permit: &Permit) -> Result<Receipt, SendError> {
        let result = self.text(bytes, permit).await;
        self.client.keep(self.session, result.as_ref().err(), permit).await;
        result.map(|answer| Receipt { detail: receipt(&answer) })
    }

    async fn text(&mut self, bytes: &[u8], permit: &Permit) -> Result<Reply, SendError> {
        must_go_on(permit)?;
        self.session.content(bytes).await.map_err(for_recipient)?;
        // Until the dot the server has no mail; a daemon that has lost the lease leaves it so.
        must_go_on(permit)?;
        let reply = self.session.dot().await.map_err(SendError::Uncertain)?;
        match reply.class() {
            2 => Ok(reply),
            4 | 5 => {
                let answer = reply::answered(&reply);
                Err(for_recipient(self.client.failure(SmtpStep::FinalAnswer, answer)))
            }
            _ => {
                let odd = reply::answered(&reply);
                Err(SendError::Uncertain(self.client.failure(SmtpStep::FinalAnswer, odd)))
            }
        }
    }
}

fn must_go_on(permit: &Permit) -> Result<(), SendError> {
    if permit.may_go_on() { Ok(()) } else { Err(SendError::Revoked) }
}

/// Whether a failed step after MAIL concerns the recipient or every mail, as far as this mail alone shows.
fn for_recipient(failure: DeliveryFailure) -> SendError {
    match &failure.cause {
        Cause::Answer(answer) if answer.closes() || answer.wants_login() => SendError::Queue(failure),
        Cause::Answer(answer) if answer.is_temporary() => SendError::Temporary(failure),
        Cause::Answer(answer) if answer.is_permanent() => SendError::Permanent(failure),
        _ => SendError::Queue(failure),
    }
}

/// The final answer helps to trace a mail in the server's log.
fn receipt(answer: &Reply) -> String {
    format!("{} {}", answer.code, answer.text()).trim_end().to_string()
}
