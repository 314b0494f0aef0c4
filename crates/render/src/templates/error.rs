//! What can be wrong with a template, in one line each.

use crate::markdown;
use tongbao_config::key_positions::nearest;
use tongbao_message::{Message, Worded, message};

/// What is wrong with a template, with file, line and column where they are known.
#[derive(Debug, thiserror::Error, Worded)]
pub enum TemplateError {
    Tera(String),
    Name {
        file: String,
        line: usize,
        column: usize,
        problem: Message,
    },
    Markdown {
        file: String,
        source: markdown::MarkdownError,
    },
    FrontMatter {
        file: String,
        problem: Message,
    },
    #[message(meant = meant_kind(folder))]
    Missing {
        folder: String,
        dir: String,
    },
    Read {
        path: String,
        source: std::io::Error,
    },
    TooLarge {
        file: String,
        mebibytes: usize,
    },
    TooLong {
        file: String,
        seconds: f32,
    },
    Panicked(String),
    NoChart {
        file: String,
        name: String,
        known: String,
    },
}

/// The built-in kind that the name of a folder of one's own is like.
fn meant_kind(folder: &str) -> Message {
    let meant = nearest(folder, ["bulletin", "ranking", "acceptance"]).filter(|meant| *meant != folder);
    meant.map(|meant| message!("meant-kind", meant)).message()
}

/// What Tera has built in, for the names it cannot list.
pub(super) const FILTERS: &str = "abs, capitalize, chinese_number, counted, default, escape, first, float, get, group_by, indent, \
int, join, keys, last, length, listed, lower, newlines_to_br, nth, pairs, pluralize, replace, reverse, round, safe, sort, \
split, str, title, trim, trim_end, trim_start, truncate, unique, upper, upper_first, values, wordcount";
pub(super) const TESTS: &str = "array, bool, containing, defined, divisible_by, ending_with, even, float, integer, iterable, \
map, none, number, odd, starting_with, string, undefined";
const FUNCTIONS: &str = "range, super, throw";

/// Tera's report in one line each: file, line and column, what is wrong, and the names there are.
pub(super) fn tera_error(error: tera::Error) -> TemplateError {
    let report = error.to_string();
    let mut out = Vec::new();
    let mut lines = report.lines();
    while let Some(line) = lines.next() {
        let Some(message) = line.strip_prefix("error: ") else { continue };
        let place = lines.next().and_then(|line| line.split_once("--> ")).map_or("", |(_, place)| place);
        let mut letters = message.chars();
        let first = letters.next().map(|c| c.to_ascii_lowercase()).unwrap_or_default();
        out.push(format!("{place}: {first}{}{}", letters.as_str(), known_names(message)));
    }
    if out.is_empty() { TemplateError::Tera(report) } else { TemplateError::Tera(out.join("\n  template ")) }
}

fn known_names(message: &str) -> String {
    for (start, names) in
        [("Unknown filter `", FILTERS), ("Unknown test `", TESTS), ("Unknown function `", FUNCTIONS)]
    {
        if let Some(name) = message.strip_prefix(start) {
            let meant = nearest(name.trim_end_matches('`'), names.split(", "));
            let meant = meant.map(|meant| format!(", did you mean `{meant}`?")).unwrap_or_default();
            return format!("{meant}; known: {names}");
        }
    }
    String::new()
}
