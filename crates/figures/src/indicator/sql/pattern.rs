//! Dates and ID numbers as patterns: the calendar without a computation, so that a database can match
//! them where no text can be cast.

use crate::indicator::record::minorities;
use tongbao_register::coded_word::CODE_MARKS;

/// Days of all years: months of 31, of 30 days, and February up to the 28th.
const MONTH_DAY: &str = "(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|1[0-9]|2[0-8]))";
/// The same with a hyphen between month and day.
const MONTH_DASH_DAY: &str = "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))";
/// Multiples of four below a hundred, without 00.
const FOURTH: &str = "(?:0[48]|[2468][048]|[13579][26])";
/// Multiples of four below a hundred.
const FOURTH_OR_00: &str = "(?:[02468][048]|[13579][26])";

/// An existing date of four-digit years, `YYYYMMDD`.
pub(super) fn date() -> String {
    format!("^(?:[0-9]{{4}}{MONTH_DAY}|(?:[0-9]{{2}}{FOURTH}|{FOURTH_OR_00}00)0229)$")
}

/// An existing date of four-digit years, `YYYY-MM-DD`.
pub(super) fn iso_date() -> String {
    format!("^(?:[0-9]{{4}}-{MONTH_DASH_DAY}|(?:[0-9]{{2}}{FOURTH}|{FOURTH_OR_00}00)-02-29)$")
}

/// Eighteen characters with a birth date of 1800 to 2199; the check character is computed apart.
pub(super) fn number_18() -> String {
    format!(
        "^[0-9]{{6}}(?:(?:18|19|20|21)[0-9]{{2}}{MONTH_DAY}|(?:(?:18|19|21){FOURTH}|20{FOURTH_OR_00})0229)[0-9]{{3}}[0-9X]$"
    )
}

/// Fifteen digits with a birth date of the 19th or 20th century.
pub(super) fn number_15() -> String {
    format!("^[0-9]{{6}}(?:[0-9]{{2}}{MONTH_DAY}|{FOURTH}0229)[0-9]{{3}}$")
}

/// Year, month and day between separators, perhaps with a time behind.
pub(super) const SEPARATED: &str =
    "^([0-9]{4})[-/.年月]([0-9]{1,2})[-/.年月]([0-9]{1,2})日?(?:[ T][0-9:.]*)?$";
/// Eight digits, perhaps with a time behind.
pub(super) const DIGITS: &str = "^([0-9]{8})(?:[ T][0-9:.]*)?$";
/// What every text has that may be a date: four digits, wherever they are.
pub(super) const MAY_BE_DATE: &str = "[0-9][^0-9]*[0-9][^0-9]*[0-9][^0-9]*[0-9]";
/// Numbers that a program has taken digits from, as `id_number::is_spoilt` knows them.
pub(super) const CUT: &str = "^(?:[0-9]{15}000|[0-9]{6}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]|[0-9](?:[.][0-9]*)?E[+]?[0-9]+|.*XX.*)$";
/// Identities that a spreadsheet has made a power of ten of.
pub(super) const POWER: &str = "^[0-9](?:[.][0-9]*)?E[+]?[0-9]+$";
/// Numbers of other documents, as `id_number::read` tells them from damage.
pub(super) const OTHER_DOCUMENT: &str =
    "^(?:[A-Z]{1,2}[0-9]{7,10}|[A-Z]{3}[0-9]{12}|(?:[A-Z]{1,2}[0-9]{6}|[0-9]{7})[(][0-9A][)])$";
/// Codes of minorities, 2 to 56, as a number may be written.
pub(super) const MINORITY_CODE: &str = "^[+]?0*(?:[2-9]|[1-4][0-9]|5[0-6])$";

/// A word with its code of a list before or after it, as [`tongbao_register::coded_word::word_beside_code`] reads it; the
/// first bracket catches the word.
pub(super) fn word_beside_code() -> String {
    format!("^(?:[0-9]{{1,2}}[{}]*)?([^0-9()（）]+)(?:[(（]?[0-9]{{1,2}}[)）]?)?$", code_marks())
}

/// The marks between a code and its word within brackets; the hyphen stands last, where it is itself.
fn code_marks() -> String {
    CODE_MARKS.iter().filter(|mark| **mark != '-').chain(['-'].iter()).collect()
}

/// A minority by name with its code before or after it, as [`crate::indicator::record::ethnicity_name`] reads it.
pub(super) fn named_minority() -> String {
    let marks = code_marks();
    let names = minorities().collect::<Vec<_>>().join("|");
    format!("^(?:[0-9]{{1,2}}[{marks}]*)?(?:{names})族?(?:[(（]?[0-9]{{1,2}}[)）]?)?$")
}
