//! Values as offices write them: days in many forms, units by code or by name, words for nothing, damaged
//! ID numbers. The right figure, or a stop that says what to do.

use std::path::Path;

use jiff::civil::{Date, date};
use tongbao::config::settings::{Compute, Secret, Settings};
use tongbao::indicator::counts::Counts;
use tongbao::indicator::tally::Tally;
use tongbao::pipeline::{Engine, Request};
use tongbao::ranking::snapshot::Snapshot;
use tongbao::register::batch::days_since_epoch;
use tongbao::register::day_reader::DayForm;
use tongbao::register::field::Field;

use crate::support::office::execute;
use crate::support::{registers, servers, setting};

const CUT_OFF: Date = date(2016, 6, 12);

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

fn pull(settings: &Settings) -> Snapshot {
    let engine = Engine::for_figures(settings.clone()).unwrap();
    block(engine.pull(CUT_OFF, "2016-07-08T01:00:00Z".parse().unwrap(), |_| {})).unwrap()
}

fn counted(settings: &Settings) -> Snapshot {
    let mut settings = settings.clone();
    settings.source.compute = Compute::Database;
    pull(&settings)
}

/// Records, roster, found, complete and accurate, of all units up to the cut-off.
fn figures(snapshot: &Snapshot) -> [u64; 5] {
    let mut all = Counts::default();
    for unit in 0..snapshot.units.len() as u32 {
        all += &snapshot.tally.until(Some(unit), days_since_epoch(CUT_OFF));
    }
    [all.records, all.roster, all.covered, all.complete, all.accurate]
}

fn same(tally: &Tally, expected: &Tally, what: &str) {
    assert_eq!(tally.findings, expected.findings, "{what}");
    assert_eq!(tally.cells, expected.cells, "{what}");
}

/// A sample register in SQLite, and its figures.
fn sample(dir: &Path) -> (Settings, Snapshot) {
    let settings = setting::settings(&setting::sample(dir, 1_000), dir);
    let snapshot = pull(&settings);
    assert!(figures(&snapshot).iter().all(|figure| *figure > 100), "{:?}", figures(&snapshot));
    (settings, snapshot)
}

#[test]
fn registration_times_in_every_form_give_the_same_figures() {
    let dir = tempfile::tempdir().unwrap();
    let (settings, expected) = sample(dir.path());
    let path = dir.path().join("register.db");
    execute(&path, "CREATE TABLE kept AS SELECT id, registered_at FROM person");
    for form in [
        "strftime('%Y%m%d%H%M%S', registered_at)",
        "CAST(strftime('%Y%m%d%H%M%S', registered_at) AS INTEGER)",
        "CAST(strftime('%Y%m%d%H%M%S', registered_at) AS REAL)",
        "strftime('%Y%m%d%H%M', registered_at)",
        "strftime('%Y%m%d%H', registered_at)",
        "strftime('%Y%m%d', registered_at) || '.0'",
        "strftime('%Y/%m/%d 上午%H:%M:%S', registered_at)",
        "strftime('%Y年%m月%d日 星期', registered_at) || substr('日一二三四五六', strftime('%w', registered_at) + 1, 1)",
        "CAST(julianday(date(registered_at)) - 2415018.5 AS INTEGER)",
        "julianday(registered_at) - 2415018.5",
        "strftime('%Y-%m-%dT%H:%M:%S', registered_at, '-8 hours') || 'Z'",
        "strftime('%Y-%m-%d %H:%M:%S', registered_at, '-8 hours') || ' +0000'",
        "char(8203) || registered_at || char(8288)",
        "char(39) || registered_at",
    ] {
        let sql =
            format!("UPDATE person SET registered_at = (SELECT {form} FROM kept WHERE kept.id = person.id)");
        execute(&path, &sql);
        same(&pull(&settings).tally, &expected.tally, form);
    }
    for (form, written) in [
        (DayForm::UnixSeconds, "CAST(strftime('%s', registered_at, '-8 hours') AS INTEGER)"),
        (DayForm::UnixMilliseconds, "strftime('%s', registered_at, '-8 hours') || '000'"),
        (DayForm::Serial1904, "julianday(registered_at) - 2415018.5 - 1462"),
        (DayForm::DayFirst, "strftime('%d/%m/%Y %H:%M', registered_at)"),
        (DayForm::MonthFirst, "strftime('%m/%d/%Y %H:%M', registered_at)"),
    ] {
        let sql = format!(
            "UPDATE person SET registered_at = (SELECT {written} FROM kept WHERE kept.id = person.id)"
        );
        execute(&path, &sql);
        let mut formed = settings.clone();
        formed.source.register.registered_form = form.into();
        same(&pull(&formed).tally, &expected.tally, written);
        let unread = pull(&settings).tally.findings.invalid_registered_at;
        assert!(form == DayForm::Serial1904 || unread > 900, "{form:?} is not to be guessed: {unread}");
    }
}

