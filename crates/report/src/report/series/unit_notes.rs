//! What stands below the tables of units: what their numbers do not say by themselves.

use super::{Sources, remarks};
use crate::report::wording;
use crate::report::words::{Words, fill};
use tongbao_figures::ranking::rank::Unranked;
use tongbao_figures::ranking::unit_result::UnitResult;

pub(super) fn framed(note: Option<String>, words: &Words) -> Option<String> {
    note.map(|note| fill(words.notes.note, &[&note]))
}

/// What the places of a list do not say by themselves: doubtful baselines, vetoes, and [`unranked_note`].
pub(super) fn standing_note(from: Sources, kind: Option<&str>) -> Option<String> {
    let parts = exceeding_note(from, kind).into_iter().chain(vetoed_notes(from, kind));
    let parts = parts.chain(unranked_note(from, kind)).chain(proved_note(from, kind));
    joined(parts, from.words())
}

/// What results without ranks do not say by themselves: doubtful baselines, why units have 0 points,
/// and the deductions.
pub(super) fn result_note(from: Sources) -> Option<String> {
    let parts = exceeding_note(from, None).into_iter().chain(vetoed_notes(from, None));
    let parts = parts.chain(deducted_notes(from));
    let words = from.words();
    let nothing = from.results.assessed().filter(|u| u.figures.has_nothing());
    let nothing: Vec<&str> = nothing.map(|u| u.full_name.as_str()).collect();
    let values = [&words.list(&nothing), &words.nor_base(from.indicators), words.cannot_be_judged];
    let nothing = (!nothing.is_empty()).then(|| fill(words.notes.nothing, &values));
    let parts = parts.chain(silent_notes(from, None, false)).chain(nothing).chain(proved_note(from, None));
    joined(parts, words)
}

pub(super) fn joined(parts: impl Iterator<Item = String>, words: &Words) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(words.semicolon))
}

/// Names the units with more persons than expected: those that are to be verified, and those that miss another target
/// besides.
pub(super) fn exceeding_note(from: Sources, kind: Option<&str>) -> Option<String> {
    joined(exceeding_notes(from, kind).into_iter(), from.words())
}

pub(super) fn exceeding_notes(from: Sources, kind: Option<&str>) -> Vec<String> {
    let words = from.words();
    let of = |is_unverified: bool, text: &str| {
        let units = from.results.assessed().filter(|u| kind.is_none_or(|kind| u.unit.kind == kind));
        let units = units.filter(|u| u.figures.exceeds_expected() && u.is_unverified() == is_unverified);
        let names: Vec<&str> = units.map(|u| u.full_name.as_str()).collect();
        (!names.is_empty()).then(|| fill(&from.of_subject(text), &[&words.list(&names)]))
    };
    let notes = [of(true, words.notes.exceeds), of(false, words.notes.exceeds_and_fails)];
    notes.into_iter().flatten().collect()
}

/// Names the units whose accuracy counts records by proven exceptions alone, with how many.
fn proved_note(from: Sources, kind: Option<&str>) -> Option<String> {
    let words = from.words();
    let units = from.results.ranked(kind).into_iter().filter(|unit| unit.exceptions.accurate > 0);
    let one = |unit: &UnitResult| {
        fill(words.notes.proved_unit, &[&unit.full_name, &unit.exceptions.accurate.to_string()])
    };
    let units: Vec<String> = units.map(one).collect();
    (!units.is_empty()).then(|| fill(words.notes.proved_units, &[&words.list(&units)]))
}

/// Names the units under each veto that have records.
fn vetoed_notes(from: Sources, kind: Option<&str>) -> Vec<String> {
    let words = from.words();
    let ranked = from.results.ranked(kind).into_iter().filter(|u| !u.figures.is_silent());
    let vetoes = ranked.flat_map(|unit| {
        let reasons = unit.score.iter().flat_map(|score| &score.vetoes);
        reasons.map(move |reason| (reason.clone(), unit.full_name.as_str()))
    });
    let vetoed =
        |(why, units): (String, Vec<&str>)| fill(words.notes.vetoed_units, &[&words.list(&units), &why]);
    by_reason(vetoes).into_iter().map(vetoed).collect()
}

/// Names the units under each deduction that has taken points.
pub(super) fn deducted_notes(from: Sources) -> Vec<String> {
    let has_points = |u: &&UnitResult| {
        !u.figures.is_silent() && u.score.as_ref().is_some_and(|score| score.vetoes.is_empty())
    };
    remark_notes(from.results.assessed().filter(has_points), from.words())
}

