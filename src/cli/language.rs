//! The language the program speaks to its operator. Messages are worded in English where they arise,
//! in folders that know of no language, and that wording is the key: `chinese.txt` pairs every message
//! with its Chinese. JSON and logs stay the same in both.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clap::ValueEnum;

/// English and Chinese, line after line; `{name}` stands for a value, `{@name}` for a message within.
pub(super) const CATALOGUE: &str = include_str!("chinese.txt");

static PAIRS: LazyLock<Vec<(Pattern, Pattern)>> = LazyLock::new(pairs);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum CommandLanguage {
    #[default]
    #[value(name = "en")]
    English,
    #[value(name = "zh")]
    Chinese,
}

impl CommandLanguage {
    /// What `--lang` says, else `$TONGBAO_LANG` and the usual variables, the first that is set.
    pub(super) fn choose(
        option: Option<CommandLanguage>,
        environment: &BTreeMap<String, String>,
    ) -> CommandLanguage {
        let named = ["TONGBAO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| environment.get(*name).filter(|value| !value.is_empty()));
        let from_environment = match named {
            Some(value) if value.to_lowercase().starts_with("zh") => CommandLanguage::Chinese,
            _ => CommandLanguage::English,
        };
        option.unwrap_or(from_environment)
    }

    /// A text in this language, line by line. What the catalogue does not know stays as it is.
    pub(super) fn say(self, text: &str) -> String {
        match self {
            CommandLanguage::English => text.to_owned(),
            CommandLanguage::Chinese => text.split('\n').map(line).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// A line as a whole, or what follows the place it begins with (`file:line:column: key: …`). An entry
/// that begins with a value matches almost anything, so it comes after what stands behind a place.
fn line(text: &str) -> String {
    let whole = message(text);
    if let Some((true, translated)) = whole {
        return translated;
    }
    let places = text.match_indices(": ").map(|(at, sign)| at + sign.len());
    let behind = places.into_iter().find_map(|at| Some((at, message(&text[at..])?.1)));
    match (behind, whole) {
        // What has words in front of the colon is no place, but the beginning of a message.
        (Some((at, _)), Some((_, translated))) if !is_place(&text[..at]) => translated,
        (Some((at, translated)), _) => format!("{}{translated}", &text[..at]),
        (None, Some((_, translated))) => translated,
        (None, None) => text.to_owned(),
    }
}

/// Files, lines and keys have no spaces.
fn is_place(text: &str) -> bool {
    text.trim_end().split(": ").all(|part| !part.contains(' '))
}

/// The Chinese of a message, by the pattern that leaves least to its values, and whether that begins
/// with its own words. One that does comes before one that begins with a value.
fn message(text: &str) -> Option<(bool, String)> {
    let trimmed = text.trim();
    let matching =
        PAIRS.iter().filter_map(|(english, chinese)| Some((english, chinese, english.values(trimmed)?)));
    let is_anchored = |english: &Pattern| !english.literals[0].is_empty();
    let (english, chinese, values) =
        matching.max_by_key(|(english, ..)| (is_anchored(english), english.weight()))?;
    let translated = chinese.filled(english, &values);
    Some((is_anchored(english), text.replacen(trimmed, &translated, 1)))
}

/// Literal texts with values between them.
struct Pattern {
    literals: Vec<&'static str>,
    names: Vec<&'static str>,
}

impl Pattern {
    fn parse(text: &'static str) -> Pattern {
        let (mut literals, mut names, mut rest) = (Vec::new(), Vec::new(), text);
        while let Some((before, name, after)) = next_name(rest) {
            literals.push(before);
            names.push(name);
            rest = after;
        }
        literals.push(rest);
        Pattern { literals, names }
    }

    fn weight(&self) -> usize {
        self.literals.iter().map(|literal| literal.len()).sum()
    }

    /// The values of a text of this pattern, each as short as can be.
    fn values<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, others) = self.literals.split_first()?;
        let mut rest = text.strip_prefix(first)?;
        let Some((last, middle)) = others.split_last() else { return rest.is_empty().then(Vec::new) };
        let mut values = Vec::new();
        for literal in middle {
            let (value, after) = rest.split_once(literal)?;
            values.push(value);
            rest = after;
        }
        values.push(rest.strip_suffix(last)?);
        Some(values)
    }

    /// This pattern with the values that `english` found, by their names.
    fn filled(&self, english: &Pattern, values: &[&str]) -> String {
        let mut out = String::from(self.literals[0]);
        for (name, literal) in self.names.iter().zip(&self.literals[1..]) {
            let known = english.names.iter().position(|known| known == name);
            let value = known.and_then(|at| values.get(at)).copied().unwrap_or_default();
            match name.strip_prefix('@') {
                Some(_) => out.push_str(&line(value)),
                None => out.push_str(value),
            }
            out.push_str(literal);
        }
        out
    }
}

/// The text before the next value, its name, and the text after it. `{}` is no name.
fn next_name(text: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

fn pairs() -> Vec<(Pattern, Pattern)> {
    let lines: Vec<&str> = entries().collect();
    lines.chunks_exact(2).map(|pair| (Pattern::parse(pair[0]), Pattern::parse(pair[1]))).collect()
}

/// The lines of the catalogue that are no comments.
fn entries() -> impl Iterator<Item = &'static str> {
    CATALOGUE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_of_an_entry_name_the_same_values() {
        assert_eq!(entries().count() % 2, 0);
        let mut seen = std::collections::BTreeSet::new();
        for (english, chinese) in PAIRS.iter() {
            let text = english.literals.join("{}");
            let names = |pattern: &Pattern| {
                let mut names: Vec<&str> = pattern.names.clone();
                names.sort_unstable();
                names
            };
            assert_eq!(names(english), names(chinese), "{text}");
            assert!(seen.insert(text.clone()), "twice: {text}");
            let has_han = chinese.literals.concat().chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
            assert!(has_han, "not Chinese: {text}");
        }
    }

    /// Every message comes back with the values that were put in, whichever other patterns there are.
    #[test]
    fn values_survive_translation() {
        let mut rng = fastrand::Rng::with_seed(5);
        for (english, chinese) in PAIRS.iter() {
            for _ in 0..8 {
                let value = |_: &&str| {
                    let mark: String = (0..6).map(|_| rng.alphanumeric()).collect();
                    ["0", "x", "村", "9/"][rng.usize(..4)].to_owned() + &mark
                };
                let values: Vec<String> = english.names.iter().map(value).collect();
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                let filled = english.filled(english, &values);
                assert_eq!(line(&filled), chinese.filled(english, &values).trim(), "{filled}");
            }
        }
    }

    #[test]
    fn places_stay_and_what_is_unknown_too() {
        let said = CommandLanguage::Chinese.say("a.toml:3:5: source.url: is blank\nxyz");
        assert_eq!(said, "a.toml:3:5: source.url: 不能为空\nxyz");
        assert_eq!(CommandLanguage::English.say("is blank"), "is blank");
    }

    #[test]
    fn what_stands_behind_a_place_comes_before_what_matches_anything() {
        let text =
            "h.toml:33:9: source.units: is in another file than the register; give it a url of its own";
        let chinese = CommandLanguage::Chinese.say(&format!("{text}\n{text}"));
        let expected = "h.toml:33:9: source.units（单位表）：与信息库不在同一文件；请给出自己的 url";
        assert_eq!(chinese, format!("{expected}\n{expected}"));
    }

    #[test]
    fn a_message_that_begins_with_a_value_is_no_place() {
        let text = "error: a/b.csv cannot be read: No such file or directory (os error 2)";
        assert_eq!(CommandLanguage::Chinese.say(text), "错误：a/b.csv无法读取：没有这个文件或目录");
        let text = "a.csv: CSV, UTF-8, delimiter \",\", 2 columns, 9 rows, sha256 0a…; b.xlsx: workbook, 3 columns, \
                    1 rows, sha256 1b…";
        let chinese =
            "a.csv: CSV，UTF-8，分隔符\",\"，2列，9行，sha256 0a…; b.xlsx: 工作簿，3列，1行，sha256 1b…";
        assert_eq!(CommandLanguage::Chinese.say(text), chinese);
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let environment = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        let chosen = |option, pairs: &[(&str, &str)]| CommandLanguage::choose(option, &environment(pairs));
        assert_eq!(chosen(None, &[("LANG", "zh_CN.UTF-8")]), CommandLanguage::Chinese);
        assert_eq!(chosen(None, &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")]), CommandLanguage::English);
        assert_eq!(chosen(None, &[("LANG", "C"), ("TONGBAO_LANG", "zh")]), CommandLanguage::Chinese);
        assert_eq!(
            chosen(Some(CommandLanguage::English), &[("TONGBAO_LANG", "zh")]),
            CommandLanguage::English
        );
        assert_eq!(chosen(None, &[("LC_ALL", ""), ("LANG", "zh_TW")]), CommandLanguage::Chinese);
    }
}
