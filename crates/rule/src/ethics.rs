//! What definitions must not become: a means to collect what the program has no business with, or to pick
//! out people.

use super::definitions::{Definitions, Demand, RelationDefinition, ValueType};
use super::tree::{Clause, ClausePart, CodeSet, FieldId, Literal, Operand, ValueState};
use tongbao_message::{Message, message};

/// Words that a field must not speak of, one a line: health, pregnancy, birth and contraception, religion,
/// politics. `*` = any ending; Chinese words are found anywhere in a name.
const REFUSED: &str = include_str!("refused_words.txt");
/// Words of fields that are sensitive whatever the configuration says of them.
const SENSITIVE: [&str; 5] = ["民族", "族别", "ethnic*", "nationality", "minzu"];

/// The word of the published list that a key, label or column has, if it has one.
pub fn refused_word(name: &str) -> Option<&'static str> {
    REFUSED
        .lines()
        .map(str::trim)
        .filter(|word| !word.is_empty() && !word.starts_with('#'))
        .find(|word| speaks_of(name, word))
}

/// Whether a field of this name is sensitive.
pub fn is_sensitive(name: &str) -> bool {
    SENSITIVE.iter().any(|word| speaks_of(name, word))
}

fn speaks_of(name: &str, word: &str) -> bool {
    let name = name.to_lowercase();
    if !word.is_ascii() {
        return name.contains(word);
    }
    // `birth_control` and `Birth control` are the same words.
    let joined: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let (stem, is_open) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
    let starts = joined.match_indices(stem).map(|(at, _)| at);
    let is_boundary = |at: usize| joined[..at].chars().next_back().is_none_or(|c| !c.is_ascii_alphabetic());
    let ends = |at: usize| joined[at + stem.len()..].chars().next().is_none_or(|c| !c.is_ascii_alphabetic());
    starts.into_iter().any(|at| is_boundary(at) && (is_open || ends(at)))
}

/// Why a relation may single people out by chosen values of a sensitive field; `None` if it cannot. Chosen
/// values may only choose between cases that ask the same with other numbers.
pub fn singles_out(definitions: &Definitions, relation: &RelationDefinition) -> Option<Message> {
    let chosen = |clauses: &[Clause]| {
        clauses.iter().flat_map(|clause| &clause.parts).find_map(|part| chosen_field(definitions, part))
    };
    let outside = [&relation.when, &relation.premise].into_iter().find_map(|clauses| chosen(clauses));
    let refused = |field: String| message!("is-sensitive-its-chosen-values-may", field);
    if let Some(field) = outside {
        return Some(refused(field));
    }
    let cases = match &relation.demand {
        Demand::Check(check) => return chosen(check).map(refused),
        Demand::Cases(cases) => cases,
        Demand::Unique(fields) => return sensitive_of(definitions, fields).map(refused),
        Demand::Listed { field, .. } => {
            let definition = &definitions.fields[field.index()];
            // A list of numbers would be one of chosen persons.
            let is_person = definition.value_type == ValueType::CitizenId;
            let refused_number = || message!("is-the-number-of-a-person", field = definition.key);
            return match is_person {
                true => Some(refused_number()),
                false => sensitive_of(definitions, &[*field]).map(refused),
            };
        }
        Demand::Group { by, filter, .. } => {
            return chosen(filter).or_else(|| sensitive_of(definitions, &[*by])).map(refused);
        }
    };
    if let Some(field) = cases.iter().find_map(|case| chosen(&case.check)) {
        return Some(refused(field));
    }
    let plain: Vec<Vec<Clause>> = cases
        .iter()
        .filter(|case| chosen(&case.when).is_none())
        .map(|case| without_numbers(&case.check))
        .collect();
    cases.iter().find_map(|case| {
        let field = chosen(&case.when)?;
        (!plain.contains(&without_numbers(&case.check))).then(|| refused(field))
    })
}

/// A sensitive field by whose values records would be brought together.
fn sensitive_of(definitions: &Definitions, fields: &[FieldId]) -> Option<String> {
    fields.iter().find_map(|field| sensitive_field(definitions, &Operand::Field(*field)))
}

/// Whether clauses that decide where a field applies choose by a sensitive field.
pub fn chosen_by(definitions: &Definitions, clauses: &[Clause]) -> Option<String> {
    clauses.iter().flat_map(|clause| &clause.parts).find_map(|part| chosen_field(definitions, part))
}

/// The sensitive field whose chosen values a part asks for.
fn chosen_field(definitions: &Definitions, part: &ClausePart) -> Option<String> {
    match part {
        // Whether there is a value, and whether it is one at all, singles nobody out.
        ClausePart::Has { state: ValueState::Filled | ValueState::Blank | ValueState::Valid, .. }
        | ClausePart::Among { set: CodeSet::List(_), is_negated: false, .. } => return None,
        _ => {}
    }
    let mut found = None;
    for operand in part.operands() {
        operand.walk(&mut |operand| found = found.take().or_else(|| sensitive_field(definitions, operand)));
    }
    found
}

fn sensitive_field(definitions: &Definitions, operand: &Operand) -> Option<String> {
    match operand {
        Operand::Field(field) | Operand::Attribute(field, _) => {
            let field = &definitions.fields[field.index()];
            field.is_sensitive.then(|| field.key.clone())
        }
        Operand::Derived(at) => {
            definitions.values[*at].first_of.iter().find_map(|source| sensitive_field(definitions, source))
        }
        _ => None,
    }
}

/// Clauses with every number and date replaced by one.
fn without_numbers(clauses: &[Clause]) -> Vec<Clause> {
    let plain = |operand: &Operand| match operand {
        Operand::Literal(Literal::Number(_)) => Operand::Literal(Literal::Number(0)),
        Operand::Literal(Literal::Date(_)) => Operand::Literal(Literal::Date(0)),
        other => other.clone(),
    };
    let part = |part: &ClausePart| match part {
        ClausePart::Compare { left, comparison, right } => {
            ClausePart::Compare { left: plain(left), comparison: *comparison, right: plain(right) }
        }
        ClausePart::Between { operand, low, high } => {
            ClausePart::Between { operand: operand.clone(), low: plain(low), high: plain(high) }
        }
        other => other.clone(),
    };
    clauses.iter().map(|clause| Clause { parts: clause.parts.iter().map(part).collect() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_health_and_belief_are_refused() {
        for name in [
            "pregnancy_status",
            "孕检日期",
            "Birth control",
            "birth_control",
            "health",
            "hiv",
            "HIV_result",
            "宗教信仰",
            "政治面貌",
            "是否党员",
            "是否HIV",
            "疾病史",
            "vaccinated",
            "religion",
            "blood_type",
        ] {
            assert!(refused_word(name).is_some(), "{name}");
        }
        for name in [
            "birth_date",
            "出生日期",
            "arrived_on",
            "third_party",
            "house_type",
            "婚姻状况",
            "教育程度",
            "name",
            "rent",
            "parity_check",
            "来本地日期",
            "hive",
            "healer",
            "房屋用途",
        ] {
            assert_eq!(refused_word(name), None, "{name}");
        }
        assert!(is_sensitive("民族") && is_sensitive("ethnicity") && !is_sensitive("国籍"));
    }
}
