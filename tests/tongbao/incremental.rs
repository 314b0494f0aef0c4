//! Incremental pulls give what full pulls give, week after week of random changes.

use std::path::Path;
use std::process::Command;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tongbao::config;
use tongbao::config::settings::{Deletions, Secret, Settings};
use tongbao::indicator::tally::Tally;
use tongbao::pipeline::{Engine, Progress};
use tongbao::register::id_number::{CitizenId, normalize};

use crate::support::naive::Record;
use crate::support::registers::{self, TEXTS};
use crate::support::{defects, servers, setting};

const SECRET: &str = "thirty-two characters of the tests";

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// The tally and the number of records read for it.
pub fn pull(settings: &Settings, incremental: bool, cut_off: Date) -> (Tally, u64) {
    let mut settings = settings.clone();
    settings.source.incremental = incremental.then(|| Secret::new(SECRET));
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

    /// The roster is another one every third week: entries come, go and change their unit.
    fn roster(&mut self, week: usize, before: &[(String, Option<String>)]) -> Vec<String> {
        if week % 3 != 1 {
            return Vec::new();
        }
        let mut now: Vec<_> = before.iter().filter(|_| self.rng.u8(..) > 20).cloned().collect();
        for _ in 0..self.rng.usize(1..9) {
            let (from, to) = (self.rng.usize(..now.len()), self.rng.usize(..now.len()));
            now[to].0 = now[from].0.clone();
            now.push((now[to].0.clone(), defects::record(&mut self.rng).id));
        }
        let rows = now.into_iter().map(|(unit, id)| vec![Some(unit), id]);
        std::iter::once("DELETE FROM roster".to_owned()).chain(registers::insert("roster", rows)).collect()
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
        let few = !matches!(week, 0 | 1 | 3 | 5);
        assert!(if few { read < all / 3 } else { read >= all }, "seed {seed}, week {week}: {read} of {all}");
        // New definitions make everything be read again.
        if week == 2 {
            settings
                .indicators
                .completeness
                .placeholders
                .values_mut()
                .for_each(|list| list.push("某某".into()));
        }
        // So does a day that is before the last one; far ahead, children have grown up.
        cut_off = match week {
            4 => cut_off - 21.days(),
            6 => cut_off + 9.years(),
            _ => cut_off + 7.days(),
        };
        let changed = date(2016, 6, 5) + (7 * week as i64 + 3).days();
        let mut changes = life.week(&format!("{changed} 12:00:00"), week % 2 == 1);
        changes.extend(life.roster(week, &roster));
        block(registers::execute(url, &changes));
    }
}

#[test]
fn any_life_of_a_register_is_followed() {
    for seed in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("register.db").display());
        live(&url, dir.path(), 100 + seed, 300, 10);
    }
}

#[test]
fn servers_are_followed_too() {
    for url in [servers::postgres(), servers::mariadb()] {
        let dir = tempfile::tempdir().unwrap();
        live(&url, dir.path(), 7, 600, 9);
    }
}

/// The database counts on a second connection, unless it lets nobody else in.
#[test]
fn one_connection_is_enough() {
    let dir = tempfile::tempdir().unwrap();
    let url = servers::postgres();
    let people = defects::records(31, 400);
    block(registers::execute(&url, &registers::tables(&url, &people, &[], TEXTS)));
    let role = "CREATE ROLE lonely LOGIN PASSWORD 'alone' CONNECTION LIMIT 1";
    let grant = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO lonely";
    servers::execute(&url, &format!("{role}; {grant}"));
    let lonely = url.replacen("tester:s3cret-words@", "lonely:alone@", 1);
    assert_ne!(lonely, url);
    let settings = setting::settings(&lonely, dir.path());
    let first = pull(&settings, true, date(2016, 6, 5));
    let gone = "DELETE FROM person WHERE id % 50 = 7".to_owned();
    let newer =
        "UPDATE person SET name = NULL, updated_at = '2016-06-20 12:00:00' WHERE id % 40 = 3".to_owned();
    block(registers::execute(&url, &[gone, newer]));
    let (kept, read) = pull(&settings, true, date(2016, 6, 12));
    assert_eq!(kept, pull(&settings, false, date(2016, 6, 12)).0);
    assert!(kept != first.0 && read < 400, "{read} records");
}

