//! The outbox: what is refused waits or dies alone, what is in doubt is not sent again unasked, and
//! two senders never take the same mail.

use std::collections::BTreeMap;
use std::sync::Arc;

use tongbao::delivery::failure::{BadReply, Cause, SendError, SmtpStep};
use tongbao::pipeline::transport;
use tongbao::store::StoreError;
use tongbao::store::claims::Claimant;
use tongbao::store::outbox::Attempted;

use crate::support::office::{
    DAY, HOUR, MINUTE, Office, away, busy, failure, live, lost, unknown, work, wrong_password,
};
use crate::support::raw_smtp::RawServer;

const LEADER: &str = "leader@example.test";
const DEPUTY: &str = "deputy@example.test";
const OFFICE: &str = "office@example.test";

/// One bulletin on a Monday morning; the instant lies half an hour before it.
fn office(edit: impl Fn(String) -> String) -> Office {
    Office::new("2016-06-06T00:30:00Z", |text| {
        edit(text.replace("schedule = \"0 10 1 * *\"\n", "").replace("0 9 * * Mon", "0 9 6 6 *"))
    })
}

fn plain() -> Office {
    office(|text| text)
}

/// How many mails each address has got.
fn got(office: &Office) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for mail in office.mails() {
        *out.entry(mail.to).or_default() += 1;
    }
    out
}

async fn state(office: &Office, address: &str) -> &'static str {
    let all = office.deliveries().await;
    all.into_iter().find(|mail| mail.address == address && mail.kind.key() == "report").unwrap().state.key()
}

#[tokio::test]
async fn a_busy_recipient_waits_alone_and_is_given_up_in_the_end() {
    let office = plain();
    office.refuse(LEADER, Some(busy()));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY, MINUTE * 5).await;
    assert_eq!(got(&office), BTreeMap::from([(DEPUTY.into(), 1), (OFFICE.into(), 1)]));
    let waiting = office.deliveries().await.into_iter().find(|mail| mail.address == LEADER).unwrap();
    assert_eq!(waiting.state.key(), "pending");
    assert!((20..40).contains(&waiting.attempts), "growing waits: {}", waiting.attempts);
    live(&office, &mut daemon, DAY + HOUR * 2, MINUTE * 5).await;
    assert_eq!(state(&office, LEADER).await, "dead");
    assert_eq!(got(&office)[OFFICE], 2, "the office is told once");
    // A person corrects it and sends it again.
    office.refuse(LEADER, None);
    office.store().await.retry_delivery(waiting.id, office.now()).await.unwrap();
    work(&mut daemon).await;
    assert_eq!(got(&office)[LEADER], 1);
}

#[tokio::test]
async fn a_busy_recipient_gets_the_mail_when_it_can() {
    let office = plain();
    office.refuse(LEADER, Some(busy()));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR * 3, MINUTE * 5).await;
    office.refuse(LEADER, None);
    live(&office, &mut daemon, HOUR * 2, MINUTE * 5).await;
    assert_eq!(got(&office), BTreeMap::from([(LEADER.into(), 1), (DEPUTY.into(), 1), (OFFICE.into(), 1)]));
}

#[tokio::test]
async fn an_unknown_recipient_is_dead_alone_and_told_once() {
    let office = plain();
    office.refuse(LEADER, Some(unknown()));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR * 8, MINUTE * 10).await;
    assert_eq!(got(&office), BTreeMap::from([(DEPUTY.into(), 1), (OFFICE.into(), 2)]));
    assert_eq!(state(&office, LEADER).await, "dead");
    let alert = office.mails().into_iter().rfind(|mail| mail.to == OFFICE).unwrap();
    let text = String::from_utf8(alert.bytes).unwrap();
    assert!(!text.contains(LEADER), "an alert names the recipient by office, not by address");
}

