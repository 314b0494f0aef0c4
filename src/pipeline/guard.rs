//! Guards: when a run is held for a person to look at, instead of being sent.

mod of_units;

use num_rational::Ratio;

use crate::config::settings::{CountedPersons, Relation, Report, Settings};
use crate::indicator::counts::Counts;
use crate::indicator::rate::Rate;
use crate::indicator::unread::SourceFindings;
use crate::ranking::input_mismatch::InputMismatch;
use crate::ranking::results::Results;
use crate::ranking::unit_result::UnitResult;
use crate::register::field::Field;
use crate::register::id_number::Sex;
use crate::report::words::{HeldWords, Words, fill, of_subject};

/// The reasons to hold a run; none = it may leave. Compared by exact fractions.
pub(super) fn reasons(
    settings: &Settings,
    report: &Report,
    results: &Results,
    before: Option<&Results>,
    mismatches: &[InputMismatch],
    source: &SourceFindings,
) -> Vec<String> {
    let words = Words::of(report.language);
    let mut out = Vec::new();
    if results.all_records() == 0 {
        out.push(words.held.no_records.to_owned());
    }
    if let Some(changed) = results.changed.as_ref().filter(|changed| !changed.rates.is_empty()) {
        let names = changed.rates.iter().map(|rate| words.name(*rate, &settings.indicators));
        out.push(fill(words.held.definitions_changed, &[&words.list(&names.collect::<Vec<_>>())]));
    }
    if report.sign_off {
        out.push(words.held.sign_off.to_owned());
    }
    if let (Some(limit), Some(before)) = (settings.guards.max_record_drop, before) {
        let (now, then) = (results.all_records(), before.all_records());
        if exceeds(then.saturating_sub(now), then, limit) {
            out.push(fill(words.held.record_drop, &[&then.to_string(), &now.to_string()]));
        }
    }
    if let (Some(limit), Some(before)) = (settings.guards.max_rate_drop, before) {
        let indicators = &settings.indicators;
        for indicator in indicators.all() {
            if dropped(results.totals.rate(indicator), before.totals.rate(indicator), limit) {
                out.push(fill(words.held.rate_drop, &[words.name(indicator, indicators)]));
            }
        }
    }
    if let (Some(limit), Some(before)) = (settings.guards.max_unit_drop, before) {
        out.extend(of_units::fallen(results, limit, words));
        out.extend(of_units::gone(results, before, words));
    }
    if let (Some(limit), Some(before)) = (settings.guards.max_roster_drop, before) {
        let (now, then) = (results.roster_persons, before.roster_persons);
        if exceeds(then.saturating_sub(now), then, limit) {
            out.push(fill(words.held.roster_drop, &[&then.to_string(), &now.to_string()]));
        }
    }
    let texts = not_understood(settings, results, source, &words.held).into_iter();
    let texts = texts
        .chain(invalid_values(settings, results, words))
        .chain(unknown_words(settings, results, report))
        .chain(coded_sexes(settings, results, source, words))
        .chain(zeros(settings, source, report))
        .chain(blank_fields(settings, results, report))
        .chain(failed_relations(settings, results, report))
        .chain(lists_as_wholes(settings, source, &words.held))
        .chain(of_units::named_units(settings, source, words))
        .chain(of_units::misread_units(settings, results, source, words))
        .chain(of_units::faults_of_units(settings, results, source, words))
        .chain(slips_of_the_year(settings, results, source, &words.held))
        .chain(of_units::misspelt_units(settings, source, words))
        .chain(of_units::repeated_units(settings, results, words))
        .chain(mismatches.iter().filter_map(|mismatch| unjudged(mismatch, &words.held)));
    out.extend(texts.map(|(text, values)| {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        fill(&of_subject(text, &settings.indicators, words.language), &values)
    }));
    out
}

