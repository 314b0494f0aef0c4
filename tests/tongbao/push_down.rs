//! Counting in the database: the same tallies as the program's own, on real servers.

use sqlx::{ConnectOptions, Row};
use tongbao::config;
use tongbao::config::settings::{Compute, DatabaseUrl, DivisionLevel, OnMissing, Relation, Settings};
use tongbao::indicator::tally::Tally;
use tongbao::pipeline::{Engine, RunError};
use tongbao::ranking::remark::{Remark, bending};
use tongbao::register::unit::Units;
use tongbao::source::{COUNT_REMOTELY, Source, SourceError};

use crate::laws::{CUT_OFF, compare, indicators};
use crate::rosters;
use crate::support::defects::{self, UNITS};
use crate::support::registers::{self, TEXTS, Types};
use crate::support::{naive, servers, setting};

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

fn settings(url: &str) -> Settings {
    setting::settings(url, &tempfile::tempdir().unwrap().keep())
}

fn pull(mut settings: Settings, compute: Compute) -> Result<Tally, RunError> {
    settings.source.compute = compute;
    let engine = Engine::new(settings)?;
    let now = "2016-07-08T01:00:00Z".parse().unwrap();
    Ok(block(engine.pull(CUT_OFF, now, |_| {}))?.tally)
}

/// The statement that counts a register.
async fn counting_sql(settings: &Settings) -> String {
    let mut source = Source::open(&settings.source).await.unwrap();
    let units = Units::at(source.units().await.unwrap(), CUT_OFF).unwrap();
    let zone = &settings.campaign.time_zone;
    source.counting_sql(&units, &settings.indicators, CUT_OFF, zone).await.unwrap()
}

fn agree(settings: &Settings, what: &str) -> Tally {
    let expected = pull(settings.clone(), Compute::Engine).unwrap();
    let counted = pull(settings.clone(), Compute::Database).unwrap();
    assert_eq!(counted.findings, expected.findings, "{what}");
    assert_eq!(counted.matches, expected.matches, "{what}");
    for (cell, counts) in expected.cells.iter() {
        assert_eq!(counted.cells.get(&cell), Some(counts), "{what}: {cell:?}");
    }
    assert_eq!(counted.cells.len(), expected.cells.len(), "{what}");
    counted
}

#[test]
fn the_database_counts_every_defect_as_the_naive_computation_does() {
    let records = defects::records(2016, 2_500);
    let roster = defects::roster(52, &records);
    for url in [servers::postgres(), servers::mariadb()] {
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, TEXTS)));
        let all = [0, 1, 2, 3, 4];
        for (on_missing, used) in
            [(OnMissing::Fail, &all[..4]), (OnMissing::Skip, &all[..]), (OnMissing::Skip, &all[..2])]
        {
            let relations: Vec<Relation> = used.iter().map(|&i| Relation::ALL[i]).collect();
            let mut settings = settings(&url);
            settings.indicators = indicators(on_missing, &relations);
            let what = format!("{} {on_missing:?} {used:?}", DatabaseUrl::new(url.as_str()));
            let counted = agree(&settings, &what);
            let expected = naive::totals(&records, &roster, &UNITS, used, on_missing, CUT_OFF);
            compare(&counted, &expected, CUT_OFF, true);
        }
    }
}

#[test]
fn what_is_not_understood_is_said_of_the_databases_counts_too() {
    let records = defects::records(2017, 600);
    let url = servers::postgres();
    block(registers::execute(&url, &registers::tables(&url, &records, &[], TEXTS)));
    let told = |compute: Compute| -> Vec<String> {
        let mut settings = settings(&url);
        settings.source.compute = compute;
        let engine = Engine::new(settings).unwrap();
        let snapshot = block(engine.pull(CUT_OFF, "2016-07-08T01:00:00Z".parse().unwrap(), |_| {})).unwrap();
        // Up to how the values look, which the database does not say.
        let text = |remark: Remark| remark.text.to_string();
        let begins = |text: String| text.split([';', '(']).next().unwrap().trim().to_owned();
        bending(&snapshot, &engine.settings.indicators).into_iter().map(text).map(begins).collect()
    };
    let (program, database) = (told(Compute::Engine), told(Compute::Database));
    for part in [
        "values of sex are not understood",
        "values of marital_status are not understood",
        "have lost their last digits",
    ] {
        let of = |all: &[String]| all.iter().find(|text| text.contains(part)).cloned();
        assert!(of(&program).is_some(), "{part}: {program:?}");
        assert_eq!(of(&database), of(&program), "{database:?}");
    }
}

