//! The canonical text of a clause: parsing it gives the same tree.

use super::definitions::{CodeList, Definitions, Demand, FieldDefinition, RelationDefinition};
use super::lexer::QUOTATION_MARKS;
use super::sets::GroupCount;
use super::tree::{Clause, ClausePart, CodeSet, DivisionDigits, Literal, ONE, Operand, ValueState};
use tongbao_register::date::DateNumber;

impl Definitions {
    /// A clause in canonical form.
    pub fn print(&self, clause: &Clause) -> String {
        clause.parts.iter().map(|part| self.part(part)).collect::<Vec<_>>().join(" or ")
    }

    fn part(&self, part: &ClausePart) -> String {
        match part {
            ClausePart::Compare { left, comparison, right } => {
                format!("{} {} {}", self.operand(left), comparison.sign(), self.operand(right))
            }
            ClausePart::Between { operand, low, high } => {
                format!("{} between {} and {}", self.operand(operand), self.operand(low), self.operand(high))
            }
            ClausePart::Among { operand, set, is_negated } => {
                let word = if *is_negated { "not in" } else { "in" };
                format!("{} {word} {}", self.operand(operand), self.set(set))
            }
            ClausePart::Has { operand, state } => {
                let state = match state {
                    ValueState::Filled => "filled",
                    ValueState::Blank => "blank",
                    ValueState::Valid => "valid",
                };
                format!("{} is {state}", self.operand(operand))
            }
            ClausePart::StartsWith { operand, prefix } => {
                format!("{} starts with {}", self.operand(operand), self.operand(prefix))
            }
            ClausePart::HasForm { operand, form } => {
                format!("{} has form {}", self.operand(operand), quoted(form.text()))
            }
            ClausePart::SameDivision { left, right, level, is_negated } => {
                let not = if *is_negated { "not " } else { "" };
                let level = match level {
                    DivisionDigits::Province => "province",
                    DivisionDigits::City => "city",
                    DivisionDigits::County => "county",
                };
                format!("{not}same_division({}, {}, {level})", self.operand(left), self.operand(right))
            }
        }
    }