#[test]
fn times_that_cannot_be_read_hold_the_run_and_are_shown_by_their_shape() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 300);
    execute(
        &dir.path().join("register.db"),
        "UPDATE person SET registered_at = strftime('%d-6月-16', registered_at)",
    );
    setting::write(dir.path(), &setting::configuration(&url, dir.path()));
    let told = |arguments: &[&str]| {
        let output = setting::tongbao(dir.path(), arguments);
        (output.status.code(), format!("{}{}", setting::stdout(&output), setting::stderr(&output)))
    };
    let config = ["-q", "--config", "tongbao.toml"];
    let (_, check) = told(&[&["--config", "tongbao.toml", "check"][..]].concat());
    assert!(check.contains("registration times cannot be read (##-#月-## × "), "{check}");
    let (code, rates) = told(&["--config", "tongbao.toml", "rates"]);
    assert!(code == Some(0) && rates.contains("##-#月-##"), "{rates}");
    let (code, run) =
        told(&[&config[..], &["run", "weekly", "--from", "2016-06-06", "--to", "2016-06-12"]].concat());
    assert!(code == Some(3) && run.contains("登记时间无法辨认的记录"), "{run}");
}

#[test]
fn birth_dates_that_are_instants_are_days_of_the_zone() {
    for (url, types) in [
        (servers::postgres(), vec!["timestamptz", "timestamp", "date", "varchar(40)", "numeric", "bigint"]),
        (servers::mariadb(), vec!["DATETIME", "DATE", "VARCHAR(40)", "BIGINT"]),
    ] {
        let mut records = crate::support::defects::records(91, 900);
        for record in &mut records {
            record.birth =
                record.birth.take().and_then(|text| text.parse::<Date>().ok()).map(|day| day.to_string());
        }
        let roster = crate::support::defects::roster(92, &records);
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, registers::TEXTS)));
        let settings = setting::settings(&url, &tempfile::tempdir().unwrap().keep());
        let expected = pull(&settings);
        let is_postgres = url.starts_with("postgres");
        for kind in types {
            let digits = kind == "numeric" || kind.eq_ignore_ascii_case("bigint");
            let sql = match (is_postgres, digits) {
                (true, false) => format!(
                    "SET timezone = 'Asia/Shanghai'; ALTER TABLE person ALTER birth_date TYPE {kind} USING birth_date::{kind}"
                ),
                (true, true) => format!(
                    "ALTER TABLE person ALTER birth_date TYPE {kind} USING replace(left(birth_date::text, 10), '-', '')::{kind}"
                ),
                (false, false) => format!("ALTER TABLE person MODIFY birth_date {kind}"),
                (false, true) => format!(
                    "UPDATE person SET birth_date = replace(birth_date, '-', ''); ALTER TABLE person MODIFY birth_date {kind}"
                ),
            };
            servers::execute(&url, &sql);
            same(&pull(&settings).tally, &expected.tally, kind);
            same(&counted(&settings).tally, &expected.tally, &format!("{kind}, counted in the database"));
        }
    }
}

#[test]
fn infinite_times_are_counted_as_unreadable_both_ways() {
    let url = servers::postgres();
    let records = crate::support::defects::records(93, 300);
    block(registers::execute(&url, &registers::tables(&url, &records, &[], registers::TEXTS)));
    let mut settings = setting::settings(&url, &tempfile::tempdir().unwrap().keep());
    settings.source.rosters.clear();
    for kind in ["timestamp", "timestamptz", "date"] {
        servers::execute(
            &url,
            &format!(
                "ALTER TABLE person ALTER registered_at TYPE {kind};
                      UPDATE person SET registered_at = 'infinity' WHERE id = 5;
                      UPDATE person SET registered_at = '-infinity' WHERE id = 6;"
            ),
        );
        let pulled = pull(&settings);
        assert_eq!(pulled.tally.findings.invalid_registered_at, 2, "{kind}");
        same(&counted(&settings).tally, &pulled.tally, kind);
    }
}