/// Codes that a program has made numbers are those codes, whatever the type of their column.
#[test]
fn codes_with_decimals_are_the_codes() {
    let records = defects::records(2018, 900);
    let roster = defects::roster(2019, &records);
    for url in [servers::postgres(), servers::mariadb()] {
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, TEXTS)));
        let number = if url.starts_with("mysql") { "DECIMAL(14,1)" } else { "NUMERIC(14,1)" };
        let plain = [
            "UPDATE person SET sex = CASE WHEN sex IN ('1', '男', '男性', 'M') THEN '1' ELSE '2' END",
            "UPDATE person SET marital_status = CASE WHEN id % 3 = 0 THEN '20' ELSE '10' END",
            "UPDATE person SET ethnicity = CASE WHEN id % 4 = 0 THEN '8' ELSE '1' END",
            "UPDATE person SET hukou_type = CASE WHEN id % 9 = 0 THEN '0' ELSE '10' END",
        ];
        block(registers::execute(&url, &plain.map(str::to_owned)));
        let settings = settings(&url);
        let expected = agree(&settings, "plain codes");
        let mut decimal = vec![
            "UPDATE person SET marital_status = concat(marital_status, '.0')".to_owned(),
            "UPDATE person SET ethnicity = concat(ethnicity, '.00')".to_owned(),
        ];
        for column in ["sex", "hukou_type"] {
            let using = if url.starts_with("mysql") { "" } else { &format!(" USING {column}::numeric") };
            let verb = if url.starts_with("mysql") { "MODIFY" } else { "ALTER" };
            let kind = if url.starts_with("mysql") { "" } else { "TYPE " };
            decimal.push(format!("ALTER TABLE person {verb} {column} {kind}{number}{using}"));
        }
        block(registers::execute(&url, &decimal));
        let read = agree(&settings, "codes with decimals");
        assert_eq!((read.cells, read.findings), (expected.cells, expected.findings), "{url}");
    }
}

/// The first 15 digits of 18 are a number that was cut, as the program and both databases say.
#[test]
fn numbers_cut_to_their_first_digits_are_counted_alike() {
    let records = defects::records(2020, 700);
    for url in [servers::postgres(), servers::mariadb()] {
        block(registers::execute(&url, &registers::tables(&url, &records, &[], TEXTS)));
        let settings = settings(&url);
        let before = agree(&settings, "whole").findings.cut_id_numbers;
        let cut = "UPDATE person SET id_number = CONCAT('4401181990010', 10 + id % 20) WHERE id % 7 = 0";
        block(registers::execute(&url, &[cut.to_owned()]));
        let after = agree(&settings, "cut").findings.cut_id_numbers;
        assert!(after > before + 80, "{url}: {before} {after}");
    }
}

#[test]
fn levels_and_definitions_of_an_office_are_counted_alike() {
    let records = defects::records(11, 800);
    let roster = defects::roster(12, &records);
    for url in [servers::postgres(), servers::mariadb()] {
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, TEXTS)));
        for level in [DivisionLevel::City, DivisionLevel::County] {
            let mut settings = settings(&url);
            settings.indicators.accuracy.household_level = level;
            agree(&settings, &format!("{level:?}"));
        }
        let mut own = settings(&url);
        own.source.register.registered_at = None;
        own.source.register.document_type = None;
        own.source.rosters.clear();
        own.source.register.dataset =
            config::settings::Dataset::Query("SELECT * FROM person WHERE id % 3 > 0".into());
        for (field, list) in &mut own.indicators.completeness.placeholders {
            list.push(format!("It's \\ {}", &field.key()[..3]));
            list.push("A placeholder of many letters".into());
        }
        agree(&own, "own definitions");
    }
}

