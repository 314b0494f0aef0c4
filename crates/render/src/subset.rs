//! The part of a font that a document shows, as a font of its own.

use std::collections::{BTreeMap, BTreeSet};
use tongbao_message::Worded;

use allsorts::binary::read::ReadScope;
use allsorts::font_data::FontData;
use allsorts::subset::{CmapTarget, SubsetProfile};
use printpdf::ParsedFont;

use super::fonts::Face;

/// A face that cannot be cut down to the glyphs of a document.
#[derive(Debug, thiserror::Error, Worded)]
pub struct SubsetError {
    font: String,
    problem: String,
}

/// A font of few glyphs, and the numbers that these have in it.
pub(super) struct Subset {
    pub font: ParsedFont,
    /// Number in the subset of each number in the face.
    pub glyphs: BTreeMap<u16, u16>,
}

/// Cuts a face down to `glyphs`. `tag` is six capitals that mark the subset (ISO 32000-1, 9.6.4).
pub(super) fn subset(face: &Face, glyphs: &BTreeSet<u16>, tag: &str) -> Result<Subset, SubsetError> {
    let failed = |problem: String| SubsetError { font: face.name.clone(), problem };
    let (bytes, index) = face.file().ok_or_else(|| failed("it cannot be read".to_owned()))?;
    // Glyph 0 comes first and nothing twice, as allsorts demands; it renumbers in this order.
    let order: Vec<u16> = std::iter::once(0).chain(glyphs.iter().copied().filter(|id| *id != 0)).collect();
    let file = ReadScope::new(bytes).read::<FontData<'_>>().map_err(|error| failed(error.to_string()))?;
    let provider = file.table_provider(index).map_err(|error| failed(error.to_string()))?;
    let few = allsorts::subset::subset(&provider, &order, &SubsetProfile::Pdf, CmapTarget::Unicode)
        .map_err(|error| failed(error.to_string()))?;
    let parsed = ParsedFont::from_bytes(&few, 0, &mut Vec::new());
    let mut font = parsed.ok_or_else(|| failed("its subset cannot be read".to_owned()))?;
    let name = face.postscript_name().unwrap_or_else(|| face.name.clone());
    font.font_name = Some(format!("{tag}+{name}"));
    // The subset leaves the table of weights out; readers estimate stems from it.
    font.pdf_font_metrics.us_weight_class = face.tables().map_or(0, |tables| tables.weight().to_number());
    Ok(Subset { font, glyphs: order.into_iter().zip(0..).collect() })
}
