//! What the register and the rosters show next to the rates, in words.

use super::model::QualityModel;
use super::units::Wording;
use super::wording::named_of;
use super::words::{fill, of_subject};
use tongbao_figures::ranking::results::Results;
use tongbao_register::field::Field;

/// All that was found, with its counts.
pub(super) fn quality(results: &Results, say: Wording) -> QualityModel {
    let mut quality = QualityModel {
        found: Vec::new(),
        duplicates: results.duplicates,
        unknown_unit_records: results.unknown_unit_records,
        matched_elsewhere: results.totals.matched_elsewhere(),
        without_id: results.totals.counts.without_id,
        invalid_id_numbers: results.findings.invalid_id_numbers,
        invalid_birth_dates: results.findings.invalid_birth_dates,
        invalid_registered_at: results.findings.invalid_registered_at,
        roster_without_id: results.findings.roster_without_id,
        roster_wrong_ids: results.findings.roster_cut_ids + results.findings.roster_malformed_ids,
        roster_duplicates: results.findings.roster_duplicates,
        roster_unknown_unit: results.findings.roster_unknown_unit,
    };
    let clauses = |clauses: &[&'static str], counts: &[u64]| -> Vec<String> {
        let found = clauses.iter().zip(counts).filter(|(_, count)| **count > 0);
        let worded = |clause| of_subject(clause, say.indicators, say.language);
        found.map(|(clause, count)| fill(&worded(clause), &[&count.to_string()])).collect()
    };
    let words = &say.words.found;
    let of_records = [quality.duplicates, quality.unknown_unit_records, quality.without_id];
    let of_values = [quality.invalid_id_numbers, quality.invalid_birth_dates, quality.invalid_registered_at];
    let of_rosters = [
        quality.matched_elsewhere,
        quality.roster_without_id,
        quality.roster_wrong_ids,
        quality.roster_duplicates,
        quality.roster_unknown_unit,
    ];
    quality.found = clauses(&words.records, &of_records);
    quality.found.extend(of_all_read(
        clauses(&words.values, &of_values),
        own_values(results, say),
        results,
        say,
    ));
    quality.found.extend(clauses(&words.rosters, &of_rosters));
    quality
}

/// Own fields with values that are none of their type, the most frequent first; of many the number of fields and a few.
fn own_values(results: &Results, say: Wording) -> Option<String> {
    let mut found: Vec<(u64, u8)> =
        results.findings.invalid_values.iter().map(|(own, count)| (*count, *own)).collect();
    found.sort_by_key(|(count, own)| (std::cmp::Reverse(*count), *own));
    let words = &say.words.found;
    let one = |(count, own): &(u64, u8)| {
        let label = say.indicators.field_label(Field::Own(*own), say.language);
        // A value where the field does not apply is none of its findings, though relations may judge it.
        let fields = say.indicators.definitions.own_fields();
        let is_limited = fields.get(usize::from(*own)).is_some_and(|field| !field.applies.is_empty());
        let one = if is_limited { words.own_value_where_it_applies } else { words.own_value };
        fill(one, &[label, &count.to_string()])
    };
    let (all, most) = (found.len(), named_of(found.len()));
    let named = say.words.list(&found.iter().take(most).map(one).collect::<Vec<_>>());
    match all {
        0 => None,
        _ if most == all => Some(fill(words.own_values, &[&named])),
        _ => Some(fill(words.many_own_values, &[&all.to_string(), &named])),
    }
}

/// Findings of values are counted in all records that were read. Where some of these were registered after the
/// cut-off, that is said, for the other counts leave them out.
fn of_all_read(
    mut clauses: Vec<String>,
    own: Option<String>,
    results: &Results,
    say: Wording,
) -> Vec<String> {
    let later = results.records_read.saturating_sub(results.all_records());
    if later == 0 {
        clauses.extend(own);
        return clauses;
    }
    let words = &say.words.found;
    let found = match (clauses.is_empty(), own) {
        (true, None) => return clauses,
        (false, None) => say.words.list(&clauses),
        (true, Some(own)) => own,
        (false, Some(own)) => fill(words.and_own_values, &[&say.words.list(&clauses), &own]),
    };
    let counts = [results.records_read, later].map(|count| count.to_string());
    vec![fill(words.of_all_read, &[&counts[0], &counts[1], &found])]
}
