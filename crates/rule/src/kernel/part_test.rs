//! Parts of clauses as tests of positions.

use super::super::definitions::{Definitions, ValueType};
use super::super::evaluate::Truth;
use super::super::form::ValueForm;
use super::super::parse::type_of;
use super::super::tree::{ClausePart, CodeSet, Comparator, Operand, ValueState};
use super::operands::{OperandValues, Operands, is_text};

/// One comparison of operands by their positions.
#[derive(Debug, Clone)]
pub(super) enum PartTest {
    /// Numbers of any kind.
    Compare(usize, Comparator, usize),
    Between(usize, usize, usize),
    /// Positions in a list, one bit each.
    Among {
        code: usize,
        set: u128,
        is_negated: bool,
    },
    /// Any position in a list.
    Listed {
        code: usize,
        is_negated: bool,
    },
    Filled(usize),
    Blank(usize),
    Valid(usize),
    SameText {
        texts: [usize; 2],
        is_negated: bool,
    },
    AmongTexts {
        text: usize,
        texts: Vec<String>,
        is_negated: bool,
    },
    StartsWith(usize, usize),
    HasForm(usize, ValueForm),
}

impl PartTest {
    /// `None` where the part has no form here.
    pub(super) fn compile(
        part: &ClausePart,
        definitions: &Definitions,
        operands: &mut Operands,
    ) -> Option<PartTest> {
        let mut at = |operand: &Operand| operands.position(operand, definitions);
        Some(match part {
            ClausePart::Compare { left, comparison, right } => {
                let (one, other) = (at(left)?, at(right)?);
                match type_of(left, definitions) {
                    ValueType::Text | ValueType::Formed => {
                        let is_negated = *comparison == Comparator::NotEqual;
                        return (is_negated || *comparison == Comparator::Equal)
                            .then_some(PartTest::SameText { texts: [one, other], is_negated });
                    }
                    ValueType::Uscc | ValueType::Place => return None,
                    ValueType::Code(_) => {
                        if !matches!((left, right), (Operand::Literal(_), _) | (_, Operand::Literal(_))) {
                            operands.pair(one, other);
                        }
                    }
                    ValueType::Date | ValueType::Number | ValueType::YesNo | ValueType::CitizenId => {}
                }
                PartTest::Compare(one, *comparison, other)
            }
            ClausePart::Between { operand, low, high } => {
                if is_text(operand, definitions) {
                    return None;
                }
                PartTest::Between(at(operand)?, at(low)?, at(high)?)
            }
            ClausePart::Among { operand, set, is_negated } => {
                let (one, is_negated) = (at(operand)?, *is_negated);
                let bits = |codes: &[usize]| {
                    let is_small = codes.iter().all(|code| *code < 128);
                    is_small.then(|| codes.iter().fold(0u128, |set, code| set | 1 << code))
                };
                match set {
                    CodeSet::List(_) => PartTest::Listed { code: one, is_negated },
                    CodeSet::Group { list, group } => {
                        let members = &definitions.lists[*list].groups[*group].members;
                        PartTest::Among { code: one, set: bits(members)?, is_negated }
                    }
                    CodeSet::Codes { codes, .. } => {
                        PartTest::Among { code: one, set: bits(codes)?, is_negated }
                    }
                    CodeSet::Texts(texts) if is_text(operand, definitions) => {
                        PartTest::AmongTexts { text: one, texts: texts.clone(), is_negated }
                    }
                    CodeSet::Texts(_) => return None,
                }
            }
            ClausePart::Has { operand, state } => {
                let one = at(operand)?;
                match state {
                    ValueState::Filled => PartTest::Filled(one),
                    ValueState::Blank => PartTest::Blank(one),
                    ValueState::Valid => PartTest::Valid(one),
                }
            }
            ClausePart::StartsWith { operand, prefix }
                if is_text(operand, definitions) && is_text(prefix, definitions) =>
            {
                PartTest::StartsWith(at(operand)?, at(prefix)?)
            }
            ClausePart::HasForm { operand, form } if is_text(operand, definitions) => {
                PartTest::HasForm(at(operand)?, form.clone())
            }
            ClausePart::StartsWith { .. } | ClausePart::HasForm { .. } | ClausePart::SameDivision { .. } => {
                return None;
            }
        })
    }

    pub(super) fn truth(&self, values: &OperandValues<'_>) -> Truth {
        let unknown = values.missing | values.invalid | values.foreign;
        let known = |positions: &[usize]| positions.iter().all(|at| unknown >> at & 1 == 0);
        let is_missing = |at: usize| values.missing >> at & 1 == 1;
        let (numbers, texts) = (&values.numbers, &values.texts);
        let (is_known, holds) = match self {
            PartTest::Filled(at) => return of(!is_missing(*at)),
            PartTest::Blank(at) => return of(is_missing(*at)),
            PartTest::Valid(at) => return if is_missing(*at) { Truth::Unknown } else { Truth::True },
            PartTest::Compare(one, comparison, other) => {
                (known(&[*one, *other]), comparison.holds(numbers[*one].cmp(&numbers[*other])))
            }
            PartTest::Between(value, low, high) => (
                known(&[*value, *low, *high]),
                numbers[*low] <= numbers[*value] && numbers[*value] <= numbers[*high],
            ),
            PartTest::Among { code, set, is_negated } => {
                let number = numbers[*code];
                let is_among = (0..128).contains(&number) && set >> number & 1 == 1;
                (known(&[*code]), is_among != *is_negated)
            }
            PartTest::Listed { code, is_negated } => (known(&[*code]), (numbers[*code] >= 0) != *is_negated),
            PartTest::SameText { texts: [one, other], is_negated } => {
                (known(&[*one, *other]), (texts[*one] == texts[*other]) != *is_negated)
            }
            PartTest::AmongTexts { text, texts: all, is_negated } => {
                (known(&[*text]), all.iter().any(|one| one == texts[*text]) != *is_negated)
            }
            PartTest::StartsWith(text, prefix) => {
                (known(&[*text, *prefix]), texts[*text].starts_with(texts[*prefix]))
            }
            // The only test that takes long.
            PartTest::HasForm(text, form) => {
                let is_known = known(&[*text]);
                (is_known, is_known && form.matches(texts[*text]))
            }
        };
        if is_known { of(holds) } else { Truth::Unknown }
    }
}

fn of(holds: bool) -> Truth {
    if holds { Truth::True } else { Truth::False }
}
