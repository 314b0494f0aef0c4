//! Reasons to hold a run that are in single units: the totals hide them, and the ranking would punish the unit.

use num_rational::Ratio;

use super::{FEW_WORDS, HeldText, exceeds, listed, listed_units, unasked_fields};
use crate::config::settings::{Guards, Settings};
use crate::indicator::counts::Counts;
use crate::indicator::record_findings::RecordFindings;
use crate::indicator::unread::SourceFindings;
use crate::ranking::results::Results;
use crate::ranking::unit_result::UnitResult;
use crate::report::words::{Words, fill};

/// Units that lost more of their records, or of the persons of the roster, than the limit: of a small village the totals
/// say nothing.
pub(super) fn fallen(results: &Results, limit: Ratio<u64>, words: &Words) -> impl Iterator<Item = String> {
    type Count = fn(&Counts) -> u64;
    let counts: [(Count, _); 2] = [
        (|counts| counts.records, words.held.unit_drop),
        (|counts| counts.roster, words.held.unit_roster_drop),
    ];
    counts.into_iter().filter_map(move |(count, text)| {
        let lost = |unit: &UnitResult| {
            let then = count(&unit.before.as_ref()?.figures.counts);
            let now = count(&unit.figures.counts);
            let [was, is] = [then, now].map(|count| count.to_string());
            let sentence = || fill(words.held.unit_records, &[&unit.full_name, &was, &is]);
            exceeds(then.saturating_sub(now), then, limit).then(sentence)
        };
        let fallen: Vec<String> = results.assessed().filter_map(lost).collect();
        (!fallen.is_empty()).then(|| fill(text, &[&listed(&fallen, words)]))
    })
}

/// Units that had records and are in the unit list no more, nor have a successor there.
pub(super) fn gone(results: &Results, before: &Results, words: &Words) -> Option<String> {
    let is_known = |code: &str| {
        results.units.iter().any(|unit| unit.unit.code == code)
            || results.successions.iter().any(|change| change.code == code)
    };
    let is_gone = |unit: &&UnitResult| unit.figures.counts.records > 0 && !is_known(&unit.unit.code);
    let gone = listed_units(before.assessed().filter(is_gone), words)?;
    Some(fill(words.held.units_gone, &[&gone]))
}

/// Villages that would be last without a record, because their records name them otherwise: few among all records.
pub(super) fn misspelt_units(
    settings: &Settings,
    source: &SourceFindings,
    words: &Words,
) -> Option<HeldText> {
    settings.guards.max_unknown_units?;
    let many = source.misspelt_units.iter().filter(|(_, _, times)| *times >= FEW_WORDS);
    let names: Vec<String> = many.map(|(unit, value, times)| format!("{unit} ≈ {value} ({times})")).collect();
    (!names.is_empty()).then(|| (words.held.misspelt_units, vec![listed(&names, words)]))
}

/// Units that are ranked among those they stand above, those whose list has not come where each has its own, and those
/// with several head counts, one of which may be a repeat.
pub(super) fn named_units(settings: &Settings, source: &SourceFindings, words: &Words) -> Vec<HeldText> {
    let Guards { hold_ranked_parents, hold_missing_lists, hold_repeated_head_counts, .. } = settings.guards;
    let units = [
        (hold_repeated_head_counts, &source.head_counts.repeated, words.held.repeated_head_counts),
        (hold_ranked_parents, &source.ranked_parents, words.held.ranked_parents),
        (hold_missing_lists, &source.missing_lists, words.held.missing_lists),
    ];
    let held = units.into_iter().filter(|(holds, units, _)| *holds && !units.is_empty());
    held.map(|(_, units, text)| (text, vec![listed(units, words)])).collect()
}

