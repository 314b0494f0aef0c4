//! What the two dialects write differently. Only functions that PostgreSQL calls immutable are used,
//! and no casts from text, so that `postgres_fdw` may send the expressions on to where the data lies.

use super::SqlColumn;
use tongbao_register::id_number::normal_char;
use tongbao_register::nothing::MARKS;
use tongbao_register::text::{comparable, is_blank_char};

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
            // Whether a backslash means itself there depends on the session's sql_mode; its bytes do not.
            Dialect::MariaDb if text.contains('\\') => {
                let bytes: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
                format!("CONVERT(x'{bytes}' USING utf8mb4)")
            }
            Dialect::MariaDb => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// A list of text literals.
    pub fn texts<'a>(self, texts: impl IntoIterator<Item = &'a str>) -> String {
        texts.into_iter().map(|text| self.text(text)).collect::<Vec<_>>().join(", ")
    }

    /// A condition: the value contains a match of the regular expression.
    pub fn matches(self, value: &str, pattern: &str) -> String {
        match self {
            Dialect::Postgres => format!("{value} ~ {}", self.text(pattern)),
            Dialect::MariaDb => format!("{value} REGEXP {}", self.text(pattern)),
        }
    }

    /// What the `group`th bracket of a pattern, which matches the whole value, has caught.
    pub fn caught(self, value: &str, pattern: &str, group: usize) -> String {
        let group = self.text(&format!("\\{group}"));
        format!("regexp_replace({value}, {}, {group})", self.text(pattern))
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

    /// The condition that a text consists of other characters than these alone.
    pub fn has_others_than(self, value: &str, characters: &str) -> String {
        match self {
            Dialect::Postgres => format!("btrim({value}, {}) <> ''", self.text(characters)),
            Dialect::MariaDb => self.matches(value, &format!("[^{}]", escaped(characters))),
        }
    }

    /// The condition that the first character of a text is one of these.
    pub fn begins_with(self, value: &str, characters: &str) -> String {
        match self {
            Dialect::Postgres => format!("strpos({}, left({value}, 1)) > 0", self.text(characters)),
            Dialect::MariaDb => self.matches(value, &format!("^[{}]", escaped(characters))),
        }
    }

    /// What stands between marks, as [`tongbao_register::nothing::within_marks`] takes it.
    pub fn within_marks(self, value: &str) -> String {
        let blanks = ('\u{1}'..='\u{FFFF}').filter(|c| is_blank_char(*c));
        let characters: String = MARKS.chars().chain(blanks).collect();
        match self {
            Dialect::Postgres => format!("btrim({value}, {})", self.text(&characters)),
            Dialect::MariaDb => {
                let class = escaped(&characters);
                let around = self.text(&format!("^[{class}]+|[{class}]+$"));
                format!("regexp_replace({value}, {around}, '')")
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

    /// Whether a date column holds MySQL's date for "none".
    pub fn is_zero_date(self, date: &str) -> String {
        match self {
            Dialect::Postgres => "FALSE".to_owned(),
            Dialect::MariaDb => format!("(year({date}) = 0 AND month({date}) = 0 AND day({date}) = 0)"),
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

    /// What [`Dialect::code_at`] reads a text of ASCII characters from.
    pub fn characters(self, value: &str) -> String {
        match self {
            Dialect::Postgres => format!("decode({value}, 'escape')"),
            Dialect::MariaDb => value.to_owned(),
        }
    }

    /// The code of the character at a position, the first at 0.
    pub fn code_at(self, characters: &str, at: usize) -> String {
        match self {
            Dialect::Postgres => format!("get_byte({characters}, {at})"),
            Dialect::MariaDb => format!("ascii(substr({characters}, {}, 1))", at + 1),
        }
    }

    /// Where one text stands in another, the first character at 1; 0 where it does not.
    pub fn position(self, needle: &str, text: &str) -> String {
        match self {
            Dialect::Postgres => format!("strpos({text}, {needle})"),
            Dialect::MariaDb => format!("locate({needle}, {text})"),
        }
    }

    /// Without leading and trailing characters that are blank, as [`tongbao_register::text::trim`] takes it.
    pub fn trim(self, value: &str) -> String {
        let spaces: String = ('\u{1}'..='\u{FFFF}').filter(|c| is_blank_char(*c)).collect();
        match self {
            Dialect::Postgres => format!("btrim({value}, {})", self.text(&spaces)),
            Dialect::MariaDb => {
                format!("regexp_replace({value}, {}, '')", self.text(&format!("^[{spaces}]+|[{spaces}]+$")))
            }
        }
    }

    /// An expression: the texts one after the other.
    pub fn concat(self, parts: &[&str]) -> String {
        match self {
            Dialect::Postgres => format!("({})", parts.join(" || ")),
            Dialect::MariaDb => format!("concat({})", parts.join(", ")),
        }
    }

    /// Each character of the value replaced by what `map` makes of it, or left out.
    fn mapped(self, value: &str, map: &[(char, Option<char>)]) -> String {
        let kept = map.iter().filter_map(|(from, to)| Some((*from, (*to)?)));
        let dropped: String = map.iter().filter(|(_, to)| to.is_none()).map(|(from, _)| from).collect();
        match self {
            Dialect::Postgres => {
                let from: String = kept.clone().map(|(from, _)| from).chain(dropped.chars()).collect();
                let to: String = kept.map(|(_, to)| to).collect();
                format!("translate({value}, {}, {})", self.text(&from), self.text(&to))
            }
            Dialect::MariaDb => {
                let value = match dropped.is_empty() {
                    true => value.to_owned(),
                    false => format!("regexp_replace({value}, {}, '')", self.text(&class(&dropped))),
                };
                kept.fold(value, |value, (from, to)| {
                    let (from, to) = (self.text(&from.to_string()), self.text(&to.to_string()));
                    format!("replace({value}, {from}, {to})")
                })
            }
        }
    }

    /// An ID number in its normal form, as [`tongbao_register::id_number::normalize`] brings it there.
    pub fn normalized(self, value: &str) -> String {
        // Nearly every number is in its normal form, and mapping is the most expensive step.
        let plain = self.matches(value, "^[0-9A-Z]*$");
        format!("CASE WHEN {plain} THEN {value} ELSE {} END", self.mapped(value, &number_map()))
    }

    /// A text as [`tongbao_register::text::comparable`] compares it; most are in that form.
    pub fn comparable(self, value: &str) -> String {
        let plain = self.matches(value, "^[-0-9A-Z一-龥]*$");
        let map = ('\u{1}'..='\u{FFFF}').map(|c| (c, comparable_char(c))).filter(|(c, to)| *to != Some(*c));
        let mapped = self.mapped(value, &map.collect::<Vec<_>>());
        format!("CASE WHEN {plain} THEN {value} ELSE {mapped} END")
    }

    /// Without any blank character, as [`tongbao_register::no_record`] compares.
    pub fn squeezed(self, value: &str) -> String {
        let blanks = ('\u{1}'..='\u{FFFF}').filter(|c| is_blank_char(*c)).map(|c| (c, None));
        self.mapped(value, &blanks.collect::<Vec<_>>())
    }

    /// The usual dates in half-width characters.
    pub fn half_width(self, value: &str) -> String {
        let wide = ('０'..='９').chain(['－', '／', '．', '：']);
        let narrow = |c: char| char::from_u32(u32::from(c) - 0xFEE0);
        let map: Vec<(char, Option<char>)> =
            wide.map(|c| (c, narrow(c))).chain([('\u{3000}', Some(' '))]).collect();
        self.mapped(value, &map)
    }

    /// The day of a date or time column as days since 1970-01-01.
    pub fn day(self, date: &str) -> String {
        match self {
            Dialect::Postgres => format!("({date} - DATE '1970-01-01')"),
            Dialect::MariaDb => format!("datediff({date}, '1970-01-01')"),
        }
    }

    /// A date column as the number `YYYYMMDD`.
    pub fn date_number(self, date: &str) -> String {
        format!(
            "(extract(year FROM {date}) * 10000 + extract(month FROM {date}) * 100 + extract(day FROM {date}))"
        )
    }

    /// Whether a date column's value is a date of four-digit years.
    pub fn date_exists(self, date: &str) -> String {
        match self {
            Dialect::Postgres => format!("({date} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31')"),
            Dialect::MariaDb => format!("(month({date}) > 0 AND day({date}) > 0)"),
        }
    }

    /// A value as the program reads it where a record comes home whole.
    pub fn home_text(self, value: &SqlColumn) -> String {
        match (self, value) {
            (_, SqlColumn::Text(text)) => text.clone(),
            (Dialect::Postgres, SqlColumn::Date(date)) => format!(
                "CASE WHEN {} THEN to_char({date}, 'YYYY-MM-DD') ELSE ({date})::text END",
                self.date_exists(date)
            ),
            (Dialect::MariaDb, SqlColumn::Date(date)) => {
                format!("CONVERT(cast({date} AS char) USING utf8mb4) COLLATE utf8mb4_bin")
            }
        }
    }

    /// A value as text for the way home.
    pub fn as_text(self, value: &str) -> String {
        match self {
            Dialect::Postgres => format!("({value})::text"),
            Dialect::MariaDb => format!("cast({value} AS char)"),
        }
    }

    /// A select within another whose expressions the database does not write out wherever they are used, so that each is
    /// computed once a row. PostgreSQL takes a select with a WITH of its own as it is, also in parallel workers, which
    /// an OFFSET would keep out.
    pub fn fenced(self, select: &str) -> String {
        match self {
            Dialect::Postgres => format!("(WITH fence AS (SELECT 1) {select})"),
            Dialect::MariaDb => format!("({select} LIMIT 18446744073709551615)"),
        }
    }

    /// A named select of which every row is computed before anything else is made of it, by all workers there are.
    pub fn pass(self, name: &str, select: &str) -> String {
        match self {
            Dialect::Postgres => format!("{name} AS {}", self.fenced(select)),
            Dialect::MariaDb => format!("{name} AS ({select})"),
        }
    }

    /// A named select that is planned separately: whether its parts are counted in place must not
    /// depend on what is made of the counts.
    pub fn cte(self, name: &str, select: &str) -> String {
        match self {
            Dialect::Postgres => format!("{name} AS MATERIALIZED ({select})"),
            Dialect::MariaDb => format!("{name} AS ({select})"),
        }
    }

    /// A text literal that compares by its characters alone.
    pub fn unit_text(self, text: &str) -> String {
        match self {
            Dialect::Postgres => self.text(text),
            Dialect::MariaDb => format!("_utf8mb4{} COLLATE utf8mb4_bin", self.text(text)),
        }
    }

    /// A named table of literals, planned wherever it is used.
    pub fn rows(self, name: &str, rows: impl Iterator<Item = [String; 2]>) -> String {
        let rows: Vec<String> = rows.map(|[a, b]| format!("({a}, {b})")).collect();
        let inlined = match self {
            Dialect::Postgres => "NOT MATERIALIZED ",
            Dialect::MariaDb => "",
        };
        format!("{name} AS {inlined}(VALUES {})", rows.join(", "))
    }

    /// Orders texts by their bytes.
    pub fn by_bytes(self, value: &str) -> String {
        match self {
            Dialect::Postgres => format!("{value} COLLATE \"C\""),
            Dialect::MariaDb => value.to_owned(),
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

/// A pattern that matches values of which a normal ID number leaves nothing.
pub(super) fn nothing_left() -> String {
    let dropped: String = number_map().into_iter().filter(|(_, to)| to.is_none()).map(|(c, _)| c).collect();
    format!("^{}*$", class(&dropped))
}

/// Characters within a bracket of a pattern, each of which means itself.
fn escaped(characters: &str) -> String {
    let escape = |c: char| if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() };
    characters.chars().map(escape).collect()
}

/// A bracket of these characters; a hyphen stands last, where it means itself.
fn class(characters: &str) -> String {
    let hyphen = if characters.contains('-') { "-" } else { "" };
    format!("[{}{hyphen}]", characters.replace('-', ""))
}
