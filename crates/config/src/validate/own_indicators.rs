//! Checks the rates that an office adds to the three.

use num_rational::Ratio;
use tongbao_message::{Language, Message, message};

use super::Check;
use super::definitions::{SCORE, relations, target};
use super::labels::{self, label_of};
use crate::exact_values;
use crate::raw::definitions::{RawMeasure, RawOwnIndicator};
use crate::raw::ordered::Ordered;
use crate::raw::rules::RawLabel;
use crate::settings::{Indicator, MOST_OWN_INDICATORS, Measure, OwnIndicator, Relation};
use tongbao_register::field::Field;
use tongbao_rule::definitions::{Definitions, Demand, Label, MOST_OWN_RELATIONS, RelationDefinition};
use tongbao_rule::parse::unknown;
use tongbao_rule::tree::{Clause, ClausePart, FieldId, Operand, ValueState};

/// The rates in order. Those of valid values bring a relation for each field, which counts among the office's
/// own.
pub(super) fn own_indicators(
    raw: &Ordered<RawOwnIndicator>,
    definitions: &mut Definitions,
    check: &mut Check,
) -> Option<Vec<OwnIndicator>> {
    if raw.len() > MOST_OWN_INDICATORS {
        check.fail(
            "indicators.own",
            message!("at-most-rates-of-your-own", most_own_indicators = MOST_OWN_INDICATORS),
        );
    }
    let before = check.problems.len();
    let mut named = built_in_labels();
    let mut all = Vec::new();
    for (key, raw) in raw.iter() {
        let own = own_indicator(key, raw, definitions, check);
        if let Some(own) = &own {
            let others = named.iter().map(|(key, label)| (key.as_str(), label));
            labels::distinct(&format!("indicators.own.{key}"), &own.label, others, check);
            named.push((key.to_owned(), own.label.clone()));
        }
        all.push(own);
    }
    let all = all.into_iter().collect();
    if check.problems.len() > before { None } else { all }
}

/// The names of the built-in rates in documents.
fn built_in_labels() -> Vec<(String, Label)> {
    let labels = [
        (Indicator::Coverage, message!("coverage").to_owned()),
        (Indicator::Completeness, message!("completeness").to_owned()),
        (Indicator::Accuracy, message!("accuracy").to_owned()),
    ];
    let label =
        |name: Message| Label { zh: name.worded(Language::Chinese), en: name.worded(Language::English) };
    labels.into_iter().map(|(rate, name)| (rate.key().to_owned(), label(name))).collect()
}

fn own_indicator(
    key: &str,
    raw: &RawOwnIndicator,
    definitions: &mut Definitions,
    check: &mut Check,
) -> Option<OwnIndicator> {
    let path = format!("indicators.own.{key}");
    if key == SCORE || Indicator::ALL.iter().any(|known| known.key() == key) {
        check.fail(&path, message!("is-the-name-of-a-built", key));
    }
    let measure = match raw.of {
        RawMeasure::Fields => Measure::Fields(fields(&path, &raw.fields, definitions, check)),
        RawMeasure::Relations => {
            Measure::Relations(relations(&format!("{path}.relations"), &raw.relations, definitions, check))
        }
        RawMeasure::Valid => {
            let fields = fields(&path, &raw.fields, definitions, check);
            all_valid(&path, &fields, definitions, check);
            Measure::Valid(fields.into_iter().map(|field| (field, validity(field, definitions))).collect())
        }
    };
    if definitions.own_relations().len() > MOST_OWN_RELATIONS {
        check.fail(&path, message!("with-a-relation-for-each-field", most = MOST_OWN_RELATIONS));
    }
    let target = target(&format!("{path}.target"), &raw.target, check);
    let weight: Option<Ratio<u64>> = check.keep(&format!("{path}.weight"), exact_values::points(&raw.weight));
    let label = label_of(&path, raw.label.as_ref(), key, check);
    check.permit(&path, [key, &label.zh, &label.en]);
    let counted = raw.counted.as_ref().map(|counted| counted_as(&format!("{path}.counted"), counted, check));
    Some(OwnIndicator { key: key.to_owned(), label, counted, measure, target: target?, weight: weight? })
}

/// What one count stands for.
fn counted_as(path: &str, raw: &RawLabel, check: &mut Check) -> Label {
    let counted = label_of(path, Some(raw), "", check);
    check.permit(path, [counted.zh.as_str(), &counted.en]);
    counted
}

fn fields(path: &str, raw: &[String], definitions: &Definitions, check: &mut Check) -> Vec<Field> {
    let path = format!("{path}.fields");
    if raw.is_empty() {
        check.fail(&path, message!("needs-at-least-one-field"));
    }
    let mut out = Vec::new();
    for (at, key) in raw.iter().enumerate() {
        match definitions.field(key).map(|id| Field::at(id.index())) {
            Some(known) if out.contains(&known) => check.fail(&path, message!("is-listed-twice", key)),
            Some(known) => out.push(known),
            None => {
                let names = definitions.named_fields().iter().map(|field| field.key.as_str());
                check.fail(&format!("{path}.{at}"), unknown(message!("field"), key, names));
            }
        }
    }
    out
}

/// Fields without an invalid value: a rate of them alone would be 100% whatever they hold, and among others they raise it.
fn all_valid(path: &str, fields: &[Field], definitions: &Definitions, check: &mut Check) {
    let path = format!("{path}.fields");
    let named = fields.iter().map(|field| &definitions.fields[field.index()]);
    let always: Vec<_> = named.filter(|field| !field.may_be_invalid(&definitions.lists)).collect();
    let is_of_them_alone = always.len() == fields.len();
    for field in always {
        let value_type = field.value_type.key();
        match is_of_them_alone {
            true => check.refuse(&path, message!("has-no-invalid-value", field = field.key, value_type)),
            false => check.warn(&path, message!("is-always-valid", field = field.key, value_type)),
        }
    }
}

/// The relation that a filled value of a field is one of its type; a number of another document is not judged.
fn validity(field: Field, definitions: &mut Definitions) -> Relation {
    let definition = &definitions.fields[field.index()];
    let (key, label) = (RelationDefinition::validity_key(&definition.key), definition.label.clone());
    if let Some(at) = definitions.own_relations().iter().position(|relation| relation.key == key) {
        return Relation::Own(at as u8);
    }
    let operand = Operand::Field(FieldId(field.index() as u8));
    let is = |state| vec![Clause { parts: vec![ClausePart::Has { operand: operand.clone(), state }] }];
    let demand = Demand::Check(is(ValueState::Valid));
    let when = is(ValueState::Filled);
    definitions.relations.push(RelationDefinition {
        key,
        label,
        when,
        premise: Vec::new(),
        demand,
        note: None,
        is_hint: false,
        fails_on_missing: None,
        // Validity is what it asks.
        skips_invalid: false,
    });
    Relation::Own((definitions.own_relations().len() - 1) as u8)
}
