//! Sets a document on the official page: positioned boxes in millimetres.

pub mod chart;
pub mod compose;
pub mod inspection;
pub mod line_break;
pub mod metrics;
pub mod page;
pub mod structure;
pub mod table;
