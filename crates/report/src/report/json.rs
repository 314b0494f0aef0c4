//! The figures of a run as JSON (design, section 5): the same digits as in the documents.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::wording;
use tongbao_config::settings::{CountedPersons, Indicator, Indicators, Relation, Target};
use tongbao_figures::indicator::exceptions::ExceptionCounts;
use tongbao_figures::indicator::figures::Figures;
use tongbao_figures::indicator::rate::Rate;
use tongbao_figures::indicator::tally::Matches;
use tongbao_figures::ranking::results::Results;
use tongbao_figures::ranking::unit_result::UnitResult;

use super::canonical;
use super::series::reconciliation::Reconciled;
use super::series::relation_rate;

/// A rate: whole numerator and denominator, the printed fraction, target and whether it is met.
#[derive(Debug, Serialize)]
struct RateJson {
    numerator: u64,
    denominator: u64,
    rate: Option<String>,
    target: Option<String>,
    met: Option<bool>,
}

impl RateJson {
    fn new(rate: Rate, target: Option<Target>) -> RateJson {
        RateJson {
            numerator: rate.numerator,
            denominator: rate.denominator,
            rate: wording::fraction(rate, target),
            target: target.map(wording::target_fraction),
            met: target.and_then(|target| rate.judged(target)),
        }
    }
}

/// The object that `rates --format json` prints and `show` contains.
pub fn figures(results: &Results, indicators: &Indicators) -> Value {
    json!(FiguresJson { results, units: &results.units, indicators, has_definitions: false })
}

/// Whether figures on record are those computed again. Movement is left out, which says something of another run as it
/// is compared now, and so is what the version that recorded them did not have.
pub fn agree(recorded: &Value, computed: &Value) -> bool {
    match (recorded, computed) {
        (Value::Object(recorded), Value::Object(computed)) => recorded
            .iter()
            .filter(|(key, _)| *key != MOVEMENT)
            .all(|(key, value)| computed.get(key).is_some_and(|computed| agree(value, computed))),
        (Value::Array(recorded), Value::Array(computed)) => {
            recorded.len() == computed.len()
                && recorded.iter().zip(computed).all(|(recorded, computed)| agree(recorded, computed))
        }
        _ => recorded == computed,
    }
}

/// Key of the places that a unit has gained.
const MOVEMENT: &str = "movement";

/// The same object with some of the units.
#[derive(Clone, Copy)]
pub(super) struct FiguresJson<'a> {
    pub(super) results: &'a Results,
    pub(super) units: &'a [UnitResult],
    pub(super) indicators: &'a Indicators,
    /// Whether the definitions in use are part of it: not of what a run keeps, which has them besides.
    pub(super) has_definitions: bool,
}

impl Serialize for FiguresJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let FiguresJson { results, indicators, has_definitions, .. } = *self;
        let period = json!({ "from": results.period.from.to_string(), "to": results.period.to.to_string() });
        let totals = CountedJson {
            figures: &results.totals,
            matches: &results.matches,
            exceptions: &results.exceptions,
            kind: results.totals_kind.as_deref(),
            indicators,
        };
        let mut out = serializer.serialize_map(None)?;
        out.serialize_entry("period", &period)?;
        out.serialize_entry("pulled_at", &results.pulled_at.to_string())?;
        out.serialize_entry("totals", &totals)?;
        out.serialize_entry(UNITS, &UnitsJson(*self))?;
        out.serialize_entry("duplicates", &results.duplicates)?;
        out.serialize_entry("unknown_unit_records", &results.unknown_unit_records)?;
        if has_definitions {
            out.serialize_entry("definitions", &canonical::json(indicators))?;
        }
        out.end()
    }
}

/// Key of the list of units.
pub(super) const UNITS: &str = "units";

/// The list of units alone.
pub(super) struct UnitsJson<'a>(pub(super) FiguresJson<'a>);

impl Serialize for UnitsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let FiguresJson { results, units, indicators, .. } = self.0;
        let unit = |unit| UnitJson { unit, kinds_are_levels: results.kinds_are_levels, indicators };
        serializer.collect_seq(units.iter().map(unit))
    }
}

struct UnitJson<'a> {
    unit: &'a UnitResult,
    kinds_are_levels: bool,
    indicators: &'a Indicators,
}

impl Serialize for UnitJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let UnitJson { unit, kinds_are_levels, indicators } = *self;
        let counted = CountedJson {
            figures: &unit.figures,
            matches: &unit.matches,
            exceptions: &unit.exceptions,
            kind: Some(&unit.unit.kind),
            indicators,
        };
        let mut out = serializer.serialize_map(None)?;
        out.serialize_entry("code", &unit.unit.code)?;
        out.serialize_entry("name", &unit.unit.name)?;
        out.serialize_entry("kind", if kinds_are_levels { "" } else { &unit.unit.kind })?;
        out.serialize_entry("parent", &unit.unit.parent)?;
        out.serialize_entry("level", &unit.level)?;
        counted.entries(&mut out)?;
        out.serialize_entry("score", &unit.score.as_ref().map(|score| wording::score(&score.total)))?;
        out.serialize_entry("rank", &unit.rank)?;
        out.serialize_entry("rank_in_group", &unit.rank_in_group)?;
        out.serialize_entry(MOVEMENT, &unit.movement.places())?;
        out.serialize_entry("passed", &unit.passed)?;
        out.serialize_entry("unverified", &unit.is_unverified())?;
        out.end()
    }
}

