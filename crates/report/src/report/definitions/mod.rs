//! The definitions in use as sentences: printed as 口径说明, so that no rule is hidden in code.

mod changed;
mod chinese;
mod english;
mod scoring;

pub use scoring::RulesModel;

use std::collections::BTreeMap;

use super::words::{Words, fill, of_subject};
use crate::report::wording;
use tongbao_config::settings::{
    CountedPersons, CountedRecords, CoverageMethod, DivisionLevel, Indicator, Indicators, Measure, OnInvalid,
    OnMissing, OwnIndicator, Relation, ReportLanguage,
};
use tongbao_figures::ranking::comparable::Comparable;
use tongbao_figures::ranking::results::{Results, Rules};
use tongbao_register::field::Field;
use tongbao_register::nothing::OF_PROGRAMS;
use tongbao_register::succession::Succession;
use tongbao_rule::definitions::{RelationDefinition, ValueType};
use tongbao_rule::words::SentenceLanguage;

/// One rule as it is printed: what it is called, and what is divided by what.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PrintedDefinition {
    /// What it is called: 覆盖率.
    pub term: String,
    /// What it is, as a sentence.
    pub text: String,
}

/// The sentences of a language. `{}` stands for a value.
struct Sentences {
    coverage_roster: &'static str,
    coverage_baseline: &'static str,
    /// What a record is; more where coverage is measured against a roster.
    records: Pair,
    records_and_roster: &'static str,
    /// Which records count: column and values, a blank one, what stands between values, column of the day of leaving.
    counted_by_mark: &'static str,
    counted_blank: &'static str,
    counted_or: &'static str,
    counted_until: &'static str,
    completeness_records: &'static str,
    completeness_cells: &'static str,
    /// How many fields are counted, and which; whom marital status does not apply to; the number of the built-in
    /// ones in words.
    fields: &'static str,
    marital_applies: &'static str,
    nine: &'static str,
    /// What the share of one field, and that of one relation, is divided by.
    share_of_field: &'static str,
    share_of_relation: &'static str,
    /// An own field, and the records that it applies to.
    field_applies: &'static str,
    /// How the stages of an own relation decide, and what an invalid value does: it fails, or is skipped.
    own_relations: Pair,
    own_invalid: [&'static str; 2],
    /// What a blank value does in those that are no part of accuracy: it fails, or is skipped.
    own_missing: [&'static str; 2],
    blank: Pair,
    /// Further values of one field: field, values.
    /// What programs write for no value.
    blank_of_programs: &'static str,
    blank_own: &'static str,
    quoted: &'static str,
    between_quoted: &'static str,
    /// How many relations, and which.
    accuracy: &'static str,
    /// What becomes of records that a relation cannot judge: a blank value fails or is skipped, and so does an invalid one.
    undecided: [[&'static str; 2]; 2],
    /// The same where there are own fields alone.
    own_undecided: [[&'static str; 2]; 2],
    /// That relations of their own `on_missing` say so.
    unless_stated: &'static str,
    /// What accuracy is divided by: all records, or those that a relation judges.
    of_all_records: &'static str,
    of_judged_records: &'static str,
    /// In the order of [`Relation::ALL`].
    relations: [&'static str; 5],
    /// Province, city, county.
    levels: [&'static str; 3],
    /// ID numbers that relations read: what these do with a number that is none.
    id_numbers: Pair,
    /// They fail it, or skip it.
    malformed: [&'static str; 2],
    /// ID numbers of persons that no relation reads.
    unread_id_numbers: &'static str,
    /// ID numbers where the register does not list persons.
    own_id_numbers: &'static str,
    /// Cut-off, totals.
    closing: [Pair; 2],
    /// How values of an identity that is no ID number are compared.
    identity: &'static str,
    /// The score: the points of each indicator; one of them; what deductions do.
    score: Pair,
    points: &'static str,
    deducted: &'static str,
    /// Targets and points of kinds of units: the term; the kind and its targets; its points; that all others are as above.
    kinds: &'static str,
    kind_targets: &'static str,
    kind_points: &'static str,
    other_points: &'static str,
    /// A rate and its target.
    kind_target: &'static str,
    /// What a unit without records has.
    silent: &'static str,
    /// What one has of which a rate cannot be computed: by itself, and behind the sentence before.
    no_score: [&'static str; 2],
    /// Proven exceptions: the rule; that none counts; a relation with its reasons; one of these; records that are accurate.
    exceptions: Pair,
    no_exceptions: &'static str,
    proved_relation: &'static str,
    proved_reason: &'static str,
    proved_accurate: &'static str,
    /// Rates of the office's own: filled, valid, passed; of which fields or relations.
    own_fields: &'static str,
    own_valid: &'static str,
    own_passed: &'static str,
    /// What one count of such a rate stands for.
    own_counted: &'static str,
    /// 一票否决: the cases; one of them: indicator and limit; the reason as it is configured.
    veto: Pair,
    below: &'static str,
    because: &'static str,
    /// The ranking: its term, groups, order, and who takes part.
    rank: &'static str,
    in_groups: &'static str,
    /// The same where a group has targets or points of its own.
    in_groups_by_own_rules: &'static str,
    /// Groups of which one stands above another.
    in_groups_alone: &'static str,
    in_one_group: &'static str,
    order: &'static str,
    order_of_one: &'static str,
    score_key: &'static str,
    least_records: &'static str,
    ranked_kinds: &'static str,
    ranked_depth: &'static str,
    not_ranked: &'static str,
    /// Named rosters: which, how they are compared, and which of them coverage is measured against.
    reconciliation: Pair,
    measured_all: &'static str,
    measured_one: &'static str,
    /// Rates were defined otherwise in the run before: its period and these rates; rates that are counted no more; a term
    /// with its text of then; terms that are new; what has changed where all texts are the same.
    changed: Pair,
    left_out: &'static str,
    counted_before: &'static str,
    counted_now: &'static str,
    read_otherwise: &'static str,
    /// What scores and ranks rest on has changed since the run before, and what verdicts rest on: its period.
    other_rules: Pair,
    other_verdicts: &'static str,
    /// How figures are rounded, so that printed arithmetic adds up.
    rounding: Pair,
    /// What the points of the rates add up to: plainly, with vetoes, with deductions, with both.
    points_add_up: [&'static str; 4],
    /// Units with more persons than expected.
    in_doubt: Pair,
    /// Units above others.
    tree: Pair,
    /// Units that have ended: the term, and what became of one: old name, last day, and the unit that
    /// its records count for.
    changes: &'static str,
    merged: &'static str,
    /// New name, last day of the old one, old name.
    renamed: &'static str,
    dissolved: &'static str,
    /// How many are not listed.
    further: &'static str,
}

/// Term and text.
type Pair = (&'static str, &'static str);

/// The definitions that the indicators in use follow, in the order of the documents.
pub fn definitions(rules: Rules, results: &Results, language: ReportLanguage) -> Vec<PrintedDefinition> {
    let (say, indicators) = (sentences(language), rules.indicators);
    let words = Words::of(language);
    let rule = |term: &str, text: String| PrintedDefinition { term: term.to_owned(), text };
    let mut out = counted(indicators, language);
    if indicators.own_relations().next().is_some() {
        let invalid = say.own_invalid[skips_invalid(indicators)];
        let missing = missing_apart(indicators, say);
        out.push(rule(say.own_relations.0, format!("{}{invalid}{missing}", say.own_relations.1)));
    }
    if let Some(rules) = &indicators.exceptions {
        let text = exceptions(&rules.reasons, results, indicators, (say, words), language);
        out.push(rule(say.exceptions.0, format!("{}{text}", say.exceptions.1)));
    }
    if let Some(before) = &results.changed {
        out.push(rule(say.changed.0, changed::text(before, indicators, language)));
    }
    out.extend(scoring::definitions(rules, results, say, words));
    if let Some(before) = &results.compared {
        let Comparable { ranks, verdicts, .. } = before.comparable;
        let texts = [(ranks, say.other_rules.1), (verdicts, say.other_verdicts)].into_iter();
        let texts = texts.filter(|(is_compared, _)| !is_compared);
        let text: String =
            texts.map(|(_, text)| fill(text, &[&wording::period(before.period, language)])).collect();
        if !text.is_empty() {
            out.push(rule(say.other_rules.0, text));
        }
    }
    if let Some(subject) = &indicators.subject {
        out.push(rule(indicators.field_label(subject.identity, language), say.identity.to_owned()));
    }
    out.extend(id_numbers(indicators, say).map(|text| rule(say.id_numbers.0, text)));
    out.extend(say.closing.map(|(term, text)| rule(term, text.to_owned())));
    let scoring = rules.scoring;
    let sums = usize::from(!scoring.vetoes.is_empty()) + 2 * usize::from(!scoring.deductions.is_empty());
    out.push(rule(say.rounding.0, fill(say.rounding.1, &[say.points_add_up[sums]])));
    if results.assessed().any(|unit| unit.figures.exceeds_expected()) {
        let text = of_subject(say.in_doubt.1, indicators, language).into_owned();
        out.push(rule(say.in_doubt.0, text));
    }
    let named: Vec<&str> = indicators.coverage.rosters.named.iter().map(|r| r.label.as_str()).collect();
    if !named.is_empty() {
        let measured = indicators.coverage.rosters.measured.map(|i| named[i]);
        let measured = match (measured, named.len()) {
            (Some(label), 2..) => fill(say.measured_one, &[label]),
            (None, 2..) => of_subject(say.measured_all, indicators, language).into_owned(),
            _ => String::new(),
        };
        let sentence = of_subject(say.reconciliation.1, indicators, language);
        let text = fill(&sentence, &[&words.list(&named)]);
        out.push(rule(say.reconciliation.0, format!("{text}{measured}")));
    }
    if results.units.iter().any(|unit| unit.level > 1) {
        out.push(rule(say.tree.0, say.tree.1.to_owned()));
    }
    let changes = changes(results, say, language);
    if !changes.is_empty() {
        out.push(rule(say.changes, changes));
    }
    out
}

/// What is counted: by built-in rates, relations and own rates.
fn counted(indicators: &Indicators, language: ReportLanguage) -> Vec<PrintedDefinition> {
    let (say, words) = (sentences(language), Words::of(language));
    let rule = |term: &str, text: String| PrintedDefinition { term: term.to_owned(), text };
    let covered = coverage(indicators.coverage.method, say).map(|text| {
        rule(words.name(Indicator::Coverage, indicators), of_subject(text, indicators, language).into_owned())
    });
    let mut out: Vec<PrintedDefinition> = covered.into_iter().collect();
    out.extend([
        rule(say.records.0, of_subject(&records(indicators, say), indicators, language).into_owned()),
        rule(words.name(Indicator::Completeness, indicators), completeness(indicators, say, words, language)),
        rule(say.blank.0, placeholders(indicators, say, words, language)),
        rule(words.name(Indicator::Accuracy, indicators), accuracy(indicators, say, words, language)),
    ]);
    out.extend(
        indicators
            .listed_relations()
            .into_iter()
            .map(|one| rule(&words.relation_name(one, indicators), relation(one, indicators, say, language))),
    );
    out.extend(indicators.own.iter().zip(0u8..).map(|(own, at)| {
        let label = indicators.own_indicator_label(at, language);
        rule(label, own_rate(own, indicators, say, words, language))
    }));
    out
}

/// How many records pass by proven exceptions alone: by relation and reason, and in accuracy.
fn exceptions(
    reasons: &BTreeMap<String, String>,
    results: &Results,
    indicators: &Indicators,
    (say, words): (&Sentences, &Words),
    language: ReportLanguage,
) -> String {
    let proved = &results.exceptions;
    if proved.is_empty() {
        return say.no_exceptions.to_owned();
    }
    let mut relations: Vec<Relation> = proved.passed.keys().map(|(relation, _)| *relation).collect();
    relations.dedup();
    let of = |relation: &Relation| {
        let own = proved.passed.iter().filter(|((of, _), _)| of == relation);
        let reason = |((_, code), count): (&(Relation, String), &u64)| {
            let label = reasons.get(code).map_or(code.as_str(), String::as_str);
            fill(say.proved_reason, &[label, &count.to_string()])
        };
        let reasons: Vec<String> = own.map(reason).collect();
        let count = proved.of_relation(*relation).to_string();
        let label = indicators.relation_label(*relation, language);
        fill(say.proved_relation, &[label, &count, &words.list(&reasons)])
    };
    let relations: Vec<String> = relations.iter().map(of).collect();
    let accurate = fill(say.proved_accurate, &[&proved.accurate.to_string()]);
    format!("{}{accurate}", relations.join(words.semicolon))
}

/// Longest list of units that have ended.
const CHANGES: usize = 30;

/// What has become of the units that have ended, those that ended last first.
fn changes(results: &Results, say: &Sentences, language: ReportLanguage) -> String {
    let name = |code: &str| {
        let unit = results.units.iter().find(|unit| unit.unit.code == code);
        unit.map_or(code.to_owned(), |unit| unit.full_name.clone())
    };
    let mut ended: Vec<&Succession> = results.successions.iter().collect();
    ended.sort_by_key(|change| std::cmp::Reverse(change.until));
    let sentences: Vec<String> = ended
        .into_iter()
        .filter_map(|Succession { code, name: old, until, successor }| {
            let until = wording::date(*until, language);
            match successor.as_deref() {
                None => Some(fill(say.dissolved, &[old, &until])),
                // The same unit under another name, unless only its kind or place has changed.
                Some(own) if own == code => {
                    (name(own) != *old).then(|| fill(say.renamed, &[&name(own), &until, old]))
                }
                Some(successor) => Some(fill(say.merged, &[old, &until, &name(successor)])),
            }
        })
        .collect();
    let mut text = sentences.iter().take(CHANGES).map(String::as_str).collect::<String>();
    if sentences.len() > CHANGES {
        text.push_str(&fill(say.further, &[&(sentences.len() - CHANGES).to_string()]));
    }
    text
}

fn sentences(language: ReportLanguage) -> &'static Sentences {
    match language {
        ReportLanguage::Chinese => &chinese::SENTENCES,
        ReportLanguage::English => &english::SENTENCES,
    }
}

fn records(indicators: &Indicators, say: &Sentences) -> String {
    let is_of_roster = indicators.coverage.method == CoverageMethod::Roster;
    let roster = if is_of_roster { say.records_and_roster } else { "" };
    let CountedRecords { only, left_at } = &indicators.counted_records;
    let value = |value: &String| match value.is_empty() {
        true => say.counted_blank.to_owned(),
        false => fill(say.quoted, &[value.as_str()]),
    };
    let marks = only.iter().map(|(column, values)| {
        let values: Vec<String> = values.iter().map(value).collect();
        fill(say.counted_by_mark, &[column.as_str(), &values.join(say.counted_or)])
    });
    let left = left_at.iter().map(|column| fill(say.counted_until, &[column.as_str()]));
    format!("{}{}{roster}", say.records.1, marks.chain(left).collect::<String>())
}

fn coverage(method: CoverageMethod, say: &Sentences) -> Option<&'static str> {
    match method {
        CoverageMethod::Roster => Some(say.coverage_roster),
        CoverageMethod::Baseline => Some(say.coverage_baseline),
        CoverageMethod::None => None,
    }
}

fn completeness(indicators: &Indicators, say: &Sentences, words: &Words, language: ReportLanguage) -> String {
    let counted = match indicators.completeness.counted {
        CountedPersons::Records => say.completeness_records,
        CountedPersons::Cells => say.completeness_cells,
    };
    let fields = indicators.fields();
    let labels: Vec<&str> = fields.iter().map(|field| indicators.field_label(*field, language)).collect();
    let count = if fields == Field::ALL { say.nine.to_owned() } else { fields.len().to_string() };
    let applies = fields.iter().filter_map(|field| applies(*field, indicators, say, language));
    let marital = if fields.contains(&Field::MaritalStatus) { say.marital_applies } else { "" };
    let named = fill(say.fields, &[&count, &words.list(&labels)]);
    format!("{counted}{named}{marital}{}{}", applies.collect::<String>(), say.share_of_field)
}

/// Which records an own field applies to; that of a built-in one is part of the sentence.
fn applies(
    field: Field,
    indicators: &Indicators,
    say: &Sentences,
    language: ReportLanguage,
) -> Option<String> {
    let definition = &indicators.definitions.fields[field.index()];
    let is_own = matches!(field, Field::Own(_)) && !definition.applies.is_empty();
    let phrase = || indicators.definitions.phrase(&definition.applies, sentence_language(language));
    is_own.then(|| fill(say.field_applies, &[indicators.field_label(field, language), &phrase()]))
}

/// How numbers of identity cards are read. What they do to relations is said where one in use reads them; persons are
/// known by theirs in any case.
fn id_numbers(indicators: &Indicators, say: &Sentences) -> Option<String> {
    let read = indicators.read_by_own_relations();
    let mut fields = indicators.definitions.fields.iter().enumerate();
    let reads_own = fields.any(|(at, field)| read >> at & 1 == 1 && field.value_type == ValueType::CitizenId);
    let relations = indicators.counted_relations();
    let reads_built_in = relations.iter().any(|relation| relation.reads().contains(&Field::IdNumber));
    match (&indicators.subject, reads_own || reads_built_in) {
        (None, true) => Some(fill(say.id_numbers.1, &[say.malformed[skips_invalid(indicators)]])),
        (None, false) => Some(say.unread_id_numbers.to_owned()),
        (Some(_), true) => Some(say.own_id_numbers.to_owned()),
        (Some(_), false) => None,
    }
}

/// What a blank value does in own relations that the sentences on accuracy do not speak of: hints, and those of other rates.
fn missing_apart(indicators: &Indicators, say: &Sentences) -> String {
    let of_rate = indicators.own.iter().flat_map(|own| match &own.measure {
        Measure::Relations(relations) => relations.as_slice(),
        Measure::Fields(_) | Measure::Valid(_) => &[],
    });
    let apart: Vec<Relation> = indicators
        .hints()
        .chain(of_rate.copied())
        .filter(|relation| !indicators.accuracy.relations.contains(relation))
        .collect();
    if apart.is_empty() {
        return String::new();
    }
    let skips = indicators.accuracy.on_missing == OnMissing::Skip;
    let is_other = |relation: &Relation| indicators.fails_on_missing(*relation) == skips;
    let unless = if apart.iter().any(is_other) { say.unless_stated } else { "" };
    format!("{}{unless}", say.own_missing[usize::from(skips)])
}

fn sentence_language(language: ReportLanguage) -> SentenceLanguage {
    match language {
        ReportLanguage::Chinese => SentenceLanguage::Chinese,
        ReportLanguage::English => SentenceLanguage::English,
    }
}

/// The values that count as blank: those common to all fields once, then what some fields have besides.
fn placeholders(indicators: &Indicators, say: &Sentences, words: &Words, language: ReportLanguage) -> String {
    let definitions = &indicators.definitions;
    let of = |field: &Field| -> &[String] {
        match field {
            Field::Own(_) => &definitions.fields[field.index()].placeholders,
            built_in => indicators.completeness.placeholders.get(built_in).map_or(&[], Vec::as_slice),
        }
    };
    let read = indicators.read_by_own();
    let own = (0..definitions.own_fields().len() as u8).map(Field::Own);
    let built_in = if indicators.subject.is_none() { &Field::ALL[..] } else { &[] };
    let own = own.filter(|field| read >> field.index() & 1 == 1);
    let built_in = built_in.iter().copied().filter(|field| indicators.reads(*field));
    let fields: Vec<Field> = built_in.chain(own).collect();
    let first = fields.first().map(of).unwrap_or_default();
    let mut common: Vec<&String> =
        first.iter().filter(|value| fields.iter().all(|field| of(field).contains(value))).collect();
    let quote = |values: &[&String]| -> String {
        let quoted: Vec<String> = values.iter().map(|value| fill(say.quoted, &[value])).collect();
        if say.between_quoted.is_empty() { quoted.concat() } else { words.list(&quoted) }
    };
    let is_of_programs = |value: &&String| OF_PROGRAMS.contains(&value.as_str());
    let mut parts = Vec::new();
    // What programs write is one kind of thing, if all of it counts.
    let mut listed = common.clone();
    if common.iter().filter(|value| is_of_programs(value)).count() == OF_PROGRAMS.len() {
        parts.push(say.blank_of_programs.to_owned());
        listed.retain(|value| !is_of_programs(value));
    }
    parts.push(quote(&listed));
    parts.retain(|part| !part.is_empty());
    let mut text = fill(say.blank.1, &[&words.list(&parts)]);
    let mut others: Vec<(Vec<&str>, String)> = Vec::new();
    common.sort_unstable();
    for field in fields {
        let values = of(&field);
        let own: Vec<&String> = values.iter().filter(|value| common.binary_search(value).is_err()).collect();
        let own = quote(&own);
        match others.iter_mut().find(|(_, known)| *known == own) {
            Some((fields, _)) => fields.push(indicators.field_label(field, language)),
            None => others.push((vec![indicators.field_label(field, language)], own)),
        }
    }
    for (fields, own) in others.iter().filter(|(_, own)| !own.is_empty()) {
        text.push_str(&fill(say.blank_own, &[&words.list(fields), own]));
    }
    text
}

/// Which of two sentences on invalid values holds.
fn skips_invalid(indicators: &Indicators) -> usize {
    usize::from(indicators.accuracy.on_invalid == OnInvalid::Skip)
}

fn accuracy(indicators: &Indicators, say: &Sentences, words: &Words, language: ReportLanguage) -> String {
    let accuracy = &indicators.accuracy;
    let names: Vec<&str> =
        accuracy.relations.iter().map(|r| indicators.relation_label(*r, language)).collect();
    let undecided = if indicators.subject.is_some() { &say.own_undecided } else { &say.undecided };
    let missing = undecided[usize::from(accuracy.on_missing == OnMissing::Skip)][skips_invalid(indicators)];
    let default = accuracy.on_missing == OnMissing::Fail;
    let is_other = |relation: &Relation| indicators.fails_on_missing(*relation) != default;
    let unless = if indicators.listed_relations().iter().any(is_other) { say.unless_stated } else { "" };
    let divided = if indicators.judges_all_records() { say.of_all_records } else { say.of_judged_records };
    let count = accuracy.relations.len().to_string();
    let share = if accuracy.relations.is_empty() { "" } else { say.share_of_relation };
    format!("{}{missing}{unless}{divided}{share}", fill(say.accuracy, &[&count, &words.list(&names)]))
}

/// What a rate of the office's own counts; a relation that accuracy does not explain is explained here.
fn own_rate(
    own: &OwnIndicator,
    indicators: &Indicators,
    say: &Sentences,
    words: &Words,
    language: ReportLanguage,
) -> String {
    let field = |field: &Field| indicators.field_label(*field, language);
    let (sentence, names): (&str, Vec<&str>) = match &own.measure {
        Measure::Fields(fields) => (say.own_fields, fields.iter().map(field).collect()),
        Measure::Valid(fields) => (say.own_valid, fields.iter().map(|(of, _)| field(of)).collect()),
        Measure::Relations(relations) => {
            let label = |relation: &Relation| indicators.relation_label(*relation, language);
            (say.own_passed, relations.iter().map(label).collect())
        }
    };
    let further = match &own.measure {
        Measure::Relations(relations) => {
            let unexplained = relations.iter().filter(|one| !indicators.accuracy.relations.contains(one));
            unexplained.map(|one| relation(*one, indicators, say, language)).collect()
        }
        Measure::Valid(fields) => {
            let gap = if language == ReportLanguage::English { " " } else { "" };
            fields
                .iter()
                .filter_map(|(_, one)| valid(*one, indicators, language))
                .collect::<Vec<_>>()
                .join(gap)
        }
        Measure::Fields(_) => String::new(),
    };
    let counted = own.counted.as_ref().map(|counted| match language {
        ReportLanguage::Chinese => &counted.zh,
        ReportLanguage::English => &counted.en,
    });
    let counted = counted.map(|counted| fill(say.own_counted, &[counted])).unwrap_or_default();
    format!("{}{counted}{further}", fill(sentence, &[&words.list(&names)]))
}

/// What the values of a field should be, without the words that blank ones are not judged, which the rate says of all.
fn valid(relation: Relation, indicators: &Indicators, language: ReportLanguage) -> Option<String> {
    let Relation::Own(at) = relation else { return None };
    let own = indicators.definitions.own_relations().get(usize::from(at))?;
    let of_filled = RelationDefinition { when: Vec::new(), ..own.clone() };
    Some(indicators.definitions.sentence(&of_filled, sentence_language(language)))
}

fn relation(
    relation: Relation,
    indicators: &Indicators,
    say: &Sentences,
    language: ReportLanguage,
) -> String {
    let own = match relation {
        Relation::Own(at) => indicators.definitions.own_relations().get(usize::from(at)),
        _ => None,
    };
    if let Some(own) = own {
        return indicators.definitions.sentence(own, sentence_language(language));
    }
    let level = match indicators.accuracy.household_level {
        DivisionLevel::Province => say.levels[0],
        DivisionLevel::City => say.levels[1],
        DivisionLevel::County => say.levels[2],
    };
    fill(say.relations[relation.index()], &[level])
}
