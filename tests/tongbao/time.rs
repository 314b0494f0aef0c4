//! Wrong clocks: nothing is sent, given up or lost by one, and once it is right every slot is filled or named.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use tongbao::store::restore::restore;

use crate::daemon::only;
use crate::support::office::{DAY, HOUR, MINUTE, Office, busy, live, work};
use crate::support::process::{Daemon, until};
use crate::support::setting;

const YEAR: SignedDuration = SignedDuration::from_hours(24 * 365);

/// The status on the health page.
async fn health(daemon: &tongbao::daemon::service::Service) -> String {
    let body = daemon.watch().answer("/healthz").await.body;
    let page: serde_json::Value = serde_json::from_str(&body).unwrap();
    page["status"].as_str().unwrap().to_owned()
}

async fn nominals(office: &Office) -> Vec<String> {
    office.runs().await.into_iter().filter_map(|run| run.nominal).collect()
}

#[tokio::test]
async fn a_clock_that_was_a_year_ahead_costs_nothing_once_it_is_right() {
    for restarts in [false, true] {
        let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
        let mut daemon = office.daemon().await;
        live(&office, &mut daemon, HOUR, MINUTE * 10).await;
        assert_eq!(nominals(&office).await, ["2016-06-06T09:00:00"]);
        // Longer than it takes to be believed.
        office.hand.leap(YEAR);
        live(&office, &mut daemon, MINUTE * 10, MINUTE).await;
        assert_eq!(health(&daemon).await, "clock");
        live(&office, &mut daemon, DAY, MINUTE * 30).await;
        assert_eq!(health(&daemon).await, "ok", "a clock that runs evenly is believed");
        assert_eq!(office.runs().await.len(), 3, "the year's slot and the next");
        office.refuse("leader@example.test", Some(busy()));
        live(&office, &mut daemon, DAY, MINUTE * 30).await;
        office.refuse("leader@example.test", None);
        office.hand.leap(-YEAR);
        if restarts {
            daemon.end().await;
            daemon = office.daemon().await;
        }
        live(&office, &mut daemon, DAY, MINUTE * 30).await;
        let runs = nominals(&office).await;
        assert!(runs.contains(&"2016-06-08T09:00:00".to_owned()), "missed meanwhile: {runs:?}");
        assert_eq!(health(&daemon).await, "ok");
        let distinct: BTreeSet<&String> = runs.iter().collect();
        assert_eq!(distinct.len(), runs.len(), "{runs:?}");
        let waiting = office.deliveries().await.into_iter().filter(|mail| mail.state.key() != "sent").count();
        assert_eq!(waiting, 0, "mails of the wrong year wait for nothing");
        let store = office.store().await;
        assert!(store.observed("weekly").await.unwrap().unwrap().until <= office.now());
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_at_the_start_fires_nothing() {
    for (by, is_set_right) in [(YEAR, true), (DAY, true), (-YEAR, true), (YEAR, false)] {
        let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
        let mut daemon = office.daemon().await;
        live(&office, &mut daemon, MINUTE * 10, MINUTE).await;
        daemon.end().await;
        office.hand.leap(by);
        let mut daemon = office.daemon().await;
        live(&office, &mut daemon, MINUTE * 10, MINUTE).await;
        assert_eq!(health(&daemon).await, "clock");
        assert_eq!(office.runs().await.len(), 0, "{by:?}");
        if is_set_right {
            office.hand.leap(-by);
            live(&office, &mut daemon, MINUTE * 20, MINUTE).await;
            assert_eq!((health(&daemon).await.as_str(), office.runs().await.len()), ("ok", 1), "{by:?}");
        } else {
            live(&office, &mut daemon, MINUTE * 10, MINUTE).await;
            assert_eq!(health(&daemon).await, "ok", "a clock that runs evenly is believed in the end");
            assert!(!office.runs().await.is_empty());
        }
    }
}

/// Above all the alert that the clock is wrong.
#[tokio::test]
async fn mails_leave_while_the_clock_is_doubted_from_the_start() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    daemon.end().await;
    office.hand.leap(DAY);
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, MINUTE * 3, MINUTE).await;
    assert_eq!(health(&daemon).await, "clock");
    let mails: Vec<_> =
        office.deliveries().await.into_iter().map(|mail| (mail.kind.key(), mail.state.key())).collect();
    assert_eq!(mails, [("alert", "sent")]);
}

#[tokio::test]
async fn a_long_stop_on_a_machine_that_ran_on_is_believed_at_once() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    daemon.end().await;
    office.hand.advance(DAY * 20);
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    assert_eq!(office.runs().await.len(), 1);
}

