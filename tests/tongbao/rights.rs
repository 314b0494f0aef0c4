//! Databases as offices give them out: rights in part, tables in schemas, odd names, limits of time. What
//! is lacking is told as what it is.

use std::path::Path;
use std::process::{Command, Output};

use jiff::civil::date;
use sqlx::ConnectOptions;
use tongbao::config;
use tongbao::config::settings::{DatabaseUrl, Dataset, Settings};
use tongbao::pipeline::RunError;
use tongbao::register::garbled::Garbled;
use tongbao::source::sample::SamplePlan;
use tongbao::source::{Source, SourceError, garbled_columns};

use crate::sources::{block, figures, filled_by};
use crate::support::office::execute;
use crate::support::{servers, setting};

const PLAN: SamplePlan = SamplePlan {
    persons: 1_000,
    defects: 0.2,
    seed: 3,
    from: date(2016, 5, 25),
    to: date(2016, 7, 7),
    kind: tongbao::source::sample::SampleKind::Persons,
};

fn filled(url: &str) -> Settings {
    filled_by(url, &PLAN)
}

/// The same database for another user with the same password.
pub fn of_user(settings: &Settings, user: &str) -> Settings {
    let url = settings.source.url.expose().replacen("tester", user, 1);
    let mut settings = settings.clone();
    settings.source.url = DatabaseUrl::new(url);
    settings
}

fn failure(settings: &Settings) -> SourceError {
    match figures(settings.clone()) {
        Err(RunError::Source(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// What `check` finds wrong with the parts of the source.
fn found_wrong(settings: &Settings) -> Vec<String> {
    let checked = block(async { Source::open(&settings.source).await.unwrap().check().await });
    checked.into_iter().filter_map(|(_, result)| result.err()).map(|error| error.to_string()).collect()
}

#[test]
fn rights_that_are_missing_are_told_as_that() {
    let url = servers::postgres();
    let settings = filled(&url);
    let whole = figures(settings.clone()).unwrap();
    servers::execute(
        &url,
        "CREATE SCHEMA closed; ALTER TABLE roster SET SCHEMA closed; \
         CREATE ROLE clerk_rights LOGIN PASSWORD 's3cret-words'; \
         GRANT SELECT ON unit TO clerk_rights; GRANT SELECT ON closed.roster TO clerk_rights",
    );
    let mut clerk = of_user(&settings, "clerk_rights");
    clerk.source.rosters[0].from.dataset = Dataset::Table("closed.roster".into());
    let wrong = found_wrong(&clerk);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].contains("table person; grant SELECT on the table"), "{wrong:?}");
    assert!(wrong[1].contains("schema closed; grant USAGE on the schema"), "{wrong:?}");
    let mut closed = clerk.clone();
    closed.source.register.dataset = Dataset::Table("closed.roster".into());
    for connections in [1, 2] {
        closed.source.connections = connections;
        let denied = failure(&closed).to_string();
        assert!(denied.contains("schema closed; grant USAGE on the schema"), "{denied}");
    }
    servers::execute(
        &url,
        "GRANT SELECT ON person TO clerk_rights; GRANT USAGE ON SCHEMA closed TO clerk_rights",
    );
    assert_eq!(found_wrong(&clerk), Vec::<String>::new());
    assert_eq!(figures(clerk.clone()).unwrap(), whole);
    let name = url.rsplit('/').next().unwrap();
    servers::execute(&url, &format!("REVOKE CONNECT ON DATABASE {name} FROM PUBLIC"));
    let denied = failure(&clerk).to_string();
    assert!(denied.contains("CONNECT"), "{denied}");
}

#[test]
fn rights_that_are_missing_are_told_by_mariadb_too() {
    let url = servers::mariadb();
    let settings = filled(&url);
    let whole = figures(settings.clone()).unwrap();
    let name = url.rsplit('/').next().unwrap();
    servers::execute(&url, "CREATE USER clerk_rights@'%' IDENTIFIED BY 's3cret-words'");
    let clerk = of_user(&settings, "clerk_rights");
    let denied = failure(&clerk).to_string();
    assert!(denied.contains("denies reading") && denied.contains("on the database"), "{denied}");
    servers::execute(
        &url,
        &format!(
            "GRANT SELECT ON {name}.unit TO clerk_rights@'%'; GRANT SELECT ON {name}.roster TO clerk_rights@'%'"
        ),
    );
    let wrong = found_wrong(&clerk);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].contains("grant SELECT on the table"), "{wrong:?}");
    servers::execute(&url, &format!("GRANT SELECT ON {name}.person TO clerk_rights@'%'"));
    assert_eq!(figures(clerk).unwrap(), whole);
}

