//! A simulated year: weekly, daily and monthly schedules and acceptance rounds over three campaigns, with faults
//! drawn from a seed: databases away, mail servers that are away or odd to the byte, steps of the clock, crashes,
//! stops, daemons that hang for longer than their lease, restores, releases and rejections. Prints slots, runs,
//! mails, and what was lost, doubled or silent, and fails unless these three are 0.
//!
//! `cargo bench --bench soak -- [--seed N] [--days N]`; the same seed draws the same faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

mod campaign;
#[allow(dead_code, unreachable_pub)]
#[path = "../../tests/tongbao/support/certificates.rs"]
mod certificates;
mod post_office;
mod verdict;

use campaign::Campaign;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    let (seed, days) = (value("--seed").unwrap_or(1), value("--days").unwrap_or(366));
    if arguments.iter().any(|argument| argument == "--log") {
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).init();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let sound = soak(&runtime, seed, days);
    std::process::exit(if sound { 0 } else { 1 });
}

/// The campaigns run side by side, each with its own clock, state and server.
fn soak(runtime: &tokio::runtime::Runtime, seed: u64, days: u64) -> bool {
    let began = std::time::Instant::now();
    let folder = tempfile::tempdir().unwrap();
    println!("seed {seed}, {days} days");
    let all_sound = std::thread::scope(|scope| {
        let live = |number: u64| {
            let dir = folder.path().join(format!("campaign{number}"));
            scope.spawn(move || runtime.block_on(live(&dir, number, seed, days)))
        };
        let lives: Vec<_> = (0..3).map(live).collect();
        // Each is waited for, also after one that was not sound.
        let sound: Vec<bool> = lives.into_iter().map(|life| life.join().unwrap()).collect();
        sound.into_iter().all(|sound| sound)
    });
    println!("{} in {:.0} s", if all_sound { "sound" } else { "NOT SOUND" }, began.elapsed().as_secs_f64());
    all_sound
}

async fn live(dir: &std::path::Path, number: u64, seed: u64, days: u64) -> bool {
    std::fs::create_dir_all(dir).unwrap();
    let mut rng = fastrand::Rng::with_seed(seed.wrapping_mul(1_000).wrapping_add(number));
    let mut campaign = Campaign::new(dir, number).await;
    for day in 0..days {
        if day % 30 == 0 {
            eprintln!("seed {seed}, campaign {number}: day {day}");
        }
        for _ in 0..24 {
            campaign.hour(&mut rng).await;
        }
    }
    campaign.recover().await;
    verdict::judge(&campaign, days).await
}
