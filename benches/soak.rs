//! A simulated year: weekly, daily and monthly schedules and acceptance rounds over three campaigns, with faults
//! drawn from a seed: databases and mail servers away, odd answers, steps of the clock, crashes, stops, daemons
//! that hang for longer than their lease, restores, releases and rejections. Prints slots, runs, mails, and what
//! was doubled, lost or silent, and fails unless these three are 0.
//!
//! `cargo bench --bench soak -- [--seed N] [--days N]`; the same seed gives the same year.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tongbao::clock::{Clock, Manual};
use tongbao::config;
use tongbao::config::settings::Rule;
use tongbao::config::settings::{DatabaseUrl, Settings};
use tongbao::daemon::service::Service;
use tongbao::daemon::slots::{plan, scheduled};
use tongbao::delivery::failure::{Answer, Cause, Failure, SendError, Step};
use tongbao::delivery::transport::{Memory, Transport};
use tongbao::pipeline::{Decision, Engine};
use tongbao::schedule::plan::{Plan as Schedule, Round};
use tongbao::source::sample::{self, Plan};
use tongbao::store::Store;
use tongbao::store::outbox::Delivery;
use tongbao::store::restore::restore;
use tongbao::store::slots::RecordedSlot;

const START: &str = "2016-01-01T00:00:30Z";
const STEP: SignedDuration = SignedDuration::from_hours(1);
const ADDRESSES: [&str; 3] = ["leader@example.test", "deputy@example.test", "office@example.test"];

/// What may go wrong; each lasts some hours.
#[derive(Debug, Clone, Copy)]
enum Fault {
    DatabaseAway,
    MailServerAway,
    WrongPassword,
    Busy(usize),
    Unknown(usize),
    AnswerLost(usize),
}

/// One campaign with its daemon, its clock and the mails it has handed over.
struct Campaign {
    settings: Settings,
    dir: PathBuf,
    clock: Clock,
    hand: Arc<Manual>,
    post: Arc<Transport>,
    daemon: Option<Service>,
    /// The fault at work, and the hours it still lasts.
    fault: Option<(Fault, u32)>,
    /// How far the wall clock is ahead, and the hours until somebody sets it right.
    ahead: Option<(SignedDuration, u32)>,
    /// A daemon that hangs while another has taken over, and the hours until it goes on.
    hanging: Option<(Service, u32)>,
    /// A copy of the state, to be restored some day.
    copy: Option<PathBuf>,
    copies: u32,
    numbers: u32,
    faults: BTreeMap<String, u32>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    let (seed, days) = (value("--seed").unwrap_or(1), value("--days").unwrap_or(366));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let sound = runtime.block_on(soak(seed, days));
    std::process::exit(if sound { 0 } else { 1 });
}

async fn soak(seed: u64, days: u64) -> bool {
    let began = std::time::Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let mut sound = true;
    println!("seed {seed}, {days} days");
    for number in 0..3 {
        let dir = folder.path().join(format!("campaign{number}"));
        std::fs::create_dir_all(&dir).unwrap();
        let mut rng = fastrand::Rng::with_seed(seed.wrapping_mul(1_000).wrapping_add(number));
        let mut campaign = Campaign::new(&dir, number).await;
        for _ in 0..days * 24 {
            campaign.hour(&mut rng).await;
        }
        campaign.recover().await;
        sound &= campaign.judge(number, days).await;
    }
    println!("{} in {:.0} s", if sound { "sound" } else { "NOT SOUND" }, began.elapsed().as_secs_f64());
    sound
}

impl Campaign {
    async fn new(dir: &Path, number: u64) -> Campaign {
        let register = dir.join("register.db");
        let url = DatabaseUrl::new(format!("sqlite:{}", register.display()));
        let plan = Plan { persons: 120, seed: number + 1, ..Plan::default() };
        sample::fill(&url, &plan, |_| {}).await.unwrap();
        let text = configuration(dir, number);
        let settings = config::parse("soak.toml", &text, &BTreeMap::new()).unwrap().settings;
        let (clock, hand) = Clock::manual(START.parse().unwrap());
        let mut campaign = Campaign {
            settings,
            dir: dir.to_owned(),
            clock,
            hand,
            post: Arc::new(Transport::Memory(Memory::default())),
            daemon: None,
            fault: None,
            ahead: None,
            hanging: None,
            copy: None,
            copies: 0,
            numbers: 0,
            faults: BTreeMap::new(),
        };
        campaign.start().await;
        campaign
    }

