//! Sources against real servers: one register, three databases, the same figures.

use jiff::civil::date;
use tongbao::clock::Clock;
use tongbao::config::settings::{DatabaseUrl, Dataset, Settings};
use tongbao::pipeline::{Engine, RunError};
use tongbao::ranking::results::Results;
use tongbao::report::json;
use tongbao::schedule::period::Period;
use tongbao::source::sample::{SamplePlan, fill};
use tongbao::source::{Source, SourceError};

use crate::support::servers;
use crate::support::setting;

const PLAN: SamplePlan = SamplePlan {
    persons: 5_000,
    defects: 0.3,
    seed: 7,
    from: date(2016, 5, 25),
    to: date(2016, 7, 7),
    kind: tongbao::source::sample::SampleKind::Persons,
};

fn filled(url: &str) -> Settings {
    filled_by(url, &PLAN)
}

/// A configuration on a database that the sample was written into, with a state folder of its own.
pub(super) fn filled_by(url: &str, plan: &SamplePlan) -> Settings {
    block(fill(&DatabaseUrl::new(url), plan, |_| {})).unwrap();
    setting::settings(url, &tempfile::tempdir().unwrap().keep())
}

pub(super) fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub(super) fn sqlite() -> String {
    format!("sqlite:{}", tempfile::tempdir().unwrap().keep().join("register.db").display())
}

pub(super) fn figures(settings: Settings) -> Result<serde_json::Value, RunError> {
    let engine = Engine::new(settings)?;
    let now = "2016-07-08T01:00:00Z".parse().unwrap();
    let period = Period::new(date(2016, 6, 6), date(2016, 6, 12)).unwrap();
    let snapshot = block(engine.pull(period.to, Clock::Fixed(now).now(), |_| {}))?;
    let results = Results::new(&snapshot, period, engine.rules(), None);
    Ok(json::figures(&results, &engine.settings.indicators))
}

#[test]
fn three_databases_give_the_same_json() {
    let lite = figures(filled(&sqlite())).unwrap();
    assert_eq!(lite["units"].as_array().unwrap().len(), 37);
    assert!(lite["totals"]["records"].as_u64().unwrap() > 1_000);
    for url in [servers::postgres(), servers::mariadb()] {
        assert_eq!(figures(filled(&url)).unwrap(), lite, "{}", DatabaseUrl::new(url));
    }
}

/// Each list is in another database, which has nothing else.
#[test]
fn lists_may_lie_elsewhere() {
    let (lite, postgres, maria) = (sqlite(), servers::postgres(), servers::mariadb());
    let mut settings = filled(&postgres);
    let expected = figures(settings.clone()).unwrap();
    filled(&lite);
    filled(&maria);
    servers::execute(&postgres, "DROP TABLE roster; DROP TABLE unit");
    servers::execute(&maria, "DROP TABLE person");
    assert!(figures(settings.clone()).is_err());
    settings.source.units.from.url = Some(DatabaseUrl::new(maria));
    settings.source.rosters[0].from.url = Some(DatabaseUrl::new(lite));
    assert_eq!(figures(settings.clone()).unwrap(), expected);
    let checked = block(async { Source::open(&settings.source).await.unwrap().check().await });
    assert!(checked.iter().all(|(_, result)| result.is_ok()), "{checked:?}");
    settings.source.units.from.url = Some(DatabaseUrl::new(sqlite()));
    assert!(matches!(failure(settings), SourceError::NoSuchFile { .. }));
}

#[test]
fn batch_size_and_own_query_change_nothing() {
    for url in [sqlite(), servers::postgres(), servers::mariadb()] {
        own_query_changes_nothing(filled(&url));
    }
}

pub(super) fn own_query_changes_nothing(mut settings: Settings) {
    let expected = figures(settings.clone()).unwrap();
    settings.source.batch_rows = 313;
    settings.source.register.dataset = Dataset::Query("SELECT * FROM person WHERE id > 0;".into());
    assert_eq!(figures(settings).unwrap(), expected);
}

#[test]
fn several_connections_read_every_record_once() {
    let url = servers::postgres();
    let mut settings = filled(&url);
    let expected = figures(settings.clone()).unwrap();
    for connections in [2, 3, 7] {
        settings.source.connections = connections;
        let parts = block(async { Source::open(&settings.source).await?.parts().await }).unwrap();
        assert!(parts.len() > 1 && parts.len() <= connections, "{} parts", parts.len());
        drop(parts);
        assert_eq!(figures(settings.clone()).unwrap(), expected, "{connections} connections");
    }
    // A view has no places of its own, and is read as one part.
    servers::execute(&url, "CREATE VIEW everybody AS SELECT * FROM person");
    settings.source.register.dataset = Dataset::Table("everybody".into());
    assert_eq!(figures(settings).unwrap(), expected);
}

#[test]
fn instants_of_a_zone_become_local_days() {
    for url in [servers::postgres(), servers::mariadb()] {
        let mut settings = filled(&url);
        let expected = figures(settings.clone()).unwrap();
        // The same times, now as instants: eight hours earlier in UTC.
        let sql = if url.starts_with("postgres") {
            "ALTER TABLE person ALTER registered_at TYPE timestamptz USING registered_at AT TIME ZONE 'Asia/Shanghai'"
        } else {
            "SET time_zone = '+08:00'; ALTER TABLE person MODIFY registered_at TIMESTAMP NULL"
        };
        servers::execute(&url, sql);
        settings.source.register.document_type = Some("document_type".into());
        assert_eq!(figures(settings).unwrap(), expected);
    }
}

