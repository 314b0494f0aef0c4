//! Records and entries of rosters as the persons or things that they are: each by its unit, day, and what distinguishes it.

use super::dialect::Dialect;
use super::layer::{Layer, Layers};
use super::nothing::filled;
use super::{NO_DAY, SqlRoster, id_number, identity, no_record, shape};
use tongbao_config::settings::Indicators;
use tongbao_register::field::Field;
use tongbao_rule::definitions::{FieldDefinition, ValueType};

/// The home of an entry joined with the units: the position of a unit in the list, or [`NO_HOME`].
pub(super) const HOME: &str = "CASE WHEN units.code IS NULL THEN 2147483647 ELSE units.home END";

/// Stands for a unit that is not in the list: after every other.
pub(super) const NO_HOME: i32 = i32::MAX;

/// The condition that an entry is a person's, with a well-formed number.
pub(super) fn is_usual_entry(d: Dialect, roster: &SqlRoster, placeholders: &[String]) -> String {
    let number = &roster.id_number;
    format!("{} AND {}", is_usual_date(d, number, placeholders), id_number::is_checked(d, number))
}

pub(super) fn placeholders(indicators: &Indicators) -> Vec<String> {
    indicators.completeness.of(Field::IdNumber).map(str::to_owned).collect()
}

/// Records or roster entries as they are: unit, trimmed number, day.
pub(super) struct SqlEntries<'a> {
    pub table: &'a str,
    pub unit: &'a str,
    pub number: &'a str,
    pub day: &'a str,
    /// Whether totals and wrong numbers are kept apart from other entries.
    pub is_roster: bool,
}

/// Persons with their units; NULL without number. Nearly all numbers are seen to be such at once, the others are looked
/// at in the layers above.
pub(super) fn homes(d: Dialect, name: &str, entries: SqlEntries<'_>, placeholders: &[String]) -> String {
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

/// Things with their units, NULL without what distinguishes them.
pub(super) fn homes_of_things(
    d: Dialect,
    name: &str,
    roster: &SqlRoster,
    definition: &FieldDefinition,
) -> String {
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

/// The text that distinguishes persons: the number in its normal form, with eighteen characters where it has fifteen.
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
