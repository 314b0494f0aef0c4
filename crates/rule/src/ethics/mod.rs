//! What definitions must not become: a means to collect what the program has no business with, or to pick
//! out people.

mod ease;
mod persons;
mod words;

use super::definitions::{Definitions, Demand, ListedCode, RelationCase, RelationDefinition, ValueType};
use super::tree::{Clause, ClausePart, CodeSet, Comparator, FieldId, Literal, Operand, ValueState};
pub use persons::{is_for_chosen_persons, is_number_of_a_person, person_as_blank};
use tongbao_message::{Message, message};
use tongbao_register::nothing;
pub use words::{is_sensitive, of_persons, refused_word};

/// The built-in list of peoples, and its one group that cases may choose: a case for one people would be a rule for it
/// alone.
const PEOPLES: &str = "ethnic";
const MINORITIES: &str = "minorities";

/// The word of the published list that a relation speaks of in its name, its note or a value that it asks for.
pub fn refused_in_relation(definitions: &Definitions, relation: &RelationDefinition) -> Option<&'static str> {
    let note = relation.note.iter().chain([&relation.label]).flat_map(|label| [&label.zh, &label.en]);
    let named = [&relation.key].into_iter().chain(note).find_map(|text| refused_word(text));
    named.or_else(|| refused_in_clauses(definitions, relation.clauses()))
}

/// The word of the published list that clauses ask for.
pub fn refused_in_clauses<'a>(
    definitions: &'a Definitions,
    clauses: impl IntoIterator<Item = &'a Clause>,
) -> Option<&'static str> {
    let parts = clauses.into_iter().flat_map(|clause| &clause.parts);
    parts.flat_map(|part| asked_texts(definitions, part)).find_map(refused_word)
}

/// The word of the published list that a code list is about: in a name of it, or in a quarter of its words. A list of
/// trades may have a church among a thousand.
pub fn refused_in_list(definitions: &Definitions, list: usize) -> Option<&'static str> {
    let list = &definitions.lists[list];
    let labels = list.groups.iter().filter_map(|group| group.label.as_ref()).chain([&list.label]);
    let keys = list.groups.iter().map(|group| &group.key).chain([&list.key]);
    let mut names = labels.flat_map(|label| [&label.zh, &label.en]).chain(keys).chain([&list.suffix]);
    let named = names.find_map(|name| refused_word(name));
    named.or_else(|| {
        let spoken: Vec<_> = list.codes.iter().filter_map(refused_in_code).collect();
        let is_about = spoken.len() * 4 >= list.codes.len();
        spoken.first().copied().filter(|_| is_about)
    })
}

fn refused_in_code(code: &ListedCode) -> Option<&'static str> {
    [&code.word, &code.code].into_iter().chain(&code.aliases).find_map(|text| refused_word(text))
}

/// The texts and codes in words that a part asks for.
fn asked_texts<'a>(definitions: &'a Definitions, part: &'a ClausePart) -> Vec<&'a str> {
    let word = |list: usize, code: usize| definitions.lists[list].codes[code].word.as_str();
    let mut out = match part {
        ClausePart::Among { set: CodeSet::Texts(texts), .. } => texts.iter().map(String::as_str).collect(),
        ClausePart::Among { set: CodeSet::Codes { list, codes }, .. } => {
            codes.iter().map(|code| word(*list, *code)).collect()
        }
        ClausePart::HasForm { form, .. } => vec![form.text()],
        _ => Vec::new(),
    };
    for operand in part.operands() {
        match operand {
            Operand::Literal(Literal::Text(text)) => out.push(text),
            Operand::Literal(Literal::Code { list, code }) => out.push(word(*list, *code)),
            _ => {}
        }
    }
    out
}

/// Why clauses may pick single persons by their names or numbers; `None` if they cannot.
pub fn picks_persons<'a>(
    definitions: &Definitions,
    clauses: impl IntoIterator<Item = &'a Clause>,
) -> Option<Message> {
    let mut parts = clauses.into_iter().flat_map(|clause| &clause.parts);
    parts.find_map(|part| persons::picked_by(definitions, part))
}

/// Why a relation may single people out: by values of their names or numbers, or by chosen values of a sensitive field.
/// These may only choose a case that asks less than the case of all others. `None` if it cannot.
pub fn singles_out(definitions: &Definitions, relation: &RelationDefinition) -> Option<Message> {
    if let Some(problem) = picks_persons(definitions, relation.clauses()) {
        return Some(problem);
    }
    let chosen = |clauses: &[Clause]| {
        clauses.iter().flat_map(|clause| &clause.parts).find_map(|part| chosen_field(definitions, part))
    };
    let outside = [&relation.when, &relation.premise].into_iter().find_map(|clauses| chosen(clauses));
    let refused = |field: String| message!("is-sensitive-its-chosen-values-may", field);
    if let Some(field) = outside {
        return Some(refused(field));
    }
    match &relation.demand {
        Demand::Check(check) => chosen(check).map(refused),
        Demand::Cases(cases) => by_case(definitions, cases).map(refused),
        Demand::Unique(fields) => sensitive_of(definitions, fields).map(refused),
        // A list of names or numbers would be one of chosen persons.
        Demand::Listed { field, .. } if definitions.fields[field.index()].of_persons.is_some() => {
            Some(message!("is-the-number-of-a-person", field = definitions.fields[field.index()].key))
        }
        Demand::Listed { field, .. } => sensitive_of(definitions, &[*field]).map(refused),
        Demand::Group { by, filter, .. } => {
            chosen(filter).or_else(|| sensitive_of(definitions, &[*by])).map(refused)
        }
    }
}

