//! What the register itself tells about the mapping: read once, as a run reads it.

use super::findings::{CheckFindings, shortened};
use crate::config::settings::{CoverageMethod, Relation, Settings};
use crate::indicator::counts::Counts;
use crate::indicator::rate::Rate;
use crate::indicator::record_findings::RecordFindings as Found;
use crate::ranking::input_mismatch::InputMismatch;
use crate::ranking::remark::{Remark, excluded, remarks};
use crate::ranking::snapshot::Snapshot;
use crate::register::field::Field;
use crate::rule::definitions::RelationDefinition;
use tongbao_message::{Message, message};

/// From this share on, in per cent, bad values look like a wrong column rather than bad records.
const SUSPICIOUS: u64 = 20;

/// So many roster persons are hardly all registered.
const MANY: u64 = 50;

/// Judges what was pulled; totals only.
pub(super) fn judge(settings: &Settings, snapshot: &Snapshot, findings: &mut CheckFindings) {
    let mut all = Counts::default();
    let (mut unknown, mut dated) = (0, 0);
    for (cell, counts) in snapshot.tally.cells.iter() {
        all += &counts;
        unknown += if cell.unit.is_none() { counts.records } else { 0 };
        dated += if cell.day.is_some() { counts.records } else { 0 };
    }
    let (records, found) = (all.records, &snapshot.tally.findings);
    if records == 0 {
        findings.warning(message!("records"), message!("the-register-is-empty-is-it"));
    } else {
        let distinct = all.persons;
        let text = match settings.indicators.subject {
            None => message!("records-distinct-persons", records, distinct),
            Some(_) => message!("records-of-them-distinct", records, distinct),
        };
        findings.ok(message!("records"), text);
        unit_codes(unknown, records, findings);
        silent_units(settings, snapshot, findings);
        days(settings, found, dated, findings);
        values(settings, found, &all, findings);
    }
    for Remark { what, text, .. } in excluded(&snapshot.tally.unread.source) {
        findings.ok(what, text);
    }
    for Remark { what, text, .. } in remarks(snapshot, &settings.indicators) {
        findings.warning(what, text);
    }
    let coverage = &settings.indicators.coverage;
    let mismatches = snapshot.input_mismatches(coverage);
    match coverage.method {
        CoverageMethod::Roster => roster(settings, snapshot, &all, &mismatches, findings),
        CoverageMethod::Baseline => baseline(snapshot, &mismatches, findings),
        CoverageMethod::None => findings.ok("indicators.coverage", message!("coverage-is-left-out")),
    }
}

fn share(part: u64, whole: u64) -> u64 {
    part * 100 / whole.max(1)
}

fn unit_codes(unknown: u64, records: u64, findings: &mut CheckFindings) {
    let what = message!("unit-codes");
    match unknown {
        0 => findings.ok(what, Message::default()),
        _ if unknown == records => findings.error(what, &InputMismatch::Records { records }),
        _ => {}
    }
}

/// Units that are ranked or judged and have no record: a village may have sent nothing, or be written otherwise.
fn silent_units(settings: &Settings, snapshot: &Snapshot, findings: &mut CheckFindings) {
    let units = &snapshot.units;
    let figures = snapshot.figures(i32::MAX, &settings.indicators);
    let is_assessed = |at: &u32| settings.ranking.assesses(&units.list()[*at as usize], units.level(*at));
    let assessed: Vec<u32> = units.from_above().filter(is_assessed).collect();
    let is_silent = |at: &&u32| figures[**at as usize].counts.records == 0;
    let silent: Vec<&str> =
        assessed.iter().filter(is_silent).map(|at| units.list()[*at as usize].name.as_str()).collect();
    // Where no record has a known unit, that is the trouble, and it has been named.
    if silent.is_empty() || silent.len() == assessed.len() {
        return;
    }
    let (count, of, listed) = (silent.len(), assessed.len(), shortened(&silent));
    findings.warning(message!("units-without-records"), message!("units-have-no-record", count, of, listed));
}

fn days(settings: &Settings, found: &Found, dated: u64, findings: &mut CheckFindings) {
    let what = message!("registration-times");
    if settings.source.register.registered_at.is_none() {
        let text = message!("source-register-registered-at-is-not-set");
        return findings.warning(what, text);
    }
    match (found.invalid_registered_at, dated) {
        (_, 0) => findings.warning(what, message!("no-record-has-a-registration-time")),
        (0, _) => findings.ok(what, Message::default()),
        _ => {}
    }
}

