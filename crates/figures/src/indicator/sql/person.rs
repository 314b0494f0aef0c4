//! Persons, duplicates and coverage as SQL: every person's number in one form, compared whole.

use super::dialect::Dialect;
use super::layer::{Layer, Layers};
use super::nothing::filled;
use super::value::decoded;
use super::{
    NO_DAY, Registered, SqlField, SqlRoster, Tables, id_number, identity, no_record, person_groups, shape,
    without,
};
use tongbao_config::settings::{Indicators, Rosters};
use tongbao_register::field::Field;
use tongbao_register::unit::Units;
use tongbao_rule::definitions::{FieldDefinition, ValueType};

/// The home of an entry joined with the units: the position of a unit in the list, or [`NO_HOME`].
pub(super) const HOME: &str = "CASE WHEN units.code IS NULL THEN 2147483647 ELSE units.home END";

/// Stands for a unit that is not in the list: after every other.
pub(super) const NO_HOME: i32 = i32::MAX;

/// The whole statement: `heads` deliver the counts of records, the rest those of persons. `with` has what both read,
/// the last of it every record of a person with its day and its home: `persons`, with its occurrence, or `homes`.
pub(super) fn statement(
    tables: &Tables,
    units: &Units,
    indicators: &Indicators,
    mut with: Vec<String>,
    heads: Vec<String>,
) -> String {
    let (d, rosters, names) = (tables.dialect, tables.rosters.len(), &indicators.coverage.rosters);
    with.insert(0, unit_codes(d, units, &tables.spellings));
    let mut selects = heads;
    let below = (rosters > 0).then(|| units_below(d, units)).flatten();
    let is_tree = below.is_some();
    with.extend((0..rosters).map(|position| listing(tables, indicators, position)));
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
            if rosters > 0 {
                with.extend([listings(d, rosters, names), found(d, is_tree)].concat());
            }
        }
    }
    if rosters > 0 {
        selects.extend(matches(d, rosters, names));
    }
    d.statement(&with, &selects)
}

