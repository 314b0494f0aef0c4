//! What values look like: shares of a column's sampled values that could be an ID number, a date, a sex.

use std::collections::HashSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::SurveyedTable;
use super::names::InferredRole;
use crate::indicator::record::{MARITALS, is_ethnicity, sex};
use tongbao_register::day_reader::{DayForm, DayReader, DayReading, DayStyle};
use tongbao_register::division;
use tongbao_register::field::Field;
use tongbao_register::head_count::head_count;
use tongbao_register::id_number::{CITIZEN_DOCUMENTS, CitizenId, normalize};
use tongbao_register::unit_names::KINDS;
use tongbao_register::uscc::CreditCode;

/// Fewer values than this speak neither for nor against anything.
pub const FEW: usize = 8;

/// Share of the filled values that fit a role, in per cent; `None` where too few are filled.
pub fn share(table: &SurveyedTable, column: usize, role: InferredRole) -> Option<u32> {
    let filled = table.filled(column).count();
    if filled < FEW {
        return None;
    }
    let test: fn(&str) -> bool = match role {
        InferredRole::Field(field) => of_field(field),
        InferredRole::RegisteredAt | InferredRole::UpdatedAt => is_time,
        InferredRole::DocumentType => is_document_type,
        InferredRole::Unit | InferredRole::UnitCode | InferredRole::UnitParent => is_code,
        InferredRole::UnitName => is_unit_name,
        InferredRole::UnitKind => |text| KINDS.iter().any(|(_, kind)| text == *kind) || text == "部门",
        InferredRole::Persons => |text| head_count(text.as_bytes()).is_some_and(|count| count < 10_000_000),
        InferredRole::Key => return Some(if is_unique(table, column) { 100 } else { 0 }),
        InferredRole::Preset(key) => of_preset(key),
    };
    let distinct = distinct(table, column);
    let spread = match role {
        // A list of codes has few values, names have many; what is the same everywhere says nothing.
        InferredRole::Field(Field::Name) => distinct * 10 >= filled || distinct > 70,
        InferredRole::Field(Field::Sex) => distinct <= 6,
        InferredRole::Field(Field::MaritalStatus | Field::HukouType) => distinct <= 20,
        InferredRole::Field(Field::Ethnicity) => distinct <= 70,
        InferredRole::Field(Field::ResidenceAddress) => distinct > 1,
        InferredRole::DocumentType | InferredRole::UnitKind => distinct <= 20,
        InferredRole::Unit => distinct * 2 <= filled + FEW,
        _ => true,
    };
    let fitting = table.filled(column).filter(|text| test(text)).count();
    Some(if spread { percent(fitting, filled) } else { 0 })
}

/// What the values of a preset's field look like, as far as its key says it.
fn of_preset(key: &str) -> fn(&str) -> bool {
    let field = key.split_once('.').map_or(key, |(_, field)| field);
    match field {
        "uscc" => |text| CreditCode::parse(text.as_bytes()).is_some(),
        "area" | "tenants" | "members" => |text| text.parse::<f64>().is_ok(),
        _ if field.ends_with("_on") => is_time,
        _ if field.ends_with("_id") => |text| citizen(text).is_some(),
        _ => |_| true,
    }
}

/// Rounded down; 0 of nothing.
pub fn percent(part: usize, whole: usize) -> u32 {
    (part * 100 / whole.max(1)) as u32
}

/// Number of different values in the sample, blanks left out.
pub fn distinct(table: &SurveyedTable, column: usize) -> usize {
    table.filled(column).collect::<HashSet<_>>().len()
}

/// Every sampled row has a value of its own.
pub fn is_unique(table: &SurveyedTable, column: usize) -> bool {
    !table.sample.is_empty() && distinct(table, column) == table.sample.len()
}

/// Whether hardly a row has the value of another: a list with a row that was copied is found, and its repeated code named
/// when it is read.
pub fn is_nearly_unique(table: &SurveyedTable, column: usize) -> bool {
    !table.sample.is_empty() && distinct(table, column) * 10 >= table.sample.len() * 9
}

/// The well-formed ID number of a value.
pub fn citizen(text: &str) -> Option<CitizenId> {
    CitizenId::parse(&normalize(text.as_bytes()))
}

fn of_field(field: Field) -> fn(&str) -> bool {
    match field {
        Field::Name => is_name,
        Field::Sex => |text| sex(text.as_bytes()).is_some() || matches!(text, "0" | "9" | "未知" | "未说明"),
        Field::ResidenceAddress => is_address,
        Field::HouseholdPlace => |text| division::place(text).is_some(),
        Field::IdNumber => |text| citizen(text).is_some(),
        Field::BirthDate => is_birth_date,
        Field::Ethnicity => is_ethnicity,
        Field::MaritalStatus => is_marital,
        Field::HukouType => is_hukou,
        // Nobody guesses the office's own fields.
        Field::Own(_) => |_| false,
    }
}

fn is_han(c: char) -> bool {
    ('\u{3400}'..='\u{9FFF}').contains(&c) || ('\u{20000}'..='\u{2FFFF}').contains(&c)
}

/// Two to four characters, or longer ones with the point of transcribed names; nothing that a list of
/// codes explains.
fn is_name(text: &str) -> bool {
    let length = text.chars().count();
    let plain = (2..=4).contains(&length) && text.chars().all(is_han);
    let transcribed = length <= 20 && text.contains('·') && text.chars().all(|c| is_han(c) || c == '·');
    (plain || transcribed)
        && !is_ethnicity(text)
        && !is_marital(text)
        && !is_hukou(text)
        && !is_unit_name(text)
}

