//! Tables by name: what the driver lists, and how a statement spells them.

use super::block::{Long, Stopped, fetch};
use super::error::DriverError;
use super::session::OdbcSession;
use crate::statements::{split_name, written};
use tongbao_config::settings::Dataset;

/// Room for a name, in UTF-16 units.
const NAME: usize = 256;
/// Schemas of the databases' own tables, where the type does not tell: of PostgreSQL and MySQL, SQL Server,
/// DM and Oracle.
const SYSTEM: [&str; 20] = [
    "information_schema",
    "pg_catalog",
    "mysql",
    "performance_schema",
    "sys",
    "ctisys",
    "sysauditor",
    "syssso",
    "system",
    "audsys",
    "ctxsys",
    "dbsnmp",
    "dvsys",
    "lbacsys",
    "mdsys",
    "olapsys",
    "ordsys",
    "outln",
    "wmsys",
    "xdb",
];

/// A table as the driver lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableName {
    catalogue: Option<String>,
    schema: Option<String>,
    pub name: String,
}

impl TableName {
    /// With its schema, as a configuration names it.
    pub(super) fn full(&self) -> String {
        match &self.schema {
            Some(schema) => written(&[schema, &self.name]),
            None => written(&[&self.name]),
        }
    }

    /// The name with as many parts before it as it was asked for, in the driver's spelling. `None` if
    /// another table is meant.
    pub(super) fn spelt_as(&self, asked: &str) -> Option<String> {
        let known = [Some(&self.name), self.schema.as_ref(), self.catalogue.as_ref()];
        let known: Vec<&String> = known.into_iter().flatten().collect();
        let asked: Vec<String> = split_name(asked).into_iter().rev().collect();
        let is_meant = asked.len() <= known.len()
            && asked.iter().zip(&known).all(|(asked, known)| asked.to_lowercase() == known.to_lowercase());
        let parts: Vec<&str> = known.iter().take(asked.len()).rev().map(|part| part.as_str()).collect();
        is_meant.then(|| written(&parts))
    }
}

impl OdbcSession {
    /// How the driver spells the name of a table. `None` where it lists none of the name, which need not
    /// mean that there is none.
    pub(super) fn spelling(&self, asked: &str) -> Option<String> {
        let name = split_name(asked).pop().unwrap_or_default();
        // Patterns tell letters from capitals where names do, and a list of all may be long.
        let patterns = [name.clone(), name.to_uppercase(), name.to_lowercase(), String::new()];
        patterns.iter().find_map(|pattern| {
            let listed = self.table_names(pattern).unwrap_or_default();
            let mut spelt: Vec<String> = listed.iter().filter_map(|known| known.spelt_as(asked)).collect();
            // The name as it is written comes before one that differs.
            spelt.sort_by_key(|spelling| spelling != asked);
            spelt.into_iter().next()
        })
    }

    /// The tables and views of a pattern, all where it is empty, that are not the database's own.
    pub(super) fn table_names(&self, pattern: &str) -> Result<Vec<TableName>, DriverError> {
        let mut out = Vec::new();
        let mut add = |values: &[Option<&[u8]>]| {
            let text = |at: usize| {
                let value = values[at].map(|value| String::from_utf8_lossy(value).trim().to_owned());
                value.filter(|value| !value.is_empty())
            };
            let (catalogue, schema, kind) = (text(0), text(1), text(3).unwrap_or_default());
            let is_own =
                schema.as_ref().is_some_and(|schema| SYSTEM.contains(&schema.to_lowercase().as_str()));
            if let (Some(name), false) = (text(2), is_own || kind.to_uppercase().contains("SYSTEM")) {
                out.push(TableName { catalogue, schema, name });
            }
            Ok(())
        };
        let read = fetch(self.tables(pattern)?, &[NAME; 4], Long::Cut, |block| block.rows(&mut add).is_ok());
        match read {
            Ok(()) => Ok(out),
            Err(Stopped::Failure(failure)) => Err(failure),
            Err(Stopped::TooLong { .. }) => Err(DriverError::new("a name of a table is too long")),
        }
    }

    /// Columns of a dataset, all where none are named.
    pub(super) fn select(&self, columns: &[String], dataset: &Dataset) -> String {
        let columns: Vec<String> = columns.iter().map(|name| self.quoted(name)).collect();
        let columns = if columns.is_empty() { "*".to_owned() } else { columns.join(", ") };
        format!("SELECT {columns} FROM {}", self.from(dataset))
    }

    /// Oracle takes no AS before the name of a subselect, and nobody needs it.
    fn from(&self, dataset: &Dataset) -> String {
        match dataset {
            Dataset::Table(table) => {
                split_name(table).iter().map(|part| self.quoted(part)).collect::<Vec<_>>().join(".")
            }
            // Only files have an only dataset; a database has no table without a name.
            Dataset::Only => self.quoted(""),
            Dataset::Query(query) => format!("({}) register", query.trim().trim_end_matches(';')),
        }
    }

    /// An identifier that cannot break out of its quotes, where the database has quotes.
    fn quoted(&self, name: &str) -> String {
        match self.quote {
            Some(quote) => {
                let doubled = name.replace(quote, &format!("{quote}{quote}"));
                format!("{quote}{doubled}{quote}")
            }
            None => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whatever_their_case() {
        let person = TableName {
            catalogue: Some("ORCL".into()),
            schema: Some("PEOPLE".into()),
            name: "PERSON".into(),
        };
        assert_eq!(person.full(), "PEOPLE.PERSON");
        assert_eq!(person.spelt_as("person").unwrap(), "PERSON");
        assert_eq!(person.spelt_as("people.Person").unwrap(), "PEOPLE.PERSON");
        assert_eq!(person.spelt_as("orcl.people.person").unwrap(), "ORCL.PEOPLE.PERSON");
        for other in ["persons", "other.person", "x.orcl.people.person", ""] {
            assert_eq!(person.spelt_as(other), None, "{other}");
        }
    }
}
