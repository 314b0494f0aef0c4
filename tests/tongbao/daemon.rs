//! The daemon under a clock turned by hand: slots once, catch-up, leases, clocks, faults, decisions.

use std::collections::BTreeSet;

use tongbao::daemon::slots;
use tongbao::pipeline::{ReleaseDecision, RunError};
use tongbao::ranking::acceptance::AcceptanceVerdict;
use tongbao::store::StoreError;

use crate::support::office::{DAY, HOUR, MINUTE, Office, execute, live, pdf_text, work};
use crate::support::smtp::read_mail;

const MONDAYS: &str = "schedule = \"0 9 * * Mon\"";

/// Only the weekly bulletin is scheduled, by this rule and for good.
pub fn only(rule: &str) -> impl Fn(String) -> String {
    let rule = format!("schedule = \"{rule}\"");
    move |text: String| {
        text.replace(MONDAYS, &rule)
            .replace("schedule = \"0 10 1 * *\"\n", "")
            .replace("active = { from = 2016-06-04, to = 2016-07-11 }\n", "")
            .replace("period = \"previous_week\"", "period = \"campaign_to_date\"")
    }
}

pub fn with(rule: &'static str, lines: &'static str) -> impl Fn(String) -> String {
    move |text: String| {
        let kind = "kind = \"bulletin\"\n";
        only(rule)(text).replace(kind, &format!("{kind}{lines}\n"))
    }
}

/// Two daemons on one state folder, knocked in any order and together, each falling silent now and
/// then for longer than its lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_fill_a_thousand_slots_once_each() {
    let office =
        Office::with_short_bulletins("2016-06-06T00:00:30Z", with("* * * * *", "catch_up = \"all\""));
    let (mut first, mut second) = (office.daemon().await, office.daemon().await);
    work(&mut first).await;
    let mut rng = fastrand::Rng::with_seed(1_000);
    let (mut silent, mut takeovers, mut holder) = (0, 0, None);
    for minute in 0..1_000 {
        office.hand.advance(MINUTE);
        if rng.u8(0..40) == 0 {
            silent = minute + 4;
        }
        match rng.u8(0..3) {
            _ if minute < silent => second.tick().await.unwrap(),
            0 => first.tick().await.unwrap(),
            1 => second.tick().await.unwrap(),
            _ => {
                let (a, b) = tokio::join!(first.tick(), second.tick());
                a.and(b).unwrap();
            }
        }
        let now = first.token().max(second.token());
        takeovers += usize::from(now != holder);
        holder = now;
    }
    for _ in 0..3 {
        office.hand.advance(MINUTE * 3);
        first.drain().await.unwrap();
        second.drain().await.unwrap();
        work(&mut first).await;
        work(&mut second).await;
    }
    assert!(takeovers > 5, "the lease changed hands {takeovers} times");
    let slots = office.store().await.slots(2_000).await.unwrap();
    let filled: Vec<_> = slots.iter().filter(|slot| slot.state.key() == "filled").collect();
    assert_eq!(
        filled.len(),
        slots.len(),
        "none is lost: {:?}",
        slots.iter().find(|s| s.state.key() != "filled")
    );
    assert!(slots.len() >= 1_000, "{}", slots.len());
    let runs = office.runs().await;
    let distinct: BTreeSet<_> = runs.iter().map(|run| run.nominal.clone()).collect();
    assert_eq!((runs.len(), distinct.len()), (slots.len(), slots.len()), "one run a slot");
    let deliveries = office.deliveries().await;
    let waiting: Vec<_> = deliveries.iter().filter(|mail| mail.state.key() != "sent").collect();
    assert!(waiting.is_empty(), "{} mails wait: {:?}", waiting.len(), waiting.first());
    let reports = deliveries.iter().filter(|mail| mail.kind.key() == "report").count();
    assert_eq!(reports, 3 * slots.len());
    // A takeover in the midst of a hand-over tells the office of a mail in doubt: one alert more.
    let mails: BTreeSet<_> = office.mails().into_iter().map(|mail| (mail.to, mail.bytes)).collect();
    assert_eq!((office.mails().len(), mails.len()), (deliveries.len(), deliveries.len()), "each mail once");
}

