//! What each document says. [`wording`] is the only place that rounds and words numbers.

pub mod alert;
pub mod cells;
pub mod compose;
pub mod document;
pub mod json;
pub mod model;
pub mod series;
pub mod wording;
