//! Whom a refusal concerns: one recipient, or every mail of this sender.
//!
//! One odd address must not stop the others, and a fault of sender, account or policy must not use up the whole
//! list. What the code leaves open is decided by how the others fare, also those of the dispatches before: a mail
//! that was refused alone is given up, and the alert about it shows whether others pass.

use super::failure::{BadReply, Cause, DeliveryFailure, SendError, SmtpStep};

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
pub fn concerns(failure: &DeliveryFailure) -> Concerns {
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
            (550 | 551 | 553 | 556 | 501 | 552, SmtpStep::Rcpt) => Concerns::Recipient,
            _ => Concerns::Unclear,
        },
    }
}

/// Subject and detail of an enhanced code.
fn subject(answer: &BadReply) -> Option<(u16, u16)> {
    let mut numbers = answer.enhanced.as_ref()?.split('.').skip(1).map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// A mail that was refused, until it is known whom the refusal concerns.
#[derive(Debug, Clone)]
pub struct Suspect<T> {
    /// What the caller goes by: a row of the outbox.
    pub mail: T,
    address: String,
    /// What the server answered.
    pub failure: DeliveryFailure,
}

/// The refusals of one dispatch, and the lone ones before it.
#[derive(Debug)]
pub struct Refusals<T> {
    suspects: Vec<Suspect<T>>,
    /// Given up alone in earlier dispatches, since which nobody has been served.
    alone: Vec<Suspect<T>>,
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
    /// Given up alone earlier, and wrongly: others are refused alike.
    pub revived: Vec<Suspect<T>>,
}

impl<T> Default for Judgement<T> {
    fn default() -> Judgement<T> {
        Judgement { dead: Vec::new(), stop: None, together: Vec::new(), revived: Vec::new() }
    }
}

impl<T> Default for Refusals<T> {
    fn default() -> Refusals<T> {
        Refusals::after(Vec::new())
    }
}

impl<T> Refusals<T> {
    /// `alone` is what [`Refusals::alone`] has said of the dispatch before.
    pub fn after(alone: Vec<Suspect<T>>) -> Refusals<T> {
        Refusals { suspects: Vec::new(), alone, has_served: false }
    }

    /// A mail was refused for good.
    pub fn refused(&mut self, mail: T, address: &str, failure: DeliveryFailure) -> Judgement<T> {
        let kind = concerns(&failure);
        if kind == Concerns::Sender {
            return self.stop(failure);
        }
        let suspect = Suspect { mail, address: address.to_ascii_lowercase(), failure: failure.clone() };
        // Where others were served, an unknown mailbox is just that.
        if kind == Concerns::Recipient && self.has_served {
            return Judgement { dead: vec![suspect], ..Judgement::default() };
        }
        self.suspects.push(suspect);
        let limit = if kind == Concerns::Unclear { UNCLEAR_ALIKE } else { ALIKE };
        if self.alike(&failure) >= limit { self.stop(failure) } else { Judgement::default() }
    }

    /// A mail was taken: those refused before it were refused for themselves.
    pub fn served(&mut self) -> Vec<Suspect<T>> {
        self.has_served = true;
        self.alone.clear();
        std::mem::take(&mut self.suspects)
    }

    /// Nothing is left to try. What was refused like no other is given up: if it concerns everybody, the alert
    /// about it is refused alike. What was refused like another stops the queue.
    pub fn end(&mut self) -> Judgement<T>
    where
        T: Clone,
    {
        let is_shared = |suspect: &&Suspect<T>| self.alike(&suspect.failure) > 1;
        if let Some(shared) = self.suspects.iter().find(is_shared) {
            let failure = shared.failure.clone();
            return self.stop(failure);
        }
        let dead = std::mem::take(&mut self.suspects);
        if !self.has_served {
            self.alone.extend(dead.iter().cloned());
        }
        Judgement { dead, ..Judgement::default() }
    }

    /// The queue has stopped for another reason: whom the refusals concern stays open.
    pub fn give_back(&mut self) -> Judgement<T> {
        Judgement { together: std::mem::take(&mut self.suspects), ..Judgement::default() }
    }

    /// What was given up alone while nobody was served.
    pub fn alone(self) -> Vec<Suspect<T>> {
        self.alone
    }

    fn stop(&mut self, failure: DeliveryFailure) -> Judgement<T> {
        let (mut revived, mut alone) = (Vec::new(), Vec::new());
        for suspect in self.alone.drain(..) {
            let is_alike = key(&suspect.failure) == key(&failure);
            if is_alike { revived.push(suspect) } else { alone.push(suspect) }
        }
        self.alone = alone;
        let together = std::mem::take(&mut self.suspects);
        Judgement { stop: Some(SendError::Queue(failure)), together, revived, ..Judgement::default() }
    }

    /// How many addresses were refused like this, all in a row.
    fn alike(&self, failure: &DeliveryFailure) -> usize {
        let all = self.suspects.iter().chain(&self.alone);
        let same = all.filter(|suspect| key(&suspect.failure) == key(failure));
        let addresses: std::collections::BTreeSet<&str> =
            same.map(|suspect| suspect.address.as_str()).collect();
        addresses.len()
    }
}

/// Step, code and enhanced code: the words often name the recipient.
fn key(failure: &DeliveryFailure) -> (SmtpStep, Option<(u16, Option<&str>)>) {
    let answer = match &failure.cause {
        Cause::Answer(answer) => Some((answer.code, answer.enhanced.as_deref())),
        _ => None,
    };
    (failure.step, answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(step: SmtpStep, code: u16, text: &str) -> DeliveryFailure {
        DeliveryFailure {
            place: "mail server h:25".into(),
            step,
            cause: Cause::Answer(BadReply::new(code, text)),
        }
    }

    #[test]
    fn codes_tell_mailboxes_from_senders() {
        use Concerns::{Recipient, Sender, Unclear};
        for (step, code, text, expected) in [
            (SmtpStep::Rcpt, 550, "5.1.1 user unknown", Recipient),
            (SmtpStep::Rcpt, 550, "no such user", Recipient),
            (SmtpStep::Rcpt, 550, "5.4.1 Recipient address rejected", Recipient),
            (SmtpStep::Rcpt, 552, "5.2.2 mailbox full", Recipient),
            (SmtpStep::Rcpt, 556, "5.1.10 null MX", Recipient),
            (SmtpStep::Rcpt, 501, "5.1.3 bad address syntax", Recipient),
            (SmtpStep::FinalAnswer, 550, "5.2.1 mailbox disabled", Recipient),
            (SmtpStep::Rcpt, 553, "5.7.1 Sender address rejected", Unclear),
            (SmtpStep::Rcpt, 554, "5.7.1 Client host rejected", Unclear),
            (SmtpStep::Rcpt, 554, "Client host rejected", Unclear),
            (SmtpStep::Rcpt, 504, "5.5.2 Helo command rejected", Sender),
            (SmtpStep::Rcpt, 504, "Helo command rejected", Sender),
            (SmtpStep::Rcpt, 550, "5.1.8 sender's domain unknown", Sender),
            (SmtpStep::FinalAnswer, 550, "5.7.60 not allowed to send as this sender", Unclear),
            (SmtpStep::FinalAnswer, 554, "spam", Unclear),
            (SmtpStep::FinalAnswer, 552, "5.3.4 message too big", Unclear),
            (SmtpStep::Data, 503, "need RCPT", Sender),
        ] {
            assert_eq!(concerns(&failure(step, code, text)), expected, "{code} {text}");
        }
    }

    #[test]
    fn one_unknown_mailbox_is_dead_and_no_one_else() {
        let mut refusals = Refusals::default();
        let unknown = failure(SmtpStep::Rcpt, 550, "5.1.1 unknown");
        assert!(refusals.refused(1, "a@x.test", unknown.clone()).stop.is_none());
        assert_eq!(refusals.served().len(), 1);
        assert_eq!(refusals.refused(2, "b@x.test", unknown.clone()).dead.len(), 1);
        let end = refusals.end();
        assert!(end.dead.is_empty() && end.stop.is_none() && refusals.alone().is_empty());
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
        let policy = failure(SmtpStep::Rcpt, 554, "5.7.1 <a@x.test>: Sender address rejected");
        let mut refusals = Refusals::default();
        assert!(refusals.refused(1, "a@x.test", policy.clone()).stop.is_none());
        // The same address again proves nothing.
        assert!(refusals.refused(2, "A@x.test", policy.clone()).stop.is_none());
        let stop = refusals.refused(3, "b@x.test", policy.clone()).stop.unwrap();
        assert!(stop.stops_queue() && !stop.is_unavailable());
        let mut odd = Refusals::default();
        odd.refused(1, "a@x.test", policy.clone());
        assert_eq!(odd.served().len(), 1);
        // Others were served before: a quota may have run out, if it meets more than one.
        assert!(odd.refused(2, "b@x.test", policy.clone()).stop.is_none());
        assert!(odd.refused(3, "c@x.test", policy).stop.is_some());
        let helo = failure(SmtpStep::Rcpt, 504, "5.5.2 Helo command rejected");
        assert!(Refusals::default().refused(1, "a@x.test", helo).stop.is_some());
    }

    #[test]
    fn one_refused_alone_is_given_up_until_another_is_refused_alike() {
        let policy = failure(SmtpStep::FinalAnswer, 554, "5.7.1 spam");
        let refused_alone = || {
            let mut first = Refusals::default();
            assert!(first.refused(1, "a@x.test", policy.clone()).stop.is_none());
            let end = first.end();
            assert!(end.stop.is_none() && end.dead.len() == 1, "it stops nobody else");
            first.alone()
        };
        // The alert about it is taken: the refusal was for that mail.
        let mut second = Refusals::after(refused_alone());
        second.served();
        assert!(second.end().revived.is_empty() && second.alone().is_empty());
        // The alert is refused too: every mail is, and the first one has not been given up for itself.
        let mut second = Refusals::after(refused_alone());
        let judged = second.refused(2, "office@x.test", policy.clone());
        assert!(judged.stop.is_some_and(|stop| stop.stops_queue()));
        assert_eq!((judged.together.len(), judged.revived.len()), (1, 1));
        assert!(second.alone().is_empty());
        // Another mail to the same address proves nothing, nor does another answer.
        let mut second = Refusals::after(refused_alone());
        assert!(second.refused(2, "a@x.test", policy).stop.is_none());
        assert!(second.refused(3, "b@x.test", failure(SmtpStep::Data, 554, "5.6.0 content")).stop.is_none());
        assert_eq!((second.end().dead.len(), second.alone().len()), (2, 3));
    }
}
