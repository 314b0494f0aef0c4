//! The audit log tells who did what, and any change behind its back is found and named.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use crate::support::setting::{configuration, sample, stderr, stdout, tongbao, write};
use crate::support::smtp::MailServer;

/// An office that has sent one bulletin, approved one, rejected one, and retried a refused mail.
struct Office {
    dir: TempDir,
    _server: MailServer,
}

impl Office {
    fn new() -> Office {
        let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("plain"));
        let url = sample(dir.path(), 400);
        let port = server.settings().port;
        let text = configuration(&url, dir.path())
            .replace("deputy@example.test", "refuse5@example.test")
            .replace("port = 25", &format!("port = {port}"));
        write(dir.path(), &text);
        let office = Office { dir, _server: server };
        let run = |from: &str, to: &str| office.command(&["run", "weekly", "--from", from, "--to", to]);
        assert_eq!(run("2016-06-06", "2016-06-12").status.code(), Some(4));
        write(office.path(), &text.replacen("[reports.weekly]\n", "[reports.weekly]\nsign_off = true\n", 1));
        assert_eq!(run("2016-06-13", "2016-06-19").status.code(), Some(3));
        assert_eq!(run("2016-06-20", "2016-06-26").status.code(), Some(3));
        assert_eq!(office.command(&["approve", "2", "--by", "王某"]).status.code(), Some(4));
        office.done(&["reject", "3", "--by", "王某", "--why", "名册尚未更新"]);
        let dead = office.json(&["outbox", "--state", "dead"])[0]["id"].to_string();
        office.done(&["outbox", "retry", &dead]);
        office.done(&["outbox", "cancel", &dead]);
        office
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    fn command(&self, arguments: &[&str]) -> Output {
        tongbao(self.path(), &[&["-q", "--config", "tongbao.toml"], arguments].concat())
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[&["--format", "json"], arguments].concat())).unwrap()
    }

    /// What `verify` finds wrong: part and text.
    fn problems(&self, arguments: &[&str]) -> Vec<String> {
        let output = self.command(&[&["--format", "json", "verify"], arguments].concat());
        let found: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
        let problems = found["problems"].as_array().unwrap();
        assert_eq!(output.status.code(), Some(i32::from(!problems.is_empty())));
        let text = |p: &Value| format!("{}: {}", p["part"].as_str().unwrap(), p["text"].as_str().unwrap());
        problems.iter().map(text).collect()
    }

    /// What a change of the database makes of it; then it is as before.
    fn after(&self, sql: &str) -> Vec<String> {
        let before = self.path().join("before");
        copy(&self.state(), &before);
        let triggers = "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_shortened;";
        sqlite(&self.state().join("tongbao.db"), &format!("{triggers}{sql}")).unwrap();
        let problems = self.problems(&[]);
        std::fs::remove_dir_all(self.state()).unwrap();
        std::fs::rename(before, self.state()).unwrap();
        problems
    }
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

fn sqlite(path: &Path, sql: &str) -> Result<(), sqlx::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await;
        // Dropped without it, a connection removes its files later, while they are copied.
        connection.close().await?;
        done.map(drop)
    })
}

