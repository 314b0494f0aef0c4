//! A state lost, damaged, full or read-only: it is refused with what to do, and comes back whole
//! without sending anything again.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use tongbao::store::archive::Archive;

use crate::support::process::{Daemon, until};
use crate::support::setting::{self, configuration, sample, stderr, stdout, tongbao};
use crate::support::smtp::MailServer;

const WEEKS: [[&str; 2]; 2] = [["2016-06-06", "2016-06-12"], ["2016-06-13", "2016-06-19"]];

/// A folder with a register and a mail server. The first run has been sent; the mail to `refuse4` of
/// the leading group waits.
struct Office {
    dir: TempDir,
    server: MailServer,
}

impl Office {
    fn new() -> Office {
        let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
        let url = sample(dir.path(), 400);
        let text = configuration(&url, dir.path())
            .replace("deputy@example.test", "refuse4@example.test")
            .replace("port = 25", &format!("port = {}\nuncertain = \"resend\"", server.settings().port));
        setting::write(dir.path(), &text);
        let office = Office { dir, server };
        assert_eq!(office.run_week(0).status.code(), Some(4));
        office
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    fn database(&self) -> PathBuf {
        self.state().join("tongbao.db")
    }

    fn command(&self, arguments: &[&str]) -> Output {
        tongbao(self.path(), &[&["-q", "--config", "tongbao.toml"], arguments].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(&[&["--format", "json"], arguments].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn run_week(&self, week: usize) -> Output {
        let [from, to] = WEEKS[week];
        self.command(&["run", "weekly", "--from", from, "--to", to])
    }

    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
        stderr(&output)
    }

    /// Runs the daemon until it has made a copy of the state.
    fn copied(&self) -> PathBuf {
        let mut daemon = Daemon::start(self.path(), &[]);
        daemon.wait_for("the state is copied");
        assert!(daemon.stop().success());
        let copies = std::fs::read_dir(self.state().join("copy")).unwrap();
        copies.map(|copy| copy.unwrap().path()).max().unwrap()
    }

    fn move_database_away(&self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(self.state().join(format!("tongbao.db{suffix}")));
        }
    }

    fn documents(&self, out: &str) -> Vec<Vec<u8>> {
        assert!(self.command(&["reprint", "1", "--out", out]).status.success());
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(self.path().join(out)).unwrap().map(|file| file.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_backup_made_beside_the_daemon_comes_back_whole_and_sends_nothing() {
    let office = Office::new();
    let mut daemon = Daemon::start(office.path(), &[]);
    daemon.wait_for("the daemon is up");
    for out in ["b", "b.tar"] {
        let made = office.json(&["backup", "--out", out]);
        assert_eq!(made["manifest"]["files"], 7, "two documents, three mails and their two pictures: {made}");
        assert!(office.fails(&["backup", "--out", out]).contains("there already"));
    }
    assert!(daemon.stop().success());
    let at = |path: &str| mode(&office.path().join(path));
    assert_eq!((at("b"), at("b/tongbao.db"), at("b.tar"), at("b/archive")), (0o700, 0o600, 0o600, 0o700));
    let left: Vec<_> =
        std::fs::read_dir(office.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".b")), "{left:?}");
    let (shown, documents) = (office.json(&["show", "1"]), office.documents("before"));
    let sent = office.server.received().len();
    for from in ["b", "b.tar"] {
        assert!(office.fails(&["restore", from]).contains("there is a state"));
        std::fs::remove_dir_all(office.state()).unwrap();
        let answer = office.json(&["restore", from]);
        assert_eq!(
            (&answer["restored"]["runs"], &answer["restored"]["missing"]),
            (&1.into(), &Value::Array(vec![]))
        );
        assert_eq!(answer["restored"]["uncertain"].as_array().map(Vec::len), Some(1), "{answer}");
        assert_eq!((mode(&office.state()), mode(&office.database())), (0o700, 0o600));
        let again = office.json(&["show", "1"]);
        for part in ["run", "figures", "provenance", "documents"] {
            assert_eq!(again[part], shown[part]);
        }
        assert_eq!(office.documents(&format!("after {from}")), documents);
        // Neither the daemon nor its policy for uncertain mails sends what may have left.
        let mut daemon = Daemon::start(office.path(), &[("TONGBAO__DAEMON__LISTEN", "127.0.0.1:0")]);
        daemon.wait_for("fills the slots now");
        daemon.rounds(3);
        assert!(daemon.stop().success());
        let mails = office.json(&["outbox"]);
        let states: Vec<&str> =
            mails.as_array().unwrap().iter().map(|mail| mail["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["sent", "uncertain", "sent"]);
        assert_eq!(office.server.received().len(), sent);
    }
    // A person may.
    assert!(office.command(&["outbox", "retry", "2"]).status.success());
    assert_eq!(office.json(&["outbox"])[1]["state"], "pending");
}

/// What a run has put away that was killed before it was on record is in the backup too.
#[test]
fn a_backup_with_files_of_a_killed_run_can_be_used() {
    let office = Office::new();
    let archive = Archive::new(office.state().join("archive"));
    archive.put(b"a document of a run that was killed").unwrap();
    for from in ["b", "b.tar"] {
        office.json(&["backup", "--out", from]);
        std::fs::remove_dir_all(office.state()).unwrap();
        office.json(&["restore", from]);
        assert_eq!(office.json(&["runs"]).as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn a_damaged_database_is_refused_and_rebuilt_from_the_daemons_copy() {
    let office = Office::new();
    let copy = {
        office.command(&["outbox", "cancel", "2"]);
        assert!(matches!(office.run_week(1).status.code(), Some(4)));
        // A mail that the daemon sends makes it copy the state.
        let text = std::fs::read_to_string(office.path().join("tongbao.toml")).unwrap();
        setting::write(office.path(), &text.replace("refuse4@example.test", "deputy@example.test"));
        retarget(&office);
        office.copied()
    };
    let shown = office.json(&["show", "2"]);
    let whole = std::fs::read(office.database()).unwrap();
    let mut overwritten = whole.clone();
    let middle = overwritten.len() / 2;
    overwritten[middle..middle + 20_000].fill(0xA5);
    let truncated = whole[..whole.len() / 3].to_vec();
    for damaged in [overwritten, truncated, b"this is a letter, not a database".repeat(40)] {
        office.move_database_away();
        std::fs::write(office.database(), &damaged).unwrap();
        for arguments in [["daemon", "-q"].as_slice(), &["check", "--offline"]] {
            let output = office.command(arguments);
            let text = format!("{}{}", stdout(&output), stderr(&output));
            assert!(!output.status.success() && text.contains("is damaged"), "{text}");
            assert!(text.contains("tongbao restore") && text.contains(copy.to_str().unwrap()), "{text}");
        }
        assert_eq!(std::fs::read(office.database()).unwrap(), damaged, "it is not touched");
    }
    office.move_database_away();
    let lost = office.fails(&["runs"]);
    assert!(lost.contains("no database") && lost.contains(copy.to_str().unwrap()), "{lost}");
    let restored = office.json(&["restore", copy.to_str().unwrap()]);
    assert_eq!(
        (&restored["restored"]["runs"], &restored["restored"]["missing"]),
        (&2.into(), &Value::Array(vec![]))
    );
    let again = office.json(&["show", "2"]);
    assert_eq!((&again["figures"], &again["documents"]), (&shown["figures"], &shown["documents"]));
    assert!(office.command(&["check", "--offline"]).status.success());
}

/// Lets the waiting mails of the second run go to an address that is served.
fn retarget(office: &Office) {
    let script = "import sqlite3, sys\n\
                  c = sqlite3.connect(sys.argv[1])\n\
                  c.execute(\"UPDATE outbox SET address = 'deputy@example.test', try_at = 0 WHERE state = 'pending'\")\n\
                  c.commit()\n";
    let changed = Command::new("/usr/bin/python3").args(["-c", script]).arg(office.database()).status();
    assert!(changed.unwrap().success());
}

#[test]
fn damaged_backups_and_other_files_are_refused_and_leave_nothing() {
    let office = Office::new();
    office.json(&["backup", "--out", "b.tar"]);
    office.json(&["backup", "--out", "b"]);
    std::fs::rename(office.state(), office.path().join("old")).unwrap();
    let tar = std::fs::read(office.path().join("b.tar")).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(office.path().join(name), bytes).unwrap();
    let mut flipped = tar.clone();
    flipped[10_000] ^= 1;
    write("flipped.tar", &flipped);
    write("short.tar", &tar[..tar.len() / 2]);
    write("letter", b"dear office");
    let mut database = std::fs::read(office.path().join("b/tongbao.db")).unwrap();
    database[5_000] ^= 1;
    write("b/tongbao.db", &database);
    for from in ["flipped.tar", "short.tar", "letter", "b", "nowhere"] {
        let problem = office.fails(&["restore", from]);
        assert!(problem.contains("is no backup"), "{from}: {problem}");
        assert!(!office.database().exists());
    }
    assert!(office.command(&["restore", "b.tar"]).status.success());
}

#[tokio::test]
async fn states_of_other_programs_and_of_later_versions_are_refused() {
    let office = Office::new();
    let url = |path: &Path| format!("sqlite:{}?mode=rwc", path.display());
    let change = async |path: &Path, sql: &'static str| {
        let mut connection = SqliteConnection::connect(&url(path)).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    };
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'later', 1, x'00', 0)";
    change(&office.database(), later).await;
    let problem = office.fails(&["runs"]);
    assert!(problem.contains("another version") && problem.contains("9999"), "{problem}");
    office.move_database_away();
    change(&office.database(), "CREATE TABLE song (title TEXT)").await;
    let problem = office.fails(&["runs"]);
    assert!(problem.contains("not tongbao's"), "{problem}");
}

/// Runs a script as root of its own mounts, with a small file system on `state`.
fn on_small_disk(office: &Office, script: &str) -> String {
    let script = format!(
        "set -u\nmount -t tmpfs -o size=1200k small state\nt() {{ {} -q --config tongbao.toml \"$@\" 2>&1; }}\n{script}",
        env!("CARGO_BIN_EXE_tongbao")
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &script])
        .current_dir(office.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    stdout(&output)
}

#[test]
fn a_full_disk_loses_nothing_and_records_nothing_by_halves() {
    let office = Office::new();
    let [from, to] = WEEKS[1];
    let run = format!("t run weekly --no-send --from {from} --to {to}");
    let text = on_small_disk(
        &office,
        &format!(
            "t runs; echo \"empty: $?\"
             dd if=/dev/zero of=state/ballast bs=1k 2>/dev/null
             {run}; echo \"full: $?\"
             truncate -s -150k state/ballast
             {run}; echo \"nearly: $?\"
             echo \"halves: $(find state -name '*.partial' | wc -l)\"
             rm state/ballast
             {run}; echo \"again: $?\"
             t --format json runs"
        ),
    );
    for said in ["empty: 0", "full: 1", "nearly: 1", "halves: 0", "again: 0"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(text.matches("free some space").count(), 2, "{text}");
    assert_eq!(text.matches("\"id\": ").count(), 1, "{text}");
}

#[test]
fn a_read_only_state_is_refused() {
    let office = Office::new();
    let text = on_small_disk(
        &office,
        "t runs; echo \"writable: $?\"
         mount -o remount,ro state
         t runs; echo \"runs: $?\"
         t daemon; echo \"daemon: $?\"
         t check --offline; echo \"check: $?\"",
    );
    assert!(
        text.contains("writable: 0") && text.contains("daemon: 1") && text.contains("check: 2"),
        "{text}"
    );
    assert!(text.contains("runs: 0"), "it can be looked at: {text}");
    assert_eq!(text.matches("make it writable").count(), 2, "{text}");
}

#[test]
fn a_restore_names_the_slots_it_knows_nothing_about() {
    let office = Office::new();
    // Due every day, and looked at once.
    let text = std::fs::read_to_string(office.path().join("tongbao.toml")).unwrap();
    let weekly = "schedule = \"0 9 * * Mon\"\nactive = { from = 2016-06-04, to = 2016-07-11 }";
    assert!(text.contains(weekly));
    setting::write(office.path(), &text.replace(weekly, "schedule = \"0 9 * * *\"\nphases = []"));
    let mut daemon = Daemon::start(office.path(), &[]);
    daemon.wait_for("fills the slots now");
    until("the schedule to be on record", || {
        office.command(&["pause", "weekly"]).status.success().then_some(())
    });
    assert!(daemon.stop().success());
    let script = "import sqlite3, sys\n\
                  c = sqlite3.connect(sys.argv[1])\n\
                  c.execute(\"UPDATE schedule SET observed_until = observed_until - 3 * 86400000\")\n\
                  c.execute(\"INSERT INTO slot (schedule, nominal, zone, due, state, try_at, changed_at)\" \
                            \"VALUES ('weekly', '2016-06-20T09:00:00', 'Asia/Shanghai', 0, 'open', 0, 0)\")\n\
                  c.commit()\n";
    let aged = Command::new("/usr/bin/python3").args(["-c", script]).arg(office.database()).status();
    assert!(aged.unwrap().success());
    office.json(&["backup", "--out", "b"]);
    std::fs::remove_dir_all(office.state()).unwrap();
    let output = office.command(&["restore", "b"]);
    let text = stdout(&output);
    assert_eq!(text.matches(" 09:00  weekly\n").count(), 3, "{text}");
    assert!(text.contains("2016-06-20 09:00  weekly (was open)"), "{text}");
    assert!(text.contains("now uncertain: 2\n") && text.contains("tongbao outbox retry"), "{text}");
}
