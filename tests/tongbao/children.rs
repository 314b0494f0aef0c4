//! What the tests run as processes of their own: one instant of a daemon's life, which they kill, and the
//! digests of the three documents, which must not depend on the process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, unreachable_pub, dead_code)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

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
        _ => panic!("live DIR NOW | digests DIR REPORT=NUMBER…"),
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
