//! The statement as a whole: what records count for, and which persons they are.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::outcome::SqlReading;
use super::{INVALID_DAY, Inexpressible, SqlColumn, Tables, no_record, own, person, value};
use tongbao_config::settings::Indicators;
use tongbao_register::unit::Units;

/// The statement that counts everything up to and beyond `cut_off`, on which ages are taken.
pub fn statement(
    tables: &Tables,
    units: &Units,
    indicators: &Indicators,
    cut_off: Date,
) -> Result<String, Inexpressible> {
    own::check(indicators)?;
    let reading = SqlReading::new(tables, indicators, cut_off)?;
    let d = tables.dialect;
    let read = columns_of(&reading);
    let mut names: Vec<&str> = read.iter().map(|(name, _)| *name).collect();
    let all = read.iter().map(|(name, value)| format!("{value} AS {name}")).collect::<Vec<_>>().join(", ");
    let key = reading.person();
    let register = reading.columns.register.read_by(&format!("{all} {}", key.as_deref().unwrap_or_default()));
    let with = match key {
        // One pass over the register: what a record counts for, and whether it is the first of its person.
        Some(key) => {
            let numbered = person::numbered(d, &names, !tables.rosters.is_empty());
            let columns = names.join(", ");
            names.push("occurrence");
            let mut with = vec![
                d.pass("records", &format!("SELECT {all}, {key} AS person FROM {register}")),
                numbered,
                d.cte(
                    "counted",
                    &format!(
                        "{} {columns}, {} AS occurrence, count(*) AS times FROM numbered GROUP BY {}",
                        d.select_groups(),
                        person::OCCURRENCE,
                        places(names.len())
                    ),
                ),
            ];
            if !tables.rosters.is_empty() {
                with.push(person::of_numbered(d));
            }
            with
        }
        None => vec![
            d.cte(
                "counted",
                &format!("SELECT {all}, count(*) AS times FROM {register} GROUP BY {}", places(names.len())),
            ),
            person::of_register(tables, &records_alone(tables), indicators),
        ],
    };
    let text = |name: &str| match name == "times" || names.contains(&name) {
        true => d.as_text(name),
        false => "NULL".to_owned(),
    };
    let home = [
        "unit",
        "day",
        "contribution",
        "own_fields",
        "own_outcomes",
        "place",
        "division",
        "occurrence",
        "times",
    ]
    .map(text);
    let head = format!("SELECT 'records', {} FROM counted", home.join(", "));
    Ok(person::statement(tables, units, indicators, with, head))
}

/// The first columns of a select, as many, for its GROUP BY.
fn places(count: usize) -> String {
    (1..=count).map(|at| at.to_string()).collect::<Vec<_>>().join(", ")
}

/// What records are counted by, each with its name. The unit stands as it is written, so that a table that is split by
/// it is counted split by it.
fn columns_of(reading: &SqlReading) -> Vec<(&'static str, String)> {
    let columns = &reading.columns;
    let contribution = format!(
        "{} + CASE WHEN {} THEN {INVALID_DAY} ELSE 0 END",
        reading.contribution(),
        columns.invalid_day
    );
    let (mut place, mut division) = reading.unread_place();
    if let Some((is_unread, record)) = reading.unread_record() {
        place = format!("CASE WHEN {is_unread} THEN {record} ELSE {place} END");
        division = format!("CASE WHEN {is_unread} THEN '' ELSE {division} END");
    }
    let mut out = vec![
        ("unit", columns.unit.clone()),
        ("day", columns.day.clone()),
        ("contribution", contribution),
        ("place", place),
        ("division", division),
    ];
    if let Some(own) = reading.own() {
        out.push(("own_fields", own.fields.clone()));
        out.push(("own_outcomes", own.outcomes.clone()));
    }
    out
}

/// The register without the rows that are no records.
fn records_alone(tables: &Tables) -> String {
    let d = tables.dialect;
    let text = |(value, codes): &(SqlColumn, BTreeMap<String, String>)| match value {
        SqlColumn::Text(text) => Some(value::decoded(d, &d.trim(text), codes)),
        SqlColumn::Date(_) => None,
    };
    let fields: Vec<Option<String>> = tables.fields.iter().map(text).collect();
    let is_none = no_record::is_no_record(d, &fields, &d.trim(&tables.unit));
    format!("{} WHERE NOT {is_none}", tables.register)
}
