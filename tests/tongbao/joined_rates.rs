//! Which rates of two configurations are compared with each other: by hand for each edit, and by what a register with
//! defects gives under both. A rate that comes to other counts must never be compared.

use std::collections::BTreeMap;

use serde_json::Value;
use tongbao::config::settings::{Indicator, Settings};
use tongbao::ranking::comparable::JoinedRates;
use tongbao::ranking::results::Rules;

use crate::own_definitions::{figures, register, settings, with_own};
use crate::support::setting;

const RATES: &str = r#"
[indicators.own.prompt]
label = { zh = "及时率", en = "Promptness" }
of = "relations"
relations = ["in_order"]
target = "95%"
[indicators.own.described]
label = { zh = "登记详实率", en = "Detail" }
of = "fields"
fields = ["residence_address", "area"]
target = "90%"
[indicators.own.conforming]
label = { zh = "规范率", en = "Conformity" }
of = "valid"
fields = ["area"]
target = "90%"
[indicators.completeness]
target = "85%"
[scoring]
deductions = []
"#;

/// A text of the configuration, what stands in its place, the rates that are changed by it, and whether ranks can
/// still be compared.
type Edit = (&'static str, &'static str, &'static [&'static str], bool);

const EDITS: &[Edit] = &[
    // Names, order and drafts decide nothing.
    ("zh = \"及时率\"", "zh = \"及时登记率\"", &[], true),
    ("zh = \"日期先后\"", "zh = \"日期次序\"", &[], true),
    ("\"spouse_married\", \"in_order\"", "\"in_order\", \"spouse_married\"", &[], true),
    (
        "[relations.spouse_married]",
        "[relations.draft]\ncheck = [\"arrived_on >= birth_date\"]\n[relations.spouse_married]",
        &[],
        true,
    ),
    ("[fields.relation_to_head]", "[fields.draft]\ncolumn = \"area\"\n[fields.relation_to_head]", &[], true),
    // Targets judge counts: of a rate without points they decide no rank.
    ("target = \"95%\"", "target = \"94%\"", &[], true),
    ("target = \"85%\"", "target = \"84%\"", &[], false),
    ("deductions = []", "weights = { coverage = 30, completeness = 30, accuracy = 40 }", &[], false),
    (
        "deductions = []",
        "deductions = [{ unit = \"440118001001\", points = 1, reason = \"迟报\" }]",
        &[],
        true,
    ),
    ("deductions = []", "[ranking]\norder = [\"accuracy\", \"score\"]", &[], false),
    ("deductions = []", "[ranking]\norder = [\"score\", \"prompt\"]", &[], false),
    // Fields: only the rates that count or read them.
    ("target = \"85%\"", "target = \"85%\"\ncounted = \"cells\"", &["completeness"], false),
    ("target = \"85%\"", "target = \"85%\"\nfields = [\"name\", \"sex\"]", &["completeness"], false),
    (
        "target = \"85%\"",
        "target = \"85%\"\nalso_blank = { residence_address = [\"荔城街道\"] }",
        &["completeness", "described"],
        false,
    ),
    (
        "target = \"85%\"",
        "target = \"85%\"\nalso_blank = { sex = [\"1\"] }",
        &["completeness", "accuracy"],
        false,
    ),
    ("target = \"85%\"", "target = \"85%\"\nalso_blank = { hukou_type = [\"1\"] }", &["completeness"], false),
    (
        "type = \"number\"\n",
        "type = \"number\"\nplaceholders = [\"85\"]\n",
        &["completeness", "accuracy", "described", "conforming"],
        false,
    ),
    (
        "applies = [\"relation_to_head in relation\"]\n",
        "",
        &["completeness", "accuracy", "described", "conforming"],
        false,
    ),
    // Lists and clauses: the rates of the relations that use them.
    ("groups = { spouse = [\"10\"] }", "groups = { spouse = [\"20\"] }", &["accuracy"], false),
    (
        "\"20\" = \"子\" }",
        "\"20\" = \"子\", \"77\" = \"孙\" }",
        &["completeness", "accuracy", "described", "conforming"],
        false,
    ),
    ("area between 10 and 200", "area between 10 and 100", &["accuracy"], false),
    ("arrived_on <= registered_on", "arrived_on < registered_on", &["accuracy", "prompt"], false),
    ("\"spouse_married\", \"in_order\"", "\"in_order\"", &["accuracy"], false),
    ("\"in_order\"]\ntarget", "\"space\"]\ntarget", &["prompt"], true),
    ("fields = [\"area\"]", "fields = [\"arrived_on\"]", &["conforming"], true),
    ("[indicators.own.prompt]", "[indicators.own.timely]", &["timely"], true),
    (
        "[indicators.accuracy]\n",
        "[indicators.accuracy]\non_missing = \"skip\"\n",
        &["accuracy", "prompt", "conforming"],
        false,
    ),
];

fn keys(rates: &[Indicator], settings: &Settings) -> Vec<String> {
    rates.iter().map(|rate| settings.indicators.indicator_key(*rate).to_owned()).collect()
}

fn rules(settings: &Settings) -> Rules<'_> {
    let Settings { indicators, scoring, ranking, .. } = settings;
    Rules { indicators, scoring, ranking }
}

/// Numerator and denominator of each rate of all units together, by name.
fn counts(figures: &Value) -> BTreeMap<String, (u64, u64)> {
    let totals = figures["totals"].as_object().unwrap();
    let own = totals["own_indicators"].as_object().unwrap();
    let headline = ["coverage", "completeness", "accuracy"].map(|key| (key.to_owned(), &totals[key]));
    let all = headline.into_iter().chain(own.iter().map(|(key, rate)| (key.clone(), rate)));
    let count = |rate: &Value, key: &str| rate[key].as_u64().unwrap();
    all.map(|(key, rate)| (key, (count(rate, "numerator"), count(rate, "denominator")))).collect()
}

#[test]
fn a_rate_is_compared_where_it_counts_the_same_and_nowhere_else() {
    let (lite, dir, ..) = register();
    let text = with_own(&setting::configuration(&lite, &dir)) + RATES;
    let base = settings(&text);
    let before = counts(&figures(base.clone()));
    let mut differing = 0;
    for (find, replacement, changed, compares_ranks) in EDITS {
        assert!(text.contains(find), "{find}");
        let edited = settings(&text.replacen(find, replacement, 1));
        let joined = JoinedRates::between(rules(&base), rules(&edited));
        assert_eq!(keys(&joined.changed(), &edited), *changed, "{replacement}");
        assert_eq!(joined.comparable().ranks, *compares_ranks, "{replacement}");
        let now = counts(&figures(edited.clone()));
        for (key, count) in &now {
            let is_changed = changed.contains(&key.as_str());
            let differs = before.get(key) != Some(count);
            differing += usize::from(differs);
            assert!(is_changed || !differs, "{key} is compared, but counts otherwise: {replacement}");
        }
    }
    assert!(differing > 10, "too few edits change a count: {differing}");
}
