//! One campaign: its daemon, its clock, its mail server, and what goes wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use tongbao::clock::{Clock, Manual};
use tongbao::config;
use tongbao::config::settings::{DatabaseUrl, Settings};
use tongbao::daemon::service::Service;
use tongbao::pipeline::{self, Engine, ReleaseDecision, RunError};
use tongbao::source::sample::{self, SamplePlan};
use tongbao::store::restore::restore;
use tongbao::store::{Store, StoreError};

use crate::certificates::Authority;
use crate::post_office::{Manners, PostOffice};

pub(crate) const START: &str = "2016-06-01T00:00:30Z";
const STEP: SignedDuration = SignedDuration::from_hours(1);
pub(crate) const ADDRESSES: [&str; 3] = ["leader@example.test", "deputy@example.test", "office@example.test"];
/// The campaign whose mail server wants STARTTLS.
const ENCRYPTED: u64 = 1;

pub(crate) struct Campaign {
    pub(crate) number: u64,
    pub(crate) settings: Settings,
    pub(crate) dir: PathBuf,
    pub(crate) clock: Clock,
    pub(crate) post_office: PostOffice,
    /// What went wrong, and how often.
    pub(crate) faults: BTreeMap<String, u32>,
    hand: Arc<Manual>,
    daemon: Option<Service>,
    /// The fault at work, and the hours it still lasts.
    fault: Option<(Fault, u32)>,
    /// How far the wall clock is ahead, and the hours until somebody sets it right.
    ahead: Option<(SignedDuration, u32)>,
    /// A daemon that hangs while another has taken over, and the hours until it goes on.
    hanging: Option<(Service, u32)>,
    /// A copy of the state, to be restored some day. None that was made before the clock was ahead: what has been sent
    /// then for days that are to come only the mail server knows.
    copy: Option<PathBuf>,
    copies: u32,
    numbers: u32,
    /// What a person has released, by report and slot: after a restore it may be held again.
    released: BTreeSet<(String, String)>,
}

/// What may last for some hours.
#[derive(Debug, Clone, Copy)]
enum Fault {
    DatabaseAway,
    OddServer(Manners),
}

impl Campaign {
    pub(crate) async fn new(dir: &Path, number: u64) -> Campaign {
        let register = dir.join("register.db");
        let url = DatabaseUrl::new(format!("sqlite:{}", register.display()));
        let plan = SamplePlan { persons: 300, seed: number + 1, ..SamplePlan::default() };
        sample::fill(&url, &plan, |_| {}).await.unwrap();
        keep_three_units(&register).await;
        let authority = (number == ENCRYPTED).then(|| Authority::new("soak"));
        let certificate =
            authority.as_ref().map(|authority| authority.issue("localhost", "DNS:localhost", 20));
        if let Some(authority) = &authority {
            std::fs::write(dir.join("ca.pem"), authority.pem()).unwrap();
        }
        let post_office = PostOffice::open(&ADDRESSES, certificate.as_ref());
        let text = configuration(dir, number, post_office.port);
        let settings = config::parse("soak.toml", &text, &BTreeMap::new()).unwrap().settings;
        let (clock, hand) = Clock::manual(START.parse().unwrap());
        let mut campaign = Campaign {
            number,
            settings,
            dir: dir.to_owned(),
            clock,
            post_office,
            faults: BTreeMap::new(),
            hand,
            daemon: None,
            fault: None,
            ahead: None,
            hanging: None,
            copy: None,
            copies: 0,
            numbers: 0,
            released: BTreeSet::new(),
        };
        campaign.start().await;
        campaign
    }

    async fn start(&mut self) {
        let engine = Arc::new(Engine::new(self.settings.clone()).unwrap());
        let store = Store::open(&self.settings.state_dir).await.unwrap();
        let transport = pipeline::transport(&self.settings).map(Arc::new);
        let mut daemon = Service::new(engine, store, self.clock.clone(), transport);
        daemon.tick().await.unwrap();
        self.daemon = Some(daemon);
    }

    /// One hour goes by, in which something may go wrong or right again.
    pub(crate) async fn hour(&mut self, rng: &mut fastrand::Rng) {
        self.hand.advance(STEP);
        self.pass_fault(rng);
        self.pass_time().await;
        match rng.u16(0..600) {
            0 => self.stop_for(rng.u32(1..60)).await,
            1 => self.crash(rng).await,
            2 => {
                self.hand.leap(-SignedDuration::from_mins(rng.i64(1..50)));
                self.forget_copy();
            }
            3 | 4 => self.step_clock(rng),
            5 => self.hang(rng).await,
            6 => self.back_up().await,
            7 => self.restore().await,
            8..40 => self.decide(rng).await,
            _ => {}
        }
        self.work().await;
    }