#[test]
fn several_rosters_are_counted_alike() {
    let records = defects::records(15, 1_500);
    let lists = rosters::rosters(16, &records, 3);
    for url in [servers::postgres(), servers::mariadb()] {
        let mut statements = registers::tables(&url, &records, &lists[0], TEXTS);
        let charset = if url.starts_with("mysql") { " DEFAULT CHARSET utf8mb4" } else { "" };
        for (name, list) in ["centre", "police"].into_iter().zip(&lists[1..]) {
            statements
                .push(format!("CREATE TABLE {name} (unit VARCHAR(40), id_number VARCHAR(80)){charset}"));
            let rows = list.iter().map(|(unit, id)| vec![Some(unit.clone()), id.clone()]);
            statements.extend(registers::insert(name, rows));
        }
        block(registers::execute(&url, &statements));
        let mut settings = settings(&url);
        for name in ["centre", "police"] {
            let mut roster = settings.source.rosters[0].clone();
            roster.from.dataset = config::settings::Dataset::Table(name.into());
            settings.source.rosters.push(roster);
        }
        for measured in [None, Some(1)] {
            settings.indicators.coverage.rosters = rosters::rules(3, measured).coverage.rosters;
            let counted = agree(&settings, &url);
            rosters::compare(&counted, &records, &lists, CUT_OFF);
        }
    }
}

#[test]
fn trees_and_successions_are_counted_alike() {
    let records = defects::records(13, 1_500);
    let roster = defects::roster(14, &records);
    for url in [servers::postgres(), servers::mariadb()] {
        let mut statements = registers::tables(&url, &records, &roster, TEXTS);
        let [first, second, third, fourth, fifth] = UNITS;
        statements.extend([
            "ALTER TABLE unit ADD COLUMN valid_to VARCHAR(20)".to_owned(),
            "ALTER TABLE unit ADD COLUMN successor VARCHAR(40)".to_owned(),
            format!("UPDATE unit SET parent = '{first}' WHERE code = '{second}'"),
            format!("UPDATE unit SET parent = '{second}' WHERE code = '{third}'"),
            format!("UPDATE unit SET valid_to = '2016-06-01', successor = '{third}' WHERE code = '{fifth}'"),
            format!("UPDATE unit SET valid_to = '2016-06-01' WHERE code = '{fourth}'"),
        ]);
        block(registers::execute(&url, &statements));
        let mut settings = settings(&url);
        settings.source.units.valid_to = Some("valid_to".into());
        settings.source.units.successor = Some("successor".into());
        let counted = agree(&settings, &url);
        assert_eq!(counted.cells.iter().filter_map(|(cell, _)| cell.unit).max(), Some(2));
        let own = |tally: &Tally| tally.until(Some(0), i32::MAX).covered_own;
        settings.source.units.parent = None;
        let flat = agree(&settings, &url);
        assert!(own(&counted) > own(&flat), "who is found below a unit is found with it");
    }
}

/// The statement has names for its own selects, which hide tables that are called alike and have no schema.
#[test]
fn tables_may_be_called_as_selects_of_the_statement() {
    let records = defects::records(17, 300);
    let roster = defects::roster(18, &records);
    for (url, list) in [(servers::postgres(), "persons"), (servers::mariadb(), "homes")] {
        let mut statements = registers::tables(&url, &records, &roster, TEXTS);
        statements.push("ALTER TABLE person RENAME TO units".to_owned());
        statements.push(format!("ALTER TABLE roster RENAME TO {list}"));
        block(registers::execute(&url, &statements));
        let mut settings = settings(&url);
        settings.source.register.dataset = config::settings::Dataset::Table("units".into());
        settings.source.rosters[0].from.dataset = config::settings::Dataset::Table(list.into());
        agree(&settings, &url);
    }
}

