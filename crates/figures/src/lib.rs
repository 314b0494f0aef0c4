//! The figures: definitions, tallies and rates, scores and ranking, and what the columns of an unknown register
//! seem to be. Pure.

pub mod indicator;
pub mod inference;
pub mod ranking;

tongbao_message::catalogue!();