    async fn start(&mut self) {
        let engine = Arc::new(Engine::new(self.settings.clone()).unwrap());
        let store = Store::open(&self.settings.state_dir).await.unwrap();
        let mut daemon = Service::new(engine, store, self.clock.clone(), Some(self.post.clone()));
        daemon.knock().await.unwrap();
        self.daemon = Some(daemon);
    }

    /// One hour goes by, in which something may go wrong or right again.
    async fn hour(&mut self, rng: &mut fastrand::Rng) {
        self.hand.advance(STEP);
        match &mut self.fault {
            Some((_, left)) if *left > 0 => *left -= 1,
            Some((fault, _)) => {
                let fault = *fault;
                self.set(fault, false);
                self.fault = None;
            }
            None if rng.u8(0..40) == 0 => {
                let fault = draw(rng);
                *self.faults.entry(name(fault).to_owned()).or_default() += 1;
                self.set(fault, true);
                self.fault = Some((fault, rng.u32(1..30)));
            }
            None => {}
        }
        self.pass_time().await;
        match rng.u16(0..600) {
            0 => self.stop_for(rng.u32(1..60)).await,
            1 => self.crash(rng).await,
            2 => self.hand.leap(-SignedDuration::from_mins(rng.i64(1..50))),
            3 | 4 => self.step_clock(rng),
            5 => self.hang(rng).await,
            6 => self.back_up().await,
            7 if rng.u8(0..3) == 0 => self.restore().await,
            8..40 => self.decide(rng).await,
            _ => {}
        }
        self.work().await;
    }

    fn count(&mut self, what: &str) {
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
                let _ = daemon.knock().await;
                let _ = daemon.settle().await;
                let _ = daemon.knock().await;
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
    }

    /// The daemon hangs in the midst of whatever it does, for longer than its lease; another takes over.
    async fn hang(&mut self, rng: &mut fastrand::Rng) {
        if self.hanging.is_some() {
            return;
        }
        self.count("hung");
        if let Some(mut daemon) = self.daemon.take() {
            daemon.knock().await.unwrap();
            self.hanging = Some((daemon, rng.u32(1..12)));
        }
        self.hand.advance(SignedDuration::from_mins(5));
        self.start().await;
    }

    async fn back_up(&mut self) {
        self.copies += 1;
        let path = self.dir.join(format!("copy{}.tar", self.copies));
        let store = Store::open(&self.settings.state_dir).await.unwrap();
        store.backup(&path, self.clock.now()).await.unwrap();
        store.close().await;
        self.copy = Some(path);
    }

    /// The state is lost, and comes back from the last copy.
    async fn restore(&mut self) {
        let Some(copy) = self.copy.take() else { return };
        self.count("restored");
        if let Some(daemon) = self.daemon.take() {
            daemon.end().await;
        }
        self.hanging = None;
        std::fs::rename(&self.settings.state_dir, self.dir.join(format!("lost{}", self.copies))).unwrap();
        restore(&copy, &self.settings.state_dir, self.clock.now()).await.unwrap();
        self.start().await;
    }

    /// A person looks at what is held.
    async fn decide(&mut self, rng: &mut fastrand::Rng) {
        let store = Store::open(&self.settings.state_dir).await.unwrap();
        let engine = Engine::new(self.settings.clone()).unwrap();
        let runs = store.runs(1_000_000).await.unwrap();
        for run in runs.iter().rev().filter(|run| run.state == "held") {
            if rng.bool() {
                self.count("rejected");
                store.reject(run.id, "soak", "drawn", self.clock.now()).await.unwrap();
                continue;
            }
            self.count("released");
            self.numbers += 1;
            let year = self.clock.now().to_zoned(self.settings.campaign.time_zone.clone()).year();
            let number = (run.report == "acceptance").then(|| format!("荔街〔{year}〕{}号", self.numbers));
            let decision = Decision { by: "soak".into(), number, no_send: false };
            engine.approve(&store, run, &decision, self.clock.now()).await.unwrap();
        }
        store.close().await;
    }

    async fn work(&mut self) {
        let Some(daemon) = &mut self.daemon else { return };
        loop {
            daemon.knock().await.unwrap();
            if !daemon.is_busy() {
                return;
            }
            daemon.settle().await.unwrap();
        }
    }

    /// The daemon is stopped in order, and started again after some hours.
    async fn stop_for(&mut self, hours: u32) {
        *self.faults.entry("stopped".to_owned()).or_default() += 1;
        if let Some(daemon) = self.daemon.take() {
            daemon.end().await;
        }
        self.hand.advance(STEP * hours as i32);
        self.start().await;
    }

