//! One knock of the daemon: hold the lease, look at the clock, put due slots on record, start what is
//! open, send what waits, tell whom it concerns. Everything it knows beyond a restart is in the store.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use super::copies::Copies;
use super::health::Watch;
use super::post::{self, Queue};
use super::pruning::Pruning;
use super::requests::Requests;
use super::slots::{self, Filled};
use super::status::{Shown, Status};
use crate::clock::Clock;
use crate::delivery::backoff;
use crate::delivery::permit::Permit;
use crate::delivery::transport::Transport;
use crate::memory;
use crate::pipeline::{self, Engine, RunError, Sender, Sent};
use crate::report::alert::Alert;
use crate::schedule::clock_guard::{ClockGuard, Reading, Verdict};
use crate::store::claims::Claimant;
use crate::store::clock::PulledBack;
use crate::store::presence::Presence;
use crate::store::slots::{Claim, RecordedSlot};
use crate::store::{Store, StoreError};
use crate::work::{self, Panicked, Work};

/// The running daemon. Dropping it ends its work, as the death of a process does.
pub struct Service {
    engine: Arc<Engine>,
    store: Store,
    clock: Clock,
    transport: Option<Arc<Transport>>,
    /// Names this daemon in the lease and in claims, from its first knock on.
    presence: Option<Presence>,
    token: Option<i64>,
    /// Another daemon held the lease when this one last asked for it.
    stands_by: bool,
    /// By the steady clock of the machine.
    lease_until: SignedDuration,
    /// Ends with the lease; a new one comes with each new lease.
    permit: Arc<Permit>,
    guard: ClockGuard,
    /// What the clock's record and a changed configuration ask for has been done under this token.
    settled: Option<i64>,
    /// The steady instant at which the clock's record was last written.
    clock_noted: Option<SignedDuration>,
    /// Reports under way, by the names of their schedules: one run a schedule at a time.
    work: JoinSet<Finished>,
    busy: BTreeMap<String, Claim>,
    /// The report under way has taken a process along before: nothing else may be hit by it.
    is_alone: bool,
    sending: Option<Work<Result<Sent, RunError>>>,
    /// What an earlier daemon has left is being cleared away.
    clearing: Option<Work<()>>,
    queue: Queue,
    /// What a person has last done so that mails are sent again, once it has been looked up.
    wish: Option<Wish>,
    copies: Copies,
    pruning: Pruning,
    requests: Requests,
    status: Arc<Status>,
}

/// A command to send again, or a corrected password file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wish {
    retry: Option<String>,
    password: Option<(u64, i64, i64)>,
}

/// A report that has ended, one way or the other.
struct Finished {
    claim: Claim,
    attempts: i64,
    result: Result<Filled, String>,
}

/// After so many attempts in which the process died the office is told.
const UNFINISHED_IS_TOLD: i64 = 3;

/// Nothing is removed for its age by a clock that was put ahead within this time.
const TRUSTED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How often the clock's record is written while nothing happens.
const NOTE_CLOCK_EVERY: SignedDuration = SignedDuration::from_secs(60);

impl Service {
    /// `transport` is where mails go; `None` sends nothing.
    pub fn new(
        engine: Arc<Engine>,
        store: Store,
        clock: Clock,
        transport: Option<Arc<Transport>>,
    ) -> Service {
        let store = store.acting_as("daemon");
        let daemon = &engine.settings.daemon;
        let now = clock.reading();
        Service {
            guard: ClockGuard::new((daemon.max_clock_jump, daemon.clock_settle), None, None, now),
            settled: None,
            clock_noted: None,
            presence: None,
            token: None,
            stands_by: false,
            lease_until: clock.uptime(),
            permit: Arc::new(Permit::until(clock.clone(), clock.uptime())),
            work: JoinSet::new(),
            busy: BTreeMap::new(),
            is_alone: false,
            sending: None,
            clearing: None,
            queue: Queue::new(now.wall),
            wish: None,
            copies: Copies::new(daemon.copies),
            pruning: Pruning::new(engine.settings.keep_details),
            requests: Requests::default(),
            status: Arc::default(),
            transport,
            engine,
            store,
            clock,
        }
    }

