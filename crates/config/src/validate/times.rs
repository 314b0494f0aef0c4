//! Checks columns of days and times.

use super::Check;
use crate::raw::source::{RawField, RawRegister, RawTime};
use tongbao_message::message;
use tongbao_register::day_reader::{DayForm, DayStyle};
use tongbao_register::field::Field;

/// First years of a century that somebody of our time, or a date of a register, can be of.
const FIRST_YEARS: std::ops::RangeInclusive<i16> = 1850..=2050;

/// The column of the registration time, and how it is written.
pub(super) fn registered_at(raw: &RawRegister, check: &mut Check) -> (Option<String>, DayStyle) {
    match &raw.registered_at {
        None => (None, DayStyle::default()),
        Some(RawTime::Column(column)) => (Some(column.clone()), DayStyle::default()),
        Some(RawTime::Formed(time)) => {
            first_year("source.register.registered_at", time.first_year, check);
            (Some(time.column.clone()), DayStyle { form: time.form, first_year: time.first_year })
        }
    }
}

/// Only birth dates are days.
pub(super) fn forms_of_fields(raw: &RawRegister, check: &mut Check) {
    for (field, column) in &raw.fields {
        let RawField::Coded(coded) = column else { continue };
        let path = format!("source.register.fields.{}", field.key());
        let is_formed = coded.form != DayForm::Written || coded.first_year.is_some();
        match *field {
            Field::BirthDate => first_year(&path, coded.first_year, check),
            _ if is_formed => check.fail(&path, message!("form-belongs-to-birth-date-and-registered-at")),
            _ => {}
        }
    }
}

fn first_year(path: &str, year: Option<i16>, check: &mut Check) {
    if let Some(year) = year.filter(|year| !FIRST_YEARS.contains(year)) {
        let (least, most) = (FIRST_YEARS.start(), FIRST_YEARS.end());
        check.fail(path, message!("first-year-is-not-of-our-time", year, least, most));
    }
}
