//! Where in the file a key stands, and what a misspelt key was meant to be.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Line and column, counted from 1, of a byte offset.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// The byte range of the value at a path such as `reports.weekly.to`; of the deepest table that
/// exists where the path ends early.
pub fn span(text: &str, path: &str) -> Option<Range<usize>> {
    let root = DeTable::parse(text).ok()?;
    let mut parts = path.split('.');
    let first = parts.next()?;
    let (key, value) = root.get_ref().iter().find(|(key, _)| key.get_ref() == first)?;
    let (mut span, mut value) = (key.span(), value.get_ref());
    for part in parts {
        let next = match value {
            DeValue::Table(table) => table
                .iter()
                .find(|(key, _)| key.get_ref() == part)
                .map(|(key, value)| (key.span(), value.get_ref())),
            DeValue::Array(array) => part
                .parse::<usize>()
                .ok()
                .and_then(|i| array.get(i))
                .map(|value| (value.span(), value.get_ref())),
            _ => None,
        };
        let Some((found, inner)) = next else { break };
        (span, value) = (found, inner);
    }
    Some(span)
}

/// The byte range of the value at exactly this path of tables.
pub fn exact(text: &str, path: &[&str]) -> Option<Range<usize>> {
    let root = DeTable::parse(text).ok()?;
    let (last, tables) = path.split_last()?;
    let mut table = root.get_ref();
    let find = |table: &DeTable<'_>, part: &str| table.iter().position(|(key, _)| key.get_ref() == part);
    for part in tables {
        let at = find(table, part)?;
        table = table.iter().nth(at)?.1.get_ref().as_table()?;
    }
    let at = find(table, last)?;
    table.iter().nth(at).map(|(key, _)| key.span())
}

/// The name nearest to `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, name)| *distance <= name.chars().count().div_ceil(3).max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Rewords serde's "unknown field `x`, expected one of `a`, `b`" with a suggestion.
pub fn reword(message: &str) -> String {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let unknown = ["unknown field", "unknown variant"].iter().find(|start| message.starts_with(**start));
    let (Some(unknown), Some((wrong, known))) = (unknown, names.split_first()) else {
        return message.trim_end().to_owned();
    };
    let what = if *unknown == "unknown field" { "unknown key" } else { "unknown value" };
    let meant = nearest(wrong, known.iter().copied())
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default();
    format!("{what} `{wrong}`{meant} known: {}", known.join(", "))
}
