//! What a server is, and what of a pull's needs it grants. Many databases speak the protocol of PostgreSQL
//! or MySQL and differ in what they promise.

use super::SourceError;
use tongbao_message::{Message, message};

/// A server as it was found when its snapshot was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerEngine {
    pub product: &'static str,
    /// As the server tells it; may be blank.
    pub version: String,
    pub is_standby: bool,
    /// The character set that PostgreSQL and its kin keep texts in; blank where it is not asked.
    pub charset: String,
    /// It refuses writes of the session that reads.
    pub refuses_writes: bool,
    /// All reads of a pull see the same moment.
    pub is_one_moment: bool,
    /// It sends rows by binary COPY; otherwise they come as text.
    pub copies: bool,
    /// The statement that opens a snapshot there.
    pub opening: &'static str,
}

pub(super) const POSTGRES: &str = "PostgreSQL";
pub(super) const MARIADB: &str = "MariaDB";
pub(super) const TIDB: &str = "TiDB";
pub(super) const VITESS: &str = "Vitess";
/// As PostgreSQL names it.
const UTF8: &str = "UTF8";
pub(super) const CITUS: &str = "PostgreSQL with Citus";

/// What servers that speak PostgreSQL's protocol call themselves in `version()`. Some name PostgreSQL
/// too, so that it comes last.
const POSTGRES_FAMILY: [(&str, &str); 13] = [
    ("openGauss", "openGauss"),
    ("GaussDB", "GaussDB"),
    ("Vastbase", "Vastbase"),
    ("MogDB", "MogDB"),
    ("KingbaseES", "KingbaseES"),
    ("HighGo", "HighGo"),
    ("Greenplum Database", "Greenplum"),
    ("Cloudberry", "Cloudberry"),
    ("CockroachDB", "CockroachDB"),
    ("-YB-", "YugabyteDB"),
    ("Redshift", "Redshift"),
    ("EnterpriseDB", "EDB Postgres"),
    ("PostgreSQL", POSTGRES),
];

/// The same of MySQL's protocol, in `version()` and `@@version_comment`.
const MYSQL_FAMILY: [(&str, &str); 11] = [
    ("TiDB", TIDB),
    ("seekdb", "OceanBase seekdb"),
    ("OceanBase", "OceanBase"),
    ("MariaDB", MARIADB),
    ("Vitess", VITESS),
    ("SingleStore", "SingleStore"),
    ("MemSQL", "SingleStore"),
    ("StarRocks", "StarRocks"),
    ("Doris", "Doris"),
    ("GoldenDB", "GoldenDB"),
    ("", "MySQL"),
];

impl ServerEngine {
    /// A server of which nothing is known but its product.
    pub(super) fn new(product: &'static str, version: String) -> ServerEngine {
        ServerEngine {
            product,
            version,
            is_standby: false,
            charset: String::new(),
            refuses_writes: true,
            is_one_moment: true,
            copies: false,
            opening: "",
        }
    }

    /// From what `version()` says on PostgreSQL's protocol.
    pub(super) fn of_postgres(reported: &str) -> ServerEngine {
        let (sign, product) =
            POSTGRES_FAMILY.into_iter().find(|(sign, _)| reported.contains(sign)).unwrap_or(("", "unknown"));
        let behind = reported.split_once(sign).map_or(reported, |(_, behind)| behind);
        ServerEngine { copies: true, ..ServerEngine::new(product, number(behind)) }
    }

    /// From what `version()` and `@@version_comment` say on MySQL's protocol.
    pub(super) fn of_mysql(version: &str, comment: &str) -> ServerEngine {
        let is_reported = |sign: &str| version.contains(sign) || comment.contains(sign);
        let (sign, product) =
            MYSQL_FAMILY.into_iter().find(|(sign, _)| is_reported(sign)).unwrap_or(("", "MySQL"));
        // MariaDB's own number comes first; the others put MySQL's there, and their own after their name.
        let own = match sign {
            "" | "MariaDB" => None,
            sign => [version, comment].into_iter().find_map(|reported| reported.split_once(sign)),
        };
        let number = own.map(|(_, behind)| number(behind)).filter(|number| !number.is_empty());
        ServerEngine::new(product, number.unwrap_or_else(|| self::number(version)))
    }

