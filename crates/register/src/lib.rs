//! The register as the engine sees it: units, fields and record batches. Knows no database.

pub mod batch;
mod batch_memory;
mod chinese_numerals;
pub mod coded_word;
pub mod date;
pub mod day_reader;
mod day_text;
pub mod division;
pub mod field;
pub mod garbled;
pub mod head_count;
pub mod id_number;
mod lineage;
pub mod nearest;
pub mod no_record;
pub mod nothing;
pub mod succession;
pub mod text;
pub mod traditional;
pub mod unit;
pub mod unit_names;
pub mod unit_order;
pub mod uscc;

tongbao_message::catalogue!();
