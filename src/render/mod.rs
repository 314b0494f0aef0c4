//! Templates, fonts, PDF and workbook bytes.

pub mod fonts;
pub mod markdown;
pub mod pdf;
pub mod templates;
pub mod workbook;
