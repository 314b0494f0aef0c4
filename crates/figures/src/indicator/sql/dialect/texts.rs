//! Texts as the two dialects clean and compare them: character by character what the program's own reading does.

use std::collections::{BTreeMap, BTreeSet};

use super::{Dialect, SEPARATOR, constant};
use tongbao_register::id_number::{BRACKETED_X, normal_char};
use tongbao_register::text::{comparable, trimmed_characters};

impl Dialect {
    /// A pattern of any number of characters of a bracket, after which nothing that it matches may follow.
    pub fn any_of(self, class: &str) -> String {
        match self {
            Dialect::Postgres => format!("{class}*"),
            // A long run of them would be tried at every length otherwise.
            Dialect::MariaDb => format!("{class}*+"),
        }
    }

    /// A text of at most so many bytes in a type that MariaDB can make an index of, and sorts by little: without one it
    /// compares each person of a roster with each of the register.
    pub fn short(self, value: &str, bytes: u32) -> String {
        match self {
            Dialect::Postgres => value.to_owned(),
            Dialect::MariaDb => format!("cast({value} AS binary({bytes}))"),
        }
    }

    /// What [`Dialect::short`] has made of a text, as `short`, and for texts of more bytes their digest, behind a letter
    /// that no other begins with. `bytes` are those of the key; `longest` are those of the longest text that it holds.
    pub fn short_or_digest(self, value: &str, short: &str, (bytes, longest): (u32, u32)) -> String {
        match self {
            Dialect::Postgres => short.to_owned(),
            Dialect::MariaDb => {
                let digest = format!("left(concat('x', unhex(sha2({value}, 256))), {bytes})");
                // Without the length of the whole it would be taken for four times as long.
                format!(
                    "cast(CASE WHEN octet_length({value}) > {longest} THEN {digest} ELSE {short} END AS binary({bytes}))"
                )
            }
        }
    }

    /// A text that leaves the database within a longer one, whose parts `separator` keeps apart.
    pub fn packed(self, value: &str) -> String {
        let character = |code: u32| match self {
            Dialect::Postgres => format!("chr({code})"),
            Dialect::MariaDb => format!("char({code} USING utf8mb4)"),
        };
        let (separator, other) = (character(SEPARATOR as u32), character(SEPARATOR as u32 - 1));
        // COALESCE would not be sent on by postgres_fdw.
        let text =
            format!("CASE WHEN {value} IS NULL THEN '' ELSE replace({value}, {separator}, {other}) END");
        self.concat(&[&text, &separator])
    }

    /// Without leading and trailing characters that are no part of the value, as [`tongbao_register::text::trim`] takes it.
    pub fn trim(self, value: &str) -> String {
        let around: String = trimmed_characters().collect();
        match self {
            Dialect::Postgres => {
                format!("btrim({value}, {})", constant("blanks", &self.text(&around)))
            }
            Dialect::MariaDb => {
                let around = class(&around);
                let around = constant("around", &self.text(&format!("^{around}+|{around}+$")));
                format!("regexp_replace({value}, {around}, '')")
            }
        }
    }

    /// Each character of the value replaced by what `map` makes of it, or left out. `name` is that of the characters.
    fn mapped(self, value: &str, name: &str, map: &[(char, Option<char>)]) -> String {
        let kept = map.iter().filter_map(|(from, to)| Some((*from, (*to)?)));
        let dropped: String = map.iter().filter(|(_, to)| to.is_none()).map(|(from, _)| from).collect();
        match self {
            Dialect::Postgres => {
                let from: String = kept.clone().map(|(from, _)| from).chain(dropped.chars()).collect();
                let to: String = kept.map(|(_, to)| to).collect();
                let (from, to) = (constant(name, &self.text(&from)), self.text(&to));
                format!("translate({value}, {from}, {to})")
            }
            Dialect::MariaDb => {
                let value = match dropped.is_empty() {
                    true => value.to_owned(),
                    false => {
                        let dropped = constant(name, &self.text(&class(&dropped)));
                        format!("regexp_replace({value}, {dropped}, '')")
                    }
                };
                let mut by_result: BTreeMap<char, String> = BTreeMap::new();
                kept.for_each(|(from, to)| by_result.entry(to).or_default().push(from));
                by_result.iter().fold(value, |value, (to, from)| {
                    let (function, from) = match from.chars().count() {
                        1 => ("replace", from.clone()),
                        _ => ("regexp_replace", class(from)),
                    };
                    format!("{function}({value}, {}, {})", self.text(&from), self.text(&to.to_string()))
                })
            }
        }
    }

