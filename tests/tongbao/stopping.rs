//! The daemon as a process, where it is stopped, killed, cannot write its log, or is asked by slow clients.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::process::{Daemon, until};
use crate::support::raw_smtp::{RawServer, polite};
use crate::support::setting::{self, configuration, sample, stderr, tongbao};

/// A folder with a register, a recorded run, and three mails that wait for a server.
fn waiting(server: &RawServer) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let url = sample(dir.path(), 300);
    let with_port = |port: u16| {
        configuration(&url, dir.path())
            .replace("port = 25", &format!("port = {port}"))
            .replace("[daemon]", "[daemon]\nlisten = \"127.0.0.1:0\"")
    };
    // Nothing listens on port 1.
    setting::write(dir.path(), &with_port(1));
    let ran = run(dir.path(), &["run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12"]);
    assert_eq!(ran.status.code(), Some(75), "{}", stderr(&ran));
    setting::write(dir.path(), &with_port(server.settings().port));
    dir
}

fn run(dir: &Path, arguments: &[&str]) -> std::process::Output {
    tongbao(dir, &[&["-q", "--config", "tongbao.toml"], arguments].concat())
}

/// How many mails are in a state.
fn mails(dir: &Path, state: &str) -> usize {
    let output = run(dir, &["--format", "json", "outbox", "--state", state]);
    let list: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    list.as_array().unwrap().len()
}

fn has_left(dir: &Path, number: usize) {
    until("the mails to leave", || (mails(dir, "sent") == number).then_some(()));
}

#[test]
fn after_sigterm_the_mail_in_hand_ends_and_no_further_one_begins() {
    let (gate, of_server) = {
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        (gate.clone(), gate)
    };
    // The server answers the final dot only when it may.
    let server = RawServer::conversing(move || {
        let gate = of_server.clone();
        Box::new(move |line: &str| {
            if line == "." {
                let (is_open, opened) = &*gate;
                let guard = opened.wait_while(is_open.lock().unwrap(), |is_open| !*is_open).unwrap();
                drop(guard);
            }
            polite(line)
        })
    });
    let dir = waiting(&server);
    let mut daemon = Daemon::start(dir.path(), &[]);
    until("a mail to be in hand", || (server.mails().len() == 1).then_some(()));
    daemon.terminate();
    daemon.wait_for("the daemon ends");
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    assert!(daemon.wait().success());
    assert_eq!(server.mails().len(), 1, "{:?}", server.seen());
    assert_eq!([mails(dir.path(), "sent"), mails(dir.path(), "pending")], [1, 2], "none is uncertain");
    // The next one goes on at once.
    let mut daemon = Daemon::start(dir.path(), &[]);
    has_left(dir.path(), 3);
    assert!(daemon.stop().success());
    assert_eq!(server.mails().len(), 3);
}

#[test]
fn a_killed_daemon_is_followed_at_once() {
    let server =
        RawServer::conversing(|| Box::new(|line: &str| (line != ".").then(|| polite(line)).flatten()));
    let dir = waiting(&server);
    // Every final answer is lost: the mail is uncertain, and the connection gone.
    let mut first = Daemon::start(dir.path(), &[]);
    until("the mails to be in doubt", || (mails(dir.path(), "uncertain") >= 3).then_some(()));
    first.kill();
    // The lease of two minutes is not waited for.
    let second = Daemon::start(dir.path(), &[]);
    second.wait_for("this daemon fills the slots now");
    // The page knows of it when the loop has come round.
    until("the page to show the lease", || (second.health().1["holds_lease"] == true).then_some(()));
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    for sink in ["full", "broken"] {
        let server = RawServer::odd(|_| None);
        let dir = waiting(&server);
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongbao"));
        command
            .current_dir(dir.path())
            .args(["--config", "tongbao.toml", "-vv", "daemon"])
            .stdout(Stdio::null());
        let mut daemon = match sink {
            "full" => {
                let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
                command.stderr(full).spawn().unwrap()
            }
            _ => {
                let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
                drop(child.stderr.take());
                child
            }
        };
        has_left(dir.path(), 3);
        assert_eq!(daemon.try_wait().unwrap(), None, "{sink}: it lives on");
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        // A command that has something to complain about does so by its exit code.
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongbao"));
        command.current_dir(dir.path()).args(["--config", "tongbao.toml", "show", "99"]);
        assert_eq!(command.stderr(full).status().unwrap().code(), Some(2));
    }
}

#[test]
fn the_health_page_answers_beside_any_number_of_slow_clients() {
    let server = RawServer::odd(|_| None);
    let dir = waiting(&server);
    let daemon = Daemon::start(dir.path(), &[]);
    let address = daemon.wait_for("health and metrics are served")["address"].as_str().unwrap().to_owned();
    let is_over = Arc::new(AtomicBool::new(false));
    let slow: Vec<_> = (0..400)
        .map(|_| {
            let (address, is_over) = (address.clone(), is_over.clone());
            std::thread::spawn(move || {
                // One that is cut off comes back.
                while !is_over.load(Ordering::SeqCst) {
                    let Ok(mut stream) = TcpStream::connect(&address) else { continue };
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ");
                    let _ = stream.read(&mut [0; 16]);
                    std::thread::sleep(Duration::from_millis(500));
                }
            })
        })
        .collect();
    until("the page to be read twenty times", || {
        let answered = (0..20).filter(|_| asked(&address).is_some()).count();
        (answered >= 15).then_some(())
    });
    is_over.store(true, Ordering::SeqCst);
    slow.into_iter().for_each(|thread| thread.join().unwrap());
}

/// The page, if it comes before a monitor would give up.
fn asked(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").ok()?;
    let mut page = String::new();
    stream.read_to_string(&mut page).ok()?;
    page.contains("holds_lease").then_some(page)
}

#[test]
fn absurd_times_are_errors_of_configuration() {
    let server = RawServer::odd(|_| None);
    let dir = waiting(&server);
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    for line in ["lease = \"99999999999h\"", "stop_within = \"99999999999h\"", "clock_settle = \"400000d\""] {
        setting::write(dir.path(), &text.replace("[daemon]\n", &format!("[daemon]\n{line}\n")));
        let output = run(dir.path(), &["daemon"]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("is too long a time"), "{}", stderr(&output));
    }
}

#[test]
fn dead_mails_are_retried_by_one_command() {
    let server =
        RawServer::odd(|line| line.contains("leader@").then_some(b"550 5.1.1 unknown\r\n".as_slice()));
    let dir = waiting(&server);
    let daemon = Daemon::start(dir.path(), &[]);
    until("a mail to die", || (mails(dir.path(), "dead") == 1).then_some(()));
    drop(daemon);
    let wrong = run(dir.path(), &["outbox", "retry"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", stderr(&wrong));
    assert_eq!(mails(dir.path(), "dead"), 1);
    let none = run(dir.path(), &["--format", "json", "outbox", "retry", "--dead", "--run", "77"]);
    assert_eq!(
        String::from_utf8_lossy(&none.stdout).replace(char::is_whitespace, ""),
        "{\"ids\":[],\"state\":\"pending\"}"
    );
    let all = run(dir.path(), &["--lang", "en", "outbox", "retry", "--dead", "--run", "1"]);
    let text = String::from_utf8_lossy(&all.stdout).into_owned();
    assert!(
        text.starts_with("deliveries set to pending: 1\n") && text.contains("tongbao outbox send"),
        "{text}"
    );
    assert_eq!(mails(dir.path(), "dead"), 0);
}