/// Texts of any length, as many systems keep numbers, are no index of MariaDB's: it would compare each person of a
/// roster with each of the register.
#[test]
fn mariadb_finds_the_persons_of_a_roster_by_an_index() {
    let records = defects::records(61, 400);
    let roster = defects::roster(62, &records);
    let url = servers::mariadb();
    let mut statements = registers::tables(&url, &records, &roster, TEXTS);
    let texts = ["person", "roster"].map(|table| format!("ALTER TABLE {table} MODIFY id_number TEXT"));
    statements.extend(texts);
    // Odd ones that differ in their last characters alone.
    statements.push(
        "UPDATE person SET id_number = CONCAT(REPEAT('A', 130), id % 20), village_code = '440118001001' WHERE id <= 40"
            .to_owned(),
    );
    statements.push(
        "INSERT INTO roster SELECT village_code, id_number FROM person WHERE id <= 40 AND id % 2 = 0"
            .to_owned(),
    );
    block(registers::execute(&url, &statements));
    let settings = settings(&url);
    agree(&settings, "long numbers");
    let plan = block(async {
        let sql = counting_sql(&settings).await;
        let options = url.parse::<sqlx::mysql::MySqlConnectOptions>().unwrap();
        let explain = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("EXPLAIN {sql}")));
        explain.fetch_all(&mut options.connect().await.unwrap()).await.unwrap()
    });
    let by: Vec<String> = plan.iter().filter_map(|row| row.get::<Option<String>, _>("ref")).collect();
    assert!(by.iter().any(|column| column.ends_with(".person")), "{by:?}");
}

/// MariaDB would compute a named select for each that reads it. The register is read for what is known at sight, for the
/// persons of usual numbers, and for all else; the roster for usual numbers and for all others.
#[test]
fn mariadb_reads_register_and_roster_no_more_than_it_must() {
    let records = defects::records(63, 200);
    let url = servers::mariadb();
    block(registers::execute(
        &url,
        &registers::tables(&url, &records, &defects::roster(64, &records), TEXTS),
    ));
    let plan = block(async {
        let sql = counting_sql(&settings(&url)).await;
        let options = url.parse::<sqlx::mysql::MySqlConnectOptions>().unwrap();
        let explain = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("EXPLAIN {sql}")));
        explain.fetch_all(&mut options.connect().await.unwrap()).await.unwrap()
    });
    let tables = plan.iter().filter_map(|row| row.get::<Option<String>, _>("table"));
    let mut read: Vec<String> = tables.filter(|table| !table.starts_with('<')).collect();
    read.sort();
    assert_eq!(read, ["person", "person", "person", "roster", "roster"]);
}

/// The server reserved 340 MB for a named select where each stood after those that it reads, and gigabytes with three rosters.
#[test]
fn mariadb_prepares_the_statement_in_little_memory() {
    let records = defects::records(69, 20);
    let url = servers::mariadb();
    let roster = defects::roster(70, &records);
    block(registers::execute(&url, &registers::tables(&url, &records, &roster, TEXTS)));
    for (rosters, limit) in [(1, 100_000_000), (3, 600_000_000)] {
        let mut settings = settings(&url);
        settings.source.rosters = vec![settings.source.rosters[0].clone(); rosters];
        if rosters > 1 {
            settings.indicators.coverage.rosters = rosters::rules(rosters, None).coverage.rosters;
        }
        let most: i64 = block(async {
            let sql = counting_sql(&settings).await;
            let options = url.parse::<sqlx::mysql::MySqlConnectOptions>().unwrap();
            let mut connection = options.connect().await.unwrap();
            let explain = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("EXPLAIN {sql}")));
            explain.fetch_all(&mut connection).await.unwrap();
            let own = "FROM information_schema.processlist WHERE id = connection_id()";
            let memory = sqlx::AssertSqlSafe(format!("SELECT max_memory_used {own}"));
            sqlx::query_scalar(memory).fetch_one(&mut connection).await.unwrap()
        });
        assert!(most < limit, "{rosters}: {most} bytes");
    }
}

