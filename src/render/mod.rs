//! Templates, fonts, PDF and workbook bytes.

pub mod workbook;
