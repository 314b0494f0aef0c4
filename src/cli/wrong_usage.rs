//! What is wrong with a command line, in the person's language: the parser names the kind of mistake and what it
//! concerns, and the words are ours.

use std::error::Error;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use tongbao_message::{Message, message};

/// The whole message with tips and usage; `None` for mistakes that only the parser's own words describe.
pub(super) fn wrong_usage(error: &clap::Error) -> Option<Message> {
    let mut parts = vec![message!("error", problem = problem(error)?)];
    let tips = tips(error);
    if !tips.is_empty() {
        parts.push(Message::text(""));
        parts.extend(tips.into_iter().map(|tip| message!("usage-tip", tip)));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        parts.extend([Message::text(""), message!("usage", usage = usage.trim_start_matches("Usage: "))]);
    }
    parts.extend([Message::text(""), message!("usage-more", flag = "--help")]);
    Some(Message::joined(parts, "\n"))
}

fn problem(error: &clap::Error) -> Option<Message> {
    let argument = || text(error, ContextKind::InvalidArg);
    let value = || text(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::ArgumentConflict => conflict(error, argument()?),
        ErrorKind::InvalidValue if value()?.is_empty() => {
            Some(listed(message!("usage-no-value", argument = argument()?), choices(error)))
        }
        ErrorKind::InvalidValue => Some(listed(
            message!("usage-wrong-value", value = value()?, argument = argument()?),
            choices(error),
        )),
        ErrorKind::ValueValidation => {
            let (value, argument) = (value()?, argument()?);
            Some(match error.source() {
                Some(reason) => {
                    let reason = Message::from_stored(&reason.to_string());
                    message!("usage-wrong-value-because", value, argument, reason)
                }
                None => message!("usage-wrong-value", value, argument),
            })
        }
        ErrorKind::InvalidSubcommand => {
            Some(message!("usage-unknown-command", name = text(error, ContextKind::InvalidSubcommand)?))
        }
        ErrorKind::MissingRequiredArgument => {
            Some(listed(message!("usage-missing"), lines(error, ContextKind::InvalidArg)))
        }
        ErrorKind::MissingSubcommand => {
            let command = text(error, ContextKind::InvalidSubcommand)?;
            let names = texts(error, ContextKind::ValidSubcommand);
            let names = (!names.is_empty()).then(|| message!("usage-commands", names = names.join(", ")));
            Some(listed(message!("usage-no-command", command), names.into_iter().collect()))
        }
        ErrorKind::TooManyValues => {
            Some(message!("usage-too-many-values", value = value()?, argument = argument()?))
        }
        ErrorKind::UnknownArgument => Some(message!("usage-unknown-argument", argument = argument()?)),
        _ => None,
    }
}

/// Two arguments that exclude each other, or one that is given twice.
fn conflict(error: &clap::Error, argument: String) -> Option<Message> {
    match error.get(ContextKind::PriorArg)? {
        ContextValue::String(other) if *other == argument => Some(message!("usage-given-twice", argument)),
        ContextValue::String(other) => Some(message!("usage-conflict", argument, other)),
        ContextValue::Strings(_) => {
            Some(listed(message!("usage-conflicts", argument), lines(error, ContextKind::PriorArg)))
        }
        _ => None,
    }
}

fn tips(error: &clap::Error) -> Vec<Message> {
    let one_of = |kind| (texts(error, kind), kind);
    let mut tips: Vec<Message> =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
            .map(one_of)
            .into_iter()
            .filter_map(|(names, kind)| similar(kind, &names))
            .collect();
    if let (Some(ContextValue::StyledStrs(more)), Some(value)) =
        (error.get(ContextKind::Suggested), text(error, ContextKind::InvalidArg))
    {
        let is_value = |tip: &str| tip.ends_with(&format!("'-- {value}'"));
        tips.extend(more.iter().map(|tip| match tip.to_string() {
            tip if is_value(&tip) => message!("usage-as-value", value),
            tip => Message::text(tip),
        }));
    }
    tips
}

/// The tip that names what is like a wrong name.
fn similar(kind: ContextKind, names: &[String]) -> Option<Message> {
    let quoted = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    Some(match (kind, names) {
        (_, []) => return None,
        (ContextKind::SuggestedSubcommand, [name]) => message!("usage-similar-command", name),
        (ContextKind::SuggestedSubcommand, _) => message!("usage-similar-commands", names = quoted),
        (ContextKind::SuggestedArg, [name]) => message!("usage-similar-argument", name),
        (ContextKind::SuggestedArg, _) => message!("usage-similar-arguments", names = quoted),
        (_, [name]) => message!("usage-similar-value", name),
        _ => message!("usage-similar-values", names = quoted),
    })
}

/// A line with others below it.
fn listed(first: Message, below: Vec<Message>) -> Message {
    let below = below.into_iter().map(|line| message!("usage-listed", line));
    Message::joined(std::iter::once(first).chain(below), "\n")
}

fn choices(error: &clap::Error) -> Vec<Message> {
    let values = texts(error, ContextKind::ValidValue);
    (!values.is_empty()).then(|| message!("usage-choices", values = values.join(", "))).into_iter().collect()
}

fn lines(error: &clap::Error, kind: ContextKind) -> Vec<Message> {
    texts(error, kind).into_iter().map(Message::text).collect()
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
