//! Sex, marital status and ethnicity as SQL.

use super::dialect::Dialect;
use super::nothing::{self, any_word};
use super::pattern;
use super::value::SqlFieldValue;
use crate::indicator::record::{MARITALS, Marital, SEXES};
use tongbao_register::id_number::Sex;

/// 0 not filled, 1 neither, 2 male, 3 female.
pub(super) fn sex(d: Dialect, field: &SqlFieldValue) -> String {
    let words = |wanted: Sex| SEXES.iter().filter(|(_, sex)| *sex == wanted).map(|(word, _)| *word).collect();
    one_of_two(d, field, &[words(Sex::Male), words(Sex::Female)])
}

/// 0 not filled, 1 neither, 2 never married, 3 ever married.
pub(super) fn marital(d: Dialect, field: &SqlFieldValue) -> String {
    let words = |wanted: Marital| {
        MARITALS.iter().filter(|(_, status)| *status == wanted).map(|(word, _)| *word).collect()
    };
    one_of_two(d, field, &[words(Marital::NeverMarried), words(Marital::EverMarried)])
}

/// Condition: a value that is not filled is one of these codes.
pub(super) fn is_sex_code(d: Dialect, field: &SqlFieldValue, codes: &[&str]) -> Option<String> {
    (!codes.is_empty()).then(|| nothing::is_one_of(d, field.text(), codes))
}

/// Words stand for themselves in any case of their ASCII letters.
fn one_of_two(d: Dialect, field: &SqlFieldValue, words: &[Vec<&str>; 2]) -> String {
    let (filled, text) = (&field.filled, field.text());
    let trimmed = d.trim(text);
    // Nearly all values are a word as it stands.
    let [[first, first_trimmed], [second, second_trimmed]] = words.each_ref().map(|words| {
        let any = format!("^(?:{})$", any_word(words.iter().copied()));
        [format!("{text} {}", d.any_of_texts(words.iter().copied())), d.matches(&trimmed, &any)]
    });
    format!(
        "CASE WHEN {filled} THEN CASE WHEN {first} THEN 2 WHEN {second} THEN 3 \
         WHEN {first_trimmed} THEN 2 WHEN {second_trimmed} THEN 3 ELSE 1 END ELSE 0 END"
    )
}

/// Whether the ethnicity is that of one of the 55 minorities, by name or code; never unknown.
pub(super) fn minority(d: Dialect, field: &SqlFieldValue) -> String {
    let (filled, text) = (&field.filled, d.trim(field.text()));
    format!(
        "CASE WHEN {filled} THEN ({} OR {}) ELSE FALSE END",
        d.matches(&text, &pattern::named_minority()),
        d.matches(&text, pattern::MINORITY_CODE),
    )
}
