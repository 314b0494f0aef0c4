//! What distinguishes things that are no persons, as SQL: what `crate::indicator::identity` does with bytes.

use super::dialect::Dialect;
use super::own::{has_form, is_credit_code};
use super::pattern;
use tongbao_config::settings::Indicators;
use tongbao_register::field::Field;
use tongbao_rule::definitions::{FieldDefinition, ValueType};

/// The field by which things are known; `None` where the register lists persons.
pub(super) fn field(indicators: &Indicators) -> Option<(usize, &FieldDefinition)> {
    let Field::Own(own) = indicators.subject.as_ref()?.identity else { return None };
    Some((usize::from(own), indicators.definitions.own_fields().get(usize::from(own))?))
}

/// A filled value in the form in which it is compared; '' where nothing is left of it.
pub(super) fn normal(d: Dialect, value_type: ValueType, text: &str) -> String {
    match value_type {
        ValueType::Uscc => d.normalized(text),
        _ => d.comparable(text),
    }
}

/// What is wrong with an identity, as [`super::id_number::fault`] has it: `text` as it is written, filled, and in its normal
/// form.
pub(super) fn fault(d: Dialect, definition: &FieldDefinition, text: &str, normal: &str) -> String {
    let is_valid = match (definition.value_type, &definition.form) {
        (ValueType::Uscc, _) => is_credit_code(d, normal),
        (ValueType::Formed, Some(form)) => has_form(d, text, form),
        _ => "TRUE".to_owned(),
    };
    format!("CASE WHEN {} THEN 1 WHEN {is_valid} THEN 0 ELSE 2 END", is_cut(d, normal))
}

/// The condition that a spreadsheet has made a power of ten of an identity.
pub(super) fn is_cut(d: Dialect, normal: &str) -> String {
    d.matches(normal, pattern::POWER)
}
