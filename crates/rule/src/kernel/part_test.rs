//! Parts of clauses as tests of positions, for a chunk of records at once.

use super::super::definitions::{Definitions, ValueType};
use super::super::form::ValueForm;
use super::super::parse::type_of;
use super::super::tree::{ClausePart, CodeSet, Comparator, Operand, ValueState};
use super::columns::OperandColumns;
use super::operands::{OperandSet, Operands, is_text};
use super::planes::{CHUNK, first, plane, positions};
use tongbao_register::batch::Record;
use tongbao_register::division;
use tongbao_register::text::lossy;

/// Records for which a clause or a part of it is known to hold, and those for which it is known not to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TruthPlanes {
    pub holds: u64,
    pub fails: u64,
}

impl TruthPlanes {
    pub(super) const TRUE: TruthPlanes = TruthPlanes { holds: u64::MAX, fails: 0 };

    fn of(known: u64, holds: u64) -> TruthPlanes {
        TruthPlanes { holds: known & holds, fails: known & !holds }
    }

    pub(super) fn unknown(self) -> u64 {
        !(self.holds | self.fails)
    }

    fn negated_if(self, is_negated: bool) -> TruthPlanes {
        if is_negated { TruthPlanes { holds: self.fails, fails: self.holds } } else { self }
    }
}

/// One comparison of operands by their positions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PartTest {
    kind: TestKind,
    is_negated: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum TestKind {
    /// Numbers of any kind.
    Compare(usize, Comparator, usize),
    Between(usize, usize, usize),
    /// Positions in a list, one bit each.
    Among(usize, Vec<u64>),
    /// Any position in a list.
    Listed(usize),
    Filled(usize),
    /// Never known not to be: what is no value of its type decides before.
    Valid(usize),
    SameText([usize; 2]),
    AmongTexts(usize, Vec<String>),
    StartsWith(usize, usize),
    HasForm(usize, ValueForm),
    /// Two divisions by their codes, over the first digits.
    SameCode([usize; 2], u32),
    /// A place and the code of a division.
    PlaceInCode(usize, usize, u32),
    SamePlace([usize; 2], u32),
}

impl PartTest {
    /// `None` where the part has no form here.
    pub(super) fn compile(
        part: &ClausePart,
        definitions: &Definitions,
        operands: &mut Operands,
    ) -> Option<PartTest> {
        let mut at = |operand: &Operand| operands.position(operand, definitions);
        let (kind, is_negated) = match part {
            ClausePart::Compare { left, comparison, right } => {
                return comparison_of([left, right], *comparison, definitions, operands);
            }
            ClausePart::Between { operand, low, high } => {
                let is_number = !is_text(operand, definitions);
                (is_number.then_some(TestKind::Between(at(operand)?, at(low)?, at(high)?))?, false)
            }
            ClausePart::Among { operand, set, is_negated } => {
                (among(operand, set, definitions, operands)?, *is_negated)
            }
            ClausePart::Has { operand, state } => {
                let one = at(operand)?;
                match state {
                    ValueState::Filled => (TestKind::Filled(one), false),
                    ValueState::Blank => (TestKind::Filled(one), true),
                    ValueState::Valid => (TestKind::Valid(one), false),
                }
            }
            ClausePart::StartsWith { operand, prefix } => {
                let mut text = |operand: &Operand| operands.text(operand, definitions);
                (TestKind::StartsWith(text(operand)?, text(prefix)?), false)
            }
            ClausePart::HasForm { operand, form } => {
                (TestKind::HasForm(operands.text(operand, definitions)?, form.clone()), false)
            }
            ClausePart::SameDivision { left, right, level, is_negated } => {
                let (left, right) = (at(left)?, at(right)?);
                let (left, right) = (operands.division(left)?, operands.division(right)?);
                let digits = level.digits();
                let kind = match (operands.is_place(left), operands.is_place(right)) {
                    (false, false) => TestKind::SameCode([left, right], digits),
                    (true, false) => TestKind::PlaceInCode(left, right, digits),
                    (false, true) => TestKind::PlaceInCode(right, left, digits),
                    (true, true) => TestKind::SamePlace([left, right], digits),
                };
                (kind, *is_negated)
            }
        };
        Some(PartTest { kind, is_negated })
    }

