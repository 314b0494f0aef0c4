//! A document as a .docx file: the parts of `wordprocessing`, its drawings as PNG, packed.

use std::io::{Cursor, Write};
use tongbao_message::Worded;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::fonts::FontSet;
use super::pdf::{PRODUCER, PdfProperties};
use super::raster::png;
use tongbao_report::layout::metrics::MissingGlyph;
use tongbao_report::layout::page::Pages;
use tongbao_report::report::document::Document;
use tongbao_report::wordprocessing::{self, word_document};

/// Pixels of a picture for one CSS pixel: 288 to the inch, enough for print.
const SCALE: f32 = 3.0;

/// A document that cannot be written for Word.
#[derive(Debug, thiserror::Error, Worded)]
pub enum DocxError {
    /// No font has the character.
    #[message(transparent)]
    Glyph(#[from] MissingGlyph),
    /// The zip library refused.
    Pack(#[from] zip::result::ZipError),
    /// Memory or disk refused.
    Write(#[from] std::io::Error),
}

/// Writes a document whose pages are set already. The same document, fonts and properties give the same bytes.
pub fn docx(
    document: &Document,
    pages: &Pages,
    fonts: &FontSet,
    properties: &PdfProperties,
) -> Result<Vec<u8>, DocxError> {
    let about = wordprocessing::WordProperties {
        title: properties.title.clone(),
        author: properties.author.clone(),
        number: document.head.number.clone(),
        created: format!("{:.0}", properties.created),
        application: PRODUCER.to_owned(),
    };
    let text = word_document(document, pages, fonts, &about)?;
    // The clock of the machine does not enter the file.
    let deflated = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let stored = deflated.compression_method(CompressionMethod::Stored);
    let mut file = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, part) in &text.parts {
        file.start_file(*path, deflated)?;
        file.write_all(part.as_bytes())?;
    }
    for (path, drawing) in &text.pictures {
        // A PNG is packed already.
        file.start_file(path.as_str(), stored)?;
        file.write_all(&png(drawing, fonts, SCALE)?)?;
    }
    Ok(file.finish()?.into_inner())
}