    /// The daemon vanishes in the midst of whatever it does; another one starts at once.
    async fn crash(&mut self, rng: &mut fastrand::Rng) {
        *self.faults.entry("crashed".to_owned()).or_default() += 1;
        if let Some(mut daemon) = self.daemon.take() {
            daemon.knock().await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(rng.u64(0..40))).await;
            drop(daemon);
        }
        self.hand.advance(SignedDuration::from_mins(5));
        self.start().await;
    }

    fn set(&mut self, fault: Fault, is_on: bool) {
        let (here, gone) = (self.dir.join("register.db"), self.dir.join("gone.db"));
        match fault {
            Fault::DatabaseAway if is_on => std::fs::rename(here, gone).unwrap(),
            Fault::DatabaseAway => std::fs::rename(gone, here).unwrap(),
            Fault::MailServerAway => self.refuse(&ADDRESSES, is_on, away),
            Fault::WrongPassword => self.refuse(&ADDRESSES, is_on, wrong_password),
            Fault::Busy(i) => self.refuse(&ADDRESSES[i..=i], is_on, busy),
            Fault::Unknown(i) => self.refuse(&ADDRESSES[i..=i], is_on, unknown),
            Fault::AnswerLost(i) => self.refuse(&ADDRESSES[i..=i], is_on, lost),
        }
    }

    fn refuse(&self, addresses: &[&str], is_on: bool, error: fn() -> SendError) {
        let Transport::Memory(memory) = &*self.post else { return };
        let mut refusals = memory.refusals.lock().unwrap();
        for address in addresses {
            match is_on {
                true => refusals.insert((*address).to_owned(), error()),
                false => refusals.remove(*address),
            };
        }
    }

    /// Everything works again, long enough for all that waits.
    async fn recover(&mut self) {
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

    /// Compares what happened with what the calendar says should have happened.
    async fn judge(&mut self, number: u64, days: u64) -> bool {
        let store = Store::open(&self.settings.state_dir).await.unwrap();
        let slots = store.slots(1_000_000).await.unwrap();
        let runs = store.runs(1_000_000).await.unwrap();
        let mails = store.deliveries(None).await.unwrap();
        let count = |state: &str| slots.iter().filter(|slot| slot.state == state).count();
        let mut handed: BTreeMap<String, usize> = BTreeMap::new();
        if let Transport::Memory(memory) = &*self.post {
            for mail in memory.sent.lock().unwrap().iter() {
                *handed.entry(message_id(&mail.bytes)).or_default() += 1;
            }
        }
        let mut runs_by_slot: BTreeMap<_, usize> = BTreeMap::new();
        runs.iter().for_each(|run| *runs_by_slot.entry((&run.report, &run.nominal)).or_default() += 1);
        let mail_state = |state: &str| mails.iter().filter(|mail| mail.state == state).count();
        let duplicates = handed.values().filter(|copies| **copies > 1).count()
            + runs_by_slot.values().filter(|runs| **runs > 1).count();
        let unrecorded = self.due(days).into_iter().filter(|(report, nominal)| {
            !slots.iter().any(|slot| slot.key.schedule == *report && slot.key.nominal == *nominal)
        });
        let unrun = slots.iter().filter(|slot| slot.state == "open").count() + count("filled") - runs.len();
        let vanished =
            mails.iter().filter(|mail| mail.state == "sent" && !handed.contains_key(&mail.message_id));
        let stuck = mails.iter().filter(|mail| ["sending", "handed"].contains(&mail.state.as_str()));
        let losses = unrecorded.count() + unrun + vanished.count() + stuck.count();
        let silent = self.silent(&store, &slots, &mails).await;
        println!(
            "campaign {number}: slots {} (filled {}, left out {}, given up {}), runs {}, mails {} \
             (sent {}, dead {}, uncertain {}, waiting {}), duplicates {duplicates}, losses {losses}, silent {silent}",
            slots.len(),
            count("filled"),
            count("skipped"),
            count("expired"),
            runs.len(),
            mails.len(),
            mail_state("sent"),
            mail_state("dead"),
            mail_state("uncertain"),
            mail_state("pending"),
        );
        println!("  faults: {:?}", self.faults);
        duplicates + losses + silent == 0
    }

    /// What nobody is told of: slots left out without a reason or given up without an alert, an acceptance series
    /// that has ended without being accepted, and a record that is not what it was.
    async fn silent(&self, store: &Store, slots: &[RecordedSlot], mails: &[Delivery]) -> usize {
        let unnamed = slots.iter().filter(|slot| slot.state == "skipped" && slot.reason.is_none()).count();
        // A restored copy knows of no alert that was sent after it.
        let given_up = slots.iter().filter(|slot| slot.state == "expired" && slot.attempts > 0).count();
        let alerts = mails.iter().filter(|mail| mail.kind == "alert").count();
        let untold = usize::from(given_up > 0 && alerts == 0);
        let (report, rule) =
            scheduled(&self.settings).find(|(report, _)| report.name == "acceptance").unwrap();
        let plan = plan(&self.settings, store, report, rule).await.unwrap();
        let goes_on = matches!(plan.last_round, Some(Round::Accepted | Round::Pending))
            || !plan.after(self.clock.now(), 1).is_empty();
        let found = store.verification(None, self.clock.now()).await.unwrap();
        found.problems.iter().for_each(|problem| println!("  {}: {}", problem.part, problem.text));
        unnamed + untold + usize::from(!goes_on) + found.problems.len()
    }

    /// Every slot the calendar has, computed apart from the daemon.
    fn due(&self, days: u64) -> Vec<(String, String)> {
        let (from, zone) = (START.parse::<Timestamp>().unwrap(), &self.settings.campaign.time_zone);
        let until = from + SignedDuration::from_hours(24 * days as i64);
        let mut out = Vec::new();
        let by_calendar = |rule: &&Rule| matches!(rule, Rule::Cron { .. });
        for (report, rule) in scheduled(&self.settings).filter(|(_, rule)| by_calendar(rule)) {
            let plan =
                Schedule { rule, zone, active: None, campaign_end: None, last_round: None, since: None };
            let slots = plan.between(from, until);
            out.extend(slots.iter().map(|slot| (report.name.clone(), slot.nominal.to_string())));
        }
        out
    }
}

