//! The statements that read: identifiers quoted by dialect, every column as text.

use super::SourceError;
use crate::config::settings::{DatabaseKind, Dataset};

/// What takes the rows: one call a row, with a text or nothing for each column.
pub type EachRow<'a> = dyn FnMut(&[Option<&str>]) -> Result<(), SourceError> + Send + 'a;

/// Columns of a dataset, in the order in which they are delivered.
pub struct Select<'a> {
    pub dataset: &'a Dataset,
    pub columns: &'a [&'a str],
}

impl Select<'_> {
    /// The statement; `zoned` tells which columns hold instants of a zone (MySQL's TIMESTAMP, read
    /// in UTC), which then say so.
    pub fn sql(&self, kind: DatabaseKind, zoned: impl Fn(&str) -> bool) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let name = quote(kind, column);
                match kind {
                    DatabaseKind::Sqlite => format!("CAST({name} AS TEXT)"),
                    DatabaseKind::Postgres => format!("{name}::text"),
                    DatabaseKind::MySql if zoned(column) => format!("CONCAT({name}, 'Z')"),
                    DatabaseKind::MySql => format!("CAST({name} AS CHAR)"),
                }
            })
            .collect();
        format!("SELECT {} FROM {}", columns.join(", "), from(kind, self.dataset))
    }
}

/// A statement that delivers no rows but tells the columns.
pub fn describe(kind: DatabaseKind, dataset: &Dataset) -> String {
    format!("SELECT * FROM {} LIMIT 0", from(kind, dataset))
}

fn from(kind: DatabaseKind, dataset: &Dataset) -> String {
    match dataset {
        Dataset::Table(table) => quote_table(kind, table),
        Dataset::Query(query) => format!("({}) AS register", query.trim().trim_end_matches(';')),
    }
}

/// A table name, schema-qualified names split at their dots.
pub fn quote_table(kind: DatabaseKind, table: &str) -> String {
    table.split('.').map(|part| quote(kind, part)).collect::<Vec<_>>().join(".")
}

/// An identifier that cannot break out of its quotes.
pub fn quote(kind: DatabaseKind, name: &str) -> String {
    match kind {
        DatabaseKind::MySql => format!("`{}`", name.replace('`', "``")),
        DatabaseKind::Sqlite | DatabaseKind::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_stay_within_their_quotes() {
        assert_eq!(quote(DatabaseKind::Postgres, "a\"b"), "\"a\"\"b\"");
        assert_eq!(quote(DatabaseKind::MySql, "a`; DROP"), "`a``; DROP`");
        assert_eq!(quote_table(DatabaseKind::Sqlite, "main.person"), "\"main\".\"person\"");
    }

    #[test]
    fn own_queries_become_subselects() {
        let dataset = Dataset::Query("SELECT 1 AS a; ".into());
        let select = Select { dataset: &dataset, columns: &["a"] };
        let sql = select.sql(DatabaseKind::Postgres, |_| false);
        assert_eq!(sql, "SELECT \"a\"::text FROM (SELECT 1 AS a) AS register");
    }
}
