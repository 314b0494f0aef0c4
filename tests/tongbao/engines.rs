//! Servers that speak the protocol of PostgreSQL or MySQL and differ in what they promise: the same
//! figures, or a sentence that says what to do.

use jiff::civil::date;
use tongbao::config::settings::{Compute, DatabaseUrl, Settings};
use tongbao::pipeline::RunError;
use tongbao::source::sample::SamplePlan;
use tongbao::source::{Source, SourceError};

use crate::sources::{block, figures, filled_by, sqlite};
use crate::support::{proxy, servers, setting};

const PLAN: SamplePlan = SamplePlan {
    persons: 3_000,
    defects: 0.3,
    seed: 18,
    from: date(2016, 5, 25),
    to: date(2016, 7, 7),
    kind: tongbao::source::sample::SampleKind::Persons,
};

fn settings(url: &str) -> Settings {
    setting::settings(url, &tempfile::tempdir().unwrap().keep())
}

fn filled(url: &str) -> Settings {
    filled_by(url, &PLAN)
}

fn expected() -> serde_json::Value {
    figures(filled(&sqlite())).unwrap()
}

fn engine(settings: &Settings) -> (String, Vec<tongbao_message::Message>) {
    block(async { Source::open(&settings.source).await.unwrap().engine().unwrap() })
}

/// The same address at another port of this machine.
fn at(url: &str, port: u16) -> String {
    let (before, behind) = url.split_once("127.0.0.1:").unwrap();
    let database = behind.split_once('/').unwrap().1;
    format!("{before}127.0.0.1:{port}/{database}")
}