#[test]
fn the_statement_has_few_kilobytes() {
    let records = defects::records(65, 20);
    let roster = defects::roster(66, &records);
    for (url, most) in [(servers::postgres(), 42_000), (servers::mariadb(), 58_000)] {
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, TEXTS)));
        let length = block(counting_sql(&settings(&url))).len();
        assert!(length <= most, "{}: {length} bytes", DatabaseUrl::new(url.as_str()));
    }
}

/// What the statement has once, the plan has wherever it is read, and workers read both tables.
#[test]
fn postgres_plans_constants_as_literals() {
    let records = defects::records(67, 20);
    let url = servers::postgres();
    let roster = defects::roster(68, &records);
    block(registers::execute(&url, &registers::tables(&url, &records, &roster, TEXTS)));
    let plan = block(async {
        let sql = counting_sql(&settings(&url)).await;
        let parallel = "SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; \
                        SET LOCAL min_parallel_table_scan_size = 0";
        registers::rows(&url, &format!("BEGIN; {parallel}; EXPLAIN (VERBOSE) {sql}")).await
    });
    let has = |text: &str| plan.iter().any(|line| line.contains(text));
    assert!(
        has("Parallel Seq Scan on public.person") && has("Parallel Seq Scan on public.roster"),
        "{plan:?}"
    );
    assert!(!has("constants"), "{plan:?}");
    assert!(has("btrim(") && has("~ '^"), "{plan:?}");
}

#[test]
fn cut_numbers_of_a_roster_are_counted_alike() {
    let records = defects::records(71, 300);
    let roster = defects::roster(72, &records);
    for url in [servers::postgres(), servers::mariadb()] {
        let mut statements = registers::tables(&url, &records, &roster, TEXTS);
        let whole = "FROM person WHERE char_length(id_number) = 18";
        statements.push(format!("INSERT INTO roster SELECT village_code, left(id_number, 15) {whole}"));
        statements.push(format!(
            "INSERT INTO roster SELECT village_code, concat(left(id_number, 15), '000') {whole}"
        ));
        let masked = "concat(left(id_number, 6), '********', right(id_number, 4))";
        let some = "char_length(id_number) = 18 AND id % 3 = 0";
        statements.push(format!("INSERT INTO roster SELECT village_code, {masked} FROM person WHERE {some}"));
        statements.push(format!("UPDATE person SET id_number = {masked} WHERE {some}"));
        // Of fifteen digits that a cut number could have too, these are a person's of 1905.
        statements.push("INSERT INTO roster VALUES ('440118001001', '440118190512013')".to_owned());
        block(registers::execute(&url, &statements));
        let counted = agree(&settings(&url), &url);
        assert!(counted.findings.roster_cut_ids > 150, "{}", counted.findings.roster_cut_ids);
        assert!(counted.findings.cut_id_numbers > 50, "{}", counted.findings.cut_id_numbers);
    }
}

#[test]
fn real_dates_and_instants_are_counted_alike() {
    let mut records = defects::records(21, 1_200);
    for record in &mut records {
        // What such a column can hold.
        let date = record.birth.take().and_then(|text| text.parse::<jiff::civil::Date>().ok());
        record.birth = date.map(|date| date.to_string());
    }
    let roster = defects::roster(22, &records);
    for (url, time) in
        [(servers::postgres(), "timestamptz"), (servers::postgres(), "date"), (servers::mariadb(), "")]
    {
        let types = Types { birth_date: "DATE", registered_at: time };
        block(registers::execute(&url, &registers::tables(&url, &records, &roster, types)));
        let mut settings = settings(&url);
        settings
            .indicators
            .completeness
            .placeholders
            .values_mut()
            .for_each(|list| list.push("1950-01-01".into()));
        agree(&settings, time);
        if url.starts_with("postgres") {
            servers::execute(
                &url,
                "UPDATE person SET registered_at = 'infinity' WHERE id % 7 = 0; \
                 UPDATE person SET birth_date = '-infinity' WHERE id % 11 = 0",
            );
            let counted = agree(&settings, "infinities");
            assert!(counted.findings.invalid_registered_at > 80 && counted.findings.invalid_birth_dates > 80);
        }
    }
}

