//! Checks columns of days and times.

use super::Check;
use crate::raw::source::{RawField, RawRegister, RawTime};
use tongbao_message::message;
use tongbao_register::day_reader::DayForm;
use tongbao_register::field::Field;

/// The column of the registration time with its form.
pub(super) fn registered_at(raw: &RawRegister) -> (Option<String>, DayForm) {
    match &raw.registered_at {
        None => (None, DayForm::Written),
        Some(RawTime::Column(column)) => (Some(column.clone()), DayForm::Written),
        Some(RawTime::Formed(time)) => (Some(time.column.clone()), time.form),
    }
}

/// Only birth dates are days.
pub(super) fn forms_of_fields(raw: &RawRegister, check: &mut Check) {
    for (field, column) in &raw.fields {
        if let RawField::Coded(coded) = column
            && coded.form != DayForm::Written
            && *field != Field::BirthDate
        {
            let path = format!("source.register.fields.{}", field.key());
            check.fail(&path, message!("form-belongs-to-birth-date-and-registered-at"));
        }
    }
}
