//! Selects within others, and how the two dialects are kept from planning them together.

use super::Dialect;

impl Dialect {
    /// A select within another whose expressions the database does not write out wherever they are used, so that each is
    /// computed once a row. PostgreSQL takes a select with a WITH of its own as it is, also in parallel workers, which
    /// an OFFSET would keep out.
    pub fn fenced(self, select: &str) -> String {
        match self {
            Dialect::Postgres => format!("(WITH fence AS (SELECT 1) {select})"),
            Dialect::MariaDb => format!("({select} LIMIT 18446744073709551615)"),
        }
    }

    /// A named select of which every row is computed before anything else is made of it, by all workers there are.
    pub fn pass(self, name: &str, select: &str) -> String {
        match self {
            Dialect::Postgres => format!("{name} AS {}", self.fenced(select)),
            Dialect::MariaDb => format!("{name} AS ({select})"),
        }
    }

    /// A named select that is planned separately: whether its parts are counted in place must not
    /// depend on what is made of the counts.
    pub fn cte(self, name: &str, select: &str) -> String {
        match self {
            Dialect::Postgres => format!("{name} AS MATERIALIZED ({select})"),
            Dialect::MariaDb => format!("{name} AS ({select})"),
        }
    }

    /// A named select that is planned wherever it is used, and not kept.
    pub fn inlined(self, name: &str, select: &str) -> String {
        match self {
            Dialect::Postgres => format!("{name} AS NOT MATERIALIZED ({select})"),
            Dialect::MariaDb => format!("{name} AS ({select})"),
        }
    }

    /// A named select that is computed once, however often it is read. MariaDB computes any other for each that reads it,
    /// and keeps the rows of one that could read itself.
    pub fn once(self, name: &str, select: &str) -> String {
        match self {
            Dialect::Postgres => format!("{name} AS ({select})"),
            Dialect::MariaDb => format!("{name} AS ({select} UNION ALL SELECT * FROM {name} WHERE FALSE)"),
        }
    }

    /// Begins a statement that has named selects.
    pub fn with(self) -> &'static str {
        match self {
            Dialect::Postgres => "WITH",
            Dialect::MariaDb => "WITH RECURSIVE",
        }
    }

    /// Begins a select that makes many groups, which MariaDB would look up in a table on disk for each of its rows.
    pub fn select_groups(self) -> &'static str {
        match self {
            Dialect::Postgres => "SELECT",
            Dialect::MariaDb => "SELECT SQL_BIG_RESULT",
        }
    }

    /// A named table of literals, planned wherever it is used.
    pub fn rows(self, name: &str, rows: impl Iterator<Item = [String; 2]>) -> String {
        let rows: Vec<String> = rows.map(|[a, b]| format!("({a}, {b})")).collect();
        self.inlined(name, &format!("VALUES {}", rows.join(", ")))
    }
}
