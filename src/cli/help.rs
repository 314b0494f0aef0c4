//! `--help` and wrong usage in the person's language. The texts are written in English beside the
//! arguments; their Chinese stands in the catalogue, as that of every message.

use std::ffi::OsString;

use clap::builder::PossibleValue;
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, FromArgMatches, ValueEnum};
use tongbao_message::{Language, Message, message};

use super::language::CommandLanguage;
use super::wrong_usage::wrong_usage;
use crate::config::settings::DatabaseUrl;

/// Parses the command line, or says in the language what is wrong with it and leaves.
pub(super) fn parse<A: CommandFactory + FromArgMatches>(language: CommandLanguage) -> A {
    let mut command = command(A::command(), language);
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let parsed =
        matches.and_then(|matches| A::from_arg_matches(&matches).map_err(|error| error.format(&mut command)));
    parsed.unwrap_or_else(|error| leave(&error, language))
}

/// What `--lang` says, before anything else of the command line is looked at.
pub(super) fn asked(words: impl IntoIterator<Item = OsString>) -> Option<CommandLanguage> {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let value = words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix("--lang")? {
        "" => words.get(at + 1).map(String::as_str),
        value => value.strip_prefix('='),
    });
    value.and_then(|value| CommandLanguage::from_str(value, true).ok())
}

/// A command with all its texts in the language.
pub(super) fn command(command: Command, language: CommandLanguage) -> Command {
    match language {
        CommandLanguage::English => command,
        CommandLanguage::Chinese => {
            let mut command = command;
            // Adds what clap itself brings: --help, --version and help.
            command.build();
            translated(command)
        }
    }
}

fn translated(command: Command) -> Command {
    let about = command.get_about().map(|about| say(&about.to_string()));
    let mut command = command.mut_args(argument).mut_subcommands(translated);
    if let Some(about) = about {
        command = command.about(about);
    }
    command = command.subcommand_help_heading(say("Commands")).subcommand_value_name(say("COMMAND"));
    let usage = command.render_usage().to_string().replace("[OPTIONS]", &format!("[{}]", say("OPTIONS")));
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    // The parser's own template, but for the word before the usage.
    let heading = message!("usage", usage = "{usage}").worded(Language::Chinese);
    let template = format!("{{before-help}}{{about-with-newline}}\n{heading}\n\n{{all-args}}{{after-help}}");
    command.override_usage(usage).help_template(template)
}

/// An argument with its help, and after it what clap would add in English.
fn argument(argument: Arg) -> Arg {
    let mut help = argument.get_help().map(|help| say(&help.to_string())).unwrap_or_default();
    for addition in [values(&argument), defaults(&argument), variable(&argument)].into_iter().flatten() {
        help.push_str(&format!("（{addition}）"));
    }
    let names = argument.get_value_names().unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| say(name)).collect();
    let heading = match (argument.is_positional(), argument.is_global_set()) {
        (true, _) => say("Arguments"),
        (false, false) => say("Options"),
        (false, true) => say(super::GLOBAL),
    };
    let argument = if names.is_empty() { argument } else { argument.value_names(names) };
    argument
        .help(help)
        .help_heading(heading)
        .hide_default_value(true)
        .hide_possible_values(true)
        .hide_env(true)
}

/// The values that may be given, each with its meaning where it is a word that tables print in Chinese.
fn values(argument: &Arg) -> Option<String> {
    let told = |value: &PossibleValue| match (value.get_name(), say(value.get_name())) {
        (name, said) if name == said => said,
        (name, said) => format!("{name} {said}"),
    };
    let is_flag = !argument.get_action().takes_values();
    let values: Vec<String> = argument.get_possible_values().iter().map(told).collect();
    (!is_flag && !values.is_empty()).then(|| said(&message!("help-values", values = values.join("、"))))
}

fn defaults(argument: &Arg) -> Option<String> {
    let values: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let is_flag = !argument.get_action().takes_values();
    (!is_flag && !values.is_empty()).then(|| said(&message!("help-default", value = values.join("、"))))
}

fn variable(argument: &Arg) -> Option<String> {
    argument.get_env().map(|name| said(&message!("help-variable", name = name.to_string_lossy())))
}