    /// Whether it is PostgreSQL itself: only there a table has ranges of places, and a snapshot can be
    /// joined by a second connection for certain.
    pub(super) fn is_postgres(&self) -> bool {
        self.product == POSTGRES
    }

    /// Counting in the database is proved equal to counting here on few engines.
    pub(super) fn must_count(&self) -> Result<(), SourceError> {
        match self.product {
            // Of any other set some characters of the statement do not exist there, or are several.
            POSTGRES if self.charset != UTF8 => {
                Err(SourceError::UncountedCharset { charset: self.charset.clone() })
            }
            POSTGRES | MARIADB => Ok(()),
            _ => Err(SourceError::UnprovedCounting { engine: self.to_string() }),
        }
    }

    /// What a person should know of what the server does not enforce.
    pub(super) fn shortcomings(&self) -> Vec<Message> {
        let mut out = Vec::new();
        if !self.refuses_writes {
            out.push(message!("does-not-refuse-writes"));
        }
        if !self.is_one_moment {
            out.push(message!("is-not-one-moment"));
        }
        out
    }
}

impl std::fmt::Display for ServerEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.product)?;
        if !self.version.is_empty() {
            write!(f, " {}", self.version)?;
        }
        if self.is_standby {
            f.write_str(", hot standby")?;
        }
        Ok(())
    }
}

/// The first word with a digit, without what is no part of a version.
fn number(reported: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let words = reported.split(|c: char| !is_part(c));
    let word = words.into_iter().find(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
    word.unwrap_or_default().trim_end_matches('.').trim_start_matches('v').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_by_what_they_tell() {
        for (reported, shown) in [
            ("PostgreSQL 15.8 (Debian 15.8-0+deb12u1) on x86_64", "PostgreSQL 15.8"),
            ("PostgreSQL 9.2.4 (openGauss 5.0.0 build a07d57c3) compiled at 2023", "openGauss 5.0.0"),
            ("(GaussDB Kernel V500R001C20 build 1) compiled", "GaussDB V500R001C20"),
            ("PostgreSQL 12.12 (Greenplum Database 7.0.0 build) on x86_64", "Greenplum 7.0.0"),
            ("CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu)", "CockroachDB 23.1.11"),
            ("PostgreSQL 11.2-YB-2.18.0.0-b0 on x86_64", "YugabyteDB 2.18.0.0"),
            ("KingbaseES V008R006C008B0014 on x86_64", "KingbaseES V008R006C008B0014"),
        ] {
            let mut engine = ServerEngine::of_postgres(reported);
            assert_eq!(engine.to_string(), shown);
            assert!(engine.must_count().is_err());
            engine.charset = UTF8.to_owned();
            assert_eq!(engine.must_count().is_ok(), engine.is_postgres());
        }
        for (version, comment, shown) in [
            ("10.11.6-MariaDB-0+deb12u1", "Debian 12", "MariaDB 10.11.6"),
            ("8.0.36", "MySQL Community Server - GPL", "MySQL 8.0.36"),
            ("8.0.11-TiDB-v7.5.0", "TiDB Server (Apache License 2.0)", "TiDB 7.5.0"),
            ("5.7.25", "OceanBase 4.3.5.1 (r101)", "OceanBase 4.3.5.1"),
            ("8.0.30-Vitess", "Version: 19.0.3", "Vitess 8.0.30"),
        ] {
            let engine = ServerEngine::of_mysql(version, comment);
            assert_eq!(engine.to_string(), shown);
            assert_eq!(engine.must_count().is_ok(), engine.product == MARIADB);
        }
    }
}