#[test]
fn zero_dates_of_mysql_are_blank_both_ways() {
    let url = servers::mariadb();
    let records = crate::support::defects::records(94, 300);
    let types = registers::Types { birth_date: "VARCHAR(40)", ..registers::TEXTS };
    block(registers::execute(&url, &registers::tables(&url, &records, &[], types)));
    let mut settings = setting::settings(&url, &tempfile::tempdir().unwrap().keep());
    settings.source.rosters.clear();
    for kind in ["DATE NOT NULL", "DATETIME", "VARCHAR(40)"] {
        servers::execute(
            &url,
            &format!("SET sql_mode = ''; UPDATE person SET birth_date = '0000-00-00', registered_at = '0000-00-00';
                      ALTER TABLE person MODIFY birth_date {kind}"),
        );
        let pulled = pull(&settings);
        let filled: u64 =
            pulled.tally.cells.iter().map(|(_, counts)| counts.filled[Field::BirthDate.index()]).sum();
        let found = &pulled.tally.findings;
        assert_eq!((filled, found.invalid_birth_dates, found.invalid_registered_at), (0, 0, 0), "{kind}");
        same(&counted(&settings).tally, &pulled.tally, kind);
    }
}

#[test]
fn units_may_be_named_instead_of_coded() {
    let dir = tempfile::tempdir().unwrap();
    let (settings, expected) = sample(dir.path());
    let path = dir.path().join("register.db");
    execute(&path, "UPDATE roster SET unit = (SELECT name FROM unit WHERE code = unit)");
    assert_eq!(figures(&pull(&settings)), figures(&expected));
    execute(
        &path,
        "UPDATE person SET village_code = (SELECT CASE kind WHEN '村' THEN name || '委会' ELSE name || '居委会' END
         FROM unit WHERE code = village_code) WHERE id % 2 = 0;
         UPDATE person SET village_code = village_code || '.0' WHERE id % 2 = 1;",
    );
    let named = pull(&settings);
    same(&named.tally, &expected.tally, "by name");
    execute(
        &path,
        "UPDATE person SET village_code = '老地方' WHERE id % 10 = 0;
         UPDATE person SET village_code = ' ' WHERE id % 10 = 1;
         UPDATE person SET village_code = substr(village_code, 1, length(village_code) - 3) || '9.0' WHERE id = 5;",
    );
    let lost = pull(&settings);
    let unread = &lost.tally.unread;
    assert!(unread.units.counts["老地方"] > 50 && unread.blank_units > 50, "{unread:?}");
    setting::write(dir.path(), &setting::configuration(&format!("sqlite:{}", path.display()), dir.path()));
    let check = setting::stdout(&setting::tongbao(dir.path(), &["--config", "tongbao.toml", "check"]));
    assert!(check.contains("老地方 ") && check.contains("have no unit"), "{check}");

    let mut aliased = settings.clone();
    let first = expected.units.list()[0].name.clone();
    aliased.source.units.aliases.insert("老地方".into(), first);
    assert!(!pull(&aliased).tally.unread.units.counts.contains_key("老地方"));
}

#[test]
fn units_by_name_are_counted_alike_in_the_database() {
    let records = crate::support::defects::records(95, 900);
    let roster: Vec<(String, Option<String>)> = crate::support::defects::roster(96, &records)
        .into_iter()
        .map(|(unit, id)| (if unit.len() == 12 { format!("{unit}村民委员会") } else { unit }, id))
        .collect();
    for url in [servers::postgres(), servers::mariadb()] {
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, registers::TEXTS)));
        let mut settings = setting::settings(&url, &tempfile::tempdir().unwrap().keep());
        settings.source.units.aliases.insert("999999999999".into(), "440118001001".into());
        let pulled = pull(&settings);
        let counted = counted(&settings);
        same(&counted.tally, &pulled.tally, &url);
        assert!(!counted.tally.unread.units.counts.contains_key("999999999999"));
        assert_eq!(counted.tally.unread.units.counts, pulled.tally.unread.units.counts);
    }
}

