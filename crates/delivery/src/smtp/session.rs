//! A conversation with a mail server, from the greeting to the answer to a mail.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::time::Duration;
use tongbao_message::{Worded, message};

use tokio::net::{TcpStream, lookup_host};

use super::greeting::{Offers, own_name};
use super::reply::{Reply, answered};
use super::trust::encrypt;
use super::wire::{SmtpWire, Stream};
use crate::failure::{Cause, DeliveryFailure, SmtpStep};
use crate::permit::Permit;
use tongbao_config::settings::{Smtp, SmtpSecurity};

/// Bytes written within one deadline, so that a big mail over a slow line is no failure, while a server that stops
/// reading is.
const CHUNK: usize = 32 * 1024;

/// Longest wait for the answer to QUIT: nothing depends on it.
const FAREWELL: Duration = Duration::from_secs(5);

/// A server that has greeted, with TLS and login as they are configured.
pub(super) struct SmtpSession {
    wire: SmtpWire,
    smtp: Smtp,
    pub(super) offers: Offers,
}

/// A failure of this server.
pub(super) fn failure(smtp: &Smtp, step: SmtpStep, cause: Cause) -> DeliveryFailure {
    DeliveryFailure { place: message!("mail-server", host = smtp.host, port = smtp.port), step, cause }
}

impl SmtpSession {
    /// Connects, greets, encrypts and logs in. `Err(None)` if the permit ended meanwhile.
    pub(super) async fn open(smtp: &Smtp, permit: &Permit) -> Result<SmtpSession, Option<DeliveryFailure>> {
        let failed = |step| move |cause| Some(failure(smtp, step, cause));
        let stream = connect(smtp).await.map_err(failed(SmtpStep::Connect))?;
        let stream = match smtp.security {
            SmtpSecurity::Tls => {
                let encrypted = within(smtp.timeout, encrypt(smtp, stream)).await;
                Stream::Tls(encrypted.map_err(failed(SmtpStep::Connect))?)
            }
            SmtpSecurity::StartTls | SmtpSecurity::None => Stream::Plain(stream),
        };
        let mut session =
            SmtpSession { wire: SmtpWire::new(stream), smtp: smtp.clone(), offers: Offers::default() };
        let greeting = within(smtp.timeout, session.wire.reply()).await.map_err(failed(SmtpStep::Connect))?;
        if greeting.class() != 2 {
            return Err(Some(failure(smtp, SmtpStep::Connect, answered(&greeting))));
        }
        session.greet(permit).await?;
        if smtp.security == SmtpSecurity::StartTls {
            session = session.start_tls(permit).await?;
        }
        session.log_in(permit).await?;
        Ok(session)
    }

    /// Sends a command and demands a class of answer.
    pub(super) async fn ask(
        &mut self,
        step: SmtpStep,
        command: &str,
        class: u16,
    ) -> Result<Reply, DeliveryFailure> {
        let reply = within(self.smtp.timeout, self.wire.command(command)).await;
        let reply = reply.map_err(|cause| failure(&self.smtp, step, cause))?;
        if reply.class() == class { Ok(reply) } else { Err(failure(&self.smtp, step, answered(&reply))) }
    }

    /// EHLO, or HELO for a server that refuses it.
    async fn greet(&mut self, permit: &Permit) -> Result<(), Option<DeliveryFailure>> {
        let name = own_name(self.smtp.helo.as_deref());
        must_go_on(permit)?;
        match self.ask(SmtpStep::Hello, &format!("EHLO {name}"), 2).await {
            Ok(reply) => self.offers = Offers::read(&reply),
            Err(DeliveryFailure { cause: Cause::Answer(answer), .. }) if answer.is_permanent() => {
                must_go_on(permit)?;
                self.ask(SmtpStep::Hello, &format!("HELO {name}"), 2).await?;
                self.offers = Offers::default();
            }
            Err(failure) => return Err(Some(failure)),
        }
        Ok(())
    }

    /// Begins again within TLS. Nothing that was said in plain text counts any more.
    async fn start_tls(mut self, permit: &Permit) -> Result<SmtpSession, Option<DeliveryFailure>> {
        if !self.offers.starttls {
            return Err(Some(failure(&self.smtp, SmtpStep::StartTls, Cause::NotOffered)));
        }
        must_go_on(permit)?;
        self.ask(SmtpStep::StartTls, "STARTTLS", 2).await?;
        let SmtpSession { wire, smtp, .. } = self;
        let failed = |cause| Some(failure(&smtp, SmtpStep::StartTls, cause));
        let plain = wire.into_plain().map_err(failed)?;
        let encrypted = within(smtp.timeout, encrypt(&smtp, plain)).await.map_err(failed)?;
        let mut session =
            SmtpSession { wire: SmtpWire::new(Stream::Tls(encrypted)), smtp, offers: Offers::default() };
        session.greet(permit).await?;
        Ok(session)
    }

