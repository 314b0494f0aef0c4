//! Values that were lost on the way to the register, and rows that are no records: what is left is no figure, so
//! that the run is held, or it is left out and counted.

use std::path::Path;

use jiff::civil::{Date, date};
use tongbao::config::settings::{BaselineSource, Compute, CountedPersons, Secret, Settings};
use tongbao::indicator::record_findings::RecordFindings;
use tongbao::indicator::tally::Tally;
use tongbao::pipeline::{Engine, Request};

use crate::support::office::execute;
use crate::support::registers::{self, TEXTS};
use crate::support::{defects, servers, setting};

const CUT_OFF: Date = date(2016, 6, 12);

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

pub fn pull(settings: &Settings) -> Tally {
    let engine = Engine::for_figures(settings.clone()).unwrap();
    block(engine.pull(CUT_OFF, "2016-07-08T01:00:00Z".parse().unwrap(), |_| {})).unwrap().tally
}

/// The reasons that hold the weekly report.
pub fn held(settings: &Settings) -> Vec<String> {
    let engine = Engine::new(settings.clone()).unwrap();
    let request = Request { report: "weekly".into(), dry_run: true, ..Request::default() };
    block(engine.run(None, &request, "2016-06-13T01:00:00Z".parse().unwrap(), |_| {})).unwrap().held
}

/// A sample register in SQLite, changed by a statement.
pub fn changed(persons: u64, sql: &str) -> (tempfile::TempDir, Settings) {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), persons);
    execute(&dir.path().join("register.db"), sql);
    let settings = setting::settings(&url, dir.path());
    (dir, settings)
}

#[track_caller]
pub fn is_held_for(settings: &Settings, reason: &str) {
    let held = held(settings);
    assert!(held.iter().any(|text| text.contains(reason)), "{reason}: {held:?}");
}

#[test]
fn a_field_that_holds_nothing_holds_the_run() {
    for value in ["NULL", "''", "'????'", "'？？？'", "'待核实'"] {
        for (column, label) in [("ethnicity", "民族"), ("name", "姓名"), ("marital_status", "婚姻状况")]
        {
            let (_dir, settings) = changed(300, &format!("UPDATE person SET {column} = {value}"));
            is_held_for(&settings, &format!("{label}几乎全部空白或无法辨认"));
        }
    }
    // The first days of a campaign, and a field that somebody fills in, are no such thing.
    let few = "DELETE FROM person WHERE id > 12; UPDATE person SET ethnicity = NULL";
    assert_eq!(held(&changed(300, few).1), [""; 0]);
    let some = "UPDATE person SET ethnicity = NULL WHERE id % 20 > 0";
    assert_eq!(held(&changed(300, some).1), [""; 0]);
    // An office that counts cells may say that it has no such column.
    let (_dir, mut settings) = changed(300, "UPDATE person SET hukou_type = NULL");
    is_held_for(&settings, "户口性质几乎全部空白");
    settings.indicators.completeness.counted = CountedPersons::Cells;
    is_held_for(&settings, "户口性质几乎全部空白");
    settings.guards.max_blank_field = None;
    assert_eq!(held(&settings), [""; 0]);
}

#[test]
fn words_that_nobody_understands_hold_the_run() {
    let sexes = "UPDATE person SET sex = CASE sex WHEN '1' THEN '1-男' WHEN '男' THEN '1-男' ELSE '2-女' END";
    let (_dir, settings) = changed(300, &format!("{sexes} WHERE id % 30 = 0"));
    is_held_for(&settings, "性别填写的内容无法辨认");
    let (_dir, settings) = changed(300, sexes);
    is_held_for(&settings, "逻辑关系");
    let (_dir, settings) = changed(300, "UPDATE person SET marital_status = '未婚未育' WHERE id % 20 = 0");
    is_held_for(&settings, "婚姻状况填写的内容无法辨认");
    // Slips, and words that no relation in use reads.
    let (_dir, settings) = changed(300, "UPDATE person SET sex = '男孩' WHERE id IN (5, 6)");
    assert_eq!(held(&settings), [""; 0]);
    let (_dir, mut settings) = changed(300, "UPDATE person SET marital_status = '未婚未育'");
    settings.indicators.accuracy.relations.retain(|relation| relation.key() != "age_marital");
    assert_eq!(held(&settings), [""; 0]);
}