#[test]
fn incremental_pulls_know_units_by_code_and_name() {
    let named = "(SELECT name FROM unit WHERE code = {})";
    for (register, roster) in [("village_code", named), (named, "unit"), (named, named)] {
        let dir = tempfile::tempdir().unwrap();
        let (settings, expected) = sample(dir.path());
        let path = dir.path().join("register.db");
        let known = |column: &str, words: &str| words.replace("{}", column);
        execute(
            &path,
            &format!(
                "UPDATE person SET village_code = {} WHERE village_code IN (SELECT code FROM unit); \
                 UPDATE roster SET unit = {} WHERE unit IN (SELECT code FROM unit)",
                known("village_code", register),
                known("unit", roster)
            ),
        );
        let mut incremental = settings.clone();
        incremental.source.incremental = Some(Secret::new("thirty-two characters of the tests"));
        assert_eq!(figures(&pull(&incremental)), figures(&expected), "{register} {roster}");
        execute(
            &path,
            "UPDATE person SET residence_address = NULL, updated_at = '2016-07-08 08:30:00' WHERE id % 10 = 0; \
             DELETE FROM roster WHERE rowid % 7 = 0",
        );
        let (followed, whole) = (pull(&incremental), pull(&settings));
        same(&followed.tally, &whole.tally, register);
        assert_ne!(figures(&whole), figures(&expected));
    }
}

#[test]
fn a_baseline_may_name_its_units() {
    let dir = tempfile::tempdir().unwrap();
    let (settings, expected) = sample(dir.path());
    let unit = expected.units.list()[0].clone();
    let baseline = |key: String| {
        let mut settings = settings.clone();
        let counts = [(key, 1_280)].into();
        settings.source.baseline = Some(tongbao::config::settings::BaselineSource::Inline(counts));
        pull(&settings).baseline
    };
    let long = if unit.kind == "村" { "委会" } else { "居委会" };
    assert_eq!(baseline(format!("{}{long}", unit.name)), [(unit.code.clone(), 1_280)].into());
    assert_eq!(baseline(format!("{}.0", unit.code)), [(unit.code, 1_280)].into());
}

#[test]
fn what_says_nothing_is_blank() {
    let dir = tempfile::tempdir().unwrap();
    let (settings, expected) = sample(dir.path());
    let path = dir.path().join("register.db");
    execute(&path, "UPDATE person SET residence_address = NULL WHERE id % 3 = 0");
    let blank = figures(&pull(&settings));
    assert!(blank[3] < figures(&expected)[3]);
    for word in [
        "\u{200B}",
        "\u{FEFF}",
        "\u{2060}",
        "\u{202D}\u{202C}",
        "\\N",
        "(NULL)",
        "NaN",
        "#N/A",
        "----",
        "？？",
        "待核实",
        "未填",
    ] {
        let sql = format!("UPDATE person SET residence_address = '{word}' WHERE id % 3 = 0");
        execute(&path, &sql);
        assert_eq!(figures(&pull(&settings)), blank, "{word:?}");
    }
}

#[test]
fn placeholders_with_backslashes_are_compared_in_every_mode() {
    let url = servers::mariadb();
    let records = crate::support::defects::records(97, 400);
    block(registers::execute(&url, &registers::tables(&url, &records, &[], registers::TEXTS)));
    servers::execute(&url, "UPDATE person SET residence_address = '\\\\N' WHERE id % 3 = 0");
    let mut settings = setting::settings(&url, &tempfile::tempdir().unwrap().keep());
    settings.source.rosters.clear();
    let expected = pull(&settings);
    same(&counted(&settings).tally, &expected.tally, "the usual mode");
}