/// Where the office says that nothing is deleted, nothing is counted; a full pull sets things right.
#[test]
fn what_is_said_never_to_be_deleted_counts_until_all_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("register.db").display());
    let people = defects::records(33, 300);
    block(registers::execute(&url, &registers::tables(&url, &people, &[], TEXTS)));
    let mut settings = setting::settings(&url, dir.path());
    settings.source.deletions = Deletions::Never;
    pull(&settings, true, date(2016, 6, 5));
    let newer =
        "UPDATE person SET name = NULL, updated_at = '2016-06-20 12:00:00' WHERE id % 40 = 3".to_owned();
    block(registers::execute(&url, &[newer]));
    let changed = pull(&settings, true, date(2016, 6, 12)).0;
    assert_eq!(changed, pull(&settings, false, date(2016, 6, 12)).0);
    block(registers::execute(&url, &["DELETE FROM person WHERE id % 50 = 7".to_owned()]));
    assert_eq!(pull(&settings, true, date(2016, 6, 12)).0, changed);
    settings.source.deletions = Deletions::Counted;
    assert_eq!(pull(&settings, true, date(2016, 6, 12)).0, pull(&settings, false, date(2016, 6, 12)).0);
}

#[test]
fn a_tree_whose_units_end_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("register.db").display());
    let people = defects::records(33, 900);
    let roster = defects::roster(34, &people);
    block(registers::execute(&url, &registers::tables(&url, &people, &roster, TEXTS)));
    let [first, second, third, fourth, _] = defects::UNITS;
    let tree = [
        "ALTER TABLE unit ADD COLUMN valid_to TEXT".to_owned(),
        "ALTER TABLE unit ADD COLUMN successor TEXT".to_owned(),
        format!("UPDATE unit SET parent = '{first}' WHERE code = '{second}'"),
        format!("UPDATE unit SET valid_to = '2016-06-15', successor = '{third}' WHERE code = '{fourth}'"),
    ];
    block(registers::execute(&url, &tree));
    let mut settings = setting::settings(&url, dir.path());
    settings.source.units.valid_to = Some("valid_to".into());
    settings.source.units.successor = Some("successor".into());
    let mut life = Life::new(33, 900);
    for week in 0..6 {
        let cut_off = date(2016, 6, 5) + (7 * week).days();
        let (kept, read) = pull(&settings, true, cut_off);
        let (full, all) = pull(&settings, false, cut_off);
        assert_eq!(kept, full, "week {week}");
        // In week 2 a unit has ended: what is kept stands under units of another list.
        assert_eq!(read >= all, matches!(week, 0..=2), "week {week}: {read} of {all}");
        let changes = life.week(&format!("{} 12:00:00", cut_off + 3.days()), week % 2 == 1);
        block(registers::execute(&url, &changes));
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
    for name in ["register.changes", "register.base"] {
        let path = dir.path().join("state").join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        for at in [0, bytes.len() / 2, bytes.len() - 9] {
            bytes[at] ^= 1;
        }
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(pull(&settings, true, cut_off).0, full, "damage ends in the right figures");
    }
}

/// The register of a test, and its state once it was pulled and followed.
fn followed(dir: &Path, people: &[Record]) -> (String, Settings) {
    let url = format!("sqlite:{}", dir.join("register.db").display());
    let roster = defects::roster(3, people);
    block(registers::execute(&url, &registers::tables(&url, people, &roster, TEXTS)));
    let settings = setting::settings(&url, dir);
    pull(&settings, true, date(2016, 6, 5));
    let change = "UPDATE person SET name = '甲', updated_at = '2016-06-03 08:00:00' WHERE id % 7 = 1";
    block(registers::execute(&url, &[change.to_owned()]));
    pull(&settings, true, date(2016, 6, 12));
    (url, settings)
}

