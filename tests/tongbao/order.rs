//! Numbers, periods and rounds run in one order, whatever is released when.

use jiff::civil::date;
use tongbao::pipeline::{ReleaseDecision, RunError};
use tongbao::store::StoreError;
use tongbao::store::restore::restore;
use tongbao::store::runs::Run;

use crate::daemon::only;
use crate::support::office::{DAY, HOUR, MINUTE, Office, execute, live, work};

/// A bulletin of each day since the last, held for a person if `sign_off`.
fn daily(sign_off: bool) -> impl Fn(String) -> String {
    move |text| {
        let rule = format!("schedule = \"0 9 * * *\"\nsign_off = {sign_off}");
        only("0 9 * * *")(text).replace("schedule = \"0 9 * * *\"", &rule).replacen(
            "period = \"campaign_to_date\"",
            "period = \"since_last\"",
            1,
        )
    }
}

async fn approve(office: &Office, run: i64, decision: ReleaseDecision) -> Result<Run, RunError> {
    let (store, engine) = (office.store().await, office.engine());
    engine.approve(&store, &store.run(run).await?, &decision, office.now()).await?;
    Ok(store.run(run).await?)
}

fn decision() -> ReleaseDecision {
    ReleaseDecision { by: "王主任".into(), ..ReleaseDecision::default() }
}

/// The numbers of all bulletins, in the order they were made.
async fn numbers(office: &Office) -> Vec<Option<String>> {
    let runs = office.runs().await;
    runs.into_iter().filter(|run| run.report == "weekly").map(|run| run.number).collect()
}

#[tokio::test]
async fn an_older_bulletin_is_not_released_after_a_newer_one_unless_a_person_insists() {
    let office = Office::new("2016-06-13T00:30:00Z", daily(true));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 2 + HOUR, HOUR).await;
    let runs = office.runs().await;
    assert_eq!(runs.len(), 3);
    for pair in runs.windows(2) {
        assert!(pair[0].to < pair[1].from, "periods do not overlap: {pair:?}");
    }
    assert_eq!(approve(&office, 2, decision()).await.unwrap().number.as_deref(), Some("第1期"));
    let refused = approve(&office, 1, decision()).await.unwrap_err();
    assert!(
        matches!(&refused, RunError::Store(StoreError::Overtaken { run: 1, later: 2, number, .. }) if number == "第1期"),
        "{refused}"
    );
    work(&mut daemon).await;
    let run = office.store().await.run(1).await.unwrap();
    assert_eq!((run.state.key(), run.number), ("held", None), "it still waits");
    assert!(!office.deliveries().await.iter().any(|mail| mail.run == Some(1) && mail.kind.key() == "report"));
    assert_eq!(approve(&office, 3, decision()).await.unwrap().number.as_deref(), Some("第2期"));
    let insisted = ReleaseDecision { out_of_order: true, ..decision() };
    assert_eq!(approve(&office, 1, insisted).await.unwrap().number.as_deref(), Some("第3期"));
}

/// What was held on its own is not barred, nor by a run about days that have not come.
#[tokio::test]
async fn what_a_wrong_clock_has_released_bars_nothing() {
    let office = Office::new("2016-06-13T00:30:00Z", daily(true));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY + HOUR, HOUR).await;
    let ahead = "UPDATE run SET period_from = '2017-06-12', period_to = '2017-06-12' WHERE id = 2";
    execute(&office.state().join("tongbao.db"), ahead);
    let state = "UPDATE run SET state = 'done', number = '第9期' WHERE id = 2";
    execute(&office.state().join("tongbao.db"), state);
    approve(&office, 1, decision()).await.unwrap();
}

#[tokio::test]
async fn the_count_goes_on_from_a_number_that_a_person_gave_ahead_of_it() {
    let mut office = Office::new("2016-06-13T00:30:00Z", daily(true));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    approve(&office, 1, ReleaseDecision { number: Some("第3期".into()), ..decision() }).await.unwrap();
    daemon.end().await;
    office.text = office.text.replace("sign_off = true", "sign_off = false");
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 3, HOUR).await;
    let expected = ["第3期", "第4期", "第5期", "第6期"].map(|number| Some(number.to_owned()));
    assert_eq!(numbers(&office).await, expected, "one run a day, none twice");
}

