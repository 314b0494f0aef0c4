//! Nothing that is configured can write to the register, and no secret shows up anywhere.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::support::servers;
use crate::support::setting::{configuration, program, stderr, stdout, tongbao, write};
use crate::support::smtp::MailServer;

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

async fn run_sql(url: &str, sql: &str) {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    if url.starts_with("postgres") {
        let options = url.parse::<sqlx::postgres::PgConnectOptions>().unwrap();
        sql.execute(&mut options.connect().await.unwrap()).await.unwrap();
    } else if url.starts_with("mysql") {
        let options = url.parse::<sqlx::mysql::MySqlConnectOptions>().unwrap();
        sql.execute(&mut options.connect().await.unwrap()).await.unwrap();
    } else {
        let options = url.parse::<sqlx::sqlite::SqliteConnectOptions>().unwrap();
        sql.execute(&mut options.connect().await.unwrap()).await.unwrap();
    }
}

/// Rows and a sum over the register, by the database itself.
fn state_of(url: &str) -> (i64, i64) {
    const STANDARD: &str = "SELECT COUNT(*), CAST(SUM(id) AS BIGINT) FROM person";
    const MYSQL: &str = "SELECT COUNT(*), CAST(SUM(id) AS SIGNED) FROM person";
    block(async {
        if url.starts_with("postgres") {
            let mut c = url.parse::<sqlx::postgres::PgConnectOptions>().unwrap().connect().await.unwrap();
            sqlx::query_as(STANDARD).fetch_one(&mut c).await.unwrap()
        } else if url.starts_with("mysql") {
            let mut c = url.parse::<sqlx::mysql::MySqlConnectOptions>().unwrap().connect().await.unwrap();
            sqlx::query_as(MYSQL).fetch_one(&mut c).await.unwrap()
        } else {
            let mut c = url.parse::<sqlx::sqlite::SqliteConnectOptions>().unwrap().connect().await.unwrap();
            sqlx::query_as(STANDARD).fetch_one(&mut c).await.unwrap()
        }
    })
}

fn databases(dir: &Path) -> [String; 3] {
    let urls =
        [format!("sqlite:{}", dir.join("register.db").display()), servers::postgres(), servers::mariadb()];
    for url in &urls {
        let made = tongbao(dir, &["-q", "sample", "--persons", "300", "--to", url]);
        assert!(made.status.success(), "{}", stderr(&made));
    }
    urls
}

fn rates(dir: &Path, text: &str) -> Output {
    write(dir, text);
    tongbao(dir, &["--config", "tongbao.toml", "rates", "--to", "2016-06-12"])
}

/// The configuration with another register: `query = '…'` or `table = '…'`.
fn with_register(dir: &Path, url: &str, key: &str, value: &str) -> String {
    let value = toml::Value::String(value.to_owned());
    configuration(url, dir).replacen("table = \"person\"", &format!("{key} = {value}"), 1)
}

#[test]
fn no_configured_query_changes_the_register() {
    let dir = tempfile::tempdir().unwrap();
    let urls = databases(dir.path());
    let wipe =
        "CREATE FUNCTION wipe() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM person; RETURN 1; END'";
    block(run_sql(&urls[1], wipe));
    let wipe = "CREATE FUNCTION wipe() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM person; RETURN 1; END";
    block(run_sql(&urls[2], wipe));
    let queries = [
        "DELETE FROM person",
        "DELETE FROM person RETURNING *",
        "UPDATE person SET id = id + 1 RETURNING *",
        "DROP TABLE person",
        "SELECT * FROM person; DELETE FROM person",
        "SELECT * FROM person; COMMIT; DELETE FROM person; SELECT * FROM person",
        "SELECT * FROM person) AS register; DELETE FROM person; --",
        "SELECT * FROM person) AS register) TO STDOUT; COMMIT; DELETE FROM person; --",
        "SELECT * FROM person) AS register; COMMIT; DELETE FROM person; SELECT * FROM (SELECT 1",
        "WITH gone AS (DELETE FROM person RETURNING *) SELECT * FROM gone",
        "SELECT p.*, wipe() AS w FROM person p",
        "SELECT * FROM person WHERE wipe() = 1",
        "SELECT p.*, set_config('transaction_read_only', 'off', false) AS s, wipe() AS w FROM person p",
        "SELECT * FROM person FOR UPDATE; DELETE FROM person",
        "SELECT * FROM person INTO OUTFILE '/tmp/tongbao-person'",
        "SELECT * INTO stolen FROM person",
        "PRAGMA writable_schema = 1",
        "SELECT * FROM person /*",
        "SELECT * FROM person --",
    ];
    for url in &urls {
        let before = state_of(url);
        assert_eq!(before.0, 300);
        for query in queries {
            let output = rates(dir.path(), &with_register(dir.path(), url, "query", query));
            assert!(matches!(output.status.code(), Some(1 | 2)), "{url} {query}: {output:?}");
            assert_eq!(state_of(url), before, "{url} {query}");
            assert!(stderr(&output).contains("error: "), "{}", stderr(&output));
        }
        let harmless =
            rates(dir.path(), &with_register(dir.path(), url, "query", "SELECT * FROM person WHERE id > 0;"));
        assert!(harmless.status.success(), "{}", stderr(&harmless));
    }
}

