//! Incremental pulls give what full pulls give, week after week of random changes.

use std::path::Path;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use tongbao::config;
use tongbao::config::settings::Settings;
use tongbao::indicator::tally::Tally;
use tongbao::pipeline::{Engine, Progress};

use crate::support::naive::Record;
use crate::support::registers::{self, TEXTS};
use crate::support::{defects, servers, setting};

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// The tally and the number of records read for it.
fn pull(settings: &Settings, incremental: bool, cut_off: Date) -> (Tally, u64) {
    let mut settings = settings.clone();
    settings.source.incremental = incremental;
    let engine = Engine::new(settings).unwrap();
    let (now, mut read) = ("2016-07-08T01:00:00Z".parse().unwrap(), 0);
    let count = |progress| {
        if let Progress::Read(rows) = progress {
            read += rows;
        }
    };
    let snapshot = block(engine.pull(cut_off, now, count)).unwrap();
    (snapshot.tally, read)
}

/// A register that lives: its keys, and what happens to it in a week.
struct Life {
    rng: Rng,
    keys: Vec<usize>,
    next: usize,
}

impl Life {
    fn new(seed: u64, records: usize) -> Life {
        Life { rng: Rng::with_seed(seed), keys: (0..records).collect(), next: records }
    }

    fn week(&mut self, at: &str, deletes: bool) -> Vec<String> {
        let mut out = Vec::new();
        let write = |key: usize, record: &Record| {
            let row = std::iter::once(registers::row(key, record, at));
            registers::insert("person", row)
        };
        for _ in 0..self.rng.usize(0..6) {
            out.extend(write(self.next, &defects::record(&mut self.rng)));
            self.keys.push(self.next);
            self.next += 1;
        }
        for _ in 0..self.rng.usize(1..8) {
            let key = self.keys[self.rng.usize(..self.keys.len())];
            out.push(format!("DELETE FROM person WHERE id = {key}"));
            out.extend(write(key, &defects::record(&mut self.rng)));
        }
        for _ in 0..if deletes { self.rng.usize(1..5) } else { 0 } {
            let key = self.keys.swap_remove(self.rng.usize(..self.keys.len()));
            out.push(format!("DELETE FROM person WHERE id = {key}"));
        }
        out
    }
}

fn live(url: &str, dir: &Path, seed: u64, records: usize, weeks: usize) {
    let people = defects::records(seed, records);
    let roster = defects::roster(seed + 1, &people);
    block(registers::execute(url, &registers::tables(url, &people, &roster, TEXTS)));
    let mut settings = setting::settings(url, dir);
    let mut life = Life::new(seed, records);
    let mut cut_off = date(2016, 6, 5);
    for week in 0..weeks {
        let (kept, read) = pull(&settings, true, cut_off);
        let (full, all) = pull(&settings, false, cut_off);
        assert_eq!(kept, full, "seed {seed}, week {week}");
        // All of a freshly loaded register has the same time, which is read once more.
        let few = week > 1 && week != 3;
        assert!(if few { read < all / 4 } else { read == all }, "seed {seed}, week {week}: {read} of {all}");
        // New definitions make everything be read again.
        if week == 2 {
            settings
                .indicators
                .completeness
                .placeholders
                .values_mut()
                .for_each(|list| list.push("某某".into()));
        }
        cut_off += 7.days();
        let changed = cut_off - 3.days();
        block(registers::execute(url, &life.week(&format!("{changed} 12:00:00"), week % 2 == 1)));
    }
}

#[test]
fn any_life_of_a_register_is_followed() {
    for seed in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("register.db").display());
        live(&url, dir.path(), 100 + seed, 300, 6);
    }
}

#[test]
fn servers_are_followed_too() {
    for url in [servers::postgres(), servers::mariadb()] {
        let dir = tempfile::tempdir().unwrap();
        live(&url, dir.path(), 7, 600, 5);
    }
}

#[test]
fn damage_and_rows_without_a_time_end_in_the_right_figures() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("register.db").display());
    let people = defects::records(5, 300);
    block(registers::execute(&url, &registers::tables(&url, &people, &[], TEXTS)));
    let settings = setting::settings(&url, dir.path());
    let cut_off = date(2016, 6, 12);
    pull(&settings, true, cut_off);
    let changes = ["UPDATE person SET name = NULL, updated_at = NULL WHERE id < 20".to_owned()];
    block(registers::execute(&url, &changes));
    let (full, all) = pull(&settings, false, cut_off);
    let (kept, read) = pull(&settings, true, cut_off);
    assert_eq!(kept, full);
    assert!(read <= all);
    let path = dir.path().join("state/register.kept");
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"440118"), "numbers lie open in the state");
    let middle = bytes.len() / 2 + 2_000;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(pull(&settings, true, cut_off).0, full, "damage ends in a full pull");
}

#[test]
fn incremental_pulls_need_a_time_of_change() {
    let dir = tempfile::tempdir().unwrap();
    let text = setting::configuration("sqlite:x.db", dir.path())
        .replace("[source.register]", "incremental = true\n[source.register]")
        .replace("updated_at = \"updated_at\"\n", "");
    let error = config::parse("test.toml", &text, &Default::default()).unwrap_err().to_string();
    assert!(error.contains("source.incremental") && error.contains("updated_at"), "{error}");
}
