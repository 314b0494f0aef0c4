//! Values that need no closer look, by their first and last characters. Nearly all values of a register are
//! trimmed and filled, and comparing the codes of two characters costs a tenth of trimming a text or of
//! comparing it with words.

use std::collections::BTreeSet;

use super::dialect::Dialect;
use tongbao_rule::definitions::ValueType;

/// Digits, letters and the usual Chinese characters, first and last of each range. Nothing that is trimmed is
/// among them, and no mark.
const PLAIN: [(char, char); 4] = [('一', '龥'), ('0', '9'), ('A', 'Z'), ('a', 'z')];

/// The condition that a text begins and ends with plain characters, so that trimming leaves it as it is. Not known
/// of NULL.
fn is_trimmed(d: Dialect, text: &str) -> String {
    let ends = [text.to_owned(), format!("right({text}, 1)")];
    let ends = ends.map(|end| is_plain(d, &end, &BTreeSet::new()));
    format!("({} AND {})", ends[0], ends[1])
}

/// A text without what is no part of its value, as [`Dialect::trim`].
pub(super) fn trimmed(d: Dialect, text: &str) -> String {
    match d {
        Dialect::Postgres => {
            format!("CASE WHEN {} THEN {text} ELSE {} END", is_trimmed(d, text), d.trim(text))
        }
        // Patterns are compiled once there, and cost less than comparing codes.
        Dialect::MariaDb => d.trim(text),
    }
}

/// The condition that a text begins with a plain character that begins no placeholder, so that it is filled. Not
/// known of NULL.
pub(super) fn begins_filled(
    d: Dialect,
    value_type: ValueType,
    text: &str,
    placeholders: &[String],
) -> String {
    let cases = |c: char| [c.to_ascii_lowercase(), c.to_ascii_uppercase()];
    let mut first: BTreeSet<char> =
        placeholders.iter().filter_map(|word| word.chars().next()).flat_map(cases).collect();
    if value_type == ValueType::Date {
        // A zero date.
        first.insert('0');
    }
    is_plain(d, text, &first)
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
        let condition = begins_filled(Dialect::Postgres, ValueType::Text, "t", &words);
        for c in "无不未空暂待没缺09nNuU".chars() {
            assert!(condition.contains(&u32::from(c).to_string()), "{c} in {condition}");
        }
        let words = begins_filled(Dialect::MariaDb, ValueType::Date, "t", &[]);
        assert!(words.contains("ord(t) BETWEEN 14989440 AND 15318693") && words.contains("NOT IN (48)"));
    }
}
