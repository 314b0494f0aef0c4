//! A checked clause as a tree. Every name is resolved and every comparison is between values of one type.

use super::form::ValueForm;
use tongbao_register::date::DateNumber;

/// Position of a field in [`super::definitions::Definitions::fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u8);

impl FieldId {
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The field alone in a set of fields, one bit each.
    pub fn bit(self) -> u64 {
        1 << self.0
    }
}

/// Parts joined by `or`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    pub parts: Vec<ClausePart>,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClausePart {
    Compare { left: Operand, comparison: Comparator, right: Operand },
    Between { operand: Operand, low: Operand, high: Operand },
    Among { operand: Operand, set: CodeSet, is_negated: bool },
    Has { operand: Operand, state: ValueState },
    StartsWith { operand: Operand, prefix: Operand },
    HasForm { operand: Operand, form: ValueForm },
    SameDivision { left: Operand, right: Operand, level: DivisionDigits, is_negated: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparator {
    pub fn sign(self) -> &'static str {
        match self {
            Comparator::Equal => "=",
            Comparator::NotEqual => "!=",
            Comparator::Less => "<",
            Comparator::AtMost => "<=",
            Comparator::Greater => ">",
            Comparator::AtLeast => ">=",
        }
    }

    /// Whether values in this order satisfy it.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparator::Equal => order.is_eq(),
            Comparator::NotEqual => order.is_ne(),
            Comparator::Less => order.is_lt(),
            Comparator::AtMost => order.is_le(),
            Comparator::Greater => order.is_gt(),
            Comparator::AtLeast => order.is_ge(),
        }
    }
}

/// What `is` asks of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueState {
    Filled,
    Blank,
    Valid,
}

/// Codes of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeSet {
    /// Every code of the list: the value is one that the list has.
    List(usize),
    Group {
        list: usize,
        group: usize,
    },
    Codes {
        list: usize,
        codes: Vec<usize>,
    },
    /// Texts that stand in the clause.
    Texts(Vec<String>),
}

/// How closely two divisions are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DivisionDigits {
    Province,
    City,
    County,
}

impl DivisionDigits {
    pub fn digits(self) -> u32 {
        match self {
            DivisionDigits::Province => 2,
            DivisionDigits::City => 4,
            DivisionDigits::County => 6,
        }
    }
}

/// What a clause reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    Field(FieldId),
    /// A part of what a number says.
    Attribute(FieldId, Attribute),
    /// Position in [`super::definitions::Definitions::values`].
    Derived(usize),
    /// The unit as the record writes it.
    Unit,
    RegisteredOn,
    CutOff,
    /// Whole years from a date to another.
    Age {
        of: Box<Operand>,
        on: Box<Operand>,
    },
    /// Whole months from a date to another.
    Months {
        of: Box<Operand>,
        on: Box<Operand>,
    },
    /// Days from the first date to the second.
    Days {
        from: Box<Operand>,
        to: Box<Operand>,
    },
    /// Number of characters.
    Length(Box<Operand>),
    /// A text without its first characters.
    Rest {
        of: Box<Operand>,
        skipped: usize,
    },
    /// A number of ten-thousandths times another value.
    Times {
        factor: i64,
        of: Box<Operand>,
    },
    Literal(Literal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    BirthDate,
    Sex,
    Division,
    Text,
}

impl Attribute {
    pub const ALL: [(&'static str, Attribute); 4] = [
        ("birth_date", Attribute::BirthDate),
        ("sex", Attribute::Sex),
        ("division", Attribute::Division),
        ("text", Attribute::Text),
    ];

    pub fn key(self) -> &'static str {
        Attribute::ALL.iter().find(|(_, attribute)| *attribute == self).map_or("", |(key, _)| key)
    }
}

/// One is ten thousand of these: numbers have at most four decimals.
pub const ONE: i64 = 10_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    Date(DateNumber),
    /// In ten-thousandths.
    Number(i64),
    Text(String),
    Code {
        list: usize,
        code: usize,
    },
    Truth(bool),
}

impl ClausePart {
    /// The operands in the order in which they are written.
    pub fn operands(&self) -> impl Iterator<Item = &Operand> {
        let operands = match self {
            ClausePart::Compare { left, right, .. } | ClausePart::SameDivision { left, right, .. } => {
                [Some(left), Some(right), None]
            }
            ClausePart::Between { operand, low, high } => [Some(operand), Some(low), Some(high)],
            ClausePart::StartsWith { operand, prefix } => [Some(operand), Some(prefix), None],
            ClausePart::Among { operand, .. }
            | ClausePart::Has { operand, .. }
            | ClausePart::HasForm { operand, .. } => [Some(operand), None, None],
        };
        operands.into_iter().flatten()
    }
}

impl Operand {
    /// The operand and all that stand inside it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Operand)) {
        visit(self);
        match self {
            Operand::Age { of, on } | Operand::Months { of, on } => {
                of.walk(visit);
                on.walk(visit);
            }
            Operand::Days { from, to } => {
                from.walk(visit);
                to.walk(visit);
            }
            Operand::Length(of) | Operand::Rest { of, .. } | Operand::Times { of, .. } => of.walk(visit),
            Operand::Field(_)
            | Operand::Attribute(..)
            | Operand::Derived(_)
            | Operand::Unit
            | Operand::RegisteredOn
            | Operand::CutOff
            | Operand::Literal(_) => {}
        }
    }
}
