//! Citizen ID numbers as SQL: which of them are well formed, and what their first 17 digits are.

use super::dialect::Dialect;
use super::{pattern, shape};
use tongbao_register::id_number::{CHECKS, WEIGHTS};

/// What a text with the shape of a number in its normal form is read from, one character after the other; NULL for
/// anything else.
pub(super) fn characters(d: Dialect, text: &str) -> String {
    let (is_eighteen, is_dated) = (shape::is_eighteen(d, text), shape::is_dated(d, text));
    format!("CASE WHEN {is_eighteen} AND {is_dated} THEN {} END", d.characters(text))
}

/// A number in its normal form; one that has its characters is in it already.
pub(super) fn normal(d: Dialect, text: &str, characters: &str) -> String {
    format!("CASE WHEN {characters} IS NOT NULL THEN {text} ELSE {} END", d.normalized(text))
}

/// The first 17 digits of a well-formed number, '' for anything else; NULL of NULL. Each of the other columns is
/// bound in a layer below.
pub(super) fn known(d: Dialect, text: &str, characters: &str, normal: &str) -> String {
    format!(
        "CASE WHEN {characters} IS NOT NULL THEN CASE WHEN {is_checked} THEN left({text}, 17) ELSE '' END \
         ELSE {} END",
        number(d, normal, &|number| format!("left({number}, 17)"), &|normal| {
            format!("CASE WHEN {normal} IS NULL THEN NULL ELSE '' END")
        }),
        is_checked = is_checked(d, characters),
    )
}

/// The condition that a number, of which the characters are bound, ends in its check character.
pub(super) fn is_checked(d: Dialect, characters: &str) -> String {
    match d {
        Dialect::Postgres => {
            let terms = WEIGHTS.iter().enumerate();
            let sum: Vec<String> =
                terms.map(|(i, weight)| format!("get_byte({characters}, {i}) * {weight}")).collect();
            let checks: String = CHECKS.iter().map(|check| char::from(*check)).collect();
            format!("get_byte('{checks}'::bytea, {}) = get_byte({characters}, 17)", remainder(&sum))
        }
        Dialect::MariaDb => format!("{} = substr({characters}, 18, 1)", check_character(d, characters)),
    }
}

/// A number in its normal form with eighteen characters where one of fifteen is well formed, so that one person has one
/// text; anything else as it is. `known` is what [`known`] says of it.
pub(super) fn whole(d: Dialect, normal: &str, known: &str) -> String {
    let whole = d.concat(&[known, &check_character(d, known)]);
    format!("CASE WHEN octet_length({normal}) = 15 AND {known} <> '' THEN {whole} ELSE {normal} END")
}

/// What is wrong with the number of a roster entry: 0 nothing, 1 a program has taken digits from it, 2 it is none. `open` is
/// NULL where the entry has the shape of eighteen characters.
pub(super) fn fault(d: Dialect, open: &str, normal: &str, known: &str) -> String {
    format!(
        "CASE WHEN {known} <> '' THEN 0 \
         WHEN {open} IS NULL THEN CASE WHEN right({normal}, 3) = '000' THEN 1 ELSE 2 END \
         WHEN {} THEN 0 WHEN {} THEN 1 ELSE 2 END",
        d.matches(normal, pattern::OTHER_DOCUMENT),
        d.matches(normal, pattern::CUT),
    )
}

/// The 17 digits that one of fifteen has today.
fn with_century(d: Dialect, normal: &str) -> String {
    let century = format!("CASE WHEN substr({normal}, 13, 3) >= '996' THEN '18' ELSE '19' END");
    d.concat(&[&format!("left({normal}, 6)"), &century, &format!("substr({normal}, 7, 9)")])
}

/// One expression for a well-formed number, of which the first 17 digits count, and one for anything else, over a
/// text of which nothing is bound. Most numbers are written in their normal form and are read as they stand.
pub(super) fn written(
    d: Dialect,
    text: &str,
    known: &dyn Fn(&str) -> String,
    unknown: &dyn Fn(&str) -> String,
) -> String {
    format!(
        "CASE WHEN {shape} AND {check} = substr({text}, 18, 1) THEN {is_known} ELSE {other} END",
        shape = d.matches(text, &pattern::number_18()),
        check = check_character(d, text),
        is_known = known(text),
        other = number(d, &d.normalized(text), known, unknown),
    )
}

/// The same of a number in its normal form.
fn number(
    d: Dialect,
    normal: &str,
    known: &dyn Fn(&str) -> String,
    unknown: &dyn Fn(&str) -> String,
) -> String {
    let long = with_century(d, normal);
    format!(
        "CASE WHEN {is_long} AND {check} = substr({normal}, 18, 1) THEN {normal_known} \
         WHEN {is_short} THEN {short_known} ELSE {unknown} END",
        is_long = d.matches(normal, &pattern::number_18()),
        check = check_character(d, normal),
        normal_known = known(normal),
        is_short = d.matches(normal, &pattern::number_15()),
        short_known = known(&long),
        unknown = unknown(normal),
    )
}

/// The check character of a text that begins with 17 digits (GB 11643-1999, clause 6).
pub(super) fn check_character(d: Dialect, number: &str) -> String {
    if d == Dialect::MariaDb {
        // Each weight is twice the next, as are the powers of 13 modulo 11, and no 17 digits to the base 13 exceed
        // 64 bits.
        let checks: String = (0..11).map(|remainder| char::from(CHECKS[remainder * 2 % 11])).collect();
        let digits = format!("cast(conv(left({number}, 17), 13, 10) AS unsigned)");
        return format!("substr('{checks}', {digits} % 11 + 1, 1)");
    }
    let terms = WEIGHTS.iter().enumerate();
    let sum: Vec<String> =
        terms.map(|(i, weight)| format!("ascii(substr({number}, {}, 1)) * {weight}", i + 1)).collect();
    // A literal that is cut would not be sent on by postgres_fdw.
    let checks = CHECKS.iter().enumerate();
    let checks: String =
        checks.map(|(i, check)| format!(" WHEN {i} THEN '{}'", char::from(*check))).collect();
    format!("CASE {}{checks} END", remainder(&sum))
}

/// The remainder of weighted digits, of which each term has the code of the digit.
fn remainder(terms: &[String]) -> String {
    let zeros: u32 = WEIGHTS.iter().sum::<u32>() * u32::from(b'0');
    format!("({} - {zeros}) % 11", terms.join(" + "))
}

/// Residence permits of Hong Kong, Macau and Taiwan, and permanent residents (9…).
pub(super) fn not_a_citizen(number: &str) -> String {
    format!("(left({number}, 1) = '9' OR left({number}, 6) IN ('810000', '820000', '830000'))")
}