/// What was counted of one unit, or of all together.
struct CountedJson<'a> {
    figures: &'a Figures,
    matches: &'a [Matches],
    exceptions: &'a ExceptionCounts,
    /// Whose targets count.
    kind: Option<&'a str>,
    indicators: &'a Indicators,
}

impl Serialize for CountedJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(None)?;
        self.entries(&mut out)?;
        out.end()
    }
}

impl CountedJson<'_> {
    fn entries<M: SerializeMap>(&self, out: &mut M) -> Result<(), M::Error> {
        let CountedJson { figures, indicators, .. } = *self;
        let counts = &figures.counts;
        let headline =
            |i: Indicator| RateJson::new(figures.rate(i), Some(indicators.target_of(i, self.kind)));
        out.serialize_entry("records", &counts.records)?;
        if indicators.measures(Indicator::Coverage) {
            out.serialize_entry("coverage", &headline(Indicator::Coverage))?;
        }
        out.serialize_entry("completeness", &headline(Indicator::Completeness))?;
        let records = self.completeness(counts.completeness_records(), CountedPersons::Records);
        out.serialize_entry("completeness_records", &records)?;
        let cells = self.completeness(counts.cells(&indicators.fields()), CountedPersons::Cells);
        out.serialize_entry("completeness_cells", &cells)?;
        out.serialize_entry("accuracy", &headline(Indicator::Accuracy))?;
        if !indicators.own.is_empty() {
            let own = indicators.own_rates().map(|i| (indicators.indicator_key(i), headline(i)));
            out.serialize_entry("own_indicators", &Entries(own))?;
        }
        let field = |f| (indicators.field_key(f), RateJson::new(counts.field(f), None));
        out.serialize_entry("fields", &Entries(indicators.fields().into_iter().map(field)))?;
        let relation = |r| (indicators.relation_key(r), RateJson::new(relation_rate(figures, r), None));
        out.serialize_entry(
            "relations",
            &Entries(indicators.accuracy.relations.iter().copied().map(relation)),
        )?;
        let hints: Vec<Relation> = indicators.hints().collect();
        if !hints.is_empty() {
            out.serialize_entry("hints", &Entries(hints.into_iter().map(relation)))?;
        }
        out.serialize_entry("matched_elsewhere", &figures.matched_elsewhere())?;
        if !self.matches.is_empty() {
            out.serialize_entry("reconciliation", &self.reconciliation())?;
        }
        if !self.exceptions.is_empty() {
            out.serialize_entry("exceptions", &self.exceptions())?;
        }
        Ok(())
    }

    /// Completeness as it is counted has the target.
    fn completeness(&self, rate: Rate, counted: CountedPersons) -> RateJson {
        let target = self.indicators.target_of(Indicator::Completeness, self.kind);
        RateJson::new(rate, (counted == self.indicators.completeness.counted).then_some(target))
    }

    /// Records that pass by proven exceptions alone, by relation, and there by reason.
    fn exceptions(&self) -> Value {
        let mut relations = Map::new();
        for ((relation, reason), count) in &self.exceptions.passed {
            let key = self.indicators.relation_key(*relation).to_owned();
            relations.entry(key).or_insert_with(|| json!({}))[reason] = json!(count);
        }
        json!({ "accurate": self.exceptions.accurate, "relations": relations })
    }

    /// Named rosters by name, and after several `union` for all of them together.
    fn reconciliation(&self) -> Value {
        let rosters = &self.indicators.coverage.rosters;
        let names = rosters.named.iter().map(|roster| roster.name.as_str()).chain(["union"]);
        let list = |(i, (name, matches)): (usize, (&str, &Matches))| {
            let reconciled = Reconciled::new(*matches, &self.figures.counts);
            let is_measured = i == rosters.measured();
            let target = is_measured.then(|| self.indicators.target_of(Indicator::Coverage, self.kind));
            let value = json!({
                "listed": reconciled.listed,
                "both": reconciled.both,
                "only_roster": reconciled.only_roster,
                "only_register": reconciled.only_register,
                "matched_elsewhere": matches.found - matches.found_own,
                "coverage": RateJson::new(reconciled.rate(), target),
            });
            (name.to_owned(), value)
        };
        Value::Object(names.zip(self.matches).enumerate().map(list).collect())
    }
}

/// Keys with their values.
struct Entries<I>(I);

impl<K: Serialize, V: Serialize, I: Iterator<Item = (K, V)> + Clone> Serialize for Entries<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.clone())
    }
}
