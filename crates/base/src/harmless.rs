//! Text from outside, made fit for a terminal.

use std::borrow::Cow;

/// Replaces what a terminal obeys instead of showing it (control characters, also of Unicode's C1, and marks that
/// turn the direction of writing) by blanks. Line ends and tabs stay.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    // A carriage return alone would write over the beginning of its line.
    let text = text.replace("\r\n", "\n");
    Cow::Owned(text.chars().map(|c| if is_harmful(c) { ' ' } else { c }).collect())
}

/// The same for text that has to stay on one line.
pub fn one_line(text: &str) -> String {
    let blanked: String =
        text.chars().map(|c| if c.is_control() || is_harmful(c) { ' ' } else { c }).collect();
    blanked.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name with its blanks as they are, where what breaks lines has become a blank and what is invisible is gone.
pub fn name(text: &str) -> String {
    let visible =
        text.chars().filter(|c| c.is_control() || !is_harmful(*c) || matches!(c, '\u{2028}' | '\u{2029}'));
    let blanked: String = visible.map(|c| if c.is_control() || is_harmful(c) { ' ' } else { c }).collect();
    blanked.trim().to_owned()
}

fn is_harmful(c: char) -> bool {
    let is_end = matches!(c, '\n' | '\t');
    c.is_control() && !is_end
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(harmless("第1期\t荔城\n"), "第1期\t荔城\n");
        assert!(matches!(harmless("ok"), Cow::Borrowed(_)));
        assert_eq!(harmless("a\x1b]0;x\x07b\u{9b}31mc\u{202e}d\re\r\nf"), "a ]0;x b 31mc d e\nf");
        assert_eq!(name("荔城　第一\u{2028}村\u{200b}\n"), "荔城　第一 村");
        assert_eq!(one_line("250\tok\r\n  and\x1b[0m more\u{2028}"), "250 ok and [0m more");
    }
}
