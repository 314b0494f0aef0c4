//! kill -9 at every named point, against a real mail server that counts.
//!
//! The parent starts a child that lives one instant of the daemon's life and is killed at the point
//! the parent names.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitStatus;

use jiff::Timestamp;
use tongbao::digest::sha256;
use tongbao::fault;
use tongbao::store::Store;

use crate::support::office::register;
use crate::support::process::child;
use crate::support::setting;
use crate::support::smtp::MailServer;

const POINTS: [&str; 10] =
    ["claimed", "pulled", "tallied", "rendered", "archived", "enqueued", "mail", "data", "dotted", "marked"];
const KILLS: usize = 200;

/// Lives an instant as a process of its own, killed at a named point or at none.
pub fn live_once(dir: &Path, now: Timestamp, fault: &str) -> ExitStatus {
    child()
        .arg("live")
        .arg(dir)
        .arg(now.to_string())
        .env(fault::VARIABLE, fault)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap()
}

fn configuration(dir: &Path, server: &MailServer, edit: impl Fn(String) -> String) {
    let url = register(dir);
    let text = setting::configuration(&url, dir)
        .replace("port = 25", &format!("port = {}", server.settings().port))
        .replace("schedule = \"0 10 1 * *\"\n", "")
        .replace("active = { from = 2016-06-04, to = 2016-07-11 }\n", "")
        .replace("0 9 * * Mon", "*/5 * * * *")
        .replace("period = \"previous_week\"", "period = \"campaign_to_date\"\ncatch_up = \"all\"");
    setting::write(dir, &edit(text));
}

/// Mails received, by Message-ID.
fn received(server: &MailServer) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut out: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for number in 1.. {
        let Ok(bytes) = std::fs::read(server.folder.path().join(format!("{number}.eml"))) else { break };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().trim().to_owned();
        out.entry(id).or_default().push(bytes);
    }
    out
}

/// Every file of the archive is whole, and no part of one is left.
fn assert_archive_is_whole(dir: &Path) {
    let mut files = 0;
    for folder in std::fs::read_dir(dir.join("state/archive")).unwrap() {
        let folder = folder.unwrap().path();
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let name = format!(
                "{}{}",
                folder.file_name().unwrap().to_string_lossy(),
                path.file_name().unwrap().to_string_lossy()
            );
            let bytes = std::fs::read(&path).unwrap();
            // A mail with large attachments names them; put together, it has the digest of its name.
            if !bytes.starts_with(b"tongbao message 1\n") {
                assert_eq!(sha256(&bytes), name, "{}", path.display());
            }
            files += 1;
        }
    }
    assert!(files > 100, "{files}");
    let verified = setting::tongbao(dir, &["--config", "tongbao.toml", "verify"]);
    assert!(verified.status.success(), "{}{}", setting::stdout(&verified), setting::stderr(&verified));
}

