//! Messages as values: an id and named arguments, worded in English and Chinese by the texts in `messages/`.
//!
//! Each crate has its own texts (`messages/en/NAME.ftl`, `messages/zh/NAME.ftl`, in the syntax of Fluent), takes
//! them in with [`catalogue!`] in its root, makes messages with [`message!`] and derives [`Worded`] for its errors.
//! The macros check at compile time that both languages have the id, with exactly the arguments that are given.

extern crate self as tongbao_message;

mod argument;
mod catalogue;
mod foreign;
mod message;
mod stored;

pub use argument::Argument;
pub use catalogue::{Catalogue, Language};
pub use foreign::foreign;
pub use message::{Message, Worded};
pub use stored::register;
pub use tongbao_message_macros::{Worded, catalogue, message};

/// What the macros need of an argument's type; not for code.
pub mod through {
    pub use super::argument::{OfDisplay, OfPath, OfWorded, Value};
}

catalogue!();
