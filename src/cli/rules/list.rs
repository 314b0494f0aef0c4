//! The fields, lists and relations in use, in words and as they are written.

use std::process::ExitCode;
use tongbao_message::message;

use serde_json::{Value, json};

use super::super::columns::columns;
use super::super::failure::CommandFailure;
use super::super::language::CommandLanguage;
use super::super::{Context, print, print_json};
use crate::config::settings::Settings;
use crate::digest::sha256;
use crate::report::document::Align::Left;
use crate::rule::definitions::{Definitions, Demand, FieldDefinition, Label, RelationDefinition, ValueType};
use crate::rule::words::SentenceLanguage;

pub(super) fn execute(context: &Context, settings: &Settings, all: bool) -> Result<ExitCode, CommandFailure> {
    let definitions = &*settings.indicators.definitions;
    let own = definitions.own_relations();
    let used = |relation: &&RelationDefinition| {
        all || is_used(settings, relation) || own.iter().any(|own| own.key == relation.key)
    };
    let relations: Vec<&RelationDefinition> = definitions.named_relations().iter().filter(used).collect();
    if context.is_json() {
        return print_json(&json!({
            "digest": sha256(definitions.print_all().as_bytes()),
            "fields": definitions
                .named_fields()
                .iter()
                .map(|field| field_json(definitions, field))
                .collect::<Vec<_>>(),
            "lists": lists_json(definitions),
            "relations": relations
                .iter()
                .map(|relation| relation_json(definitions, relation, is_used(settings, relation)))
                .collect::<Vec<_>>(),
        }));
    }
    let language = context.language;
    print(&format!("{}\n\n", fields(language, definitions)))?;
    for relation in relations {
        let label = label(language, &relation.label);
        let note = match is_used(settings, relation) {
            true => String::new(),
            false => format!(" ({})", language.say(message!("not-in-use"))),
        };
        let clauses = indented(&definitions.print_relation(relation));
        let sentence = definitions.sentence(relation, sentence_language(language));
        print(&format!("{}  {label}{note}\n    {sentence}\n{clauses}\n", relation.key))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether an indicator uses a relation.
pub(super) fn is_used(settings: &Settings, relation: &RelationDefinition) -> bool {
    let indicators = &settings.indicators;
    indicators.counted_relations().iter().any(|used| indicators.relation_key(*used) == relation.key)
}

pub(super) fn sentence_language(language: CommandLanguage) -> SentenceLanguage {
    match language {
        CommandLanguage::Chinese => SentenceLanguage::Chinese,
        CommandLanguage::English => SentenceLanguage::English,
    }
}

pub(in crate::cli) fn label(language: CommandLanguage, label: &Label) -> &str {
    match language {
        CommandLanguage::Chinese => &label.zh,
        CommandLanguage::English => &label.en,
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("      {line}\n")).collect()
}

fn type_name(definitions: &Definitions, field: &FieldDefinition) -> String {
    match field.value_type {
        ValueType::Code(list) => format!("code {}", definitions.lists[list].key),
        other => other.key().to_owned(),
    }
}

fn fields(language: CommandLanguage, definitions: &Definitions) -> String {
    let heads = [
        (message!("head-field"), Left),
        (message!("head-label"), Left),
        (message!("head-type"), Left),
        (message!("head-applies"), Left),
    ];
    let row = |field: &FieldDefinition| {
        let applies = definitions.phrase(&field.applies, sentence_language(language));
        let label = label(language, &field.label).to_owned();
        vec![field.key.clone(), label, type_name(definitions, field), applies]
    };
    let rows: Vec<Vec<String>> = definitions.named_fields().iter().map(row).collect();
    columns(language, &heads, &rows).trim_end().to_owned()
}

fn label_json(label: &Label) -> Value {
    json!({ "zh": label.zh, "en": label.en })
}

fn field_json(definitions: &Definitions, field: &FieldDefinition) -> Value {
    let applies: Vec<String> = field.applies.iter().map(|clause| definitions.print(clause)).collect();
    json!({
        "key": field.key,
        "label": label_json(&field.label),
        "type": field.value_type.key(),
        "list": match field.value_type {
            ValueType::Code(list) => Some(definitions.lists[list].key.as_str()),
            _ => None,
        },
        "form": field.form.as_ref().map(|form| form.text()),
        "applies": applies,
        "required": field.is_required,
        "sensitive": field.is_sensitive,
    })
}

fn lists_json(definitions: &Definitions) -> Vec<Value> {
    let list = |list: &crate::rule::definitions::CodeList| {
        let codes: serde_json::Map<String, Value> =
            list.codes.iter().map(|code| (code.code.clone(), json!(code.word))).collect();
        let groups: serde_json::Map<String, Value> = list
            .groups
            .iter()
            .map(|group| {
                let codes: Vec<&str> = group.members.iter().map(|at| list.codes[*at].code.as_str()).collect();
                (group.key.clone(), json!(codes))
            })
            .collect();
        json!({ "key": list.key, "label": label_json(&list.label), "open": list.is_open, "codes": codes, "groups": groups })
    };
    definitions.lists.iter().map(list).collect()
}

fn relation_json(definitions: &Definitions, relation: &RelationDefinition, in_use: bool) -> Value {
    let texts = |clauses: &[crate::rule::tree::Clause]| {
        clauses.iter().map(|clause| definitions.print(clause)).collect::<Vec<_>>()
    };
    let (check, cases) = match &relation.demand {
        Demand::Check(check) => (Some(texts(check)), None),
        Demand::Cases(cases) => {
            let case = |case: &crate::rule::definitions::RelationCase| json!({ "when": texts(&case.when), "check": texts(&case.check) });
            (None, Some(cases.iter().map(case).collect::<Vec<_>>()))
        }
        Demand::Unique(_) | Demand::Group { .. } | Demand::Listed { .. } => (None, None),
    };
    json!({
        "key": relation.key,
        "label": label_json(&relation.label),
        "in_use": in_use,
        "counts": !relation.is_hint,
        "on_missing": relation.fails_on_missing.map(|fails| if fails { "fail" } else { "skip" }),
        "sentence": {
            "zh": definitions.sentence(relation, SentenceLanguage::Chinese),
            "en": definitions.sentence(relation, SentenceLanguage::English),
        },
        "when": texts(&relation.when),
        "if": texts(&relation.premise),
        "check": check,
        "cases": cases,
        "sets": relation.is_of_sets().then(|| definitions.print_demand(relation)),
    })
}
