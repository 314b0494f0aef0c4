//! Values that need no closer look, by their first and last characters. Nearly all values of a register are
//! trimmed and filled, and comparing the codes of two characters costs a tenth of trimming a text or of
//! comparing it with words.

use std::collections::BTreeSet;

use super::dialect::{Dialect, constant, dropped_characters};
use tongbao_register::nothing::MARKS;
use tongbao_register::text::trimmed_characters;
use tongbao_rule::definitions::ValueType;

/// What MariaDB looks for: digits, letters and the usual Chinese characters, first and last of each range. Nothing that is trimmed is
/// among them, and no mark.
const PLAIN: [(char, char); 4] = [('一', '龥'), ('0', '9'), ('A', 'Z'), ('a', 'z')];

/// A text without what is no part of its value, as [`Dialect::trim`]. `written` is the text before a code in it was made
/// whole; what is trimmed from one is no such code.
pub(super) fn trimmed(d: Dialect, text: &str, written: &str) -> String {
    match d {
        Dialect::Postgres => {
            let blanks = among(d, "blank_codes", trimmed_characters());
            format!(
                "CASE WHEN ascii({written}) = {blanks} OR ascii(right({written}, 1)) = {blanks} THEN {} ELSE {text} END",
                d.trim(written)
            )
        }
        // Patterns are compiled once there, and cost less than comparing codes.
        Dialect::MariaDb => d.trim(text),
    }
}

/// The condition for PostgreSQL that a text begins as one that is not filled may, or is empty. Not known of NULL.
pub(super) fn begins_like_nothing(text: &str, placeholders: &[String]) -> String {
    let dropped = dropped_characters();
    let marks = MARKS.chars().chain(trimmed_characters()).chain(dropped.chars());
    // A zero date begins with 0, and with 9 what few fields have: one list serves all of them.
    let first = first_characters(placeholders).chain(marks).chain(['0', '9']);
    format!("ascii({text}) = {}", among(Dialect::Postgres, "beginnings", first))
}

/// The condition for MariaDB that a text begins with a plain character that begins no placeholder, so that it is filled.
/// Not known of NULL.
pub(super) fn begins_filled(value_type: ValueType, text: &str, placeholders: &[String]) -> String {
    let mut first: BTreeSet<char> = first_characters(placeholders).collect();
    if value_type == ValueType::Date {
        // A zero date.
        first.insert('0');
    }
    is_plain(Dialect::MariaDb, text, &first)
}

/// What words begin with, in both cases.
fn first_characters(words: &[String]) -> impl Iterator<Item = char> {
    let cases = |c: char| [c.to_ascii_lowercase(), c.to_ascii_uppercase()];
    words.iter().filter_map(|word| word.chars().next()).flat_map(cases)
}

/// Codes of characters, and that of an empty text, to compare with. PostgreSQL looks one up in a hash table.
fn among(d: Dialect, name: &str, characters: impl Iterator<Item = char>) -> String {
    let codes: BTreeSet<u32> = characters.map(|c| d.code_of(c)).chain([0]).collect();
    let codes: Vec<String> = codes.into_iter().map(|code| code.to_string()).collect();
    format!("ANY({})", constant(name, &format!("'{{{}}}'::int[]", codes.join(","))))
}

/// The condition that the first character of a text is plain and none of some others.
fn is_plain(d: Dialect, text: &str, others: &BTreeSet<char>) -> String {
    let code = d.first_code(text);
    let within = PLAIN.map(|(first, last)| {
        let range = format!("{code} BETWEEN {} AND {}", d.code_of(first), d.code_of(last));
        let others: Vec<String> = others.range(first..=last).map(|c| d.code_of(*c).to_string()).collect();
        match others.is_empty() {
            true => range,
            false => format!("{range} AND {code} NOT IN ({})", others.join(", ")),
        }
    });
    format!("({})", within.join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongbao_register::field::Field;
    use tongbao_register::nothing::{MARKS, placeholders};
    use tongbao_register::text::is_trimmed_char;

    #[test]
    fn what_is_plain_is_neither_trimmed_nor_a_mark() {
        for (first, last) in PLAIN {
            assert!((first..=last).all(|c| !is_trimmed_char(c) && !MARKS.contains(c)));
        }
    }

    #[test]
    fn the_first_characters_of_placeholders_are_left_out() {
        let words: Vec<String> = placeholders(Field::Sex).into_iter().map(str::to_owned).collect();
        let condition = begins_like_nothing("t", &words);
        for c in "无不未空暂待没缺09nNuU-—／\u{FEFF}".chars() {
            assert!(condition.contains(&format!(",{},", u32::from(c))), "{c} in {condition}");
        }
        assert!(condition.contains("{0,1,"), "an empty text begins with none: {condition}");
        let words = begins_filled(ValueType::Date, "t", &[]);
        assert!(words.contains("ord(t) BETWEEN 14989440 AND 15318693") && words.contains("NOT IN (48)"));
    }
}