/// The totals say nothing of one village whose export was spoilt, but it would be ranked last.
#[test]
fn a_village_whose_values_are_lost_holds_the_run() {
    let village = "(SELECT village_code FROM person GROUP BY village_code ORDER BY COUNT(*) DESC LIMIT 1)";
    for (change, reason) in [
        ("ethnicity = '????'", "民族在"),
        ("sex = CASE sex WHEN '1' THEN '1-男' WHEN '男' THEN '1-男' ELSE '2-女' END", "逻辑关系“"),
    ] {
        let (_dir, mut settings) =
            changed(6_000, &format!("UPDATE person SET {change} WHERE village_code = {village}"));
        settings.guards.max_unknown_words = None;
        is_held_for(&settings, reason);
        is_held_for(&settings, "请核对这些单位报送的文件");
        settings.guards.max_blank_field = None;
        settings.guards.max_failed_relation = None;
        assert_eq!(held(&settings), [""; 0]);
    }
}

fn init(dir: &Path, more: &[&str]) -> (String, String) {
    let given = ["init", "--yes", "--force", "--name", "x", "--issuer", "y", "--out", "tongbao.toml"];
    let output = setting::tongbao(dir, &[&given, more].concat());
    let told = setting::stdout(&output) + &setting::stderr(&output);
    assert!(output.status.success(), "{told}");
    (std::fs::read_to_string(dir.join("tongbao.toml")).unwrap(), told)
}

#[test]
fn init_keeps_a_column_of_spoilt_numbers() {
    for (number, name) in [
        ("'4.40118E+17'", "sfzh"),
        ("'4.4' || (id % 10) || 'E+17'", "公民身份号码"),
        ("substr(id_number, 1, 15) || '000'", "身份证号"),
        ("substr(id_number, 1, 6) || '********' || substr(id_number, 15)", "id_number"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let url = setting::sample(dir.path(), 300);
        let sql = format!(
            "UPDATE person SET id_number = {number}; ALTER TABLE person RENAME COLUMN id_number TO \"{name}\""
        );
        execute(&dir.path().join("register.db"), &sql);
        for more in [&["--register", "person"][..], &[]] {
            let (text, told) = init(dir.path(), &[&["--url", url.as_str()], more].concat());
            assert!(text.contains(&format!("id_number = \"{name}\"")), "{text}");
            assert!(told.contains(&format!("hardly a value of {name} is a whole ID number")), "{told}");
        }
        let run = ["--config", "tongbao.toml", "run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12"];
        let output = setting::tongbao(dir.path(), &run);
        assert_eq!(output.status.code(), Some(3), "{}", setting::stderr(&output));
    }
}

#[test]
fn init_keeps_columns_whose_values_say_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 300);
    execute(&dir.path().join("register.db"), "UPDATE person SET name = '????', household_place = '?????'");
    let (text, told) = init(dir.path(), &["--url", &url]);
    assert!(
        text.contains("name = \"name\"") && text.contains("household_place = \"household_place\""),
        "{text}"
    );
    assert!(told.contains("hardly a value of household_place looks like household_place"), "{told}");
}

#[test]
fn one_file_with_another_heading_is_named_and_refused() {
    let dir = tempfile::tempdir().unwrap();
    let made = crate::office_exports::made();
    for folder in ["folder", "lists"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
        for file in std::fs::read_dir(made.join(folder)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), dir.path().join(folder).join(file.file_name())).unwrap();
        }
    }
    let odd = dir.path().join("folder/荔湖村6月.csv");
    let text = std::fs::read_to_string(&odd).unwrap().replacen("婚姻状况", "婚姻", 1);
    std::fs::write(&odd, text).unwrap();
    let lists = ["--units", "file:lists/单位.csv", "--roster", "file:lists/名册.csv"];
    let (text, told) = init(dir.path(), &[&["--url", "file:folder"], &lists[..]].concat());
    assert!(text.contains("marital_status = \"婚姻状况\""), "{text}");
    for part in ["荔湖村6月.csv has no column 婚姻状况", "but 婚姻"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let output = setting::tongbao(dir.path(), &["--config", "tongbao.toml", "rates"]);
    assert!(!output.status.success() && setting::stderr(&output).contains("荔湖村6月.csv"));
}

