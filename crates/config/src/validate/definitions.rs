//! Checks indicators, scoring, ranking and guards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tongbao_message::message;

use jiff::tz::TimeZone;
use num_rational::Ratio;

use super::labels::reason;
use super::unit_kinds::MeasuredRates;
use super::{Check, counted_records, exceptions, own_indicators, references, rules, subject};
use crate::exact_values;
use crate::raw::definitions::{
    RawAccuracy, RawGroupBy, RawIndicators, RawPoints, RawRanking, RawScoring, RawUnitLevel,
};
use crate::raw::{RawConfig, RawGuards};
use crate::settings::{
    Accuracy, Completeness, CountedRecords, Coverage, CoverageMethod, Deduction, Guards, Indicator,
    Indicators, Level, RankKey, Ranking, Relation, RosterName, Rosters, Scoring, Target, Veto, Weights,
};
use tongbao_register::field::Field;
use tongbao_register::nothing;
use tongbao_register::text::trim_text;
use tongbao_rule::definitions::Definitions;
use tongbao_rule::parse::unknown;

pub(super) fn target(path: &str, text: &str, check: &mut Check) -> Option<Target> {
    let share = check.keep(path, exact_values::percentage(text))?;
    if share > Ratio::from_integer(1) || share == Ratio::from_integer(0) {
        let is_bare = share > Ratio::from_integer(1)
            && share <= Ratio::from_integer(100)
            && !text.contains(['%', '％']);
        check.fail(
            path,
            match is_bare {
                true => message!("a-target-has-a-percent-sign", text = text.trim()),
                false => message!("a-target-is-above-and-at", text),
            },
        );
        return None;
    }
    Some(Target(share))
}

/// Whether there is anything that coverage could be measured against.
fn has_list(raw: &RawConfig) -> bool {
    raw.source.roster.is_some() || !raw.source.rosters.is_empty() || raw.source.baseline.is_some()
}

pub(super) fn indicators(
    raw: &RawConfig,
    time_zone: Option<&TimeZone>,
    tries_examples: bool,
    check: &mut Check,
) -> Option<Indicators> {
    let RawIndicators { coverage, completeness, accuracy, own } = &raw.indicators;
    let method = coverage.method;
    match method {
        CoverageMethod::Roster if raw.source.roster.is_none() && raw.source.rosters.is_empty() => {
            check.refuse("indicators.coverage", message!("method-roster-needs-source-roster-or"))
        }
        CoverageMethod::Baseline if raw.source.baseline.is_none() => {
            check.refuse("indicators.coverage", message!("method-baseline-needs-source-baseline"));
        }
        CoverageMethod::None if has_list(raw) => {
            check.refuse("indicators.coverage", message!("method-none-needs-no-list"));
        }
        _ => {}
    }
    let exceptions = exceptions::exception_rules(&raw.source, check);
    let coverage_target = target("indicators.coverage.target", &coverage.target, check);
    let completeness_target = target("indicators.completeness.target", &completeness.target, check);
    let accuracy_target = target("indicators.accuracy.target", &accuracy.target, check);
    let counted_fields = counted_fields(raw, check);
    let rosters = rosters(raw, check);
    let placeholders = placeholders(&completeness.placeholders, &completeness.also_blank);
    let time_zone = time_zone?.clone();
    let references = references::reference_lists(&raw.source, check);
    let definitions = rules::definitions(
        (&raw.definitions(), references),
        (raw.register.is_some(), &raw.source.register.fields),
        &placeholders,
        (accuracy.household_level, accuracy.on_invalid),
        tries_examples.then_some(&time_zone),
        check,
    );
    let mut definitions = definitions?;
    let own = own_indicators::own_indicators(own, &mut definitions, check);
    let definitions = Arc::new(definitions);
    let subject = match &raw.register {
        Some(raw) => Some(subject::subject(raw, &definitions, check)?),
        None => None,
    };
    let named = match raw.register {
        Some(_) if accuracy.relations == RawAccuracy::default().relations => {
            let counted = raw.relations.iter().filter(|(_, relation)| !relation.is_hint());
            counted.map(|(key, _)| key.to_owned()).collect()
        }
        _ => accuracy.relations.clone(),
    };
    let relations = relations("indicators.accuracy.relations", &named, &definitions, check);
    let indicators = Indicators {
        time_zone,
        subject,
        definitions,
        coverage: Coverage { method, target: coverage_target?, rosters },
        completeness: Completeness {
            counted: completeness.counted,
            fields: counted_fields,
            target: completeness_target?,
            placeholders,
        },
        accuracy: Accuracy {
            relations,
            on_missing: accuracy.on_missing,
            on_invalid: accuracy.on_invalid,
            household_level: accuracy.household_level,
            target: accuracy_target?,
        },
        own: own?,
        unit_kinds: BTreeMap::new(),
        exceptions: exceptions?,
        counted_records: CountedRecords {
            only: counted_records::only(&raw.source.register),
            left_at: raw.source.register.left_at.clone(),
        },
    };
    unread_fields(&indicators, check);
    Some(indicators)
}

