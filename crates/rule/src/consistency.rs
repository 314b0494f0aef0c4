//! Clauses that cannot do what they are for: two that never hold together, and one that follows from another. Found by
//! the intervals and sets of single values, clause by clause, without a solver; what it does not see, `check` shows by
//! a relation that fails all records or none.

use super::definitions::{Definitions, Demand, RelationDefinition};
use super::tree::{Clause, ClausePart, CodeSet, Comparator, Literal, Operand, ValueState};
use std::collections::BTreeSet;
use tongbao_message::{Message, message};

/// A clause of a relation with its place below it: `check.1`.
type PlacedClause<'a> = (String, &'a Clause);

/// What is doubtful in a relation, with the places of the clauses.
pub fn doubts(definitions: &Definitions, relation: &RelationDefinition) -> Vec<(String, Message)> {
    let given: Vec<PlacedClause<'_>> =
        placed("when", &relation.when).chain(placed("if", &relation.premise)).collect();
    let mut out = among(definitions, &[], &given);
    match &relation.demand {
        Demand::Check(check) => {
            out.extend(among(definitions, &given, &placed("check", check).collect::<Vec<_>>()));
        }
        Demand::Group { filter, .. } => {
            out.extend(among(definitions, &given, &placed("where", filter).collect::<Vec<_>>()));
        }
        Demand::Cases(cases) => {
            for (at, case) in cases.iter().enumerate() {
                let when: Vec<_> = placed(&format!("cases.{at}.when"), &case.when).collect();
                let check: Vec<_> = placed(&format!("cases.{at}.check"), &case.check).collect();
                out.extend(among(definitions, &given, &when));
                // What is asked may follow from nothing else; that a condition follows from it is what makes it one.
                let given: Vec<_> = given.iter().cloned().chain(when).collect();
                out.extend(among(definitions, &given, &check));
                let earlier =
                    cases[..at].iter().position(|other| other.when.is_empty() || other.when == case.when);
                out.extend(earlier.map(|earlier| {
                    (format!("cases.{at}"), message!("no-record-gets-to-this-case", earlier = earlier + 1))
                }));
            }
        }
        Demand::Unique(_) | Demand::Listed { .. } => {}
    }
    out
}

fn placed<'a>(stage: &str, clauses: &'a [Clause]) -> impl Iterator<Item = PlacedClause<'a>> + use<'a> {
    let stage = stage.to_owned();
    clauses.iter().enumerate().map(move |(at, clause)| (format!("{stage}.{at}"), clause))
}

