//! What is wrong with a value, in words of the file. No value is ever repeated but the name of an unknown
//! key, and of an unknown choice where the key has choices.

use std::fmt::Display;
use tongbao_message::{Message, Worded, foreign, message};

use serde::de::{Expected, Unexpected};

use super::node::ValueOrigin;
use crate::key_positions::nearest;

/// A problem with its key and place, as far as they are known.
#[derive(Debug)]
pub(super) struct ConfigProblem {
    pub(super) message: Message,
    /// Keys that lead to the value, outermost first.
    pub(super) path: Vec<String>,
    pub(super) origin: Option<ValueOrigin>,
    /// The key, where it is one that its section does not have.
    pub(super) unknown_key: Option<String>,
}

impl ConfigProblem {
    pub(super) fn new(message: impl Into<Message>) -> ConfigProblem {
        ConfigProblem { message: message.into(), path: Vec::new(), origin: None, unknown_key: None }
    }

    /// The same problem at a place, unless it has one already.
    pub(super) fn at(mut self, origin: &ValueOrigin) -> ConfigProblem {
        self.origin.get_or_insert_with(|| origin.clone());
        self
    }

    /// The same problem below a key.
    pub(super) fn below(mut self, key: &str) -> ConfigProblem {
        self.path.insert(0, key.to_owned());
        self
    }
}

impl Worded for ConfigProblem {
    fn message(&self) -> Message {
        match self.path.is_empty() {
            true => self.message.clone(),
            false => message!("placed", place = self.path.join("."), problem = self.message, shown = ""),
        }
    }
}

impl Display for ConfigProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message().fmt(f)
    }
}

impl std::error::Error for ConfigProblem {}

impl serde::de::Error for ConfigProblem {
    fn custom<T: Display>(message: T) -> ConfigProblem {
        ConfigProblem::new(foreign(&crate::TEXTS, &message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> ConfigProblem {
        ConfigProblem::new(message!(
            "must-be-not",
            wanted = wanted(&expected.to_string()),
            found = kind(&found)
        ))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> ConfigProblem {
        ConfigProblem::new(message!("must-be", wanted = wanted(&expected.to_string())))
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> ConfigProblem {
        let (meant, known) = known_as(found, known);
        ConfigProblem::new(message!("unknown-value-known", found, meant, known))
    }

    fn unknown_field(found: &str, known: &'static [&'static str]) -> ConfigProblem {
        let (meant, known) = known_as(found, known);
        let problem = ConfigProblem::new(message!("unknown-key-known", found, meant, known));
        ConfigProblem { unknown_key: Some(found.to_owned()), ..problem }
    }

    fn missing_field(name: &'static str) -> ConfigProblem {
        ConfigProblem::new(message!("the-key-is-missing", name))
    }
}

/// The name that was probably meant, as a question, or what stands between the sentences; and all names.
fn known_as(found: &str, known: &[&str]) -> (Message, String) {
    let meant = nearest(found, known.iter().copied());
    let meant = meant.map_or_else(|| message!("no-key-meant"), |name| message!("meant-key", name));
    (meant, known.join(", "))
}

fn kind(found: &Unexpected<'_>) -> Message {
    match found {
        Unexpected::Bool(_) => message!("true-or-false"),
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => message!("a-whole-number"),
        Unexpected::Float(_) => message!("a-decimal-number"),
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => message!("text"),
        Unexpected::Seq => message!("a-list"),
        Unexpected::Map | Unexpected::StructVariant => message!("a-section"),
        Unexpected::NewtypeStruct => message!("a-date"),
        _ => message!("another-kind-of-value"),
    }
}

/// What serde calls a type of the code, as the file calls it.
fn wanted(expected: &str) -> Message {
    let number = |most: u64| message!("a-whole-number-from-to", most);
    match expected {
        "a string" | "string" => message!("text-in-quotation-marks"),
        "a boolean" => message!("true-or-false"),
        "u8" => number(u8::MAX.into()),
        "u16" => number(u16::MAX.into()),
        "u32" => number(u32::MAX.into()),
        "u64" | "usize" => message!("a-whole-number-or-more"),
        "i8" | "i16" | "i32" | "i64" | "isize" => message!("a-whole-number"),
        "f32" | "f64" => message!("a-number"),
        "a sequence" => message!("a-list-in"),
        other if other == "a map" || other.starts_with("struct ") => message!("a-section-of-keys"),
        other => foreign(&crate::TEXTS, other),
    }
}
