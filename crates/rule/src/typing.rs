//! Which comparisons make sense: both sides of one type, and literals that the type has.

use super::definitions::{Definitions, ValueType};
use super::form::ValueForm;
use super::parse::ClauseError;
use super::tree::{Attribute, ClausePart, CodeSet, Comparator, DivisionDigits, Literal, Operand, ValueState};
use tongbao_message::{Message, message};
use tongbao_register::nearest::nearest;

/// An operand with the byte at which it begins.
pub(super) type PlacedOperand = (usize, Operand);

/// The list that a number's sex is a code of.
const SEX_LIST: &str = "sex";

/// The type of an operand's values. A derived value has the type of its first source.
pub fn type_of(operand: &Operand, definitions: &Definitions) -> ValueType {
    match operand {
        Operand::Field(field) => match definitions.fields[field.index()].value_type {
            ValueType::Formed => ValueType::Text,
            other => other,
        },
        Operand::Attribute(_, Attribute::BirthDate) => ValueType::Date,
        Operand::Attribute(_, Attribute::Sex) => {
            let list = definitions.lists.iter().position(|list| list.key == SEX_LIST);
            ValueType::Code(list.unwrap_or_default())
        }
        Operand::Attribute(_, Attribute::Division | Attribute::Text) => ValueType::Text,
        Operand::Derived(at) => definitions.values[*at]
            .first_of
            .first()
            .map_or(ValueType::Text, |first| type_of(first, definitions)),
        Operand::Unit | Operand::Rest { .. } => ValueType::Text,
        Operand::RegisteredOn | Operand::CutOff => ValueType::Date,
        Operand::Age { .. }
        | Operand::Months { .. }
        | Operand::Days { .. }
        | Operand::Length(_)
        | Operand::Times { .. } => ValueType::Number,
        Operand::Literal(literal) => match literal {
            Literal::Date(_) => ValueType::Date,
            Literal::Number(_) => ValueType::Number,
            Literal::Text(_) => ValueType::Text,
            Literal::Code { list, .. } => ValueType::Code(*list),
            Literal::Truth(_) => ValueType::YesNo,
        },
    }
}

fn described(value_type: ValueType, definitions: &Definitions) -> Message {
    match value_type {
        ValueType::Text | ValueType::Formed => message!("a-text"),
        ValueType::Code(list) => message!("a-code-of-the-list", list = definitions.lists[list].key),
        ValueType::Date => message!("a-date"),
        ValueType::Number => message!("a-number"),
        ValueType::YesNo => message!("yes-or-no"),
        ValueType::CitizenId => message!("a-citizen-id-number"),
        ValueType::Uscc => message!("a-unified-social-credit-code"),
        ValueType::Place => message!("a-place"),
    }
}

fn wrong(at: usize, operand: &Operand, definitions: &Definitions, remedy: Message) -> ClauseError {
    let what = described(type_of(operand, definitions), definitions);
    ClauseError { at, message: message!("this-is", what, remedy) }
}

/// Both sides are of one type; only dates and numbers have an order.
pub(super) fn compare(
    (left_at, left): PlacedOperand,
    comparison: Comparator,
    (right_at, right): PlacedOperand,
    definitions: &Definitions,
) -> Result<ClausePart, ClauseError> {
    let left_type = type_of(&left, definitions);
    let (left, right) = match (&left, &right) {
        (Operand::Literal(_), Operand::Literal(_)) => {
            return Err(ClauseError { at: left_at, message: message!("two-fixed-values-are-compared-one") });
        }
        (Operand::Literal(literal), _) => {
            let literal = fitted(literal, left_at, type_of(&right, definitions), definitions)?;
            (Operand::Literal(literal), right)
        }
        (_, Operand::Literal(literal)) => {
            let literal = fitted(literal, right_at, left_type, definitions)?;
            (left, Operand::Literal(literal))
        }
        _ => (left, right),
    };
    let (one, other) = (type_of(&left, definitions), type_of(&right, definitions));
    if one != other {
        let remedy = message!("it-cannot-be-compared-with", other = described(other, definitions));
        return Err(wrong(left_at, &left, definitions, remedy));
    }
    let is_ordered = matches!(one, ValueType::Date | ValueType::Number);
    let asks_order = !matches!(comparison, Comparator::Equal | Comparator::NotEqual);
    if asks_order && !is_ordered {
        let sign = comparison.sign();
        let remedy = match one {
            ValueType::Code(list) => {
                let list = &definitions.lists[list];
                let group = list
                    .groups
                    .first()
                    .map_or(list.key.clone(), |group| format!("{}.{}", list.key, group.key));
                message!("it-has-no-order-and-means", sign, group)
            }
            _ => message!("it-has-no-order-and-means-nothing", sign),
        };
        return Err(wrong(left_at, &left, definitions, remedy));
    }
    if one == ValueType::Place {
        return Err(wrong(left_at, &left, definitions, message!("compare-places-with-same-division-a-b")));
    }
    Ok(ClausePart::Compare { left, comparison, right })
}

