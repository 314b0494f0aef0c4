//! What the register itself tells about the mapping: read once, as a run reads it.

use super::{CheckFindings, shortened};
use crate::config::settings::{CoverageMethod, Relation, Settings};
use crate::indicator::tally::{Counts, RecordFindings as Found};
use crate::ranking::input_mismatch::InputMismatch;
use crate::ranking::remark::{Remark, remarks};
use crate::ranking::results::Snapshot;
use crate::register::field::Field;

/// From this share on, in per cent, bad values look like a wrong column rather than bad records.
const SUSPICIOUS: u64 = 20;

/// So many roster persons are hardly all registered.
const MANY: u64 = 50;

/// Judges what was pulled; totals only.
pub(super) fn judge(settings: &Settings, snapshot: &Snapshot, findings: &mut CheckFindings) {
    let mut all = Counts::default();
    let (mut unknown, mut dated) = (0, 0);
    for (cell, counts) in snapshot.tally.cells.iter() {
        all += counts;
        unknown += if cell.unit.is_none() { counts.records } else { 0 };
        dated += if cell.day.is_some() { counts.records } else { 0 };
    }
    let (records, found) = (all.records, &snapshot.tally.findings);
    if records == 0 {
        findings.warning("records", "the register is empty; is it the right table?".into());
    } else {
        let distinct = all.persons;
        let text = match settings.indicators.subject {
            None => format!("{records} records, {distinct} distinct persons"),
            Some(_) => format!("{records} records, {distinct} of them distinct"),
        };
        findings.ok("records", text);
        unit_codes(unknown, records, findings);
        silent_units(settings, snapshot, findings);
        days(settings, found, dated, findings);
        values(settings, found, &all, findings);
    }
    for Remark { what, text, .. } in remarks(snapshot) {
        findings.warning(what, text);
    }
    let coverage = &settings.indicators.coverage;
    let mismatches = snapshot.input_mismatches(coverage);
    match coverage.method {
        CoverageMethod::Roster => roster(settings, snapshot, &all, &mismatches, findings),
        CoverageMethod::Baseline => baseline(snapshot, &mismatches, findings),
    }
}

fn share(part: u64, whole: u64) -> u64 {
    part * 100 / whole.max(1)
}

fn unit_codes(unknown: u64, records: u64, findings: &mut CheckFindings) {
    let what = "unit codes";
    match unknown {
        0 => findings.ok(what, String::new()),
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
    let text = format!(
        "{count} of {of} units have no record ({listed}); have their lists sent, or look how the register writes these units"
    );
    findings.warning("units without records", text);
}

fn days(settings: &Settings, found: &Found, dated: u64, findings: &mut CheckFindings) {
    let what = "registration times";
    if settings.source.register.registered_at.is_none() {
        let text = "source.register.registered_at is not set; all records count as before the period";
        return findings.warning(what, text.into());
    }
    match (found.invalid_registered_at, dated) {
        (_, 0) => findings.warning(
            what,
            "no record has a registration time that can be read; correct source.register.registered_at"
                .into(),
        ),
        (0, _) => findings.ok(what, String::new()),
        _ => {}
    }
}

/// Fields that are blank everywhere, and values that are wrong so often that the column is.
fn values(settings: &Settings, found: &Found, all: &Counts, findings: &mut CheckFindings) {
    let indicators = &settings.indicators;
    for field in indicators.fields() {
        let (rate, key) = (all.field(field), indicators.field_key(field));
        let place = match field {
            Field::Own(_) => format!("fields.{key}.column"),
            _ => format!("source.register.fields.{key}"),
        };
        if rate.numerator == 0 && rate.denominator > 0 {
            findings.warning(key, format!("is blank in all {} records; correct {place}", rate.denominator));
        }
    }
    for (field, bad) in
        [(Field::IdNumber, found.invalid_id_numbers), (Field::BirthDate, found.invalid_birth_dates)]
    {
        let filled = all.field(field).numerator;
        if share(bad, filled) >= SUSPICIOUS {
            let text = format!("{bad} of {filled} are malformed; is it the right column?");
            findings.warning(field.key(), text);
        } else if bad > 0 {
            findings.ok(field.key(), format!("{bad} of {filled} are malformed"));
        }
    }
    for &relation in &indicators.accuracy.relations {
        let (judged, passed) = (all.relation_judged[relation.index()], all.relation_passed[relation.index()]);
        let key = indicators.relation_key(relation);
        if judged > 0 && share(passed, judged) < SUSPICIOUS {
            findings.warning(
                key,
                format!(
                    "only {passed} of {judged} records pass; are the columns right, and the code maps (codes = …)?"
                ),
            );
        }
        if let Relation::Own(_) = relation {
            own_relation(key, judged, passed, all.records, findings);
        }
    }
}

/// A rule that no record fails, or that judges none, may not be what its author meant.
fn own_relation(key: &str, judged: u64, passed: u64, records: u64, findings: &mut CheckFindings) {
    match judged {
        _ if records == 0 => {}
        0 => findings.warning(key, "judges no record; is it what is meant? tongbao rules prints it".into()),
        _ if passed == judged => {
            let text =
                format!("fails none of {judged} records; is it what is meant? tongbao rules prints it");
            findings.warning(key, text);
        }
        _ => findings
            .ok(key, format!("{passed} of {judged} records pass, {} are not judged", records - judged)),
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
        None => format!("{listed} distinct persons, {covered} of them in the register"),
        Some(_) => format!("{listed} distinct entries, {covered} of them in the register"),
    };
    findings.ok(what, text);
    if all.roster >= MANY && all.covered == all.roster {
        let text = "every roster person is in the register; is the roster a copy or view of it?";
        findings.warning(what, text.into());
    }
    if all.covered == 0 {
        let text = "no roster person is in the register; do both hold full ID numbers?";
        findings.warning(what, text.into());
    }
    let blank = found.roster_without_id;
    if blank > 0 {
        findings.warning(what, format!("{blank} roster entries have no ID number and are left out; correct source.roster.id_number, or have the list completed"));
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
    findings.ok(what, format!("{listed} units, {} persons", snapshot.baseline.values().sum::<u64>()));
    let unknown = snapshot.unknown_baselines();
    if unknown > 0 {
        let text = format!(
            "{unknown} of {listed} units of the baseline are not in source.units and are left out; add the units or correct [source.baseline]"
        );
        findings.warning(what, text);
    }
}