#[test]
fn deeds_are_told_and_damage_is_named() {
    let office = Office::new();
    let entries = office.json(&["verify", "--log"]);
    let entries = entries.as_array().unwrap();
    let actions: Vec<&str> = entries.iter().map(|entry| entry["what"].as_str().unwrap()).collect();
    let count = |action: &str| actions.iter().filter(|a| **a == action).count();
    assert_eq!((count("run"), count("hold"), count("approve"), count("reject")), (1, 2, 1, 1), "{actions:?}");
    assert!(count("send") >= 2 && count("give_up") >= 2, "{actions:?}");
    assert_eq!((count("retry"), count("cancel")), (1, 1));
    assert_eq!((&entries[0]["what"], &entries[0]["subject"]), (&"begin".into(), &"state".into()));
    let account = stdout(&Command::new("id").arg("-un").output().unwrap());
    assert!(entries.iter().all(|e| e["who"].as_str().unwrap().starts_with(account.trim())), "{entries:?}");
    let log = serde_json::to_string(entries).unwrap();
    for personal in ["王某", "名册尚未更新", "example.test", "领导小组组长"] {
        assert!(!log.contains(personal), "{personal}");
    }
    assert_eq!(office.problems(&[]), [""; 0]);
    let head = entries.last().unwrap()["hash"].as_str().unwrap();
    let text = office.done(&["verify", "--head", head]);
    assert!(text.contains(&format!("head     {head}")) && text.contains("ok       archive"), "{text}");

    // The database itself refuses what is done in passing.
    let database = office.state().join("tongbao.db");
    for sql in ["UPDATE audit SET who = 'x'", "DELETE FROM audit WHERE seq = 2"] {
        assert!(sqlite(&database, sql).unwrap_err().to_string().contains("append-only"));
    }

    let last = entries.len();
    for (sql, problem) in [
        ("UPDATE audit SET who = 'x' WHERE seq = 2".to_owned(), "audit log: entry 2 has been changed".to_owned()),
        ("UPDATE audit SET at = '2016-01-01T00:00:00Z' WHERE seq = 3".into(), "audit log: entry 3 has been changed".into()),
        ("DELETE FROM audit WHERE seq BETWEEN 2 AND 3".into(), "audit log: entries 2 to 3 are missing".into()),
        (format!("DELETE FROM audit WHERE seq = {last}"), "audit log: the last entries are missing".into()),
        ("DELETE FROM audit".into(), "audit log: all entries are missing".into()),
        (
            "UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 4; \
             UPDATE audit SET seq = 4 WHERE seq = 99".into(),
            "audit log: entry 4 stands in place 2".into(),
        ),
        ("UPDATE run SET figures = replace(figures, '1', '2') WHERE id = 1".into(), "runs: run 1: the record of its figures".into()),
        ("UPDATE run SET state = 'approved' WHERE id = 3".into(), "runs: run 3: the state has been changed".into()),
        ("UPDATE run SET why = 'x' WHERE id = 3".into(), "runs: run 3: the reason has been changed".into()),
        ("UPDATE run SET number = '第99期' WHERE id = 2".into(), "runs: run 2: the number has been changed".into()),
        (
            "DELETE FROM document WHERE run = 1 AND name LIKE '%.pdf'".into(),
            "runs: run 1: the list of its documents has been changed".into(),
        ),
        (
            "INSERT INTO run (id, report, kind, period_from, period_to, state, pulled_at, recorded_at, records, units, \
             findings, figures, provenance) SELECT 9, report, kind, period_from, period_to, state, pulled_at, \
             recorded_at, records, units, findings, figures, provenance FROM run WHERE id = 1".into(),
            "runs: run 9 is not in the audit log".into(),
        ),
        ("UPDATE outbox SET state = 'pending' WHERE state = 'sent'".into(), "mails: mail 1 was sent, but counts as pending".into()),
        (
            "UPDATE outbox SET state = 'sent' WHERE state = 'cancelled'".into(),
            "counts as sent, but the audit log knows of no sending".into(),
        ),
        (
            "UPDATE outbox SET sha256 = (SELECT sha256 FROM document LIMIT 1) WHERE id = 1".into(),
            "mails: mail 1: the message has been exchanged".into(),
        ),
    ] {
        let problems = office.after(&sql);
        assert!(problems.iter().any(|found| found.contains(&problem)), "{sql}: {problems:?}");
    }
    assert_eq!(office.problems(&[]), [""; 0]);
    assert_eq!(office.problems(&["--head", "0123"]), ["audit log: the noted head 0123 is in no entry"]);
}

