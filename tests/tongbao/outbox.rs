//! The outbox: what is refused waits or dies alone, what is in doubt is not sent again unasked, and
//! two senders never take the same mail.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use tongbao::store::outbox::{Attempted, CLAIM_LASTS};

use crate::support::office::{
    DAY, HOUR, MINUTE, Office, away, busy, live, lost, unknown, work, wrong_password,
};

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

async fn state(office: &Office, address: &str) -> String {
    let all = office.deliveries().await;
    all.into_iter().find(|mail| mail.address == address && mail.kind == "report").unwrap().state
}

#[tokio::test]
async fn a_busy_recipient_waits_alone_and_is_given_up_in_the_end() {
    let office = plain();
    office.refuse(LEADER, Some(busy()));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY, MINUTE * 5).await;
    assert_eq!(got(&office), BTreeMap::from([(DEPUTY.into(), 1), (OFFICE.into(), 1)]));
    let waiting = office.deliveries().await.into_iter().find(|mail| mail.address == LEADER).unwrap();
    assert_eq!(waiting.state, "pending");
    assert!((20..40).contains(&waiting.attempts), "growing waits: {}", waiting.attempts);
    live(&office, &mut daemon, DAY + HOUR * 2, MINUTE * 5).await;
    assert_eq!(state(&office, LEADER).await, "dead");
    assert_eq!(got(&office)[OFFICE], 2, "the office is told once");
    // A person mends it and sends it again.
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
        let (a, b) = (format!("command:a{round}"), format!("command:b{round}"));
        let (a, b) = tokio::join!(store.claim(&a, None, now), store.claim(&b, None, now));
        taken.extend([a.unwrap(), b.unwrap()].into_iter().flatten().map(|mail| mail.id));
    }
    let distinct: std::collections::BTreeSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), distinct.len()), (waiting, waiting));
}

#[tokio::test]
async fn what_a_vanished_sender_leaves_is_settled() {
    let office = plain();
    [LEADER, DEPUTY, OFFICE].iter().for_each(|address| office.refuse(address, Some(away())));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, MINUTE * 31, MINUTE * 31).await;
    daemon.end().await;
    let (store, now) = (office.store().await, office.now() + DAY);
    let first = store.claim("daemon:1", None, now).await.unwrap().unwrap();
    let second = store.claim("daemon:1", None, now).await.unwrap().unwrap();
    assert!(store.hand_over(second.id, "daemon:1").await.unwrap());
    assert!(store.recover(Some(1), now).await.unwrap().is_empty(), "it is at work itself");
    assert_eq!(store.recover(Some(2), now).await.unwrap(), [second.id]);
    // The one that hung comes back: its claim has passed on, and it must not send.
    assert!(!store.hand_over(first.id, "daemon:1").await.unwrap());
    let states = |all: Vec<tongbao::store::outbox::Delivery>| -> Vec<String> {
        all.into_iter().map(|mail| mail.state).collect()
    };
    assert_eq!(states(store.deliveries(None).await.unwrap())[..2], ["pending", "uncertain"]);
    // An answer that comes late after all settles the doubt.
    store.attempted(second.id, "daemon:1", Attempted::Sent, "250 ok", now).await.unwrap();
    assert_eq!(states(store.deliveries(None).await.unwrap())[1], "sent");
    // A command that vanished has no token; its claim runs out.
    let third = store.claim("command:7", None, now).await.unwrap().unwrap();
    assert!(!store.has_unsettled(2, now + MINUTE).await.unwrap());
    let later = now + CLAIM_LASTS + SignedDuration::from_secs(1);
    assert!(store.has_unsettled(2, later).await.unwrap());
    store.recover(None, later).await.unwrap();
    assert!(store.pending(None).await.unwrap().iter().any(|mail| mail.id == third.id));
}
