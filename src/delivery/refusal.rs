//! Whom a refusal concerns: one recipient, or every mail of this sender.
//!
//! One odd address must not stop the others, and a fault of sender, account or policy must not use up the whole
//! list. What the code leaves open is decided by how the others fare.

use super::failure::{Answer, Cause, Failure, SendError, Step};

/// So many recipients refused alike, and no other served meanwhile, are a fault of the sender.
const ALIKE: usize = 3;
/// The same for answers that speak of policy, content or the server as a whole.
const UNCLEAR_ALIKE: usize = 2;

/// Whom a refusal (5xx) concerns, by its code alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concerns {
    /// This mailbox.
    Recipient,
    /// The sender, its greeting, account or quota: every mail alike.
    Sender,
    /// Policy, content, or the server as a whole: perhaps every mail.
    Unclear,
}

/// Judges by step, code and enhanced code (RFC 5321, 4.2; RFC 3463, 3; RFC 7505; RFC 7372).
pub fn concerns(failure: &Failure) -> Concerns {
    let Cause::Answer(answer) = &failure.cause else {
        return match failure.cause {
            Cause::TooLarge { .. } => Concerns::Unclear,
            _ => Concerns::Recipient,
        };
    };
    match subject(answer) {
        Some((1, 7 | 8)) => Concerns::Sender,
        // Unknown or full mailboxes, and domains that take no mail.
        Some((1 | 2, _)) | Some((4, 1)) => Concerns::Recipient,
        Some((5, _)) => Concerns::Sender,
        Some((3 | 4 | 6 | 7, _)) => Concerns::Unclear,
        Some(_) | None => match (answer.code, failure.step) {
            (500 | 502..=504, _) => Concerns::Sender,
            (550 | 551 | 553 | 556 | 501 | 552, Step::Rcpt) => Concerns::Recipient,
            _ => Concerns::Unclear,
        },
    }
}

