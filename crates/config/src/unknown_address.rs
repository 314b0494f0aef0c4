//! What an address that the program cannot use was probably meant to be. Nothing of the address itself is repeated: it
//! may hold a password.

use tongbao_message::{Message, Worded, message};

use crate::key_positions::nearest;

/// The ways in which an address may begin.
const KNOWN: [&str; 5] = ["sqlite", "postgres", "mysql", "file", "odbc"];
const JAVA: &str = "jdbc:";
/// Names of servers that speak the protocol of PostgreSQL, of MySQL, and neither.
const LIKE_POSTGRES: [&str; 10] = [
    "pg",
    "pgsql",
    "opengauss",
    "gaussdb",
    "kingbase",
    "kingbase8",
    "highgo",
    "vastbase",
    "greenplum",
    "cockroachdb",
];
const LIKE_MYSQL: [&str; 5] = ["tidb", "oceanbase", "polardb", "goldendb", "tdsql"];
const BY_ODBC: [&str; 10] =
    ["oracle", "sqlserver", "mssql", "microsoft", "dm", "dameng", "db2", "sybase", "informix", "access"];
const WEB: [&str; 4] = ["http", "https", "ftp", "sftp"];
const DATABASE_FILES: [&str; 4] = [".db", ".sqlite", ".sqlite3", ".db3"];

/// Why an address has no kind that the program knows.
pub fn unknown_kind(address: &str) -> Message {
    message!("unknown-kind-of-database", meant = meant(address.trim()).message())
}

fn meant(address: &str) -> Option<Message> {
    let address = address.to_ascii_lowercase();
    if let Some(rest) = address.strip_prefix(JAVA) {
        let kind = rest.split(':').next().unwrap_or_default();
        return Some(of_server(kind).unwrap_or_else(|| message!("leave-out-jdbc")));
    }
    let scheme = address.split_once(':').map(|(scheme, _)| scheme);
    // A single letter is a drive of Windows.
    let named = scheme.filter(|scheme| scheme.len() > 1 && !scheme.contains(['/', '\\', '.']));
    let Some(scheme) = named else {
        return (address.contains(['/', '\\', '.'])).then(|| as_path(&address));
    };
    if WEB.contains(&scheme) {
        return Some(message!("a-page-of-the-web"));
    }
    let like = || nearest(scheme, KNOWN).map(|name| message!("meant-kind-of-address", name));
    of_server(scheme).or_else(like)
}

fn of_server(name: &str) -> Option<Message> {
    match name {
        name if LIKE_POSTGRES.contains(&name) => Some(message!("like-postgres")),
        name if LIKE_MYSQL.contains(&name) => Some(message!("like-mysql")),
        name if BY_ODBC.contains(&name) => Some(message!("by-odbc")),
        _ => None,
    }
}

fn as_path(path: &str) -> Message {
    match DATABASE_FILES.iter().any(|ending| path.ends_with(ending)) {
        true => message!("meant-sqlite-path"),
        false => message!("meant-file-path"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_named_and_nothing_repeated() {
        for (address, meant) in [
            ("jdbc:postgresql://h/db?user=u&password=s3cret", "leave out \"jdbc:\""),
            ("jdbc:oracle:thin:@//h:1521/s3cret", "by ODBC"),
            ("oracle://u:s3cret@h/db", "by ODBC"),
            ("dm://u:s3cret@h:5236", "by ODBC"),
            ("gaussdb://u:s3cret@h/db", "write postgres://"),
            ("tidb://u:s3cret@h/db", "write mysql://"),
            ("/data/s3cret/register.xlsx", "did you mean file:PATH?"),
            ("C:\\s3cret\\register.csv", "did you mean file:PATH?"),
            ("register.s3cret.db", "did you mean sqlite:PATH?"),
            ("postgre://u:s3cret@h/db", "did you mean \"postgres:\"?"),
            ("https://h/s3cret.xlsx", "a page of the web is not read"),
            ("s3cret", "unknown kind of database; begin with"),
        ] {
            let told = unknown_kind(address).to_string();
            assert!(told.contains(meant) && !told.contains("s3cret"), "{address}: {told}");
        }
    }
}
