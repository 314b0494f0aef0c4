//! The daemon as its operator sees it: health, metrics, systemd, logs.

use std::collections::BTreeSet;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;
use sqlx::{Connection, Row, SqliteConnection};
use tempfile::TempDir;
use tongbao::clock::{Clock, Manual};
use tongbao::daemon::service::Service;
use tongbao::delivery::transport::Transport;
use tongbao::pipeline::Engine;
use tongbao::store::Store;

use crate::support::process::{Daemon, until};
use crate::support::setting::{self, configuration, sample, stderr, stdout, tongbao};
use crate::support::smtp::MailServer;

/// A port on which nothing listens.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A folder with a register, and a configuration whose mail server is away.
fn workplace() -> (TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let url = sample(dir.path(), 500);
    let text = configuration(&url, dir.path())
        .replace("port = 25", &format!("port = {}", free_port()))
        .replace("[daemon]", "[daemon]\nlisten = \"127.0.0.1:0\"");
    setting::write(dir.path(), &text);
    (dir, text)
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    tongbao(dir, &[&["-q", "--config", "tongbao.toml"], arguments].concat())
}

/// Records a run whose mails wait.
fn record(dir: &Path) {
    let output = run(dir, &["run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12"]);
    assert_eq!(output.status.code(), Some(75), "{}", stderr(&output));
}

fn with_port(text: &str, server: &MailServer) -> String {
    let old = text.lines().find(|line| line.starts_with("port = ")).unwrap();
    text.replace(old, &format!("port = {}", server.settings().port))
}

/// How many mails are in each state.
fn mails(dir: &Path, state: &str) -> usize {
    let output = run(dir, &["--format", "json", "outbox"]);
    let list: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    list.as_array().unwrap().iter().filter(|mail| mail["state"] == state).count()
}

