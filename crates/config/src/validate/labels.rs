//! Checks the names that documents print: there, of characters that can be printed, and each for one thing.

use tongbao_message::message;

use super::Check;
use crate::raw::rules::{RawLabel, RawLabels};
use tongbao_register::text::is_blank_char;
use tongbao_rule::definitions::Label;

/// A name as it is printed; the key where none is set.
pub(super) fn label_of(path: &str, label: Option<&RawLabel>, key: &str, check: &mut Check) -> Label {
    let label = match label {
        None => Label { zh: key.to_owned(), en: key.to_owned() },
        Some(RawLabel::One(text)) => Label { zh: text.trim().to_owned(), en: text.trim().to_owned() },
        Some(RawLabel::Each(RawLabels { zh, en })) => {
            Label { zh: zh.trim().to_owned(), en: en.trim().to_owned() }
        }
    };
    let path = format!("{path}.label");
    if label.zh.is_empty() || label.en.is_empty() {
        check.fail(&path, message!("is-empty-it-is-what-documents"));
    }
    printable(&path, [label.zh.as_str(), &label.en], check);
    label
}

/// A reason as documents print it.
pub(super) fn reason(path: &str, text: &str, check: &mut Check) -> String {
    let text = text.trim();
    if text.is_empty() {
        check.refuse(path, message!("is-empty-it-is-what-documents"));
    }
    check.permit(path, [text]);
    printable(path, [text], check);
    text.to_owned()
}

/// Refuses characters that end lines, show nothing, turn the direction of writing or are in no font for documents.
pub(super) fn printable<'t>(path: &str, texts: impl IntoIterator<Item = &'t str>, check: &mut Check) {
    if let Some(c) = texts.into_iter().flat_map(str::chars).find(|c| !is_printable(*c)) {
        let code = format!("U+{:04X}", u32::from(c));
        check.refuse(path, message!("has-a-character-that-is-not-printed", code));
    }
}

fn is_printable(c: char) -> bool {
    let is_line_end = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let shows_nothing = is_blank_char(c) && !c.is_whitespace();
    // For private use, what could not be read, emoji, and the planes after the Chinese characters.
    let is_in_no_font = matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FFF0}'..='\u{1FFFF}' | '\u{E0000}'..);
    !is_line_end && !shows_nothing && !is_in_no_font
}

/// That two things of one kind have one name, in either language.
pub(super) fn distinct<'a>(
    path: &str,
    label: &Label,
    others: impl IntoIterator<Item = (&'a str, &'a Label)>,
    check: &mut Check,
) {
    let same = |other: &Label| match (other.zh == label.zh, other.en.eq_ignore_ascii_case(&label.en)) {
        (true, _) => Some(label.zh.clone()),
        (_, true) => Some(label.en.clone()),
        _ => None,
    };
    let found = others.into_iter().find_map(|(key, other)| same(other).map(|name| (key, name)));
    if let Some((other, name)) = found {
        check.refuse(&format!("{path}.label"), message!("is-the-label-of-already", name, other));
    }
}
