//! Checks rates by name, and what kinds of units have instead of the general targets and weights.

use std::collections::BTreeMap;
use tongbao_message::message;

use num_rational::Ratio;

use super::Check;
use super::definitions::target;
use crate::exact_values;
use crate::raw::definitions::RawKindRules;
use crate::settings::{Indicator, Indicators, KindRules, OwnIndicator, Scoring};
use tongbao_rule::parse::unknown;

/// The rate of a name: a built-in one, or one of the office's own.
pub(super) fn rate_named(key: &str, own: &[OwnIndicator]) -> Option<Indicator> {
    let own = own.iter().zip(0..).map(|(own, at)| (own.key.as_str(), Indicator::Own(at)));
    let built_in = Indicator::ALL.map(|indicator| (indicator.key(), indicator));
    built_in.into_iter().chain(own).find(|(known, _)| *known == key).map(|(_, indicator)| indicator)
}

/// The same, or a problem that names the nearest one.
pub(super) fn rate(path: &str, key: &str, own: &[OwnIndicator], check: &mut Check) -> Option<Indicator> {
    let found = rate_named(key, own);
    if found.is_none() {
        check.fail(path, unknown(message!("rate"), key, rate_keys(own)));
    }
    found
}

pub(super) fn rate_keys(own: &[OwnIndicator]) -> impl Iterator<Item = &str> {
    Indicator::ALL.iter().map(|known| known.key()).chain(own.iter().map(|own| own.key.as_str()))
}

/// Targets and weights of kinds of units. The weights of each kind, with the general ones of rates that it does not
/// name, are 100 points.
pub(super) fn unit_kinds(
    raw: &BTreeMap<String, RawKindRules>,
    indicators: &Indicators,
    scoring: &Scoring,
    check: &mut Check,
) -> BTreeMap<String, KindRules> {
    raw.iter()
        .map(|(kind, raw)| (kind.trim().to_owned(), rules(kind, raw, indicators, scoring, check)))
        .collect()
}

fn rules(
    kind: &str,
    raw: &RawKindRules,
    indicators: &Indicators,
    scoring: &Scoring,
    check: &mut Check,
) -> KindRules {
    let path = format!("unit_kinds.{kind}");
    if kind.trim().is_empty() {
        check.fail(&path, message!("needs-a-kind-of-unit-as"));
    }
    let mut rules = KindRules::default();
    for (key, text) in &raw.targets {
        let place = format!("{path}.targets.{key}");
        let found = rate(&place, key, &indicators.own, check);
        rules.targets.extend(found.zip(target(&place, text, check)));
    }
    for (key, points) in &raw.weights {
        let place = format!("{path}.weights.{key}");
        let found = rate(&place, key, &indicators.own, check);
        rules.weights.extend(found.zip(check.keep(&place, exact_values::points(points))));
    }
    let of = |i: &Indicator| rules.weights.get(i).copied().unwrap_or_else(|| indicators.weight(scoring, *i));
    let sum: Ratio<u64> = indicators.all().iter().map(of).sum();
    if !raw.weights.is_empty() && sum != Ratio::from_integer(100) {
        check.fail(&format!("{path}.weights"), message!("the-weights-of-add-up-to", kind, sum));
    }
    rules
}
