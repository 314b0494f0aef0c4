//! A folder into which exports are dropped: each content fills one slot of a report, whatever happens.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tongbao::config::settings::Take;
use tongbao::pipeline::{Engine, RunError};
use tongbao::store::Store;

use crate::crash::live_once;
use crate::files::block;
use crate::laws::CUT_OFF;
use crate::support::exports::{self, Lists};
use crate::support::office::{DAY, HOUR, Office, work};
use crate::support::{defects, setting};

fn lists(seed: u64) -> Lists {
    let records = defects::records(seed, 100 + seed as usize);
    let mut lists = Lists::of(&records, &defects::roster(seed + 1, &records));
    // Words that nobody understands hold a run, and these tests are of files.
    lists
        .people
        .iter_mut()
        .for_each(|row| (row[3], row[9]) = (Some("男".to_owned()), Some("未婚".to_owned())));
    lists
}

/// A folder `drop` for the register, and the other lists beside it.
fn prepared(dir: &Path) -> (PathBuf, String) {
    let folder = dir.join("drop");
    std::fs::create_dir(&folder).unwrap();
    exports::write_csv(dir, &lists(1), ',', |text| text.as_bytes().to_vec());
    std::fs::remove_file(dir.join("person.csv")).unwrap();
    (folder.clone(), format!("file:{}", folder.join("person-*").display()))
}

/// What a run has read is on record, of each list, with what it held.
#[test]
fn show_names_the_files_that_a_run_has_read() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, url) = prepared(dir.path());
    drop_export(&folder, "person-1.csv", 1);
    setting::write(dir.path(), &with_lists(setting::configuration(&url, dir.path()), dir.path()));
    let run = |arguments: &[&str]| {
        setting::stdout(&setting::tongbao(dir.path(), &[&["--config", "tongbao.toml"], arguments].concat()))
    };
    run(&["-q", "run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12", "--no-send"]);
    let shown: serde_json::Value = serde_json::from_str(&run(&["--format", "json", "show", "1"])).unwrap();
    let text = run(&["show", "1"]);
    let chinese = run(&["--lang", "zh", "show", "1"]);
    let read = ["drop/person-1.csv", "roster.csv", "unit.csv"].map(|name| dir.path().join(name));
    assert_eq!(shown["inputs"].as_array().unwrap().len(), read.len());
    for (input, path) in shown["inputs"].as_array().unwrap().iter().zip(&read) {
        let digest = tongbao::digest::sha256(&std::fs::read(path).unwrap());
        assert_eq!((&input["name"], &input["sha256"]), (&path.to_str().into(), &digest.clone().into()));
        assert!(text.contains(&format!("read file      {digest}  {}\n", path.display())), "{text}");
        assert!(chinese.contains(&format!("读入文件       {digest}")), "{chinese}");
    }
}

/// The configuration's other lists in their files.
fn with_lists(text: String, dir: &Path) -> String {
    let file = |name: &str| format!("url = \"file:{}\"", dir.join(name).display());
    text.replace("table = \"person\"\n", "")
        .replace("table = \"unit\"", &file("unit.csv"))
        .replace("table = \"roster\"", &file("roster.csv"))
        .replace("active = { from = 2016-06-04, to = 2016-07-11 }\n", "")
        .replace("schedule = \"0 10 1 * *\"\n", "")
}

/// Drops a register of its own kind; each one is a day newer than the one before.
fn drop_export(folder: &Path, name: &str, seed: u64) {
    let path = folder.join(name);
    std::fs::write(&path, exports::csv(&exports::PERSON, &lists(seed).people, ',')).unwrap();
    age(&path, seed);
}

fn age(path: &Path, days: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_465_000_000 + days * 86_400);
    std::fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