    /// The operands whose states decide before the part does.
    pub(super) fn watched(&self) -> OperandSet {
        let bits = |positions: &[usize]| positions.iter().fold(0, |set, at| set | 1 << at);
        match &self.kind {
            TestKind::Filled(_) => 0,
            TestKind::Valid(at)
            | TestKind::Among(at, _)
            | TestKind::Listed(at)
            | TestKind::AmongTexts(at, _)
            | TestKind::HasForm(at, _) => bits(&[*at]),
            TestKind::Between(value, low, high) => bits(&[*value, *low, *high]),
            TestKind::Compare(one, _, other)
            | TestKind::SameText([one, other])
            | TestKind::StartsWith(one, other)
            | TestKind::SameCode([one, other], _)
            | TestKind::PlaceInCode(one, other, _)
            | TestKind::SamePlace([one, other], _) => bits(&[*one, *other]),
        }
    }

    /// The operands that it reads.
    pub(super) fn reads(&self) -> OperandSet {
        match self.kind {
            TestKind::Filled(at) => 1 << at,
            _ => self.watched(),
        }
    }

    /// For which records of a chunk the part holds.
    pub(super) fn truth(
        &self,
        operands: &Operands,
        columns: &OperandColumns,
        records: &[Record<'_>],
    ) -> TruthPlanes {
        let number = |at: usize| &columns.numbers[at];
        let holds = match &self.kind {
            TestKind::Filled(at) => {
                return TruthPlanes::of(u64::MAX, !columns.states[*at].missing).negated_if(self.is_negated);
            }
            TestKind::Valid(at) => return TruthPlanes { holds: !columns.states[*at].missing, fails: 0 },
            TestKind::Compare(one, comparison, other) => {
                compared(columns.count, number(*one), *comparison, number(*other))
            }
            TestKind::Between(value, low, high) => {
                compared(columns.count, number(*low), Comparator::AtMost, number(*value))
                    & compared(columns.count, number(*value), Comparator::AtMost, number(*high))
            }
            TestKind::Among(code, set) => {
                let codes = number(*code);
                let is_among = |code: i64| {
                    let word = usize::try_from(code / 64).ok().and_then(|at| set.get(at));
                    word.is_some_and(|word| code >= 0 && word >> (code % 64) & 1 == 1)
                };
                plane(columns.count, |at| is_among(codes[at]))
            }
            TestKind::Listed(code) => plane(columns.count, |at| number(*code)[at] >= 0),
            _ => return self.truth_of_texts(operands, columns, records).negated_if(self.is_negated),
        };
        TruthPlanes::of(self.known(columns), holds).negated_if(self.is_negated)
    }

    /// The records of which all that the part reads is known.
    fn known(&self, columns: &OperandColumns) -> u64 {
        !columns.any(self.reads(), |states| !states.is_known())
    }

    /// These tests take long, so that they are made one by one where they can decide.
    fn truth_of_texts(
        &self,
        operands: &Operands,
        columns: &OperandColumns,
        records: &[Record<'_>],
    ) -> TruthPlanes {
        let mut out = TruthPlanes::default();
        for at in positions(self.known(columns) & first(columns.count)) {
            let bytes = |operand: usize| operands.bytes(operand, &records[at]);
            let code = |operand: usize| columns.numbers[operand][at] as u32;
            let holds = match &self.kind {
                TestKind::SameText([one, other]) => Some(bytes(*one) == bytes(*other)),
                TestKind::AmongTexts(text, all) => Some(all.iter().any(|one| one.as_bytes() == bytes(*text))),
                TestKind::StartsWith(text, prefix) => Some(bytes(*text).starts_with(bytes(*prefix))),
                TestKind::HasForm(text, form) => {
                    std::str::from_utf8(bytes(*text)).ok().map(|text| form.matches(text))
                }
                TestKind::SameCode([one, other], digits) => {
                    let scale = 10u32.pow(6 - digits);
                    Some(code(*one) / scale == code(*other) / scale)
                }
                TestKind::PlaceInCode(place, other, digits) => {
                    division::lies_in(bytes(*place), code(*other), *digits)
                }
                TestKind::SamePlace([one, other], digits) => {
                    let [one, other] = [one, other].map(|at| division::place(&lossy(bytes(*at))));
                    one.zip(other).and_then(|(one, other)| one.agrees(&other, *digits))
                }
                _ => None,
            };
            out.holds |= u64::from(holds == Some(true)) << at;
            out.fails |= u64::from(holds == Some(false)) << at;
        }
        out
    }
}

fn comparison_of(
    [left, right]: [&Operand; 2],
    comparison: Comparator,
    definitions: &Definitions,
    operands: &mut Operands,
) -> Option<PartTest> {
    let number = |kind| PartTest { kind, is_negated: false };
    match type_of(left, definitions) {
        ValueType::Text | ValueType::Formed => {
            let is_negated = comparison == Comparator::NotEqual;
            let mut text = |operand: &Operand| operands.text(operand, definitions);
            let kind = TestKind::SameText([text(left)?, text(right)?]);
            (is_negated || comparison == Comparator::Equal).then_some(PartTest { kind, is_negated })
        }
        ValueType::Uscc | ValueType::Place => None,
        ValueType::Code(_) => {
            let (one, other) =
                (operands.position(left, definitions)?, operands.position(right, definitions)?);
            if !matches!((left, right), (Operand::Literal(_), _) | (_, Operand::Literal(_))) {
                operands.pair(one, other);
            }
            Some(number(TestKind::Compare(one, comparison, other)))
        }
        ValueType::Date | ValueType::Number | ValueType::YesNo | ValueType::CitizenId => {
            let (one, other) =
                (operands.position(left, definitions)?, operands.position(right, definitions)?);
            Some(number(TestKind::Compare(one, comparison, other)))
        }
    }
}

fn among(
    operand: &Operand,
    set: &CodeSet,
    definitions: &Definitions,
    operands: &mut Operands,
) -> Option<TestKind> {
    let bits = |codes: &[usize]| {
        let mut set = vec![0; codes.iter().max().map_or(0, |most| most / 64 + 1)];
        codes.iter().for_each(|code| set[code / 64] |= 1u64 << (code % 64));
        set
    };
    Some(match set {
        CodeSet::List(_) => TestKind::Listed(operands.position(operand, definitions)?),
        CodeSet::Group { list, group } => {
            let members = &definitions.lists[*list].groups[*group].members;
            TestKind::Among(operands.position(operand, definitions)?, bits(members))
        }
        CodeSet::Codes { codes, .. } => {
            TestKind::Among(operands.position(operand, definitions)?, bits(codes))
        }
        CodeSet::Texts(texts) if is_text(operand, definitions) => {
            TestKind::AmongTexts(operands.text(operand, definitions)?, texts.clone())
        }
        CodeSet::Texts(_) => return None,
    })
}

/// The records whose numbers compare as asked.
fn compared(count: usize, one: &[i64; CHUNK], comparison: Comparator, other: &[i64; CHUNK]) -> u64 {
    match comparison {
        Comparator::Equal => plane(count, |at| one[at] == other[at]),
        Comparator::NotEqual => plane(count, |at| one[at] != other[at]),
        Comparator::Less => plane(count, |at| one[at] < other[at]),
        Comparator::AtMost => plane(count, |at| one[at] <= other[at]),
        Comparator::Greater => plane(count, |at| one[at] > other[at]),
        Comparator::AtLeast => plane(count, |at| one[at] >= other[at]),
    }
}
