//! The register as the engine sees it: units, fields and record batches. Knows no database.

pub mod batch;
pub mod field;
pub mod unit;
