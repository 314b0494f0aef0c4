//! Shapes that nearly all numbers and dates have, each tested once a row where the statement has layers.
//!
//! PostgreSQL makes the states of a pattern again for each value that it looks at: eighteen digits by a count take
//! four times as long as one repeated class and the length, and a calendar ten times as long as a list of its days.

use super::dialect::{Dialect, constant};
use super::pattern;

/// The condition that a text has eighteen characters, all of them digits but perhaps a last X.
pub(super) fn is_eighteen(d: Dialect, text: &str) -> String {
    match d {
        Dialect::Postgres => format!("(octet_length({text}) = 18 AND {})", d.matches(text, "^[0-9]+X?$")),
        Dialect::MariaDb => d.matches(text, "^[0-9]{17}[0-9X]$"),
    }
}

/// The condition that a text which [`is_eighteen`] contains a day of 1800 to 2199, as [`pattern::number_18`] has it.
pub(super) fn is_dated(d: Dialect, text: &str) -> String {
    match d {
        Dialect::Postgres => format!(
            "substr({text}, 7, 2) IN ('18', '19', '20', '21') AND (substr({text}, 11, 4) = {} OR {})",
            any_day(),
            d.matches(text, &pattern::number_18())
        ),
        Dialect::MariaDb => d.matches(text, &pattern::number_18()),
    }
}

/// The condition that a text is a day as `2016-06-09`. Those of 29 February may be left to the forms that are looked at
/// after it.
pub(super) fn is_iso_date(d: Dialect, text: &str) -> String {
    match d {
        Dialect::Postgres => format!(
            "({text} LIKE '____-__-__' AND {} AND replace(substr({text}, 6), '-', '') = {})",
            d.matches(text, "^[0-9]+-[0-9]+-[0-9]+$"),
            any_day()
        ),
        Dialect::MariaDb => d.matches(text, &pattern::iso_date()),
    }
}

/// The condition that a text is written as `2016-06-09` and has the day, of eight digits, of a number beside it.
pub(super) fn is_day_of(text: &str, number: &str) -> String {
    format!("{text} LIKE '____-__-__' AND replace({text}, '-', '') = substr({number}, 7, 8)")
}

/// The days that every year has, `0101` and so on, to compare with.
fn any_day() -> String {
    let length = |month: u32| match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let days = (1..=12).flat_map(|month| (1..=length(month)).map(move |day| format!("{month:02}{day:02}")));
    let days: Vec<String> = days.collect();
    format!("ANY({})", constant("days", &format!("'{{{}}}'::text[]", days.join(","))))
}