#[tokio::test]
async fn a_wrong_password_stops_the_queue_until_it_is_mended() {
    let office = plain();
    for address in [LEADER, DEPUTY, OFFICE] {
        office.refuse(address, Some(wrong_password()));
    }
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR * 5, MINUTE).await;
    assert!(daemon.queue_stopped().is_some_and(|why| why.contains("535 5.7.8")));
    let attempts: i64 = office.deliveries().await.iter().map(|mail| mail.attempts).sum();
    assert_eq!(attempts, 1, "a locked account is the last thing an office needs");
    [LEADER, DEPUTY, OFFICE].iter().for_each(|address| office.refuse(address, None));
    live(&office, &mut daemon, HOUR * 3, MINUTE * 10).await;
    assert_eq!(daemon.queue_stopped(), None);
    assert_eq!(got(&office), BTreeMap::from([(LEADER.into(), 1), (DEPUTY.into(), 1), (OFFICE.into(), 1)]));
}

#[tokio::test]
async fn a_person_who_sends_again_wakes_a_stopped_queue() {
    let office = plain();
    [LEADER, DEPUTY, OFFICE].iter().for_each(|address| office.refuse(address, Some(wrong_password())));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE).await;
    assert!(daemon.queue_stopped().is_some() && got(&office).is_empty());
    [LEADER, DEPUTY, OFFICE].iter().for_each(|address| office.refuse(address, None));
    work(&mut daemon).await;
    assert!(got(&office).is_empty(), "the next test is hours away");
    let waiting = office.deliveries().await.remove(0);
    office.store().await.retry_delivery(waiting.id, office.now()).await.unwrap();
    work(&mut daemon).await;
    assert_eq!(got(&office).len(), 3);
    assert_eq!(daemon.queue_stopped(), None);
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let office = plain();
    for address in [LEADER, DEPUTY, OFFICE] {
        office.refuse(address, Some(away()));
    }
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR * 2, MINUTE).await;
    assert!(office.mails().is_empty() && daemon.queue_stopped().is_none());
    [LEADER, DEPUTY, OFFICE].iter().for_each(|address| office.refuse(address, None));
    live(&office, &mut daemon, HOUR * 2, MINUTE).await;
    assert_eq!(got(&office), BTreeMap::from([(LEADER.into(), 1), (DEPUTY.into(), 1), (OFFICE.into(), 1)]));
}

#[tokio::test]
async fn a_lost_answer_is_uncertain_and_sent_again_only_on_a_persons_word() {
    let office = plain();
    office.refuse(LEADER, Some(lost()));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    office.refuse(LEADER, None);
    live(&office, &mut daemon, DAY, HOUR).await;
    assert_eq!(state(&office, LEADER).await, "uncertain");
    assert_eq!(got(&office), BTreeMap::from([(DEPUTY.into(), 1), (OFFICE.into(), 2)]));
    let mail = office.deliveries().await.into_iter().find(|mail| mail.address == LEADER).unwrap();
    let store = office.store().await;
    store.retry_delivery(mail.id, office.now()).await.unwrap();
    work(&mut daemon).await;
    let sent = office.mails().into_iter().rfind(|mail| mail.to == LEADER).unwrap();
    assert_eq!(sent.bytes, store.archive.get(&mail.sha256).unwrap(), "the same bytes");
    assert!(String::from_utf8(sent.bytes).unwrap().contains(&mail.message_id));
}

#[tokio::test]
async fn the_policy_can_be_to_send_again() {
    let office = office(|text| text.replace("[smtp]\n", "[smtp]\nuncertain = \"resend\"\n"));
    office.refuse(LEADER, Some(lost()));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert_eq!(state(&office, LEADER).await, "pending");
    office.refuse(LEADER, None);
    live(&office, &mut daemon, HOUR * 3, MINUTE * 10).await;
    assert_eq!(got(&office), BTreeMap::from([(LEADER.into(), 1), (DEPUTY.into(), 1), (OFFICE.into(), 1)]));
}

