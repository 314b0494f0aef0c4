//! Fields as SQL: state and value of each, computed once a row in layers.

use super::super::columns::{NumberColumns, RecordColumns};
use super::super::id_number::{self, check_character};
use super::super::layer::{Layer, Layers};
use super::super::shape;
use super::super::value::{SqlFieldValue, date_digits, may_be_other_date};
use super::super::{Dialect, SqlColumn, pattern};
use tongbao_register::field::Field;
use tongbao_register::id_number::CITIZEN_DOCUMENTS;
use tongbao_register::uscc;
use tongbao_rule::definitions::{CodeList, Definitions, FieldDefinition, ValueType};
use tongbao_rule::form::ValueForm;
use tongbao_rule::value::ANSWERS;

/// States of a value, as numbers in SQL.
pub(super) const MISSING: u8 = 0;
pub(super) const INVALID: u8 = 1;
pub(super) const FOREIGN: u8 = 2;
pub(super) const KNOWN: u8 = 3;

/// Names of the columns that stand for a field.
pub(super) struct FieldColumns {
    pub state: String,
    /// Dates are numbers `YYYYMMDD`, numbers ten-thousandths, codes positions in their list (-1 = none), answers 1
    /// and 0, citizen ID numbers their first 17 digits, everything else texts.
    pub value: String,
    /// A code in lower case, a citizen ID number with its check character.
    pub text: String,
    /// 1 where the field applies to the record; `None` = always.
    pub applies: Option<String>,
    /// Condition: filled, and only the program can say with what.
    pub unread: Option<String>,
}

/// Adds the layers that read fields, and returns them with the columns by field.
pub(super) fn layers(
    bound: &RecordColumns,
    definitions: &Definitions,
    read: u64,
) -> (Layers, Vec<Option<FieldColumns>>) {
    let d = bound.d;
    let mut fields: Vec<Option<OwnFieldSql<'_>>> = definitions
        .fields
        .iter()
        .enumerate()
        .map(|(at, definition)| {
            let value = bound.field(at).filter(|_| read >> at & 1 == 1)?;
            Some(OwnFieldSql {
                d,
                at,
                definition,
                definitions,
                value,
                prepared: String::new(),
                code: String::new(),
                // The preset's number has its columns already.
                number: bound.number.clone().filter(|_| at == Field::IdNumber.index()),
            })
        })
        .collect();
    let mut layer = Layer::new(bound.register.clone(), true);
    for field in fields.iter_mut().flatten() {
        if field.is_unbound_number() {
            let characters = id_number::characters(d, field.value.text());
            let characters = layer.bind(&format!("h{}", field.at), characters);
            field.number = Some(NumberColumns { characters, normal: String::new(), known: String::new() });
        }
        if let Some(prepared) = field.prepare() {
            field.prepared = layer.bind(&format!("a{}", field.at), prepared);
        }
    }
    let mut layer = Layer::new(layer.close(), true);
    for field in fields.iter_mut().flatten() {
        if let Some(NumberColumns { characters, normal, known }) = &mut field.number
            && known.is_empty()
        {
            *normal = field.prepared.clone();
            let number = id_number::known(d, field.value.text(), characters, normal);
            *known = layer.bind(&format!("n{}", field.at), number);
        }
        if let ValueType::Code(list) = field.definition.value_type {
            let code = code(d, &definitions.lists[list], &field.prepared);
            field.code = layer.bind(&format!("c{}", field.at), code);
        }
    }
    let mut layer = Layer::new(layer.close(), true);
    let mut columns: Vec<Option<FieldColumns>> = Vec::new();
    for field in &fields {
        columns.push(field.as_ref().map(|field| FieldColumns {
            state: layer.bind(&format!("s{}", field.at), field.state(bound.document_type.as_deref())),
            value: String::new(),
            text: String::new(),
            applies: None,
            unread: field.unread(),
        }));
    }
    let mut layer = Layer::new(layer.close(), true);
    for (field, columns) in fields.iter().zip(&mut columns) {
        if let (Some(field), Some(columns)) = (field, columns) {
            let (value, text) = field.value(&columns.state);
            columns.value = layer.bind(&format!("v{}", field.at), value);
            columns.text =
                text.map_or(columns.value.clone(), |text| layer.bind(&format!("t{}", field.at), text));
        }
    }
    (layer.close(), columns)
}

struct OwnFieldSql<'a> {
    d: Dialect,
    at: usize,
    definition: &'a FieldDefinition,
    definitions: &'a Definitions,
    value: &'a SqlFieldValue,
    /// The value in the form that is compared.
    prepared: String,
    /// Position of a code.
    code: String,
    /// Of a citizen ID number.
    number: Option<NumberColumns>,
}

