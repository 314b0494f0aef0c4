//! An office whose daemon serves the console, with an account of each role.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;
use tongbao::access::role::Role;
use tongbao::console::first::UploadReader;
use tongbao::console::{self, ConsoleParts};
use tongbao::daemon::service::Service;
use tongbao::password;
use tongbao::store::Store;
use tongbao::store::people::NewPerson;
use tongbao::web_server::WebServer;

use super::browser::Browser;
use super::office::{Office, work};

pub const PASSWORD: &str = "litchi in the morning";

pub struct Site {
    pub office: Office,
    pub daemon: Service,
    pub door: WebServer,
    /// The unit of the account `unit`.
    pub unit: String,
}

/// The office signs off its weekly bulletin, which makes every run a draft first.
pub fn signed_off(text: String) -> String {
    text.replace("kind = \"bulletin\"", "kind = \"bulletin\"\nsign_off = true")
}

impl Site {
    /// On a Monday at half past nine, after the slot of nine.
    pub async fn new(edit: impl Fn(String) -> String) -> Site {
        Site::on(Office::new("2016-06-13T00:59:30Z", edit)).await
    }

    /// The same of an office whose clock stands half a minute before nine.
    pub async fn on(office: Office) -> Site {
        let engine = office.engine();
        let store = office.store().await;
        let post = Some(office.post.clone());
        let mut daemon = Service::new(engine.clone(), store, office.clock.clone(), post);
        work(&mut daemon).await;
        office.hand.advance(SignedDuration::from_mins(31));
        work(&mut daemon).await;
        work(&mut daemon).await;
        let door = open(&office, &daemon, tongbao::cli::first_reader(&engine.settings)).await;
        let unit = "440118001001".to_owned();
        let site = Site { office, daemon, door, unit };
        for role in Role::ALL {
            site.add(role.key(), role).await;
        }
        site
    }

    /// Serves the console with another reader of uploaded lists from now on.
    pub async fn read_lists_by(&mut self, first: Arc<dyn UploadReader>) {
        self.door = open(&self.office, &self.daemon, first).await;
    }

    /// An account that has chosen its password.
    pub async fn add(&self, name: &str, role: Role) {
        let (store, now) = (self.office.store().await, self.office.now());
        let hash = hashed();
        let unit = (role == Role::Unit).then_some(self.unit.as_str());
        let until = now + SignedDuration::from_hours(24);
        let new = NewPerson { name, role, unit, password: &hash, one_time_until: until };
        store.add_person(&new, now).await.unwrap();
        store.set_password(name, &hash, None, None, now).await.unwrap();
        store.close().await;
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.door.address)
    }

    /// A browser in which somebody has signed in.
    pub fn signed_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(name, PASSWORD);
        assert_eq!((answer.code, answer.header("location")), (303, Some("/")), "{name}: {}", answer.text());
        browser
    }

    pub async fn store(&self) -> Store {
        self.office.store().await
    }

    /// Everything that the database holds but for sessions, which note their use.
    pub fn dump(&self) -> BTreeMap<String, Vec<String>> {
        dump(&self.office.state().join("tongbao.db"))
    }
}

async fn open(office: &Office, daemon: &Service, first: Arc<dyn UploadReader>) -> WebServer {
    let parts = ConsoleParts {
        engine: office.engine(),
        store: office.store().await,
        clock: office.clock.clone(),
        watch: daemon.watch(),
        first,
    };
    console::open(parts, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap()
}

/// One hash for all accounts: it takes a while to make.
fn hashed() -> String {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HASH.get_or_init(|| password::hash(PASSWORD).unwrap()).clone()
}

/// Rows of all tables as text.
fn dump(path: &std::path::Path) -> BTreeMap<String, Vec<String>> {
    use sqlx::{Column, Connection, Row};
    let path = path.to_owned();
    let dumped = async move {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        let tables =
            sqlx::query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
        let tables: Vec<String> =
            tables.fetch_all(&mut connection).await.unwrap().iter().map(|row| row.get(0)).collect();
        let mut out = BTreeMap::new();
        for table in tables.into_iter().filter(|table| !["session", "lease"].contains(&table.as_str())) {
            let columns = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT * FROM {table} LIMIT 1")));
            let columns = columns.fetch_optional(&mut connection).await.unwrap();
            let Some(columns) = columns else { continue };
            let names: Vec<String> =
                columns.columns().iter().map(|column| format!("quote({})", column.name())).collect();
            let sql = format!("SELECT {} AS row FROM {table} ORDER BY 1", names.join(" || '|' || "));
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
            out.insert(table, rows.iter().map(|row| row.get::<String, _>(0)).collect());
        }
        out
    };
    std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(dumped)
    })
    .join()
    .unwrap()
}
