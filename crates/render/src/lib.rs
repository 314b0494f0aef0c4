//! Templates, fonts, PDF and workbook bytes.

mod archive_form;
pub mod csv;
pub mod docx;
mod finish;
mod font_files;
pub mod fonts;
pub mod markdown;
pub mod outline;
pub mod pdf;
pub mod raster;
pub mod readback;
mod sheet_fit;
mod sheet_name;
mod sheet_width;
mod subset;
pub mod summary;
pub mod svg;
mod tagged;
pub mod templates;
pub mod workbook;

tongbao_message::catalogue!();
