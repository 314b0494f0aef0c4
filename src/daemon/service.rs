//! One tick of the daemon: hold the lease, look at the clock, put due slots on record, start what is
//! open, send what waits, raise alerts. Everything it knows beyond a restart is in the store.

mod attempts;
mod clock;
mod lease;
mod sending;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tongbao_message::Message;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tracing::{error, warn};

use super::health::HealthState;
use super::mail_queue::Queue;
use super::pruning::Pruning;
use super::requests::Requests;
use super::slots::{self, SlotAttempt};
use super::snapshots::Copies;
use super::status::{DaemonState, Status};
use crate::clock::Clock;
use crate::delivery::permit::Permit;
use crate::delivery::transport::Transport;
use crate::pipeline::{self, DispatchSummary, Engine, RunError};
use crate::report::alert::Alert;
use crate::schedule::clock_guard::{ClockGuard, ClockReading};
use crate::store::living_senders::Presence;
use crate::store::slots::Claim;
use crate::store::{Store, StoreError};
use crate::work::Work;

/// The running daemon. Dropping it ends its work, as the death of a process does.
pub struct Service {
    engine: Arc<Engine>,
    store: Store,
    clock: Clock,
    transport: Option<Arc<Transport>>,
    /// Names this daemon in the lease and in claims, from its first tick on.
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
    sending: Option<Work<Result<DispatchSummary, RunError>>>,
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
    result: Result<SlotAttempt, Message>,
}

/// Nothing is removed for its age by a clock that was put ahead within this time.
const TRUSTED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);

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
            queue: Queue::default(),
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

    /// Does whatever is due now. Long work goes on in parallel. Losing the lease is no error: the
    /// daemon stands by then.
    pub async fn tick(&mut self) -> Result<(), StoreError> {
        let reading = self.clock.reading();
        self.act(reading).await?;
        self.status.show(DaemonState {
            last_tick: Some(reading),
            holds_lease: self.token.is_some(),
            busy: self.busy.keys().cloned().collect(),
            is_sending: self.sending.is_some(),
            clock_is_doubted: self.guard.is_doubted(),
            queue_stopped: self.queue.stopped.clone(),
            queue_away: self.queue.away().map(str::to_owned),
        });
        Ok(())
    }

    async fn act(&mut self, reading: ClockReading) -> Result<(), StoreError> {
        let now = reading.wall;
        self.store.is_in_place()?;
        self.reap().await?;
        if !self.is_busy() {
            self.copies.start(&self.store, now);
        }
        let before = self.token;
        let Some(token) = self.acquire_lease().await? else { return Ok(()) };
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

    async fn turn(&mut self, token: i64, reading: ClockReading) -> Result<(), RunError> {
        let is_believed = self.may_decide(token, reading).await?;
        // While the clock is doubted, mails go by the time that the steady clock has counted.
        let now = self.time();
        if is_believed {
            self.observe(token, now).await?;
            self.attend_all(token, now).await?;
            // Due slots come first.
            if self.busy.is_empty() {
                let clock = self.clock.carried(self.guard.believed());
                self.requests.handle(&self.engine, &self.store, &clock, token).await?;
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

    /// Waits for everything that is under way. Work it leads to starts with the next tick.
    pub async fn drain(&mut self) -> Result<(), StoreError> {
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
        self.copies.drain().await;
        self.pruning.drain().await;
        self.requests.drain().await;
        Ok(())
    }

    /// What answers for this daemon.
    pub fn watch(&self) -> HealthState {
        HealthState {
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

    /// Why no mail leaves until a person corrects it.
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
        match tokio::time::timeout(within, self.drain()).await {
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

    /// Takes note of what has ended since the last tick.
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
}
