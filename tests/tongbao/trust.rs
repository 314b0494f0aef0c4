//! A state that is not what it was is refused, and every change of what decides anything is named.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use tongbao::store::Store;
use tongbao::store::restore::restore;
use tongbao::store::states::RunState;

use crate::daemon::{only, with};
use crate::support::office::{DAY, HOUR, MINUTE, Office, execute, live, unknown, work};
use crate::support::process::Daemon;
use crate::support::setting::{self, configuration, sample, stderr, stdout, tongbao};
use crate::support::smtp::MailServer;

/// A folder with a state of one run whose mails have left.
struct Place {
    dir: TempDir,
    server: MailServer,
}

impl Place {
    fn new() -> Place {
        let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
        let url = sample(dir.path(), 300);
        let text = configuration(&url, dir.path())
            .replace("deputy@example.test", "refuse4@example.test")
            .replace("port = 25", &format!("port = {}", server.settings().port));
        setting::write(dir.path(), &text);
        let place = Place { dir, server };
        place.run("2016-06-06", "2016-06-12");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("state").join(name)
    }

    fn command(&self, arguments: &[&str]) -> Output {
        tongbao(self.dir.path(), &[&["-q", "--config", "tongbao.toml"], arguments].concat())
    }

    fn run(&self, from: &str, to: &str) {
        let output = self.command(&["run", "weekly", "--from", from, "--to", to]);
        assert_eq!(output.status.code(), Some(4), "one mail waits: {}", stderr(&output));
    }