async fn open_slot(office: &Office) -> Option<String> {
    let slots = office.store().await.slots(100).await.unwrap();
    let open = slots.into_iter().find(|slot| slot.state.key() == "open");
    open.map(|slot| slot.reason.unwrap_or_default().to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_export_fills_one_slot_and_is_put_away() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, url) = prepared(dir.path());
    let lists_dir = dir.path().to_owned();
    let office = Office::on(dir, &url, "2016-06-05T00:00:30Z", |text| with_lists(text, &lists_dir));
    let mut daemon = office.daemon().await;
    work(&mut daemon).await;

    drop_export(&folder, "person-1.csv", 1);
    office.hand.advance(DAY + HOUR * 2);
    work(&mut daemon).await;
    assert_eq!(office.runs().await.len(), 1, "{:?}", open_slot(&office).await);
    let done = folder.join("done/1/person-1.csv");
    assert!(done.is_file() && !folder.join("person-1.csv").exists());
    let inputs = office.store().await.inputs(1).await.unwrap();
    let named = inputs.iter().find(|input| input.name.ends_with("person-1.csv"));
    assert!(named.is_some_and(|input| input.sha256.len() == 64), "{inputs:?}");

    // A week without export: the slot waits, and nothing is repeated.
    office.hand.advance(DAY * 7);
    work(&mut daemon).await;
    assert_eq!(office.runs().await.len(), 1);
    let reason = open_slot(&office).await.unwrap();
    assert!(reason.contains("has filled a slot of this report already"), "{reason}");
    drop_export(&folder, "person-2.csv", 2);
    office.hand.advance(HOUR * 5);
    work(&mut daemon).await;
    assert_eq!(office.runs().await.len(), 2, "{:?}", open_slot(&office).await);

    // As if the process had died between the commit and the move: it is put away, and not read again.
    std::fs::rename(folder.join("done/2/person-2.csv"), folder.join("person-2.csv")).unwrap();
    drop(daemon);
    let mut daemon = office.daemon().await;
    office.hand.advance(DAY * 7);
    work(&mut daemon).await;
    work(&mut daemon).await;
    assert_eq!(office.runs().await.len(), 2);
    assert!(folder.join("done/2/person-2.csv").is_file());

    // Half an export is set aside with its reason, and last week's is not taken in its place.
    drop_export(&folder, "person-3.csv", 3);
    let half = std::fs::read(folder.join("person-3.csv")).unwrap();
    std::fs::write(folder.join("person-3.csv"), &half[..half.len() - 30]).unwrap();
    age(&folder.join("person-3.csv"), 3);
    office.hand.advance(HOUR * 5);
    work(&mut daemon).await;
    let why = std::fs::read_to_string(folder.join("failed/person-3.csv.reason.txt")).unwrap();
    assert!(why.contains("ends in the middle of the record"), "{why}");
    assert!(folder.join("failed/person-3.csv").is_file() && !folder.join("person-3.csv").exists());
    office.hand.advance(HOUR * 5);
    work(&mut daemon).await;
    let reason = open_slot(&office).await.unwrap();
    assert!(reason.contains("person-3.csv could not be read and has not been replaced"), "{reason}");
    assert_eq!(office.runs().await.len(), 2);
    drop_export(&folder, "person-4.csv", 4);
    office.hand.advance(HOUR * 10);
    work(&mut daemon).await;
    assert_eq!(office.runs().await.len(), 3, "{:?}", open_slot(&office).await);

    // On request, the newest of those that are done is read.
    let engine = office.engine();
    let again = engine.pull(CUT_OFF, office.now(), |_| {}).await.unwrap();
    assert!(!again.tally.cells.is_empty());
}

/// Points before the commit, between it and the first move, and between two moves.
const KILLED_AT: [&str; 6] = ["pulled", "tallied", "rendered", "archived", "enqueued", "put away"];

