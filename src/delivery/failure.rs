//! Why a mail did not leave, as far as someone decides on it.

use std::time::Duration;

/// A mail that was not, or perhaps not, delivered. The texts name the server, the step and the
/// answer code; never an address, since the answer's own words often repeat it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// 4xx: this recipient alone, later.
    #[error("{0}: only this recipient is affected, try again later")]
    Temporary(Failure),
    /// 5xx: this recipient alone, for good.
    #[error("{0}: only this recipient is affected, check the address before sending again")]
    Permanent(Failure),
    /// The whole queue: no mail can leave now.
    #[error("{0}: nothing further is sent, {advice}", advice = .0.advice())]
    Queue(Failure),
    /// The answer was lost after the final dot: the server may or may not have the mail.
    #[error("{0}: the mail may have been delivered, ask the recipient before sending again")]
    Uncertain(Failure),
}

impl SendError {
    /// True when the server could not be reached or is not serving now, so that waiting may help;
    /// false when the configuration (account, certificate, sender) must be mended first.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, SendError::Queue(failure) if failure.may_pass())
    }

    /// True when the other recipients need not be tried.
    pub fn stops_queue(&self) -> bool {
        matches!(self, SendError::Queue(_))
    }

    /// Where and why it failed.
    pub fn failure(&self) -> &Failure {
        match self {
            SendError::Temporary(failure)
            | SendError::Permanent(failure)
            | SendError::Queue(failure)
            | SendError::Uncertain(failure) => failure,
        }
    }
}

/// Where and why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {cause} at {step}")]
pub struct Failure {
    /// `mail server HOST:PORT`, or the folder.
    pub place: String,
    pub step: Step,
    pub cause: Cause,
}

impl Failure {
    fn may_pass(&self) -> bool {
        match &self.cause {
            Cause::TimedOut(_) | Cause::Unreachable(_) | Cause::Lost => true,
            Cause::Answer(answer) => answer.is_temporary() || self.step == Step::Connect,
            Cause::Tls(_) | Cause::NotOffered | Cause::Malformed | Cause::Address | Cause::File(_) => false,
        }
    }

    fn advice(&self) -> &str {
        match (&self.cause, self.step) {
            _ if self.may_pass() => "try again later",
            (Cause::Tls(reason), _) => reason,
            (_, Step::StartTls) => "set smtp.security to what the server offers",
            (_, Step::Auth) => "check smtp.username and smtp.password",
            (_, Step::Mail) => "check smtp.from and whether the server wants a user name",
            (Cause::File(_), _) => "check that the folder exists and can be written",
            _ => "check smtp.host and smtp.port",
        }
    }
}

/// The steps of handing one mail over (RFC 5321, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Connection, greeting and EHLO; TLS too when it comes first.
    Connect,
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

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Step::Connect => "connect",
            Step::StartTls => "STARTTLS",
            Step::Auth => "AUTH",
            Step::Mail => "MAIL FROM",
            Step::Rcpt => "RCPT TO",
            Step::Data => "DATA",
            Step::Content => "the message text",
            Step::FinalAnswer => "the answer to the final dot",
            Step::File => "writing the file",
        })
    }
}

/// What went wrong in a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    #[error("answered {0}")]
    Answer(Answer),
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    #[error("cannot be reached ({0})")]
    Unreachable(String),
    #[error("connection lost")]
    Lost,
    /// With the remedy, which the advice passes on.
    #[error("no trusted TLS connection")]
    Tls(String),
    #[error("not offered by the server")]
    NotOffered,
    #[error("answer is not SMTP")]
    Malformed,
    #[error("the address is not a mail address in ASCII")]
    Address,
    #[error("file error ({0})")]
    File(std::io::ErrorKind),
}

/// A negative answer: the reply code (RFC 5321, section 4.2) and the enhanced one (RFC 3463), if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub code: u16,
    pub enhanced: Option<String>,
}

impl Answer {
    /// `text` is what follows the reply code; only a leading enhanced code is kept of it.
    pub fn new(code: u16, text: &str) -> Answer {
        let first = text.split_whitespace().next().unwrap_or_default();
        let numbers: Vec<&str> = first.split('.').collect();
        let is_number =
            |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let is_enhanced = numbers.len() == 3 && numbers.iter().all(is_number);
        Answer { code, enhanced: is_enhanced.then(|| first.to_string()) }
    }

    /// 4xx.
    pub fn is_temporary(&self) -> bool {
        self.code / 100 == 4
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

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.enhanced {
            Some(enhanced) => write!(f, "{} {enhanced}", self.code),
            None => write!(f, "{}", self.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_codes_and_no_words() {
        let answer = Answer::new(550, "5.1.1 <leader@example.test> unknown");
        assert_eq!(answer.to_string(), "550 5.1.1");
        assert_eq!(Answer::new(550, "leader@a.b.c unknown").to_string(), "550");
        assert_eq!(Answer::new(450, "10.0.0.1 listed").to_string(), "450");
        assert_eq!(Answer::new(421, "").to_string(), "421");
    }

    #[test]
    fn waiting_helps_only_against_what_passes() {
        let queue = |step, cause| SendError::Queue(Failure { place: "mail server h:25".into(), step, cause });
        assert!(queue(Step::Connect, Cause::Unreachable("refused".into())).is_unavailable());
        assert!(queue(Step::Connect, Cause::Answer(Answer::new(554, ""))).is_unavailable());
        assert!(queue(Step::Auth, Cause::Answer(Answer::new(454, ""))).is_unavailable());
        assert!(!queue(Step::Auth, Cause::Answer(Answer::new(535, ""))).is_unavailable());
        assert!(!queue(Step::StartTls, Cause::NotOffered).is_unavailable());
    }
}