/// Subject and detail of an enhanced code.
fn subject(answer: &Answer) -> Option<(u16, u16)> {
    let mut numbers = answer.enhanced.as_ref()?.split('.').skip(1).map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// A mail that was refused, until it is known whom the refusal concerns.
#[derive(Debug, Clone)]
pub struct Suspect<T> {
    pub mail: T,
    address: String,
    pub failure: Failure,
}

/// The refusals of one dispatch.
#[derive(Debug)]
pub struct Refusals<T> {
    suspects: Vec<Suspect<T>>,
    has_served: bool,
}

/// What a refusal, or the end of a dispatch, has made clear.
#[derive(Debug)]
pub struct Judgement<T> {
    /// Refused for themselves.
    pub dead: Vec<Suspect<T>>,
    /// What stops the queue.
    pub stop: Option<SendError>,
    /// Refused together: they are to be tried together, so that the next test judges them together.
    pub together: Vec<Suspect<T>>,
}

impl<T> Default for Refusals<T> {
    fn default() -> Refusals<T> {
        Refusals { suspects: Vec::new(), has_served: false }
    }
}

impl<T> Refusals<T> {
    /// A mail was refused for good.
    pub fn refused(&mut self, mail: T, address: &str, failure: Failure) -> Judgement<T> {
        let kind = concerns(&failure);
        if kind == Concerns::Sender {
            let together = std::mem::take(&mut self.suspects);
            return Judgement { dead: Vec::new(), stop: Some(SendError::Queue(failure)), together };
        }
        let suspect = Suspect { mail, address: address.to_ascii_lowercase(), failure: failure.clone() };
        // Where others were served, an unknown mailbox is just that.
        if kind == Concerns::Recipient && self.has_served {
            return Judgement { dead: vec![suspect], stop: None, together: Vec::new() };
        }
        self.suspects.push(suspect);
        let limit = if kind == Concerns::Unclear { UNCLEAR_ALIKE } else { ALIKE };
        let stop = (self.alike(&failure) >= limit).then_some(SendError::Queue(failure));
        let together = if stop.is_some() { std::mem::take(&mut self.suspects) } else { Vec::new() };
        Judgement { dead: Vec::new(), stop, together }
    }

    /// A mail was taken: those refused before it were refused for themselves.
    pub fn served(&mut self) -> Vec<Suspect<T>> {
        self.has_served = true;
        std::mem::take(&mut self.suspects)
    }

    /// Nothing is left to try. A single mail is refused for itself if others were served or the mailbox is unknown;
    /// whatever else may concern everybody stops the queue until another mail has shown that it does not.
    pub fn end(self) -> Judgement<T> {
        let is_dead = |suspect: &Suspect<T>| {
            let is_known = self.has_served || concerns(&suspect.failure) == Concerns::Recipient;
            is_known && self.alike(&suspect.failure) == 1
        };
        let stop = self.suspects.iter().find(|suspect| !is_dead(suspect));
        let stop = stop.map(|suspect| SendError::Queue(suspect.failure.clone()));
        let verdicts: Vec<bool> = self.suspects.iter().map(is_dead).collect();
        let (mut dead, mut together) = (Vec::new(), Vec::new());
        for (suspect, is_dead) in self.suspects.into_iter().zip(verdicts) {
            if is_dead { dead.push(suspect) } else { together.push(suspect) }
        }
        Judgement { dead, stop, together }
    }

    /// The queue has stopped for another reason: whom the refusals concern stays open.
    pub fn give_back(self) -> Judgement<T> {
        Judgement { dead: Vec::new(), stop: None, together: self.suspects }
    }

    /// How many addresses were refused like this, all in a row.
    fn alike(&self, failure: &Failure) -> usize {
        let same = self.suspects.iter().filter(|suspect| key(&suspect.failure) == key(failure));
        let addresses: std::collections::BTreeSet<&str> =
            same.map(|suspect| suspect.address.as_str()).collect();
        addresses.len()
    }
}

/// Step, code and enhanced code: the words often name the recipient.
fn key(failure: &Failure) -> (Step, Option<(u16, Option<&str>)>) {
    let answer = match &failure.cause {
        Cause::Answer(answer) => Some((answer.code, answer.enhanced.as_deref())),
        _ => None,
    };
    (failure.step, answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(step: Step, code: u16, text: &str) -> Failure {
        Failure { place: "mail server h:25".into(), step, cause: Cause::Answer(Answer::new(code, text)) }
    }

    #[test]
    fn codes_tell_mailboxes_from_senders() {
        use Concerns::{Recipient, Sender, Unclear};
        for (step, code, text, expected) in [
            (Step::Rcpt, 550, "5.1.1 user unknown", Recipient),
            (Step::Rcpt, 550, "no such user", Recipient),
            (Step::Rcpt, 550, "5.4.1 Recipient address rejected", Recipient),
            (Step::Rcpt, 552, "5.2.2 mailbox full", Recipient),
            (Step::Rcpt, 556, "5.1.10 null MX", Recipient),
            (Step::Rcpt, 501, "5.1.3 bad address syntax", Recipient),
            (Step::FinalAnswer, 550, "5.2.1 mailbox disabled", Recipient),
            (Step::Rcpt, 553, "5.7.1 Sender address rejected", Unclear),
            (Step::Rcpt, 554, "5.7.1 Client host rejected", Unclear),
            (Step::Rcpt, 554, "Client host rejected", Unclear),
            (Step::Rcpt, 504, "5.5.2 Helo command rejected", Sender),
            (Step::Rcpt, 504, "Helo command rejected", Sender),
            (Step::Rcpt, 550, "5.1.8 sender's domain unknown", Sender),
            (Step::FinalAnswer, 550, "5.7.60 not allowed to send as this sender", Unclear),
            (Step::FinalAnswer, 554, "spam", Unclear),
            (Step::FinalAnswer, 552, "5.3.4 message too big", Unclear),
            (Step::Data, 503, "need RCPT", Sender),
        ] {
            assert_eq!(concerns(&failure(step, code, text)), expected, "{code} {text}");
        }
    }

    #[test]
    fn one_unknown_mailbox_is_dead_and_no_one_else() {
        let mut refusals = Refusals::default();
        let unknown = failure(Step::Rcpt, 550, "5.1.1 unknown");
        assert!(refusals.refused(1, "a@x.test", unknown.clone()).stop.is_none());
        assert_eq!(refusals.served().len(), 1);
        assert_eq!(refusals.refused(2, "b@x.test", unknown.clone()).dead.len(), 1);
        let end = refusals.end();
        assert!(end.dead.is_empty() && end.stop.is_none());
        let mut alone = Refusals::default();
        alone.refused(1, "a@x.test", unknown.clone());
        let end = alone.end();
        assert!(end.dead.len() == 1 && end.stop.is_none());
        // Two in a row and nobody served: that is no fault of two mailboxes.
        let mut both = Refusals::default();
        both.refused(1, "a@x.test", unknown.clone());
        both.refused(2, "b@x.test", unknown);
        let end = both.end();
        assert!(end.dead.is_empty() && end.stop.is_some());
    }

    #[test]
    fn what_meets_every_mail_stops_the_queue() {
        let policy = failure(Step::Rcpt, 554, "5.7.1 <a@x.test>: Sender address rejected");
        let mut refusals = Refusals::default();
        assert!(refusals.refused(1, "a@x.test", policy.clone()).stop.is_none());
        // The same address again proves nothing.
        assert!(refusals.refused(2, "A@x.test", policy.clone()).stop.is_none());
        let stop = refusals.refused(3, "b@x.test", policy.clone()).stop.unwrap();
        assert!(stop.stops_queue() && !stop.is_unavailable());
        let mut alone = Refusals::default();
        alone.refused(1, "a@x.test", policy.clone());
        assert!(alone.end().stop.is_some(), "until another mail shows that others pass");
        let mut odd = Refusals::default();
        odd.refused(1, "a@x.test", policy.clone());
        assert_eq!(odd.served().len(), 1);
        // Others were served before: a quota may have run out, if it meets more than one.
        assert!(odd.refused(2, "b@x.test", policy.clone()).stop.is_none());
        assert!(odd.refused(3, "c@x.test", policy).stop.is_some());
        let helo = failure(Step::Rcpt, 504, "5.5.2 Helo command rejected");
        assert!(Refusals::default().refused(1, "a@x.test", helo).stop.is_some());
    }
}
