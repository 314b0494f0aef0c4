//! Own fields and relations as SQL: every value has a state and is never NULL, every relation one of four
//! outcomes, so that no logic is left to what a database takes NULL for.
//!
//! The statement decides what is written as usual. A record with a value that only the program reads (a date
//! in a rare form, a number with thousands separated) comes home whole.

mod clause;
mod field;
mod pattern;
mod sets;

use super::columns::RecordColumns;
use super::layer::{Layer, Layers};
use super::{Inexpressible, SqlReference};
use crate::indicator::own::OwnInUse;
use crate::indicator::own_pattern::{BLANK, INVALID, KNOWN};
use clause::PatternWords;
use field::FieldColumns;
pub(super) use field::{has_form, is_credit_code};
pub(super) use pattern::{NAMES, SqlPattern, numbers};
use tongbao_config::settings::Indicators;
use tongbao_register::date::DateNumber;
use tongbao_rule::definitions::PRESET_FIELDS;
use tongbao_rule::evaluate::RelationOutcome;
use tongbao_rule::tree::Clause;

/// The own definitions in use as expressions over the layers that it adds.
pub(super) struct OwnSql {
    pub register: Layers,
    /// The numbers that [`SqlPattern`] reads.
    pub numbers: Vec<String>,
    /// Condition: a value that only the program reads.
    pub is_unread: String,
}

impl OwnSql {
    pub(super) fn new(
        (bound, references): (&RecordColumns, &[Option<SqlReference>]),
        indicators: &Indicators,
        cut_off: DateNumber,
    ) -> Result<OwnSql, Inexpressible> {
        let (d, definitions) = (bound.d, indicators.definitions.as_ref());
        let read = indicators.read_by_own();
        let (register, mut columns) = field::layers(bound, definitions, read);
        let words = PatternWords { bound, definitions, columns: &columns, cut_off };
        let mut layer = Layer::new(register, true);
        let mut applies = Vec::new();
        for (at, field) in definitions.fields.iter().enumerate() {
            let is_bound = columns[at].is_some() && !field.applies.is_empty();
            applies.push(match is_bound {
                true => Some(layer.bind(&format!("p{at}"), words.applies(&field.applies)?)),
                false => None,
            });
        }
        let register = layer.close();
        for (column, applies) in columns.iter_mut().zip(applies) {
            if let Some(column) = column {
                column.applies = applies;
            }
        }
        let words = PatternWords { bound, definitions, columns: &columns, cut_off };
        let OwnInUse { counted, watched, relations } = OwnInUse::of(indicators);
        let counted = counted.iter().map(|own| field_bits(&columns, *own, [BLANK, INVALID, KNOWN]));
        let watched = watched.iter().map(|own| field_bits(&columns, *own, [0, INVALID, 0]));
        let fields = counted.chain(watched);
        let mut layer = Layer::new(register, true);
        let (mut bits, mut looked_up) = (fields.collect::<Vec<String>>(), Vec::new());
        for own in relations {
            let relation = &definitions.own_relations()[usize::from(own)];
            let outcome = match relation.is_of_sets() {
                true => {
                    let columns = words.bind_set(&mut layer, own, relation)?;
                    looked_up.extend(words.looked_up(own, relation, references)?);
                    columns.outcome(d, &relation.demand)
                }
                false => words.outcome(relation)?,
            };
            bits.push(outcome);
        }
        let register = layer.close();
        let register = looked_up.into_iter().fold(register, |register, list| list.beside(register));
        Ok(OwnSql {
            register,
            numbers: pattern::of_bits(d, &bits),
            is_unread: unread(&columns, &words.unread(clauses_in_use(indicators).map(|(_, clause)| clause))),
        })
    }
}

/// Bits of one field in a pattern: where it is blank, where it has no value of its type, and otherwise.
fn field_bits(columns: &[Option<FieldColumns>], own: u8, [blank, invalid, known]: [u64; 3]) -> String {
    let Some(column) = &columns[PRESET_FIELDS + usize::from(own)] else { return "0".to_owned() };
    let state = &column.state;
    let bits = format!(
        "CASE WHEN {state} = {} THEN {blank} WHEN {state} = {} THEN {invalid} ELSE {known} END",
        field::MISSING,
        field::INVALID
    );
    match &column.applies {
        Some(condition) => format!("{condition} * {bits}"),
        None => bits,
    }
}

fn unread(columns: &[Option<FieldColumns>], more: &[String]) -> String {
    let fields = columns.iter().flatten().filter_map(|column| column.unread.clone());
    any(fields.chain(more.iter().cloned()))
}

/// The condition that one of several holds.
fn any(conditions: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = conditions.into_iter().collect();
    if all.is_empty() { "FALSE".to_owned() } else { format!("({})", all.join(" OR ")) }
}

/// The condition that all of several hold.
fn every(conditions: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = conditions.into_iter().collect();
    if all.is_empty() { "TRUE".to_owned() } else { format!("({})", all.join(" AND ")) }
}

fn outcome(outcome: RelationOutcome) -> u8 {
    outcome as u8
}

/// Whether a database counts the own definitions in use; the error says which it does not.
pub(super) fn check(indicators: &Indicators) -> Result<(), Inexpressible> {
    clauses_in_use(indicators)
        .try_for_each(|(key, clause)| clause::check_places(&indicators.definitions, &key, clause))
}

/// The clauses of the relations in use and of the fields that are read, each with the key it stands under.
fn clauses_in_use(indicators: &Indicators) -> impl Iterator<Item = (String, &Clause)> {
    let definitions = indicators.definitions.as_ref();
    let (read, relations) = (indicators.read_by_own(), indicators.own_relations());
    let relations = relations.flat_map(|own| {
        let relation = &definitions.own_relations()[usize::from(own)];
        relation.clauses().map(|clause| (format!("relations.{}", relation.key), clause))
    });
    let fields = definitions.fields.iter().enumerate().filter(move |(at, _)| read >> at & 1 == 1);
    let applies = fields.flat_map(|(_, field)| {
        field.applies.iter().map(|clause| (format!("fields.{}.applies", field.key), clause))
    });
    relations.chain(applies)
}
