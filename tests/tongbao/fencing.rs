//! One copy of each mail, whatever happens to its senders: processes that are stopped for longer than their lease
//! and come back, are killed, see the wall clock leap, and meet a server that takes its time.
//!
//! Under `uncertain = "resend"` nothing is lost; and more than one copy has only the mail that a killed process had
//! in hand, which is the one documented case.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tongbao::config;
use tongbao::pipeline::{Engine, Request};
use tongbao::store::Store;

use crate::support::office::register;
use crate::support::process::child;
use crate::support::raw_smtp::{RawServer, polite};
use crate::support::setting;

const START: &str = "2016-06-13T01:00:00Z";
const MAILS: usize = 10;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// What the server has seen and what was done to its clients.
struct World {
    rng: fastrand::Rng,
    /// The mail that each process has in hand, or had last.
    in_hand: BTreeMap<u32, String>,
    taken: BTreeMap<String, usize>,
    /// Mails in the hand of a process that was killed.
    cut_off: BTreeMap<String, usize>,
    stopped: usize,
    killed: usize,
}

/// Ended with the test.
struct Children([Child; 2]);

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn signal(process: u32, name: &str) {
    let _ = Command::new("kill").args([name, &process.to_string()]).stderr(Stdio::null()).status();
}

impl World {
    /// Stops or kills the process that talks to the server, now and then.
    fn disturb(&mut self, process: u32) {
        match self.rng.u8(..100) {
            0..10 => {
                self.stopped += 1;
                signal(process, "-STOP");
                let stop = Duration::from_millis(self.rng.u64(200..2_000));
                std::thread::spawn(move || {
                    std::thread::sleep(stop);
                    signal(process, "-CONT");
                });
            }
            10..15 if self.killed < 4 => {
                self.killed += 1;
                signal(process, "-KILL");
                if let Some(mail) = self.in_hand.get(&process) {
                    *self.cut_off.entry(mail.clone()).or_default() += 1;
                }
            }
            _ => {}
        }
    }
}

fn one_life(seed: u64) {
    let dir = tempfile::tempdir().unwrap();
    let rng = fastrand::Rng::with_seed(seed);
    let (in_hand, taken, cut_off) = Default::default();
    let world = Arc::new(Mutex::new(World { rng, in_hand, taken, cut_off, stopped: 0, killed: 0 }));
    let of_server = world.clone();
    let server = RawServer::conversing(move || {
        let (world, mut process, mut mail) = (of_server.clone(), 0, String::new());
        let of_connection = world.clone();
        Box::new(move |line: &str| {
            if let Some(name) = line.strip_prefix("EHLO p") {
                process = name.parse().unwrap();
            }
            let pause = {
                let mut world = world.lock().unwrap();
                if let Some(to) = line.strip_prefix("RCPT TO:") {
                    mail = to.to_owned();
                    world.in_hand.insert(process, mail.clone());
                }
                match line {
                    _ if process == 0 => {}
                    // At any instant of the hand-over: before it is on record, within the text, before the dot.
                    "DATA" => {
                        let (world, pause) = (of_connection.clone(), world.rng.u64(0..60));
                        std::thread::spawn(move || {
                            std::thread::sleep(Duration::from_millis(pause));
                            world.lock().unwrap().disturb(process);
                        });
                    }
                    _ => world.disturb(process),
                }
                Duration::from_millis(if line == "." { world.rng.u64(0..400) } else { 0 })
            };
            std::thread::sleep(pause);
            if line == "." {
                let mut world = world.lock().unwrap();
                *world.taken.entry(mail.clone()).or_default() += 1;
                world.disturb(process);
            }
            polite(line)
        })
    });
    let members: String =
        (0..MAILS).map(|i| format!("{{ name = \"r{i}\", email = \"r{i}@example.test\" }},")).collect();
    let text = setting::configuration(&register(dir.path()), dir.path())
        .replace(
            "port = 25",
            &format!("port = {}\nuncertain = \"resend\"\nhelo = \"nobody\"", server.settings().port),
        )
        .replace("to = [\"leading_group\", \"office\"]", "to = [\"many\"]")
        .replace("schedule = \"0 9 * * Mon\"\n", "")
        .replace("schedule = \"0 10 1 * *\"\n", "")
        // A leap of the clock would add mails of its own.
        .replace("alerts = [\"office\"]", "alerts = []\nlease = \"1s\"");
    let text = format!("{text}\n[recipients.many]\nmembers = [{members}]\n");
    setting::write(dir.path(), &text);
    let path = dir.path();
    runtime().block_on(async {
        let settings = config::parse("tongbao.toml", &text, &BTreeMap::new()).unwrap().settings;
        let engine = Engine::new(settings).unwrap();
        let store = Store::open(&engine.settings.state_dir).await.unwrap();
        let request = Request {
            report: "weekly".into(),
            to: Some("2016-06-12".parse().unwrap()),
            ..Request::default()
        };
        engine.run(Some(&store), &request, START.parse().unwrap(), |_| {}).await.unwrap();
    });
    let mut number = 0;
    let mut start = || -> Child {
        number += 1;
        child()
            .arg("send")
            .arg(path)
            .arg(START)
            .arg((seed * 1_000 + number).to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut children = Children([start(), start()]);
    let mut is_done = false;
    // Each wakes when a child ends, or to look again.
    for _ in 0..3_000 {
        for child in &mut children.0 {
            match child.try_wait().unwrap() {
                Some(status) if status.success() => is_done = true,
                // Killed: another takes its place, as systemd would start it.
                Some(_) => *child = start(),
                None => {}
            }
        }
        if is_done {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(is_done, "seed {seed}: mails still wait");
    drop(children);
    let world = world.lock().unwrap();
    println!(
        "seed {seed}: {} stops, {} kills, in hand then: {:?}",
        world.stopped, world.killed, world.cut_off
    );
    assert_eq!(world.taken.len(), MAILS, "none is lost");
    for (mail, copies) in &world.taken {
        let allowed = 1 + world.cut_off.get(mail).copied().unwrap_or_default();
        assert!(*copies <= allowed, "seed {seed}: {copies} copies to {mail}, {allowed} allowed");
    }
}

#[test]
fn one_copy_of_each_mail_whatever_happens_to_its_senders() {
    let seeds = std::env::var("TONGBAO_TEST_FENCING").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    // Each waits more than it works.
    std::thread::scope(|lives| {
        (1..=seeds).for_each(|seed| drop(lives.spawn(move || one_life(seed))));
    });
}
