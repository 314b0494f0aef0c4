//! What the two dialects write differently. Only functions that PostgreSQL calls immutable are used,
//! and no casts from text, so that `postgres_fdw` may send the expressions on to where the data is.

mod constants;
mod days;
mod selects;
mod texts;

pub(super) use constants::constant;
pub(super) use texts::{class, dropped_characters};

/// Stands between the values of a record that leaves the database whole; a character that every reading
/// passes over.
pub(super) const SEPARATOR: char = '\u{1F}';

/// A dialect that the definitions can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL and what speaks its dialect.
    Postgres,
    /// MariaDB.
    MariaDb,
}

impl Dialect {
    /// A text literal.
    pub fn text(self, text: &str) -> String {
        match self {
            Dialect::Postgres => format!("'{}'", text.replace('\'', "''")),
            // Whether a backslash means itself there depends on the session's sql_mode; its byte does not.
            Dialect::MariaDb if text.contains('\\') => {
                let parts: Vec<String> = text.split('\\').map(|part| self.text(part)).collect();
                format!("concat({})", parts.join(", _utf8mb4 x'5C', "))
            }
            Dialect::MariaDb => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// A list of text literals.
    pub fn texts<'a>(self, texts: impl IntoIterator<Item = &'a str>) -> String {
        texts.into_iter().map(|text| self.text(text)).collect::<Vec<_>>().join(", ")
    }

    /// What follows a text in the condition that it is one of a list of texts, which may be long and be read often.
    pub fn any_of_texts<'a>(self, texts: impl IntoIterator<Item = &'a str>) -> String {
        let texts = self.texts(texts);
        match self {
            Dialect::Postgres => format!("= ANY({})", constant("words", &format!("ARRAY[{texts}]"))),
            Dialect::MariaDb => format!("IN ({texts})"),
        }
    }

