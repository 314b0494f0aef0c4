//! What each document says. [`wording`] is the only place that rounds and words numbers.

pub mod document;