/// Warns of own fields that nothing reads, not even a relation that is not in use.
fn unread_fields(indicators: &Indicators, check: &mut Check) {
    let definitions = &indicators.definitions;
    let applies = definitions.fields.iter().flat_map(|field| &field.applies);
    let read = indicators.read_by_own()
        | definitions.read_by_relations(definitions.relations.iter())
        | definitions.read_by(applies);
    for field in definitions.own_fields() {
        let is_read = definitions.field(&field.key).is_none_or(|id| read & id.bit() != 0);
        if !is_read {
            check.warn(&format!("fields.{}", field.key), message!("nothing-reads-this-field"));
        }
    }
}

fn rosters(raw: &RawConfig, check: &mut Check) -> Rosters {
    let named = raw.source.rosters.iter();
    let named: Vec<RosterName> = named
        .map(|(name, roster)| RosterName {
            name: name.to_owned(),
            label: roster.columns.label.as_deref().map_or(name, str::trim).to_owned(),
        })
        .collect();
    let mut measured = None;
    if let Some(wanted) = &raw.indicators.coverage.roster {
        measured = named.iter().position(|roster| roster.name == *wanted);
        if measured.is_none() {
            let names: Vec<&str> = named.iter().map(|roster| roster.name.as_str()).collect();
            let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let problem = message!("there-is-no-source-rosters-named", wanted, known);
            check.fail("indicators.coverage.roster", problem);
        }
    }
    Rosters { named, measured }
}

/// The built-in fields that completeness counts: those that are named, or all nine, of persons; none of other registers.
fn counted_fields(raw: &RawConfig, check: &mut Check) -> Vec<Field> {
    let path = "indicators.completeness.fields";
    let named = raw.indicators.completeness.fields.as_deref();
    if raw.register.is_some() {
        if named.is_some() {
            check.fail(path, message!("are-the-fields-of-a-register"));
        }
        return Vec::new();
    }
    let Some(named) = named else { return Field::ALL.to_vec() };
    let counted: Vec<Field> = Field::ALL.into_iter().filter(|field| named.contains(field)).collect();
    if counted.len() < named.len() {
        check.fail(path, message!("names-a-field-twice"));
    }
    if counted.is_empty() && !raw.fields.iter().any(|(_, field)| field.required) {
        check.fail(path, message!("completeness-counts-no-field"));
    }
    counted
}

/// By field the list of the configuration or else the default one, and the further words.
fn placeholders(
    own: &BTreeMap<Field, Vec<String>>,
    further: &BTreeMap<Field, Vec<String>>,
) -> BTreeMap<Field, Vec<String>> {
    let default = |field| nothing::placeholders(field).into_iter().map(str::to_owned).collect();
    let all = |field: Field| {
        let words: Vec<String> = own.get(&field).cloned().unwrap_or_else(|| default(field));
        (field, words.into_iter().chain(further.get(&field).into_iter().flatten().cloned()).collect())
    };
    Field::ALL.into_iter().map(all).collect()
}

