//! Sends due mails in parallel with everything else.

use jiff::Timestamp;

use super::{Service, Wish};
use crate::daemon::mail_queue;
use crate::pipeline::{DispatchSummary, RunError, Sender};
use crate::store::StoreError;
use crate::store::claims::Claimant;
use crate::work::{self, Panicked};

impl Service {
    pub(super) async fn start_sending(&mut self, token: i64, now: Timestamp) -> Result<(), RunError> {
        let Some(transport) = &self.transport else { return Ok(()) };
        if self.sending.is_some() {
            return Ok(());
        }
        let wish = Wish { retry: self.store.last_wish().await?, password: self.password_mark() };
        if self.wish.replace(wish.clone()).is_some_and(|before| before != wish) {
            self.queue.wake();
        }
        if !self.queue.is_ready(now) {
            return Ok(());
        }
        let Some(presence) = self.presence.clone() else { return Ok(()) };
        let waits = self.store.next_mail_at().await?.is_some_and(|at| at <= now);
        if !waits
            && !self.store.has_unsettled(presence.id()).await?
            && self.store.unreported().await?.is_empty()
        {
            return Ok(());
        }
        let (engine, store) = (self.engine.clone(), self.store.clone());
        // A clock that is set meanwhile makes no mail too late.
        let clock = self.clock.carried(self.guard.believed());
        let (transport, status) = (transport.clone(), self.status.clone());
        let (permit, alone) = (self.permit.clone(), self.queue.alone());
        self.sending = Some(work::spawn(async move {
            let began = clock.reading().steady;
            // The presence lives as long as this task may have a mail in hand.
            let by = Claimant { id: presence.id(), token: Some(token) };
            let sender = Sender { by, permit: &permit, run: None, alone: &alone };
            let sent = mail_queue::send(&engine, &store, &transport, sender, &clock).await;
            status.sending.observe((clock.reading().steady - began).as_secs_f64());
            sent
        }));
        Ok(())
    }

    /// Changes when the file of the mail server's password does.
    fn password_mark(&self) -> Option<(u64, i64, i64)> {
        self.engine.settings.smtp.as_ref()?.password_file.as_ref()?.mark()
    }

    pub(super) fn note_sent(&mut self, ended: Result<Result<DispatchSummary, RunError>, Panicked>) {
        let now = self.time();
        match ended {
            Ok(Ok(sent)) => {
                self.queue.learn(&sent, now);
                // A copy that knows what has left leaves less to ask after a restore.
                if sent.summary.sent > 0 {
                    self.copies.want();
                }
            }
            // The next tick finds out who has the lease.
            Ok(Err(RunError::Store(StoreError::LeaseLost))) => self.lease_until = self.clock.uptime(),
            Ok(Err(problem)) => self.queue.put_off(&problem.to_string(), now),
            Err(_) => self.queue.put_off("sending ended in a panic; the log has its text", now),
        }
    }
}