#[test]
fn identifiers_are_names_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    for url in databases(dir.path()) {
        let before = state_of(&url);
        for name in [
            "person; DELETE FROM person",
            "person\"; DELETE FROM person; --",
            "person`; DELETE FROM person; -- ",
            "person\" WHERE 1 = 1; COMMIT; DELETE FROM person; --",
            "(DELETE FROM person)",
            "person -- ",
        ] {
            for (key, written) in [
                ("table = \"person\"", "table"),
                ("key = \"id\"", "key"),
                ("unit = \"village_code\"", "unit"),
            ] {
                let value = toml::Value::String(name.to_owned());
                let text = configuration(&url, dir.path()).replacen(key, &format!("{written} = {value}"), 1);
                let output = rates(dir.path(), &text);
                // The key is read for correction lists alone.
                if written != "key" {
                    assert_eq!(output.status.code(), Some(2), "{name}: {}", stderr(&output));
                    assert!(stderr(&output).contains("there is no"), "{}", stderr(&output));
                }
                assert_eq!(state_of(&url), before, "{url} {name}");
            }
        }
        // Odd names that are there are read all the same.
        let (open, close) = if url.starts_with("mysql") { ("`", "`") } else { ("\"", "\"") };
        let odd = if url.starts_with("mysql") { "o\"dd`; -- name" } else { "o`dd\"; -- name" };
        let quoted = format!("{open}{}{close}", odd.replace(open, &open.repeat(2)));
        block(run_sql(
            &url,
            &format!("CREATE TABLE {quoted} AS SELECT person.*, name AS {quoted} FROM person"),
        ));
        let value = toml::Value::String(odd.to_owned());
        let text = configuration(&url, dir.path())
            .replacen("table = \"person\"", &format!("table = {value}"), 1)
            .replacen("name = \"name\"", &format!("name = {value}"), 1);
        let output = rates(dir.path(), &text);
        assert!(output.status.success(), "{}", stderr(&output));
        let plain = rates(dir.path(), &configuration(&url, dir.path()));
        assert_eq!(figures(&output), figures(&plain));
    }
}

/// What `rates` prints below its first line, which has the minute of reading.
fn figures(output: &Output) -> String {
    let text = stdout(output);
    let (first, figures) = text.split_once('\n').unwrap();
    assert!(first.contains("register as read at"), "{text}");
    figures.to_owned()
}

const DATABASE: &str = "MARKED-database";
const MAIL: &str = "MARKED-mail";

/// All files below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let (mut out, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { out.push(path) }
        }
    }
    out
}

/// The names of all commands, as the program tells them.
fn commands(dir: &Path) -> Vec<String> {
    let help = stdout(&tongbao(dir, &["--help"]));
    let lines =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    lines.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// A program whose environment and log hold everything there is.
fn everything(dir: &Path, url: &str, mail: &str) -> Command {
    let mut command = Command::new(program());
    command.current_dir(dir).args(["--config", "tongbao.toml", "-vv"]).env_remove("TONGBAO_CONFIG");
    command.env("TONGBAO__SOURCE__URL", url).env("TONGBAO__SMTP__PASSWORD", mail).env("TONGBAO_LOG", "trace");
    command
}

fn no_secret(what: &str, bytes: &[u8]) {
    // The second is what AUTH PLAIN sends: base64 of NUL office NUL password.
    for secret in ["MARKED", "AG9mZmljZQBNQVJLRUQ", "TUFSS0VE"] {
        let found = bytes.windows(secret.len()).position(|part| part == secret.as_bytes());
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())];
            panic!("{what} holds {secret}: {}", String::from_utf8_lossy(around));
        }
    }
}