/// Fields that are blank everywhere, and values that are wrong so often that the column is.
fn values(settings: &Settings, found: &Found, all: &Counts, findings: &mut CheckFindings) {
    let indicators = &settings.indicators;
    for field in indicators.fields() {
        let (rate, key) = (all.field(field), indicators.field_key(field));
        if rate.numerator > 0 || rate.denominator == 0 {
            continue;
        }
        let (records, place) = (rate.denominator, format!("source.register.fields.{key}"));
        findings.warning(
            key,
            match field {
                Field::Own(_) => {
                    let place = format!("fields.{key}.column");
                    message!("is-blank-in-all-records-correct", records, place)
                }
                _ => message!("is-blank-in-all-records-leave-it-out", records, place),
            },
        );
    }
    for (field, bad) in
        [(Field::IdNumber, found.invalid_id_numbers), (Field::BirthDate, found.invalid_birth_dates)]
    {
        let filled = all.field(field).numerator;
        if share(bad, filled) >= SUSPICIOUS {
            let text = message!("of-are-malformed-is-it-the", bad, filled);
            findings.warning(field.key(), text);
        } else if bad > 0 {
            findings.ok(field.key(), message!("of-are-malformed", bad, filled));
        }
    }
    for relation in indicators.counted_relations() {
        let Rate { numerator: passed, denominator: judged } = all.relation(relation);
        let key = indicators.relation_key(relation);
        if judged > 0 && share(passed, judged) < SUSPICIOUS {
            findings.warning(key, message!("only-of-records-pass-are-the", passed, judged));
        }
        if let Relation::Own(_) = relation {
            let may_fail_none = indicators.relation(relation).is_some_and(RelationDefinition::is_validity);
            own_relation(key, may_fail_none, [judged, passed, all.records], findings);
        }
    }
}

/// A rule that no record fails, or that judges none, may not be what its author meant; that all values of a field are
/// valid is no mistake.
fn own_relation(
    key: &str,
    may_fail_none: bool,
    [judged, passed, records]: [u64; 3],
    findings: &mut CheckFindings,
) {
    match judged {
        _ if records == 0 => {}
        0 => findings.warning(key, message!("judges-no-record-is-it-what")),
        _ if passed == judged && !may_fail_none => {
            let text = message!("fails-none-of-records-is-it", judged);
            findings.warning(key, text);
        }
        _ => findings
            .ok(key, message!("of-records-pass-are-not-judged", passed, judged, others = records - judged)),
    }
}

fn roster(
    settings: &Settings,
    snapshot: &Snapshot,
    all: &Counts,
    mismatches: &[InputMismatch],
    findings: &mut CheckFindings,
) {
    let (what, found) = ("roster", &snapshot.tally.findings);
    let mut of_roster =
        mismatches.iter().filter(|mismatch| !matches!(mismatch, InputMismatch::Records { .. })).peekable();
    if of_roster.peek().is_some() {
        return of_roster.for_each(|mismatch| findings.error(what, mismatch));
    }
    let (listed, covered) = (all.roster, all.covered);
    let text = match settings.indicators.subject {
        None => message!("distinct-persons-of-them-in-the", listed, covered),
        Some(_) => message!("distinct-entries-of-them-in-the", listed, covered),
    };
    findings.ok(what, text);
    if all.roster >= MANY && all.covered == all.roster {
        let text = message!("every-roster-person-is-in-the");
        findings.warning(what, text);
    }
    if all.covered == 0 {
        let text = message!("no-roster-person-is-in-the");
        findings.warning(what, text);
    }
    let blank = found.roster_without_id;
    if blank > 0 {
        findings.warning(what, message!("roster-entries-have-no-id-number", blank));
    }
}

fn baseline(snapshot: &Snapshot, mismatches: &[InputMismatch], findings: &mut CheckFindings) {
    let (what, listed) = ("baseline", snapshot.baseline.len());
    let is_of_baseline = |mismatch: &&InputMismatch| {
        matches!(mismatch, InputMismatch::EmptyBaseline | InputMismatch::Baseline { .. })
    };
    if let Some(mismatch) = mismatches.iter().find(is_of_baseline) {
        return findings.error(what, mismatch);
    }
    findings.ok(what, message!("units-persons", listed, persons = snapshot.baseline.values().sum::<u64>()));
}
