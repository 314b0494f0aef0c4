//! Sources by ODBC, through real drivers: the figures are those of the program's own drivers.

use std::path::Path;
use std::process::{Command, Output};

use jiff::civil::date;
use tongbao::config::settings::{DatabaseUrl, Dataset, Settings};
use tongbao::source::sample::{SamplePlan, fill};
use tongbao::source::{Source, SourceError};

use crate::own_definitions;
use crate::sources::{block, failure, figures, nearest_are_named, own_query_changes_nothing, sqlite};
use crate::support::{registers, servers, setting};

const PLAN: SamplePlan = SamplePlan {
    persons: 3_000,
    defects: 0.3,
    seed: 7,
    from: date(2016, 5, 25),
    to: date(2016, 7, 7),
    kind: tongbao::source::sample::SampleKind::Persons,
};

/// A driver's library, from the package that brings it.
fn driver(package: &str, name: &str) -> String {
    let files = Command::new("dpkg").args(["-L", package]).output().unwrap();
    let files = String::from_utf8(files.stdout).unwrap();
    let found = files.lines().find(|file| file.ends_with(name));
    found.unwrap_or_else(|| panic!("{package} is installed by: scripts/setup.sh test")).to_owned()
}

/// The same database by ODBC, without any file of unixODBC's.
fn by_odbc(url: &str) -> String {
    if let Some(file) = url.strip_prefix("sqlite:") {
        return format!(
            "odbc:Driver={};Database={file};NoCreat=1",
            driver("libsqliteodbc", "libsqlite3odbc.so")
        );
    }
    let (scheme, rest) = url.split_once("://").unwrap();
    let (account, place) = rest.split_once('@').unwrap();
    let (user, password) = account.split_once(':').unwrap();
    let (host, database) = place.split_once('/').unwrap();
    let (host, port) = host.split_once(':').unwrap();
    let driver = match scheme {
        "mysql" => driver("odbc-mariadb", "libmaodbc.so"),
        _ => driver("odbc-postgresql", "psqlodbcw.so"),
    };
    format!(
        "odbc:Driver={driver};Server={host};Port={port};Database={database};Uid={user};Pwd={{{password}}}"
    )
}

fn both() -> [String; 2] {
    [sqlite(), servers::postgres()]
}

fn settings(url: &str) -> Settings {
    setting::settings(url, &tempfile::tempdir().unwrap().keep())
}

fn filled(url: &str) {
    block(fill(&DatabaseUrl::new(url), &PLAN, |_| {})).unwrap();
}

fn run(url: &str, sql: &str) {
    block(registers::execute(url, &[sql.to_owned()]));
}

#[test]
fn figures_are_those_of_the_own_drivers() {
    for url in both() {
        filled(&url);
        let own = figures(settings(&url)).unwrap();
        assert!(own["totals"]["records"].as_u64().unwrap() > 1_000);
        let odbc = by_odbc(&url);
        assert_eq!(figures(settings(&odbc)).unwrap(), own, "{}", DatabaseUrl::new(odbc));
        if url.starts_with("postgres") {
            let streamed = format!("{odbc};UseDeclareFetch=1;Fetch=100");
            assert_eq!(figures(settings(&streamed)).unwrap(), own);
        }
    }
}

/// An office's fields and relations mean the same.
#[test]
fn own_definitions_are_counted_as_by_the_own_drivers() {
    let (lite, dir, _, ids) = own_definitions::register();
    let others = [servers::postgres(), servers::mariadb()];
    for url in &others {
        block(fill(&DatabaseUrl::new(url), &own_definitions::PLAN, |_| {})).unwrap();
        own_definitions::add_columns(url, &ids);
    }
    let counted = |url: &str| {
        let text = own_definitions::with_own(&setting::configuration(url, &dir));
        own_definitions::figures(own_definitions::settings(&text))
    };
    let by_own_driver = counted(&lite);
    assert!(by_own_driver["totals"]["relations"]["space"]["denominator"].as_u64().unwrap() > 100);
    for url in [lite].iter().chain(&others) {
        assert_eq!(counted(&by_odbc(url)), by_own_driver, "{}", DatabaseUrl::new(url));
    }
}

