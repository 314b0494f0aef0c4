//! Persons, duplicates and coverage as SQL: every person's number in one form, compared whole.

use super::dialect::Dialect;
use super::outcome::number;
use super::value::{decoded, filled};
use super::{Inexpressible, Registered, Tables, pattern};
use tongbao_config::settings::{Indicators, Rosters};
use tongbao_register::field::Field;
use tongbao_register::unit::Units;
use tongbao_rule::definitions::ValueType;

/// Stands for a missing day: before every day.
const NO_DAY: i64 = i32::MIN as i64;

/// The whole statement: `head` delivers the counts of records, which `counted_records` names, the rest those
/// of persons.
pub(super) fn statement(
    tables: &Tables,
    units: &Units,
    indicators: &Indicators,
    counted_records: String,
    head: String,
) -> Result<String, Inexpressible> {
    let d = tables.dialect;
    let placeholders: Vec<String> = indicators.completeness.of(Field::IdNumber).map(str::to_owned).collect();
    let homes = |name: &str, entries: SqlEntries<'_>| homes(d, name, entries, &placeholders);
    let (value, codes) = &tables.fields[Field::IdNumber.index()];
    let number = decoded(d, &d.trim(value.text()), codes);
    let day = tables
        .day
        .as_ref()
        .map(|Registered { day, .. }| format!("CASE WHEN {day} IS NULL THEN {NO_DAY} ELSE {day} END"));
    let day = day.unwrap_or(NO_DAY.to_string());
    let mut with = vec![
        counted_records,
        unit_codes(d, units, &tables.spellings),
        homes(
            "persons",
            SqlEntries { table: &tables.register, unit: &tables.unit, number: &number, day: &day },
        )?,
        // The record with the earliest day, then the lowest unit, is the person's own.
        format!(
            "numbered AS (SELECT person, home, day, row_number() OVER (PARTITION BY person ORDER BY day, {}) AS place \
             FROM persons WHERE person IS NOT NULL)",
            d.by_bytes("home")
        ),
    ];
    let mut selects = vec![
        head,
        counted(d, "persons", "numbered WHERE place = 1", Some("day")),
        counted(d, "duplicates", "numbered WHERE place > 1", Some("day")),
    ];
    if !tables.rosters.is_empty() {
        let below = units_below(d, units);
        for (position, roster) in tables.rosters.iter().enumerate() {
            let (number, day) = (d.trim(&roster.id_number), NO_DAY.to_string());
            let entries = SqlEntries { table: &roster.table, unit: &roster.unit, number: &number, day: &day };
            with.push(homes(&format!("listing_{position}"), entries)?);
        }
        with.extend(listings(d, tables.rosters.len(), &indicators.coverage.rosters));
        let is_tree = below.is_some();
        with.extend(below);
        with.push(found(is_tree));
        selects.extend(matches(d, tables.rosters.len(), &indicators.coverage.rosters));
    }
    Ok(format!("WITH {} {}", with.join(", "), selects.join(" UNION ALL ")))
}

/// The persons of each list with their units: `listed` by roster, `lists` with all of them together.
fn listings(d: Dialect, rosters: usize, names: &Rosters) -> Vec<String> {
    // Listed under two units: the person belongs to the lower code.
    let listed = |roster: usize| {
        let home = d.by_bytes("home");
        format!(
            "SELECT {roster} AS roster, person, min({home}) AS home, count(*) AS times FROM listing_{roster} \
             WHERE person IS NOT NULL GROUP BY person"
        )
    };
    let listed: Vec<String> = (0..rosters).map(listed).collect();
    let mut out = vec![format!("listed AS ({})", listed.join(" UNION ALL "))];
    let mut lists = "SELECT roster, person, home FROM listed".to_owned();
    if names.lists() > rosters {
        // Listed by several: the person belongs to the unit of the first that knows the unit.
        out.push(
            "together AS (SELECT person, home, row_number() OVER (PARTITION BY person \
             ORDER BY CASE WHEN home = '1' THEN 1 ELSE 0 END, roster) AS place FROM listed)"
                .to_owned(),
        );
        lists.push_str(&format!(
            " UNION ALL SELECT {} AS roster, person, home FROM together WHERE place = 1",
            names.lists() - 1
        ));
    }
    out.push(format!("lists AS ({lists})"));
    out
}

/// The persons of each list who are in the register; `own` has the day under their own unit.
fn found(is_tree: bool) -> String {
    let below = " OR (persons.home, lists.home) IN (SELECT home, above FROM below)";
    format!(
        "found AS (SELECT lists.roster AS roster, lists.home AS home, min(persons.day) AS day, \
         min(CASE WHEN persons.home = lists.home{} THEN persons.day END) AS own \
         FROM lists JOIN persons ON persons.person = lists.person \
         GROUP BY lists.roster, lists.person, lists.home)",
        if is_tree { below } else { "" }
    )
}