#[test]
fn two_hundred_kills_lose_nothing_and_send_nothing_twice() {
    let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
    configuration(dir.path(), &server, |text| setting::with_short_bulletins(dir.path(), &text));
    let mut now: Timestamp = "2016-06-06T00:00:30Z".parse().unwrap();
    assert!(live_once(dir.path(), now, "").success());
    let mut rng = fastrand::Rng::with_seed(9);
    let mut killed: BTreeMap<&str, usize> = BTreeMap::new();
    for round in 0..KILLS {
        now += jiff::SignedDuration::from_mins(5);
        // Each point in turn at first, so that each has its share; then any.
        let point = if round < 100 { POINTS[round % 10] } else { POINTS[rng.usize(0..10)] };
        let status = live_once(dir.path(), now, point);
        assert!(!status.success(), "{point} in round {round} was not reached");
        *killed.entry(point).or_default() += 1;
    }
    for _ in 0..2 {
        now += jiff::SignedDuration::from_mins(5);
        assert!(live_once(dir.path(), now, "").success());
    }
    assert_eq!(killed.len(), POINTS.len(), "{killed:?}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (slots, runs, deliveries) = runtime.block_on(async {
        let store = Store::open(&dir.path().join("state")).await.unwrap();
        let slots = store.slots(1_000).await.unwrap();
        (slots, store.runs(1_000).await.unwrap(), store.deliveries(None).await.unwrap())
    });
    assert_eq!(slots.len(), KILLS + 2);
    assert!(slots.iter().all(|slot| slot.state.key() == "filled"), "every slot has its run");
    assert_eq!(runs.len(), slots.len(), "exactly one");
    let reports = deliveries.iter().filter(|mail| mail.kind.key() == "report").count();
    assert_eq!(reports, 3 * runs.len());
    let received = received(&server);
    let twice: Vec<_> = received.iter().filter(|(_, copies)| copies.len() > 1).map(|(id, _)| id).collect();
    assert!(twice.is_empty(), "sent twice: {twice:?}");
    let mut uncertain = 0;
    for mail in &deliveries {
        match mail.state.key() {
            "sent" => assert!(received.contains_key(&mail.message_id), "lost: {mail:?}"),
            "uncertain" => uncertain += 1,
            other => panic!("{other}: {mail:?}"),
        }
    }
    // One sender hands over one mail at a time, so a kill leaves one in doubt at most; it may be under
    // way while the kill meets another point.
    assert!(uncertain > 0 && uncertain <= KILLS, "{uncertain} uncertain after {killed:?}");
    assert_archive_is_whole(dir.path());
    println!("killed at {killed:?}; {} runs, {} mails, {uncertain} uncertain", runs.len(), received.len());
}

#[test]
fn with_resending_nothing_is_lost_and_copies_are_the_same_mail() {
    let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
    configuration(dir.path(), &server, |text| text.replace("[smtp]\n", "[smtp]\nuncertain = \"resend\"\n"));
    let mut now: Timestamp = "2016-06-06T00:00:30Z".parse().unwrap();
    assert!(live_once(dir.path(), now, "").success());
    for point in ["data", "dotted", "data", "dotted", ""] {
        now += jiff::SignedDuration::from_mins(5);
        live_once(dir.path(), now, point);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let deliveries = runtime.block_on(async {
        Store::open(&dir.path().join("state")).await.unwrap().deliveries(None).await.unwrap()
    });
    let received = received(&server);
    assert_eq!(deliveries.len(), 15);
    for mail in &deliveries {
        assert_eq!(mail.state.key(), "sent", "{mail:?}");
        let copies = &received[&mail.message_id];
        assert!(copies.iter().all(|copy| copy == &copies[0]), "the same bytes again");
    }
    assert!(received.values().any(|copies| copies.len() == 2), "the documented case: twice, told by its id");
}

#[test]
fn a_panic_in_one_report_stops_no_other() {
    let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
    configuration(dir.path(), &server, |text| {
        let kind = "kind = \"ranking\"\n";
        text.replace(kind, &format!("{kind}schedule = \"*/5 * * * *\"\n"))
    });
    let mut now: Timestamp = "2016-06-06T00:00:30Z".parse().unwrap();
    for _ in 0..2 {
        assert!(live_once(dir.path(), now, "panic:weekly").success(), "the daemon lives on");
        now += jiff::SignedDuration::from_mins(5);
    }
    let reports = |dir: &Path| -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let runs = runtime
            .block_on(async { Store::open(&dir.join("state")).await.unwrap().runs(10).await.unwrap() });
        runs.into_iter().map(|run| run.report).collect()
    };
    assert_eq!(reports(dir.path()), ["ranking"]);
    assert!(live_once(dir.path(), now, "").success());
    let all = reports(dir.path());
    assert_eq!(all.iter().filter(|report| *report == "weekly").count(), 2, "made up for: {all:?}");
}