/// The relations that a rate names; a hint is part of none.
pub(super) fn relations(
    path: &str,
    raw: &[String],
    definitions: &Definitions,
    check: &mut Check,
) -> Vec<Relation> {
    if raw.is_empty() {
        check.fail(path, message!("needs-at-least-one-relation"));
    }
    let own = definitions.own_relations();
    let keys = own.iter().enumerate().map(|(at, own)| (own.key.as_str(), Relation::Own(at as u8)));
    let built_in = if definitions.is_without_preset { &[][..] } else { &Relation::ALL };
    let built_in = built_in.iter().map(|relation| (relation.key(), *relation));
    let known: Vec<(&str, Relation)> = built_in.chain(keys).collect();
    let mut out: Vec<Relation> = Vec::new();
    for (at, key) in raw.iter().enumerate() {
        let place = format!("{path}.{at}");
        match known.iter().find(|(known, _)| known == key) {
            Some((_, relation)) if out.contains(relation) => {
                check.fail(path, message!("is-listed-twice", key));
            }
            Some((_, Relation::Own(at))) if own[usize::from(*at)].is_hint => {
                check.fail(&place, message!("is-a-hint-and-part-of-no", key));
            }
            Some((_, relation)) => out.push(*relation),
            None => {
                check.fail(&place, unknown(message!("relation"), key, known.iter().map(|(known, _)| *known)))
            }
        }
    }
    out
}

pub(super) fn scoring(raw: &RawScoring, rates: MeasuredRates<'_>, check: &mut Check) -> Option<Scoring> {
    let mut weight = |name: &str, points: &RawPoints| {
        check.keep(&format!("scoring.weights.{name}"), exact_values::points(points))
    };
    let coverage = weight("coverage", &raw.weights.coverage);
    let completeness = weight("completeness", &raw.weights.completeness);
    let accuracy = weight("accuracy", &raw.weights.accuracy);
    let weights = Weights { coverage: coverage?, completeness: completeness?, accuracy: accuracy? };
    let further: Ratio<u64> = rates.own.iter().map(|own| own.weight).sum();
    let sum = weights.coverage + weights.completeness + weights.accuracy + further;
    if !rates.has_coverage && weights.coverage != Ratio::from_integer(0) {
        check.fail("scoring.weights", message!("give-the-points-of-coverage-to-other-rates"));
    } else if sum != Ratio::from_integer(100) {
        check.fail("scoring.weights", message!("the-weights-add-up-to-not", sum));
    }
    let vetoes = raw.veto.iter().enumerate().map(|(i, veto)| {
        let below = target(&format!("scoring.veto.{i}.below"), &veto.below, check)?;
        let indicator = rates.find(&format!("scoring.veto.{i}.indicator"), &veto.indicator, check)?;
        let reason = reason(&format!("scoring.veto.{i}.reason"), &veto.reason, check);
        Some(Veto { indicator, below, reason })
    });
    let vetoes = vetoes.collect::<Option<Vec<_>>>()?;
    let deductions = raw.deductions.iter().enumerate().map(|(i, deduction)| {
        let path = format!("scoring.deductions.{i}");
        let points = check.keep(&format!("{path}.points"), exact_values::points(&deduction.points))?;
        let reason = reason(&format!("{path}.reason"), &deduction.reason, check);
        Some(Deduction { unit: deduction.unit.clone(), points, reason })
    });
    let deductions = deductions.collect::<Option<Vec<_>>>()?;
    Some(Scoring { weights, vetoes, deductions })
}

/// What ranks by points, in `ranking.order`.
pub(super) const SCORE: &str = "score";

