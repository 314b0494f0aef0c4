//! Why a mail did not leave, as far as someone decides on it.

use std::time::Duration;

use super::refusal::{Concerns, concerns};
use tongbao_message::{Message, Worded, message};

/// A mail that was not, or perhaps not, delivered. The texts name the server, the step, the answer code and the
/// server's words, without the addresses that these often repeat.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub enum SendError {
    /// 4xx: this recipient alone, later.
    Temporary(DeliveryFailure),
    /// 5xx: this recipient alone, for good.
    #[message(advice = _0.advice_for_one())]
    Permanent(DeliveryFailure),
    /// The whole queue: no mail can leave now.
    #[message(advice = _0.advice())]
    Queue(DeliveryFailure),
    /// The answer was lost after the final dot: the server may or may not have the mail.
    Uncertain(DeliveryFailure),
    /// The sender has lost its lease: the mail is another sender's now, and nothing of it has left.
    Revoked,
}

impl SendError {
    /// True when the server could not be reached or is not serving now, so that waiting may help;
    /// false when a person has to correct something first (account, certificate, sender).
    pub fn is_unavailable(&self) -> bool {
        matches!(self, SendError::Queue(failure) if failure.may_pass())
    }

    /// True when the other recipients need not be tried.
    pub fn stops_queue(&self) -> bool {
        matches!(self, SendError::Queue(_) | SendError::Revoked)
    }

    /// True when the server has refused the account: servers lock accounts that try too often.
    pub fn is_login(&self) -> bool {
        match self {
            SendError::Queue(DeliveryFailure { step: SmtpStep::Auth, .. }) => true,
            SendError::Queue(DeliveryFailure { cause: Cause::Answer(answer), .. }) => answer.wants_login(),
            _ => false,
        }
    }

    /// Where and why it failed, if the server had a part in it.
    pub fn failure(&self) -> Option<&DeliveryFailure> {
        match self {
            SendError::Temporary(failure)
            | SendError::Permanent(failure)
            | SendError::Queue(failure)
            | SendError::Uncertain(failure) => Some(failure),
            SendError::Revoked => None,
        }
    }
}

/// Where and why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub struct DeliveryFailure {
    /// `mail server HOST:PORT`, or the folder.
    pub place: Message,
    pub step: SmtpStep,
    pub cause: Cause,
}

impl DeliveryFailure {
    fn may_pass(&self) -> bool {
        match &self.cause {
            Cause::TimedOut(_) | Cause::Unreachable(_) | Cause::Lost => true,
            Cause::Answer(answer) => answer.is_temporary(),
            Cause::Tls(_) | Cause::NotOffered | Cause::OtherLogins(_) | Cause::Injected => false,
            Cause::TooLarge { .. } | Cause::Malformed | Cause::Address | Cause::File(_) => false,
        }
    }

    fn advice_for_one(&self) -> Message {
        match (&self.cause, concerns(self)) {
            (Cause::TooLarge { .. }, _) => self.advice(),
            (_, Concerns::Recipient) => message!("check-the-address-before-sending-again"),
            (_, Concerns::Sender | Concerns::Unclear) => message!("ask-the-servers-operator-before-sending"),
        }
    }

    fn advice(&self) -> Message {
        match (&self.cause, self.step) {
            _ if self.may_pass() => message!("try-again-later"),
            (Cause::Tls(reason), _) => reason.clone(),
            (Cause::TooLarge { .. }, _) => {
                message!("attach-less-reports-name-attach-or")
            }
            (Cause::Injected, _) => message!("something-on-the-way-writes-into"),
            (Cause::OtherLogins(_), _) => message!("have-plain-or-login-switched-on"),
            (Cause::Answer(_), SmtpStep::Connect) => message!("the-server-refuses-this-machine-ask"),
            (Cause::Answer(_), SmtpStep::Hello) => {
                message!("set-smtp-helo-to-a-name")
            }
            (_, SmtpStep::StartTls) => message!("set-smtp-security"),
            (_, SmtpStep::Auth) => message!("check-smtp-username-and-smtp-password"),
            (_, SmtpStep::Mail) => message!("check-smtp-from-and-whether-the"),
            (Cause::File(_), _) => message!("check-that-the-folder-exists-and"),
            (
                Cause::Answer(_),
                SmtpStep::Rcpt | SmtpStep::Data | SmtpStep::Content | SmtpStep::FinalAnswer,
            ) => {
                message!("the-server-refuses-every-mail-alike")
            }
            _ => message!("check-smtp-host-and-smtp-port"),
        }
    }
}

