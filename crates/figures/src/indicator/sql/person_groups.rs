//! Persons for MariaDB, where a select that numbers the records of each costs three times as much as a sort of records and
//! entries together, after which each person has what its records and the lists say of it.

use super::dialect::Dialect;
use super::entries::{HOME, NO_HOME, is_usual_number, key_of_number, placeholders, with_homes};
use super::identity;
use super::layer::{Layer, Layers};
use super::outcome::SqlReading;
use super::rosters::{is_own, shown_day};
use super::{Inexpressible, Registered, SqlColumn, SqlField, SqlRoster, Tables};
use tongbao_config::settings::Indicators;
use tongbao_register::field::Field;

const D: Dialect = Dialect::MariaDb;

/// `homes`: each record of a person, with its day and home. Numbers that are written as nearly all are need no layers.
pub(super) fn homes(
    tables: &Tables,
    indicators: &Indicators,
    reading: impl Fn(&Tables) -> Result<SqlReading, Inexpressible>,
) -> Result<String, Inexpressible> {
    Ok(match usual_number(tables, indicators) {
        Some((number, is_usual)) => {
            let rest = of_reading(&reading(&tables.without(&is_usual))?);
            named_homes(tables, &format!("{} UNION ALL {rest}", usual_homes(tables, &number, &is_usual)))
        }
        None => named_homes(tables, &of_reading(&reading(tables)?)),
    })
}

/// The same where what is not known at sight is read as [`REST`] already, with the persons of [`of_rest`]. `usual` is
/// [`usual_number`].
pub(super) fn homes_beside_rest(tables: &Tables, (number, is_usual): &(String, String)) -> String {
    let usual = usual_homes(tables, number, is_usual);
    let rest = format!(
        "SELECT person, {} FROM {REST} LEFT JOIN units ON units.code = {REST}.unit WHERE person IS NOT NULL",
        at("day")
    );
    named_homes(tables, &format!("{usual} UNION ALL {rest}"))
}

/// The named select of records that are not known at sight.
pub(super) const REST: &str = "rest";

/// The column of the persons of such records, NULL where the number is written as nearly all are.
pub(super) fn of_rest(reading: &SqlReading, indicators: &Indicators) -> String {
    let number = reading.columns.fields[Field::IdNumber.index()].text();
    let is_usual = is_usual_number(D, number, &placeholders(indicators));
    let key = reading.person().unwrap_or("NULL".to_owned());
    format!("CASE WHEN {is_usual} THEN NULL ELSE {key} END AS person")
}

fn named_homes(tables: &Tables, select: &str) -> String {
    if tables.rosters.is_empty() { format!("homes AS ({select})") } else { D.once("homes", select) }
}

/// Records whose number is written as nearly all are.
fn usual_homes(tables: &Tables, number: &str, is_usual: &str) -> String {
    let day = tables.day.as_ref().map_or("NULL", |Registered { day, .. }| day);
    let table = format!("{} WHERE {is_usual}", tables.register);
    let entries = usual_entries(table, number, &tables.unit, Some(day));
    with_homes(&["person", &at("day")], &entries)
}

/// The ID number, if it is read as it is written, and the condition that it is written as nearly all are.
pub(super) fn usual_number(tables: &Tables, indicators: &Indicators) -> Option<(String, String)> {
    let SqlField { value: SqlColumn::Text(number), codes, .. } =
        tables.fields.get(Field::IdNumber.index())?
    else {
        return None;
    };
    let is_usual = is_usual_number(D, number, &placeholders(indicators));
    (tables.is_table && codes.is_empty()).then(|| (number.clone(), is_usual))
}

/// Entries whose number is in its normal form, with their person and unit.
fn usual_entries(table: String, number: &str, unit: &str, day: Option<&str>) -> Layers {
    let mut layer = Layer::new(Layers::over(D, table), true);
    layer.bind("person", key_of_number(D, number));
    layer.bind("unit", unit.to_owned());
    if let Some(day) = day {
        layer.bind("day", day.to_owned());
    }
    layer.close_transparent()
}

/// Records of persons, or of what the register lists otherwise.
fn of_reading(reading: &SqlReading) -> String {
    let key = reading.person().unwrap_or("NULL".to_owned());
    let columns = &reading.columns;
    let register = with_homes(&[&format!("{key} AS person"), &at(&columns.day)], &columns.register);
    format!("SELECT person, at FROM ({register}) AS rest WHERE person IS NOT NULL")
}

/// The day and the home of a record as one number, which orders records as their persons have them: by day, then by home.
fn at(day: &str) -> String {
    format!("ifnull({day} + {HOMES}, 0) * {HOMES} + {HOME} AS at")
}

