//! Templates, fonts, PDF and workbook bytes.

pub mod markdown;
pub mod templates;