#[test]
fn the_state_holds_nothing_of_a_person() {
    let dir = tempfile::tempdir().unwrap();
    let people = defects::records(12, 400);
    followed(dir.path(), &people);
    let words = |r: &Record| [&r.name, &r.residence, &r.household, &r.id].map(|value| value.clone());
    let words: Vec<String> = people.iter().flat_map(words).flatten().filter(|word| word.len() > 6).collect();
    assert!(words.len() > 500);
    let packed: Vec<u64> = people
        .iter()
        .filter_map(|r| r.id.as_deref())
        .filter_map(|id| CitizenId::parse(&normalize(id.as_bytes())))
        .map(CitizenId::packed)
        .collect();
    assert!(packed.len() > 100);
    for name in ["register.base", "register.changes"] {
        let bytes = std::fs::read(dir.path().join("state").join(name)).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!words.iter().any(|word| holds(word.as_bytes())), "{name}");
        let numbers = |id: &u64| holds(&id.to_le_bytes()) || holds(&id.to_be_bytes());
        assert!(!packed.iter().any(numbers), "{name}");
        assert!(!holds(SECRET.as_bytes()));
        // A hash that anybody could compute could be found by trying all numbers.
        let plain = |id: &u64| holds(&Sha256::digest([&b"c"[..], &id.to_be_bytes()].concat())[..16]);
        assert!(!packed.iter().any(plain));
    }
}

#[test]
fn another_key_reads_everything_again() {
    let dir = tempfile::tempdir().unwrap();
    let (_, settings) = followed(dir.path(), &defects::records(13, 300));
    let cut_off = date(2016, 6, 12);
    let (full, all) = pull(&settings, false, cut_off);
    assert!(pull(&settings, true, cut_off).1 < all);
    let mut other = settings.clone();
    other.source.incremental = Some(Secret::new("another secret of more than 32 characters"));
    let engine = Engine::new(other).unwrap();
    let mut read = 0;
    let count = |progress| {
        if let Progress::Read(rows) = progress {
            read += rows;
        }
    };
    let snapshot = block(engine.pull(cut_off, "2016-07-08T01:00:00Z".parse().unwrap(), count)).unwrap();
    assert_eq!((snapshot.tally, read), (full, all));
}

#[test]
fn a_deletion_hidden_by_an_insertion_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let people = defects::records(14, 300);
    let (url, settings) = followed(dir.path(), &people);
    let mut changes = vec!["DELETE FROM person WHERE id IN (3, 4)".to_owned()];
    let new = (900..902).map(|key| registers::row(key, &people[5], "2016-06-09 08:00:00"));
    changes.extend(registers::insert("person", new));
    block(registers::execute(&url, &changes));
    let cut_off = date(2016, 6, 12);
    let (full, all) = pull(&settings, false, cut_off);
    let (kept, read) = pull(&settings, true, cut_off);
    assert_eq!(kept, full);
    assert!(read < all / 3, "the keys decide, not a full pull");
}

#[test]
fn keys_that_repeat_are_counted_as_ever_and_never_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (url, settings) = followed(dir.path(), &defects::records(15, 300));
    let cut_off = date(2016, 6, 12);
    for change in [
        "UPDATE person SET id = 5, updated_at = '2016-06-10 08:00:00' WHERE id < 9",
        "UPDATE person SET id = 5, updated_at = '2016-06-10 08:00:00'",
    ] {
        block(registers::execute(&url, &[change.to_owned()]));
        for _ in 0..2 {
            assert_eq!(pull(&settings, true, cut_off).0, pull(&settings, false, cut_off).0);
        }
    }
}

#[test]
fn a_register_that_changes_much_is_read_whole() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 6_000);
    let settings = setting::settings(&url, dir.path());
    let (cut_off, mut whole) = (date(2016, 6, 12), 0);
    for week in 0..8 {
        let change = format!(
            "UPDATE person SET marital_status = '90', updated_at = '2016-07-08 {week:02}:00:00' WHERE id % 12 = {week}"
        );
        block(registers::execute(&url, &[change]));
        let (full, all) = pull(&settings, false, cut_off);
        let (kept, read) = pull(&settings, true, cut_off);
        assert_eq!(kept, full);
        whole += u32::from(read >= all);
    }
    assert!((2..6).contains(&whole), "{whole} of 8");
}

