//! Persons, duplicates and coverage as SQL: every person's number in one form, compared whole.

use super::dialect::Dialect;
use super::outcome::number;
use super::value::{decoded, filled};
use super::{Inexpressible, Tables};
use crate::config::settings::Indicators;
use crate::register::field::Field;
use crate::register::unit::Units;

/// Stands for a missing day: before every day.
const NO_DAY: i64 = i32::MIN as i64;

/// The whole statement: `head` delivers the counts of records, which `counted_records` names, the rest those
/// of persons.
pub fn statement(
    tables: &Tables,
    units: &Units,
    indicators: &Indicators,
    counted_records: String,
    head: String,
) -> Result<String, Inexpressible> {
    let d = tables.dialect;
    let placeholders: Vec<String> = indicators.completeness.of(Field::IdNumber).map(str::to_owned).collect();
    let homes = |name: &str, entries: Entries<'_>| homes(d, name, entries, &placeholders);
    let (value, codes) = &tables.fields[Field::IdNumber.index()];
    let number = decoded(d, &d.trim(value.text()), codes);
    let day =
        tables.day.as_ref().map(|(day, _)| format!("CASE WHEN {day} IS NULL THEN {NO_DAY} ELSE {day} END"));
    let day = day.unwrap_or(NO_DAY.to_string());
    let mut with = vec![
        counted_records,
        unit_codes(d, units),
        homes(
            "persons",
            Entries { table: &tables.register, unit: &tables.unit, number: &number, day: &day },
        )?,
        // The record with the earliest day, then the lowest unit, is the person's own.
        format!(
            "numbered AS (SELECT home, day, row_number() OVER (PARTITION BY person ORDER BY day, {}) AS place \
             FROM persons WHERE person IS NOT NULL)",
            d.by_bytes("home")
        ),
    ];
    let mut selects = vec![
        head,
        counted(d, "persons", "numbered WHERE place = 1", Some("day")),
        counted(d, "duplicates", "numbered WHERE place > 1", Some("day")),
    ];
    if let Some(roster) = &tables.roster {
        let (number, day) = (d.trim(&roster.id_number), NO_DAY.to_string());
        let entries = Entries { table: &roster.table, unit: &roster.unit, number: &number, day: &day };
        with.push(homes("listing", entries)?);
        // Listed under two units: the person belongs to the lower code.
        with.push(format!(
            "listed AS (SELECT person, min({}) AS home, count(*) AS times FROM listing WHERE person IS NOT NULL \
             GROUP BY person)",
            d.by_bytes("home")
        ));
        let mut is_own = "persons.home = listed.home".to_owned();
        if let Some(below) = units_below(d, units) {
            with.push(below);
            is_own.push_str(" OR (persons.home, listed.home) IN (SELECT home, above FROM below)");
        }
        with.push(format!(
            "found AS (SELECT listed.home AS home, min(persons.day) AS day, \
             min(CASE WHEN {is_own} THEN persons.day END) AS own \
             FROM listed JOIN persons ON persons.person = listed.person GROUP BY listed.person, listed.home)"
        ));
        selects.push(counted(d, "roster", "listed", None));
        selects.push(counted(d, "covered", "found", Some("day")));
        selects.push(counted(d, "covered_own", "found WHERE own IS NOT NULL", Some("own")));
        selects.push(total(d, "roster_duplicates", "sum(times - 1)", "listed"));
        selects.push(total(d, "roster_without_id", "count(*)", "listing WHERE person IS NULL"));
    }
    Ok(format!("WITH {} {}", with.join(", "), selects.join(" UNION ALL ")))
}

/// Unit codes as records may write them, with the home they mean: that of the unit, or of the one that
/// it counts for since it ended.
fn unit_codes(d: Dialect, units: &Units) -> String {
    let mut codes: Vec<(&str, u32)> = units.codes().collect();
    codes.sort_unstable();
    let row = |(code, unit): (&str, u32)| [d.unit_text(code), d.unit_text(&home(units, unit))];
    d.rows("units (code, home)", codes.into_iter().map(row))
}

/// Homes with each of those above them; `None` where no unit lies below another.
fn units_below(d: Dialect, units: &Units) -> Option<String> {
    let above = |unit: u32| std::iter::successors(units.parent(unit), |unit| units.parent(*unit));
    let pairs = units.from_above().flat_map(|unit| above(unit).map(move |above| (unit, above)));
    let mut rows = pairs.map(|pair| {
        let (unit, above) = pair;
        [d.unit_text(&home(units, unit)), d.unit_text(&home(units, above))]
    });
    let first = rows.next()?;
    Some(d.rows("below (home, above)", std::iter::once(first).chain(rows)))
}

/// What stands for a unit of the list.
fn home(units: &Units, unit: u32) -> String {
    format!("0{}", units.list()[unit as usize].code)
}

/// Records or roster entries as they lie: unit, trimmed number, day.
struct Entries<'a> {
    table: &'a str,
    unit: &'a str,
    number: &'a str,
    day: &'a str,
}

/// Persons with their units: 0 and the code of one in the list, or 1. A person is NULL without number.
fn homes(
    d: Dialect,
    name: &str,
    entries: Entries<'_>,
    placeholders: &[String],
) -> Result<String, Inexpressible> {
    let Entries { table, unit, number, day } = entries;
    let fence = d.fence();
    Ok(format!(
        "{name} AS (SELECT CASE WHEN {filled} THEN {key} END AS person, day, \
         CASE WHEN units.code IS NULL THEN '1' ELSE units.home END AS home \
         FROM (SELECT written.*, {normal} AS normal FROM \
         (SELECT {number} AS number, {day} AS day, {unit} AS unit FROM {table}{fence}) AS written{fence}) AS normed \
         LEFT JOIN units ON units.code = normed.unit{fence})",
        filled = filled(d, Field::IdNumber, "number", placeholders)?,
        key = person_key(d, "number", "normal"),
        normal = d.normalized("number"),
        unit = d.trim(unit),
    ))
}

/// The 17 digits of a well-formed number, or the normal text of anything else; the letters in front
/// keep the two apart.
fn person_key(d: Dialect, text: &str, normal: &str) -> String {
    let known = |number: &str| d.concat(&["'C'", &format!("left({number}, 17)")]);
    number(d, text, normal, &known, &|number| d.concat(&["'T'", number]))
}

fn counted(d: Dialect, kind: &str, from: &str, day: Option<&str>) -> String {
    let shown = match day {
        Some(day) => format!("CASE WHEN {day} > {NO_DAY} THEN {} END", d.as_text(day)),
        None => "NULL".to_owned(),
    };
    let by = day.map(|day| format!(", {day}")).unwrap_or_default();
    format!(
        "SELECT '{kind}', home, {shown}, NULL, NULL, NULL, {} FROM {from} GROUP BY home{by}",
        d.as_text("count(*)")
    )
}

fn total(d: Dialect, kind: &str, sum: &str, from: &str) -> String {
    format!("SELECT '{kind}', NULL, NULL, NULL, NULL, NULL, {} FROM {from}", d.as_text(&format!("({sum})")))
}
