//! The clients of a server, and which of them makes room for another.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::AbortHandle;

use super::ClientLimits;

/// When a client has last asked for something, as a count of all requests; 0 = never.
#[derive(Debug, Clone, Default)]
pub(super) struct LastRequest(Arc<AtomicU64>);

static REQUESTS: AtomicU64 = AtomicU64::new(0);

impl LastRequest {
    /// Notes that it asks.
    pub(super) fn now(&self) {
        self.0.store(REQUESTS.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    fn last(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Client {
    address: IpAddr,
    asked: LastRequest,
    task: AbortHandle,
}

/// Open connections, the oldest first.
#[derive(Default)]
pub(super) struct Clients(Vec<Client>);

impl Clients {
    pub(super) fn add(&mut self, address: IpAddr, asked: LastRequest, task: AbortHandle) {
        self.0.push(Client { address, asked, task });
    }

    /// Closes connections until one more fits, of its address and in all. The one that has asked least recently
    /// goes first, so one that has never asked before any other.
    pub(super) fn make_room(&mut self, address: IpAddr, limits: &ClientLimits) {
        self.0.retain(|client| !client.task.is_finished());
        if !(limits.shared)(address) {
            self.close_beyond(limits.per_address, |client| client.address == address);
        }
        self.close_beyond(limits.connections, |_| true);
    }

    fn close_beyond(&mut self, limit: usize, counts: impl Fn(&Client) -> bool) {
        while self.0.iter().filter(|client| counts(client)).count() >= limit.max(1) {
            let counted = self.0.iter().enumerate().filter(|(_, client)| counts(client));
            let Some((at, _)) = counted.min_by_key(|(_, client)| client.asked.last()) else { return };
            self.0.remove(at).task.abort();
        }
    }

    pub(super) fn close_all(&mut self) {
        self.0.drain(..).for_each(|client| client.task.abort());
    }
}