/// What an administrator has set for other programs cuts no register, see `engines.rs` for the own drivers.
#[test]
fn limits_of_a_mariadb_cut_nothing() {
    let server = servers::own_mariadb();
    servers::administer("mysql", server.port, "", "CREATE DATABASE register CHARACTER SET utf8mb4");
    let url = format!("mysql://tester:s3cret-words@127.0.0.1:{}/register", server.port);
    filled(&url);
    let own = figures(settings(&url)).unwrap();
    let limits =
        "SET GLOBAL sql_select_limit = 50; SET GLOBAL max_join_size = 100; SET GLOBAL sql_big_selects = 0";
    servers::administer("mysql", server.port, "", limits);
    assert_eq!(figures(settings(&by_odbc(&url))).unwrap(), own);
}

#[test]
fn batch_size_and_own_query_change_nothing() {
    for url in both() {
        filled(&url);
        own_query_changes_nothing(settings(&by_odbc(&url)));
    }
}

/// Dates, times, numbers and fixed-length texts, each as its own type.
#[test]
fn types_of_the_database_become_the_same_texts() {
    let url = servers::postgres();
    filled(&url);
    let expected = figures(settings(&url)).unwrap();
    for change in [
        "ALTER TABLE person ALTER village_code TYPE bigint USING village_code::bigint",
        "ALTER TABLE person ALTER sex TYPE char(6)",
        "ALTER TABLE person ALTER registered_at TYPE timestamp(3)",
        "ALTER TABLE person ALTER id TYPE numeric(20, 0)",
        "ALTER TABLE person ALTER marital_status TYPE varchar(200)",
    ] {
        run(&url, change);
        assert_eq!(figures(settings(&by_odbc(&url))).unwrap(), expected, "{change}");
    }
    run(
        &url,
        "UPDATE person SET birth_date = CASE WHEN id % 7 > 0 THEN to_char(date '1950-01-01' + (id % 20000)::int, 'YYYY-MM-DD') END",
    );
    let expected = figures(settings(&url)).unwrap();
    run(&url, "ALTER TABLE person ALTER birth_date TYPE date USING birth_date::date");
    assert_eq!(figures(settings(&by_odbc(&url))).unwrap(), expected);
}

#[test]
fn lists_may_lie_behind_odbc_and_the_register_elsewhere() {
    let (lite, postgres) = (sqlite(), servers::postgres());
    filled(&lite);
    filled(&postgres);
    let expected = figures(settings(&postgres)).unwrap();
    for (home, lists) in [(postgres.clone(), by_odbc(&lite)), (by_odbc(&postgres), lite.clone())] {
        let mut settings = settings(&home);
        settings.source.units.from.url = Some(DatabaseUrl::new(lists.clone()));
        settings.source.rosters[0].from.url = Some(DatabaseUrl::new(lists));
        assert_eq!(figures(settings.clone()).unwrap(), expected);
        let checked = block(async { Source::open(&settings.source).await.unwrap().check().await });
        assert!(checked.iter().all(|(_, result)| result.is_ok()), "{checked:?}");
    }
}

/// Names of units as they arrive.
fn unit_names(settings: &Settings) -> Result<Vec<String>, SourceError> {
    let units = block(async { Source::open(&settings.source).await?.units().await })?;
    Ok(units.into_iter().map(|unit| unit.unit.name).collect())
}

#[test]
fn chinese_arrives_whatever_the_plane_and_in_names_too() {
    for url in both() {
        filled(&url);
        run(&url, "CREATE TABLE 村居 (代码 VARCHAR(20), 名称 VARCHAR(20), 类别 VARCHAR(20))");
        run(
            &url,
            "INSERT INTO 村居 VALUES ('1', '𠮷祥村', '村'), ('2', '鉷㙍村', NULL), ('3', 'a''\"é', '村')",
        );
        run(&url, &format!("INSERT INTO 村居 VALUES ('4', '{}', '村')", "𠮷".repeat(20)));
        let mut settings = settings(&by_odbc(&url));
        let units = &mut settings.source.units;
        units.from.dataset = Dataset::Table("村居".into());
        (units.code, units.name, units.kind) = ("代码".into(), "名称".into(), Some("类别".into()));
        units.parent = None;
        let names = unit_names(&settings).unwrap();
        assert_eq!(names, ["𠮷祥村", "鉷㙍村", "a'\"é", &"𠮷".repeat(20)]);
        // Drivers without functions for UTF-16 are given statements through unixODBC's UCS-2.
        let wanted = if url.starts_with("sqlite") { "%祥%" } else { "𠮷祥%" };
        let query = format!("SELECT * FROM 村居 WHERE 类别 = '村' AND 名称 LIKE '{wanted}'");
        settings.source.units.from.dataset = Dataset::Query(query);
        assert_eq!(unit_names(&settings).unwrap(), ["𠮷祥村"]);
    }
}

