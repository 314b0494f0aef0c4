//! Records that are deleted, closed or gone: a register that keeps and marks them counts as one that has them no more, on
//! every path.

use std::path::Path;

use jiff::civil::{Date, date};
use tongbao::config;
use tongbao::config::settings::{Compute, Settings};
use tongbao::indicator::tally::Tally;
use tongbao::indicator::unread::ValueCounts;
use tongbao::pipeline::Engine;

use crate::incremental;
use crate::support::registers::{self, TEXTS};
use crate::support::setting::{self, stderr, stdout, tongbao};
use crate::support::{defects, servers};

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

fn pull(settings: &Settings, compute: Compute, cut_off: Date) -> Tally {
    let mut settings = settings.clone();
    settings.source.compute = compute;
    let engine = Engine::new(settings).unwrap();
    block(engine.pull(cut_off, "2016-07-08T01:00:00Z".parse().unwrap(), |_| {})).unwrap().tally
}

fn run(url: &str, statements: &[&str]) {
    let statements: Vec<String> = statements.iter().map(|sql| (*sql).to_owned()).collect();
    block(registers::execute(url, &statements));
}

/// The records of `person` that count on a day, as a table of their own.
fn without_the_others(url: &str, day: Date) {
    let counted = format!(
        "SELECT * FROM person WHERE (del_flag LIKE '%0%' OR del_flag IS NULL OR trim(del_flag) = '') \
         AND (left_on IS NULL OR left_on > '{day}')"
    );
    run(url, &["DROP TABLE IF EXISTS counted", &format!("CREATE TABLE counted AS {counted}")]);
}

/// A register with marks, and the settings that leave the marked records out.
fn marked(url: &str, dir: &Path, day_type: &str) -> Settings {
    let records = defects::records(91, 900);
    let roster = defects::roster(92, &records);
    block(registers::execute(url, &registers::tables(url, &records, &roster, TEXTS)));
    run(
        url,
        &[
            "ALTER TABLE person ADD COLUMN del_flag VARCHAR(8)",
            &format!("ALTER TABLE person ADD COLUMN left_on {day_type}"),
            "UPDATE person SET del_flag = CASE WHEN id % 7 = 0 THEN '1' WHEN id % 5 = 0 THEN '2' \
             WHEN id % 6 = 0 THEN '\t0 \r\n' WHEN id % 3 = 0 THEN '0' WHEN id % 3 = 1 THEN ' ' END",
            "UPDATE person SET left_on = '2016-06-10' WHERE id % 11 = 0",
            "UPDATE person SET left_on = '2016-06-20' WHERE id % 13 = 0",
        ],
    );
    let mut settings = setting::settings(url, dir);
    settings.source.register.only = [("del_flag".to_owned(), vec!["0".to_owned(), String::new()])].into();
    settings.source.register.left_at = Some("left_on".into());
    settings
}

fn with_table(settings: &Settings, table: &str) -> Settings {
    let mut other = settings.clone();
    other.source.register.dataset = config::settings::Dataset::Table(table.into());
    (other.source.register.only, other.source.register.left_at) = (Default::default(), None);
    other
}

