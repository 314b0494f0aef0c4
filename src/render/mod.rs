//! Templates, fonts, PDF and workbook bytes.

pub mod csv;
pub mod fonts;
pub mod markdown;
pub mod outline;
pub mod pdf;
pub mod raster;
mod sheet_name;
pub mod svg;
pub mod templates;
pub mod workbook;