#[test]
fn a_text_beyond_its_room_is_refused_and_never_cut() {
    for url in both() {
        filled(&url);
        let before = figures(settings(&by_odbc(&url))).unwrap();
        let lengthen = |characters: usize| {
            let text = "路".repeat(characters);
            run(
                &url,
                &format!(
                    "UPDATE person SET residence_address = '{text}' WHERE residence_address IN (SELECT max(residence_address) FROM person)"
                ),
            );
        };
        lengthen(4_000);
        assert_eq!(figures(settings(&by_odbc(&url))).unwrap(), before);
        lengthen(5_000);
        let mut settings = settings(&by_odbc(&url));
        let error = failure(settings.clone());
        assert!(
            matches!(&error, SourceError::TooLong { column, .. } if column == "residence_address"),
            "{error}"
        );
        assert!(!error.to_string().contains('路'));
        if url.starts_with("postgres") {
            // The driver says that a text without limit has 255 characters.
            run(&url, "ALTER TABLE person ALTER residence_address TYPE varchar");
            run(&url, "UPDATE person SET residence_address = left(residence_address, 2000)");
            assert!(matches!(failure(settings.clone()), SourceError::TooLong { .. }));
            let told = format!("{};MaxVarcharSize=4000", by_odbc(&url));
            assert_eq!(figures(crate::odbc::settings(&told)).unwrap(), before);
        }
        let columns = "id, village_code, name, sex, household_place, id_number, birth_date, ethnicity, marital_status, \
             hukou_type, document_type, registered_at, updated_at";
        let query =
            format!("SELECT {columns}, substr(residence_address, 1, 1000) AS residence_address FROM person");
        settings.source.register.dataset = Dataset::Query(query);
        assert_eq!(figures(settings).unwrap(), before);
    }
}

#[test]
fn marked_records_do_not_count() {
    for url in both() {
        filled(&url);
        run(&url, "ALTER TABLE person ADD del_flag varchar(4)");
        run(&url, "ALTER TABLE person ADD left_on date");
        run(&url, "UPDATE person SET del_flag = CASE WHEN id % 9 = 0 THEN '1' ELSE '0' END");
        run(&url, "UPDATE person SET left_on = '2016-06-01' WHERE id % 7 = 0");
        let marked = |url: &str| {
            let mut settings = settings(url);
            settings.source.register.only = [("del_flag".to_owned(), vec!["0".to_owned()])].into();
            settings.source.register.left_at = Some("left_on".into());
            figures(settings).unwrap()
        };
        let by_odbc = marked(&by_odbc(&url));
        assert_eq!(by_odbc, marked(&url));
        run(&url, "DELETE FROM person WHERE id % 9 = 0 OR id % 7 = 0");
        assert_eq!(by_odbc, figures(settings(&url)).unwrap());
    }
}

#[test]
fn missing_tables_and_columns_name_the_nearest() {
    for url in both() {
        filled(&url);
        nearest_are_named(settings(&by_odbc(&url)));
    }
}

/// Databases that fold names to capitals list them so.
#[test]
fn names_are_found_in_another_case_and_schema() {
    let url = servers::postgres();
    filled(&url);
    let expected = figures(settings(&by_odbc(&url))).unwrap();
    run(&url, "CREATE SCHEMA \"PEOPLE\"; ALTER TABLE person SET SCHEMA \"PEOPLE\"");
    run(
        &url,
        "ALTER TABLE \"PEOPLE\".person RENAME TO \"PERSON\"; ALTER TABLE \"PEOPLE\".\"PERSON\" RENAME sex TO \"SEX\"",
    );
    let mut settings = settings(&by_odbc(&url));
    settings.source.register.dataset = Dataset::Table("people.person".into());
    assert_eq!(figures(settings.clone()).unwrap(), expected);
    settings.source.register.dataset = Dataset::Table("person".into());
    let message = failure(settings).to_string();
    assert!(message.contains("tables: PEOPLE.PERSON"), "{message}");
}

