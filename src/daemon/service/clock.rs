//! What time the daemon believes it is, and what it does about a clock that was wrong.

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use super::Service;
use crate::pipeline::{self, RunError};
use crate::report::alert::Alert;
use crate::schedule::clock_guard::{ClockGuard, ClockReading, ClockVerdict};
use crate::store::StoreError;
use crate::store::clock::PulledBack;

/// How often the clock's record is written while nothing happens.
const NOTE_CLOCK_EVERY: SignedDuration = SignedDuration::from_secs(60);

impl Service {
    /// The time everything is decided by: that of the clock while it is believed, else that of the last
    /// believed reading and the steady clock since.
    pub(super) fn time(&self) -> Timestamp {
        self.clock.carried(self.guard.believed()).now()
    }

    /// The clock as an earlier daemon has left it on record.
    pub(super) async fn known_clock(&self, reading: ClockReading) -> Result<ClockGuard, StoreError> {
        let daemon = &self.engine.settings.daemon;
        let (record, latest) = (self.store.clock_record().await?, self.store.latest_instant().await?);
        let guard = ClockGuard::new((daemon.max_clock_jump, daemon.clock_settle), record, latest, reading);
        if guard.is_doubted() {
            let (wall, known, settle) = (reading.wall, guard.believed().wall, daemon.clock_settle);
            warn!("the clock says {wall}, but the state was last used on {known}; slots wait for {settle:#}");
        }
        Ok(guard)
    }

    /// Whether anything may be decided by the time of day.
    pub(super) async fn may_decide(&mut self, token: i64, reading: ClockReading) -> Result<bool, RunError> {
        let settle = self.engine.settings.daemon.clock_settle;
        let alert = Alert::ClockSet { to: reading.wall };
        match self.guard.observe(reading) {
            ClockVerdict::Even if self.settled != Some(token) => {
                self.pull_back((reading.wall, false), token).await?
            }
            ClockVerdict::Even => {}
            ClockVerdict::Settling => {}
            ClockVerdict::Leapt(by) => {
                warn!("the clock leapt ahead by {by:#}; slots wait until it has run evenly for {settle:#}");
                pipeline::alert(&self.engine, &self.store, &alert, self.time()).await?;
            }
            ClockVerdict::SetBack(by) => {
                warn!("the clock was set back by {by:#}; slots wait until it has run evenly for {settle:#}");
                pipeline::alert(&self.engine, &self.store, &alert, self.time()).await?;
            }
            ClockVerdict::Believed { since, was_ahead } => {
                info!("the clock is believed again");
                self.pull_back((since, was_ahead), token).await?;
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
    async fn pull_back(&mut self, doubt: (Timestamp, bool), token: i64) -> Result<(), RunError> {
        let now = self.time();
        let pulled = self.store.pull_back(doubt, now, token).await?;
        if pulled != PulledBack::default() {
            let PulledBack { schedules, slots, waits } = pulled;
            warn!(schedules, slots, waits, "what a wrong clock had put into the future counts from now");
        }
        self.queue.wake();
        self.clock_noted = None;
        Ok(())
    }
}
