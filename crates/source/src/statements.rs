//! The statements that read: identifiers quoted by dialect, every column in a form that is known.

use super::SourceError;
use tongbao_config::settings::{DatabaseKind, Dataset};

/// What takes the rows: one call a row, with the bytes of a text or nothing for each column.
pub(super) type EachRow<'a> = dyn FnMut(&[Option<&[u8]>]) -> Result<(), SourceError> + Send + 'a;

/// A column that is read as text, by its name.
#[derive(Debug, Clone, Copy)]
pub struct RequestedColumn<'a> {
    /// As the table has it, not quoted.
    pub name: &'a str,
    /// In which form it is read.
    pub role: ColumnRole,
}

/// What a column holds, where that matters for how a file's values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnRole {
    Text,
    IdNumber,
    /// A person's name.
    Name,
    /// The birth date, one of the nine fields.
    BirthDate,
    /// Another of the nine fields.
    Field,
    /// A time of the record.
    Time,
    /// The unit; where a file has no column for it, its place may name it (`files.unit`).
    Unit,
}

impl<'a> RequestedColumn<'a> {
    /// A column that is read as text.
    pub fn text(name: &'a str) -> RequestedColumn<'a> {
        RequestedColumn { name, role: ColumnRole::Text }
    }

    /// A column of ID numbers, whose zeros and last digits must not be lost.
    pub fn id_number(name: &'a str) -> RequestedColumn<'a> {
        RequestedColumn { name, role: ColumnRole::IdNumber }
    }

    /// A column of unit codes, whose zeros must not be lost.
    pub fn unit(name: &'a str) -> RequestedColumn<'a> {
        RequestedColumn { name, role: ColumnRole::Unit }
    }

    /// A column that the configuration says a file does not have; all its values are blank.
    pub fn is_nothing(self) -> bool {
        self.name.trim().is_empty()
    }
}

/// In what form a column's values arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WireFormat {
    /// Text, cast by the database where it is none.
    Text,
    /// Big-endian integer of two, four or eight bytes.
    Integer,
    /// Days since 2000-01-01.
    Date,
    /// Microseconds since 2000-01-01, of a local time.
    Timestamp,
    /// Microseconds since 2000-01-01 in UTC.
    Instant,
}

/// A column of a statement.
#[derive(Debug, Clone)]
pub(super) struct SelectedColumn {
    pub wire: WireFormat,
    expression: String,
}

impl SelectedColumn {
    /// Takes the column as it is where its form is known, and casts it to text otherwise.
    /// `type_name` is the driver's word for its type; times travel in binary only where `is_time` says
    /// that they will be read as such.
    pub(super) fn new(kind: DatabaseKind, name: &str, type_name: &str, is_time: bool) -> SelectedColumn {
        let quoted = quote(kind, name);
        let (wire, expression) = match (kind, type_name) {
            (DatabaseKind::Sqlite, _) => (WireFormat::Text, quoted),
            (DatabaseKind::Postgres, "TEXT" | "VARCHAR" | "CHAR") => (WireFormat::Text, quoted),
            (DatabaseKind::Postgres, "INT2" | "INT4" | "INT8") => (WireFormat::Integer, quoted),
            (DatabaseKind::Postgres, "DATE") => (WireFormat::Date, quoted),
            (DatabaseKind::Postgres, "TIMESTAMP") if is_time => (WireFormat::Timestamp, quoted),
            (DatabaseKind::Postgres, "TIMESTAMPTZ") if is_time => (WireFormat::Instant, quoted),
            (DatabaseKind::Postgres, _) => (WireFormat::Text, format!("{quoted}::text")),
            (DatabaseKind::MySql, name) if is_written_as_text(name) => (WireFormat::Text, quoted),
            // Bits are bytes, and a flag in one would be an invisible character.
            (DatabaseKind::MySql, "BIT") => (WireFormat::Text, format!("CAST({quoted} + 0 AS CHAR)")),
            // Instants of a zone are read in UTC and must say so.
            (DatabaseKind::MySql, "TIMESTAMP") => (WireFormat::Text, format!("CONCAT({quoted}, 'Z')")),
            (DatabaseKind::MySql, _) => (WireFormat::Text, format!("CAST({quoted} AS CHAR)")),
        };
        SelectedColumn { wire, expression }
    }

    /// Any column that is read as text.
    pub(super) fn text() -> SelectedColumn {
        SelectedColumn { wire: WireFormat::Text, expression: String::new() }
    }

    /// The same column, cast if it is no text.
    pub(super) fn into_text(self) -> SelectedColumn {
        match self.wire {
            WireFormat::Text => self,
            // Only PostgreSQL sends anything else.
            _ => SelectedColumn { wire: WireFormat::Text, expression: format!("{}::text", self.expression) },
        }
    }
}

/// A code without the zeros after the point, as [`tongbao_register::text::whole`] takes them away. Most codes end in
/// another character, which costs least to see.
pub(super) fn whole_code(kind: DatabaseKind, text: &str) -> String {
    let (is_whole, digits) = match kind {
        DatabaseKind::Sqlite => (
            format!("{text} GLOB '[0-9]*.0' AND {text} NOT GLOB '*[^0-9.]*'"),
            format!("substr({text}, 1, instr({text}, '.') - 1)"),
        ),
        DatabaseKind::Postgres => (
            format!("right({text}, 1) = '0' AND {text} ~ '^[0-9]+[.]0+$'"),
            format!("split_part({text}, '.', 1)"),
        ),
        DatabaseKind::MySql => (
            format!("right({text}, 1) = '0' AND {text} REGEXP '^[0-9]+[.]0+$'"),
            format!("substring_index({text}, '.', 1)"),
        ),
    };
    format!("CASE WHEN {is_whole} THEN {digits} ELSE {text} END")
}

/// Whether MySQL's text protocol sends such a value just as a cast would write it.
fn is_written_as_text(type_name: &str) -> bool {
    const WRITTEN: [&str; 18] = [
        "CHAR",
        "VARCHAR",
        "TEXT",
        "TINYTEXT",
        "MEDIUMTEXT",
        "LONGTEXT",
        "ENUM",
        "SET",
        "DATE",
        "DATETIME",
        "YEAR",
        "DECIMAL",
        "BOOLEAN",
        "TINYINT",
        "SMALLINT",
        "MEDIUMINT",
        "INT",
        "BIGINT",
    ];
    WRITTEN.contains(&type_name.strip_suffix(" UNSIGNED").unwrap_or(type_name))
}

/// Columns of a dataset, in the order in which they are delivered, and a condition of the program's
/// own.
pub(super) struct Select<'a> {
    pub dataset: &'a Dataset,
    pub columns: &'a [SelectedColumn],
    pub condition: Option<String>,
}

impl Select<'_> {
    pub(super) fn sql(&self, kind: DatabaseKind) -> String {
        let columns: Vec<&str> = self.columns.iter().map(|column| column.expression.as_str()).collect();
        let condition = self.condition.as_ref().map(|text| format!(" WHERE {text}")).unwrap_or_default();
        format!("SELECT {} FROM {}{condition}", columns.join(", "), from(kind, self.dataset))
    }
}

