//! Relations in English.

use super::{NAMED_CODES, Validity, written_out};
use crate::definitions::{CodeList, Definitions, Demand, RelationDefinition, ValueType};
use crate::form::{FormPart, ValueForm};
use crate::print::{date, number};
use crate::sets::GroupCount;
use crate::tree::{
    Attribute, Clause, ClausePart, CodeSet, Comparator, DivisionDigits, FieldId, Literal, Operand, ValueState,
};
use crate::typing::type_of;

pub(super) fn relation(definitions: &Definitions, relation: &RelationDefinition) -> String {
    let label = |field: &FieldId| bare(&definitions.fields[field.index()].label.en);
    let premise = match relation.premise.is_empty() {
        true => String::new(),
        false => format!("where {}, ", clauses(definitions, &relation.premise)),
    };
    let body = match &relation.demand {
        Demand::Check(check) => format!("{premise}{}.", clauses(definitions, check)),
        Demand::Cases(cases) => {
            let cases = cases.iter().map(|case| match case.when.is_empty() {
                true => format!("otherwise {}", clauses(definitions, &case.check)),
                false => {
                    format!("if {}, {}", clauses(definitions, &case.when), clauses(definitions, &case.check))
                }
            });
            let lead = premise.trim_end_matches(", ");
            let colon = if lead.is_empty() { "" } else { ": " };
            format!("{lead}{colon}{}.", cases.collect::<Vec<_>>().join("; "))
        }
        Demand::Unique(fields) => {
            let labels: Vec<String> =
                fields.iter().map(|field| format!("the same {}", label(field))).collect();
            let shared = match fields.len() {
                1 => "it",
                2 => "both",
                _ => "all of them",
            };
            format!("no two records have {}; all records that share {shared} fail.", labels.join(" and "))
        }
        Demand::Group { by, filter, count } => {
            let count = match count {
                GroupCount::Exactly(n) => format!("exactly {n}"),
                GroupCount::AtLeast(n) => format!("at least {n}"),
            };
            let filter = clauses(definitions, filter);
            format!("among the records with the same {} there is {count} where {filter}.", label(by))
        }
        Demand::Listed { field, list } => {
            let list = &definitions.references[*list].label.en;
            format!("the {} is in the list \u{201c}{list}\u{201d}.", label(field))
        }
    };
    let mut out = capital(&body);
    if !relation.when.is_empty() {
        let when = clauses(definitions, &relation.when);
        out.push_str(&format!(" (Only records where {when} are judged.)"));
    }
    if let Some(fails) = relation.fails_on_missing {
        let blank = if relation.compares_places() { "blank or cannot be compared" } else { "blank" };
        let verb = if fails { "Fails" } else { "Not judged" };
        out.push_str(&format!(" {verb} where an item it needs is {blank}."));
    }
    if relation.is_hint {
        out.push_str(" For verification alone, part of no rate.");
    }
    if let Some(note) = &relation.note {
        out.push_str(&format!(" {}", note.en));
    }
    out
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

pub(super) fn clauses(definitions: &Definitions, clauses: &[Clause]) -> String {
    let all = clauses.iter().map(|clause| {
        let parts: Vec<String> = clause.parts.iter().map(|part| self::part(definitions, part)).collect();
        parts.join(" or ")
    });
    all.collect::<Vec<_>>().join(", and ")
}

fn part(definitions: &Definitions, part: &ClausePart) -> String {
    let word = |operand: &Operand| operand_words(definitions, operand);
    match part {
        ClausePart::Compare { left, comparison, right } => compared(definitions, left, *comparison, right),
        ClausePart::Between { operand, low, high } => {
            format!("{} is from {} to {}", word(operand), word(low), word(high))
        }
        ClausePart::Among { operand, set, is_negated } => {
            format!("{} {}", word(operand), set_words(definitions, set, *is_negated))
        }
        ClausePart::Has { operand, state } => {
            let state = match state {
                ValueState::Filled => "is filled".to_owned(),
                ValueState::Blank => "is blank".to_owned(),
                ValueState::Valid => valid(&Validity::of(operand, definitions)),
            };
            format!("{} {state}", word(operand))
        }
        ClausePart::StartsWith { operand, prefix } => {
            format!("{} starts with {}", word(operand), word(prefix))
        }
        ClausePart::HasForm { operand, form } => format!("{} {}", word(operand), written(form)),
        ClausePart::SameDivision { left, right, level, is_negated } => {
            let level = match level {
                DivisionDigits::Province => "province",
                DivisionDigits::City => "city",
                DivisionDigits::County => "county",
            };
            let is = if *is_negated { "are in different" } else { "are in the same" };
            let plural = match (is_negated, level) {
                (false, _) => level.to_owned(),
                (true, "province") => "provinces".to_owned(),
                (true, "city") => "cities".to_owned(),
                (true, _) => "counties".to_owned(),
            };
            format!("{} and {} {is} {plural}", word(left), word(right))
        }
    }
}

/// What a valid value is, after the name of what has it.
fn valid(validity: &Validity) -> String {
    match validity {
        Validity::CitizenId => {
            "has the right length and check character and an existing date (GB 11643)".to_owned()
        }
        Validity::CreditCode => {
            "has 18 characters, none of them I, O, S, V or Z, digits in places 3 to 8 and the right \
             check character (GB 32100)"
                .to_owned()
        }
        Validity::Form(form) => written(form),
        Validity::Date => "is an existing date".to_owned(),
        Validity::Number => "is a number".to_owned(),
        Validity::YesNo => "is yes or no".to_owned(),
        Validity::Listed(list) => list_words(list, false),
        Validity::Filled => "is filled".to_owned(),
    }
}

/// How a value of a form is written.
fn written(form: &ValueForm) -> String {
    let alternative = |parts: Vec<FormPart>| match parts.as_slice() {
        [FormPart::Fixed(text)] => format!("is \"{text}\""),
        [one @ FormPart::Class { least: 1, most: Some(1), .. }] => format!("is {}", part_of_form(one)),
        [FormPart::Class { ranges, least, most }] => {
            let ranges: Vec<String> = ranges.iter().map(|range| range_words(range, false)).collect();
            format!("has {} characters, all of them {}", places(*least, *most), ranges.join(" or "))
        }
        parts => {
            format!("consists, in this order, of {}", all_of(parts.iter().map(part_of_form).collect(), "and"))
        }
    };
    form.alternatives().map(alternative).collect::<Vec<_>>().join(", or ")
}

fn part_of_form(part: &FormPart) -> String {
    match part {
        FormPart::Fixed(text) => format!("\"{text}\""),
        FormPart::Class { ranges, least, most } => {
            let is_one = *most == Some(1);
            let words = all_of(ranges.iter().map(|range| range_words(range, is_one)).collect(), "or");
            match (least, most) {
                (1, Some(1)) => format!("one {words}"),
                (0, Some(1)) => format!("at most one {words}"),
                _ => format!("{} {words}", places(*least, *most)),
            }
        }
    }
}

/// How many characters.
fn places(least: usize, most: Option<usize>) -> String {
    match most {
        Some(most) if most == least => format!("{least}"),
        Some(most) => format!("{least} to {most}"),
        None if least == 0 => "any number of".to_owned(),
        None => format!("at least {least}"),
    }
}

fn range_words((first, last): &(char, char), is_one: bool) -> String {
    let plural = if is_one { "" } else { "s" };
    match (first, last) {
        ('0', '9') => format!("digit{plural}"),
        ('A', 'Z') => format!("capital letter{plural}"),
        ('a', 'z') => format!("small letter{plural}"),
        (first, last) if first == last => format!("\"{first}\""),
        (first, last) => format!("\"{first}\" to \"{last}\""),
    }
}

/// One after another, the last two joined by a word.
fn all_of(mut words: Vec<String>, joined: &str) -> String {
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} {joined} {last}", words.join(", ")),
        last => last.unwrap_or_default(),
    }
}

