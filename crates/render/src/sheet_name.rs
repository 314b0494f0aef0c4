//! Names and texts within the limits of Excel.

use std::collections::BTreeSet;

/// The longest beginning of whole characters within so many UTF-16 units, which Excel counts in.
pub(super) fn prefix(text: &str, units: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used > units
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// Names as Excel takes them: 1 to 31 UTF-16 units, none of `[ ] : * ? / \`, no apostrophe at an end,
/// not `History`, and no two alike without regard to case.
pub(super) fn unique_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = BTreeSet::from(["history".to_string()]);
    let mut unique = Vec::new();
    for name in names {
        let clean = cleaned(name);
        let numbered = (2..).map(|number| with_suffix(&clean, &format!("({number})")));
        let free = std::iter::once(with_suffix(&clean, ""))
            .chain(numbered)
            .find(|name| taken.insert(name.to_lowercase()));
        unique.extend(free);
    }
    unique
}

fn cleaned(name: &str) -> String {
    let forbidden = |c: char| c.is_control() || "[]:*?/\\".contains(c);
    let replaced: String = name.chars().map(|c| if forbidden(c) { ' ' } else { c }).collect();
    let trimmed = replaced.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    if trimmed.is_empty() { "Sheet".to_string() } else { trimmed.to_string() }
}

fn with_suffix(name: &str, suffix: &str) -> String {
    let shortened = prefix(name, 31 - suffix.len()).trim_end_matches(['\'', ' ']);
    format!("{shortened}{suffix}")
}
