//! The JSON Schema of the configuration: of any office, or with the names of one.

use serde_json::{Value, json};

use super::raw::RawConfig;
use super::settings::{Indicator, Indicators};

/// Names of an example that are no fields.
const OF_EXAMPLES: [&str; 5] = ["unit", "registered_on", "cut_off", "document_type", "is"];
/// Where clauses stand.
const CLAUSES: [&str; 7] = [
    "RawRelationDefinition/properties/when",
    "RawRelationDefinition/properties/if",
    "RawRelationDefinition/properties/check",
    "RawRelationDefinition/properties/where",
    "RawRelationCase/properties/when",
    "RawRelationCase/properties/check",
    "RawFieldDefinition/properties/applies",
];
const CLAUSE_EXAMPLES: [&str; 4] = [
    "arrived_on <= registered_on",
    "relation_to_head in relation.spouse",
    "area >= 5 * persons or has_lease = no",
    "house_code starts with unit",
];

/// JSON Schema of the file, with the descriptions of all keys.
pub fn json_schema() -> Value {
    let mut schema = schemars::schema_for!(RawConfig).to_value();
    for place in CLAUSES {
        put(&mut schema, &format!("{place}/items/examples"), json!(CLAUSE_EXAMPLES));
    }
    schema
}

/// The same with the names of this office's fields, lists, relations and rates wherever one of them is asked for.
pub fn json_schema_of(indicators: &Indicators) -> Value {
    let mut schema = json_schema();
    let definitions = &indicators.definitions;
    let fields: Vec<&str> = definitions.named_fields().iter().map(|field| field.key.as_str()).collect();
    let relations: Vec<&str> = definitions
        .named_relations()
        .iter()
        .map(|relation| relation.key.as_str())
        // Those that rates of valid values bring cannot be named.
        .filter(|key| !key.contains('.'))
        .collect();
    let lists: Vec<&str> = definitions.lists.iter().map(|list| list.key.as_str()).collect();
    let references: Vec<&str> = definitions.references.iter().map(|list| list.key.as_str()).collect();
    let built_in = Indicator::ALL.iter().map(|indicator| indicator.key());
    let rates: Vec<&str> = built_in.chain(indicators.own.iter().map(|own| own.key.as_str())).collect();
    let order: Vec<&str> = ["score"].into_iter().chain(rates.iter().copied()).collect();
    let examples: Vec<&str> = fields.iter().copied().chain(OF_EXAMPLES).collect();
    for (place, names) in [
        ("RawAccuracy/properties/relations/items", &relations),
        ("RawOwnIndicator/properties/relations/items", &relations),
        ("RawOwnIndicator/properties/fields/items", &fields),
        ("RawRelationDefinition/properties/unique/items", &fields),
        ("RawRelationDefinition/properties/group", &fields),
        ("RawRelationDefinition/properties/listed", &fields),
        ("RawRelationDefinition/properties/in", &references),
        ("RawRelationDefinition/properties/examples/items/propertyNames", &examples),
        ("RawFieldDefinition/properties/list", &lists),
        ("RawSubject/properties/identity", &fields),
        ("RawVeto/properties/indicator", &rates),
        ("RawRanking/properties/order/items", &order),
    ] {
        put(&mut schema, &format!("{place}/enum"), json!(names));
    }
    schema
}

/// Puts a value below `$defs`; a key that does not exist yet is added to the last object on the way.
fn put(schema: &mut Value, place: &str, value: Value) {
    let mut at = &mut schema["$defs"];
    for part in place.split('/') {
        at = &mut at[part];
    }
    *at = value;
}
