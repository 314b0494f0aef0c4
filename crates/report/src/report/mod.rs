//! What each document says. [`wording`] is the only place that rounds and words numbers.

pub mod alert;
pub mod amendment;
pub mod canonical;
pub mod cells;
pub mod chart;
pub mod compose;
pub mod correction;
mod counted;
pub mod definitions;
pub mod document;
pub mod honours;
pub mod insight;
pub mod json;
pub mod json_stream;
pub mod model;
pub mod number;
pub mod praise;
mod quality;
pub mod rechecks;
pub mod sample;
pub mod series;
pub mod ties;
mod units;
pub mod wording;
#[allow(
    missing_docs,
    reason = "the sentence of each field stands in `chinese` and `english` under the same name"
)]
pub mod words;