/// The entries of a roster, on MariaDB those that are not written as nearly all are.
fn listing(tables: &Tables, indicators: &Indicators, position: usize) -> String {
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

/// The condition that an entry is a person's, with a well-formed number.
pub(super) fn is_usual_entry(d: Dialect, roster: &SqlRoster, placeholders: &[String]) -> String {
    let number = &roster.id_number;
    format!("{} AND {}", is_usual_date(d, number, placeholders), id_number::is_checked(d, number))
}

pub(super) fn placeholders(indicators: &Indicators) -> Vec<String> {
    indicators.completeness.of(Field::IdNumber).map(str::to_owned).collect()
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

/// The persons of each list with their units: `listed` by roster, `lists` with all of them together. For MariaDB
/// [`person_groups`] says the same.
fn listings(d: Dialect, rosters: usize, names: &Rosters) -> Vec<String> {
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
fn found(d: Dialect, is_tree: bool) -> Vec<String> {
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

/// Whether a record's home is the one that a list has for its person, or lies below it.
pub(super) fn is_own(home: &str, listed: &str, is_tree: bool) -> String {
    let below = format!(" OR ({home}, {listed}) IN (SELECT home, above FROM below)");
    format!("({home} = {listed}{})", if is_tree { &below } else { "" })
}

/// Counts of every list, its position in the place of the contribution.
fn matches(d: Dialect, rosters: usize, names: &Rosters) -> Vec<String> {
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
        "SELECT {kind}, {home}, NULL, {list}, NULL, NULL, NULL, NULL, NULL, {} FROM listing_{roster} \
         WHERE is_total OR person IS NULL OR fault > 0 GROUP BY 1, 2, 4",
        d.as_text("count(*)")
    )
}

fn counted_by_list(d: Dialect, kind: &str, from: &str, day: Option<&str>) -> String {
    let shown = day.map_or("NULL".to_owned(), |day| shown_day(d, day));
    let by = day.map_or(String::new(), |day| format!(", {day}"));
    format!(
        "SELECT '{kind}', {}, {shown}, {}, NULL, NULL, NULL, NULL, NULL, {} FROM {from} GROUP BY home, roster{by}",
        d.as_text("home"),
        d.as_text("roster"),
        d.as_text(persons(d))
    )
}

/// Persons who are found, by the day of the first record and that of the first under their own unit, which stands in
/// the column of places: NULL where there is none, as a number also where it has no day.
fn counted_as_found(d: Dialect) -> String {
    format!(
        "SELECT 'found', {}, {}, {}, NULL, NULL, {}, NULL, NULL, {} FROM found GROUP BY home, roster, day, own",
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

/// Homes with each of those above them; `None` where no unit lies below another.
fn units_below(d: Dialect, units: &Units) -> Option<String> {
    let above = |unit: u32| std::iter::successors(units.parent(unit), |unit| units.parent(*unit));
    let pairs = units.from_above().flat_map(|unit| above(unit).map(move |above| (unit, above)));
    let mut rows = pairs.map(|(unit, above)| [unit.to_string(), above.to_string()]);
    let first = rows.next()?;
    Some(d.rows("below (home, above)", std::iter::once(first).chain(rows)))
}

/// Records or roster entries as they lie: unit, trimmed number, day.
struct SqlEntries<'a> {
    table: &'a str,
    unit: &'a str,
    number: &'a str,
    day: &'a str,
    /// Whether totals and wrong numbers are kept apart from other entries.
    is_roster: bool,
}

/// Persons with their units; NULL without number. Nearly all numbers are seen to be such at once, the others are looked
/// at in the layers above.
fn homes(d: Dialect, name: &str, entries: SqlEntries<'_>, placeholders: &[String]) -> String {
    let SqlEntries { table, unit, number, day, is_roster } = entries;
    let mut layer = Layer::new(Layers::over(d, table.to_owned()), true);
    layer.bind("number", number.to_owned());
    layer.bind("day", day.to_owned());
    layer.bind("unit", unit.to_owned());
    let open = layer.bind("open", open_number(d, number, placeholders));
    let mut layer = Layer::new(layer.close(), true);
    let filled = filled(d, ValueType::CitizenId, &open, placeholders);
    let normal = d.normalized(&open);
    let normal =
        layer.bind("normal", format!("CASE WHEN {open} IS NULL THEN number WHEN {filled} THEN {normal} END"));
    let is_total = is_roster.then(|| {
        let is_total = no_record::is_no_entry(d, &open, &d.trim("unit"));
        layer.bind("is_total", format!("CASE WHEN {open} IS NULL THEN FALSE ELSE {is_total} END"))
    });
    let is_dated = shape::is_dated(d, "number");
    let characters = format!("CASE WHEN {open} IS NULL AND {is_dated} THEN {} END", d.characters("number"));
    let characters = layer.bind("characters", characters);
    let mut layer = Layer::new(layer.close(), true);
    let mut known = id_number::known(d, "number", &characters, &normal);
    if !is_roster {
        // None of eighteen characters is asked for more.
        known = format!("CASE WHEN {open} IS NULL THEN '' ELSE {known} END");
    }
    let known = layer.bind("known", known);
    let mut columns = key_of_person(d, &format!("{open} IS NULL"), &normal, &known);
    if let Some(is_total) = is_total {
        let fault = id_number::fault(d, &open, &normal, &known);
        columns = format!(
            "CASE WHEN {is_total} THEN NULL ELSE {columns} END AS person, {is_total}, {fault} AS fault"
        );
        if d == Dialect::MariaDb {
            columns.push_str(&format!(", {open} IS NULL AS is_usual"));
        }
    } else {
        columns.push_str(" AS person");
    }
    d.once(name, &with_homes(&[&columns, "day", &format!("{HOME} AS home")], &layer.close_transparent()))
}

/// A number that is not written as nearly all are, trimmed, '' for none; NULL for all others.
fn open_number(d: Dialect, number: &str, placeholders: &[String]) -> String {
    let (is_usual, trimmed) = (is_usual_number(d, number, placeholders), d.trim(number));
    format!("CASE WHEN {is_usual} THEN NULL WHEN {number} IS NULL THEN '' ELSE {trimmed} END")
}

/// The condition that a number is filled and written as nearly all are, so that it is in its normal form.
pub(super) fn is_usual_number(d: Dialect, number: &str, placeholders: &[String]) -> String {
    unless_placeholder(d, shape::is_eighteen(d, number), number, placeholders)
}

/// The condition for MariaDB that it contains a day besides.
pub(super) fn is_usual_date(d: Dialect, number: &str, placeholders: &[String]) -> String {
    unless_placeholder(d, shape::is_dated(d, number), number, placeholders)
}

/// `is_usual`, and none of the placeholders with the shape of a number.
fn unless_placeholder(d: Dialect, is_usual: String, number: &str, placeholders: &[String]) -> String {
    let has_its_shape = |word: &&str| {
        word.len() == 18 && word.bytes().all(|c| c.is_ascii_digit() || c.eq_ignore_ascii_case(&b'X'))
    };
    let odd: Vec<&str> = placeholders.iter().map(String::as_str).filter(has_its_shape).collect();
    match odd.is_empty() {
        true => is_usual,
        false => format!("{is_usual} AND {number} NOT IN ({})", d.texts(odd)),
    }
}

/// Things with their units, NULL without what tells them apart.
fn homes_of_things(d: Dialect, name: &str, roster: &SqlRoster, definition: &FieldDefinition) -> String {
    let SqlRoster { table, unit, id_number } = roster;
    let (value_type, placeholders) = (definition.value_type, &definition.placeholders);
    let mut layer = Layer::new(Layers::over(d, table.clone()), true);
    layer.bind("number", id_number.clone());
    layer.bind("unit", unit.clone());
    let is_total = layer.bind("is_total", roster.is_no_entry(d));
    let mut layer = Layer::new(layer.close(), true);
    let filled = filled(d, value_type, "number", placeholders);
    let normal = identity::normal(d, value_type, "number");
    let normal = format!("CASE WHEN {is_total} THEN '' WHEN {filled} THEN {normal} ELSE '' END");
    let normal = layer.bind("identity", normal);
    let columns = format!(
        "{} AS person, {is_total}, {} AS fault, {NO_DAY} AS day",
        key_of_thing(d, &normal),
        identity::fault(d, definition, &d.trim("number"), &normal)
    );
    d.once(name, &with_homes(&[&columns, &format!("{HOME} AS home")], &layer.close()))
}

/// Columns of entries, which may read [`HOME`].
pub(super) fn with_homes(columns: &[&str], entries: &Layers) -> String {
    let (columns, join) = (columns.join(", "), "LEFT JOIN units ON units.code = layer.unit");
    let entries = entries.read_by(&format!("{columns} {join}"));
    format!("SELECT {columns} FROM {entries} {join}")
}

/// Bytes by which MariaDB knows a person: those of a number, or a letter and 136 bits of the digest of a longer text.
const PERSON_BYTES: u32 = 18;

/// Bytes by which MariaDB knows a thing: a letter, and at most 32 of its text or of its digest.
const THING_BYTES: u32 = 33;

/// The text that tells persons apart: the number in its normal form, with eighteen characters where it has fifteen.
/// `is_eighteen` is the condition that it has the shape of one with eighteen.
pub(super) fn key_of_person(d: Dialect, is_eighteen: &str, normal: &str, known: &str) -> String {
    let (eighteen, other) = (key_of_number(d, normal), key_of_number(d, &id_number::whole(d, normal, known)));
    let other = d.short_or_digest(normal, &other, (PERSON_BYTES, PERSON_BYTES));
    d.by_bytes(&format!("CASE WHEN {is_eighteen} THEN {eighteen} ELSE {other} END"))
}

/// The key of a number in its normal form. On PostgreSQL it stands backwards: its last digits differ most, and what
/// sorts texts compares the first.
pub(super) fn key_of_number(d: Dialect, number: &str) -> String {
    match d {
        Dialect::Postgres => format!("reverse({number})"),
        Dialect::MariaDb => d.short(number, PERSON_BYTES),
    }
}

/// What tells apart things that are no persons, NULL for nothing.
pub(super) fn key_of_thing(d: Dialect, identity: &str) -> String {
    let short = d.short(&d.concat(&["'T'", identity]), THING_BYTES);
    let key = d.short_or_digest(identity, &short, (THING_BYTES, THING_BYTES - 1));
    d.by_bytes(&format!("CASE WHEN {identity} <> '' THEN {key} END"))
}

/// Persons and further records of persons, by home and day.
fn records_of_persons(d: Dialect) -> String {
    let kind = "CASE WHEN occurrence = 1 THEN 'persons' ELSE 'duplicates' END";
    format!(
        "SELECT {kind}, {}, {}, NULL, NULL, NULL, NULL, NULL, NULL, {} FROM persons GROUP BY {kind}, home, day",
        d.as_text("home"),
        shown_day(d, "day"),
        d.as_text("count(*)")
    )
}

pub(super) fn shown_day(d: Dialect, day: &str) -> String {
    format!("CASE WHEN {day} > {NO_DAY} THEN {} END", d.as_text(day))
}

fn total(d: Dialect, kind: &str, sum: &str, from: &str) -> String {
    format!(
        "SELECT '{kind}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, {} FROM {from}",
        d.as_text(&format!("({sum})"))
    )
}

/// Kind of the rows that count the totals of a roster.
pub(super) const ROSTER_TOTALS: &str = "roster_totals";
