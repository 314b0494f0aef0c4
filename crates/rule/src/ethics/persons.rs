//! Names and numbers of persons in a relation: it would be a rule for them alone, and documents would print them.

use crate::definitions::{Definitions, PersonValue, RelationDefinition};
use crate::tree::{Attribute, ClausePart, CodeSet, Literal, Operand};

/// Most characters of a number that a relation may ask for: those of its division.
const MOST_OF_A_NUMBER: usize = 6;
/// Most characters of a name: a mark that it must not have.
const MOST_OF_A_NAME: usize = 1;

/// The field whose values a relation compares with those of chosen persons.
pub(super) fn named_in(definitions: &Definitions, relation: &RelationDefinition) -> Option<String> {
    relation.clauses().flat_map(|clause| &clause.parts).find_map(|part| {
        let longest = match part {
            ClausePart::HasForm { form, .. } => form.most_fixed(),
            _ => texts(part).map(|text| text.chars().count()).max()?,
        };
        let mut found = None;
        for operand in part.operands() {
            operand.walk(&mut |operand| found = found.take().or_else(|| field_of(definitions, operand)));
        }
        found.filter(|(_, most)| longest > *most).map(|(key, _)| key)
    })
}

fn texts(part: &ClausePart) -> impl Iterator<Item = &str> {
    let listed = match part {
        ClausePart::Among { set: CodeSet::Texts(texts), .. } => texts.as_slice(),
        _ => &[],
    };
    let literals = part.operands().filter_map(|operand| match operand {
        Operand::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    });
    listed.iter().chain(literals).map(String::as_str)
}

/// The field of persons that an operand reads as text, and how much of a value may stand in a relation.
fn field_of(definitions: &Definitions, operand: &Operand) -> Option<(String, usize)> {
    match operand {
        Operand::Field(field) | Operand::Attribute(field, Attribute::Text) => {
            let field = &definitions.fields[field.index()];
            let most = match field.of_persons? {
                PersonValue::Name => MOST_OF_A_NAME,
                PersonValue::Number => MOST_OF_A_NUMBER,
            };
            Some((field.key.clone(), most))
        }
        Operand::Derived(at) => {
            definitions.values[*at].first_of.iter().find_map(|source| field_of(definitions, source))
        }
        _ => None,
    }
}