/// A leap of seconds: what waits is neither given up nor put off.
#[tokio::test]
async fn a_leap_of_seconds_kills_nothing_that_waits() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    office.refuse("leader@example.test", Some(busy()));
    live(&office, &mut daemon, MINUTE * 31, MINUTE).await;
    let (here, gone) = (office.dir.path().join("register.db"), office.dir.path().join("gone.db"));
    std::fs::rename(&here, &gone).unwrap();
    live(&office, &mut daemon, DAY, HOUR).await;
    let slot = office.store().await.open_slots().await.unwrap().remove(0);
    assert!(slot.attempts > 0);
    for days in [4, -4, 400] {
        office.hand.leap(DAY * days);
        for _ in 0..4 {
            office.hand.advance(SignedDuration::from_secs(1));
            work(&mut daemon).await;
        }
        office.hand.leap(-DAY * days);
        work(&mut daemon).await;
        let slot = office.store().await.open_slots().await.unwrap().remove(0);
        assert!(slot.try_at <= office.now() + HOUR * 2, "{slot:?}");
        let leader = office.deliveries().await.remove(0);
        assert_eq!((leader.address.as_str(), leader.state.key()), ("leader@example.test", "pending"));
        assert!(leader.try_at <= office.now() + HOUR * 2, "{leader:?}");
    }
    std::fs::rename(&gone, &here).unwrap();
    office.refuse("leader@example.test", None);
    live(&office, &mut daemon, HOUR * 2, MINUTE * 5).await;
    assert_eq!(office.runs().await.len(), 2);
    assert!(office.deliveries().await.iter().all(|mail| mail.state.key() == "sent"));
}

/// Any history of steps and restarts.
#[tokio::test]
async fn after_any_history_of_steps_every_slot_is_filled_or_named() {
    for seed in 0..6 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let office = Office::new("2016-06-06T00:30:00Z", only("0 */4 * * *"));
        let start = office.now();
        let mut daemon = office.daemon().await;
        work(&mut daemon).await;
        let mut ahead = SignedDuration::ZERO;
        for _ in 0..60 {
            office.hand.advance(MINUTE * rng.i32(1..120));
            match rng.u8(0..8) {
                0 => {
                    let by = match rng.u8(0..4) {
                        0 => MINUTE * rng.i32(-50..50),
                        1 => HOUR * rng.i32(-30..30),
                        2 => DAY * rng.i32(-400..400),
                        _ => -ahead,
                    };
                    // No clock of a computer shows a year before its making.
                    if start + ahead + by > "2012-01-01T00:00:00Z".parse::<Timestamp>().unwrap() {
                        office.hand.leap(by);
                        ahead += by;
                    }
                }
                1 => {
                    daemon.end().await;
                    office.hand.advance(MINUTE * rng.i32(0..600));
                    daemon = office.daemon().await;
                }
                _ => {}
            }
            work(&mut daemon).await;
        }
        office.hand.leap(-ahead);
        live(&office, &mut daemon, HOUR * 6, MINUTE * 10).await;
        let slots = office.store().await.slots(100_000).await.unwrap();
        let by_time: BTreeMap<&str, &str> =
            slots.iter().map(|slot| (slot.key.nominal.as_str(), slot.state.key())).collect();
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let mut due = start + MINUTE * 30 + HOUR * 3;
        while due < office.now() - HOUR {
            let nominal = due.to_zoned(zone.clone()).datetime().to_string();
            let state = by_time.get(nominal.as_str());
            assert!(
                matches!(state, Some(&"filled" | &"skipped" | &"expired")),
                "seed {seed}: {nominal} is {state:?}"
            );
            due += HOUR * 4;
        }
        let unnamed = slots.iter().find(|slot| slot.state.key() == "skipped" && slot.reason.is_none());
        assert_eq!(unnamed.map(|slot| &slot.key.nominal), None, "seed {seed}");
        let runs = nominals(&office).await;
        assert_eq!(runs.iter().collect::<BTreeSet<_>>().len(), runs.len(), "seed {seed}: one run a slot");
        let mails: Vec<_> = office.mails().into_iter().map(|mail| (mail.to, mail.bytes)).collect();
        assert_eq!(mails.iter().collect::<BTreeSet<_>>().len(), mails.len(), "seed {seed}: each mail once");
        let waiting = office.deliveries().await.into_iter().find(|mail| mail.state.key() != "sent");
        assert!(waiting.is_none(), "seed {seed}: {waiting:?}");
    }
}

/// Slots up to a restore are unknown and left out; a restore under a wrong clock must not silence a year of them.
#[tokio::test]
async fn a_restore_under_a_wrong_clock_silences_nothing_once_it_is_right() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    let copy = office.dir.path().join("copy.tar");
    office.store().await.backup(&copy, office.now()).await.unwrap();
    daemon.end().await;
    office.hand.leap(YEAR);
    std::fs::rename(office.state(), office.dir.path().join("lost")).unwrap();
    restore(&copy, &office.state(), office.now()).await.unwrap();
    office.hand.leap(-YEAR);
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY * 2, MINUTE * 30).await;
    let days = ["2016-06-06T09:00:00", "2016-06-07T09:00:00", "2016-06-08T09:00:00"];
    assert_eq!(nominals(&office).await, days);
}