/// kill -9 at each point, with a life after it: the files of a week are counted once and are with their
/// run, and nothing else does.
#[test]
fn a_kill_neither_repeats_nor_loses_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, url) = prepared(dir.path());
    let text = with_lists(setting::configuration(&url, dir.path()), dir.path());
    let (before, after) = text.split_once("[smtp]").unwrap();
    let state = after.split_once("[state]").unwrap().1;
    let text = format!("{before}[state]{state}").replace("[source]\n", "[source]\nfiles.take = \"all\"\n");
    // Each life is a day or a week after the one before.
    let text = text.replace("[daemon]\n", "[daemon]\nmax_clock_jump = \"400h\"\n");
    setting::write(dir.path(), &text);
    let mut now: Timestamp = "2016-06-05T00:00:30Z".parse().unwrap();
    assert!(live_once(dir.path(), now, "").success());
    let mut expected = Vec::new();
    for (week, point) in KILLED_AT.into_iter().enumerate() {
        let seeds = [2 * week as u64 + 1, 2 * week as u64 + 2];
        let names = seeds.map(|seed| format!("person-{seed}.csv"));
        names.iter().zip(seeds).for_each(|(name, seed)| drop_export(&folder, name, seed));
        now += DAY * if week == 0 { 1 } else { 7 } + HOUR * if week == 0 { 2 } else { 0 };
        assert!(!live_once(dir.path(), now, point).success(), "{point} was not reached");
        let left = names.iter().filter(|name| folder.join(name).exists()).count();
        assert_eq!(left, if point == "put away" { 1 } else { 2 }, "{point}");
        assert!(live_once(dir.path(), now + HOUR, "").success());
        assert!(live_once(dir.path(), now + HOUR * 2, "").success());
        // The cut-off of a week's report is its Sunday.
        let cut_off = (now - DAY).to_string()[..10].to_owned();
        expected.push(seeds.iter().map(|seed| recorded_until(&lists(*seed), &cut_off)).sum::<i64>());
        let runs =
            block(async { Store::open(&dir.path().join("state")).await.unwrap().runs(100).await.unwrap() });
        let records: Vec<i64> = runs.iter().rev().map(|run| run.records).collect();
        assert_eq!(records, expected, "{point}");
        let done = folder.join(format!("done/{}", runs[0].id));
        for name in &names {
            assert!(done.join(name).is_file() && !folder.join(name).exists(), "{point}: {name}");
        }
        assert_eq!(std::fs::read_dir(&done).unwrap().count(), names.len(), "{point}");
    }
}

/// Records that are there up to a day; those without a readable day always are.
fn recorded_until(lists: &Lists, day: &str) -> i64 {
    let is_there = |time: &Option<String>| time.as_deref().is_none_or(|time| &time[..10] <= day);
    lists.people.iter().filter(|row| is_there(&row[exports::REGISTERED_AT])).count() as i64
}

fn engine(url: &str, dir: &Path, take: Take) -> Engine {
    let text = with_lists(setting::configuration(url, dir), dir);
    let loaded = tongbao::config::parse("test.toml", &text, &std::collections::BTreeMap::new()).unwrap();
    let mut settings = loaded.settings;
    settings.source.files.take = take;
    Engine::new(settings).unwrap()
}

async fn records(engine: &Engine) -> Result<u64, RunError> {
    let tally = engine.pull(CUT_OFF, "2016-07-08T01:00:00Z".parse().unwrap(), |_| {}).await?.tally;
    Ok(tally.cells.iter().map(|(_, counts)| counts.records).sum())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_files_are_one_register_and_unfinished_ones_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, url) = prepared(dir.path());
    drop_export(&folder, "person-a.csv", 7);
    let one = records(&engine(&url, dir.path(), Take::Newest)).await.unwrap();
    drop_export(&folder, "person-b.csv", 8);
    let other = records(&engine(&url, dir.path(), Take::Newest)).await.unwrap();
    assert_ne!(one, other);
    let all = engine(&url, dir.path(), Take::All);
    assert_eq!(records(&all).await.unwrap(), one + other);
    std::fs::write(folder.join("person-c.csv.part"), "half").unwrap();
    std::fs::write(folder.join("~$person-d.xlsx"), "lock").unwrap();
    assert_eq!(records(&all).await.unwrap(), one + other);
    // A file that grows while it is looked at.
    let growing = folder.join("person-e.csv");
    std::fs::write(&growing, "id").unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let until = is_over.clone();
    let writer = std::thread::spawn(move || {
        let mut file = std::fs::File::options().append(true).open(growing).unwrap();
        while !until.load(Ordering::Relaxed) {
            file.write_all(b"x").unwrap();
            std::thread::yield_now();
        }
    });
    let error = records(&all).await.unwrap_err().to_string();
    assert!(error.contains("person-e.csv is still being written"), "{error}");
    let newest = records(&engine(&url, dir.path(), Take::Newest)).await.unwrap();
    assert_eq!(newest, other, "the newest of those that lie still");
    is_over.store(true, Ordering::Relaxed);
    writer.join().unwrap();
}
