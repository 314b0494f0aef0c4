//! Acceptance rounds go on whatever becomes of one, until the campaign is accepted.

use tongbao::store::restore::restore;

use crate::daemon::{decision, only};
use crate::support::office::{DAY, HOUR, MINUTE, Office, live, pdf_text, work};

fn acceptance(lines: &'static str) -> impl Fn(String) -> String {
    move |text: String| {
        let kind = "kind = \"acceptance\"\n";
        only("0 9 1 1 *")(text)
            .replace("schedule = \"0 9 1 1 *\"\n", "")
            .replace(kind, &format!("{kind}schedule = \"campaign_end 09:00\"\nhead = \"brief\"\n{lines}\n"))
    }
}

/// Day, state of the slot, and round of the run.
async fn rounds(office: &Office) -> Vec<(String, String, i64)> {
    let (store, mut out) = (office.store().await, Vec::new());
    for slot in store.slots(1_000).await.unwrap().into_iter().rev() {
        let round = match slot.run {
            Some(run) => store.run(run).await.unwrap().round,
            None => 0,
        };
        out.push((slot.key.nominal[..10].to_owned(), slot.state.to_string(), round));
    }
    out
}

fn round(day: &str, state: &str, round: i64) -> (String, String, i64) {
    (day.to_owned(), state.to_owned(), round)
}

#[tokio::test]
async fn a_rejected_round_comes_again_the_next_day() {
    let office = Office::new("2016-07-01T00:00:00Z", acceptance("sign_off = true"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 8, HOUR * 6).await;
    let store = office.store().await;
    store.reject(1, "李", "名册有误", office.now()).await.unwrap();
    live(&office, &mut daemon, DAY * 10, HOUR * 6).await;
    assert_eq!(
        rounds(&office).await,
        [round("2016-07-08", "filled", 1), round("2016-07-10", "filled", 1)],
        "and then it waits for a decision"
    );
    let run = store.run(2).await.unwrap();
    office.engine().approve(&store, &run, &decision(None), office.now()).await.unwrap();
    // Released on 19 July: fifteen days from then, not from the cut-off.
    let text = pdf_text(&store.documents(2).await.unwrap()[0].bytes);
    assert!(text.contains("2016年8月2日"), "{text}");
    live(&office, &mut daemon, DAY * 16, HOUR * 6).await;
    assert_eq!(rounds(&office).await[2], round("2016-08-03", "filled", 2));
}

#[tokio::test]
async fn a_round_that_was_given_up_comes_again() {
    let office = Office::new("2016-07-07T00:00:00Z", acceptance(""));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    let (here, gone) = (office.dir.path().join("register.db"), office.dir.path().join("gone.db"));
    std::fs::rename(&here, &gone).unwrap();
    live(&office, &mut daemon, DAY * 4 + HOUR * 6, HOUR).await;
    std::fs::rename(&gone, &here).unwrap();
    live(&office, &mut daemon, DAY * 2, HOUR).await;
    assert_eq!(rounds(&office).await, [round("2016-07-08", "expired", 0), round("2016-07-12", "filled", 1)]);
}

#[tokio::test]
async fn a_round_left_out_by_a_pause_comes_after_it() {
    let office = Office::new("2016-07-07T00:00:00Z", acceptance(""));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    let store = office.store().await;
    assert!(store.pause("acceptance", Some("李"), office.now()).await.unwrap());
    live(&office, &mut daemon, DAY * 2 + HOUR * 12, HOUR * 6).await;
    assert!(store.pause("acceptance", None, office.now()).await.unwrap());
    live(&office, &mut daemon, DAY * 2, HOUR * 6).await;
    let rounds = rounds(&office).await;
    assert_eq!(rounds.last(), Some(&round("2016-07-10", "filled", 1)), "{rounds:?}");
    assert!(rounds[..2].iter().all(|(_, state, _)| state == "skipped"), "{rounds:?}");
}

#[tokio::test]
async fn a_long_stop_does_not_end_the_series() {
    // Off over the first round, and over the second for longer than catch_up_within.
    for (before, off) in [(DAY, DAY * 22), (DAY * 8, DAY * 60)] {
        let office = Office::new("2016-07-02T00:00:00Z", acceptance("catch_up_within = \"7d\""));
        let mut daemon = office.daemon().await;
        live(&office, &mut daemon, before, HOUR * 6).await;
        let known = office.runs().await.len();
        daemon.end().await;
        office.hand.advance(off);
        let mut daemon = office.daemon().await;
        live(&office, &mut daemon, HOUR, MINUTE * 10).await;
        assert_eq!(office.runs().await.len(), known + 1);
    }
}

/// What a clock that was a year ahead has recorded for next year is no last round.
#[tokio::test]
async fn a_round_of_a_wrong_clock_does_not_end_the_series() {
    let office = Office::new("2016-07-01T00:00:00Z", acceptance("sign_off = true"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 8, HOUR * 6).await;
    let (store, year) = (office.store().await, DAY * 365);
    office.hand.leap(year);
    live(&office, &mut daemon, HOUR * 2, MINUTE * 10).await;
    store.reject(1, "李", "名册有误", office.now()).await.unwrap();
    live(&office, &mut daemon, DAY * 2, HOUR * 2).await;
    assert_eq!(rounds(&office).await.last(), Some(&round("2017-07-10", "filled", 1)));
    office.hand.leap(-year);
    live(&office, &mut daemon, HOUR * 2, MINUTE * 10).await;
    for run in 2..5 {
        store.reject(run, "李", "名册有误", office.now()).await.unwrap();
        live(&office, &mut daemon, DAY * 2, HOUR * 6).await;
        assert_eq!(office.runs().await.len(), run as usize + 1, "{:?}", rounds(&office).await);
    }
}

#[tokio::test]
async fn a_campaign_that_is_shortened_is_accepted_all_the_same() {
    let mut office = Office::new("2016-06-13T02:00:00Z", acceptance(""));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 20, DAY).await;
    daemon.end().await;
    office.text = office.text.replace("to = 2016-07-07 }", "to = 2016-07-02 }");
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert_eq!(rounds(&office).await, [round("2016-07-03", "filled", 1)]);
}

/// The second round has left, but the copy is older: whether it has is not known, so it is not sent again.
#[tokio::test]
async fn a_restore_sends_no_round_again_and_the_series_goes_on() {
    let office = Office::new("2016-07-07T00:00:00Z", acceptance(""));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 13, HOUR * 6).await;
    let copy = office.dir.path().join("copy.tar");
    office.store().await.backup(&copy, office.now()).await.unwrap();
    live(&office, &mut daemon, DAY * 4, HOUR * 6).await;
    assert_eq!(rounds(&office).await.len(), 2);
    let sent = office.mails().len();
    daemon.end().await;
    std::fs::rename(office.state(), office.dir.path().join("lost")).unwrap();
    restore(&copy, &office.state(), office.now()).await.unwrap();
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 2, HOUR).await;
    assert_eq!(office.mails().len(), sent, "nothing is sent again");
    assert_eq!(
        rounds(&office).await,
        [round("2016-07-08", "filled", 1), round("2016-07-23", "skipped", 0)],
        "what is not known is named"
    );
    live(&office, &mut daemon, DAY * 20, HOUR * 6).await;
    assert_eq!(rounds(&office).await[2], round("2016-08-07", "filled", 3));
}