/// A reason to hold a run, and the values in it.
type HeldText = (&'static str, Vec<String>);

/// Most units that a reason names.
const NAMED: usize = 5;

/// The first of them, and how many there are.
fn listed(all: &[String], words: &Words) -> String {
    match all.get(..NAMED).filter(|named| named.len() < all.len()) {
        Some(named) => {
            format!(
                "{}{}",
                named.join(words.comma),
                fill(words.held.further_units, &[&all.len().to_string()])
            )
        }
        None => words.list(all),
    }
}

/// What was filled but not understood, and is more than its limit: it could be anything.
fn not_understood(
    settings: &Settings,
    results: &Results,
    source: &SourceFindings,
    words: &HeldWords,
) -> Vec<HeldText> {
    let (guards, found, counts) = (&settings.guards, &results.findings, &source.head_counts);
    let (counted, records, roster) = (results.all_records(), results.records_read, results.roster_persons);
    let listed = roster + found.roster_without_id + found.roster_duplicates;
    // Where none has one there is no coverage at all, which is said.
    let without_id = if roster > 0 { found.roster_without_id } else { 0 };
    // Who reads that a list was read twice would look for it in vain.
    let max_repeated = guards.max_repeated_records.filter(|_| !found.explain(results.duplicates));
    let limits = [
        (guards.max_unknown_units, results.unknown_unit_records, counted, words.unknown_units),
        (max_repeated, results.duplicates, counted, words.repeated_records),
        (guards.max_unknown_units, found.roster_unknown_unit, roster, words.unknown_roster_units),
        (guards.max_unknown_units, counts.unknown.total(), counts.persons, words.unknown_head_counts),
        (guards.max_unreadable_times, found.invalid_registered_at, records, words.unreadable_times),
        (guards.max_unreadable_birth_dates, found.invalid_birth_dates, records, words.unreadable_birth_dates),
        (guards.max_cut_id_numbers, found.cut_id_numbers, records, words.cut_id_numbers),
        (guards.max_cut_id_numbers, found.roster_cut_ids, roster, words.cut_roster_ids),
        (guards.max_malformed_roster_ids, found.roster_malformed_ids, roster, words.malformed_roster_ids),
        (guards.max_malformed_roster_ids, without_id, listed, words.entries_without_id),
    ];
    let is_held = |(limit, part, whole, _): &(Option<Ratio<u64>>, u64, u64, _)| {
        limit.is_some_and(|limit| exceeds(*part, *whole, limit))
    };
    limits
        .into_iter()
        .filter(is_held)
        .map(|(_, part, whole, text)| (text, vec![part.to_string(), whole.to_string()]))
        .collect()
}

/// Own fields of which no relation asks whether their values are valid.
fn unasked_fields<'a>(
    settings: &'a Settings,
    results: &'a Results,
    words: &Words,
) -> impl Iterator<Item = (u8, &'a str)> {
    let (indicators, language) = (&settings.indicators, words.language);
    let unasked =
        results.findings.invalid_values.keys().filter(|own| !indicators.asks_validity(Field::Own(**own)));
    unasked.map(move |own| (*own, indicators.field_label(Field::Own(*own), language)))
}

/// Own fields with more values than the limit that are none of their type: their column may be another one, or written in
/// another way.
fn invalid_values(settings: &Settings, results: &Results, words: &Words) -> Vec<HeldText> {
    let records = results.records_read;
    let held = unasked_fields(settings, results, words).filter_map(|(own, label)| {
        let count = results.findings.invalid_values_of(own);
        let limit = settings.guards.max_invalid_values?;
        let is_held = (count >= FEW_WORDS || count == records) && exceeds(count, records, limit);
        is_held.then(|| {
            (words.held.invalid_values, vec![label.to_owned(), count.to_string(), records.to_string()])
        })
    });
    held.collect()
}

/// Columns read in another character set, and lists that the server shows in part: what is missing there no count
/// can know. So is a kind of `ranking.level` that no unit is of.
fn lists_as_wholes(settings: &Settings, source: &SourceFindings, words: &HeldWords) -> Vec<HeldText> {
    let guards = &settings.guards;
    let misread = source.garbled.iter().filter(|garbled| {
        guards.max_misread_texts.is_some_and(|limit| exceeds(garbled.count, garbled.of, limit))
    });
    let misread = misread.map(|garbled| {
        let counts = [garbled.count, garbled.of].map(|count| count.to_string());
        (words.misread_texts, [vec![garbled.column.clone()], counts.to_vec()].concat())
    });
    let shown = source.partly_shown.iter().filter(|_| guards.hold_partial_rows);
    let shown = shown.map(|(_, table)| (words.partial_rows, vec![table.clone()]));
    let kinds = source.kinds_without_units.iter().map(|kind| (words.unused_kind, vec![kind.clone()]));
    misread.chain(shown).chain(kinds).collect()
}

/// The names of units as [`listed`]; `None` without any.
fn listed_units<'a>(units: impl Iterator<Item = &'a UnitResult>, words: &Words) -> Option<String> {
    let names: Vec<String> = units.map(|unit| unit.full_name.clone()).collect();
    (!names.is_empty()).then(|| listed(&names, words))
}