/// A literal as a value of a type.
fn fitted(
    literal: &Literal,
    at: usize,
    wanted: ValueType,
    definitions: &Definitions,
) -> Result<Literal, ClauseError> {
    let fail = |message: Message| Err(ClauseError { at, message });
    match (literal, wanted) {
        (Literal::Text(text), ValueType::Code(list)) => {
            Ok(Literal::Code { list, code: code(text, at, list, definitions)? })
        }
        (Literal::Date(_), ValueType::Date)
        | (Literal::Number(_), ValueType::Number)
        | (Literal::Truth(_), ValueType::YesNo)
        | (Literal::Text(_), ValueType::Text) => Ok(literal.clone()),
        (Literal::Text(_), ValueType::Date) => fail(message!("a-date-is-written-without-quotation")),
        (Literal::Text(_), ValueType::Number) => fail(message!("a-number-is-written-without-quotation")),
        (Literal::Text(_), ValueType::YesNo) => fail(message!("write-yes-or-no-without-quotation")),
        (Literal::Number(_), ValueType::Text | ValueType::Code(_)) => {
            fail(message!("a-text-or-code-is-written"))
        }
        (Literal::Text(_), ValueType::CitizenId | ValueType::Uscc) => {
            fail(message!("a-number-cannot-be-compared-with"))
        }
        (Literal::Text(_), ValueType::Place) => fail(message!("a-place-cannot-be-compared-with")),
        _ => fail(message!("is-expected-here", what = described(wanted, definitions))),
    }
}

fn code(text: &str, at: usize, list: usize, definitions: &Definitions) -> Result<usize, ClauseError> {
    let list = &definitions.lists[list];
    list.position(text).ok_or_else(|| {
        let words = list.codes.iter().flat_map(|listed| [listed.code.as_str(), listed.word.as_str()]);
        let key = &list.key;
        let message = match nearest(text, words) {
            Some(word) => message!("the-list-has-no-code-did", key, text, word),
            None => message!("the-list-has-no-code", key, text),
        };
        ClauseError { at, message }
    })
}

pub(super) fn between(
    operand: PlacedOperand,
    low: PlacedOperand,
    high: PlacedOperand,
    definitions: &Definitions,
) -> Result<ClausePart, ClauseError> {
    let wanted = type_of(&operand.1, definitions);
    if !matches!(wanted, ValueType::Date | ValueType::Number) {
        return Err(wrong(operand.0, &operand.1, definitions, message!("between-is-for-dates-and-numbers")));
    }
    let bound = |(at, bound): PlacedOperand| match bound {
        Operand::Literal(literal) => fitted(&literal, at, wanted, definitions),
        other => Err(wrong(at, &other, definitions, message!("the-bounds-of-between-are-fixed"))),
    };
    let at = low.0;
    let (low, high) = (bound(low)?, bound(high)?);
    let is_empty = match (&low, &high) {
        (Literal::Date(low), Literal::Date(high)) => low > high,
        (Literal::Number(low), Literal::Number(high)) => low > high,
        _ => true,
    };
    if is_empty {
        return Err(ClauseError { at, message: message!("the-first-bound-is-above-the") });
    }
    let (low, high) = (Operand::Literal(low), Operand::Literal(high));
    Ok(ClausePart::Between { operand: operand.1, low, high })
}

pub(super) fn has(
    (at, operand): PlacedOperand,
    state: ValueState,
    definitions: &Definitions,
) -> Result<ClausePart, ClauseError> {
    match operand {
        Operand::Field(_) | Operand::Derived(_) | Operand::Unit | Operand::RegisteredOn => {
            Ok(ClausePart::Has { operand, state })
        }
        other => Err(wrong(at, &other, definitions, message!("only-a-field-is-filled-blank"))),
    }
}

pub(super) fn among(
    (at, operand): PlacedOperand,
    set_at: usize,
    set: CodeSet,
    is_negated: bool,
    definitions: &Definitions,
) -> Result<ClausePart, ClauseError> {
    let (CodeSet::List(list) | CodeSet::Group { list, .. } | CodeSet::Codes { list, .. }) = set else {
        return Err(ClauseError { at: set_at, message: message!("a-list-is-expected-here") });
    };
    match type_of(&operand, definitions) {
        ValueType::Code(own) if own == list => Ok(ClausePart::Among { operand, set, is_negated }),
        _ => {
            let key = &definitions.lists[list].key;
            Err(wrong(at, &operand, definitions, message!("it-is-no-code-of-the", key)))
        }
    }
}