/// Run, log and paused schedule name one account, whatever the environment says.
#[test]
fn a_decision_without_a_name_is_that_of_the_account() {
    let office = Office::new();
    let held = office.command(&["run", "weekly", "--from", "2016-06-27", "--to", "2016-06-30"]);
    assert_eq!(held.status.code(), Some(3));
    let done = Command::new(crate::support::setting::program())
        .current_dir(office.path())
        .args(["-q", "--config", "tongbao.toml", "reject", "4", "--why", "x"])
        .env_remove("TONGBAO_CONFIG")
        .envs(["USER", "LOGNAME"].map(|name| (name, "somebody-else")))
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
    let by = office.json(&["show", "4"])["run"]["decided_by"].clone();
    let log = office.json(&["verify", "--log"]);
    let entry = log.as_array().unwrap().last().unwrap();
    assert_eq!((&entry["what"], &entry["who"]), (&"reject".into(), &by));
    let account = stdout(&Command::new("id").arg("-un").output().unwrap());
    assert!(by.as_str().unwrap().starts_with(account.trim()), "{by}");
    for blank in [" ", "a\nb"] {
        let refused = office.command(&["reject", "4", "--why", "x", "--by", blank]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(stderr(&refused).contains("give a person's name"), "{}", stderr(&refused));
    }
}

#[test]
fn the_archive_is_compared_file_by_file() {
    let office = Office::new();
    let files = files(&office.state().join("archive"));
    let whole = std::fs::read(&files[0]).unwrap();
    std::fs::write(&files[0], [&whole[..whole.len() - 1], b"?"].concat()).unwrap();
    let other = std::fs::read(&files[1]).unwrap();
    std::fs::remove_file(&files[1]).unwrap();
    let problems = office.problems(&[]);
    assert!(
        problems[0].starts_with("archive: ") && problems[0].ends_with("is not what was recorded"),
        "{problems:?}"
    );
    assert!(problems[1].contains("(run ") || problems[1].contains("(mail "), "{problems:?}");
    assert!(problems[1].ends_with("is missing") && problems.len() == 2, "{problems:?}");
    std::fs::write(&files[0], whole).unwrap();
    std::fs::write(&files[1], other).unwrap();
    assert_eq!(office.problems(&[]), [""; 0]);
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for folder in std::fs::read_dir(dir).unwrap() {
        out.extend(std::fs::read_dir(folder.unwrap().path()).unwrap().map(|file| file.unwrap().path()));
    }
    out.sort();
    out
}

#[test]
fn a_restored_state_keeps_its_log_and_says_so() {
    let office = Office::new();
    office.done(&["backup", "--out", "copy.tar"]);
    let before = office.json(&["verify"]);
    let held = office.command(&["run", "weekly", "--from", "2016-06-27", "--to", "2016-06-30"]);
    assert_eq!(held.status.code(), Some(3));
    let lost = office.json(&["verify"])["head"].as_str().unwrap().to_owned();
    std::fs::remove_dir_all(office.state()).unwrap();
    office.done(&["restore", "copy.tar"]);
    let after = office.json(&["verify", "--head", before["head"].as_str().unwrap()]);
    assert_eq!(after["entries"].as_u64(), before["entries"].as_u64().map(|entries| entries + 1));
    let entry = office.json(&["verify", "--log"]).as_array().unwrap().last().unwrap().clone();
    assert_eq!((&entry["what"], &entry["subject"]), (&Value::from("restore"), &Value::from("state")));
    assert!(entry["detail"].as_str().unwrap().contains("copy.tar"), "{entry}");
    let problems = office.problems(&["--head", &lost]);
    assert!(problems[0].contains("is in no entry; the state was restored from a copy on"), "{problems:?}");
}

#[test]
fn the_state_is_for_its_owner_alone() {
    let office = Office::new();
    let state = office.state();
    let set = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let modes = |path: &Path| {
        let output = Command::new("find").arg(path).args(["-perm", "/077"]).output().unwrap();
        stdout(&output)
    };
    assert_eq!(modes(&state), "");
    let file = files(&state.join("archive"))[0].clone();
    set(&state, 0o755);
    set(&state.join("tongbao.db"), 0o644);
    set(&file, 0o644);
    let told = stdout(&office.command(&["check", "--offline"]));
    assert!(
        told.contains("warning  state folder: others than the owner could read 3 of its files"),
        "{told}"
    );
    assert!(told.contains("chmod -R go= "), "{told}");
    assert_eq!(modes(&state).trim(), file.display().to_string(), "the database is taken back at once");
}