#[test]
fn unit_codes_and_sexes_may_be_integers() {
    let url = servers::postgres();
    let settings = filled(&url);
    let expected = figures(settings.clone()).unwrap();
    let sql = "ALTER TABLE person ALTER village_code TYPE bigint USING village_code::bigint";
    servers::execute(&url, sql);
    assert_eq!(figures(settings).unwrap(), expected);
}

pub(super) fn failure(settings: Settings) -> SourceError {
    match figures(settings) {
        Err(RunError::Source(error)) => error,
        other => panic!("expected a source error, got {:?}", other.map(|_| "figures")),
    }
}

#[test]
fn missing_tables_and_columns_name_the_nearest() {
    for url in [sqlite(), servers::postgres(), servers::mariadb()] {
        nearest_are_named(filled(&url));
    }
}

pub(super) fn nearest_are_named(settings: Settings) {
    let mut no_table = settings.clone();
    no_table.source.register.dataset = Dataset::Table("persom".into());
    let message = failure(no_table).to_string();
    assert!(message.contains("no table \"persom\"; did you mean \"person\"?"), "{message}");
    let mut no_column = settings.clone();
    no_column.source.register.unit = "vilage_code".into();
    let message = failure(no_column).to_string();
    assert!(message.contains("no column \"vilage_code\"; did you mean \"village_code\"?"), "{message}");
    let mut wrong_query = settings;
    wrong_query.source.register.dataset = Dataset::Query("SELEC 1".into());
    assert!(matches!(failure(wrong_query), SourceError::Query { .. }));
}

#[test]
fn passwords_never_appear() {
    for url in [servers::postgres(), servers::mariadb()] {
        let mut settings = filled(&url);
        settings.source.url = DatabaseUrl::new(url.replace("s3cret-words", "wr0ng-words"));
        let error = failure(settings);
        assert!(matches!(error, SourceError::Login { .. }), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("wr0ng"), "{shown}");
    }
}

#[test]
fn a_database_that_is_away_can_be_tried_again() {
    let port = servers::free_port();
    for url in [format!("postgres://u:p@127.0.0.1:{port}/x"), format!("mysql://u:p@127.0.0.1:{port}/x")] {
        let dir = tempfile::tempdir().unwrap();
        let error = failure(setting::settings(&url, dir.path()));
        assert!(error.is_unavailable(), "{error:?}");
    }
}

#[test]
fn a_silent_server_does_not_hold_the_run() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let dir = tempfile::tempdir().unwrap();
    let mut settings = setting::settings(&format!("postgres://u:p@127.0.0.1:{port}/x"), dir.path());
    settings.source.timeout = std::time::Duration::from_millis(300);
    let error = failure(settings);
    assert!(matches!(error, SourceError::TimedOut { .. }), "{error:?}");
}

#[test]
fn the_register_is_never_written() {
    for url in [servers::postgres(), servers::mariadb()] {
        let mut settings = filled(&url);
        let write = if url.starts_with("postgres") {
            servers::execute(
                &url,
                "CREATE FUNCTION spoil() RETURNS TABLE (code text, name text, kind text, parent text) AS \
                 $$ DELETE FROM unit RETURNING code, name, kind, parent $$ LANGUAGE sql",
            );
            "SELECT * FROM spoil()"
        } else {
            "SELECT * FROM unit FOR UPDATE"
        };
        settings.source.units.from.dataset = Dataset::Query(write.into());
        let refused = block(async { Source::open(&settings.source).await?.units().await });
        if url.starts_with("postgres") {
            assert!(refused.is_err(), "a write must be refused");
        }
        settings.source.units.from.dataset = Dataset::Table("unit".into());
        let units = block(async { Source::open(&settings.source).await?.units().await }).unwrap();
        assert_eq!(units.len(), 37);
    }
}

#[test]
fn everything_is_read_in_one_snapshot() {
    for url in [servers::postgres(), servers::mariadb()] {
        let settings = filled(&url);
        block(async {
            let mut source = Source::open(&settings.source).await.unwrap();
            let before = source.units().await.unwrap().len();
            servers::execute(&url, "DELETE FROM unit");
            assert_eq!(source.units().await.unwrap().len(), before, "the snapshot keeps what was there");
        });
        let none = block(async { Source::open(&settings.source).await?.units().await }).unwrap();
        assert!(none.is_empty());
    }
}

#[test]
fn bytes_that_are_no_text_do_not_end_the_run() {
    let url = sqlite();
    let settings = filled(&url);
    let before = figures(settings.clone()).unwrap();
    block(async {
        let options = url.parse::<sqlx::sqlite::SqliteConnectOptions>().unwrap();
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        sqlx::query("UPDATE person SET id_number = CAST(x'FF34' AS TEXT) WHERE id = 1")
            .execute(&pool)
            .await
            .unwrap();
    });
    let after = figures(settings).unwrap();
    assert_eq!(after["totals"]["records"], before["totals"]["records"]);
}

#[test]
fn samples_never_overwrite() {
    for url in [sqlite(), servers::postgres(), servers::mariadb()] {
        filled(&url);
        let again = block(fill(&DatabaseUrl::new(url), &PLAN, |_| {}));
        assert!(matches!(again, Err(SourceError::Occupied(_))), "{again:?}");
    }
}