/// Another run takes the number just before each attempt: that is a failure like any other.
#[tokio::test]
async fn a_number_that_is_taken_at_the_last_moment_is_no_busy_loop() {
    let office = Office::new("2016-06-13T00:30:00Z", daily(false));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, HOUR).await;
    let archived = || walk(&office.state().join("archive"));
    let (before, mails) = (archived(), office.mails().len());
    // What fails is undone, also what the trigger does: the number stays free, and is lost again the next time.
    let thief = "CREATE TRIGGER thief BEFORE INSERT ON run WHEN NEW.slot IS NOT NULL BEGIN
                     INSERT INTO run SELECT NULL, report, kind, NULL, period_from, period_to, state, held, number, round,
                         against, pulled_at, recorded_at, records, units, findings, figures, provenance, nominal,
                         late_since, verdict, no_send, decided_by, decided_at, why, NEW.number_scope,
                         NEW.number_serial, round_given, against_given, NULL FROM run WHERE id = 1; END";
    execute(&office.state().join("tongbao.db"), thief);
    live(&office, &mut daemon, DAY, MINUTE).await;
    let slots = office.store().await.slots(10).await.unwrap();
    let slot = slots.iter().find(|slot| slot.state.key() == "open").unwrap();
    assert!(
        slot.reason.as_ref().is_some_and(|reason| reason.to_string().contains("has been given already")),
        "{slot:?}"
    );
    assert!((3..10).contains(&slot.attempts), "tried with growing waits: {}", slot.attempts);
    assert_eq!(
        archived() - before,
        office.mails().len() - mails,
        "failed attempts leave no files, but the alerts"
    );
    execute(&office.state().join("tongbao.db"), "DROP TRIGGER thief");
    live(&office, &mut daemon, HOUR * 2, MINUTE).await;
    assert_eq!(numbers(&office).await, ["第1期", "第2期"].map(|number| Some(number.to_owned())));
}

/// Files below a folder.
fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries.map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { 1 }).sum()
}

#[tokio::test]
async fn a_monthly_bulletin_is_counted_in_the_year_of_its_issue() {
    let office = Office::new("2016-11-30T00:30:00Z", |text| {
        only("0 9 1 * *")(text)
            .replacen("period = \"campaign_to_date\"", "period = \"previous_month\"", 1)
            .replace("from = 2016-07-01, to = 2016-07-07", "from = 2016-07-01, to = 2017-04-07")
    });
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 65, HOUR * 3).await;
    let runs = office.runs().await;
    let issued: Vec<(&str, Option<&str>)> = runs
        .iter()
        .filter(|run| run.report == "weekly")
        .map(|run| (run.to.as_str(), run.number.as_deref()))
        .collect();
    // December's is issued on New Year's Day, so it is the first of that year, and not the second of the old one.
    assert_eq!(
        issued,
        [("2016-11-30", Some("第1期")), ("2016-12-31", Some("第1期")), ("2017-01-31", Some("第2期"))]
    );
}

/// The second round was issued after the copy was made. The next one is not called the second again.
#[tokio::test]
async fn after_a_restore_a_round_that_may_have_been_issued_keeps_its_number() {
    let acceptance = |text: String| {
        only("0 9 1 1 *")(text).replace("schedule = \"0 9 1 1 *\"\n", "").replace(
            "kind = \"acceptance\"\n",
            "kind = \"acceptance\"\nhead = \"brief\"\nschedule = \"campaign_end 09:00\"\n",
        )
    };
    let office = Office::new("2016-07-07T00:00:00Z", acceptance);
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 13, HOUR * 6).await;
    let copy = office.dir.path().join("copy.tar");
    office.store().await.backup(&copy, office.now()).await.unwrap();
    live(&office, &mut daemon, DAY * 4, HOUR * 6).await;
    assert_eq!(office.runs().await.last().unwrap().round, 2);
    daemon.end().await;
    std::fs::rename(office.state(), office.dir.path().join("lost")).unwrap();
    restore(&copy, &office.state(), office.now()).await.unwrap();
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 20, HOUR * 6).await;
    let held = office.runs().await.pop().unwrap();
    assert_eq!((held.state.key(), held.round), ("held", 3));
    assert!(
        held.held[0].contains("截至2016年7月22日的轮次是否已经印发不明；本次按第3轮计"),
        "{:?}",
        held.held
    );
    // The office looks into its files: the second round was never issued.
    let known = ReleaseDecision { round: Some(2), ..decision() };
    let released = approve(&office, held.id, known).await.unwrap();
    assert_eq!((released.round, released.number.as_deref()), (2, Some("第2期")));
    live(&office, &mut daemon, DAY * 20, HOUR * 6).await;
    let next = office.runs().await.pop().unwrap();
    assert_eq!((next.state.key(), next.round), ("done", 3), "it counts on from what the person has said");
    assert!(next.to > date(2016, 8, 6).to_string());
}
