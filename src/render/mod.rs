//! Templates, fonts, PDF and workbook bytes.

pub mod fonts;
pub mod markdown;
pub mod outline;
pub mod pdf;
pub mod raster;
pub mod svg;
pub mod templates;
pub mod workbook;
