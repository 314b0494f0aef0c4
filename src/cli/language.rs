//! The language the program speaks to its operator. Messages are values that are worded where they are shown;
//! JSON and logs stay the same in both languages.

use std::collections::BTreeMap;

use clap::ValueEnum;
use tongbao_message::{Catalogue, Language, Message};

/// The texts of all crates, in which stored messages are found again.
pub(super) static CATALOGUES: [&Catalogue; 13] = [
    &crate::TEXTS,
    &tongbao_base::TEXTS,
    &tongbao_config::TEXTS,
    &tongbao_delivery::TEXTS,
    &tongbao_figures::TEXTS,
    &tongbao_host::TEXTS,
    &tongbao_message::TEXTS,
    &tongbao_register::TEXTS,
    &tongbao_render::TEXTS,
    &tongbao_report::TEXTS,
    &tongbao_rule::TEXTS,
    &tongbao_source::TEXTS,
    &tongbao_store::TEXTS,
];

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

    /// A message in this language, or a text, line by line. What the catalogue does not know stays as it is.
    pub(super) fn say(self, text: impl Spoken) -> String {
        text.spoken(self)
    }

    /// A line of its own.
    pub(super) fn line(self, text: impl Spoken) -> String {
        self.say(text) + "\n"
    }
}

impl From<CommandLanguage> for Language {
    fn from(language: CommandLanguage) -> Language {
        match language {
            CommandLanguage::English => Language::English,
            CommandLanguage::Chinese => Language::Chinese,
        }
    }
}

/// What can be put into words of a language.
pub(super) trait Spoken {
    fn spoken(&self, language: CommandLanguage) -> String;
}

impl Spoken for Message {
    fn spoken(&self, language: CommandLanguage) -> String {
        self.worded(language.into())
    }
}

impl Spoken for str {
    fn spoken(&self, language: CommandLanguage) -> String {
        Message::from_stored(self).worded(language.into())
    }
}

impl Spoken for String {
    fn spoken(&self, language: CommandLanguage) -> String {
        self.as_str().spoken(language)
    }
}

impl<T: Spoken + ?Sized> Spoken for &T {
    fn spoken(&self, language: CommandLanguage) -> String {
        (**self).spoken(language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