#[tokio::test]
async fn the_commit_of_a_stale_holder_is_refused() {
    let office = Office::new("2016-06-06T00:00:30Z", only("* * * * *"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    let stale = daemon.token().unwrap();
    // The daemon hangs for an hour. Another takes over and finds a slot due.
    office.hand.advance(HOUR);
    let (store, engine, now) = (office.store().await, office.engine(), office.now());
    let another = store.announce().unwrap();
    let taken = store.acquire_lease(&another, office.clock.uptime(), MINUTE * 2).await.unwrap().unwrap();
    assert!(taken.is_new && taken.token > stale);
    let report = &engine.settings.reports["weekly"];
    let rule = report.schedule.as_ref().unwrap();
    slots::observe(&engine.settings, &store, report, rule, now, taken.token).await.unwrap();
    let open = store.open_slots().await.unwrap();
    assert!(!open.is_empty());
    // The first one wakes up in the midst of its work: nothing of it is recorded.
    let late = slots::fill(&engine, &store, &office.clock, open[0].claim(stale).unwrap()).await;
    assert!(matches!(late, Err(RunError::Store(StoreError::LeaseLost))), "{late:?}");
    assert!(office.runs().await.is_empty() && store.deliveries(None).await.unwrap().is_empty());
    let moved = store.observe_from("weekly", "x", now, stale).await;
    assert!(matches!(moved, Err(StoreError::LeaseLost)), "{moved:?}");
    // It stands by while the other lives, and takes over again when it does not.
    daemon.tick().await.unwrap();
    assert_eq!(daemon.token(), None);
    office.hand.advance(MINUTE * 3);
    work(&mut daemon).await;
    assert_eq!(daemon.token(), Some(taken.token + 1));
    assert!(!office.runs().await.is_empty());
}

/// How many runs there are after so many weekly slots were missed, and whether the last says it is late.
async fn after_missing(weeks: i64, lines: &'static str) -> (usize, Vec<bool>) {
    let office = Office::new("2016-05-30T00:00:00Z", with("0 9 * * Mon", lines));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    daemon.end().await;
    office.hand.advance(DAY * 7 * weeks as i32);
    let mut daemon = office.daemon().await;
    office.hand.advance(HOUR * 3);
    work(&mut daemon).await;
    let late: Vec<bool> = office.runs().await.iter().map(|run| run.late_since.is_some()).collect();
    (late.len(), late)
}

#[tokio::test]
async fn missed_slots_are_made_up_for_by_policy() {
    for (missed, latest, all) in [(0, 1, 1), (1, 1, 2), (5, 1, 3), (200, 1, 3)] {
        // The slot of two hours ago comes on top of the missed ones of the weeks before.
        assert_eq!(after_missing(missed, "catch_up = \"latest\"").await.0, latest, "{missed}");
        let lines = "catch_up = \"all\"\ncatch_up_at_most = 3\ncatch_up_within = \"900d\"";
        let (count, late) = after_missing(missed, lines).await;
        assert_eq!(count, all, "{missed}");
        assert!(late.iter().all(|late| *late), "{late:?}");
        assert_eq!(after_missing(missed, "catch_up = \"skip\"").await.0, 0, "{missed}");
    }
    let window = after_missing(5, "catch_up = \"all\"\ncatch_up_within = \"15d\"").await.0;
    assert_eq!(window, 3, "two hours, one week and two weeks ago");
}

#[tokio::test]
async fn a_late_bulletin_says_so_on_paper_where_that_is_wanted() {
    let office = Office::new("2016-06-12T00:00:00Z", with("0 9 * * Mon", "print_lateness = true"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    office.hand.advance(DAY + HOUR + MINUTE * 2);
    work(&mut daemon).await;
    office.hand.advance(DAY * 7);
    daemon.end().await;
    let mut daemon = office.daemon().await;
    office.hand.advance(HOUR * 5);
    work(&mut daemon).await;
    let (store, runs) = (office.store().await, office.runs().await);
    let mut texts = Vec::new();
    for run in &runs {
        texts.push(pdf_text(&store.documents(run.id).await.unwrap()[0].bytes));
    }
    assert!(!texts[0].contains("因故延后"), "in time");
    assert!(texts[1].contains("2016年6月20日") && texts[1].contains("因故延后"), "{}", texts[1]);
}

#[tokio::test]
async fn a_changed_schedule_never_fires_past_slots() {
    let mut office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * Mon"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 30).await;
    assert_eq!(office.runs().await.len(), 1);
    daemon.end().await;
    office.text = office.text.replace("0 9 * * Mon", "0 8 * * *");
    office.hand.advance(DAY * 3);
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    assert_eq!(office.runs().await.len(), 1, "the days since then are not made up for");
    live(&office, &mut daemon, DAY, HOUR).await;
    assert_eq!(office.runs().await.len(), 2);
    assert_eq!(office.runs().await[1].nominal.as_deref(), Some("2016-06-10T08:00:00"));
}

#[tokio::test]
async fn phases_switch_a_bulletin_on_and_off() {
    let office = Office::new("2016-05-25T00:00:00Z", with("0 9 * * *", "phases = [\"全面清理\"]"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 45, DAY / 2).await;
    let days: Vec<String> = office.runs().await.iter().filter_map(|run| run.nominal.clone()).collect();
    assert_eq!(days.len(), 27, "{days:?}");
    assert_eq!((&days[0][..10], &days[26][..10]), ("2016-06-04", "2016-06-30"));
}

#[tokio::test]
async fn a_clock_set_back_fires_nothing_again() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 * * * *"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR * 5, MINUTE * 10).await;
    let before = office.runs().await.len();
    assert_eq!(before, 5);
    office.hand.leap(-HOUR * 4);
    live(&office, &mut daemon, HOUR * 4, MINUTE * 10).await;
    assert_eq!(office.runs().await.len(), before);
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    assert_eq!(office.runs().await.len(), before + 1);
}

#[tokio::test]
async fn a_leap_ahead_is_held_and_the_office_is_told() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    // Somebody sets the clock two days ahead, and right again after ten minutes.
    office.hand.leap(DAY * 2);
    live(&office, &mut daemon, MINUTE * 10, MINUTE).await;
    assert_eq!(office.runs().await.len(), 0);
    office.hand.leap(-DAY * 2);
    live(&office, &mut daemon, MINUTE * 10, MINUTE).await;
    assert_eq!(office.runs().await.len(), 0);
    let alerts: Vec<_> = office.mails().into_iter().map(|mail| mail.to).collect();
    assert_eq!(alerts, ["office@example.test"]);
    // A leap that stays is believed after a quarter of an hour.
    office.hand.leap(DAY * 2);
    live(&office, &mut daemon, MINUTE * 14, MINUTE).await;
    assert_eq!(office.runs().await.len(), 0);
    live(&office, &mut daemon, MINUTE * 5, MINUTE).await;
    assert_eq!(office.runs().await.len(), 1, "the latest of the slots passed over");
}

#[tokio::test]
async fn a_paused_schedule_rests_and_its_slots_are_on_record() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 * * * *"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    let store = office.store().await;
    assert!(store.pause("weekly", Some("李"), office.now()).await.unwrap());
    live(&office, &mut daemon, HOUR * 3, MINUTE * 30).await;
    assert_eq!(office.runs().await.len(), 0);
    assert!(store.pause("weekly", None, office.now()).await.unwrap());
    live(&office, &mut daemon, HOUR * 2, MINUTE * 30).await;
    assert_eq!(office.runs().await.len(), 2);
    let left_out =
        store.slots(10).await.unwrap().into_iter().filter(|slot| slot.state.key() == "skipped").count();
    assert_eq!(left_out, 3);
    assert!(!store.pause("no such", None, office.now()).await.unwrap());
}

#[tokio::test]
async fn a_database_that_is_away_leaves_the_slot_open_and_the_office_is_told() {
    tongbao_message::register(&[&tongbao::source::TEXTS]);
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * Mon"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    let (here, gone) = (office.dir.path().join("register.db"), office.dir.path().join("gone.db"));
    std::fs::rename(&here, &gone).unwrap();
    live(&office, &mut daemon, HOUR * 3, MINUTE).await;
    let open = office.store().await.open_slots().await.unwrap();
    assert!(open[0].attempts >= 5 && open[0].attempts < 20, "{open:?}");
    assert!(open[0].overdue);
    let alerts: Vec<_> = office.mails();
    assert_eq!(alerts.len(), 1, "one alert, however often it fails");
    let path = office.dir.path().join("alert.eml");
    std::fs::write(&path, &alerts[0].bytes).unwrap();
    let told = read_mail(&path)["text"].to_string();
    assert!(
        told.contains("原因：数据库文件") && !told.contains("exist"),
        "the reason is in the alert's language: {told}"
    );
    // It comes back before the deadline.
    std::fs::rename(&gone, &here).unwrap();
    live(&office, &mut daemon, HOUR * 2, MINUTE).await;
    let runs = office.runs().await;
    assert_eq!(runs.len(), 1);
    assert!(runs[0].late_since.is_some());
    assert_eq!(office.mails().len(), 1 + 3 + 1, "the run, and that it came late");
    // Away for longer than the deadline: given up, told, and the next slot is a new chance.
    std::fs::rename(&here, &gone).unwrap();
    live(&office, &mut daemon, DAY * 12, MINUTE * 20).await;
    assert!(office.store().await.slots(10).await.unwrap().iter().any(|slot| slot.state.key() == "expired"));
    std::fs::rename(&gone, &here).unwrap();
    live(&office, &mut daemon, DAY * 4, MINUTE * 20).await;
    assert_eq!(office.runs().await.len(), 2);
}

#[tokio::test]
async fn a_slot_that_overlaps_waits_or_is_left_out() {
    for (policy, expected) in [("skip", ["skipped", "skipped"]), ("queue_one", ["skipped", "filled"])] {
        let lines: &'static str =
            if policy == "skip" { "overlap = \"skip\"" } else { "overlap = \"queue_one\"" };
        let office = Office::new("2016-06-06T00:30:00Z", with("0 * * * *", lines));
        let mut daemon = office.daemon().await;
        work(&mut daemon).await;
        let (here, gone) = (office.dir.path().join("register.db"), office.dir.path().join("gone.db"));
        std::fs::rename(&here, &gone).unwrap();
        live(&office, &mut daemon, HOUR * 2 + MINUTE * 40, MINUTE * 10).await;
        std::fs::rename(&gone, &here).unwrap();
        live(&office, &mut daemon, MINUTE * 49, MINUTE).await;
        let mut slots = office.store().await.slots(10).await.unwrap();
        slots.reverse();
        let states: Vec<&str> = slots.iter().map(|slot| slot.state.key()).collect();
        assert_eq!(states[..3], ["filled", expected[0], expected[1]], "{policy}: {slots:?}");
    }
}

/// The later of two waiting slots has its next attempt sooner, and would come out as the first issue.
#[tokio::test]
async fn issues_come_out_in_the_order_of_their_cut_offs() {
    let office = Office::new("2016-06-06T00:30:00Z", with("0 9 * * *", "catch_up = \"all\""));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    let (here, gone) = (office.dir.path().join("register.db"), office.dir.path().join("gone.db"));
    std::fs::rename(&here, &gone).unwrap();
    live(&office, &mut daemon, DAY + MINUTE * 31, MINUTE).await;
    std::fs::rename(&gone, &here).unwrap();
    live(&office, &mut daemon, HOUR * 2, MINUTE).await;
    let mut runs = office.runs().await;
    runs.sort_by_key(|run| run.id);
    let issues: Vec<_> = runs.iter().map(|run| (run.to.as_str(), run.number.as_deref())).collect();
    assert_eq!(issues, [("2016-06-05", Some("第1期")), ("2016-06-06", Some("第2期"))]);
}

pub fn decision(number: Option<&str>) -> ReleaseDecision {
    ReleaseDecision {
        by: "王主任".into(), number: number.map(str::to_owned), ..ReleaseDecision::default()
    }
}

#[tokio::test]
async fn a_guard_holds_a_run_and_a_person_releases_it() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 30).await;
    execute(&office.dir.path().join("register.db"), "DELETE FROM person WHERE id % 2 = 0");
    live(&office, &mut daemon, DAY, HOUR).await;
    let (runs, store, engine) = (office.runs().await, office.store().await, office.engine());
    assert_eq!(runs[1].state.key(), "held");
    assert!(runs[1].held[0].contains("记录数由"), "{:?}", runs[1].held);
    assert_eq!(runs[1].number, None, "a number is given at release");
    let draft = store.documents(2).await.unwrap();
    assert!(draft[0].name.contains("送审稿") && pdf_text(&draft[0].bytes).contains("送审稿"));
    let to: Vec<String> = office.mails().split_off(3).into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, ["office@example.test"], "the draft goes to those who decide, and to nobody else");
    // The next day's run is compared with the released one, not with the held one.
    let before = store.series("weekly", jiff::civil::Date::MAX, 10).await.unwrap();
    assert_eq!(before.iter().map(|run| run.id).collect::<Vec<_>>(), [1]);
    let outcome = engine.approve(&store, &runs[1], &decision(None), office.now()).await.unwrap();
    assert!(outcome.documents.iter().all(|file| !file.name.contains("送审稿")));
    let run = store.run(2).await.unwrap();
    assert_eq!((run.state.key(), run.number.as_deref()), ("approved", Some("第2期")));
    assert_eq!(run.decided_by.as_deref(), Some("王主任"));
    assert!(run.decided_at.is_some());
    let text = pdf_text(&store.documents(2).await.unwrap()[0].bytes);
    assert!(text.contains("第2期") && !text.contains("送审稿"), "{text}");
    work(&mut daemon).await;
    assert_eq!(office.mails().len(), 3 + 1 + 3);
    // Decisions are taken once.
    let again = engine.approve(&store, &run, &decision(None), office.now()).await.unwrap_err().to_string();
    assert!(again.contains("approved by 王主任"), "{again}");
    assert!(matches!(store.reject(2, "x", "y", office.now()).await, Err(StoreError::NotHeld { .. })));
}

