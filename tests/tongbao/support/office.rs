//! An office with a daemon whose clock is turned by hand: a small register, a state folder, and
//! mails kept in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tongbao::clock::{Clock, Manual};
use tongbao::config;
use tongbao::daemon::service::Service;
use tongbao::delivery::failure::{BadReply, Cause, DeliveryFailure, SendError, SmtpStep};
use tongbao::delivery::transport::{HandedOver, Memory, Transport};
use tongbao::pipeline::Engine;
use tongbao::store::Store;
use tongbao::store::outbox::Delivery;
use tongbao::store::runs::Run;

use super::setting;

pub struct Office {
    pub dir: TempDir,
    pub text: String,
    pub clock: Clock,
    pub hand: Arc<Manual>,
    pub post: Arc<Transport>,
}

pub const MINUTE: SignedDuration = SignedDuration::from_mins(1);
pub const HOUR: SignedDuration = SignedDuration::from_hours(1);
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Office {
    /// The demo's configuration on a small register, changed by `edit`, at an instant.
    pub fn new(now: &str, edit: impl Fn(String) -> String) -> Office {
        let dir = tempfile::tempdir().unwrap();
        let url = register(dir.path());
        Office::on(dir, &url, now, edit)
    }

    /// The same with bulletins and mails of one sentence.
    pub fn with_short_bulletins(now: &str, edit: impl Fn(String) -> String) -> Office {
        let dir = tempfile::tempdir().unwrap();
        let (url, folder) = (register(dir.path()), dir.path().to_owned());
        Office::on(dir, &url, now, |text| setting::with_short_bulletins(&folder, &edit(text)))
    }

    /// The same on a register of about two hundred persons.
    pub fn larger(now: &str, edit: impl Fn(String) -> String) -> Office {
        let dir = tempfile::tempdir().unwrap();
        let url = register_of(dir.path(), 2_400);
        Office::on(dir, &url, now, edit)
    }

    /// The same on a database of one's own.
    pub fn on(dir: TempDir, url: &str, now: &str, edit: impl Fn(String) -> String) -> Office {
        let text = edit(setting::configuration(url, dir.path()));
        let (clock, hand) = Clock::manual(now.parse().unwrap());
        Office { dir, text, clock, hand, post: Arc::new(Transport::Memory(Memory::default())) }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn engine(&self) -> Arc<Engine> {
        let parsed = config::parse("office.toml", &self.text, &BTreeMap::new()).unwrap();
        Arc::new(Engine::new(parsed.settings).unwrap())
    }

    pub async fn store(&self) -> Store {
        Store::open(&self.state()).await.unwrap()
    }

    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// A daemon that has just been started.
    pub async fn daemon(&self) -> Service {
        Service::new(self.engine(), self.store().await, self.clock.clone(), Some(self.post.clone()))
    }

    pub fn memory(&self) -> &Memory {
        match &*self.post {
            Transport::Memory(memory) => memory,
            _ => panic!("the post of this office is no memory"),
        }
    }

    /// Mails handed over so far.
    pub fn mails(&self) -> Vec<HandedOver> {
        self.memory().sent.lock().unwrap().clone()
    }

    /// Whether and how an address is refused from now on.
    pub fn refuse(&self, address: &str, error: Option<SendError>) {
        let mut refusals = self.memory().refusals.lock().unwrap();
        match error {
            Some(error) => refusals.insert(address.to_owned(), error),
            None => refusals.remove(address),
        };
    }

    pub async fn runs(&self) -> Vec<Run> {
        let mut runs = self.store().await.runs(10_000).await.unwrap();
        runs.reverse();
        runs
    }

    pub async fn deliveries(&self) -> Vec<Delivery> {
        self.store().await.deliveries(None).await.unwrap()
    }
}

/// Ticks until nothing is left to do at this instant.
pub async fn work(daemon: &mut Service) {
    loop {
        daemon.tick().await.unwrap();
        if !daemon.is_busy() {
            return;
        }
        daemon.drain().await.unwrap();
    }
}

/// Lets time go by in steps, with a tick at once and at each.
pub async fn live(office: &Office, daemon: &mut Service, time: SignedDuration, step: SignedDuration) {
    let end = office.now() + time;
    work(daemon).await;
    while office.now() < end {
        office.hand.advance(step.min(end.duration_since(office.now())));
        work(daemon).await;
    }
}

/// A register of some persons in three units, as an SQLite file below `dir`.
pub fn register(dir: &Path) -> String {
    register_of(dir, 300)
}

/// The same of about a twelfth of so many persons.
pub fn register_of(dir: &Path, persons: u64) -> String {
    let url = setting::sample(dir, persons);
    let sql = "DELETE FROM unit WHERE code NOT IN (SELECT code FROM unit ORDER BY code LIMIT 3);
               DELETE FROM person WHERE village_code NOT IN (SELECT code FROM unit);
               DELETE FROM roster WHERE unit NOT IN (SELECT code FROM unit);";
    execute(&dir.join("register.db"), sql);
    url
}

/// Runs SQL in an SQLite file.
pub fn execute(path: &Path, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (path, sql) = (path.to_owned(), sqlx::AssertSqlSafe(sql.to_owned()));
    // A thread of its own: the caller may be within a runtime.
    std::thread::spawn(move || {
        runtime.block_on(async {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            sqlx::raw_sql(sql).execute(&pool).await.unwrap();
            pool.close().await;
        });
    })
    .join()
    .unwrap();
}

/// A failure of a mail server.
pub fn failure(step: SmtpStep, cause: Cause) -> DeliveryFailure {
    DeliveryFailure { place: "mail server test:25".into(), step, cause }
}

/// 450: later.
pub fn busy() -> SendError {
    SendError::Temporary(failure(SmtpStep::Rcpt, Cause::Answer(BadReply::new(450, "4.2.1 busy"))))
}

/// 550: never.
pub fn unknown() -> SendError {
    SendError::Permanent(failure(SmtpStep::Rcpt, Cause::Answer(BadReply::new(550, "5.1.1 unknown"))))
}

/// The answer to the final dot was lost.
pub fn lost() -> SendError {
    SendError::Uncertain(failure(SmtpStep::FinalAnswer, Cause::Lost))
}

/// The server does not take the password.
pub fn wrong_password() -> SendError {
    SendError::Queue(failure(SmtpStep::Auth, Cause::Answer(BadReply::new(535, "5.7.8 no"))))
}

/// The server is away.
pub fn away() -> SendError {
    SendError::Queue(failure(SmtpStep::Connect, Cause::Unreachable("refused".into())))
}

/// The text of a PDF as poppler reads it, without line breaks.
pub fn pdf_text(bytes: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("document.pdf");
    std::fs::write(&path, bytes).unwrap();
    let output = std::process::Command::new("pdftotext").arg("-raw").arg(&path).arg("-").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().split_whitespace().collect()
}