fn compared(definitions: &Definitions, left: &Operand, comparison: Comparator, right: &Operand) -> String {
    let (one, other) = (operand_words(definitions, left), operand_words(definitions, right));
    if let Operand::Age { of, on } = left {
        let day = operand_words(definitions, on);
        let of = operand_words(definitions, of);
        return match comparison {
            Comparator::AtLeast => format!("the age by {of} on {day} is at least {other}"),
            Comparator::Less => format!("the age by {of} on {day} is below {other}"),
            _ => format!("the age by {of} on {day} {} {other}", sign(comparison, false)),
        };
    }
    let are_fields = !matches!(left, Operand::Literal(_)) && !matches!(right, Operand::Literal(_));
    match comparison {
        Comparator::Equal if are_fields => return format!("{one} is the same as {other}"),
        Comparator::NotEqual if are_fields => return format!("{one} is not the same as {other}"),
        _ => {}
    }
    let is_date = type_of(left, definitions) == ValueType::Date;
    format!("{one} {} {other}", sign(comparison, is_date))
}

fn sign(comparison: Comparator, is_date: bool) -> &'static str {
    match (comparison, is_date) {
        (Comparator::Equal, _) => "is",
        (Comparator::NotEqual, _) => "is not",
        (Comparator::Less, true) => "is before",
        (Comparator::AtMost, true) => "is not after",
        (Comparator::Greater, true) => "is after",
        (Comparator::AtLeast, true) => "is not before",
        (Comparator::Less, false) => "is below",
        (Comparator::AtMost, false) => "is at most",
        (Comparator::Greater, false) => "is above",
        (Comparator::AtLeast, false) => "is at least",
    }
}

