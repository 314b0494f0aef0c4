//! The thread that a connection lives on: drivers block, and some want every call from one thread.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::super::SourceError;
use super::session::OdbcSession;
use tongbao_config::settings::DatabaseUrl;

type Job = Box<dyn FnOnce(&mut OdbcSession) + Send>;

/// For rolling back and disconnecting; a driver that hangs is left to the end of the program.
const PATIENCE: Duration = Duration::from_secs(2);

/// A session on its thread. It ends with this value.
pub(super) struct Worker {
    jobs: Option<Sender<Job>>,
    /// Hears nothing but the end. Only dropping asks it; the lock is there because sources are shared.
    end: Mutex<Receiver<()>>,
}

impl Worker {
    /// Connects; the thread continues alone where nobody waits any more.
    pub(super) async fn start(url: DatabaseUrl) -> Result<Worker, SourceError> {
        let (jobs, queue) = channel::<Job>();
        let (ended, end) = channel();
        let (opened, opening) = oneshot::channel();
        let work = move || {
            let ended = ended;
            match OdbcSession::open(url) {
                Ok(mut session) => {
                    let _ = opened.send(Ok(()));
                    queue.into_iter().for_each(|job| job(&mut session));
                }
                Err(error) => drop(opened.send(Err(error))),
            }
            drop(ended);
        };
        let spawned = thread::Builder::new().name("odbc".to_owned()).spawn(work);
        spawned.map_err(|error| SourceError::Database(format!("no thread for ODBC: {error}")))?;
        opening.await.unwrap_or_else(|_| Err(stopped()))?;
        Ok(Worker { jobs: Some(jobs), end: Mutex::new(end) })
    }

    /// Starts a job behind those before it; the answer comes when it is done.
    pub(super) fn run<T, J>(&self, job: J) -> impl Future<Output = Result<T, SourceError>> + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce(&mut OdbcSession) -> Result<T, SourceError> + Send + 'static,
    {
        let (done, answer) = oneshot::channel();
        let job: Job = Box::new(move |session| drop(done.send(job(session))));
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
        }
        async move { answer.await.unwrap_or_else(|_| Err(stopped())) }
    }
}

impl Drop for Worker {
    /// A program that ended while a driver disconnects would take the driver's memory from under it.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Ok(end) = self.end.get_mut() {
            let _ = end.recv_timeout(PATIENCE);
        }
    }
}

/// Only a panic in a driver's library ends the thread before its time.
fn stopped() -> SourceError {
    SourceError::Database("the ODBC driver has given up".to_owned())
}