    fn set(&self, set: &CodeSet) -> String {
        let texts = |texts: &mut dyn Iterator<Item = &str>| {
            format!("[{}]", texts.map(quoted).collect::<Vec<_>>().join(", "))
        };
        match set {
            CodeSet::List(list) => self.lists[*list].key.clone(),
            CodeSet::Group { list, group } => {
                let list = &self.lists[*list];
                format!("{}.{}", list.key, list.groups[*group].key)
            }
            CodeSet::Codes { list, codes } => {
                let list = &self.lists[*list];
                texts(&mut codes.iter().map(|code| list.codes[*code].code.as_str()))
            }
            CodeSet::Texts(values) => texts(&mut values.iter().map(String::as_str)),
        }
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Field(field) => self.fields[field.index()].key.clone(),
            Operand::Attribute(field, attribute) => {
                format!("{}.{}", self.fields[field.index()].key, attribute.key())
            }
            Operand::Derived(at) => self.values[*at].key.clone(),
            Operand::Unit => "unit".to_owned(),
            Operand::RegisteredOn => "registered_on".to_owned(),
            Operand::CutOff => "cut_off".to_owned(),
            Operand::Age { of, on } => self.span("age", of, on),
            Operand::Months { of, on } => self.span("months", of, on),
            Operand::Days { from, to } => format!("days({}, {})", self.operand(from), self.operand(to)),
            Operand::Length(of) => format!("length({})", self.operand(of)),
            Operand::Rest { of, skipped } => format!("rest({}, {skipped})", self.operand(of)),
            Operand::Times { factor, of } => format!("{} * {}", number(*factor), self.operand(of)),
            Operand::Literal(literal) => match literal {
                Literal::Date(day) => date(*day),
                Literal::Number(value) => number(*value),
                Literal::Text(text) => quoted(text),
                Literal::Code { list, code } => quoted(&self.lists[*list].codes[*code].word),
                Literal::Truth(true) => "yes".to_owned(),
                Literal::Truth(false) => "no".to_owned(),
            },
        }
    }

    fn span(&self, name: &str, of: &Operand, on: &Operand) -> String {
        match on {
            Operand::CutOff => format!("{name}({})", self.operand(of)),
            other => format!("{name}({}, {})", self.operand(of), self.operand(other)),
        }
    }

    /// A relation in canonical form, as it would stand in the configuration.
    pub fn print_relation(&self, relation: &RelationDefinition) -> String {
        let hint = if relation.is_hint { "counts = false\n" } else { "" };
        let missing = match relation.fails_on_missing {
            Some(true) => "on_missing = \"fail\"\n",
            Some(false) => "on_missing = \"skip\"\n",
            None => "",
        };
        format!("{}{hint}{missing}", self.print_demand(relation))
    }

    /// What a relation asks, in canonical form.
    pub fn print_demand(&self, relation: &RelationDefinition) -> String {
        let mut out = String::new();
        let mut stage = |name: &str, clauses: &[Clause]| {
            if !clauses.is_empty() {
                out.push_str(&format!("{name} = {}\n", self.print_list(clauses)));
            }
        };
        stage("when", &relation.when);
        stage("if", &relation.premise);
        match &relation.demand {
            Demand::Check(check) => stage("check", check),
            Demand::Cases(cases) => {
                out.push_str("cases = [\n");
                for case in cases {
                    let (when, check) = (self.print_list(&case.when), self.print_list(&case.check));
                    out.push_str(&format!("  {{ when = {when}, check = {check} }},\n"));
                }
                out.push_str("]\n");
            }
            Demand::Unique(fields) => {
                let keys = fields.iter().map(|field| quoted(&self.fields[field.index()].key));
                out.push_str(&format!("unique = [{}]\n", keys.collect::<Vec<_>>().join(", ")));
            }
            Demand::Group { by, filter, count } => {
                stage("where", filter);
                out.push_str(&format!("group = {}\n", quoted(&self.fields[by.index()].key)));
                out.push_str(&match count {
                    GroupCount::Exactly(n) => format!("exactly = {n}\n"),
                    GroupCount::AtLeast(n) => format!("at_least = {n}\n"),
                });
            }
            Demand::Listed { field, list } => {
                out.push_str(&format!("listed = {}\n", quoted(&self.fields[field.index()].key)));
                out.push_str(&format!("in = {}\n", quoted(&self.references[*list].key)));
            }
        }
        out
    }

    /// Clauses as a list of TOML.
    fn print_list(&self, clauses: &[Clause]) -> String {
        let items = clauses.iter().map(|clause| toml_text(&self.print(clause)));
        format!("[{}]", items.collect::<Vec<_>>().join(", "))
    }

    /// Everything that decides what a field's or relation's figures are, in one text whose digest changes
    /// where they could.
    pub fn print_all(&self) -> String {
        let fields = self.fields.iter().map(|field| self.print_field(field));
        let lists = self.lists.iter().map(print_code_list);
        let values = self.values.iter().map(|value| {
            let sources: Vec<String> = value.first_of.iter().map(|source| self.operand(source)).collect();
            format!("value {} = {}\n", value.key, sources.join(", "))
        });
        let relations = self.relations.iter().map(|relation| {
            // Where nothing is skipped, the text is that of before.
            let invalid = if relation.skips_invalid { "invalid values are skipped\n" } else { "" };
            format!("relation {}\n{}{invalid}", relation.key, self.print_relation(relation))
        });
        fields.chain(lists).chain(values).chain(relations).collect()
    }

    fn print_field(&self, field: &FieldDefinition) -> String {
        let form = field.form.as_ref().map(|form| format!(" {}", quoted(form.text()))).unwrap_or_default();
        let list = match field.value_type {
            super::definitions::ValueType::Code(list) => format!(" {}", self.lists[list].key),
            _ => String::new(),
        };
        let (key, value_type) = (&field.key, field.value_type.key());
        let applies = self.print_list(&field.applies);
        let placeholders = field.placeholders.join("\u{1F}");
        let required = field.is_required;
        format!("field {key} {value_type}{list}{form} {applies} {required} {placeholders}\n")
    }
}

fn print_code_list(list: &CodeList) -> String {
    let mut out = format!("list {} {} {} {}\n", list.key, list.is_open, list.is_numbered, list.suffix);
    for code in &list.codes {
        out.push_str(&format!("  {} {} {}\n", code.code, code.word, code.aliases.join("\u{1F}")));
    }
    for group in &list.groups {
        out.push_str(&format!("  {} {:?}\n", group.key, group.members));
    }
    out
}

/// A date as clauses write it.
pub(super) fn date(day: DateNumber) -> String {
    format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100)
}

/// A number of ten-thousandths, without zeros that say nothing.
pub(super) fn number(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, fraction) = (value.unsigned_abs() / ONE as u64, value.unsigned_abs() % ONE as u64);
    match fraction {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{}", format!("{fraction:04}").trim_end_matches('0')),
    }
}

/// A text in the first quotation marks that it has none of; one that was read from a clause leaves a pair.
fn quoted(text: &str) -> String {
    let is_free = |(_, closing): &&(char, &[char])| !text.contains(*closing);
    let (open, closing) = QUOTATION_MARKS.iter().find(is_free).unwrap_or(&QUOTATION_MARKS[0]);
    format!("{open}{text}{}", closing[0])
}

/// A literal string of TOML where the text has quotation marks.
fn toml_text(text: &str) -> String {
    match (text.contains('"'), text.contains('\'')) {
        (true, false) => format!("'{text}'"),
        (true, true) => format!("'''{text}'''"),
        _ => format!("\"{text}\""),
    }
}
