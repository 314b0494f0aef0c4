//! Checks where the register lies.

use std::collections::BTreeMap;

use super::Check;
use crate::config::raw::source::{RawBaseline, RawCompute, RawField, RawRegister, RawSource};
use crate::config::settings::{
    BaselineSource, Compute, DatabaseKind, DatabaseUrl, Dataset, FieldColumn, RegisterSource, RosterSource,
    Source, UnitsSource,
};
use crate::config::values;
use crate::register::field::Field;

pub(super) fn source(raw: &RawSource, check: &mut Check) -> Option<Source> {
    let url = database_url(raw, check);
    let timeout = check.keep("source.timeout", values::duration(&raw.timeout));
    if raw.batch_rows == 0 {
        check.fail("source.batch_rows", "must be at least 1");
    }
    if !(1..=64).contains(&raw.connections) {
        check.fail("source.connections", format!("lies from 1 to 64, not at {}", raw.connections));
    }
    let compute = match raw.compute {
        RawCompute::Engine => Compute::Engine,
        RawCompute::Database => Compute::Database,
    };
    if compute == Compute::Database && url.as_ref().is_some_and(|u| u.kind() == Some(DatabaseKind::Sqlite)) {
        check.fail(
            "source.compute",
            "\"database\" needs PostgreSQL or MariaDB; SQLite runs inside the program, so leave it at \"engine\"",
        );
    }
    if raw.incremental && raw.register.updated_at.is_none() {
        let problem = "needs source.register.updated_at, a time that every insert and update sets";
        check.fail("source.incremental", problem);
    }
    if raw.incremental && compute == Compute::Database {
        let problem =
            "the database counts everything anyway; use either compute = \"database\" or incremental";
        check.fail("source.incremental", problem);
    }
    let register = register(&raw.register, check);
    let units = dataset("source.units", &raw.units.table, &raw.units.query, Some("unit"), check);
    let column = |name: &str| (!name.trim().is_empty()).then(|| name.to_owned());
    let roster = raw.roster.as_ref().map(|roster| {
        let dataset = dataset("source.roster", &roster.table, &roster.query, Some("roster"), check)?;
        Some(RosterSource { dataset, unit: roster.unit.clone(), id_number: roster.id_number.clone() })
    });
    let baseline = raw.baseline.as_ref().map(|baseline| baseline_source(baseline, check));
    Some(Source {
        url: url?,
        timeout: timeout?,
        batch_rows: raw.batch_rows,
        connections: raw.connections,
        compute,
        incremental: raw.incremental,
        register: register?,
        units: UnitsSource {
            dataset: units?,
            code: raw.units.code.clone(),
            name: raw.units.name.clone(),
            kind: column(&raw.units.kind),
            parent: column(&raw.units.parent),
        },
        roster: transpose(roster)?,
        baseline: transpose(baseline)?,
    })
}

/// `Some(None)` is a part that is there but wrong.
fn transpose<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(None) => None,
        Some(Some(value)) => Some(Some(value)),
        None => Some(None),
    }
}

fn database_url(raw: &RawSource, check: &mut Check) -> Option<DatabaseUrl> {
    let text = match (&raw.url, &raw.url_file) {
        (Some(url), None) => url.clone(),
        (None, Some(file)) => check.keep("source.url_file", secret(file))?,
        (Some(_), Some(_)) => {
            check.fail("source.url_file", "give url or url_file, not both");
            return None;
        }
        (None, None) => {
            check.fail("source", "the database is missing: set url, e.g. \"sqlite:register.db\"");
            return None;
        }
    };
    let url = DatabaseUrl::new(text.trim());
    if url.kind().is_none() {
        check.fail("source.url", "unknown kind of database; begin with sqlite:, postgres:// or mysql://");
        return None;
    }
    Some(url)
}

/// Reads a secret from its file, without the line end.
pub(super) fn secret(file: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn dataset(
    path: &str,
    table: &Option<String>,
    query: &Option<String>,
    default: Option<&str>,
    check: &mut Check,
) -> Option<Dataset> {
    match (table, query, default) {
        (Some(table), None, _) if !table.trim().is_empty() => Some(Dataset::Table(table.trim().to_owned())),
        (None, Some(query), _) if !query.trim().is_empty() => Some(Dataset::Query(query.trim().to_owned())),
        (Some(_), Some(_), _) => {
            check.fail(path, "give table or query, not both");
            None
        }
        (None, None, Some(default)) => Some(Dataset::Table(default.to_owned())),
        _ => {
            check.fail(path, "needs a table or a query");
            None
        }
    }
}

fn register(raw: &RawRegister, check: &mut Check) -> Option<RegisterSource> {
    let dataset = dataset("source.register", &raw.table, &raw.query, None, check);
    let missing: Vec<&str> =
        Field::ALL.iter().filter(|f| !raw.fields.contains_key(f)).map(|f| f.key()).collect();
    if !missing.is_empty() {
        let problem = format!("no column for {}; all nine fields are needed", missing.join(", "));
        check.fail("source.register.fields", problem);
    }
    let fields = raw.fields.iter().map(|(field, raw)| {
        let column = match raw {
            RawField::Column(column) => FieldColumn { column: column.clone(), codes: BTreeMap::new() },
            RawField::Coded(coded) => {
                FieldColumn { column: coded.column.clone(), codes: coded.codes.clone() }
            }
        };
        (*field, column)
    });
    Some(RegisterSource {
        dataset: dataset?,
        key: raw.key.clone(),
        unit: raw.unit.clone(),
        registered_at: raw.registered_at.clone(),
        updated_at: raw.updated_at.clone(),
        document_type: raw.document_type.clone(),
        fields: fields.collect(),
    })
}

fn baseline_source(raw: &RawBaseline, check: &mut Check) -> Option<BaselineSource> {
    match raw {
        RawBaseline::Inline(counts) => Some(BaselineSource::Inline(counts.clone())),
        RawBaseline::Dataset(raw) => Some(BaselineSource::Dataset {
            dataset: dataset("source.baseline", &raw.table, &raw.query, None, check)?,
            unit: raw.unit.clone(),
            persons: raw.persons.clone(),
        }),
    }
}
