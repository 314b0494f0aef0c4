//! The daemon's loop goes round while work stands still. All on one thread: whatever blocked there would
//! stop the loop at once. What is counted is rounds, not time.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tongbao::daemon::service::Service;

use crate::support::office::{MINUTE, Office, busy, work};

/// So many rounds beside work that does not move.
const ROUNDS: usize = 100;

const EVERY_MINUTE: &str = "schedule = \"* * * * *\"";

fn each_minute(text: String) -> String {
    text.replace("schedule = \"0 9 * * Mon\"", EVERY_MINUTE)
        .replace("schedule = \"0 10 1 * *\"\n", "")
        .replace("active = { from = 2016-06-04, to = 2016-07-11 }\n", "")
        .replace("period = \"previous_week\"", "period = \"campaign_to_date\"")
}

/// A named pipe: who reads it stands still until it is let go.
struct Gate {
    path: PathBuf,
    /// Dropped when the test is over. Until then it is watched: a loop that stands still itself would
    /// never end.
    _watched: Sender<()>,
}

impl Gate {
    fn at(path: PathBuf) -> Gate {
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let (watched, end) = channel();
        let way_out = path.clone();
        std::thread::spawn(move || {
            let patience = Duration::from_secs(60);
            while end.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                drop(OpenOptions::new().write(true).custom_flags(libc_nonblock()).open(&way_out));
            }
        });
        Gate { path, _watched: watched }
    }

    /// The other end, once somebody stands at this one. It lets go when it is dropped.
    fn reached(&self) -> Option<std::fs::File> {
        OpenOptions::new().write(true).custom_flags(libc_nonblock()).open(&self.path).ok()
    }
}

/// O_NONBLOCK of Linux: opening a pipe that nobody reads fails instead of waiting.
fn libc_nonblock() -> i32 {
    0o4000
}

async fn round(daemon: &mut Service) {
    daemon.tick().await.unwrap();
    tokio::task::yield_now().await;
}

/// Goes round until the work stands at the gate, and then so many times more.
async fn rounds_beside(daemon: &mut Service, gate: &Gate) {
    round(daemon).await;
    let held = loop {
        if let Some(held) = gate.reached() {
            break held;
        }
        assert!(daemon.is_busy(), "the work has passed the gate, and the loop has waited for it");
        round(daemon).await;
    };
    for done in 0..ROUNDS {
        round(daemon).await;
        assert!(daemon.is_busy(), "the work ended after {done} rounds");
    }
    drop(held);
    daemon.drain().await.unwrap();
}

/// Goes round beside work that opens the gate and does not wait after it: no pipe can be mapped.
async fn rounds_before(daemon: &mut Service, gate: &Gate) {
    round(daemon).await;
    for done in 0..ROUNDS {
        round(daemon).await;
        assert!(daemon.is_busy(), "the work ended after {done} rounds");
    }
    while gate.reached().is_none() {
        assert!(daemon.is_busy(), "the work has passed the gate, and the loop has waited for it");
        round(daemon).await;
    }
    daemon.drain().await.unwrap();
}

#[tokio::test]
async fn the_loop_goes_round_while_a_report_reads_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let gate = Gate::at(dir.path().join("register.csv"));
    let office = Office::new("2016-06-06T00:00:30Z", |text| {
        let register = text.lines().find(|line| line.starts_with("url = \"sqlite:")).unwrap().to_owned();
        let file = format!("url = \"file:{}\"", gate.path.display());
        let text = text.replacen(&register, &file, 1).replace("table = \"person\"\n", "");
        let elsewhere = |text: String, part: &str| text.replace(part, &format!("{part}\n{register}"));
        each_minute(elsewhere(elsewhere(text, "[source.units]"), "[source.roster]"))
    });
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    office.hand.advance(MINUTE);
    rounds_beside(&mut daemon, &gate).await;
    assert!(office.runs().await.is_empty(), "an empty file is no register");
}

#[tokio::test]
async fn the_loop_goes_round_while_a_report_loads_its_fonts() {
    let dir = tempfile::tempdir().unwrap();
    let gate = Gate::at(dir.path().join("FandolFang-Regular.otf"));
    let fonts = format!("\n[fonts]\nfolders = [\"{}\"]\n", dir.path().display());
    let office = Office::new("2016-06-06T00:00:30Z", |text| each_minute(text) + &fonts);
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    office.hand.advance(MINUTE);
    rounds_before(&mut daemon, &gate).await;
}

#[tokio::test]
async fn the_loop_goes_round_while_the_archive_is_read() {
    let office = Office::new("2016-06-06T00:00:30Z", each_minute);
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    office.refuse("leader@example.test", Some(busy()));
    office.hand.advance(MINUTE);
    work(&mut daemon).await;
    let waiting = office.deliveries().await.into_iter().find(|mail| mail.state.key() == "pending").unwrap();
    let archived = archived(&office.state(), &waiting.sha256);
    std::fs::remove_file(&archived).unwrap();
    let gate = Gate::at(archived);
    office.hand.advance(MINUTE * 30);
    rounds_beside(&mut daemon, &gate).await;
}

fn archived(state: &Path, sha256: &str) -> PathBuf {
    state.join("archive").join(&sha256[..2]).join(&sha256[2..])
}

/// A statement that works on and on without a row: only its deadline ends it.
#[tokio::test]
async fn the_loop_goes_round_while_sqlite_steps() {
    let endless = "query = \"SELECT person.* FROM person, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL \
                   SELECT i + 1 FROM n) SELECT max(i) AS most FROM n) WHERE most > 0\"";
    let office = Office::new("2016-06-06T00:00:30Z", |text| {
        let text = each_minute(text).replace("table = \"person\"", endless);
        text.replacen("[source]\n", "[source]\ntimeout = \"3s\"\n", 1)
    });
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    office.hand.advance(MINUTE);
    round(&mut daemon).await;
    let mut rounds = 0;
    while daemon.is_busy() {
        round(&mut daemon).await;
        rounds += 1;
    }
    assert!(rounds > ROUNDS, "{rounds} rounds");
    let slots = office.store().await.slots(10).await.unwrap();
    let reason = slots.iter().find_map(|slot| Some(slot.reason.as_ref()?.to_string())).unwrap();
    assert!(reason.contains("did not finish in time"), "{reason}");
}
