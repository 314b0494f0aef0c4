//! The definitions in use as they are written, for those who check what the sentences of the documents say: in the
//! workbook and in JSON.

use serde_json::{Map, Value, json};

use tongbao_config::settings::{Indicators, Relation};
use tongbao_rule::definitions::FieldDefinition;

/// A rate, relation, value or field with its canonical text.
pub(super) struct CanonicalRule {
    pub(super) kind: RuleKind,
    /// The name in the configuration.
    pub(super) key: String,
    /// Its settings, one a line.
    pub(super) text: String,
}

/// What a rule is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuleKind {
    Rate,
    Relation,
    Value,
    /// Which records a field applies to.
    Field,
}

impl RuleKind {
    pub(super) const ALL: [RuleKind; 4] =
        [RuleKind::Rate, RuleKind::Relation, RuleKind::Value, RuleKind::Field];

    fn key(self) -> &'static str {
        match self {
            RuleKind::Rate => "rates",
            RuleKind::Relation => "relations",
            RuleKind::Value => "values",
            RuleKind::Field => "fields",
        }
    }
}

/// Every rate, the relations that rates count, and what their clauses and fields name besides.
pub(super) fn rules(indicators: &Indicators) -> Vec<CanonicalRule> {
    let definitions = &indicators.definitions;
    let rule = |kind, key: &str, text: String| CanonicalRule { kind, key: key.to_owned(), text };
    let rates = indicators.all().into_iter();
    let rates = rates.map(|rate| {
        rule(RuleKind::Rate, indicators.indicator_key(rate), indicators.definition_of(rate).formula)
    });
    let used = indicators.counted_relations().into_iter();
    let relations = used
        .filter_map(|relation: Relation| indicators.relation(relation))
        .map(|relation| rule(RuleKind::Relation, &relation.key, definitions.print_relation(relation)));
    let values = definitions
        .named_values()
        .map(|(_, value)| rule(RuleKind::Value, &value.key, definitions.print_sources(value)));
    let applies = |field: &&FieldDefinition| !field.applies.is_empty();
    let fields = definitions
        .named_fields()
        .iter()
        .filter(applies)
        .map(|field| rule(RuleKind::Field, &field.key, definitions.print_applies(field)));
    rates.chain(relations).chain(values).chain(fields).collect()
}

/// All of them by kind and key; of each rate also the digest by which runs are compared.
pub fn json(indicators: &Indicators) -> Value {
    let all = rules(indicators);
    let of_kind = |kind: RuleKind| {
        let own = all.iter().filter(|rule| rule.kind == kind);
        own.map(|rule| (rule.key.clone(), Value::from(rule.text.as_str()))).collect::<Map<_, _>>()
    };
    let mut out: Map<String, Value> =
        RuleKind::ALL.into_iter().map(|kind| (kind.key().to_owned(), of_kind(kind).into())).collect();
    let digests = indicators.all().into_iter().map(|rate| {
        (indicators.indicator_key(rate).to_owned(), json!(indicators.definition_of(rate).digest()))
    });
    out.insert("digests".to_owned(), Value::Object(digests.collect()));
    Value::Object(out)
}
