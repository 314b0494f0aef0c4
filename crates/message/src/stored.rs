//! Messages in a database: written once, shown in either language later, perhaps by another version.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::argument::Argument;
use super::catalogue::{Catalogue, Language};
use super::message::{Body, Message};

static CATALOGUES: Mutex<Vec<&'static Catalogue>> = Mutex::new(Vec::new());

/// Makes the texts of crates known to messages that are read back.
pub fn register(catalogues: &[&'static Catalogue]) {
    let mut known = CATALOGUES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    known.extend(catalogues);
}

/// A message as it is written: `text` is its English, for versions that no longer have the id.
#[derive(Serialize, Deserialize)]
struct StoredMessage {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    area: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    arguments: BTreeMap<String, StoredArgument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<StoredMessage>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    between: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredArgument {
    Value(String),
    Message(StoredMessage),
}

impl Message {
    /// The message as it is kept: its English, or as JSON if that alone does not say which arguments it has.
    pub fn to_stored(&self) -> String {
        match &*self.0 {
            Body::Text(text) => text.clone(),
            Body::Known { arguments, .. } if arguments.is_empty() => self.to_string(),
            _ => serde_json::to_string(&stored(self)).unwrap_or_default(),
        }
    }

    /// A message as it was stored. A sentence without arguments is known by its English, as it was stored before
    /// messages had ids; any other text stays as it is.
    pub fn from_stored(text: &str) -> Message {
        if let Ok(stored) = serde_json::from_str::<StoredMessage>(text) {
            return read(stored);
        }
        let known = CATALOGUES.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let found =
            known.into_iter().find_map(|catalogue| Some(Message::known(catalogue, catalogue.id_of(text)?)));
        found.unwrap_or_else(|| Message::text(text))
    }
}

fn stored(message: &Message) -> StoredMessage {
    let text = message.worded(Language::English);
    let none = StoredMessage {
        area: None,
        id: None,
        arguments: BTreeMap::new(),
        parts: Vec::new(),
        between: String::new(),
        text,
    };
    match &*message.0 {
        Body::Text(_) => none,
        Body::Known { catalogue, id, arguments } => {
            let argument = |argument: &Argument| match argument {
                Argument::Text(text) => StoredArgument::Value(text.clone()),
                Argument::Message(message) => StoredArgument::Message(stored(message)),
            };
            let arguments =
                arguments.iter().map(|(name, value)| (name.to_string(), argument(value))).collect();
            StoredMessage {
                area: Some(catalogue.area().to_owned()),
                id: Some(id.to_string()),
                arguments,
                ..none
            }
        }
        Body::Joined { parts, between } => {
            StoredMessage { parts: parts.iter().map(stored).collect(), between: between.to_string(), ..none }
        }
    }
}

fn read(stored: StoredMessage) -> Message {
    if !stored.parts.is_empty() {
        let parts = stored.parts.into_iter().map(read).collect();
        return Message::of(Body::Joined { parts, between: stored.between.into() });
    }
    let (Some(area), Some(id)) = (stored.area, stored.id) else { return Message::text(stored.text) };
    let known = CATALOGUES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let catalogue = known.iter().copied().find(|catalogue| catalogue.area() == area);
    drop(known);
    let argument = |argument: StoredArgument| match argument {
        StoredArgument::Value(text) => Argument::Text(text),
        StoredArgument::Message(message) => Argument::Message(read(message)),
    };
    match catalogue {
        Some(catalogue) if catalogue.text(Language::English, &id).is_some() => {
            let arguments = stored.arguments;
            let arguments =
                arguments.into_iter().map(|(name, value)| (name.into(), argument(value))).collect();
            Message::of(Body::Known { catalogue, id: id.into(), arguments })
        }
        _ => Message::text(stored.text),
    }
}
