//! What the clauses of relations read of one record, each operand once: states as sets of bits, values as numbers
//! and texts by position.

use super::super::definitions::{Definitions, ValueType};
use super::super::evaluate::{days, months, years};
use super::super::parse::type_of;
use super::super::tree::{Attribute, FieldId, Literal, ONE, Operand};
use super::super::value::{FieldValue, KnownValue, RecordFrame, ValueReader};
use super::field_cache::FieldCache;
use tongbao_register::batch::{Day, date_from_days};
use tongbao_register::date::{DateNumber, number_of};
use tongbao_register::text::trim;

/// Most operands of all relations together; they are bits of one number.
pub(super) const MOST: usize = 64;

/// What stands in one position.
#[derive(Debug, Clone)]
enum OperandKind {
    Field {
        field: FieldId,
        value_type: ValueType,
    },
    BirthDate(usize),
    /// With the positions of male and female in the list of sexes.
    Sex(usize, [i64; 2]),
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

/// Operands, those that others are made of before them.
#[derive(Debug, Clone, Default)]
pub(super) struct Operands {
    known: Vec<Operand>,
    kinds: Vec<OperandKind>,
    /// Codes that are compared with one another: what an open list does not have is the same only by its text.
    paired_codes: u64,
}

/// The operands of one record.
pub struct OperandValues<'v> {
    pub(super) missing: u64,
    pub(super) invalid: u64,
    pub(super) foreign: u64,
    /// Values that only the slower reading compares.
    pub(super) open: u64,
    /// Days `YYYYMMDD`, ten-thousandths, positions in lists (-1 = none), answers 1 and 0, 17 digits.
    pub(super) numbers: [i64; MOST],
    pub(super) texts: [&'v str; MOST],
}

/// A record as the operands are read from it.
pub(super) struct RecordSource<'s, 'v, R: Fn(FieldId) -> Option<&'v [u8]>> {
    pub definitions: &'s Definitions,
    pub values: &'s ValueReader,
    pub raw: R,
    pub document_type: Option<&'v [u8]>,
    pub frame: RecordFrame<'v>,
}

/// The states that two dates give what is made of them, as bits: missing, invalid, foreign.
type States = [bool; 3];

impl Operands {
    /// The position of an operand, which is added where it is new. `None` where it cannot be read here.
    pub(super) fn position(&mut self, operand: &Operand, definitions: &Definitions) -> Option<usize> {
        if let Some(at) = self.known.iter().position(|known| known == operand) {
            return Some(at);
        }
        let kind = match operand {
            Operand::Field(field) => {
                let value_type = definitions.fields[field.index()].value_type;
                OperandKind::Field { field: *field, value_type }
            }
            Operand::Attribute(field, attribute) => {
                let of = self.position(&Operand::Field(*field), definitions)?;
                let is_citizen = definitions.fields[field.index()].value_type == ValueType::CitizenId;
                match attribute {
                    Attribute::BirthDate if is_citizen => OperandKind::BirthDate(of),
                    Attribute::Sex if is_citizen => OperandKind::Sex(of, sexes(definitions)?),
                    _ => return None,
                }
            }
            Operand::Derived(_) | Operand::Rest { .. } => return None,
            Operand::Unit => OperandKind::Unit,
            Operand::RegisteredOn => OperandKind::RegisteredOn,
            Operand::CutOff => OperandKind::CutOff,
            Operand::Age { of, on } => {
                OperandKind::Age(self.position(of, definitions)?, self.position(on, definitions)?)
            }
            Operand::Months { of, on } => {
                OperandKind::Months(self.position(of, definitions)?, self.position(on, definitions)?)
            }
            Operand::Days { from, to } => {
                OperandKind::Days(self.position(from, definitions)?, self.position(to, definitions)?)
            }
            Operand::Length(of) if is_text(of, definitions) => {
                OperandKind::Length(self.position(of, definitions)?)
            }
            Operand::Length(_) => return None,
            Operand::Times { factor, of } => OperandKind::Times(*factor, self.position(of, definitions)?),
            Operand::Literal(literal) => match literal {
                Literal::Date(date) => OperandKind::Constant(i64::from(*date)),
                Literal::Number(number) => OperandKind::Constant(*number),
                Literal::Code { code, .. } => OperandKind::Constant(*code as i64),
                Literal::Truth(is_yes) => OperandKind::Constant(i64::from(*is_yes)),
                Literal::Text(text) => OperandKind::Word(text.clone()),
            },
        };
        if self.kinds.len() == MOST {
            return None;
        }
        self.known.push(operand.clone());
        self.kinds.push(kind);
        Some(self.kinds.len() - 1)
    }

    /// Compares the codes of two positions with one another.
    pub(super) fn pair(&mut self, one: usize, other: usize) {
        self.paired_codes |= 1 << one | 1 << other;
    }

