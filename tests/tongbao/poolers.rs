//! Poolers with little room, servers that are full, and sessions that somebody ends: the figures, or another try
//! later with the limit that is meant.

use jiff::civil::date;
use tongbao::config::settings::{Dataset, Settings};
use tongbao::source::SourceError;
use tongbao::source::sample::{SampleKind, SamplePlan};

use crate::sources::{block, failure, figures, filled_by};
use crate::support::{servers, setting};

const PLAN: SamplePlan = SamplePlan {
    persons: 5_000,
    defects: 0.3,
    seed: 23,
    from: date(2016, 5, 25),
    to: date(2016, 7, 7),
    kind: SampleKind::Persons,
};

fn filled(url: &str) -> Settings {
    filled_by(url, &PLAN)
}

/// The same register behind a pooler.
fn pooled(url: &str, port: u16) -> Settings {
    let (before, behind) = url.split_once("127.0.0.1:").unwrap();
    let database = behind.split_once('/').unwrap().1;
    let url = format!("{before}127.0.0.1:{port}/{database}");
    setting::settings(&url, &tempfile::tempdir().unwrap().keep())
}

/// A register that nobody reads to its end.
fn endless(mut settings: Settings, sleep: &str) -> Settings {
    let query = format!("SELECT person.* FROM person, (SELECT {sleep}) AS pause");
    settings.source.register.dataset = Dataset::Query(query);
    settings
}

fn assert_passing(error: &SourceError, words: &[&str]) {
    let told = error.to_string();
    assert!(error.is_unavailable(), "{told}");
    assert!(words.iter().all(|word| told.contains(word)), "{told}");
    assert!(!told.contains("is the address right"), "{told}");
}

#[test]
fn a_pool_with_one_place_gives_the_figures_of_all_connections() {
    let url = servers::postgres();
    let direct = figures(filled(&url)).unwrap();
    for mode in ["session", "transaction"] {
        let pooler = servers::pgbouncer_with(mode, "default_pool_size = 1");
        let mut settings = pooled(&url, pooler.port);
        settings.source.connections = 3;
        assert_eq!(figures(settings).unwrap(), direct, "{mode}");
    }
}

#[test]
fn limits_of_a_pooler_are_named_and_tried_again() {
    let url = servers::postgres();
    filled(&url);
    let pooler = servers::pgbouncer_with(
        "session",
        "max_client_conn = 1\nquery_timeout = 1\nignore_startup_parameters = extra_float_digits",
    );
    let broken = failure(endless(pooled(&url, pooler.port), "pg_sleep(60)"));
    assert_passing(&broken, &["query_timeout"]);
    let place = block(async {
        use sqlx::Connection;
        sqlx::PgConnection::connect(pooled(&url, pooler.port).source.url.expose()).await.unwrap()
    });
    assert_passing(&failure(pooled(&url, pooler.port)), &["max_client_conn", "source.connections"]);
    drop(place);
}

#[test]
fn a_full_server_is_no_wrong_address() {
    let (postgres, mariadb) = (servers::postgres(), servers::own_mariadb());
    let settings = filled(&postgres);
    let name = postgres.rsplit('/').next().unwrap();
    servers::execute(
        &postgres,
        &format!("CREATE ROLE lone_{name} LOGIN PASSWORD 's3cret-words' CONNECTION LIMIT 0"),
    );
    let lone = postgres.replace("tester:", &format!("lone_{name}:"));
    assert_passing(&failure(setting::settings(&lone, settings.state_dir.as_path())), &["source.connections"]);
    servers::administer("mysql", mariadb.port, "", "CREATE DATABASE register CHARACTER SET utf8mb4");
    let url = format!("mysql://tester:s3cret-words@127.0.0.1:{}/register", mariadb.port);
    let settings = filled(&url);
    servers::administer("mysql", mariadb.port, "", "ALTER USER tester@'%' WITH MAX_USER_CONNECTIONS 1");
    let holder = block(async {
        use sqlx::Connection;
        sqlx::MySqlConnection::connect(&url).await.unwrap()
    });
    assert_passing(&failure(settings), &["source.connections"]);
    drop(holder);
}

#[test]
fn a_session_that_somebody_ends_is_tried_again() {
    let (postgres, mariadb) = (servers::postgres(), servers::own_mariadb());
    let settings = endless(filled(&postgres), "pg_sleep(60)");
    let cut = "DO $$ DECLARE n int; BEGIN FOR i IN 1..5000 LOOP \
               SELECT count(pg_terminate_backend(pid)) INTO n FROM pg_stat_activity \
               WHERE datname = current_database() AND query LIKE 'COPY%' AND pid <> pg_backend_pid(); \
               EXIT WHEN n > 0; PERFORM pg_stat_clear_snapshot(); PERFORM pg_sleep(0.002); END LOOP; END $$";
    let killer = std::thread::spawn(move || servers::execute(&postgres, cut));
    assert_passing(&failure(settings), &["again"]);
    killer.join().unwrap();
    let port = mariadb.port;
    servers::administer("mysql", port, "", "CREATE DATABASE register CHARACTER SET utf8mb4");
    let url = format!("mysql://tester:s3cret-words@127.0.0.1:{port}/register");
    let settings = endless(filled(&url), "sleep(60)");
    let killer = std::thread::spawn(move || {
        let reading = "SELECT coalesce(max(id), 0) FROM information_schema.processlist \
                       WHERE info LIKE 'SELECT `%' AND user = 'tester' AND command = 'Query'";
        let sessions = std::iter::repeat_with(|| servers::mysql_value(port, reading));
        let session = sessions.take(500).find(|session| session != "0").unwrap();
        servers::administer("mysql", port, "", &format!("KILL {session}"));
    });
    assert_passing(&failure(settings), &["again"]);
    killer.join().unwrap();
}
