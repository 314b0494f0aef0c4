//! Long literals, which the statement has once, as columns of one named select, however often it reads them. PostgreSQL
//! plans such a select as if each literal stood where it is read: patterns stay literals, and nothing is joined. MariaDB
//! joins the one row, and compiles a pattern when it has changed.

use std::collections::BTreeMap;

use super::Dialect;

/// Stands around a literal, after its name, until the statement is complete: no text of a database has it.
const MARK: char = '\0';

/// The named select.
const CONSTANTS: &str = "constants";

/// A literal that may be read more than once.
pub(in super::super) fn constant(name: &str, literal: &str) -> String {
    format!("{MARK}{name} {literal}{MARK}")
}

impl Dialect {
    /// What stands after FROM in a select of these expressions, with the constants if they read any.
    pub fn from(self, table: &str, expressions: &str) -> String {
        let constants = format!("{CONSTANTS}, ");
        match expressions.contains(MARK) && !table.starts_with(&constants) {
            true => constants + table,
            false => table.to_owned(),
        }
    }

    /// The statement of its named selects, each after those that it reads, and of those that deliver its rows.
    pub fn statement(self, with: &[String], selects: &[String]) -> String {
        let with: Vec<&str> = match self {
            Dialect::Postgres => with.iter().map(String::as_str).collect(),
            // Named selects may read later ones there, and the server reserves memory for one by all that stands before
            // it, twice as much with each: hundreds of megabytes with a roster if the longest came first.
            Dialect::MariaDb => with.iter().rev().map(String::as_str).collect(),
        };
        let text = format!("{} {}", with.join(", "), selects.join(" UNION ALL "));
        let mut constants = Constants::default();
        let parts = text.split(MARK).enumerate();
        let text: String = parts
            .map(|(at, part)| match part.split_once(' ') {
                Some((name, literal)) if at % 2 == 1 => constants.column(name, literal),
                _ => part.to_owned(),
            })
            .collect();
        format!("{} {}{text}", self.with(), constants.select(self))
    }
}

/// The literals of each name.
#[derive(Default)]
struct Constants<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Constants<'a> {
    /// The column of a literal.
    fn column(&mut self, name: &'a str, literal: &'a str) -> String {
        let known = self.0.entry(name).or_default();
        let at = known.iter().position(|known| *known == literal).unwrap_or_else(|| {
            known.push(literal);
            known.len() - 1
        });
        format!("{CONSTANTS}.{}", numbered(name, at))
    }

    /// The named select, before others; nothing where there are no constants.
    fn select(&self, d: Dialect) -> String {
        let of_name = |(name, literals): (&&str, &Vec<&str>)| {
            let literals = literals.iter().enumerate();
            literals.map(|(at, literal)| format!("{literal} AS {}", numbered(name, at))).collect::<Vec<_>>()
        };
        let columns: Vec<String> = self.0.iter().flat_map(of_name).collect();
        match columns.is_empty() {
            true => String::new(),
            false => format!("{}, ", d.inlined(CONSTANTS, &format!("SELECT {}", columns.join(", ")))),
        }
    }
}

/// The name of a literal that comes after so many others of the same name.
fn numbered(name: &str, at: usize) -> String {
    if at == 0 { name.to_owned() } else { format!("{name}_{}", at + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_stands_once_in_a_statement() {
        let d = Dialect::Postgres;
        let [a, b] = ["'a'", "'b c'"].map(|literal| constant("word", literal));
        let expressions = format!("x ~ {b}, y ~ {a}, z ~ {b}");
        let from = d.from(&d.from("t", &expressions), &expressions);
        let with = [format!("one AS (SELECT {expressions} FROM {from})")];
        assert_eq!(
            d.statement(&with, &["SELECT 1".to_owned(), "SELECT 2".to_owned()]),
            "WITH constants AS NOT MATERIALIZED (SELECT 'b c' AS word, 'a' AS word_2), \
             one AS (SELECT x ~ constants.word, y ~ constants.word_2, z ~ constants.word FROM constants, t) \
             SELECT 1 UNION ALL SELECT 2"
        );
        assert_eq!(d.from("t", "x"), "t");
    }

    #[test]
    fn named_selects_stand_before_those_that_they_read_on_mariadb() {
        let with = ["a AS (SELECT 1)", "b AS (SELECT * FROM a)"].map(str::to_owned);
        let selects = ["SELECT * FROM b".to_owned()];
        assert_eq!(
            Dialect::MariaDb.statement(&with, &selects),
            "WITH RECURSIVE b AS (SELECT * FROM a), a AS (SELECT 1) SELECT * FROM b"
        );
        assert_eq!(
            Dialect::Postgres.statement(&with, &selects),
            "WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b"
        );
    }
}
