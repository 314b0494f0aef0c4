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

/// The rates that are measured, by their names: the headline rates and the office's own.
#[derive(Clone, Copy)]
pub(super) struct MeasuredRates<'a> {
    pub own: &'a [OwnIndicator],
    pub has_coverage: bool,
}

impl<'a> MeasuredRates<'a> {
    pub(super) fn of(indicators: &'a Indicators) -> MeasuredRates<'a> {
        MeasuredRates { own: &indicators.own, has_coverage: indicators.measures(Indicator::Coverage) }
    }

    fn all(self) -> impl Iterator<Item = (&'a str, Indicator)> {
        let has_coverage = self.has_coverage;
        let headline = Indicator::ALL.into_iter().filter(move |i| has_coverage || *i != Indicator::Coverage);
        let own = self.own.iter().zip(0..).map(|(own, at)| (own.key.as_str(), Indicator::Own(at)));
        headline.map(|indicator| (indicator.key(), indicator)).chain(own)
    }

    /// The rate of a name.
    fn named(self, key: &str) -> Option<Indicator> {
        self.all().find(|(known, _)| *known == key).map(|(_, indicator)| indicator)
    }

    /// The same, or a problem that names the nearest one.
    pub(super) fn find(self, path: &str, key: &str, check: &mut Check) -> Option<Indicator> {
        self.find_beside(path, key, None, check)
    }

    /// The same where a further name may stand, which is no rate.
    pub(super) fn find_beside(
        self,
        path: &str,
        key: &str,
        further: Option<&'a str>,
        check: &mut Check,
    ) -> Option<Indicator> {
        let found = self.named(key);
        if found.is_none() {
            let known = further.into_iter().chain(self.all().map(|(key, _)| key));
            let problem = match key == Indicator::Coverage.key() {
                true => message!("coverage-is-not-measured"),
                false => unknown(message!("rate"), key, known),
            };
            check.fail(path, problem);
        }
        found
    }
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
        let found = MeasuredRates::of(indicators).find(&place, key, check);
        rules.targets.extend(found.zip(target(&place, text, check)));
    }
    for (key, points) in &raw.weights {
        let place = format!("{path}.weights.{key}");
        let found = MeasuredRates::of(indicators).find(&place, key, check);
        rules.weights.extend(found.zip(check.keep(&place, exact_values::points(points))));
    }
    let of = |i: &Indicator| rules.weights.get(i).copied().unwrap_or_else(|| indicators.weight(scoring, *i));
    let sum: Ratio<u64> = indicators.all().iter().map(of).sum();
    if !raw.weights.is_empty() && sum != Ratio::from_integer(100) {
        check.fail(&format!("{path}.weights"), message!("the-weights-of-add-up-to", kind, sum));
    }
    rules
}