/// The Chinese of a text that stands in the code, next to what it describes.
fn say(text: &str) -> String {
    said(&Message::from_stored(text))
}

fn said(message: &Message) -> String {
    message.worded(Language::Chinese)
}

/// Shows help, version or what is wrong, and leaves with the exit code that belongs to it.
#[expect(clippy::disallowed_methods, reason = "nothing is open before the arguments are read")]
fn leave(error: &clap::Error, language: CommandLanguage) -> ! {
    let addresses = addresses(std::env::args_os());
    let is_plain = language == CommandLanguage::English && addresses.is_empty();
    if is_plain || error.kind() == ErrorKind::DisplayVersion {
        error.exit();
    }
    // What is wrong with the arguments is told with them, but not with a password among them.
    let hidden = |text: &str| {
        addresses.iter().fold(text.to_owned(), |text, address| {
            text.replace(address, &DatabaseUrl::new(address.as_str()).to_string())
        })
    };
    let text = match wrong_usage(error).filter(|_| language == CommandLanguage::Chinese) {
        Some(problem) => language.line(problem.with_texts(&hidden)),
        None => hidden(&error.to_string()),
    };
    if error.use_stderr() {
        super::complain(text.trim_end());
    } else {
        // A reader that went away has seen enough.
        let _ = super::print(&text);
    }
    std::process::exit(error.exit_code());
}

/// The arguments, or values of options, that are addresses of databases.
fn addresses(words: impl IntoIterator<Item = OsString>) -> Vec<String> {
    let value = |word: OsString| {
        let word = word.to_string_lossy().into_owned();
        let value = word.strip_prefix("--").and_then(|option| option.split_once('=')).map(|(_, value)| value);
        value.unwrap_or(&word).to_owned()
    };
    let is_address = |word: &String| word.contains("://") || word.starts_with("odbc:");
    words.into_iter().map(value).filter(is_address).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::builder::StyledStr;

    use super::super::Arguments;
    use super::*;

    fn is_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
    }

    /// All texts of a command and of those below it, as the code has them.
    fn texts(command: &Command, found: &mut BTreeSet<String>) {
        let path = command.get_bin_name().unwrap_or_default().to_owned();
        let text = |text: Option<&StyledStr>| text.map(ToString::to_string).filter(|text| !text.is_empty());
        found.insert(text(command.get_about()).unwrap_or_else(|| panic!("{path} says nothing")));
        for argument in command.get_arguments() {
            let said = text(argument.get_help());
            found.insert(said.unwrap_or_else(|| panic!("{path} {} says nothing", argument.get_id())));
            if argument.get_action().takes_values() {
                let names = argument.get_value_names().unwrap_or_default();
                found.extend(names.iter().map(ToString::to_string));
            }
        }
        command.get_subcommands().for_each(|command| texts(command, found));
    }

    #[test]
    fn every_command_and_argument_explains_itself_in_chinese() {
        tongbao_message::register(&[&crate::TEXTS]);
        let (mut english, mut found) = (Arguments::command(), BTreeSet::new());
        english.build();
        texts(&english, &mut found);
        assert!(found.len() > 80, "{}", found.len());
        found.retain(|text| say(text) == *text || !is_chinese(&say(text)));
        assert!(found.is_empty(), "add to messages/*/program/help.ftl: {found:#?}");
        let mut shown = BTreeSet::new();
        texts(&command(Arguments::command(), CommandLanguage::Chinese), &mut shown);
        shown.retain(|text| !is_chinese(text));
        assert!(shown.is_empty(), "not shown in Chinese: {shown:#?}");
    }

    #[test]
    fn the_language_is_found_before_the_rest_is_understood() {
        let asked = |words: &str| asked(words.split(' ').map(OsString::from));
        assert_eq!(asked("tongbao --nonsense --lang zh"), Some(CommandLanguage::Chinese));
        assert_eq!(asked("tongbao run --lang=en x"), Some(CommandLanguage::English));
        assert_eq!(asked("tongbao --lang"), None);
        assert_eq!(asked("tongbao --language zh --lang tlh"), None);
    }
}