#[test]
fn tables_of_other_schemas_are_suggested() {
    let url = servers::postgres();
    let mut settings = filled(&url);
    let whole = figures(settings.clone()).unwrap();
    servers::execute(&url, "CREATE SCHEMA office; ALTER TABLE person SET SCHEMA office");
    let missing = failure(&settings).to_string();
    assert!(missing.contains("did you mean \"office.person\"?"), "{missing}");
    settings.source.register.dataset = Dataset::Table("office.person".into());
    assert_eq!(figures(settings).unwrap(), whole);
}

#[test]
fn names_may_hold_dots_quotes_and_reserved_words() {
    for url in [servers::postgres(), servers::mariadb()] {
        let mut settings = filled(&url);
        let whole = figures(settings.clone()).unwrap();
        let (rename, column) = match url.starts_with("postgres") {
            true => (
                "ALTER TABLE person RENAME TO \"2016.it\"\"s\"; ALTER TABLE unit RENAME TO \"order\"",
                "ALTER TABLE \"2016.it\"\"s\" RENAME COLUMN village_code TO \"group.by\"",
            ),
            false => (
                "RENAME TABLE person TO `2016.it\"s`, unit TO `order`",
                "ALTER TABLE `2016.it\"s` CHANGE village_code `group.by` VARCHAR(20)",
            ),
        };
        servers::execute(&url, rename);
        servers::execute(&url, column);
        settings.source.units.from.dataset = Dataset::Table("order".into());
        settings.source.register.unit = "group.by".to_owned();
        let missing = failure(&settings).to_string();
        assert!(missing.contains("\"2016.it\"\"s\""), "listed as it is to be written: {missing}");
        settings.source.register.dataset = Dataset::Table("\"2016.it\"\"s\"".into());
        assert_eq!(figures(settings.clone()).unwrap(), whole, "{}", settings.source.url);
    }
}

/// A view that joins lists of codes, padded texts, and a table in partitions.
#[test]
fn views_padding_and_partitions_change_nothing() {
    let url = servers::postgres();
    let mut settings = filled(&url);
    let whole = figures(settings.clone()).unwrap();
    servers::execute(
        &url,
        "CREATE TABLE parted (LIKE person) PARTITION BY HASH (id); \
         CREATE TABLE parted_a PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0); \
         CREATE TABLE parted_b PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1); \
         INSERT INTO parted SELECT * FROM person; \
         CREATE TABLE sexes (code char(8), word varchar(8)); INSERT INTO sexes SELECT DISTINCT sex, sex FROM person; \
         CREATE VIEW seen AS SELECT p.*, s.word AS sex_word FROM parted p LEFT JOIN sexes s ON s.code = p.sex; \
         ALTER TABLE unit ALTER code TYPE char(30); ALTER TABLE roster ALTER unit TYPE char(30)",
    );
    for connections in [1, 3] {
        settings.source.connections = connections;
        settings.source.register.dataset = Dataset::Table("parted".into());
        assert_eq!(figures(settings.clone()).unwrap(), whole);
        settings.source.register.dataset = Dataset::Table("seen".into());
        assert_eq!(figures(settings.clone()).unwrap(), whole);
    }
}

/// A limit of time or a lock passes: exit code 75, and the daemon tries again.
#[test]
fn limits_of_time_and_locks_pass() {
    let url = servers::postgres();
    let settings = filled(&url);
    servers::execute(
        &url,
        "CREATE VIEW slow AS SELECT p.* FROM person p, pg_sleep(30) s; \
         CREATE ROLE clerk_hurried LOGIN PASSWORD 's3cret-words'; \
         ALTER ROLE clerk_hurried SET statement_timeout = '200ms'; GRANT pg_read_all_data TO clerk_hurried",
    );
    let mut clerk = of_user(&settings, "clerk_hurried");
    clerk.source.register.dataset = Dataset::Table("slow".into());
    let broken = failure(&clerk);
    assert!(broken.is_unavailable() && broken.to_string().contains("statement_timeout"), "{broken}");
    let url = servers::mariadb();
    let settings = filled(&url);
    servers::execute(
        &url,
        "CREATE VIEW slow AS SELECT p.* FROM person p WHERE SLEEP(0.1) = 0; \
         CREATE USER clerk_hurried@'%' IDENTIFIED BY 's3cret-words' WITH MAX_STATEMENT_TIME 0.2; \
         GRANT SELECT ON *.* TO clerk_hurried@'%'",
    );
    let mut clerk = of_user(&settings, "clerk_hurried");
    clerk.source.register.dataset = Dataset::Table("slow".into());
    let broken = failure(&clerk);
    assert!(broken.is_unavailable() && broken.to_string().contains("max_statement_time"), "{broken}");
}

