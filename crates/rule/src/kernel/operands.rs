//! What the clauses of all relations read, each operand once, those that others are made of before them.

use super::super::definitions::{Definitions, ValueType};
use super::super::parse::type_of;
use super::super::tree::{Attribute, FieldId, Literal, Operand};
use tongbao_register::batch::{Record, TextColumn};
use tongbao_register::field::Field;
use tongbao_register::text::trim;

/// Most operands of all relations together; they are bits of one number.
pub(super) const MOST: usize = u128::BITS as usize;

/// Operands by position, one bit each.
pub(super) type OperandSet = u128;

/// What stands in one position.
#[derive(Debug, Clone)]
pub(super) enum OperandKind {
    Field(FieldId, ValueType),
    BirthDate(usize),
    /// With the positions of male and female in the list of sexes.
    Sex(usize, [i64; 2]),
    /// The division of a number, which is foreign where its holder is no citizen.
    Division(usize),
    /// The first that is known.
    FirstOf(Vec<usize>),
    Unit,
    RegisteredOn,
    CutOff,
    Constant(i64),
    Word(String),
    Age(usize, usize),
    Months(usize, usize),
    Days(usize, usize),
    Length(usize),
    Times(i64, usize),
}

/// The operands of all relations.
#[derive(Debug, Clone, Default)]
pub(super) struct Operands {
    /// Operands of clauses with their positions.
    known: Vec<(Operand, usize)>,
    pub(super) kinds: Vec<OperandKind>,
    /// Codes that are compared with one another: what an open list does not have is the same only by its text.
    paired_codes: OperandSet,
    /// Texts that are compared, whose bytes have to be text.
    compared_texts: OperandSet,
}

impl Operands {
    /// The position of an operand, which is added where it is new. `None` where it cannot be read here.
    pub(super) fn position(&mut self, operand: &Operand, definitions: &Definitions) -> Option<usize> {
        if let Some((_, at)) = self.known.iter().find(|(known, _)| known == operand) {
            return Some(*at);
        }
        let kind = self.kind(operand, definitions)?;
        let at = self.add(kind)?;
        self.known.push((operand.clone(), at));
        Some(at)
    }

    fn kind(&mut self, operand: &Operand, definitions: &Definitions) -> Option<OperandKind> {
        let mut at = |operand: &Operand| self.position(operand, definitions);
        Some(match operand {
            Operand::Field(field) => OperandKind::Field(*field, definitions.fields[field.index()].value_type),
            Operand::Attribute(field, attribute) => {
                let of = at(&Operand::Field(*field))?;
                let is_citizen = definitions.fields[field.index()].value_type == ValueType::CitizenId;
                match attribute {
                    Attribute::BirthDate if is_citizen => OperandKind::BirthDate(of),
                    Attribute::Sex if is_citizen => OperandKind::Sex(of, sexes(definitions)?),
                    _ => return None,
                }
            }
            Operand::Derived(value) => {
                let sources = &definitions.values[*value].first_of;
                if sources.iter().any(|source| !has_number(source, definitions)) {
                    return None;
                }
                OperandKind::FirstOf(sources.iter().map(at).collect::<Option<_>>()?)
            }
            Operand::Rest { .. } => return None,
            Operand::Unit => OperandKind::Unit,
            Operand::RegisteredOn => OperandKind::RegisteredOn,
            Operand::CutOff => OperandKind::CutOff,
            Operand::Age { of, on } => OperandKind::Age(at(of)?, at(on)?),
            Operand::Months { of, on } => OperandKind::Months(at(of)?, at(on)?),
            Operand::Days { from, to } => OperandKind::Days(at(from)?, at(to)?),
            Operand::Length(of) if is_text(of, definitions) => {
                OperandKind::Length(self.text(of, definitions)?)
            }
            Operand::Length(_) => return None,
            Operand::Times { factor, of } => OperandKind::Times(*factor, at(of)?),
            Operand::Literal(literal) => match literal {
                Literal::Date(date) => OperandKind::Constant(i64::from(*date)),
                Literal::Number(number) => OperandKind::Constant(*number),
                Literal::Code { code, .. } => OperandKind::Constant(*code as i64),
                Literal::Truth(is_yes) => OperandKind::Constant(i64::from(*is_yes)),
                Literal::Text(text) => OperandKind::Word(text.clone()),
            },
        })
    }

    fn add(&mut self, kind: OperandKind) -> Option<usize> {
        (self.kinds.len() < MOST).then(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        })
    }

    /// The position of a text that is compared. `None` where the operand has none here.
    pub(super) fn text(&mut self, operand: &Operand, definitions: &Definitions) -> Option<usize> {
        let at = self.position(operand, definitions)?;
        let is_text =
            matches!(self.kinds[at], OperandKind::Field(..) | OperandKind::Unit | OperandKind::Word(_));
        self.compared_texts |= 1 << at;
        is_text.then_some(at)
    }

    /// Compares the codes of two positions with one another.
    pub(super) fn pair(&mut self, one: usize, other: usize) {
        self.paired_codes |= 1 << one | 1 << other;
    }

    pub(super) fn is_paired(&self, at: usize) -> bool {
        self.paired_codes >> at & 1 == 1
    }

    pub(super) fn is_compared_text(&self, at: usize) -> bool {
        self.compared_texts >> at & 1 == 1
    }

    /// The place at a position, or the division of the number there.
    pub(super) fn division(&mut self, at: usize) -> Option<usize> {
        match self.kinds[at] {
            OperandKind::Field(_, ValueType::CitizenId) => {
                let is_known = |kind: &OperandKind| matches!(kind, OperandKind::Division(of) if *of == at);
                self.kinds.iter().position(is_known).or_else(|| self.add(OperandKind::Division(at)))
            }
            OperandKind::Field(_, ValueType::Uscc | ValueType::Place) => Some(at),
            _ => None,
        }
    }

    pub(super) fn is_place(&self, at: usize) -> bool {
        matches!(self.kinds[at], OperandKind::Field(_, ValueType::Place))
    }

    /// The bytes of a text of a record, trimmed; blank where the position has no text.
    pub(super) fn bytes<'v>(&'v self, at: usize, record: &Record<'v>) -> &'v [u8] {
        match &self.kinds[at] {
            OperandKind::Word(text) => text.as_bytes(),
            kind => trim(column(kind).and_then(|column| record.value(column)).unwrap_or_default()),
        }
    }
}

/// The column that an operand is read from.
fn column(kind: &OperandKind) -> Option<TextColumn> {
    match kind {
        OperandKind::Field(field, _) => Some(TextColumn::Field(Field::at(field.index()))),
        OperandKind::Unit => Some(TextColumn::Unit),
        _ => None,
    }
}

/// Male and female in the list of sexes, as the number of a citizen names them.
fn sexes(definitions: &Definitions) -> Option<[i64; 2]> {
    let list = definitions.lists.iter().find(|list| list.key == "sex")?;
    Some([list.position("男")? as i64, list.position("女")? as i64])
}

pub(super) fn is_text(operand: &Operand, definitions: &Definitions) -> bool {
    matches!(type_of(operand, definitions), ValueType::Text | ValueType::Formed)
}

/// Whether the value of an operand is one number that is all there is to it.
fn has_number(operand: &Operand, definitions: &Definitions) -> bool {
    matches!(type_of(operand, definitions), ValueType::Date | ValueType::Number | ValueType::YesNo)
}