/// Counts of every list, its position in the place of the contribution.
fn matches(d: Dialect, rosters: usize, names: &Rosters) -> Vec<String> {
    let mut out = vec![
        counted_by_list(d, "roster", "lists", None),
        counted_by_list(d, "covered", "found", Some("day")),
        counted_by_list(d, "covered_own", "found WHERE own IS NOT NULL", Some("own")),
        total(d, "roster_duplicates", "sum(times - 1)", "listed"),
    ];
    if names.reconciled() > 0 {
        let known = "(SELECT lists.roster AS roster, numbered.home AS home, numbered.day AS day FROM lists \
                     JOIN numbered ON numbered.person = lists.person WHERE numbered.place = 1) AS known";
        out.push(counted_by_list(d, "known", known, Some("day")));
    }
    let without = |roster: usize| format!("listing_{roster} WHERE person IS NULL");
    out.extend((0..rosters).map(|roster| total(d, "roster_without_id", "count(*)", &without(roster))));
    // What stands behind the letter of a person without a well-formed number is that number.
    let is_cut = d.matches("substr(person, 2)", pattern::CUT);
    let cut = |roster: usize| format!("listing_{roster} WHERE left(person, 1) = 'T' AND {is_cut}");
    out.extend((0..rosters).map(|roster| total(d, "roster_cut_ids", "count(*)", &cut(roster))));
    out
}

fn counted_by_list(d: Dialect, kind: &str, from: &str, day: Option<&str>) -> String {
    counts(d, kind, from, day, Some("roster"))
}

/// Units as records write them, with the home they mean: that of the unit, or of the one that it counts
/// for since it ended.
fn unit_codes(d: Dialect, units: &Units, spellings: &[(String, u32)]) -> String {
    let mut codes: Vec<(&str, u32)> = units.codes().collect();
    codes.extend(spellings.iter().map(|(text, unit)| (text.as_str(), *unit)));
    codes.sort_unstable();
    codes.dedup_by_key(|(text, _)| *text);
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
struct SqlEntries<'a> {
    table: &'a str,
    unit: &'a str,
    number: &'a str,
    day: &'a str,
}

/// Persons with their units: 0 and the code of one in the list, or 1. A person is NULL without number.
fn homes(
    d: Dialect,
    name: &str,
    entries: SqlEntries<'_>,
    placeholders: &[String],
) -> Result<String, Inexpressible> {
    let SqlEntries { table, unit, number, day } = entries;
    let fence = d.fence();
    Ok(format!(
        "{name} AS (SELECT CASE WHEN {filled} THEN {key} END AS person, day, \
         CASE WHEN units.code IS NULL THEN '1' ELSE units.home END AS home \
         FROM (SELECT written.*, {normal} AS normal FROM \
         (SELECT {number} AS number, {day} AS day, {unit} AS unit FROM {table}{fence}) AS written{fence}) AS normed \
         LEFT JOIN units ON units.code = normed.unit{fence})",
        filled = filled(d, ValueType::CitizenId, "number", placeholders)?,
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
    counts(d, kind, from, day, None)
}

fn counts(d: Dialect, kind: &str, from: &str, day: Option<&str>, list: Option<&str>) -> String {
    let shown = match day {
        Some(day) => format!("CASE WHEN {day} > {NO_DAY} THEN {} END", d.as_text(day)),
        None => "NULL".to_owned(),
    };
    let by: String = day.iter().chain(&list).map(|column| format!(", {column}")).collect();
    let list = list.map_or("NULL".to_owned(), |list| d.as_text(list));
    format!(
        "SELECT '{kind}', home, {shown}, {list}, NULL, NULL, NULL, NULL, {} FROM {from} GROUP BY home{by}",
        d.as_text("count(*)")
    )
}

fn total(d: Dialect, kind: &str, sum: &str, from: &str) -> String {
    total_of_list(d, kind, sum, from, "NULL")
}

fn total_of_list(d: Dialect, kind: &str, sum: &str, from: &str, list: &str) -> String {
    format!(
        "SELECT '{kind}', NULL, NULL, {list}, NULL, NULL, NULL, NULL, {} FROM {from}",
        d.as_text(&format!("({sum})"))
    )
}

/// Counts the rows of a roster that are totals; `from` delivers them alone.
pub(super) fn roster_totals(d: Dialect, position: usize, from: &str) -> String {
    total_of_list(d, ROSTER_TOTALS, "count(*)", from, &d.as_text(&position.to_string()))
}

/// Kind of the rows that [`roster_totals`] delivers.
pub(super) const ROSTER_TOTALS: &str = "roster_totals";
