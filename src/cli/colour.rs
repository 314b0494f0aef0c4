//! Colours of the words ok, warning and error, where a person sees them.

use std::io::IsTerminal;

/// Whether a stream is coloured: a terminal that can show colours, unless `$NO_COLOR` says otherwise
/// (no-color.org); `$CLICOLOR_FORCE` colours files and pipes too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colours(bool);

#[expect(clippy::disallowed_methods, reason = "colours are decided before there is a context")]
impl Colours {
    pub(super) fn stdout() -> Colours {
        Colours::decide(std::io::stdout().is_terminal(), |name| std::env::var(name).ok())
    }

    pub(super) fn stderr() -> Colours {
        Colours::decide(std::io::stderr().is_terminal(), |name| std::env::var(name).ok())
    }

    fn decide(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Colours {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty() && value != "0");
        let no_colour = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let kind = "TERM";
        let can_show = variable(kind).is_none_or(|term| term != "dumb");
        Colours(!no_colour && (is_set("CLICOLOR_FORCE") || is_terminal && can_show))
    }

    pub(super) fn is_on(self) -> bool {
        self.0
    }

    /// A text in the colour of a level: green ok, yellow warning, red error.
    pub(super) fn paint(self, level: &str, text: &str) -> String {
        let code = match level {
            "ok" => "32",
            "warning" => "33",
            "error" => "1;31",
            _ => return text.to_owned(),
        };
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A message with the word that it begins with, `error:` or `warning:`, in its colour.
    pub(super) fn message(self, level: Option<&str>, text: &str) -> String {
        let end = text.find([':', '：']).filter(|_| self.0);
        match (level, end) {
            (Some(level), Some(end)) => format!("{}{}", self.paint(level, &text[..end]), &text[end..]),
            _ => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_and_those_who_want_them() {
        let decide = |is_terminal, set: &[(&str, &str)]| {
            let found = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            Colours::decide(is_terminal, found).is_on()
        };
        assert!(decide(true, &[]) && !decide(false, &[]));
        assert!(!decide(true, &[("NO_COLOR", "1")]) && decide(true, &[("NO_COLOR", "")]));
        assert!(!decide(true, &[("TERM", "dumb")]) && decide(true, &[("TERM", "xterm")]));
        assert!(decide(false, &[("CLICOLOR_FORCE", "1")]) && !decide(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!decide(true, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    }

    #[test]
    fn only_the_level_is_coloured() {
        let on = Colours(true);
        assert_eq!(on.paint("ok", "ok"), "\u{1b}[32mok\u{1b}[0m");
        assert_eq!(on.message(Some("error"), "错误：x: y"), "\u{1b}[1;31m错误\u{1b}[0m：x: y");
        assert_eq!(on.message(None, "wrote x: y"), "wrote x: y");
        assert_eq!(Colours(false).message(Some("error"), "error: x"), "error: x");
    }
}
