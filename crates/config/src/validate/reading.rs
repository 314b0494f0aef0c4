//! Checks that the register can be read, or counted, in the way that is asked for.

use super::Check;
use crate::raw::source::RawSource;
use crate::settings::{Compute, DatabaseKind, DatabaseUrl};
use tongbao_message::message;

/// `compute`, `incremental` and `connections` must fit the kind of address.
pub(super) fn reading(raw: &RawSource, url: &DatabaseUrl, check: &mut Check) {
    let counts = raw.compute == Compute::Database;
    if !(1..=64).contains(&raw.connections) {
        check.fail("source.connections", message!("is-from-to-not", number = raw.connections));
    }
    if counts && raw.incremental {
        let problem = message!("the-database-counts-everything-anyway-use");
        check.fail("source.incremental", problem);
    }
    if counts && url.kind() == Some(DatabaseKind::Sqlite) {
        check.fail("source.compute", message!("database-needs-postgresql-or-mariadb-sqlite"));
    }
    if counts && url.file().is_some() {
        check.fail("source.compute", message!("database-needs-a-database-and-the"));
    }
    if raw.incremental && url.file().is_some() {
        check.fail("source.incremental", message!("needs-a-database-a-file-is"));
    }
    if url.odbc().is_some() {
        plain_reading(raw, check);
    }
}

/// ODBC reports too little about a database for anything but plain reading.
fn plain_reading(raw: &RawSource, check: &mut Check) {
    if raw.compute == Compute::Database {
        let problem = message!("database-needs-a-postgres-or-mysql");
        check.fail("source.compute", problem);
    }
    if raw.incremental {
        let problem = message!("needs-a-sqlite-postgres-or-mysql");
        check.fail("source.incremental", problem);
    }
    if raw.connections > 1 {
        let problem = message!("several-need-a-postgres-address-whose");
        check.fail("source.connections", problem);
    }
}
