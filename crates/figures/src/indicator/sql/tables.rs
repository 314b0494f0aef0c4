//! What the statement reads: register, rosters and lists, with their columns.

use std::collections::BTreeMap;

use super::dialect::Dialect;
use super::no_record;
use tongbao_config::settings::Indicators;

/// A column of the register as it stands in the statement.
#[derive(Debug, Clone)]
pub enum SqlColumn {
    /// An expression of type text.
    Text(String),
    /// An expression of type date.
    Date(String),
}

/// A field of the register as it stands in the statement.
#[derive(Debug, Clone)]
pub struct SqlField {
    /// The value as it is read.
    pub value: SqlColumn,
    /// The text before a code in it was made whole: it begins as the value does, and is the value unless a point is in it.
    pub written: String,
    /// What codes stand for.
    pub codes: BTreeMap<String, String>,
}

/// Where the statement finds what it counts: identifiers are quoted, values cast to text.
#[derive(Debug, Clone)]
pub struct Tables {
    /// What the statement is written in.
    pub dialect: Dialect,
    /// The register, as it stands after FROM.
    pub register: String,
    /// Column of the unit.
    pub unit: String,
    /// In the order of [`tongbao_register::field::Field::ALL`]; empty where the register lists no persons.
    pub fields: Vec<SqlField>,
    /// Own fields by position; `None` where nothing reads one.
    pub own: Vec<Option<SqlColumn>>,
    /// Column of the document type; `None` = the register has none.
    pub document_type: Option<String>,
    /// The day of registration; `None` = the register has no such column.
    pub day: Option<Registered>,
    /// Whether the register is in this database alone. Then every value is read once a row; parts on
    /// other servers count faster than here only if the statement stays plain enough to be sent there.
    pub is_local: bool,
    /// Whether the register is a table, which may be read more than once, and no query that may take long.
    pub is_table: bool,
    /// In configured order.
    pub rosters: Vec<SqlRoster>,
    /// Lists that relations look values up in, in the order of the definitions; `None` for those that are elsewhere.
    pub references: Vec<Option<SqlReference>>,
    /// Units as register and rosters write them where that is not their code, and the positions that they mean.
    pub spellings: Vec<(String, u32)>,
}

/// The registration day.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Days since 1970-01-01, NULL where there is none.
    pub day: String,
    /// The day as the number `YYYYMMDD`.
    pub number: String,
    /// Condition: the time is filled but no day.
    pub invalid: String,
}

impl Default for Registered {
    fn default() -> Registered {
        Registered { day: "NULL".to_owned(), number: "NULL".to_owned(), invalid: "FALSE".to_owned() }
    }
}

impl Tables {
    /// The same with those records of the register alone of which a condition is not true.
    pub(super) fn without(&self, condition: &str) -> Tables {
        Tables { register: without(&self.register, condition), ..self.clone() }
    }

    /// Whether each value is computed once a row. Own definitions are counted here, wherever the register lies.
    pub(super) fn is_bound(&self, indicators: &Indicators) -> bool {
        self.is_local || indicators.has_own() || indicators.subject.is_some()
    }
}

/// The rows of a table of which a condition is not true.
pub(super) fn without(table: &str, condition: &str) -> String {
    format!("{table} WHERE CASE WHEN {condition} THEN FALSE ELSE TRUE END")
}

/// A list that relations look values up in.
#[derive(Debug, Clone)]
pub struct SqlReference {
    /// What stands after FROM.
    pub table: String,
    /// Column of the values.
    pub column: String,
}

/// A roster as it stands in the statement.
#[derive(Debug, Clone)]
pub struct SqlRoster {
    /// What stands after FROM.
    pub table: String,
    /// Column of the unit.
    pub unit: String,
    /// Column of the ID number.
    pub id_number: String,
}

impl SqlRoster {
    /// Condition, never unknown: the row is a total. Nearly all rows have a number and are looked at no further.
    pub(super) fn is_no_entry(&self, d: Dialect) -> String {
        let is_entry = no_record::looks_like_a_number(d, &self.id_number);
        let is_none = no_record::is_no_entry(d, &d.trim(&self.id_number), &d.trim(&self.unit));
        format!("CASE WHEN {is_entry} THEN FALSE ELSE {is_none} END")
    }
}