#[tokio::test]
async fn a_recipient_taken_out_gets_nothing_more_and_the_rest_stays() {
    let mut office = plain();
    for address in [LEADER, DEPUTY, OFFICE] {
        office.refuse(address, Some(away()));
    }
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    daemon.end().await;
    let digests = |all: Vec<tongbao::store::outbox::Delivery>| -> Vec<String> {
        all.into_iter().map(|mail| mail.sha256).collect()
    };
    let before = digests(office.deliveries().await);
    let line = format!("    {{ name = \"领导小组副组长\", email = \"{DEPUTY}\" }},\n");
    assert!(office.text.contains(&line));
    office.text = office.text.replace(&line, "");
    [LEADER, DEPUTY, OFFICE].iter().for_each(|address| office.refuse(address, None));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert_eq!(state(&office, DEPUTY).await, "cancelled");
    assert_eq!(got(&office), BTreeMap::from([(LEADER.into(), 1), (OFFICE.into(), 1)]));
    assert_eq!(digests(office.deliveries().await), before, "a committed outbox does not change");
}

#[tokio::test]
async fn senders_never_take_the_same_mail() {
    let office = plain();
    let mut daemon = office.daemon().await;
    office.refuse(LEADER, Some(away()));
    live(&office, &mut daemon, MINUTE * 31, MINUTE * 31).await;
    let (store, now) = (office.store().await, office.now() + DAY);
    let waiting = store.pending(None).await.unwrap().len();
    assert!(waiting > 0);
    let mut taken = Vec::new();
    for round in 0..10 {
        let by = |id| Claimant { id, token: None };
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        let (a, b) = tokio::join!(store.claim(by(&a), None, now), store.claim(by(&b), None, now));
        taken.extend([a.unwrap(), b.unwrap()].into_iter().flatten().map(|mail| mail.id));
    }
    let distinct: std::collections::BTreeSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), distinct.len()), (waiting, waiting));
}

fn states(all: &[tongbao::store::outbox::Delivery]) -> Vec<&str> {
    all.iter().map(|mail| mail.state.key()).collect()
}

#[tokio::test]
async fn what_a_vanished_sender_leaves_is_settled_and_nothing_else() {
    let office = plain();
    [LEADER, DEPUTY, OFFICE].iter().for_each(|address| office.refuse(address, Some(away())));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, MINUTE * 31, MINUTE * 31).await;
    daemon.end().await;
    let (store, now) = (office.store().await, office.now() + DAY);
    let (old, new) = (store.announce().unwrap(), store.announce().unwrap());
    let lease = store.acquire_lease(&old, office.clock.uptime(), MINUTE).await.unwrap().unwrap();
    let by_old = Claimant { id: old.id(), token: Some(lease.token) };
    let first = store.claim(by_old, None, now).await.unwrap().unwrap();
    let second = store.claim(by_old, None, now).await.unwrap().unwrap();
    assert!(store.hand_over(second.id, by_old).await.unwrap());
    // Whatever the wall clock says, what a living sender has in hand is its own.
    assert_eq!(store.recover(new.id(), now + DAY * 365).await.unwrap(), 0);
    assert_eq!(states(&store.deliveries(None).await.unwrap())[..2], ["sending", "handed"]);
    // It hangs, and another daemon takes over: the mail that was only claimed passes on, the one in hand does not.
    office.hand.advance(MINUTE);
    store.acquire_lease(&new, office.clock.uptime(), MINUTE).await.unwrap().unwrap();
    assert!(store.has_unsettled(new.id()).await.unwrap());
    assert_eq!(store.recover(new.id(), now).await.unwrap(), 0);
    assert_eq!(states(&store.deliveries(None).await.unwrap())[..2], ["pending", "handed"]);
    assert!(!store.has_unsettled(new.id()).await.unwrap());
    // It comes back: it can neither hand over nor claim, and what it had in hand is its own to report.
    assert!(matches!(store.hand_over(first.id, by_old).await, Err(StoreError::LeaseLost)));
    assert!(matches!(store.claim(by_old, None, now).await, Err(StoreError::LeaseLost)));
    store.attempted(second.id, by_old, Attempted::Sent, &"250 ok".into(), now).await.unwrap();
    assert_eq!(states(&store.deliveries(None).await.unwrap())[1], "sent");
    // A command has no lease; its mail is in doubt when it is gone, and not before.
    let command = store.announce().unwrap();
    let by_command = Claimant { id: command.id(), token: None };
    let third = store.claim(by_command, None, now).await.unwrap().unwrap();
    assert!(store.hand_over(third.id, by_command).await.unwrap());
    assert_eq!(store.recover(new.id(), now + DAY * 365).await.unwrap(), 0);
    drop(command);
    assert!(store.has_unsettled(new.id()).await.unwrap());
    assert_eq!(store.recover(new.id(), now).await.unwrap(), 1);
    let all = store.deliveries(None).await.unwrap();
    assert_eq!(all.iter().find(|mail| mail.id == third.id).unwrap().state.key(), "uncertain");
}

