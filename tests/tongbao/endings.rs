//! A slot always ends: filled, left out with a reason, or given up with an alert; never in a busy loop.

use tongbao::schedule::catch_up::Skip;

use crate::daemon::{only, with};
use crate::support::office::{DAY, HOUR, MINUTE, Office, live, work};

/// Nominal time and state of every slot, the oldest first.
async fn slots(office: &Office) -> Vec<(String, String, String)> {
    let mut slots = office.store().await.slots(1_000).await.unwrap();
    slots.reverse();
    slots
        .into_iter()
        .map(|slot| (slot.key.nominal, slot.state.to_string(), slot.reason.unwrap_or_default().to_string()))
        .collect()
}

#[tokio::test]
async fn a_slot_with_nothing_to_report_is_left_out_and_blocks_no_other() {
    let office = Office::new("2016-06-06T00:30:00Z", |text| {
        with("0 9,15 * * *", "overlap = \"skip\"")(text)
            .replace("period = \"campaign_to_date\"", "period = \"since_last\"")
    });
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 2, HOUR).await;
    let states: Vec<_> = slots(&office).await.into_iter().map(|slot| (slot.1, slot.2)).collect();
    let filled = ("filled".to_owned(), String::new());
    let nothing = ("skipped".to_owned(), Skip::NothingToReport.key().to_owned());
    assert_eq!(states, [filled.clone(), nothing.clone(), filled, nothing]);
    assert!(office.deliveries().await.iter().all(|mail| mail.kind.key() != "alert"), "nobody is alarmed");
}

#[tokio::test]
async fn a_pause_holds_an_open_slot() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * Mon"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    let (here, gone) = (office.dir.path().join("register.db"), office.dir.path().join("gone.db"));
    std::fs::rename(&here, &gone).unwrap();
    live(&office, &mut daemon, MINUTE * 40, MINUTE * 5).await;
    let store = office.store().await;
    assert!(store.pause("weekly", Some("李"), office.now()).await.unwrap());
    std::fs::rename(&gone, &here).unwrap();
    // Longer than the deadline of a slot.
    live(&office, &mut daemon, DAY * 4, HOUR).await;
    assert_eq!((office.runs().await.len(), store.open_slots().await.unwrap().len()), (0, 1));
    assert_eq!(
        store.state_counts(office.now(), HOUR).await.unwrap().overdue,
        0,
        "it is late on a person's word"
    );
    assert!(store.pause("weekly", None, office.now()).await.unwrap());
    live(&office, &mut daemon, MINUTE * 5, MINUTE).await;
    assert_eq!(office.runs().await.len(), 1);
}

#[tokio::test]
async fn another_spelling_is_no_other_schedule() {
    let mut office = Office::new("2016-06-06T00:50:00Z", only("0 9 * * Mon"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    daemon.end().await;
    office.text = office.text.replace("0 9 * * Mon", "00 09 * * 1");
    office.hand.advance(MINUTE * 10);
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    assert_eq!(office.runs().await.len(), 1);
}

#[tokio::test]
async fn what_a_changed_rule_had_due_is_named() {
    let mut office = Office::new("2016-06-06T00:50:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    daemon.end().await;
    office.text = office.text.replace("0 9 * * *", "0 10 * * *");
    office.hand.advance(MINUTE * 10);
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR * 2, MINUTE * 10).await;
    let changed = Skip::Changed.key().to_owned();
    let expected = [
        ("2016-06-06T09:00:00".to_owned(), "skipped".to_owned(), changed),
        ("2016-06-06T10:00:00".to_owned(), "filled".to_owned(), String::new()),
    ];
    assert_eq!(slots(&office).await, expected);
}

#[tokio::test]
async fn a_report_that_is_taken_out_and_comes_back_is_a_new_one() {
    let mut office = Office::new("2016-06-06T00:50:00Z", with("0 9 * * *", "catch_up = \"all\""));
    let text = office.text.clone();
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    let (here, gone) = (office.dir.path().join("register.db"), office.dir.path().join("gone.db"));
    std::fs::rename(&here, &gone).unwrap();
    live(&office, &mut daemon, MINUTE * 20, MINUTE * 5).await;
    std::fs::rename(&gone, &here).unwrap();
    daemon.end().await;
    // Renamed, say: the open slot is closed and the office hears of it.
    office.text = text.replace("[reports.weekly]", "[reports.another]");
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, MINUTE * 10, MINUTE * 5).await;
    let state = slots(&office).await;
    assert_eq!((state[0].1.as_str(), state[0].2.as_str()), ("skipped", Skip::Removed.key()));
    let alert = office.mails().pop().unwrap();
    assert_eq!(alert.to, "office@example.test");
    daemon.end().await;
    office.text = text.replace("schedule = \"0 9 * * *\"\n", "");
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 7, DAY).await;
    daemon.end().await;
    let before = office.runs().await.len();
    office.text = text;
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, MINUTE * 5, MINUTE).await;
    assert_eq!(office.runs().await.len(), before, "a new schedule never fires into the past");
    live(&office, &mut daemon, DAY, HOUR).await;
    assert_eq!(office.runs().await.len(), before + 1);
}

/// Whatever stands on record is not found due again with every tick.
#[tokio::test]
async fn a_daemon_at_rest_writes_nothing() {
    let office = Office::new("2016-07-08T00:30:00Z", |text| {
        let kind = "kind = \"acceptance\"\n";
        only("0 9 1 1 *")(text)
            .replace(kind, &format!("{kind}schedule = \"campaign_end 09:00\"\nsign_off = true\n"))
    });
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert_eq!(office.runs().await[0].state.key(), "held");
    let log = office.state().join("tongbao.db-wal");
    let size = || std::fs::metadata(&log).unwrap().len();
    let before = size();
    for _ in 0..20 {
        office.hand.advance(jiff::SignedDuration::from_secs(1));
        work(&mut daemon).await;
    }
    assert_eq!(size(), before);
}
