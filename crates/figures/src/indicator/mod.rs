//! The definitions of section 3 of the design: what is counted, and what a rate is.

pub mod accuracy;
pub mod bucket_counts;
pub mod bucket_numbers;
pub mod completeness;
pub mod correction;
pub mod coverage;
pub mod exceptions;
pub mod figures;
pub mod identity;
pub mod own;
pub mod rate;
pub mod recheck;
pub mod record;
pub mod record_flags;
pub mod record_reading;
mod repeated_texts;
pub mod set_relations;
pub mod sql;
pub mod tally;
pub mod tallying;
pub mod text_sample;
mod unit_lookup;
pub mod unread;
pub mod unstated_sex;