pub(super) fn ranking(raw: &RawRanking, rates: MeasuredRates<'_>, check: &mut Check) -> Option<Ranking> {
    let distinct: BTreeSet<&String> = raw.order.iter().collect();
    if raw.order.is_empty() || distinct.len() != raw.order.len() {
        check.fail("ranking.order", message!("names-what-decides-first-to-last"));
        return None;
    }
    let mut key = |(at, key): (usize, &String)| match key.as_str() {
        SCORE => Some(RankKey::Score),
        name => {
            let found = rates.find_beside(&format!("ranking.order.{at}"), name, Some(SCORE), check);
            found.map(RankKey::Rate)
        }
    };
    // The default order has coverage, which an office that does not measure it need not take out.
    let is_default = raw.order == RawRanking::default().order;
    let is_measured = |key: &&String| rates.has_coverage || !is_default || **key != Indicator::Coverage.key();
    let order: Option<Vec<RankKey>> =
        raw.order.iter().filter(is_measured).enumerate().map(&mut key).collect();
    let level = raw.level.as_ref().map(|raw| level(raw, check));
    Some(Ranking {
        by_kind: raw.group_by == RawGroupBy::Kind,
        order: order?,
        min_records: raw.min_records,
        level,
        except: raw.except.iter().map(|unit| trim_text(unit).to_owned()).collect(),
    })
}

fn level(raw: &RawUnitLevel, check: &mut Check) -> Level {
    let level = match raw {
        RawUnitLevel::Depth(depth) => Level::Depth(*depth),
        RawUnitLevel::Kind(kind) => Level::Kinds(vec![kind.trim().to_owned()]),
        RawUnitLevel::Kinds(kinds) => Level::Kinds(kinds.iter().map(|kind| kind.trim().to_owned()).collect()),
    };
    let is_usable = match &level {
        Level::Depth(depth) => *depth > 0,
        Level::Kinds(kinds) => !kinds.is_empty() && kinds.iter().all(|kind| !kind.is_empty()),
    };
    if !is_usable {
        check.fail("ranking.level", message!("is-a-kind-of-unit-a"));
    }
    level
}

pub(super) fn guards(raw: &RawGuards, check: &mut Check) -> Option<Guards> {
    let mut limit = |key: &str, text: &str| check.keep(&format!("guards.{key}"), exact_values::limit(text));
    let records = limit("max_record_drop", &raw.max_record_drop);
    let rates = limit("max_rate_drop", &raw.max_rate_drop);
    let unit = limit("max_unit_drop", &raw.max_unit_drop);
    let units = limit("max_unknown_units", &raw.max_unknown_units);
    let times = limit("max_unreadable_times", &raw.max_unreadable_times);
    let births = limit("max_unreadable_birth_dates", &raw.max_unreadable_birth_dates);
    let values = limit("max_invalid_values", &raw.max_invalid_values);
    let numbers = limit("max_cut_id_numbers", &raw.max_cut_id_numbers);
    let malformed = limit("max_malformed_roster_ids", &raw.max_malformed_roster_ids);
    let blank = limit("max_blank_field", &raw.max_blank_field);
    let words = limit("max_unknown_words", &raw.max_unknown_words);
    let failed = limit("max_failed_relation", &raw.max_failed_relation);
    let misread = limit("max_misread_texts", &raw.max_misread_texts);
    let repeated = limit("max_repeated_records", &raw.max_repeated_records);
    let roster = limit("max_roster_drop", &raw.max_roster_drop);
    Some(Guards {
        max_record_drop: records?,
        max_rate_drop: rates?,
        max_unit_drop: unit?,
        max_unknown_units: units?,
        max_unreadable_times: times?,
        max_unreadable_birth_dates: births?,
        max_invalid_values: values?,
        max_cut_id_numbers: numbers?,
        max_malformed_roster_ids: malformed?,
        hold_repeated_head_counts: raw.hold_repeated_head_counts,
        max_blank_field: blank?,
        max_unknown_words: words?,
        max_failed_relation: failed?,
        max_misread_texts: misread?,
        max_repeated_records: repeated?,
        max_roster_drop: roster?,
        hold_partial_rows: raw.hold_partial_rows,
        hold_ranked_parents: raw.hold_ranked_parents,
        hold_missing_lists: raw.hold_missing_lists,
    })
}