/// A list of one village that was read twice is lost among all records, and doubles the village.
pub(super) fn repeated_units(settings: &Settings, results: &Results, words: &Words) -> Option<HeldText> {
    let limit = settings.guards.max_repeated_records?;
    let is_explained = results.findings.explain(results.duplicates);
    let is_held = |unit: &&UnitResult| {
        let Counts { duplicates, records, .. } = unit.figures.counts;
        !is_explained && duplicates >= FEW_WORDS && exceeds(duplicates, records, limit)
    };
    let units = listed_units(results.assessed().filter(is_held), words)?;
    Some((words.held.repeated_units, vec![units]))
}

/// Units of whose records more than the limit have a text in another character set: an export of one village is lost
/// among all records, and its village would be ranked for what was read wrongly.
pub(super) fn misread_units(
    settings: &Settings,
    results: &Results,
    source: &SourceFindings,
    words: &Words,
) -> Option<HeldText> {
    let limit = settings.guards.max_misread_texts?;
    let is_held = |unit: &UnitResult| {
        let count = source.garbled_units.iter().find(|(code, ..)| *code == unit.unit.code);
        count.is_some_and(|(_, n, all)| exceeds(*n, *all, limit) && (*n >= FEW_WORDS || n == all))
    };
    let units = listed_units(results.units.iter().filter(|unit| is_held(unit)), words)?;
    Some((words.held.misread_units, vec![units]))
}

/// What was not understood in more records of a unit than the limit, where the register as a whole is not held for it: an
/// export that was spoilt on the way, whose village would be ranked for it.
pub(super) fn faults_of_units(
    settings: &Settings,
    results: &Results,
    source: &SourceFindings,
    words: &Words,
) -> Vec<HeldText> {
    type Count = fn(&RecordFindings) -> u64;
    type AnyCount<'a> = &'a dyn Fn(&RecordFindings) -> u64;
    let (guards, held) = (&settings.guards, &words.held);
    let of_records: [(_, Count, _); 4] = [
        (guards.max_cut_id_numbers, |found| found.cut_id_numbers, held.cut_numbers),
        (guards.max_unreadable_birth_dates, |found| found.invalid_birth_dates, held.birth_dates),
        (guards.max_unknown_words, |found| found.invalid_sexes, held.sexes),
        (guards.max_unknown_words, |found| found.invalid_marital_statuses, held.marital_statuses),
    ];
    let of_roster: [(_, Count, _); 2] = [
        (guards.max_cut_id_numbers, |found| found.roster_cut_ids, held.cut_numbers),
        (guards.max_malformed_roster_ids, |found| found.roster_malformed_ids, held.malformed_numbers),
    ];
    let units =
        |limit: Option<Ratio<u64>>, count: AnyCount<'_>, all: u64, of: &dyn Fn(&UnitResult, u64) -> u64| {
            let limit = limit.filter(|limit| !exceeds(count(&results.findings), all, *limit))?;
            let is_held = |unit: &&UnitResult| {
                let found = source.by_unit.get(&unit.unit.code);
                found.is_some_and(|(found, records)| {
                    count(found) >= FEW_WORDS && exceeds(count(found), of(unit, *records), limit)
                })
            };
            listed_units(results.assessed().filter(is_held), words)
        };
    let of_records = of_records.into_iter().filter_map(|(limit, count, what)| {
        let units = units(limit, &count, results.records_read, &|_, records| records)?;
        Some((held.faults_of_units, vec![units, what.to_owned()]))
    });
    let of_own = unasked_fields(settings, results, words).filter_map(|(own, label)| {
        let count = |found: &RecordFindings| found.invalid_values_of(own);
        let units = units(guards.max_invalid_values, &count, results.records_read, &|_, records| records)?;
        Some((held.faults_of_units, vec![units, fill(held.own_values, &[label])]))
    });
    let of_roster = of_roster.into_iter().filter_map(|(limit, count, what)| {
        let units = units(limit, &count, results.roster_persons, &|unit, _| unit.figures.counts.roster)?;
        Some((held.roster_faults_of_units, vec![units, what.to_owned()]))
    });
    of_records.chain(of_own).chain(of_roster).collect()
}