#[test]
fn other_servers_count_their_own_part() {
    let (first, second, main) = (servers::postgres(), servers::second_postgres(), servers::postgres());
    let records = defects::records(31, 2_000);
    let roster = defects::roster(32, &records);
    let mut statements = vec!["CREATE EXTENSION postgres_fdw".to_owned()];
    statements.push(registers::create(&main, "person", TEXTS, " PARTITION BY HASH (village_code)"));
    for (i, part) in [&first, &second].into_iter().enumerate() {
        block(registers::execute(part, &[registers::create(part, "person", TEXTS, "")]));
        let options = part.parse::<sqlx::postgres::PgConnectOptions>().unwrap();
        statements.push(format!(
            "CREATE SERVER s{i} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '{}', dbname '{}')",
            options.get_port(),
            options.get_database().unwrap(),
        ));
        statements.push(format!(
            "CREATE USER MAPPING FOR tester SERVER s{i} OPTIONS (user 'tester', password 's3cret-words')"
        ));
        statements.push(format!(
            "CREATE FOREIGN TABLE person_{i} PARTITION OF person FOR VALUES WITH (MODULUS 2, REMAINDER {i}) \
             SERVER s{i} OPTIONS (table_name 'person')"
        ));
    }
    statements.extend(registers::lists(&main, &roster));
    statements.extend(registers::people(&records, 0));
    block(registers::execute(&main, &statements));
    let settings = settings(&main);
    let counted = agree(&settings, "two servers");
    let naive = naive::totals(&records, &roster, &UNITS, &[0, 1, 2, 3], OnMissing::Fail, CUT_OFF);
    compare(&counted, &naive, CUT_OFF, true);

    let plan = block(async {
        let sql = counting_sql(&settings).await;
        let sql = format!("BEGIN; {COUNT_REMOTELY}; EXPLAIN (VERBOSE) {sql}");
        registers::rows(&main, &sql).await.join("\n")
    });
    for part in ["person_0", "person_1"] {
        let pushed = format!("Relations: Aggregate on (public.{part}");
        assert!(
            plan.contains(&pushed),
            "{part} is not counted where it lies: {}",
            plan.chars().take(6_000).collect::<String>()
        );
    }
}

#[test]
fn what_the_database_cannot_do_is_said_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let text = setting::configuration("sqlite:x.db", dir.path())
        .replace("[source.register]", "compute = \"database\"\n[source.register]");
    let error = config::parse("test.toml", &text, &Default::default()).unwrap_err().to_string();
    assert!(error.contains("source.compute") && error.contains("leave it at \"engine\""), "{error}");

    let url = servers::postgres();
    let records = defects::records(41, 10);
    let types = Types { registered_at: "VARCHAR(40)", ..TEXTS };
    block(registers::execute(&url, &registers::tables(&url, &records, &[], types)));
    let error = |settings: Settings| match pull(settings, Compute::Database) {
        Err(RunError::Source(error)) => error,
        other => panic!("{other:?}"),
    };
    let no_day = error(settings(&url));
    assert!(matches!(no_day, SourceError::NoDay { .. }), "{no_day}");
    assert!(no_day.to_string().contains("column \"registered_at\" of type varchar"), "{no_day}");
    let mut missing = settings(&url);
    missing.source.register.unit = "vilage_code".into();
    let missing = error(missing).to_string();
    assert!(missing.contains("did you mean \"village_code\"?"), "{missing}");
}
