//! Whether a value is filled, decided by its first character for nearly all of them, and by one pattern of all that
//! means nothing for the others.

use std::collections::{BTreeMap, BTreeSet};

use super::clean::begins_filled;
use super::dialect::{Dialect, class, dropped_characters};
use tongbao_register::nothing::MARKS;
use tongbao_register::text::{is_trimmed_char, trimmed_characters};
use tongbao_rule::definitions::ValueType;

/// What a zero date consists of after its first zero (see [`tongbao_register::date::is_zero_date`]).
const ZERO_DATE: &str = "-/.: T0";

/// The condition, never unknown, that a text is filled. It need not be trimmed.
pub(super) fn filled(d: Dialect, value_type: ValueType, text: &str, placeholders: &[String]) -> String {
    filled_as_written(d, value_type, (text, text), placeholders)
}

/// The same, where the text is written otherwise and begins alike.
pub(super) fn filled_as_written(
    d: Dialect,
    value_type: ValueType,
    (text, written): (&str, &str),
    placeholders: &[String],
) -> String {
    let begins_filled = begins_filled(d, value_type, written, placeholders);
    let is_nothing = d.matches(text, &pattern(d, value_type, placeholders));
    format!("CASE WHEN {begins_filled} THEN TRUE WHEN {is_nothing} THEN FALSE ELSE {text} IS NOT NULL END")
}

/// The condition that a text is one of these words of digits, or one of them between marks.
pub(super) fn is_one_of(d: Dialect, text: &str, words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let (trimmed, around) = (trimmed(d), around(d));
    let (mark, words) = (class(MARKS), any_word(words.iter()));
    d.matches(text, &format!("^{trimmed}(?:(?:{words}){trimmed}|{mark}{around}(?:{words}){around})$"))
}

/// Texts that are not filled: blanks, words for nothing in any case of ASCII letters, marks, and words between marks.
fn pattern(d: Dialect, value_type: ValueType, placeholders: &[String]) -> String {
    let lower = placeholders.iter().map(|word| word.to_ascii_lowercase());
    let words: BTreeSet<String> = lower.filter(|word| word.trim_matches(is_trimmed_char) == word).collect();
    let is_around = |c: char| MARKS.contains(c) || is_trimmed_char(c);
    let within = words.iter().filter(|word| word.trim_matches(is_around) == **word);
    let mut ways = vec![any_word(words.iter())];
    ways.push(match value_type {
        ValueType::Number => d.any_of(&class(MARKS)),
        _ => {
            let (around, within) = (around(d), any_word(within));
            let within = if within.is_empty() { within } else { format!("(?:{within})?{around}") };
            format!("{}{around}{within}", class(MARKS))
        }
    });
    match value_type {
        ValueType::CitizenId => ways.push(d.any_of(&class(&dropped_characters()))),
        ValueType::Date => ways.push(format!("0{}", d.any_of(&class(ZERO_DATE)))),
        _ => {}
    }
    ways.retain(|way| !way.is_empty());
    let trimmed = trimmed(d);
    format!("^{trimmed}(?:{})?{trimmed}$", ways.join("|"))
}

/// What is trimmed.
fn trimmed(d: Dialect) -> String {
    d.any_of(&class(&trimmed_characters().collect::<String>()))
}

/// What may stand around a word between marks.
fn around(d: Dialect) -> String {
    d.any_of(&class(&[MARKS, &trimmed_characters().collect::<String>()].concat()))
}

/// Words as a pattern; those of one first character stand together.
fn any_word<'a>(words: impl Iterator<Item = &'a String>) -> String {
    let mut rests: BTreeMap<char, Vec<String>> = BTreeMap::new();
    for word in words {
        let mut characters = word.chars();
        if let Some(first) = characters.next() {
            rests.entry(first).or_default().push(characters.map(in_any_case).collect());
        }
    }
    let grouped = rests.into_iter().map(|(first, rests)| match &rests[..] {
        [rest] => format!("{}{rest}", in_any_case(first)),
        _ => format!("{}(?:{})", in_any_case(first), rests.join("|")),
    });
    grouped.collect::<Vec<_>>().join("|")
}

/// A pattern of one character, of an ASCII letter in either case.
fn in_any_case(c: char) -> String {
    match c {
        _ if c.is_ascii_alphabetic() => format!("[{}{}]", c.to_ascii_lowercase(), c.to_ascii_uppercase()),
        '^' | '\\' => format!("\\{c}"),
        _ if c.is_ascii_punctuation() => format!("[{c}]"),
        _ => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_first_character_stand_together() {
        let words: Vec<String> = ["无", "无数据", "n/a", "It's \\"].map(str::to_owned).to_vec();
        assert_eq!(any_word(words.iter()), r"[iI][tT]['][sS] \\|[nN][/][aA]|无(?:|数据)");
    }

    #[test]
    fn nothing_stands_where_there_are_no_words() {
        for value_type in [ValueType::Text, ValueType::Number, ValueType::Date, ValueType::CitizenId] {
            let pattern = pattern(Dialect::Postgres, value_type, &[]);
            assert!(
                !pattern.contains("(?:|") && !pattern.contains("||") && !pattern.contains("(?:)"),
                "{pattern}"
            );
        }
    }
}