    /// All of these are refused for a reason, and nothing leaves.
    fn is_refused(&self, reason: &str) {
        let sent = self.server.received().len();
        for arguments in [
            ["daemon", "-q"].as_slice(),
            &["check", "--offline"],
            &["runs"],
            &["run", "weekly", "--from", "2016-06-20", "--to", "2016-06-26"],
        ] {
            let output = self.command(arguments);
            let text = format!("{}{}", stdout(&output), stderr(&output));
            assert!(!output.status.success() && text.contains(reason), "{arguments:?}: {text}");
        }
        assert_eq!(self.server.received().len(), sent);
    }
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

#[test]
fn an_older_database_is_refused_and_can_be_restored() {
    let place = Place::new();
    let old = place.dir.path().join("yesterday.db");
    std::fs::copy(place.path("tongbao.db"), &old).unwrap();
    place.run("2016-06-13", "2016-06-19");
    let new = std::fs::read(place.path("tongbao.db")).unwrap();
    std::fs::copy(&old, place.path("tongbao.db")).unwrap();
    place.is_refused("is older than this folder");
    // Without the counter the archive still knows of more.
    let counter = std::fs::read(place.path("counter")).unwrap();
    std::fs::remove_file(place.path("counter")).unwrap();
    place.is_refused("is older than this folder");
    std::fs::write(place.path("counter"), counter).unwrap();
    std::fs::remove_file(place.path("tongbao.db")).unwrap();
    place.is_refused("has no database or an empty one");
    std::fs::write(place.path("tongbao.db"), "").unwrap();
    place.is_refused("has no database or an empty one");
    std::fs::remove_file(place.path("tongbao.db")).unwrap();
    let restored = place.command(&["restore", old.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", stderr(&restored));
    assert!(place.command(&["check", "--offline"]).status.success());
    assert!(place.command(&["verify"]).status.success());
    // The newest one is what was put away, but the restored state has gone on without it.
    std::fs::write(place.path("tongbao.db"), new).unwrap();
    place.is_refused("is older than this folder");
}

#[test]
fn a_damaged_index_is_damage() {
    let place = Place::new();
    let script = "import sys\n\
                  path = sys.argv[1]\n\
                  data = bytearray(open(path, 'rb').read())\n\
                  size = int.from_bytes(data[16:18], 'big')\n\
                  found = 0\n\
                  for start in range(0, len(data), size):\n\
                  \x20   if data[start] == 0x0A and b'pending' in data[start:start + size]:\n\
                  \x20       at = data.index(b'pending', start)\n\
                  \x20       data[at:at + 7] = b'pendinx'\n\
                  \x20       found += 1\n\
                  open(path, 'wb').write(data)\n\
                  sys.exit(0 if found else 1)\n";
    let damaged =
        Command::new("/usr/bin/python3").args(["-c", script]).arg(place.path("tongbao.db")).status();
    assert!(damaged.unwrap().success(), "the index of the outbox has the waiting mail");
    for arguments in [["daemon", "-q"].as_slice(), &["check", "--offline"], &["verify"]] {
        let output = place.command(arguments);
        let text = format!("{}{}", stdout(&output), stderr(&output));
        assert!(!output.status.success() && text.contains("is damaged"), "{arguments:?}: {text}");
    }
}

#[test]
fn a_database_that_is_moved_under_the_daemon_ends_it() {
    for name in ["tongbao.db", ""] {
        let place = Place::new();
        let mut daemon = Daemon::start(place.dir.path(), &[]);
        daemon.wait_for("fills the slots now");
        std::fs::rename(place.path(name), place.dir.path().join("elsewhere")).unwrap();
        assert!(!daemon.wait().success());
        assert!(daemon.log().concat().contains("was removed, renamed or exchanged"), "{:?}", daemon.log());
    }
}

/// Needs root, as the tests have in a container; elsewhere there is no other account to own a state.
#[test]
fn a_state_of_another_account_can_be_looked_at_and_nothing_else() {
    if tongbao::account::uid() != 0 {
        return;
    }
    let place = Place::new();
    let state = place.path("");
    let owner = Command::new("chown").args(["-R", "nobody"]).arg(&state).status().unwrap();
    assert!(owner.success());
    let files =
        || stdout(&Command::new("find").arg(&state).args(["-printf", "%p %s %u %T@\n"]).output().unwrap());
    let before = files();
    for arguments in
        [["runs"].as_slice(), &["show", "1"], &["outbox"], &["verify"], &["verify", "--log"], &["next"]]
    {
        let output = place.command(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    }
    for arguments in [
        ["run", "weekly", "--from", "2016-06-13", "--to", "2016-06-19"].as_slice(),
        &["daemon"],
        &["outbox", "retry", "2"],
        &["backup", "--out", "b"],
        &["check", "--offline"],
    ] {
        let output = place.command(arguments);
        let text = format!("{}{}", stdout(&output), stderr(&output));
        assert!(!output.status.success(), "{arguments:?}");
        assert!(
            text.contains("belongs to nobody") && text.contains("sudo -u nobody"),
            "{arguments:?}: {text}"
        );
    }
    assert_eq!(files(), before);
}

#[test]
fn check_names_impossible_days_and_secrets_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let config = place.dir.path().join("tongbao.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let (secret, mode) = (place.dir.path().join("password"), std::fs::Permissions::from_mode);
    std::fs::write(&secret, "word").unwrap();
    let login = format!("[smtp]\nusername = \"office\"\npassword_file = \"{}\"", secret.display());
    let text = text.replace("0 9 * * Mon", "0 9 30 2 *").replace("[smtp]", &login);
    setting::write(place.dir.path(), &text);
    let check = || stdout(&place.command(&["check", "--offline"]));
    for (bits, expected) in [(0o644, "can read"), (0o602, "can write"), (0o640, "")] {
        std::fs::set_permissions(&secret, mode(bits)).unwrap();
        let text = check();
        let line = text.lines().find(|line| line.contains("secrets")).unwrap_or_default();
        assert!(line.contains(expected) && line.is_empty() == expected.is_empty(), "{bits:o}: {text}");
    }
    assert!(check().contains("\"0 9 30 2 *\" names a day that no year has"), "{}", check());
    setting::write(place.dir.path(), &text.replace("password_file", "password"));
    std::fs::set_permissions(&config, mode(0o644)).unwrap();
    assert!(check().contains("tongbao.toml, which holds a secret"));
}

#[test]
fn failed_attempts_leave_no_files() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = || -> usize {
        let folders = std::fs::read_dir(office.state().join("archive")).into_iter().flatten().flatten();
        folders.map(|folder| std::fs::read_dir(folder.path()).unwrap().count()).sum()
    };
    runtime.block_on(async {
        let mut daemon = office.daemon().await;
        live(&office, &mut daemon, HOUR, MINUTE * 30).await;
        let before = count();
        assert!(before >= 4);
        // The run cannot be recorded: its table refuses it.
        execute(
            &office.state().join("tongbao.db"),
            "CREATE TRIGGER refuse BEFORE INSERT ON tally BEGIN SELECT RAISE(ABORT, 'refused'); END",
        );
        live(&office, &mut daemon, DAY + HOUR * 8, MINUTE * 30).await;
        assert!(office.store().await.open_slots().await.unwrap()[0].attempts > 3);
        // The alert that the slot is overdue.
        assert_eq!(count(), before + 1);
    });
}

#[tokio::test]
async fn every_change_of_what_decides_anything_is_named() {
    let office = Office::new("2016-06-06T00:30:00Z", with("0 9 * * *", "sign_off = true"));
    office.refuse("leader@example.test", Some(unknown()));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY, HOUR).await;
    let (store, engine) = (office.store().await, office.engine());
    let run = store.run(1).await.unwrap();
    engine.approve(&store, &run, &crate::daemon::decision(None), office.now()).await.unwrap();
    live(&office, &mut daemon, DAY, HOUR).await;
    store.reject(2, "李", "名册有误", office.now()).await.unwrap();
    store.pause("weekly", Some("李"), office.now()).await.unwrap();
    live(&office, &mut daemon, DAY * 2, HOUR).await;
    store.pause("weekly", None, office.now()).await.unwrap();
    let (here, gone) = (office.dir.path().join("register.db"), office.dir.path().join("gone.db"));
    std::fs::rename(&here, &gone).unwrap();
    live(&office, &mut daemon, DAY, HOUR).await;
    let found = store.verification(None, office.now()).await.unwrap();
    assert!(found.is_sound(), "{:?}", found.problems);
    assert!(found.slots >= 5 && found.schedules >= 1, "{found:?}");
    let head = found.head.unwrap();
    for sql in [
        "UPDATE run SET verdict = 'accepted' WHERE id = 1",
        "UPDATE run SET decided_by = '王' WHERE id = 1",
        "UPDATE run SET decided_at = '2016-06-07T00:00:00Z' WHERE id = 1",
        "UPDATE run SET period_to = '2016-06-04' WHERE id = 1",
        "UPDATE run SET report = 'monthly' WHERE id = 1",
        "UPDATE run SET slot = NULL, nominal = NULL WHERE id = 1",
        "UPDATE run SET round = 7 WHERE id = 1",
        "UPDATE run SET records = records + 1 WHERE id = 1",
        "UPDATE run SET units = replace(units, '44', '45') WHERE id = 1",
        "UPDATE run SET findings = '{}' WHERE id = 1",
        "UPDATE run SET provenance = '{}' WHERE id = 1",
        "UPDATE run SET recorded_at = '2016-06-05T00:00:00Z' WHERE id = 1",
        "UPDATE run SET held = '[]' WHERE id = 1",
        "UPDATE run SET late_since = 'x' WHERE id = 1",
        "UPDATE run SET pulled_at = '2016-06-05T00:00:00Z' WHERE id = 1",
        "UPDATE run SET no_send = 1 WHERE id = 1",
        "UPDATE tally SET counts = zeroblob(length(counts)) WHERE run = 1 AND unit = (SELECT MIN(unit) FROM tally)",
        "DELETE FROM tally WHERE run = 2 AND unit = (SELECT MIN(unit) FROM tally)",
        "INSERT INTO correction (run, unit, list) VALUES (1, 'x', '[]')",
        "INSERT INTO input (run, name, sha256) VALUES (1, 'x', 'y')",
        "UPDATE outbox SET address = 'x@example.test' WHERE id = 1",
        "UPDATE outbox SET name = 'x' WHERE id = 1",
        "UPDATE outbox SET unit = 'x' WHERE id = 1",
        "UPDATE outbox SET run = 2 WHERE state = 'sent'",
        "UPDATE outbox SET answer = '250 x' WHERE state = 'sent'",
        "UPDATE outbox SET message_id = 'x' WHERE id = 1",
        "UPDATE outbox SET state = 'pending' WHERE state = 'dead'",
        "INSERT INTO outbox (run, kind, name, address, message_id, sha256, created_at, try_at, changed_at)
             SELECT run, kind, name, 'x@example.test', 'x', sha256, created_at, try_at, changed_at FROM outbox LIMIT 1",
        "UPDATE slot SET state = 'open' WHERE state = 'skipped'",
        "UPDATE slot SET state = 'skipped' WHERE state = 'open'",
        "UPDATE slot SET reason = 'x' WHERE state = 'skipped'",
        "UPDATE slot SET due = due + 1",
        "UPDATE slot SET run = NULL WHERE state = 'filled'",
        "UPDATE slot SET try_at = try_at + 86400000 WHERE state = 'open'",
        "DELETE FROM slot WHERE state = 'filled'",
        "INSERT INTO slot (schedule, nominal, zone, due, state, try_at, changed_at)
             VALUES ('weekly', '2016-06-20T09:00:00', 'Asia/Shanghai', 0, 'skipped', 0, 0)",
        "UPDATE schedule SET observed_until = observed_until + 31536000000",
        "UPDATE schedule SET paused_at = 1 WHERE name = 'weekly'",
        "UPDATE schedule SET rule = '0 9 * * Tue Asia/Shanghai' WHERE name = 'weekly'",
        "DELETE FROM schedule WHERE name = 'weekly'",
        "DROP TRIGGER audit_is_not_changed",
        // What is said to be older than the log.
        "UPDATE note SET text = '{\"run\":99,\"mail\":99}' WHERE name = 'audit_since';
         INSERT INTO run (id, report, kind, slot, period_from, period_to, state, number, pulled_at, recorded_at, records,
                          units, findings, figures, provenance)
             SELECT 99, report, kind, '2016-06-05T01:00:00Z', period_from, period_to, 'done', '第77期', pulled_at,
                    recorded_at, records, units, findings, figures, provenance FROM run WHERE id = 1",
        "UPDATE note SET text = '{\"run\":99,\"mail\":99}' WHERE name = 'audit_since';
         UPDATE outbox SET state = 'sent' WHERE state = 'dead'",
    ] {
        let other = tempfile::tempdir().unwrap();
        copy(&office.state(), other.path());
        execute(&other.path().join("state/tongbao.db"), sql);
        let store = Store::open(&other.path().join("state")).await.unwrap();
        let found = store.verification(Some(&head), office.now()).await.unwrap();
        assert!(!found.is_sound(), "not seen: {sql}");
    }
}

/// A log of an earlier version has no entries of slots and no digests of rows: all of it is sealed once.
#[tokio::test]
async fn a_state_of_an_earlier_version_is_sealed_once() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, HOUR, MINUTE * 30).await;
    daemon.end().await;
    let database = office.state().join("tongbao.db");
    execute(
        &database,
        "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_shortened; DELETE FROM audit;
         DELETE FROM note WHERE name IN ('audit_head', 'audit_begun', 'counter');
         CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
         CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;",
    );
    std::fs::remove_file(office.state().join("counter")).unwrap();
    let store = office.store().await;
    let found = store.verification(None, office.now()).await.unwrap();
    assert!(found.is_sound(), "{:?}", found.problems);
    let seals = store.audit().await.unwrap().iter().filter(|entry| entry.what == "seal").count();
    assert!(seals >= 5, "run, slot, schedule and mails: {seals}");
    store.close().await;
    execute(&database, "UPDATE slot SET reason = 'x'");
    let store = office.store().await;
    assert!(!store.verification(None, office.now()).await.unwrap().is_sound());
}