#[tokio::test]
async fn sign_off_holds_always_and_a_rejected_run_is_closed() {
    let office =
        Office::new("2016-06-06T00:30:00Z", with("0 9 * * *", "sign_off = true\nhead = \"official\""));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY, HOUR).await;
    let (store, engine) = (office.store().await, office.engine());
    let run = store.run(1).await.unwrap();
    assert_eq!(run.state.key(), "held");
    let missing = engine.approve(&store, &run, &decision(None), office.now()).await.unwrap_err().to_string();
    assert!(missing.contains("--number"), "{missing}");
    store.reject(1, "李", "数据有误", office.now()).await.unwrap();
    let run = store.run(1).await.unwrap();
    assert_eq!((run.state.key(), run.why.as_deref()), ("rejected", Some("数据有误")));
    live(&office, &mut daemon, DAY, HOUR).await;
    let second = store.run(2).await.unwrap();
    engine.approve(&store, &second, &decision(Some("荔街〔2016〕60号")), office.now()).await.unwrap();
    let text = pdf_text(&store.documents(2).await.unwrap()[0].bytes);
    assert!(text.contains("荔街〔2016〕60号"), "{text}");
    live(&office, &mut daemon, DAY, HOUR).await;
    let third = store.run(3).await.unwrap();
    let taken = engine.approve(&store, &third, &decision(Some("荔街〔2016〕60号")), office.now()).await;
    assert!(taken.unwrap_err().to_string().contains("given already"));
    assert_eq!(store.run(3).await.unwrap().state.key(), "held", "nothing of the refused release remains");
}

