//! Where the register lies.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::register::field::Field;

/// Where the register lies.
#[derive(Debug, Clone)]
pub struct Source {
    pub url: DatabaseUrl,
    /// Limit for the whole pull.
    pub timeout: Duration,
    /// Records per batch.
    pub batch_rows: usize,
    /// Connections that may read the register at the same time.
    pub connections: usize,
    pub compute: Compute,
    /// Whether only records that changed since the pull before are read.
    pub incremental: bool,
    pub register: RegisterSource,
    pub units: UnitsSource,
    pub roster: Option<RosterSource>,
    pub baseline: Option<BaselineSource>,
}

/// Who counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compute {
    /// The program reads the register and counts.
    Engine,
    /// The database counts in one statement, and only the tallies travel.
    Database,
}

/// A database address. Its `Debug` and `Display` never show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn new(url: impl Into<String>) -> DatabaseUrl {
        DatabaseUrl(url.into())
    }

    /// The address with its password, for the driver alone.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn kind(&self) -> Option<DatabaseKind> {
        match self.0.split(':').next() {
            Some("sqlite") => Some(DatabaseKind::Sqlite),
            Some("postgres" | "postgresql") => Some(DatabaseKind::Postgres),
            Some("mysql" | "mariadb") => Some(DatabaseKind::MySql),
            _ => None,
        }
    }
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else { return f.write_str(&self.0) };
        let place = rest.split(['?', '#']).next().unwrap_or_default();
        match place.rsplit_once('@') {
            Some((account, host)) => {
                let user = account.split(':').next().unwrap_or_default();
                write!(f, "{scheme}://{user}@{host}")
            }
            None => write!(f, "{scheme}://{place}"),
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// The drivers the program is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    Sqlite,
    Postgres,
    MySql,
}

/// A dataset and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Its own address; `None` = where the register lies.
    pub url: Option<DatabaseUrl>,
    pub dataset: Dataset,
}

/// What is read: a table (or view), or the office's own query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dataset {
    /// Optionally qualified, e.g. `population.person`.
    Table(String),
    Query(String),
}

/// Which columns of the register mean what.
#[derive(Debug, Clone)]
pub struct RegisterSource {
    pub dataset: Dataset,
    pub key: String,
    pub unit: String,
    pub registered_at: Option<String>,
    pub updated_at: Option<String>,
    pub document_type: Option<String>,
    /// All nine fields are mapped.
    pub fields: BTreeMap<Field, FieldColumn>,
}

/// The column of a field and how its codes read. Values outside `codes` stay as they are.
#[derive(Debug, Clone, Default)]
pub struct FieldColumn {
    pub column: String,
    pub codes: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
pub struct UnitsSource {
    pub from: Located,
    pub code: String,
    pub name: String,
    pub kind: Option<String>,
    pub parent: Option<String>,
}

#[derive(Debug, Clone)]
pub struct RosterSource {
    pub from: Located,
    pub unit: String,
    pub id_number: String,
}

/// Expected head count per unit.
#[derive(Debug, Clone)]
pub enum BaselineSource {
    Inline(BTreeMap<String, u64>),
    Dataset { from: Located, unit: String, persons: String },
}
