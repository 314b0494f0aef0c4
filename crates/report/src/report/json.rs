//! The figures of a run as JSON (design, section 5): the same digits as in the documents.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::wording;
use tongbao_config::settings::{CountedPersons, Indicator, Indicators, Target};
use tongbao_figures::indicator::figures::Figures;
use tongbao_figures::indicator::rate::Rate;
use tongbao_figures::indicator::tally::Matches;
use tongbao_figures::ranking::results::{Results, UnitResult};

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

/// The object that `rates --format json` prints and `show` contains.
pub fn figures(results: &Results, indicators: &Indicators) -> Value {
    json!(FiguresJson { results, indicators })
}

/// The same object, made unit by unit while it is written: of many units it would fill the memory.
#[derive(Clone, Copy)]
pub struct FiguresJson<'a> {
    /// All figures of the run.
    pub results: &'a Results,
    /// Definitions and targets in use.
    pub indicators: &'a Indicators,
}

impl Serialize for FiguresJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let FiguresJson { results, indicators } = self;
        let period = json!({ "from": results.period.from.to_string(), "to": results.period.to.to_string() });
        let mut out = serializer.serialize_map(None)?;
        out.serialize_entry("period", &period)?;
        out.serialize_entry("pulled_at", &results.pulled_at.to_string())?;
        out.serialize_entry(
            "totals",
            &totals(&results.totals, &results.matches, results.totals_kind.as_deref(), indicators),
        )?;
        out.serialize_entry("units", &UnitsJson(*self))?;
        out.serialize_entry("duplicates", &results.duplicates)?;
        out.serialize_entry("unknown_unit_records", &results.unknown_unit_records)?;
        out.end()
    }
}

struct UnitsJson<'a>(FiguresJson<'a>);

impl Serialize for UnitsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.results.units.iter().map(|unit| unit_json(unit, self.0)))
    }
}

fn unit_json(unit: &UnitResult, FiguresJson { results, indicators }: FiguresJson) -> Value {
    let kind = if results.kinds_are_levels { "" } else { &unit.unit.kind };
    let mut out = Map::new();
    out.insert("code".into(), json!(unit.unit.code));
    out.insert("name".into(), json!(unit.unit.name));
    out.insert("kind".into(), json!(kind));
    out.insert("parent".into(), json!(unit.unit.parent));
    out.insert("level".into(), json!(unit.level));
    out.extend(totals(&unit.figures, &unit.matches, Some(&unit.unit.kind), indicators));
    out.insert("score".into(), json!(unit.score.as_ref().map(|score| wording::score(&score.total))));
    out.insert("rank".into(), json!(unit.rank));
    out.insert("rank_in_group".into(), json!(unit.rank_in_group));
    out.insert("movement".into(), json!(unit.movement.places()));
    out.insert("passed".into(), json!(unit.passed));
    out.insert("unverified".into(), json!(unit.is_unverified()));
    Value::Object(out)
}

fn totals(
    figures: &Figures,
    matches: &[Matches],
    kind: Option<&str>,
    indicators: &Indicators,
) -> Map<String, Value> {
    let target = indicators.target_of(Indicator::Completeness, kind);
    let headline = |i: Indicator| rate(figures.rate(i), Some(indicators.target_of(i, kind)));
    let counted = indicators.completeness.counted;
    let chosen = |r: Rate, way: CountedPersons| rate(r, (way == counted).then_some(target));
    let fields = indicators.fields().into_iter();
    let fields: Map<String, Value> =
        fields.map(|f| (indicators.field_key(f).to_owned(), rate(figures.counts.field(f), None))).collect();
    let relations: Map<String, Value> = indicators
        .accuracy
        .relations
        .iter()
        .map(|r| (indicators.relation_key(*r).to_owned(), rate(relation_rate(figures, *r), None)))
        .collect();
    let mut out = Map::new();
    out.insert("records".into(), json!(figures.counts.records));
    out.insert("coverage".into(), headline(Indicator::Coverage));
    out.insert("completeness".into(), headline(Indicator::Completeness));
    out.insert(
        "completeness_records".into(),
        chosen(figures.counts.completeness_records(), CountedPersons::Records),
    );
    out.insert(
        "completeness_cells".into(),
        chosen(figures.counts.cells(&indicators.fields()), CountedPersons::Cells),
    );
    out.insert("accuracy".into(), headline(Indicator::Accuracy));
    if !indicators.own.is_empty() {
        let own = indicators.all().into_iter().skip(Indicator::ALL.len());
        let own = own.map(|i| (indicators.indicator_key(i).to_owned(), headline(i)));
        out.insert("own_indicators".into(), Value::Object(own.collect()));
    }
    out.insert("fields".into(), Value::Object(fields));
    out.insert("relations".into(), Value::Object(relations));
    out.insert("matched_elsewhere".into(), json!(figures.matched_elsewhere()));
    if !matches.is_empty() {
        out.insert("reconciliation".into(), reconciliation(figures, matches, kind, indicators));
    }
    out
}

/// Named rosters by name, and behind several `union` for all of them together.
fn reconciliation(
    figures: &Figures,
    matches: &[Matches],
    kind: Option<&str>,
    indicators: &Indicators,
) -> Value {
    let rosters = &indicators.coverage.rosters;
    let names = rosters.named.iter().map(|roster| roster.name.as_str()).chain(["union"]);
    let list = |(i, (name, matches)): (usize, (&str, &Matches))| {
        let reconciled = Reconciled::new(*matches, figures.counts);
        let target = (i == rosters.measured()).then(|| indicators.target_of(Indicator::Coverage, kind));
        let value = json!({
            "listed": reconciled.listed,
            "both": reconciled.both,
            "only_roster": reconciled.only_roster,
            "only_register": reconciled.only_register,
            "matched_elsewhere": matches.found - matches.found_own,
            "coverage": rate(reconciled.rate(), target),
        });
        (name.to_owned(), value)
    };
    Value::Object(names.zip(matches).enumerate().map(list).collect())
}

fn rate(rate: Rate, target: Option<Target>) -> Value {
    json!(RateJson {
        numerator: rate.numerator,
        denominator: rate.denominator,
        rate: wording::fraction(rate, target),
        target: target.map(wording::target_fraction),
        met: target.and_then(|target| rate.judged(target)),
    })
}