/// What was sent before a restore is not sent again when the clock is set back to a day before the restore, nor when it
/// is right again. The state does not know those slots as filled.
#[tokio::test]
async fn a_clock_that_is_set_back_after_a_restore_sends_nothing_again() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let (mut daemon, copy) = (office.daemon().await, office.dir.path().join("copy.tar"));
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    office.store().await.backup(&copy, office.now()).await.unwrap();
    live(&office, &mut daemon, DAY * 4, MINUTE * 30).await;
    assert_eq!(office.runs().await.len(), 5);
    daemon.end().await;
    std::fs::rename(office.state(), office.dir.path().join("lost")).unwrap();
    restore(&copy, &office.state(), office.now()).await.unwrap();
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY, MINUTE * 30).await;
    for days in [3, 4] {
        // Long enough to be believed, and for a slot to fall due.
        office.hand.leap(-DAY * days);
        live(&office, &mut daemon, DAY, MINUTE * 30).await;
        office.hand.leap(DAY * days);
        live(&office, &mut daemon, DAY, MINUTE * 30).await;
    }
    let runs = nominals(&office).await;
    let again: Vec<&String> =
        runs.iter().filter(|at| ("2016-06-07".."2016-06-11").contains(&&at[..10])).collect();
    assert!(again.is_empty(), "{runs:?}");
    assert!(runs.contains(&"2016-06-15T09:00:00".to_owned()), "{runs:?}");
    let slots = office.store().await.slots(100).await.unwrap();
    let left_out: BTreeSet<&str> = slots
        .iter()
        .filter(|slot| slot.reason.as_ref().is_some_and(|reason| reason.to_string().starts_with("restored")))
        .map(|slot| &slot.key.nominal[..10])
        .collect();
    assert_eq!(left_out, BTreeSet::from(["2016-06-07", "2016-06-08", "2016-06-09", "2016-06-10"]));
}

/// A daemon has run for a day under the clock by which the state was restored, a year ahead.
#[tokio::test]
async fn a_restore_under_a_clock_that_proves_wrong_silences_nothing() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let (mut daemon, copy) = (office.daemon().await, office.dir.path().join("copy.tar"));
    live(&office, &mut daemon, HOUR, MINUTE * 10).await;
    office.store().await.backup(&copy, office.now()).await.unwrap();
    daemon.end().await;
    office.hand.leap(YEAR);
    std::fs::rename(office.state(), office.dir.path().join("lost")).unwrap();
    restore(&copy, &office.state(), office.now()).await.unwrap();
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY, MINUTE * 30).await;
    office.hand.leap(-YEAR);
    live(&office, &mut daemon, DAY * 2, MINUTE * 30).await;
    let runs = nominals(&office).await;
    for day in ["2016-06-08T09:00:00", "2016-06-09T09:00:00"] {
        assert!(runs.contains(&day.to_owned()), "{runs:?}");
    }
}

/// The real loop, with the wall clock set back by hours while the steady clock runs on: it does not stand still. The
/// clock would settle after an hour only, so what is waited for stays until it is set right.
#[test]
fn the_loop_goes_on_when_the_clock_is_set_back() {
    let dir = tempfile::tempdir().unwrap();
    let url = crate::support::office::register(dir.path());
    let text = only("*/1 * * * *")(setting::configuration(&url, dir.path()))
        .replace("[daemon]", "[daemon]\nclock_settle = \"1h\"\nlisten = \"127.0.0.1:0\"");
    setting::write(dir.path(), &text);
    let offset = dir.path().join("offset");
    // Renamed into its place: the library must not read it half written.
    let set = |to: &str| {
        std::fs::write(dir.path().join("new"), to).unwrap();
        std::fs::rename(dir.path().join("new"), &offset).unwrap();
    };
    set("+0");
    let library = faketime();
    let environment = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", offset.to_str().unwrap()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("FAKETIME_NO_CACHE", "1"),
    ];
    let mut daemon = Daemon::start(dir.path(), &environment);
    daemon.wait_for("fills the slots now");
    set("-4h");
    daemon.wait_for("the clock was set back by");
    until("the page to say clock", || (daemon.health().1["status"] == "clock").then_some(()));
    set("+0");
    daemon.wait_for("the clock is believed again");
    until("the page to be well", || (daemon.health().1["status"] == "ok").then_some(()));
    assert!(daemon.stop().success());
}

/// Where Debian's package faketime has its library.
pub fn faketime() -> String {
    let output = std::process::Command::new("dpkg").args(["-L", "libfaketime"]).output().unwrap();
    let list = String::from_utf8(output.stdout).unwrap();
    let path = list.lines().find(|line| line.ends_with("/libfaketimeMT.so.1"));
    path.expect("run: scripts/setup.sh test").to_owned()
}
