//! What a rate counts, as text: the same rate of two runs is compared where the texts are the same.

use serde::Serialize;

use super::{CoverageMethod, Indicator, Indicators, Measure, Relation};
use tongbao_base::digest::sha256;
use tongbao_register::field::Field;
use tongbao_rule::definitions::RelationDefinition;

/// What a rate counts, in canonical form. Neither its name nor its target is part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateDefinition {
    /// What is counted, as settings of the rate: `fields = ["name", "sex"]`.
    pub formula: String,
    /// How the fields and relations of the formula are read: types, lists, placeholders, clauses.
    pub reading: String,
}

impl RateDefinition {
    /// SHA-256 of all of it.
    pub fn digest(&self) -> String {
        sha256(format!("{}{}", self.formula, self.reading).as_bytes())
    }
}

impl Indicators {
    /// What a rate counts.
    pub fn definition_of(&self, indicator: Indicator) -> RateDefinition {
        match indicator {
            Indicator::Coverage => self.of_coverage(),
            Indicator::Completeness => {
                let fields = self.fields();
                self.of_fields(setting("counted", &self.completeness.counted), &fields)
            }
            Indicator::Accuracy => self.of_relations(String::new(), &self.accuracy.relations),
            Indicator::Own(_) => match self.own_indicator(indicator).map(|own| &own.measure) {
                Some(Measure::Fields(fields)) => self.of_fields(setting("of", "fields"), fields),
                Some(Measure::Relations(relations)) => {
                    self.of_relations(setting("of", "relations"), relations)
                }
                Some(Measure::Valid(fields)) => {
                    let relations: Vec<Relation> = fields.iter().map(|(_, relation)| *relation).collect();
                    self.of_relations(setting("of", "valid"), &relations)
                }
                None => RateDefinition { formula: String::new(), reading: String::new() },
            },
        }
    }

    fn of_coverage(&self) -> RateDefinition {
        let mut formula = setting("method", &self.coverage.method);
        let rosters = &self.coverage.rosters;
        // Where none of them is the measure, all of them together are.
        let measured = rosters.named.iter().enumerate();
        let measured = measured.filter(|(at, _)| rosters.measured.is_none_or(|measured| measured == *at));
        let names = sorted(measured.map(|(_, roster)| roster.name.as_str()));
        if self.coverage.method == CoverageMethod::Roster && !names.is_empty() {
            formula.push_str(&setting("roster", &names));
        }
        let identity = self.subject.as_ref().map(|subject| subject.identity);
        let reading = identity.map(|identity| {
            formula.push_str(&setting("identity", self.field_key(identity)));
            self.definitions.print_reading(1 << identity.index(), std::iter::empty())
        });
        RateDefinition { formula, reading: reading.unwrap_or_default() }
    }

    fn of_fields(&self, how: String, fields: &[Field]) -> RateDefinition {
        let keys = sorted(fields.iter().map(|field| self.field_key(*field)));
        let bits = fields.iter().fold(0, |bits, field| bits | 1 << field.index());
        RateDefinition {
            formula: how + &setting("fields", &keys),
            reading: self.definitions.print_reading(bits, std::iter::empty()),
        }
    }

    fn of_relations(&self, how: String, relations: &[Relation]) -> RateDefinition {
        let keys = sorted(relations.iter().map(|relation| self.relation_key(*relation)));
        let definitions: Vec<&RelationDefinition> =
            relations.iter().filter_map(|relation| self.relation(*relation)).collect();
        let on_missing = setting("on_missing", &self.accuracy.on_missing);
        let on_invalid = setting("on_invalid", &self.accuracy.on_invalid);
        RateDefinition {
            formula: how + &setting("relations", &keys) + &on_missing + &on_invalid,
            reading: self.definitions.print_reading(0, definitions.into_iter()),
        }
    }
}

/// In an order that does not hang on that of the configuration: sums have none.
fn sorted<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = keys.collect();
    keys.sort_unstable();
    keys
}

fn setting(key: &str, value: &(impl Serialize + ?Sized)) -> String {
    format!("{key} = {}\n", serde_json::to_string(value).unwrap_or_default())
}
