//! A document as WordprocessingML (ISO/IEC 29500-1): the same blocks that `layout` sets on the page, as a
//! text that an office edits in Word or WPS. Everything that gives the page its form is a style, a section
//! or a table property, so that a changed sentence moves nothing else.
//!
//! Pure: parts are texts, pictures are drawings; `render::docx` packs and rasterises them.

mod body;
mod columns;
mod foot;
mod head;
mod measures;
mod numbering;
mod package;
mod paragraph;
mod picture;
mod section;
mod styles;
mod table;
mod tail;
mod xml;

use crate::layout::metrics::{Metrics, MissingGlyph};
use crate::layout::page::{Page, Pages};
use crate::report::document::Document;

/// What the file says of itself; totals and the office, no persons.
#[derive(Debug, Clone)]
pub struct WordProperties {
    /// As the document has it, on one line.
    pub title: String,
    /// The issuer.
    pub author: String,
    /// 发文字号 or 期号.
    pub number: Option<String>,
    /// RFC 3339, UTC.
    pub created: String,
    /// The program that wrote the file.
    pub application: String,
}

/// The parts of the file, in the order in which they are packed, and its pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct WordDocument {
    /// Path within the package, and XML.
    pub parts: Vec<(&'static str, String)>,
    /// Path within the package, and what is drawn.
    pub pictures: Vec<(String, Page)>,
}

/// Writes a document whose pages are set already: tables take their columns and 版记 its place from them.
/// Fails only where a font lacks a character, as the pages would.
pub fn word_document(
    document: &Document,
    pages: &Pages,
    metrics: &dyn Metrics,
    properties: &WordProperties,
) -> Result<WordDocument, MissingGlyph> {
    let body = body::write(document, pages, metrics)?;
    Ok(package::pack(document, body, properties))
}
