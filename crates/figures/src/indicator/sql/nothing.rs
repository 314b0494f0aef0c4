//! Whether a value is filled, decided by its first character for nearly all of them, and by one pattern of all that
//! means nothing for the others.

use std::collections::{BTreeMap, BTreeSet};

use super::clean::{begins_filled, begins_like_nothing};
use super::dialect::{Dialect, class, dropped_characters};
use tongbao_register::nothing::{MARKS, OF_OFFICES, OF_PROGRAMS};
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
    let is_nothing = is_nothing(d, value_type, text, placeholders);
    match d {
        Dialect::Postgres => {
            let begins = begins_like_nothing(written, placeholders);
            format!("CASE WHEN {begins} THEN NOT {is_nothing} ELSE {text} IS NOT NULL END")
        }
        Dialect::MariaDb => {
            let begins = begins_filled(value_type, written, placeholders);
            format!("CASE WHEN {begins} THEN TRUE WHEN {is_nothing} THEN FALSE ELSE {text} IS NOT NULL END")
        }
    }
}

/// The condition that a text is one of these words of digits, or one of them between marks.
pub(super) fn is_one_of(d: Dialect, text: &str, words: &[&str]) -> String {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    d.matches(text, &one_of(d, &words))
}

/// The condition that a text is not filled, of one that is known: one pattern for the words that every field has, and
/// others for what few have.
fn is_nothing(d: Dialect, value_type: ValueType, text: &str, placeholders: &[String]) -> String {
    let words = words_of(placeholders.iter().map(String::as_str));
    let common = words_of(OF_OFFICES.into_iter().chain(OF_PROGRAMS));
    if value_type == ValueType::Number || !words.is_superset(&common) {
        return d.matches(text, &pattern(d, value_type, &words));
    }
    let mut patterns = vec![pattern(d, ValueType::Text, &common)];
    let own: BTreeSet<String> = words.difference(&common).cloned().collect();
    if !own.is_empty() {
        patterns.push(one_of(d, &own));
    }
    patterns.extend(form_of_nothing(d, value_type).map(|form| format!("^{0}{form}{0}$", trimmed(d))));
    let any: Vec<String> = patterns.iter().map(|pattern| d.matches(text, pattern)).collect();
    format!("({})", any.join(" OR "))
}

/// Words as they are compared; those with blanks around them are no value's.
fn words_of<'a>(words: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let lower = words.map(str::to_ascii_lowercase);
    lower.filter(|word| word.trim_matches(is_trimmed_char) == word).collect()
}

/// Those of the words that may stand between marks.
fn within_marks(words: &BTreeSet<String>) -> impl Iterator<Item = &String> {
    let is_around = |c: char| MARKS.contains(c) || is_trimmed_char(c);
    words.iter().filter(move |word| word.trim_matches(is_around) == **word)
}

/// Texts that are one of these words, or one of them between marks.
fn one_of(d: Dialect, words: &BTreeSet<String>) -> String {
    let (trimmed, around, mark) = (trimmed(d), around(d), class(MARKS));
    let (all, within) =
        (any_word(words.iter().map(String::as_str)), any_word(within_marks(words).map(String::as_str)));
    let within = match within.is_empty() {
        true => within,
        false => format!("|{mark}{around}(?:{within}){around}"),
    };
    format!("^{trimmed}(?:(?:{all}){trimmed}{within})$")
}

/// Texts that are not filled: blanks, words for nothing in any case of ASCII letters, marks, and words between marks.
fn pattern(d: Dialect, value_type: ValueType, words: &BTreeSet<String>) -> String {
    let mut ways = vec![any_word(words.iter().map(String::as_str))];
    ways.push(match value_type {
        ValueType::Number => d.any_of(&class(MARKS)),
        _ => {
            let (around, within) = (around(d), any_word(within_marks(words).map(String::as_str)));
            let within = if within.is_empty() { within } else { format!("(?:{within})?{around}") };
            format!("{}{around}{within}", class(MARKS))
        }
    });
    ways.extend(form_of_nothing(d, value_type));
    ways.retain(|way| !way.is_empty());
    let trimmed = trimmed(d);
    format!("^{trimmed}(?:{})?{trimmed}$", ways.join("|"))
}

/// What says nothing in values of one type alone.
fn form_of_nothing(d: Dialect, value_type: ValueType) -> Option<String> {
    match value_type {
        ValueType::CitizenId => Some(d.any_of(&class(&dropped_characters()))),
        ValueType::Date => Some(format!("0{}", d.any_of(&class(ZERO_DATE)))),
        _ => None,
    }
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
pub(super) fn any_word<'a>(words: impl Iterator<Item = &'a str>) -> String {
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
        assert_eq!(any_word(words.iter().map(String::as_str)), r"[iI][tT]['][sS] \\|[nN][/][aA]|无(?:|数据)");
    }

    #[test]
    fn nothing_stands_where_there_are_no_words() {
        for value_type in [ValueType::Text, ValueType::Number, ValueType::Date, ValueType::CitizenId] {
            let pattern = pattern(Dialect::Postgres, value_type, &BTreeSet::new());
            assert!(
                !pattern.contains("(?:|") && !pattern.contains("||") && !pattern.contains("(?:)"),
                "{pattern}"
            );
        }
    }
}
