//! Rows that are no records as SQL: what [`tongbao_register::no_record`] does with bytes.

use super::dialect::Dialect;
use tongbao_register::field::Field;
use tongbao_register::no_record::{
    BRACKETS, COLONS, COUNTED, ID_DIGITS, LONGEST_NAMED_TOTAL, LONGEST_TOTAL, NAME_HEADINGS, SIGNATURES,
    TOTALS,
};

/// The condition, never unknown, that a row is no record. `fields` are trimmed texts in the order of
/// [`Field::ALL`], `None` for those that are no texts.
pub(super) fn is_no_record(d: Dialect, fields: &[Option<String>], unit: &str) -> String {
    let field = |field: Field| fields[field.index()].as_deref();
    let totals = fields.iter().flatten().map(String::as_str).chain([unit]).map(|text| is_total(d, text));
    let mut conditions: Vec<String> = totals.collect();
    if let Some(name) = field(Field::Name) {
        let name = d.squeezed(name);
        conditions.push(format!("{name} IN ({})", d.texts(NAME_HEADINGS)));
        conditions.push(d.matches(&name, &format!("^({})", SIGNATURES.join("|"))));
    }
    without_number(d, field(Field::IdNumber), &conditions)
}

/// The condition, never unknown, that a row that is no person's names a total.
pub(super) fn is_no_thing(d: Dialect, names: [&str; 2]) -> String {
    let [one, other] = names.map(|name| is_total(d, name));
    format!("CASE WHEN {one} OR {other} THEN TRUE ELSE FALSE END")
}

/// The same of an entry of a roster.
pub(super) fn is_no_entry(d: Dialect, id_number: &str, unit: &str) -> String {
    without_number(d, Some(id_number), &[is_total(d, id_number), is_total(d, unit)])
}

/// The condition that a text begins with as many digits as an ID number has, so that it is no total.
pub(super) fn looks_like_a_number(d: Dialect, text: &str) -> String {
    d.matches(text, &format!("^[0-9]{{{ID_DIGITS}}}"))
}

/// Any of the conditions, where nothing looks like an ID number. Nearly all rows have one and are looked at no
/// further.
fn without_number(d: Dialect, id_number: Option<&str>, conditions: &[String]) -> String {
    let any = conditions.join(" OR ");
    let Some(number) = id_number else { return format!("CASE WHEN {any} THEN TRUE ELSE FALSE END") };
    let plain = looks_like_a_number(d, number);
    let any_other = d.matches(number, &format!("([0-9][^0-9]*){{{ID_DIGITS}}}"));
    format!("CASE WHEN {plain} THEN FALSE WHEN {any_other} THEN FALSE WHEN {any} THEN TRUE ELSE FALSE END")
}

/// Whether a text is a total. What is longer than any total, blanks apart, is not looked at.
fn is_total(d: Dialect, text: &str) -> String {
    let (colons, brackets): (String, String) = (COLONS.iter().collect(), BRACKETS.iter().collect());
    let (words, counted): (String, String) = (TOTALS.join("|"), COUNTED.iter().collect());
    let short = format!("(?=.{{0,{LONGEST_TOTAL}}}[{colons}]*$)(?:{words})");
    let named = format!(
        "(?=.{{0,{LONGEST_NAMED_TOTAL}}}[{colons}]*$)[^{brackets}]*(?:{words})[{colons}]*(?:[{brackets}]|$)"
    );
    let is_total = format!("^(?:{short}|{named}|共[0-9]+[{counted}][{colons}]*$)");
    format!("({} AND {})", d.matches(text, "[计共]"), d.matches(&d.squeezed(text), &is_total))
}
