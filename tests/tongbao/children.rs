//! What the tests run as processes of their own: one instant of a daemon's life, which they kill, a daemon that
//! sends while its clock leaps, and the digests of the three documents, which must not depend on the process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, unreachable_pub, dead_code)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use tongbao::clock::Clock;
use tongbao::config;
use tongbao::daemon::service::Service;
use tongbao::pipeline::{self, Engine};
use tongbao::store::Store;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["live", dir, now] => live(Path::new(dir), now),
        ["digests", dir, ref reports @ ..] => {
            println!("{}", support::documents::digests(Path::new(dir), reports).join(" "));
        }
        ["send", dir, start, seed] => send(Path::new(dir), start.parse().unwrap(), seed.parse().unwrap()),
        _ => panic!("live DIR NOW | send DIR START SEED | digests DIR REPORT=NUMBER…"),
    }
}

/// Lives the instant `now` of the daemon configured in `dir`.
fn live(dir: &Path, now: &str) {
    let text = std::fs::read_to_string(dir.join("tongbao.toml")).unwrap();
    let settings = config::parse("tongbao.toml", &text, &BTreeMap::new()).unwrap().settings;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = Arc::new(Engine::new(settings).unwrap());
        let store = Store::open(&engine.settings.state_dir).await.unwrap();
        let (clock, _) = Clock::manual(now.parse().unwrap());
        let transport = pipeline::transport(&engine.settings).map(Arc::new);
        let mut daemon = Service::new(engine, store, clock, transport);
        support::office::work(&mut daemon).await;
        daemon.end().await;
    });
}

/// A daemon whose wall clock stands at `start` and leaps by up to an hour, until every mail has left. The server knows
/// it by the name it greets it with.
fn send(dir: &Path, start: Timestamp, seed: u64) {
    let text = std::fs::read_to_string(dir.join("tongbao.toml")).unwrap();
    let text = text.replace("helo = \"nobody\"", &format!("helo = \"p{}\"", std::process::id()));
    let settings = config::parse("tongbao.toml", &text, &BTreeMap::new()).unwrap().settings;
    let mut rng = fastrand::Rng::with_seed(seed);
    let base = start.as_millisecond() - Clock::System.now().as_millisecond();
    let shift = Arc::new(AtomicI64::new(base));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = Arc::new(Engine::new(settings).unwrap());
        let store = Store::open(&engine.settings.state_dir).await.unwrap();
        let transport = pipeline::transport(&engine.settings).map(Arc::new);
        let clock = Clock::Shifted(shift.clone());
        let mut daemon = Service::new(engine, store.clone(), clock, transport);
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(20));
        while !store.deliveries(None).await.unwrap().iter().all(|mail| mail.state.key() == "sent") {
            ticks.tick().await;
            if rng.u8(..) < 10 {
                shift.store(base + rng.i64(-3_600_000..3_600_000), Ordering::SeqCst);
            }
            daemon.tick().await.unwrap();
        }
        daemon.end().await;
    });
}
