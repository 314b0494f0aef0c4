//! Templates, fonts, PDF and workbook bytes.

mod archive_form;
mod font_files;
pub mod fonts;
pub mod markdown;
pub mod pdf;
pub mod readback;
pub mod templates;
pub mod workbook;
