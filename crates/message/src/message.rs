//! A message, and what can be made one.

use std::borrow::Cow;
use std::fmt;

use super::argument::Argument;
use super::catalogue::{Catalogue, Language};

/// An id with its arguments. `Display` and `==` with a text are in English, as logs and JSON are.
#[derive(Clone, PartialEq, Eq)]
pub struct Message(pub(crate) Box<Body>);

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// Words of a person, of a server or of a library: the same in both languages.
    Text(String),
    Known {
        catalogue: &'static Catalogue,
        id: Cow<'static, str>,
        arguments: Vec<(Cow<'static, str>, Argument)>,
    },
    /// One after the other, with a text between them.
    Joined { parts: Vec<Message>, between: Cow<'static, str> },
}

/// What has a message: errors, states, reasons.
pub trait Worded {
    /// The message, to be worded in either language.
    fn message(&self) -> Message;
}

impl Message {
    /// Errors hold messages and are handed up through many results, so a message is one pointer wide.
    pub(crate) fn of(body: Body) -> Message {
        Message(Box::new(body))
    }

    /// What `message!` and the derive of [`Worded`] call, after they have checked id and arguments.
    pub fn new(
        catalogue: &'static Catalogue,
        id: &'static str,
        arguments: Vec<(&'static str, Argument)>,
    ) -> Message {
        let arguments = arguments.into_iter().map(|(name, value)| (Cow::Borrowed(name), value));
        let mut arguments: Vec<_> = arguments.collect();
        // In one order, so that equal messages are equal however they were made.
        arguments.sort_by(|one, other| one.0.cmp(&other.0));
        Message::of(Body::Known { catalogue, id: Cow::Borrowed(id), arguments })
    }

    /// A message of the catalogue without arguments, by an id that is known only when the program runs.
    pub fn known(catalogue: &'static Catalogue, id: &str) -> Message {
        Message::of(Body::Known { catalogue, id: Cow::Owned(id.to_owned()), arguments: Vec::new() })
    }

    /// A text that reads the same in both languages.
    pub fn text(text: impl Into<String>) -> Message {
        Message::of(Body::Text(text.into()))
    }

    /// The parts one after the other with a text between them.
    pub fn joined(parts: impl IntoIterator<Item = Message>, between: &'static str) -> Message {
        Message::of(Body::Joined { parts: parts.into_iter().collect(), between: Cow::Borrowed(between) })
    }

    /// The id; `None` if it is no message of the catalogue.
    pub fn id(&self) -> Option<&str> {
        match &*self.0 {
            Body::Known { id, .. } => Some(id),
            Body::Text(_) | Body::Joined { .. } => None,
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        match &*self.0 {
            Body::Text(text) => text.is_empty(),
            Body::Known { .. } => false,
            Body::Joined { parts, .. } => parts.iter().all(Message::is_empty),
        }
    }

    /// The same message with each of its texts as `change` gives it.
    pub fn with_texts(self, change: &impl Fn(&str) -> String) -> Message {
        Message::of(match *self.0 {
            Body::Text(text) => Body::Text(change(&text)),
            Body::Known { catalogue, id, arguments } => {
                let changed = |argument| match argument {
                    Argument::Text(text) => Argument::Text(change(&text)),
                    Argument::Message(message) => Argument::Message(message.with_texts(change)),
                };
                let arguments = arguments.into_iter().map(|(name, value)| (name, changed(value))).collect();
                Body::Known { catalogue, id, arguments }
            }
            Body::Joined { parts, between } => Body::Joined {
                parts: parts.into_iter().map(|part| part.with_texts(change)).collect(),
                between,
            },
        })
    }

    /// The words in a language.
    pub fn worded(&self, language: Language) -> String {
        match &*self.0 {
            Body::Text(text) => text.clone(),
            Body::Known { catalogue, id, arguments } => known(catalogue, id, arguments, language),
            Body::Joined { parts, between } => {
                let parts: Vec<String> = parts.iter().map(|part| part.worded(language)).collect();
                parts.join(between)
            }
        }
    }
}

fn known(
    catalogue: &Catalogue,
    id: &str,
    arguments: &[(Cow<'static, str>, Argument)],
    language: Language,
) -> String {
    let Some(text) = catalogue.text(language, id) else { return id.to_owned() };
    let value = |wanted: &str| {
        let found = arguments.iter().find(|(name, _)| name == wanted);
        found.map(|(_, argument)| argument.worded(language))
    };
    let mut out = String::new();
    text.write(value, &mut out);
    out
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.worded(Language::English))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.worded(Language::English), f)
    }
}

impl Default for Message {
    fn default() -> Message {
        Message::text("")
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Message {
        Message::text(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Message {
        Message::text(text)
    }
}

impl From<&Message> for Message {
    fn from(message: &Message) -> Message {
        message.clone()
    }
}

impl serde::Serialize for Message {
    /// JSON stays English.
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.worded(Language::English))
    }
}

impl PartialEq<str> for Message {
    fn eq(&self, text: &str) -> bool {
        self.worded(Language::English) == text
    }
}

impl PartialEq<&str> for Message {
    fn eq(&self, text: &&str) -> bool {
        self == *text
    }
}

impl PartialEq<String> for Message {
    fn eq(&self, text: &String) -> bool {
        self == text.as_str()
    }
}

impl Worded for Message {
    fn message(&self) -> Message {
        self.clone()
    }
}

impl<T: Worded + ?Sized> Worded for &T {
    fn message(&self) -> Message {
        (**self).message()
    }
}

impl<T: Worded + ?Sized> Worded for Box<T> {
    fn message(&self) -> Message {
        (**self).message()
    }
}

impl<T: Worded> Worded for Option<T> {
    fn message(&self) -> Message {
        self.as_ref().map(Worded::message).unwrap_or_default()
    }
}