    /// All operands of a record.
    pub(super) fn read<'v, R: Fn(FieldId) -> Option<&'v [u8]>>(
        &'v self,
        record: &RecordSource<'_, 'v, R>,
        cache: &mut FieldCache,
    ) -> OperandValues<'v> {
        let mut out = OperandValues {
            missing: 0,
            invalid: 0,
            foreign: 0,
            open: 0,
            numbers: [0; MOST],
            texts: [""; MOST],
        };
        for (at, kind) in self.kinds.iter().enumerate() {
            match kind {
                OperandKind::Field { field, value_type } => {
                    out.field(at, (*field, *value_type), record, cache, self.paired_codes >> at & 1 == 1);
                }
                OperandKind::BirthDate(of) => out.part(at, *of, |digits| digits / 1_000 % 100_000_000),
                OperandKind::Sex(of, [male, female]) => {
                    out.part(at, *of, |digits| if digits % 2 == 1 { *male } else { *female });
                }
                OperandKind::Unit => match record.frame.unit.map(trim).filter(|unit| !unit.is_empty()) {
                    Some(unit) => out.text(at, unit),
                    None => out.missing |= 1 << at,
                },
                OperandKind::RegisteredOn => match record.frame.registered_on {
                    Day::Known(day) => match date_from_days(day) {
                        Some(date) => out.numbers[at] = i64::from(number_of(date)),
                        None => out.invalid |= 1 << at,
                    },
                    Day::Missing => out.missing |= 1 << at,
                    Day::Invalid => out.invalid |= 1 << at,
                },
                OperandKind::CutOff => out.numbers[at] = i64::from(record.frame.cut_off),
                OperandKind::Constant(number) => out.numbers[at] = *number,
                OperandKind::Word(text) => out.texts[at] = text,
                OperandKind::Age(of, on) => out.dates(at, [*of, *on], |of, on| Some(years(of, on))),
                OperandKind::Months(of, on) => out.dates(at, [*of, *on], |of, on| Some(months(of, on))),
                OperandKind::Days(from, to) => out.dates(at, [*from, *to], days),
                OperandKind::Length(of) => {
                    let length = out.texts[*of].chars().count() as i64 * ONE;
                    out.part(at, *of, |_| length);
                }
                OperandKind::Times(factor, of) => out.times(at, *factor, *of),
            }
        }
        out
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

impl<'v> OperandValues<'v> {
    fn states(&self, at: usize) -> States {
        [self.missing, self.invalid, self.foreign].map(|set| set >> at & 1 == 1)
    }

    fn copy_states(&mut self, at: usize, of: usize) {
        self.missing |= (self.missing >> of & 1) << at;
        self.invalid |= (self.invalid >> of & 1) << at;
        self.foreign |= (self.foreign >> of & 1) << at;
        self.open |= (self.open >> of & 1) << at;
    }

    fn is_known(&self, at: usize) -> bool {
        (self.missing | self.invalid | self.foreign) >> at & 1 == 0
    }

    fn text(&mut self, at: usize, text: &'v [u8]) {
        match std::str::from_utf8(text) {
            Ok(text) => self.texts[at] = text,
            Err(_) => self.open |= 1 << at,
        }
    }

    fn field<R: Fn(FieldId) -> Option<&'v [u8]>>(
        &mut self,
        at: usize,
        (field, value_type): (FieldId, ValueType),
        record: &RecordSource<'_, 'v, R>,
        cache: &mut FieldCache,
        is_paired: bool,
    ) {
        let Some(raw) = (record.raw)(field) else {
            self.missing |= 1 << at;
            return;
        };
        if matches!(value_type, ValueType::Text | ValueType::Place) {
            match cache.filled(field, raw) {
                Some(text) if value_type == ValueType::Text => self.text(at, text),
                Some(_) => {}
                None => self.missing |= 1 << at,
            }
            return;
        }
        let read = || record.values.read(record.definitions, field, Some(raw), record.document_type);
        match cache.value(field, value_type, raw, read) {
            FieldValue::Missing => self.missing |= 1 << at,
            FieldValue::Invalid => self.invalid |= 1 << at,
            FieldValue::Foreign => self.foreign |= 1 << at,
            FieldValue::Known(KnownValue::Text(_)) => self.text(at, trim(raw)),
            FieldValue::Known(KnownValue::Code { code: Some(code), .. }) => self.numbers[at] = code as i64,
            FieldValue::Known(KnownValue::Code { code: None, .. }) => {
                self.numbers[at] = -1;
                self.open |= u64::from(is_paired) << at;
            }
            FieldValue::Known(KnownValue::Date(date)) => self.numbers[at] = i64::from(date),
            FieldValue::Known(KnownValue::Number(number)) => self.numbers[at] = number,
            FieldValue::Known(KnownValue::Truth(is_yes)) => self.numbers[at] = i64::from(is_yes),
            FieldValue::Known(KnownValue::Citizen(id)) => self.numbers[at] = id.packed() as i64,
            FieldValue::Known(KnownValue::Uscc(_) | KnownValue::Place(_)) => {}
        }
    }

    fn part(&mut self, at: usize, of: usize, value: impl FnOnce(i64) -> i64) {
        self.copy_states(at, of);
        self.numbers[at] = value(self.numbers[of]);
    }

    /// A number from two dates; where one of them is not known, the worse of the two states.
    fn dates(
        &mut self,
        at: usize,
        [one, other]: [usize; 2],
        of: impl FnOnce(DateNumber, DateNumber) -> Option<i64>,
    ) {
        if self.is_known(one) && self.is_known(other) {
            match of(self.numbers[one] as DateNumber, self.numbers[other] as DateNumber) {
                Some(number) => self.numbers[at] = number * ONE,
                None => self.invalid |= 1 << at,
            }
            return;
        }
        let [a, b] = [self.states(one), self.states(other)];
        match [0, 1, 2].map(|state| a[state] || b[state]) {
            [_, _, true] => self.foreign |= 1 << at,
            [_, true, _] => self.invalid |= 1 << at,
            _ => self.missing |= 1 << at,
        }
    }

    fn times(&mut self, at: usize, factor: i64, of: usize) {
        self.copy_states(at, of);
        if !self.is_known(of) {
            return;
        }
        let product = i128::from(factor) * i128::from(self.numbers[of]);
        match i64::try_from(product / i128::from(ONE)) {
            Ok(number) if product % i128::from(ONE) == 0 => self.numbers[at] = number,
            _ => self.invalid |= 1 << at,
        }
    }
}