impl OwnFieldSql<'_> {
    fn is_unbound_number(&self) -> bool {
        self.definition.value_type == ValueType::CitizenId && self.number.is_none()
    }

    fn prepare(&self) -> Option<String> {
        let (d, filled) = (self.d, &self.value.filled);
        let text = self.value.text();
        let prepared = match (self.definition.value_type, &self.value.value) {
            // The preset's number is in its normal form in a column already.
            (ValueType::CitizenId, _) if self.at == Field::IdNumber.index() => return None,
            (ValueType::CitizenId | ValueType::Uscc, _) => d.normalized(text),
            (ValueType::Code(_) | ValueType::YesNo, _) => d.lower(text),
            (ValueType::Date, SqlColumn::Text(_)) => {
                date_digits(d, text, &shape::is_iso_date(d, text), &d.half_width(text))
            }
            _ => return None,
        };
        Some(format!("CASE WHEN {filled} THEN {prepared} ELSE '' END"))
    }

    /// The condition that a filled value is one of its type.
    fn is_valid(&self) -> String {
        let (d, text, prepared) = (self.d, self.value.text(), &self.prepared);
        match self.definition.value_type {
            ValueType::Text | ValueType::Place | ValueType::CitizenId => "TRUE".to_owned(),
            ValueType::Date => match &self.value.value {
                SqlColumn::Text(_) => format!("{prepared} <> ''"),
                SqlColumn::Date(date) => d.date_exists(date),
            },
            ValueType::Number => d.matches(text, NUMBER),
            ValueType::YesNo => format!("{prepared} IN ({})", d.texts(ANSWERS.iter().map(|(word, _)| *word))),
            ValueType::Uscc => is_credit_code(d, prepared),
            ValueType::Formed => {
                self.definition.form.as_ref().map_or("FALSE".to_owned(), |form| has_form(d, text, form))
            }
            ValueType::Code(list) if self.definitions.lists[list].is_open => "TRUE".to_owned(),
            ValueType::Code(_) => format!("{} >= 0", self.code),
        }
    }

    fn state(&self, document_type: Option<&str>) -> String {
        let filled = &self.value.filled;
        let state = match self.definition.value_type {
            ValueType::CitizenId => self.number(&|_| KNOWN.to_string(), &|number| {
                let by_shape = format!(
                    "CASE WHEN {} THEN {FOREIGN} ELSE {INVALID} END",
                    self.d.matches(number, pattern::OTHER_DOCUMENT)
                );
                let Some(kind) = document_type else { return by_shape };
                let citizens = self.d.texts(CITIZEN_DOCUMENTS);
                format!(
                    "CASE WHEN {kind} IN ({citizens}) THEN {INVALID} WHEN {kind} <> '' THEN {FOREIGN} ELSE {by_shape} END"
                )
            }),
            _ => format!("CASE WHEN {} THEN {KNOWN} ELSE {INVALID} END", self.is_valid()),
        };
        format!("CASE WHEN {filled} THEN {state} ELSE {MISSING} END")
    }

    /// Value and text of a field whose state is bound.
    fn value(&self, state: &str) -> (String, Option<String>) {
        let (d, text, prepared) = (self.d, self.value.text(), &self.prepared);
        let known = |value: &str, nothing: &str| {
            format!("CASE WHEN {state} = {KNOWN} THEN {value} ELSE {nothing} END")
        };
        match self.definition.value_type {
            ValueType::Text | ValueType::Place | ValueType::Formed => (known(text, "''"), None),
            ValueType::Uscc => (known(prepared, "''"), None),
            ValueType::Code(_) => (known(&self.code, "-1"), Some(prepared.clone())),
            ValueType::Number => (known(&d.ten_thousandths(text), "0"), None),
            ValueType::YesNo => {
                let yes = d.texts(ANSWERS.iter().filter(|(_, is_yes)| *is_yes).map(|(word, _)| *word));
                (format!("CASE WHEN {prepared} IN ({yes}) THEN 1 ELSE 0 END"), None)
            }
            ValueType::Date => {
                let number = match &self.value.value {
                    SqlColumn::Text(_) => digits_number(prepared, 8),
                    SqlColumn::Date(date) => d.date_number(date),
                };
                (known(&d.wide(&number), "0"), None)
            }
            ValueType::CitizenId => {
                let Some(NumberColumns { characters, known: first, .. }) = &self.number else {
                    return ("''".to_owned(), None);
                };
                let checked = d.concat(&[first, &check_character(d, first)]);
                let whole = format!("CASE WHEN {characters} IS NOT NULL THEN {text} ELSE {checked} END");
                (known(first, "''"), Some(known(&whole, "''")))
            }
        }
    }

    fn number(&self, known: &dyn Fn(&str) -> String, unknown: &dyn Fn(&str) -> String) -> String {
        match &self.number {
            Some(number) => {
                let (known_number, other) = (known(&number.known), unknown(&number.normal));
                format!("CASE WHEN {} <> '' THEN {known_number} ELSE {other} END", number.known)
            }
            None => INVALID.to_string(),
        }
    }

    fn unread(&self) -> Option<String> {
        let (d, text) = (self.d, self.value.text());
        match (self.definition.value_type, &self.value.value) {
            (ValueType::Date, SqlColumn::Text(_)) => {
                let other = may_be_other_date(d, &d.half_width(text));
                Some(format!("(s{} = {INVALID} AND {} = '' AND {other})", self.at, self.prepared))
            }
            (ValueType::Number, _) => {
                Some(format!("(s{} = {INVALID} AND {})", self.at, d.matches(text, "[0-9０-９]")))
            }
            _ => None,
        }
    }
}

