//! A checked clause as a tree. Every name is resolved and every comparison is between values of one type.

use super::form::ValueForm;
use tongbao_register::date::DateNumber;

/// Position of a field in [`super::definitions::Definitions::fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u8);

impl FieldId {
    /// The position in [`super::definitions::Definitions::fields`].
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
    /// One or more; the clause holds if one of them does.
    pub parts: Vec<ClausePart>,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClausePart {
    /// Two values in order: `age(born) >= 22`.
    Compare {
        /// The value before the sign.
        left: Operand,
        /// The sign.
        comparison: Comparator,
        /// The value after the sign.
        right: Operand,
    },
    /// Both ends belong to the range.
    Between {
        /// The value that is compared.
        operand: Operand,
        /// The least value in the range.
        low: Operand,
        /// The greatest value in the range.
        high: Operand,
    },
    /// Whether a code is one of a set: `in`, `not in`.
    Among {
        /// The value that is looked up.
        operand: Operand,
        /// The codes or texts that count.
        set: CodeSet,
        /// Whether `not` stands before `in`.
        is_negated: bool,
    },
    /// What is asked of a value by `is`.
    Has {
        /// The value in question.
        operand: Operand,
        /// What it must be.
        state: ValueState,
    },
    /// A text that begins with another.
    StartsWith {
        /// The longer text.
        operand: Operand,
        /// The text that it begins with.
        prefix: Operand,
    },
    /// A text that matches a form as a whole.
    HasForm {
        /// The text.
        operand: Operand,
        /// What each of its characters may be.
        form: ValueForm,
    },
    /// Whether two places are in one division 行政区划. Unknown where one of them names none.
    SameDivision {
        /// An address, a division code, or a number that contains one (citizen ID, 统一社会信用代码).
        left: Operand,
        /// The place it is compared with.
        right: Operand,
        /// How closely.
        level: DivisionDigits,
        /// Whether the divisions must differ.
        is_negated: bool,
    },
}

/// The sign of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparator {
    /// The sign as clauses write it.
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
    /// Neither NULL nor blank nor a placeholder.
    Filled,
    /// The opposite of filled.
    Blank,
    /// Filled with a value of the field's type.
    Valid,
}

/// Codes of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeSet {
    /// Every code of the list: the value is one that the list has.
    List(usize),
    /// The codes of a group.
    Group {
        /// Position of the list.
        list: usize,
        /// Position of the group in the list.
        group: usize,
    },
    /// Codes or words that are listed in the clause.
    Codes {
        /// Position of the list.
        list: usize,
        /// Positions in the list, in the order of the clause.
        codes: Vec<usize>,
    },
    /// Texts that stand in the clause.
    Texts(Vec<String>),
}

/// How closely two divisions are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DivisionDigits {
    /// The first two digits of the division code.
    Province,
    /// The first four digits.
    City,
    /// All six digits.
    County,
}

impl DivisionDigits {
    /// How many digits of the division code must agree.
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
    /// The value of a field.
    Field(FieldId),
    /// A part of what a number says.
    Attribute(FieldId, Attribute),
    /// Position in [`super::definitions::Definitions::values`].
    Derived(usize),
    /// The unit as the record writes it.
    Unit,
    /// Day of registration.
    RegisteredOn,
    /// The day on which ages are taken.
    CutOff,
    /// Whole years from a date to another.
    Age {
        /// The earlier date.
        of: Box<Operand>,
        /// The later date.
        on: Box<Operand>,
    },
    /// Whole months from a date to another.
    Months {
        /// The earlier date.
        of: Box<Operand>,
        /// The later date.
        on: Box<Operand>,
    },
    /// Days from the first date to the second.
    Days {
        /// The earlier date of a positive number.
        from: Box<Operand>,
        /// The later date of a positive number.
        to: Box<Operand>,
    },
    /// Number of characters.
    Length(Box<Operand>),
    /// A text without its first characters.
    Rest {
        /// The text.
        of: Box<Operand>,
        /// Number of characters left out at its beginning.
        skipped: usize,
    },
    /// A number of ten-thousandths times another value.
    Times {
        /// In ten-thousandths.
        factor: i64,
        /// The other value, a number.
        of: Box<Operand>,
    },
    /// A value that stands in the clause.
    Literal(Literal),
}

/// What a citizen ID number or a 统一社会信用代码 says about its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// Digits 7–14 of a citizen ID number.
    BirthDate,
    /// Digit 17 of a citizen ID number.
    Sex,
    /// The six digits of the division 行政区划 that assigned the number.
    Division,
    /// The number itself, as text.
    Text,
}

impl Attribute {
    /// With the names after the point in clauses.
    pub const ALL: [(&'static str, Attribute); 4] = [
        ("birth_date", Attribute::BirthDate),
        ("sex", Attribute::Sex),
        ("division", Attribute::Division),
        ("text", Attribute::Text),
    ];

    /// The name after the point in clauses.
    pub fn key(self) -> &'static str {
        Attribute::ALL.iter().find(|(_, attribute)| *attribute == self).map_or("", |(key, _)| key)
    }
}

/// One is ten thousand of these: numbers have at most four decimals.
pub const ONE: i64 = 10_000;

/// A value that stands in a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A calendar day.
    Date(DateNumber),
    /// In ten-thousandths.
    Number(i64),
    /// Text in quotation marks.
    Text(String),
    /// A code of a list, resolved when the clause is read.
    Code {
        /// Position of the list.
        list: usize,
        /// Position of the code in the list.
        code: usize,
    },
    /// Yes or no.
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