/// A statement that delivers no rows but tells the columns.
pub(super) fn describe(kind: DatabaseKind, dataset: &Dataset) -> String {
    format!("SELECT * FROM {} LIMIT 0", from(kind, dataset))
}

/// The dataset as it stands after FROM.
pub(super) fn from(kind: DatabaseKind, dataset: &Dataset) -> String {
    match dataset {
        Dataset::Table(table) => quote_table(kind, table),
        // Only files have an only dataset; a database has no table without a name.
        Dataset::Only => quote(kind, ""),
        Dataset::Query(query) => format!("({}) AS register", query.trim().trim_end_matches(';')),
    }
}

/// A table name, schema-qualified names split at their dots.
pub fn quote_table(kind: DatabaseKind, table: &str) -> String {
    split_name(table).iter().map(|part| quote(kind, part)).collect::<Vec<_>>().join(".")
}

/// PostgreSQL's number of a table as an expression, NULL where there is none. `to_regclass` fails for a schema that the
/// account may not use, and a failed statement ends the snapshot.
pub(super) fn table_oid(table: &str) -> String {
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut parts = split_name(table).into_iter().rev();
    match (parts.next(), parts.next()) {
        (Some(name), Some(schema)) => format!(
            "(SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE c.relname = {} AND n.nspname = {})",
            text(&name),
            text(&schema)
        ),
        _ => format!("to_regclass({})", text(&quote_table(DatabaseKind::Postgres, table))),
    }
}

