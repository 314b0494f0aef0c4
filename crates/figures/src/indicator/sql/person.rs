//! Persons as SQL: every person's number in one form, compared whole, and the records of each in order.

use super::dialect::Dialect;
use super::entries::{HOME, SqlEntries, homes, placeholders};
use super::rosters::{self, shown_day};
use super::value::decoded;
use super::{NO_DAY, Registered, SqlField, Tables, person_groups};
use tongbao_config::settings::Indicators;
use tongbao_register::field::Field;
use tongbao_register::unit::Units;

/// The whole statement: `heads` deliver the counts of records, the rest those of persons. `with` has what both read,
/// the last of it every record of a person with its day and its home: `persons`, with its occurrence, or `homes`.
pub(super) fn statement(
    tables: &Tables,
    units: &Units,
    indicators: &Indicators,
    mut with: Vec<String>,
    heads: Vec<String>,
) -> String {
    let (d, count, names) = (tables.dialect, tables.rosters.len(), &indicators.coverage.rosters);
    with.insert(0, unit_codes(d, units, &tables.spellings));
    let mut selects = heads;
    let below = (count > 0).then(|| units_below(d, units)).flatten();
    let is_tree = below.is_some();
    with.extend((0..count).map(|position| rosters::listing(tables, indicators, position)));
    with.extend(below);
    match d {
        Dialect::MariaDb => {
            with.extend(person_groups::of_lists(tables, indicators, is_tree));
            selects.push(person_groups::own_records());
        }
        Dialect::Postgres => {
            if !tables.is_bound(indicators) {
                selects.push(records_of_persons(d));
            }
            if count > 0 {
                with.extend([rosters::listings(d, count, names), rosters::found(d, is_tree)].concat());
            }
        }
    }
    if count > 0 {
        selects.extend(rosters::matches(d, count, names));
    }
    d.statement(&with, &selects)
}

/// What the occurrence of a record means to the person: 0 = nobody, 1 = the record that is the person's own, 2 = a
/// further one.
pub(super) const OCCURRENCE: &str = "CASE WHEN person IS NULL THEN 0 WHEN occurrence = 1 THEN 1 ELSE 2 END";

/// The record with the earliest day, then the lowest unit, is the person's own.
fn occurrence(day: &str, home: &str) -> String {
    format!("row_number() OVER (PARTITION BY person ORDER BY {day}, {home})")
}

/// `numbered`: the records with these columns, and which of the records of its person each is.
pub(super) fn numbered(columns: &[&str]) -> String {
    let day = known_day("records.day");
    let columns: String = columns.iter().map(|column| format!("records.{column}, ")).collect();
    format!(
        "numbered AS (SELECT {columns}person, {HOME} AS home, {} AS occurrence \
         FROM records LEFT JOIN units ON units.code = records.unit)",
        occurrence(&day, HOME)
    )
}

/// `persons`, from the records that are numbered.
pub(super) fn of_numbered(d: Dialect) -> String {
    let day = known_day("day");
    let persons =
        format!("SELECT person, {day} AS day, home, occurrence FROM numbered WHERE person IS NOT NULL");
    d.inlined("persons", &persons)
}

/// `persons`, read from the register once more.
pub(super) fn of_register(tables: &Tables, register: &str, indicators: &Indicators) -> String {
    let d = tables.dialect;
    let SqlField { value, codes, .. } = &tables.fields[Field::IdNumber.index()];
    let number = decoded(d, &d.trim(value.text()), codes);
    let day = tables.day.as_ref().map(|Registered { day, .. }| known_day(day));
    let day = day.unwrap_or(NO_DAY.to_string());
    let entries =
        SqlEntries { table: register, unit: &tables.unit, number: &number, day: &day, is_roster: false };
    let occurrence = occurrence("day", "home");
    let persons =
        format!("SELECT person, day, home, {occurrence} AS occurrence FROM homes WHERE person IS NOT NULL");
    format!("{}, {}", homes(d, "homes", entries, &placeholders(indicators)), d.once("persons", &persons))
}

fn known_day(day: &str) -> String {
    format!("CASE WHEN {day} IS NULL THEN {NO_DAY} ELSE {day} END")
}

/// Persons and further records of persons, by home and day.
fn records_of_persons(d: Dialect) -> String {
    let kind = "CASE WHEN occurrence = 1 THEN 'persons' ELSE 'duplicates' END";
    format!(
        "SELECT {kind}, {}, {}, NULL, NULL, NULL, NULL, NULL, {} FROM persons GROUP BY {kind}, home, day",
        d.as_text("home"),
        shown_day(d, "day"),
        d.as_text("count(*)")
    )
}

/// Units as records write them, with the home they mean: that of the unit, or of the one that it counts
/// for since it ended.
fn unit_codes(d: Dialect, units: &Units, spellings: &[(String, u32)]) -> String {
    let mut codes: Vec<(&str, u32)> = units.codes().collect();
    codes.extend(spellings.iter().map(|(text, unit)| (text.as_str(), *unit)));
    if d == Dialect::MariaDb {
        // Blanks at the end do not count where it compares.
        codes.iter_mut().for_each(|(text, _)| *text = text.trim_end_matches(' '));
    }
    codes.sort_unstable();
    codes.dedup_by_key(|(text, _)| *text);
    let row = |(code, unit): (&str, u32)| [d.unit_text(code), unit.to_string()];
    d.rows("units (code, home)", codes.into_iter().map(row))
}

/// Homes with each of those above them; `None` where no unit is below another.
fn units_below(d: Dialect, units: &Units) -> Option<String> {
    let above = |unit: u32| std::iter::successors(units.parent(unit), |unit| units.parent(*unit));
    let pairs = units.from_above().flat_map(|unit| above(unit).map(move |above| (unit, above)));
    let mut rows = pairs.map(|(unit, above)| [unit.to_string(), above.to_string()]);
    let first = rows.next()?;
    Some(d.rows("below (home, above)", std::iter::once(first).chain(rows)))
}
