//! Rosters compared with the register: who is listed, who is found, and which entries are no persons.

use super::dialect::Dialect;
use super::entries::{NO_HOME, SqlEntries, homes, homes_of_things, is_usual_entry, placeholders};
use super::{NO_DAY, SqlRoster, Tables, identity, without};
use tongbao_config::settings::{Indicators, Rosters};

/// The entries of a roster, on MariaDB those that are not written as nearly all are.
pub(super) fn listing(tables: &Tables, indicators: &Indicators, position: usize) -> String {
    let (d, name) = (tables.dialect, format!("listing_{position}"));
    let roster = &tables.rosters[position];
    if let Some((_, definition)) = identity::field(indicators) {
        return homes_of_things(d, &name, roster, definition);
    }
    let (placeholders, day) = (placeholders(indicators), NO_DAY.to_string());
    let table = match d {
        Dialect::Postgres => roster.table.clone(),
        Dialect::MariaDb => without(&roster.table, &is_usual_entry(d, roster, &placeholders)),
    };
    let SqlRoster { unit, id_number: number, .. } = roster;
    homes(d, &name, SqlEntries { table: &table, unit, number, day: &day, is_roster: true }, &placeholders)
}

/// The persons of each list with their units: `listed` by roster, `lists` with all of them together. For MariaDB
/// [`person_groups`] says the same.
pub(super) fn listings(d: Dialect, rosters: usize, names: &Rosters) -> Vec<String> {
    // Listed under two units: the person belongs to the lower code.
    let listed = |roster: usize| {
        format!(
            "SELECT {roster} AS roster, person, min(home) AS home, count(*) AS times FROM listing_{roster} \
             WHERE person IS NOT NULL GROUP BY person"
        )
    };
    let listed: Vec<String> = (0..rosters).map(listed).collect();
    let mut out = vec![d.once("listed", &listed.join(" UNION ALL "))];
    let mut lists = "SELECT roster, person, home FROM listed".to_owned();
    if names.lists() > rosters {
        // Listed by several: the person belongs to the unit of the first that knows the unit.
        out.push(format!(
            "together AS (SELECT person, home, row_number() OVER (PARTITION BY person \
                 ORDER BY CASE WHEN home = {NO_HOME} THEN 1 ELSE 0 END, roster) AS place FROM listed)"
        ));
        lists.push_str(&format!(
            " UNION ALL SELECT {} AS roster, person, home FROM together WHERE place = 1",
            names.lists() - 1
        ));
    }
    out.push(d.inlined("lists", &lists));
    out
}

/// The persons of each list who are in the register: `found` has the day of their first record, and as `own` that of the
/// first under their own unit.
pub(super) fn found(d: Dialect, is_tree: bool) -> Vec<String> {
    let is_own = is_own("persons.home", "lists.home", is_tree);
    // Few have further records. Of an equality the database would expect that it leaves next to nothing, and loop.
    let further = format!(
        "further AS (SELECT lists.roster AS roster, lists.person AS person, min(persons.day) AS day \
         FROM lists JOIN persons ON persons.person = lists.person \
         WHERE persons.occurrence > 1 AND {is_own} GROUP BY lists.roster, lists.person)"
    );
    let found = format!(
        "SELECT lists.roster AS roster, lists.home AS home, persons.day AS day, \
         CASE WHEN {is_own} THEN persons.day ELSE further.day END AS own \
         FROM lists JOIN persons ON persons.person = lists.person AND persons.occurrence < 2 \
         LEFT JOIN further ON further.person = lists.person AND further.roster = lists.roster"
    );
    vec![further, d.inlined("found", &found)]
}

/// Whether a record's home is the one that a list has for its person, or is below it.
pub(super) fn is_own(home: &str, listed: &str, is_tree: bool) -> String {
    let below = format!(" OR ({home}, {listed}) IN (SELECT home, above FROM below)");
    format!("({home} = {listed}{})", if is_tree { &below } else { "" })
}

/// Counts of every list, its position in the place of the contribution.
pub(super) fn matches(d: Dialect, rosters: usize, names: &Rosters) -> Vec<String> {
    let mut out = vec![
        counted_by_list(d, "roster", "lists", None),
        counted_as_found(d),
        match d {
            Dialect::Postgres => total(d, "roster_duplicates", "sum(times - 1)", "listed"),
            Dialect::MariaDb => total(d, "roster_duplicates", "sum((times - 1) * persons)", "lists"),
        },
    ];
    if names.reconciled() > 0 {
        let known = match d {
            Dialect::MariaDb => "known",
            Dialect::Postgres => {
                "(SELECT lists.roster AS roster, persons.home AS home, persons.day AS day FROM lists \
                 JOIN persons ON persons.person = lists.person WHERE persons.occurrence = 1) AS known"
            }
        };
        out.push(counted_by_list(d, "known", known, Some("day")));
    }
    out.extend((0..rosters).map(|roster| oddities(d, roster)));
    out
}

/// Entries of a roster that are no persons, or whose number is wrong, by their home; totals with the roster's position.
fn oddities(d: Dialect, roster: usize) -> String {
    let kind = format!(
        "CASE WHEN is_total THEN '{ROSTER_TOTALS}' WHEN person IS NULL THEN 'roster_without_id' \
         WHEN fault = 1 THEN 'roster_cut_ids' ELSE 'roster_malformed_ids' END"
    );
    let home = format!("CASE WHEN NOT is_total AND person IS NOT NULL THEN {} END", d.as_text("home"));
    let list = format!("CASE WHEN is_total THEN {} END", d.as_text(&roster.to_string()));
    format!(
        "SELECT {kind}, {home}, NULL, {list}, NULL, NULL, NULL, NULL, {} FROM listing_{roster} \
         WHERE is_total OR person IS NULL OR fault > 0 GROUP BY 1, 2, 4",
        d.as_text("count(*)")
    )
}

fn counted_by_list(d: Dialect, kind: &str, from: &str, day: Option<&str>) -> String {
    let shown = day.map_or("NULL".to_owned(), |day| shown_day(d, day));
    let by = day.map_or(String::new(), |day| format!(", {day}"));
    format!(
        "SELECT '{kind}', {}, {shown}, {}, NULL, NULL, NULL, NULL, {} FROM {from} GROUP BY home, roster{by}",
        d.as_text("home"),
        d.as_text("roster"),
        d.as_text(persons(d))
    )
}

/// Persons who are found, by the day of the first record and that of the first under their own unit, which stands in
/// the column of places: NULL where there is none, as a number also where it has no day.
fn counted_as_found(d: Dialect) -> String {
    format!(
        "SELECT 'found', {}, {}, {}, NULL, {}, NULL, NULL, {} FROM found GROUP BY home, roster, day, own",
        d.as_text("home"),
        shown_day(d, "day"),
        d.as_text("roster"),
        d.as_text("own"),
        d.as_text(persons(d))
    )
}

/// How many persons rows of a list stand for: on MariaDB each for those who are alike.
fn persons(d: Dialect) -> &'static str {
    match d {
        Dialect::Postgres => "count(*)",
        Dialect::MariaDb => "sum(persons)",
    }
}

pub(super) fn shown_day(d: Dialect, day: &str) -> String {
    format!("CASE WHEN {day} > {NO_DAY} THEN {} END", d.as_text(day))
}

fn total(d: Dialect, kind: &str, sum: &str, from: &str) -> String {
    format!(
        "SELECT '{kind}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, {} FROM {from}",
        d.as_text(&format!("({sum})"))
    )
}

/// Kind of the rows that count the totals of a roster.
pub(super) const ROSTER_TOTALS: &str = "roster_totals";