    /// Does whatever is due now. Long work goes on beside it. Losing the lease is no error: the
    /// daemon stands by then.
    pub async fn knock(&mut self) -> Result<(), StoreError> {
        let reading = self.clock.reading();
        self.act(reading).await?;
        self.status.knocked(Shown {
            last_knock: Some(reading),
            holds_lease: self.token.is_some(),
            busy: self.busy.keys().cloned().collect(),
            is_sending: self.sending.is_some(),
            clock_is_doubted: self.guard.is_doubted(),
            queue_stopped: self.queue.stopped.clone(),
            queue_away: self.queue.away().map(str::to_owned),
        });
        Ok(())
    }

    async fn act(&mut self, reading: Reading) -> Result<(), StoreError> {
        let now = reading.wall;
        self.store.is_in_place()?;
        self.reap().await?;
        if !self.is_busy() {
            self.copies.start(&self.store, now);
        }
        let before = self.token;
        let Some(token) = self.hold_lease().await? else { return Ok(()) };
        if before != Some(token) {
            // The daemon that held the lease until now may have believed another clock.
            self.guard = self.known_clock(reading).await?;
        }
        match self.turn(token, reading).await {
            Err(RunError::Store(StoreError::LeaseLost)) => {
                warn!("another daemon has taken over; this one stands by");
                self.lose_lease();
                Ok(())
            }
            Err(RunError::Store(problem)) => Err(problem),
            Err(problem) => {
                // Alerts that cannot be written must not stop the reports.
                error!("{problem}");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn turn(&mut self, token: i64, reading: Reading) -> Result<(), RunError> {
        let is_believed = self.may_decide(token, reading).await?;
        // While the clock is doubted, mails go by the time that the steady clock has counted.
        let now = self.time();
        if is_believed {
            self.observe(token, now).await?;
            self.attend_all(token, now).await?;
            // Due slots come first.
            if self.busy.is_empty() {
                let clock = self.clock.carried(self.guard.believed());
                self.requests.attend(&self.engine, &self.store, &clock, token).await?;
            }
        }
        if !self.is_alone {
            self.start_sending(token, now).await?;
        }
        if is_believed && !self.is_busy() {
            self.attend_suspect(token, now).await?;
        }
        // A clock that has only just been put ahead may still turn out to be wrong.
        if is_believed && !self.is_busy() && !self.guard.has_leapt_within(TRUSTED_AFTER) {
            self.pruning.start(&self.store, token, now);
        }
        Ok(())
    }

    /// Puts on record what has fallen due, and closes what is no longer scheduled.
    async fn observe(&mut self, token: i64, now: Timestamp) -> Result<(), RunError> {
        let settings = &self.engine.settings;
        for (report, rule) in slots::scheduled(settings) {
            slots::observe(settings, &self.store, report, rule, now, token).await?;
        }
        if self.settled != Some(token) {
            for slot in slots::retire(settings, &self.store, now, token).await? {
                let alert = Alert::SlotDropped { report: slot.key.schedule, due: slot.due };
                pipeline::alert(&self.engine, &self.store, &alert, now).await?;
            }
            self.settled = Some(token);
        }
        Ok(())
    }

    /// Looks at the open slots, but for those whose attempts have ended the process.
    async fn attend_all(&mut self, token: i64, now: Timestamp) -> Result<(), RunError> {
        let paused = self.store.paused_schedules().await?;
        let open = self.store.open_slots().await?;
        for slot in open.into_iter().filter(|slot| !paused.contains(&slot.key.schedule)) {
            self.attend(slot, token, now).await?;
        }
        Ok(())
    }

    /// A slot whose attempts have ended the process comes after all others, alone.
    async fn attend_suspect(&mut self, token: i64, now: Timestamp) -> Result<(), RunError> {
        let paused = self.store.paused_schedules().await?;
        let is_next = |slot: &RecordedSlot| {
            slot.unfinished > 0 && slot.try_at <= now && !paused.contains(&slot.key.schedule)
        };
        let mut open = self.store.open_slots().await?;
        open.retain(is_next);
        if let Some(slot) = open.into_iter().min_by_key(|slot| (slot.unfinished, slot.due))
            && let Some(claim) = slot.claim(token)
        {
            self.is_alone = true;
            self.start(claim, &slot, now).await?;
        }
        Ok(())
    }

    /// The time everything is decided by: that of the clock while it is believed, else that of the last
    /// believed reading and the steady clock since.
    fn time(&self) -> Timestamp {
        self.clock.carried(self.guard.believed()).now()
    }

    /// The clock as an earlier daemon has left it on record.
    async fn known_clock(&self, reading: Reading) -> Result<ClockGuard, StoreError> {
        let daemon = &self.engine.settings.daemon;
        let (record, latest) = (self.store.clock_record().await?, self.store.latest_instant().await?);
        let guard = ClockGuard::new((daemon.max_clock_jump, daemon.clock_settle), record, latest, reading);
        if guard.is_doubted() {
            let (wall, known, settle) = (reading.wall, guard.believed().wall, daemon.clock_settle);
            warn!("the clock says {wall}, but the state was last used on {known}; slots wait for {settle:#}");
        }
        Ok(guard)
    }

    /// Waits for everything that is under way. Work it leads to starts with the next knock.
    pub async fn settle(&mut self) -> Result<(), StoreError> {
        while let Some(finished) = self.work.join_next().await {
            self.note(finished).await?;
        }
        if let Some(sending) = self.sending.take() {
            self.note_sent(sending.await);
        }
        if let Some(clearing) = self.clearing.take() {
            // A panic has been printed; what is left there is found again by the next daemon.
            let _ = clearing.await;
        }
        self.copies.settle().await;
        self.pruning.settle().await;
        self.requests.settle().await;
        Ok(())
    }

    /// What answers for this daemon.
    pub fn watch(&self) -> Watch {
        Watch {
            status: self.status.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            overdue_after: self.engine.settings.daemon.overdue_after,
        }
    }

    /// Where it is to be watched.
    pub fn listen(&self) -> Option<SocketAddr> {
        self.engine.settings.daemon.listen
    }

    /// True while a report or the outbox is under way, or what an earlier daemon left.
    pub fn is_busy(&self) -> bool {
        !self.work.is_empty() || self.sending.is_some() || self.clearing.is_some() || self.requests.is_busy()
    }

    /// Why no mail leaves until a person mends it.
    pub fn queue_stopped(&self) -> Option<&str> {
        self.queue.stopped.as_deref()
    }

    /// The lease token, while this daemon holds the lease.
    pub fn token(&self) -> Option<i64> {
        self.token
    }

    /// Lets running work finish within its time, and gives the lease back: the mail in hand ends, and no further one
    /// begins. What is cut off is taken up at the next start.
    pub async fn end(mut self) {
        self.permit.stop();
        let within = self.engine.settings.daemon.stop_within;
        match tokio::time::timeout(within, self.settle()).await {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => error!("{problem}"),
            Err(_) => {
                warn!("running work did not end within {within:?} and is cut off; the next start takes it up")
            }
        }
        self.work.abort_all();
        for claim in self.busy.values() {
            // Not the report's fault; if the lease is gone, its new holder knows better.
            let _ = self.store.attempt_cut_off(claim, self.time()).await;
        }
        self.sending = None;
        if let Some(presence) = &self.presence
            && let Err(problem) = self.store.release_lease(presence).await
        {
            error!("{problem}");
        }
    }

    async fn hold_lease(&mut self) -> Result<Option<i64>, StoreError> {
        let (time, now) = (self.engine.settings.daemon.lease, self.clock.uptime());
        // Renewed when half of it has gone, so as not to write every second.
        if let Some(token) = self.token
            && now < self.lease_until - time / 2
        {
            return Ok(Some(token));
        }
        let presence = match self.presence.take() {
            Some(presence) => presence,
            None => self.store.announce()?,
        };
        let lease = self.store.hold_lease(&presence, now, time).await;
        self.presence = Some(presence);
        let lease = lease?;
        let stood_by = std::mem::replace(&mut self.stands_by, lease.is_none());
        match lease {
            Some(lease) => {
                self.lease_until = now + time;
                if lease.is_new || self.token != Some(lease.token) {
                    self.permit = Arc::new(Permit::until(self.clock.clone(), self.lease_until));
                }
                self.permit.extend(self.lease_until);
                if lease.is_new {
                    self.take_over(lease.token);
                }
                self.token = Some(lease.token);
            }
            None => {
                if self.token.is_some() {
                    warn!("another daemon has taken over; this one stands by");
                } else if !stood_by {
                    info!(
                        "another daemon works on this state; this one stands by, and takes over when that one ends"
                    );
                }
                self.lose_lease();
            }
        }
        Ok(self.token)
    }

    /// Nothing further is sent or recorded under the lease that has passed on.
    fn lose_lease(&mut self) {
        self.permit.revoke();
        self.token = None;
    }

    /// Clears away what an earlier daemon left half done when it was killed.
    fn take_over(&mut self, token: i64) {
        info!(token, "this daemon fills the slots now");
        let (engine, store) = (self.engine.clone(), self.store.clone());
        self.clearing = Some(work::spawn(async move {
            store.sweep_senders();
            if let Err(problem) = store.archive.sweep() {
                warn!("half-written files of an earlier daemon could not be removed: {problem}");
            }
            if let Err(problem) = engine.put_away(&store).await {
                warn!("dropped files that an earlier daemon has read could not be put away: {problem}");
            }
        }));
    }

    /// Whether anything may be decided by the time of day.
    async fn may_decide(&mut self, token: i64, reading: Reading) -> Result<bool, RunError> {
        let settle = self.engine.settings.daemon.clock_settle;
        let alert = Alert::ClockSet { to: reading.wall };
        match self.guard.observe(reading) {
            Verdict::Even if self.settled != Some(token) => self.pull_back(reading.wall, token).await?,
            Verdict::Even => {}
            Verdict::Settling => {}
            Verdict::Leapt(by) => {
                warn!("the clock leapt ahead by {by:#}; slots wait until it has run evenly for {settle:#}");
                pipeline::alert(&self.engine, &self.store, &alert, self.time()).await?;
            }
            Verdict::SetBack(by) => {
                warn!("the clock was set back by {by:#}; slots wait until it has run evenly for {settle:#}");
                pipeline::alert(&self.engine, &self.store, &alert, self.time()).await?;
            }
            Verdict::Believed { since } => {
                info!("the clock is believed again");
                self.pull_back(since, token).await?;
            }
        }
        let is_believed = !self.guard.is_doubted();
        let is_noted = self.clock_noted.is_some_and(|at| reading.steady - at < NOTE_CLOCK_EVERY);
        if is_believed && !is_noted {
            self.store.note_clock(self.guard.record()).await?;
            self.clock_noted = Some(reading.steady);
        }
        Ok(is_believed)
    }

    /// Takes back what a wrong clock has put into the future.
    async fn pull_back(&mut self, since: Timestamp, token: i64) -> Result<(), RunError> {
        let now = self.time();
        let pulled = self.store.pull_back(since, now, token).await?;
        if pulled != PulledBack::default() {
            let PulledBack { schedules, slots, waits } = pulled;
            warn!(schedules, slots, waits, "what a wrong clock had put into the future counts from now");
        }
        self.queue.pull_back(now);
        self.clock_noted = None;
        Ok(())
    }

    /// Tells about an open slot that is overdue, gives it up after its deadline, or starts it.
    async fn attend(&mut self, slot: RecordedSlot, token: i64, now: Timestamp) -> Result<(), RunError> {
        let Some(claim) = slot.claim(token) else { return Ok(()) };
        let daemon = &self.engine.settings.daemon;
        let report = slot.key.schedule.clone();
        let reason = slot.reason.clone().unwrap_or_default();
        if self.busy.contains_key(&report) {
            return Ok(());
        }
        // Of attempts in which the process died nothing is heard afterwards, so this is the place to end them.
        if slot.unfinished > 0 && slot.age(now) > daemon.slot_deadline {
            return self.give_up(&claim, reason, now).await;
        }
        let is_told = slot.unfinished >= UNFINISHED_IS_TOLD || slot.age(now) > daemon.overdue_after;
        if slot.attempts > 0 && !slot.overdue && is_told {
            let alert = Alert::SlotOverdue { report: report.clone(), due: slot.due, reason };
            pipeline::alert(&self.engine, &self.store, &alert, now).await?;
            self.store.slot_is_overdue(&slot, &claim, now).await?;
        }
        if slot.try_at <= now && slot.unfinished == 0 && !self.is_alone {
            self.start(claim, &slot, now).await?;
        }
        Ok(())
    }

    async fn give_up(&self, claim: &Claim, reason: String, now: Timestamp) -> Result<(), RunError> {
        let report = claim.key.schedule.clone();
        error!(report, slot = claim.key.nominal, "given up: {reason}");
        self.store.expire_slot(claim, &reason, now).await?;
        let alert = Alert::SlotExpired { report, due: claim.slot.instant, reason };
        pipeline::alert(&self.engine, &self.store, &alert, now).await?;
        Ok(())
    }

    /// Each report has a thread of its own: a panic in one ends that one alone, and while it reads
    /// files and renders pages the loop goes on. The attempt is counted
    /// before, so that one that ends the process is counted too.
    async fn start(&mut self, claim: Claim, slot: &RecordedSlot, now: Timestamp) -> Result<(), RunError> {
        let (attempts, seed) = (slot.attempts, claim.slot.instant.as_second() as u64);
        // A process that was killed once goes on at once.
        let wait = match slot.unfinished {
            0 => SignedDuration::ZERO,
            died => backoff::wait(died as u32 - 1, seed),
        };
        if !self.store.begin_attempt(&claim, now + wait, now).await? {
            return Ok(());
        }
        let clock = self.clock.carried(self.guard.believed());
        let (engine, store) = (self.engine.clone(), self.store.clone());
        self.busy.insert(claim.key.schedule.clone(), claim.clone());
        let run = claim.clone();
        let status = self.status.clone();
        self.work.spawn(async move {
            let watch = clock.clone();
            let began = watch.reading().steady;
            let filling = work::spawn(async move {
                let filled = slots::fill(&engine, &store, &clock, run).await;
                memory::release();
                filled
            });
            let result = match filling.await {
                Ok(result) => result.map_err(|error| error.to_string()),
                Err(_) => Err("the report ended in a panic; the log has its text".to_owned()),
            };
            status.run_took(&claim.key.schedule, result.is_ok(), watch.reading().steady - began);
            Finished { claim, attempts, result }
        });
        Ok(())
    }

    /// Takes note of what has ended since the last knock.
    async fn reap(&mut self) -> Result<(), StoreError> {
        while let Some(finished) = self.work.try_join_next() {
            self.note(finished).await?;
        }
        if let Some(sending) = self.sending.take_if(|sending| sending.is_finished()) {
            self.note_sent(sending.await);
        }
        self.clearing.take_if(|clearing| clearing.is_finished());
        Ok(())
    }

    async fn note(&mut self, finished: Result<Finished, tokio::task::JoinError>) -> Result<(), StoreError> {
        // The outer task cannot panic; it is aborted only at the end.
        let Ok(Finished { claim, attempts, result }) = finished else { return Ok(()) };
        let (report, slot) = (claim.key.schedule.clone(), claim.key.nominal.clone());
        self.busy.remove(&report);
        self.is_alone = false;
        match result {
            Ok(Filled::By(run)) => {
                info!(report, slot, run, "recorded");
                self.copies.want();
            }
            Ok(Filled::Already) => info!(report, slot, "has its run already"),
            Ok(Filled::NothingToReport) => {
                info!(report, slot, "left out: there is no finished day to report on")
            }
            Err(problem) => match self.failed(&claim, attempts, problem).await {
                Err(RunError::Store(StoreError::LeaseLost)) => self.lose_lease(),
                Err(RunError::Store(problem)) => return Err(problem),
                Err(problem) => error!("{problem}"),
                Ok(()) => {}
            },
        }
        Ok(())
    }

    /// A slot is given up only after an attempt that failed, however late it is.
    async fn failed(&self, claim: &Claim, attempts: i64, problem: String) -> Result<(), RunError> {
        let (now, report, slot) = (self.time(), &claim.key.schedule, &claim.key.nominal);
        if now.duration_since(claim.slot.instant) > self.engine.settings.daemon.slot_deadline {
            return self.give_up(claim, problem, now).await;
        }
        error!(report, slot, "failed, stays open: {problem}");
        let wait = backoff::wait(attempts as u32, claim.slot.instant.as_second() as u64);
        Ok(self.store.slot_failed(claim, &problem, now + wait, now).await?)
    }

    async fn start_sending(&mut self, token: i64, now: Timestamp) -> Result<(), RunError> {
        let Some(transport) = &self.transport else { return Ok(()) };
        if self.sending.is_some() {
            return Ok(());
        }
        let wish = Wish { retry: self.store.last_wish().await?, password: self.password_mark() };
        if self.wish.replace(wish.clone()).is_some_and(|before| before != wish) {
            self.queue.wake(now);
        }
        if !self.queue.is_ready(now) {
            return Ok(());
        }
        let Some(presence) = self.presence.clone() else { return Ok(()) };
        let waits = self.store.next_mail_at().await?.is_some_and(|at| at <= now);
        if !waits && !self.store.has_unsettled(presence.id()).await? && self.store.untold().await?.is_empty()
        {
            return Ok(());
        }
        let (engine, store) = (self.engine.clone(), self.store.clone());
        // Whoever sets the clock meanwhile makes no mail too late.
        let clock = self.clock.carried(self.guard.believed());
        let (transport, status) = (transport.clone(), self.status.clone());
        let (permit, alone) = (self.permit.clone(), self.queue.alone());
        self.sending = Some(work::spawn(async move {
            let began = clock.reading().steady;
            // The presence lives as long as this task may have a mail in hand.
            let by = Claimant { id: presence.id(), token: Some(token) };
            let sender = Sender { by, permit: &permit, run: None, alone: &alone };
            let sent = post::send(&engine, &store, &transport, sender, &clock).await;
            status.sending.observe((clock.reading().steady - began).as_secs_f64());
            sent
        }));
        Ok(())
    }

    /// Changes when the file of the mail server's password does.
    fn password_mark(&self) -> Option<(u64, i64, i64)> {
        self.engine.settings.smtp.as_ref()?.password_file.as_ref()?.mark()
    }

    fn note_sent(&mut self, ended: Result<Result<Sent, RunError>, Panicked>) {
        let now = self.time();
        match ended {
            Ok(Ok(sent)) => {
                self.queue.learn(&sent, now);
                // A copy that knows what has left leaves less to ask after a restore.
                if sent.summary.sent > 0 {
                    self.copies.want();
                }
            }
            // The next knock finds out who has the lease.
            Ok(Err(RunError::Store(StoreError::LeaseLost))) => self.lease_until = self.clock.uptime(),
            Ok(Err(problem)) => self.queue.put_off(&problem.to_string(), now),
            Err(_) => self.queue.put_off("sending ended in a panic; the log has its text", now),
        }
    }
}