#[test]
fn a_crash_while_keeping_costs_nothing_but_time() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 2_000);
    let full = setting::write(dir.path(), &setting::configuration(&url, dir.path()));
    let full = std::fs::read_to_string(full).unwrap();
    let lines = format!("incremental = true\nincremental_key = \"{SECRET}\"\n[source.register]");
    let config = dir.path().join("incremental.toml");
    std::fs::write(&config, full.replace("[source.register]", &lines)).unwrap();
    let rates = |config: &str, fault: &str| {
        let mut command = Command::new(setting::program());
        command.current_dir(dir.path()).env("TONGBAO_FAULT", fault);
        command.args(["-q", "--config", config, "--format", "json", "rates", "--to", "2016-07-07"]);
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let units = text.split_once("\"totals\"").map(|(_, units)| units.to_owned());
        assert_eq!(output.status.success(), fault.is_empty() || fault == "never", "{fault}");
        units
    };
    let kept = |name: &str| std::fs::read(dir.path().join("state").join(name)).ok();
    for (week, name) in ["register.base", "register.changes", "register.changes"].into_iter().enumerate() {
        let before = kept(name);
        assert_eq!(rates("incremental.toml", "kept"), None, "killed");
        assert_eq!(kept(name), before, "what was there still is");
        let expected = rates("tongbao.toml", "");
        assert!(expected.is_some());
        assert_eq!(rates("incremental.toml", "never"), expected);
        assert_ne!(kept(name), before);
        let hidden = std::fs::read_dir(dir.path().join("state")).unwrap();
        let hidden = hidden.filter(|f| f.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
        assert_eq!(hidden.count(), 0, "what the crash left is swept away");
        let change = format!(
            "UPDATE person SET hukou_type = '', updated_at = '2026-01-{:02}' WHERE id % 9 = {week}",
            week + 1
        );
        block(registers::execute(&url, &[change]));
    }
}

#[test]
fn a_run_shows_why_everything_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 400);
    setting::write(dir.path(), &setting::configuration(&url, dir.path()));
    let config = dir.path().join("tongbao.toml");
    let lines = format!("incremental = true\nincremental_key = \"{SECRET}\"\n[source.register]");
    let text = std::fs::read_to_string(&config).unwrap().replace("[source.register]", &lines);
    std::fs::write(&config, text).unwrap();
    let tongbao = |arguments: &[&str]| {
        let mut command = Command::new(setting::program());
        command.current_dir(dir.path()).args(["-q", "--config", "tongbao.toml"]).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let mut expected = vec![
        ("2016-06-12", Some("nothing_kept")),
        ("2016-06-19", None),
        ("2016-06-05", Some("earlier_cut_off")),
    ];
    for (run, (to, reason)) in (1..).zip(expected.drain(..)) {
        tongbao(&["run", "weekly", "--from", "2016-05-30", "--to", to, "--no-send"]);
        let shown: Value =
            serde_json::from_str(&tongbao(&["--format", "json", "show", &run.to_string()])).unwrap();
        let pull = &shown["provenance"]["pull"];
        assert_eq!(pull["read"], if reason.is_some() { "everything" } else { "changes" }, "{pull}");
        assert_eq!(pull["reason"].as_str(), reason, "{pull}");
    }
    let text = tongbao(&["--lang", "en", "show", "3"]);
    let sentence = "register read  everything, because the cut-off day is before that of the last pull";
    assert!(text.contains(sentence), "{text}");
    let text = tongbao(&["--lang", "zh", "show", "2"]);
    assert!(text.contains("只读取上次以来的变更"), "{text}");
    let text = tongbao(&["--lang", "zh", "show", "3"]);
    assert!(text.contains("读取全部记录，因为截止日早于上次读取的截止日"), "{text}");
}

fn refused(edit: impl Fn(String) -> String) -> String {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("state")).unwrap();
    std::fs::write(dir.path().join("state/key"), SECRET).unwrap();
    let text = edit(setting::configuration("sqlite:x.db", dir.path()))
        .replace("STATE", &dir.path().join("state").display().to_string());
    config::parse("test.toml", &text, &Default::default()).unwrap_err().to_string()
}

#[test]
fn incremental_pulls_need_a_time_of_change_and_a_secret_elsewhere() {
    let with =
        |text: String, lines: &str| text.replace("[source.register]", &format!("{lines}\n[source.register]"));
    let error = refused(|text| with(text, "incremental = true").replace("updated_at = \"updated_at\"\n", ""));
    assert!(error.contains("source.incremental") && error.contains("updated_at"), "{error}");
    let error = refused(|text| with(text, "incremental = true"));
    assert!(error.contains("incremental_key_file") && error.contains("head -c 32 /dev/urandom"), "{error}");
    let error = refused(|text| with(text, "incremental = true\nincremental_key = \"short\""));
    assert!(error.contains("32 characters") && !error.contains("short"), "{error}");
    let error = refused(|text| with(text, "incremental = true\nincremental_key_file = \"STATE/key\""));
    assert!(error.contains("state folder"), "{error}");
}