/// The value of a metric.
fn metric(text: &str, name: &str) -> f64 {
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
    let line = line.unwrap_or_else(|| panic!("no {name} in {text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn health_and_metrics_tell_what_the_outbox_tells() {
    let (dir, text) = workplace();
    record(dir.path());
    let server = MailServer::start("plain");
    setting::write(dir.path(), &with_port(&text, &server));
    let daemon = Daemon::start(dir.path(), &[]);
    until("the mails to be sent", || (mails(dir.path(), "sent") == 3).then_some(()));
    let (code, health) = daemon.health();
    assert_eq!((code, &health["status"], &health["reasons"]), (200, &"ok".into(), &Value::Array(vec![])));
    assert_eq!((&health["holds_lease"], &health["mails"]["sent"]), (&Value::Bool(true), &3.into()));
    let (code, metrics) = daemon.get("/metrics");
    assert_eq!((code, metrics.lines().last()), (200, Some("# EOF")));
    for (name, value) in [
        ("tongbao_build_info{version=\"0.1.0\"}", 1.0),
        ("tongbao_lease_held", 1.0),
        ("tongbao_queue_stopped", 0.0),
        ("tongbao_slots{state=\"open\"}", 0.0),
        ("tongbao_slots_overdue", 0.0),
        ("tongbao_runs{state=\"done\"}", 1.0),
        ("tongbao_mails{state=\"sent\"}", 3.0),
        ("tongbao_mails{state=\"dead\"}", 0.0),
        ("tongbao_queue_age_seconds", 0.0),
        ("tongbao_sending_duration_seconds_count", 1.0),
    ] {
        assert_eq!(metric(&metrics, name), value, "{name}");
    }
    assert!(metric(&metrics, "tongbao_last_tick_timestamp_seconds") > 1.7e9);
    assert!(!metrics.contains('@') && !metrics.contains("领导"), "{metrics}");
    assert_eq!(daemon.get("/").0, 404);
    assert_eq!(daemon.ask("POST /healthz HTTP/1.1\r\n\r\n").0, 405);
    assert_eq!(daemon.ask("no request at all\r\n\r\n").0, 400);
    assert_eq!(daemon.ask("HEAD /metrics?x=1 HTTP/1.1\r\n\r\n"), (200, String::new()));
}

/// Names of metrics that the operator's guide mentions.
fn documented_metrics() -> BTreeSet<&'static str> {
    let guide = include_str!("../../docs/operations.md");
    let words = guide.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    // The names of packages begin alike, but hold a version.
    let is_metric =
        |word: &&str| word.ends_with(|c: char| c.is_ascii_lowercase()) && !word.contains("VERSION");
    words.filter(|word| word.starts_with("tongbao_")).filter(is_metric).collect()
}

/// A daemon on a turned clock, a minute before its weekly report is due.
async fn daemon_before_monday(dir: &Path, register: &str) -> (Service, Arc<Manual>) {
    let url = format!("sqlite:{}", dir.join(register).display());
    let engine = Arc::new(Engine::new(setting::settings(&url, dir)).unwrap());
    let store = Store::open(&dir.join("state")).await.unwrap();
    let (clock, hand) = Clock::manual("2016-06-13T00:59:00Z".parse().unwrap());
    let transport = Arc::new(Transport::Directory(dir.join("mails")));
    (Service::new(engine, store, clock, Some(transport)), hand)
}

#[tokio::test]
async fn a_bulletin_that_is_late_makes_the_daemon_unwell() {
    let (dir, _) = workplace();
    let (mut service, hand) = daemon_before_monday(dir.path(), "not there.db").await;
    let watch = service.watch();
    for (minutes, code, overdue) in [(2, 200, 0.0), (50, 200, 0.0), (10, 503, 1.0)] {
        service.tick().await.unwrap();
        hand.advance(SignedDuration::from_mins(minutes));
        service.tick().await.unwrap();
        service.drain().await.unwrap();
        let (health, metrics) = (watch.answer("/healthz").await, watch.answer("/metrics").await.body);
        assert_eq!(health.code, code, "{}", health.body);
        assert_eq!(metric(&metrics, "tongbao_slots_overdue"), overdue);
        assert_eq!(metric(&metrics, "tongbao_slots{state=\"open\"}"), 1.0);
        assert!(code == 200 || health.body.contains("slots overdue: 1"), "{}", health.body);
    }
    let failed = "tongbao_run_duration_seconds_count{report=\"weekly\",result=\"failed\"}";
    assert!(metric(&watch.answer("/metrics").await.body, failed) >= 1.0);
}

#[tokio::test]
async fn a_filled_slot_shows_in_the_metrics_and_is_copied() {
    let (dir, _) = workplace();
    let (mut service, hand) = daemon_before_monday(dir.path(), "register.db").await;
    let watch = service.watch();
    assert_eq!(watch.answer("/healthz").await.code, 503, "it has not come round yet");
    for _ in 0..4 {
        service.tick().await.unwrap();
        service.drain().await.unwrap();
        hand.advance(SignedDuration::from_secs(30));
    }
    let metrics = watch.answer("/metrics").await.body;
    let took = "tongbao_run_duration_seconds_count{report=\"weekly\",result=\"recorded\"}";
    assert_eq!(metric(&metrics, took), 1.0);
    assert_eq!(metric(&metrics, "tongbao_slots{state=\"filled\"}"), 1.0);
    assert_eq!(metric(&metrics, "tongbao_mails{state=\"sent\"}"), 3.0);
    assert_eq!(watch.answer("/healthz").await.code, 200);
    let names = documented_metrics();
    assert!(names.len() > 8);
    assert!(names.iter().all(|name| metrics.contains(*name)), "{names:?} in {metrics}");
    // A copy that can be opened, and not more than are kept.
    let copies = std::fs::read_dir(dir.path().join("state/copy")).unwrap();
    let copies: Vec<_> = copies.map(|copy| copy.unwrap().path()).collect();
    assert!((1..=2).contains(&copies.len()), "{copies:?}");
    let copy = SqliteConnection::connect(&format!("sqlite:{}", copies[0].display())).await;
    let runs = sqlx::query("SELECT COUNT(*) FROM run").fetch_one(&mut copy.unwrap()).await.unwrap();
    assert_eq!(runs.get::<i64, _>(0), 1);
    hand.advance(SignedDuration::from_mins(2));
    assert_eq!(watch.answer("/healthz").await.code, 503, "the loop is silent");
}

#[test]
fn the_unit_is_valid_and_shut_off() {
    let dir = tempfile::tempdir().unwrap();
    let unit = include_str!("../../packaging/tongbao.service");
    let path = dir.path().join("tongbao.service");
    std::fs::write(&path, unit.replace("/usr/bin/tongbao", env!("CARGO_BIN_EXE_tongbao"))).unwrap();
    let analyze = |arguments: &[&str]| {
        let output = Command::new("systemd-analyze").args(arguments).arg(&path).output().unwrap();
        assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
        stderr(&output)
    };
    assert_eq!(analyze(&["verify", "--man=no"]), "");
    // An exposure of 2.0 of 10 at most.
    analyze(&["security", "--offline=true", "--threshold=20"]);
}

#[test]
fn a_stopped_queue_is_unwell_until_a_person_mends_it() {
    let (dir, text) = workplace();
    record(dir.path());
    let server = MailServer::start("auth");
    let login = "[smtp]\nusername = \"office\"\npassword = \"wr0ng\"";
    setting::write(dir.path(), &with_port(&text, &server).replace("[smtp]", login));
    let mut daemon = Daemon::start(dir.path(), &[]);
    daemon.wait_for("the mail queue has stopped");
    let (code, health) =
        until("the page to be unwell", || Some(daemon.health()).filter(|(code, _)| *code != 200));
    let reasons = health["reasons"].to_string();
    assert!(code == 503 && reasons.contains("535") && reasons.contains("AUTH"), "{health}");
    let (_, metrics) = daemon.get("/metrics");
    assert_eq!(metric(&metrics, "tongbao_queue_stopped"), 1.0);
    assert_eq!(metric(&metrics, "tongbao_mails{state=\"pending\"}"), 3.0);
    assert!(metric(&metrics, "tongbao_queue_age_seconds") >= 0.0);
    assert!(daemon.stop().success());
    assert!(!daemon.log().concat().contains("wr0ng"));
}

/// The next message to the service manager that has a line.
fn hear(socket: &UnixDatagram, line: &str) -> String {
    until(&format!("the message {line}"), || {
        let mut bytes = [0; 4096];
        let length = socket.recv(&mut bytes).ok()?;
        let text = String::from_utf8(bytes[..length].to_vec()).unwrap();
        text.lines().any(|found| found == line).then_some(text)
    })
}

#[tokio::test]
async fn systemd_hears_of_start_life_and_end_from_the_real_loop() {
    let (dir, text) = workplace();
    // A short lease makes the loop write with every tick.
    setting::write(dir.path(), &text.replace("[daemon]", "[daemon]\nlease = \"1s\""));
    let path = dir.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut daemon = Daemon::start(dir.path(), &[("NOTIFY_SOCKET", path.to_str().unwrap())]);
    let ready = hear(&socket, "READY=1");
    assert!(ready.contains("STATUS=fills the slots"), "{ready}");
    (0..2).for_each(|_| assert!(!hear(&socket, "WATCHDOG=1").contains("READY")));
    // While the state cannot be written, the loop hangs, and so does what feeds the watchdog.
    let url = format!("sqlite:{}", dir.path().join("state/tongbao.db").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    // A loop that runs never leaves so many reads in a row without an answer.
    let (mut bytes, mut unanswered) = ([0; 4096], 0);
    let is_silent = (0..20).any(|_| {
        unanswered = socket.recv(&mut bytes).map_or(unanswered + 1, |_| 0);
        unanswered == 5
    });
    assert!(is_silent, "the watchdog is fed although the loop hangs");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    hear(&socket, "WATCHDOG=1");
    assert!(daemon.stop().success());
    hear(&socket, "STOPPING=1");
}

/// Names and ID numbers of the register.
async fn persons(dir: &Path) -> Vec<String> {
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let mut register = SqliteConnection::connect(&url).await.unwrap();
    let rows = sqlx::query("SELECT name, id_number FROM person").fetch_all(&mut register).await.unwrap();
    let texts = rows.iter().flat_map(|row| [row.get::<Option<String>, _>(0), row.get(1)]);
    // A single character says nothing about a person.
    texts.flatten().filter(|text| text.chars().count() > 1).collect()
}

#[tokio::test]
async fn the_log_is_json_and_names_nobody_whatever_fails() {
    let (dir, text) = workplace();
    let members = ["refuse4", "refuse5", "lost", "silent", "good"]
        .map(|who| format!("    {{ name = \"甲{who}\", email = \"{who}@example.test\" }},\n"));
    let text = text
        .replace("    { name = \"领导小组组长\", email = \"leader@example.test\" },\n", &members.concat())
        .replace("[smtp]", "[smtp]\ntimeout = \"2s\"");
    setting::write(dir.path(), &text);
    record(dir.path());
    let server = MailServer::start("plain");
    setting::write(dir.path(), &with_port(&text, &server));
    let mut daemon = Daemon::start(dir.path(), &[]);
    daemon.wait_for("answered 550 5.1.1");
    daemon.wait_for("the mail may have been delivered");
    daemon.wait_for("mail waits until");
    assert!(daemon.stop().success());
    let log = daemon.log();
    let persons = persons(dir.path()).await;
    assert!(persons.len() > 500 && log.len() > 5);
    for line in &log {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(event["level"].is_string() && event["target"].is_string(), "{line}");
        assert!(!line.contains('@') && !line.contains("example.test"), "an address: {line}");
        assert!(!line.contains("领导小组") && !line.contains('甲'), "a recipient: {line}");
        assert!(persons.iter().all(|person| !line.contains(person.as_str())), "a person: {line}");
    }
    // The operator sees the addresses where they are looked for.
    assert!(stdout(&run(dir.path(), &["outbox"])).contains("refuse5@example.test"));
}