#[test]
fn passwords_never_appear() {
    let url = servers::postgres();
    filled(&url);
    let wrong = by_odbc(&url).replace("s3cret-words", "wr0ng-words");
    let error = failure(settings(&wrong));
    assert!(matches!(error, SourceError::Login { .. }), "{error:?}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("wr0ng") && shown.contains("Database=register_"), "{shown}");
}

/// Ends the connections of others to the database.
const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE pid <> pg_backend_pid() AND datname = current_database()";

#[test]
fn a_database_that_is_away_can_be_tried_again() {
    let away = format!("postgres://u:p@127.0.0.1:{}/x", servers::free_port());
    let error = failure(settings(&by_odbc(&away)));
    assert!(error.is_unavailable(), "{error:?}");
    let url = servers::postgres();
    filled(&url);
    let away = || servers::execute(&url, TERMINATE);
    let mut settings = settings(&format!("{};UseDeclareFetch=1;Fetch=10", by_odbc(&url)));
    settings.source.batch_rows = 50;
    let error = block(async {
        let mut source = Source::open(&settings.source).await.unwrap();
        source.units().await.unwrap();
        away();
        source.units().await.unwrap_err()
    });
    assert!(error.is_unavailable(), "between two lists: {error:?}");
    let mut batches = 0;
    let error = block(async {
        let source = Source::open(&settings.source).await.unwrap();
        let each = |_| {
            batches += 1;
            if batches == 1 {
                away();
            }
            Ok(())
        };
        source.register(&settings.campaign.time_zone, each).await.unwrap_err()
    });
    assert!(error.is_unavailable(), "within the register: {error:?}");
    assert!(batches > 1 && batches < 3_000 / 50, "{batches}");
}

#[test]
fn a_silent_server_does_not_hold_the_run() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut settings = settings(&by_odbc(&format!("postgres://u:p@127.0.0.1:{port}/x")));
    settings.source.timeout = std::time::Duration::from_millis(300);
    let error = failure(settings);
    assert!(matches!(error, SourceError::TimedOut { .. }), "{error:?}");
}

#[test]
fn the_register_is_never_written() {
    let url = servers::postgres();
    filled(&url);
    run(
        &url,
        "CREATE FUNCTION spoil() RETURNS TABLE (code text, name text, kind text, parent text) AS \
         $$ DELETE FROM unit RETURNING code, name, kind, parent $$ LANGUAGE sql",
    );
    let mut settings = settings(&by_odbc(&url));
    for write in [
        "SELECT * FROM spoil()",
        "SELECT 1 AS code) register; DELETE FROM unit; COMMIT; SELECT * FROM (SELECT 1 AS code",
        "SELECT 1 AS code) register; ROLLBACK; BEGIN; DELETE FROM unit; COMMIT; SELECT * FROM (SELECT 1 AS code",
        "DELETE FROM unit RETURNING code, name, kind, parent",
    ] {
        settings.source.units.from.dataset = Dataset::Query(write.into());
        assert!(unit_names(&settings).is_err(), "{write}");
        let mut others = settings.clone();
        others.source.units.from.dataset = Dataset::Table("unit".into());
        assert_eq!(unit_names(&others).unwrap().len(), 37, "{write}");
    }
}

#[test]
fn everything_is_read_in_one_snapshot() {
    let url = servers::postgres();
    filled(&url);
    let settings = settings(&by_odbc(&url));
    // In the second round the table has another spelling than the configuration.
    for table in ["unit", "\"UNIT\""] {
        block(async {
            let mut source = Source::open(&settings.source).await.unwrap();
            let before = source.units().await.unwrap().len();
            assert_eq!(before, 37);
            servers::execute(&url, &format!("CREATE TABLE kept AS TABLE {table}; DELETE FROM {table}"));
            assert_eq!(source.units().await.unwrap().len(), before, "the snapshot keeps what was there");
        });
        assert!(unit_names(&settings).unwrap().is_empty());
        run(&url, &format!("DROP TABLE {table}; ALTER TABLE kept RENAME TO \"UNIT\""));
    }
}

/// The program with files of unixODBC that know both drivers and one data source.
fn program(dir: &Path, source: &str, arguments: &[&str]) -> Output {
    let drivers = format!(
        "[Postgres Driver]\nDriver = {}\n[SQLite Driver]\nDriver = {}\n[Lost Driver]\nDriver = /nowhere/lost.so\n",
        driver("odbc-postgresql", "psqlodbcw.so"),
        driver("libsqliteodbc", "libsqlite3odbc.so")
    );
    std::fs::write(dir.join("odbcinst.ini"), drivers).unwrap();
    std::fs::write(dir.join("odbc.ini"), format!("[population]\n{source}\n")).unwrap();
    let mut command = Command::new(setting::program());
    command.current_dir(dir).args(arguments).env_remove("TONGBAO_CONFIG").env("LC_ALL", "C");
    command.env("ODBCSYSINI", dir).env("ODBCINI", dir.join("odbc.ini")).output().unwrap()
}

