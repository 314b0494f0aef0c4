//! Work that blocks: reading files, stepping through SQLite, rendering, writing the archive. It has
//! threads of its own, so that the few of the async runtime always answer: the daemon's loop renews its
//! lease and the health page answers whatever a report does.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tongbao_message::Worded;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle};

/// A future on a thread of its own. Dropping it drops the future too, at the next point where it waits.
#[derive(Debug)]
pub struct Work<T> {
    task: JoinHandle<Option<T>>,
    /// Dropped with the one who waits.
    _stop: oneshot::Sender<()>,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error, Worded)]
pub struct Panicked;

/// Drives a future on a thread of its own, where it may block as long as it likes.
pub fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Work<T> {
    let (stop, stopped) = oneshot::channel::<()>();
    let runtime = Handle::current();
    let task = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            tokio::select! {
                biased;
                _ = stopped => None,
                done = future => Some(done),
            }
        })
    });
    Work { task, _stop: stop }
}

/// The same for what must come to its end once it has begun: it goes on if nobody waits any more.
pub async fn finish<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> Result<T, Panicked> {
    let work = spawn(future);
    tokio::spawn(work).await.map_err(|_| Panicked)?
}

impl<T> Work<T> {
    /// Whether the result is there, or a panic.
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

impl<T> Future for Work<T> {
    type Output = Result<T, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Without a result it was stopped, which only happens when nobody waits.
        let done = ready!(Pin::new(&mut self.task).poll(context));
        Poll::Ready(done.ok().flatten().ok_or(Panicked))
    }
}

/// Does something that blocks, and waits for it without holding up anybody else. A panic goes on in the
/// one who waits.
pub async fn block<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => gone_on(error).await,
    }
}

/// Goes on with a panic. Work is cancelled only when the runtime ends, and then nobody goes on.
async fn gone_on<T>(error: JoinError) -> T {
    match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => std::future::pending().await,
    }
}