#[tokio::test]
async fn dead_mails_are_sent_again_together_and_reported_again_when_they_die_again() {
    let office = plain();
    office.refuse(LEADER, Some(unknown()));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert_eq!(state(&office, LEADER).await, "dead");
    assert_eq!(got(&office)[OFFICE], 2);
    let store = office.store().await;
    assert!(store.retry_dead(Some(77), office.now()).await.unwrap().is_empty());
    assert_eq!(store.retry_dead(None, office.now()).await.unwrap().len(), 1);
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert_eq!(state(&office, LEADER).await, "dead");
    assert_eq!(got(&office)[OFFICE], 3, "told of the second death too");
    office.refuse(LEADER, None);
    let run = store.deliveries(None).await.unwrap()[0].run;
    assert_eq!(store.retry_dead(run, office.now()).await.unwrap().len(), 1);
    work(&mut daemon).await;
    assert_eq!(state(&office, LEADER).await, "sent");
}

#[tokio::test]
async fn a_death_that_was_not_told_is_told_by_the_next_daemon() {
    let office = plain();
    let mut daemon = office.daemon().await;
    office.refuse(LEADER, Some(away()));
    live(&office, &mut daemon, MINUTE * 31, MINUTE * 31).await;
    daemon.end().await;
    let store = office.store().await;
    let mail = store.deliveries(None).await.unwrap().into_iter().find(|mail| mail.address == LEADER).unwrap();
    // As if the daemon had been killed between the two commits.
    store.condemn(mail.id, &"refused".into(), office.now()).await.unwrap();
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    let told = |all: Vec<tongbao::store::outbox::Delivery>| {
        all.iter().filter(|mail| mail.kind.key() == "alert").count()
    };
    assert_eq!(told(office.deliveries().await), 1);
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert_eq!(told(office.deliveries().await), 1, "once");
}

#[tokio::test]
async fn what_meets_every_recipient_stops_the_queue_with_one_word_and_goes_on_alone() {
    for (answer, step) in [
        (BadReply::new(553, "5.7.1 Sender address rejected"), SmtpStep::Rcpt),
        (BadReply::new(504, "5.5.2 Helo command rejected"), SmtpStep::Rcpt),
        (BadReply::new(554, "Client host rejected"), SmtpStep::Rcpt),
        (BadReply::new(550, "5.7.60 not allowed to send as this sender"), SmtpStep::FinalAnswer),
        (BadReply::new(550, "5.1.1 unknown"), SmtpStep::Rcpt),
    ] {
        let office = plain();
        let refusal = SendError::Permanent(failure(step, Cause::Answer(answer.clone())));
        [LEADER, DEPUTY, OFFICE].iter().for_each(|address| office.refuse(address, Some(refusal.clone())));
        let mut daemon = office.daemon().await;
        live(&office, &mut daemon, HOUR * 20, MINUTE * 5).await;
        assert!(daemon.queue_stopped().is_some_and(|why| why.contains(&answer.to_string())), "{answer}");
        let all = office.deliveries().await;
        assert!(
            all.iter().all(|mail| mail.state.key() == "pending" && mail.kind.key() == "report"),
            "{answer}: {all:?}"
        );
        [LEADER, DEPUTY, OFFICE].iter().for_each(|address| office.refuse(address, None));
        live(&office, &mut daemon, HOUR * 3, MINUTE * 5).await;
        assert_eq!(daemon.queue_stopped(), None, "{answer}");
        let each = BTreeMap::from([(LEADER.into(), 1), (DEPUTY.into(), 1), (OFFICE.into(), 1)]);
        assert_eq!(got(&office), each, "{answer}");
    }
}