pub(super) fn among_texts(
    (at, operand): PlacedOperand,
    texts: Vec<(usize, String)>,
    is_negated: bool,
    definitions: &Definitions,
) -> Result<ClausePart, ClauseError> {
    let set = match type_of(&operand, definitions) {
        ValueType::Code(list) => {
            let codes = texts.iter().map(|(at, text)| code(text, *at, list, definitions));
            let mut codes = codes.collect::<Result<Vec<_>, _>>()?;
            codes.sort_unstable();
            codes.dedup();
            CodeSet::Codes { list, codes }
        }
        ValueType::Text => CodeSet::Texts(texts.into_iter().map(|(_, text)| text).collect()),
        _ => return Err(wrong(at, &operand, definitions, message!("values-in-are-for-texts-and"))),
    };
    Ok(ClausePart::Among { operand, set, is_negated })
}

pub(super) fn starts_with(
    left: PlacedOperand,
    prefix: PlacedOperand,
    definitions: &Definitions,
) -> Result<ClausePart, ClauseError> {
    let (operand, prefix) = (text(left, definitions)?, text(prefix, definitions)?);
    Ok(ClausePart::StartsWith { operand, prefix })
}

pub(super) fn has_form(
    left: PlacedOperand,
    form: ValueForm,
    definitions: &Definitions,
) -> Result<ClausePart, ClauseError> {
    Ok(ClausePart::HasForm { operand: text(left, definitions)?, form })
}

pub(super) fn same_division(
    left: PlacedOperand,
    right: PlacedOperand,
    level: DivisionDigits,
    is_negated: bool,
    definitions: &Definitions,
) -> Result<ClausePart, ClauseError> {
    for (at, operand) in [&left, &right] {
        let value_type = type_of(operand, definitions);
        let is_field = matches!(operand, Operand::Field(_));
        if !is_field || !matches!(value_type, ValueType::CitizenId | ValueType::Place | ValueType::Uscc) {
            let remedy = message!("same-division-compares-fields-that-are-places");
            return Err(wrong(*at, operand, definitions, remedy));
        }
    }
    Ok(ClausePart::SameDivision { left: left.1, right: right.1, level, is_negated })
}

/// The part of a number; the number is of a type that has it.
pub(super) fn attribute(
    (at, operand): PlacedOperand,
    attribute: Attribute,
    definitions: &Definitions,
) -> Result<Operand, ClauseError> {
    let Operand::Field(field) = operand else {
        return Err(wrong(at, &operand, definitions, message!("it-has-no-parts")));
    };
    let is_there = match (definitions.fields[field.index()].value_type, attribute) {
        (ValueType::CitizenId, Attribute::Sex) => definitions.lists.iter().any(|list| list.key == SEX_LIST),
        (ValueType::CitizenId, _) => true,
        (ValueType::Uscc, Attribute::Division | Attribute::Text) => true,
        _ => false,
    };
    match is_there {
        true => Ok(Operand::Attribute(field, attribute)),
        false => Err(wrong(at, &operand, definitions, message!("it-has-no-part", part = attribute.key()))),
    }
}

pub(super) fn date((at, operand): PlacedOperand, definitions: &Definitions) -> Result<Operand, ClauseError> {
    match type_of(&operand, definitions) {
        ValueType::Date => Ok(operand),
        _ => Err(wrong(at, &operand, definitions, message!("a-date-is-expected-here"))),
    }
}

pub(super) fn number(
    (at, operand): PlacedOperand,
    definitions: &Definitions,
) -> Result<Operand, ClauseError> {
    match (type_of(&operand, definitions), &operand) {
        (ValueType::Number, Operand::Literal(_)) => {
            Err(ClauseError { at, message: message!("write-the-product-of-two-numbers") })
        }
        (ValueType::Number, _) => Ok(operand),
        _ => Err(wrong(at, &operand, definitions, message!("a-number-is-expected-here"))),
    }
}

pub(super) fn text((at, operand): PlacedOperand, definitions: &Definitions) -> Result<Operand, ClauseError> {
    match type_of(&operand, definitions) {
        ValueType::Text => Ok(operand),
        ValueType::CitizenId | ValueType::Uscc => {
            Err(wrong(at, &operand, definitions, message!("a-text-is-expected-here-add")))
        }
        _ => Err(wrong(at, &operand, definitions, message!("a-text-is-expected-here"))),
    }
}