/// The steps of handing one mail over (RFC 5321, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Worded)]
pub enum SmtpStep {
    /// Connection and greeting; TLS too when it comes first.
    Connect,
    /// EHLO, or HELO.
    Hello,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The text of the mail, before its final dot.
    Content,
    /// The answer to the final dot.
    FinalAnswer,
    /// Writing the mail as a file.
    File,
}

/// What went wrong in a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub enum Cause {
    Answer(BadReply),
    #[message(time = format!("{_0:?}"))]
    TimedOut(Duration),
    Unreachable(Message),
    Lost,
    /// With the remedy, which the advice passes on.
    Tls(Message),
    NotOffered,
    OtherLogins(String),
    Injected,
    TooLarge {
        size: u64,
        limit: u64,
    },
    Malformed,
    Address,
    File(std::io::ErrorKind),
}

impl Cause {
    /// What the connection ended with.
    pub(super) fn of_io(error: &std::io::Error) -> Cause {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof};
        match error.kind() {
            UnexpectedEof | BrokenPipe | ConnectionReset | ConnectionAborted | TimedOut => Cause::Lost,
            _ => Cause::Unreachable(error.message()),
        }
    }
}

/// An answer that was not hoped for: the reply code (RFC 5321, section 4.2), the enhanced one (RFC 3463), if any,
/// and the server's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadReply {
    pub code: u16,
    pub enhanced: Option<String>,
    pub words: String,
}

impl BadReply {
    /// `text` is what follows the reply code, made harmless and without addresses.
    pub fn new(code: u16, text: &str) -> BadReply {
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        let numbers: Vec<&str> = first.split('.').collect();
        let is_number =
            |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let is_enhanced = numbers.len() == 3 && numbers.iter().all(is_number);
        let (enhanced, words) = if is_enhanced { (Some(first.to_string()), rest) } else { (None, text) };
        BadReply { code, enhanced, words: words.trim().to_string() }
    }

    /// 4xx.
    pub fn is_temporary(&self) -> bool {
        self.code / 100 == 4
    }

    /// 5xx.
    pub fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    /// 421: the server closes the whole connection, whatever the step (RFC 5321, section 3.8).
    pub fn closes(&self) -> bool {
        self.code == 421
    }

    /// 530, 534, 535, 538: the server wants other credentials or encryption (RFC 4954, section 6).
    pub fn wants_login(&self) -> bool {
        matches!(self.code, 530 | 534 | 535 | 538)
    }
}

impl std::fmt::Display for BadReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = &self.enhanced {
            write!(f, " {enhanced}")?;
        }
        if !self.words.is_empty() {
            write!(f, " ({})", self.words)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_codes_and_words() {
        assert_eq!(BadReply::new(550, "5.1.1 unknown").to_string(), "550 5.1.1 (unknown)");
        assert_eq!(BadReply::new(550, "5.7.60").to_string(), "550 5.7.60");
        assert_eq!(BadReply::new(450, "10.0.0.1 listed").to_string(), "450 (10.0.0.1 listed)");
        assert_eq!(BadReply::new(421, "").to_string(), "421");
    }

    #[test]
    fn waiting_helps_only_against_what_passes() {
        let queue =
            |step, cause| SendError::Queue(DeliveryFailure { place: "mail server h:25".into(), step, cause });
        assert!(queue(SmtpStep::Connect, Cause::Unreachable("refused".into())).is_unavailable());
        assert!(queue(SmtpStep::Connect, Cause::Answer(BadReply::new(421, ""))).is_unavailable());
        assert!(!queue(SmtpStep::Connect, Cause::Answer(BadReply::new(554, ""))).is_unavailable());
        assert!(queue(SmtpStep::Auth, Cause::Answer(BadReply::new(454, ""))).is_unavailable());
        let locked = queue(SmtpStep::Auth, Cause::Answer(BadReply::new(535, "")));
        assert!(!locked.is_unavailable() && locked.is_login());
        assert!(!queue(SmtpStep::StartTls, Cause::NotOffered).is_unavailable());
    }
}