/// Names that a program wrote as GBK into a column that is declared Latin-1, and what it did to UTF-8.
#[test]
fn columns_of_another_character_set_are_told() {
    let garbled = |settings: &Settings| {
        let texts =
            block(async { Source::open(&settings.source).await.unwrap().first_texts().await.unwrap() });
        garbled_columns(&settings.source, &texts)
    };
    for (charset, how) in [("gbk", Garbled::GbkAsLatin1), ("utf8mb4", Garbled::Utf8AsLatin1)] {
        let url = servers::mariadb();
        let settings = filled(&url);
        assert_eq!(garbled(&settings), []);
        servers::execute(
            &url,
            &format!(
                "ALTER TABLE person ADD raw VARBINARY(200); UPDATE person SET raw = CONVERT(name USING {charset}); \
                 ALTER TABLE person DROP name, CHANGE raw name VARCHAR(200) CHARACTER SET latin1"
            ),
        );
        let found = garbled(&settings);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].column.as_str(), found[0].how), ("name", how));
        assert!(found[0].count * 10 > found[0].of * 9, "{found:?}");
    }
}

/// A database with a write-ahead log where nothing may be written, as on a share that is read alone.
#[test]
fn a_base_with_a_log_is_read_where_nothing_may_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let url = setting::sample(dir.path(), 300);
    let base = dir.path().join("register.db");
    execute(
        &base,
        "PRAGMA journal_mode = WAL; UPDATE person SET name = name; PRAGMA wal_checkpoint(TRUNCATE)",
    );
    let rates = |user: Option<&str>| {
        let state = tempfile::tempdir().unwrap();
        let config = setting::write(state.path(), &setting::configuration(&url, state.path()));
        let program = env!("CARGO_BIN_EXE_tongbao");
        let mut command = match user {
            Some(user) => {
                let _ = Command::new("chown").args(["-R", user]).arg(state.path()).status();
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", "nogroup", "--clear-groups", program]);
                command
            }
            None => Command::new(program),
        };
        command.current_dir(state.path()).arg("--config").arg(config);
        command.args(["--format", "json", "rates", "--to", "2016-06-12"]).output().unwrap()
    };
    let open = |mode: &str| Command::new("chmod").arg(mode).arg(dir.path()).status().unwrap();
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n");
    let user = is_root.then_some("nobody");
    let free = rates(None);
    assert!(free.status.success(), "{}", setting::stderr(&free));
    for left in ["register.db-wal", "register.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join(left));
    }
    open("0555");
    let bound = rates(user);
    open("0755");
    assert!(bound.status.success(), "{}", setting::stderr(&bound));
    let without_instant = |output: &Output| {
        let mut value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        value.as_object_mut().unwrap().remove("pulled_at");
        value
    };
    assert_eq!(without_instant(&bound), without_instant(&free));
    std::fs::write(dir.path().join("register.db-wal"), [1; 5_000]).unwrap();
    open("0555");
    let refused = rates(user);
    open("0755");
    let told = setting::stderr(&refused);
    assert!(!refused.status.success() && told.contains("write-ahead log"), "{told}");
}

/// A copy of a file and what is beside it, in a folder of its own, while a program has written `sql` and ended nothing.
fn left_by_a_stopped_program(base: &Path, sql: &str, into: &Path) {
    std::fs::create_dir_all(into).unwrap();
    block(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(base);
        let mut writer = options.connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut writer).await.unwrap();
        for entry in std::fs::read_dir(base.parent().unwrap()).unwrap() {
            let file = entry.unwrap().path();
            if file.is_file() {
                std::fs::copy(&file, into.join(file.file_name().unwrap())).unwrap();
            }
        }
    });
}

fn json_rates(dir: &Path, url: &str) -> Output {
    let config = setting::write(dir, &setting::configuration(url, dir));
    setting::tongbao(
        dir,
        &["--config", config.to_str().unwrap(), "--format", "json", "rates", "--to", "2016-06-12"],
    )
}