fn failure(settings: Settings) -> SourceError {
    match figures(settings) {
        Err(RunError::Source(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// What an administrator has set for other programs neither cuts the register nor changes what is counted.
#[test]
fn settings_of_a_server_change_no_figure() {
    let server = servers::own_mariadb();
    servers::administer("mysql", server.port, "", "CREATE DATABASE register CHARACTER SET utf8mb4");
    let mariadb = filled(&format!("mysql://tester:s3cret-words@127.0.0.1:{}/register", server.port));
    let limits = "SET GLOBAL sql_select_limit = 50; SET GLOBAL max_join_size = 100; \
                  SET GLOBAL sql_mode = 'EMPTY_STRING_IS_NULL,ORACLE'";
    servers::administer("mysql", server.port, "", limits);
    let url = servers::postgres();
    let postgres = filled(&url);
    let name = url.rsplit('/').next().unwrap();
    servers::execute(&url, &format!("ALTER DATABASE {name} SET standard_conforming_strings = off"));
    let expected = expected();
    for settings in [mariadb, postgres] {
        for compute in [Compute::Engine, Compute::Database] {
            let mut settings = settings.clone();
            settings.source.compute = compute;
            assert_eq!(figures(settings).unwrap(), expected, "{compute:?}");
        }
    }
}

#[test]
fn poolers_serve_in_every_mode() {
    let url = servers::postgres();
    let direct = figures(filled(&url)).unwrap();
    for mode in ["session", "transaction"] {
        let pooler = servers::pgbouncer(mode);
        let mut pooled = settings(&at(&url, pooler.port));
        for connections in [1, 2] {
            pooled.source.connections = connections;
            // Twice: the second pull may get a server process that the first has used.
            for _ in 0..2 {
                assert_eq!(figures(pooled.clone()).unwrap(), direct, "{mode}, {connections}");
            }
        }
        pooled.source.compute = Compute::Database;
        assert_eq!(figures(pooled).unwrap(), direct, "{mode}, counted there");
    }
}

#[test]
fn oceanbase_gives_the_same_figures_and_counts_nothing() {
    let Some(server) = servers::oceanbase() else { return };
    servers::administer("mysql", server.port, "", "CREATE DATABASE register");
    let url = format!("mysql://root@127.0.0.1:{}/register", server.port);
    let mut settings = filled(&url);
    let (name, shortcomings) = engine(&settings);
    assert!(name.starts_with("OceanBase seekdb ") && shortcomings.is_empty(), "{name}: {shortcomings:?}");
    assert_eq!(figures(settings.clone()).unwrap(), expected());
    settings.source.compute = Compute::Database;
    let refused = failure(settings);
    assert!(matches!(refused, SourceError::UnprovedCounting { .. }), "{refused}");
    assert!(refused.to_string().contains("this is OceanBase seekdb"), "{refused}");
}

/// One table over two servers, behind one address.
#[test]
fn a_sharded_mariadb_gives_the_same_figures() {
    let (first, second) = (servers::mariadb_with_spider(), servers::mariadb());
    servers::administer("mysql", first.port, "", "CREATE DATABASE whole CHARACTER SET utf8mb4");
    let url = format!("mysql://tester:s3cret-words@127.0.0.1:{}/whole", first.port);
    let settings = filled(&url);
    let shard = second.rsplit('/').next().unwrap();
    let table =
        servers::mysql_value(first.port, "SHOW CREATE TABLE whole.person").replacen("person\t", "", 1);
    let (columns, _) = table.rsplit_once(") ENGINE").unwrap();
    servers::administer("mysql", servers::mariadb_port(), shard, &table);
    let server = |name: &str, port: u16, database: &str| {
        format!(
            "CREATE SERVER {name} FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1', PORT {port}, \
             DATABASE '{database}', USER 'tester', PASSWORD 's3cret-words');"
        )
    };
    let sql = format!(
        "CREATE DATABASE shard; RENAME TABLE whole.person TO shard.everybody; USE shard; {table}; \
         {} {} USE whole; {columns}) ENGINE = SPIDER PARTITION BY HASH (id) \
         (PARTITION a COMMENT = 'wrapper \"mysql\", srv \"a\", table \"person\"', \
         PARTITION b COMMENT = 'wrapper \"mysql\", srv \"b\", table \"person\"'); \
         INSERT INTO person SELECT * FROM shard.everybody",
        server("a", first.port, "shard"),
        server("b", servers::mariadb_port(), shard),
    );
    servers::administer("mysql", first.port, "", &sql);
    let count = |port: u16, database: &str| -> u64 {
        servers::mysql_value(port, &format!("SELECT COUNT(*) FROM {database}.person")).parse().unwrap()
    };
    let parts = (count(first.port, "shard"), count(servers::mariadb_port(), shard));
    assert!(parts.0 > 100 && parts.1 > 100, "{parts:?}");
    assert_eq!(figures(settings).unwrap(), expected());
}

#[test]
fn postgresql_18_and_its_standby_give_the_same_figures() {
    let Some(bin) = servers::postgres_18() else { return };
    let primary = servers::start_postgres_of(&bin, &[]);
    servers::administer("postgres", primary.port, "postgres", "CREATE DATABASE register");
    let url = format!("postgres://tester:s3cret-words@127.0.0.1:{}/register", primary.port);
    let whole = filled(&url);
    let standby =
        servers::start_standby_of(&bin, primary.port, &["max_standby_streaming_delay=0".to_owned()]);
    let copy = settings(&at(&url, standby.port));
    assert!(engine(&whole).0.starts_with("PostgreSQL 18.") && !engine(&whole).0.contains("standby"));
    assert!(engine(&copy).0.ends_with(", hot standby"));
    for mut settings in [whole, copy.clone()] {
        for connections in [1, 2] {
            settings.source.connections = connections;
            assert_eq!(figures(settings.clone()).unwrap(), expected(), "{connections} connections");
        }
        settings.source.compute = Compute::Database;
        assert_eq!(figures(settings).unwrap(), expected());
    }
    // What the primary clears away under a reader on the standby ends the reading, for now.
    let interrupted = block(async {
        let mut source = Source::open(&copy.source).await.unwrap();
        source.units().await.unwrap();
        tokio::task::spawn_blocking(move || {
            let sql = "DELETE FROM person; VACUUM (TRUNCATE) person; DROP TABLE roster";
            sql.split("; ").for_each(|sql| servers::administer("postgres", primary.port, "register", sql));
            servers::administer("postgres", primary.port, "postgres", "CHECKPOINT");
            primary
        })
        .await
        .map(drop)
        .unwrap();
        let mut last = Ok(());
        for _ in 0..200 {
            last = source.units().await.map(|_| ());
            if last.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        last.unwrap_err()
    });
    assert!(interrupted.is_unavailable(), "{interrupted}");
}

/// TiDB's grammar lacks the sentence that MySQL's has; a real MariaDB stands in for it, made not to
/// understand either.
#[test]
fn what_does_not_understand_the_best_sentence_gets_the_next() {
    let url = servers::mariadb();
    let whole = figures(filled(&url)).unwrap();
    let port = servers::mariadb_port();
    const BEST: (&str, &str) =
        ("WITH CONSISTENT SNAPSHOT, READ ONLY", "WITH CONSISTENT SNAPSHOT, NO SUCH WORD");
    const IS_TIDB: (&str, &str) = ("version(), @@", "'8.0.11-TiDB-v7.5.0', @@");
    const NO_AS_OF: (&str, &str) = ("tidb_snapshot = NOW()", "no_such_variable = 1");
    const AS_OF: (&str, &str) = ("SET SESSION tidb_snapshot = NOW()", "START TRANSACTION READ ONLY");
    const NO_READ_ONLY: (&str, &str) = ("TRANSACTION READ ONLY", "TRANSACTION NO SUCH WORD");
    for (rules, name, shortcomings) in [
        (&[BEST] as proxy::Rules, "MariaDB", 0),
        (&[BEST, IS_TIDB, AS_OF], "TiDB 7.5.0", 0),
        (&[BEST, IS_TIDB, NO_AS_OF], "TiDB 7.5.0", 1),
        (&[BEST, NO_READ_ONLY], "MariaDB", 1),
        (&[BEST, NO_READ_ONLY, ("WITH CONSISTENT SNAPSHOT", "NO SUCH WORD")], "MariaDB", 2),
    ] {
        let settings = settings(&at(&url, proxy::mysql(port, rules)));
        let (told, lacking) = engine(&settings);
        assert!(told.starts_with(name), "{told}");
        assert_eq!(lacking.len(), shortcomings, "{rules:?}: {lacking:?}");
        assert_eq!(figures(settings).unwrap(), whole, "{rules:?}");
    }
}

/// CockroachDB has no binary COPY; a real PostgreSQL stands in for it.
#[test]
fn rows_come_as_text_where_binary_copy_is_refused() {
    let url = servers::postgres();
    let mut settings = filled(&url);
    servers::execute(&url, "ALTER TABLE person ALTER registered_at TYPE timestamptz");
    let whole = figures(settings.clone()).unwrap();
    let port = DatabaseUrl::new(&url).expose().split(':').nth(3).unwrap().split('/').next().unwrap().parse();
    let rules: proxy::Rules = &[
        ("SELECT version()", "SELECT 'CockroachDB CCL v23.1.11 (x86_64)'::text"),
        ("FORMAT binary", "FORMAT bonary"),
    ];
    settings.source.url = DatabaseUrl::new(at(&url, proxy::postgres(port.unwrap(), rules)));
    assert_eq!(engine(&settings).0, "CockroachDB 23.1.11");
    assert_eq!(figures(settings.clone()).unwrap(), whole);
    settings.source.compute = Compute::Database;
    assert!(matches!(failure(settings), SourceError::UnprovedCounting { .. }));
}

#[test]
fn a_foreign_sign_in_is_told_with_its_remedies() {
    let url = format!("postgres://tester:s3cret-words@127.0.0.1:{}/register", proxy::gaussdb());
    let told = failure(settings(&url)).to_string();
    assert!(told.contains("password_encryption_type = 1") && told.contains("odbc:"), "{told}");
}
