//! Checks that columns and values do not get round what definitions may say: a sensitive field under another name, one
//! people that counts as blank or invalid, or records that are left out by what they say of a person.

use std::collections::BTreeMap;

use super::Check;
use crate::raw::source::{RawCoded, RawField, RawMark, RawRegister};
use tongbao_message::message;
use tongbao_register::field::Field;
use tongbao_register::nothing;
use tongbao_rule::definitions::{Definitions, FieldDefinition, PRESET_FIELDS, ValueType};
use tongbao_rule::ethics;
use tongbao_rule::tree::FieldId;

impl Check<'_> {
    /// A column as the database distinguishes it from others. Files and most databases read `Name` where `name` is asked for, and
    /// files `na me` too.
    fn column(&self, written: &str) -> String {
        match self.has_exact_columns {
            true => written.trim().to_owned(),
            false => written.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase(),
        }
    }
}

/// The columns of all fields by position.
fn columns_of(
    definitions: &Definitions,
    columns: &BTreeMap<Field, RawField>,
    check: &Check<'_>,
) -> Vec<String> {
    let column = |(at, field): (usize, &FieldDefinition)| match at < PRESET_FIELDS {
        true => columns.get(&Field::at(at)).map_or("", |field| field.column()).to_owned(),
        false => field.column.clone(),
    };
    definitions.fields.iter().enumerate().map(|field| check.column(&column(field))).collect()
}

/// Fields that read one column hold the same values: what one of them is, all are.
pub(super) fn shared_columns(
    definitions: &mut Definitions,
    columns: &BTreeMap<Field, RawField>,
    check: &Check<'_>,
) {
    let read = columns_of(definitions, columns, check);
    for at in PRESET_FIELDS..definitions.fields.len() {
        let shared = || read.iter().zip(&definitions.fields).filter(|(column, _)| **column == read[at]);
        let is_sensitive = shared().any(|(_, field)| field.is_sensitive);
        let of_persons = shared().find_map(|(_, field)| field.of_persons);
        definitions.fields[at].is_sensitive |= is_sensitive;
        definitions.fields[at].of_persons = definitions.fields[at].of_persons.or(of_persons);
    }
}

/// Values of sensitive fields and of persons that count as blank, lists of theirs that leave out a people, and types that
/// could be those of chosen persons.
pub(super) fn values(definitions: &Definitions, check: &mut Check) {
    for (at, field) in definitions.fields.iter().enumerate() {
        let path = place_of_words(at, field);
        let words = field.placeholders.iter().map(String::as_str);
        check.permit(&path, words.filter(|word| !nothing::is_nothing(word.as_bytes())));
        if let Some(word) = ethics::person_as_blank(field) {
            check.refuse(&path, message!("a-person-is-blank", word, field = field.key));
        }
        if ethics::is_for_chosen_persons(field) {
            check.refuse(&path, message!("is-of-persons-and-has-no-list", field = field.key));
        }
    }
    sensitive_values(definitions, check);
}

/// Where the words for nothing of a field are written.
fn place_of_words(at: usize, field: &FieldDefinition) -> String {
    match at < PRESET_FIELDS {
        true => "indicators.completeness".to_owned(),
        false => format!("fields.{}", field.key),
    }
}

fn sensitive_values(definitions: &Definitions, check: &mut Check) {
    for (at, field) in definitions.fields.iter().enumerate().filter(|(_, field)| field.is_sensitive) {
        let path = place_of_words(at, field);
        let id = FieldId(at as u8);
        if let Some(word) = ethics::chosen_as_blank(definitions, id, &field.placeholders) {
            check.refuse(&path, message!("a-value-of-a-sensitive-field-is-blank", word, field = field.key));
        }
        let list = match field.value_type {
            ValueType::Code(list) => list,
            ValueType::Formed => {
                check.refuse(&path, message!("a-sensitive-field-has-no-form"));
                continue;
            }
            _ => continue,
        };
        if let Some(word) = ethics::left_out(definitions, list) {
            let list = &definitions.lists[list].key;
            check.refuse(&path, message!("a-list-leaves-out-a-people", list, word));
        }
    }
}

/// The columns and marks of the register. Without definitions, which have problems then, the built-in sensitive field
/// alone is known.
pub(super) fn register(raw: &RawRegister, definitions: Option<&Definitions>, check: &mut Check) {
    for (field, column) in &raw.fields {
        check.permit(&format!("source.register.fields.{}", field.key()), [column.column().as_str()]);
        if let RawField::Coded(RawCoded { codes, .. }) = column {
            code_map(*field, codes, definitions, check);
        }
    }
    check.permit("source.register.left_at", raw.left_at.as_deref());
    let mut read = |field| raw.fields.get(&field).map(|field: &RawField| check.column(field.column()));
    let mut sensitive: Vec<String> = read(Field::Ethnicity).into_iter().collect();
    let mut of_persons: Vec<String> =
        [Field::Name, Field::IdNumber].into_iter().filter_map(&mut read).collect();
    if let Some(definitions) = definitions {
        for (column, field) in
            columns_of(definitions, &raw.fields, check).into_iter().zip(&definitions.fields)
        {
            sensitive.extend(field.is_sensitive.then(|| column.clone()));
            of_persons.extend(field.of_persons.is_some().then_some(column));
        }
    }
    let key = check.column(&raw.key);
    for (column, values) in &raw.only {
        let path = format!("source.register.only.{column}");
        let texts: Vec<String> = values.iter().map(RawMark::text).collect();
        check.permit(&path, [column].into_iter().chain(&texts).map(String::as_str));
        let known = check.column(column);
        let is_one_of = |columns: &[String]| !known.is_empty() && columns.contains(&known);
        let names_a_person = || {
            ethics::of_persons(column).is_some()
                || texts.iter().any(|text| ethics::is_number_of_a_person(text))
        };
        if ethics::is_sensitive(column) || is_one_of(&sensitive) {
            check.fail(&path, message!("is-sensitive-it-must-not-decide-which-records", column));
        } else if known == key && !key.is_empty() {
            check.fail(&path, message!("is-the-key-it-must-not-decide-which-records", column));
        } else if is_one_of(&of_persons) || names_a_person() {
            check.fail(&path, message!("names-persons-it-must-not-decide-which-records", column));
        }
    }
}

/// What the codes of a built-in field mean: none is a people that counts as blank or another, or a person.
fn code_map(
    field: Field,
    codes: &BTreeMap<String, String>,
    definitions: Option<&Definitions>,
    check: &mut Check,
) {
    let path = format!("source.register.fields.{}.codes", field.key());
    check.permit(&path, codes.iter().flat_map(|(code, word)| [code.as_str(), word]));
    if matches!(field, Field::Name | Field::IdNumber) && !codes.is_empty() {
        check.refuse(&path, message!("is-of-persons-and-has-no-list", field = field.key()));
    }
    let id = FieldId(field.index() as u8);
    let is_sensitive = definitions.filter(|all| all.fields[field.index()].is_sensitive);
    if let Some(word) = is_sensitive.and_then(|all| ethics::mapped_away(all, id, codes)) {
        check.refuse(&path, message!("a-people-is-made-something-else", word, field = field.key()));
    }
}
