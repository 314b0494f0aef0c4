//! What is wrong with a value, in words of the file. No value is ever repeated but the name of an unknown
//! key, and of an unknown choice where the key has choices.

use std::fmt::Display;

use serde::de::{Expected, Unexpected};

use super::node::ValueOrigin;
use crate::key_positions::nearest;

/// A problem with its key and place, as far as they are known.
#[derive(Debug)]
pub(super) struct ConfigProblem {
    pub(super) message: String,
    /// Keys that lead to the value, outermost first.
    pub(super) path: Vec<String>,
    pub(super) origin: Option<ValueOrigin>,
}

impl ConfigProblem {
    pub(super) fn new(message: impl Into<String>) -> ConfigProblem {
        ConfigProblem { message: message.into(), path: Vec::new(), origin: None }
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

impl Display for ConfigProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.is_empty() {
            true => f.write_str(&self.message),
            false => write!(f, "{}: {}", self.path.join("."), self.message),
        }
    }
}

impl std::error::Error for ConfigProblem {}

impl serde::de::Error for ConfigProblem {
    fn custom<T: Display>(message: T) -> ConfigProblem {
        ConfigProblem::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> ConfigProblem {
        ConfigProblem::new(format!("must be {}, not {}", wanted(&expected.to_string()), kind(&found)))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> ConfigProblem {
        ConfigProblem::new(format!("must be {}", wanted(&expected.to_string())))
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> ConfigProblem {
        let (meant, known) = known_as(found, known);
        ConfigProblem::new(format!("unknown value `{found}`{meant} known: {known}"))
    }

    fn unknown_field(found: &str, known: &'static [&'static str]) -> ConfigProblem {
        let (meant, known) = known_as(found, known);
        ConfigProblem::new(format!("unknown key `{found}`{meant} known: {known}"))
    }

    fn missing_field(name: &'static str) -> ConfigProblem {
        ConfigProblem::new(format!("the key `{name}` is missing"))
    }
}

/// The name that was probably meant, as a question, and all names.
fn known_as(found: &str, known: &[&str]) -> (String, String) {
    let meant = nearest(found, known.iter().copied());
    (meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default(), known.join(", "))
}

fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a decimal number",
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => "text",
        Unexpected::Seq => "a list",
        Unexpected::Map | Unexpected::StructVariant => "a section",
        Unexpected::NewtypeStruct => "a date",
        _ => "another kind of value",
    }
}

/// What serde calls a type of the code, as the file calls it.
fn wanted(expected: &str) -> String {
    let number = |most: u64| format!("a whole number from 0 to {most}");
    match expected {
        "a string" | "string" => "text in quotation marks".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "u8" => number(u8::MAX.into()),
        "u16" => number(u16::MAX.into()),
        "u32" => number(u32::MAX.into()),
        "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" => "a list in [ ]".to_owned(),
        other if other == "a map" || other.starts_with("struct ") => "a section of keys".to_owned(),
        other => other.to_owned(),
    }
}
