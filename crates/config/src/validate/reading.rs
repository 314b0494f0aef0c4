//! Checks that the register can be read, or counted, in the way that is asked for.

use super::Check;
use crate::raw::source::RawSource;
use crate::settings::{Compute, DatabaseKind, DatabaseUrl};

/// `compute`, `incremental` and `connections` must fit the kind of address.
pub(super) fn reading(raw: &RawSource, url: &DatabaseUrl, check: &mut Check) {
    let counts = raw.compute == Compute::Database;
    if !(1..=64).contains(&raw.connections) {
        check.fail("source.connections", format!("is from 1 to 64, not {}", raw.connections));
    }
    if counts && raw.incremental {
        let problem =
            "the database counts everything anyway; use either compute = \"database\" or incremental";
        check.fail("source.incremental", problem);
    }
    if counts && url.kind() == Some(DatabaseKind::Sqlite) {
        check.fail(
            "source.compute",
            "\"database\" needs PostgreSQL or MariaDB; SQLite runs inside the program, so leave it at \"engine\"",
        );
    }
    if counts && url.file().is_some() {
        check.fail("source.compute", "\"database\" needs a database, and the register is a file");
    }
    if raw.incremental && url.file().is_some() {
        check.fail("source.incremental", "needs a database; a file is always read whole");
    }
    if url.odbc().is_some() {
        plain_reading(raw, check);
    }
}

/// ODBC reports too little about a database for anything but plain reading.
fn plain_reading(raw: &RawSource, check: &mut Check) {
    if raw.compute == Compute::Database {
        let problem = "\"database\" needs a postgres:// or mysql:// address; by ODBC leave it at \"engine\"";
        check.fail("source.compute", problem);
    }
    if raw.incremental {
        let problem =
            "needs a sqlite:, postgres:// or mysql:// address; by ODBC the register is always read whole";
        check.fail("source.incremental", problem);
    }
    if raw.connections > 1 {
        let problem =
            "several need a postgres:// address, whose connections share a snapshot; by ODBC leave it at 1";
        check.fail("source.connections", problem);
    }
}