    fn pass_fault(&mut self, rng: &mut fastrand::Rng) {
        match &mut self.fault {
            Some((_, left)) if *left > 0 => *left -= 1,
            Some((fault, _)) => {
                let fault = *fault;
                self.set(fault, false);
                self.fault = None;
            }
            None if rng.u8(0..30) == 0 => {
                let fault = match rng.u8(0..6) {
                    0 => Fault::DatabaseAway,
                    _ => {
                        let has_tls = self.number == ENCRYPTED;
                        Fault::OddServer(Manners::draw(rng, ADDRESSES.len(), has_tls))
                    }
                };
                self.count(&match fault {
                    Fault::DatabaseAway => "database away".to_owned(),
                    Fault::OddServer(manners) => manners.name(),
                });
                self.set(fault, true);
                // A database may be away for longer than a slot waits for it.
                let longest = if matches!(fault, Fault::DatabaseAway) { 110 } else { 30 };
                self.fault = Some((fault, rng.u32(1..longest)));
            }
            None => {}
        }
    }

    fn set(&mut self, fault: Fault, is_on: bool) {
        let (here, gone) = (self.dir.join("register.db"), self.dir.join("gone.db"));
        match fault {
            Fault::DatabaseAway if is_on => std::fs::rename(here, gone).unwrap(),
            Fault::DatabaseAway => std::fs::rename(gone, here).unwrap(),
            Fault::OddServer(manners) if is_on => self.post_office.behave(manners),
            Fault::OddServer(_) => self.post_office.behave(Manners::POLITE),
        }
    }

    fn count(&mut self, what: &str) {
        tracing::info!(campaign = self.number, clock = %self.clock.now(), "{what}");
        *self.faults.entry(what.to_owned()).or_default() += 1;
    }

    /// Hours that faults other than the servers' still last.
    async fn pass_time(&mut self) {
        match &mut self.ahead {
            Some((_, left)) if *left > 0 => *left -= 1,
            Some((by, _)) => {
                self.hand.leap(-*by);
                self.ahead = None;
            }
            None => {}
        }
        match self.hanging.take() {
            Some((daemon, left)) if left > 0 => self.hanging = Some((daemon, left - 1)),
            Some((mut daemon, _)) => {
                // It goes on where it stood, and finds that it has lost its lease. After a restore its file is gone.
                let _ = daemon.tick().await;
                let _ = daemon.drain().await;
                let _ = daemon.tick().await;
            }
            None => {}
        }
    }

    /// Somebody sets the clock wrong, by hours, days or a year, and right again later.
    fn step_clock(&mut self, rng: &mut fastrand::Rng) {
        if self.ahead.is_some() {
            return;
        }
        let hours = match rng.u8(0..3) {
            0 => rng.i64(-30..30),
            1 => 24 * rng.i64(-40..40),
            _ => 24 * 365,
        };
        self.count("clock set");
        let by = SignedDuration::from_hours(hours);
        self.hand.leap(by);
        self.ahead = Some((by, rng.u32(0..40)));
        if hours > 0 {
            self.forget_copy();
        }
    }

    fn forget_copy(&mut self) {
        if let Some(copy) = self.copy.take() {
            std::fs::remove_file(copy).unwrap();
        }
    }

