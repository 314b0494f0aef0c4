//! The daemon holds the lease, or stands by.

use std::sync::Arc;

use tracing::{info, warn};

use super::Service;
use crate::delivery::permit::Permit;
use crate::store::StoreError;
use crate::work;

impl Service {
    pub(super) async fn acquire_lease(&mut self) -> Result<Option<i64>, StoreError> {
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
        let lease = self.store.acquire_lease(&presence, now, time).await;
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
    pub(super) fn lose_lease(&mut self) {
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
            if let Err(problem) = engine.archive_inputs(&store).await {
                warn!("dropped files that an earlier daemon has read could not be put away: {problem}");
            }
        }));
    }
}