/// Changes that were never ended are in the file, and count for nothing.
#[test]
fn what_a_stopped_program_has_half_written_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    setting::sample(dir.path(), 300);
    let base = dir.path().join("register.db");
    let half = dir.path().join("half");
    left_by_a_stopped_program(
        &base,
        "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE person SET residence_address = NULL;
         CREATE TABLE more AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         SELECT i, hex(randomblob(200)) AS text FROM n",
        &half,
    );
    let refused = json_rates(dir.path(), &format!("sqlite:{}", half.join("register.db").display()));
    let error = setting::stderr(&refused);
    assert!(!refused.status.success() && error.contains("register.db-journal"), "{error}");
    execute(&half.join("register.db"), "SELECT count(*) FROM person");
    let healed = json_rates(dir.path(), &format!("sqlite:{}", half.join("register.db").display()));
    assert!(healed.status.success(), "{}", setting::stderr(&healed));
}

/// A log is beside the file, and not beside a link to it.
#[test]
fn a_link_leads_to_the_changes_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    setting::sample(dir.path(), 300);
    let base = dir.path().join("register.db");
    let copy = dir.path().join("copy");
    left_by_a_stopped_program(
        &base,
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; UPDATE person SET residence_address = NULL",
        &copy,
    );
    let link = dir.path().join("link.db");
    std::os::unix::fs::symlink(copy.join("register.db"), &link).unwrap();
    let linked = json_rates(dir.path(), &format!("sqlite:{}", link.display()));
    assert!(linked.status.success(), "{}", setting::stderr(&linked));
    let figures: serde_json::Value = serde_json::from_slice(&linked.stdout).unwrap();
    let address = &figures["totals"]["fields"]["residence_address"];
    assert!(address["denominator"].as_u64().unwrap() > 0);
    assert_eq!(address["numerator"], 0);
}

/// A password that is changed while a daemon runs: its file is read again.
#[test]
fn an_address_in_a_file_is_read_again() {
    let url = servers::postgres();
    let settings = filled(&url);
    let whole = figures(settings).unwrap();
    servers::execute(
        &url,
        "CREATE ROLE clerk_changed LOGIN PASSWORD 'first'; GRANT pg_read_all_data TO clerk_changed",
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("address");
    let write = |password: &str| {
        let changed = url.replacen("tester:s3cret-words", &format!("clerk_changed:{password}"), 1);
        std::fs::write(&file, changed).unwrap();
    };
    write("first");
    let text = setting::configuration(&url, dir.path());
    let text = text.replacen(&format!("url = \"{url}\""), &format!("url_file = \"{}\"", file.display()), 1);
    let parsed = config::parse("office.toml", &text, &Default::default()).unwrap().settings;
    assert_eq!(figures(parsed.clone()).unwrap(), whole);
    servers::execute(&url, "ALTER ROLE clerk_changed PASSWORD 'second'");
    assert!(matches!(failure(&parsed), SourceError::Login { .. }));
    write("second");
    let mut parsed = parsed;
    for connections in [1, 2] {
        parsed.source.connections = connections;
        assert_eq!(figures(parsed.clone()).unwrap(), whole);
    }
}

/// What policies hide from an account cuts the register without an error.
#[test]
fn tables_that_are_shown_in_part_are_named() {
    let url = servers::postgres();
    let settings = filled(&url);
    servers::execute(
        &url,
        "CREATE ROLE clerk_policy LOGIN PASSWORD 's3cret-words'; GRANT SELECT ON person, unit, roster TO clerk_policy; \
         ALTER TABLE person ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY own_part ON person FOR SELECT TO clerk_policy USING (id % 2 = 0)",
    );
    let shown = |settings: &Settings| {
        block(async { Source::open(&settings.source).await.unwrap().partly_shown().await })
    };
    let clerk = of_user(&settings, "clerk_policy");
    assert_eq!(shown(&clerk), [("source.register", "person".to_owned())]);
    assert!(shown(&settings).is_empty());
    let dir = tempfile::tempdir().unwrap();
    setting::write(dir.path(), &setting::configuration(clerk.source.url.expose(), dir.path()));
    let told = setting::stdout(&setting::tongbao(dir.path(), &["--config", "tongbao.toml", "-q", "check"]));
    let line = "warning  source.register: the server shows this account only some rows of table \"person\"";
    assert!(told.contains(line), "{told}");
}