#[test]
fn numbers_that_a_spreadsheet_has_cut_hold_the_run() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 300);
    execute(
        &dir.path().join("register.db"),
        "UPDATE person SET id_number = substr(id_number, 1, 1) || '.' || substr(id_number, 2, 5) || 'E+17'
         WHERE id % 10 = 0 AND length(id_number) = 18;
         UPDATE person SET id_number = '''' || id_number WHERE id % 10 = 1;
         UPDATE person SET id_number = '=\"' || id_number || '\"' WHERE id % 10 = 2;",
    );
    let settings = setting::settings(&url, dir.path());
    let tally = pull(&settings).tally;
    assert!((10..60).contains(&tally.findings.cut_id_numbers), "{:?}", tally.findings);
    assert!(tally.findings.invalid_id_numbers < 60, "{:?}", tally.findings);
    let engine = Engine::new(settings).unwrap();
    let request = Request { report: "weekly".into(), dry_run: true, ..Request::default() };
    let outcome = block(engine.run(None, &request, "2016-06-13T01:00:00Z".parse().unwrap(), |_| {})).unwrap();
    assert!(outcome.held.iter().any(|reason| reason.contains("被电子表格截断")), "{:?}", outcome.held);
    assert!(
        outcome
            .remarks
            .iter()
            .any(|remark| remark.text.to_string().contains("lost their last digits in a spreadsheet"))
    );
    // All of them are cut: whole villages have one number, and no list was read twice.
    execute(&dir.path().join("register.db"), "UPDATE person SET id_number = '4.4E+17'");
    let settings = setting::settings(&url, dir.path());
    let engine = Engine::new(settings).unwrap();
    let outcome = block(engine.run(None, &request, "2016-06-13T01:00:00Z".parse().unwrap(), |_| {})).unwrap();
    let reasons = outcome.held.join("\n");
    assert!(reasons.contains("被电子表格截断") && !reasons.contains("重复"), "{reasons}");
    let remarks: Vec<String> = outcome.remarks.iter().map(|remark| remark.text.to_string()).collect();
    assert!(!remarks.join("\n").contains("read twice"), "{remarks:?}");
}

#[test]
fn init_recognises_what_is_read() {
    for (written, line) in [
        ("strftime('%Y%m%d%H%M%S', registered_at)", "registered_at = \"djsj\""),
        ("strftime('%Y/%m/%d 上午%H:%M:%S', registered_at)", "registered_at = \"djsj\""),
        (
            "CAST(strftime('%s', registered_at) AS INTEGER)",
            "registered_at = { column = \"djsj\", form = \"unix_seconds\" }",
        ),
        (
            "strftime('%d/%m/%Y %H:%M:%S', registered_at)",
            "registered_at = { column = \"djsj\", form = \"day_first\" }",
        ),
        (
            "CAST(strftime('%m', registered_at) AS INTEGER) || strftime('/%d/%Y', registered_at)",
            "registered_at = { column = \"djsj\", form = \"month_first\" }",
        ),
        // Nothing tells day from month: the run is held until a person says it.
        ("strftime('05/%m/%Y', registered_at)", "form = \"day_first\" or \"month_first\""),
        // A form that nobody reads is named, not passed over: the run is held.
        ("strftime('%Y~%m~%d', registered_at)", "registered_at = \"djsj\"   # unsure"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let url = setting::sample(dir.path(), 300);
        let sql = format!(
            "ALTER TABLE person RENAME COLUMN registered_at TO djsj; UPDATE person SET djsj = {};",
            written.replace("registered_at", "djsj")
        );
        execute(&dir.path().join("register.db"), &sql);
        let init =
            ["init", "--yes", "--force", "--name", "x", "--issuer", "y", "--out", "t.toml", "--url", &url];
        let output = setting::tongbao(dir.path(), &init);
        assert!(output.status.success(), "{}", setting::stderr(&output));
        let text = std::fs::read_to_string(dir.path().join("t.toml")).unwrap();
        assert!(text.contains(line), "{written}: {text}");
    }
}

#[test]
fn incremental_pulls_see_changes_whatever_the_times_of_change_say() {
    let numbers = |form: &str, future: &str| {
        format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, at INTEGER); \
             INSERT INTO t SELECT id, CAST(strftime('{form}', updated_at) AS INTEGER) FROM person; \
             ALTER TABLE person DROP COLUMN updated_at; ALTER TABLE person ADD COLUMN updated_at INTEGER; \
             UPDATE person SET updated_at = (SELECT at FROM t WHERE t.id = person.id); \
             UPDATE person SET updated_at = {future} WHERE id = 5"
        )
    };
    for (odd, later) in [
        (
            "UPDATE person SET updated_at = '2999-01-01 00:00:00' WHERE id = 5".to_owned(),
            "2016-07-08 08:30:00",
        ),
        ("UPDATE person SET updated_at = '2016/6/9'".to_owned(), "2016/6/12"),
        (numbers("%s", "4102444800"), "1467966600"),
        (numbers("%s000", "4102444800000"), "1467966600000"),
        (numbers("%Y%m%d%H%M%S", "20991231000000"), "20160708083000"),
        (numbers("%Y%m%d", "20991231"), "20160708"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (settings, _) = sample(dir.path());
        let path = dir.path().join("register.db");
        let mut incremental = settings.clone();
        incremental.source.incremental = Some(Secret::new("thirty-two characters of the tests"));
        execute(&path, &odd);
        same(&pull(&incremental).tally, &pull(&settings).tally, &odd);
        execute(
            &path,
            &format!("UPDATE person SET residence_address = NULL, updated_at = '{later}' WHERE id % 10 = 0"),
        );
        same(&pull(&incremental).tally, &pull(&settings).tally, later);
    }
}