    /// An ID number in its normal form, as [`tongbao_register::id_number::normalize`] brings it there.
    pub fn normalized(self, value: &str) -> String {
        // Nearly every number is in its normal form, and mapping is the most expensive step.
        let plain = self.matches(value, "^[0-9A-Z]*$");
        let bracketed = self.text(BRACKETED_X);
        let mapped = format!("replace({}, {bracketed}, 'X')", self.mapped(value, "variants", &number_map()));
        format!("CASE WHEN {plain} THEN {value} ELSE {mapped} END")
    }

    /// A text as [`tongbao_register::text::comparable`] compares it; most are in that form.
    pub fn comparable(self, value: &str) -> String {
        let plain = self.matches(value, "^[-0-9A-Z一-龥]*$");
        let map = ('\u{1}'..='\u{FFFF}').map(|c| (c, comparable_char(c))).filter(|(c, to)| *to != Some(*c));
        let mapped = self.mapped(value, "forms", &map.collect::<Vec<_>>());
        format!("CASE WHEN {plain} THEN {value} ELSE {mapped} END")
    }

    /// Without any character that is trimmed, as [`tongbao_register::no_record`] compares.
    pub fn squeezed(self, value: &str) -> String {
        self.mapped(value, "blanks", &trimmed_characters().map(|c| (c, None)).collect::<Vec<_>>())
    }

    /// The usual dates in half-width characters.
    pub fn half_width(self, value: &str) -> String {
        let wide = ('０'..='９').chain(['－', '／', '．', '：']);
        let narrow = |c: char| char::from_u32(u32::from(c) - 0xFEE0);
        let map: Vec<(char, Option<char>)> =
            wide.map(|c| (c, narrow(c))).chain([('\u{3000}', Some(' '))]).collect();
        self.mapped(value, "wide", &map)
    }

    /// In lower case, ASCII letters alone; most values have no capital letter.
    pub fn lower(self, value: &str) -> String {
        match self {
            Dialect::Postgres => {
                let upper: String = ('A'..='Z').collect();
                format!("translate({value}, '{upper}', '{}')", upper.to_ascii_lowercase())
            }
            Dialect::MariaDb => {
                let lower = ('A'..='Z').fold(value.to_owned(), |value, letter| {
                    format!("replace({value}, '{letter}', '{}')", letter.to_ascii_lowercase())
                });
                format!("CASE WHEN {} THEN {lower} ELSE {value} END", self.matches(value, "[A-Z]"))
            }
        }
    }
}

/// Every character that a normal ID number changes, with what becomes of it. NUL is in no text.
fn number_map() -> Vec<(char, Option<char>)> {
    let all = ('\u{1}'..='\u{FFFF}').map(|c| (c, normal_char(c)));
    all.filter(|(from, to)| *to != Some(*from)).collect()
}

/// What comparing makes of a character.
fn comparable_char(c: char) -> Option<char> {
    let text = comparable(c.encode_utf8(&mut [0; 4]).as_bytes());
    std::str::from_utf8(&text).ok()?.chars().next()
}

/// The characters that a normal ID number leaves out.
pub(in super::super) fn dropped_characters() -> String {
    number_map().into_iter().filter(|(_, to)| to.is_none()).map(|(c, _)| c).collect()
}

/// A bracket of these characters, each of which means itself, in ranges where they follow one another.
pub(in super::super) fn class(characters: &str) -> String {
    let mut ranges: Vec<(char, char)> = Vec::new();
    for c in characters.chars().collect::<BTreeSet<char>>() {
        match ranges.last_mut() {
            Some((_, last)) if u32::from(*last) + 1 == u32::from(c) => *last = c,
            _ => ranges.push((c, c)),
        }
    }
    // A hyphen on its own stands last, where it is no range.
    let (hyphen, ranges): (Vec<_>, Vec<_>) = ranges.into_iter().partition(|range| *range == ('-', '-'));
    let range = |(first, last): (char, char)| match u32::from(last) - u32::from(first) {
        0 => first.to_string(),
        1 => format!("{first}{last}"),
        _ => format!("{first}-{last}"),
    };
    let ranges: String = ranges.into_iter().map(range).collect();
    format!("[{ranges}{}]", if hyphen.is_empty() { "" } else { "-" })
}