#[test]
fn no_command_shows_a_secret() {
    let (dir, server) = (tempfile::tempdir().unwrap(), MailServer::start("auth"));
    let dir = dir.path();
    let plain = servers::postgres();
    let made = tongbao(dir, &["-q", "sample", "--persons", "300", "--to", &plain]);
    assert!(made.status.success(), "{}", stderr(&made));
    servers::execute(
        &plain,
        &format!("DROP ROLE IF EXISTS marked; CREATE ROLE marked LOGIN SUPERUSER PASSWORD '{DATABASE}'"),
    );
    let url = plain.replace("tester:s3cret-words", &format!("marked:{DATABASE}"));
    let port = server.settings().port;
    let text = configuration("sqlite:overridden", dir)
        .replace("port = 25", &format!("port = {port}\nusername = \"office\""))
        .replace("[daemon]\n", "[daemon]\nlisten = \"127.0.0.1:0\"\n");
    write(dir, &text);
    let run = |url: &str, mail: &str, arguments: &[&str]| {
        let output = everything(dir, url, mail).args(arguments).output().unwrap();
        for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            no_secret(&format!("{stream} of {arguments:?}"), bytes);
        }
        output
    };
    let week = ["--from", "2016-06-06", "--to", "2016-06-12"];
    let sent = run(&url, MAIL, &[&["run", "weekly", "--out", "out"], &week[..]].concat());
    assert!(sent.status.success(), "the secrets are the right ones: {}", stderr(&sent));
    for arguments in [
        &["check"][..],
        &["rates", "--to", "2016-06-12"],
        &["--format", "json", "rates", "--to", "2016-06-12"],
        &["runs"],
        &["--format", "json", "runs"],
        &["show", "1"],
        &["--format", "json", "show", "1"],
        &["reprint", "1", "--out", "again"],
        &["approve", "1"],
        &["reject", "1", "--why", "x"],
        &["outbox"],
        &["--format", "json", "outbox"],
        &["pause", "weekly"],
        &["resume", "weekly"],
        &["next"],
        &["backup", "--out", "backup"],
        &["restore", "backup"],
        &["verify"],
        &["verify", "--log"],
        &["schema"],
        &["man"],
        &["completions", "bash"],
    ] {
        run(&url, MAIL, arguments);
    }
    // Whatever further commands there are: without arguments they at least load what they need.
    for command in commands(dir).iter().filter(|name| !["daemon", "demo", "help"].contains(&name.as_str())) {
        run(&url, MAIL, &[command]);
    }
    // What fails tells why, and not with what.
    let wrong = url.replace(DATABASE, "MARKED-wrong");
    let broken = url.replace("MARKED-", "MARKED/?#@:");
    let unknown = url.replace("register_", "nowhere_");
    let closed = url.replace("127.0.0.1", "127.0.0.2");
    for bad in [
        &wrong,
        &broken,
        &unknown,
        &closed,
        "nonsense:MARKED",
        "mysql://u:MARKED@127.0.0.1:1/x",
        "postgres://u@127.0.0.1/x?password=MARKED&pass=MARKED",
    ] {
        for arguments in [&["check"][..], &["rates"], &["run", "weekly"]] {
            assert!(!run(bad, MAIL, arguments).status.success());
        }
        let output =
            everything(dir, &url, MAIL).args(["sample", "--persons", "5", "--to", bad]).output().unwrap();
        no_secret("sample", &[output.stdout, output.stderr].concat());
    }
    let refused = run(&url, "MARKED-wrong", &[&["run", "weekly"], &week[..]].concat());
    assert_eq!(refused.status.code(), Some(4), "recorded, and waiting: {}", stderr(&refused));
    assert!(stderr(&refused).contains("check smtp.username and smtp.password"), "{}", stderr(&refused));

    let mut daemon = everything(dir, &url, MAIL)
        .arg("daemon")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut log, mut told) = (BufReader::new(daemon.stderr.take().unwrap()), String::new());
    while !told.contains("fills the slots now") {
        assert_ne!(log.read_line(&mut told).unwrap(), 0, "the daemon ended: {told}");
    }
    let status = Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap();
    assert!(status.success());
    log.read_to_string(&mut told).unwrap();
    assert!(daemon.wait().unwrap().success(), "{told}");
    no_secret("the daemon", told.as_bytes());

    let all = files(dir);
    assert!(all.len() > 10, "{all:?}");
    for file in all {
        no_secret(&file.display().to_string(), &std::fs::read(&file).unwrap());
    }
}