/// As many as there may be homes, and days before and after 1970-01-01.
const HOMES: i64 = 1 << 31;

fn home_of(at: &str) -> String {
    format!("({at} % {HOMES})")
}

/// The day, or [`super::NO_DAY`].
fn day_of(at: &str) -> String {
    format!("({at} DIV {HOMES} - {HOMES})")
}

/// Named selects from the records (`homes`) and the entries of each roster (`listing_N`, those that are not written as
/// nearly all are, or whose number is wrong) on:
///
/// - `alike`: how many persons have their first record, their home and their number of entries in each list in common,
///   from which all is counted; without rosters their first records alone. The few with several records are alike with
///   nobody;
/// - `several`: these few, and `further`: what their records say of each;
/// - `lists`, `found` and `known` as on other servers, of persons who are alike.
pub(super) fn of_lists(tables: &Tables, indicators: &Indicators, is_tree: bool) -> Vec<String> {
    let (rosters, names) = (tables.rosters.len(), &indicators.coverage.rosters);
    if rosters == 0 {
        let first = format!("{} min(at) AS first FROM homes GROUP BY person", D.select_groups());
        let alike = "count(*) AS persons FROM everyone GROUP BY first";
        return vec![
            format!("everyone AS ({first})"),
            format!("alike AS ({} first, {alike})", D.select_groups()),
        ];
    }
    let lists = names.lists().max(rosters);
    let known = (names.reconciled() > 0).then(|| format!("known AS ({})", known(lists)));
    let common = [
        D.once("alike", &alike(&everyone(tables, indicators, lists), rosters, lists)),
        // What could read itself takes the server gigabytes to prepare on top of several others.
        format!("several AS {}", D.fenced("SELECT * FROM alike WHERE person IS NOT NULL")),
        format!("further AS ({})", further(lists, is_tree)),
        format!("lists AS ({})", listed(lists, rosters)),
        format!("found AS ({})", found(lists, is_tree)),
    ];
    common.into_iter().chain(known).collect()
}

/// A table with a row for each list of each of its rows. The server reserves memory for all that a named select reads each
/// time that another reads it: one select of all lists instead of one for each.
fn of_each_list(table: &str, lists: usize) -> String {
    if lists == 1 {
        return table.to_owned();
    }
    let all: Vec<String> = (0..lists).map(|list| format!("SELECT {list} AS list")).collect();
    format!("{table}, ({}) AS each_list", all.join(" UNION ALL "))
}

/// The number of the list of such a row.
fn which_list(lists: usize) -> &'static str {
    if lists == 1 { "0" } else { "each_list.list" }
}

/// The expression of the list of such a row.
fn by_list(lists: usize, of_list: impl Fn(usize) -> String) -> String {
    if lists == 1 {
        return of_list(0);
    }
    let arms = (0..lists).map(|list| format!(" WHEN {list} THEN {}", of_list(list)));
    format!("CASE each_list.list{} END", arms.collect::<String>())
}

fn home(lists: usize) -> String {
    by_list(lists, |list| format!("home_{list}"))
}

/// Persons of each list by home; `times` is how often each is listed.
fn listed(lists: usize, rosters: usize) -> String {
    let (list, home, table) = (which_list(lists), home(lists), of_each_list("alike", lists));
    let times = by_list(lists, |list| if list < rosters { format!("times_{list}") } else { "1".to_owned() });
    format!(
        "SELECT {list} AS roster, {home} AS home, {times} AS times, persons FROM {table} \
         WHERE {home} IS NOT NULL"
    )
}

/// Each person once, with its first record, the number of its records, and its home and number of entries in each list.
fn everyone(tables: &Tables, indicators: &Indicators, lists: usize) -> String {
    let rosters = tables.rosters.len();
    let of_list = |list: usize| {
        let listed = match rosters {
            1 => "listed".to_owned(),
            _ => format!("CASE WHEN roster = {list} THEN listed END"),
        };
        // Listed under two units: the person belongs to the lower code.
        format!(", min({listed}) AS home_{list}, count({listed}) AS times_{list}")
    };
    let entries: String = (0..rosters).map(|list| entries(tables, indicators, list)).collect();
    let columns: String = (0..rosters).map(of_list).collect();
    let which = which_of(rosters, "NULL AS roster");
    let grouped = format!(
        "{} person, min(at) AS first, count(at) AS records{columns} \
         FROM (SELECT person, at, NULL AS listed{which} FROM homes{entries}) AS both_sides GROUP BY person",
        D.select_groups()
    );
    if lists == rosters {
        return grouped;
    }
    // Listed by several: the person belongs to the unit of the first that knows the unit.
    let knowing = (0..rosters).map(|list| format!("nullif(home_{list}, {NO_HOME})"));
    let any = (0..rosters).map(|list| format!("home_{list}"));
    let together: Vec<String> = knowing.chain(any).collect();
    format!("SELECT *, coalesce({}) AS home_{rosters} FROM ({grouped}) AS by_list", together.join(", "))
}