    async fn log_in(&mut self, permit: &Permit) -> Result<(), Option<DeliveryFailure>> {
        let (Some(user), Some(password)) = (self.smtp.username.clone(), self.smtp.current_password()) else {
            return Ok(());
        };
        must_go_on(permit)?;
        let (plain, login) = (self.offers.has_auth("PLAIN"), self.offers.has_auth("LOGIN"));
        let result = match (plain, login) {
            (true, _) => self.log_in_plainly(&user, password.expose()).await,
            (false, true) => self.log_in_by_turns(&user, password.expose()).await,
            (false, false) => {
                let cause = match self.offers.auth.join(" ") {
                    none if none.is_empty() => Cause::NotOffered,
                    others => Cause::OtherLogins(others),
                };
                return Err(Some(failure(&self.smtp, SmtpStep::Auth, cause)));
            }
        };
        match result {
            // 504: this way is announced, but does not work.
            Err(DeliveryFailure { cause: Cause::Answer(answer), .. })
                if answer.code == 504 && plain && login =>
            {
                must_go_on(permit)?;
                Ok(self.log_in_by_turns(&user, password.expose()).await?)
            }
            other => Ok(other?),
        }
    }

    /// RFC 4616.
    async fn log_in_plainly(&mut self, user: &str, password: &str) -> Result<(), DeliveryFailure> {
        let secret = BASE64_STANDARD.encode(format!("\0{user}\0{password}").as_bytes());
        let reply = within(self.smtp.timeout, self.wire.command(&format!("AUTH PLAIN {secret}"))).await;
        let reply = reply.map_err(|cause| failure(&self.smtp, SmtpStep::Auth, cause))?;
        match reply.class() {
            2 => Ok(()),
            // A server that does not take the secret with the command asks for it.
            3 => self.ask(SmtpStep::Auth, &secret, 2).await.map(|_| ()),
            _ => Err(failure(&self.smtp, SmtpStep::Auth, answered(&reply))),
        }
    }

    /// The old way LOGIN: the server asks for one after the other.
    async fn log_in_by_turns(&mut self, user: &str, password: &str) -> Result<(), DeliveryFailure> {
        self.ask(SmtpStep::Auth, "AUTH LOGIN", 3).await?;
        self.ask(SmtpStep::Auth, &BASE64_STANDARD.encode(user.as_bytes()), 3).await?;
        self.ask(SmtpStep::Auth, &BASE64_STANDARD.encode(password.as_bytes()), 2).await.map(|_| ())
    }

    /// Sends the text of a mail, without the final dot. A server that breaks off may have said why.
    pub(super) async fn content(&mut self, bytes: &[u8]) -> Result<(), DeliveryFailure> {
        let stuffed = stuffed(bytes);
        for chunk in stuffed.chunks(CHUNK) {
            let written = within(self.smtp.timeout, self.wire.write(chunk)).await;
            if let Err(cause) = written {
                let parting = within(self.smtp.timeout, self.wire.must_be_in_step()).await;
                let cause =
                    if let Err(Cause::Answer(answer)) = parting { Cause::Answer(answer) } else { cause };
                return Err(failure(&self.smtp, SmtpStep::Content, cause));
            }
        }
        let in_step = within(self.smtp.timeout, self.wire.must_be_in_step()).await;
        in_step.map_err(|cause| failure(&self.smtp, SmtpStep::Content, cause))
    }

    /// Sends the final dot and waits for the answer, which takes as long as the server needs to take the mail over.
    /// Whatever fails here leaves open whether the server has the mail.
    pub(super) async fn dot(&mut self) -> Result<Reply, DeliveryFailure> {
        let wire = &mut self.wire;
        let answer = async move {
            wire.write(b".\r\n").await?;
            wire.reply().await
        };
        let answer = within(self.smtp.final_timeout.max(self.smtp.timeout), answer).await;
        answer.map_err(|cause| failure(&self.smtp, SmtpStep::FinalAnswer, cause))
    }

    pub(super) async fn quit(&mut self) {
        let _ = tokio::time::timeout(FAREWELL.min(self.smtp.timeout), self.wire.command("QUIT")).await;
    }
}

/// Each address of the server in turn, each with its own deadline.
async fn connect(smtp: &Smtp) -> Result<TcpStream, Cause> {
    let bare = smtp.host.trim_start_matches('[').trim_end_matches(']');
    let addresses = within(smtp.timeout, async {
        lookup_host((bare, smtp.port)).await.map_err(|error| Cause::Unreachable(error.message()))
    });
    let mut last = Cause::Unreachable(message!("no-address"));
    for address in addresses.await? {
        let attempt = async { TcpStream::connect(address).await.map_err(|error| Cause::of_io(&error)) };
        match within(smtp.timeout, attempt).await {
            Ok(stream) => {
                // Commands are short, and each waits for its answer.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(cause) => last = cause,
        }
    }
    Err(last)
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Cause>>) -> Result<T, Cause> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(Cause::TimedOut(limit)))
}

fn must_go_on(permit: &Permit) -> Result<(), Option<DeliveryFailure>> {
    if permit.may_go_on() { Ok(()) } else { Err(None) }
}

/// A line that begins with a dot gets another (RFC 5321, section 4.5.2), and the last line has an end.
fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.is_empty() && !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_doubled_at_the_beginning_of_lines() {
        assert_eq!(stuffed(b"a\r\n.\r\n..b\r\nc.d\r\n"), b"a\r\n..\r\n...b\r\nc.d\r\n");
        assert_eq!(stuffed(b".x"), b"..x\r\n");
        assert_eq!(stuffed(b""), b"");
    }
}
