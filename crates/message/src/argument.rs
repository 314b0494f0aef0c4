//! What a message is about: values that read the same in every language, or messages of their own.

use std::borrow::Cow;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::catalogue::Language;
use super::message::{Message, Worded};

/// The value of one argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A number, a name, a path: the same in both languages.
    Text(String),
    /// A message, worded in the language of the one that it is part of.
    Message(Message),
}

impl Argument {
    pub(crate) fn worded(&self, language: Language) -> Cow<'_, str> {
        match self {
            Argument::Text(text) => Cow::Borrowed(text),
            Argument::Message(message) => Cow::Owned(message.worded(language)),
        }
    }
}

/// An expression of which the macros make an argument: a message if its type is [`Worded`], else a path, else
/// what it displays. Methods of a type with more `&` are looked for first.
pub struct Value<'a, T: ?Sized>(pub &'a T);

/// Of a type with a message.
pub trait OfWorded {
    /// The message.
    fn argument(&self) -> Argument;
}

/// Of a path, which has no Display.
pub trait OfPath {
    /// The path as it is shown.
    fn argument(&self) -> Argument;
}

/// Of anything else that is shown.
pub trait OfDisplay {
    /// What it displays.
    fn argument(&self) -> Argument;
}

impl<T: Worded + ?Sized> OfWorded for &&Value<'_, T> {
    fn argument(&self) -> Argument {
        Argument::Message(self.0.message())
    }
}

impl<T: IsPath + ?Sized> OfPath for &Value<'_, T> {
    fn argument(&self) -> Argument {
        Argument::Text(self.0.path().display().to_string())
    }
}

impl<T: Display + ?Sized> OfDisplay for Value<'_, T> {
    fn argument(&self) -> Argument {
        Argument::Text(self.0.to_string())
    }
}

/// Paths, owned and borrowed.
pub trait IsPath {
    /// The path itself.
    fn path(&self) -> &Path;
}

impl IsPath for Path {
    fn path(&self) -> &Path {
        self
    }
}

impl IsPath for PathBuf {
    fn path(&self) -> &Path {
        self
    }
}

impl<T: IsPath + ?Sized> IsPath for &T {
    fn path(&self) -> &Path {
        (**self).path()
    }
}