    /// What follows a table if rows with one of these texts may be left out before its rows are grouped by the value.
    /// MariaDB groups in a table on disk, and looks up a text sooner than that.
    pub fn unless_one_of<'a>(self, value: &str, texts: impl IntoIterator<Item = &'a str>) -> String {
        let texts = self.texts(texts);
        match self {
            // Before version 15 it compares a value with each of them.
            Dialect::Postgres => String::new(),
            Dialect::MariaDb if texts.is_empty() => String::new(),
            Dialect::MariaDb => format!(" WHERE {value} NOT IN ({texts})"),
        }
    }

    /// A condition: the value contains a match of the regular expression.
    pub fn matches(self, value: &str, pattern: &str) -> String {
        match self {
            Dialect::Postgres => format!("{value} ~ {}", self.pattern(pattern)),
            Dialect::MariaDb => format!("{value} REGEXP {}", self.pattern(&at_the_very_end(pattern))),
        }
    }

    /// What the `group`th bracket of a pattern, which matches the whole value, has caught.
    pub fn caught(self, value: &str, pattern: &str, group: usize) -> String {
        let group = self.text(&format!("\\{group}"));
        format!("regexp_replace({value}, {}, {group})", self.pattern(pattern))
    }

    /// A pattern as a literal; the shortest cost less where they stand than by a name.
    fn pattern(self, pattern: &str) -> String {
        let literal = self.text(pattern);
        if literal.len() > "constants.pattern".len() { constant("pattern", &literal) } else { literal }
    }

    /// A whole number of 64 bits.
    pub fn whole(self, number: i64) -> String {
        match self {
            Dialect::Postgres => format!("({number})::bigint"),
            Dialect::MariaDb => format!("({number})"),
        }
    }

    /// An integer expression in 64 bits.
    pub fn wide(self, value: &str) -> String {
        match self {
            Dialect::Postgres => format!("({value})::bigint"),
            Dialect::MariaDb => format!("cast({value} AS signed)"),
        }
    }

    /// The quotient of two integers that are not negative, without its fraction.
    pub fn quotient(self, value: &str, by: i64) -> String {
        match self {
            Dialect::Postgres => format!("(({value}) / {by})"),
            Dialect::MariaDb => format!("(({value}) DIV {by})"),
        }
    }

    /// An exact product of a 64-bit integer.
    pub fn product(self, value: &str, factor: i64) -> String {
        match self {
            Dialect::Postgres => format!("(({value})::numeric * ({factor}))"),
            Dialect::MariaDb => format!("(cast({value} AS decimal(40, 0)) * ({factor}))"),
        }
    }

    /// Ten thousand times the number of a text of digits with at most four decimals.
    pub fn ten_thousandths(self, digits: &str) -> String {
        match self {
            Dialect::Postgres => format!("(({digits})::numeric * 10000)::bigint"),
            Dialect::MariaDb => format!("cast(cast({digits} AS decimal(30, 4)) * 10000 AS signed)"),
        }
    }

    /// A character of a pattern that means itself, inside and outside of classes.
    pub fn pattern_character(self, c: char) -> String {
        match (self, u32::from(c)) {
            (Dialect::Postgres, code @ ..0x10000) => format!("\\u{code:04X}"),
            (Dialect::Postgres, code) => format!("\\U{code:08X}"),
            (Dialect::MariaDb, code) => format!("\\x{{{code:X}}}"),
        }
    }

    /// The code of the first character of a text, 0 where it has none.
    pub fn first_code(self, value: &str) -> String {
        match self {
            Dialect::Postgres => format!("ascii({value})"),
            Dialect::MariaDb => format!("ord({value})"),
        }
    }

    /// The code that [`Dialect::first_code`] has for a character.
    pub fn code_of(self, c: char) -> u32 {
        match self {
            Dialect::Postgres => u32::from(c),
            Dialect::MariaDb => {
                c.encode_utf8(&mut [0; 4]).bytes().fold(0, |code, byte| code << 8 | u32::from(byte))
            }
        }
    }

    /// What the check character of a text of ASCII characters is computed from.
    pub fn characters(self, value: &str) -> String {
        match self {
            Dialect::Postgres => format!("decode({value}, 'escape')"),
            Dialect::MariaDb => value.to_owned(),
        }
    }

    /// Where one text stands in another, the first character at 1; 0 where it does not.
    pub fn position(self, needle: &str, text: &str) -> String {
        match self {
            Dialect::Postgres => format!("strpos({text}, {needle})"),
            Dialect::MariaDb => format!("locate({needle}, {text})"),
        }
    }

    /// An expression: the texts one after the other.
    pub fn concat(self, parts: &[&str]) -> String {
        match self {
            Dialect::Postgres => format!("({})", parts.join(" || ")),
            Dialect::MariaDb => format!("concat({})", parts.join(", ")),
        }
    }

    /// A value as text for the way home.
    pub fn as_text(self, value: &str) -> String {
        match self {
            Dialect::Postgres => format!("({value})::text"),
            Dialect::MariaDb => format!("cast({value} AS char)"),
        }
    }

    /// A text literal that compares by its characters alone.
    pub fn unit_text(self, text: &str) -> String {
        match self {
            Dialect::Postgres => self.text(text),
            Dialect::MariaDb => format!("_utf8mb4{} COLLATE utf8mb4_bin", self.text(text)),
        }
    }

    /// Orders texts by their bytes.
    pub fn by_bytes(self, value: &str) -> String {
        match self {
            Dialect::Postgres => format!("{value} COLLATE \"C\""),
            Dialect::MariaDb => value.to_owned(),
        }
    }
}

/// A pattern whose `$` is nothing but the end: where patterns are Perl's it also stands before a last line break.
fn at_the_very_end(pattern: &str) -> String {
    let (mut out, mut is_class) = (String::new(), false);
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match c {
            '$' if !is_class => out.push_str("(?!.|\n)"),
            '\\' => out.extend(std::iter::once(c).chain(characters.next())),
            _ => {
                is_class = c == '[' || is_class && c != ']';
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_no_line_break() {
        assert_eq!(at_the_very_end("^a$"), "^a(?!.|\n)");
        assert_eq!(at_the_very_end(r"^[a$]\$(?:[(]|$)"), "^[a$]\\$(?:[(]|(?!.|\n))");
        assert_eq!(Dialect::Postgres.matches("t", "^a$"), "t ~ '^a$'");
    }
}