    /// The daemon hangs in the midst of whatever it does, for longer than its lease; another takes over.
    async fn hang(&mut self, rng: &mut fastrand::Rng) {
        if self.hanging.is_some() {
            return;
        }
        self.count("hung");
        if let Some(mut daemon) = self.daemon.take() {
            daemon.tick().await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(rng.u64(0..40))).await;
            self.hanging = Some((daemon, rng.u32(1..12)));
        }
        self.hand.advance(SignedDuration::from_mins(5));
        self.start().await;
    }

    async fn back_up(&mut self) {
        if self.ahead.is_some() {
            return;
        }
        self.count("copied");
        self.copies += 1;
        let path = self.dir.join(format!("copy{}.tar", self.copies));
        let store = Store::open(&self.settings.state_dir).await.unwrap();
        store.backup(&path, self.clock.now()).await.unwrap();
        store.close().await;
        self.forget_copy();
        self.copy = Some(path);
    }

    /// The state is lost, and comes back from the last copy, once the clock is right.
    async fn restore(&mut self) {
        if self.ahead.is_some() {
            return;
        }
        let Some(copy) = self.copy.take() else { return };
        self.count("restored");
        if let Some(daemon) = self.daemon.take() {
            daemon.end().await;
        }
        self.hanging = None;
        let lost = self.dir.join("lost");
        std::fs::rename(&self.settings.state_dir, &lost).unwrap();
        restore(&copy, &self.settings.state_dir, self.clock.now()).await.unwrap();
        std::fs::remove_dir_all(lost).unwrap();
        self.start().await;
    }

    /// A person looks at what is held, and remembers what has been released before a restore, which lists it.
    async fn decide(&mut self, rng: &mut fastrand::Rng) {
        let store = Store::open(&self.settings.state_dir).await.unwrap();
        let held = store.held_runs().await.unwrap();
        if !held.is_empty() {
            let engine = Engine::new(self.settings.clone()).unwrap();
            for run in held {
                let identity = (run.report.clone(), run.identity().to_owned());
                if rng.bool() || self.released.contains(&identity) {
                    self.count("rejected");
                    store.reject(run.id, "soak", "drawn", self.clock.now()).await.unwrap();
                    continue;
                }
                self.count("released");
                self.numbers += 1;
                let zone = self.settings.campaign.time_zone.clone();
                let year = self.clock.now().to_zoned(zone).year();
                let is_official = run.report != "weekly" && run.report != "daily";
                let number = is_official.then(|| format!("荔街〔{year}〕{}号", self.numbers));
                let decision = ReleaseDecision { by: "soak".into(), number, ..ReleaseDecision::default() };
                let run = store.run(run.id).await.unwrap();
                match engine.approve(&store, &run, &decision, self.clock.now()).await {
                    Err(RunError::Store(StoreError::Overtaken { .. })) => {
                        self.count("overtaken");
                        store.reject(run.id, "soak", "overtaken", self.clock.now()).await.unwrap();
                    }
                    released => {
                        released.unwrap();
                        self.released.insert(identity);
                    }
                }
            }
        }
        store.close().await;
    }

    async fn work(&mut self) {
        let Some(daemon) = &mut self.daemon else { return };
        loop {
            daemon.tick().await.unwrap();
            if !daemon.is_busy() {
                return;
            }
            daemon.drain().await.unwrap();
        }
    }

    /// The daemon is stopped in order, and started again after some hours.
    async fn stop_for(&mut self, hours: u32) {
        self.count("stopped");
        if let Some(daemon) = self.daemon.take() {
            daemon.end().await;
        }
        self.hand.advance(STEP * hours as i32);
        self.start().await;
    }

    /// The daemon vanishes in the midst of whatever it does; another one starts at once.
    async fn crash(&mut self, rng: &mut fastrand::Rng) {
        self.count("crashed");
        if let Some(mut daemon) = self.daemon.take() {
            daemon.tick().await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(rng.u64(0..40))).await;
            drop(daemon);
        }
        self.hand.advance(SignedDuration::from_mins(5));
        self.start().await;
    }

    /// Everything works again, long enough for all that waits.
    pub(crate) async fn recover(&mut self) {
        if let Some((fault, _)) = self.fault.take() {
            self.set(fault, false);
        }
        if let Some((by, _)) = self.ahead.take() {
            self.hand.leap(-by);
        }
        self.hanging = None;
        for _ in 0..24 {
            self.hand.advance(STEP);
            self.work().await;
        }
    }
}

/// The year is about mails and slots: documents of three units are made faster than those of 37.
async fn keep_three_units(register: &Path) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(register);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let sql = "DELETE FROM unit WHERE code NOT IN (SELECT code FROM unit ORDER BY code LIMIT 3);
               DELETE FROM person WHERE village_code NOT IN (SELECT code FROM unit);
               DELETE FROM roster WHERE unit NOT IN (SELECT code FROM unit);";
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

/// Weekly, daily and monthly reports; each campaign in another zone, one with an encrypted mail server.
fn configuration(dir: &Path, number: u64, port: u16) -> String {
    let zone = ["Asia/Shanghai", "Europe/Berlin", "America/New_York"][number as usize % 3];
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let server = match number {
        ENCRYPTED => {
            let authority = dir.join("ca.pem");
            format!(
                "host = \"localhost\"\nport = {port}\nsecurity = \"starttls\"\nca_file = \"{}\"\n",
                authority.display()
            )
        }
        _ => format!("host = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n"),
    };
    // Short times: whoever says nothing holds up the year.
    let server = format!("{server}timeout = \"300ms\"\nfinal_timeout = \"300ms\"\n");
    include_str!("../../config/tongbao.toml")
        .replace("sqlite:../demo/register.db", &url)
        .replace("host = \"127.0.0.1\"\nport = 25\nsecurity = \"none\"\n", &server)
        .replace("dir = \"../state\"", &format!("dir = \"{}\"", dir.join("state").display()))
        // A copy writes the whole database, which would be most of the work of a year in minutes.
        .replace("[daemon]\n", "[daemon]\ncopies = 0\n")
        .replace("[state]\n", "[state]\nkeep_details = \"90d\"\n")
        .replace("Asia/Shanghai", zone)
        .replace("active = { from = 2016-06-04, to = 2016-07-11 }\n", "")
        .replace("phases = [", "phases = [\n    { name = \"前期\", from = 2015-01-01, to = 2016-05-24 },")
        .replace("kind = \"acceptance\"\n", "kind = \"acceptance\"\nschedule = \"campaign_end 09:00\"\nsign_off = true\n")
        .replacen("[recipients.", "[reports.daily]\nkind = \"bulletin\"\nschedule = \"30 2 * * *\"\nto = [\"leading_group\"]\n\n[recipients.", 1)
}