#[test]
fn marked_records_count_on_no_path() {
    for (url, day_type) in [
        (servers::postgres(), "DATE"),
        (servers::postgres(), "TIMESTAMPTZ"),
        (servers::postgres(), "VARCHAR(20)"),
        (servers::mariadb(), "DATE"),
        (servers::mariadb(), "VARCHAR(20)"),
        (format!("sqlite:{}", tempfile::tempdir().unwrap().keep().join("r.db").display()), "TEXT"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let settings = marked(&url, dir.path(), day_type);
        for day in [date(2016, 6, 9), date(2016, 6, 12), date(2016, 6, 20)] {
            without_the_others(&url, day);
            let expected = pull(&with_table(&settings, "counted"), Compute::Engine, day);
            let read = pull(&settings, Compute::Engine, day);
            assert_eq!(read, expected, "{url} {day_type} {day}");
            let excluded: Vec<(String, u64)> =
                read.unread.source.excluded.iter().map(|(c, values)| (c.clone(), values.total())).collect();
            // 129 of 900 are multiples of 7, 154 further ones of 5.
            assert_eq!(excluded[0], ("del_flag".to_owned(), 129 + 154), "{url} {day_type}: {excluded:?}");
            let values = ValueCounts { counts: [("1".into(), 129), ("2".into(), 154)].into(), others: 0 };
            assert_eq!(read.unread.source.excluded[0].1.counts, values.counts);
            assert_eq!(excluded.len(), if day < date(2016, 6, 10) { 1 } else { 2 }, "{excluded:?}");
            if !url.starts_with("sqlite") {
                let counted = pull(&settings, Compute::Database, day);
                assert_eq!(
                    (counted.cells, counted.findings),
                    (expected.cells, expected.findings),
                    "{url} {day}"
                );
                assert_eq!(counted.unread.source.excluded.len(), excluded.len());
            }
        }
    }
}

/// A record that is marked leaves the figures, also where nobody stamps its time of change, and comes back when it is not.
#[test]
fn incremental_pulls_lose_and_find_marked_records() {
    for url in [
        servers::postgres(),
        servers::mariadb(),
        format!("sqlite:{}", tempfile::tempdir().unwrap().keep().join("r.db").display()),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let settings = marked(&url, dir.path(), "DATE");
        let steps = [
            "UPDATE person SET sex = NULL, updated_at = '2016-06-08 08:00:00' WHERE id % 17 = 0",
            "UPDATE person SET del_flag = '1' WHERE id % 19 = 0",
            "UPDATE person SET left_on = '2016-06-01', updated_at = '2016-06-09 08:00:00' WHERE id = 6",
            "UPDATE person SET del_flag = '0', updated_at = '2016-06-10 08:00:00' WHERE id IN (7, 14)",
        ];
        let mut day = date(2016, 6, 8);
        for step in [""].iter().chain(&steps) {
            if !step.is_empty() {
                run(&url, &[step]);
            }
            let (kept, _) = incremental::pull(&settings, true, day);
            let (full, _) = incremental::pull(&settings, false, day);
            assert_eq!(kept, full, "{url}: {step}");
            without_the_others(&url, day);
            assert_eq!(full, pull(&with_table(&settings, "counted"), Compute::Engine, day), "{url}: {step}");
            day = day.tomorrow().unwrap();
        }
    }
}

const COMMON: [&str; 6] = ["--yes", "--force", "--name", "专项活动", "--issuer", "荔城街道办事处"];
const PERIOD: [&str; 5] = ["rates", "--from", "2016-06-06", "--to", "2016-06-12"];

/// A sample as CSV files, its lines with two more columns; `keep` says which lines are written.
fn export(dir: &Path, left_on: impl Fn(usize) -> String, keep: impl Fn(usize) -> bool) {
    let _ = std::fs::remove_dir_all(dir.join("f"));
    let made = tongbao(dir, &["-q", "sample", "--persons", "1500", "--to", "file:f"]);
    assert!(made.status.success(), "{}", stderr(&made));
    let register = dir.join("f/person.csv");
    let text = std::fs::read_to_string(&register).unwrap();
    let line = |(at, line): (usize, &str)| match at {
        0 => format!("{line},是否注销,离开日期\n"),
        _ => format!("{line},{},{}\n", if at % 9 == 0 { "是" } else { "否" }, left_on(at)),
    };
    let kept = text.trim_end().lines().enumerate().filter(|(at, _)| *at == 0 || keep(*at));
    std::fs::write(register, kept.map(line).collect::<String>()).unwrap();
}

#[test]
fn init_writes_clear_marks_of_files_and_the_commands_count_without_them() {
    let left_on = |at: usize| match at % 20 {
        3 => "2016/6/8".to_owned(),
        4 => "2016年6月30日".to_owned(),
        _ => String::new(),
    };
    let dir = tempfile::tempdir().unwrap();
    export(dir.path(), left_on, |_| true);
    let arguments = [&["init"], &COMMON[..], &["--url", "file:f", "--out", "t.toml"]].concat();
    let made = tongbao(dir.path(), &arguments);
    assert!(made.status.success(), "{}", stderr(&made));
    let text = std::fs::read_to_string(dir.path().join("t.toml")).unwrap();
    assert!(text.contains("only = { \"是否注销\" = [\"否\"] }"), "{text}");
    assert!(text.contains("left_at = \"离开日期\""), "{text}");
    assert!(stderr(&made).contains("column 是否注销 says that"), "{}", stderr(&made));
    let figures =
        |config: &str| tongbao(dir.path(), &[&["--config", config, "-q"], &PERIOD[..], &["--csv"]].concat());
    let with_marks = figures("t.toml");
    assert!(with_marks.status.success(), "{}", stderr(&with_marks));
    for command in [&["check"][..], &PERIOD, &["run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12"]]
    {
        let told = tongbao(dir.path(), &[&["--config", "t.toml"], command].concat());
        let told = stdout(&told) + &stderr(&told);
        assert!(told.contains("left out because of column 是否注销 (是 × "), "{command:?}: {told}");
        assert!(told.contains("left by the cut-off (column 离开日期)"), "{command:?}: {told}");
    }
    let spoken = tongbao(dir.path(), &[&["--config", "t.toml", "--lang", "zh"], &PERIOD[..]].concat());
    assert!(stderr(&spoken).contains("是否注销列标明"), "{}", stderr(&spoken));
    // The same register without those records.
    export(dir.path(), left_on, |at| at % 9 != 0 && at % 20 != 3);
    let plain: String = text
        .lines()
        .filter(|l| !l.starts_with("only = ") && !l.starts_with("left_at"))
        .map(|l| format!("{l}\n"))
        .collect();
    std::fs::write(dir.path().join("plain.toml"), plain).unwrap();
    assert_eq!(stdout(&with_marks), stdout(&figures("plain.toml")));
}

/// Whether a record counts cannot be known where its day cannot be read: no figure then.
#[test]
fn days_of_leaving_that_cannot_be_read_end_the_run() {
    let dir = tempfile::tempdir().unwrap();
    export(dir.path(), |at| if at == 8 { "去年".to_owned() } else { String::new() }, |_| true);
    let arguments = [&["init"], &COMMON[..], &["--url", "file:f", "--out", "t.toml"]].concat();
    let made = tongbao(dir.path(), &arguments);
    assert!(
        stderr(&made).contains("column 离开日期 may say which records count no more"),
        "{}",
        stderr(&made)
    );
    let text = std::fs::read_to_string(dir.path().join("t.toml")).unwrap();
    let text = text.replace("[source.register]\n", "[source.register]\nleft_at = \"离开日期\"\n");
    std::fs::write(dir.path().join("t.toml"), text).unwrap();
    let told = tongbao(dir.path(), &[&["--config", "t.toml"], &PERIOD[..]].concat());
    assert_eq!(told.status.code(), Some(1), "{}", stdout(&told));
    assert!(
        stderr(&told).contains("1 values of column \"离开日期\" are no days that can be read (字年 × 1)"),
        "{}",
        stderr(&told)
    );
    let url = format!("sqlite:{}", dir.path().join("r.db").display());
    let mut settings = marked(&url, dir.path(), "TEXT");
    for (value, is_read) in [("9/6/2016", false), ("2016-06-09 08:00", true), ("2016-06-09T16:00:00Z", false)]
    {
        run(&url, &[&format!("UPDATE person SET left_on = '{value}' WHERE id = 8")]);
        let engine = Engine::new(settings.clone()).unwrap();
        let pulled = block(engine.pull(date(2016, 6, 12), "2016-07-08T01:00:00Z".parse().unwrap(), |_| {}));
        assert_eq!(pulled.is_ok(), is_read, "{value}: {:?}", pulled.err());
    }
    settings.source.register.only = [("no_such".to_owned(), vec!["0".to_owned()])].into();
    let engine = Engine::new(settings).unwrap();
    let pulled = block(engine.pull(date(2016, 6, 12), "2016-07-08T01:00:00Z".parse().unwrap(), |_| {}));
    assert!(pulled.err().unwrap().to_string().contains("there is no column \"no_such\""));
}

#[test]
fn keys_of_marks_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let text = setting::configuration("sqlite:r.db", dir.path());
    let refused = |more: &str| {
        let text = text.replace("[source.register]\n", &format!("[source.register]\n{more}\n"));
        config::parse("t.toml", &text, &Default::default()).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(refused("only = { del_flag = [0, false, \"x\"] }\nleft_at = \"left_on\""), Ok(()));
    for (more, part) in [
        ("only = { del_flag = [] }", "no record would count"),
        ("only = { \"\" = [\"0\"] }", "names no column"),
        ("only = { del_flag = \"0\" }", "only"),
        ("left_at = \"\"", "name the column of the day"),
    ] {
        let problem = refused(more).unwrap_err();
        assert!(problem.contains(part), "{more}: {problem}");
    }
}

/// Texts of 0000-00-00 say that nobody has left; a day that no calendar has says nothing.
#[test]
fn zero_days_of_leaving_are_none() {
    for url in [
        servers::postgres(),
        servers::mariadb(),
        format!("sqlite:{}", tempfile::tempdir().unwrap().keep().join("r.db").display()),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (settings, day) = (marked(&url, dir.path(), "VARCHAR(20)"), date(2016, 6, 12));
        let expected = pull(&settings, Compute::Engine, day);
        let zero = |text: &str, of: u32| {
            run(
                &url,
                &[&format!("UPDATE person SET left_on = '{text}' WHERE left_on IS NULL AND id % {of} = 0")],
            );
        };
        zero("0000-00-00", 2);
        zero("0000-00-00 00:00:00", 3);
        assert_eq!(pull(&settings, Compute::Engine, day), expected, "{url}");
        if !url.starts_with("sqlite") {
            assert_eq!(pull(&settings, Compute::Database, day).cells, expected.cells, "{url}");
        }
        zero("1900-01-00", 5);
        let engine = tongbao::pipeline::Engine::for_figures(settings).unwrap();
        let now = "2016-07-08T01:00:00Z".parse().unwrap();
        let problem = block(engine.pull(day, now, |_| {})).err().unwrap().to_string();
        assert!(problem.contains("left_on"), "{url}: {problem}");
    }
}

/// MariaDB keeps flags in bits, whose bytes no text shows.
#[test]
fn flags_in_bits_are_digits() {
    let (url, dir) = (servers::mariadb(), tempfile::tempdir().unwrap());
    let mut settings = marked(&url, dir.path(), "DATE");
    run(&url, &["ALTER TABLE person ADD gone BIT(1)", "UPDATE person SET gone = (id % 8 = 0)"]);
    settings.source.register.only = [("gone".to_owned(), vec!["0".to_owned()])].into();
    settings.source.register.left_at = None;
    let day = date(2016, 6, 12);
    run(&url, &["CREATE TABLE counted AS SELECT * FROM person WHERE id % 8 <> 0"]);
    let expected = pull(&with_table(&settings, "counted"), Compute::Engine, day);
    let (read, counted) = (pull(&settings, Compute::Engine, day), pull(&settings, Compute::Database, day));
    assert_eq!(read.unread.source.excluded[0].1.counts, [("1".to_owned(), 113)].into());
    assert_eq!(read, expected);
    assert_eq!((counted.cells, counted.findings), (expected.cells, expected.findings));
    let (url, out) = (url.as_str(), dir.path().join("t.toml"));
    let made = tongbao(
        dir.path(),
        &[&["init"], &COMMON[..], &["--url", url, "--out", "t.toml", "--register", "person"]].concat(),
    );
    assert!(made.status.success(), "{}", stderr(&made));
    let text = std::fs::read_to_string(out).unwrap();
    // Called as nothing that says so, it stays for a person to name; renamed, it is clear.
    assert!(!text.contains("gone"), "{text}");
    run(url, &["ALTER TABLE person CHANGE gone is_deleted BIT(1)"]);
    let made = tongbao(
        dir.path(),
        &[&["init"], &COMMON[..], &["--url", url, "--out", "t.toml", "--register", "person"]].concat(),
    );
    let text = std::fs::read_to_string(dir.path().join("t.toml")).unwrap();
    assert!(text.contains("\"is_deleted\" = [\"0\"]"), "{text}{}", stderr(&made));
}