fn is_address(text: &str) -> bool {
    const PARTS: [&str; 14] =
        ["村", "路", "街", "号", "巷", "镇", "组", "栋", "室", "区", "社", "乡", "里", "楼"];
    let long = text.chars().count() >= 4;
    long && text.chars().any(is_han) && PARTS.iter().any(|part| text.contains(part)) && !is_hukou(text)
}

fn is_birth_date(text: &str) -> bool {
    BY_ORDER.into_iter().any(|form| is_day_of(text, form, 1890))
}

/// Forms in which the figures read days, the one that needs no word first.
pub const BY_ORDER: [DayForm; 3] = [DayForm::Written, DayForm::DayFirst, DayForm::MonthFirst];

fn is_day_of(text: &str, form: DayForm, from: i16) -> bool {
    day(text, form).is_some_and(|date| (from..2100).contains(&date.year()))
}

/// Whether the days of a column begin with the day or with the month, where most do and only one of the two
/// explains them all; `None` where they are written with the year first, or may be either.
pub fn order(table: &SurveyedTable, column: usize) -> Option<DayForm> {
    let [written, day_first, month_first] = readable(table, column);
    match () {
        () if written >= day_first.max(month_first) || day_first == month_first => None,
        () if day_first > month_first => Some(DayForm::DayFirst),
        () => Some(DayForm::MonthFirst),
    }
}

/// Whether the days of a column can be read with the day first as well as with the month first.
pub fn order_is_open(table: &SurveyedTable, column: usize) -> bool {
    let [written, day_first, month_first] = readable(table, column);
    day_first == month_first && day_first > written
}

/// How many days of a column can be read in each form of [`BY_ORDER`].
fn readable(table: &SurveyedTable, column: usize) -> [usize; 3] {
    BY_ORDER.map(|form| table.filled(column).filter(|text| is_day_of(text, form, 1890)).count())
}

/// A day that a register of our time could have been filled on, with or without a time behind.
fn is_time(text: &str) -> bool {
    time_form(text).is_some()
}

/// In which form a value is the time of a registration: as it is written, as Unix time, or by another order.
pub fn time_form(text: &str) -> Option<DayForm> {
    let unix = [DayForm::UnixSeconds, DayForm::UnixMilliseconds];
    let forms = [DayForm::Written].into_iter().chain(unix).chain(BY_ORDER);
    forms.into_iter().find(|form| is_day_of(text, *form, 1985))
}

/// The name of the form that a column of times must be given, because the values alone do not say it.
pub fn form_of_times(table: &SurveyedTable, column: usize) -> Option<&'static str> {
    let forms: Vec<DayForm> = table.filled(column).filter_map(time_form).collect();
    let unix = [DayForm::UnixSeconds, DayForm::UnixMilliseconds];
    let most =
        unix.into_iter().find(|form| forms.iter().filter(|found| *found == form).count() * 2 > forms.len());
    most.or_else(|| order(table, column)).map(form_name)
}

/// The same for birth dates.
pub fn form_of_days(table: &SurveyedTable, column: usize) -> Option<&'static str> {
    order(table, column).map(form_name)
}

/// The name of a form in the configuration.
pub fn form_name(form: DayForm) -> &'static str {
    DayForm::NAMES.iter().find(|(_, known)| *known == form).map_or("written", |(name, _)| name)
}

/// The day of a value, by the reader that the figures are made with; the zone of an unknown database is the
/// office's usual one.
pub fn day(text: &str, style: impl Into<DayStyle>) -> Option<Date> {
    static ZONE: LazyLock<TimeZone> =
        LazyLock::new(|| TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC));
    match DayReader::new(ZONE.clone(), style).read(text.as_bytes()) {
        DayReading::Day(date) => Some(date),
        DayReading::Blank | DayReading::Unreadable => None,
    }
}

/// The codes and words of GB/T 2261.2, and the first digits of its codes alone.
fn is_marital(text: &str) -> bool {
    let short = text.len() == 1 && "1234590".contains(text);
    short || MARITALS.iter().any(|(word, _)| *word == text) || matches!(text, "90" | "未说明" | "丧偶未再婚")
}

fn is_hukou(text: &str) -> bool {
    const CODES: [&str; 8] = ["10", "11", "12", "20", "21", "22", "30", "90"];
    const WORDS: [&str; 8] = ["农业", "居民户", "居民家庭", "家庭户", "集体户", "城镇", "农村", "未落"];
    CODES.contains(&text) || WORDS.iter().any(|word| text.contains(word)) && text.chars().count() <= 8
}

fn is_document_type(text: &str) -> bool {
    const OTHERS: [&str; 8] = ["护照", "通行证", "居住证", "居留", "414", "511", "516", "553"];
    CITIZEN_DOCUMENTS.contains(&text) || OTHERS.iter().any(|word| text.contains(word))
}

/// Codes of units: digits or letters without blanks, or the units' own names.
fn is_code(text: &str) -> bool {
    let plain = text.len() <= 24 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    plain && day(text, DayForm::Written).is_none() && citizen(text).is_none() || is_unit_name(text)
}

/// Whether a text ends like the name of a village, a community, a department.
pub fn is_unit_name(text: &str) -> bool {
    const DEPARTMENTS: [&str; 6] = ["办", "局", "所", "站", "中心", "办公室"];
    let ends = |ending: &str| text.ends_with(ending);
    let named = KINDS.iter().any(|(ending, _)| ends(ending)) || DEPARTMENTS.iter().any(|e| ends(e));
    named && text.chars().count() >= 2 && text.chars().count() <= 30 && !text.contains("号")
}