/// A held run is released with the figures it was held with, whatever the definitions are by then. A run of an
/// earlier version has not kept its own, and is not released under others.
#[tokio::test]
async fn a_held_run_is_released_under_its_own_definitions_or_not_at_all() {
    let mut office = Office::new("2016-06-06T00:30:00Z", with("0 9 * * *", "sign_off = true"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 30).await;
    live(&office, &mut daemon, DAY, HOUR).await;
    office.text.push_str("\n[indicators.completeness]\ncounted = \"cells\"\n");
    let (store, engine) = (office.store().await, office.engine());
    let (figures, _) = store.details(1).await.unwrap();
    engine.approve(&store, &store.run(1).await.unwrap(), &decision(None), office.now()).await.unwrap();
    assert_eq!(store.run(1).await.unwrap().state.key(), "approved");
    assert_eq!(store.details(1).await.unwrap().0, figures);
    let forgotten = "UPDATE run SET provenance = json_remove(provenance, '$.deciding') WHERE id = 2";
    execute(&office.state().join("tongbao.db"), forgotten);
    let run = store.run(2).await.unwrap();
    let refused = engine.approve(&store, &run, &decision(None), office.now()).await.unwrap_err().to_string();
    assert!(refused.contains("definitions have changed"), "{refused}");
}

/// At the end of the campaign, once; then after each deadline, until accepted.
#[tokio::test]
async fn acceptance_rounds_follow_until_accepted() {
    let edit = |text: String| {
        let kind = "kind = \"acceptance\"\n";
        only("0 9 * * *")(text)
            .replace("schedule = \"0 9 * * *\"\n", "")
            .replace(kind, &format!("{kind}schedule = \"campaign_end 09:00\"\nhead = \"brief\"\n"))
    };
    let mut office = Office::new("2016-07-01T00:00:00Z", edit);
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 30, HOUR * 6).await;
    let runs = office.runs().await;
    let days: Vec<_> =
        runs.iter().map(|run| (run.nominal.clone().unwrap(), run.to.clone(), run.round)).collect();
    let day = |nominal: &str, to: &str, round| (nominal.to_owned(), to.to_owned(), round);
    assert_eq!(
        days,
        [day("2016-07-08T09:00:00", "2016-07-07", 1), day("2016-07-23T09:00:00", "2016-07-22", 2)]
    );
    assert!(runs.iter().all(|run| run.verdict == Some(AcceptanceVerdict::Rectify)));
    let text = pdf_text(&office.store().await.documents(runs[1].id).await.unwrap()[0].bytes);
    assert!(text.contains("第2轮"), "{text}");
    // A run on request with an earlier cut-off is a round of its own.
    let request = tongbao::pipeline::Request {
        report: "acceptance".into(),
        from: Some("2016-06-01".parse().unwrap()),
        to: Some("2016-06-10".parse().unwrap()),
        ..Default::default()
    };
    let store = office.store().await;
    office.engine().run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
    // The targets are met in the third round, and that is the last.
    daemon.end().await;
    for section in ["coverage", "completeness", "accuracy"] {
        office.text.push_str(&format!("\n[indicators.{section}]\ntarget = \"1%\"\n"));
    }
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 60, HOUR * 6).await;
    let scheduled: Vec<_> = office.runs().await.into_iter().filter(|run| run.slot.is_some()).collect();
    assert_eq!(scheduled.len(), 3, "{scheduled:?}");
    assert_eq!(scheduled[2].verdict, Some(AcceptanceVerdict::Accepted));
    assert_eq!(scheduled[2].round, 4);
}