#[tokio::test]
async fn a_restored_state_is_sound_and_sends_nothing() {
    let office = Office::new("2016-06-06T00:30:00Z", only("0 9 * * *"));
    let mut daemon = office.daemon().await;
    live(&office, &mut daemon, DAY, HOUR).await;
    let copy = office.dir.path().join("copy.tar");
    office.store().await.backup(&copy, office.now()).await.unwrap();
    live(&office, &mut daemon, DAY * 2, HOUR).await;
    daemon.end().await;
    let sent = office.mails().len();
    std::fs::rename(office.state(), office.dir.path().join("lost")).unwrap();
    restore(&copy, &office.state(), office.now()).await.unwrap();
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    office.hand.advance(MINUTE * 2);
    work(&mut daemon).await;
    assert_eq!(office.mails().len(), sent);
    let slots = office.store().await.slots(10).await.unwrap();
    let unknown = slots.iter().filter(|slot| {
        slot.reason
            .as_ref()
            .is_some_and(|reason| reason == "restored from a copy: it may have been filled since")
    });
    assert_eq!(unknown.count(), 2, "each is named: {slots:?}");
    let found = office.store().await.verification(None, office.now()).await.unwrap();
    assert!(found.is_sound(), "{:?}", found.problems);
    live(&office, &mut daemon, DAY, HOUR).await;
    // It goes on with a draft for the office, which compares its number with what may have gone out.
    assert_eq!(office.mails().len(), sent + 1);
    assert_eq!(office.runs().await.pop().unwrap().state, RunState::Held);
}