/// Registrations that are yet to come, or older than any register, are slips: no period has their records.
fn slips_of_the_year(
    settings: &Settings,
    results: &Results,
    source: &SourceFindings,
    words: &HeldWords,
) -> Vec<HeldText> {
    let all = results.records_read;
    let limit = settings.guards.max_unreadable_times;
    [(source.future_registrations, words.future_times), (source.ancient_registrations, words.ancient_times)]
        .into_iter()
        .filter(|(count, _)| limit.is_some_and(|limit| exceeds(*count, all, limit)))
        .map(|(count, text)| (text, vec![count.to_string(), all.to_string()]))
        .collect()
}

/// Below this number of records a field may be blank in all of them, or a relation fail for all, by chance.
const FEW_RECORDS: u64 = 20;
/// Fewer words that are not understood are slips, unless all records have one.
const FEW_WORDS: u64 = 5;

/// Sexes and marital statuses that are filled but not understood: their relations fail, whatever was meant.
fn unknown_words(settings: &Settings, results: &Results, report: &Report) -> Vec<HeldText> {
    let (found, records) = (&results.findings, results.records_read);
    let relations = settings.indicators.counted_relations();
    let words = [
        (Field::Sex, found.invalid_sexes, [Relation::IdSex, Relation::AgeMarital]),
        (Field::MaritalStatus, found.invalid_marital_statuses, [Relation::AgeMarital; 2]),
    ];
    let Some(limit) = settings.guards.max_unknown_words else { return Vec::new() };
    let is_held = |count: u64| exceeds(count, records, limit) && (count >= FEW_WORDS || count == records);
    let is_read = |by: &[Relation]| by.iter().any(|relation| relations.contains(relation));
    let held = words.into_iter().filter(|(_, count, by)| is_held(*count) && is_read(by));
    held.map(|(field, count, _)| {
        let label = settings.indicators.field_label(field, report.language);
        let text = Words::of(report.language).held.unknown_words;
        (text, vec![label.to_string(), count.to_string(), records.to_string()])
    })
    .collect()
}

/// A code for "not stated" that stands for one of the sexes, in the register or in the list of one unit: its holders
/// count as persons of unknown sex.
fn coded_sexes(
    settings: &Settings,
    results: &Results,
    source: &SourceFindings,
    words: &Words,
) -> Option<HeldText> {
    let indicators = &settings.indicators;
    let is_read = indicators.counted_fields().contains(&Field::Sex)
        || indicators.counted_relations().contains(&Relation::IdSex);
    settings.guards.max_unknown_words.filter(|_| is_read)?;
    let all = results.findings.unstated_sexes;
    if let Some((sex, holders)) = all.meant() {
        let sex = if sex == Sex::Male { words.held.men } else { words.held.women };
        return Some((
            words.held.coded_sexes,
            vec![all.all().to_string(), holders.to_string(), sex.to_owned()],
        ));
    }
    let is_meant = |unit: &UnitResult| {
        let found = source.by_unit.get(&unit.unit.code);
        found.is_some_and(|(found, _)| found.unstated_sexes.meant().is_some())
    };
    let units = listed_units(results.units.iter().filter(|unit| is_meant(unit)), words)?;
    Some((words.held.coded_sexes_units, vec![units]))
}

/// Fields with codes of a standard in which more values than the limit are 0, which the standard does not have: it may
/// mean something, and counts as blank.
fn zeros(settings: &Settings, source: &SourceFindings, report: &Report) -> Vec<HeldText> {
    let Some(limit) = settings.guards.max_unknown_words else { return Vec::new() };
    let is_held = |(_, count, of): &&(Field, u64, u64)| *count >= FEW_WORDS && exceeds(*count, *of, limit);
    let text = |(field, count, of): &(Field, u64, u64)| {
        let label = settings.indicators.field_label(*field, report.language);
        let values = vec![label.to_string(), count.to_string(), of.to_string()];
        (Words::of(report.language).held.zeros, values)
    };
    source.zeros.iter().filter(is_held).map(text).collect()
}

