//! The definitions as one SQL statement, for databases that count where the data is.
//!
//! The words, placeholders, patterns and ages come from where the program's own reading has them, and
//! the statement ends in the same [`super::record_flags::RecordFlags`]s, so that both ways share everything after them. A
//! household place that the names of the provinces do not decide comes home as text beside the counts,
//! to be looked up in the table of divisions, and a record whose birth date is written in a rare form
//! comes home whole, to be read by the program; nothing else of a person leaves the database but totals.

mod at_sight;
mod clean;
mod codes;
mod columns;
mod dialect;
mod entries;
mod id_number;
mod identity;
mod kind;
mod layer;
mod no_record;
mod nothing;
mod outcome;
mod own;
mod pattern;
mod person;
mod person_groups;
mod province;
mod rosters;
mod shape;
mod statement;
mod statement_tally;
mod tables;
mod value;

use tongbao_message::Worded;

pub use dialect::Dialect;
pub use statement::statement;
pub use statement_tally::{COLUMNS, StatementTally};
use statement_tally::{INVALID_DAY, NO_DAY};
use tables::without;
pub use tables::{Registered, SqlColumn, SqlField, SqlReference, SqlRoster, Tables};

/// A definition that has no form in SQL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub enum Inexpressible {
    /// The relation or clause.
    Places(String),
    /// The relation.
    Sets(String),
    /// The field.
    CodedDate(&'static str),
    /// The field by which things are known that are no persons.
    Identity(String),
    /// The relation, which looks values up in a list.
    Listed(String),
    /// How many other ways than their codes of writing units a statement holds.
    Spellings(usize),
}
