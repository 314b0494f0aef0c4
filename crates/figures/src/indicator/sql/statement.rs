//! The statement as a whole: what records count for, and which persons they are.

use jiff::civil::Date;

use super::dialect::Dialect;
use super::outcome::SqlReading;
use super::{
    INVALID_DAY, Inexpressible, SqlColumn, SqlField, Tables, at_sight, no_record, own, person, person_groups,
    value,
};
use tongbao_config::settings::Indicators;
use tongbao_register::field::Field;
use tongbao_register::unit::Units;

/// The statement that counts everything up to and beyond `cut_off`, on which ages are taken.
pub fn statement(
    tables: &Tables,
    units: &Units,
    indicators: &Indicators,
    cut_off: Date,
) -> Result<String, Inexpressible> {
    own::check(indicators)?;
    let reading = |tables: &Tables| SqlReading::new(tables, indicators, cut_off);
    if tables.dialect == Dialect::MariaDb {
        let usual = person_groups::usual_number(tables, indicators);
        let (with, heads) = match at_sight::split(tables, indicators).zip(usual) {
            Some(((columns, rest), usual)) => {
                let sight = apart("at_sight", &SqlReading::of(columns, indicators, cut_off));
                let rest = reading(&rest)?;
                let counted = counted_apart("counted", &rest, person_groups::REST);
                let persons = person_groups::of_rest(&rest, indicators);
                let all = format!("{}, {persons}", shown(&columns_of(&rest)));
                let rest = format!("SELECT {all} FROM {}", rest.columns.register.read_by(&all));
                let homes = person_groups::homes_beside_rest(tables, &usual);
                let rest = tables.dialect.once(person_groups::REST, &rest);
                (vec![rest, counted.0, sight.0, homes], vec![counted.1, sight.1])
            }
            None => {
                let counted = apart("counted", &reading(tables)?);
                (vec![counted.0, person_groups::homes(tables, indicators, reading)?], vec![counted.1])
            }
        };
        return Ok(person::statement(tables, units, indicators, with, heads));
    }
    let (with, head) = with_persons(tables, indicators, &reading(tables)?);
    Ok(person::statement(tables, units, indicators, with, vec![head]))
}

/// What records count for, without a look at which of them are one person: the named select, and the rows made of it.
fn apart(name: &str, reading: &SqlReading) -> (String, String) {
    let all = shown(&columns_of(reading));
    // Few columns are sorted sooner than those that they are computed from.
    let rows = format!("SELECT {all} FROM {}", reading.columns.register.read_by(&all));
    counted_apart(name, reading, &reading.columns.d.fenced(&rows))
}

/// Rows of what is read of records, counted.
fn counted_apart(name: &str, reading: &SqlReading, rows: &str) -> (String, String) {
    let (d, read) = (reading.columns.d, columns_of(reading));
    let mut names: Vec<&str> = read.iter().map(|(name, _)| *name).collect();
    // One by which nobody is found has 0, that of a person 3, be it the own or a further one.
    let of_person = match reading.columns.is_at_sight {
        true => "3".to_owned(),
        false => format!("CASE WHEN contribution & {} THEN 3 ELSE 0 END", 1 << Field::IdNumber.index()),
    };
    let counted = format!(
        "{} {}, {of_person} AS occurrence, count(*) AS times FROM {rows} AS layer GROUP BY {}",
        d.select_groups(),
        names.join(", "),
        places(names.len())
    );
    names.push("occurrence");
    (d.cte(name, &counted), head(d, name, &names))
}

/// What records count for, and the records of each person: the named selects, and the rows made of the first.
fn with_persons(tables: &Tables, indicators: &Indicators, reading: &SqlReading) -> (Vec<String>, String) {
    let d = tables.dialect;
    let read = columns_of(reading);
    let mut names: Vec<&str> = read.iter().map(|(name, _)| *name).collect();
    let all = shown(&read);
    let key = reading.person();
    let register = reading.columns.register.read_by(&format!("{all} {}", key.as_deref().unwrap_or_default()));
    let with = match key {
        // One pass over the register: what a record counts for, and whether it is the first of its person.
        Some(key) => {
            let numbered = person::numbered(&names);
            let columns = names.join(", ");
            names.push("occurrence");
            let mut with = vec![
                d.pass("records", &format!("SELECT {all}, {key} AS person FROM {register}")),
                numbered,
                d.cte(
                    "counted",
                    &format!(
                        "SELECT {columns}, {} AS occurrence, count(*) AS times FROM numbered GROUP BY {}",
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
    (with, head(d, "counted", &names))
}

/// Expressions, each with its name.
fn shown(read: &[(&str, String)]) -> String {
    read.iter().map(|(name, value)| format!("{value} AS {name}")).collect::<Vec<_>>().join(", ")
}

/// Rows of counts, which have these columns, as the program reads them.
fn head(d: Dialect, counted: &str, names: &[&str]) -> String {
    let text = |name: &str| match name == "times" || names.contains(&name) {
        true => d.as_text(name),
        false => "NULL".to_owned(),
    };
    let [unit, day, contribution] = ["unit", "day", "contribution"].map(text);
    let [place, division, occurrence, times] = ["place", "division", "occurrence", "times"].map(text);
    let own = own::numbers(d, names);
    format!(
        "SELECT 'records', {unit}, {day}, {contribution}, {own}, {place}, {division}, {occurrence}, {times} \
         FROM {counted}"
    )
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
    let mut unread = reading.unread_place();
    if let Some((is_unread, record)) = reading.unread_record() {
        let (place, division) = unread.unwrap_or(("NULL".to_owned(), "NULL".to_owned()));
        unread = Some((
            format!("CASE WHEN {is_unread} THEN {record} ELSE {place} END"),
            format!("CASE WHEN {is_unread} THEN '' ELSE {division} END"),
        ));
    }
    let mut out =
        vec![("unit", columns.unit.clone()), ("day", columns.day.clone()), ("contribution", contribution)];
    out.extend(unread.into_iter().flat_map(|(place, division)| [("place", place), ("division", division)]));
    out.extend(reading.own().into_iter().flat_map(|own| own::NAMES.into_iter().zip(own.numbers.clone())));
    out
}

/// The register without the rows that are no records.
fn records_alone(tables: &Tables) -> String {
    let d = tables.dialect;
    let text = |SqlField { value, codes, .. }: &SqlField| match value {
        SqlColumn::Text(text) => Some(value::decoded(d, &d.trim(text), codes)),
        SqlColumn::Date(_) => None,
    };
    let fields: Vec<Option<String>> = tables.fields.iter().map(text).collect();
    let is_none = no_record::is_no_record(d, &fields, &d.trim(&tables.unit));
    format!("{} WHERE NOT {is_none}", tables.register)
}
