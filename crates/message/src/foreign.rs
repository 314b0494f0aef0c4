//! What the operating system and other libraries say.

use super::catalogue::Catalogue;
use super::message::{Body, Message, Worded};

/// A sentence of a library that has its texts in this catalogue, known by its exact English; else as it is.
pub fn foreign(catalogue: &'static Catalogue, english: &str) -> Message {
    match catalogue.id_of(english) {
        Some(id) => Message::of(Body::Known { catalogue, id: id.to_owned().into(), arguments: Vec::new() }),
        None => Message::text(english),
    }
}

impl Worded for std::io::Error {
    fn message(&self) -> Message {
        foreign(&crate::TEXTS, &self.to_string())
    }
}

impl Worded for std::io::ErrorKind {
    fn message(&self) -> Message {
        foreign(&crate::TEXTS, &self.to_string())
    }
}
