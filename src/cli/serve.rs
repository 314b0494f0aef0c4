//! The console beside the daemon, and over the demo's campaign.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use tongbao_message::message;

use super::failure::CommandFailure;
use super::{Context, first_reader, people};
use crate::access::role::Role;
use crate::clock::Clock;
use crate::console::{self, ConsoleParts};
use crate::daemon::service::Service;
use crate::daemon::{self, health::HealthState};
use crate::delivery::transport::Transport;
use crate::pipeline::Engine;
use crate::store::Store;
use crate::web_server::WebServer;

/// Opens the console if the configuration has one; closed when dropped.
pub(super) async fn open(
    engine: &Arc<Engine>,
    watch: HealthState,
    clock: &Clock,
) -> Result<Option<WebServer>, CommandFailure> {
    match engine.settings.console.listen {
        Some(address) => on(engine, watch, clock, address).await.map(Some),
        None => Ok(None),
    }
}

async fn on(
    engine: &Arc<Engine>,
    watch: HealthState,
    clock: &Clock,
    address: SocketAddr,
) -> Result<WebServer, CommandFailure> {
    let store = Store::open(&engine.settings.state_dir).await?;
    let first = first_reader(&engine.settings);
    let parts = ConsoleParts { engine: engine.clone(), store, clock: clock.clone(), watch, first };
    console::open(parts, address).await.map_err(CommandFailure::Failed)
}

/// Serves the console over the demo's campaign, with an account of each role, until it is stopped.
pub(super) async fn demo(
    context: &Context,
    engine: Engine,
    clock: Clock,
    transport: Transport,
    (accounts, port): (Accounts, u16),
) -> Result<ExitCode, CommandFailure> {
    let engine = Arc::new(engine);
    let store = Store::open(&engine.settings.state_dir).await?;
    let service = Service::new(engine.clone(), store, clock.clone(), Some(Arc::new(transport)));
    let door = on(&engine, service.watch(), &clock, SocketAddr::from(([127, 0, 0, 1], port))).await?;
    context.say_line(message!("the-console-is-at-http-stop", address = door.address))?;
    for (name, password) in accounts {
        context.say(format!("  {name}: {password}\n"))?;
    }
    daemon::serve(service, daemon::stop_signal())
        .await
        .map_err(|problem| CommandFailure::Failed(problem.into()))?;
    Ok(ExitCode::SUCCESS)
}

/// Names and passwords.
pub(super) type Accounts = Vec<(&'static str, String)>;

/// Makes an account of each role, named after it, before the runs: the correction list of a unit is kept for those
/// who answer for it when a run is made.
pub(super) async fn accounts(store: &Store, unit: &str, clock: &Clock) -> Result<Accounts, CommandFailure> {
    let mut out = Vec::new();
    for role in Role::ALL {
        let now = clock.now();
        let unit = (role == Role::Unit).then_some(unit);
        let password = people::add(store, role.key(), role, unit, now).await?;
        // For a look around nobody chooses another one.
        let hash = crate::password::hash(&password)
            .map_err(|problem| CommandFailure::Failed(problem.to_string().into()))?;
        store.set_password(role.key(), &hash, None, None, now).await?;
        out.push((role.key(), password));
    }
    Ok(out)
}