/// As a lack of memory would: the process is gone with the report, at every start.
#[test]
fn a_report_that_ends_the_process_is_told_and_holds_up_no_other() {
    let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
    configuration(dir.path(), &server, |text| {
        let kind = "kind = \"ranking\"\n";
        text.replace("*/5 * * * *", "0 * * * *")
            .replace(kind, &format!("{kind}schedule = \"*/30 * * * *\"\n"))
    });
    let mut now: Timestamp = "2016-06-06T00:50:30Z".parse().unwrap();
    assert!(live_once(dir.path(), now, "kill:weekly").success());
    // Restarted every two minutes, as by systemd.
    for _ in 0..60 {
        now += jiff::SignedDuration::from_mins(2);
        live_once(dir.path(), now, "kill:weekly");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (runs, slots, mails) = runtime.block_on(async {
        let store = Store::open(&dir.path().join("state")).await.unwrap();
        (
            store.runs(100).await.unwrap(),
            store.slots(100).await.unwrap(),
            store.deliveries(None).await.unwrap(),
        )
    });
    assert_eq!(runs.len(), 4, "the other report is filled in time");
    assert!(runs.iter().all(|run| run.report == "ranking" && run.late_since.is_none()), "{runs:?}");
    let weekly: Vec<_> = slots.iter().filter(|slot| slot.key.schedule == "weekly").collect();
    assert!(
        weekly.iter().all(|slot| slot.state.key() == "open" || slot.state.key() == "skipped"),
        "{weekly:?}"
    );
    let attempts: i64 = weekly.iter().map(|slot| slot.attempts).sum();
    assert!((3..20).contains(&attempts), "waits grow: {weekly:?}");
    let told = mails.iter().find(|mail| mail.kind.key() == "alert").unwrap();
    assert_eq!(told.state.key(), "sent");
    assert!(mails.iter().all(|mail| mail.state.key() != "uncertain"), "no mail is cut off by it");
    // It has been corrected.
    for _ in 0..2 {
        now += jiff::SignedDuration::from_mins(50);
        assert!(live_once(dir.path(), now, "").success());
    }
    let runs = runtime
        .block_on(async { Store::open(&dir.path().join("state")).await.unwrap().runs(100).await.unwrap() });
    assert!(runs.iter().any(|run| run.report == "weekly"), "{runs:?}");
}

/// A request of the console is filled once, however often the daemon that fills it is killed.
#[test]
fn a_request_is_filled_once_through_every_kill() {
    use tongbao::store::requests::NewRequest;
    let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
    configuration(dir.path(), &server, |text| text.replace("schedule = \"*/5 * * * *\"\n", ""));
    let mut now: Timestamp = "2016-06-14T00:00:30Z".parse().unwrap();
    assert!(live_once(dir.path(), now, "").success());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let state = dir.path().join("state");
    let id = runtime.block_on(async {
        let store = Store::open(&state).await.unwrap();
        let new = NewRequest { report: "weekly", from: "2016-06-06", to: "2016-06-12", record_only: false };
        let id = store.ask_for_run(&new, now).await.unwrap();
        store.close().await;
        id
    });
    for point in ["request_taken", "pulled", "tallied", "rendered", "archived"] {
        now += jiff::SignedDuration::from_mins(5);
        assert!(!live_once(dir.path(), now, point).success(), "{point} was not reached");
    }
    for _ in 0..2 {
        now += jiff::SignedDuration::from_mins(5);
        assert!(live_once(dir.path(), now, "").success());
    }
    let (request, runs, mails) = runtime.block_on(async {
        let store = Store::open(&state).await.unwrap();
        (
            store.request(id).await.unwrap(),
            store.runs(10).await.unwrap(),
            store.deliveries(None).await.unwrap(),
        )
    });
    assert_eq!((request.state.key(), request.run), ("done", Some(runs[0].id)), "{request:?}");
    assert_eq!((runs.len(), runs[0].state.key(), mails.len()), (1, "held", 0));
    let verified = setting::tongbao(dir.path(), &["--config", "tongbao.toml", "verify"]);
    assert!(verified.status.success(), "{}{}", setting::stdout(&verified), setting::stderr(&verified));
}
