//! Checks that columns and values do not get round what definitions may say: a sensitive field under another name, one
//! people that counts as blank or invalid, or records that are left out by what they say of a person.

use std::collections::BTreeMap;

use super::Check;
use crate::raw::source::{RawField, RawMark, RawRegister};
use tongbao_message::message;
use tongbao_register::field::Field;
use tongbao_rule::definitions::{Definitions, PRESET_FIELDS, ValueType};
use tongbao_rule::ethics;
use tongbao_rule::tree::FieldId;

/// Fields that read one column hold the same values: what one of them is, all are.
pub(super) fn shared_columns(definitions: &mut Definitions, columns: &BTreeMap<Field, RawField>) {
    let column = |at: usize, own: &str| {
        let column = match at < PRESET_FIELDS {
            true => columns.get(&Field::at(at)).map_or("", |field| field.column()),
            false => own,
        };
        column.trim().to_lowercase()
    };
    let read: Vec<String> =
        definitions.fields.iter().enumerate().map(|(at, field)| column(at, &field.column)).collect();
    for at in PRESET_FIELDS..definitions.fields.len() {
        let shared = || read.iter().zip(&definitions.fields).filter(|(column, _)| **column == read[at]);
        let is_sensitive = shared().any(|(_, field)| field.is_sensitive);
        let of_persons = shared().find_map(|(_, field)| field.of_persons);
        definitions.fields[at].is_sensitive |= is_sensitive;
        definitions.fields[at].of_persons = definitions.fields[at].of_persons.or(of_persons);
    }
}

/// Values of sensitive fields that count as blank, and lists of theirs that leave out a people.
pub(super) fn values(definitions: &Definitions, check: &mut Check) {
    for (at, field) in definitions.fields.iter().enumerate().filter(|(_, field)| field.is_sensitive) {
        let path = match at < PRESET_FIELDS {
            true => "indicators.completeness".to_owned(),
            false => format!("fields.{}", field.key),
        };
        let id = FieldId(at as u8);
        if let Some(word) = ethics::chosen_as_blank(definitions, id, &field.placeholders) {
            check.fail(&path, message!("a-value-of-a-sensitive-field-is-blank", word, field = field.key));
        }
        let list = match field.value_type {
            ValueType::Code(list) => list,
            ValueType::Formed => {
                check.fail(&path, message!("a-sensitive-field-has-no-form"));
                continue;
            }
            _ => continue,
        };
        if let Some(word) = ethics::left_out(definitions, list) {
            let list = &definitions.lists[list].key;
            check.fail(&path, message!("a-list-leaves-out-a-people", list, word));
        }
    }
}

/// The columns and marks of the register.
pub(super) fn register(raw: &RawRegister, check: &mut Check) {
    for (field, column) in &raw.fields {
        check.permit(&format!("source.register.fields.{}", field.key()), [column.column().as_str()]);
    }
    let sensitive = raw.fields.get(&Field::Ethnicity).map(RawField::column);
    for (column, values) in &raw.only {
        let path = format!("source.register.only.{column}");
        let texts: Vec<String> = values.iter().map(RawMark::text).collect();
        check.permit(&path, [column].into_iter().chain(&texts).map(String::as_str));
        if ethics::is_sensitive(column) || sensitive.is_some_and(|known| known == column) {
            check.fail(&path, message!("is-sensitive-it-must-not-decide-which-records", column));
        }
    }
}