#[tokio::test]
async fn one_recipient_that_a_policy_refuses_costs_the_others_nothing() {
    let office = plain();
    let policy = Cause::Answer(BadReply::new(554, "5.7.1 Relay access denied"));
    office.refuse(LEADER, Some(SendError::Permanent(failure(SmtpStep::Rcpt, policy))));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR * 2, MINUTE * 5).await;
    assert_eq!(state(&office, LEADER).await, "dead");
    assert_eq!(got(&office), BTreeMap::from([(DEPUTY.into(), 1), (OFFICE.into(), 2)]));
    assert_eq!(daemon.queue_stopped(), None);
}

/// Its mail is the only one that is due, so nothing else shows at once whom the refusal concerns.
#[tokio::test]
async fn a_policy_that_refuses_the_only_mail_stops_the_queue_only_if_it_refuses_the_alert_too() {
    let policy = || {
        SendError::Permanent(failure(SmtpStep::FinalAnswer, Cause::Answer(BadReply::new(554, "5.7.1 spam"))))
    };
    for refuses_all in [false, true] {
        let office = plain();
        office.refuse(LEADER, Some(busy()));
        let mut daemon = office.daemon().await;
        live(&office, &mut daemon, MINUTE * 30, MINUTE * 30).await;
        assert_eq!(got(&office), BTreeMap::from([(DEPUTY.into(), 1), (OFFICE.into(), 1)]));
        let refused: &[&str] = if refuses_all { &[LEADER, DEPUTY, OFFICE] } else { &[LEADER] };
        refused.iter().for_each(|address| office.refuse(address, Some(policy())));
        live(&office, &mut daemon, HOUR * 5, MINUTE).await;
        let is_stopped = daemon.queue_stopped().is_some_and(|why| why.contains("554 5.7.1 (spam)"));
        assert_eq!(is_stopped, refuses_all);
        assert_eq!(state(&office, LEADER).await, if refuses_all { "pending" } else { "dead" });
        assert_eq!(
            got(&office)[OFFICE],
            if refuses_all { 1 } else { 2 },
            "the alert shows whether others pass"
        );
        refused.iter().for_each(|address| office.refuse(address, None));
        live(&office, &mut daemon, HOUR * 3, MINUTE * 5).await;
        assert_eq!(daemon.queue_stopped(), None);
        assert_eq!(got(&office).get(LEADER), refuses_all.then_some(&1));
        assert_eq!(got(&office)[OFFICE], 2);
    }
}

/// The queue would rest for six hours after a refused login; a new password is tried at once, without a restart.
#[tokio::test]
async fn a_password_file_that_is_corrected_is_read_again() {
    let server = RawServer::odd(|line| match line {
        line if line.starts_with("EHLO") => Some(b"250-mail\r\n250 AUTH PLAIN\r\n".as_slice()),
        // "new", as the office's password.
        "AUTH PLAIN AG9mZmljZQBuZXc=" => Some(b"235 2.7.0 ok\r\n".as_slice()),
        line if line.starts_with("AUTH") => Some(b"535 5.7.8 no\r\n".as_slice()),
        _ => None,
    });
    let mut office = plain();
    let file = office.dir.path().join("password");
    std::fs::write(&file, "old\n").unwrap();
    let login = format!(
        "port = {}\nusername = \"office\"\npassword_file = \"{}\"",
        server.settings().port,
        file.display()
    );
    office.text = office.text.replace("port = 25", &login);
    office.post = Arc::new(transport(&office.engine().settings).unwrap());
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert!(daemon.queue_stopped().is_some_and(|why| why.contains("535 5.7.8")));
    assert!(server.mails().is_empty());
    std::fs::write(&file, "new\n").unwrap();
    live(&office, &mut daemon, MINUTE, MINUTE).await;
    assert_eq!((daemon.queue_stopped(), server.mails().len()), (None, 3));
}