fn draw(rng: &mut fastrand::Rng) -> Fault {
    let someone = rng.usize(0..ADDRESSES.len());
    match rng.u8(0..6) {
        0 => Fault::DatabaseAway,
        1 => Fault::MailServerAway,
        2 => Fault::WrongPassword,
        3 => Fault::Busy(someone),
        4 => Fault::Unknown(someone),
        _ => Fault::AnswerLost(someone),
    }
}

fn name(fault: Fault) -> &'static str {
    match fault {
        Fault::DatabaseAway => "database away",
        Fault::MailServerAway => "mail server away",
        Fault::WrongPassword => "wrong password",
        Fault::Busy(_) => "recipient busy",
        Fault::Unknown(_) => "recipient unknown",
        Fault::AnswerLost(_) => "answer lost",
    }
}

fn message_id(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find_map(|line| line.strip_prefix("Message-ID: "));
    line.unwrap_or_default().trim().to_owned()
}

/// Weekly, daily and monthly reports; each campaign in another zone.
fn configuration(dir: &Path, number: u64) -> String {
    let zone = ["Asia/Shanghai", "Europe/Berlin", "America/New_York"][number as usize % 3];
    let url = format!("sqlite:{}", dir.join("register.db").display());
    include_str!("../config/tongbao.toml")
        .replace("sqlite:../demo/register.db", &url)
        .replace("dir = \"../state\"", &format!("dir = \"{}\"", dir.join("state").display()))
        .replace("Asia/Shanghai", zone)
        .replace("active = { from = 2016-06-04, to = 2016-07-11 }\n", "")
        .replace("phases = [", "phases = [\n    { name = \"前期\", from = 2015-01-01, to = 2016-05-24 },")
        .replace("kind = \"acceptance\"\n", "kind = \"acceptance\"\nschedule = \"campaign_end 09:00\"\nsign_off = true\n")
        .replacen("[recipients.", "[reports.daily]\nkind = \"bulletin\"\nschedule = \"30 2 * * *\"\nto = [\"leading_group\"]\n\n[recipients.", 1)
}

fn failure(step: Step, cause: Cause) -> Failure {
    Failure { place: "mail server soak:25".into(), step, cause }
}

fn away() -> SendError {
    SendError::Queue(failure(Step::Connect, Cause::Unreachable("refused".into())))
}

fn wrong_password() -> SendError {
    SendError::Queue(failure(Step::Auth, Cause::Answer(Answer::new(535, "5.7.8"))))
}

fn busy() -> SendError {
    SendError::Temporary(failure(Step::Rcpt, Cause::Answer(Answer::new(450, "4.2.1"))))
}

fn unknown() -> SendError {
    SendError::Permanent(failure(Step::Rcpt, Cause::Answer(Answer::new(550, "5.1.1"))))
}

fn lost() -> SendError {
    SendError::Uncertain(failure(Step::FinalAnswer, Cause::Lost))
}