/// Names the units under each of their remarks; see [`remarks`].
pub(super) fn remark_notes<'a>(units: impl Iterator<Item = &'a UnitResult>, words: &Words) -> Vec<String> {
    let with_remarks = units.map(|unit| (remarks(unit, words), unit.full_name.as_str()));
    let note = |(remarks, units): (String, Vec<&str>)| {
        fill(words.notes.remarked_units, &[&words.list(&units), &remarks])
    };
    by_reason(with_remarks.filter(|(remarks, _)| !remarks.is_empty())).into_iter().map(note).collect()
}

/// The units by what is said of them, in the order in which it is first said.
fn by_reason<'a>(units: impl Iterator<Item = (String, &'a str)>) -> Vec<(String, Vec<&'a str>)> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for (reason, unit) in units {
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, units)) => units.push(unit),
            None => reasons.push((reason, vec![unit])),
        }
    }
    reasons
}

/// Names the units that have registered nobody; those apart whose persons others have registered. Where `has_places`,
/// those that have the last place, alone or with others, or the one place that all share, are apart and it is said.
fn silent_notes(from: Sources, kind: Option<&str>, has_places: bool) -> Vec<String> {
    // Where units stand above others there are places in the kinds alone.
    if has_places && kind.is_none() && from.results.are_nested() {
        let kinds = from.results.kinds().into_iter();
        return kinds.flat_map(|kind| silent_of(from, Some(kind), has_places, false)).collect();
    }
    silent_of(from, kind, has_places, true)
}

/// [`silent_notes`] of one list; `is_whole` where the list is all rows of the table.
fn silent_of(from: Sources, kind: Option<&str>, has_places: bool, is_whole: bool) -> Vec<String> {
    let words = from.words();
    let all = from.results.ranked(kind);
    let rank = |u: &UnitResult| if kind.is_some() { u.rank_in_group } else { u.rank };
    let last = all.iter().filter_map(|u| rank(u)).max();
    let is_last = |u: &UnitResult| has_places && last.is_some() && rank(u) == last;
    let place = match (last, all.iter().filter(|u| is_last(u)).count()) {
        (Some(1), count) if count > 1 && all.iter().all(|u| u.figures.is_silent()) => {
            words.notes.silent_places.equal
        }
        // One unit alone is not last, nor are equal ones.
        (Some(1), _) => "",
        (_, 1) => words.notes.silent_places.last,
        _ => words.notes.silent_places.last_shared,
    };
    let is_covered = |u: &UnitResult| u.figures.coverage.numerator > 0;
    let note = |(covered, is_at_end): (bool, bool)| {
        let silent = all.iter().filter(|u| u.figures.is_silent());
        let meant = silent.filter(|u| (is_covered(u), is_last(u)) == (covered, is_at_end));
        let units: Vec<&str> = meant.map(|u| u.full_name.as_str()).collect();
        let names = match is_whole && units.len() == all.len() && units.len() > 1 {
            true => words.notes.every_unit.to_owned(),
            false => words.list(&units),
        };
        let covered = if covered { words.notes.silent_covered } else { "" };
        let place = if is_at_end { place } else { "" };
        let cut_off = wording::month_and_day(from.results.period.to, from.language);
        let values = [&names, cut_off.as_str(), covered, place];
        (!units.is_empty()).then(|| fill(words.notes.silent_units, &values))
    };
    [(false, true), (false, false), (true, true), (true, false)].into_iter().filter_map(note).collect()
}

/// Names the units that have no rank, and those that are last because they have registered nobody.
pub(super) fn unranked_note(from: Sources, kind: Option<&str>) -> Option<String> {
    let words = from.words();
    let of = |reason: Unranked| -> Vec<&UnitResult> {
        from.results.ranked(kind).into_iter().filter(|u| u.unranked == Some(reason)).collect()
    };
    let mut parts = silent_notes(from, kind, true);
    let mut add = |units: &[&UnitResult], text: &str, values: &[&str]| {
        let names: Vec<&str> = units.iter().map(|u| u.full_name.as_str()).collect();
        let names = words.list(&names);
        if !units.is_empty() {
            let values: Vec<&str> = std::iter::once(names.as_str()).chain(values.iter().copied()).collect();
            parts.push(fill(text, &values));
        }
    };
    let base = words.no_base(from.indicators);
    let nor_base = words.nor_base(from.indicators);
    add(&of(Unranked::Nothing), words.notes.nothing, &[&nor_base, words.notes.not_ranked]);
    add(&of(Unranked::TooFewRecords), words.notes.too_few_records, &[&from.ranking.min_records.to_string()]);
    let unknown = of(Unranked::NoDenominator);
    let (without_base, unjudged): (Vec<&UnitResult>, Vec<&UnitResult>) =
        unknown.into_iter().partition(|u| base.is_some() && u.figures.coverage.denominator == 0);
    add(&without_base, words.notes.base_is_missing, &[base.unwrap_or_default()]);
    add(&unjudged, words.notes.no_denominator, &[]);
    (!parts.is_empty()).then(|| parts.join(words.semicolon))
}
