//! What a real database does to a pull: refuses, stalls, breaks off. The slot stays open, nothing is
//! recorded, and the next attempt succeeds. And SIGTERM while a pull hangs.

use std::process::{Command, Stdio};

use sqlx::{Connection, Executor, PgConnection};
use tongbao::daemon::service::Service;

use crate::support::office::{HOUR, MINUTE, Office, work};
use crate::support::process::until;
use crate::support::servers;
use crate::support::setting::{self, stderr, tongbao};

/// An hourly report on PostgreSQL, half an hour before it is due.
fn office(persons: &str, edit: impl Fn(String) -> String) -> (Office, String) {
    let dir = tempfile::tempdir().unwrap();
    let url = servers::postgres();
    let made = tongbao(dir.path(), &["-q", "sample", "--persons", persons, "--to", &url]);
    assert!(made.status.success(), "{}", stderr(&made));
    let office = Office::on(dir, &url, "2016-06-06T00:30:00Z", |text| {
        edit(
            text.replace("0 9 * * Mon", "0 * * * *")
                .replace("schedule = \"0 10 1 * *\"\n", "")
                .replace("period = \"previous_week\"", "period = \"campaign_to_date\""),
        )
    });
    (office, url)
}

/// The slot is open with this reason, and nothing else has happened.
async fn assert_open(office: &Office, reason: &str) {
    let open = office.store().await.open_slots().await.unwrap();
    assert_eq!(open.len(), 1, "{open:?}");
    let told = open[0].reason.clone().unwrap_or_default().to_string();
    assert!(told.contains(reason), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
    assert!(office.runs().await.is_empty() && office.mails().is_empty());
}

/// The slot is made up for at the next attempt.
async fn assert_recovers(office: &Office, daemon: &mut Service) {
    office.hand.advance(MINUTE * 3);
    work(daemon).await;
    assert_eq!(office.runs().await.len(), 1);
    assert_eq!(office.mails().len(), 3);
}

async fn due(office: &Office) -> Service {
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;
    office.hand.advance(HOUR / 2);
    daemon
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_refuses_leaves_the_slot_open() {
    let (office, url) = office("500", |text| text);
    servers::execute(&url, "ALTER TABLE person RENAME TO hidden");
    let mut daemon = due(&office).await;
    work(&mut daemon).await;
    assert_open(&office, "person").await;
    servers::execute(&url, "ALTER TABLE hidden RENAME TO person");
    assert_recovers(&office, &mut daemon).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_leaves_the_slot_open() {
    let (office, url) = office("500", |text| text.replace("postgres://tester:", "postgres://clerk:"));
    let grants = "DO $$ BEGIN CREATE ROLE clerk LOGIN PASSWORD 's3cret-words'; \
                  EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
                  GRANT SELECT ON unit, roster TO clerk";
    servers::execute(&url, grants);
    let mut daemon = due(&office).await;
    work(&mut daemon).await;
    assert_open(&office, "permission denied").await;
    servers::execute(&url, "GRANT SELECT ON person TO clerk");
    assert_recovers(&office, &mut daemon).await;
}

/// A session that keeps all others from reading the register until it is closed.
async fn lock(url: &str) -> PgConnection {
    let mut holder = PgConnection::connect(url).await.unwrap();
    holder.execute("BEGIN; LOCK TABLE person IN ACCESS EXCLUSIVE MODE").await.unwrap();
    holder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stalls_is_given_up_in_time() {
    let (office, url) = office("500", |text| text.replace("[source]\n", "[source]\ntimeout = \"3s\"\n"));
    let mut daemon = due(&office).await;
    // A lock that another session holds: SELECT waits for its end.
    let holder = lock(&url).await;
    work(&mut daemon).await;
    assert_open(&office, "timeout").await;
    holder.close().await.unwrap();
    assert_recovers(&office, &mut daemon).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_that_is_cut_off_records_nothing() {
    let (office, url) = office("60000", |text| text);
    let mut daemon = due(&office).await;
    daemon.tick().await.unwrap();
    // Every session on this database that copies is ended as soon as it is seen.
    let killer = std::thread::spawn(move || {
        let cut = "DO $$ DECLARE n int; BEGIN FOR i IN 1..2000 LOOP \
                   SELECT count(pg_terminate_backend(pid)) INTO n FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE 'COPY%' AND pid <> pg_backend_pid(); \
                   EXIT WHEN n > 0; PERFORM pg_stat_clear_snapshot(); PERFORM pg_sleep(0.002); \
                   END LOOP; END $$";
        servers::execute(&url, cut);
    });
    daemon.drain().await.unwrap();
    killer.join().unwrap();
    work(&mut daemon).await;
    assert_open(&office, "").await;
    let reason =
        office.store().await.open_slots().await.unwrap()[0].reason.clone().map(|reason| reason.to_string());
    assert!(reason.is_some_and(|reason| !reason.is_empty()));
    assert_recovers(&office, &mut daemon).await;
}

/// The pull waits for a lock when SIGTERM comes: the daemon ends within its time, in order.
#[test]
fn sigterm_does_not_wait_for_a_pull_that_hangs() {
    let (office, url) = office("500", |text| {
        text.replace("[daemon]\n", "[daemon]\nstop_within = \"2s\"\n")
            .replace("0 * * * *", "* * * * *")
            // The real clock is at work here, long after the campaign.
            .replace("active = { from = 2016-06-04, to = 2016-07-11 }\n", "")
    });
    setting::write(office.dir.path(), &office.text);
    let daemon = || {
        let mut command = Command::new(setting::program());
        command.current_dir(office.dir.path()).args(["-q", "--config", "tongbao.toml", "daemon"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    // The first start puts the schedule on record; a minute later, as far as the state tells, one is due.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let holder = runtime.block_on(lock(&url));
    let state = office.dir.path().join("state/tongbao.db");
    let mut first = daemon();
    // Only looked at, not opened as a store: the daemon itself makes it.
    let is_on_record = || {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&state).read_only(true);
        let count = async {
            let pool = sqlx::SqlitePool::connect_with(options).await.ok()?;
            sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM schedule").fetch_one(&pool).await.ok()
        };
        runtime.block_on(count).is_some_and(|count| count > 0)
    };
    until("the schedule to be on record", || is_on_record().then_some(()));
    Command::new("kill").args(["-TERM", &first.id().to_string()]).status().unwrap();
    assert!(first.wait().unwrap().success());
    crate::support::office::execute(&state, "UPDATE schedule SET observed_until = observed_until - 120000");
    let mut second = daemon();
    let open = || runtime.block_on(async { office.store().await.open_slots().await.unwrap() });
    until("a slot to be open", || (!open().is_empty()).then_some(()));
    Command::new("kill").args(["-TERM", &second.id().to_string()]).status().unwrap();
    // It ends although the register is locked as before.
    assert!(second.wait().unwrap().success());
    assert!(!open().is_empty(), "the slot is taken up at the next start");
    runtime.block_on(holder.close()).unwrap();
}