/// The column that says which of several rosters an entry is of. Of a single one the rows, all of which are written
/// down, need not say it.
fn which_of(rosters: usize, roster: &str) -> String {
    if rosters > 1 { format!(", {roster}") } else { String::new() }
}

/// The entries of a roster, after those of the register.
fn entries(tables: &Tables, indicators: &Indicators, list: usize) -> String {
    let which = which_of(tables.rosters.len(), &list.to_string());
    let rest =
        format!(" UNION ALL SELECT person, NULL, home{which} FROM listing_{list} WHERE person IS NOT NULL");
    if identity::field(indicators).is_some() {
        return rest;
    }
    let SqlRoster { table, unit, id_number } = &tables.rosters[list];
    let table = format!("{table} WHERE {}", is_usual_number(D, id_number, &placeholders(indicators)));
    let usual = with_homes(
        &["person", "NULL", &format!("{HOME}{which}")],
        &usual_entries(table, id_number, unit, None),
    );
    format!(" UNION ALL {usual}{rest} AND NOT is_usual")
}

fn alike(everyone: &str, rosters: usize, lists: usize) -> String {
    let homes = (0..lists).map(|list| format!("home_{list}"));
    let times = (0..rosters).map(|list| format!("times_{list}"));
    let columns: Vec<String> = ["first", "CASE WHEN records > 1 THEN person END AS person"]
        .map(str::to_owned)
        .into_iter()
        .chain(homes)
        .chain(times)
        .collect();
    let places: Vec<String> = (1..=columns.len()).map(|at| at.to_string()).collect();
    format!(
        "{} {}, count(*) AS persons FROM ({everyone}) AS everyone GROUP BY {}",
        D.select_groups(),
        columns.join(", "),
        places.join(", ")
    )
}

/// Each record asks for its person among the few, not the few among all records.
fn further(lists: usize, is_tree: bool) -> String {
    let of_list = |list: usize| {
        let own = is_own(&home_of("homes.at"), &format!("home_{list}"), is_tree);
        let day = day_of("homes.at");
        format!(", min(home_{list}) AS home_{list}, min(CASE WHEN {own} THEN {day} END) AS own_{list}")
    };
    let columns: String = (0..lists).map(of_list).collect();
    format!(
        "SELECT min(several.first) AS first{columns} \
         FROM homes STRAIGHT_JOIN several ON several.person = homes.person GROUP BY several.person"
    )
}

/// Persons of each list who are in the register: the day of their first record, and of the first under their own unit.
fn found(lists: usize, is_tree: bool) -> String {
    let (list, listed, day) = (which_list(lists), home(lists), day_of("first"));
    let own = is_own(&home_of("first"), &listed, is_tree);
    let own_further = by_list(lists, |list| format!("own_{list}"));
    let (alike, further) = (of_each_list("alike", lists), of_each_list("further", lists));
    format!(
        "SELECT {list} AS roster, {listed} AS home, {day} AS day, CASE WHEN {own} THEN {day} END AS own, persons \
         FROM {alike} WHERE {listed} IS NOT NULL AND first IS NOT NULL AND person IS NULL \
         UNION ALL SELECT {list}, {listed}, {day}, {own_further}, 1 FROM {further} WHERE {listed} IS NOT NULL"
    )
}

/// The same persons with the home of their own record.
fn known(lists: usize) -> String {
    let (list, listed, table) = (which_list(lists), home(lists), of_each_list("alike", lists));
    let (home, day) = (home_of("first"), day_of("first"));
    format!(
        "SELECT {list} AS roster, {home} AS home, {day} AS day, persons FROM {table} \
         WHERE {listed} IS NOT NULL AND first IS NOT NULL"
    )
}

/// Persons by the home and day of their own records.
pub(super) fn own_records() -> String {
    format!(
        "SELECT '{OWN_RECORDS}', {}, {}, NULL, NULL, NULL, NULL, NULL, {} FROM alike \
         WHERE first IS NOT NULL GROUP BY first",
        D.as_text(&home_of("first")),
        shown_day(D, &day_of("first")),
        D.as_text("sum(persons)")
    )
}

/// Kind of the rows that count persons by their own records, where all records of persons are counted as further ones.
pub(super) const OWN_RECORDS: &str = "own_records";