/// Doubts of clauses that are asked after others: each against all that hold with it.
fn among(
    definitions: &Definitions,
    given: &[PlacedClause<'_>],
    asked: &[PlacedClause<'_>],
) -> Vec<(String, Message)> {
    let mut out = Vec::new();
    for (at, (place, clause)) in asked.iter().enumerate() {
        let earlier = given.iter().chain(&asked[..at]);
        let doubt =
            earlier.map(|other| (other, true)).chain(asked[at + 1..].iter().map(|other| (other, false)));
        let mut found =
            doubt.filter_map(|((_, other), is_earlier)| doubt_of(definitions, clause, other, is_earlier));
        out.extend(found.next().map(|message| (place.clone(), message)));
    }
    out
}

fn doubt_of(definitions: &Definitions, clause: &Clause, other: &Clause, is_earlier: bool) -> Option<Message> {
    let ([one], [given]) = (clause.parts.as_slice(), other.parts.as_slice()) else { return None };
    let texts = || (definitions.print(clause), definitions.print(other));
    if is_earlier && never_together(definitions, one, given) {
        let (clause, other) = texts();
        return Some(message!("cannot-hold-together", clause, other));
    }
    let (ours, theirs) = (values(definitions, one)?, values(definitions, given)?);
    let is_same = ours == theirs;
    if ours.0 == theirs.0 && theirs.1.is_within(&ours.1) && (is_earlier || !is_same) {
        let (clause, other) = texts();
        return Some(message!("follows-from-another", clause, other));
    }
    None
}

fn never_together(definitions: &Definitions, one: &ClausePart, given: &ClausePart) -> bool {
    use ValueState::{Blank, Filled, Valid};
    match (one, given) {
        (ClausePart::Has { operand, state }, ClausePart::Has { operand: other, state: given }) => {
            operand == other && matches!((state, given), (Blank, Filled | Valid) | (Filled | Valid, Blank))
        }
        (part, ClausePart::Has { operand: blank, state: Blank })
        | (ClausePart::Has { operand: blank, state: Blank }, part) => {
            let mut reads = false;
            part.operands().for_each(|operand| operand.walk(&mut |operand| reads |= operand == blank));
            reads
        }
        (one, given) => match (values(definitions, one), values(definitions, given)) {
            (Some(one), Some(given)) => one.0 == given.0 && !one.1.meets(&given.1),
            _ => false,
        },
    }
}

/// The values that a part lets an operand have.
#[derive(PartialEq)]
enum AllowedValues {
    /// Numbers in ten-thousandths or dates, both ends included.
    Span(i64, i64),
    /// Codes of a list, and whether values that it does not have are among them.
    Codes(BTreeSet<usize>, bool),
}

impl AllowedValues {
    fn meets(&self, other: &AllowedValues) -> bool {
        match (self, other) {
            (AllowedValues::Span(low, high), AllowedValues::Span(other_low, other_high)) => {
                low.max(other_low) <= high.min(other_high)
            }
            (AllowedValues::Codes(codes, is_open), AllowedValues::Codes(others, other_open)) => {
                *is_open && *other_open || !codes.is_disjoint(others)
            }
            _ => true,
        }
    }

    fn is_within(&self, other: &AllowedValues) -> bool {
        match (self, other) {
            (AllowedValues::Span(low, high), AllowedValues::Span(other_low, other_high)) => {
                low >= other_low && high <= other_high
            }
            (AllowedValues::Codes(codes, is_open), AllowedValues::Codes(others, other_open)) => {
                codes.is_subset(others) && (*other_open || !is_open)
            }
            _ => false,
        }
    }
}

fn values<'a>(definitions: &Definitions, part: &'a ClausePart) -> Option<(&'a Operand, AllowedValues)> {
    match part {
        ClausePart::Compare { left, comparison, right } => {
            if let Operand::Literal(Literal::Code { list, code }) = right {
                let is_negated = match comparison {
                    Comparator::Equal => false,
                    Comparator::NotEqual => true,
                    _ => return None,
                };
                return Some((left, codes(definitions, *list, [*code].into(), is_negated)));
            }
            let at = bound(right)?;
            let span = match comparison {
                Comparator::Equal => (at, at),
                Comparator::Less => (i64::MIN, at - 1),
                Comparator::AtMost => (i64::MIN, at),
                Comparator::Greater => (at + 1, i64::MAX),
                Comparator::AtLeast => (at, i64::MAX),
                Comparator::NotEqual => return None,
            };
            Some((left, AllowedValues::Span(span.0, span.1)))
        }
        ClausePart::Between { operand, low, high } => {
            Some((operand, AllowedValues::Span(bound(low)?, bound(high)?)))
        }
        ClausePart::Among { operand, set, is_negated } => {
            let (list, members) = match set {
                CodeSet::List(list) => (*list, (0..definitions.lists[*list].codes.len()).collect()),
                CodeSet::Group { list, group } => {
                    (*list, definitions.lists[*list].groups[*group].members.iter().copied().collect())
                }
                CodeSet::Codes { list, codes } => (*list, codes.iter().copied().collect()),
                CodeSet::Texts(_) => return None,
            };
            Some((operand, codes(definitions, list, members, *is_negated)))
        }
        _ => None,
    }
}

fn codes(
    definitions: &Definitions,
    list: usize,
    members: BTreeSet<usize>,
    is_negated: bool,
) -> AllowedValues {
    let list = &definitions.lists[list];
    match is_negated {
        false => AllowedValues::Codes(members, false),
        true => {
            let others = (0..list.codes.len()).filter(|code| !members.contains(code)).collect();
            AllowedValues::Codes(others, list.is_open)
        }
    }
}

fn bound(operand: &Operand) -> Option<i64> {
    match operand {
        Operand::Literal(Literal::Number(number)) => Some(*number),
        Operand::Literal(Literal::Date(date)) => Some(i64::from(*date)),
        _ => None,
    }
}