/// The sensitive field by which cases ask more of some than of others.
fn by_case(definitions: &Definitions, cases: &[RelationCase]) -> Option<String> {
    let chosen = |clause: &Clause| clause.parts.iter().find_map(|part| chosen_field(definitions, part));
    if let Some(field) = cases.iter().flat_map(|case| &case.check).find_map(chosen) {
        return Some(field);
    }
    let plain: Vec<&RelationCase> =
        cases.iter().filter(|case| !case.when.iter().any(|clause| chosen(clause).is_some())).collect();
    cases.iter().find_map(|case| {
        let field = case.when.iter().find_map(chosen)?;
        let (choosing, others): (Vec<&Clause>, Vec<&Clause>) =
            case.when.iter().partition(|clause| chosen(clause).is_some());
        let may_choose = choosing.iter().all(|clause| is_choice_of_many(definitions, clause));
        let is_for_others = plain.iter().any(|plain| plain.when.iter().all(|part| others.contains(&part)));
        let is_eased = plain.iter().all(|plain| ease::asks_no_more(&case.check, &plain.check));
        (!(may_choose && is_for_others && is_eased)).then_some(field)
    })
}

/// Whether what a clause chooses is no complement, which would be chosen by leaving it out, and of peoples all
/// minorities.
fn is_choice_of_many(definitions: &Definitions, clause: &Clause) -> bool {
    clause.parts.iter().all(|part| match part {
        ClausePart::Among { is_negated: true, .. }
        | ClausePart::Compare { comparison: Comparator::NotEqual, .. } => false,
        ClausePart::Among { set: CodeSet::Group { list, group }, .. } => {
            let list = &definitions.lists[*list];
            list.key != PEOPLES || list.groups[*group].key == MINORITIES
        }
        ClausePart::Among { set: CodeSet::Codes { list, .. }, .. } => {
            definitions.lists[*list].key != PEOPLES
        }
        ClausePart::Compare { left, right, .. } => ![left, right].into_iter().any(
            |side| matches!(side, Operand::Literal(Literal::Code { list, .. }) if definitions.lists[*list].key == PEOPLES),
        ),
        _ => true,
    })
}

/// Whether a word for nothing is a value of a sensitive field: records with that value would count as incomplete.
pub fn chosen_as_blank<'a>(
    definitions: &Definitions,
    field: FieldId,
    words: &'a [String],
) -> Option<&'a str> {
    let field = &definitions.fields[field.index()];
    let list = match field.value_type {
        ValueType::Code(list) => definitions.lists.get(list),
        _ => definitions.lists.iter().find(|list| list.key == PEOPLES),
    };
    let is_value = |word: &str| list.is_some_and(|list| list.position(word).is_some());
    words.iter().map(String::as_str).find(|word| field.is_sensitive && is_value(word))
}

/// A people that a code map of a sensitive column makes something else: nothing, or another people.
pub fn mapped_away<'a>(
    definitions: &Definitions,
    field: FieldId,
    codes: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Option<&'a str> {
    let field = &definitions.fields[field.index()];
    let list = definitions.lists.iter().find(|list| list.key == PEOPLES)?;
    let is_blank = |word: &String| nothing::is_nothing(word.as_bytes()) || field.placeholders.contains(word);
    let is_number = |code: &str| code.bytes().all(|byte| byte.is_ascii_digit());
    let is_changed = |(code, word): &(&String, &String)| {
        list.position(code).is_some_and(|at| {
            // A number may be the office's own code of a people.
            is_blank(word) || !is_number(code) && list.position(word) != Some(at)
        })
    };
    codes.into_iter().find(is_changed).map(|(code, _)| code.as_str())
}

/// A people that a list leaves out while it has others: its records would be none of the list.
pub fn left_out(definitions: &Definitions, list: usize) -> Option<&str> {
    let all = definitions.lists.iter().find(|list| list.key == PEOPLES)?;
    let list = &definitions.lists[list];
    let knows = |word: &str| {
        list.position(word).or_else(|| list.position(&format!("{word}{}", all.suffix))).is_some()
    };
    let (known, missing): (Vec<&str>, Vec<&str>) =
        all.codes.iter().map(|code| code.word.as_str()).partition(|word| knows(word));
    // 汉 and "others" is a list of its own kind.
    missing.first().copied().filter(|_| known.len() > 1 || known.len() == list.codes.len())
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