/// The parts of a table's name as a configuration writes it: divided by dots, and a part that holds a dot
/// itself in double quotes or backticks, as `"2016.person"`.
pub(super) fn split_name(table: &str) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), table);
    loop {
        let (part, behind) = match quoted_part(rest) {
            Some(found) => found,
            None => rest
                .split_once('.')
                .map_or((rest.to_owned(), None), |(part, behind)| (part.to_owned(), Some(behind))),
        };
        parts.push(part);
        match behind {
            Some(behind) => rest = behind,
            None => return parts,
        }
    }
}

/// A part in quotes at the beginning of a name, and what follows its dot; `None` where there is none, or
/// the quote is never closed and so part of the name.
fn quoted_part(text: &str) -> Option<(String, Option<&str>)> {
    let quote = text.chars().next().filter(|c| ['"', '`'].contains(c))?;
    let mut part = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((_, c)) = chars.next() {
        if c != quote {
            part.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            part.push(quote);
        } else {
            let behind = chars.peek().map_or("", |(at, _)| &text[*at..]);
            return match behind.strip_prefix('.') {
                Some(behind) => Some((part, Some(behind))),
                None => behind.is_empty().then_some((part, None)),
            };
        }
    }
    None
}

/// The inverse of [`split_name`]; blank parts are left out.
pub(super) fn written(parts: &[&str]) -> String {
    let part = |part: &&str| match part.contains(['.', '"', '`']) {
        true => format!("\"{}\"", part.replace('"', "\"\"")),
        false => (*part).to_owned(),
    };
    parts.iter().filter(|part| !part.is_empty()).map(part).collect::<Vec<_>>().join(".")
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
    fn names_may_hold_dots_and_quotes() {
        for (text, parts) in [
            ("person", vec!["person"]),
            ("office.person", vec!["office", "person"]),
            ("\"2016.person\"", vec!["2016.person"]),
            ("`office`.\"a\"\"b.c\"", vec!["office", "a\"b.c"]),
            ("\"open", vec!["\"open"]),
            ("人口.登记表", vec!["人口", "登记表"]),
        ] {
            assert_eq!(split_name(text), parts, "{text}");
            assert_eq!(split_name(&written(&parts)), parts);
        }
        assert_eq!(quote_table(DatabaseKind::MySql, "office.\"a.b\""), "`office`.`a.b`");
        assert_eq!(written(&["", "order"]), "order");
    }

    #[test]
    fn own_queries_become_subselects_and_unknown_types_text() {
        let dataset = Dataset::Query("SELECT 1 AS a; ".into());
        let columns = [("a", "NUMERIC"), ("b", "TEXT"), ("c", "TIMESTAMP")]
            .map(|(name, kind)| SelectedColumn::new(DatabaseKind::Postgres, name, kind, false));
        let select = Select { dataset: &dataset, columns: &columns, condition: Some("a > 0".into()) };
        let sql = select.sql(DatabaseKind::Postgres);
        let expected = "SELECT \"a\"::text, \"b\", \"c\"::text FROM (SELECT 1 AS a) AS register WHERE a > 0";
        assert_eq!(sql, expected);
    }
}