/// A data source for a database of the test server.
fn data_source(url: &str) -> String {
    let connection = by_odbc(url).replace(';', "\n").replace(['{', '}'], "");
    let (_, attributes) = connection.split_once('\n').unwrap();
    let attributes = attributes.replace("Uid=", "UserName=").replace("Pwd=", "Password=");
    format!("Driver = Postgres Driver\n{attributes}").replace("Server=", "Servername=")
}

#[test]
fn a_data_source_is_used_by_its_name() {
    let (dir, url) = (tempfile::tempdir().unwrap(), servers::postgres());
    filled(&url);
    let source = data_source(&url);
    let day = ["--from", "2016-06-06", "--to", "2016-06-12"];
    let mut answers = Vec::new();
    for url in [url.as_str(), "odbc:DSN=population", "odbc:DSN=population;UseDeclareFetch=1"] {
        let config = setting::write(dir.path(), &setting::configuration(url, dir.path()));
        let arguments = ["--config", config.to_str().unwrap(), "--format", "json", "rates"];
        let output = program(dir.path(), &source, &[&arguments[..], &day].concat());
        assert!(output.status.success(), "{}", setting::stderr(&output));
        let mut answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        answer.as_object_mut().unwrap().remove("pulled_at");
        answers.push(answer);
    }
    assert!(answers[0]["totals"]["records"].as_u64().unwrap() > 1_000);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let checked = program(dir.path(), &source, &["--config", "tongbao.toml", "check"]);
    let said = setting::stdout(&checked);
    assert!(said.contains("records, ") && !said.contains("s3cret"), "{said}{}", setting::stderr(&checked));
}

#[test]
fn what_unixodbc_does_not_know_is_told_with_what_it_knows() {
    let dir = tempfile::tempdir().unwrap();
    for (url, told) in [
        ("odbc:DSN=populatoin;PWD=s3cret-words", "Data source name not found"),
        ("odbc:Driver={Oracle};PWD=s3cret-words", "Can't open lib"),
        ("odbc:Driver={Lost Driver};PWD=s3cret-words", "Can't open lib"),
    ] {
        setting::write(dir.path(), &setting::configuration(url, dir.path()));
        let output = program(dir.path(), "Driver = Postgres Driver", &["--config", "tongbao.toml", "rates"]);
        let said = setting::stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        for part in ["population", "Postgres Driver", "SQLite Driver", told, "odbcinst.ini"] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains("s3cret"), "{said}");
    }
}

#[test]
fn init_finds_the_tables_behind_a_driver() {
    let (dir, url) = (tempfile::tempdir().unwrap(), servers::postgres());
    filled(&url);
    run(
        &url,
        "CREATE TABLE picture (id integer, content bytea, remark text); INSERT INTO picture VALUES (1, '\\x00', repeat('x', 9000))",
    );
    let source = data_source(&url);
    let arguments = [
        "init",
        "--yes",
        "--name",
        "行动",
        "--issuer",
        "办事处",
        "--url",
        "odbc:DSN=population;Pwd=s3cret-words",
    ];
    let output = program(dir.path(), &source, &arguments);
    let (out, err) = (setting::stdout(&output), setting::stderr(&output));
    assert!(output.status.success(), "{out}{err}");
    assert!(!format!("{out}{err}").contains("warning"), "{out}{err}");
    let text = std::fs::read_to_string(dir.path().join("tongbao.toml")).unwrap();
    assert!(text.contains("table = \"public.person\"") && !text.contains("s3cret"), "{text}");
    assert!(std::fs::read_to_string(dir.path().join("tongbao.url")).unwrap().contains("s3cret-words"));
    let day = ["--from", "2016-06-06", "--to", "2016-06-12"];
    let arguments = ["--config", "tongbao.toml", "--format", "json", "rates"];
    let output = program(dir.path(), &source, &[&arguments[..], &day].concat());
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = figures(settings(&url)).unwrap();
    assert_eq!(answer["totals"]["fields"], expected["totals"]["fields"]);
}

#[test]
fn what_needs_a_driver_of_the_own_is_refused() {
    let text = setting::configuration("odbc:DSN=population", Path::new("."));
    let wrong = [
        ("compute = \"database\"", "source.compute"),
        ("connections = 2", "source.connections"),
        ("incremental = true", "source.incremental"),
    ];
    for (line, place) in wrong {
        let text = text.replacen("[source]", &format!("[source]\n{line}"), 1);
        let problems = tongbao::config::parse("test.toml", &text, &std::collections::BTreeMap::new());
        let problems = problems.map(|_| ()).unwrap_err().to_string();
        assert!(problems.contains(place) && problems.contains("by ODBC"), "{problems}");
    }
}