/// Numbers as they are usually written.
const NUMBER: &str = "^-?[0-9]{1,12}(?:[.][0-9]{1,4})?$";

/// The number that so many digits make.
pub(super) fn digits_number(text: &str, digits: u32) -> String {
    let digit =
        |at: u32| format!("(ascii(substr({text}, {}, 1)) - 48) * {}", at + 1, 10u32.pow(digits - 1 - at));
    format!("({})", (0..digits).map(digit).collect::<Vec<_>>().join(" + "))
}

/// The condition that a text has a form.
pub(in super::super) fn has_form(d: Dialect, text: &str, form: &ValueForm) -> String {
    let pattern = form.pattern(|c| d.pattern_character(c));
    format!("(char_length({text}) <= {} AND {})", ValueForm::LONGEST, d.matches(text, &pattern))
}

/// Position in the list of what a text in lower case stands for, -1 for none; as [`CodeList::position`].
fn code(d: Dialect, list: &CodeList, lower: &str) -> String {
    let arm = |(text, at): (&str, usize)| format!(" WHEN {} THEN {at}", d.text(text));
    let spelled: String = list.spellings().map(arm).collect();
    let first = |texts: &mut dyn Iterator<Item = (String, usize)>| {
        let mut seen = std::collections::BTreeSet::new();
        let new: Vec<(String, usize)> = texts.filter(|(text, _)| seen.insert(text.clone())).collect();
        new.iter().map(|(text, at)| arm((text, *at))).collect::<String>()
    };
    let positions = || list.codes.iter().enumerate();
    let suffixed = first(&mut positions().filter_map(|(at, listed)| {
        let is_lower = |text: &str| !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let is_met = !list.suffix.is_empty()
            && !listed.word.is_empty()
            && is_lower(&listed.word)
            && is_lower(&list.suffix);
        is_met.then(|| (format!("{}{}", listed.word, list.suffix), at))
    }));
    let case = |value: &str, arms: &str, otherwise: &str| match arms.is_empty() {
        true => otherwise.to_owned(),
        false => format!("CASE {value}{arms} ELSE {otherwise} END"),
    };
    let mut rest = case(lower, &suffixed, "-1");
    if list.is_numbered {
        let word = d.caught(lower, &pattern::word_beside_code(), 1);
        rest = format!(
            "CASE WHEN {} THEN {} ELSE {rest} END",
            d.matches(lower, "[0-9]"),
            case(&word, &format!("{spelled}{suffixed}"), "-1"),
        );
        let numbers = first(
            &mut positions()
                .filter_map(|(at, listed)| Some((listed.code.parse::<u32>().ok()?.to_string(), at))),
        );
        let number = d.caught(lower, "^[+]?0*([0-9]+)$", 1);
        rest = format!(
            "CASE WHEN {} THEN {} ELSE {rest} END",
            d.matches(lower, "^[+]?[0-9]+$"),
            case(&number, &numbers, "-1")
        );
    }
    case(lower, &spelled, &rest)
}

/// The condition that a normal text is a unified social credit code.
pub(in super::super) fn is_credit_code(d: Dialect, normal: &str) -> String {
    let characters = String::from_utf8_lossy(uscc::CHARACTERS);
    let value = |at: usize| format!("(position(substr({normal}, {at}, 1) IN '{characters}') - 1)");
    let terms: Vec<String> = uscc::WEIGHTS
        .iter()
        .enumerate()
        .map(|(at, weight)| format!("{} * {weight}", value(at + 1)))
        .collect();
    let shape = d.matches(normal, &format!("^[{characters}]{{2}}[0-9]{{6}}[{characters}]{{10}}$"));
    format!("CASE WHEN {shape} THEN {} = (31 - ({}) % 31) % 31 ELSE FALSE END", value(18), terms.join(" + "))
}
