//! The web console: pages over the store, served from the daemon's process. It opens no connection of its own and
//! reads neither register nor mail password: what people ask for is committed to the store, and the daemon does it.
//!
//! [`routes`] is the one list of pages, each with the right that it needs; `guard` checks it before any handler.

mod ask;
mod assets;
mod audit;
mod charts;
mod check_file;
mod compare;
mod decide;
mod documents;
mod figures;
pub mod first;
mod form;
mod guard;
mod help;
mod home;
mod layers;
mod league;
mod mails;
mod me;
mod multipart;
mod people;
mod problem;
mod recipients;
mod requests;
pub mod routes;
mod run;
mod runs;
mod schedule;
mod second_factor;
mod sign_in;
mod status;
mod table;
mod titles;
mod unit;
mod viewer;
mod words;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tongbao_message::{Message, message};

use tokio::sync::Semaphore;
use tracing::info;

use crate::access::name::is_of_proxy;
use crate::clock::Clock;
use crate::config::settings::ConsoleSettings as Settings;
use crate::daemon::health::HealthState;
use crate::pipeline::Engine;
use crate::store::Store;
use crate::store::people::Person;
use crate::web_server::{self, Certificate, ClientLimits, WebServer};

use figures::Cache;

/// What the console is made from.
pub struct ConsoleParts {
    /// Settings, templates and fonts.
    pub engine: Arc<Engine>,
    /// A store of its own, so that readers hold up nothing of the daemon.
    pub store: Store,
    /// What time it is, also in tests.
    pub clock: Clock,
    /// What answers for the daemon that serves it.
    pub watch: HealthState,
    /// Looks at the lists of a first bulletin.
    pub first: Arc<dyn first::UploadReader>,
}

/// The console, shared by all its requests.
#[derive(Clone)]
pub struct Console(Arc<ConsoleState>);

struct ConsoleState {
    parts: ConsoleParts,
    /// Passwords are hashed two at a time: each takes 19 MiB.
    hashing: Semaphore,
    /// Takes as long to compare with as any other hash, and is that of no password.
    no_account: String,
    cache: Cache,
    /// First bulletins that are under way.
    drafts: first::Drafts,
    /// `Host` headers that are answered.
    hosts: Vec<String>,
}

impl std::ops::Deref for Console {
    type Target = ConsoleParts;

    fn deref(&self) -> &ConsoleParts {
        &self.0.parts
    }
}

impl Console {
    /// `address` is where it is served.
    pub fn new(parts: ConsoleParts, address: SocketAddr) -> std::io::Result<Console> {
        let no_account = crate::password::hash(&crate::random::secret()?)?;
        let hosts = layers::hosts(&parts.engine.settings.console, address);
        let (hashing, cache, drafts) = (Semaphore::new(2), Cache::default(), first::Drafts::default());
        Ok(Console(Arc::new(ConsoleState { parts, hashing, no_account, cache, drafts, hosts })))
    }

    /// Where an account that is not in order yet goes first: to a password of its own, then to the second factor
    /// that its role asks for.
    fn first_step(&self, person: &Person) -> Option<&'static str> {
        // Whom a proxy signs in has given a second factor there, if any.
        let needs_factor = !person.has_second_factor
            && self.settings().second_factor.contains(&person.role)
            && !is_of_proxy(&person.name);
        match person.one_time_until {
            Some(_) => Some(guard::NEW_PASSWORD),
            None => needs_factor.then_some(guard::SECOND_FACTOR),
        }
    }

    fn settings(&self) -> &Settings {
        &self.engine.settings.console
    }
}

/// Serves the console on an address.
pub async fn open(parts: ConsoleParts, address: SocketAddr) -> Result<WebServer, Message> {
    let failed = |error: std::io::Error| message!("cannot-serve", address, error);
    // The port decides which hosts are answered, so it has to be known first.
    let listener = web_server::listen(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let engine = parts.engine.clone();
    let files = parts.engine.settings.console.tls.clone();
    let console = crate::work::block(move || Console::new(parts, address)).await.map_err(failed)?;
    tokio::spawn(first::sweep(Arc::downgrade(&console.0)));
    let certificate = match files {
        Some((chain, key)) => {
            let read = crate::work::block(move || Certificate::read(&chain, &key)).await;
            let read = read.map_err(|problem| message!("cannot-serve-by-tls", problem))?;
            Some(Arc::new(read))
        }
        None => None,
    };
    let limits = ClientLimits {
        certificate,
        connections: 256,
        per_address: 16,
        shared: Arc::new(move |ip| ip.is_loopback() || engine.settings.console.is_proxy(ip)),
        keep_alive: true,
        longest: Duration::from_secs(600),
    };
    let door = web_server::open(listener, layers::router(console), limits).map_err(failed)?;
    info!(%address, "the console is served");
    Ok(door)
}