/// Fields that completeness or a rate of the office's own counts and that hold nothing: a column that was lost on the way makes the same figures as an office that
/// collected nothing, so a person has to distinguish them.
fn blank_fields(settings: &Settings, results: &Results, report: &Report) -> Vec<HeldText> {
    let Some(limit) = settings.guards.max_blank_field else { return Vec::new() };
    let indicators = &settings.indicators;
    // Where cells are counted, an office may say that it has no such column and still be measured.
    let is_given_up = |field: &Field| {
        let column = settings.source.register.fields.get(field);
        indicators.completeness.counted == CountedPersons::Cells
            && column.is_some_and(|column| column.column.trim().is_empty())
    };
    let words = Words::of(report.language);
    let texts = [words.held.blank_field, words.held.blank_field_units];
    let held =
        indicators.counted_fields().into_iter().filter(|field| !is_given_up(field)).filter_map(|field| {
            let label = indicators.field_label(field, report.language);
            nearly_none(results, limit, |counts| counts.field(field), (label, texts), words)
        });
    held.collect()
}

/// Built-in relations that nobody's record fulfils: the wrong column, or codes without a map. An office's own
/// relation may well be new to everybody.
fn failed_relations(settings: &Settings, results: &Results, report: &Report) -> Vec<HeldText> {
    let Some(limit) = settings.guards.max_failed_relation else { return Vec::new() };
    let indicators = &settings.indicators;
    let built_in = indicators.accuracy.relations.iter().filter(|one| !matches!(one, Relation::Own(_)));
    let words = Words::of(report.language);
    let texts = [words.held.failed_relation, words.held.failed_relation_units];
    let held = built_in.filter_map(|relation| {
        let label = indicators.relation_label(*relation, report.language);
        nearly_none(results, limit, |counts| counts.relation(*relation), (label, texts), words)
    });
    held.collect()
}

/// The reason to hold a run where a rate counts nearly nothing: of all records, or else of the records of units,
/// which the totals hide and which would be ranked last for what their export has lost.
fn nearly_none(
    results: &Results,
    limit: Ratio<u64>,
    rate_of: impl Fn(&Counts) -> Rate,
    (label, [of_all, of_units]): (&str, [&'static str; 2]),
    words: &Words,
) -> Option<HeldText> {
    let lost = |counts: &Counts| {
        let rate = rate_of(counts);
        let without = rate.denominator - rate.numerator;
        let is_lost = rate.denominator >= FEW_RECORDS && exceeds(without, rate.denominator, limit);
        is_lost.then_some((without, rate.denominator))
    };
    if let Some((without, all)) = lost(&results.totals.counts) {
        return Some((of_all, vec![label.to_owned(), without.to_string(), all.to_string()]));
    }
    let units = results.assessed().filter(|unit| lost(&unit.figures.counts).is_some());
    let names: Vec<String> = units.map(|unit| unit.full_name.clone()).collect();
    (!names.is_empty()).then(|| (of_units, vec![label.to_owned(), listed(&names, words)]))
}

/// A rate that cannot be judged is no news to be sent about. Records without a unit have a limit of
/// their own, which may be switched off.
fn unjudged(mismatch: &InputMismatch, words: &HeldWords) -> Option<HeldText> {
    Some(match mismatch {
        InputMismatch::Records { .. } => return None,
        InputMismatch::EmptyRoster => (words.empty_roster, Vec::new()),
        InputMismatch::RosterWithoutIds { entries } => (words.roster_without_ids, vec![entries.to_string()]),
        InputMismatch::NamedRoster { label, .. } => (words.named_roster, vec![label.clone()]),
        InputMismatch::NamedRosterUnits { label, persons, .. } => {
            (words.named_roster_units, vec![label.clone(), persons.to_string()])
        }
        InputMismatch::RosterUnits { persons } => (words.roster_units, vec![persons.to_string()]),
        InputMismatch::NamedRosterUnmatched { label, persons, .. } => {
            (words.named_roster_unmatched, vec![label.clone(), persons.to_string()])
        }
        InputMismatch::RosterUnmatched { persons } => (words.roster_unmatched, vec![persons.to_string()]),
        InputMismatch::EmptyBaseline => (words.empty_baseline, Vec::new()),
        InputMismatch::Baseline { units } => (words.baseline_units, vec![units.to_string()]),
    })
}

fn exceeds(part: u64, whole: u64, limit: Ratio<u64>) -> bool {
    u128::from(part) * u128::from(*limit.denom()) > u128::from(whole) * u128::from(*limit.numer())
}

fn dropped(now: Rate, before: Rate, limit: Ratio<u64>) -> bool {
    match (now.value(), before.value()) {
        (Some(now), Some(before)) => {
            let wide = |r: Ratio<u64>| Ratio::new(i128::from(*r.numer()), i128::from(*r.denom()));
            wide(before) - wide(now) > wide(limit)
        }
        _ => false,
    }
}