#[tokio::test]
async fn runs_on_request_are_in_the_series() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY, HOUR).await;
    let store = office.store().await;
    let request = tongbao::pipeline::Request {
        report: "weekly".into(),
        from: Some("2016-06-01".parse().unwrap()),
        to: Some("2016-06-06".parse().unwrap()),
        no_send: true,
        ..Default::default()
    };
    office.engine().run(Some(&store), &request, office.now(), |_| {}).await.unwrap();
    live(&office, &mut daemon, DAY, HOUR).await;
    let runs = office.runs().await;
    let scheduled: Vec<_> = runs.iter().filter(|run| run.slot.is_some()).collect();
    // The first scheduled one ends on 5 June, the one on request on 6 June, as the second scheduled one does.
    assert_eq!(scheduled[1].against, Some(scheduled[0].id), "compared with the nearest earlier cut-off");
    assert_eq!(scheduled[1].number.as_deref(), Some("第3期"), "the one on request was 第2期");
}

#[tokio::test]
async fn a_lease_lasts_by_the_steady_clock_and_by_the_life_of_its_holder() {
    let office = Office::new("2030-01-01T00:00:00Z", only("0 9 * * *"));
    let store = office.store().await;
    let (one, other) = (store.announce().unwrap(), store.announce().unwrap());
    let uptime = || office.clock.uptime();
    let first = store.acquire_lease(&one, uptime(), HOUR).await.unwrap().unwrap();
    for leap in [DAY * 365, DAY * -730] {
        office.hand.leap(leap);
        assert_eq!(
            store.acquire_lease(&other, uptime(), HOUR).await.unwrap(),
            None,
            "the wall clock ends no lease"
        );
    }
    office.hand.advance(HOUR);
    let second = store.acquire_lease(&other, uptime(), HOUR).await.unwrap().unwrap();
    assert!(second.is_new && second.token == first.token + 1, "silent for its whole time");
    drop(other);
    let third = store.acquire_lease(&one, uptime(), HOUR).await.unwrap().unwrap();
    assert!(third.is_new && third.token == second.token + 1, "one that is gone need not be waited for");
}