/// That a value is one of these, or none of them.
fn one_of(words: &[String], is_negated: bool) -> String {
    match (words, is_negated) {
        ([one, other], true) => format!("is neither {one} nor {other}"),
        ([first @ .., last], false) if !first.is_empty() => format!("is {} or {last}", first.join(", ")),
        ([first @ .., last], true) if !first.is_empty() => {
            format!("is none of {} and {last}", first.join(", "))
        }
        (one, true) => format!("is not {}", one.concat()),
        (one, false) => format!("is {}", one.concat()),
    }
}

/// What is said of a value that is in a set, or is not.
fn set_words(definitions: &Definitions, set: &CodeSet, is_negated: bool) -> String {
    let is = if is_negated { "is not" } else { "is" };
    let words = |list: usize, codes: &[usize]| {
        let list = &definitions.lists[list];
        let words: Vec<String> = codes.iter().map(|code| list.codes[*code].word.clone()).collect();
        one_of(&words, is_negated)
    };
    match set {
        CodeSet::List(list) => list_words(&definitions.lists[*list], is_negated),
        CodeSet::Group { list, group } => {
            let group = &definitions.lists[*list].groups[*group];
            match &group.label {
                Some(label) => format!("{is} {}", label.en),
                None if group.members.len() <= NAMED_CODES => words(*list, &group.members),
                None => format!("{is} of the kind {} ({} codes)", group.key, group.members.len()),
            }
        }
        CodeSet::Codes { list, codes } => words(*list, codes),
        CodeSet::Texts(texts) => {
            one_of(&texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>(), is_negated)
        }
    }
}

/// The values of a list; a short one without a label of its own is written out.
fn list_words(list: &CodeList, is_negated: bool) -> String {
    let is = if is_negated { "is not" } else { "is" };
    match written_out(list) {
        Some(words) => one_of(&words, is_negated),
        None => format!("{is} a value of the list {}", list.label.en),
    }
}

fn operand_words(definitions: &Definitions, operand: &Operand) -> String {
    let word = |operand: &Operand| operand_words(definitions, operand);
    match operand {
        Operand::Field(field) => named(&definitions.fields[field.index()].label.en),
        Operand::Attribute(field, attribute) => {
            let field = named(&definitions.fields[field.index()].label.en);
            match attribute {
                Attribute::BirthDate => format!("the birth date in {field}"),
                Attribute::Sex => format!("the sex in {field}"),
                Attribute::Division => format!("the division in {field}"),
                Attribute::Text => field,
            }
        }
        Operand::Derived(at) => {
            let sources: Vec<String> = definitions.values[*at].first_of.iter().map(word).collect();
            match &sources[..] {
                [first, rest @ ..] if !rest.is_empty() => {
                    format!("{first} (or, if that is not known, {})", rest.join(", then "))
                }
                one => one.concat(),
            }
        }
        Operand::Unit => "the code of the unit".to_owned(),
        Operand::RegisteredOn => "the registration date".to_owned(),
        Operand::CutOff => "the cut-off date".to_owned(),
        Operand::Age { of, on } => format!("the age by {} on {}", word(of), word(on)),
        Operand::Months { of, on } => format!("the number of whole months from {} to {}", word(of), word(on)),
        Operand::Days { from, to } => format!("the number of days from {} to {}", word(from), word(to)),
        Operand::Length(of) => format!("the length of {}", word(of)),
        Operand::Rest { of, skipped } => format!("{} from character {} on", word(of), skipped + 1),
        Operand::Times { factor, of } => format!("{} times {}", number(*factor), word(of)),
        Operand::Literal(literal) => match literal {
            Literal::Date(day) => date(*day),
            Literal::Number(value) => number(*value),
            Literal::Text(text) => format!("\"{text}\""),
            Literal::Code { list, code } => format!("\"{}\"", definitions.lists[*list].codes[*code].word),
            Literal::Truth(true) => "yes".to_owned(),
            Literal::Truth(false) => "no".to_owned(),
        },
    }
}

/// A label inside a sentence: `Date of arrival` becomes `the date of arrival`, `ID number` keeps its capitals.
fn named(label: &str) -> String {
    format!("the {}", bare(label))
}

/// The same without an article.
fn bare(label: &str) -> String {
    let is_plain = label.chars().nth(1).is_some_and(char::is_lowercase);
    let mut characters = label.chars();
    match characters.next() {
        Some(first) if is_plain => format!("{}{}", first.to_lowercase(), characters.as_str()),
        _ => label.to_owned(),
    }
}
