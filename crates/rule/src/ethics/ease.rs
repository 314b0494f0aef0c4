//! Whether clauses ask no more than others that differ from them in numbers and dates alone.

use crate::tree::{Clause, ClausePart, Comparator, Literal, Operand};
use std::cmp::Ordering;

/// Whether every record that meets `others` meets `clauses` too, as far as numbers and dates show: they are the same
/// clauses with the same or wider bounds.
pub(super) fn asks_no_more(clauses: &[Clause], others: &[Clause]) -> bool {
    clauses.len() == others.len() && clauses.iter().zip(others).all(|(one, other)| clause(one, other))
}

fn clause(one: &Clause, other: &Clause) -> bool {
    one.parts.len() == other.parts.len()
        && one.parts.iter().zip(&other.parts).all(|(one, other)| part(one, other))
}

fn part(one: &ClausePart, other: &ClausePart) -> bool {
    use ClausePart::{Between, Compare};
    match (one, other) {
        (one, other) if one == other => true,
        (
            Compare { left, comparison, right },
            Compare { left: other_left, comparison: other_comparison, right: other_right },
        ) if comparison == other_comparison => match (order(left, other_left), order(right, other_right)) {
            (None, Some(bound)) if left == other_left => is_wider(*comparison, bound),
            (Some(bound), None) if right == other_right => is_wider(*comparison, bound.reverse()),
            _ => false,
        },
        (
            Between { operand, low, high },
            Between { operand: other_operand, low: other_low, high: other_high },
        ) => {
            operand == other_operand
                && order(low, other_low).is_some_and(Ordering::is_le)
                && order(high, other_high).is_some_and(Ordering::is_ge)
        }
        _ => false,
    }
}

/// Whether a bound in this order to another takes in all that the other does.
fn is_wider(comparison: Comparator, bound: Ordering) -> bool {
    match comparison {
        Comparator::Less | Comparator::AtMost => bound.is_ge(),
        Comparator::Greater | Comparator::AtLeast => bound.is_le(),
        Comparator::Equal | Comparator::NotEqual => false,
    }
}

fn order(one: &Operand, other: &Operand) -> Option<Ordering> {
    match (one, other) {
        (Operand::Literal(Literal::Number(one)), Operand::Literal(Literal::Number(other))) => {
            Some(one.cmp(other))
        }
        (Operand::Literal(Literal::Date(one)), Operand::Literal(Literal::Date(other))) => {
            Some(one.cmp(other))
        }
        _ => None,
    }
}