/// Rows that a bulk load has brought along: unit, name, ID number.
const NO_RECORDS: [[&str; 3]; 7] = [
    ["440118001001", "小计", ""],
    ["440118001002", "小 计", "21"],
    ["合计", "", "781"],
    ["荔城街道荔湖村村民委员会小计", "", ""],
    ["", "本页合计（人）：", "30"],
    ["村居", "姓名", "身份证号"],
    ["", "填表人：张三", ""],
];

fn no_records() -> Vec<String> {
    let row = |(at, [unit, name, number]): (usize, &[&str; 3])| {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut row = vec![Some((90_000 + at).to_string()), some(unit), some(name)];
        row.extend([None, some("21人"), None, some(number), None, None, None, None, None]);
        row.extend([Some("2016-06-01 08:00:00".to_owned()), Some("2016-06-01 08:00:00".to_owned())]);
        row
    };
    let mut out = registers::insert("person", NO_RECORDS.iter().enumerate().map(row));
    out.push("INSERT INTO roster VALUES ('合计', '8'), ('440118001001', '小计')".to_owned());
    out.push("INSERT INTO unit VALUES ('合计', '16个', NULL, NULL), ('9', '总 计', '村', NULL)".to_owned());
    out
}

/// A database with a register that an incremental pull has read.
pub struct FollowedRegister {
    pub url: String,
    pub settings: Settings,
    followed: Settings,
    _state: tempfile::TempDir,
}

/// The same register in each of the databases that registers are in, one after the other.
pub fn in_each_database(seed: u64, roster_seed: u64, mut each: impl FnMut(FollowedRegister)) {
    let records = defects::records(seed, 600);
    let roster = defects::roster(roster_seed, &records);
    let dir = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", dir.path().join("register.db").display());
    for url in [sqlite, servers::postgres(), servers::mariadb()] {
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, TEXTS)));
        let state = tempfile::tempdir().unwrap();
        let settings = setting::settings(&url, state.path());
        let mut followed = settings.clone();
        followed.source.incremental = Some(Secret::new("thirty-two characters of the tests"));
        pull(&followed);
        each(FollowedRegister { url, settings, followed, _state: state });
    }
}

impl FollowedRegister {
    pub fn change(&self, statements: &[String]) {
        block(registers::execute(&self.url, statements));
    }

    /// Every way of reading it, by name.
    pub fn ways(&self) -> Vec<(&'static str, Settings)> {
        let mut counted = self.settings.clone();
        counted.source.compute = Compute::Database;
        let mut ways = vec![("engine", self.settings.clone()), ("incremental", self.followed.clone())];
        if !self.url.starts_with("sqlite") {
            ways.push(("database", counted));
        }
        ways
    }
}

#[test]
fn totals_in_a_database_count_for_nothing() {
    in_each_database(2_017, 53, |register| {
        let url = &register.url;
        let expected = pull(&register.settings);
        register.change(&no_records());
        for (way, settings) in register.ways() {
            let tally = pull(&settings);
            let findings =
                RecordFindings { no_records: NO_RECORDS.len() as u64, ..expected.findings.clone() };
            assert_eq!(tally.findings, findings, "{way} {url}");
            assert_eq!(tally.cells, expected.cells, "{way} {url}");
            assert!(!tally.unread.units.counts.keys().any(|unit| unit.contains('计')), "{way}");
        }
    });
}

#[test]
fn totals_are_no_units_nor_head_counts() {
    let (_dir, mut settings) =
        changed(300, "CREATE TABLE baseline AS SELECT code AS unit, 10 AS persons FROM unit");
    let engine = |settings: &Settings| {
        let engine = Engine::for_figures(settings.clone()).unwrap();
        block(engine.pull(CUT_OFF, "2016-07-08T01:00:00Z".parse().unwrap(), |_| {})).unwrap()
    };
    settings.source.baseline = Some(BaselineSource::Dataset {
        from: Box::new(settings.source.units.from.clone()),
        unit: "unit".into(),
        persons: "persons".into(),
    });
    if let Some(BaselineSource::Dataset { from, .. }) = &mut settings.source.baseline {
        from.dataset = tongbao::config::settings::Dataset::Table("baseline".into());
    }
    let before = engine(&settings);
    let path = settings.source.url.expose().trim_start_matches("sqlite:").to_owned();
    execute(
        Path::new(&path),
        "INSERT INTO unit (code, name) VALUES ('总计', '16个'); INSERT INTO baseline VALUES ('合计：', 160)",
    );
    let after = engine(&settings);
    assert_eq!((after.units.len(), after.baseline), (before.units.len(), before.baseline));
}

