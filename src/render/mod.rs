//! Templates, fonts, PDF and workbook bytes.
