//! What a pull found besides the counts of fields and relations, as it is stored with a run: findings, and the records
//! that pass by proven exceptions alone.

use serde::{Deserialize, Serialize};

use tongbao_figures::indicator::exceptions::ExceptionCounts;
use tongbao_figures::indicator::record_findings::RecordFindings;
use tongbao_figures::indicator::tally::{Bucket, Tally};
use tongbao_figures::ranking::snapshot::Snapshot;
use tongbao_register::unit::Units;

#[derive(Serialize, Deserialize)]
struct StoredFindings {
    #[serde(flatten)]
    findings: RecordFindings,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exceptions_by_unit: Vec<StoredExceptions>,
}

/// The exceptions of a unit and day.
#[derive(Serialize, Deserialize)]
struct StoredExceptions {
    /// Code; blank = an unknown unit.
    unit: String,
    day: Option<i32>,
    accurate: u64,
    /// Position of the relation, code of the reason, records.
    passed: Vec<(usize, String, u64)>,
}

/// As JSON.
pub(super) fn written(Snapshot { units, tally, .. }: &Snapshot) -> String {
    let exceptions = tally.exceptions.iter().map(|(cell, counts)| StoredExceptions {
        unit: cell.unit.map_or(String::new(), |unit| units.list()[unit as usize].code.clone()),
        day: cell.day,
        accurate: counts.accurate,
        passed: counts.rows(),
    });
    let stored =
        StoredFindings { findings: tally.findings.clone(), exceptions_by_unit: exceptions.collect() };
    serde_json::json!(stored).to_string()
}

/// Reads it into a tally; `None` if it cannot be read.
pub(super) fn read(text: &str, units: &Units, tally: &mut Tally) -> Option<()> {
    let stored: StoredFindings = serde_json::from_str(text).ok()?;
    tally.findings = stored.findings;
    for StoredExceptions { unit, day, accurate, passed } in stored.exceptions_by_unit {
        let counts = ExceptionCounts::of_rows(accurate, passed)?;
        tally.add_exceptions(Bucket { unit: units.position(&unit), day }, &counts);
    }
    Some(())
}