#[test]
fn a_word_for_nothing_between_marks_is_no_number() {
    let records = defects::records(2_018, 300);
    let dir = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", dir.path().join("register.db").display());
    for url in [sqlite, servers::postgres(), servers::mariadb()] {
        let mut statements = registers::tables(&url, &records, &[], TEXTS);
        statements.push("UPDATE person SET id_number = NULL, residence_address = NULL WHERE id < 60".into());
        block(registers::execute(&url, &statements));
        let mut settings = setting::settings(&url, dir.path());
        settings.source.rosters.clear();
        let expected = pull(&settings);
        for word in ["''无", "=\"无\"", "（待核实）", "\"N/A\"", "- -", "''''"] {
            let sql =
                format!("UPDATE person SET id_number = '{word}', residence_address = '{word}' WHERE id < 60");
            block(registers::execute(&url, &[sql]));
            let mut counted = settings.clone();
            counted.source.compute = Compute::Database;
            for settings in
                [&settings, &counted].into_iter().take(if url.starts_with("sqlite") { 1 } else { 2 })
            {
                let tally = pull(settings);
                assert_eq!(
                    (&tally.findings, &tally.cells),
                    (&expected.findings, &expected.cells),
                    "{word} {url}"
                );
            }
        }
    }
}

#[test]
fn a_damaged_byte_is_told_by_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("register.csv");
    let mut bytes = "单位代码,姓名,性别,住址,身份证号\n".as_bytes().to_vec();
    for line in 2..=1_200 {
        bytes.extend(format!("440118001201,王小明,男,荔城街道荔湖路{line}号,\n").as_bytes());
        if line == 998 {
            // A cut character, and bytes that another encoding would take.
            bytes.truncate(bytes.len() - 4);
            bytes.extend(b"\xE5,\n");
        }
    }
    std::fs::write(&path, bytes).unwrap();
    let output = setting::tongbao(
        dir.path(),
        &["init", "--yes", "--name", "x", "--issuer", "y", "--url", "file:register.csv"],
    );
    let told = setting::stderr(&output);
    assert!(!output.status.success() && told.contains("998") && told.contains("UTF-8"), "{told}");
}

#[test]
fn a_register_with_a_log_leaves_its_folder_as_it_was() {
    let (dir, settings) = changed(300, "PRAGMA journal_mode = WAL; UPDATE person SET name = name");
    let folder = || {
        let mut names: Vec<_> =
            std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let path = dir.path().join("register.db");
    let before = (folder(), std::fs::read(&path).unwrap());
    assert_eq!(before.0, ["register.db"], "the writer has closed it");
    pull(&settings);
    init(dir.path(), &["--url", &settings.source.url.to_string()]);
    let after = folder();
    assert!(!after.iter().any(|name| name.to_string_lossy().contains("register.db-")), "{after:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before.1);
    // Where a program has it open, its log is read too.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    block(async {
        use sqlx::{ConnectOptions, Executor};
        let mut writer = options.connect().await.unwrap();
        writer.execute("PRAGMA wal_autocheckpoint = 0; DELETE FROM person WHERE id > 10").await.unwrap();
        let engine = Engine::for_figures(settings.clone()).unwrap();
        let now = "2016-07-08T01:00:00Z".parse().unwrap();
        let tally = engine.pull(CUT_OFF, now, |_| {}).await.unwrap().tally;
        assert_eq!(tally.cells.iter().map(|(_, counts)| counts.records).sum::<u64>(), 10);
        // Under another name of the same file there is no log, and nobody can say whether there is one elsewhere.
        let other = tempfile::tempdir_in(dir.path()).unwrap();
        std::fs::hard_link(&path, other.path().join("linked.db")).unwrap();
        let url = format!("sqlite:{}", other.path().join("linked.db").display());
        let linked = setting::settings(&url, other.path());
        let refused = Engine::for_figures(linked).unwrap().pull(CUT_OFF, now, |_| {}).await.unwrap_err();
        assert!(refused.to_string().contains("has further names"), "{refused}");
    });
}
